"""From a capture's row back to the capture: what re-cleaning reads."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from archive import rows
from archive.errors import ArchiveError
from archive.payload import PayloadError
from archive.reading import own_body, own_capture, read_own
from archive.rows import StoredCapture
from archive.values import Capture


def read_back(root: Path, db: sqlite3.Connection, stored: StoredCapture, requested_url: str = "") -> Capture:
    """The stored page, its `record` set and its body decoded; a revisit's body comes from its original.

    Raises ArchiveError where a record is not there, not whole, or cannot be decoded.
    """
    record = read_own(root, stored.ref)
    holder = record
    if record.record_type == "revisit":
        others = rows.captures_of_payload(db, stored.url, stored.payload_digest)
        original = next((other for other in others if other.record_type == "response"), None)
        if original is None:
            raise ArchiveError(
                f"The page that {stored.ref.record_id} repeats is not in the archive any more."
            )
        holder = read_own(root, original.ref)
    try:
        capture = own_capture(record, own_body(holder))
    except (PayloadError, ValueError) as error:
        raise ArchiveError(
            f"The record {stored.ref.record_id} of {stored.url} cannot be read: {error}."
        ) from None
    return msgspec.structs.replace(capture, url=stored.url, requested_url=requested_url, record=stored.ref)
