"""Shares and spans of time in words, as findings tell them."""

from __future__ import annotations

from archive.health.values import DAY, HOUR


def percent(share: float) -> str:
    """A share in words: `40 %`."""
    return f"{100 * share:.0f} %"


_SPANS = ((2 * DAY, DAY, "day"), (2 * HOUR, HOUR, "hour"), (0.0, 60.0, "minute"))


def lasting(seconds: float) -> str:
    """How long, in words: `3 days`.

    >>> lasting(3 * 86400 + 5)
    '3 days'
    >>> lasting(60)
    '1 minute'
    """
    size, name = next((size, name) for least, size, name in _SPANS if seconds >= least or not least)
    number = max(round(seconds / size), 0)
    return f"{number} {name}" + ("" if number == 1 else "s")


def ago(seconds: float) -> str:
    """`3 days ago`; `just now` within the last minute."""
    return "just now" if seconds < 60 else f"{lasting(seconds)} ago"
