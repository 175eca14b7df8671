"""How the quality gates measure: which pages, which figures, which digest.

The gates guard against regressions. They are no result: the shipped models learned from pages of some of
these sets, and floors stand a little below what the code reached when they were set. Figures on sites that
training never saw stand in the model card. Floors are set anew with `python bench/floors.py --write`.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any
from zlib import crc32

from archive.values import Article, Form, page_form
from pipelines import clean
from pipelines.evaluation import Score, score
from tests.visible import dump_of, lost

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "tests/gold"
EXAMPLES = ROOT / "tests/kinds"
#: Where the development pages are, which no repository may hold: `data/SET/pages.jsonl.gz` and the like.
BENCH = Path(os.environ.get("PRESSMARK_BENCH") or ROOT.parent / "shared/bench")
FLOORS = ROOT / "tests/floors.json"

Row = dict[str, Any]
Figures = dict[str, float]

#: Gate → its pages and how many of them: the ones with the lowest checksums of their ids. About 40 s in all.
SAMPLES: dict[str, tuple[str, str, int]] = {
    "fundus_tests": ("fundus_tests", "html", 40),
    "wcxb_dev_article": ("wcxb_dev_article", "html", 40),
    "evan": ("evan", "html", 25),
    "cleanportal": ("cleanportal", "html", 25),
    "traf_eval": ("traf_eval", "html", 40),
    "postlight": ("postlight", "html", 30),
    "fundus_tests main": ("fundus_tests", "main", 60),
    "wcxb_dev_article main": ("wcxb_dev_article", "main", 60),
    "fundus_tests full": ("fundus_tests", "full", 40),
}


def digest(paths: Iterable[Path], root: Path) -> str:
    """SHA-256 over names and contents."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def bench_digest() -> str:
    """Of all files that the gate reads; raises FileNotFoundError when one is missing."""
    names = {(name, style) for name, style, _ in SAMPLES.values()}
    files = {BENCH / "data" / name / "gold.jsonl" for name, _ in names}
    files |= {BENCH / "data" / name / _file(style) for name, style in names}
    return digest(files, BENCH)


def gold_digest() -> str:
    return digest((path for path in GOLD.rglob("*") if path.is_file() and path.suffix != ".md"), GOLD)


def kinds_digest() -> str:
    return digest((p for p in EXAMPLES.rglob("*") if p.suffix in {".html", ".tsv"}), EXAMPLES)


def _file(style: str) -> str:
    return "pages.jsonl.gz" if style == "html" else "dumps.jsonl.gz"


def read(path: Path) -> Iterator[Row]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def bench_pages(gate: str) -> list[tuple[Row, Row]]:
    """The gate's pages, each with its gold row."""
    name, style, size = SAMPLES[gate]
    folder = BENCH / "data" / name
    golds = {row["id"]: row for row in read(folder / "gold.jsonl")}
    chosen = set(sorted(golds, key=lambda page: (crc32(page.encode()), page))[:size])
    rows = (row for row in read(folder / _file(style)) if row.get("style", "html") == style)
    # A dump may be empty: there is nothing to clean, and nothing to score.
    return [(row, golds[row["id"]]) for row in rows if row["id"] in chosen and (row.get("text", "x")).strip()]


def gold_pages(form: Form) -> list[tuple[Row, Row]]:
    """The small corpus in the repository, as HTML or as dumps, in the rows of the big one."""
    pages = []
    for folder in sorted(path.parent for path in GOLD.glob("*/page.html")):
        html = (folder / "page.html").read_text(encoding="utf-8")
        told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        page = {"id": folder.name, "url": told["url"], "html": html, "text": dump_of(html)}
        gold = {"gold": (folder / "expected.txt").read_text(encoding="utf-8"), "title": told["headline"],
                "authors": told["authors"], "published": told["published"]}  # fmt: skip
        pages.append((page, gold | {"lang": told["language"], "kind": told["kind"]}))
    return pages


def example_rows() -> list[dict[str, str]]:
    """What is expected of the example pages of each kind: see `tests/kinds`."""
    with (EXAMPLES / "expected.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def example(row: dict[str, str]) -> Article:
    """One of them, cleaned as it would be when fetched."""
    page = (EXAMPLES / f"pages/{row['page']}.html").read_bytes()
    return clean(page, url=row["url"], requested_url=row["requested_url"])


def kind_figures(rows: Sequence[dict[str, str]]) -> Figures:
    """Precision and recall of `article` on the example pages; shares whose kind, form and access are
    right."""
    found = [(row, example(row)) for row in rows]
    articles = [article.kind == "article" for row, article in found if row["kind"] == "article"]
    taken = [row["kind"] == "article" for row, article in found if article.kind == "article"]
    return {
        "article recall": round(mean(articles), 4),
        "article precision": round(mean(taken), 4),
        "kind": round(mean(article.kind == row["kind"] for row, article in found), 4),
        "form": round(mean(page_form(article.kind_reason) == row["form"] for row, article in found), 4),
        "access": round(mean(article.access == row["access"] for row, article in found), 4),
    }


def cleaned(page: Row, form: Form) -> Article:
    return clean(page["html" if form == "html" else "text"], url=page["url"] or "", form=form)


def page_score(text: str, gold: Row) -> Score | None:
    """Against the best of the accepted texts; None where the set holds none (metadata or segments only)."""
    if not gold.get("gold"):
        return None
    return max((score(text, one) for one in gold.get("alts") or [gold["gold"]]), key=lambda s: s.f1)


def figures(pages: Sequence[tuple[Row, Row]], form: Form) -> Figures:
    """F1, share of pages of at least .99, segments, headline, day, authors: those that the gold can tell.

    `lost` is the share of HTML pages of which a visible word is in no block.
    """
    found: dict[str, list[float]] = {}

    def add(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    for page, gold in pages:
        article = cleaned(page, form)
        if (one := page_score(article.text, gold)) is not None:
            add("f1", one.f1)
            add("near perfect", one.f1 >= 0.99)
        flat = _squash(article.text)
        for wanted, segments in ((True, gold.get("with")), (False, gold.get("without"))):
            for segment in segments or () if one is None else ():
                add("segments", (_squash(segment) in flat) == wanted)
        if form == "html":
            add("nothing lost", not lost(page["html"], article.blocks))
            for name, value in _metadata(article, gold):
                add(name, value)
    return {name: round(mean(values), 4) for name, values in found.items()}


def _metadata(article: Article, gold: Row) -> Iterator[tuple[str, float]]:
    if "published" not in gold:
        return
    if gold.get("title"):
        yield "headline", _fold(article.headline) == _fold(gold["title"])
    if gold["published"]:
        yield "day", (article.date_published or "")[:10] == gold["published"][:10]
    want, got = {_fold(a) for a in gold.get("authors") or []}, {_fold(a) for a in article.authors}
    yield "authors", 1.0 if want == got else 2 * len(want & got) / (len(want) + len(got))


def _squash(text: str) -> str:
    return " ".join(text.split())


def _fold(value: str | None) -> str:
    return " ".join(re.findall(r"\w+", (value or "").casefold()))
