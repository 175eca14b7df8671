"""Lays the front's files into an archive, and leaves alone what the user has made his own."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from archive.front.configuration import configuration_files

#: Which bytes we wrote to which file, so that a file changed since is known. Relative to the archive.
RECORD = Path("state/front.json")

_FOLDERS = ("templates", "static", "plugins")


def write_front(root: Path) -> None:
    """Write the front's files into the archive at `root`, each atomically; a second call changes nothing.

    A file that the user changed is never overwritten: the new one is laid beside it as `NAME.new`. A file
    that an older front wrote and this one no longer has is removed, unless the user changed it.
    """
    known = _known(root)
    written: dict[str, str] = {}
    for name, content in front_files().items():
        digest = _digest(content)
        if _is_ours(root / name, known.get(name), digest):
            _write(root / name, content)
            _beside(root / name).unlink(missing_ok=True)
            written[name] = digest
        else:
            _write(_beside(root / name), content)
            written[name] = known.get(name, digest)
    for name in known.keys() - written.keys():
        if _is_ours(root / name, known[name], known[name]):
            (root / name).unlink(missing_ok=True)
    _write(root / RECORD, (json.dumps(written, indent=1, sort_keys=True) + "\n").encode())


def front_files() -> dict[str, bytes]:
    """Contents of all files of the front, by their path in the archive."""
    files = configuration_files()
    package = resources.files(__package__)
    for folder in _FOLDERS:
        files.update(_walk(package / folder, folder))
    return files


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        # A folder's own __init__.py belongs to this package, but for those of folders inside it.
        if entry.name == "__pycache__" or (entry.name == "__init__.py" and path in _FOLDERS):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{path}/{entry.name}")
        else:
            yield f"{path}/{entry.name}", entry.read_bytes()


def _known(root: Path) -> dict[str, str]:
    try:
        known = json.loads((root / RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        # Without the record every differing file counts as the user's: nothing of his can be lost.
        return {}
    return {str(name): str(digest) for name, digest in known.items()} if isinstance(known, dict) else {}


def _is_ours(path: Path, known: str | None, new: str) -> bool:
    """Whether `path` may be written: absent, as we left it, or already what we would write."""
    try:
        return _digest(path.read_bytes()) in {known, new}
    except FileNotFoundError:
        return True


def _beside(path: Path) -> Path:
    # Datasette loads plugins by `*.py` and templates by name: NAME.new is neither.
    return path.with_name(path.name + ".new")


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write by rename, so that a reader or a crash never meets half a file. Does nothing when it is there."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)  # mkstemp's 0600 would keep other users' Datasette out
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
