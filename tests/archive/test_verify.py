"""Each kind of damage is made, found, and named rightly: a check that cannot fail would prove nothing."""

from __future__ import annotations

import gzip
import itertools
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import Archive, ArchiveBusy, ArchiveError, cdxj, check, payload_digest
from archive.exporting import Maker, Selection, export
from archive.faults import MAX_TOLD, Fault
from archive.verify import CHECKS, size_of, verify, verify_files
from tests.archive import sample
from tests.archive.sample import crawled, dump, exchange, keep, open_archive

NOISE = random.Random(4).randbytes(9_000)


def fill(root: Path) -> None:
    """Two versions of a page, a revisit, a dump, an index page, a redirect, a packed body."""
    with open_archive(root, new_uuid=sample.counted_ids()) as archive:
        keep(archive, crawled(b"1"), "one")
        keep(archive, crawled(b"1", hours=1), "one")
        archive.write_exchange(exchange(b"", "https://press.example/old", status=301))
        keep(archive, dump(b"2"), "two")
        keep(archive, crawled(b"3", hours=2), "one, changed")
        keep(archive, crawled(b"4", "https://press.example/"), "menu", kind="index")
        keep(archive, crawled(NOISE, "https://press.example/picture"), "four")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    fill(root)
    report = verify(root)
    assert report.sound, report.faults
    assert (report.files, report.bytes) == (2, size_of(root))
    assert report.records == 23
    assert all(one.checked for one in report.checks), "each check has something to look at here"
    assert [one.name for one in report.checks] == [one.name for one in CHECKS]
    return root


@pytest.fixture
def root(tmp_path: Path, whole: Path) -> Path:
    copy = tmp_path / "archive"
    shutil.copytree(whole, copy)
    return copy


def found(root: Path, name: str, said: str) -> list[Fault]:
    """The faults of one check whose sentence holds `said`."""
    return [one for one in verify(root).faults if one.check == name and said in one.sentence]


# Rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meddling", "name", "said"),
    [
        ("update captures set warc_offset = warc_offset + 1 where id = 1", "captures", "Capture 1 (https://"),
        ("update captures set warc_length = 9 where id = 1", "captures", "where its record does not stand"),
        (
            "update captures set warc_file = 'warc/gone.warc.gz' where id = 1",
            "captures",
            "a file that is not there",
        ),
        ("update captures set payload_digest = 'sha1:X' where id = 1", "captures", "agree: payload digest"),
        ("update captures set record_type = 'resource' where id = 1", "captures", "do not agree: type"),
        ("update captures set url = 'https://x.example/' where id = 1", "captures", "do not agree: URL"),
        (
            "update captures set fetched_at = '2020-01-01T00:00:00+00:00' where id = 1",
            "captures",
            "agree: time",
        ),
        (
            "delete from captures where id = 2",
            "captures",
            "no row in `captures` points at the revisit record",
        ),
        (
            "update versions set wet_offset = 0 where article_id = 1",
            "texts",
            "Version 1 of article 1 points at",
        ),
        ("update versions set wet_file = null where article_id = 1", "texts", "has no conversion record"),
        (
            "update versions set wet_record_id = 'x' where article_id = 1",
            "texts",
            "Version 1 of article 1 points",
        ),
        (
            "update versions set capture_id = 3 where article_id = 1",
            "texts",
            "is not of the page it came from",
        ),
        ("update versions set text = 'other' where article_id = 2", "texts", "hold different texts"),
        ("update articles set text = 'other' where id = 1", "articles", "Article 1 does not show"),
        ("update articles set headline = 'other' where id = 1", "articles", "Article 1 does not show"),
        ("update articles set version = 3 where id = 1", "articles", "its versions are not numbered"),
        ("update versions set number = 5 where number = 2", "articles", "not numbered from 1 to its count"),
        (
            "update captures set article_id = null where article_id = 2",
            "articles",
            "no capture belongs to it",
        ),
        (
            "update captures set article_id = null where id = 1",
            "articles",
            "is of an article, but belongs to none",
        ),
        ("insert into blocks (digest, text) values ('x', 'y')", "articles", "1 blocks stand in no account"),
        ("update blocks set text = 'other'", "articles", "The cut block 1 is not what its digest says"),
        ("update removed set block = 99", "database", "of `removed` points at no row of `blocks`"),
        (
            "delete from articles_fts_docsize where id = 1",
            "search",
            "Article 1: full-text search does not know it",
        ),
        ("insert into articles_fts_docsize values (9, x'00')", "search", "Article 9 is gone, but full-text"),
        ("update articles_fts_data set block = x'00' where id > 10", "search", "holds other words"),
        (
            "insert into articles_fts (articles_fts, rowid, text) values ('delete', 1, 'changed')",
            "search",
            "Article 1: full-text search does not know it",
        ),
    ],
)
def test_rows_that_were_meddled_with_are_found(root: Path, meddling: str, name: str, said: str) -> None:
    sample.change_rows(root, meddling)
    faults = found(root, name, said)
    assert faults, verify(root).faults
    assert faults[0].advice


