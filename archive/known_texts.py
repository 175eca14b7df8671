"""What the archive's pages said so far: the questions by which a page is held against them (`settling`)."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from archive.likeness import NEAR, Said, resemblance, sketch
from archive.rows import StoredCapture, moment, timestamp
from archive.values import Article, Value

#: Versions of an article that another page is compared with, the newest first.
_COMPARED = 8
#: Articles with one headline that are looked at for nearly the same text, the newest first.
_LIKE_HEADLINED = 40


def said_by(db: sqlite3.Connection, article_id: int) -> list[tuple[str, Said]]:
    """What an article said in its last versions, each with the URL that it was read at; newest first."""
    found = db.execute(
        """select captures.url, headline, text from versions join captures on captures.id = capture_id
           where versions.article_id = ? order by number desc limit ?""",
        (article_id, _COMPARED),
    )
    return [(url, Said(headline=headline, text=text)) for url, headline, text in found]


def text_before(db: sqlite3.Connection, article_id: int, stored: StoredCapture) -> str:
    """The text that an article had before a capture; what the same payload said counts not, nor a teaser."""
    row = db.execute(
        """select text from versions join captures on captures.id = capture_id
           where versions.article_id = ? and seen_at <= ? and capture_id is not ? and payload_digest != ?
             and coalesce(access, 'free') != 'paywalled' order by number desc limit 1""",
        (article_id, timestamp(stored.fetched_at), stored.id, stored.payload_digest),
    ).fetchone()
    return "" if row is None else str(row[0])


def article_read_at(db: sqlite3.Connection, url: str) -> int | None:
    """The article that this URL was at last."""
    row = db.execute(
        """select article_id from captures where url = ? and article_id is not null
           order by fetched_at desc, id desc limit 1""",
        (url,),
    ).fetchone()
    return None if row is None else int(row[0])


def addresses_that_led_to(db: sqlite3.Connection, url: str) -> list[str]:
    """Other addresses that were asked for and led to `url`."""
    rows = db.execute(
        "select distinct requested_url from captures where url = ? and requested_url is not null", (url,)
    )
    return [asked for (asked,) in rows]


class SameText(Value, frozen=True, kw_only=True):
    """A version with a text that another page has, or nearly."""

    article_id: int
    number: int
    url: str
    headline: str | None
    day: str
    is_same: bool
    #: When it was read first.
    seen_at: str


_SAME_TEXT = """select versions.article_id, number, captures.url, versions.headline,
    coalesce(articles.date_published, ''), versions.seen_at, {is_same} from versions
    join captures on captures.id = capture_id join articles on articles.id = versions.article_id """


def same_text(db: sqlite3.Connection, article: Article) -> list[SameText]:
    """Versions with the text of `article`, and those with its headline and nearly its text."""
    query = _SAME_TEXT.format(is_same=1) + "where versions.text_digest = ? order by number desc limit 500"
    found = {row[:2]: row for row in db.execute(query, (article.text_digest,))}
    if article.headline:
        like = _SAME_TEXT.format(is_same="versions.text") + (
            "where versions.headline = ? and versions.text_digest != ? order by versions.seen_at desc limit ?"
        )
        own = None
        for row in db.execute(like, (article.headline, article.text_digest, _LIKE_HEADLINED)):
            own = own or sketch(article.text)
            if resemblance(own, sketch(row[6])) >= NEAR:
                found.setdefault(row[:2], (*row[:6], 0))
    return [
        SameText(article_id=a, number=n, url=url, headline=said, day=day, is_same=bool(same), seen_at=at)
        for a, n, url, said, day, at, same in found.values()
    ]


class KnownText(Value, frozen=True, kw_only=True):
    """A verdict on a text of a site, as `common_texts` has it."""

    id: int
    kind: str
    reason: str
    #: Whether all pages with the text have one headline.
    is_headlined: bool
    found_at: datetime


def common_text(
    db: sqlite3.Connection, site: str, article: Article, headline_digest: str, since: datetime
) -> KnownText | None:
    """What is known of a text that stands everywhere on a site, if it was seen so since."""
    found = db.execute(
        """select id, kind, kind_reason, headline_digest, sketch, text_digest, found_at from common_texts
           where site = ?1 and text_digest = ?2 and found_at >= ?4
           union all
           select id, kind, kind_reason, headline_digest, sketch, text_digest, found_at from common_texts
           where site = ?1 and headline_digest = ?3 and ?3 != '' and found_at >= ?4""",
        (site, article.text_digest, headline_digest, timestamp(since)),
    )
    own: tuple[int, ...] = ()
    for number, kind, reason, headline, drawn, digest, found_at in found:
        if headline and headline != headline_digest:
            continue
        own = own or sketch(article.text)
        if digest == article.text_digest or resemblance(own, tuple(json.loads(drawn))) >= NEAR:
            return KnownText(
                id=number, kind=kind, reason=reason, is_headlined=bool(headline), found_at=moment(found_at)
            )
    return None
