"""The tables: made by numbered migrations, refused when from the future, kept in step with search."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
import sqlite_utils

from archive import Archive, ArchiveError, Catalogue
from archive.migrations import m0002_search
from archive.schema import migrations
from archive.values import KINDS, LABELS
from tests.archive import sample
from tests.archive.sample import crawled, dump, keep, open_archive, rows

#: The public interface (docs/tables.md): a name may be added, none may go.
PUBLIC = {
    "articles": """id url canonical_url site headline authors date_published date_published_source
        date_modified language section keywords description credits main_image text markdown word_count access
        kind text_digest version cluster_id first_seen last_seen cleaner""",
    "versions": """article_id number capture_id seen_at headline text text_digest change cleaner
        kept_positions""",
    "captures": """id url fetched_at status content_type kind kind_reason warc_file warc_offset warc_length
        record_id payload_digest source source_path""",
    "removed": "article_id version position label reason score block",
    "blocks": "id digest text",
    "account": "article_id version position label reason score text",
    "sites": "site",
    "feeds": "site url",
    "runs": "command started_at",
    "site_memory": "site",
    "templates": "site",
    "similar": "article_id other_id",
    "tombstones": "url",
    "latest": "id headline",
    "site_health": "site",
    "changes": "article_id number change",
}


def test_every_public_table_and_column_is_there(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    for table, columns in PUBLIC.items():
        there = {name for (name,) in rows(tmp_path, f"select name from pragma_table_info('{table}')")}
        assert set(columns.split()) <= there, table


def test_datasette_and_sqlite_utils_see_the_full_text_index(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    db = sqlite_utils.Database(tmp_path / "articles.db")
    assert db.table("articles").detect_fts() == "articles_fts"
    ((sql,),) = rows(tmp_path, "select sql from sqlite_master where name = 'articles_fts'")
    assert "unicode61 remove_diacritics 2" in sql
    db.close()


def test_migrations_are_numbered_without_gap() -> None:
    names = [migration.name for migration in migrations._migrations]
    assert [name[:5] for name in names] == [f"{number:04d}_" for number in range(1, len(names) + 1)]


def test_a_database_from_the_future_is_refused_untouched(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    sample.change_rows(
        tmp_path,
        """insert into _sqlite_migrations (migration_set, name, applied_at)
           values ('pressmark', '0999_later', 'x')""",
    )
    before = (tmp_path / "articles.db").read_bytes()
    for refused in (lambda: open_archive(tmp_path), lambda: Catalogue.open(tmp_path)):
        with pytest.raises(
            ArchiveError, match=r"made by a newer pressmark .*0999_later.*: upgrade pressmark\."
        ):
            refused()
    assert (tmp_path / "articles.db").read_bytes() == before
    sample.change_rows(tmp_path, "delete from _sqlite_migrations where name = '0999_later'")
    open_archive(tmp_path).close()


def test_a_database_that_lacks_a_migration_is_brought_up_to_date_by_a_writer_only(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    db = sqlite3.connect(tmp_path / "articles.db")
    with db:
        for event in ("insert", "delete", "update"):
            db.execute(f"drop trigger articles_fts_{event}")
        db.execute("drop table articles_fts")
        db.execute("delete from _sqlite_migrations where name = '0002_search'")
    db.close()
    with pytest.raises(ArchiveError, match="is from an older pressmark: run any command that writes"):
        Catalogue.open(tmp_path)
    open_archive(tmp_path).close()
    with Catalogue.open(tmp_path) as catalogue:
        assert catalogue.search("x") == []


def database_at(path: Path, before: str) -> None:
    """A database as a pressmark made it that knew no migration from `before` on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite_utils.Database(path)
    migrations.apply(db, stop_before=before)
    db.close()


def applied(path: Path) -> list[str]:
    db = sqlite_utils.Database(path)
    try:
        return [migration.name for migration in migrations.applied(db)]
    finally:
        db.close()


NAMES = [migration.name for migration in migrations._migrations]


@pytest.mark.parametrize("before", NAMES)
def test_a_database_of_any_age_gets_the_migrations_it_lacks(tmp_path: Path, before: str) -> None:
    database_at(tmp_path / "old/articles.db", before)
    open_archive(tmp_path / "old").close()
    open_archive(tmp_path / "new").close()
    schema = "select type, name, sql from sqlite_master order by type, name"
    assert rows(tmp_path / "old", schema) == rows(tmp_path / "new", schema)
    assert applied(tmp_path / "old/articles.db") == NAMES


