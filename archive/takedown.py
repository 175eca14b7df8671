"""Taking an article down: what belongs to it, its end in every place, and the tombstones that keep it out.

Of an address only a digest is kept: a tombstone must be recognised, not read. Records stay in their WARC
files, withdrawn from rows, index, replay and exports, until a purge writes those files again without them.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
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
from archive.records import is_rendered
from archive.rows import (
    BUSY_TIMEOUT_SECONDS,
    detach_article,
    forget_raw_record,
    raw_record_at,
    timestamp,
    transaction,
)
from archive.uris import host_of, same_site, site_of, target_uri
from archive.url_keys import url_key
from archive.values import RecordRef, Value
from archive.warcfiles import open_warc, warc_files

#: Exchanges whose bodies list articles: a feed that names the article is withdrawn with it.
_LISTS = ("feed", "sitemap", "home", "section", "redirect", "retry", "part", "other")

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
    """An address as a tombstone holds it: digest of the key that its twins share (http, www, tracking)."""
    key = url_key(target_uri(url, ""))
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


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

    An article brings the captures that were it, each payload of theirs every other capture that was an
    article, and that one its article. What is shared by many addresses (a wall, an error page, a front page)
    brings nothing: where it was captured under one of the article's addresses, that capture goes, and no
    other. Raises ArchiveError where the archive knows nothing of the target.
    """
    articles, captures, addresses = _beginning(db, target)
    if not articles and not captures and not addresses:
        raise ArchiveError(f"The archive holds nothing under {target}: `pressmark search` lists what it has.")
    while True:
        before = len(articles), len(captures)
        for number in sorted(articles):
            addresses |= _identity(db, number)
            captures |= _numbers(db, "select id from captures where article_id = ?", number)
        for number in sorted(captures):
            url, requested, article, digest = db.execute(
                "select url, requested_url, article_id, payload_digest from captures where id = ?", (number,)
            ).fetchone()
            if article is None:
                continue
            articles.add(article)
            addresses |= {address for address in (url, requested) if address}
            captures |= _numbers(
                db, "select id from captures where payload_digest = ? and article_id is not null", digest
            )
        if before == (len(articles), len(captures)):
            break
    for url in sorted(addresses):
        captures |= _numbers(db, "select id from captures where url = ? and article_id is null", url)
        captures |= _numbers(
            db, "select id from captures where requested_url = ? and article_id is null", url
        )
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


def _identity(db: sqlite3.Connection, number: int) -> set[str]:
    """The address that makes two pages one article; a canonical URL counts only where it is that one."""
    row = db.execute("select identity, canonical_url from articles where id = ?", (number,)).fetchone()
    if row is None:
        return set()
    identity, canonical = row
    told = {target_uri(canonical, "")} if canonical and url_key(canonical) == identity else set()
    return told | ({identity} if identity else set())


#: Characters: a shorter headline ("Weather") stands in pages that have nothing to do with it.
_HEADLINE = 20


def _beginning(db: sqlite3.Connection, target: str | int) -> tuple[set[int], set[int], set[str]]:
    if isinstance(target, int):
        known = abs(target) < 1 << 63  # beyond it SQLite has no numbers
        return (
            (_numbers(db, "select id from articles where id = ?", target) if known else set()),
            set(),
            set(),
        )
    articles: set[int] = set()
    captures: set[int] = set()
    keys = {target_uri(target, ""), urldefrag(target_uri(target, "")).url}
    is_there = False
    for key in keys:
        articles |= _numbers(db, "select id from articles where identity = ?", url_key(key))
        articles |= _numbers(db, "select id from articles where url = ?", key)
        captures |= _numbers(db, "select id from captures where url = ?", key)
        is_there |= bool(_numbers(db, "select id from exchanges where url = ?", key))
    captures |= _numbers(db, "select id from captures where requested_url = ?", storable(target))
    for key in keys:
        is_there |= bool(_numbers(db, "select id from queue where key = ?", url_key(key)))
    return articles, captures, keys if articles or captures or is_there else set()


def _numbers(db: sqlite3.Connection, query: str, value: object) -> set[int]:
    return {number for (number,) in db.execute(query, (value,))}


# Records --------------------------------------------------------------------------------------------


def raw_records(root: Path, db: sqlite3.Connection, subject: Subject) -> Iterator[Record]:
    """The raw records of the subject's captures, each with the request that brought it."""
    for number in subject.captures:
        yield from with_request(root, record_of(raw_record_at(db, "captures", number).ref))


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


