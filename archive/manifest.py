"""Digest manifests: which WARC files a run finished, with size and SHA-256, for an outsider to check.

`manifests/NNNNNN.json`, each naming the one before it by its digest: whoever holds a copy of the newest one
can tell whether any file, or any earlier manifest, was changed since. Of a file that stands in several (a
purge rewrites it) the last one counts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.values import Value
from archive.warcfiles import FinishedFile, finished, sync_folder

FOLDER = "manifests"


class Change(Value, frozen=True, kw_only=True):
    """One thing that is not as a manifest says; `sentence` names it."""

    manifest: str
    sentence: str


def write(root: Path, files: Iterable[FinishedFile], at: datetime, run: Mapping[str, object]) -> Path:
    """Write the manifest of `files`; it is on disk whole or not at all. Returns its path."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    before = _all(root)
    told: dict[str, Any] = {
        "made": at.isoformat(timespec="seconds"),
        "run": dict(run),
        "previous": {"name": before[-1].name, "sha256": _sha256(before[-1])} if before else None,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256}
            for file in sorted({file.name: file for file in files}.values(), key=lambda file: file.name)
        ],
    }
    number = int(before[-1].stem) + 1 if before else 1
    path = folder / f"{number:06d}.json"
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb") as out:
        out.write((json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)
    sync_folder(folder)
    return path


def changes(root: Path, hashed: Mapping[str, FinishedFile] | None = None) -> Iterator[Change]:
    """Everything that is not as the manifests say.

    `hashed` are files whose digests the caller has already.
    """
    last: dict[str, tuple[str, dict[str, Any]]] = {}
    before: Path | None = None
    for path in _all(root):
        try:
            told = json.loads(path.read_bytes())
            previous, files = told["previous"], {str(file["name"]): file for file in told["files"]}
        except (ValueError, KeyError, TypeError):
            yield Change(manifest=path.name, sentence=f"{FOLDER}/{path.name} cannot be read as a manifest")
            before = path
            continue
        claimed = previous["sha256"] if isinstance(previous, dict) else None
        actual = _sha256(before) if before is not None else None
        if claimed != actual:
            name = f"{FOLDER}/{before.name}" if before is not None else "the manifest before it"
            yield Change(
                manifest=path.name,
                sentence=f"{name} is not the one that {FOLDER}/{path.name} was written after",
            )
        last |= {name: (path.name, file) for name, file in files.items()}
        before = path
    for name, (manifest, file) in sorted(last.items()):
        if not (root / name).is_file():
            yield Change(manifest=manifest, sentence=f"{name} is gone, but {FOLDER}/{manifest} names it")
            continue
        actual_file = (hashed or {}).get(name) or finished(root, name)
        if (actual_file.size, actual_file.sha256) != (file.get("size"), file.get("sha256")):
            yield Change(
                manifest=manifest, sentence=f"{name} is not the file that {FOLDER}/{manifest} describes"
            )


def _all(root: Path) -> list[Path]:
    return sorted((root / FOLDER).glob("[0-9]*.json"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
