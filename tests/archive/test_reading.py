"""Files of any maker: read leniently, bounded, past any damage, never with an exception."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # has no types
import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import RecordProblem, check, payload_digest, read_wacz, read_warc
from archive.originals import Originals
from archive.payload import MAX_BODY
from archive.reading import MAX_BLOCK, settle
from archive.values import Capture, Hints
from tests.archive import sample
from tests.archive.sample import crawled, dump, exchange, keep, open_archive

URL = "https://press.example/a"


def record(
    block: bytes, record_type: str = "response", uri: str = URL, length: int | None = None, **fields: str
) -> bytes:
    """A record as some other tool writes it."""
    head = {
        "WARC-Type": record_type,
        "WARC-Record-ID": "<urn:uuid:00000000-0000-0000-0000-000000000001>",
        "WARC-Date": "2023-11-27T10:00:00Z",
        "WARC-Target-URI": uri,
        "Content-Type": "application/http; msgtype=response",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    head["Content-Length"] = str(len(block) if length is None else length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(body: bytes, *headers: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + b"".join(line + b"\r\n" for line in headers) + b"\r\n" + body


def read(data: bytes) -> list[Capture | RecordProblem]:
    return list(read_warc(io.BytesIO(data), name="old.warc"))


def captures(data: bytes) -> list[Capture]:
    found = read(data)
    assert not [problem.sentence for problem in found if isinstance(problem, RecordProblem)]
    return [capture for capture in found if isinstance(capture, Capture)]


def bodies(found: list[Capture | RecordProblem]) -> list[bytes | str]:
    return [item.body if isinstance(item, Capture) else "problem" for item in found]


# Kinds of records -----------------------------------------------------------------------------------


def test_a_response_becomes_a_capture_with_its_exchange() -> None:
    block = http(b"<p>a", b"Content-Type: text/html", b"Set-Cookie: a", b"Set-Cookie: b\xff")
    (capture,) = captures(record(block, WARC_IP_Address="192.0.2.1", WARC_Truncated="length"))
    assert capture == Capture(
        url=URL,
        fetched_at=datetime(2023, 11, 27, 10, tzinfo=UTC),
        body=b"<p>a",
        content_type="text/html",
        status=200,
        source="warc",
        source_path="old.warc",
        exchange=sample.exchange(
            b"<p>a",
            URL,
            request_headers=(),
            response_headers=(
                (b"Content-Type", b"text/html"),
                (b"Set-Cookie", b"a"),
                (b"Set-Cookie", b"b\xff"),
            ),
            ip_address="192.0.2.1",
            truncated="length",
            fetched_at=datetime(2023, 11, 27, 10, tzinfo=UTC),
        ),
    )


def test_a_resource_and_a_conversion_become_captures_without_exchange() -> None:
    found = captures(
        record(b"\xffplain", "resource", Content_Type="text/plain")
        + record("Fähre".encode(), "conversion", Content_Type="text/plain", uri="urn:sha1:X")
    )
    assert [(c.url, c.body, c.content_type, c.exchange) for c in found] == [
        (URL, b"\xffplain", "text/plain", None),
        ("", "Fähre".encode(), "text/plain", None),
    ]


@pytest.mark.parametrize("kind", ["warcinfo", "request", "metadata", "continuation", "unheard-of"])
def test_records_that_are_no_pages_are_passed_over_in_silence(kind: str) -> None:
    assert captures(record(http(b"x"), kind)) == []


def test_a_response_of_another_protocol_is_no_page() -> None:
    assert captures(record(b"20231127100000\r\nexample. 300 IN A 1.2.3.4", uri="dns:example")) == []


def test_bodies_are_decoded_and_the_exchange_keeps_the_coding_but_not_the_framing() -> None:
    for coding, packed in (
        (b"gzip", gzip.compress(b"<p>a", mtime=0)),
        (b"br", brotli.compress(b"<p>a")),
        (b"zstd", zstandard.ZstdCompressor().compress(b"<p>a")),
    ):
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
        (capture,) = captures(
            record(http(framed, b"Transfer-Encoding: chunked", b"Content-Encoding: " + coding))
        )
        assert capture.exchange is not None
        assert (capture.body, capture.exchange.response_body) == (b"<p>a", packed)


# Revisits -------------------------------------------------------------------------------------------

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


def visited(body: bytes, uri: str = URL, *headers: bytes, **fields: str) -> bytes:
    told = {"WARC_Payload_Digest": payload_digest(body)} | fields
    return record(http(body, *headers), "response", uri, None, **told)


def revisited(body: bytes, uri: str = URL, *headers: bytes, **fields: str) -> bytes:
    told = {"WARC_Payload_Digest": payload_digest(body), "WARC_Profile": IDENTICAL} | fields
    return record(http(b"", *headers), "revisit", uri, None, WARC_Date="2023-11-28T10:00:00Z", **told)


def test_a_revisit_is_the_page_again_with_its_own_head_and_time() -> None:
    packed = gzip.compress(b"<p>a", mtime=0)
    first = visited(packed, URL, b"Content-Encoding: gzip", b"X-Cache: MISS")
    again = revisited(packed, URL + "/other", b"Content-Encoding: gzip", b"X-Cache: HIT")
    for data in (
        first + again,
        gzip.compress(first, mtime=0) + gzip.compress(again, mtime=0),
        gzip.compress(first + again, mtime=0),
    ):
        one, two = captures(data)
        assert (one.body, two.body) == (b"<p>a", b"<p>a")
        assert two.exchange is not None
        assert (two.url, two.fetched_at.day, two.exchange.response_body) == (URL + "/other", 28, packed)
        assert two.exchange.response_headers[1] == (b"X-Cache", b"HIT")


def test_a_revisit_may_stand_before_its_page() -> None:
    assert bodies(read(revisited(b"<p>a") + visited(b"<p>b") + visited(b"<p>a"))) == [
        b"<p>b",
        b"<p>a",
        b"<p>a",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"WARC_Refers_To": "<urn:uuid:00000000-0000-0000-0000-000000000001>"},
        {"WARC_Refers_To_Target_URI": URL, "WARC_Refers_To_Date": "2023-11-27T10:00:00Z"},
    ],
)
def test_a_revisit_without_a_digest_is_found_by_what_it_refers_to(fields: dict[str, str]) -> None:
    again = revisited(b"", WARC_Payload_Digest="", **fields)
    assert bodies(read(visited(b"<p>a") + again)) == [b"<p>a", b"<p>a"]


def test_a_revisit_that_refers_to_another_payload_than_its_own_is_a_problem() -> None:
    again = revisited(b"<p>b", WARC_Refers_To="<urn:uuid:00000000-0000-0000-0000-000000000001>")
    assert bodies(read(visited(b"<p>a") + again)) == [b"<p>a", "problem"]


def test_a_revisit_whose_page_is_nowhere_says_so_and_one_of_a_picture_says_nothing() -> None:
    (problem,) = read(
        revisited(b"gone", WARC_Refers_To_Date="2020-01-01T00:00:00Z")
        + revisited(b"picture", URL, b"Content-Type: image/png")
        + revisited(b"same", WARC_Profile=NOT_MODIFIED)
    )
    assert isinstance(problem, RecordProblem)
    assert problem.sentence == (
        f"old.warc, byte 0: the record of {URL}: it repeats the page of 2020-01-01T00:00:00Z, which is in"
        " none of the files read: name the file that holds it as well."
    )


def test_a_revisit_without_any_head_takes_that_of_its_page() -> None:
    bare = record(b"", "revisit", WARC_Payload_Digest=payload_digest(b"<p>a"), WARC_Profile=IDENTICAL)
    _, again = captures(visited(b"<p>a", URL, b"Content-Type: text/html") + bare)
    assert (again.body, again.content_type) == (b"<p>a", "text/html")


def test_revisits_find_pages_in_the_other_files_of_a_reading(tmp_path: Path) -> None:
    files = {"a.warc": revisited(b"<p>b"), "b.warc.gz": gzip.compress(visited(b"<p>b"), mtime=0)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    for stored in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = wacz(tmp_path / f"{stored}.wacz", {f"archive/{name}": d for name, d in files.items()}, stored)
        assert bodies(list(read_wacz(path))) == [b"<p>b", b"<p>b"]
    with Originals() as originals:
        found = [c for name in files for c in read_warc(tmp_path / name, originals=originals)]
        assert bodies(found) == [b"<p>b"]
        assert bodies(list(settle(originals))) == [b"<p>b"]
    with Originals() as originals:
        assert len([c for name in files for c in read_warc(tmp_path / name, originals=originals)]) == 1
        (tmp_path / "b.warc.gz").unlink()
        assert bodies(list(settle(originals))) == ["problem"]


# Zstandard ------------------------------------------------------------------------------------------


def zstd_warc(
    *records: bytes, dictionary: bytes = b"", packed: bool = False, checksum: bool = False
) -> bytes:
    """A .warc.zst as IIPC's draft has it: a frame a record, behind a skippable one with the dictionary."""
    options = {"dict_data": zstandard.ZstdCompressionDict(dictionary)} if dictionary else {}
    compressor = zstandard.ZstdCompressor(write_checksum=checksum, **options)  # type: ignore[arg-type]
    held = zstandard.ZstdCompressor().compress(dictionary) if packed else dictionary
    start = b"\x5d\x2a\x4d\x18" + len(held).to_bytes(4, "little") + held if dictionary else b""
    return start + b"".join(compressor.compress(one) for one in records)


