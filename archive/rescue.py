"""A stored exchange again, from its records: for a revisit whose original is about to go."""

from __future__ import annotations

import re
from pathlib import Path

from archive.members import Member, members
from archive.payload import parse_response
from archive.reading import RawRecord, parse_record, record_date
from archive.records import NOT_MODIFIED
from archive.values import Exchange
from archive.warcfiles import open_warc

_TLS = re.compile(rb"\r\nWARC-Protocol: *((?:tls|ssl)/[^\s]+)", re.IGNORECASE)


def exchange_again(root: Path, file: str, offset: int, body: bytes, original: str | None) -> Exchange:
    """The exchange of the revisit at `offset` of `file`, with `body` as its payload.

    A 304 has no payload of its own: it refers to the record `original`. Raises OSError and ValueError.
    """
    with open_warc(root, file) as source:
        following = members(source, offset)
        found, behind = next(following, None), next(following, None)
    if not isinstance(found, Member):
        raise ValueError(f"{file}, byte {offset:,}: the record cannot be read")
    record = parse_record(found.data, offset)
    message = parse_response(record.block)
    unchanged = record.fields.get("warc-profile") == NOT_MODIFIED
    tls = _TLS.search(found.data[: found.data.find(b"\r\n\r\n")])
    request_head, request_body = _request(behind, record)
    return Exchange(
        url=record.fields["warc-target-uri"],
        status=message.status,
        reason=message.reason,
        protocol=message.protocol,
        response_headers=message.headers,
        response_head=record.block,
        response_body=b"" if unchanged else body,
        ip_address=record.fields.get("warc-ip-address"),
        fetched_at=record_date(record),
        tls_version=tls[1].decode("latin-1") if tls else None,
        cipher_suite=record.fields.get("warc-cipher-suite"),
        not_modified=original if unchanged else None,
        request_head=request_head,
        request_body=request_body,
    )


def own_fields(record: RawRecord) -> list[tuple[str, str]]:
    """The fields of a record that are ours, to be written again."""
    return [(_cased(name), value) for name, value in record.fields.items() if name.startswith("pressmark-")]


def _request(behind: object, record: RawRecord) -> tuple[bytes, bytes]:
    """Head and body of the request that brought `record`, where it stands behind it."""
    if not isinstance(behind, Member):
        return b"", b""
    request = parse_record(behind.data, behind.offset)
    if request.fields.get("warc-concurrent-to") != record.record_id:
        return b"", b""
    head, blank, body = request.block.partition(b"\r\n\r\n")
    return head + blank, body


def _cased(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
