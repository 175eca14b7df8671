"""Records laid out and appended to the archive's two series of files: raw ones in `warc/`, derived in `wet/`.

Which record holds a payload already, and what rows tell of a record, is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from archive import records
from archive.digests import storable
from archive.records import RecordBytes
from archive.register import Register
from archive.rows import StoredRecord
from archive.storable import metadata_json
from archive.values import Article, Capture, Exchange, RecordRef
from archive.warcfiles import WarcSeries

_Fields = Sequence[tuple[str, str]]


def warcinfo_fields(
    root: Path, *, software: str, operator: str | None, user_agent: str | None
) -> dict[str, str]:
    """What the first record of each file says of who wrote it."""
    return {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": records.CONFORMS_TO,
        # 'classic': the robots exclusion rules are obeyed (WARC 1.1, section 6.2).
        "robots": "classic",
        "isPartOf": root.name or "news-archive",
        "operator": operator or "",
        "http-header-user-agent": user_agent or "",
        # A field of ours, for who fetches: what the records do not hold as it was sent.
        "pressmark-capture": records.NOT_AS_SENT if user_agent else "",
    }


class RecordWriter:
    """Appends records for the one writer of an archive, and tells the register of them.

    Methods raise NotStored; nothing of that call is then on disk.
    """

    def __init__(
        self,
        root: Path,
        register: Register,
        *,
        info: Mapping[str, str],
        host: str,
        prefix: str,
        clock: Callable[[], datetime],
        new_uuid: Callable[[], object],
    ) -> None:
        self._clock = clock
        self._new_uuid = new_uuid

        def warcinfo(filename: str) -> RecordBytes:
            return records.warcinfo(self._record_id(), clock(), filename, info)

        def series(folder: str, suffix: str, failpoint: str) -> WarcSeries:
            return WarcSeries(
                root, folder, suffix, prefix=prefix, host=host, clock=clock, first_record=warcinfo,
                failpoint=failpoint, on_append=register.appended, on_close=register.finished,
            )  # fmt: skip

        self._raw = series("warc", ".warc.gz", "raw")
        self._derived = series("wet", ".warc.wet.gz", "derived")

    # Raw records ------------------------------------------------------------------------------------

    def exchange(
        self, exchange: Exchange, url: str, digest: str, original: StoredRecord | None, fields: _Fields
    ) -> StoredRecord:
        """Append an exchange's records; without an `original` its answer is a response with its body."""
        if original is None:
            made = records.response(self._record_id(), url, exchange, fields)
        else:
            made = records.revisit(self._record_id(), url, exchange, original.original, fields)
        pair = [made]
        if exchange.request_headers or exchange.request_head:
            # Where nobody told us the request (a foreign WARC), none is made up.
            pair.append(records.request(self._record_id(), url, exchange, made.record_id))
        ref = self._raw.append(pair)[0]
        return _stored(made, ref, url, exchange.fetched_at, digest, exchange.truncated)

    def resource(self, capture: Capture, url: str, digest: str, fields: _Fields) -> StoredRecord:
        """Append a dump page's own bytes."""
        made = records.resource(self._record_id(), url, capture, fields)
        return self._page(made, capture, url, digest)

    def rendered(
        self, capture: Capture, url: str, digest: str, answer: RecordRef, fields: _Fields
    ) -> StoredRecord:
        """Append the page that a browser made of `answer`."""
        made = records.rendered(self._record_id(), url, capture, answer.record_id, fields)
        return self._page(made, capture, url, digest)

    def _page(self, made: RecordBytes, capture: Capture, url: str, digest: str) -> StoredRecord:
        (ref,) = self._raw.append([made])
        return _stored(made, ref, url, capture.fetched_at, digest)

    @property
    def raw_size(self) -> int:
        """Bytes of the file in which raw records now go; `rewind` goes back to it."""
        return self._raw.size

    def rewind(self, raw_size: int) -> None:
        """Take back raw records that no row will point to."""
        self._raw.rewind(raw_size)

    @property
    def open_file(self) -> tuple[str, str] | None:
        """The name that the file of raw records will have, and the one it has; None between files."""
        return self._raw.open_file

    # Derived records --------------------------------------------------------------------------------

    def derived(self, raw: StoredRecord, article: Article) -> RecordRef:
        """Append what was read off a page, as metadata and conversion records; where the latter stands."""
        now = self._clock()
        raw_id, url = raw.ref.record_id, raw.url
        pair = [
            records.metadata(self._record_id(), url, now, raw_id, metadata_json(article, url)),
            records.conversion(self._record_id(), url, now, raw_id, article.text, article.language),
        ]
        return self._derived.append(pair)[1]

    # Files ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Have what was appended survive a power loss."""
        self._raw.sync()
        self._derived.sync()

    def close(self, least_bytes: int = 0) -> None:
        """Finish the files that have reached this size; the next record begins another."""
        for series in (self._raw, self._derived):
            if series.size >= least_bytes:
                series.close()

    def abandon(self) -> None:
        """Let go of the files as they are; the next opening of the archive recovers them."""
        self._raw.abandon()
        self._derived.abandon()

    def _record_id(self) -> str:
        return f"<urn:uuid:{self._new_uuid()}>"


def _stored(
    made: RecordBytes,
    ref: RecordRef,
    url: str,
    fetched_at: datetime,
    digest: str,
    truncated: str | None = None,
) -> StoredRecord:
    return StoredRecord(
        ref=ref,
        record_type=made.record_type,
        url=url,
        fetched_at=fetched_at,
        payload_digest=digest,
        truncated=storable(truncated) if truncated else None,
    )
