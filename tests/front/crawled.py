"""The sample archive as crawls would have left it: sources, verdicts, what hosts said, what was learned.

Two sites have names of their own in `sites.toml`, one is hostile in every text that a page shows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from archive import Archive
from archive.values import Article
from tests.front import sample
from tests.front.sample import block

#: Sets a global when it runs, whatever it is put into.
CANARY = "window.pwned=1"
PAYLOADS = (
    f"<script>{CANARY}</script>",
    f'"><img src=x onerror="{CANARY}">',
    f"'><svg onload='{CANARY}'>",
    f"</title></style></textarea></script><script>{CANARY}</script>",
    f'<iframe srcdoc="<script>parent.{CANARY}</script>"></iframe>',
    f'" autofocus onfocus="{CANARY}" x="',
    f"javascript:{CANARY}",
    "{{ 7*7 }}{% raise %}",
    "\u202egnp.exe\u202c \u2066left\u2069 \x07\x1b[31mred\x00 \u2028 \U000e0041",
)
EVIL = " ".join(PAYLOADS)
#: As long as a word can be that nobody breaks.
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 40
HOST = "evil.example"
NAME = f"Evil {PAYLOADS[1]} {LONG[:200]}"
LINK = f"javascript:{CANARY}//https://evil.example/"
MEGABYTE = 1_000_000
TEN_MEGABYTES = "ten megabytes " * (10 * MEGABYTE // 14)


def build(root: Path) -> None:
    """The sample, and over it what crawls leave."""
    sample.build(root)
    now = datetime.now(UTC).replace(microsecond=0)
    _keep(root, now)
    with connected(root) as db:
        _sources(db, now)
        _judged(db, now)
        _hosts(db, now)
        _learned(db, now)


def hostile() -> tuple[Article, ...]:
    """Articles with script, markup, control characters, overrides and megabytes wherever a text stands."""
    evil = Article(
        url=f"https://{HOST}/{LONG[:200]}",
        canonical_url=LINK,
        site=HOST,
        headline=f"Canaries {EVIL} {LONG}",
        authors=(EVIL, LONG),
        date_published=datetime.now(UTC).date().isoformat(),
        date_published_source=EVIL,
        date_modified=EVIL,
        language=f'en" onload="{CANARY}',
        section=EVIL,
        keywords=(EVIL, LONG),
        description=f"A summary {EVIL}",
        credits=EVIL,
        main_image=LINK,
        access="paywalled",
        text=f"Canaries sing. {EVIL}\n\n{LONG}",
        markdown=f"Canaries sing. {EVIL} [here]({LINK}) ![x]({LINK})\n\n{LONG}",
        blocks=(
            block(1, "body", "Canaries sing."),
            block(2, "ad", f"{EVIL} {LONG}", f"why {EVIL} {LONG}", 0.4),
            block(3, "related", "word " * (MEGABYTE // 5), "a megabyte", 0.9),
        ),
    )
    changed = msgspec.structs.replace(
        evil, text=f"Canaries sing no more. {EVIL}", markdown=f"Canaries sing no more. {EVIL}",
        headline=f"Canaries no more {EVIL}",
    )  # fmt: skip
    large = msgspec.structs.replace(
        evil, url=f"https://{HOST}/large", canonical_url=None, headline="H" * MEGABYTE,
        authors=("A" * MEGABYTE,), text=TEN_MEGABYTES, markdown=TEN_MEGABYTES, blocks=(),
    )  # fmt: skip
    return evil, changed, large


def _keep(root: Path, now: datetime) -> None:
    with Archive.open(root, software="pressmark sample", clock=lambda: now) as archive:
        for rank, article in enumerate(hostile()):
            capture = sample.capture(article, 100 + rank)
            capture = msgspec.structs.replace(
                capture, fetched_at=now, exchange=None, source="html", status=None
            )
            archive.keep(archive.store_raw(capture), sample.kept(article))


@contextmanager
def connected(root: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(root / "articles.db")
    try:
        yield db
        db.commit()
    finally:
        db.close()


def _sources(db: sqlite3.Connection, now: datetime) -> None:
    rows = [
        ("harbour-post.example", "https://harbour-post.example/feed.xml", "feed", "Harbour Post", 200, 0,
         "it brings four articles a day", None, None),
        ("harbour-post.example", "https://harbour-post.example/old.xml", "feed", "Old", 404, 7,
         "asked rarely", text(now - timedelta(days=9)), "HTTP 404 for a month"),
        (HOST, LINK, "feed", f"Feed {EVIL} {LONG}", 200, 3, f"since {EVIL} {LONG}", text(now), EVIL),
        (HOST, f"https://{HOST}/{LONG[:300]}", EVIL, LONG, None, 0, EVIL, None, None),
    ]  # fmt: skip
    db.executemany(
        """insert into feeds (site, url, kind, title, status, failures, due_reason, retired_at,
           retired_reason, checked_at, due_at, last_new_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [(*row, text(now), text(now + timedelta(hours=5, minutes=30)), text(now)) for row in rows],
    )
    db.execute(
        "insert into failures values"
        " ('harbour-post.example', '2024-05-01', 'timeout', 3, '2024-05-01T10:00:00+00:00')"
    )
    db.execute(
        """insert into queue (key, url, site, found_at, born_at, state, due_reason)
           values ('k', ?, ?, ?, ?, 'due', ?)""",
        (LINK, HOST, text(now), text(now), EVIL),
    )