def test_swapped_rows_are_found(root: Path) -> None:
    places = sample.rows(
        root, "select warc_offset, warc_length, id from captures where id in (2, 3) order by id"
    )
    for (offset, length, _), (_, _, number) in zip(places, reversed(places), strict=True):
        sample.change_rows(
            root, "update captures set warc_offset = ?, warc_length = ? where id = ?", offset, length, number
        )
    said = [one.sentence for one in found(root, "captures", "where its record does not stand")]
    assert [sentence.split(" (")[0] for sentence in said] == ["Capture 2", "Capture 3"]


def test_a_changed_text_with_triggers_off_is_found_in_search(root: Path) -> None:
    db = sqlite3.connect(root / "articles.db")
    db.execute("drop trigger articles_fts_update")
    db.execute("update articles set description = 'Of ferries.' where id = 1")
    db.commit()
    db.close()
    assert found(root, "search", "holds other words than the articles")


def test_a_damaged_database_is_found_and_the_other_checks_go_on(root: Path) -> None:
    path = root / "articles.db"
    good = path.read_bytes()
    verdicts = []
    for page in range(1, len(good) // 4096):
        path.write_bytes(good[: page * 4096] + bytes(4096) + good[(page + 1) * 4096 :])
        report = verify(root)
        verdicts.append(not report.sound)
        assert [one.faults for one in report.checks if one.name == "framing"] == [0]
    # A page that was free, or the root of an empty table that is never read, can be zeroed unnoticed.
    assert sum(verdicts) > 0.8 * len(verdicts), verdicts
    path.write_bytes(b"no database at all" * 500)
    assert found(root, "database", "articles.db cannot be opened")


# Files ----------------------------------------------------------------------------------------------

Meddle = Callable[[bytes, list[int]], bytes]


def swap(data: bytes, at: list[int]) -> bytes:
    return data[: at[1]] + data[at[3] : at[4]] + data[at[1] : at[3]] + data[at[4] :]


def member(change: Callable[[bytes], bytes], which: int = 1) -> Meddle:
    """One record changed and packed again, its gzip member whole."""

    def meddle(data: bytes, at: list[int]) -> bytes:
        changed = gzip.compress(change(gzip.decompress(data[at[which] : at[which + 1]])), mtime=0)
        return data[: at[which]] + changed + data[at[which + 1] :]

    return meddle


def field(line: bytes) -> Callable[[bytes], bytes]:
    return lambda record: record.replace(b"\r\n", b"\r\n" + line + b"\r\n", 1)


@pytest.mark.parametrize(
    ("folder", "meddle", "name", "said"),
    [
        ("warc", lambda d, at: d[:-5], "files", "the file was cut: its last gzip member breaks off"),
        ("warc", lambda d, at: b"", "files", "the file is empty"),
        ("warc", lambda d, at: d[: at[2]] + d[at[2] + 9 :], "framing", "that are no gzip member"),
        ("warc", lambda d, at: d[: at[2]] + b"garbage" + d[at[2] :], "framing", "(b'garbage"),
        ("warc", lambda d, at: d[: at[2]] + bytes(512) + d[at[2] :], "framing", "512 bytes passed over"),
        ("warc", lambda d, at: d + bytes(4096), "framing", "zeros where a gzip member should begin; 4,096"),
        ("warc", lambda d, at: d + gzip.compress(b"\r\n"), "framing", "a gzip member holds no record"),
        ("warc", lambda d, at: d + gzip.compress(b"junk"), "framing", "bytes that begin no record (b'junk')"),
        ("warc", lambda d, at: d[at[1] :], "framing", "the file does not begin with a warcinfo record"),
        ("warc", lambda d, at: d + d[: at[1]], "framing", "the file has a second warcinfo record"),
        ("warc", lambda d, at: d + d[at[1] : at[2]], "record ids", "stands twice, first in warc/2024/05/"),
        (
            "warc",
            lambda d, at: d[: at[1]] + d[at[2] :],
            "captures",
            "Capture 1 (https://press.example/ferry)",
        ),
        (
            "warc",
            lambda d, at: d[: at[1]] + d[at[2] :],
            "references",
            "the revisit record refers to <urn:uuid:",
        ),
        (
            "warc",
            lambda d, at: d[: at[1]] + d[at[2] :],
            "references",
            "the request record refers to <urn:uuid:",
        ),
        ("wet", lambda d, at: d[: at[2]] + d[at[3] :], "texts", "Version 1 of article 1 points at wet/"),
        ("warc", swap, "captures", "where its record does not stand"),
        ("warc", member(lambda r: r + r), "framing", "a gzip member holds 2 records"),
        ("warc", member(lambda r: r + b"\r\n"), "framing", "2 CR and LF that belong to no record"),
        ("warc", member(lambda r: r[:-2]), "framing", "then comes b'\\r\\n', not two line ends"),
        ("warc", member(lambda r: r[:-9]), "framing", "bytes are there"),
        (
            "warc",
            member(lambda r: re.sub(rb"Content-Length: \d+", b"Content-Length: 4", r, count=1)),
            "framing",
            "has Content-Length 4; then comes b'/1.1'",
        ),
        (
            "warc",
            member(lambda r: re.sub(rb"Content-Length: \d+", b"Content-Length: four", r, count=1)),
            "framing",
            "gives 'four' as Content-Length",
        ),
        (
            "warc",
            member(lambda r: r.replace(b"text/html", b"text/htmx")),
            "block digests",
            "the block of the resp",
        ),
        (
            "warc",
            member(lambda r: r[:-5] + b"9\r\n\r\n"),
            "payload digests",
            "the payload of the response record",
        ),
        (
            "wet",
            member(lambda r: r.replace(b"one", b"own"), 2),
            "block digests",
            "of the conversion record of",
        ),
        (
            "wet",
            member(
                lambda r: r.replace(b"one", b"own").replace(
                    payload_digest(b"one").encode(), payload_digest(b"own").encode()
                ),
                2,
            ),
            "texts",
            "points at",
        ),
        *(
            (
                "wet",
                member(field(line), 2),
                "fields",
                "a conversion record must not have " + line.split(b":")[0].decode(),
            )
            for line in (
                b"WARC-Concurrent-To: <urn:uuid:x>",
                b"WARC-IP-Address: 192.0.2.1",
                b"WARC-Refers-To-Target-URI: https://press.example/",
                b"WARC-Refers-To-Date: 2024-05-02T08:00:00Z",
            )
        ),
        (
            "warc",
            member(field(b"WARC-Filename: x")),
            "fields",
            "a response record must not have WARC-Filename",
        ),
        ("warc", member(field(b"WARC-Date: 2024")), "fields", "warc-date stands 2 times"),
        ("warc", member(lambda r: re.sub(rb"WARC-Date.*\r\n", b"", r)), "fields", "WARC-Date is missing"),
        (
            "warc",
            member(lambda r: re.sub(rb"WARC-Target.*\r\n", b"", r)),
            "fields",
            "must have WARC-Target-URI",
        ),
        (
            "warc",
            member(lambda r: re.sub(rb"WARC-Profile.*\r\n", b"", r), 3),
            "fields",
            "must have WARC-Profile",
        ),
        (
            "warc",
            member(lambda r: re.sub(rb"(WARC-Date:).*\r", b"\\1 today\r", r)),
            "fields",
            "is 'today', not a date",
        ),
        ("warc", member(lambda r: r.replace(b"192.0.2.7", b"192.0.2.777")), "fields", "not an IP address"),
        (
            "warc",
            member(lambda r: re.sub(rb"<(urn:uuid:\S*)>", b"\\1", r, count=1)),
            "fields",
            "angle brackets",
        ),
    ],
)
def test_files_that_were_meddled_with_are_found(
    root: Path, folder: str, meddle: Meddle, name: str, said: str
) -> None:
    (path,) = root.glob(f"{folder}/**/*.gz")
    good = path.read_bytes()
    path.write_bytes(meddle(good, sample.member_offsets(good)))
    faults = found(root, name, said)
    assert faults, verify(root).faults
    assert faults[0].file.endswith(".gz")
    assert faults[0].advice


def test_a_conversion_with_another_text_and_right_digests_in_its_place_is_found(root: Path) -> None:
    """As long as the record it stands for: only the text's digest tells."""
    (path,) = root.glob("wet/**/*.gz")
    data = path.read_bytes()
    at = sample.member_offsets(data)
    record = gzip.decompress(data[at[2] : at[3]])
    forged = record.replace(b"one", b"own").replace(
        payload_digest(b"one").encode(), payload_digest(b"own").encode()
    )
    assert forged.count(b"own") == 1
    packed = gzip.compress(forged, mtime=0)
    path.write_bytes(data[: at[2]] + packed + data[at[3] :])
    shift = len(packed) - (at[3] - at[2])
    sample.change_rows(
        root, "update versions set wet_offset = wet_offset + ? where wet_offset > ?", shift, at[2]
    )
    sample.change_rows(root, "update versions set wet_length = ? where wet_offset = ?", len(packed), at[2])
    assert [one.sentence for one in verify(root).faults if one.check != "manifests"] == [
        f"Version 1 of article 1 and its conversion record in {path.relative_to(root)}, byte {at[2]:,},"
        " hold different texts."
    ]


def test_a_revisit_of_another_payload_is_found(root: Path) -> None:
    path = sample.raw_file(root)
    data = path.read_bytes()
    meddle = member(lambda r: r.replace(payload_digest(b"1").encode(), payload_digest(b"9").encode()), 3)
    path.write_bytes(meddle(data, sample.member_offsets(data)))
    assert found(root, "references", "the revisit record repeats another payload than that of <urn:uuid:")


def test_a_file_cut_anywhere_is_found_and_what_is_lost_is_named(root: Path) -> None:
    path = sample.raw_file(root)
    good = path.read_bytes()
    starts = sample.member_offsets(good)
    for cut in [*range(1, len(good), 97), *starts[1:]]:
        path.write_bytes(good[:cut])
        report = verify(root)
        if cut not in starts:
            last = max(start for start in starts if start < cut)
            (torn,) = [one for one in report.faults if one.check == "files"]
            assert (torn.offset, torn.file) == (last, path.relative_to(root).as_posix())
            assert f"byte {last:,}: the file was cut: its last gzip member breaks off after" in torn.sentence
        lost = [one for one in report.faults if one.check == "captures"]
        rows = sample.rows(root, "select count(*) from captures where warc_offset + warc_length > ?", cut)
        assert [(len(lost),)] == rows, "no row of a record that is still there is called lost"


def test_a_flipped_bit_is_found_wherever_it_is(root: Path) -> None:
    path = sample.raw_file(root)
    good = path.read_bytes()
    starts = sample.member_offsets(good)
    # What gzip's header says (RFC 1952, 2.3.1: may be text, time, level, system) nothing guards or reads.
    idle = {start + at for start in starts for at in range(3, 10)}
    places = random.Random(9).sample([at for at in range(len(good)) if at not in idle], 150)
    for at in places:
        data = bytearray(good)
        data[at] ^= 1 << at % 8
        path.write_bytes(data)
        hit = max(start for start in starts if start <= at)
        faults = [one for one in verify(root).faults if one.check in ("framing", "files")]
        assert [one.offset for one in faults] == [hit], (at, faults)
        assert "bytes passed over" in faults[0].sentence or "breaks off" in faults[0].sentence


def test_four_zeroed_kilobytes_cost_what_stood_there_and_no_more(root: Path) -> None:
    path = sample.raw_file(root)
    good = path.read_bytes()
    starts = [*sample.member_offsets(good), len(good)]
    for at in range(0, len(good) - 4096, 701):
        path.write_bytes(good[:at] + bytes(4096) + good[at + 4096 :])
        report = verify(root)
        captures = [one for one in report.faults if one.check == "captures"]
        lost = {one.offset for one in captures if "points at" in one.sentence}
        hit = {a for a, b in itertools.pairwise(starts) if a < at + 4096 and b > at}
        assert lost == {offset for (offset,) in sample.rows(root, "select warc_offset from captures")} & hit
        assert any(one.check in ("framing", "files") for one in report.faults)
        assert all("where the file is damaged" in one.sentence for one in captures)


def test_a_file_that_is_gone_or_cannot_be_read_is_found(root: Path) -> None:
    path = sample.raw_file(root)
    path.rename(path.with_name("other"))
    report = verify(root)
    told = {"captures", "references", "exchanges", "capture index", "manifests"}
    assert {one.check for one in report.faults} == told
    assert len([f for f in report.faults if "a file that is not there" in f.sentence]) == 7
    path.mkdir()
    assert found(root, "files", "cannot be read")


def test_a_file_left_open_is_named_and_its_records_are_read(root: Path) -> None:
    path = sample.raw_file(root)
    opened = path.with_name(path.name + ".open")
    path.rename(opened)
    fault, gone = verify(root).faults
    assert (fault.check, "was not closed" in fault.sentence) == ("files", True)
    assert (gone.check, "is gone, but manifests/" in gone.sentence) == ("manifests", True)
    opened.write_bytes(opened.read_bytes()[:-7])
    kinds = [one.check for one in verify(root).faults]
    assert kinds == ["files", "files", "manifests"], "the last record is a request, which has no row"


def test_verifying_changes_nothing(root: Path) -> None:
    def state() -> list[tuple[str, int, bytes]]:
        files = sorted(path for path in root.rglob("*") if path.is_file())
        return [(str(path), path.stat().st_mtime_ns, path.read_bytes()) for path in files]

    before = state()
    assert verify(root).sound
    assert state() == before


def test_an_archive_that_is_being_written_is_refused(root: Path) -> None:
    with open_archive(root), pytest.raises(ArchiveBusy, match="is being written by process"):
        verify(root)
    assert verify(root).sound


def test_no_archive_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="There is no archive in"):
        check(tmp_path)


