"""Which part of an archive is meant: by site, by time, by article. Questions to the database, no files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from archive.rows import timestamp
from archive.uris import site_of
from archive.values import Value


class Selection(Value, frozen=True, kw_only=True):
    """A part of an archive; empty: all of it. `since` is included, `until` is not; both of the fetch."""

    sites: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    articles: tuple[int, ...] = ()

    @property
    def is_all(self) -> bool:
        return not (self.sites or self.since or self.until or self.articles)

    def words(self) -> str:
        """The selection in words, for a file's description."""
        said = [f"site {site}" for site in self.sites]
        said += [f"article {number}" for number in self.articles]
        said += [f"since {timestamp(self.since)}"] if self.since else []
        said += [f"until {timestamp(self.until)}"] if self.until else []
        return ", ".join(said) or "the whole archive"


def site_named(words: str) -> str:
    """The site that somebody means by a host or by a URL on it."""
    return site_of(words if "//" in words else f"//{words}") or words


class Page(Value, frozen=True, kw_only=True):
    """An article's newest version, as a list of pages tells it."""

    article_id: int
    url: str
    fetched_at: str
    headline: str | None
    text: str


def raw_places(db: sqlite3.Connection, selection: Selection) -> list[tuple[str, int, int]]:
    """File, offset and length of the raw records, in the order in which they stand.

    With each selected capture comes the record whose payload it repeats or that it was rendered from, and
    with the captures of a site its robots.txt, feeds and redirects of the same time.
    """
    where, values = _where(selection, "captures.")
    found: set[tuple[str, int, int]] = set()
    digests: set[str] = set()
    for file, offset, length, record_type, digest, url, fetched_at in db.execute(
        f"""select warc_file, warc_offset, warc_length, record_type, payload_digest, url, fetched_at
            from captures where {where}""",  # noqa: S608 - put together from constants; values are parameters
        values,
    ).fetchall():
        found.add((file, offset, length))
        if record_type == "revisit":
            digests.add(digest)
        if record_type == "conversion":
            for place, repeated in _rendered_from(db, url, fetched_at):
                found.add(place)
                digests |= {repeated} if repeated else set()
    for place, digest in _exchanges(db, selection):
        found.add(place)
        digests |= {digest} if digest else set()
    for digest in digests:
        found.update(_originals(db, digest))
    return sorted(found)


def derived_places(
    db: sqlite3.Connection, selection: Selection, *, all_versions: bool
) -> list[tuple[str, int, int]]:
    """The same of the conversion records: of each article's newest version, or of all."""
    where, values = _where(selection, "captures.")
    newest = "" if all_versions else "and number = articles.version"
    return sorted(
        db.execute(
            f"""select wet_file, wet_offset, wet_length from versions
                join captures on captures.id = capture_id join articles on articles.id = versions.article_id
                where wet_file is not null and {where} {newest}""",  # noqa: S608 - as above
            values,
        ).fetchall()
    )


def pages(db: sqlite3.Connection, selection: Selection) -> Iterator[Page]:
    """The selected articles' newest versions, newest first; dump pages that tell no address are left out."""
    where, values = _where(selection, "captures.")
    rows = db.execute(
        f"""select articles.id, captures.url, captures.fetched_at, articles.headline, articles.text
            from articles
            join versions on versions.article_id = articles.id and number = articles.version
            join captures on captures.id = capture_id
            where captures.url not like 'urn:%' and {where}
            order by captures.fetched_at desc, articles.id""",  # noqa: S608 - as above
        values,
    )
    for article_id, url, fetched_at, headline, text in rows:
        yield Page(article_id=article_id, url=url, fetched_at=fetched_at, headline=headline, text=text)


def _where(selection: Selection, prefix: str) -> tuple[str, list[object]]:
    parts, values = ["1"], list[object]()
    for column, chosen in (("site", selection.sites), ("article_id", selection.articles)):
        if chosen:
            parts.append(f"{prefix}{column} in ({', '.join('?' * len(chosen))})")
            values += chosen
    if selection.since:
        parts.append(f"{prefix}fetched_at >= ?")
        values.append(timestamp(selection.since))
    if selection.until:
        parts.append(f"{prefix}fetched_at < ?")
        values.append(timestamp(selection.until))
    return " and ".join(parts), values


def _exchanges(
    db: sqlite3.Connection, selection: Selection
) -> Iterator[tuple[tuple[str, int, int], str | None]]:
    """Places of the support exchanges that belong to the selection, and the digest where it is a revisit."""
    if selection.articles:
        return
    where, values = _where(Selection(since=selection.since, until=selection.until), "")
    rows = db.execute(
        f"""select url, warc_file, warc_offset, warc_length, record_type, payload_digest from exchanges
            where {where}""",  # noqa: S608 - as above
        values,
    )
    for url, file, offset, length, record_type, digest in rows:
        if not selection.sites or site_of(url) in selection.sites:
            yield (file, offset, length), digest if record_type == "revisit" else None


def _rendered_from(
    db: sqlite3.Connection, url: str, until: str
) -> Iterator[tuple[tuple[str, int, int], str | None]]:
    """The answer that a browser made a page of, and the digest where it is a revisit."""
    for file, offset, length, record_type, digest in db.execute(
        """select warc_file, warc_offset, warc_length, record_type, payload_digest from exchanges
           where url = ? and role = 'rendered' and fetched_at <= ? order by fetched_at desc limit 1""",
        (url, until),
    ):
        yield (file, offset, length), digest if record_type == "revisit" else None


def _originals(db: sqlite3.Connection, digest: str) -> Iterator[tuple[str, int, int]]:
    for table in ("captures", "exchanges"):
        yield from db.execute(
            f"""select warc_file, warc_offset, warc_length from {table}
                where payload_digest = ? and record_type = 'response'""",  # noqa: S608 - as above
            (digest,),
        )
