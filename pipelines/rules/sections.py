"""Sections: an opener such as "Recent Posts" owns what follows until the text comes back."""

from __future__ import annotations

from pipelines.blocks import Verdict
from pipelines.cues import Cue, forms
from pipelines.rules.page import Page


def claim_sections(page: Page) -> None:
    """Give each opener the lines it owns, from the top; fill `page.prose_after` first."""
    page.prose_after = text_after = _prose_after(page)
    total = text_after[0]
    at = 0
    while at < len(page):
        cue = _opens(page, at)
        if cue is None:
            at += 1
            continue
        before = total - text_after[at]
        end = _section_end(page, at, cue, before, text_after[at])
        at = _claim(page, at, end, cue, before)


def _prose_after(page: Page) -> list[int]:
    """For each line, words of undecided running text from it on."""
    sums = [0] * (len(page) + 1)
    for at in range(len(page) - 1, -1, -1):
        sums[at] = sums[at + 1] + (page.shapes[at].words if page.running(at) else 0)
    return sums


def _opens(page: Page, at: int) -> Cue | None:
    shape = page.shapes[at]
    if page.label_at(at) == "headline":
        return None
    if shape.opener is not None:
        return None if shape.fold in forms.FAIR_HEADINGS and not page.late(at) else shape.opener
    if shape.words <= 12 and shape.start and shape.start.label == "related" and shape.colon:
        return shape.start
    if (
        shape.words <= 9
        and forms.OPENER_FORM.match(shape.text)
        and not shape.ends
        and page.label_at(at) in {"", "related"}
    ):
        return Cue("related", shape.text)
    return None


def _section_end(page: Page, at: int, cue: Cue, before: int, after: int) -> int:
    """The line where the section's ownership ends (exclusive)."""
    if cue.label == "comment":
        return len(page) if _is_thread(page, at, before, after) else at + 1
    if cue.label == "author_bio":
        return _bio_end(page, at)
    return _text_returns(page, at + 1, before, after)


def _is_thread(page: Page, at: int, before: int, after: int) -> bool:
    """Comments open a thread when the article lies before them; a counter above the text does not."""
    if before < 60:
        return False
    near = range(at + 1, min(len(page), at + 14))
    signs = sum(
        page.label_at(k) in {"date", "comment_policy", "comment"}
        or bool(forms.COMMENTER.search(page.shapes[k].text[-200:]))
        for k in near
    )
    return after <= before or signs >= 2


def _bio_end(page: Page, at: int) -> int:
    prose = 0
    for k in range(at + 1, len(page)):
        if _opens(page, k) or page.label_at(k) in {
            "newsletter",
            "cookie",
            "share",
            "comment_policy",
            "legal",
            "ad",
        }:
            return k
        prose += page.running(k)
        if prose > 3:
            return at + 1
    return len(page)


#: Where this share of the text before an opener still lies after it, the opener stands amid the article.
_AMID = 0.5
#: A paragraph amid the article of so many words is the article's, whatever stands around it.
_AMID_WORDS = 25


def _text_returns(page: Page, begin: int, before: int, after: int) -> int:
    """Where the article goes on after an opener.

    Amid the article that is the next full paragraph. Near its end, where teasers are as long as paragraphs,
    only two running lines with no title between them count.
    """
    amid = after >= before * _AMID
    for k in range(begin, len(page)):
        shape = page.shapes[k]
        if not page.running(k) or shape.item or shape.words < 12:
            continue
        if (amid and shape.words >= _AMID_WORDS and shape.ends) or _followed(page, k):
            return k
    return len(page)


def _followed(page: Page, at: int) -> bool:
    """Whether the next undecided line is running text as well, and no opener lies between."""
    for k in range(at + 1, min(len(page), at + 8)):
        if page.shapes[k].opener is not None or page.label_at(k) in {"date", "comment", "byline"}:
            return False
        if page.open(k):
            return page.running(k) and page.shapes[k].words >= 8
    return False


def _claim(page: Page, at: int, end: int, cue: Cue, before: int) -> int:
    """Give the section its lines; return where to go on."""
    words = page.shapes[at].text.strip()
    label = cue.label
    last = end
    if cue.label == "related" and end < len(page):
        last = _spare_heading(page, at, end)
    if page.open(at) or page.label_at(at) in {"other"}:
        page.verdicts[at] = Verdict(
            label if label != "comment" else "comment_policy", f"opens the section ‘{_brief(words)}’", 0.9
        )
    for k in range(at + 1, last):
        inner = _opens(page, k)
        if inner is not None and inner.label == "comment":
            return k
        page.cut(k, label, f"stands under ‘{_brief(words)}’", 0.85)
        if (
            page.label_at(k) in {"date", "byline", "caption"}
            and page.verdicts[k] is not None
            and label == "related"
        ):
            page.verdicts[k] = Verdict(label, f"stands under ‘{_brief(words)}’", 0.8)
    return max(last, at + 1)


def _brief(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"


def _spare_heading(page: Page, at: int, end: int) -> int:
    """The heading of the text that comes back is the text's: an opener's only line, or one apart."""
    k = end - 1
    if k <= at or not page.open(k) or page.shapes[k].words > 20 or page.shapes[k].item or page.shapes[k].ends:
        return end
    if page.blocks[k].gap == 0:
        return end
    owned = [i for i in range(at + 1, k) if page.open(i)]
    if not owned:
        return end if page.shapes[at].colon else k
    return k if all(page.blocks[i].gap == 0 or page.shapes[i].item for i in owned[1:]) else end


def absorb(page: Page) -> None:
    """A line such as 'Read more' below a cookie notice or a call to subscribe is part of it."""
    for at in range(1, len(page)):
        above = page.verdicts[at - 1]
        if (
            above is not None
            and above.label in {"cookie", "newsletter"}
            and forms.GENERIC.match(page.shapes[at].text)
        ):
            page.verdicts[at] = Verdict(above.label, f"goes with the {above.label} line above it", 0.8)
