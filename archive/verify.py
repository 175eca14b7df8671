"""Whether an archive, or any WARC file, is what it claims: `verify` and `verify_files` read all of it once.

A check is a row in `CHECKS`: its name, its promise, and a function that yields the faults. Some are made
while files are read (`archive.scanning`); the others ask the archive's tables and the ledger of all that was
read, which is attached to the same connection (`archive.ledger`): rows and records are compared by joins.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from archive import cdxj, manifest, schema
from archive.catalogue import connect_read_only
from archive.database import DATABASE
from archive.digests import payload_digest
from archive.errors import ArchiveBusy, ArchiveError
from archive.exporting.wacz import check_wacz
from archive.faults import Fault, Report, Tally
from archive.index import CaptureIndex
from archive.ledger import Ledger
from archive.lock import writer_of
from archive.reading import MAX_ZIP_RATIO, ZIP_ERRORS
from archive.scanning import BLOCKS, COPY, FIELDS, FILES, FRAMING, PAYLOADS, PROMISES, Scanner
from archive.values import Value
from archive.warcfiles import OPEN_SUFFIX, warc_files

__all__ = ["CHECKS", "Fault", "Report", "check", "size_of", "verify", "verify_files"]

Faults = Iterator[Fault]

IDS, REFERENCES, CAPTURES, TEXTS = "record ids", "references", "captures", "texts"
EXCHANGES, INDEX, MANIFESTS = "exchanges", "capture index", "manifests"
ARTICLES, STORAGE, SEARCH = "articles", "database", "search"

DATABASE_COPY = f"put {DATABASE} back from a copy that was made together with the WARC files"
AGAIN = "`reclean --all` cleans the page again and writes it anew"
REBUILD = f"`sqlite3 {DATABASE} \"insert into articles_fts(articles_fts) values('rebuild')\"` makes it anew"


class Scene(Value, frozen=True, kw_only=True):
    """What a check may look at. `db` has the archive's tables, where there is one, and the ledger's."""

    root: Path | None
    db: sqlite3.Connection
    tally: Tally

    def count(self, check: str, sql: str) -> None:
        """Add the one number that `sql` gives to what `check` looked at."""
        self.tally.looked(check, self.db.execute(sql).fetchone()[0])


class Check(Value, frozen=True, kw_only=True):
    """One row of the table. `run` is None where the check is made while files are read."""

    name: str
    promise: str
    run: Callable[[Scene], Faults] | None = None
    #: Whether it is made of loose files, too.
    loose: bool = False


class Promise(Value, frozen=True, kw_only=True):
    """A query that gives a row for each broken promise, and the sentence to be filled with its columns.

    Columns named `file` and `offset` also say where the fault is.
    """

    sql: str
    broken: str
    advice: str


def _ask(scene: Scene, check: str, promises: Iterable[Promise]) -> Faults:
    for promise in promises:
        cursor = scene.db.execute(promise.sql)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            values: dict[str, Any] = dict(zip(names, row, strict=True))
            yield Fault(
                check=check,
                sentence=promise.broken.format_map(values) + ".",
                advice=promise.advice,
                file=values.get("file") or "",
                offset=values.get("offset"),
            )


# Records among themselves ---------------------------------------------------------------------------

_RECORDS = "seen_records as r join seen_files as f on f.number = r.file"
_IS_THERE = "exists (select 1 from seen_records as o where o.record_id = {id})"
_IS_WITHDRAWN = "exists (select 1 from withdrawn as w where w.record_id = {id})"


def _missing(field: str) -> str:
    told = f"r.{field} is not null and not "
    return told + _IS_THERE.format(id=f"r.{field}") + " and not " + _IS_WITHDRAWN.format(id=f"r.{field}")


_ID_PROMISES = (
    Promise(
        sql=f"""select f.name as file, r.offset, r.record_id, g.name as first, o.offset as first_offset
            from {_RECORDS} join seen_records as o on o.rowid = (
                select min(rowid) from seen_records where record_id = r.record_id)
            join seen_files as g on g.number = o.file where o.rowid != r.rowid""",  # noqa: S608
        broken="{file}, byte {offset:,}: the record {record_id} stands twice, first in {first},"
        " byte {first_offset:,}",
        advice="an id must name one record: take the file that was added or copied away again",
    ),
)
_REFERENCES = (
    *(
        Promise(
            sql=f"select f.name as file, r.offset, r.record_type, r.{field} as other from {_RECORDS} where "  # noqa: S608
            + _missing(field),
            broken="{file}, byte {offset:,}: the {record_type} record refers to {other}, which is not there",
            advice=COPY + "; `reclean --all` makes derived records anew",
        )
        for field in ("refers_to", "concurrent_to")
    ),
    Promise(
        sql=f"""select f.name as file, r.offset, r.refers_to from {_RECORDS}
            join seen_records as o on o.record_id = r.refers_to
            where r.record_type = 'revisit' and o.payload_digest != r.payload_digest""",  # noqa: S608
        broken="{file}, byte {offset:,}: the revisit record repeats another payload than that of {refers_to}",
        advice=COPY,
    ),
)


def _ids(scene: Scene) -> Faults:
    scene.count(IDS, "select count(*) from seen_records where record_id is not null")
    return _ask(scene, IDS, _ID_PROMISES)


def _references(scene: Scene) -> Faults:
    for field in ("refers_to", "concurrent_to"):
        scene.count(REFERENCES, f"select count(*) from seen_records where {field} is not null")  # noqa: S608
    return _ask(scene, REFERENCES, _REFERENCES)


# Rows and records -----------------------------------------------------------------------------------

#: Whether the record that a row names stands where it says, and else why not.
_STANDS = """exists (select 1 from seen_files as f join seen_records as r on r.file = f.number
    where f.name = {row}.{prefix}_file and r.offset = {row}.{prefix}_offset
    and r.length = {row}.{prefix}_length and r.record_id = {row}.{id})"""
_WHY = """case
    when not exists (select 1 from seen_files as f where f.name = {row}.{prefix}_file)
        then 'a file that is not there'
    when exists (select 1 from seen_damage as d join seen_files as f on f.number = d.file
            where f.name = {row}.{prefix}_file and {row}.{prefix}_offset >= d.start
            and {row}.{prefix}_offset < d.end)
        then 'where the file is damaged'
    else 'where its record does not stand' end as why"""
_CAPTURE = {"row": "c", "prefix": "warc", "id": "record_id"}
_VERSION = {"row": "v", "prefix": "wet", "id": "wet_record_id"}

_CAPTURE_PROMISES = (
    Promise(
        sql=f"""select c.id, c.url, c.warc_file as file, c.warc_offset as offset, {_WHY.format(**_CAPTURE)}
            from captures as c where not {_STANDS.format(**_CAPTURE)}""",  # noqa: S608
        broken="Capture {id} ({url}) points at {file}, byte {offset:,}, {why}",
        advice=f"put the WARC file back from a copy, or {DATABASE}, if that was changed by other programs",
    ),
    Promise(
        sql="""select c.id, c.url, c.warc_file as file, c.warc_offset as offset,
                trim(iif(r.record_type is not c.record_type, 'type ', '')
                    || iif(r.url is not c.url, 'URL ', '')
                    || iif(r.payload_digest is not c.payload_digest, 'payload digest ', '')
                    || iif(r.date is not replace(c.fetched_at, '+00:00', 'Z'), 'time', '')) as what
            from captures as c join seen_files as f on f.name = c.warc_file
            join seen_records as r on r.record_id = c.record_id and r.file = f.number
                and r.offset = c.warc_offset
            where what != ''""",
        broken="Capture {id} ({url}) and its record in {file}, byte {offset:,}, do not agree: {what}",
        advice=DATABASE_COPY,
    ),
    Promise(
        sql=f"""select f.name as file, r.offset, r.record_type, r.url from {_RECORDS}
            where (r.record_type in ('response', 'resource', 'revisit')
                or (r.record_type = 'conversion' and f.name like 'warc/%')) and not r.support
            and not exists (select 1 from captures as c where c.record_id = r.record_id)
            and not """  # noqa: S608
        + _IS_WITHDRAWN.format(id="r.record_id"),
        broken="{file}, byte {offset:,}: no row in `captures` points at the {record_type} record of {url}",
        advice="`reclean FILE` into this archive gives the page a row again",
    ),
)


def _captures(scene: Scene) -> Faults:
    scene.count(CAPTURES, "select count(*) from captures")
    return _ask(scene, CAPTURES, _CAPTURE_PROMISES)


_EXCHANGE = {"row": "e", "prefix": "warc", "id": "record_id"}
_EXCHANGE_PROMISES = (
    Promise(
        sql=f"""select e.id, e.url, e.warc_file as file, e.warc_offset as offset, {_WHY.format(**_EXCHANGE)}
            from exchanges as e where not {_STANDS.format(**_EXCHANGE)}""",  # noqa: S608
        broken="Exchange {id} ({url}) points at {file}, byte {offset:,}, {why}",
        advice=f"put the WARC file back from a copy, or {DATABASE}, if that was changed by other programs",
    ),
    Promise(
        sql=f"""select f.name as file, r.offset, r.record_type, r.url from {_RECORDS}
            where r.record_type in ('response', 'revisit') and r.support
            and not exists (select 1 from exchanges as e where e.record_id = r.record_id)
            and not """  # noqa: S608
        + _IS_WITHDRAWN.format(id="r.record_id"),
        broken="{file}, byte {offset:,}: no row in `exchanges` points at the {record_type} record of {url}",
        advice=DATABASE_COPY,
    ),
)


def _exchanges(scene: Scene) -> Faults:
    scene.count(EXCHANGES, "select count(*) from exchanges")
    return _ask(scene, EXCHANGES, _EXCHANGE_PROMISES)


_INDEX_PROMISES = (
    Promise(
        sql="""select distinct l.file, l.offset from seen_lines as l where not exists (
            select 1 from seen_files as f join seen_records as r on r.file = f.number
            where f.name = l.file and r.offset = l.offset and r.length = l.length
            and r.payload_digest is l.digest and r.record_type in ('response', 'revisit', 'resource'))""",
        broken="The capture index has a line for {file}, byte {offset:,}, where no such capture stands",
        advice="delete the folder `indexes`: the next command that writes makes it anew",
    ),
    Promise(
        sql=f"""select f.name as file, r.offset, r.url from {_RECORDS}
            where r.record_type in ('response', 'revisit', 'resource') and not r.not_modified
            and not exists (select 1 from seen_lines as l where l.file = f.name and l.offset = r.offset)
            and not """  # noqa: S608
        + _IS_WITHDRAWN.format(id="r.record_id"),
        broken="{file}, byte {offset:,}: the capture of {url} is not in the capture index",
        advice="delete the folder `indexes`: the next command that writes makes it anew",
    ),
    Promise(
        sql=f"""select distinct l.file, l.offset from seen_lines as l join seen_files as f on f.name = l.file
            join seen_records as r on r.file = f.number and r.offset = l.offset
            where {_IS_WITHDRAWN.format(id="r.record_id")}""",  # noqa: S608
        broken="{file}, byte {offset:,}: a record that was taken down is in the capture index",
        advice="take it down again, or delete the folder `indexes`",
    ),
)


def _index(scene: Scene) -> Faults:
    scene.count(INDEX, "select count(*) from seen_lines")
    return _ask(scene, INDEX, _INDEX_PROMISES)


def _manifests(scene: Scene) -> Faults:
    assert scene.root is not None
    scene.count(MANIFESTS, "select count(*) from warc_files")
    for change in manifest.changes(scene.root):
        yield Fault(
            check=MANIFESTS,
            sentence=f"{change.sentence}.",
            advice="a file was changed after it was finished: put it back from a copy",
            file=change.manifest,
        )


def _texts(scene: Scene) -> Faults:
    rows = scene.db.execute(
        f"""select v.article_id, v.number, v.text, v.wet_file, v.wet_offset, c.record_id,
                r.record_type, r.refers_to, r.block_digest, {_WHY.format(**_VERSION)}
            from versions as v join captures as c on c.id = v.capture_id
            left join seen_files as f on f.name = v.wet_file
            left join seen_records as r on r.record_id = v.wet_record_id and r.file = f.number
                and r.offset = v.wet_offset and r.length = v.wet_length"""  # noqa: S608
    )
    for article, number, text, file, offset, raw, record_type, refers_to, digest, why in rows:
        scene.tally.looked(TEXTS)
        which = f"Version {number} of article {article}"
        if file is None:
            said = f"{which} has no conversion record"
        elif record_type is None:
            said = f"{which} points at {file}, byte {offset:,}, {why}"
        elif record_type != "conversion" or refers_to != raw:
            said = f"{which}: its record in {file}, byte {offset:,}, is not of the page it came from"
        elif digest != payload_digest(text.encode("utf-8")):
            said = f"{which} and its conversion record in {file}, byte {offset:,}, hold different texts"
        else:
            continue
        yield Fault(check=TEXTS, sentence=said + ".", advice=AGAIN, file=file or "", offset=offset)


# Rows among themselves ------------------------------------------------------------------------------

_ARTICLE_PROMISES = tuple(
    Promise(sql=sql, broken=broken, advice=advice)
    for sql, broken, advice in (
        (
            """select id from articles as a
               where version != (select count(*) from versions where article_id = a.id)
                  or version != (select coalesce(max(number), 0) from versions where article_id = a.id)""",
            "Article {id}: its versions are not numbered from 1 to its count",
            DATABASE_COPY,
        ),
        (
            """select articles.id from articles
               join versions on article_id = articles.id and number = articles.version
               where versions.text_digest != articles.text_digest or versions.text != articles.text
                  or versions.headline is not articles.headline""",
            "Article {id} does not show headline and text of its newest version",
            AGAIN,
        ),
        (
            "select id from articles as a where not exists (select 1 from captures where article_id = a.id)",
            "Article {id}: no capture belongs to it",
            DATABASE_COPY,
        ),
        (
            """select count(*) as many from blocks where not exists (
                   select 1 from removed where block = blocks.id) having many""",
            "{many:,} blocks stand in no account",
            "harmless: they take up space only",
        ),
        (
            """select id, url from captures
               where kind = 'article' and article_id is null and cleaner is not null""",
            "Capture {id} ({url}) is of an article, but belongs to none",
            AGAIN,
        ),
    )
)


def _articles(scene: Scene) -> Faults:
    scene.count(ARTICLES, "select count(*) from articles")
    yield from _ask(scene, ARTICLES, _ARTICLE_PROMISES)
    for number, digest, text in scene.db.execute("select id, digest, text from blocks"):
        if payload_digest(text.encode("utf-8")) != digest:
            yield Fault(
                check=ARTICLES, sentence=f"The cut block {number} is not what its digest says.", advice=AGAIN
            )


def _storage(scene: Scene) -> Faults:
    scene.count(STORAGE, "select count(*) from main.sqlite_master where type in ('table', 'index')")
    for (verdict,) in scene.db.execute("pragma main.integrity_check"):
        if verdict != "ok":
            yield Fault(
                check=STORAGE, sentence=f"{DATABASE}: {verdict}.", advice=DATABASE_COPY, file=DATABASE
            )
    for table, rowid, parent, _ in scene.db.execute("pragma main.foreign_key_check"):
        said = f"{DATABASE}: row {rowid} of `{table}` points at no row of `{parent}`."
        yield Fault(check=STORAGE, sentence=said, advice=DATABASE_COPY, file=DATABASE)


_SEARCH_PROMISES = (
    Promise(
        sql="select id from articles where id not in (select id from articles_fts_docsize)",
        broken="Article {id}: full-text search does not know it",
        advice=REBUILD,
    ),
    Promise(
        sql="select id from articles_fts_docsize where id not in (select id from articles)",
        broken="Article {id} is gone, but full-text search knows it",
        advice=REBUILD,
    ),
)


def _search(scene: Scene) -> Faults:
    assert scene.root is not None
    scene.count(SEARCH, "select count(*) from articles")
    known = list(_ask(scene, SEARCH, _SEARCH_PROMISES))
    yield from known
    if not known and not _index_agrees(scene.root / DATABASE, scene.db):
        said = "The full-text index holds other words than the articles: searches miss some of them."
        yield Fault(check=SEARCH, sentence=said, advice=REBUILD, file=DATABASE)


def _index_agrees(path: Path, db: sqlite3.Connection) -> bool:
    """FTS5's own check of each word of each article; it is an `insert` that inserts nothing."""
    try:
        db.execute("pragma query_only = off")
        return _fts_check(db)
    except sqlite3.OperationalError:  # a folder that cannot be written, or a journal that a kill left
        with tempfile.TemporaryDirectory(prefix="pressmark-verify-") as folder:
            copy = sqlite3.connect(Path(folder, DATABASE), isolation_level=None)
            try:
                db.backup(copy)
                return _fts_check(copy)
            finally:
                copy.close()
    finally:
        db.execute("pragma query_only = on")


