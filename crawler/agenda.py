"""What a crawl does next: reads the archive's tables of sources and pages, and notes what came of each.

All of it runs in the archive's thread (`Keeper.do`). What a source's answer led to (its state, its next time,
the addresses it listed) is noted in one transaction with the answer; what a page led to, with its capture.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from archive import Archive, TakenDown
from archive.agenda import (
    FailureClass,
    FetchFailed,
    HostRests,
    Page,
    PageForgotten,
    PageNote,
    Source,
    SourceKind,
    SourceNote,
)
from archive.url_keys import url_key
from archive.values import Capture, Exchange, Hints, RecordRef, Role, Settlement, Value
from crawler.backfill import original_of
from crawler.discovery.shapes import UrlShapes
from crawler.politeness import TOO_MUCH, retry_after_seconds
from crawler.scheduling import ArticleOptions, SourceOptions, SourceState, Visit, after_visit, next_look
from crawler.scheduling.pages import Fate, after_fetch, fate_of, had, stated
from crawler.scheduling.sources import Trouble
from crawler.scheduling.values import HOUR, MINUTE
from crawler.sites import Site

#: A server that says 'too much' and not for how long is left alone for this time.
REST = 10 * MINUTE
#: An index of sitemaps is looked at so often at least: a newsroom's day has its own sitemap.
INDEX_LONGEST = 6 * HOUR

#: A longer address is refused: servers take 8,000 characters at most (RFC 9110, 4.1).
MAX_ADDRESS = 4000

ROLES: dict[SourceKind, Role] = {
    "feed": "feed", "sitemap": "sitemap", "section": "section", "home": "home", "wayback": "other",
    "ccnews": "other",
}  # fmt: skip


_QUIET: dict[SourceKind, str] = {"wayback": "when it is asked for, with `crawl --from wayback`"}
#: Addresses of a site from which it is learned what its articles' addresses look like: of articles, and of
#: other pages. A site's latest say how it makes them now.
MAX_KNOWN = 400
#: Sections that a home page names and that are watched as sources, all told.
MAX_SECTIONS = 8


class Listed(Value, frozen=True, kw_only=True):
    """An address that a source lists. `modified`: when the source says it was changed.

    `is_wanted`: False for one that is only to be known from now on, not fetched. `page_url`: the page's own
    address where `url` is that of a capture in another archive.
    """

    url: str
    page_url: str = ""
    hints: Hints = Hints()
    published: float | None = None
    modified: float | None = None
    is_wanted: bool = True


class Child(Value, frozen=True, kw_only=True):
    """A source that another one names. `modified`: when that says it was changed."""

    url: str
    kind: SourceKind
    modified: float | None = None


class Answer(Value, frozen=True, kw_only=True):
    """What came of a look at a source, for `Agenda.looked`.

    `is_quiet`: nothing of the last days is in it, so that it need not be looked at for its own sake.
    """

    status: int | None
    listed: tuple[Listed, ...] = ()
    children: tuple[Child, ...] = ()
    is_index: bool = False
    is_quiet: bool = False
    title: str = ""
    trouble: Trouble | None = None
    retry_after: float | None = None
    fresh_for: float | None = None
    #: Why there was no answer.
    failure: FailureClass | None = None


def roots_of(site: Site) -> list[tuple[str, SourceKind]]:
    """The sources that sites.toml names for a site; without any, its page."""
    named: list[tuple[str, SourceKind]] = [(url, "feed") for url in site.feeds]
    named += [(url, "sitemap") for url in site.sitemaps]
    named += [(url, "section") for url in site.sections]
    return list({url: (url, kind) for url, kind in reversed(named)}.values())[::-1] or [(site.url, "home")]


class Agenda:
    """The plan of one crawl. `due_only`: only what is due; else everything now.

    `again`: known articles too. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        due_only: bool = False,
        again: bool = False,
        sources: SourceOptions | None = None,
        articles: ArticleOptions | None = None,
    ) -> None:
        self.clock = clock
        self.due_only = due_only
        self.again = again
        self._sources = sources or SourceOptions()
        self._articles = articles or ArticleOptions()
        #: Pages that were asked for and of which nothing is known yet, by the address asked for.
        self.flying: dict[str, Page] = {}
        #: Keys of pages that an earlier crawl had fetched, perhaps under another form of their address.
        self._taken_up: set[str] = set()
        #: What could not be noted at once, since Scrapy told of it outside of a coroutine.
        self.later: list[tuple[str, Fate]] = []
        #: Keys of pages that this crawl has taken: none is asked for twice in a crawl.
        self._taken: dict[str, set[int]] = {}
        #: Keys that this crawl has noted: the batch may not be committed yet.
        self._noted: set[int] = set()
        #: Until when servers asked to be left alone, by origin.
        self._resting: dict[str, float] = {}
        #: The same of crawls before this one, where servers named the time; by scheme, host and port.
        self._resting_since_before: dict[str, float] = {}

    # The beginning ----------------------------------------------------------------------------------

    def recall(self, archive: Archive) -> None:
        """Take over what servers asked of crawls before this one."""
        self._resting_since_before = archive.resting(self.clock())

    def rest_left(self, url: str) -> float:
        """Seconds for which a server is to be left alone still, as it asked earlier crawls; else 0."""
        until = self._resting_since_before.get(_origin(url).rstrip("/"), 0.0)
        return max(0.0, until - self.clock()) if until else 0.0

    def take_up(self, archive: Archive, orphans: Iterable[Capture]) -> None:
        """Put right what a kill left: pages that were had, but of which the queue does not know."""
        for capture in orphans:
            asked = capture.requested_url or capture.url
            page = archive.pages_by_key([url_key(asked)]).get(url_key(asked))
            if page is not None:
                self.flying[asked] = page
                self._taken_up.add(page.key)
        for record_id, _, asked, status in archive.later_captures():
            page = archive.pages_by_key([url_key(asked)]).get(url_key(asked))
            if page is not None:
                fate = fate_of(status, "unchanged", *archive.verdict_of(record_id))
                after = after_fetch(page, self.clock(), fate, self._articles, status=status)
                archive.note(PageNote(page=after, record_id=record_id))

    def sources(self, archive: Archive, site: Site) -> list[Source]:
        """The sources of a site that are to be looked at now, new ones noted."""
        now = self.clock()
        roots = roots_of(site)
        known = {source.url: source for source in archive.sources(url for url, _ in roots)}
        for url, kind in roots:
            if url not in known:
                known[url] = Source(
                    url=url, kind=kind, name=site.name, found_at=now, due_at=now,
                    due_reason="it was never looked at",
                )  # fmt: skip
                archive.note(SourceNote(source=known[url]))
        if site.render:
            for page in archive.empty_pages(site.url, MAX_KNOWN):
                due = replace(page, state="due", due_at=now, due_reason="its site is rendered now")
                archive.note(PageNote(page=due))
        if self.again:
            self._adopt(archive, site, roots[0][0])
        chosen = known.values()
        if self.due_only:
            return [
                source for source in chosen if source.due_at is not None and source.due_at <= math.ceil(now)
            ]
        named = {url for url, _ in roots}
        # A sitemap without a time of its own is read when its index says so.
        return [source for source in chosen if source.url in named or source.due_at is not None]

    def also(self, archive: Archive, site: Site, url: str, kind: SourceKind) -> Source:
        """A source of the site that is to be looked at now, whatever the plan says; noted where it is new."""
        now = self.clock()
        root = roots_of(site)[0][0]
        source = Source(
            url=url, kind=kind, name=site.name, found_in=root, found_at=now, due_at=None,
            due_reason="it is being asked",
        )  # fmt: skip
        archive.note(SourceNote(source=source))
        return source

    def _adopt(self, archive: Archive, site: Site, source: str) -> None:
        """Articles that the archive had before it had a queue."""
        now = self.clock()
        for number, url, first_seen in archive.articles_without_page(site.url):
            page = Page(
                key=url_key(url), url=url, source=source, found_at=now, born_at=first_seen, article_id=number
            )
            archive.note(PageNote(page=had(page, first_seen, self._articles), is_new=True))

    def pages(self, archive: Archive, site: Site, most: int) -> list[Page]:
        """The pages of a site that are to be fetched now, at most so many, newest first; now they fly."""
        roots = [url for url, _ in roots_of(site)]
        now = self.clock() if self.due_only else None
        taken = self._taken.setdefault(roots[0], set())
        found = archive.pages_to_fetch(roots, now=now, again=self.again, most=most + len(taken))
        chosen: list[Page] = []
        for page in found:
            if self._is_under_way(page) or hash(page.key) in taken or len(chosen) >= most:
                continue
            if archive.is_taken_down(page.url):
                archive.note(PageForgotten(key=page.key))
                continue
            chosen.append(page)
            self.flying[page.url] = page
            taken.add(hash(page.key))
        return chosen

    def _is_under_way(self, page: Page) -> bool:
        return page.url in self.flying or page.key in self._taken_up

    def shapes(self, archive: Archive, site: Site) -> UrlShapes:
        """What the addresses of a site's articles look like, and those of its lists, by what is stored."""
        articles, others = archive.known_addresses(site.url, MAX_KNOWN)
        lists = [url for url, kind in roots_of(site) if kind in ("section", "home")]
        return UrlShapes().learned(articles, {*others, *lists, site.url})

    # Sources ----------------------------------------------------------------------------------------

    def looked(
        self, archive: Archive, source: Source, exchange: Exchange | None, answer: Answer
    ) -> list[Source]:
        """Note a look at a source: its exchange, what it listed, and when it is due.

        Gives the sources that it named and that are to be looked at now: new ones, and changed ones.
        """
        now = self.clock()
        # Also those that another source named: a feed that is gone and the page that announces it still.
        named = [child.url for child in answer.children]
        known = {one.url: one for one in archive.sources([source.url, *named])} if named else {}
        with archive.at_once():
            taken_down = False
            if exchange is not None:
                try:
                    archive.write_exchange(exchange, ROLES[source.kind])
                except TakenDown:
                    taken_down = True
            new, published = self._note_listed(archive, source, answer.listed, now)
            children = [
                Source(
                    url=child.url, kind=child.kind, name=source.name, found_in=source.url, found_at=now,
                    due_at=now, due_reason="it was never looked at",
                )
                for child in _with_room(answer.children, known)
            ]  # fmt: skip
            for child in children:
                archive.note(SourceNote(source=child))
            visit = Visit(
                at=now,
                status=answer.status,
                trouble=answer.trouble,
                listed=len(answer.listed) or len(answer.children),
                new=new or len(children),
                published=published,
                retry_after=answer.retry_after,
                fresh_for=answer.fresh_for,
            )
            if answer.failure is not None:
                archive.note(FetchFailed(url=source.url, at=now, failure=answer.failure))
            if answer.status in TOO_MUCH or answer.trouble == "busy":
                self._rest(archive, source.url, answer.retry_after)
            after = self._after(source, visit, answer)
            if taken_down:
                after = replace(
                    after, due_at=None, due_reason="it was taken down", retired_at=now,
                    retired_reason="it was taken down",
                )  # fmt: skip
            archive.note(SourceNote(source=after))
        changed = [
            known[child.url]
            for child in answer.children
            if child.url in known
            and (child.kind == "wayback" or (child.modified or 0.0) > (known[child.url].checked_at or 0.0))
        ]
        return children + changed

    def listed_beside(
        self, archive: Archive, source: Source, exchange: Exchange | None, listed: tuple[Listed, ...]
    ) -> None:
        """Note what a page lists that a source led to, and that is no source: its time is not kept."""
        with archive.at_once():
            if exchange is not None:
                with contextlib.suppress(TakenDown):
                    archive.write_exchange(exchange, "section")
            self._note_listed(archive, source, listed, self.clock())

    def _after(self, source: Source, visit: Visit, answer: Answer) -> Source:
        state = state_of(source)
        after = after_visit(state, visit, self._sources)
        due = next_look(after, self._sources)
        at = due.at
        if answer.is_index and at is not None and after.trouble is None and after.retired_at is None:
            at = min(at, visit.at + INDEX_LONGEST)
        is_quiet = bool(source.found_in) and answer.is_quiet and after.trouble is None
        return replace(
            source,
            title=answer.title or source.title,
            state=msgspec.json.encode(after).decode(),
            due_at=None if is_quiet else self._not_before(source.url, at),
            due_reason=_QUIET.get(source.kind, "when its index says that it was changed")
            if is_quiet
            else due.reason,
            checked_at=visit.at,
            status=visit.status,
            failures=after.failures,
            retired_at=after.retired_at,
            retired_reason=after.retired_because,
            last_new_at=visit.at if visit.new else source.last_new_at,
        )

    def _note_listed(
        self, archive: Archive, source: Source, listed: tuple[Listed, ...], now: float
    ) -> tuple[int, tuple[float, ...]]:
        listed = tuple(one for one in listed if len(one.url) <= MAX_ADDRESS)
        keys = [url_key(one.page_url or one.url) for one in listed]
        known: dict[str, Page] = {}
        for start in range(0, len(keys), 500):
            known |= archive.pages_by_key(keys[start : start + 500])
        new, published = 0, []
        for key, one in zip(keys, listed, strict=True):
            if key in known:
                page = known[key]
                if page.state == "old" and source.kind != "sitemap":
                    page = replace(page, state="due", due_at=now, due_reason="another list shows it as new")
                    new += 1
                elif one.modified is not None and not self._is_under_way(page):
                    page = stated(page, one.modified, self._articles)
                if page is not known[key]:
                    archive.note(PageNote(page=page))
                continue
            if hash(key) in self._noted or archive.is_taken_down(one.page_url or one.url):
                continue
            self._noted.add(hash(key))
            page = self._new_page(archive, source, key, one, now)
            archive.note(PageNote(page=page, is_new=True))
            if page.state == "due":
                new += 1
                if one.published is not None and one.published <= now:
                    published.append(one.published)
        return new, tuple(published)

    def _new_page(self, archive: Archive, source: Source, key: str, one: Listed, now: float) -> Page:
        dates = [at for at in (one.published, one.modified) if at is not None and at <= now]
        page = Page(
            key=key, url=one.url, source=source.url, hints=one.hints, found_at=now,
            born_at=dates[0] if dates else now, due_at=now, due_reason="it is new",
        )  # fmt: skip
        if not one.is_wanted:
            return replace(
                page, state="old", due_at=None, due_reason="it stood in the list when that was new"
            )
        before = archive.had(one.page_url or one.url)
        if before is None:
            return page
        page = replace(page, capture_id=before.capture_id, article_id=before.article_id)
        if before.is_twin or before.article_id is None:
            fate: Fate = "twin" if before.is_twin else "other"
            return after_fetch(page, before.fetched_at, fate, self._articles, status=None)
        return had(page, before.fetched_at, self._articles)

    # Pages ------------------------------------------------------------------------------------------

    def stored(self, archive: Archive, capture: Capture, ref: RecordRef | None, *, is_current: bool) -> None:
        """Note that a page was had, in the transaction of its capture. What it is, is told by `settled`.

        `is_current`: it is the very page that is known already, and nothing will be told any more.
        """
        asked = capture.requested_url or capture.url
        page = self.flying.get(asked)
        rest = _rest_asked(capture)
        if capture.status in TOO_MUCH:
            self._rest(archive, capture.url, rest)
        if page is None:
            return
        record_id = None if ref is None else ref.record_id
        if is_current:
            # A wall or an error page that came again is one still.
            verdict = archive.verdict_of(record_id) if record_id else ("article", "")
            fate = fate_of(capture.status, "unchanged", *verdict)
            self._note_fate(archive, asked, fate, capture, record_id, rest)
            return
        # Until it is known what the page is: had. A kill from here on leaves it to be cleaned, not fetched.
        waiting = replace(
            page, state="done", due_at=None, due_reason="it is being cleaned", last_status=capture.status,
            checked_at=self.clock(),
        )  # fmt: skip
        archive.note(PageNote(page=waiting, record_id=record_id))

    def settled(
        self, archive: Archive, capture: Capture, settled: Settlement | None, *, may_open: bool = False
    ) -> None:
        """Note what a page turned out to be; None: it could not be cleaned.

        `may_open`: such a page is worth another try, as one behind a wall is.
        """
        asked = capture.requested_url or capture.url
        record_id = None if capture.record is None else capture.record.record_id
        failed = ("not_article", "error", "") if may_open else ("failed",)
        told = failed if settled is None else (settled.outcome, settled.kind, settled.reason)
        self._note_fate(archive, asked, fate_of(capture.status, *told), capture, record_id, 0.0)

    def _rest(self, archive: Archive, url: str, asked: float | None) -> None:
        """Nothing of this server is due before so many seconds have gone; what is noted later neither.

        `asked`: the seconds that it asked for; 0 or None: it said 'too much', and not for how long.
        """
        origin = _origin(url)
        until = max(self.clock() + (asked or REST), self._resting.get(origin, 0.0))
        self._resting[origin] = until
        archive.note(HostRests(origin=origin, until=until, was_asked=bool(asked)))

    def _not_before(self, url: str, at: float | None) -> float | None:
        return None if at is None else max(at, self._resting.get(_origin(url), 0.0))

    def _note_page(self, archive: Archive, page: Page, record_id: str | None = None) -> None:
        page = replace(page, due_at=self._not_before(page.url, page.due_at))
        if page.state == "done" and original_of(page.url) != page.url:
            page = replace(page, due_at=None, due_reason="it came out of another archive")
        archive.note(PageNote(page=page, record_id=record_id))

    def _note_fate(
        self, archive: Archive, asked: str, fate: Fate, capture: Capture, record_id: str | None, rest: float
    ) -> None:
        page = self.flying.pop(asked, None)
        if page is None:
            return
        led_to = url_key(capture.url)
        if led_to != page.key and not page.history and led_to in archive.pages_by_key([led_to]):
            fate = "twin" if fate in ("article", "changed", "same") else fate
        status = capture.status
        after = after_fetch(page, self.clock(), fate, self._articles, status=status, rest=rest)
        self._note_page(archive, after, record_id)

    def missed(
        self,
        archive: Archive,
        asked: str,
        fate: Fate,
        wait: float = 0.0,
        *,
        why: str = "",
        failure: FailureClass | None = None,
    ) -> None:
        """Note that a page was not had, `wait` being the seconds for which a server asks to rest.

        Fates are `failed`, `loops`, `forbidden`, `reserved`, `resting` and `twin`. `why`: the reason in more
        words than the fate has. `failure`: why there was no answer, where there was none.
        """
        now = self.clock()
        if failure is not None:
            archive.note(FetchFailed(url=asked, at=now, failure=failure))
        page = self.flying.pop(asked, None)
        if page is None:
            return
        after = after_fetch(page, now, fate, self._articles, status=None, rest=wait)
        if why:
            after = replace(after, due_reason=why)
        with archive.at_once():
            if fate == "resting":
                self._rest(archive, page.url, wait)
            self._note_page(archive, after)

    def taken_down(self, archive: Archive, capture: Capture) -> None:
        """Forget a page that is not to be kept."""
        page = self.flying.pop(capture.requested_url or capture.url, None)
        if page is not None:
            archive.note(PageForgotten(key=page.key))

    def note_later(self, archive: Archive) -> None:
        """Note what was told outside of a coroutine."""
        while self.later:
            asked, fate = self.later.pop()
            self.missed(archive, asked, fate, failure="redirects" if fate == "failed" else None)


def _with_room(children: tuple[Child, ...], known: Mapping[str, Source]) -> Iterator[Child]:
    """Those that are new; sections only while there is room beside those that are watched already."""
    room = MAX_SECTIONS - sum(one.kind == "section" and one.retired_at is None for one in known.values())
    for child in children:
        if child.url in known or len(child.url) > MAX_ADDRESS:
            continue
        room -= child.kind == "section"
        if child.kind != "section" or room >= 0:
            yield child


def state_of(source: Source) -> SourceState:
    """What is remembered of a source."""
    return msgspec.json.decode(source.state, type=SourceState) if source.state else SourceState()


def fresh_for(cache_control: bytes | None) -> float | None:
    """`max-age` of a Cache-Control header, in seconds."""
    found = re.search(rb"(?:^|[\s,])max-age=(\d{1,9})", cache_control or b"", re.I)
    return float(found[1]) if found else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _rest_asked(capture: Capture) -> float:
    headers = capture.exchange.response_headers if capture.exchange is not None else ()
    value = next((value for name, value in headers if name.lower() == b"retry-after"), None)
    asked = retry_after_seconds(value) if capture.status in TOO_MUCH else None
    return asked if asked is not None and math.isfinite(asked) else 0.0
