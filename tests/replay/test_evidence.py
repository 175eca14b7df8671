"""What a crawl of a misbehaving site leaves stands before other people's tools."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page

from archive import Catalogue, cdxj, check
from archive.exporting import Maker, Selection, check_wacz, export, load_key, make_key
from archive.exporting.exports import Format
from archive.index import CaptureIndex
from archive.members import Member, members
from archive.reading import parse_record
from archive.replay import replay_address
from archive.warcfiles import warc_files
from tests import judges
from tests.archive.sample import START
from tests.replay.conftest import PAGES, Evidence


def files_of(root: Path) -> list[Path]:
    return warc_files(root, "warc", unfinished=False) + warc_files(root, "wet", unfinished=False)


def exported(root: Path, target: Path, format: Format, **options: object) -> Path:
    maker = Maker(software="pressmark/test", at=START, record_id="<urn:uuid:0>", title="Evidence")
    with open(target, "wb") as out:
        export(root, format, out, target.name, Selection(), maker, **options)  # type: ignore[arg-type]
    return target


def query(root: Path, sql: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(root / "articles.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def test_the_archive_is_what_it_claims(evidence: Evidence) -> None:
    assert check(evidence.root) == []
    ((revisits,),) = query(evidence.root, "select count(*) from captures where record_type = 'revisit'")
    assert revisits >= 14  # type: ignore[operator]  # a count
    assert query(evidence.root, "select count(*) from captures where status = 304") >= [(1,)]


def test_warcio_and_fastwarc_find_no_fault(evidence: Evidence) -> None:
    files = files_of(evidence.root)
    assert len(files) >= 3
    told = judges.run("warcio", "check", *files)
    assert told.returncode == 0, told.stdout
    for file in files:
        assert judges.run("fastwarc", "check", "--quiet", file).returncode == 0
    for file in warc_files(evidence.root, "warc", unfinished=False):
        # A revisit tells the digest of the payload it leaves out, and fastwarc 2.0 compares it with none
        # (as those of records without HTTP: what is in `wet/` is left to warcio).
        assert payload_faults(file) == record_ids(file, "revisit")


def payload_faults(file: Path) -> set[str]:
    """Records whose payload does not fit its digest, as fastwarc sees it."""
    report = file.with_name(file.name + ".checked")
    judges.run("fastwarc", "check", "--verify-payloads", "--quiet", "--output", report, file)
    lines = report.read_text().splitlines()
    report.unlink()
    return {line.split(">: ")[0] + ">" for line in lines if ">: " in line and "FAIL" in line}


def record_ids(file: Path, record_type: str) -> set[str]:
    found = set()
    with open(file, "rb") as stream:
        for member in members(stream):
            assert isinstance(member, Member)
            record = parse_record(member.data, member.offset)
            if record.record_type == record_type:
                found.add(record.record_id)
    return found


def test_cdxj_indexer_finds_the_captures_that_our_index_has(evidence: Evidence) -> None:
    files = warc_files(evidence.root, "warc", unfinished=False)
    told = judges.run("cdxj-indexer", "--sort", "--dir-root", evidence.root, *files)
    assert told.returncode == 0, told.stdout
    theirs = [json.loads(line[line.index(" {") :]) for line in told.stdout.splitlines()]
    not_modified = [
        line for line in theirs if (line.get("mime"), line.get("status")) == ("warc/revisit", "304")
    ]
    assert not_modified
    ours = [dict(cdxj.fields_of(line)) for line in CaptureIndex(evidence.root).lines()]
    expected = [line for line in theirs if line not in not_modified]
    assert [(line["filename"], line["offset"], line["length"]) for line in ours] == [
        (line["filename"], line["offset"], line["length"]) for line in expected
    ]
    for name in ("url", "status", "digest"):
        assert [line.get(name) for line in ours] == [line.get(name) for line in expected]


def test_a_wacz_is_valid_and_signed_and_a_changed_byte_is_seen(evidence: Evidence, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o77 == 0
    wacz = exported(evidence.root, tmp_path / "evidence.wacz", "wacz", key=load_key(tmp_path / "key.pem"))
    told = judges.run("wacz", "validate", "-f", wacz)
    assert told.returncode == 0, told.stdout
    assert "is valid" in told.stdout
    assert list(check_wacz(wacz)) == []
    assert key.public_key() == load_key(tmp_path / "key.pem").public_key()
    for name in ("datapackage.json", "indexes/index.idx", "pages/pages.jsonl", "datapackage-digest.json"):
        changed = tmp_path / "changed.wacz"
        with zipfile.ZipFile(wacz) as source, zipfile.ZipFile(changed, "w") as target:
            for entry in source.namelist():
                content = source.read(entry)
                if entry == name:
                    content = content.replace(b"a", b"b", 1)
                target.writestr(entry, content)
        assert list(check_wacz(changed)), name


def test_an_exported_warc_stands_on_its_own(evidence: Evidence, tmp_path: Path) -> None:
    warc = exported(evidence.root, tmp_path / "evidence.warc.gz", "warc")
    assert judges.run("warcio", "check", warc).returncode == 0
    assert judges.run("fastwarc", "check", "--quiet", warc).returncode == 0
    originals = warc_files(evidence.root, "warc", unfinished=False)
    whole = sum(len(told.splitlines()) for told in indexed(originals))
    assert len(indexed([warc])[0].splitlines()) == whole


def indexed(files: list[Path]) -> list[str]:
    found = [judges.run("cdxj-indexer", file) for file in files]
    assert all(told.returncode == 0 for told in found)
    return [told.stdout for told in found]


def test_an_exported_part_holds_what_its_revisits_refer_to(evidence: Evidence, tmp_path: Path) -> None:
    with Catalogue.open(evidence.root) as catalogue:
        twin = catalogue.article_at(evidence.origin + "/twin")
    assert twin is not None
    out = io.BytesIO()
    maker = Maker(software="pressmark/test", at=START, record_id="<urn:uuid:0>", title="Evidence")
    export(evidence.root, "warc", out, "part.warc.gz", Selection(articles=(twin.id,)), maker)
    (tmp_path / "part.warc.gz").write_bytes(out.getvalue())
    lines = [
        json.loads(line[line.index(" {") :]) for line in indexed([tmp_path / "part.warc.gz"])[0].splitlines()
    ]
    revisits = {line["digest"] for line in lines if line.get("mime") == "warc/revisit"}
    assert revisits
    assert revisits <= {line["digest"] for line in lines if line.get("mime") != "warc/revisit"}


# Replay ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def shown(page: Page | Frame) -> tuple[str, str]:
    """The text that a person sees, and the title."""
    return page.evaluate("document.body ? document.body.innerText : ''").strip(), page.title()


def replayed(window: Page, address: str) -> Frame:
    """The captured page itself, as it stands in pywb's frame."""
    window.goto(address, wait_until="load")
    frame = window.locator("#replay_iframe").element_handle()
    assert frame is not None
    inner = frame.content_frame()
    assert inner is not None
    inner.wait_for_load_state("load")
    inner.wait_for_function("document.body && document.body.innerText.trim().length > 0")
    return inner


