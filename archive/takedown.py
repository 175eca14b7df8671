"""Taking an article down: what belongs to it, its end in every place, and the tombstones that keep it out.

Of an address only a digest is kept: a tombstone must be recognised, not read. Records stay in their WARC
files, withdrawn from rows, index, replay and exports, until a purge writes those files again without them.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urldefrag

from archive import agenda, cdxj
from archive.digests import payload_digest, storable
from archive.errors import ArchiveError
from archive.index import CaptureIndex
from archive.members import Member, members
from archive.payload import PayloadError, decoded, parse_response
from archive.reading import parse_record
from archive.rows import detach_article, timestamp
from archive.uris import host_of, site_of, target_uri
from archive.url_keys import url_key
from archive.values import RecordRef, Value
from archive.warcfiles import open_warc, warc_files

#: Exchanges whose bodies list articles: a feed that names the article is withdrawn with it.
_LISTS = ("feed", "sitemap", "home", "section", "redirect", "retry", "other")

Progress = Callable[[str], None]


class Record(Value, frozen=True, kw_only=True):
    """A record that is to be withdrawn."""

    record_id: str
    file: str
    offset: int
    length: int


class Takedown(Value, frozen=True, kw_only=True):
    """What a takedown did.

    `mentions` are addresses of other articles that link to it or show its headline.
    """

    articles: int = 0
    versions: int = 0
    captures: int = 0
    exchanges: int = 0
    records: int = 0
    rescued: int = 0
    addresses: int = 0
    purged_files: int = 0
    #: False while a reader holds the database open: until it goes, its files may hold what was deleted.
    scrubbed: bool = True
    mentions: tuple[str, ...] = ()
    torn: tuple[str, ...] = ()


class TakenDown(ArchiveError):
    """The page was taken down and is not kept again; `reason` is what was said then."""

    def __init__(self, url: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{url} was taken down ({reason}) and is not kept again.")


class Subject(Value, frozen=True, kw_only=True):
    """What belongs to what is to be taken down: rows by number, and every address it goes by."""

    articles: tuple[int, ...]
    captures: tuple[int, ...]
    addresses: frozenset[str]
    headlines: frozenset[str]


def address_digest(url: str) -> str:
    """An address as a tombstone holds it: digest of the URL without its fragment."""
    plain = urldefrag(target_uri(url, "")).url
    return "sha256:" + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def any_tombstone(db: sqlite3.Connection) -> bool:
    """Whether anything was ever taken down."""
    return db.execute("select 1 from tombstones limit 1").fetchone() is not None


def tombstone_of(db: sqlite3.Connection, urls: Iterable[str], digest: str | None) -> tuple[int, str] | None:
    """Number and reason of a tombstone for one of these addresses, or for this payload; None without."""
    for url in urls:
        if url and not url.startswith("urn:"):
            row = db.execute(
                "select id, reason from tombstones where url = ?", (address_digest(url),)
            ).fetchone()
            if row:
                return row[0], row[1]
    if digest:
        row = db.execute("select id, reason from tombstones where payload_digest = ?", (digest,)).fetchone()
        if row:
            return row[0], row[1]
    return None


def subject_of(db: sqlite3.Connection, target: str | int) -> Subject:
    """Everything that hangs on an article (by number) or an address: to a fixed point.

    An article brings its captures, those the other articles they belong to, and each payload that was an
    article every other capture of it. Raises ArchiveError where the archive knows nothing of the target.
    """
    articles, captures, addresses = _beginning(db, target)
    if not articles and not captures and not addresses:
        raise ArchiveError(f"The archive holds nothing under {target}: `pressmark search` lists what it has.")
    while True:
        before = len(articles), len(captures), len(addresses)
        for number in sorted(articles):
            row = db.execute(
                "select url, canonical_url, identity from articles where id = ?", (number,)
            ).fetchone()
            addresses |= {url for url in row if url}
            captures |= _numbers(db, "select id from captures where article_id = ?", number)
        for number in sorted(captures):
            url, requested, article, kind, digest = db.execute(
                "select url, requested_url, article_id, kind, payload_digest from captures where id = ?",
                (number,),
            ).fetchone()
            addresses |= {address for address in (url, requested) if address}
            articles |= {article} if article is not None else set()
            if kind == "article":  # a wall or an error page is shared by many addresses
                captures |= _numbers(db, "select id from captures where payload_digest = ?", digest)
        for url in sorted(addresses):
            captures |= _numbers(db, "select id from captures where url = ?", url)
            captures |= _numbers(db, "select id from captures where requested_url = ?", url)
        if before == (len(articles), len(captures), len(addresses)):
            break
    headlines = {
        headline.strip()
        for number in articles
        for (headline,) in db.execute("select headline from versions where article_id = ?", (number,))
        if headline and len(headline.strip()) >= _HEADLINE
    }
    return Subject(
        articles=tuple(sorted(articles)),
        captures=tuple(sorted(captures)),
        addresses=frozenset(addresses),
        headlines=frozenset(headlines),
    )


#: Characters: a shorter headline ("Weather") stands in pages that have nothing to do with it.
_HEADLINE = 20


def _beginning(db: sqlite3.Connection, target: str | int) -> tuple[set[int], set[int], set[str]]:
    if isinstance(target, int):
        found = _numbers(db, "select id from articles where id = ?", target)
        return found, set(), set()
    key = urldefrag(target_uri(target, "")).url
    articles: set[int] = set()
    for column in ("identity", "url", "canonical_url"):
        articles |= _numbers(db, f"select id from articles where {column} = ?", key)  # noqa: S608 - constants
    captures = _numbers(db, "select id from captures where url = ?", key)
    captures |= _numbers(db, "select id from captures where requested_url = ?", storable(target))
    exchanges = _numbers(db, "select id from exchanges where url = ?", key)
    waiting = _numbers(db, "select id from queue where key = ?", url_key(target))
    return articles, captures, {key} if articles or captures or exchanges or waiting else set()


def _numbers(db: sqlite3.Connection, query: str, value: object) -> set[int]:
    return {number for (number,) in db.execute(query, (value,))}


# Records --------------------------------------------------------------------------------------------


def raw_records(root: Path, db: sqlite3.Connection, subject: Subject) -> Iterator[Record]:
    """The raw records of the subject's captures, each with the request that brought it."""
    for number in subject.captures:
        yield from with_request(root, _record_of_row(db, "captures", number))