def test_progress_is_told_to_the_last_byte(whole: Path) -> None:
    told: list[int] = []
    steps: list[str] = []
    verify(whole, on_bytes=lambda name, count: told.append(count), on_check=steps.append)
    assert told == sorted(told)
    assert told[-1] == size_of(whole)
    assert steps == [one.name for one in CHECKS if one.run]


def test_of_many_faults_the_first_are_told_and_all_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n" * (MAX_TOLD + 5))
    report = verify_files([path])
    (fields,) = [one for one in report.checks if one.name == "fields"]
    assert fields.faults == 3 * (MAX_TOLD + 5)
    assert len(report.faults) == MAX_TOLD


def test_a_new_archive_without_pages_is_sound(tmp_path: Path) -> None:
    Archive.open(tmp_path, software="test").close()
    assert verify(tmp_path).sound


# Files of any maker ---------------------------------------------------------------------------------


def foreign(body: bytes = b"<p>a", number: int = 1, **fields: str) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    head = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{number:012}>",
        "WARC-Date": "2023-11-27T10:00:00Z",
        "WARC-Target-URI": "https://press.example/a",
        "Content-Type": "application/http; msgtype=response",
        "WARC-Block-Digest": payload_digest(block),
        "WARC-Payload-Digest": payload_digest(body),
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    head["Content-Length"] = str(len(block))
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda record: gzip.compress(record, mtime=0),
    "zstd": zstandard.ZstdCompressor().compress,
}
THREE = [foreign(b"<p>Page %d " % n * 99, n) for n in (1, 2, 3)]


