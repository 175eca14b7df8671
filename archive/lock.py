"""One writer at a time: a lock on `state/lock` that the kernel releases when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sys
import weakref
from datetime import datetime
from pathlib import Path

from archive.errors import ArchiveBusy


class WriterLock:
    """Held from construction to `release`. Raises ArchiveBusy, naming the holder, when it is taken."""

    def __init__(self, root: Path, now: datetime) -> None:
        path = root / "state" / "lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = _holder(os.read(self._fd, 4096))
            os.close(self._fd)
            raise ArchiveBusy(str(root), holder) from None
        os.ftruncate(self._fd, 0)
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": f"{now:%Y-%m-%d %H:%M:%S} UTC",
            "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200],
        }
        os.pwrite(self._fd, json.dumps(note).encode("ascii"), 0)
        _held.add(self)

    @property
    def held(self) -> bool:
        return self._fd >= 0

    def release(self) -> None:
        """Let the next writer in; harmless when done twice."""
        if self._fd >= 0:
            # Its note tells the command, which may name an address that was taken down.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
            self.let_go()

    def let_go(self) -> None:
        """Close this process's copy of the lock; its parent's holds on."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def writer_of(root: Path) -> str | None:
    """Who holds the lock of the archive in `root` at this moment, or None. Nothing is made or changed."""
    try:
        fd = os.open(root / "state" / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _holder(os.read(fd, 4096))
    finally:
        os.close(fd)
    return None


#: Locks of this process. A forked worker shares the lock with its parent and would hold it after the
#: parent was killed, so it closes its copy at once.
_held: weakref.WeakSet[WriterLock] = weakref.WeakSet()


def _forget_in_child() -> None:
    for lock in list(_held):
        lock.let_go()


os.register_at_fork(after_in_child=_forget_in_child)


def _holder(note: bytes) -> str:
    try:
        found = json.loads(note)
        return f"process {found['pid']} on {found['host']} ({found['command']}, since {found['since']})"
    except (ValueError, KeyError, TypeError):  # taken a moment ago, the note not yet written
        return "another process"
