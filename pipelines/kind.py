"""What a page is: an article, or an index, a consent wall, a paywall, an error page, something else."""

from __future__ import annotations

from collections.abc import Sequence

from archive.values import Block


def judge_kind(
    blocks: Sequence[Block], text: str, *, url: str = "", headline: str | None = None
) -> tuple[str, str]:
    """Return (kind, reason); the reason is "" for an article."""
    if not text.strip():
        return "other", "no running text"
    return "article", ""
