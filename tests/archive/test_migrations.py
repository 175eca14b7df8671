"""What a migration makes of the rows of its time: written out here, and the same for ever."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import sqlite_utils

from archive.migrations import STEPS
from archive.schema import migrate, migrations

ROOM = Path(__file__).parents[2] / "archive/migrations"


def test_each_module_of_the_room_is_a_step_under_its_own_name() -> None:
    modules = {path.stem for path in ROOM.glob("m[0-9]*.py")}
    assert [(f"m{name}", apply.__module__) for name, apply in STEPS] == [
        (module, f"archive.migrations.{module}") for module in sorted(modules)
    ]


def test_a_step_knows_nothing_of_what_reads_and_writes_the_tables_today() -> None:
    """But for the pure functions that the eighth is compared by, as it says itself."""
    pure = {"archive.digests", "archive.likeness", "archive.url_keys", "archive.migrations.script"}
    found = {
        name
        for path in ROOM.glob("m[0-9]*.py")
        for name in re.findall(r"^(?:from|import) (archive[.\w]*)", path.read_text(encoding="utf-8"), re.M)
    }
    assert found <= pure


FERRY = "The ferry returned to the port of Lindau late on Monday, two days after the storm had begun."
LATER = FERRY + " Nobody was hurt."
COUNCIL = (
    "The council voted for a new school on Tuesday evening by nine votes to four, with two members absent."
)
SORRY = (
    "We are sorry, but nothing that you were looking for can be found here any more, try the search instead."
)
#: Address, the identity of its time, headline, text.
PAGES = (
    ("https://www.press.example/local/ferry-returns?utm_source=a", None, "Ferry returns", FERRY),
    ("https://press.example/council-vote", "https://press.example/local", "Council vote", COUNCIL),
    ("http://press.example/local/ferry-returns/", None, "Ferry\u00a0returns", FERRY.replace(" ", "\u00a0")),
    ("https://press.example/local/ferry-returns?fbclid=1", None, "Ferry returns, all well", LATER),
    ("https://press.example/lost", "https://press.example/local/", "Sorry", SORRY),
)


def before_identities(path: Path) -> sqlite3.Connection:
    """A database of the seventh step, with a version for each of `PAGES`, an hour apart."""
    database = sqlite_utils.Database(path)
    migrations.apply(database, stop_before="0008_identity")
    database.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma foreign_keys = on")
    for n, (url, identity, headline, text) in enumerate(PAGES, 1):
        at = f"2024-05-01T0{n}:00:00+00:00"
        db.execute(
            """insert into articles (id, url, headline, text, markdown, word_count, access, text_digest,
                   version, first_seen, last_seen, cleaner, identity)
               values (?, ?, ?, ?, ?, 1, ?, ?, 1, ?, ?, 'c', ?)""",
            (n, url, headline, text, text, "metered" if n == 4 else "free", f"d{n}", at, at, identity or url),
        )
        db.execute(
            """insert into captures (id, url, fetched_at, kind, warc_file, warc_offset, warc_length,
                   record_id, payload_digest, source, record_type, article_id)
               values (?, ?, ?, 'article', 'w', ?, 1, ?, ?, 'crawl', 'response', ?)""",
            (n, url, at, n, f"<urn:{n}>", f"p{n}", n),
        )
        db.execute(
            """insert into versions (article_id, number, capture_id, seen_at, headline, text, text_digest,
                   cleaner) values (?, 1, ?, ?, ?, ?, ?, 'c')""",
            (n, n, at, headline, text, f"d{n}"),
        )
        db.execute("insert into blocks (id, digest, text) values (?, ?, 'Share')", (n, f"b{n}"))
        db.execute("insert into removed values (?, 1, 0, 'share', 'r', 1, ?)", (n, n))
    return db


def test_identities_of_old_rows_are_folded_by_the_eighth(tmp_path: Path) -> None:
    db = before_identities(tmp_path / "articles.db")
    migrate(db, "articles.db")
    articles = db.execute(
        """select id, identity, url, headline, version, access, text_digest, substr(first_seen, 12, 2),
                  substr(last_seen, 12, 2) from articles order by id"""
    ).fetchall()
    assert articles == [
        (1, "https://press.example/local/ferry-returns", PAGES[3][0], PAGES[3][2], 2, "metered", "d4", "01",
         "04"),
        (2, "https://press.example/local", PAGES[1][0], PAGES[1][2], 1, "free", "d2", "02", "02"),
        (5, "https://press.example/lost", PAGES[4][0], PAGES[4][2], 1, "free", "d5", "05", "05"),
    ]  # fmt: skip
    assert db.execute("select id, article_id from captures order by id").fetchall() == [
        (1, 1), (2, 2), (3, 1), (4, 1), (5, 5),
    ]  # fmt: skip
    versions = db.execute(
        """select article_id, number, capture_id, text_digest, change, access, substr(wording, 1, 15)
           from versions order by 1, 2"""
    ).fetchall()
    assert versions == [
        (1, 1, 1, "d1", None, "free", "sha256:61da3c2e"),
        (1, 2, 4, "d4", 0.0769, "metered", "sha256:f2db919c"),
        (2, 1, 2, "d2", None, "free", "sha256:7ac94486"),
        (5, 1, 5, "d5", None, "free", "sha256:349cd079"),
    ]
    assert db.execute("select article_id, version, block from removed order by 1, 2").fetchall() == [
        (1, 1, 1), (1, 2, 4), (2, 1, 2), (5, 1, 5),
    ]  # fmt: skip
    assert db.execute("select id from blocks order by id").fetchall() == [(1,), (2,), (4,), (5,)]
    found = db.execute("select rowid from articles_fts where articles_fts match 'nobody'").fetchall()
    assert found == [(1,)]
    db.close()