def test_what_an_old_database_holds_is_kept_and_found_after_the_migration(tmp_path: Path) -> None:
    database_at(tmp_path / "articles.db", "0002_search")
    sample.change_rows(
        tmp_path,
        """insert into articles (url, headline, text, markdown, word_count, text_digest, version, first_seen,
                                 last_seen, cleaner, identity)
           values ('http://x.example/1', 'Old ferry', 'Old words', '', 2, 'd', 1, '2024', '2024', 'c', '')""",
    )
    open_archive(tmp_path).close()
    with Catalogue.open(tmp_path) as catalogue:
        assert [hit.headline for hit in catalogue.search("ferry")] == ["Old ferry"]


@pytest.fixture
def broken_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last statement of the last migration fails, as on a full disk."""
    broken = (*m0002_search.TRIGGERS[:2], "insert into no_such_table values (1)")
    monkeypatch.setattr(m0002_search, "TRIGGERS", broken)


@pytest.mark.usefixtures("broken_search")
def test_a_migration_that_fails_leaves_an_old_database_as_it_was(tmp_path: Path) -> None:
    database_at(tmp_path / "articles.db", "0002_search")
    before = rows(tmp_path, "select name, sql from sqlite_master order by name")
    with pytest.raises(ArchiveError, match=r"articles.db could not be .*no_such_table.*stay as they were: "):
        open_archive(tmp_path)
    assert rows(tmp_path, "select name, sql from sqlite_master order by name") == before
    assert applied(tmp_path / "articles.db") == ["0001_tables"]


@pytest.mark.usefixtures("broken_search")
def test_a_database_that_could_not_be_made_is_not_left_behind_by_halves(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="could not be made"):
        open_archive(tmp_path)
    assert not list(tmp_path.glob("articles.db*"))
    with pytest.raises(ArchiveError, match="There is no archive in"):
        Catalogue.open(tmp_path)


def test_search_is_in_step_after_inserts_updates_and_deletes(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1"), "first wording")
        keep(archive, crawled(b"2", hours=1), "second wording")
        keep(archive, dump(b"3"), "to be withdrawn")
        (page,) = [capture for capture in archive.captures() if capture.body == b"3"]
        archive.keep(page, sample.article("", kind="error", cleaner="cleaner 2"))
    db = sqlite3.connect(tmp_path / "articles.db")
    with db:
        # FTS5 compares its index with the table it indexes; raises when they differ.
        db.execute("insert into articles_fts (articles_fts, rank) values ('integrity-check', 1)")
    db.close()
    with Catalogue.open(tmp_path) as catalogue:
        assert [len(catalogue.search(word)) for word in ("first", "second", "withdrawn")] == [0, 1, 0]


def test_a_new_sighting_does_not_index_the_text_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1"), "some text")
        archive.commit()
        before = rows(tmp_path, "select count(*) from articles_fts_data")
        for hours in range(1, 6):
            keep(archive, crawled(b"1 %d" % hours, hours=hours), "some text")
            archive.commit()
        assert rows(tmp_path, "select count(*) from articles_fts_data") == before


@pytest.mark.parametrize(
    ("table", "column"),
    [("articles", "site"), ("articles", "language"), ("articles", "section"), ("captures", "kind"),
     ("captures", "site"), ("captures", "source"), ("removed", "label")],
)  # fmt: skip
def test_facets_are_counted_from_an_index(tmp_path: Path, table: str, column: str) -> None:
    open_archive(tmp_path).close()
    ((*_, plan),) = rows(
        tmp_path, f"explain query plan select {column}, count(*) from {table} group by {column}"
    )
    assert re.match(rf"SCAN {table} USING COVERING INDEX", plan)


def test_the_closed_lists_are_enforced_by_the_tables(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    ((captures,), (removed,)) = rows(
        tmp_path, "select sql from sqlite_master where name in ('captures', 'removed') order by name"
    )
    assert all(f"'{kind}'" in captures for kind in KINDS)
    assert all(f"'{label}'" in removed for label in LABELS)


def test_an_article_of_an_unknown_kind_or_access_is_stored_as_the_nearest_known(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, dump(b"1"), "x", kind="poem") == "not_article"
        assert keep(archive, dump(b"2"), "x", access="sometimes") == "new"
    assert rows(tmp_path, "select kind from captures order by id") == [("other",), ("article",)]
    assert rows(tmp_path, "select access from articles") == [("free",)]


def test_the_database_is_in_wal_mode_with_foreign_keys(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert isinstance(archive, Archive)
        assert archive._db.execute("pragma foreign_keys").fetchone() == (1,)
    assert rows(tmp_path, "pragma journal_mode") == [("wal",)]