DICTIONARY = zstandard.train_dictionary(
    4096, [visited(b"<p>Page %d of the ferry timetable." % n * 9, f"{URL}/{n}") for n in range(400)]
).as_bytes()
THREE = [visited(b"<p>Page %d of the ferry timetable. " % n * (30 * n), f"{URL}/{n}") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "data",
    [
        zstd_warc(*THREE),
        zstd_warc(*THREE, checksum=True),
        zstd_warc(*THREE, dictionary=DICTIONARY),
        zstd_warc(*THREE, dictionary=DICTIONARY, packed=True),
        zstd_warc(b"".join(THREE)),
        zstd_warc(THREE[0], THREE[1] + THREE[2]),
    ],
    ids=["plain", "checksums", "dictionary", "packed dictionary", "one frame", "two frames"],
)
def test_zstd_warcs_are_read(data: bytes) -> None:
    assert [len(c.body) for c in captures(data)] == [34 * 30 * n for n in (1, 2, 3)]


@pytest.mark.parametrize("dictionary", [b"", DICTIONARY])
def test_a_zstd_warc_cut_anywhere_gives_back_its_whole_records(dictionary: bytes) -> None:
    data = zstd_warc(*THREE, dictionary=dictionary)
    first = len(zstd_warc(THREE[0], dictionary=dictionary))
    for cut in range(first + 1, len(data), 11):
        found = read(data[:cut])
        assert isinstance(found[0], Capture)
        assert isinstance(found[-1], RecordProblem) or cut == len(
            zstd_warc(*THREE[:2], dictionary=dictionary)
        )