def derived_records(
    root: Path, raw: frozenset[str], progress: Progress, damaged: list[str]
) -> Iterator[Record]:
    """Every metadata and conversion record of the raw records `raw`, those of earlier cleanings too.

    Places that cannot be read are added to `damaged`.
    """
    for path in warc_files(root, "wet", unfinished=False) + warc_files(root, "wet", unfinished=True):
        name = path.relative_to(root).as_posix().removesuffix(".open")
        progress(name)
        with open(path, "rb") as file:
            for member in members(file):
                if not isinstance(member, Member):
                    damaged.append(f"{name}, byte {member.offset:,}")
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
    """Support exchanges that go with the subject, by number: with each, all that repeat its payload.

    But not of an answer that a browser made the page of: all pages of a site may have the same, an empty one.
    """
    found = dict(_naming(root, db, subject, progress))
    for number in list(found):
        rows = db.execute(
            """select id, record_id, warc_file, warc_offset, warc_length from exchanges where payload_digest =
               (select payload_digest from exchanges where id = ? and role != 'rendered')
               and payload_digest != ?""",
            (number, payload_digest(b"")),
        )
        for other, record_id, file, offset, length in rows:
            found[other] = Record(record_id=record_id, file=file, offset=offset, length=length)
    return found


def _naming(
    root: Path, db: sqlite3.Connection, subject: Subject, progress: Progress
) -> Iterator[tuple[int, Record]]:
    """Support exchanges at the subject's addresses, and those of its sites that name it: feeds, redirects."""
    names = Names(subject)
    own = {urldefrag(url).url for url in subject.addresses}
    rows = db.execute("select id, url, role, record_id, warc_file, warc_offset, warc_length from exchanges")
    for number, url, role, record_id, file, offset, length in rows:
        record = Record(record_id=record_id, file=file, offset=offset, length=length)
        if url in own:
            yield number, record
        elif role in _LISTS and names.is_of_its_site(url):
            progress(host_of(url))
            if _is_named(root, record, names):
                yield number, record


def listing_captures(
    root: Path, db: sqlite3.Connection, subject: Subject, progress: Progress
) -> tuple[int, ...]:
    """Captures of its sites that are no articles and name the subject: front pages, sections."""
    names = Names(subject)
    found = []
    rows = db.execute(
        """select id, url, record_id, warc_file, warc_offset, warc_length from captures
           where article_id is null and record_type != 'resource'"""
    )
    for number, url, record_id, file, offset, length in rows:
        if number not in subject.captures and names.is_of_its_site(url):
            progress(host_of(url))
            record = Record(record_id=record_id, file=file, offset=offset, length=length)
            if _is_named(root, record, names):
                found.append(number)
    for number in list(found):  # all that repeat the same payload
        found += _numbers(
            db,
            """select id from captures where article_id is null and payload_digest =
               (select payload_digest from captures where id = ?)""",
            number,
        )
    return tuple(dict.fromkeys(found))


class Names:
    """By what a page names the subject: addresses, whole or as a path on their own host, and headlines."""

    def __init__(self, subject: Subject) -> None:
        whole = {url.partition("://")[2] for url in subject.addresses if url.startswith("http")}
        # A front page's address stands everywhere.
        self._whole = {url for url in whole if url.partition("/")[2]}
        self._sites = [url for url in subject.addresses if url.startswith("http")]
        self._headlines = {" ".join(headline.split()) for headline in subject.headlines}
        ends = r"(?![\w%-]|[./]\w)"
        self._address = _any_of(self._whole, r"(?<![\w.-])", ends)
        paths = {"/" + url.partition("/")[2] for url in self._whole}
        self._path = _any_of(paths, r"(?<=[\"'=\s])", r"(?=[\"'\s>?#])")

    @property
    def words(self) -> tuple[str, ...]:
        """Addresses and headlines as they are."""
        return (*sorted(self._whole), *sorted(self._headlines))

    def is_of_its_site(self, url: str) -> bool:
        return any(same_site(url, address) for address in self._sites)

    def are_in(self, text: str) -> bool:
        """Whether a page that reads `text` names the subject."""
        plain = html.unescape(text.replace("\\/", "/"))
        if self._address is not None and self._address.search(plain):
            return True
        if self._path is not None and self._path.search(plain):
            return True
        line = " ".join(plain.split())
        return any(headline in line for headline in self._headlines)


