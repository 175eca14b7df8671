"""A takedown leaves no trace that a search over every file could find, and what was taken down stays away."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from archive import Archive, ArchiveError, Catalogue, check
from archive.exporting import Maker, Selection, export
from archive.index import CaptureIndex
from archive.takedown import TakenDown
from archive.warcfiles import warc_files
from tests.archive.sample import START, articles, at, crawled, dump, exchange, keep, open_archive, rows
from tests.archive.sample import article as sample_article

#: Words that stand nowhere but in the article that goes, its address and its headline.
SECRET = ("zanzibarine", "quixotry-9931", "Plumbaginous affair of the")
URL = "https://press.example/2024/quixotry-9931.html"
BODY = b"<h1>Plumbaginous affair of the harbour</h1><p>A zanzibarine tale. " + b"More of it. " * 40
HEADLINE = "Plumbaginous affair of the harbour master"
FEED = (
    b"<rss version='2.0'><channel><item><title>Plumbaginous affair of the harbour master</title>"
    b"<link>https://press.example/2024/quixotry-9931.html</link></item></channel></rss>"
)
OTHER_FEED = (
    b"<rss version='2.0'><channel><item><title>Rain</title><link>https://press.example/rain</link>"
    + b" " * 300
)


def fill(archive: Archive) -> None:
    """The article, twice fetched and once changed, by way of a redirect; its feed; and much that stays."""
    archive.begin_run(f"add {URL}")
    archive.write_exchange(exchange(FEED, "https://press.example/feed", hours=1), "feed")
    archive.write_exchange(exchange(FEED, "https://press.example/feed", hours=2), "feed")
    archive.write_exchange(exchange(OTHER_FEED, "https://press.example/feed", hours=9), "feed")
    moved = ((b"Location", URL.encode()),)
    archive.write_exchange(
        exchange(b"", "https://press.example/s/1", hours=3, status=301, response_headers=moved), "redirect"
    )
    keep(archive, crawled(BODY, URL, hours=3), "A zanzibarine tale.", headline=HEADLINE)
    keep(archive, crawled(BODY, URL, hours=4), "A zanzibarine tale.", headline=HEADLINE)
    keep(archive, crawled(BODY + b"<p>Later.", URL, hours=5), "A zanzibarine tale. Later.", headline=HEADLINE)
    for number in range(12):
        page = crawled(
            b"<p>Rain on day %d. " % number * 30, f"https://press.example/rain/{number}", hours=number
        )
        keep(archive, page, f"Rain on day {number}.", headline=f"Rain {number}")
    keep(archive, dump(b"A dump about the weather."), "A dump about the weather.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with open_archive(tmp_path) as archive:
        fill(archive)
    assert traces(tmp_path)
    return tmp_path


def unpacked(path: Path) -> bytes:
    """A file's bytes, and what they hold when unpacked."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return content + gzip.decompress(content)
    return content


def traces(root: Path, *, warcs: bool = True) -> list[str]:
    """Files of the archive that hold any of the secret words, however they are packed."""
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        if not warcs and name.startswith(("warc/", "wet/")):
            continue
        content = unpacked(path).lower()
        found += [f"{name}: {word}" for word in SECRET if word.lower().encode() in content]
    return found


def exported(root: Path, format: str) -> bytes:
    out = io.BytesIO()
    maker = Maker(software="test", at=START, record_id="<urn:uuid:0>", title="t")
    export(root, format, out, "x", Selection(), maker, with_text=True, all_versions=True)  # type: ignore[arg-type]
    content = out.getvalue()
    if format == "wacz":
        with zipfile.ZipFile(out) as wacz:
            return b"".join(unpack(wacz.read(name)) for name in wacz.namelist())
    return unpack(content)


