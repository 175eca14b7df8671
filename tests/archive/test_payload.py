"""Undoing what HTTP did to a body: right for honest servers, harmless with the others, bounded always."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # has no types
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.payload import (
    HttpMessage,
    PayloadError,
    decoded,
    first_header,
    header_values,
    parse_response,
    without_transfer_coding,
)

TEXT = "Die Fähre fährt wieder. ".encode() * 40


def bare_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(body) + stream.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def coded(*codings: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"content-ENCODING", ", ".join(codings).encode()),)


@pytest.mark.parametrize("coding", ENCODERS)
@given(body=st.binary(max_size=2000))
def test_each_coding_is_undone(coding: str, body: bytes) -> None:
    assert decoded(coded(coding), ENCODERS[coding](body)) == body


def test_deflate_is_read_with_and_without_its_zlib_header() -> None:
    assert decoded(coded("deflate"), bare_deflate(TEXT)) == TEXT


def test_codings_on_top_of_one_another_are_undone_in_turn() -> None:
    assert decoded(coded("gzip", "br"), brotli.compress(gzip.compress(TEXT))) == TEXT


@pytest.mark.parametrize("coding", ["identity", "none", "utf-8", "", "text/html"])
def test_what_is_no_coding_changes_nothing(coding: str) -> None:
    assert decoded(coded(coding), TEXT) == TEXT


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_body_that_is_not_in_the_coding_it_claims_comes_back_as_it_is(coding: str) -> None:
    assert decoded(coded(coding), TEXT) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_breaks_off_gives_what_there_was(coding: str) -> None:
    body = b"".join(b"%d bottles of beer, " % n for n in range(20_000))
    cut = ENCODERS[coding](body)[:-40]
    found = decoded(coded(coding), cut)
    assert len(found) > 1000
    assert body.startswith(found)


def test_gzip_of_several_members_is_read_whole_and_junk_behind_it_is_not_text() -> None:
    assert decoded(coded("gzip"), gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"
    assert decoded(coded("gzip"), gzip.compress(b"one") + b"\0\0junk") == b"one"


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_bomb_is_refused_without_being_unpacked(coding: str) -> None:
    bomb = ENCODERS[coding](bytes(60_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(PayloadError, match="its body unpacks to more than 1,000,000 bytes"):
            decoded(coded(coding), bomb, limit=1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_bomb_in_a_bomb_and_a_tower_of_codings_are_refused() -> None:
    bomb = gzip.compress(gzip.compress(bytes(60_000_000)))
    with pytest.raises(PayloadError, match="unpacks to more"):
        decoded(coded("gzip", "gzip"), bomb, limit=1_000_000)
    with pytest.raises(PayloadError, match="encoded 4 times over"):
        decoded(coded("gzip", "gzip", "gzip", "gzip"), b"")


def test_a_body_over_the_limit_is_refused() -> None:
    assert decoded((), b"12345", limit=5) == b"12345"
    with pytest.raises(PayloadError, match="more than 4 bytes"):
        decoded((), b"12345", limit=4)


def test_a_zstd_frame_that_asks_for_a_huge_window_is_not_served() -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=27)
    frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = frame.compress(TEXT * 1000) + frame.flush()
    assert decoded(coded("zstd"), body) == body


# Chunked --------------------------------------------------------------------------------------------

CHUNKED = ((b"Transfer-Encoding", b"chunked"),)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_chunks_are_joined(chunks: list[bytes]) -> None:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert without_transfer_coding(CHUNKED, framed) == b"".join(chunks)


@pytest.mark.parametrize(
    ("framed", "body"),
    [
        (b"<html>stored without its framing</html>", b"<html>stored without its framing</html>"),
        (b"4;name=value\r\nfour\r\n0\r\nTrailer: x\r\n\r\n", b"four"),
        (b"4\nfour\n0\n\n", b"four"),
        (b"4\r\nfour\r\nff\r\nbreaks off", b"fourbreaks off"),
        (b"4\r\nfour\r\nZZ\r\nmore", b"four"),
        (b"4\r\nfour but longer than it says\r\n", b"4\r\nfour but longer than it says\r\n"),
        (b"4\r\nfour\r\n3\r\nthree\r\n0\r\n\r\n", b"fourthr"),
        (b"", b""),
    ],
)
def test_broken_framing_costs_no_more_than_it_must(framed: bytes, body: bytes) -> None:
    assert without_transfer_coding(CHUNKED, framed) == body


def test_a_body_without_transfer_coding_is_left_alone() -> None:
    assert without_transfer_coding((), b"4\r\nfour\r\n0\r\n\r\n") == b"4\r\nfour\r\n0\r\n\r\n"


# Messages -------------------------------------------------------------------------------------------


def test_a_response_is_parsed_leniently() -> None:
    block = b"HTTP/1.0 404  Not Found\nA: 1\na:2\nFolded: x\n  y\nnonsense\n\nbody\n\nmore"
    assert parse_response(block) == HttpMessage(
        protocol="HTTP/1.0",
        status=404,
        reason="Not Found",
        headers=((b"A", b"1"), (b"a", b"2"), (b"Folded", b"x y")),
        body=b"body\n\nmore",
    )


def test_a_response_may_end_with_its_headers() -> None:
    message = parse_response(b"HTTP/1.1 204 No Content\r\nA: 1\r\n")
    assert (message.headers, message.body) == (((b"A", b"1"),), b"")


@given(st.binary(max_size=300))
def test_any_block_is_parsed_or_refused(block: bytes) -> None:
    for candidate in (block, b"HTTP/1.1 200 OK\r\n" + block):
        with contextlib.suppress(PayloadError):
            message = parse_response(candidate)
            body = without_transfer_coding(message.headers, message.body)
            assert len(body) <= len(candidate)
            decoded(message.headers, body)


def test_header_values_are_split_and_first_headers_are_not() -> None:
    headers = ((b"Vary", b"A, b"), (b"X", b"y"), (b"vary", b"C"))
    assert header_values(headers, b"vary") == ["a", "b", "c"]
    assert first_header(headers, b"vary") == "A, b"
    assert first_header(headers, b"absent") == ""