def test_reading_goes_on_behind_a_damaged_frame() -> None:
    data = zstd_warc(*THREE, dictionary=DICTIONARY)
    start = len(zstd_warc(THREE[0], dictionary=DICTIONARY))
    end = len(zstd_warc(*THREE[:2], dictionary=DICTIONARY))
    for at in range(start, end, 3):
        flipped = data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]
        found = bodies(read(flipped))
        assert (found[0], found[-1]) == (captures(data)[0].body, captures(data)[2].body)
        assert "problem" in found or len(found) == 3, "a flip may hit what nothing guards, as a reserved bit"
    assert bodies(read(data[:start] + b"garbage" + data[end:]))[1:] == ["problem", captures(data)[2].body]


def test_a_flip_in_the_block_of_a_frame_without_checksum_is_seen_by_the_digest() -> None:
    block = http(random.Random(1).randbytes(500))
    one = zstd_warc(record(block, WARC_Block_Digest=payload_digest(block)))
    at = one.index(block[-300:])
    (problem,) = read(one[:at] + bytes([one[at] ^ 1]) + one[at + 1 :])
    assert isinstance(problem, RecordProblem)
    assert "its block does not match its digest" in problem.sentence


def test_zstd_bombs_and_broken_dictionaries_are_problems() -> None:
    bomb = zstd_warc(record(http(bytes(22_000_000))), record(http(b"y")))
    assert len(bomb) < 10_000
    assert bodies(read(bomb)) == ["problem", b"y"]
    whole = zstd_warc(*THREE, dictionary=DICTIONARY, packed=True)
    for data in (
        whole[:50],
        whole[:20] + b"\0\0\0\0" + whole[24:],
        b"\x5d\x2a\x4d\x18\xff\xff\xff\xff" + whole[8:],
        b"\x5d\x2a\x4d\x18" + zstd_warc(bytes(20_000_000))[:0] + b"\x04\0\0\0abcd" + whole,
    ):
        assert isinstance(read(data)[0], RecordProblem)


