"""What waits to be written: entries in order, and what they make known before they are rows."""

from __future__ import annotations

import sqlite3

import msgspec

from archive import folding, rows
from archive.folding import Entry
from archive.rows import Kept, NotArticle, StoredCapture, StoredRecord
from archive.values import Cadence


class Batch:
    """The entries of one transaction to come. Questions about captures are answered as it will leave them.

    Of articles it only knows which it touches (`touched`, by identity): what hangs on one of those is to be
    asked after the batch was written.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._entries: list[Entry] = []
        self._size_bytes = 0
        #: Captures, by record, and their records by URL.
        self._captures: dict[str, StoredCapture] = {}
        self._urls: dict[str, list[str]] = {}
        #: Raw records that revisits may refer to, of pages and of all else, by payload.
        self._holders: dict[str, StoredRecord] = {}
        #: Kinds and reasons of captures.
        self._verdicts: dict[str, tuple[str, str]] = {}
        self.touched: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._entries)

    def is_full(self, cadence: Cadence) -> bool:
        return len(self._entries) >= cadence.rows or self._size_bytes >= cadence.size_bytes

    def add(self, entry: Entry, size_bytes: int) -> None:
        """Take an entry; `size_bytes`: of the records behind it."""
        self._entries.append(entry)
        self._size_bytes += size_bytes

    def write(self) -> None:
        """Write all entries; the caller holds the transaction, and clears when it was committed."""
        for entry in self._entries:
            folding.write(self._db, entry)

    def clear(self) -> None:
        """What it knew is in the rows."""
        self._entries.clear()
        self._size_bytes = 0
        self._captures.clear()
        self._urls.clear()
        self._holders.clear()
        self._verdicts.clear()
        self.touched.clear()

    # Captures ---------------------------------------------------------------------------------------

    def store(self, stored: StoredCapture, like: str | None) -> None:
        """A page's raw record is on disk; `like`: the record whose fate it shares."""
        self._captures[stored.ref.record_id] = stored
        self._urls.setdefault(stored.url, []).append(stored.ref.record_id)
        if like is not None:
            self._verdicts[stored.ref.record_id] = self.verdict_of(like)

    def mark(self, entry: Kept | NotArticle) -> None:
        """It is known what a capture is."""
        known = self._captures.get(entry.record_id)
        if known is None:
            known = rows.capture_of_record(self._db, entry.record_id)
            assert known is not None, "only captures with a row or an entry are marked"
            self._urls.setdefault(known.url, []).append(entry.record_id)
        self.touched |= self.identity_of(known)
        if isinstance(entry, Kept):
            cleaner, verdict = entry.article.cleaner, ("article", entry.article.kind_reason)
        else:
            cleaner, verdict = entry.cleaner, (entry.kind, entry.reason)
        self._captures[entry.record_id] = msgspec.structs.replace(known, cleaner=cleaner)
        self._verdicts[entry.record_id] = verdict

    def capture_of_record(self, record_id: str) -> StoredCapture | None:
        return self._captures.get(record_id) or rows.capture_of_record(self._db, record_id)

    def captures_of_url(self, url: str) -> list[StoredCapture]:
        """Every capture of a URL, oldest row first."""
        new = {record_id: self._captures[record_id] for record_id in self._urls.get(url, [])}
        known = rows.captures_of_url(self._db, url)
        return [new.pop(stored.ref.record_id, stored) for stored in known] + list(new.values())

    def has_url(self, url: str) -> bool:
        """Whether the batch itself has a capture of this URL."""
        return url in self._urls

    def verdict_of(self, record_id: str) -> tuple[str, str]:
        """Kind of a capture, and why."""
        return self._verdicts.get(record_id) or rows.verdict_of(self._db, record_id)

    # Payloads ---------------------------------------------------------------------------------------

    def hold(self, stored: StoredRecord) -> None:
        """What follows may refer to the record's payload."""
        if stored.holds_payload:
            self._holders.setdefault(stored.payload_digest, stored)

    def holders(self, url: str, digest: str) -> list[StoredRecord]:
        """Records that hold a payload, those at `url` first."""
        new = self._holders.get(digest)
        holders = [*([new] if new else []), *rows.holders_of_payload(self._db, digest, url)]
        return sorted(holders, key=lambda holder: holder.url != url)

    # Articles ---------------------------------------------------------------------------------------

    def touch(self, *articles: int) -> None:
        """Entries change these articles."""
        self.touched |= self._identities(articles)

    def touches(self, *articles: int | None) -> bool:
        """Whether an entry changes one of these articles."""
        return bool(self._identities(articles) & self.touched)

    def identity_of(self, stored: StoredCapture) -> set[str]:
        """The identity of the article that a capture belongs to so far, if any."""
        return self._identities((stored.article_id,))

    def _identities(self, articles: tuple[int | None, ...]) -> set[str]:
        found = {rows.identity_of_article(self._db, one) for one in articles if one is not None}
        return {identity for identity in found if identity is not None}
