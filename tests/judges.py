"""Programs of other makers that judge our files, in an environment of their own (`make test` makes it)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("PRESSMARK_JUDGES") or Path(sys.prefix) / "judges" / "bin")


def judge(name: str) -> str:
    """The program's path. Without it the test is skipped, except on CI, where it fails."""
    path = FOLDER / name
    if not path.exists():
        reason = f"{path} is not there: `make test` installs it, or $PRESSMARK_JUDGES names its folder"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return str(path)


def run(name: str, *arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a judge to its end; standard error stands behind standard output."""
    return subprocess.run(
        [judge(name), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=cwd,
    )  # fmt: skip