def record_of(ref: RecordRef) -> Record:
    """The record that `ref` points at."""
    return Record(record_id=ref.record_id, file=ref.file, offset=ref.offset, length=ref.length)


def with_request(root: Path, record: Record) -> Iterator[Record]:
    """A raw record and the request behind it. A file that cannot be read gives the record alone."""
    yield record
    try:
        with open_warc(root, record.file) as file:
            following = members(file, record.offset + record.length)
            second = next(following, None)
            if isinstance(second, Member):
                parsed = parse_record(second.data, second.offset)
                if parsed.fields.get("warc-concurrent-to") == record.record_id:
                    yield Record(
                        record_id=parsed.record_id,
                        file=record.file,
                        offset=second.offset,
                        length=second.length,
                    )
    except (OSError, ValueError):
        return


def derived_records(root: Path, raw: frozenset[str], progress: Progress) -> Iterator[Record]:
    """Every metadata and conversion record of the raw records `raw`, those of earlier cleanings too."""
    for path in warc_files(root, "wet", unfinished=False) + warc_files(root, "wet", unfinished=True):
        name = path.relative_to(root).as_posix().removesuffix(".open")
        progress(name)
        with open(path, "rb") as file:
            for member in members(file):
                if not isinstance(member, Member):
                    continue
                refers_to = _REFERS_TO.search(member.data, 0, _HEAD)
                if refers_to is None or refers_to[1].decode("latin-1") not in raw:
                    continue
                record = parse_record(member.data, member.offset)
                yield Record(
                    record_id=record.record_id, file=name, offset=member.offset, length=member.length
                )


_REFERS_TO = re.compile(rb"\r\nWARC-Refers-To: *(\S+)\r\n")
_HEAD = 300_000  # a WARC-Target-URI may have 100,000 characters