def _fts_check(db: sqlite3.Connection) -> bool:
    db.execute("begin")
    try:
        db.execute("insert into articles_fts (articles_fts, rank) values ('integrity-check', 1)")
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    finally:
        db.execute("rollback")
    return True


#: All checks, in the order of the table.
CHECKS: tuple[Check, ...] = (
    *(
        Check(name=name, promise=PROMISES[name], loose=True)
        for name in (FILES, FRAMING, FIELDS, BLOCKS, PAYLOADS)
    ),
    Check(name=IDS, promise="each record has an id of its own", run=_ids, loose=True),
    Check(name=REFERENCES, promise="what records refer to is there", run=_references),
    Check(name=CAPTURES, promise="rows of captures and raw records agree", run=_captures),
    Check(name=EXCHANGES, promise="rows of exchanges and raw records agree", run=_exchanges),
    Check(name=INDEX, promise="the capture index and the records agree", run=_index),
    Check(name=MANIFESTS, promise="finished files are those that manifests describe", run=_manifests),
    Check(name=TEXTS, promise="conversion records hold the texts of the rows", run=_texts),
    Check(name=ARTICLES, promise="articles, versions and cut blocks agree", run=_articles),
    Check(name=STORAGE, promise="SQLite finds its tables and indexes whole", run=_storage),
    Check(name=SEARCH, promise="the full-text index agrees with the articles", run=_search),
)


