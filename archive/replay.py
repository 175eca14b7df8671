"""Replaying captures with pywb, which runs beside us: another program, another origin, other dependencies.

pywb cannot live in our environment (it asks for `brotlipy`, which puts itself in the place of the `brotli`
that bounds our decompression; decision 0008), so it is looked for where people install programs.

It is started in a folder of our own, which leads to the archive's `indexes/` and `warc/` and nothing else: of
the folder that it is started in pywb (2.10) runs what `config.yaml` names (YAML tags of Python objects) and
loads `templates/`, and the archive may be somebody else's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from archive.cdxj import timestamp_of
from archive.errors import ArchiveError

#: The name of the collection in `config.yaml`, and so the first step of every replay address.
COLLECTION = "news"
#: Names the program, where it is not found by itself.
VARIABLE = "PRESSMARK_WAYBACK"
#: Tells the pages of Datasette where replay answers.
ADDRESS_VARIABLE = "PRESSMARK_REPLAY"

CONFIGURATION = f"""\
# Read by pywb: `wayback` in this folder replays the archive. Written by pressmark; change it as you like.
collections:
  {COLLECTION}:
    index_paths: ./indexes/
    archive_paths:
      - ./
      # Where the file stands that is being written.
      - ./indexes/paths.tsv
"""

_START_SECONDS = 60


class NoReplay(ArchiveError):
    """pywb is not there, or did not start."""


def find_wayback() -> str | None:
    """pywb's server program: what $PRESSMARK_WAYBACK names, beside our Python, or on the PATH."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return shutil.which("wayback", path=str(Path(sys.executable).parent)) or shutil.which("wayback")


def replay_address(base: str, url: str, moment: str = "") -> str:
    """Where the capture of `url` nearest to `moment` (ISO 8601) is shown; without one, the latest.

    `base` ends in the collection's name and a slash.
    """
    return f"{base}{timestamp_of(moment)}/{url}" if moment else f"{base}{url}"


@contextlib.contextmanager
def replaying(
    root: Path, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run pywb over the archive at `root`; yields the base of its addresses and the process, and ends it.

    With port 0 one is chosen that is free. Raises NoReplay where pywb is not installed or does not answer.
    """
    program = find_wayback()
    if program is None:
        raise NoReplay(
            "pywb is needed for replay and is not installed: `pipx install pywb` (or `uv tool install pywb`),"
            f" or name its `wayback` in ${VARIABLE}."
        )
    if not (root / "indexes").is_dir():
        raise NoReplay(f"There is no index in {root}: any command that writes to the archive makes it.")
    port = _free_port(host, port)
    command = [program, "--bind", host, "--port", str(port)]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")
    }
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}/{COLLECTION}/"
    # A file, not a pipe: pywb writes a line for each request, and stops when nobody reads them.
    with tempfile.TemporaryFile() as log, _ended_by_sigterm(), _workplace(root) as folder:
        server = subprocess.Popen(  # noqa: S603 - the program that the user installed
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=log,
        )  # fmt: skip
        try:
            _await_answer(server, base, log)
            yield base, server
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM end this process as Ctrl-C does, so that the one beside it is ended too."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # somebody has taken care of it
        return

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def _workplace(root: Path) -> Iterator[Path]:
    """A folder to start pywb in: our configuration, and ways to the archive's index and records."""
    with tempfile.TemporaryDirectory(prefix="pressmark-replay-") as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(CONFIGURATION, encoding="utf-8")
        for part in ("indexes", "warc"):
            (folder / part).symlink_to(root.resolve() / part, target_is_directory=True)
        yield folder


def _free_port(host: str, port: int) -> int:
    """`port`, or for 0 any; raises NoReplay where nobody can listen there."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NoReplay(
                f"Another program listens on port {port} of {host}: choose another with --port (0: any)."
            ) from error
        raise NoReplay(
            f"{host} cannot be listened on ({error.strerror or error}): choose another --host or --port."
        ) from error


def _await_answer(server: subprocess.Popen[bytes], base: str, log: IO[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(base, timeout=5):  # noqa: S310 - the server we started
                answered = True
        except urllib.error.HTTPError:
            answered = True
        except OSError:
            answered = False
        if server.poll() is not None:  # looked at last: another program may have answered in its place
            log.seek(0)
            said = log.read().decode("utf-8", "replace").strip().splitlines()
            raise NoReplay(
                f"pywb ended at once ({said[-1] if said else 'without a word'}): try `wayback` by hand."
            )
        if answered:
            return
        time.sleep(0.1)
    raise NoReplay(f"pywb does not answer at {base}: try `wayback` by hand, in an archive that you trust.")


__all__ = [
    "ADDRESS_VARIABLE",
    "COLLECTION",
    "CONFIGURATION",
    "VARIABLE",
    "NoReplay",
    "find_wayback",
    "replay_address",
    "replaying",
]