def unpack(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


@pytest.mark.parametrize("target", [URL, URL + "#comments", 1])
def test_no_trace_is_left_but_in_the_warc_files(root: Path, target: str | int) -> None:
    before = articles(root)
    with open_archive(root) as archive:
        done = archive.take_down(target, "asked by its subject")
    assert (done.articles, done.versions, done.captures) == (1, 2, 3)
    assert done.exchanges == 3  # the feed, its repetition, the redirect
    assert traces(root, warcs=False) == []
    for format in ("warc", "wet", "cdxj", "wacz"):
        content = exported(root, format).lower()
        assert b"rain" in content
        assert [word for word in SECRET if word.lower().encode() in content] == [], format
    assert check(root) == []
    assert len(articles(root)) == len(before) - 2  # its versions
    assert rows(root, "select reason, site from tombstones where site is not null") == [
        ("asked by its subject", "press.example")
    ] * len(rows(root, "select 1 from tombstones where site is not null"))


def test_purged_it_is_gone_from_the_warc_files_and_all_else_is_as_it_was(root: Path) -> None:
    kept = {member for path in every_warc(root) for member in records(path)}
    with open_archive(root) as archive:
        done = archive.take_down(URL, "court order", purge=True)
    assert done.purged_files == 2
    assert traces(root) == []
    left = {member for path in every_warc(root) for member in records(path)}
    assert left < kept
    assert {record for record in kept - left if not any(w.encode() in record for w in SECRET)} <= {
        record for record in kept if b"WARC-Type: request" in record[:200]
    }
    assert check(root) == []
    assert rows(root, "select count(*) from withdrawn") == [(0,)]
    with open_archive(root) as archive:
        assert len(list(archive.captures())) == 13
    warcio = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *map(str, every_warc(root))], check=False
    )
    assert warcio.returncode == 0


def every_warc(root: Path) -> list[Path]:
    return warc_files(root, "warc", unfinished=False) + warc_files(root, "wet", unfinished=False)


def records(path: Path) -> Iterator[bytes]:
    from archive.members import Member, members

    with open(path, "rb") as file:
        yield from (member.data for member in members(file) if isinstance(member, Member))


