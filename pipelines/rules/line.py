"""Each line by itself: what the tables and forms of `pipelines.cues` say of it, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.blocks import Verdict
from pipelines.cues import Cue, button_cue, forms
from pipelines.rules.page import Page
from pipelines.rules.persons import is_person
from pipelines.shapes import Shape, fold

#: Forms are looked for in this many characters at most: a longer line is running text, or hostile.
_FORM_CHARS = 400

#: A line's own looks below this score decide only outside the text.
_SURE = 0.75


def judge_lines(page: Page) -> None:
    """Judge each line by the first test that knows it; an unsure word waits in `page.soft`."""
    for at, shape in enumerate(page.shapes):
        for test in _LINE_TESTS:
            if verdict := test(shape):
                if verdict.score < _SURE:
                    page.soft[at] = verdict
                else:
                    page.verdicts[at] = verdict
                break


def _symbols(shape: Shape) -> Verdict | None:
    text = shape.text
    if not any(ch.isalnum() for ch in text):
        return Verdict("other", "holds no words", 0.95)
    if forms.URL_LINE.match(text):
        return Verdict("share", "a bare address", 0.9)
    if forms.HASHTAGS.match(text[:_FORM_CHARS]):
        return Verdict("nav", "only hashtags", 0.9)
    if forms.HANDLE.match(text):
        return Verdict("share", "only an account's name", 0.7)
    return None


def _cue_line(shape: Shape) -> Verdict | None:
    if shape.line is None:
        return None
    return Verdict(
        shape.line.label, f"says only ‘{shape.line.words}’", 0.7 if shape.line.label == "other" else 0.95
    )


_DIGIT = re.compile(r"\d")


def _dated(shape: Shape) -> Verdict | None:
    """Date lines, counters of reading time, and bylines that carry a date."""
    text = shape.text
    if shape.prose >= 2 or len(text) > 200 or not (shape.words <= 8 or _DIGIT.search(text)):
        return None
    if forms.READING_TIME.match(text):
        return Verdict("date", "reading time", 0.95)
    rest, found = _without_dates(text)
    if not found:
        return None
    bare = fold(forms.DATE_WORDS.sub(" ", rest)).strip(" 0123456789")
    if not bare:
        return Verdict("date", "only a date", 0.95)
    if shape.start and shape.start.label == "date" and len(bare.split()) <= 8:
        return Verdict("date", f"begins with ‘{shape.start.words}’", 0.95)
    names = forms.DATE_WORDS.sub(" ", rest).strip(" ,|·•—–-/:")
    if (
        is_person(names)
        or forms.BY.match(rest.strip())
        or (len(bare.split()) <= 4 and shape.words <= 12 and not shape.ends)
    ):
        return Verdict("byline", "a name beside a date", 0.8)
    return None


def _without_dates(text: str) -> tuple[str, bool]:
    rest = text
    for form in (forms.DATE, forms.RELATIVE, forms.SHORT_DATE, forms.TIME):
        rest = form.sub(" ", rest)
    reading = re.sub(r"(?i)\b\d+\s*min(?:ute)?s?(?: read)?\b\.?", " ", rest)
    return reading, reading != text


def _byline(shape: Shape) -> Verdict | None:
    text = shape.text
    if shape.words > 20 or len(text) > 160:
        return None
    if found := forms.BY.match(text):
        names = found["names"]
        first = re.split(
            r"\s*(?:,|;|\||&|/|•|·|—|–| and | und | et | y | e | en | och | og | i | и | та | with )\s*",
            names,
            maxsplit=1,
        )[0]
        if (
            is_person(first.strip(" ."))
            or forms.NEWSROOM.search(names)
            or (shape.start and shape.start.label == "byline")
        ):
            return Verdict("byline", "names the author", 0.95)
        if (
            names[:1].isupper()
            and 2 <= shape.words <= 6
            and not shape.ends
            and not re.search(r"[;={}<>()\d]", names)
        ):
            return Verdict("byline", "names the author", 0.7)
    if forms.ROLE.match(text):
        return Verdict("byline", "names a newsroom or a writer's role", 0.9)
    return None


def _caption(shape: Shape) -> Verdict | None:
    text = shape.text
    if len(text) > 700:
        return None
    if shape.start and shape.start.label == "caption" and shape.words <= 60:
        return Verdict("caption", f"begins with ‘{shape.start.words}’", 0.9)
    end = text[-160:]
    limit = 45 if shape.prose >= 3 else 90
    if shape.words <= limit and forms.CREDIT_SIGN.search(end) and forms.PICTURE_CREDIT.search(end):
        return Verdict("caption", "ends with a picture's credit", 0.9)
    if shape.words <= 6 and fold(text) in _AGENCY_FOLDS:
        return Verdict("caption", "names only a picture agency", 0.85)
    return None


_AGENCY_FOLDS = frozenset(fold(agency) for agency in forms.AGENCIES)


def _credit(shape: Shape) -> Verdict | None:
    if shape.words <= 6 and forms.SHORT_CREDIT.match(shape.text):
        inner = shape.text.strip("()[]. ")
        if fold(inner) in _AGENCY_FOLDS or (inner.islower() and len(inner) <= 12) or "/" in inner:
            return Verdict("credit", "an agency's or editor's sign", 0.9)
    return None


#: Longest line, in words, that a start decides for. A long paragraph that begins with "Source:" is text.
_START_WORDS = {
    "related": 40, "credit": 60, "date": 16, "nav": 40, "ad": 20, "byline": 14, "share": 40,
    "legal": 160, "comment_policy": 160, "author_bio": 120,
}  # fmt: skip


def _starts(shape: Shape) -> Verdict | None:
    cue = shape.start
    if cue is None or shape.words > _START_WORDS.get(cue.label, 0):
        return None
    if cue.label in {"author_bio", "comment_policy", "share"} and shape.prose >= 3 and shape.quoted:
        return None
    return Verdict(cue.label, f"cue ‘{cue.words}’ at its start", 0.9)


def _teaser(shape: Shape) -> Verdict | None:
    if shape.teaser:
        return Verdict("related", "a teaser that ends in a link to more", 0.85)
    return None


def _phrased(shape: Shape) -> Verdict | None:
    if not shape.phrases or shape.quoted:
        return None
    by_label: dict[str, list[Cue]] = {}
    for cue in shape.phrases:
        by_label.setdefault(cue.label, []).append(cue)
    label, cues = max(by_label.items(), key=lambda item: (sum(map(_weight, item[1])), item[0]))
    weight = sum(map(_weight, cues))
    if weight >= (2 if shape.words <= 45 else 3 if shape.words <= 90 else 4):
        best = max(cues, key=lambda cue: (_weight(cue), len(cue.words)))
        return Verdict(label, f"speaks of ‘{best.words.strip()}’", min(0.95, 0.6 + 0.1 * weight))
    return None


def _weight(cue: Cue) -> int:
    """Phrases of several words are sure; single words need company."""
    return 2 if len(cue.words.split()) > 2 or (" " in cue.words and "cookie" in cue.words) else 1


def _odd(shape: Shape) -> Verdict | None:
    text = shape.text
    if len(text) > 120:
        return None
    if forms.COUNTER.match(text):
        return Verdict("other", "only a number", 0.7)
    if forms.PHONE_LINE.match(text):
        return Verdict("newsletter", "only a telephone number", 0.8)
    if shape.words <= 10 and forms.EMAIL.search(text):
        return Verdict("newsletter", "an address to write to", 0.85)
    if shape.words <= 4 and re.search(r"(?i)\bbanners?\b|\badvert", text):
        return Verdict("ad", "names a banner", 0.8)
    if forms.GLUED_HOME.match(text) or forms.CRUMBS.match(text):
        return Verdict("nav", "a breadcrumb", 0.9)
    return None


def _buttons(shape: Shape) -> Verdict | None:
    """A row of buttons: every word of the line is one that stands alone elsewhere."""
    words = shape.fold.split()
    if 2 <= len(words) <= 12 and not shape.ends:
        cues = [button_cue(word) for word in words]
        if all(cues) and not all(cue and cue.label == "nav" for cue in cues):
            return Verdict("share", "a row of buttons", 0.85)
    return None


_LINE_TESTS: tuple[Callable[[Shape], Verdict | None], ...] = (
    _symbols, _cue_line, _buttons, _dated, _credit, _caption, _byline, _starts, _phrased, _teaser, _odd,
)  # fmt: skip
