"""Which article a page belongs to, and whether it is one at all: judged by what the archive's rows say.

Reads rows and writes none. What is to be done comes back as a value, and the one writer of the archive does
it. Of its batch nothing is seen here: it commits first what a page hangs on (`Page.hangs_on`, and the
articles that an answer names).
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta

from archive import doubles, known_texts, rows
from archive.digests import payload_digest, storable
from archive.doubles import (
    LEAST_WORDS,
    VERDICT_DAYS,
    Sighting,
    belongs,
    is_twin,
    led_astray,
    stands_by_itself,
)
from archive.folding import CommonText, Entry, SeenAgain, Withdrawn
from archive.known_texts import KnownText, SameText
from archive.likeness import Said, are_one, behind_wall, fold, is_wall, sketch, wording
from archive.rows import StoredCapture
from archive.uris import same_site, site_of
from archive.url_keys import article_key, url_key
from archive.values import Article, Value, page_form
from archive.versions import Reading

_DAY = timedelta(days=1)


class Page(Value, frozen=True, kw_only=True):
    """A page that says it is an article, to be settled."""

    stored: StoredCapture
    #: In the form in which it is stored.
    article: Article
    #: The address that was asked for; "" where none is known.
    asked: str
    #: Key of the address that it stands at, and of the one that it says is the article's.
    own: str
    identity: str

    @property
    def is_told_apart(self) -> bool:
        """Whether it says enough, and stands at an address, for other pages to be compared with it."""
        return self.article.word_count >= LEAST_WORDS and self.stored.url.startswith("http")

    @property
    def hangs_on(self) -> set[str]:
        """Identities of articles, and marks of text and headline: what is known of these settles the page."""
        marks = {f"text {self.article.text_digest}", f"headline {self.article.headline}"}
        return {self.identity, self.own} | (marks if self.is_told_apart else set())

    @property
    def said(self) -> Said:
        return Said(headline=self.article.headline, text=self.article.text)

    @property
    def sighting(self) -> Sighting:
        day = self.article.date_published or ""
        return Sighting(url=self.stored.url, headline=self.article.headline, day=day)

    @property
    def reading(self) -> Reading:
        """The page as a version is decided by."""
        return Reading(
            capture_id=self.stored.id,
            payload_digest=self.stored.payload_digest,
            seen_at=self.stored.fetched_at,
            wording=wording(self.article.headline, self.article.text),
            cleaner=self.article.cleaner,
        )


def page_of(stored: StoredCapture, article: Article, requested_url: str) -> Page:
    """The page that a capture is, with what was read off it."""
    return Page(
        stored=stored,
        article=article,
        asked=storable(requested_url),
        own=url_key(stored.url),
        identity=article_key(stored.url, article.canonical_url),
    )


def find_alike(db: sqlite3.Connection, page: Page) -> list[SameText]:
    """Versions of the page's site with its text, and those with its headline and nearly its text."""
    return [one for one in known_texts.same_text(db, page.article) if same_site(one.url, page.stored.url)]


# Whether it is an article ---------------------------------------------------------------------------


class Verdict(Value, frozen=True, kw_only=True):
    """What a page is held to be, by where else its text stands and by which addresses lead to it.

    `entries` are to be written with it, and change `articles`.
    """

    #: `article`: it is one.
    kind: str = "article"
    reason: str = ""
    #: It is another page's article: that of the `owner` of its text, if there is one.
    is_anothers: bool = False
    entries: tuple[Entry, ...] = ()
    articles: tuple[int, ...] = ()
    #: What follows hangs on the entries: they are to be written at once.
    is_urgent: bool = False


def verdict_on(db: sqlite3.Connection, page: Page, alike: Sequence[SameText]) -> Verdict:
    """Whether a page is an article, as far as other pages of its site tell it."""
    return _astray(db, page) or _nobodys(db, page, alike)


