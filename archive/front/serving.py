"""Runs Datasette over an archive."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def datasette_command(root: Path, *, host: str, port: int, open_browser: bool) -> list[str]:
    """The command that serves the archive at `root`: the same that a user may type himself."""
    command = [sys.executable, "-m", "datasette", "serve", str(root), "--host", host, "--port", str(port)]
    return [*command, "--open"] if open_browser else command


def serve(root: Path, *, host: str = "127.0.0.1", port: int = 8001, open_browser: bool = False) -> int:
    """Serve the archive at `root` until interrupted; return Datasette's exit code (0 when interrupted).

    Reads only. A `root` where `write_front` was not called is served as bare tables.
    """
    command = datasette_command(root, host=host, port=port, open_browser=open_browser)
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter, no shell
    except KeyboardInterrupt:
        return 0
