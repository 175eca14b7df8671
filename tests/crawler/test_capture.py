"""Heads of messages, read from raw lines. What goes over a wire is compared in test_trouble.py."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.capture import Tape, cut_of, exchange_of, parse_headers, parse_status

NAME = st.text("abcdefghijklmnopqrstuvwxyzABC-_0123456789", min_size=1).map(str.encode)
VALUE = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"").strip(b" \t"))


@given(st.lists(st.tuples(NAME, VALUE), max_size=8))
def test_headers_come_back_in_order_and_case(pairs: list[tuple[bytes, bytes]]) -> None:
    assert parse_headers([name + b": " + value for name, value in pairs]) == tuple(pairs)


@given(st.lists(st.binary(max_size=30)))
def test_no_header_lines_break_us(lines: list[bytes]) -> None:
    assert all(b":" not in name for name, _ in parse_headers(lines))


def test_folded_lines_are_joined_and_lines_without_colon_left_out() -> None:
    lines = [b"  lost", b"A: one", b"\t two ", b"nonsense", b"B:", b" three"]
    assert parse_headers(lines) == ((b"A", b"one two"), (b"B", b"three"))


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        (b"HTTP/1.1 200 OK", ("HTTP/1.1", 200, "OK")),
        (b"HTTP/1.0 404 Not Found Here", ("HTTP/1.0", 404, "Not Found Here")),
        (b"HTTP/1.1 204", ("HTTP/1.1", 204, "")),
        (b"HTTP/1.1 200 g\xf6od", ("HTTP/1.1", 200, "göod")),
    ],
)
def test_status_line_keeps_its_phrase(line: bytes, parsed: tuple[str, int, str]) -> None:
    assert parse_status(line) == parsed


def test_exchange_is_what_was_overheard() -> None:
    tape = Tape(
        started_at=datetime(2025, 1, 1, tzinfo=UTC),
        sent=bytearray(b"POST /x HTTP/1.1\r\nHost: a.example\r\n\r\nq=1"),
        head=[b"HTTP/1.1 200 Fine\r\n", b"Transfer-Encoding: chunked\r\n", b"X:  y\n", b"\r\n"],
        peer="192.0.2.1",
    )
    exchange = exchange_of(tape, "https://a.example/x", b"body", "time")
    assert (exchange.method, exchange.request_body) == ("POST", b"q=1")
    assert exchange.request_headers == ((b"Host", b"a.example"),)
    assert exchange.request_head == b"POST /x HTTP/1.1\r\nHost: a.example\r\n\r\n"
    assert exchange.response_headers == ((b"Transfer-Encoding", b"chunked"), (b"X", b"y"))
    assert exchange.response_head == (b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nX:  y\n\r\n")
    assert (exchange.reason, exchange.truncated, exchange.ip_address) == ("Fine", "time", "192.0.2.1")


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        ([], None),
        (["partial"], None),
        (["dataloss"], "disconnect"),
        (["cached", "truncated:length"], "length"),
    ],
)
def test_flags_say_whether_a_body_was_cut(flags: list[str], word: str | None) -> None:
    assert cut_of(flags) == word
