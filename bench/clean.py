"""CPU time of cleaning a page, ours beside trafilatura's with metadata, in one process and one run.

    python bench/clean.py [PAGE.html …] [--rounds N]

Without pages, those of the test newsroom, which are small. Prints the median milliseconds of CPU time a page
and the ratio: quote the ratio, since machines are shared and noisy. Metadata and account are included on our
side.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from trafilatura import bare_extraction

from pipelines import clean

NEWSROOM = Path(__file__).resolve().parents[1] / "tests/newsroom/pages"


def milliseconds(work: Callable[[str], object], pages: list[str], rounds: int) -> float:
    """Median CPU milliseconds a page over `rounds` passes, after one that is not counted."""
    taken = []
    for _ in range(rounds + 1):
        for page in pages:
            start = time.process_time()
            work(page)
            taken.append((time.process_time() - start) * 1000)
    return statistics.median(taken[len(pages) :])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    paths = args.pages or sorted(NEWSROOM.glob("*/page.html"))
    pages = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    ours = milliseconds(lambda page: clean(page), pages, args.rounds)
    theirs = milliseconds(
        lambda page: bare_extraction(page, include_comments=False, with_metadata=True), pages, args.rounds
    )
    print(f"{len(pages)} pages, {args.rounds} rounds, CPU time a page:")
    print(f"pressmark {ours:.1f} ms, trafilatura {theirs:.1f} ms")
    print(f"pressmark takes {ours / theirs:.2f} of trafilatura's time")


if __name__ == "__main__":
    main()
