"""What stands before the region and after it: standfirst, menus, teasers, and lines judged unsurely."""

from __future__ import annotations

from pipelines.blocks import Verdict
from pipelines.cues import forms
from pipelines.rules.page import Page
from pipelines.rules.persons import is_person


def soften(page: Page) -> None:
    """Apply the unsure verdicts, but not to lines with running text both before and after them."""
    first = next((at for at in range(page.start, page.stop) if page.running(at)), page.stop)
    for at, verdict in page.soft.items():
        if not first < at < page.stop and page.open(at):
            page.verdicts[at] = verdict


def judge_head(page: Page) -> None:
    """Between headline and region stands the standfirst, or clutter; before the headline, menus."""
    first = page.headline
    for at in range(page.start):
        if not page.open(at):
            continue
        shape = page.shapes[at]
        if is_person(shape.text) and first is not None and at > first:
            page.cut(at, "byline", "a name between headline and text", 0.8)
        elif first is not None and at > first and page.start - at <= 14 and (shape.words >= 8 or shape.prose):
            page.verdicts[at] = Verdict("body", "standfirst", 0.7)
        elif first is not None and at > first and page.start - at <= 8:
            page.cut(
                at, "caption" if shape.words > 2 else "nav", "a short line between headline and text", 0.5
            )
        else:
            page.cut(at, "nav", "stands before the text", 0.6)


def judge_tail(page: Page) -> None:
    """Below the region stand a writer's name, a biography, calls to the reader, teasers, menus."""
    for at in range(page.stop, len(page)):
        if not page.open(at):
            continue
        shape = page.shapes[at]
        if is_person(shape.text):
            page.cut(at, "byline", "a name below the text", 0.75)
        elif shape.phrases:
            cue = shape.phrases[0]
            page.cut(at, cue.label, f"stands below the text and speaks of ‘{cue.words.strip()}’", 0.6)
        elif forms.BIO.search(shape.text[:600]) and shape.prose >= 2:
            page.cut(at, "author_bio", "tells of a writer, below the text", 0.7)
        else:
            page.cut(at, "related" if shape.words >= 4 else "nav", "stands below the text", 0.5)
