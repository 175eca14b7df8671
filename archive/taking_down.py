"""The order of work of a takedown and of a purge: a kill at any moment leaves what the next opening ends.

A takedown: find what belongs to the subject; give what only refers to it records of its own; then, in one
transaction, tombstones in and rows out; then all that can be done again: the list beside the database, the
capture index, the free pages. What belongs, and what each step does, is in `takedown`, `rescue`, `purge`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from archive import failpoints, overrides, purge, rows, takedown
from archive.database import durable, transaction
from archive.digests import payload_digest
from archive.errors import ArchiveError
from archive.index import CaptureIndex
from archive.payload import PayloadError, parse_response
from archive.readback import holder_of
from archive.reading import read_own
from archive.register import Register
from archive.rescue import exchange_again, own_fields
from archive.rows import StoredRecord
from archive.takedown import Progress, Takedown
from archive.writing import RecordWriter


class Takedowns:
    """Takes down and purges for the one writer of an archive, which commits its batch before each call."""

    def __init__(
        self,
        root: Path,
        db: sqlite3.Connection,
        index: CaptureIndex,
        register: Register,
        records: RecordWriter,
        clock: Callable[[], datetime],
    ) -> None:
        self._root = root
        self._db = db
        self._index = index
        self._register = register
        self._records = records
        self._clock = clock

    def take_down(self, target: str | int, reason: str, *, purge_too: bool, progress: Progress) -> Takedown:
        """As `Archive.take_down`."""
        subject = takedown.subject_of(self._db, target)
        listing = takedown.listing_captures(self._root, self._db, subject, progress)
        subject = msgspec.structs.replace(subject, captures=(*subject.captures, *listing))
        exchanges = takedown.exchanges_of(self._root, self._db, subject, progress)
        records = list(takedown.raw_records(self._root, self._db, subject))
        for record in exchanges.values():
            records += takedown.with_request(self._root, record)
        raw = frozenset(record.record_id for record in records)
        damaged: list[str] = []
        records += takedown.derived_records(self._root, raw, progress, damaged)
        orphaned = takedown.orphaned_revisits(self._db, subject, frozenset(exchanges))
        before, under_way = self._records.raw_size, takedown.marked(self._root)
        try:
            rescued = self._rescue(orphaned)
            records += [one for record, _ in rescued for one in takedown.with_request(self._root, record)]
            self._records.sync()
            takedown.mark(self._root, under_way or "takedown")
            with durable(self._db), transaction(self._root, self._db):
                for (table, number, _), (_, stored) in zip(orphaned, rescued, strict=True):
                    rows.point_to(self._db, table, number, stored)
                versions = takedown.bury(
                    self._db, subject, exchanges, records, reason=reason, at=self._clock()
                )
        except BaseException:
            self._records.rewind(before)  # records that no row will point to
            self._register.forget()
            takedown.unmark(self._root, under_way)
            raise
        failpoints.reached("rows-buried")
        self._register.write(self._records.open_file)
        takedown.remember(self._root, self._db)
        overrides.forget(self._root, subject.addresses)
        scrubbed = takedown.finish(self._root, self._db, self._index)
        return Takedown(
            articles=len(subject.articles),
            versions=versions,
            captures=len(subject.captures),
            exchanges=len(exchanges),
            records=len(records),
            rescued=len(rescued),
            addresses=sum("://" in url for url in subject.addresses),
            purged_files=self.purge(progress) if purge_too else 0,
            scrubbed=scrubbed,
            mentions=takedown.mentions(self._db, subject),
            torn=(*takedown.torn_tails(self._root), *damaged),
        )

    def purge(self, progress: Progress) -> int:
        """As `Archive.purge`; how many files were written again."""
        self._records.close()
        self._register.write(None)
        names = purge.files_to_purge(self._db)
        under_way = takedown.marked(self._root)
        takedown.mark(self._root, "purge")
        failed: list[ArchiveError] = []
        with durable(self._db):
            for name in names:
                progress(name)
                try:
                    purge.rewrite(self._root, self._db, name, self._register.finish_rewriting)
                except ArchiveError as error:
                    failed.append(error)
                takedown.remember(self._root, self._db)
        takedown.unmark(self._root, under_way if under_way == "takedown" else "")
        if failed:
            raise ArchiveError(" ".join(str(error) for error in failed))
        return len(names)

    def finish(self) -> None:
        """Go on with a takedown or a purge that was killed."""
        wanted = takedown.marked(self._root)
        if wanted:
            takedown.remember(self._root, self._db)
            takedown.finish(self._root, self._db, self._index)
        if wanted == "purge":
            with contextlib.suppress(ArchiveError):  # `verify` tells what is broken, `--purge` asks again
                self.purge(lambda name: None)

    def withdraw(self, stored: StoredRecord, tombstone: int) -> None:
        """Take back a raw record that should not have been stored: what it is was told by its page only."""
        found = list(takedown.with_request(self._root, takedown.record_of(stored.ref)))
        with transaction(self._root, self._db):
            takedown.withdraw(self._db, found, tombstone)
            rows.forget_raw_record(self._db, stored.ref.record_id)
        takedown.remember(self._root, self._db)
        takedown.unlist(self._index, ((record.file, record.offset) for record in found))

    def _rescue(self, orphaned: Sequence[tuple[str, int, str]]) -> list[tuple[takedown.Record, StoredRecord]]:
        """Give pages whose payload goes with a takedown records of their own: the old one, and the new."""
        made: list[tuple[takedown.Record, StoredRecord]] = []
        holders: dict[str, StoredRecord] = {}
        for table, number, digest in orphaned:
            old = rows.raw_record_at(self._db, table, number)
            try:
                record = read_own(self._root, old.ref)
                body = parse_response(read_own(self._root, holder_of(self._db, record, old).ref).block).body
                holder = holders.get(digest)
                exchange = exchange_again(
                    self._root, old.ref.file, old.ref.offset, body, holder.ref.record_id if holder else None
                )
            except (OSError, ValueError, PayloadError) as error:
                raise ArchiveError(
                    f"{old.ref.file}, byte {old.ref.offset:,}: a page elsewhere with the same payload cannot"
                    f" be read ({error}): run `pressmark verify`, then take down again."
                ) from error
            if holder is None and not exchange.response_body:  # a 304, and nothing is left to confirm
                digest = payload_digest(b"")
            stored = self._records.exchange(exchange, old.url, digest, holder, own_fields(record))
            if stored.holds_payload:
                holders.setdefault(digest, stored)
            made.append((takedown.record_of(old.ref), stored))
        return made
