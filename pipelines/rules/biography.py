"""A writer's biography at the end of the text, with the name above it."""

from __future__ import annotations

from pipelines.cues import forms
from pipelines.rules.page import Page
from pipelines.rules.persons import is_person

#: A biography is at most so many words below its name; more is the article going on.
_BIO_WORDS = 150


def find_biography(page: Page) -> None:
    """A writer's name or role, then a few lines on them, then nothing of the article: a biography."""
    words = 0
    first = page.stop
    for at in range(page.stop - 1, page.start, -1):
        if page.label_at(at) == "byline" or (page.open(at) and is_person(page.shapes[at].text)):
            if first < page.stop and _tells_of_writer(page, at, first):
                _give_bio(page, at, first)
            return
        if page.open(at):
            words += page.shapes[at].words
            first = at
            if words > _BIO_WORDS:
                return
            if _bio_by_itself(page, at):
                _give_bio(page, at - 1, at)
                return


def _bio_by_itself(page: Page, at: int) -> bool:
    """A closing paragraph that begins with a name and tells what its bearer does."""
    text = page.shapes[at].text
    return (
        bool(forms.NAME_FIRST.match(text))
        and bool(forms.BIO.search(text[:300]))
        and not page.shapes[at].quoted
    )


def _tells_of_writer(page: Page, name: int, first: int) -> bool:
    """Whether the lines from `first` to the region's end are about the one named at `name`."""
    text = " ".join(page.shapes[k].text for k in range(first, page.stop) if page.open(k))[:1200]
    if forms.ROLE.match(page.shapes[name].text) or forms.BIO.search(text):
        return page.shapes[name].words <= 6 or bool(forms.BIO.search(text))
    twice = name > 0 and page.shapes[name - 1].fold == page.shapes[name].fold
    return twice or any(part in text for part in page.shapes[name].text.split() if len(part) > 3)


def _give_bio(page: Page, name: int, first: int) -> None:
    """Everything from `first` to the region's end tells of the writer whose name stands at `name`."""
    for at in range(first, page.stop):
        page.cut(at, "author_bio", "tells of the writer named above it", 0.75)
    at = name
    while at > page.start and (
        page.label_at(at) == "byline" or (page.open(at) and is_person(page.shapes[at].text))
    ):
        attached = page.blocks[at].gap == 0 or (at + 1 < len(page) and page.blocks[at + 1].gap == 0)
        page.cut(at, "byline" if attached else "author_bio", "the writer's name above the biography", 0.75)
        at -= 1