def _judged(db: sqlite3.Connection, now: datetime) -> None:
    silent = finding("silent", "alarm", "nothing new for 5 days, though it answers")
    rows = [
        ("", [], "notice", [finding("broken_off", "notice", "the last crawl did not end by itself")], None),
        ("The Harbour Post", ["harbour-post.example"], "alarm", [silent], "about 4 a day, weekdays"),
        ("Gazette", ["gazette.example"], "well", [], "about 1 a month"),
        (NAME, [HOST], "notice", [finding(EVIL, "notice", f"{EVIL} {LONG}"), finding("x", EVIL, EVIL)], EVIL),
    ]
    db.execute("delete from judgements")
    db.executemany(
        "insert into judgements values (?, ?, ?, ?, ?, ?)",
        [(site, json.dumps(hosts), state, json.dumps(found), rhythm, text(now - timedelta(hours=3)))
         for site, hosts, state, found, rhythm in rows],
    )  # fmt: skip
    db.execute("update sites set name = ? where site = ?", (NAME, HOST))


def finding(what: str, level: str, sentence: str) -> dict[str, str | None]:
    return {"finding": what, "level": level, "sentence": sentence, "since": None}


def _hosts(db: sqlite3.Connection, now: datetime) -> None:
    db.execute(
        "insert into hosts values ('https://harbour-post.example', null, ?, 200, 'User-agent: *', ?, null)",
        (text(now), text(now)),
    )
    db.execute(
        "insert into hosts values (?, ?, ?, 200, ?, ?, ?)",
        (f"https://{HOST}", EVIL, text(now), EVIL, text(now), EVIL),
    )
    db.execute("update captures set rights = '[\"noarchive\"]' where site = 'harbour-post.example'")
    db.execute("update captures set rights = ? where site = ?", (json.dumps([EVIL, LONG]), HOST))
    insert = """insert into captures (url, fetched_at, status, kind, kind_reason, warc_file, warc_offset,
        warc_length, record_id, payload_digest, source, record_type, site, cleaner)
        values (?, ?, 404, 'error', ?, 'warc/x.warc.gz', 0, 0, ?, 'sha1:X', 'crawl', 'response', ?,
        'sample 1')"""
    db.execute(insert, (LINK, text(now), f"{EVIL} {LONG}", "<urn:uuid:evil>", HOST))


def _learned(db: sqlite3.Connection, now: datetime) -> None:
    memory = "insert into site_memory values (?, ?, ?, 'related', 41, ?, ?, ?)"
    db.execute(memory, ("harbour-post.example", "d", "Also read on the quay", text(now), text(now), None))
    db.execute(memory, (HOST, "d", f"{EVIL} {LONG}", text(now), text(now), "cut"))
    template = """insert into templates (site, selector, pages, misses, learned_at, retired_reason)
                  values (?, ?, 30, 2, ?, ?)"""
    db.execute(template, ("harbour-post.example", "main > article.story", text(now), None))
    db.execute(template, (HOST, f"{EVIL} {LONG}", text(now), EVIL))
    db.execute(
        """insert into common_texts (site, text_digest, sketch, addresses, kind, kind_reason, found_at)
           values (?, 'd', '[]', 12, 'error', ?, ?)""",
        (HOST, EVIL, text(now)),
    )


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