@pytest.fixture(params=list(PACKINGS))
def packed(request: pytest.FixtureRequest) -> list[bytes]:
    return [PACKINGS[request.param](record) for record in THREE]


def loose(tmp_path: Path, data: bytes) -> list[tuple[str, int | None]]:
    path = tmp_path / "loose.warc"
    path.write_bytes(data)
    return [(one.check, one.offset) for one in verify_files([path]).faults]


def test_sound_files_of_any_packing_are_sound(tmp_path: Path, packed: list[bytes]) -> None:
    assert loose(tmp_path, b"".join(packed)) == []
    (tmp_path / "other.warc").write_bytes(packed[0])
    report = verify_files([tmp_path / "loose.warc", tmp_path / "other.warc"])
    assert [(one.check, one.file) for one in report.faults] == [("record ids", str(tmp_path / "other.warc"))]


def test_damage_in_files_of_any_packing_is_found(tmp_path: Path, packed: list[bytes]) -> None:
    one, two, three = packed
    at = len(one)
    assert loose(tmp_path, one + two[:-3]) == [("files", at)]
    assert loose(tmp_path, one + two[: len(two) // 2]) == [("files", at)]
    assert ("framing", at) in loose(tmp_path, one + two[: len(two) // 2] + three)
    assert ("framing", at) in loose(tmp_path, one + b"garbage" + two)
    assert ("framing", at) in loose(tmp_path, one + bytes(4096) + two)
    assert ("record ids", at + len(two)) in loose(tmp_path, one + two + one)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 7), st.sampled_from(["gzip", "plain"]))
def test_a_flip_in_a_foreign_file_is_found(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int, packing: str
) -> None:
    parts = [PACKINGS[packing](record) for record in THREE]
    data = bytearray(b"".join(parts))
    at %= len(data)
    within = at - max(start for start in (0, len(parts[0]), len(parts[0] + parts[1])) if start <= at)
    head = THREE[0].index(b"\r\n\r\n")
    if packing == "gzip" and 3 <= within < 10:
        return  # what gzip's header says and nobody reads
    if packing == "plain" and within < head:
        return  # nothing guards the fields of a plain record but their own form
    data[at] ^= 1 << bit
    assert loose(tmp_path_factory.mktemp("flip"), bytes(data))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (foreign(WARC_Block_Digest="", WARC_Payload_Digest=""), []),
        (foreign(WARC_Block_Digest="md4:unheard-of"), []),
        (foreign(WARC_Payload_Digest="sha256:" + "0" * 64), ["payload digests"]),
        (foreign(WARC_Block_Digest=payload_digest(b"<p>a")), ["block digests"]),
        (foreign(WARC_Type="revisit", WARC_Profile="x", WARC_Payload_Digest=payload_digest(b"other")), []),
        (foreign(WARC_Target_URI="<https://press.example/>"), []),
        (foreign(WARC_Target_URI="no uri at all"), ["fields"]),
        (foreign().replace(b"WARC-Type", b"warc-type").replace(b"WARC/1.0", b"WARC/0.18"), []),
        (foreign(WARC_Warcinfo_ID="<urn:x:y>", WARC_Concurrent_To="<urn:x:y>"), []),
    ],
)
def test_what_foreign_records_claim_is_judged(tmp_path: Path, record: bytes, expected: list[str]) -> None:
    assert [name for name, _ in loose(tmp_path, record)] == expected


