"""The rows of captures, articles and versions: what they are asked, and every statement that writes them.

Values come in, SQL goes out; nothing is decided here. The caller holds the transaction.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from archive import agenda, failpoints, similar
from archive.differing import excerpt
from archive.digests import payload_digest, storable, words
from archive.likeness import wording
from archive.records import Original
from archive.uris import site_of
from archive.values import Article, Block, Capture, RecordRef, Removed, Rights, Value
from archive.versions import Decision, Version, change

#: A reader (Datasette) or a second program may hold the database for a moment.
BUSY_TIMEOUT_SECONDS = 30.0

NOT_CLEANED_YET = "not cleaned yet"


class StoredRecord(Value, frozen=True, kw_only=True):
    """What the archive knows of a raw record it holds."""

    ref: RecordRef
    record_type: str
    url: str
    fetched_at: datetime
    payload_digest: str
    #: Why its body was cut; None: it is whole, or (of a revisit) what it refers to is.
    truncated: str | None = None

    @property
    def holds_payload(self) -> bool:
        """Whether revisits may refer to it. To a `resource` they may not: it is no HTTP response."""
        return self.record_type == "response" and self.truncated is None

    @property
    def original(self) -> Original:
        return Original(
            record_id=self.ref.record_id,
            url=self.url,
            fetched_at=self.fetched_at,
            payload_digest=self.payload_digest,
        )


class StoredCapture(StoredRecord, frozen=True, kw_only=True):
    """The raw record of a page, and what is known of the page."""

    #: None: not cleaned yet; "": could not be cleaned.
    cleaner: str | None = None
    id: int | None = None
    article_id: int | None = None


class NewCapture(Value, frozen=True, kw_only=True):
    """A raw record that is on disk, to be given its row."""

    stored: StoredCapture
    status: int | None
    content_type: str
    source: str
    source_path: str
    requested_url: str
    run_id: int | None
    rights: Rights | None = None
    #: Record of an earlier capture with the same payload, whose fate this one shares.
    like: str | None = None


class NewExchange(Value, frozen=True, kw_only=True):
    """The raw record of an exchange that is no page, to be given its row."""

    stored: StoredRecord
    status: int
    content_type: str
    role: str
    run_id: int | None


class NotArticle(Value, frozen=True, kw_only=True):
    """A capture that turned out to be no article, or (with cleaner "") could not be cleaned."""

    record_id: str
    kind: str
    reason: str
    cleaner: str
    site: str | None = None


class Kept(Value, frozen=True, kw_only=True):
    """A capture that is an article, with its place among the versions."""

    record_id: str
    identity: str
    url: str
    article: Article
    seen_at: datetime
    decision: Decision
    conversion: RecordRef | None
    #: The article it is, where that is known under another identity, and whether that becomes this one.
    article_id: int | None = None
    is_renamed: bool = False


Entry = NewCapture | NewExchange | NotArticle | Kept | agenda.Note


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for writing: WAL, foreign keys enforced, transactions begun by hand."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        connection.execute("pragma journal_mode = wal")
        # WAL with NORMAL: a power loss may take the last transactions, never the database
        # (sqlite.org/wal.html); what it takes is found again in the WARC, which was synced before.
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the write lock is taken at once, so that no statement inside can find it taken."""
    db.execute("begin immediate")
    try:
        yield
        failpoints.reached("in-transaction")
        db.execute("commit")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise


