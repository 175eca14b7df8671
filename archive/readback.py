"""From a capture's row back to the capture: what re-cleaning reads."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from archive import rows
from archive.errors import ArchiveError
from archive.payload import PayloadError, decoded, first_header, parse_response
from archive.reading import RawRecord, own_body, own_capture, read_own
from archive.records import NOT_MODIFIED
from archive.rows import StoredCapture, StoredRecord
from archive.values import Capture


def read_back(root: Path, db: sqlite3.Connection, stored: StoredCapture, requested_url: str = "") -> Capture:
    """The stored page, its `record` set and its body decoded; a revisit's body comes from its original.

    Raises ArchiveError where a record is not there, not whole, or cannot be decoded.
    """
    record = read_own(root, stored.ref)
    try:
        if record.record_type != "revisit":
            capture = own_capture(record, own_body(record))
        else:
            capture = _revisited(record, read_own(root, holder_of(db, record, stored).ref))
    except (PayloadError, ValueError) as error:
        raise ArchiveError(
            f"The record {stored.ref.record_id} of {stored.url} cannot be read: {error}."
        ) from None
    return msgspec.structs.replace(capture, url=stored.url, requested_url=requested_url, record=stored.ref)


def holder_of(db: sqlite3.Connection, revisit: RawRecord, stored: StoredRecord) -> StoredRecord:
    """The record that holds what a revisit left out: the one it names, or any other with the same payload."""
    named = rows.record_of_id(db, revisit.fields.get("warc-refers-to", ""))
    if named is not None and named.record_type == "response":
        return named
    for holder in rows.holders_of_payload(db, stored.payload_digest, stored.url):
        return holder
    raise ArchiveError(f"The page that {stored.ref.record_id} repeats is not in the archive any more.")


def _revisited(revisit: RawRecord, holder: RawRecord) -> Capture:
    """A revisit as the page that it was, under the revisit's own head.

    But after a 304 it is the original's head that says what the body is (RFC 9110, section 15.4.5).
    """
    original = parse_response(holder.block)
    own = parse_response(revisit.block)
    if revisit.fields.get("warc-profile") != NOT_MODIFIED:
        return own_capture(revisit, decoded(own.headers, original.body))
    capture = own_capture(revisit, decoded(original.headers, original.body))
    return msgspec.structs.replace(
        capture, status=original.status, content_type=first_header(original.headers, b"content-type")
    )
