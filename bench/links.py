"""How well addresses and places tell articles from the rest, on the development pages (PRESSMARK_BENCH).

    python bench/links.py

First the address alone: pages of article sets against listings, collections and services. Then links of
listing and article pages, where nobody has labelled them: two witnesses that know nothing of each other are
compared. The place alone (headings against the navigation) says what a link most likely is; how often does
the address agree? Sites are split by host: rules were made while looking at folds 0 to 2, the others were
only counted.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crawler.discovery.links import article_links  # noqa: E402
from crawler.discovery.shapes import CUES, probability, url_cues  # noqa: E402
from training.corpus import fold_of, site  # noqa: E402

BENCH = Path(os.environ.get("PRESSMARK_BENCH", ROOT.parent / "shared/bench")) / "data"
ARTICLES = ("fundus_tests", "wcxb_dev_article", "evan", "traf_eval")
LISTS = {"listing", "collection", "service"}


def pages(name: str) -> Iterator[dict[str, Any]]:
    kinds = {}
    with open(BENCH / name / "gold.jsonl", encoding="utf-8") as gold:
        for line in gold:
            row = json.loads(line)
            kinds[row["id"]] = row.get("page_type")
    with gzip.open(BENCH / name / "pages.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            page = json.loads(line)
            page["kind"] = kinds.get(page["id"])
            page["host"] = page.get("host") or urlsplit(page["url"]).netloc
            if page["url"].startswith("http") and "archive.org" not in page["host"]:
                yield page


def half(page: dict[str, Any]) -> str:
    return "looked at" if fold_of(site(page["host"])) < 3 else "held out"


def by_address(url: str) -> bool:
    return probability(CUES[cue].weight for cue in url_cues(url)) >= 0.5


def shown(title: str, counts: dict[str, Counter[tuple[bool, bool]]]) -> None:
    print(title)
    for name, found in sorted(counts.items()):
        right, wrong, missed = found[True, True], found[True, False], found[False, True]
        print(
            f"  {name:10} {found.total():7,}  precision {right / max(right + wrong, 1):.3f}"
            f"  recall {right / max(right + missed, 1):.3f}"
        )


def main() -> None:
    alone: dict[str, Counter[tuple[bool, bool]]] = {"looked at": Counter(), "held out": Counter()}
    news: dict[str, Counter[tuple[bool, bool]]] = {"looked at": Counter(), "held out": Counter()}
    witnesses: dict[str, Counter[tuple[bool, bool]]] = {"looked at": Counter(), "held out": Counter()}
    for name in (*ARTICLES, "wcxb_dev_other"):
        for page in pages(name):
            is_article = name != "wcxb_dev_other"
            if not is_article and page["kind"] not in LISTS:
                continue
            said = by_address(page["url"])
            alone[half(page)][said, is_article] += 1
            if name in {"fundus_tests", "evan"}:
                news[half(page)][said, True] += 1
            if name not in {"fundus_tests", "evan"} and page["kind"] != "listing":
                continue
            for link in article_links(page["html"], page["url"]):
                likely = place(link.cues)
                if likely is not None:
                    witnesses[half(page)][by_address(link.url), likely] += 1
    shown("addresses of articles against those of listings, collections and services", alone)
    shown("of these, addresses of news articles (recall)", news)
    shown("links: the address against the place (headline in a heading, or navigation)", witnesses)


def place(cues: tuple[str, ...]) -> bool | None:
    """What the place alone says where it is plain, else None."""
    if {"heading", "headline"} <= set(cues) and "navigation" not in cues:
        return True
    return False if "navigation" in cues and "headline" not in cues else None


if __name__ == "__main__":
    main()