def timestamp(moment: datetime) -> str:
    """`moment` as rows hold it: ISO 8601 in UTC, sortable as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds" if moment.microsecond else "seconds")


def moment(timestamp: str) -> datetime:
    """The inverse of `timestamp`."""
    return datetime.fromisoformat(timestamp)


# Questions ------------------------------------------------------------------------------------------

_CAPTURE = """select id, url, fetched_at, warc_file, warc_offset, warc_length, record_id, payload_digest,
    record_type, truncated, article_id, cleaner from captures """

_RECORD = """select url, fetched_at, warc_file, warc_offset, warc_length, record_id, payload_digest,
    record_type, truncated from {table} """
_TABLES = ("captures", "exchanges")


def _stored(row: tuple[object, ...]) -> StoredCapture:
    number, *of_record, article_id, cleaner = row
    record = _stored_record(tuple(of_record))
    return StoredCapture(
        **{name: getattr(record, name) for name in record.__struct_fields__},
        cleaner=None if cleaner is None else str(cleaner),
        id=int(str(number)),
        article_id=None if article_id is None else int(str(article_id)),
    )


def _stored_record(row: tuple[object, ...]) -> StoredRecord:
    url, fetched_at, file, offset, length, record_id, digest, record_type, truncated = row
    ref = msgspec.convert(
        {"file": file, "offset": offset, "length": length, "record_id": record_id, "payload_digest": digest},
        RecordRef,
    )
    return StoredRecord(
        ref=ref,
        record_type=str(record_type),
        url=str(url),
        fetched_at=moment(str(fetched_at)),
        payload_digest=str(digest),
        truncated=None if truncated is None else str(truncated),
    )


def capture_of_record(db: sqlite3.Connection, record_id: str) -> StoredCapture | None:
    row = db.execute(_CAPTURE + "where record_id = ?", (record_id,)).fetchone()
    return _stored(row) if row else None


def _both(condition: str) -> str:
    """Records of pages and of all else, pages first."""
    return " union all ".join(f"{_RECORD.format(table=table)} where {condition}" for table in _TABLES)


def record_of_id(db: sqlite3.Connection, record_id: str) -> StoredRecord | None:
    """The raw record of this id, be it of a page or not."""
    row = db.execute(_both("record_id = ?1") + " limit 1", (record_id,)).fetchone()
    return _stored_record(row) if row else None


def holders_of_payload(db: sqlite3.Connection, digest: str, url: str = "") -> list[StoredRecord]:
    """The records that hold this payload whole (one, as a rule); those at `url` first, then the oldest."""
    query = _both("payload_digest = ?1 and record_type = 'response' and truncated is null")
    rows = db.execute(query, (digest,))
    return sorted(map(_stored_record, rows), key=lambda record: (record.url != url, record.fetched_at))


def latest_whole_answer(db: sqlite3.Connection, url: str) -> StoredRecord | None:
    """The last answer with status 200 that this URL gave, if its body was not cut; be it a page or not."""
    query = _both("url = ?1 and status = 200 and record_type in ('response', 'revisit')")
    row = db.execute(query + " order by fetched_at desc limit 1", (url,)).fetchone()
    record = _stored_record(row) if row else None
    return record if record is not None and record.truncated is None else None


def is_walled(db: sqlite3.Connection, url: str) -> bool:
    """Whether the last capture of this URL was of a wall."""
    row = db.execute("select kind from captures where url = ? order by id desc limit 1", (url,)).fetchone()
    return row is not None and row[0] in ("consent", "paywall")


def captures_of_url(db: sqlite3.Connection, url: str) -> list[StoredCapture]:
    """Every stored capture of this URL, oldest row first."""
    return [_stored(row) for row in db.execute(_CAPTURE + "where url = ? order by id", (url,))]


def is_known_address(db: sqlite3.Connection, url: str, asked: str) -> bool:
    """Whether a page was had from this URL before, or from this address that led to another one."""
    had = "select 1 from captures where {} = ? and coalesce(status, 200) < 400 limit 1"
    places = (("url", url), ("requested_url", asked))
    return any(db.execute(had.format(column), (value,)).fetchone() for column, value in places)


def captures_after(
    db: sqlite3.Connection, after: tuple[str, int], limit: int, *, only_not_cleaned: bool
) -> list[tuple[StoredCapture, str]]:
    """The next `limit` captures behind (time fetched, id), in that order, each with its requested URL."""
    where = "where (fetched_at, id) > (?, ?) " + ("and cleaner is null " if only_not_cleaned else "")
    query = _CAPTURE.replace(" from", ", requested_url from") + where + "order by fetched_at, id limit ?"
    return [(_stored(row[:-1]), row[-1] or "") for row in db.execute(query, (*after, limit))]


def article_id_of(db: sqlite3.Connection, identity: str) -> int | None:
    row = db.execute("select id from articles where identity = ?", (identity,)).fetchone()
    return None if row is None else int(row[0])


def identity_of_article(db: sqlite3.Connection, article_id: int) -> str | None:
    row = db.execute("select identity from articles where id = ?", (article_id,)).fetchone()
    return None if row is None else str(row[0])


def versions_of(db: sqlite3.Connection, article_id: int) -> list[Version]:
    rows = db.execute(
        """select number, capture_id, captures.payload_digest, seen_at, wording,
                  versions.cleaner, wet_file from versions join captures on captures.id = capture_id
           where versions.article_id = ? order by number""",
        (article_id,),
    )
    return [
        Version(
            number=number,
            capture_id=capture_id,
            payload_digest=digest,
            seen_at=moment(seen_at),
            wording=said,
            cleaner=cleaner,
            has_record=wet_file is not None,
        )
        for number, capture_id, digest, seen_at, said, cleaner, wet_file in rows
    ]


def verdict_of(db: sqlite3.Connection, record_id: str) -> tuple[str, str]:
    """Kind of a capture, and why."""
    row = db.execute("select kind, kind_reason from captures where record_id = ?", (record_id,)).fetchone()
    return ("other", NOT_CLEANED_YET) if row is None else (row[0], row[1] or "")


# Runs -----------------------------------------------------------------------------------------------


def begin_run(db: sqlite3.Connection, command: str, software: str, at: datetime) -> int:
    cursor = db.execute(
        "insert into runs (command, software, started_at) values (?, ?, ?)",
        (storable(command), software, timestamp(at)),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def finish_run(db: sqlite3.Connection, run_id: int, counts: Mapping[str, int], at: datetime) -> None:
    db.execute(
        "update runs set finished_at = ?, counts = ? where id = ?",
        (timestamp(at), json.dumps(dict(counts)), run_id),
    )


def run_of(db: sqlite3.Connection, run_id: int) -> dict[str, object]:
    """A run, as a manifest tells it."""
    row = db.execute(
        "select id, software, started_at, finished_at from runs where id = ?", (run_id,)
    ).fetchone()
    return {} if row is None else dict(zip(("id", "software", "started", "finished"), row, strict=True))


# Entries --------------------------------------------------------------------------------------------


def write(db: sqlite3.Connection, entry: Entry) -> None:
    """Write one entry; entries are written in the order in which they were made."""
    match entry:
        case NewCapture():
            _insert_capture(db, entry)
        case NewExchange():
            _insert_exchange(db, entry)
        case NotArticle():
            _write_not_article(db, entry)
        case Kept():
            _write_kept(db, entry)
        case _:
            agenda.write(db, entry)


def new_capture(
    capture: Capture, stored: StoredCapture, run_id: int | None, *, like: str | None = None
) -> NewCapture:
    """The row-to-be of a capture whose record is on disk."""
    exchange = capture.exchange
    return NewCapture(
        stored=stored,
        # What the record says. After a 304 the capture has the status of the page that is still the same.
        status=capture.status if exchange is None else exchange.status,
        content_type=storable(capture.content_type),
        source=capture.source,
        source_path=storable(capture.source_path),
        requested_url=storable(capture.requested_url),
        run_id=run_id,
        rights=capture.rights,
        like=like,
    )


def _insert_capture(db: sqlite3.Connection, entry: NewCapture) -> None:
    stored = entry.stored
    db.execute(
        """insert into captures (url, fetched_at, status, content_type, kind, kind_reason, warc_file,
               warc_offset, warc_length, record_id, payload_digest, source, source_path, record_type,
               requested_url, site, run_id, truncated, robots, rights)
           values (?, ?, ?, ?, 'other', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            stored.url,
            timestamp(stored.fetched_at),
            entry.status,
            entry.content_type,
            NOT_CLEANED_YET,
            stored.ref.file,
            stored.ref.offset,
            stored.ref.length,
            stored.ref.record_id,
            stored.payload_digest,
            entry.source,
            entry.source_path,
            stored.record_type,
            entry.requested_url if entry.requested_url != stored.url else None,
            site_of(stored.url),
            entry.run_id,
            stored.truncated,
            (entry.rights and entry.rights.robots) or None,
            json.dumps(entry.rights.statements, ensure_ascii=False)
            if entry.rights and entry.rights.statements
            else None,
        ),
    )
    if entry.like is not None:
        _share_fate(db, stored, entry.like)


