"""The errors of this room: each writes its own sentence.

ArchiveError
├── ArchiveBusy       another process writes to the archive
├── ArchiveTooNew     a newer pressmark made it
└── NotStored         the disk refused: nothing of that record counts as kept
"""

from __future__ import annotations

import errno

#: What the system says where there is no room: on the disk, in a quota, under a limit for files.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ArchiveError(Exception):
    """Root of the room's errors: one sentence saying what failed, on which thing, and what to try."""


class ArchiveBusy(ArchiveError):
    """A second writer was refused; `holder` says who has the lock."""

    def __init__(self, root: str, holder: str) -> None:
        self.root = root
        self.holder = holder
        super().__init__(
            f"The archive {root} is being written by {holder}:"
            " wait until it ends, or name another with --archive."
        )


class ArchiveTooNew(ArchiveError):
    """The database holds migrations that this version does not know; it was not touched."""

    def __init__(self, path: str, unknown: tuple[str, ...]) -> None:
        self.path = path
        self.unknown = unknown
        super().__init__(
            f"{path} was made by a newer pressmark (this one does not know {', '.join(unknown)}):"
            " upgrade pressmark."
        )


class NotStored(ArchiveError):
    """A write failed and was taken back; `path` is as it was before."""

    def __init__(self, path: str, cause: OSError) -> None:
        self.path = path
        advice = "free some space" if cause.errno in _FULL else "see to the disk"
        super().__init__(f"{path} could not be written ({cause.strerror or cause}): {advice} and run again.")