def test_the_payload_of_a_chunked_body_may_be_hashed_with_its_framing_or_without(tmp_path: Path) -> None:
    chunked = b"4\r\n<p>b\r\n0\r\n\r\n"
    for payload, expected in ((chunked, []), (b"<p>b", []), (b"<p>c", ["payload digests"])):
        block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked
        record = foreign(chunked, WARC_Payload_Digest=payload_digest(payload), WARC_Block_Digest="")
        record = record.replace(b"Content-Type: text/html\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n")
        record = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(block), record)
        assert [name for name, _ in loose(tmp_path, record)] == expected


def test_arc_files_are_checked_for_framing_alone(tmp_path: Path) -> None:
    version = b"1 0 Some Archive\nURL IP-address Archive-date Content-type Archive-length\n"
    arc = b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(version), version)
    block = b"HTTP/1.0 200 OK\r\n\r\n<p>a"
    arc += b"http://press.example/x 192.0.2.1 20050102030405 text/html %d\n%s\n" % (len(block), block)
    second = arc.index(b"http://press")
    assert loose(tmp_path, arc) == []
    assert loose(tmp_path, gzip.compress(arc[:second]) + gzip.compress(arc[second:])) == []
    assert loose(tmp_path, arc[:-5]) == [("files", second)]