def _astray(db: sqlite3.Connection, page: Page) -> Verdict | None:
    """Why a page is none for the address asked for: many that have nothing to do with it lead there."""
    stored, article = page.stored, page.article
    if not page.asked.startswith("http") or url_key(page.asked) == page.own:
        return None
    led = known_texts.addresses_that_led_to(db, stored.url)
    astray = led_astray([*led, page.asked], stored.url, article.headline)
    if page.asked not in astray:
        return None
    reason = f"soft 404: {len(astray)} addresses that have nothing to do with this page lead to it"
    known = known_texts.article_read_at(db, stored.url)
    keeps = stands_by_itself(stored.url, article.date_published or "", article.word_count)
    if keeps and (known is None or _is_told(db, known, page)):
        return None
    if known is None:
        return Verdict(kind="error", reason=reason)
    withdrawn = Withdrawn(
        article_id=known, asked=tuple(sorted(astray)), kind="error", reason=reason, keeps=keeps
    )
    return Verdict(kind="error", reason=reason, entries=(withdrawn,), articles=(known,))


def _is_told(db: sqlite3.Connection, article_id: int, page: Page) -> bool:
    """Whether a capture is what a version was read from, or would make one."""
    versions = rows.versions_of(db, article_id)
    if not versions or any(one.capture_id == page.stored.id for one in versions):
        return True
    before = [one for one in versions if one.seen_at <= page.stored.fetched_at] or versions[:1]
    return before[-1].wording != wording(page.article.headline, page.article.text)


def _nobodys(db: sqlite3.Connection, page: Page, alike: Sequence[SameText]) -> Verdict:
    """Whether the text of a page is an article's, and whose, by where else on its site it stands."""
    known = known_texts.common_text(
        db,
        _site(page),
        page.article,
        _headline_digest(page.article),
        page.stored.fetched_at - timedelta(days=VERDICT_DAYS),
    )
    if known is not None:
        return _as_before(page, alike, known)
    found = doubles.nobodys([*map(_seen, alike), page.sighting], page.article.word_count)
    return Verdict() if found is None else _found(page, alike, found)


def _as_before(page: Page, alike: Sequence[SameText], known: KnownText) -> Verdict:
    """The verdict on a text that is known to stand everywhere."""
    if known.is_headlined and belongs(page.stored.url, page.article.headline):
        return Verdict()
    if known.kind != "article" and any(url_key(one.url) == page.own for one in alike):
        return Verdict()  # the one that the verdict left
    is_old = page.stored.fetched_at - known.found_at > _DAY
    again = (SeenAgain(id=known.id, seen_at=page.stored.fetched_at),) if is_old else ()
    is_anothers = known.kind == "article"
    return Verdict(kind=known.kind, reason=known.reason, is_anothers=is_anothers, entries=again)


def _found(page: Page, alike: Sequence[SameText], found: doubles.Nobodys) -> Verdict:
    """A verdict on a text that was not known to stand everywhere: what it takes from whom."""
    is_shared = found.kind == "article"
    into = next((alike[rank].article_id for rank in found.owners), None) if is_shared else None
    lost = [
        one
        for rank, one in enumerate(alike)
        if rank not in found.owners and not (is_shared and (not one.is_same or one.article_id == into))
    ]
    sightings = [*map(_seen, alike), page.sighting]
    headlines = {fold(one.headline or "").casefold() for one in sightings}
    withdrawn = Withdrawn(
        versions=tuple((one.article_id, one.number) for one in lost),
        kind=found.kind,
        reason="" if is_shared else found.reason,
        into=into,
    )
    common = CommonText(
        site=_site(page),
        text_digest=page.article.text_digest,
        headline_digest=_headline_digest(page.article) if len(headlines) == 1 else "",
        sketch=sketch(page.article.text),
        addresses=len({url_key(one.url) for one in sightings}),
        kind=found.kind,
        reason=found.reason,
        found_at=page.stored.fetched_at,
    )
    is_own = not is_shared and len(alike) in found.owners
    return Verdict(
        kind="article" if is_own else found.kind,
        reason="" if is_own else found.reason,
        is_anothers=is_shared,
        entries=(withdrawn, common),
        articles=tuple(one.article_id for one in lost),
        # Versions of the article that it is may be among those that go.
        is_urgent=is_shared or is_own,
    )


def _site(page: Page) -> str:
    return site_of(page.own) or ""


def _headline_digest(article: Article) -> str:
    said = fold(article.headline or "").casefold()
    return payload_digest(said.encode("utf-8")) if said else ""


def _seen(one: SameText) -> Sighting:
    return Sighting(
        url=one.url,
        headline=one.headline,
        day=one.day,
        is_same=one.is_same,
        since=one.seen_at if one.number == 1 else "",
    )


