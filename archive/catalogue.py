"""Questions to an archive. Read-only: needs no lock, writes nothing, may run beside the writer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from archive import rows, schema
from archive.database import DATABASE
from archive.errors import ArchiveError
from archive.front.plugins.pressmark_front.query import Search, read_search
from archive.front.plugins.pressmark_front.retrieval import answered, ordered, tallied
from archive.health import Report, Watched, examine
from archive.health.gathering import not_articles
from archive.health.telling import Told, told
from archive.readback import read_back
from archive.rows import BUSY_TIMEOUT_SECONDS
from archive.uris import target_uri
from archive.url_keys import url_key
from archive.values import Capture, RecordRef, Removed, Value

#: Snippets are cut from the text; the other columns stand in a hit whole.
_TEXT = schema.FTS_COLUMNS.index("text")
_SNIPPET_WORDS = 24
#: Around the words that matched. Control characters, which no terminal or page shows.
MARKS = ("\x02", "\x03")


class Hit(Value, frozen=True, kw_only=True):
    """One article in a list. `snippet` has the words that matched between the marks asked for."""

    id: int
    headline: str | None
    site: str | None
    authors: tuple[str, ...]
    date_published: str | None
    language: str | None
    word_count: int
    url: str
    snippet: str = ""


class StoredArticle(Value, frozen=True, kw_only=True):
    """An article as it stands now: the columns of `articles`. Its account is `Catalogue.account`'s."""

    id: int
    url: str
    canonical_url: str | None
    site: str | None
    headline: str | None
    authors: tuple[str, ...]
    date_published: str | None
    date_published_source: str | None
    date_modified: str | None
    language: str | None
    section: str | None
    keywords: tuple[str, ...]
    description: str | None
    credits: str | None
    main_image: str | None
    text: str
    markdown: str
    word_count: int
    access: str
    kind: str
    text_digest: str
    version: int
    cluster_id: int | None
    first_seen: str
    last_seen: str
    cleaner: str


class StoredVersion(Value, frozen=True, kw_only=True):
    """One text of an article. `change` is the share of words changed since the one before."""

    number: int
    seen_at: str
    headline: str | None
    text: str
    text_digest: str
    change: float | None
    cleaner: str
    raw: RecordRef


class SiteCount(Value, frozen=True, kw_only=True):
    """What the archive holds of one site (None: pages that tell no site)."""

    site: str | None
    captures: int
    articles: int
    not_articles: int
    failed: int
    not_cleaned: int
    last_fetched: str
    last_article: str | None