def test_it_may_be_purged_later(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order")
    assert traces(root)
    with open_archive(root) as archive:
        assert archive.purge().purged_files == 2
    assert traces(root) == []
    assert check(root) == []


def test_neither_a_crawl_nor_a_cleaning_brings_it_back(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order", purge=True)
    with open_archive(root) as archive:
        assert archive.knows(URL)  # a spider asks that before it fetches
        assert archive.taken_down(crawled(b"<p>Another text.", URL)) == "court order"
        # The very page at another address.
        elsewhere = crawled(BODY, "https://mirror.example/copy")
        assert archive.taken_down(elsewhere) == "court order"
        with pytest.raises(TakenDown, match="court order"):
            archive.store_raw(elsewhere)
        with pytest.raises(TakenDown, match="court order"):
            archive.store_raw(crawled(b"<p>Another text.", URL, hours=50))
        assert not list(archive.orphans())
    assert traces(root) == []
    assert check(root) == []


def test_a_page_that_tells_its_address_only_inside_is_withdrawn_once_it_was_read(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order", purge=True)
    with open_archive(root) as archive:
        page = archive.store_raw(
            crawled(b"<p>A zanzibarine tale on paper.", "https://press.example/print?id=7")
        )
        archive.commit()
        from tests.archive.sample import article

        assert archive.keep(page, article("A zanzibarine tale on paper.", canonical_url=URL)) == "taken_down"
        assert not [line for line in CaptureIndex(root).lines() if b"print" in line]
    assert traces(root, warcs=False) == []
    assert check(root) == []
    with open_archive(root) as archive:
        archive.purge()
    assert traces(root) == []


def test_a_page_elsewhere_with_the_same_payload_keeps_it(root: Path) -> None:
    """An error page under the article's address that another address showed too, and only referred to."""
    gone = b"<h1>This page is gone</h1>" + b"<p>Look at our front page. " * 30
    with open_archive(root) as archive:
        for number, url in enumerate((URL, "https://press.example/rain/99", "https://press.example/rain/98")):
            keep(archive, crawled(gone, url, hours=20 + number, status=404), "", kind="error")
    assert rows(root, "select record_type from captures where kind = 'error' order by id") == [
        ("response",), ("revisit",), ("revisit",)
    ]  # fmt: skip
    with open_archive(root) as archive:
        done = archive.take_down(URL, "court order", purge=True)
    assert done.rescued == 2
    assert rows(root, "select record_type, status from captures where kind = 'error' order by id") == [
        ("response", 404), ("revisit", 404)
    ]  # fmt: skip
    assert check(root) == []
    assert traces(root) == []
    with open_archive(root) as archive:
        bodies = {capture.url: (capture.body, capture.fetched_at) for capture in archive.captures()}
    assert bodies["https://press.example/rain/99"] == (gone, at(21))
    assert bodies["https://press.example/rain/98"] == (gone, at(22))


def test_what_is_shared_with_a_version_of_another_article_goes_with_it(root: Path) -> None:
    with open_archive(root) as archive:
        keep(
            archive,
            crawled(BODY, "https://press.example/twin", hours=30),
            "A zanzibarine tale.",
            headline="T",
        )
    with open_archive(root) as archive:
        done = archive.take_down(URL, "court order")
    assert (done.articles, done.captures) == (2, 4)
    assert traces(root, warcs=False) == []


def test_articles_that_name_it_are_listed(root: Path) -> None:
    with open_archive(root) as archive:
        page = crawled(b"<p>As we wrote, ...", "https://press.example/follow-up", hours=31)
        keep(archive, page, "As we wrote, see press.example/2024/quixotry-9931.html for all of it.")
    with open_archive(root) as archive:
        assert archive.take_down(URL, "court order").mentions == ("https://press.example/follow-up",)


def test_what_is_not_there_cannot_be_taken_down(root: Path) -> None:
    with open_archive(root) as archive:
        with pytest.raises(ArchiveError, match="holds nothing under https://nowhere"):
            archive.take_down("https://nowhere.example/x", "a typo")
        with pytest.raises(ArchiveError, match="holds nothing under 4711"):
            archive.take_down(4711, "a typo")
    assert rows(root, "select count(*) from tombstones") == [(0,)]


POINTS = ("rows-buried", "copy-written", "rows-moved", "rewritten", "raw-torn", "in-transaction")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("passes", [1, 2])
def test_killed_anywhere_it_ends_when_it_is_asked_again(root: Path, point: str, passes: int) -> None:
    code = (
        "import sys; from tests.archive.sample import open_archive\n"
        f"with open_archive(sys.argv[1]) as archive: archive.take_down({URL!r}, 'court order', purge=True)"
    )
    environment = {**os.environ, "PRESSMARK_FAILPOINT": f"{point}:{passes}"}
    ended = subprocess.run(
        [sys.executable, "-c", code, str(root)], env=environment, check=False, cwd=Path(__file__).parents[2]
    )
    assert ended.returncode in (0, 137)
    with open_archive(root) as archive:
        try:
            archive.take_down(URL, "court order", purge=True)
        except ArchiveError:  # its rows were gone before the kill
            archive.purge()
    assert traces(root) == []
    assert check(root) == []
    assert not list(root.rglob("*.rewritten"))


def test_a_reader_of_the_database_is_told_of_in_the_outcome(root: Path) -> None:
    reader = sqlite3.connect(root / "articles.db")
    try:
        reader.execute("begin")
        reader.execute("select * from articles").fetchone()
        with open_archive(root) as archive:
            done = archive.take_down(URL, "court order")
        assert not done.scrubbed
    finally:
        reader.close()
    with Catalogue.open(root) as catalogue:
        assert catalogue.article_at(URL) is None


def test_a_tombstone_says_when_and_why_and_not_what(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order 12/26")
    for url, removed_at, reason in rows(root, "select url, removed_at, reason from tombstones"):
        assert url == "" or url.startswith("sha256:")
        assert datetime.fromisoformat(removed_at) == START
        assert reason == "court order 12/26"


def test_a_lost_database_does_not_bring_it_back(root: Path) -> None:
    before = articles(root)
    with open_archive(root) as archive:
        archive.take_down(URL, "court order")
    for path in root.glob("articles.db*"):
        path.unlink()
    with open_archive(root) as archive:
        assert archive.taken_down(crawled(b"<p>Another text.", URL)) == "court order"
        assert not [capture.url for capture in archive.orphans() if SECRET[1] in capture.url]
    assert len(articles(root)) < len(before)
    assert traces(root, warcs=False) == []
    assert check(root) == []


def test_a_list_of_tombstones_that_cannot_be_read_stops_a_new_database(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order")
    for path in root.glob("articles.db*"):
        path.unlink()
    (root / "state/tombstones.json").write_text("nonsense")
    with pytest.raises(ArchiveError, match="the list of what was taken down, cannot be read"):
        open_archive(root)


# What a critic made happen --------------------------------------------------------------------------


def test_a_wall_that_many_addresses_lead_to_takes_no_other_article_with_it(tmp_path: Path) -> None:
    wall = b"<h1>Before you continue</h1>" + b"<p>Cookies and more cookies. " * 30
    urls = [f"https://press.example/{number}" for number in range(1, 6)]
    with open_archive(tmp_path) as archive:
        for number, url in enumerate(urls):
            text = f"A story of its own, number {number}."
            keep(archive, crawled(text.encode(), url, hours=number), text, headline=f"Story {number}")
        for number, url in enumerate(urls):
            page = crawled(wall, "https://consent.example/wall", hours=20 + number)
            keep(archive, msgspec.structs.replace(page, requested_url=url), "", kind="consent")
        done = archive.take_down(1, "asked")
        assert (done.articles, done.captures) == (1, 2)
        assert archive.knows(urls[0])
        assert archive.taken_down(crawled(b"new", urls[1])) is None
        assert archive.taken_down(crawled(b"new", "https://consent.example/wall")) is None
    assert rows(tmp_path, "select count(*) from articles") == [(4,)]
    assert rows(tmp_path, "select count(*) from captures where kind = 'consent'") == [(4,)]
    assert check(tmp_path) == []


def test_a_copy_elsewhere_takes_not_the_original_it_names(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        original = crawled(b"<p>The original.", "https://victim.example/1")
        keep(archive, original, "The original.", canonical_url="https://victim.example/1")
        copied = crawled(b"<p>The copy.", "https://evil.example/copy", hours=1)
        keep(archive, copied, "The copy.", canonical_url="https://victim.example/1")
        assert archive.take_down("https://evil.example/copy", "asked").articles == 1
        assert archive.taken_down(crawled(b"x", "https://victim.example/1")) is None
    assert rows(tmp_path, "select url from articles") == [("https://victim.example/1",)]


@pytest.mark.parametrize(
    "twin",
    [
        "http://press.example/2024/quixotry-9931.html",
        "https://www.press.example/2024/quixotry-9931.html",
        "https://press.example/2024/quixotry-9931.html?utm_source=x",
        "https://PRESS.example/2024/quixotry-9931.html#top",
    ],
)
def test_its_twins_are_kept_out_too(root: Path, twin: str) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "asked")
        assert archive.taken_down(crawled(b"<p>New bytes.", twin)) == "asked"
        with pytest.raises(TakenDown):
            archive.write_exchange(exchange(b"", twin, status=301), "redirect")


@pytest.mark.parametrize(
    ("url", "body", "goes"),
    [
        ("https://press.example/", b'<a href="/2024/quixotry-9931.html">Read</a>', True),
        ("https://rss.press.example/all", b"<title>Plumbaginous affair of the harbour  master</title>", True),
        (
            "https://press.example/json",
            rb'{"url": "https:\/\/press.example\/2024\/quixotry-9931.html"}',
            True,
        ),
        ("https://press.example/next", b"https://press.example/2024/quixotry-9931.html.bak2", False),
        ("https://press.example/10", b"https://press.example/2024/quixotry-99310", False),
        ("https://other.example/feed", b"https://press.example/2024/quixotry-9931.html", False),
    ],
)
def test_lists_of_its_site_that_name_it_go_and_no_others(
    root: Path, url: str, body: bytes, goes: bool
) -> None:
    def counts() -> tuple[int, int]:
        ((exchanges, captures),) = rows(
            root, "select (select count(*) from exchanges), (select count(*) from captures)"
        )
        return int(exchanges), int(captures)

    with open_archive(root) as archive:
        archive.write_exchange(exchange(body + b" " * 300, url, hours=40), "feed")
        keep(archive, crawled(body + b"!" * 300, url + "?page", hours=41), "", kind="index")
    before = counts()
    with open_archive(root) as archive:
        archive.take_down(URL, "asked")
    after = counts()
    assert (before[0] - after[0], before[1] - after[1]) == ((4, 4) if goes else (3, 3))
    assert check(root) == []


def test_an_older_database_put_back_does_not_bring_it_back(root: Path) -> None:
    for path in root.glob("articles.db*"):
        shutil.copy(path, root.parent / path.name)
    with open_archive(root) as archive:
        archive.take_down(URL, "court order")
    for path in root.glob("articles.db*"):
        path.unlink()
    for path in root.parent.glob("articles.db*"):
        shutil.copy(path, root / path.name)
    assert rows(root, "select count(*) from articles where url = ?", URL) == [(1,)]
    with open_archive(root) as archive:
        assert archive.taken_down(crawled(b"x", URL)) == "court order"
    assert rows(root, "select count(*) from articles where url = ?", URL) == [(0,)]


def test_a_list_that_a_killed_purge_left_behind_withdraws_nobody_else(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order")
    stale = (root / "state/tombstones.json").read_bytes()
    with open_archive(root) as archive:
        archive.purge()
    kept = articles(root)
    (root / "state/tombstones.json").write_bytes(stale)
    for path in root.glob("articles.db*"):
        path.unlink()
    with open_archive(root) as archive:
        assert len(list(archive.orphans())) == 13
        archive.purge()
    assert len(rows(root, "select 1 from captures")) == 13
    assert kept
    assert check(root) == []


def test_a_takedown_that_fails_leaves_all_as_it_was(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = b"<h1>This page is gone</h1>" + b"<p>Look at our front page. " * 30
    with open_archive(root) as archive:
        for number, url in enumerate((URL, "https://press.example/rain/99")):
            keep(archive, crawled(gone, url, hours=20 + number, status=404), "", kind="error")
    with open_archive(root) as archive:

        def refuse(*args: object, **kwargs: object) -> int:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr("archive.takedown.bury", refuse)
        with pytest.raises(ArchiveError, match="disk is full"):
            archive.take_down(URL, "court order")
    assert check(root) == []
    assert traces(root)
    assert not (root / "state/takedown").exists()


def test_a_dump_page_that_is_no_article_can_be_taken_down(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page = dump(b"Subscribe to read on.")
        stored = archive.store_raw(page)
        archive.keep(stored, sample_article("", kind="paywall"))
        assert archive.take_down(stored.url, "asked").captures == 1
        assert archive.taken_down(page) == "asked"


def test_numbers_beyond_sqlite_are_not_there(root: Path) -> None:
    with open_archive(root) as archive, pytest.raises(ArchiveError, match="holds nothing"):
        archive.take_down(10**30, "asked")


def test_a_purge_goes_on_past_a_file_it_cannot_write_again(root: Path) -> None:
    with open_archive(root) as archive:
        archive.take_down(URL, "court order")
    (path,) = root.glob("warc/**/*.gz")
    path.rename(root.parent / path.name)
    with open_archive(root) as archive, pytest.raises(ArchiveError, match="is not there: put it back"):
        archive.purge()
    (root.parent / path.name).rename(path)
    assert not any(name.startswith("wet/") for name in traces(root))
    with open_archive(root) as archive:
        archive.purge()
    assert traces(root) == []


def test_the_lock_keeps_no_words_of_the_command(root: Path) -> None:
    assert (root / "state/lock").read_bytes() == b""
