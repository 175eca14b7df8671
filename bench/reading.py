"""How fast the reading pages answer over a large archive, quiet and while something writes into it.

    python bench/reading.py ARCHIVE [--articles 200000] [--requests 100] [--only WORDS] [--quiet]

Makes ARCHIVE with so many made-up articles where it is not there yet (200,000 take some minutes and 3 GB):
some 300 words each, drawn by Zipf's law from 40,000 made-up ones, of 200 sites of unlike size over three
years, with captures, versions, cuts, sources and a queue, straight into the tables. Then asks plain
`datasette ARCHIVE` for each page so many times, one after the other, each time for another article, site or
word: first with nobody else there, then while `pressmark reclean` reads pages into it as fast as it can.
Processor time is the server's for one answer in the mean: a busy machine changes it less. The last column
divides the median by that of Datasette's own page of the table `articles` in the same round.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
import numpy as np
import psutil

from archive import Archive
from archive.front import write_front
from archive.schema import migrate

SITES, WORDS, DAYS = 200, 40_000, 3 * 365
LABELS = ("nav", "related", "related", "byline", "share", "caption", "newsletter", "cookie", "ad", "headline")
#: A page's kind is an article's nine times in ten.
NO_ARTICLES = (
    ("index", "links"),
    ("consent", "cue ‘accept all’"),
    ("error", "HTTP 404"),
    ("other", "empty: x"),
)
SECTIONS = ("World", "Politics", "Business", "Sport", "Culture", "Science", "Town", "Opinion", None)
BATCH = 2000
#: Pages that wait to be read while the second round is asked: more than a reload manages in it.
RELOADED = 30_000
ROOT = Path(__file__).resolve().parents[1]


# The archive ------------------------------------------------------------------------------------------


class Language:
    """Made-up words, the same for the same seed, and texts of them: rank r is said 1/r as often as the first
    (Zipf). `drawn` is the seed of the texts."""

    def __init__(self, seed: int, drawn: int | None = None) -> None:
        self.random = np.random.default_rng(seed)
        syllables = np.array([c + v for c in "bdfgklmnprstvz" for v in "aeiou"])
        lengths = self.random.integers(1, 5, size=3 * WORDS)
        made = ("".join(self.random.choice(syllables, size)) for size in lengths)
        self.words = np.array(list(dict.fromkeys(made))[:WORDS], dtype=object)
        weights = 1 / np.arange(1, len(self.words) + 1)
        self.upto = np.cumsum(weights / weights.sum())
        if drawn is not None:
            self.random = np.random.default_rng(drawn)

    def said(self, size: int) -> list[str]:
        found = np.searchsorted(self.upto, self.random.random(size))
        return list(self.words[np.minimum(found, len(self.words) - 1)])

    def text(self) -> str:
        words = self.said(int(self.random.integers(150, 450)))
        paragraphs = [" ".join(words[at : at + 50]).capitalize() + "." for at in range(0, len(words), 50)]
        return "\n\n".join(paragraphs)


def site_names() -> list[str]:
    return [f"paper-{number:03}.example" for number in range(SITES)]


def generate(root: Path, articles: int) -> None:
    """Make an archive of made-up articles at `root`."""
    root.mkdir(parents=True)
    with Archive.open(root, software="bench") as archive:
        archive.finish_run(archive.begin_run("bench"), {})
    db = sqlite3.connect(root / "articles.db")
    db.executescript("pragma synchronous = off; pragma cache_size = -400000; pragma temp_store = memory")
    language, now = Language(1), datetime.now(UTC).replace(microsecond=0)
    _sites(db, now)
    blocks = [(rank, f"sha256:{rank}", " ".join(language.said(12))) for rank in range(1, 20_001)]
    db.executemany("insert into blocks (id, digest, text) values (?, ?, ?)", blocks)
    chance = random.Random(2)  # noqa: S311 - nothing secret
    weights = [1 / (rank + 3) for rank in range(SITES)]
    owners = chance.choices(range(SITES), weights, k=articles)
    for first in range(1, articles + 1, BATCH):
        numbers = range(first, min(first + BATCH, articles + 1))
        _batch(db, language, chance, numbers, [owners[n - 1] for n in numbers], now, articles)
        db.commit()
        print(f"\r{numbers[-1]:,} of {articles:,} articles", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    db.execute("insert into articles_fts(articles_fts) values ('optimize')")
    db.commit()
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()


def _sites(db: sqlite3.Connection, now: datetime) -> None:
    for rank, site in enumerate(site_names()):
        url = f"https://{site}/"
        db.execute(
            "insert into sites (site, url, name, first_seen, last_seen) values (?, ?, ?, ?, ?)",
            (site, url, f"Paper {rank}", _text(now - timedelta(DAYS)), _text(now)),
        )
        for name, kind in (("feed.xml", "feed"), ("news-sitemap.xml", "sitemap"), ("", "home")):
            db.execute(
                """insert into feeds
                   (site, url, kind, title, checked_at, status, due_at, due_reason, last_new_at)
                   values (?, ?, ?, ?, ?, 200, ?, 'by its rhythm', ?)""",
                (
                    site,
                    url + name,
                    kind,
                    f"Paper {rank}",
                    _text(now),
                    _text(now + timedelta(hours=1)),
                    _text(now),
                ),
            )
        for day in range(60):
            on = _text(now - timedelta(day))
            db.execute(
                "insert into failures values (?, ?, 'timeout', ?, ?)", (site, on[:10], 1 + day % 3, on)
            )
    db.commit()


def _batch(
    db: sqlite3.Connection, language: Language, chance: random.Random, numbers: range, owners: list[int],
    now: datetime, articles: int,
) -> None:  # fmt: skip
    names = site_names()
    rows: dict[str, list[tuple[Any, ...]]] = {
        "articles": [],
        "captures": [],
        "versions": [],
        "removed": [],
        "queue": [],
    }
    for number, owner in zip(numbers, owners, strict=True):
        site, text = names[owner], language.text()
        born = now - timedelta(seconds=(articles - number) / articles * DAYS * 86400 + chance.random() * 3600)
        seen, url = _text(born + timedelta(minutes=20)), f"https://{site}/{born:%Y/%m/%d}/story-{number}"
        headline = " ".join(language.said(8)).capitalize()
        authors = json.dumps([f"{a} {b}".title() for a, b in zip(*[iter(language.said(2))] * 2, strict=True)])
        versions = 2 if number % 20 == 0 else 1
        rows["articles"].append((
            number, url, site, headline, authors, _text(born), "json-ld", "en", chance.choice(SECTIONS),
            text[:140], text, text, text.count(" ") + 1, "paywalled" if number % 9 == 0 else "free",
            f"sha256:{number}", versions, seen, seen, "bench 1", url,
        ))  # fmt: skip
        for version in range(1, versions + 1):
            capture = 2 * number + version
            rows["captures"].append(_capture(capture, url, seen, "article", None, site, number, chance))
            rows["versions"].append((
                number, version, capture, seen, headline, text, f"sha256:{number}.{version}",
                None if version == 1 else 0.1, "bench 1", json.dumps(list(range(5, 11))),
            ))  # fmt: skip
            rows["removed"] += [
                (number, version, 1 + 11 * place, chance.choice(LABELS), "list of links", chance.random(),
                 chance.randint(1, 20_000))
                for place in range(11)
            ]  # fmt: skip
        if number % 10 == 0:
            kind, why = chance.choice(NO_ARTICLES)
            capture = 2 * articles + 10 + number
            rows["captures"].append(_capture(capture, url + "/x", seen, kind, why, site, None, chance))
        rows["queue"].append(
            (url, url, site, 3 * owner + 1, seen, _text(born), "done", seen, number, 2 * number + 1)
        )
    for table, columns in _COLUMNS.items():
        marks = ", ".join("?" for _ in columns.split(","))
        # Names of a table of this module.
        db.executemany(f"insert into {table} ({columns}) values ({marks})", rows[table])  # noqa: S608


_COLUMNS = {
    "articles": "id, url, site, headline, authors, date_published, date_published_source, language, section,"
    " description, text, markdown, word_count, access, text_digest, version, first_seen, last_seen, cleaner,"
    " identity",
    "captures": "id, url, fetched_at, status, content_type, kind, kind_reason, warc_file, warc_offset,"
    " warc_length, record_id, payload_digest, source, record_type, site, article_id, cleaner, rights, words,"
    " cut_share, confidence, fields",
    "versions": "article_id, number, capture_id, seen_at, headline, text, text_digest, change, cleaner,"
    " kept_positions",
    "removed": "article_id, version, position, label, reason, score, block",
    "queue": "key, url, site, source, found_at, born_at, state, checked_at, article_id, capture_id",
}


def _capture(
    number: int, url: str, seen: str, kind: str, why: str | None, site: str, article: int | None,
    chance: random.Random,
) -> tuple[Any, ...]:  # fmt: skip
    told = ("headline authors date_published", "headline date_published", "headline date_published section")
    return (
        number, url, seen, 404 if kind == "error" else 200, "text/html", kind, why, "warc/bench.warc.gz",
        number * 9000, 8000, f"<urn:uuid:{number}>", f"sha1:{number}", "crawl", "response", site, article,
        "bench 1",
        '["noai"]' if number % 50 == 0 else None,
        *((300, 0.4, 0.9 + chance.random() / 10, chance.choice(told)) if article else (None,) * 4),
    )  # fmt: skip


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


# The rounds -------------------------------------------------------------------------------------------


class Page(NamedTuple):
    """A page to ask for: its name in the table, and the path of the nth request."""

    name: str
    path: Callable[[int], str]


def pages(root: Path) -> list[Page]:
    """What is asked. Words of any frequency, articles and sites all over the archive."""
    language, chance = Language(1), random.Random(3)  # noqa: S311 - nothing secret
    db = sqlite3.connect(f"file:{root / 'articles.db'}?mode=ro", uri=True)
    (articles,) = db.execute("select max(id) from articles where cleaner = 'bench 1'").fetchone()
    headlines = [
        db.execute("select headline, url from articles where id = ?", (1 + n * 37 % articles,)).fetchone()
        for n in range(1000)
    ]
    (edited,) = zip(*db.execute("select article_id from versions where number = 2 limit 500"), strict=True)
    db.close()
    common, some, rare = language.words[:20], language.words[200:400], language.words[5000:9000]
    sites = site_names()

    def one(of: Any) -> str:
        return str(of[chance.randrange(len(of))])

    return [
        Page("front page", lambda n: "/"),
        Page(
            "front page, turned", lambda n: f"/?before={_text(datetime.now(UTC) - timedelta(n))[:10]}~{n + 9}"
        ),
        Page("search, rare word", lambda n: f"/search?q={one(rare)}"),
        Page("search, word of some texts", lambda n: f"/search?q={one(some)}"),
        Page("search, word of most texts", lambda n: f"/search?q={one(common)}"),
        Page("search, two words", lambda n: f"/search?q={one(some)}+{one(rare)}"),
        Page("search, phrase", lambda n: "/search?q=%22" + "+".join(one(headlines)[2:].split()[:2]) + "%22"),
        Page("search, prefix", lambda n: f"/search?q={one(rare)[:4]}*"),
        Page("search, newest first", lambda n: f"/search?q={one(some)}&sort=newest"),
        Page("search, on a site", lambda n: f"/search?q={one(some)}&site={one(sites)}"),
        Page(
            "search, a month",
            lambda n: f"/search?q={one(some)}&from=2025-{1 + n % 12:02}-01&to=2025-{1 + n % 12:02}-28",
        ),
        Page("search, no word", lambda n: f"/search?site={one(sites)}"),
        Page("article", lambda n: f"/article/{chance.randint(1, articles)}"),
        Page("article, the whole page", lambda n: f"/article/{chance.randint(1, articles)}?account=1"),
        Page("article, differences", lambda n: f"/article/{one(edited)}/diff"),
        Page("changes", lambda n: "/changes"),
        Page("sites", lambda n: "/sites"),
        Page("site", lambda n: f"/site/{one(sites)}"),
        Page(REFERENCE, lambda n: "/articles/articles"),
        Page(
            "table, facets of a site",
            lambda n: f"/articles/articles?site={one(sites)}&_facet=section&_facet=language",
        ),
        Page("table, captures", lambda n: "/articles/captures"),
        Page("table, account", lambda n: f"/articles/account?article_id={chance.randint(1, articles)}"),
        Page("row as JSON", lambda n: f"/articles/articles/{chance.randint(1, articles)}.json"),
    ]


REFERENCE = "Datasette's table of articles"


class Times(NamedTuple):
    """Of one page: answers' statuses, milliseconds, and the server's processor time for one in the mean."""

    name: str
    statuses: tuple[int, ...]
    ms: tuple[float, ...]
    busy: float

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        return sorted(self.ms)[int(len(self.ms) * 0.95)]


def measured(client: httpx.Client, server: psutil.Process, page: Page, requests: int) -> Times:
    """Ask `requests` times, one after the other; three more before that do not count."""
    found: list[tuple[int, float]] = []
    used = 0.0
    for rank in range(-3, requests):
        if rank == 0:
            used = sum(server.cpu_times()[:2])
        path, began = page.path(max(rank, 0)), time.perf_counter()
        status = client.get(path).status_code
        if rank >= 0:
            found.append((status, (time.perf_counter() - began) * 1000))
    statuses, ms = zip(*found, strict=True)
    busy = (sum(server.cpu_times()[:2]) - used) * 1000 / requests
    return Times(page.name, tuple(sorted(set(statuses))), ms, busy)


@contextmanager
def served(root: Path) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Our own interpreter and the archive that was named: nothing untrusted is run.
    command = [sys.executable, "-m", "datasette", str(root), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if "Uvicorn running" in line:
                    break
            else:
                raise SystemExit(f"Datasette did not start over {root}.")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                yield client, psutil.Process(server.pid)
        finally:
            server.terminate()


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Meanwhile `pressmark reclean` reads made-up pages into the archive, as fast as it can."""
    code = "from crawler.commands import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "pages.jsonl")
        dump.write_text("".join(made_pages(RELOADED)), encoding="utf-8")
        command = [sys.executable, "-c", code, "reclean", str(dump), "--archive", str(root), "--json"]
        before = _newest(root)
        # Our own interpreter, module and archive: nothing untrusted is run.
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) as reload:  # noqa: S603
            try:
                while _newest(root) == before and reload.poll() is None:
                    time.sleep(0.2)
                began, first = time.perf_counter(), _newest(root)
                yield
                stored, seconds = _newest(root) - first, time.perf_counter() - began
                print(f"{stored:,} articles were stored meanwhile, {stored / seconds:.0f} a second")
                if reload.poll() is not None:
                    print(f"The reload ended before the round did, with exit code {reload.returncode}.")
            finally:
                reload.send_signal(signal.SIGINT)


