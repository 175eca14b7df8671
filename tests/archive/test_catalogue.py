"""Questions to an archive."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import ArchiveError, Catalogue, read_search
from archive.catalogue import MARKS
from archive.values import Capture, Removed
from tests.archive.sample import at, crawled, dump, keep, open_archive

FERRY = "https://press.example/ferry"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("catalogue")
    with open_archive(root) as archive:
        keep(archive, crawled(b"1"), "The ferry is late.", headline="Ferry")
        keep(
            archive,
            crawled(b"2", hours=1),
            "The ferry is late again.",
            headline="Ferry late",
            canonical_url=FERRY,
        )
        keep(
            archive,
            crawled(b"3", "https://press.example/b", 2),
            "Über die Brücke. " * 40 + "A ferry.",
            headline="Brücke",
        )
        keep(archive, crawled(b"4", "https://other.example/", 3), "", kind="index", site="other.example")
        archive.fail(dump(b"5"), "too deep")
        archive.store_raw(dump(b"6"))
    return root


@pytest.fixture(scope="module")
def catalogue(root: Path) -> Catalogue:
    return Catalogue.open(root)


def found(catalogue: Catalogue, query: str) -> list[int]:
    return [hit.id for hit in catalogue.search(query)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("ferry", [1, 2]),
        ("brucke", [2]),
        ("BRÜCKE", [2]),
        ("quill", [1, 2]),
        ("late again", [1]),
        ("again late", [1]),
        ('"late again"', [1]),
        ('"again late"', []),
        ("lat*", [1]),
        ("headline:ferry", [1]),
        ("ferry NOT late", [2]),
        ("again OR Über", [1, 2]),
        ("zoë-quill", [1, 2]),
        ("a.b/c'd", []),
        ("", []),
        ("   ", []),
    ],
)
def test_search_finds(catalogue: Catalogue, query: str, ids: list[int]) -> None:
    assert sorted(found(catalogue, query)) == ids


def test_a_word_in_the_headline_ranks_first_and_the_limit_holds(catalogue: Catalogue) -> None:
    assert found(catalogue, "ferry") == [1, 2]
    assert [hit.id for hit in catalogue.search("ferry", limit=1)] == [1]


def test_snippets_show_the_words_that_matched_between_marks(catalogue: Catalogue) -> None:
    assert [hit.snippet for hit in catalogue.search("late", marks=("<b>", "</b>"))] == [
        "The ferry is <b>late</b> again."
    ]
    (hit,) = catalogue.search("brücke AND ferry")
    assert hit.snippet.startswith("…")
    assert f"A {MARKS[0]}ferry{MARKS[1]}." in hit.snippet


@pytest.mark.parametrize(
    ("query", "ids", "said"),
    [
        ('"ferry', [1, 2], "A quotation mark is never closed"),
        ("ferry AND", [1, 2], "AND has nothing to one side"),
        ("nowhere:ferry", [], "There is no field “nowhere”"),
        ("(ferry", [1, 2], "A bracket is never closed"),
        ("*", [], "holds no letter or digit"),
        ("ferry + ) (", [1, 2], "A bracket closes that was never opened"),
    ],
)
def test_a_mistyped_query_is_read_otherwise_and_told_so(
    catalogue: Catalogue, query: str, ids: list[int], said: str
) -> None:
    search = read_search(query)
    assert any(said in note for note in search.notes)
    assert sorted(hit.id for hit in catalogue.search(search)) == ids


def test_filters_narrow_and_set_the_order(catalogue: Catalogue) -> None:
    assert [hit.id for hit in catalogue.search("ferry site:nowhere.example")] == []
    assert [hit.id for hit in catalogue.search("site:press.example sort", limit=5)] == []
    narrowed = read_search("ferry", {"site": ["press.example"], "has": ["versions"]})
    assert [hit.id for hit in catalogue.search(narrowed)] == [1]
    assert [hit.id for hit in catalogue.search("site:press.example")] == [2, 1]
    assert [hit.id for hit in catalogue.search(read_search("site:press.example", sort="oldest"))] == [1, 2]
    assert sorted(hit.id for hit in catalogue.search("NOT late")) == [2]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None), max_size=30))
def test_any_query_is_answered(catalogue: Catalogue, query: str) -> None:
    assert len(catalogue.search(query, limit=2)) <= 2


def test_an_article_is_found_by_id_and_by_any_of_its_urls(catalogue: Catalogue) -> None:
    article = catalogue.article(1)
    assert article is not None
    assert (article.headline, article.text, article.authors, article.version) == (
        "Ferry late",
        "The ferry is late again.",
        ("Zoë Quill",),
        2,
    )
    assert catalogue.article_at(FERRY) == article
    assert catalogue.article(99) is None
    assert catalogue.article_at("https://nowhere.example/") is None
    assert [one.id for one in catalogue.articles()] == [1, 2]


def test_versions_stand_in_time_with_the_change_between_them(catalogue: Catalogue) -> None:
    one, two = catalogue.versions(1)
    assert (one.number, one.text, one.change) == (1, "The ferry is late.", None)
    assert (two.number, two.headline, two.change) == (2, "Ferry late", 0.1111)
    assert one.raw.file.endswith(".warc.gz")


def test_the_account_is_that_of_the_newest_version_unless_another_is_named(catalogue: Catalogue) -> None:
    cut = (Removed(position=1, label="nav", reason="links only", score=0.9, text="Home News Sport"),)
    assert catalogue.account(1) == catalogue.account(1, 1) == catalogue.account(1, 2) == cut
    assert catalogue.account(1, 3) == catalogue.account(99) == ()


def test_the_page_behind_an_article_is_read_back(catalogue: Catalogue) -> None:
    capture = catalogue.capture_of(1)
    assert isinstance(capture, Capture)
    assert (capture.body, capture.fetched_at, capture.url) == (b"2", at(1), FERRY)
    latest = catalogue.capture_at(FERRY)
    assert latest is not None
    assert latest.body == b"2"
    index = catalogue.capture_at("https://other.example/")
    assert index is not None
    assert index.body == b"4"
    assert catalogue.capture_of(99) is None
    assert catalogue.capture_at("https://nowhere.example/") is None


def test_recent_articles_come_first(catalogue: Catalogue) -> None:
    assert [hit.id for hit in catalogue.recent()] == [2, 1]
    assert [hit.id for hit in catalogue.recent(limit=1)] == [2]


def test_counts_say_what_became_of_every_capture(catalogue: Catalogue) -> None:
    assert catalogue.counts() == {
        "articles": 2,
        "versions": 3,
        "captures": 6,
        "not_articles": 1,
        "failed": 1,
        "not_cleaned": 1,
        "removed": 3,
        "blocks": 1,
    }
    assert catalogue.kinds() == {"article": 3, "index": 1, "error": 1, "other": 1}
    by_site = {site.site: site for site in catalogue.sites()}
    assert (by_site["press.example"].articles, by_site["press.example"].captures) == (3, 3)
    assert (by_site["other.example"].not_articles, by_site["other.example"].last_article) == (1, None)
    assert (by_site[None].failed, by_site[None].not_cleaned) == (1, 1)


def test_a_catalogue_cannot_write(catalogue: Catalogue) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalogue._db.execute("delete from articles")


def test_no_archive_is_a_sentence_and_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(
        ArchiveError, match=r"There is no archive in .+: fill one with `pressmark reclean PATH`"
    ):
        Catalogue.open(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "articles.db").write_bytes(b"no database" * 1000)
    with pytest.raises(ArchiveError, match="cannot be read as a database"):
        Catalogue.open(tmp_path)


@pytest.fixture
def read_only_root() -> Iterator[Path]:
    """A closed archive that nobody but its owner could write to, in a folder that others can reach."""
    folder = Path(tempfile.mkdtemp())
    with open_archive(folder / "archive") as archive:
        keep(archive, dump(b"x"), "words")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder / "archive"
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_an_archive_on_read_only_media_can_be_read(read_only_root: Path) -> None:
    child = os.fork()
    if child == 0:
        code = 3
        with contextlib.suppress(Exception):
            if os.geteuid() == 0:
                os.setuid(65534)  # root could write all the same
            with Catalogue.open(read_only_root) as catalogue:
                code = 0 if found(catalogue, "words") == [1] else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("left", [(), ("articles.db-wal", "articles.db-shm")])
def test_reading_leaves_no_file_in_the_folder_of_a_closed_archive(
    tmp_path: Path, left: tuple[str, ...]
) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"x"), "words")
    before = {path.name for path in tmp_path.iterdir()}
    assert not before & {"articles.db-wal", "articles.db-shm"}
    for name in left:  # empty, as a reader that was killed leaves them
        (tmp_path / name).touch()
    with Catalogue.open(tmp_path) as catalogue:
        assert found(catalogue, "words") == [1]
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_reader_that_was_there_before_the_writer_sees_whole_states_only(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"x"), "words")
    with Catalogue.open(tmp_path) as catalogue:
        with open_archive(tmp_path) as archive:
            keep(archive, dump(b"y"), "words")
            assert found(catalogue, "words") == [1]
            archive.commit()
            assert found(catalogue, "words") == [1, 2]
        assert found(catalogue, "words") == [1, 2]
    assert not list(tmp_path.glob("articles.db-*"))


def test_reading_repairs_nothing_that_a_kill_left(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with open_archive(tmp_path / "one") as archive:
        keep(archive, dump(b"x"), "words")
        archive.commit()
        shutil.copytree(tmp_path / "one", copy)  # as the disk stands when the writer is killed here
    wal = (copy / "articles.db-wal").read_bytes()
    assert wal
    with Catalogue.open(copy) as catalogue:
        assert found(catalogue, "words") == [1]
    assert (copy / "articles.db-wal").read_bytes() == wal
