"""The bytes we write into WARC files, whole records at a time."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio has no types

from archive import records
from archive.languages import three_letter
from archive.payload import parse_response
from archive.reading import parse_record
from archive.values import Hints
from tests.archive import sample
from tests.archive.sample import START

ID = "<urn:uuid:00000000-0000-0000-0000-000000000007>"
OTHER = "<urn:uuid:00000000-0000-0000-0000-000000000003>"
URL = "https://press.example/ferry?page=2"


def test_a_warcinfo_record() -> None:
    fields = {"software": "pressmark/1", "robots": "classic", "operator": "", "isPartOf": "two\r\nlines"}
    assert records.warcinfo(ID, START, "a.warc.gz", fields).data == (
        b"WARC/1.1\r\n"
        b"WARC-Type: warcinfo\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000007>\r\n"
        b"WARC-Date: 2024-05-02T08:00:00Z\r\n"
        b"WARC-Filename: a.warc.gz\r\n"
        b"WARC-Block-Digest: sha1:U73DN253GQGAT4JYJZOUIYHMNY4MGHGO\r\n"
        b"Content-Type: application/warc-fields\r\n"
        b"Content-Length: 61\r\n"
        b"\r\n"
        b"software: pressmark/1\r\n"
        b"robots: classic\r\n"
        b"isPartOf: two lines\r\n"
        b"\r\n\r\n"
    )


def test_a_response_keeps_repeated_headers_latin_1_and_content_coding_and_loses_transfer_coding() -> None:
    made = records.response(
        ID,
        URL,
        sample.exchange(
            b"\x1f\x8b not for us to open",
            response_headers=(
                (b"Set-Cookie", b"a=1"),
                (b"TRANSFER-encoding", b"chunked"),
                (b"Content-Length", b"999"),
                (b"set-cookie", b"b=2"),
                (b"Content-Encoding", b"gzip"),
                (b"X-Editor", b"Zo\xeb"),
            ),
            reason="Très bien",
            truncated="length",
        ),
    )
    assert made.data == (
        b"WARC/1.1\r\n"
        b"WARC-Type: response\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000007>\r\n"
        b"WARC-Date: 2024-05-02T08:00:00Z\r\n"
        b"WARC-Target-URI: https://press.example/ferry?page=2\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Truncated: length\r\n"
        b"WARC-Payload-Digest: sha1:ABHTW3OJVQFGCHUM4FJBTCIUHGN2FCJW\r\n"
        b"WARC-Block-Digest: sha1:B3T5G6WTVKPAE7OMHU2CPR4FD64YAYQY\r\n"
        b"Content-Type: application/http; msgtype=response\r\n"
        b"Content-Length: 140\r\n"
        b"\r\n"
        b"HTTP/1.1 200 Tr\xe8s bien\r\n"
        b"Set-Cookie: a=1\r\n"
        b"Content-Length: 21\r\n"
        b"set-cookie: b=2\r\n"
        b"Content-Encoding: gzip\r\n"
        b"X-Editor: Zo\xeb\r\n"
        b"\r\n"
        b"\x1f\x8b not for us to open"
        b"\r\n\r\n"
    )
    assert made.payload_digest == "sha1:ABHTW3OJVQFGCHUM4FJBTCIUHGN2FCJW"


def test_a_request_is_tied_to_its_response() -> None:
    made = records.request(ID, URL, sample.exchange(b"", method="POST", request_body=b"q=1"), OTHER)
    assert made.data == (
        b"WARC/1.1\r\n"
        b"WARC-Type: request\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000007>\r\n"
        b"WARC-Date: 2024-05-02T08:00:00Z\r\n"
        b"WARC-Target-URI: https://press.example/ferry?page=2\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Concurrent-To: <urn:uuid:00000000-0000-0000-0000-000000000003>\r\n"
        b"WARC-Payload-Digest: sha1:PXRWBFXOE6VXA6XX3ERPRSXMG7UNNRSE\r\n"
        b"WARC-Block-Digest: sha1:AMLAFBOHBJFK6SLQLTSXX3V6MV7PXSEP\r\n"
        b"Content-Type: application/http; msgtype=request\r\n"
        b"Content-Length: 83\r\n"
        b"\r\n"
        b"POST /ferry?page=2 HTTP/1.1\r\n"
        b"Host: press.example\r\n"
        b"User-Agent: pressmark-test\r\n"
        b"\r\n"
        b"q=1"
        b"\r\n\r\n"
    )


def test_a_revisit_names_what_it_repeats_and_holds_headers_only() -> None:
    original = records.Original(
        record_id=OTHER, url="https://press.example/ferry", fetched_at=START, payload_digest="sha1:AAAA"
    )
    made = records.revisit(ID, URL, sample.exchange(b"the payload", hours=1.5), original)
    assert made.data == (
        b"WARC/1.1\r\n"
        b"WARC-Type: revisit\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000007>\r\n"
        b"WARC-Date: 2024-05-02T09:30:00Z\r\n"
        b"WARC-Target-URI: https://press.example/ferry?page=2\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
        b"WARC-Refers-To: <urn:uuid:00000000-0000-0000-0000-000000000003>\r\n"
        b"WARC-Refers-To-Target-URI: https://press.example/ferry\r\n"
        b"WARC-Refers-To-Date: 2024-05-02T08:00:00Z\r\n"
        b"WARC-Payload-Digest: sha1:AAAA\r\n"
        b"WARC-Truncated: length\r\n"
        b"WARC-Block-Digest: sha1:CZ6E5LXK37HHABZFKRF4PMJFHUGAGIOG\r\n"
        b"Content-Type: application/http; msgtype=response\r\n"
        b"Content-Length: 59\r\n"
        b"\r\n"
        b"HTTP/1.1 200 OK\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n"
        b"\r\n"
        b"\r\n\r\n"
    )
    assert made.payload_digest == "sha1:AAAA"


def test_a_resource_is_the_dump_page_itself_and_says_where_it_came_from() -> None:
    capture = sample.dump(b"Plain\xff bytes", hints=Hints(headline="Fähre", authors=("A", "B")))
    made = records.resource(ID, "urn:sha1:X", capture, records.capture_fields(capture))
    assert made.data == (
        b"WARC/1.1\r\n"
        b"WARC-Type: resource\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000007>\r\n"
        b"WARC-Date: 2024-05-02T08:00:00Z\r\n"
        b"WARC-Target-URI: urn:sha1:X\r\n"
        b"Pressmark-Source: dump\r\n"
        b"Pressmark-Source-Path: dumps/page.txt\r\n"
        b'Pressmark-Hints: {"headline":"F\\u00e4hre","authors":["A","B"],"date_published":null,'
        b'"language":null}\r\n'
        b"WARC-Payload-Digest: sha1:AWNCSPCNVWE3EAPSH7XZ2LBMZRGPBZPO\r\n"
        b"WARC-Block-Digest: sha1:AWNCSPCNVWE3EAPSH7XZ2LBMZRGPBZPO\r\n"
        b"Content-Type: text/plain\r\n"
        b"Content-Length: 12\r\n"
        b"\r\n"
        b"Plain\xff bytes"
        b"\r\n\r\n"
    )


def test_a_conversion_names_its_page_and_language_and_none_of_the_forbidden_fields() -> None:
    made = records.conversion(ID, URL, START, OTHER, "Die Fähre fährt.", "de-AT")
    assert made.data == (
        b"WARC/1.1\r\n"
        b"WARC-Type: conversion\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000007>\r\n"
        b"WARC-Date: 2024-05-02T08:00:00Z\r\n"
        b"WARC-Target-URI: https://press.example/ferry?page=2\r\n"
        b"WARC-Refers-To: <urn:uuid:00000000-0000-0000-0000-000000000003>\r\n"
        b"WARC-Identified-Content-Language: deu\r\n"
        b"WARC-Payload-Digest: sha1:QVHIRSYSEPR5UL4BYTELVBF6ZEZMJH74\r\n"
        b"WARC-Block-Digest: sha1:QVHIRSYSEPR5UL4BYTELVBF6ZEZMJH74\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: 18\r\n"
        b"\r\n"
        b"Die F\xc3\xa4hre f\xc3\xa4hrt."
        b"\r\n\r\n"
    )


def test_a_metadata_record_is_json_about_its_page() -> None:
    made = records.metadata(ID, URL, START, OTHER, b'{"headline":null}')
    assert made.data.startswith(b"WARC/1.1\r\nWARC-Type: metadata\r\n")
    assert b"WARC-Refers-To: " + OTHER.encode() + b"\r\n" in made.data
    assert made.data.endswith(
        b'Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{"headline":null}\r\n\r\n'
    )


def test_a_protocol_without_a_message_syntax_of_its_own_is_named_in_a_field() -> None:
    made = records.response(ID, URL, sample.exchange(b"x", protocol="h2"))
    assert b"\r\nWARC-Protocol: h2\r\n" in made.data
    assert b"\r\n\r\nHTTP/1.1 200 OK\r\n" in made.data


def test_header_values_cannot_break_out_of_a_record() -> None:
    hostile = ((b"X\r\n\r\nWARC/1.1", b"a\r\nSet-Cookie: b\r\n\r\n<html>\0"), (b"Y", b"\xff\xfe"))
    made = records.response(ID, URL, sample.exchange(b"body", response_headers=hostile, reason="O\nK"))
    message = parse_response(parse_record(made.data, 0).block)
    assert message.body == b"body"
    assert message.headers == (
        (b"X    WARC/1.1", b"a  Set-Cookie: b    <html>"),
        (b"Y", b"\xff\xfe"),
    )


_HEADERS = st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=20)), max_size=5).map(tuple)


@given(_HEADERS, st.binary(max_size=200), st.text(max_size=20), st.integers(0, 999))
def test_any_response_comes_back_with_its_body(
    headers: tuple[tuple[bytes, bytes], ...], body: bytes, reason: str, status: int
) -> None:
    made = records.response(
        ID, URL, sample.exchange(body, response_headers=headers, reason=reason, status=status)
    )
    record = parse_record(made.data, 0)
    message = parse_response(record.block)
    assert (record.record_id, message.status, message.body) == (ID, status, body)


@given(_HEADERS, st.binary(max_size=50), st.text(max_size=20))
def test_warcio_reads_any_response_as_we_wrote_it(
    tmp_path_factory: pytest.TempPathFactory,
    headers: tuple[tuple[bytes, bytes], ...],
    body: bytes,
    reason: str,
) -> None:
    made = records.response(ID, URL, sample.exchange(body, response_headers=headers, reason=reason))
    bodies = [r.raw_stream.read() for r in ArchiveIterator(BytesIO(made.data), check_digests="raise")]
    assert bodies == [body]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"),
        ("pt-BR", "por"),
        ("zh_Hant", "zho"),
        ("DEU", "deu"),
        ("xx", None),
        ("", None),
        (None, None),
        ("english", None),
        ("e1g", None),
    ],
)
def test_languages_are_named_by_three_letters(tag: str | None, code: str | None) -> None:
    assert three_letter(tag) == code


def test_hints_from_a_foreign_file_are_bounded() -> None:
    hints = Hints(headline="x" * 10**6, authors=("y" * 10**5,) * 1000)
    fields = records.capture_fields(sample.dump(b"", hints=hints))
    assert sum(len(value) for _, value in fields) < 60_000


def test_files_named_in_records_hold_no_line_ends() -> None:
    capture = sample.dump(b"x", source_path="a\r\nWARC-Type: response", content_type="text/plain\r\nX: y")
    made = records.resource(ID, "urn:sha1:X", capture, records.capture_fields(capture))
    fields = parse_record(made.data, 0).fields
    assert (fields["warc-type"], "x" in fields) == ("resource", False)
    assert fields["content-type"] == "text/plain X: y"
