"""htmldate, asked only when a page states its date nowhere we look: the one module that knows it.

It parses the page again and searches its text: tens of milliseconds where the other sources take one.
"""

from __future__ import annotations

import logging
from datetime import datetime

#: Longer pages are not searched: htmldate's patterns run over the whole source.
MAX_HTML_CHARS = 2_000_000

_log = logging.getLogger(__name__)


def guess_date(html: str, url: str, fetched_at: datetime | None) -> str | None:
    """The day htmldate finds as the day of publication, as YYYY-MM-DD, or None."""
    if not html or len(html) > MAX_HTML_CHARS:
        return None
    from htmldate import find_date  # imported late: most runs never need it, and it takes 0.2 s

    try:
        return find_date(
            html,
            extensive_search=False,
            original_date=True,
            url=url or None,
            max_date=fetched_at.strftime("%Y-%m-%d") if fetched_at else None,
        )
    except Exception:  # noqa: BLE001 - a third party's search over a hostile page: no date is the outcome
        _log.debug("htmldate failed on %s", url, exc_info=True)
        return None