@settings(max_examples=100)
@given(st.binary(max_size=300), st.integers(0, 3))
def test_no_bytes_make_verifying_raise(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, shape: int
) -> None:
    good = foreign()
    data = {
        0: junk,
        1: gzip.compress(junk),
        2: good + junk + good,
        3: gzip.compress(good) + junk + gzip.compress(good),
    }[shape]
    faults = loose(tmp_path_factory.mktemp("junk"), data)
    assert faults or (shape >= 2 and not junk)


# Exchanges, index, manifests, packages --------------------------------------------------------------


def test_an_exchange_without_a_row_and_a_row_without_an_exchange_are_found(root: Path) -> None:
    ((offset,),) = sample.rows(root, "select warc_offset from exchanges")
    sample.change_rows(root, "update exchanges set warc_offset = 1")
    assert found(root, "exchanges", "byte 1, where its record does not stand")
    sample.change_rows(root, "delete from exchanges")
    (fault,) = found(root, "exchanges", "no row in `exchanges` points at the response record")
    assert fault.offset == offset


def index_file(root: Path) -> Path:
    (path,) = (root / "indexes").glob("*.cdxj")
    return path


def test_a_capture_that_is_not_in_the_index_is_found(root: Path) -> None:
    lines = index_file(root).read_bytes().splitlines(keepends=True)
    index_file(root).write_bytes(b"".join(lines[1:]))
    (fault,) = found(root, "capture index", "is not in the capture index")
    assert fault.offset == cdxj.place_of(lines[0])[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"offset": "', b'"offset": "9'), (b'"length": "', b'"length": "1'), (b"sha1:", b"sha1:A")],
)
def test_a_line_that_points_at_no_capture_is_found(root: Path, old: bytes, new: bytes) -> None:
    lines = index_file(root).read_bytes().splitlines(keepends=True)
    index_file(root).write_bytes(b"".join([lines[0].replace(old, new), *lines[1:]]))
    assert found(root, "capture index", "where no such capture stands")


