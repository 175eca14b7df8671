"""What a decision is: a time and its reason; and durations as people say them."""

from __future__ import annotations

from typing import Literal

from archive.values import Value

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0

#: Why a look is due when it is: `news` (what is expected by then), `first` (never seen), `floor` and
#: `ceiling` (the bounds of the options), `crowded` (the list may overflow), `untrusted` (always the same
#: number of new things), `failure`, `retired`; for articles `age`, `stated` (a source says it changed) and
#: `gone`; `never`.
Cause = Literal[
    "news", "first", "floor", "ceiling", "crowded", "untrusted", "failure", "retired", "age", "stated",
    "gone", "never",
]  # fmt: skip


class Due(Value, frozen=True, kw_only=True):
    """When to look again (None: never), why in a word, and why in a sentence for people."""

    at: float | None
    cause: Cause
    reason: str


def spoken(seconds: float) -> str:
    """A duration as people say it: `40 seconds`, `3 minutes`, `5 hours`, `2 days`."""
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= 2 * size or (seconds >= size and size < DAY):
            number = round(seconds / size)
            return f"{number} {name}" + ("s" if number != 1 else "")
    number = round(seconds)
    return f"{number} second" + ("s" if number != 1 else "")