def _newest(root: Path) -> int:
    db = sqlite3.connect(f"file:{root / 'articles.db'}?mode=ro", uri=True)
    (newest,) = db.execute("select max(id) from articles").fetchone()
    db.close()
    return int(newest)


def made_pages(count: int) -> Iterator[str]:
    """Pages as JSON Lines, of the archive's sites."""
    language, names = Language(1, drawn=time.time_ns() % 2**32), site_names()
    for rank in range(count):
        headline, now = " ".join(language.said(8)).capitalize(), _text(datetime.now(UTC))
        links = "".join(
            f'<li><a href="/{place}">{" ".join(language.said(6))}</a></li>' for place in range(20)
        )
        text = "".join(f"<p>{part}</p>" for part in language.text().split("\n\n"))
        html = (
            f"<!doctype html><html lang=en><head><title>{headline}</title>"
            f'<meta property="article:published_time" content="{now}"></head>'
            f"<body><nav><ul>{links}</ul></nav><article><h1>{headline}</h1>{text}</article>"
            f"<aside><h2>Related</h2><ul>{links}</ul></aside>"
            "<footer>All rights reserved</footer></body></html>"
        )
        url = f"https://{names[rank % SITES]}/written/{time.time_ns()}-{rank}"
        yield json.dumps({"url": url, "html": html}) + "\n"