def test_a_line_that_is_none_is_found(root: Path) -> None:
    index_file(root).write_bytes(b"a 2024 nonsense\n" + index_file(root).read_bytes())
    assert found(root, "capture index", "a line that cannot be read")


def test_an_index_that_was_thrown_away_is_found_and_made_again(root: Path) -> None:
    shutil.rmtree(root / "indexes")
    assert found(root, "capture index", "is not in the capture index")
    open_archive(root).close()
    assert verify(root).sound


def test_a_record_that_was_taken_down_and_is_indexed_is_found(root: Path) -> None:
    before = index_file(root).read_bytes()
    with open_archive(root, new_uuid=sample.counted_ids()) as archive:
        archive.take_down("https://press.example/ferry", "asked")
    assert verify(root).sound
    index_file(root).write_bytes(before)
    assert found(root, "capture index", "a record that was taken down is in the capture index")


def test_a_finished_file_that_was_changed_is_found_though_its_records_are_sound(root: Path) -> None:
    path = sample.raw_file(root)
    data = path.read_bytes()
    # Byte 9 of a gzip member names the system it was packed on: no record tells of it.
    path.write_bytes(data[:9] + bytes([data[9] ^ 1]) + data[10:])
    (fault,) = verify(root).faults
    assert (fault.check, "is not the file that manifests/" in fault.sentence) == ("manifests", True)


def test_a_manifest_that_was_changed_is_found_by_the_one_after_it(root: Path) -> None:
    with open_archive(root) as archive:
        keep(archive, crawled(b"5", "https://press.example/five", hours=9), "five")
    assert verify(root).sound
    first, _ = sorted((root / "manifests").iterdir())
    first.write_bytes(first.read_bytes().replace(b'"run"', b'"Run"'))
    assert found(root, "manifests", "manifests/000001.json is not the one that manifests/000002.json was")
    first.write_bytes(b"{}")
    assert found(root, "manifests", "cannot be read as a manifest")


def test_a_wacz_is_verified_with_the_files_in_it(root: Path, tmp_path: Path) -> None:
    wacz = tmp_path / "news.wacz"
    maker = Maker(software="pressmark/test", at=sample.START, record_id="<urn:uuid:0>", title="t")
    with open(wacz, "wb") as out:
        export(root, "wacz", out, wacz.name, Selection(), maker)
    report = verify_files([wacz])
    assert report.sound
    assert report.records > 10
    data = wacz.read_bytes()
    at = data.index(b"\x1f\x8b\x08") + 600
    wacz.write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
    told = [fault.sentence for fault in verify_files([wacz]).faults]
    assert any("is not the file that datapackage.json describes" in said for said in told) or any(
        "cannot be unpacked" in said for said in told
    )
    (tmp_path / "no.wacz").write_bytes(b"PK\x03\x04 and nothing more")
    assert not verify_files([tmp_path / "no.wacz"]).sound
