"""Where tests may let the process die: PRESSMARK_FAILPOINT=NAME:N ends it at the N-th pass of point NAME.

The exit is `os._exit`: nothing is flushed, closed or rolled back, as after `kill -9`.
"""

from __future__ import annotations

import os

#: The points, in the order in which one kept page passes them.
POINTS = (
    "raw-torn",  # half of a raw record is on disk
    "raw-written",  # a raw record is on disk, no row points to it
    "derived-torn",  # half of a conversion record is on disk
    "derived-written",  # metadata and conversion are on disk, no row points to them
    "before-commit",  # the batch is on disk, the transaction not yet begun
    "in-transaction",  # rows are written, not committed
    "after-commit",
    "before-rename",  # a finished file still has its .open name
    "before-register",  # a file is finished, no row of `warc_files` says so
)

#: The points that a purge passes beside these.
PURGE_POINTS = (
    "rows-buried",  # a takedown's rows are gone, the index still has its captures
    "copy-written",  # the shorter copy of a file is on disk, the rows point into the file
    "rows-moved",  # the rows point into the copy
    "rewritten",  # the copy has taken the file's place, the index does not know
)

_name, _, _passes = os.environ.get("PRESSMARK_FAILPOINT", "").partition(":")
_left = int(_passes or "1")


def reached(point: str) -> None:
    """Pass `point`; does nothing unless the environment names it."""
    if due(point):
        die()


def due(point: str) -> bool:
    """Whether this pass of `point` is the one to die at: for points in the middle of a write."""
    global _left
    if point != _name:
        return False
    _left -= 1
    return _left == 0


def die() -> None:
    """End the process as a kill would."""
    os._exit(137)
