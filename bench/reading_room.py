"""How fast the reading room answers: pages of a made-up archive, asked one after another.

    python -m bench.reading_room make FOLDER [ARTICLES]
    python -m bench.reading_room ask FOLDER [ROUNDS]

`make` writes an archive's database with generated articles (no WARC files; captures point nowhere), 200,000
unless told otherwise. `ask` serves it with plain Datasette in this process and prints the median and the 95th
percentile of each page in milliseconds, and the median of processor time, which a busy machine changes less.
Words follow Zipf's law, as those of a language do, so that a query can be for a word of most articles, or of
few. What the pages keep for half a minute is forgotten before each question.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path

from archive import Archive
from archive.front import write_front

WORDS, ARTICLE_WORDS, SITES, DAYS, CUT = 50_000, 260, 60, 1500, 6
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
LANGUAGES = ("en", "en", "en", "de", "fr", "es")
SECTIONS = ("Politics", "World", "Business", "Sport", "Culture", "Science", None)
ACCESS = ("free",) * 8 + ("metered", "paywalled")


def word(rank: int) -> str:
    """A word for each rank, short ones first."""
    letters, rank = "", rank + 26
    while rank:
        rank, letter = divmod(rank, 26)
        letters += chr(97 + letter)
    return letters


def make(root: Path, articles: int) -> None:
    with Archive.open(root, software="bench") as archive:
        run = archive.begin_run("bench")
        archive.finish_run(run, {})
    write_front(root)
    db = sqlite3.connect(root / "articles.db")
    db.execute("pragma synchronous = off")
    db.executemany("insert into blocks values (?, ?, ?)", [(n, f"b{n}", f"Clutter {n}") for n in range(2000)])
    for first in range(0, articles, 5000):
        with db:
            _insert(db, range(first, min(first + 5000, articles)))
    db.close()


def _insert(db: sqlite3.Connection, numbers: range) -> None:
    for number in numbers:
        article, capture, versions, removed = _rows(number)
        places = ",".join("?" * len(article))
        db.execute(f"insert into articles values ({places})", article)  # noqa: S608 - question marks
        db.execute(
            "insert into captures (id, url, fetched_at, status, content_type, kind, warc_file, warc_offset,"
            " warc_length, record_id, payload_digest, source, record_type, site, article_id, cleaner)"
            " values (?, ?, ?, 200, 'text/html', 'article', 'warc/none.warc.gz', 0, 1, ?, ?, 'crawl',"
            " 'response', ?, ?, 'bench 1')",
            capture,
        )
        db.executemany(
            "insert into versions (article_id, number, capture_id, seen_at, headline, text, text_digest,"
            " change, cleaner) values (?, ?, ?, ?, ?, ?, ?, ?, 'bench 1')",
            versions,
        )
        db.executemany("insert into removed values (?, ?, ?, ?, ?, ?, ?)", removed)


_ODDS = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
_WORDS = [word(rank) for rank in range(WORDS)]


def _rows(number: int) -> tuple[tuple[object, ...], tuple[object, ...], list[object], list[object]]:
    chance = random.Random(number)  # noqa: S311 - made-up articles
    words = chance.choices(_WORDS, cum_weights=_ODDS, k=chance.randrange(ARTICLE_WORDS * 2) + 20)
    site = f"site{int(SITES * chance.random() ** 2)}.example"
    published = FIRST_DAY + timedelta(days=DAYS * chance.random() ** 0.7, seconds=chance.randrange(86400))
    seen, url = (published + timedelta(hours=1)).isoformat(), f"https://{site}/{number}"
    text, headline = " ".join(words), " ".join(words[:8]).title()
    edits = 1 + (chance.random() < 0.1)
    author = f"{words[3].title()} {chance.choice(_WORDS[:800]).title()}"
    article = (
        number + 1, url, url, site, headline, json.dumps([author]), published.isoformat(), "json-ld", None,
        chance.choice(LANGUAGES), chance.choice(SECTIONS), "[]", " ".join(words[8:30]), None, None, text,
        text, len(words), chance.choice(ACCESS), "article", f"d{number}", edits, None, seen, seen, "bench 1",
        url,
    )  # fmt: skip
    capture = (number + 1, url, seen, f"<urn:uuid:{number}>", f"sha1:{number}", site, number + 1)
    versions: list[object] = [
        (
            number + 1,
            n + 1,
            number + 1,
            seen,
            headline + " again" * n,
            text,
            f"d{number}.{n}",
            0.1 * n or None,
        )
        for n in range(edits)
    ]
    removed: list[object] = [
        (number + 1, edits, n, chance.choice(("nav", "related", "share", "ad")), "made up", chance.random(),
         chance.randrange(2000))
        for n in range(CUT)
    ]  # fmt: skip
    return article, capture, versions, removed


def pages() -> Iterator[tuple[str, list[str]]]:
    """Pages by name, each with some addresses."""
    # Words of about 90 %, 7 to 1.5 %, and 0.6 to 0.3 % of the articles.
    common, usual, rare = (
        [word(rank) for rank in ranks] for ranks in ((1, 5, 9), range(400, 2000, 160), range(5000, 9000, 400))
    )
    yield "front page", ["/"]
    yield "search, a rare word", [f"/search?q={w}" for w in rare]
    yield "search, a usual word", [f"/search?q={w}" for w in usual]
    yield "search, a word of most articles", [f"/search?q={w}" for w in common]
    yield "search, two words", [f"/search?q={a}+{b}" for a, b in pairwise(usual)]
    yield "search, a phrase", [f'/search?q="{a}+{b}"' for a, b in pairwise(usual)]
    yield "search, newest, one site", [f"/search?q={w}&site=site3.example&sort=newest" for w in usual]
    yield (
        "search, filters only",
        ["/search?language=de&section=Sport", "/search?site=site7.example&access=paywalled"],
    )
    yield "search, nothing asked", ["/search"]
    yield "search as JSON", [f"/search.json?q={w}" for w in usual]
    yield "search as Atom", [f"/search.atom?q={w}" for w in usual]
    yield "article", [f"/article/{n}" for n in range(1, 2000, 200)]
    yield "table with facets", ["/articles/articles"]


async def ask(root: Path, rounds: int) -> None:
    from datasette.app import Datasette

    datasette = Datasette([], config_dir=root)
    await datasette.invoke_startup()
    for address in ("/", "/search?q=warm", "/article/1"):
        await datasette.client.get(address)  # templates are compiled once
    kept = [sys.modules[f"pressmark_front.{page}"]._KEPT for page in ("front", "search")]
    for name, addresses in pages():
        times, busy = [], []
        for address in addresses * rounds:
            for answers in kept:
                answers.forget()
            began, used = time.perf_counter(), time.process_time()
            answer = await datasette.client.get(address)
            times.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - used) * 1000)
            if answer.status_code != 200:
                print(f"{address}: {answer.status_code}")
        times.sort()
        late = times[int(len(times) * 0.95)]
        print(
            f"{name:34} median {statistics.median(times):7.1f}  p95 {late:7.1f}"
            f"  processor {statistics.median(busy):7.1f}"
        )


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    if what == "make":
        make(Path(folder), int(rest[0]) if rest else 200_000)
    else:
        asyncio.run(ask(Path(folder), int(rest[0]) if rest else 3))
