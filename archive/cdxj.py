"""Lines of a CDXJ index: which capture of which URL stands where. Pure: record bytes in, lines out.

A line is `KEY TIMESTAMP {JSON}`: the URL in SURT form (Sort-friendly URI Reordering Transform), fourteen
digits of UTC, and the fields that replay tools read (url, mime, status, digest, length, offset, filename; all
of them strings), as cdxj-indexer and pywb write them. Lines are sorted bytewise, so that a reader finds a URL
by bisection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import surt  # type: ignore[import-untyped]  # has no types

from archive.values import RecordRef

#: Record types that can be replayed. Requests and conversions are no captures of their URL.
INDEXED = frozenset({"response", "revisit", "resource"})
#: What a revisit is called in place of its media type.
REVISIT_MIME = "warc/revisit"
#: A 304 has nothing of its own to show: a replay tool that finds one hands on an empty page (pywb 2.10 does),
#: where the capture before it is what a reader of that day saw. So it is not in the index; it stays in the
#: WARC.
NOT_MODIFIED = "304"

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"(?:HTTP/\d(?:\.\d)?|ICY)[ \t]+(\d{3})")
_CONTENT_TYPE = re.compile(rb"^content-type:[ \t]*([^;\s]+)", re.IGNORECASE | re.MULTILINE)


def line_of(record: bytes, ref: RecordRef) -> bytes | None:
    """The line of one whole record that stands at `ref`, with its line end;

    None for a record that has none.
    """
    end = _END_OF_HEAD.search(record)
    if end is None:
        return None
    fields = _fields(record[: end.start()])
    record_type, url = fields.get("warc-type", ""), fields.get("warc-target-uri", "")
    if record_type not in INDEXED or not url:
        return None
    if record_type == "resource":
        mime, status = _mime(fields.get("content-type", "")), ""
    else:
        head = _END_OF_HEAD.split(record[end.end() :], maxsplit=1)[0]
        code, kind = _STATUS.match(head), _CONTENT_TYPE.search(head)
        status = code[1].decode("ascii") if code else ""
        mime = kind[1].decode("ascii", "replace").lower() if kind else ""
        if record_type == "revisit":
            mime = REVISIT_MIME
            if status == NOT_MODIFIED:
                return None
    told = {
        "url": url,
        "mime": mime,
        "status": status,
        "digest": fields.get("warc-payload-digest", ""),
        "length": str(ref.length),
        "offset": str(ref.offset),
        "filename": ref.file,
    }
    said = json.dumps({name: value for name, value in told.items() if value})
    return f"{key_of(url)} {timestamp_of(fields.get('warc-date', ''))} {said}\n".encode()


def key_of(url: str) -> str:
    """`url` as an index sorts it: canonical, its host turned round. Without spaces whatever the URL holds."""
    try:
        key = str(surt.surt(url))
    except Exception:  # noqa: BLE001 - hostile input: a URL that cannot be taken apart is its own key
        key = url.lower()
    return re.sub(r"\s", "%20", key.encode("utf-8", "replace").decode("utf-8"))


def timestamp_of(warc_date: str) -> str:
    """The fourteen digits of a WARC-Date; what a short date leaves out is its beginning."""
    digits = re.sub(r"\D", "", warc_date)[:14]
    return digits + "00000101000000"[len(digits) :]


def place_of(line: bytes) -> tuple[str, int, int]:
    """File, offset and length that a line tells. Raises ValueError for what is no line of an index."""
    told = fields_of(line)
    try:
        return str(told["filename"]), int(told["offset"]), int(told["length"])
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"no line of a CDXJ index: {line[:80]!r}") from error


def fields_of(line: bytes) -> Mapping[str, str]:
    """The JSON of a line. Raises ValueError where it has none."""
    parts = line.split(b" ", 2)
    try:
        told = json.loads(parts[2]) if len(parts) == 3 else None
    except RecursionError:
        told = None
    if not isinstance(told, dict):
        raise ValueError(f"no line of a CDXJ index: {line[:80]!r}")
    return told


def renamed(line: bytes, file: str) -> bytes:
    """The same line for the same record in a file that is called `file`."""
    told = {**fields_of(line), "filename": file}
    key, moment, _ = line.split(b" ", 2)
    return b" ".join((key, moment, json.dumps(told).encode())) + b"\n"


def _fields(head: bytes) -> dict[str, str]:
    """Fields of a record of our own making (no folded lines), names in lower case."""
    pairs = (line.partition(":") for line in head.decode("utf-8", "replace").splitlines()[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _mime(content_type: str) -> str:
    return re.split(r"[;\s]", content_type.strip(), maxsplit=1)[0].lower()