# The way through ------------------------------------------------------------------------------------


def _nothing(name: str, count: int) -> None:
    pass


def size_of(root: str | Path) -> int:
    """The bytes that `verify` will read of WARC files, for a progress bar."""
    return sum(path.stat().st_size for _, path, _ in _files(Path(root)))


def _files(root: Path) -> Iterator[tuple[str, Path, bool]]:
    for folder in ("warc", "wet"):
        for unfinished in (False, True):
            for path in warc_files(root, folder, unfinished=unfinished):
                name = path.relative_to(root).as_posix()
                yield name.removesuffix(OPEN_SUFFIX) if unfinished else name, path, unfinished


def verify(
    root: str | Path,
    *,
    on_bytes: Callable[[str, int], None] = _nothing,
    on_check: Callable[[str], None] = lambda name: None,
) -> Report:
    """Read the archive in folder `root` once and hold it against every promise in `CHECKS`; change nothing.

    `on_bytes` is told the file's name and the bytes of WARC read so far, `on_check` the name of each check
    that follows. Raises ArchiveError where there is no archive, ArchiveBusy while a command writes to it.
    """
    root = Path(root)
    if not (root / DATABASE).is_file():
        raise ArchiveError(f"There is no archive in {root}: name one with --archive.")
    writer = writer_of(root)
    if writer is not None:
        raise ArchiveBusy(str(root), writer)
    tally = Tally()
    with Ledger() as ledger:
        scanner = Scanner(ledger, tally, own=True, on_bytes=on_bytes)
        for name, path, unfinished in _files(root):
            _scan(scanner, tally, path, name, unfinished=unfinished)
        for line in CaptureIndex(root).lines():
            _enter_line(ledger, tally, line)
        ledger.close_book()
        try:
            db = connect_read_only(root / DATABASE)
        except sqlite3.DatabaseError as error:
            said = f"{DATABASE} cannot be opened ({error})."
            tally.found([Fault(check=STORAGE, sentence=said, advice=DATABASE_COPY, file=DATABASE)])
            return _report(scanner, tally, CHECKS)
        try:
            db.isolation_level = None
            with contextlib.suppress(sqlite3.DatabaseError):  # what is broken there, the checks tell
                schema.require_current(db, str(root / DATABASE))
            db.execute("attach ? as seen", (str(ledger.path),))
            _run(Scene(root=root, db=db, tally=tally), CHECKS, on_check)
        finally:
            db.close()
    return _report(scanner, tally, CHECKS)