def plain_address(replay: str, url: str, moment: str) -> str:
    """Where pywb hands on a capture as it was stored, nothing rewritten."""
    return f"{replay}{cdxj.timestamp_of(moment)}id_/{url}"


def captures_of(root: Path, url: str) -> list[tuple[str, int, str]]:
    """Time, status and record type of each capture of a URL, in order."""
    rows = query(
        root,
        f"select fetched_at, status, record_type from captures where url = '{url}' order by 1",
    )
    return [(str(at), int(str(status)), str(kind)) for at, status, kind in rows]


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/zstd"])
def test_the_page_replayed_is_the_page_served(
    evidence: Evidence, replay: str, window: Page, path: str
) -> None:
    url = evidence.origin + path
    window.goto(url, wait_until="load")
    served = shown(window)
    assert served[0]
    captures = captures_of(evidence.root, url)
    assert len(captures) == 2
    for moment, _, _ in captures:
        assert shown(replayed(window, replay_address(replay, url, moment))) == served


@pytest.mark.parametrize("path", PAGES)
def test_the_payload_replayed_is_the_payload_sent(
    evidence: Evidence, replay: str, window: Page, path: str
) -> None:
    """`id_` hands on the record as it is: the browser undoes the coding, zstd too, which pywb cannot."""
    url = evidence.origin + path
    window.goto(url, wait_until="load")
    served = shown(window)
    for moment, _, _ in captures_of(evidence.root, url):
        window.goto(plain_address(replay, url, moment), wait_until="load")
        assert shown(window) == served


def test_the_second_capture_is_a_revisit_and_replays_at_its_own_time(
    evidence: Evidence, replay: str, window: Page
) -> None:
    url = evidence.origin + "/plain"
    (_, _, first), (moment, _, second) = captures_of(evidence.root, url)
    assert (first, second) == ("response", "revisit")
    assert "Plain" in replayed(window, replay_address(replay, url, moment)).locator("h1").first.inner_text()
    assert cdxj.timestamp_of(moment) in window.url


def test_a_redirect_is_replayed_to_where_it_led(evidence: Evidence, replay: str, window: Page) -> None:
    inner = replayed(window, replay_address(replay, evidence.origin + "/chain"))
    inner.wait_for_url("**/plain")
    assert "Plain" in inner.locator("h1").first.inner_text()


def test_after_a_304_the_page_of_that_day_is_shown(evidence: Evidence, replay: str, window: Page) -> None:
    url = evidence.origin + "/etag"
    captures = captures_of(evidence.root, url)
    assert [status for _, status, _ in captures] == [200, 304]
    inner = replayed(window, replay_address(replay, url, captures[1][0]))
    assert "With etag" in inner.locator("h1").first.inner_text()
