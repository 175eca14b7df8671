"""Runs Datasette over an archive."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib
import os
import secrets
import socket
import sqlite3
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from archive.front.configuration import DATABASE
from archive.front.files import write_front

#: Where the plugin that writes finds the secret of this run (`plugins/pressmark_front/saying.py`).
EDIT_VARIABLE = "PRESSMARK_EDIT"
_EDIT_PATH = "-/pressmark-edit?token="


def serve(
    root: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8001,
    open_browser: bool = False,
    on_ready: Callable[[str], None] = lambda url: None,
    on_editing: Callable[[str], None] | None = None,
) -> int:
    """Serve the archive at `root` until interrupted; return the exit code (0 when interrupted).

    Brings the front's files up to date first; where that is forbidden, the archive is served as it is.
    `on_ready` is called with the front page's URL once it can be asked for; with port 0 that names the port
    that was free. With `on_editing` people on this machine may say which cuts were wrong, after they opened
    the address that it is called with: it holds a secret of this run.
    What keeps the archive from being served is one sentence on standard error, and exit code 1.
    The server runs in this process, so that a signal to it ends the server too; it logs errors only.
    """
    # A read-only archive (a DVD, a colleague's share) can still be read.
    with contextlib.suppress(OSError):
        write_front(root)
    try:
        datasette = _datasette(root)
    except sqlite3.Error as problem:
        return _failed(f"{root / DATABASE}.db cannot be read: {problem}; restore it from a copy.")
    except (
        ValueError,
        click.ClickException,
        OSError,
    ) as problem:  # a settings or metadata file the user changed
        return _failed(f"Datasette cannot use a file in {root}: {problem}")
    try:
        listening = _listen(host, port)
    except OSError as problem:
        # Python adds the address to what the system says; not to what the resolver says.
        named = isinstance(problem, socket.gaierror)
        reason = problem.strerror if named else os.strerror(problem.errno or errno.EIO)
        return _failed(
            f"Port {port} of {host} cannot be listened on ({reason}): choose another with"
            f" {'--host' if named else '--port'}."
        )
    with listening:
        url = _url(host, listening)

        def ready() -> None:
            on_ready(url)
            entrance = url
            if on_editing is not None:
                os.environ[EDIT_VARIABLE] = secret = secrets.token_urlsafe(24)
                entrance = url + _EDIT_PATH + secret
                on_editing(entrance)
            if open_browser:
                webbrowser.open(entrance)

        with contextlib.suppress(KeyboardInterrupt):
            return 0 if _run(datasette, listening, ready) else 1
    return 0


def _failed(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 1


def _datasette(root: Path) -> Any:
    """A Datasette whose database could be opened. Raises sqlite3.Error, ValueError, or click's exceptions."""
    # Here, because they take half a second to import.
    from datasette.app import Datasette
    from datasette.utils import BadMetadataError, StartupError

    # Where rich is installed Datasette (0.65.5) prints each 404 as a traceback with all local variables.
    # Without it, what is not the visitor's mistake is still logged. Imported before Datasette's app, its
    # module would register no handler at all.
    handler: Any = importlib.import_module("datasette.handle_exception")
    handler.rich = None
    try:
        datasette = Datasette([], config_dir=root)
    except (StartupError, BadMetadataError) as problem:
        raise ValueError(str(problem)) from problem

    async def start() -> None:
        await datasette.invoke_startup()
        if DATABASE in datasette.databases:
            database = datasette.get_database(DATABASE)
            await database.execute("select count(*) from sqlite_master", log_sql_errors=False)

    asyncio.run(start())
    return datasette


def _listen(host: str, port: int) -> socket.socket:
    """A socket that nobody else listens on. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server(address[:2], family=family, backlog=2048)


def _url(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}/"


def _run(datasette: Any, listening: socket.socket, ready: Callable[[], None]) -> bool:
    """Serve until a signal comes; whether it ever served."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready()

    server = Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="on"))
    server.run(sockets=[listening])
    return server.started