def exchanges_of(
    root: Path, db: sqlite3.Connection, subject: Subject, progress: Progress
) -> dict[int, Record]:
    """Support exchanges that go with the subject, by number: with each, all that repeat its payload."""
    found = dict(_naming(root, db, subject, progress))
    for number in list(found):
        rows = db.execute(
            """select id, record_id, warc_file, warc_offset, warc_length from exchanges where payload_digest =
               (select payload_digest from exchanges where id = ?) and payload_digest != ?""",
            (number, payload_digest(b"")),
        )
        for other, record_id, file, offset, length in rows:
            found[other] = Record(record_id=record_id, file=file, offset=offset, length=length)
    return found


def _naming(
    root: Path, db: sqlite3.Connection, subject: Subject, progress: Progress
) -> Iterator[tuple[int, Record]]:
    """Support exchanges at the subject's addresses, and those of its sites that name it: feeds, redirects."""
    needles = needles_of(subject)
    sites = {site_of(url) for url in subject.addresses} - {None}
    own = {urldefrag(url).url for url in subject.addresses}
    rows = db.execute("select id, url, role, record_id, warc_file, warc_offset, warc_length from exchanges")
    for number, url, role, record_id, file, offset, length in rows:
        record = Record(record_id=record_id, file=file, offset=offset, length=length)
        if url in own:
            yield number, record
        elif role in _LISTS and site_of(url) in sites:
            progress(host_of(url))
            if _names(root, db, record, needles):
                yield number, record


def needles_of(subject: Subject) -> tuple[bytes, ...]:
    """What a page holds that names the subject:

    its addresses, as they are and as XML escapes them, and headlines.
    """
    told = {url.partition("://")[2] for url in subject.addresses if url.startswith("http")}
    told = {url for url in told if url.partition("/")[2]}  # a front page's address stands everywhere
    told |= {url.replace("&", "&amp;") for url in told} | {url.replace("/", "\\/") for url in told}
    told |= set(subject.headlines)
    return tuple(needle.encode() for needle in sorted(told))


def _names(root: Path, db: sqlite3.Connection, record: Record, needles: tuple[bytes, ...]) -> bool:
    """Whether the body or a header of a stored exchange holds one of the needles."""
    try:
        with open_warc(root, record.file) as file:
            member = next(members(file, record.offset), None)
        if not isinstance(member, Member):
            return False
        parsed = parse_record(member.data, member.offset)
        message = parse_response(parsed.block)
        text = b"\n".join([*(value for _, value in message.headers), decoded(message.headers, message.body)])
    except (OSError, ValueError, PayloadError):
        return False
    return any(needle in text for needle in needles)


def _record_of_row(db: sqlite3.Connection, table: str, number: int) -> Record:
    record_id, file, offset, length = db.execute(
        f"select record_id, warc_file, warc_offset, warc_length from {table} where id = ?",  # noqa: S608 - constants
        (number,),
    ).fetchone()
    return Record(record_id=record_id, file=file, offset=offset, length=length)


# Rows -----------------------------------------------------------------------------------------------


def orphaned_revisits(
    db: sqlite3.Connection, subject: Subject, exchanges: frozenset[int]
) -> list[tuple[str, int, str]]:
    """Rows outside the subject whose payload goes with it: table, number and payload digest."""
    gone: set[str] = set()
    inside = {"captures": set(subject.captures), "exchanges": set(exchanges)}
    for table, numbers in inside.items():
        for number in sorted(numbers):
            digest, record_type = db.execute(
                f"select payload_digest, record_type from {table} where id = ?",  # noqa: S608 - constants
                (number,),
            ).fetchone()
            gone |= {digest} if record_type == "response" else set()
    found: list[tuple[str, int, str]] = []
    for digest in sorted(gone):
        for table, own in inside.items():
            rows = db.execute(
                f"""select id from {table} where payload_digest = ? and record_type = 'revisit'
                    order by fetched_at, id""",  # noqa: S608 - constants
                (digest,),
            )
            found += [(table, number, digest) for (number,) in rows if number not in own]
    return found