def _insert_exchange(db: sqlite3.Connection, entry: NewExchange) -> None:
    stored = entry.stored
    db.execute(
        """insert into exchanges (url, fetched_at, status, content_type, role, truncated, record_type,
               warc_file, warc_offset, warc_length, record_id, payload_digest, run_id)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            stored.url,
            timestamp(stored.fetched_at),
            entry.status,
            storable(entry.content_type),
            storable(entry.role),
            stored.truncated,
            stored.record_type,
            stored.ref.file,
            stored.ref.offset,
            stored.ref.length,
            stored.ref.record_id,
            stored.payload_digest,
            entry.run_id,
        ),
    )


def _share_fate(db: sqlite3.Connection, stored: StoredCapture, like: str) -> None:
    """A page was fetched again and had not changed: what was found of it holds."""
    db.execute(
        """update captures set (kind, kind_reason, cleaner, article_id, site, words, cut_share, confidence,
                                fields) =
               (select kind, kind_reason, cleaner, article_id, site, words, cut_share, confidence, fields
                from captures where record_id = ?)
           where record_id = ?""",
        (like, stored.ref.record_id),
    )
    db.execute(
        """update articles set last_seen = max(last_seen, ?)
           where id = (select article_id from captures where record_id = ?)""",
        (timestamp(stored.fetched_at), stored.ref.record_id),
    )


def _capture_row(db: sqlite3.Connection, record_id: str) -> tuple[int, int | None]:
    row = db.execute("select id, article_id from captures where record_id = ?", (record_id,)).fetchone()
    assert row is not None, "a capture has its row before anything is said of it"
    return row[0], row[1]


def _write_not_article(db: sqlite3.Connection, entry: NotArticle) -> None:
    capture_id, article_id = _capture_row(db, entry.record_id)
    if article_id is not None:
        detach(db, capture_id, article_id)
    db.execute(
        """update captures set kind = ?, kind_reason = ?, cleaner = ?, article_id = null,
           site = coalesce(site, ?), words = null, cut_share = null, confidence = null, fields = null
           where id = ?""",
        (entry.kind, storable(entry.reason), entry.cleaner, entry.site, capture_id),
    )


def _write_kept(db: sqlite3.Connection, entry: Kept) -> None:
    capture_id, old_article_id = _capture_row(db, entry.record_id)
    article_id = entry.article_id or article_id_of(db, entry.identity)
    if article_id is not None and entry.is_renamed:
        # Its canonical address is told by now, or told better: the article keeps its id.
        db.execute("update articles set identity = ? where id = ?", (entry.identity, article_id))
    if old_article_id is not None and old_article_id != article_id:
        detach(db, capture_id, old_article_id)
    seen = timestamp(entry.seen_at)
    if article_id is None:
        article_id = _insert_article(db, entry, seen)
    _write_version(db, article_id, capture_id, entry)
    site = _site(entry)
    db.execute(
        """update captures set kind = 'article', kind_reason = ?, cleaner = ?, article_id = ?, site = ?,
           words = ?, cut_share = ?, confidence = ?, fields = ? where id = ?""",
        (entry.article.kind_reason, entry.article.cleaner, article_id, site, *_measures(entry.article),
         capture_id),
    )  # fmt: skip
    db.execute(
        "update articles set first_seen = min(first_seen, ?), last_seen = max(last_seen, ?) where id = ?",
        (seen, seen, article_id),
    )
    if site:
        db.execute(
            """insert into sites (site, name, first_seen, last_seen) values (?1, ?2, ?3, ?3)
               on conflict (site) do update set name = coalesce(name, ?2),
                                                first_seen = min(coalesce(first_seen, ?3), ?3),
                                                last_seen = max(coalesce(last_seen, ?3), ?3)""",
            (site, entry.article.site or site, seen),
        )
    bring_up_to_date(db, article_id)


def bring_up_to_date(db: sqlite3.Connection, article_id: int) -> None:
    """Tell anew what hangs on an article's texts: the excerpts of its changes, the articles like it."""
    untold = db.execute(
        """select versions.number, before.text, versions.text from versions
           join versions as before on before.article_id = versions.article_id
                                  and before.number = versions.number - 1
           where versions.article_id = ? and versions.number > 1 and versions.excerpt is null""",
        (article_id,),
    ).fetchall()
    for number, before, after in untold:
        db.execute(
            "update versions set excerpt = ? where article_id = ? and number = ?",
            (json.dumps(excerpt(before, after), ensure_ascii=False), article_id, number),
        )
    similar.relate(db, article_id)


def out_of_date(db: sqlite3.Connection, after: int, limit: int) -> list[int]:
    """The next articles behind the number `after` of which `bring_up_to_date` has something to do."""
    untold = db.execute(
        """select distinct article_id from versions where number > 1 and excerpt is null and article_id > ?
           order by article_id limit ?""",
        (after, limit),
    )
    return sorted({number for (number,) in untold} | set(similar.to_relate(db, after, limit)))[:limit]


#: Fields of an article that a page gives or does not (`captures.fields`).
FIELDS = (
    "headline",
    "authors",
    "date_published",
    "language",
    "section",
    "keywords",
    "description",
    "main_image",
)


def _measures(article: Article) -> tuple[int, float | None, float | None, str]:
    """Words, share of the page's characters that were cut, the labeller's confidence, fields given."""
    shown = sum(len(block.text) for block in article.blocks)
    cut = sum(len(block.text) for block in article.blocks if not block.kept)
    fields = " ".join(name for name in FIELDS if getattr(article, name))
    return article.word_count, round(cut / shown, 4) if shown else None, article.confidence, fields


def _site(entry: Kept) -> str | None:
    """One notion of a site for every table: the page's host, or where that is not known what it says."""
    return site_of(entry.url) or entry.article.site


#: Columns of `articles` that the newest version's page fills.
_PAGE_COLUMNS = (
    "url", "canonical_url", "site", "headline", "authors", "date_published", "date_published_source",
    "date_modified", "language", "section", "keywords", "description", "credits", "main_image", "text",
    "markdown", "word_count", "access", "text_digest", "cleaner", "sources",
)  # fmt: skip


def _page_values(entry: Kept) -> list[object]:
    page: dict[str, object] = {name: getattr(entry.article, name) for name in _PAGE_COLUMNS}
    page["url"] = entry.url
    page["site"] = _site(entry)
    for name in ("authors", "keywords", "sources"):
        page[name] = json.dumps(page[name], ensure_ascii=False)
    return list(page.values())


def _insert_article(db: sqlite3.Connection, entry: Kept, seen: str) -> int:
    columns = ", ".join((*_PAGE_COLUMNS, "identity", "version", "first_seen", "last_seen"))
    values = [*_page_values(entry), entry.identity, 0, seen, seen]
    marks = ", ".join("?" * len(values))
    # Column names are constants of this module.
    cursor = db.execute(f"insert into articles ({columns}) values ({marks})", values)  # noqa: S608
    assert cursor.lastrowid is not None
    return cursor.lastrowid


_UPDATE_PAGE = f"update articles set {', '.join(f'{name} = ?' for name in _PAGE_COLUMNS)} where id = ?"  # noqa: S608


def _write_version(db: sqlite3.Connection, article_id: int, capture_id: int, entry: Kept) -> None:
    decision, article = entry.decision, entry.article
    number = decision.number
    if decision.edit == "insert":
        _shift(db, article_id, number, by=1)
        ref = entry.conversion
        assert ref is not None, "a version has its conversion record"
        db.execute(
            """insert into versions (article_id, number, capture_id, seen_at, headline, text, text_digest,
                                     cleaner, kept_positions, wet_file, wet_offset, wet_length,
                                     wet_record_id, wording, access)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (article_id, number, capture_id, timestamp(entry.seen_at), article.headline, article.text,
             article.text_digest, article.cleaner, _kept_positions(article), ref.file,
             ref.offset, ref.length, ref.record_id, wording(article.headline, article.text), article.access),
        )  # fmt: skip
        _write_account(db, article_id, number, article.removed)
    elif decision.edit == "replace":
        ref = entry.conversion
        assert ref is not None, "a version has its conversion record"
        db.execute(
            """update versions set capture_id = ?, headline = ?, text = ?, text_digest = ?, cleaner = ?,
                                   kept_positions = ?, wet_file = ?, wet_offset = ?, wet_length = ?,
                                   wet_record_id = ?, wording = ?, access = ?
               where article_id = ? and number = ?""",
            (capture_id, article.headline, article.text, article.text_digest, article.cleaner,
             _kept_positions(article), ref.file, ref.offset, ref.length, ref.record_id,
             wording(article.headline, article.text), article.access, article_id, number),
        )  # fmt: skip
        _forget_account(db, article_id, number)
        _write_account(db, article_id, number, article.removed)
    elif decision.edit == "earlier":
        db.execute(
            "update versions set seen_at = ? where article_id = ? and number = ?",
            (timestamp(entry.seen_at), article_id, number),
        )
    for doubled in reversed(decision.drop):
        drop_version(db, article_id, doubled)
    if decision.edit in ("insert", "replace") or decision.drop:
        newest = count_versions(db, article_id)
        refresh_changes(db, article_id, number)
        if number == newest and decision.edit != "none":
            db.execute(_UPDATE_PAGE, [*_page_values(entry), article_id])
        elif decision.drop:
            fall_back_to_newest(db, article_id)


def _kept_positions(article: Article) -> str:
    """Where the kept blocks stood, so that the page can be shown again in its order, cuts in their places.

    A place for each line of the text that is not blank. Only preformatted text has several lines in a block.
    """
    kept = [block for block in article.blocks if block.kept and block.text.strip()]
    return json.dumps([block.position for block in kept for _ in range(_lines_of(block))])


def _lines_of(block: Block) -> int:
    return 1 if block.tag != "pre" else sum(bool(line.strip()) for line in block.text.splitlines())


def _shift(db: sqlite3.Connection, article_id: int, start: int, *, by: int) -> None:
    """Renumber the versions from `start` on; twice through negative numbers, so that none meet on the way."""
    db.execute(
        "update versions set number = -number where article_id = ? and number >= ?", (article_id, start)
    )
    db.execute(
        "update versions set number = ? - number where article_id = ? and number < 0", (by, article_id)
    )


def drop_version(db: sqlite3.Connection, article_id: int, number: int) -> None:
    _forget_account(db, article_id, number)
    db.execute("delete from versions where article_id = ? and number = ?", (article_id, number))
    _shift(db, article_id, number + 1, by=-1)


def count_versions(db: sqlite3.Connection, article_id: int) -> int:
    count = int(db.execute("select count(*) from versions where article_id = ?", (article_id,)).fetchone()[0])
    db.execute("update articles set version = ? where id = ?", (count, article_id))
    return count


def refresh_changes(db: sqlite3.Connection, article_id: int, number: int) -> None:
    """Say again how much versions `number` and the one after it differ from those before them."""
    rows = db.execute(
        "select number, text from versions where article_id = ? and number between ? and ? order by number",
        (article_id, number - 1, number + 1),
    ).fetchall()
    for (_, before), (later, after) in pairwise(rows):
        db.execute(
            "update versions set change = ? where article_id = ? and number = ?",
            (round(change(before, after), 4), article_id, later),
        )
    db.execute("update versions set change = null where article_id = ? and number = 1", (article_id,))


def fall_back_to_newest(db: sqlite3.Connection, article_id: int) -> None:
    """After a version went: the article shows the newest one that is left."""
    headline, text, digest, cleaner, access = db.execute(
        """select headline, text, text_digest, cleaner, access from versions where article_id = ?
           order by number desc""",
        (article_id,),
    ).fetchone()
    db.execute(
        """update articles set headline = ?, text = ?, markdown = ?, word_count = ?, text_digest = ?,
           cleaner = ?, access = coalesce(?, access)
           where id = ? and (text_digest != ? or headline is not ?)""",
        (headline, text, text, len(words(text)), digest, cleaner, access, article_id, digest, headline),
    )


def detach(db: sqlite3.Connection, capture_id: int, article_id: int) -> None:
    """Take back what a capture brought to an article; an article without versions goes."""
    numbers = db.execute(
        "select number from versions where article_id = ? and capture_id = ? order by number desc",
        (article_id, capture_id),
    ).fetchall()
    for (number,) in numbers:
        drop_version(db, article_id, number)
    if not numbers:
        return
    if count_versions(db, article_id):
        for (number,) in numbers:
            refresh_changes(db, article_id, number)
        fall_back_to_newest(db, article_id)
    else:
        # Its other captures only confirmed the version that went: what they are is to be seen again.
        db.execute(
            """update captures set article_id = null, kind = 'other', kind_reason = ?, cleaner = null
               where article_id = ?""",
            (NOT_CLEANED_YET, article_id),
        )
        db.execute("delete from articles where id = ?", (article_id,))


def _write_account(
    db: sqlite3.Connection, article_id: int, number: int, account: tuple[Removed, ...]
) -> None:
    rows = [(removed, payload_digest(removed.text.encode("utf-8"))) for removed in account]
    db.executemany(
        "insert into blocks (digest, text) values (?, ?) on conflict (digest) do nothing",
        [(digest, removed.text) for removed, digest in rows],
    )
    db.executemany(
        """insert into removed (article_id, version, position, label, reason, score, block)
           values (?, ?, ?, ?, ?, ?, (select id from blocks where digest = ?))""",
        [
            (article_id, number, removed.position, removed.label, removed.reason, removed.score, digest)
            for removed, digest in rows
        ],
    )


def _forget_account(db: sqlite3.Connection, article_id: int, number: int) -> None:
    """Delete a version's account, and the blocks that stood in no other."""
    blocks = db.execute(
        "delete from removed where article_id = ? and version = ? returning block", (article_id, number)
    ).fetchall()
    db.executemany(
        "delete from blocks where id = ?1 and not exists (select 1 from removed where block = ?1)",
        list(set(blocks)),
    )


# Recovery -------------------------------------------------------------------------------------------


def has_records(db: sqlite3.Connection) -> bool:
    """Whether any raw record has a row."""
    query = "select exists (select 1 from captures) or exists (select 1 from exchanges)"
    return bool(db.execute(query).fetchone()[0])


def forget_raw_record(db: sqlite3.Connection, record_id: str) -> None:
    """Delete the row of a raw record that is not there, and what hung on it."""
    if db.execute("delete from exchanges where record_id = ?", (record_id,)).rowcount:
        return
    capture_id, article_id = _capture_row(db, record_id)
    if article_id is not None:
        detach(db, capture_id, article_id)
    db.execute("delete from captures where id = ?", (capture_id,))


def forget_conversion(db: sqlite3.Connection, record_id: str) -> None:
    """A conversion is not there: its capture is to be cleaned again."""
    db.execute(
        """update captures set cleaner = null, kind_reason = ? where id in
           (select capture_id from versions where wet_record_id = ?)""",
        (NOT_CLEANED_YET, record_id),
    )
    db.execute(
        """update versions set wet_file = null, wet_offset = null, wet_length = null, wet_record_id = null
           where wet_record_id = ?""",
        (record_id,),
    )


# Takedown -------------------------------------------------------------------------------------------


def detach_article(db: sqlite3.Connection, article_id: int) -> int:
    """Delete an article with its versions and their accounts; how many versions that were."""
    numbers = db.execute("select number from versions where article_id = ?", (article_id,)).fetchall()
    for (number,) in numbers:
        _forget_account(db, article_id, number)
    db.execute("update captures set article_id = null where article_id = ?", (article_id,))
    db.execute("delete from versions where article_id = ?", (article_id,))
    db.execute("delete from articles where id = ?", (article_id,))
    return len(numbers)


def raw_record_at(db: sqlite3.Connection, table: str, number: int) -> StoredRecord:
    """The raw record of row `number` of `table`, which is `captures` or `exchanges`."""
    row = db.execute(_RECORD.format(table=table) + "where id = ?", (number,)).fetchone()
    return _stored_record(row)


def point_to(db: sqlite3.Connection, table: str, number: int, stored: StoredRecord) -> None:
    """Row `number` of `table` is that of another record now."""
    db.execute(
        f"""update {table} set warc_file = ?, warc_offset = ?, warc_length = ?, record_id = ?,
            record_type = ?, payload_digest = ? where id = ?""",  # noqa: S608 - table names are constants
        (stored.ref.file, stored.ref.offset, stored.ref.length, stored.ref.record_id, stored.record_type,
         stored.payload_digest, number),
    )  # fmt: skip
