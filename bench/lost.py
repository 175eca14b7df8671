"""Is a visible word of a page lost? Kept blocks and account against an independent reading of the page.

    python bench/lost.py [SET…] [--every N]

Over all pages of the development sets (PRESSMARK_BENCH, else ../shared/bench), or every Nth. Prints each page
of which something is in no block, and for each set how many those are and on how many pages trafilatura was
asked. The same reading is a test on the small corpus and on the gate's sample.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines import clean
from tests import gate
from tests.visible import lost


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    args = parser.parse_args()
    names = args.sets or sorted(path.parent.name for path in gate.BENCH.glob("data/*/pages.jsonl.gz"))
    for name in names:
        pages = losing = asked = 0
        for row in islice(gate.read(gate.BENCH / "data" / name / "pages.jsonl.gz"), 0, None, args.every):
            article = clean(row["html"], url=row["url"] or "", form="html")
            pages += 1
            asked += article.referee_asked
            if missing := lost(row["html"], article.blocks):
                losing += 1
                print(f"  {name} {row['id']}: {len(missing)} pieces, such as {missing[:3]}", flush=True)
        print(f"{name}: {pages} pages, {losing} lose something, trafilatura asked on {asked}", flush=True)


if __name__ == "__main__":
    main()
