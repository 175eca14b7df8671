"""Runs Datasette over an archive."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import click

from archive.front.files import write_front


def serve(root: Path, *, host: str = "127.0.0.1", port: int = 8001, open_browser: bool = False) -> int:
    """Serve the archive at `root` until interrupted; return the exit code (0 when interrupted).

    Brings the front's files up to date first; where that is forbidden, the archive is served as it is.
    Datasette runs in this process, so that a signal to it ends the server too.
    """
    from datasette.cli import cli  # only here: it takes half a second to import

    # A read-only archive (a DVD, a colleague's share) can still be read.
    with contextlib.suppress(OSError):
        write_front(root)
    arguments = ["serve", str(root), "--host", host, "--port", str(port)]
    try:
        cli.main([*arguments, "--open"] if open_browser else arguments, "datasette", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return 0
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except sqlite3.DatabaseError as problem:
        click.echo(f"{root / 'articles.db'} cannot be read: {problem}; restore it from a copy.", err=True)
        return 1
    except SystemExit as end:  # the port is taken; uvicorn has said so
        return 1 if end.code else 0
    return 0
