"""What the lines of the region are: paragraphs, headings, items of lists, a stray name."""

from __future__ import annotations

from pipelines.blocks import Verdict
from pipelines.cues import forms
from pipelines.rules.page import Page
from pipelines.rules.persons import is_person


def judge_inside(page: Page) -> None:
    """Name every line of the region that no step has cut: from here on, none is open there."""
    for at in range(page.start, page.stop):
        if page.open(at):
            page.verdicts[at] = _kept(page, at)


def _kept(page: Page, at: int) -> Verdict:
    shape = page.shapes[at]
    if shape.item:
        return Verdict("list", "an item of a list", 0.8)
    if shape.prose and _dateline(shape.text):
        return Verdict("body", "begins with a dateline", 0.98)
    if shape.prose >= 2 or shape.colon:
        return Verdict("body", "running text", 0.95)
    if shape.prose == 1 and not shape.text.endswith(("?", "!")):
        return Verdict("body", "a short sentence in the text", 0.8)
    if is_person(shape.text) and (not _below_is_text(page, at) or page.counts[shape.fold] > 1):
        return Verdict("byline", "only a name", 0.6)
    if _is_heading(page, at):
        return Verdict("heading", "a short line above a paragraph", 0.8)
    return Verdict("body", "stands amid the text", 0.6)


def _dateline(text: str) -> bool:
    """A place with its date or agency: a place and a dash alone begin many a line."""
    found = forms.DATELINE.match(text[:200])
    return bool(found and (found["date"] or found["agency"]))


def _is_heading(page: Page, at: int) -> bool:
    return page.shapes[at].words <= 22 and _below_is_text(page, at)


def _below_is_text(page: Page, at: int) -> bool:
    below = page.next_open(at, 6)
    return below is not None and below < page.stop