# Lenient --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-11-27T10:00:00.123456789Z", datetime(2023, 11, 27, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2023-11-27T10:00Z", datetime(2023, 11, 27, 10, tzinfo=UTC)),
        ("2023-11-27", datetime(2023, 11, 27, tzinfo=UTC)),
        ("2023", datetime(2023, 1, 1, tzinfo=UTC)),
        ("20231127100000", datetime(2023, 11, 27, 10, tzinfo=UTC)),
        ("2023-11-27T10:00:00+00:00", datetime(2023, 11, 27, 10, tzinfo=UTC)),
        ("2023-11-27T10:00:00-05:30", datetime(2023, 11, 27, 15, 30, tzinfo=UTC)),
    ],
)
def test_dates_of_every_precision_are_read(text: str, moment: datetime) -> None:
    (capture,) = captures(record(http(b"x"), WARC_Date=text))
    assert capture.fetched_at == moment


@pytest.mark.parametrize("text", ["yesterday", "2023-13-01", "0000-01-01", ""])
def test_a_date_that_is_none_is_a_problem_of_that_record_alone(text: str) -> None:
    found = read(record(http(b"x"), WARC_Date=text) + record(http(b"y")))
    assert bodies(found) == ["problem", b"y"]
    assert isinstance(found[0], RecordProblem)
    assert "WARC-Date" in found[0].sentence


def test_wgets_angle_brackets_and_spaces_in_the_uri_are_read() -> None:
    (capture,) = captures(record(http(b"x"), uri=f"<{URL}>"))
    assert capture.url == URL
    (capture,) = captures(record(http(b"x"), uri=URL + "/a b"))
    assert capture.url == URL + "/a%20b"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("wrong_by", [-2, -1, 1, 2, 4])
def test_a_content_length_that_is_a_little_wrong_costs_no_record(packed: bool, wrong_by: int) -> None:
    block = http(b"<p>some body")
    records = [record(block, length=len(block) + wrong_by), record(http(b"next"))]
    data = b"".join(gzip.compress(one, mtime=0) if packed else one for one in records)
    first, second = captures(data)
    assert first.body.startswith(b"<p>some bo")
    assert second.body == b"next"


def test_a_whole_file_in_one_gzip_member_is_read() -> None:
    assert bodies(read(gzip.compress(record(http(b"a")) + record(http(b"b")), mtime=0))) == [b"a", b"b"]


def test_arc_files_are_read() -> None:
    version = b"1 0 Some Archive\nURL IP-address Archive-date Content-type Archive-length\n"
    arc = b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(version), version)
    for body in (b"<p>one", b"<p>two"):
        block = http(body, b"Content-Type: text/html")
        arc += b"http://press.example/x 192.0.2.1 20050102030405 text/html %d\n%s\n" % (len(block), block)
    for data in (arc, gzip.compress(arc, mtime=0)):
        one, two = captures(data)
        assert (one.body, two.body) == (b"<p>one", b"<p>two")
        assert (two.url, two.fetched_at) == (
            "http://press.example/x",
            datetime(2005, 1, 2, 3, 4, 5, tzinfo=UTC),
        )


