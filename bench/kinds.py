"""Precision and recall of `article`: by set and type of page, and over the example pages.

    python bench/kinds.py [--bench DIR] [--sets NAME …] [--limit N]

Runs the shipped cleaner. The shipped models learned from the development pages (but for the walls' rules):
what this prints guards against regressions; figures on sites that training never saw come from `python -m
training.kinds` and stand in docs/kinds.md. Forums, products, listings and collections count as no articles;
manuals and services that present themselves are texts for reading and no news: they are shown and not
counted.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.values import page_form
from pipelines import PageError, clean
from tests import gate

SETS = ("wcxb_dev_article", "fundus_tests", "postlight", "evan", "wcxb_dev_other")
NEGATIVE = frozenset(("forum", "product", "listing", "collection"))
APART = frozenset(("service", "documentation"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=gate.BENCH)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--limit", type=int, default=10**9, help="Pages of a set.")
    args = parser.parse_args()
    examples()
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name in args.sets:
        folder = args.bench / "data" / name
        if not folder.exists():
            print(f"{folder} is not there: left out")
            continue
        types = {row["id"]: row.get("page_type") or "article" for row in gate.read(folder / "gold.jsonl")}
        for _, row in zip(range(args.limit), gate.read(folder / "pages.jsonl.gz"), strict=False):
            try:
                kind = clean(row["html"], url=row.get("url") or "", form="html").kind
            except PageError:
                kind = "unreadable"
            found[name, types[row["id"]]][kind] += 1
    for (name, kind), counts in found.items():
        told = " ".join(f"{k} {n}" for k, n in counts.most_common())
        print(f"{name:18}{kind:15}{counts['article'] / counts.total():6.3f} article   {told}")
    good = sum(c["article"] for (_, kind), c in found.items() if kind not in NEGATIVE | APART)
    whole = sum(c.total() for (_, kind), c in found.items() if kind not in NEGATIVE | APART)
    wrong = sum(c["article"] for (_, kind), c in found.items() if kind in NEGATIVE)
    if whole:
        print(f"article: recall {good / whole:.4f}, precision {good / (good + wrong):.4f}")


def examples() -> None:
    """Agreement on the example pages, by what they are."""
    right: dict[str, list[bool]] = defaultdict(list)
    for row in gate.example_rows():
        article = gate.example(row)
        name = row["form"] or row["kind"]
        right[name].append((article.kind, page_form(article.kind_reason)) == (row["kind"], row["form"]))
    for name, hits in sorted(right.items()):
        print(f"examples          {name:15}{sum(hits)} of {len(hits)}")


if __name__ == "__main__":
    main()
