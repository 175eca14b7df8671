"""Dates of pages that state none for machines: what the page shows elsewhere, and what its scripts hold.

In place of a search over the whole source (htmldate: 10 to 13 ms a page, needed by every fourth page that is
not of the press, and as often the day of a change or of a picture as that of publication).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborNode

from pipelines.metadata.dates import Moment, parse_date
from pipelines.metadata.page import Page
from pipelines.metadata.plain import UNSEEN, node_text
from pipelines.metadata.surroundings import Surroundings

#: Words that say of a date that it is one of a change.
MODIFIED = re.compile(
    r"updat|modif|aktualis|edited|changed|revis|actuali[sz]|mis à jour|màj|aggiorn|atualiz|bijgewerkt"
    r"|uppdater|oppdater|opdater|güncel|обновл|оновл|更新|수정",
    re.I,
)
#: Class names of what shows a date of publication, and those that only sound like it.
_DATE_NAME = re.compile(
    r"date(?!pick)|publish|posted|time-?stamp|datum|fecha|tarih|tanggal|pub-?time|post-?time", re.I
)
_OTHER_NAME = re.compile(r"updat|modif|candidate|validat|mandate|edited|birth|event|dated|consolidat", re.I)
#: A date stands in a short line.
_MAX_LINE = 60
MAX_NODES = 50_000
#: Dates that are read of those shown.
_MAX_SHOWN = 200
#: Marked elements that are read; pages with more are lists of something.
_MAX_MARKED = 40
#: Keys under which scripts keep the day of publication. The pattern starts with letters that all have: the
#: search for them costs a tenth of a millisecond a page.
_SCRIPT_DATE = re.compile(
    r"ublish(?:ed|ing)?[-_]?(?:[Aa]t|[Dd]ate|[Oo]n|[Tt]ime)?\\*[\"']\s*:\s*\\*[\"'](\d{4}-\d\d-\d\d[^\"'\\]{0,20})"
)
_MAX_SCRIPT_DATES = 50


def unstated_dates(page: Page, around: Surroundings, html: str) -> Iterator[tuple[object, str]]:
    """Dates of publication, the surest first, each with what told it.

    On saved pages whose date is known, the only day a page shows was right on 142 and wrong on 3; of several,
    the only one that stands with the article on 29 and 3; what is named a date on 90 and 6.
    """
    shown = list(islice(shown_moments(page), _MAX_SHOWN))
    own = (moment for moment, node in shown if not around.is_foreign(node))
    if lone := lone_moment(moment for moment, _ in shown) or lone_moment(own):
        yield lone.iso, "text:only"
    for text in marked_texts(page, around):
        yield text, "class:date"
    found = (parse_date(match[1]) for match in islice(_SCRIPT_DATE.finditer(html), _MAX_SCRIPT_DATES))
    if lone := lone_moment(moment for moment in found if moment):
        yield lone.iso, "script:published"


def before_change(text: str) -> str:
    """What a line says before it speaks of a change: '3 May 2024 · updated 4 May 2024'."""
    said = MODIFIED.search(text)
    return text[: said.start()] if said else text


def lone_moment(moments: Iterable[Moment]) -> Moment | None:
    """The first of these moments if all lie on one day, else None."""
    first = None
    for moment in moments:
        if first is not None and moment.when.date() != first.when.date():
            return None
        first = first or moment
    return first


def shown_moments(page: Page) -> Iterator[tuple[Moment, LexborNode]]:
    """The dates in short texts that the page shows, with what holds them, but for those of a change."""
    body = page.tree.body
    before = ""
    for node in islice(body.traverse(include_text=True), MAX_NODES) if body is not None else ():
        text = (node.text_content or "").strip() if node.is_text_node else ""
        if not text:
            continue
        if 6 <= len(text) <= _MAX_LINE and _has_digit(text) and not _is_changed(before):
            moment = parse_date(before_change(text))
            holder = node.parent
            if moment is not None and holder is not None and holder.tag not in UNSEEN:
                yield moment, holder
        before = text


def _is_changed(before: str) -> bool:
    return len(before) <= _MAX_LINE and MODIFIED.search(before) is not None


def marked_texts(page: Page, around: Surroundings) -> Iterator[str]:
    """Short texts of the article's elements that are named a date."""
    left = _MAX_MARKED
    for node in page.tree.css("[class]")[:MAX_NODES]:
        if not _names_date(node.attributes.get("class") or ""):
            continue
        text = before_change(node_text(node, 60))
        if len(text) <= _MAX_LINE and _has_digit(text):
            left -= 1
            if not around.is_foreign(node):
                yield text
        if not left:
            return


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


@lru_cache(maxsize=4096)
def _names_date(names: str) -> bool:
    return any(_DATE_NAME.search(n) and not _OTHER_NAME.search(n) for n in names[:1000].split()[:12])