def test_arc_lines_of_version_2_and_with_spaces_are_read_and_bad_ones_cost_no_other() -> None:
    block = http(b"<p>a", b"Content-Type: text/html")
    arc = b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain 200 - - 0 a.arc 8\n2 0 Some\n\n"
    arc += b"http://press.example/a b 192.0.2.1 20050102030405 text/html 200 XYZ - 97 a.arc %d\n" % len(block)
    arc += block + b"\n"
    arc += b"http://press.example/c 192.0.2.1 20050102030405 text/html; charset=x -1\n" + block + b"\n"
    arc += b"http://press.example/d 192.0.2.1 20050102030405 text/html; charset=x %d\n" % len(block) + block
    found = read(arc)
    assert bodies(found) == [b"<p>a", "problem", b"<p>a"]
    assert [c.url for c in found if isinstance(c, Capture)] == [
        "http://press.example/a%20b",
        "http://press.example/d",
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "metadata://gnu.org/software/wget/warc/wget.log",
        "urn:X-wpull:log",
        "urn:pageinfo:https://press.example/",
        "urn:view:https://press.example/",
        "screenshot:https://press.example/",
        "dns:press.example",
    ],
)
def test_what_crawlers_write_about_themselves_is_no_page(uri: str) -> None:
    assert captures(record(b"2023-11-27 INFO fetched", "resource", uri, Content_Type="text/plain")) == []


@pytest.mark.parametrize("version", [b"WARC/0.17", b"WARC/0.18", b"WARC/1.1"])
@pytest.mark.parametrize("shape", ["as it is", "lower case", "folded", "newlines only"])
def test_every_version_and_manner_of_header_is_read(version: bytes, shape: str) -> None:
    head, block = record(http(b"<p>a")).replace(b"WARC/1.0", version).split(b"\r\n\r\n", 1)
    if shape == "lower case":
        head = version + head.removeprefix(version).lower()
    elif shape == "folded":
        head = head.replace(b"WARC-Target-URI: ", b"WARC-Target-URI:\r\n\t")
    elif shape == "newlines only":
        head = head.replace(b"\r\n", b"\n")
    data = head + (b"\n\n" if shape == "newlines only" else b"\r\n\r\n") + block
    for one, two in ((data, data), (data.rstrip(b"\r\n"), data)):  # also without newlines between records
        assert [(c.url, c.body) for c in captures(one + two)] == [(URL, b"<p>a")] * 2


@pytest.mark.parametrize("packed", [False, True])
def test_a_wrong_block_digest_beside_a_right_payload_digest_costs_no_record(packed: bool) -> None:
    """wget gives the digest of nothing to the block of revisits, others count the header in or out."""
    wrong = visited(b"<p>a", WARC_Block_Digest=payload_digest(b""))
    chunked = record(
        http(b"4\r\n<p>b\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"),
        WARC_Block_Digest="sha256:" + "0" * 64,
        WARC_Payload_Digest=payload_digest(b"<p>b"),
    )
    again = revisited(b"<p>a", WARC_Block_Digest=payload_digest(b""))
    records = [wrong, chunked, again]
    data = b"".join(gzip.compress(one, mtime=0) if packed else one for one in records)
    assert bodies(read(data)) == [b"<p>a", b"<p>b", b"<p>a"]


def test_a_stream_that_cannot_seek_is_read() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    found = list(read_warc(Pipe(gzip.compress(record(http(b"a")), mtime=0))))
    assert bodies(found) == [b"a"]


def test_a_path_is_named_in_captures_and_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(record(http(b"a")) + b"WARC/1.0\r\nnonsense\r\n\r\n")
    capture, problem = read_warc(path)
    assert isinstance(capture, Capture)
    assert isinstance(problem, RecordProblem)
    assert capture.source_path == problem.path == str(path)