def _any_of(words: set[str], before: str, behind: str) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(before + "(?:" + "|".join(map(re.escape, sorted(words))) + ")" + behind)


def _is_named(root: Path, record: Record, names: Names) -> bool:
    """Whether the body or a header of a stored exchange names the subject."""
    try:
        with open_warc(root, record.file) as file:
            member = next(members(file, record.offset), None)
        if not isinstance(member, Member):
            return False
        parsed = parse_record(member.data, member.offset)
        if is_rendered(parsed.fields):
            return names.are_in(parsed.block.decode("utf-8", "replace"))
        message = parse_response(parsed.block)
        headers = [b" " + value + b" " for _, value in message.headers]
        text = b"\n".join([*headers, decoded(message.headers, message.body)])
    except (OSError, ValueError, PayloadError):
        return False
    return names.are_in(text.decode("utf-8", "replace"))


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
    payloads = _payloads(db, subject.captures, "and kind = 'article'")
    rows: list[tuple[str, str | None, str | None]] = [
        (address_digest(url), None, site_of(url)) for url in sorted(subject.addresses) if "://" in url
    ]
    if not rows and not payloads:  # a dump page that tells no address, and was no article
        payloads = _payloads(db, subject.captures)
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
    _forget_commands(db, subject)
    return versions


def _payloads(db: sqlite3.Connection, captures: Iterable[int], condition: str = "") -> set[str]:
    query = f"select payload_digest from captures where id = ? {condition}"  # noqa: S608 - constants
    return {digest for number in captures for (digest,) in db.execute(query, (number,))}


def _forget_commands(db: sqlite3.Connection, subject: Subject) -> None:
    """Take the addresses out of the commands that `runs` tells (`add URL`)."""
    named = _any_of(set(subject.addresses), r"(?<!\S)", r"(?!\S)")
    for number, command in db.execute("select id, command from runs").fetchall():
        if named is not None and named.search(command):
            told = named.sub("[taken down]", command)
            db.execute("update runs set command = ? where id = ?", (told, number))


def withdraw(db: sqlite3.Connection, records: Iterable[Record], tombstone: int) -> None:
    """Note records that stay in their files and are to be found by nobody."""
    db.executemany(
        "insert or replace into withdrawn values (?, ?, ?, ?, ?)",
        [(r.record_id, r.file, r.offset, r.length, tombstone) for r in records],
    )


def mentions(db: sqlite3.Connection, subject: Subject, limit: int = 100) -> tuple[str, ...]:
    """Addresses of articles that are left and whose text or account names the subject."""
    found: dict[str, None] = {}
    for words in Names(subject).words:
        for query in (
            "select url from articles where instr(text, ?) or instr(markdown, ?) limit ?",
            """select distinct articles.url from blocks join removed on removed.block = blocks.id
               join articles on articles.id = removed.article_id
               where instr(blocks.text, ?) or instr(blocks.text, ?) limit ?""",
        ):
            found |= dict.fromkeys(url for (url,) in db.execute(query, (words, words, limit)))
    return tuple(found)[:limit]


def scrub(db: sqlite3.Connection) -> bool:
    """Leave no byte of deleted rows in the database's files: full-text index rewritten, free pages gone.

    False while a reader keeps the database open: the old pages leave its files once it has gone.
    """
    # A reader (Datasette) may hold the database for long: it is told of, not waited for.
    db.execute("pragma busy_timeout = 2000")
    try:
        # FTS5 keeps deleted terms in its segments until they are merged
        # (sqlite.org/fts5.html#the_optimize_command).
        db.execute("insert into articles_fts (articles_fts) values ('optimize')")
        db.execute("vacuum")
        (busy, *_) = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    except sqlite3.OperationalError:  # locked, or no room for a copy: it is tried again at the next opening
        return False
    finally:
        db.execute(f"pragma busy_timeout = {int(BUSY_TIMEOUT_SECONDS * 1000)}")
    return not busy


# The work ------------------------------------------------------------------------------------------

#: Says that a takedown's rows are gone and that the rest of it, which can be done again, may not be.
MARK = Path("state/takedown")


def mark(root: Path, what: str) -> None:
    """Note that a takedown or a purge is under way: the next opening of the archive goes on with it."""
    (root / MARK).write_text(what, encoding="ascii")