def bury(
    db: sqlite3.Connection,
    subject: Subject,
    exchanges: Iterable[int],
    records: Iterable[Record],
    *,
    reason: str,
    at: datetime,
) -> int:
    """Tombstones in, rows out: the caller holds the transaction. Returns how many versions went."""
    tombstone = 0
    payloads = {
        digest
        for number in subject.captures
        for (digest,) in db.execute(
            "select payload_digest from captures where id = ? and kind = 'article'", (number,)
        )
    }
    # Its folded address too: a list may name it with another tracking parameter.
    named = sorted({form for url in subject.addresses if "://" in url for form in (url, url_key(url))})
    rows = [(address_digest(url), None, site_of(url)) for url in named]
    rows += [("", digest, None) for digest in sorted(payloads)]
    for url, digest, site in rows:
        tombstone = (
            db.execute(
                """insert into tombstones (url, payload_digest, removed_at, reason, site)
                   values (?, ?, ?, ?, ?)""",
                (url, digest, timestamp(at), storable(reason), site),
            ).lastrowid
            or 0
        )
    withdraw(db, records, tombstone)
    agenda.bury(db, map(url_key, sorted(subject.addresses)), subject.articles, subject.captures)
    versions = sum(detach_article(db, number) for number in subject.articles)
    db.executemany("delete from captures where id = ?", [(number,) for number in subject.captures])
    db.executemany("delete from exchanges where id = ?", [(number,) for number in exchanges])
    for url in subject.addresses:
        db.execute(
            "update runs set command = replace(command, ?, '[taken down]') where instr(command, ?)",
            (url, url),
        )
    return versions


def withdraw(db: sqlite3.Connection, records: Iterable[Record], tombstone: int) -> None:
    """Note records that stay in their files and are to be found by nobody."""
    db.executemany(
        "insert or replace into withdrawn values (?, ?, ?, ?, ?)",
        [(r.record_id, r.file, r.offset, r.length, tombstone) for r in records],
    )


def mentions(db: sqlite3.Connection, subject: Subject, limit: int = 100) -> tuple[str, ...]:
    """Addresses of articles that are left and whose text or account names the subject."""
    found: dict[str, None] = {}
    for needle in needles_of(subject):
        for query in (
            "select url from articles where instr(text, ?) or instr(markdown, ?) limit ?",
            """select distinct articles.url from blocks join removed on removed.block = blocks.id
               join articles on articles.id = removed.article_id
               where instr(blocks.text, ?) or instr(blocks.text, ?) limit ?""",
        ):
            words = needle.decode()
            found |= dict.fromkeys(url for (url,) in db.execute(query, (words, words, limit)))
    return tuple(found)[:limit]


def scrub(db: sqlite3.Connection) -> bool:
    """Leave no byte of deleted rows in the database's files: full-text index rewritten, free pages gone.

    False while a reader keeps the database open: the old pages leave its files once it has gone.
    """
    # FTS5 keeps deleted terms in its segments until they are merged
    # (sqlite.org/fts5.html#the_optimize_command).
    db.execute("insert into articles_fts (articles_fts) values ('optimize')")
    db.execute("vacuum")
    (busy, *_) = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    return not busy


# The work ------------------------------------------------------------------------------------------

#: Says that a takedown's rows are gone and that the rest of it, which can be done again, may not be.
MARK = Path("state/takedown")


def finish(root: Path, db: sqlite3.Connection, index: CaptureIndex) -> bool:
    """Do, perhaps again, what follows when the rows are gone: the index forgets, the database is scrubbed."""
    gone = {(file, offset) for file, offset in db.execute("select warc_file, warc_offset from withdrawn")}
    index.change(lambda line: None if cdxj.place_of(line)[:2] in gone else line)
    clean = scrub(db)
    (root / MARK).unlink(missing_ok=True)
    return clean


def torn_tails(root: Path) -> tuple[str, ...]:
    """Ends of files that a recovery set aside: nobody reads them, and they may hold anything."""
    return tuple(path.relative_to(root).as_posix() for path in sorted((root / "state" / "torn").glob("*")))
