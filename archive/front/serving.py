"""Runs Datasette over an archive."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

from archive.front.files import write_front


def datasette_command(root: Path, *, host: str, port: int, open_browser: bool) -> list[str]:
    """The command that serves the archive at `root`: the same that a user may type himself."""
    command = [sys.executable, "-m", "datasette", "serve", str(root), "--host", host, "--port", str(port)]
    return [*command, "--open"] if open_browser else command


def serve(root: Path, *, host: str = "127.0.0.1", port: int = 8001, open_browser: bool = False) -> int:
    """Serve the archive at `root` until interrupted; return Datasette's exit code (0 when interrupted).

    Brings the front's files up to date first; where that is forbidden, the archive is served as it is.
    """
    # A read-only archive (a DVD, a colleague's share) can still be read.
    with contextlib.suppress(OSError):
        write_front(root)
    command = datasette_command(root, host=host, port=port, open_browser=open_browser)
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter, no shell
    except KeyboardInterrupt:
        return 0