def test_what_we_wrote_reads_back_as_pages_without_what_is_no_page(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"<p>a"), "a")
        archive.write_exchange(exchange(b"Disallow:", "https://press.example/robots.txt"))
        keep(archive, dump(b"b"), "b")
    assert [list(map(type, read_warc(path))) for path in sample.warcs(tmp_path)] == [[Capture] * 2] * 2
    assert [bodies(list(read_warc(path))) for path in sample.warcs(tmp_path)] == [
        [b"<p>a", b"b"],
        [b"a", b"b"],
    ]


def test_what_we_wrote_reloads_with_its_hints_and_its_identity(tmp_path: Path) -> None:
    hints = Hints(
        headline="Fähre \U0001f6a2 im Hafen", authors=("Zoë Quill", "B"), date_published="2024-05-02"
    )
    given = [
        dump(b"short", hints=hints),
        msgspec.structs.replace(crawled(b"<p>a"), hints=hints),
        dump(b"none"),
    ]
    with open_archive(tmp_path / "one") as archive:
        first = [archive.store_raw(capture) for capture in given]
    again = list(read_warc(sample.raw_file(tmp_path / "one")))
    assert [(c.hints, c.url, c.source) for c in again if isinstance(c, Capture)] == [
        (hints, "", "warc"),
        (hints, "https://press.example/ferry", "warc"),
        (None, "", "warc"),
    ]
    with open_archive(tmp_path / "two") as archive:
        second = [archive.store_raw(capture) for capture in again if isinstance(capture, Capture)]
    assert [capture.url for capture in second] == [capture.url for capture in first]
    assert second[0].url == f"urn:{payload_digest(b'short')}"
    with open_archive(tmp_path / "two") as archive:
        assert [capture.hints for capture in archive.captures()] == [hints, hints, None]


@pytest.mark.parametrize(
    ("field", "hints"),
    [
        ('{"headline":"A"}', Hints(headline="A")),
        ('{"headline":"A","kind":"article","text":"x"}', Hints(headline="A")),  # what we do not write
        (json.dumps({"headline": "x" * 5_000}), Hints(headline="x" * 1_000)),
        (json.dumps({"authors": ["B"] * 80}), Hints(authors=("B",) * 50)),
        ('{"headline":"a\\u0000b"}', Hints(headline="a\ufffdb")),
        ('{"headline":7}', None),
        ('{"authors":"B"}', None),
        ('{"headline":"\\ud800"}', None),
        ("[" * 100_000, None),
        ('"' + "x" * 1_000_000, None),
        ("no JSON", None),
    ],
)  # fmt: skip
def test_hints_of_any_maker_are_read_in_our_form_or_not_at_all(field: str, hints: Hints | None) -> None:
    found = captures(
        record(b"x", "resource", Pressmark_Hints=field) + record(http(b"y"), Pressmark_Hints=field)
    )
    assert [capture.hints for capture in found] == [hints, hints]


def test_a_foreign_warc_kept_twice_is_kept_once(tmp_path: Path) -> None:
    data = gzip.compress(record(http(b"<p>a")), mtime=0) + gzip.compress(
        record(b"b", "resource", uri=URL + "b"), mtime=0
    )
    for _ in range(2):
        with open_archive(tmp_path) as archive:
            for capture in captures(data):
                if not archive.is_current(capture, sample.CLEANER):
                    keep(archive, capture, capture.body.decode())
    assert sample.rows(tmp_path, "select count(*) from captures") == [(2,)]
    assert check(tmp_path) == []


# Damage ---------------------------------------------------------------------------------------------


def gzipped(count: int) -> tuple[bytes, list[int]]:
    """Members that look like news pages, and where each begins."""
    members = [
        gzip.compress(record(http(b"".join(b"<p>%d of page %d" % (k * k, n) for k in range(200)))), mtime=0)
        for n in range(count)
    ]
    offsets = [sum(map(len, members[:n])) for n in range(count)]
    return b"".join(members), offsets


