"""Readers' comments that no opener announces."""

from __future__ import annotations

import re

from pipelines.blocks import Verdict
from pipelines.cues import forms
from pipelines.rules.page import Page

#: So many signs of commenters within so many lines make a thread, after so many words of text.
_THREAD_SIGNS = 3
_THREAD_LINES = 40
_THREAD_TEXT = 100


def find_threads(page: Page) -> None:
    """Readers' comments with no opener above them: told by their writers' lines."""
    before = 0
    signs: list[int] = []
    last_number = 0
    for at, shape in enumerate(page.shapes):
        number = re.match(r"(\d{1,4})[.)]\s", shape.text) if shape.numbered and shape.words >= 10 else None
        restarts = number is not None and 1 < int(number[1]) <= last_number and page.blocks[at].gap > 0
        last_number = int(number[1]) if number else last_number
        if before >= _THREAD_TEXT and (restarts or _commenter(page, at)):
            signs = [sign for sign in signs if at - sign <= _THREAD_LINES] + [at]
            if len(signs) >= _THREAD_SIGNS:
                _take_thread(page, _thread_start(page, signs[0]))
                return
        if page.running(at):
            before += shape.words


def _commenter(page: Page, at: int) -> bool:
    text = page.shapes[at].text
    return len(text) <= 140 and page.shapes[at].words <= 16 and bool(forms.COMMENTER.search(text))


def _thread_start(page: Page, sign: int) -> int:
    """Back over the numbered lines right above the first sign."""
    at = sign
    while (
        at > 0
        and sign - at < _THREAD_LINES
        and (page.shapes[at - 1].numbered or page.label_at(at - 1) == "comment_policy")
    ):
        at -= 1
    return at


def _take_thread(page: Page, begin: int) -> None:
    for at in range(begin, len(page)):
        if page.label_at(at) in {"date", "byline", "other"} or at in page.soft:
            page.verdicts[at] = Verdict("comment", "stands in a thread of comments", 0.8)
        page.cut(at, "comment", "stands in a thread of comments", 0.8)