def unmark(root: Path, before: str) -> None:
    """It is done; what was under way `before` it still is."""
    if before:
        mark(root, before)
    else:
        (root / MARK).unlink(missing_ok=True)


def marked(root: Path) -> str:
    """What was under way; "" for nothing."""
    try:
        return (root / MARK).read_text(encoding="ascii").strip() or "takedown"
    except FileNotFoundError:
        return ""


def unlist(index: CaptureIndex, places: Iterable[tuple[str, int]]) -> None:
    """Take the records at these places (file, offset) out of the capture index."""
    gone = set(places)
    index.change(lambda line: None if cdxj.place_of(line)[:2] in gone else line)


def finish(root: Path, db: sqlite3.Connection, index: CaptureIndex) -> bool:
    """Do, perhaps again, what follows when the rows are gone: the index forgets, the database is scrubbed."""
    unlist(index, db.execute("select warc_file, warc_offset from withdrawn").fetchall())
    clean = scrub(db)
    if clean:
        (root / MARK).unlink(missing_ok=True)
    return clean


#: The tombstones and withdrawn records once more, beside the database: lost with it, what was taken down
#: would come back when its rows are made again from the WARC files.
LIST = Path("state/tombstones.json")
_LISTED = {
    "tombstones": ("id", "url", "payload_digest", "removed_at", "reason", "site"),
    "withdrawn": ("record_id", "warc_file", "warc_offset", "warc_length", "tombstone_id"),
}


def remember(root: Path, db: sqlite3.Connection) -> None:
    """Write the list, whole or not at all."""
    told = {
        table: [dict(zip(columns, row, strict=True)) for row in db.execute(_select(table, columns))]
        for table, columns in _LISTED.items()
    }
    path = root / LIST
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "w", encoding="utf-8") as out:
        json.dump(told, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)


def recall(root: Path, db: sqlite3.Connection) -> None:
    """Give a database the tombstones it has not: one that was made anew, or put back from an older copy.

    Rows of what was taken down since go again. A record that no longer stands where the list says (a purge
    was killed) is not withdrawn by it: another may stand there now. The caller holds no transaction. Raises
    ArchiveError where the list cannot be read: going on would bring back what was taken down.
    """
    try:
        told = json.loads((root / LIST).read_bytes())
        stones = [tuple(row[name] for name in _LISTED["tombstones"]) for row in told["tombstones"]]
        records = [tuple(row[name] for name in _LISTED["withdrawn"]) for row in told["withdrawn"]]
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"{LIST}, the list of what was taken down, cannot be read: put it back from a copy."
        ) from error
    known = {row[1:]: row[0] for row in db.execute(_select("tombstones", _LISTED["tombstones"]))}
    numbers: dict[int, int] = {}
    with transaction(db):
        for number, *rest in stones:
            found = known.get(tuple(rest))
            if found is None:
                marks = "?, ?, ?, ?, ?"
                columns = ", ".join(_LISTED["tombstones"][1:])
                found = db.execute(
                    f"insert into tombstones ({columns}) values ({marks})",  # noqa: S608 - constants
                    rest,
                ).lastrowid
            numbers[number] = found or 0
        for record_id, file, offset, length, number in records:
            if db.execute("select 1 from withdrawn where record_id = ?", (record_id,)).fetchone():
                continue
            if number in numbers and _stands(root, record_id, file, offset):
                db.execute(
                    "insert into withdrawn values (?, ?, ?, ?, ?)",
                    (record_id, file, offset, length, numbers[number]),
                )
                if db.execute(
                    """select 1 from captures where record_id = ?1
                       union all select 1 from exchanges where record_id = ?1""",
                    (record_id,),
                ).fetchone():
                    forget_raw_record(db, record_id)


def _stands(root: Path, record_id: str, file: str, offset: int) -> bool:
    """Whether this very record stands there."""
    try:
        with open_warc(root, file) as source:
            member = next(members(source, offset), None)
        return isinstance(member, Member) and parse_record(member.data, offset).record_id == record_id
    except (OSError, ValueError):
        return False


def _select(table: str, columns: tuple[str, ...]) -> str:
    return f"select {', '.join(columns)} from {table} order by 1"  # noqa: S608 - constants


def torn_tails(root: Path) -> tuple[str, ...]:
    """Ends of files that a recovery set aside: nobody reads them, and they may hold anything."""
    return tuple(path.relative_to(root).as_posix() for path in sorted((root / "state" / "torn").glob("*")))