class Catalogue:
    """The archive's read side; a context manager. Methods raise ArchiveError, never sqlite3's errors."""

    def __init__(self, connection: sqlite3.Connection, root: Path) -> None:
        """Use `Catalogue.open`."""
        self.root = root
        self._db = connection
        self._db.row_factory = sqlite3.Row

    @classmethod
    def open(cls, root: str | Path) -> Catalogue:
        """Open the archive in folder `root`. Raises ArchiveError when there is none, or not one of ours."""
        path = Path(root) / DATABASE
        if not path.is_file():
            raise ArchiveError(
                f"There is no archive in {root}: fill one with `pressmark reclean PATH`,"
                " or name another with --archive."
            )
        try:
            connection = connect_read_only(path)
        except sqlite3.DatabaseError as error:
            raise ArchiveError(
                f"{path} cannot be read as a database ({error}): restore it, or name another archive."
            ) from error
        try:
            schema.require_current(connection, str(path))
        except BaseException:
            connection.close()
            raise
        return cls(connection, Path(root))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(self, query: str | Search, limit: int = 20, *, marks: tuple[str, str] = MARKS) -> list[Hit]:
        """The articles that match, in the search's order, each with a snippet.

        `query` is a question as a reader types it, or one read before (`read_search`), which holds notes on
        what was read otherwise than typed. One that asks for nothing finds nothing.
        """
        search = read_search(query) if isinstance(query, str) else query
        if not (search.match or search.without or search.filters):
            return []
        found = answered(ordered(search, limit), lambda sql, params: self._db.execute(sql, params).fetchall())
        hits = (self._with_snippet(number, search.match, marks) for number in found)
        return [_hit(row) for row in hits if row is not None]  # None: a writer has just taken it away

    def tally(self, query: str | Search) -> tuple[int, bool]:
        """How many articles match, and whether that is exact: of very many it is reckoned from a sample."""
        search = read_search(query) if isinstance(query, str) else query
        counted = answered(tallied(search), lambda sql, params: self._db.execute(sql, params).fetchall())
        return counted.total, counted.exact

    def _with_snippet(self, number: int, match: str, marks: tuple[str, str]) -> sqlite3.Row | None:
        # The snippet's length is a constant of this module.
        sql = "select *, '' as snippet from articles where id = :id"
        if match:
            sql = f"""select articles.*, snippet(articles_fts, {_TEXT}, :on, :off, '…', {_SNIPPET_WORDS})
                as snippet from articles_fts join articles on articles.id = articles_fts.rowid
                where articles_fts match :match and articles_fts.rowid = :id"""  # noqa: S608
        keys = {"id": number, "match": match, "on": marks[0], "off": marks[1]}
        row: sqlite3.Row | None = self._db.execute(sql, keys).fetchone()
        return row

    def recent(self, limit: int = 20) -> list[Hit]:
        """The articles that came last, newest first."""
        found = self._db.execute(
            "select *, '' as snippet from articles order by first_seen desc, id desc limit ?", (limit,)
        )
        return [_hit(row) for row in found]

    def article(self, article_id: int) -> StoredArticle | None:
        """One article by its id, or None."""
        return self._one_article("select * from articles where id = ?", article_id)

    def article_at(self, url: str) -> StoredArticle | None:
        """The article at `url`, be it its final, its canonical or any captured URL, or None."""
        url = target_uri(url, "")
        found = self._one_article("select * from articles where url = ?", url)
        found = found or self._one_article("select * from articles where identity = ?", url_key(url))
        return found or self._one_article(
            "select * from articles where id in (select article_id from captures where url = ?)", url
        )

    def articles(self) -> Iterator[StoredArticle]:
        """Every article, by id."""
        after = 0
        while found := self._one_article("select * from articles where id > ? order by id limit 1", after):
            yield found
            after = found.id

    def capture_of(self, article_id: int) -> Capture | None:
        """The page that the newest version of an article was read from, with its body, or None.

        Raises ArchiveError where its raw record cannot be read.
        """
        row = self._db.execute(
            """select record_id from captures where id = (select capture_id from versions
               where article_id = ? order by number desc limit 1)""",
            (article_id,),
        ).fetchone()
        return None if row is None else self._capture(rows.capture_of_record(self._db, row[0]))

    def capture_at(self, url: str) -> Capture | None:
        """The latest page captured at `url` (article or not), with its body, or None."""
        found = rows.captures_of_url(self._db, target_uri(url, ""))
        if found:
            return self._capture(max(found, key=lambda capture: capture.fetched_at))
        article = self.article_at(url)
        return None if article is None else self.capture_of(article.id)

    def _capture(self, stored: rows.StoredCapture | None) -> Capture | None:
        return None if stored is None else read_back(self.root, self._db, stored)

    def _one_article(self, query: str, key: int | str) -> StoredArticle | None:
        row = self._db.execute(query, (key,)).fetchone()
        if row is None:
            return None
        fields = {name: row[name] for name in StoredArticle.__struct_fields__}
        for name in ("authors", "keywords"):
            fields[name] = json.loads(fields[name])
        return msgspec.convert(fields, StoredArticle)

    def account(self, article_id: int, version: int | None = None) -> tuple[Removed, ...]:
        """What was cut from a version (the newest if None is named), in page order."""
        found = self._db.execute(
            """select position, label, reason, score, text from account where article_id = ?1
               and version = coalesce(?2, (select version from articles where id = ?1)) order by position""",
            (article_id, version),
        )
        return tuple(Removed(**dict(row)) for row in found)

    def versions(self, article_id: int) -> tuple[StoredVersion, ...]:
        """The texts of an article in the order in which they were seen."""
        found = self._db.execute(
            """select versions.*, warc_file, warc_offset, warc_length, record_id, payload_digest
               from versions join captures on captures.id = capture_id
               where versions.article_id = ? order by number""",
            (article_id,),
        )
        return tuple(_version(row) for row in found)

    def counts(self) -> dict[str, int]:
        """How much there is of everything, by name of what is counted."""
        row = self._db.execute(
            """select (select count(*) from articles) as articles,
                      (select count(*) from versions) as versions,
                      (select count(*) from captures) as captures,
                      (select count(*) from captures
                       where kind != 'article' and cleaner != '') as not_articles,
                      (select count(*) from captures where cleaner = '') as failed,
                      (select count(*) from captures where cleaner is null) as not_cleaned,
                      (select count(*) from removed) as removed,
                      (select count(*) from blocks) as blocks"""
        ).fetchone()
        return dict(row)

    def kinds(self) -> dict[str, int]:
        """How many captures there are of each kind."""
        found = self._db.execute("select kind, count(*) from captures group by kind")
        return {row[0]: row[1] for row in found}

    def health(self, now: float, watched: Sequence[Watched] | None = None) -> Report:
        """How the sites are doing at `now` (seconds since 1970), and the archive (`archive.health`)."""
        return examine(self._db, now, watched, self.root)

    def not_articles(self, hosts: Iterable[str], limit: int = 10) -> list[tuple[float, str, str, str]]:
        """The newest pages of these hosts that were no articles: when, address, kind, why."""
        return not_articles(self._db, hosts, limit)

    def told(self, channel: str) -> tuple[Told, ...]:
        """The alarms that were told on a channel and have not ended."""
        return told(self._db, channel)

    def sites(self) -> tuple[SiteCount, ...]:
        """What there is of each site, the largest first."""
        names = ", ".join(SiteCount.__struct_fields__)
        # Names are those of a struct of this module.
        found = self._db.execute(f"select {names} from site_health order by articles desc, site")  # noqa: S608
        return tuple(SiteCount(**dict(row)) for row in found)


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Works on read-only media too, once the archive was closed in order.

    Safe beside a writer, and it leaves no file behind where none was. Raises sqlite3.DatabaseError where the
    file is none.
    """
    uri = path.resolve().as_uri()
    wal = path.with_name(path.name + "-wal")
    # Reading a WAL database makes a -wal and a -shm file, and a connection in SQLite's mode 'ro' may not take
    # them away again. One that may, but is told to change no data, does so when it is the last to close. Only
    # where there is something in the -wal already, left by a writer that was killed, is it left untouched.
    try:
        idle = wal.stat().st_size == 0
    except FileNotFoundError:
        idle = True
    connection = sqlite3.connect(
        f"{uri}?mode={'rw' if idle else 'ro'}", uri=True, timeout=BUSY_TIMEOUT_SECONDS
    )
    try:
        connection.execute("pragma query_only = on")
        connection.execute("select count(*) from sqlite_master")
    except sqlite3.DatabaseError as error:
        connection.close()
        if wal.exists() or not isinstance(error, sqlite3.OperationalError):
            raise
        # A WAL database in a folder where no -shm file can be made: it can only be read as unchanging.
        connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    return connection


def _hit(row: sqlite3.Row) -> Hit:
    return Hit(
        id=row["id"],
        headline=row["headline"],
        site=row["site"],
        authors=tuple(json.loads(row["authors"])),
        date_published=row["date_published"],
        language=row["language"],
        word_count=row["word_count"],
        url=row["url"],
        snippet=row["snippet"],
    )


def _version(row: Any) -> StoredVersion:
    return StoredVersion(
        number=row["number"],
        seen_at=row["seen_at"],
        headline=row["headline"],
        text=row["text"],
        text_digest=row["text_digest"],
        change=row["change"],
        cleaner=row["cleaner"],
        raw=RecordRef(
            file=row["warc_file"],
            offset=row["warc_offset"],
            length=row["warc_length"],
            record_id=row["record_id"],
            payload_digest=row["payload_digest"],
        ),
    )