def verify_files(paths: Sequence[Path], *, on_bytes: Callable[[str, int], None] = _nothing) -> Report:
    """Read WARC and ARC files of any maker once: framing, fields, digests, ids."""
    tally = Tally()
    checks = [check for check in CHECKS if check.loose]
    with Ledger() as ledger:
        scanner = Scanner(ledger, tally, own=False, on_bytes=on_bytes)
        for path in paths:
            if zipfile.is_zipfile(path):
                _scan_wacz(scanner, tally, path)
            else:
                _scan(scanner, tally, path, str(path), unfinished=False)
        ledger.close_book()
        _run(Scene(root=None, db=ledger.db, tally=tally), checks, lambda name: None)
    return _report(scanner, tally, checks)


def check(root: str | Path) -> list[str]:
    """The sentences of `verify`: an empty list when the archive is sound."""
    return [fault.sentence for fault in verify(root).faults]


def _scan(scanner: Scanner, tally: Tally, path: Path, name: str, *, unfinished: bool) -> None:
    try:
        scanner.scan(path, name, unfinished=unfinished)
    except OSError as error:
        said = f"{name} cannot be read ({error.strerror or error})."
        tally.found([Fault(check=FILES, sentence=said, advice="check the path and the disk", file=name)])


def _scan_wacz(scanner: Scanner, tally: Tally, path: Path) -> None:
    """What a WACZ says of itself, and the WARC files in it, each through a temporary file."""
    advice = "get the file again from where it came"

    def found(said: str) -> None:
        tally.found([Fault(check=FILES, sentence=f"{path}: {said}.", advice=advice, file=str(path))])

    tally.looked(FILES)
    for fault in check_wacz(path):
        found(fault.sentence)
    with zipfile.ZipFile(path) as wacz, tempfile.TemporaryDirectory(prefix="pressmark-verify-") as folder:
        for entry in wacz.infolist():
            if re.fullmatch(r"archive/.+\.w?arc(\.gz)?", entry.filename) is None:
                continue
            if entry.file_size > MAX_ZIP_RATIO * max(entry.compress_size, 1024):
                found(f"{entry.filename} claims to unpack to {entry.file_size:,} bytes")
                continue
            unpacked = Path(folder, "unpacked")
            try:
                with wacz.open(entry) as packed, open(unpacked, "wb") as out:
                    shutil.copyfileobj(packed, out, 1 << 20)
            except ZIP_ERRORS as error:
                found(f"{entry.filename} cannot be unpacked ({error})")
                continue
            scanner.scan(unpacked, f"{path}!{entry.filename}")


