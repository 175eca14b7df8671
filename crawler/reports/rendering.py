"""Values → HTML, through the templates beside this module."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

import jinja2
import msgspec

from archive.values import Article
from pipelines.evaluation import UNKNOWN_LANGUAGE, Score, by_language, total
from pipelines.explaining import Weighed

#: Worst pages shown whole; below these a page is a line in the table.
SHOWN = 25
#: Longer texts are compared by paragraph only: difflib takes quadratic time.
DIFF_WORDS = 6000


class Judged(msgspec.Struct, frozen=True):
    """One page of a gold folder: its name, our text, the gold text, the score."""

    name: str
    text: str
    gold: str
    score: Score
    problem: str = ""
    language: str = UNKNOWN_LANGUAGE


def picture_of_cuts(article: Article, name: str) -> str:
    """The page's blocks as they stood, kept and cut, as one HTML file; with what weighed, if known."""
    cuts = Counter(block.label for block in article.blocks if not block.kept)
    weights = article.weights if isinstance(article, Weighed) else {}
    heaviest = max((abs(w.weight) for said in weights.values() for w in said), default=1.0)
    return _page(
        "cuts.html",
        article=article,
        name=name,
        cuts=cuts.most_common(),
        weights=weights,
        heaviest=heaviest or 1.0,
    )


def evaluation_report(judged: Sequence[Judged], title: str) -> str:
    """The means, also by language, the worst pages side by side with their gold, and each page's score."""
    summary = total([page.score for page in judged])
    languages = by_language((page.language, page.score) for page in judged)
    ranked = sorted(judged, key=lambda page: (page.score.f1, page.name))
    worst = [(page, *_marked(page.text, page.gold)) for page in ranked[:SHOWN] if page.score.f1 < 1]
    return _page(
        "evaluation.html", title=title, summary=summary, languages=languages, pages=ranked, worst=worst
    )


def _page(template: str, /, **values: object) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("crawler.reports"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(template).render(**values)


Marked = list[tuple[str, bool]]


def _marked(text: str, gold: str) -> tuple[Marked, Marked]:
    """Both texts in pieces, each with whether the other lacks it."""
    ours, theirs = _pieces(text.strip()), _pieces(gold.strip())
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    left: Marked = []
    right: Marked = []
    for what, a, b, c, d in matcher.get_opcodes():
        left.append(("".join(ours[a:b]), what != "equal"))
        right.append(("".join(theirs[c:d]), what != "equal"))
    return left, right


def _pieces(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    if len(text) > DIFF_WORDS * 6:
        return lines
    return [piece for line in lines for piece in _with_space(line)]


def _with_space(line: str) -> list[str]:
    """Words, each with the space behind it."""
    pieces: list[str] = []
    for char in line:
        if pieces and (not pieces[-1][-1].isspace() or char.isspace()):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces
