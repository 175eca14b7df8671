"""CPU time of each stage of cleaning an HTML page, beside trafilatura's with metadata, in one process.

    python bench/stages.py [PAGES.jsonl.gz …] [--limit N] [--rounds N]

A file holds JSON Lines with `url` and `html`; without one, the pages of the test newsroom are read, which are
small. Prints the mean milliseconds a page of the best round, and what is compiled; and what `clean` took when
it saw each page for the first time: names of classes and the like are remembered, and a batch meets each page
once. Quote ratios of one run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from trafilatura import bare_extraction

from archive.values import Article
from pipelines import clean, formatted
from pipelines.blocks import PageFacts
from pipelines.html_blocks import blocks_of, parse
from pipelines.html_clean import evidence_of
from pipelines.metadata import read_metadata
from pipelines.model import learned
from pipelines.model.compiled import PAIRS
from pipelines.page import read_page
from pipelines.pagekind import judge, signs_of
from pipelines.render import render

NEWSROOM = Path(__file__).resolve().parents[1] / "tests/newsroom/pages"
Result = TypeVar("Result")
Pages = list[tuple[str, bytes]]


class Clock:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def __call__(self, stage: str, work: Callable[..., Result], *given: Any, **named: Any) -> Result:
        start = time.process_time_ns()
        result = work(*given, **named)
        self.spent[stage] += (time.process_time_ns() - start) / 1e6
        return result


def one_page(clock: Clock, url: str, body: bytes) -> None:
    article = clock("all of `clean`", clean, body, url=url)
    page = clock("read", read_page, body, url=url)
    tree = clock("parse", parse, page.text, page.utf8)
    blocks = clock("walk", blocks_of, tree, url=url)
    metadata = clock("metadata", read_metadata, tree, url=url, html=page.text)
    facts = PageFacts(
        form="html", url=url, headline=metadata.headline, authors=metadata.byline,
        description=metadata.description, site_name=metadata.site_name, language=metadata.language,
    )  # fmt: skip
    clock("model", learned().judge, blocks, facts)
    article = clock("all of `clean`", clean, body, url=url)
    clock("render", render, article.blocks)
    evidence = evidence_of(page.text, url=url)
    clock("kind", judge, evidence)
    clock("kind", signs_of, tree, guarded=evidence.size < 120)
    packed = clock("hand-over", msgspec.msgpack.encode, article)
    clock("hand-over", msgspec.msgpack.decode, packed, type=Article)
    clock("JSON", lambda: msgspec.json.encode(formatted(article, "jsonl")))
    clock(
        "trafilatura", bare_extraction, page.text, url=url or None,
        include_comments=False, with_metadata=True,
    )  # fmt: skip


def pages_of(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as lines:
            for row in map(json.loads, lines):
                yield row.get("url") or "", row["html"].encode("utf-8", "replace")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--limit", type=int, default=200, help="Pages in all, taken evenly.")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    found: Pages = list(pages_of(args.files)) or [
        ("", path.read_bytes()) for path in sorted(NEWSROOM.glob("*/page.html"))
    ]
    pages = found[:: max(1, -(-len(found) // args.limit))]
    rounds = []
    for _ in range(args.rounds + 1):
        clock = Clock()
        for url, body in pages:
            one_page(clock, url, body)
        rounds.append(clock.spent)
    print(f"{len(pages)} pages, CPU ms a page; compiled: {', '.join(sorted(PAIRS)) or 'nothing'}")
    print(f"{'clean, at first':16}{rounds[0]['all of `clean`'] / len(pages):8.2f}")
    for stage in rounds[0]:
        print(f"{stage:16}{min(spent[stage] for spent in rounds[1:]) / len(pages):8.2f}")


if __name__ == "__main__":
    main()