def _enter_line(ledger: Ledger, tally: Tally, line: bytes) -> None:
    try:
        file, offset, length = cdxj.place_of(line)
        ledger.line(file, offset, length, cdxj.fields_of(line).get("digest"))
    except ValueError:
        said = f"The capture index has a line that cannot be read ({line[:60]!r})."
        advice = "delete the folder `indexes`: the next command that writes makes it anew"
        tally.found([Fault(check=INDEX, sentence=said, advice=advice, file="indexes")])


def _run(scene: Scene, checks: Iterable[Check], on_check: Callable[[str], None]) -> None:
    for check in checks:
        if check.run is None:
            continue
        on_check(check.name)
        try:
            scene.tally.found(check.run(scene))
        except sqlite3.DatabaseError as error:
            said = f"{DATABASE} is damaged: the check of its {check.name} broke off ({error})."
            scene.tally.found([Fault(check=check.name, sentence=said, advice=DATABASE_COPY, file=DATABASE)])


def _report(scanner: Scanner, tally: Tally, checks: Iterable[Check]) -> Report:
    return Report(
        files=scanner.files,
        records=scanner.records,
        bytes=scanner.bytes,
        checks=tuple(tally.result(check.name, check.promise) for check in checks),
        faults=tuple(tally.told),
    )
