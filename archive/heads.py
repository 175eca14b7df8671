"""The head of a record: a version line and named fields in WARC, one line of values in ARC."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from archive.members import Lines

#: ARC's URL record (version 1: five values; version 2: ten, of which we use the same five). URL and content
#: type may hold spaces where a writer did not mind; the address and the 14-digit date tell where they end.
_ARC_LINE = re.compile(
    r"(?P<url>\S.*?) (?P<ip>[\d.:a-fA-F]+) (?P<date>\d{14})\d* (?P<rest>.*?) ?(?P<length>-?\w+)", re.DOTALL
)
_ARC_DATE = r"\1-\2-\3T\4:\5:\6Z"


class Head(msgspec.Struct, frozen=True):
    """A record's head. `fields` are name (as written) and value in order, folded lines joined."""

    version: str
    fields: tuple[tuple[str, str], ...]

    def by_name(self) -> dict[str, str]:
        """Values by lower-case name; of repeated fields the first stands."""
        return {name.lower(): value for name, value in reversed(self.fields)}


def read_head(stream: Lines, line: bytes) -> Head:
    """The head that begins with `line`, behind which the stream stands. Raises ValueError: it is too long."""
    if line.startswith(b"WARC/"):
        return Head(line.strip().decode("ascii"), tuple(_fields(stream.read_head())))
    return Head("ARC", _arc_fields(_text(line.strip())))


def _fields(lines: Iterable[bytes]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for line in _text(b"\n".join(lines)).split("\n"):
        if line[:1] in (" ", "\t") and fields:  # WARC 1.1, section 4: folding
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(), value.strip()))
    return fields


def _text(head: bytes) -> str:
    """UTF-8 as WARC has it; Latin-1, in which every byte is something, for writers that did not know."""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _arc_fields(line: str) -> tuple[tuple[str, str], ...]:
    found = _ARC_LINE.fullmatch(line)
    if found is None:
        return ()
    is_file = found["url"].startswith("filedesc:")
    kind = found["rest"].split(" ")[0]
    return (
        ("WARC-Type", "warcinfo" if is_file else "response"),
        ("WARC-Target-URI", found["url"]),
        ("WARC-IP-Address", found["ip"]),
        ("WARC-Date", re.sub(r"(....)(..)(..)(..)(..)(..)", _ARC_DATE, found["date"])),
        ("Content-Type", kind),
        ("Content-Length", found["length"]),
    )