def test_a_flipped_bit_costs_one_record_wherever_it_is() -> None:
    data, offsets = gzipped(4)
    for at in range(offsets[1], offsets[2], 13):
        flipped = bytearray(data)
        flipped[at] ^= 4
        found = read(bytes(flipped))
        good = [item for item in found if isinstance(item, Capture)]
        problems = [item for item in found if isinstance(item, RecordProblem)]
        if not problems:  # the header's time and operating system are not part of what is packed
            assert at - offsets[1] in range(3, 10)
            continue
        assert (len(good), len(problems), problems[0].offset) == (3, 1, offsets[1])
        assert b" of page 3" in good[-1].body


def test_a_zeroed_block_costs_the_records_it_touches() -> None:
    data, offsets = gzipped(40)
    start = offsets[10] + 20
    zeroed = data[:start] + bytes(4096) + data[start + 4096 :]
    found = read(zeroed)
    touched = sum(offset + 1 < start + 4096 for offset in offsets[10:])
    assert len([item for item in found if isinstance(item, Capture)]) == 40 - touched
    assert b"page 39" in found[-1].body if isinstance(found[-1], Capture) else False


def test_a_torn_tail_costs_the_last_record() -> None:
    data, offsets = gzipped(3)
    for end in range(offsets[2] + 1, len(data), 11):
        *good, last = read(data[:end])
        assert [type(item) for item in good] == [Capture, Capture]
        assert isinstance(last, RecordProblem)
        assert last.sentence.startswith(
            f"old.warc, byte {offsets[2]:,}: a gzip member breaks off in the middle"
        )


def test_a_flipped_bit_in_an_uncompressed_body_is_found_by_its_digest() -> None:
    block = http(b"<p>the body of a page")
    digest = payload_digest(block)
    good = record(block, WARC_Block_Digest=digest)
    assert bodies(read(good.replace(b"body", b"bodz") + good)) == ["problem", b"<p>the body of a page"]
    assert bodies(read(record(block, WARC_Block_Digest="md5:abc"))) == [b"<p>the body of a page"]


def test_reading_takes_up_again_behind_a_broken_header() -> None:
    good = record(http(b"good"))
    for broken in (
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        good.replace(b"Content-Length: ", b"Content-Length: -"),
        good.replace(b"Content-Length: ", b"Content-Length: 999999"),
        b"\0" * 100 + b"\r\n\r\n",
        b"<html>not a record</html>\r\n" * 3,
    ):
        assert bodies(read(good + broken + good)) == [b"good", "problem", b"good"]
        packed = gzip.compress(good, mtime=0) + gzip.compress(broken, mtime=0) + gzip.compress(good, mtime=0)
        assert [b for b in bodies(read(packed)) if b != "problem"][-1] == b"good"


def test_what_is_no_warc_gets_one_sentence() -> None:
    for data, said in (
        (b"", "the file is empty"),
        (b"<!doctype html><p>hello", "no WARC or ARC record begins with b'<!doctype html>"),
        (gzip.compress(b"hello", mtime=0), "no WARC or ARC record begins with b'hello'"),
        (zstandard.ZstdCompressor().compress(b"hello"), "no WARC or ARC record begins with b'hello'"),
    ):
        (problem,) = read(data)
        assert isinstance(problem, RecordProblem)
        assert problem.sentence.startswith("old.warc, byte 0: " + said)


def test_bombs_and_giants_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(bytes(21_000_000), mtime=0)
    found = read(
        gzip.compress(record(http(bomb, b"Content-Encoding: gzip")), mtime=0)
        + gzip.compress(record(http(b"y")), mtime=0)
    )
    assert bodies(found) == ["problem", b"y"]
    assert isinstance(found[0], RecordProblem)
    assert found[0].reason == f"the record of {URL}: its body unpacks to more than 20,000,000 bytes"
    giant = gzip.compress(record(http(bytes(22_000_000))), mtime=0) + gzip.compress(
        record(http(b"y")), mtime=0
    )
    assert bodies(read(giant)) == ["problem", b"y"]
    endless = b"WARC/1.0\r\n" + b"X: y\r\n" * 400_000
    assert bodies(read(gzip.compress(endless, mtime=0) + gzip.compress(record(http(b"y")), mtime=0))) == [
        "problem",
        b"y",
    ]