def owner(page: Page, alike: Sequence[SameText]) -> SameText | None:
    """The version with the page's very text that was kept first, where that stands at another address."""
    first = min(
        (one for one in alike if one.is_same), key=lambda one: (one.seen_at, one.article_id), default=None
    )
    return None if first is None or url_key(first.url) == page.own else first


# Which article it is --------------------------------------------------------------------------------


class Place(Value, frozen=True, kw_only=True):
    """Where an article belongs among those that are known."""

    identity: str
    article_id: int | None = None
    is_renamed: bool = False
    #: An article that claims the address of this one's page, and is another.
    evicted: int | None = None
    #: An article that turns out to be this one.
    folded: int | None = None

    @property
    def articles(self) -> tuple[int, ...]:
        """Those that it was found by."""
        return tuple(one for one in (self.article_id, self.folded, self.evicted) if one is not None)


def place_of(db: sqlite3.Connection, page: Page, alike: Sequence[SameText]) -> Place:
    """The article that a page is, by its address, its canonical URL if that holds, and its text."""
    identity, target = page.identity, None
    refused: list[int] = []
    for key in dict.fromkeys((page.identity, page.own)):  # a canonical URL that lies leaves the page's own
        identity, target = key, rows.article_id_of(db, key)
        if target is None or _claim_holds(db, target, key, page):
            break
        refused.append(target)
        target = None
    # Another page had claimed this one's address.
    evicted = next((one for one in refused if one == rows.article_id_of(db, page.own)), None)
    at_own = rows.article_id_of(db, page.own) if identity != page.own else None
    if target is not None:
        is_double = at_own is not None and at_own != target and _are_one(db, at_own, page.said)
        return Place(identity=identity, article_id=target, folded=at_own if is_double else None)
    known = _known_as(db, page, at_own)
    if known in refused:
        known = None
    is_renamed = known is not None and identity != page.own
    if known is None:
        known = next((one for one in _twins(page, alike) if one not in refused), None)
    return Place(identity=identity, article_id=known, is_renamed=is_renamed, evicted=evicted)


def _known_as(db: sqlite3.Connection, page: Page, at_own: int | None) -> int | None:
    """The article that this page, or another of its URL, was before, whatever address that went by."""
    known = at_own or page.stored.article_id or known_texts.article_read_at(db, page.stored.url)
    if known is None:
        return None
    others = [before for url, before in known_texts.said_by(db, known) if url_key(url) != page.own]
    return known if not others or any(are_one(page.said, before) for before in others) else None


def _claim_holds(db: sqlite3.Connection, target: int, key: str, page: Page) -> bool:
    """Whether a page can be the article that its address or its canonical URL says it is."""
    before = [(url_key(url), said) for url, said in known_texts.said_by(db, target)]
    if key == page.own and any(url == page.own for url, _ in before):
        return True
    others = [said for url, said in before if url != page.own]
    return not others or any(are_one(page.said, said) for said in others)


def _are_one(db: sqlite3.Connection, article_id: int, said: Said) -> bool:
    return any(are_one(said, before) for _, before in known_texts.said_by(db, article_id))


def _twins(page: Page, alike: Sequence[SameText]) -> Iterator[int]:
    """Articles with the very same headline and text that stand at other addresses of the site."""
    mine = page.sighting
    for one in alike:
        if one.is_same and is_twin(mine, _seen(one)):
            yield one.article_id


# What a wall left of it -----------------------------------------------------------------------------


def wall_before(db: sqlite3.Connection, page: Page, place: Place) -> str:
    """Why a page is no new wording of the article at its place but what a wall leaves of it, or ""."""
    if place.article_id is None:
        return ""
    article = page.article
    return behind_wall(
        known_texts.text_before(db, place.article_id, page.stored),
        article.text,
        is_teaser=article.access == "paywalled" or page_form(article.kind_reason) == "teaser",
        is_walled=_shows_wall(article),
    )


def _shows_wall(article: Article) -> bool:
    """Whether what follows the text on its page says what walls say."""
    after = itertools.takewhile(lambda block: not block.kept, reversed(article.blocks))
    return any(is_wall(block.text) for block in after)
