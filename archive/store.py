"""The one writer of an archive: raw records first, derived records second, rows last."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from archive import agenda, failpoints, known_texts, records, rows, settling, takedown
from archive.batch import Batch
from archive.database import DATABASE, open_database, transaction
from archive.digests import payload_digest, storable
from archive.errors import ArchiveError
from archive.folding import Entry, Evicted, Folded
from archive.front import write_front
from archive.health import noting, telling
from archive.health.telling import Told
from archive.health.values import Report
from archive.index import CaptureIndex
from archive.known_texts import SameText
from archive.lock import WriterLock
from archive.payload import PayloadError, first_header, parse_response
from archive.readback import holder_of, read_back
from archive.reading import RecordProblem, read_own
from archive.recovery import Recovery, recover
from archive.register import Register
from archive.rows import Kept, NewExchange, NotArticle, StoredCapture, StoredRecord
from archive.settling import Page, Place
from archive.storable import storable_article
from archive.takedown import Takedown, TakenDown
from archive.taking_down import Takedowns
from archive.uris import site_of, target_uri
from archive.url_keys import url_key
from archive.values import (
    Answer,
    Article,
    Cadence,
    Capture,
    Exchange,
    Outcome,
    RecordRef,
    Role,
    Settlement,
    Validators,
)
from archive.versions import Decision, decide
from archive.warcfiles import MAX_FILE_BYTES, has_warc
from archive.writing import RecordWriter, warcinfo_fields

#: A payload smaller than this is stored again rather than referred to, unless it is the same page again. The
#: fields that refer to it take 280 bytes; compressed, a revisit is smaller than a response from 180 bytes of
#: text on (measured), and what is so small ("OK", an empty feed) is the same in many places by chance.
MIN_REVISIT_BYTES = 256

_PAGE = 200
#: Articles that are brought up to date in one transaction: a reader's or crawl's lock waits half a second.
_UP_TO_DATE = 100


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


class Archive:
    """An archive open for writing, by one process at a time. Use it as a context manager.

    The order on disk is fixed: raw record, metadata and conversion record, row. A row is committed only
    after the records it points to were synced, so a kill or a power loss can leave records without rows
    (put right when the archive is next opened, see `recovery`), never rows without records.

    Between `commit`s rows wait in memory, and no lock on the database is held while they do. Methods
    raise ArchiveError; after one of them raised NotStored, nothing of that call is kept.
    """

    def __init__(
        self,
        root: Path,
        *,
        software: str,
        operator: str | None,
        user_agent: str | None,
        clock: Callable[[], datetime],
        new_uuid: Callable[[], object],
        host: str,
        prefix: str,
        max_file_bytes: int,
        cadence: Cadence,
    ) -> None:
        """Use `Archive.open`."""
        self.root = root
        self._software = software
        self._clock = clock
        self._max_file_bytes = max_file_bytes
        self._cadence = cadence
        self._run_id: int | None = None
        self._last_commit = clock()
        self._at_once = False
        #: Records that `captures` and `orphans` could not read back.
        self.unreadable: list[RecordProblem] = []

        root.mkdir(parents=True, exist_ok=True)
        self._lock = WriterLock(root, clock())
        try:
            self._db = open_database(root / DATABASE)
            self._batch = Batch(self._db)
            try:
                index = CaptureIndex(root)
                self._register = Register(root, self._db, index, clock)
                self._register.finish_rewriting()
                takedown.recall(root, self._db)
                self.recovery: Recovery = recover(root, self._db)
                self._register.catch_up(self.recovery.files)
                write_front(root)
            except sqlite3.Error as error:
                self._db.close()
                raise ArchiveError(
                    f"{root / DATABASE} cannot be put right after what cut it short ({error}):"
                    " restore it from a copy, or free the disk."
                ) from error
            except BaseException:
                self._db.close()
                raise
        except BaseException:
            self._lock.release()
            raise
        self._records = RecordWriter(
            root,
            self._register,
            info=warcinfo_fields(root, software=software, operator=operator, user_agent=user_agent),
            host=host,
            prefix=prefix,
            clock=clock,
            new_uuid=new_uuid,
        )
        self._takedowns = Takedowns(root, self._db, index, self._register, self._records, clock)
        try:
            self._takedowns.finish()
        except BaseException:
            self._db.close()
            self._lock.release()
            raise

    @classmethod
    def open(
        cls,
        root: str | Path,
        *,
        software: str,
        operator: str | None = None,
        user_agent: str | None = None,
        clock: Callable[[], datetime] = utc_now,
        new_uuid: Callable[[], object] = uuid.uuid4,
        host: str | None = None,
        prefix: str = "pressmark",
        max_file_bytes: int | None = None,
        cadence: Cadence | None = None,
    ) -> Archive:
        """Open the archive in folder `root`, making or migrating it, and put right what a kill left behind.

        `recovery` then says what that was. A WARC file ends with the batch in which it reaches
        `max_file_bytes`. Raises ArchiveBusy when another process writes to it,
        ArchiveTooNew when a newer version made it.
        """
        try:
            return cls(
                Path(root),
                software=software,
                operator=operator,
                user_agent=user_agent,
                clock=clock,
                new_uuid=new_uuid,
                host=host or socket.gethostname(),
                prefix=prefix,
                max_file_bytes=max_file_bytes or MAX_FILE_BYTES,
                cadence=cadence or Cadence(),
            )
        except OSError as error:
            raise ArchiveError(
                f"The archive {root} cannot be opened for writing ({error.strerror or error}):"
                " see to the folder, or name another with --archive."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; what was kept before an exception stays kept."""
        if error is None:
            self.close()
        else:
            with contextlib.suppress(ArchiveError, sqlite3.Error):  # the first error is the one to tell
                self.close()

    # Runs -------------------------------------------------------------------------------------------

    def begin_run(self, command: str) -> int:
        """Note that a command starts; captures stored from now on carry its id."""
        self.commit()
        with transaction(self.root, self._db):
            self._run_id = rows.begin_run(self._db, command, self._software, self._clock())
        self._register.run_id = self._run_id
        return self._run_id

    def finish_run(self, run_id: int, counts: Mapping[str, int]) -> None:
        """Note that the command ended, and what it counted; commits."""
        self.commit()
        with transaction(self.root, self._db):
            rows.finish_run(self._db, run_id, counts, self._clock())

    # Raw records ------------------------------------------------------------------------------------

    def store_raw(self, capture: Capture) -> Capture:
        """Put the page's raw record on disk; the capture comes back with `record` set, `exchange` unset.

        With an exchange: a `response` and, if there were request headers, a `request`; a `revisit` when
        the payload is stored already, at whatever URL, or when the server answered 304. A page that a browser
        rendered: these as an exchange with the role `rendered`, and the page as a `conversion`. Without: a
        `resource` of the body's own bytes. A dump page that is stored already, and an exchange of the same
        moment, get the record that is there.
        The capture that comes back always has a URL: `urn:sha1:…` where a dump page told none. Call
        `keep` or `fail` with it, or it stays to be cleaned (`orphans`); only what `is_current` may be
        left at that.
        """
        url, digest = self._place(capture)
        before = [known for known in self._batch.captures_of_url(url) if known.payload_digest == digest]
        stored = _same_capture(before, capture)
        if stored is None:
            why = self.taken_down(capture)
            if why is not None:
                raise TakenDown(capture.url or capture.source_path, why)
            stored = self._write_page(capture, url, digest)
        return msgspec.structs.replace(capture, url=url, record=stored.ref, exchange=None)

    def write_exchange(self, exchange: Exchange, role: Role = "other") -> RecordRef:
        """Store an exchange that is no page: robots.txt, a feed, a redirect. Its row is in `exchanges`.

        Raises TakenDown for one at an address that was taken down.
        """
        if takedown.any_tombstone(self._db):
            buried = takedown.tombstone_of(self._db, [exchange.url], None)
            if buried is not None:
                raise TakenDown(exchange.url, buried[1])
        digest = self._digest_of(exchange)
        url = target_uri(exchange.url, digest)
        original = self._original(exchange, url, digest, is_page=False)
        stored = self._records.exchange(exchange, url, digest, original, records.role_fields(role))
        self._batch.hold(stored)
        self._enqueue(
            NewExchange(
                stored=stored,
                status=exchange.status,
                content_type=first_header(exchange.response_headers, b"content-type"),
                role=role,
                run_id=self._run_id,
            ),
            stored.ref.length,
        )
        return stored.ref

    def validators(self, url: str) -> Validators | None:
        """What a request for `url` may name to be answered with a mere 304; None where that would not do.

        They are those of the last answer with status 200, if its payload is held whole and can be read.
        """
        key = target_uri(url, "")
        # A wall may open for whoever is asked in another way: what it says of itself proves nothing.
        stored = None if rows.is_walled(self._db, key) else rows.latest_whole_answer(self._db, key)
        answer = None if stored is None else self._answer(stored)
        if stored is None or answer is None:
            return None
        etag, last_modified = (first_header(answer.headers, name) for name in (b"etag", b"last-modified"))
        if not (etag or last_modified):
            return None
        return Validators(record_id=stored.ref.record_id, etag=etag, last_modified=last_modified)

    def answer(self, record_id: str) -> Answer | None:
        """The stored answer of this record, to stand for a 304; None if it is lost."""
        stored = rows.record_of_id(self._db, record_id)
        return None if stored is None else self._answer(stored)

    def _answer(self, stored: StoredRecord) -> Answer | None:
        try:
            record = read_own(self.root, stored.ref)
            message, body = parse_response(record.block), None
            if record.record_type == "revisit":
                holder = read_own(self.root, holder_of(self._db, record, stored).ref)
                body = parse_response(holder.block).body
        except (ArchiveError, PayloadError):
            return None
        return Answer(
            status=message.status, headers=message.headers, body=message.body if body is None else body
        )

    def is_current(self, capture: Capture, cleaner: str) -> bool:
        """Whether this payload at this URL was cleaned by this very cleaner already.

        Of a fresh exchange that is asked of the URL's latest capture only: a text that a newsroom has taken
        back to an earlier wording is news again.
        """
        if capture.record is not None:
            known = self._batch.capture_of_record(capture.record.record_id)
            return known is not None and known.cleaner == cleaner
        url, digest = self._place(capture)
        of_url = self._batch.captures_of_url(url)
        same = _same_capture([known for known in of_url if known.payload_digest == digest], capture)
        if same is None and capture.exchange is not None:
            same = _latest(of_url, capture.exchange.fetched_at)
        return same is not None and (same.payload_digest, same.cleaner) == (digest, cleaner)

    def knows(self, url: str) -> bool:
        """Whether a page was stored from this address, as its own URL or as the one that was asked for.

        An answer that was an error (status 400 and above) does not count: it is worth another try.
        """
        key = target_uri(url, "")
        if self.is_taken_down(url):
            return True
        return self._batch.has_url(key) or rows.is_known_address(self._db, key, storable(url))

    def is_taken_down(self, url: str) -> bool:
        """Whether what stands at this address, in whatever form of it, was taken down."""
        if not takedown.any_tombstone(self._db):
            return False
        return takedown.tombstone_of(self._db, [target_uri(url, ""), url_key(url)], None) is not None

    def taken_down(self, capture: Capture) -> str | None:
        """Why a page must not be kept: what was said when its address or its payload was taken down."""
        if not takedown.any_tombstone(self._db):
            return None
        url, digest = self._place(capture)
        addresses = [url, capture.requested_url, capture.url]
        found = takedown.tombstone_of(self._db, addresses, digest)
        return None if found is None else found[1]

    def _write_page(self, capture: Capture, url: str, digest: str) -> StoredCapture:
        exchange = capture.exchange
        fields = records.capture_fields(capture)
        like = None
        if exchange is None:
            raw = self._records.resource(capture, url, digest, fields)
        elif capture.rendered_by:
            answer = self.write_exchange(exchange, "rendered")
            raw = self._records.rendered(capture, url, digest, answer, fields)
            like = self._like(url, digest, exchange.fetched_at)
        else:
            original = self._original(exchange, url, digest, is_page=True)
            if original is not None:
                like = self._like(url, digest, exchange.fetched_at)
            raw = self._records.exchange(exchange, url, digest, original, fields)
        self._batch.hold(raw)
        of_record = {name: getattr(raw, name) for name in raw.__struct_fields__}
        stored = StoredCapture(**of_record, cleaner=like.cleaner if like else None)
        like_id = like.ref.record_id if like else None
        self._batch.store(stored, like_id)
        self._enqueue(rows.new_capture(capture, stored, self._run_id, like=like_id), raw.ref.length)
        return stored

    def _like(self, url: str, digest: str, until: datetime) -> StoredCapture | None:
        """The URL's latest capture, if it is the same page and was cleaned: its fate is shared."""
        like = _latest(self._batch.captures_of_url(url), until)
        return like if like is not None and like.payload_digest == digest and like.cleaner else None

    def _original(self, exchange: Exchange, url: str, digest: str, *, is_page: bool) -> StoredRecord | None:
        """The record that holds an exchange's payload already, for a revisit to refer to; else None.

        A body that was cut is no original and no revisit: whether the rest was the same, nobody knows.
        """
        if exchange.not_modified is None and (not exchange.response_body or exchange.truncated):
            return None
        holders: Sequence[StoredRecord]
        if exchange.not_modified is None and len(exchange.response_body) < MIN_REVISIT_BYTES:
            known = self._batch.captures_of_url(url) if is_page else []
            holders = [one for one in known if one.holds_payload and one.payload_digest == digest]
        else:
            holders = self._batch.holders(url, digest)
        return next((holder for holder in holders if has_warc(self.root, holder.ref.file)), None)

    def _digest_of(self, exchange: Exchange) -> str:
        """The digest of an exchange's payload; after a 304 of the one that the server says still holds."""
        confirmed = rows.record_of_id(self._db, exchange.not_modified) if exchange.not_modified else None
        return payload_digest(exchange.response_body) if confirmed is None else confirmed.payload_digest

    def _place(self, capture: Capture) -> tuple[str, str]:
        """The URL and the payload digest under which a capture is stored."""
        exchange = capture.exchange
        is_own = exchange is None or capture.rendered_by
        digest = payload_digest(capture.body) if is_own or exchange is None else self._digest_of(exchange)
        return target_uri(capture.url if exchange is None else exchange.url, digest), digest

    # Pages ------------------------------------------------------------------------------------------

    def keep(self, capture: Capture, article: Article) -> Outcome:
        """Keep what a page says: metadata and conversion records, then (with the batch) its rows.

        `capture` must come from `store_raw`, `orphans` or `captures`. Outcomes: `new` (the article's first
        version), `updated` (another text, be it the newsroom's or, cleaned again, the cleaner's),
        `unchanged`, and `not_article`, for which only the capture's row is kept.
        """
        return self.settle(capture, article).outcome

    def settle(self, capture: Capture, article: Article) -> Settlement:
        """As `keep`, and says what the page was held to be.

        That may be less than `article.kind` says: what the archive holds can tell that a page is no article
        (a teaser of a text that is known, a text that stands everywhere on its site).
        """
        stored = self._record_of(capture)
        article = storable_article(article)
        if article.kind != "article":
            return self._no_article(stored, article, article.kind, article.kind_reason)
        page = settling.page_of(stored, article, capture.requested_url)
        buried = takedown.tombstone_of(self._db, [page.identity], None)
        if buried is not None:  # told by its canonical address only: it must not have been kept
            self.commit()
            self._takedowns.withdraw(stored, buried[0])
            return Settlement(outcome="taken_down")
        involved = self._batch.identity_of(stored) | page.hangs_on
        if involved & self._batch.touched:
            # The batch holds something that this decision hangs on: write it first.
            self.commit()
            page = msgspec.structs.replace(page, stored=self._record_of(capture))
        alike: Sequence[SameText] = ()
        if page.is_told_apart:
            alike = settling.find_alike(self._db, page)
            known = known_texts.article_read_at(self._db, stored.url)
            if self._commit_touched(known, *(one.article_id for one in alike)):
                return self.settle(capture, article)
            verdict = settling.verdict_on(self._db, page, alike)
            self._carry_out(verdict)
            if verdict.kind != "article":
                self._batch.touched |= involved
                return self._no_article(page.stored, article, verdict.kind, verdict.reason)
            if verdict.is_urgent:  # articles that were alike may have gone, its own among them
                page = msgspec.structs.replace(page, stored=self._record_of(capture))
                alike = settling.find_alike(self._db, page)
            owner = settling.owner(page, alike) if verdict.is_anothers else None
            if owner is not None:
                return self._keep_twin(page, owner, involved)
        place = settling.place_of(self._db, page, alike)
        if self._commit_touched(*place.articles):
            return self.settle(capture, article)
        wall = settling.wall_before(self._db, page, place)
        if wall:
            return self._no_article(page.stored, article, "paywall", wall)
        return self._keep_article(page, place, involved)

    def _carry_out(self, verdict: settling.Verdict) -> None:
        self._batch.touch(*verdict.articles)
        for entry in verdict.entries:
            self._enqueue(entry, 0)
        if verdict.is_urgent:
            self.commit()

    def _keep_article(self, page: Page, place: Place, involved: set[str]) -> Settlement:
        article = page.article
        if place.folded is not None and place.article_id is not None:
            self._batch.touch(place.folded)
            self._enqueue(Folded(into=place.article_id, gone=place.folded), 0)
            self.commit()  # the decision hangs on the versions of both
            stored = self._batch.capture_of_record(page.stored.ref.record_id)
            page = msgspec.structs.replace(page, stored=stored or page.stored)
        if place.evicted is not None:
            self._batch.touch(place.evicted)
            self._enqueue(Evicted(article_id=place.evicted), 0)
        stored = page.stored
        known = rows.versions_of(self._db, place.article_id) if place.article_id is not None else []
        decision = decide(known, page.reading)
        settled = Settlement(outcome=decision.outcome, reason=article.kind_reason)
        is_known = stored.cleaner == article.cleaner and stored.article_id == place.article_id
        if decision.edit == "none" and not decision.drop and is_known and not place.is_renamed:
            return settled  # this very page was kept before
        conversion = None
        if decision.edit in ("insert", "replace"):
            conversion = self._records.derived(stored, article)
        self._batch.touched |= involved
        if place.article_id is not None:
            self._batch.touch(place.article_id)
        self._mark(
            Kept(
                record_id=stored.ref.record_id,
                identity=place.identity,
                url=stored.url,
                article=article,
                seen_at=stored.fetched_at,
                decision=decision,
                conversion=conversion,
                article_id=place.article_id,
                is_renamed=place.is_renamed,
            ),
            conversion.length if conversion else 0,
        )
        return settled

    def _keep_twin(self, page: Page, owner: SameText, involved: set[str]) -> Settlement:
        """Keep a page as another place of the article that has its text, whatever its headline."""
        stored, article = page.stored, page.article
        settled = Settlement(outcome="unchanged", reason=article.kind_reason)
        if stored.cleaner == article.cleaner and stored.article_id == owner.article_id:
            return settled
        self._batch.touched |= involved
        self._batch.touch(owner.article_id)
        self._mark(
            Kept(
                record_id=stored.ref.record_id,
                identity=rows.identity_of_article(self._db, owner.article_id) or url_key(owner.url),
                url=stored.url,
                article=article,
                seen_at=stored.fetched_at,
                decision=Decision(outcome="unchanged", edit="none", number=owner.number),
                conversion=None,
                article_id=owner.article_id,
            )
        )
        return settled

    def _no_article(self, stored: StoredCapture, article: Article, kind: str, reason: str) -> Settlement:
        self._mark(
            NotArticle(
                record_id=stored.ref.record_id, kind=kind, reason=reason, cleaner=article.cleaner,
                site=article.site,
            )
        )  # fmt: skip
        return Settlement(outcome="not_article", kind=kind, reason=reason)

    def verdict_of(self, record_id: str) -> tuple[str, str]:
        """What a stored page was held to be, and why: `captures.kind` and `captures.kind_reason`."""
        return self._batch.verdict_of(record_id)

    def _commit_touched(self, *articles: int | None) -> bool:
        """Write the batch first if it holds something of these articles; whether it did."""
        if not self._batch.touches(*articles):
            return False
        self.commit()
        return True

    def fail(self, capture: Capture, reason: str) -> None:
        """Note that a page could not be cleaned, and why; its raw record is stored if it was not yet."""
        if capture.record is None:
            capture = self.store_raw(capture)
        stored = self._record_of(capture)
        self._mark_failed(stored, reason)

    def _mark_failed(self, stored: StoredCapture, reason: str) -> None:
        self._mark(NotArticle(record_id=stored.ref.record_id, kind="error", reason=reason, cleaner=""))

    def orphans(self) -> Iterator[Capture]:
        """Pages that are stored but were never cleaned, because a run was cut short: clean and keep them."""
        yield from self._read_back(only_not_cleaned=True)

    def captures(self) -> Iterator[Capture]:
        """Every stored page, read back from its raw record, in the order in which they were fetched.

        That order matters: cleaned again in it, an article's versions are told apart by one cleaner only.

        Records that cannot be read are passed over and noted in `unreadable`.
        """
        yield from self._read_back(only_not_cleaned=False)

    def bring_up_to_date(self) -> int:
        """Find the articles that are alike and tell what changed, where an older pressmark did not; how many.

        Articles that are kept need none of it.
        """
        self.commit()
        last = done = 0
        while found := rows.out_of_date(self._db, last, _UP_TO_DATE):
            with transaction(self.root, self._db):
                for article_id in found:
                    rows.bring_up_to_date(self._db, article_id)
            last, done = found[-1], done + len(found)
        return done

    def _read_back(self, *, only_not_cleaned: bool) -> Iterator[Capture]:
        self.commit()
        last = ("", 0)
        while True:
            page = rows.captures_after(self._db, last, _PAGE, only_not_cleaned=only_not_cleaned)
            for stored, requested_url in page:
                try:
                    capture = read_back(self.root, self._db, stored, requested_url)
                except ArchiveError as error:
                    self.unreadable.append(
                        RecordProblem(path=stored.ref.file, offset=stored.ref.offset, reason=str(error))
                    )
                    if only_not_cleaned:  # or it would come up at every start
                        self._mark_failed(stored, str(error))
                    continue
                yield capture
            if len(page) < _PAGE:
                return
            last = (rows.timestamp(page[-1][0].fetched_at), page[-1][0].id or 0)

    # What is due ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """What is stored and noted inside is committed in one transaction, or not at all."""
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False
        self._commit_if_full()

    def note(self, note: agenda.Note) -> None:
        """Queue what is now known of a source, a page to fetch or a host, for the batch's transaction."""
        self._enqueue(note, 0)

    def sources(self, roots: Iterable[str]) -> list[agenda.Source]:
        """Known sources: those at these addresses, and all that were found in them. Commits."""
        self.commit()
        return agenda.sources(self._db, roots)

    def pages_by_key(self, keys: Iterable[str]) -> dict[str, agenda.Page]:
        """Those of these pages that have rows; what waits in the batch is not among them."""
        return agenda.pages_by_key(self._db, keys)

    def pages_to_fetch(
        self, roots: Iterable[str], *, now: float | None, again: bool, most: int
    ) -> list[agenda.Page]:
        """Pages of these sources to fetch, newest first (`agenda.pages_to_fetch`). Commits."""
        self.commit()
        return list(agenda.pages_to_fetch(self._db, roots, now=now, again=again, most=most))

    def tell(self, channel: str, told: Iterable[Told], ended: Iterable[Told]) -> None:
        """Note which alarms were told on a channel, and which of them were told to have ended; commits."""
        self.commit()
        with transaction(self.root, self._db):
            telling.write(self._db, channel, told, ended)

    def note_health(self, report: Report) -> None:
        """Note what was judged, in the place of what was noted before; commits."""
        self.commit()
        with transaction(self.root, self._db):
            noting.write(self._db, report)

    def next_due(self, roots: Iterable[str]) -> float | None:
        """When the next of these sources or of their pages is due; None: never. Commits."""
        self.commit()
        return agenda.next_due(self._db, roots)

    def host(self, origin: str) -> agenda.Host | None:
        """What a host said to crawlers when it was last asked; what waits in the batch is not told."""
        return agenda.host(self._db, origin)

    def resting(self, now: float) -> dict[str, float]:
        """Hosts that asked to be left alone: origin → until when, in seconds since 1970."""
        return agenda.resting(self._db, now)

    def had(self, url: str) -> agenda.Had | None:
        """The last capture of an address that was no error, as its own URL or as the one asked for."""
        return agenda.had(self._db, target_uri(url, ""), storable(url))

    def articles_without_page(self, site_url: str) -> list[tuple[int, str, float]]:
        """A site's crawled articles that the queue does not know: number, URL, when first seen."""
        return agenda.articles_without_page(self._db, site_of(site_url) or "")

    def known_addresses(self, site_url: str, most: int) -> tuple[list[str], list[str]]:
        """Addresses of a site's articles, and of its pages that are none (`agenda.known_addresses`)."""
        return agenda.known_addresses(self._db, site_of(site_url) or "", most)

    def empty_pages(self, site_url: str, most: int) -> list[agenda.Page]:
        """Pages of a site that held nothing but scripts and were never rendered (`agenda.empty_pages`)."""
        return agenda.empty_pages(self._db, site_of(site_url) or "", most)

    def later_captures(self) -> list[tuple[str, str, str, int | None]]:
        """Crawled captures that have rows, and the queue does not know (`agenda.later_captures`)."""
        return agenda.later_captures(self._db)

    # Takedown ---------------------------------------------------------------------------------------

    def take_down(
        self,
        target: str | int,
        reason: str,
        *,
        purge: bool = False,
        progress: takedown.Progress = lambda name: None,
    ) -> Takedown:
        """Take an article (by number) or an address down, with all that hangs on it (decision 0009).

        Raises ArchiveError where the archive holds nothing of it. `progress` is told what is being read.
        """
        self.commit()
        return self._takedowns.take_down(target, reason, purge_too=purge, progress=progress)

    def purge(self, *, progress: takedown.Progress = lambda name: None) -> Takedown:
        """Write the files again that hold withdrawn records, without them.

        Raises ArchiveError when a file could not be, after all others were.
        """
        self.commit()
        return Takedown(purged_files=self._takedowns.purge(progress), torn=takedown.torn_tails(self.root))

    # The batch --------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Sync the records, then write the rows that point to them, in one transaction."""
        self._records.sync()
        failpoints.reached("before-commit")
        if self._batch:
            with transaction(self.root, self._db):
                self._batch.write()
            failpoints.reached("after-commit")
            self._batch.clear()
        self._last_commit = self._clock()
        # Files end only between batches: all records without rows are then in the files named .open.
        self._records.close(self._max_file_bytes)
        self._register.write(self._records.open_file)

    def close(self) -> None:
        """Commit, finish the files, let the next writer in. Harmless when done twice."""
        try:
            if self._lock.held:
                self.commit()
                self._records.close()
                self._register.write(None)
                self._register.close()
                # Leaves no -wal file behind, so that the folder can be copied or served read-only. What is in
                # one is committed all the same.
                with contextlib.suppress(sqlite3.OperationalError):
                    self._db.execute("pragma wal_checkpoint(truncate)")
        finally:
            self._records.abandon()
            self._db.close()
            self._lock.release()

    def commit_if_due(self) -> None:
        """Commit if rows have waited long enough: for whoever may have nothing to store for a while."""
        # abs: a clock that was set back must not keep rows waiting.
        waited = abs((self._clock() - self._last_commit).total_seconds())
        if self._batch and waited >= self._cadence.seconds:
            self.commit()

    def _enqueue(self, entry: Entry, size: int) -> None:
        self._batch.add(entry, size)
        if not self._at_once:
            self._commit_if_full()

    def _commit_if_full(self) -> None:
        if self._batch.is_full(self._cadence):
            self.commit()
        else:
            self.commit_if_due()

    def _mark(self, entry: Kept | NotArticle, size: int = 0) -> None:
        """Queue what is now known of a capture, so that the batch itself answers for it."""
        self._batch.mark(entry)
        self._enqueue(entry, size)

    def _record_of(self, capture: Capture) -> StoredCapture:
        if capture.record is None:
            raise ArchiveError(
                f"The page {capture.url or capture.source_path} has no raw record: call store_raw first."
            )
        stored = self._batch.capture_of_record(capture.record.record_id)
        if stored is None:
            raise ArchiveError(f"The record {capture.record.record_id} is not in the archive {self.root}.")
        return stored


def _same_capture(same_payload: Sequence[StoredCapture], capture: Capture) -> StoredCapture | None:
    """A dump page is the same wherever it stands; an exchange only if it is of the same moment."""
    for known in same_payload:
        if capture.exchange is None and known.record_type == "resource":
            return known
        if capture.exchange is not None and known.fetched_at == capture.exchange.fetched_at:
            return known
    return None


def _latest(known: Sequence[StoredCapture], until: datetime) -> StoredCapture | None:
    earlier = [capture for capture in known if capture.fetched_at <= until]
    return max(earlier, key=lambda capture: capture.fetched_at, default=None)