@settings(max_examples=150)
@given(st.binary(max_size=300), st.integers(0, 3))
def test_no_bytes_make_reading_raise(junk: bytes, shape: int) -> None:
    good = record(http(b"good"))
    data = {
        0: junk,
        1: gzip.compress(junk, mtime=0),
        2: good + junk + good,
        3: gzip.compress(good, mtime=0) + junk + gzip.compress(good, mtime=0),
    }[shape]
    found = read(data)
    assert all(isinstance(item, (Capture, RecordProblem)) for item in found)
    if shape >= 2:
        assert isinstance(found[0], Capture)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4), st.booleans())
def test_no_flipped_bytes_make_reading_raise(flips: list[tuple[int, int]], packed: bool) -> None:
    records = [
        record(http(gzip.compress(b"<p>body", mtime=0), b"Content-Encoding: gzip"), WARC_IP_Address="::1")
    ] * 3
    data = bytearray(b"".join(gzip.compress(one, mtime=0) if packed else one for one in records))
    for at, mask in flips:
        data[at % len(data)] ^= mask
    assert all(isinstance(item, (Capture, RecordProblem)) for item in read(bytes(data)))


# WACZ -----------------------------------------------------------------------------------------------


def wacz(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_wacz_gives_the_pages_of_its_warcs(tmp_path: Path) -> None:
    path = wacz(
        tmp_path / "crawl.wacz",
        {
            "datapackage.json": b"{}",
            "archive/a.warc.gz": gzip.compress(record(http(b"a")), mtime=0),
            "archive/b.warc": record(http(b"b")),
            "indexes/index.cdx.gz": gzip.compress(b"x", mtime=0),
        },
    )
    found = list(read_wacz(path))
    assert bodies(found) == [b"a", b"b"]
    assert [(c.source, c.source_path) for c in found if isinstance(c, Capture)] == [
        ("wacz", f"{path}!archive/a.warc.gz"),
        ("wacz", f"{path}!archive/b.warc"),
    ]


def test_names_in_a_wacz_touch_nothing_on_disk(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = wacz(
        inside / "evil.wacz",
        {"archive/../../../escaped.warc": record(http(b"a")), "/archive/root.warc": record(http(b"b"))},
    )
    assert bodies(list(read_wacz(path))) == [b"a"]
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["evil.wacz", "inside"]


def test_a_wacz_that_is_none_or_damaged_or_a_bomb_is_a_problem(tmp_path: Path) -> None:
    no_zip = tmp_path / "no.wacz"
    no_zip.write_bytes(b"PK\x03\x04 but no zip")
    empty = wacz(tmp_path / "empty.wacz", {"pages/pages.jsonl": b""})
    bomb = wacz(tmp_path / "bomb.wacz", {"archive/a.warc": bytes(5_000_000)}, zipfile.ZIP_DEFLATED)
    for path, said in (
        (no_zip, "is no WACZ that can be opened"),
        (tmp_path / "absent.wacz", "is no WACZ that can be opened"),
        (empty, "holds no WARC file under archive/"),
        (bomb, "claims to unpack to 5,000,000 bytes"),
    ):
        (problem,) = read_wacz(path)
        assert isinstance(problem, RecordProblem)
        assert said in problem.sentence
    data = bytearray(
        wacz(
            tmp_path / "c.wacz", {"archive/a.warc": record(http(b"a")) * 50}, zipfile.ZIP_DEFLATED
        ).read_bytes()
    )
    data[100] ^= 255
    (tmp_path / "c.wacz").write_bytes(data)
    assert "damaged" in str(
        [p.sentence for p in read_wacz(tmp_path / "c.wacz") if isinstance(p, RecordProblem)]
    )


def test_the_limits_are_those_of_the_crawl() -> None:
    assert MAX_BLOCK > MAX_BODY == 20_000_000
