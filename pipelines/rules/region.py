"""Where the text begins and ends: the run of lines whose sum of text is greatest."""

from __future__ import annotations

from pipelines.rules.page import Page

#: What a cut line costs the run that spans it, by label. Comments, openers and menus part pages; a caption or
#: an advertisement stands inside a text. Chosen on development dumps.
_TOLL = {
    "related": 12.0, "nav": 10.0, "comment": 40.0, "comment_policy": 14.0, "legal": 14.0, "author_bio": 10.0,
    "newsletter": 6.0, "cookie": 6.0, "share": 6.0, "date": 5.0, "byline": 4.0, "ad": 1.0, "caption": 1.0,
    "credit": 6.0, "headline": 0.0, "duplicate": 0.0, "other": 3.0,
}  # fmt: skip


#: After so many lines without text the rest of a table, a listing or a menu costs only a share: long tables
#: stand amid articles. In a dump of all visible text, told by its furniture, such runs are menus.
_IDLE_LINES = 6
_IDLE_SHARE = 0.1
_FURNITURE = frozenset({"nav", "share", "legal", "newsletter", "cookie", "comment_policy"})
_FURNITURE_LINES = 12


def find_region(page: Page) -> None:
    """Find the run of lines with the greatest sum of text; ties go to the longer and earlier one."""
    furniture = sum(page.label_at(at) in _FURNITURE for at in range(len(page)))
    share = _IDLE_SHARE if furniture < _FURNITURE_LINES else 1.0
    best, sum_, begin, idle = 0.0, 0.0, 0, 0
    page.start = page.stop = 0
    for at in range(len(page)):
        if sum_ <= 0:
            sum_, begin = 0.0, at
        worth = _worth(page, at)
        idle = idle + 1 if worth <= 0 else 0
        sum_ += worth if idle <= _IDLE_LINES else worth * share
        if sum_ > best:
            best, page.start, page.stop = sum_, begin, at + 1


def _worth(page: Page, at: int) -> float:
    verdict, shape = page.verdicts[at], page.shapes[at]
    if verdict is not None:
        return -_TOLL.get(verdict.label, 0.0)
    words = min(shape.words, 60)
    if shape.prose >= 3:
        return words
    if shape.prose == 2:
        return words * 0.8
    if shape.item:
        return words - 6.0 if words >= 8 else -2.0
    if shape.prose == 1 or shape.colon:
        return words * 0.4
    if _between_text(page, at):
        return -1.0
    return -3.0


def _between_text(page: Page, at: int) -> bool:
    """Whether running text or a list's item stands right below: a heading's place."""
    below = page.next_open(at, 3)
    return below is not None and (
        page.shapes[below].prose >= 2 or (page.shapes[below].item and page.shapes[below].words >= 6)
    )


def stretch(page: Page) -> None:
    """Lists, verses and short sentences that go on right below the region belong to it."""
    at = page.stop
    while page.start < at < len(page) and page.open(at) and at not in page.soft and page.blocks[at].gap < 3:
        shape = page.shapes[at]
        if not (shape.item or shape.prose) or shape.phrases:
            break
        at += 1
    page.stop = at
