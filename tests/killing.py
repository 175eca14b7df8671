"""Kills crawls and reloads at any moment, gives the same command again, and judges what is in the archive.

A crawl starts in a second, most of which goes into imports. So one process imports everything, once, and
makes each run by forking (`Zygote`, `tests.forking`). The judge trusts three witnesses:

- what a reader saw in the database before the kill, and what is committed in it afterwards;
- the whole records that are in the raw files after the kill;
- the log of the server: no page whose row was committed is fetched a second time.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from archive import check, failpoints, records
from archive.members import Member, compress, members
from archive.reading import parse_record, read_own
from archive.recovery import RAW_TYPES
from archive.values import RecordRef
from tests.archive import sample
from tests.crawler.crawling import _environment
from tests.newsroom import Newsroom, answer
from tests.newsroom.trouble import article, chunked, conditional, encoded, http_1_0, redirect

ROOT = Path(__file__).parents[1]
KINDS = ("crawl", "due", "reload")
SITE = "killed"
#: Twice as long as any run has ever taken on a busy machine.
TIMEOUT_SECONDS = 120.0


# The process that forks -------------------------------------------------------------------------------


class Zygote:
    """Starts runs by forking from a process that has imported everything. Use as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_environment(),
        )
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=TIMEOUT_SECONDS)
        self._process.stdout.close()

    def start(self, run: Mapping[str, Any]) -> int:
        """Begin a run; its process id."""
        return int(self._ask({"start": run}))

    def wait(self, pid: int) -> int:
        """Wait for a run to end; its exit code, negative for a signal."""
        return int(self._ask({"wait": pid}))

    def _ask(self, question: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


# What is crawled and reloaded -------------------------------------------------------------------------


def publish(newsroom: Newsroom, folder: Path) -> Path:
    """A small site with one of everything, and its sites.toml."""
    own = newsroom.resources[SITE]
    same = answer(body=article("Same payload"))
    own |= {f"/page/{number}": answer(body=article(f"Page {number}")) for number in range(8)}
    own |= {
        "/same/1": same,
        "/same/2": same,
        "/leads": redirect("/led"),
        "/led": answer(body=article("Led")),
        "/chunked": chunked,
        "/gzip": encoded("Gzip", "gzip", lambda body: __import__("gzip").compress(body, mtime=0)),
        "/tagged": conditional(article("Tagged")),
        "/http-1.0": http_1_0,
        "/gone": answer(404, b"<h1>Gone</h1>", reason="Not Found"),
        "/file": answer(body=b"%PDF-1.7" + bytes(3000), kind="application/pdf"),
    }
    newsroom.robots[SITE] = conditional(b"User-agent: *\nDisallow: /private/\n", kind="text/plain")
    newsroom.feed_of(SITE, *(path for path in own if path != "/led"), "/private/page")
    sites = folder / "sites.toml"
    sites.write_text(newsroom.sites_toml(SITE), encoding="utf-8")
    return sites


def write_input(folder: Path) -> Path:
    """Dumps, saved pages, JSON Lines and a WARC file."""
    pages = folder / "pages"
    pages.mkdir()
    for number in range(6):
        text = f"Dump {number}\n\n" + "\n".join(
            f"Paragraph {n} of dump {number}: the ferry sailed at eight, and the bridge was closed again."
            for n in range(6)
        )
        (pages / f"dump-{number}.txt").write_text(text, encoding="utf-8")
        (pages / f"saved-{number}.html").write_bytes(article(f"Saved {number % 4}"))
    lines = [
        json.dumps({"url": f"https://lines.example/{n}", "html": article(f"Line {n}").decode()})
        for n in range(5)
    ]
    (pages / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (pages / "foreign.warc.gz").open("wb") as file:
        for number in range(8):
            exchange = sample.exchange(
                article(f"Foreign {number % 3}"), f"https://foreign.example/{number % 6}", number
            )
            file.write(compress(records.response(f"<urn:uuid:{number}>", exchange.url, exchange).data))
    return pages


# The judge --------------------------------------------------------------------------------------------


def committed(archive: Path) -> set[str]:
    """Ids of the raw records that have rows, as a reader sees them; the archive is not touched."""
    if not (archive / "articles.db").exists():
        return set()
    with tempfile.TemporaryDirectory() as copy:
        # A copy of database and log, without the shared memory: what the disk alone says. And no reader
        # of ours can put right what the next run is to put right.
        for suffix in ("", "-wal"):
            if (archive / f"articles.db{suffix}").exists():
                shutil.copy(archive / f"articles.db{suffix}", copy)
        return record_ids(Path(copy, "articles.db"))


def record_ids(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as db:
        tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
        return {
            record_id
            for table in ("captures", "exchanges")
            if table in tables
            for (record_id,) in db.execute(f"select record_id from {table}")
        }


def seen(archive: Path) -> set[str]:
    """The same, by a reader beside the running command."""
    try:
        with closing(sqlite3.connect(f"file:{archive}/articles.db?mode=ro", uri=True, timeout=5)) as db:
            return {
                record_id
                for (record_id,) in db.execute(
                    "select record_id from captures union all select record_id from exchanges"
                )
            }
    except sqlite3.OperationalError:  # not there yet, or its tables are being made
        return set()


def on_disk(archive: Path) -> set[str]:
    """Ids of all whole raw records in the files, finished or not."""
    found = set()
    for path in archive.glob("warc/*/*/*.gz*"):
        with path.open("rb") as file:
            for member in members(file):
                if isinstance(member, Member):
                    record = parse_record(member.data, member.offset)
                    if record.record_type in RAW_TYPES:
                        found.add(record.record_id)
    return found


def rows_that_point_nowhere(archive: Path) -> list[str]:
    """Rows whose record is not where they say, of the type they say."""
    columns = "warc_file, warc_offset, warc_length, record_id, record_type"
    said = []
    for table in ("captures", "exchanges"):
        for file, offset, length, record_id, kind in sample.rows(archive, f"select {columns} from {table}"):
            record = read_own(
                archive, RecordRef(file=file, offset=offset, length=length, record_id=record_id)
            )
            if record.record_type != kind:
                said.append(f"{table}: {record_id} is a {record.record_type}, not a {kind}")
    return said


def contents(archive: Path) -> tuple[object, ...]:
    """All that must be the same however often a run was killed: articles, and what was captured how often.

    But for errors, which every run asks for again. An article goes by all its addresses: of two that answer
    with the same bytes, the one that is answered first names it, killed or not.
    """
    addresses = """select distinct articles.identity, captures.url
                   from articles join captures on article_id = articles.id order by 1, 2"""
    captures = """select url, payload_digest, kind, coalesce(requested_url, ''), count(*) from captures
                  where coalesce(status, 200) < 400 group by 1, 2, 3, 4 order by 1, 2, 3, 4"""
    errors = "select distinct url, status, kind from captures where status >= 400 order by 1, 2"
    named: dict[str, list[str]] = {}
    for identity, url in sample.rows(archive, addresses):
        named.setdefault(identity, []).append(url)
    articles = sorted((named[identity], *told) for identity, *told in sample.articles(archive))
    return articles, sample.rows(archive, captures), sample.rows(archive, errors)


@dataclass
class Verdict:
    """What became of one run that was killed."""

    kind: str
    how: str
    #: Exit code of the killed run: -9, 137 at a failpoint, 0 if it was done before the kill.
    killed: int = 0
    acknowledged: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Killing:
    """All that runs share: the forking process, the site, the input, undisturbed archives to compare with."""

    zygote: Zygote
    newsroom: Newsroom
    folder: Path
    inputs: dict[str, Path] = field(default_factory=dict)
    expected: dict[str, tuple[object, ...]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    passes: dict[str, dict[str, int]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Run both commands undisturbed: what they make, how long they take, which failpoints they pass."""
        sites = publish(self.newsroom, self.folder)
        self.inputs = {"crawl": sites, "due": sites, "reload": write_input(self.folder)}
        for kind in KINDS:
            for name in ("warm", kind):  # the first run also pays for what is loaded once
                archive = self.folder / f"undisturbed {name}" / kind
                begun = time.monotonic()
                code = self.run(kind, archive, passes=str(self.folder / "passes.json"))
                self.seconds[kind] = time.monotonic() - begun
                assert code == 0, self.log()
            assert check(archive) == []
            self.expected[kind] = contents(archive)
            self.passes[kind] = json.loads((self.folder / "passes.json").read_text(encoding="utf-8"))

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    def run(self, kind: str, archive: Path, **more: str) -> int:
        """One command to its end."""
        return self.zygote.wait(self.begin(kind, archive, **more))

    def begin(self, kind: str, archive: Path, **more: str) -> int:
        return self.zygote.start(
            {
                "kind": kind,
                "archive": str(archive),
                "input": str(self.inputs[kind]),
                "log": str(self.folder / "log.txt"),
                **more,
            }
        )

    def kill(self, kind: str, rng: random.Random) -> Verdict:
        """Kill a run somewhere, finish it with the same command, and judge. A sound archive is deleted."""
        archive = self.folder / f"killed {rng.getrandbits(64):x}" / kind
        self.newsroom.log.clear()
        verdict, before = self._killed(kind, archive, rng)
        kept = committed(archive)
        whole = on_disk(archive)
        verdict.acknowledged = len(kept)
        if not before <= kept:
            verdict.wrong.append(f"{len(before - kept)} rows that a reader had seen were gone after the kill")
        known = self._pages_with_rows(archive, kept)
        self.newsroom.log.clear()
        code = self.run(kind, archive)
        if code != 0:
            verdict.wrong.append(f"the same command again ended with {code}: {self.log()[-2000:]}")
        else:
            verdict.wrong += self._judge(kind, archive, kept, whole, known)
        if not verdict.wrong:
            shutil.rmtree(archive.parent)
        return verdict

    def _killed(self, kind: str, archive: Path, rng: random.Random) -> tuple[Verdict, set[str]]:
        before: set[str] = set()
        if rng.random() < 0.4:
            point = rng.choice([point for point in failpoints.POINTS if self.passes[kind].get(point)])
            failpoint = f"{point}:{rng.randint(1, self.passes[kind][point])}"
            verdict = Verdict(kind, f"at {failpoint}")
            pid = self.begin(kind, archive, failpoint=failpoint)
        else:
            after = rng.uniform(0, self.seconds[kind])
            verdict = Verdict(kind, f"after {after:.3f} s")
            pid = self.begin(kind, archive)
            time.sleep(after)
            before = seen(archive)
            os.kill(pid, signal.SIGKILL)
        verdict.killed = self.zygote.wait(pid)
        if verdict.killed not in (0, 137, -signal.SIGKILL):
            verdict.wrong.append(f"the run ended by itself with {verdict.killed}: {self.log()[-2000:]}")
        return verdict, before

    def _pages_with_rows(self, archive: Path, kept: Iterable[str]) -> set[str]:
        """Paths of pages (no errors, which are asked for again) whose rows were committed."""
        if not kept:
            return set()
        with tempfile.TemporaryDirectory() as copy:
            for suffix in ("", "-wal"):
                if (archive / f"articles.db{suffix}").exists():
                    shutil.copy(archive / f"articles.db{suffix}", copy)
            with closing(sqlite3.connect(Path(copy, "articles.db"))) as db:
                urls = db.execute("select coalesce(requested_url, url) from captures where status < 400")
                return {url.removeprefix(self.newsroom.origin(SITE)) for (url,) in urls}

    def _planned_wrongly(self, kind: str, archive: Path) -> list[str]:
        """Addresses that the queue holds otherwise than after an undisturbed run.

        But for tries: an error page is asked for by each crawl that is not only of what is due.
        """
        query = "select url, state, article_id is null, capture_id is null from queue order by url"
        undisturbed = sample.rows(self.folder / f"undisturbed {kind}" / kind, query)
        queue = sample.rows(archive, query)
        if not queue or queue != undisturbed:
            return [f"the queue is not that of an undisturbed run: {sorted(set(queue) ^ set(undisturbed))}"]
        (source,) = sample.rows(
            archive, "select checked_at is null, due_at is null, last_new_at is null from feeds"
        )
        return [] if source == (0, 0, 0) else [f"the feed's row tells {source}"]

    def _judge(self, kind: str, archive: Path, kept: set[str], whole: set[str], known: set[str]) -> list[str]:
        wrong = check(archive) + rows_that_point_nowhere(archive)
        now = record_ids(archive / "articles.db")
        if lost := kept - now:
            wrong.append(f"{len(lost)} records that had a row before the kill have none now")
        if lost := whole - now:
            wrong.append(f"{len(lost)} whole records were on the disk and have no row now")
        if contents(archive) != self.expected[kind]:
            wrong.append("articles or captures are not those of an undisturbed run")
        if kind != "reload":
            wrong += self._planned_wrongly(kind, archive)
        if kind != "reload" and (again := known & {served.path for served in self.newsroom.log}):
            wrong.append(f"fetched again though their rows were committed: {sorted(again)}")
        return wrong
