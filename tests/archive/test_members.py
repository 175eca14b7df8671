"""Gzip members: one stream for any reader, the same for the same bytes, packed bodies not packed again."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli  # type: ignore[import-untyped]  # has no types
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.members import compress

HEAD = (
    b"WARC/1.1\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n" + b"X-Cache: HIT, MISS\r\n" * 20 + b"\r\n"
)
TEXT = b"".join(b"<p>Paragraph %d of the ferry timetable, %d.</p>\n" % (n, n * n) for n in range(2000))
NOISE = random.Random(7).randbytes(40_000)


def is_stored(member: bytes, body: bytes) -> bool:
    """Whether the body stands in the member as it is (a stored block holds at most 64 KB)."""
    return body[:1000] in member and body[-1000:] in member


@given(st.binary(max_size=300), st.sampled_from([b"", TEXT, NOISE, NOISE + TEXT]), st.binary(max_size=9))
def test_any_record_comes_back_from_its_member(head: bytes, body: bytes, tail: bytes) -> None:
    for record in (head + body + tail, HEAD + head + body + tail):
        member = compress(record)
        assert member == compress(record)
        inflate = zlib.decompressobj(31)
        assert inflate.decompress(member) == record
        assert (inflate.eof, inflate.unused_data) == (True, b"")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(TEXT),
        zlib.compress(TEXT),
        brotli.compress(TEXT),
        zstandard.ZstdCompressor().compress(TEXT),
        NOISE,
    ],
    ids=["gzip", "deflate", "br", "zstd", "noise, as in a picture"],
)
def test_a_packed_body_is_stored_and_its_head_deflated(body: bytes) -> None:
    assert len(body) > 3072, "smaller bodies are not looked at"
    member = compress(HEAD + body + b"\r\n\r\n")
    assert is_stored(member, body)
    assert len(member) < len(body) + len(HEAD) // 2


def test_what_shrinks_is_deflated_whatever_its_header_says() -> None:
    lying = HEAD.replace(b"X-Cache", b"Content-Encoding: gzip\r\nX-Cache", 1)
    member = compress(lying + TEXT)
    assert len(member) < len(TEXT) / 4
    # Neither does text with a packed picture in its middle count as packed.
    assert not is_stored(compress(HEAD + TEXT + NOISE + TEXT), TEXT)