def table(rows: list[Times]) -> Iterator[str]:
    """The round as a table in Markdown."""
    reference = next((row.median for row in rows if row.name == REFERENCE), None)
    yield "| page | median, ms | 95 %, ms | processor, ms | times Datasette's table |"
    yield "|---|---|---|---|---|"
    for row in rows:
        ratio = f"{row.median / reference:.2f}" if reference else ""
        odd = "" if row.statuses == (200,) else f" (HTTP {', '.join(map(str, row.statuses))})"
        yield f"| {row.name}{odd} | {row.median:.0f} | {row.p95:.0f} | {row.busy:.0f} | {ratio} |"


def main() -> None:
    """Make the archive, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--quiet", action="store_true", help="no round with a writer")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if not asked.archive.exists():
        generate(asked.archive, asked.articles)
    db = sqlite3.connect(asked.archive / "articles.db", isolation_level=None)
    migrate(db, str(asked.archive))
    db.close()
    write_front(asked.archive)
    wanted = [page for page in pages(asked.archive) if asked.only in page.name or page.name == REFERENCE]
    rounds: dict[str, list[Times]] = {}
    with served(asked.archive) as (client, server):
        rounds["quiet"] = [measured(client, server, page, asked.requests) for page in wanted]
        print("\nQuiet:\n", *table(rounds["quiet"]), sep="\n", flush=True)
        if not asked.quiet:
            with writing(asked.archive):
                rounds["writing"] = [measured(client, server, page, asked.requests) for page in wanted]
            print("\nWhile articles are stored:\n", *table(rounds["writing"]), sep="\n", flush=True)
    if asked.json:
        told = {name: {row.name: row.ms for row in rows} for name, rows in rounds.items()}
        asked.json.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
