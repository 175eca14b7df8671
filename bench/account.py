"""How much of an archive's database the account takes: bytes by table, once pages are in a new archive.

    python bench/account.py PATH… [--limit N] [--keep DIR]

PATH is what `pressmark reclean` takes: files or folders of pages, dumps, JSON Lines (gzipped too). Without
PATH the five dumps of `seeds/`. The archive is made in a temporary folder and thrown away unless --keep names
one. Indexes are counted with their tables.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from archive import Archive
from archive.values import Capture
from crawler.engine import keep_all
from crawler.reload import ReadProblem, captures_in
from pipelines import WorkerPool

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
#: What the account is made of: texts of blocks, each stored once, and where each was cut.
ACCOUNT = ("blocks", "removed")


def now() -> datetime:
    return datetime.now(UTC)


def fill(root: Path, paths: list[Path], limit: int | None) -> Counter[str]:
    with Archive.open(root, software="bench", clock=now) as archive, WorkerPool() as pool:
        pages: Iterator[Capture | ReadProblem] = captures_in(paths, now=now)
        summary = keep_all(archive, islice(pages, limit), pool)
    return summary.outcomes


def bytes_by_table(database: Path) -> Counter[str]:
    """Bytes of pages in use, an index's with its table's; FTS5's shadow tables are one."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        rows = db.execute(
            """select coalesce(tbl_name, dbstat.name), sum(pgsize) from dbstat
               left join sqlite_master on sqlite_master.name = dbstat.name group by 1"""
        )
        found: Counter[str] = Counter()
        for name, size in rows:
            found["articles_fts" if name.startswith("articles_fts") else name] += size
        return found


def shares(database: Path) -> Iterator[str]:
    found = bytes_by_table(database)
    total = found.total()
    for name, size in found.most_common():
        if size * 1000 >= total:
            yield f"{name:16} {size:>13,}  {size / total:6.1%}"
    account = sum(found[name] for name in ACCOUNT)
    yield f"{'in all':16} {total:>13,}"
    yield f"{'the account':16} {account:>13,}  {account / total:6.1%}"
    with contextlib.closing(sqlite3.connect(database)) as db:
        cuts, chars = db.execute(
            "select count(*), sum(length(text)) from removed join blocks on blocks.id = removed.block"
        ).fetchone()
        texts, once = db.execute("select count(*), sum(length(text)) from blocks").fetchone()
    yield f"{cuts:,} cuts of {chars:,} characters; stored once: {texts:,} texts of {once:,} characters"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--limit", type=int, help="pages at most")
    parser.add_argument("--keep", type=Path, help="a folder for the archive, which is then not thrown away")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = args.keep or Path(temporary) / "archive"
        outcomes = fill(root, args.paths or [SEEDS], args.limit)
        print(", ".join(f"{n:,} {name}" for name, n in outcomes.items()))
        print("\n".join(shares(root / "articles.db")))


if __name__ == "__main__":
    main()
