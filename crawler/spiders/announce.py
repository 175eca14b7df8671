"""Looks for the sources of one site: feeds, sitemaps, section pages. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.values import Value
from crawler.discovery import discover_feeds, read_feed, site_name, usual_places, web_url
from crawler.discovery.finding import FoundSource, Kind, completed, judged, without_doubles
from crawler.discovery.links import section_links
from crawler.discovery.sitemaps import robots_sitemaps, usual_sitemaps
from crawler.errors import CrawlerError
from crawler.keep import clock_in
from crawler.pages import PageSpider, sentence
from crawler.sites import Site

#: Section pages that are written down beside the home page.
MAX_SECTIONS = 6
#: By who named it: how many good sources of a kind are enough, and how many places are asked.
ANNOUNCED, USUAL, ROBOTS = "announced by the page", "in a usual place", "named by robots.txt"
ITSELF, LINKED = "the page itself", "linked by the page"
ENOUGH = {(ANNOUNCED, "feed"): 6, (USUAL, "feed"): 1, (ROBOTS, "sitemap"): 4, (USUAL, "sitemap"): 2}
MOST_ASKED = {ANNOUNCED: 8, ROBOTS: 12}


class Place(Value, frozen=True, kw_only=True):
    """Where a source may be, and who says so. `index`: the index of sitemaps of which it is the most urgent
    one.
    """

    kind: Kind
    url: str
    where: str
    index: str = ""


class AnnounceSpider(PageSpider):
    """`site` is what was found, or None; `reason` then says why. `contact` as for `ArticleSpider`.

    First the page and the feeds it announces, where none of them is good the usual places of feeds; then the
    sitemaps that robots.txt names, else those in usual places; where there is no feed, also pages that list
    articles. Each is read once before it is believed: `sources` has them all, and what is wrong with some.
    """

    name = "announce"

    def __init__(self, url: str = "", contact: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._contact = contact
        address = web_url(url if "://" in url else f"https://{url}", "")
        if address is None:
            raise CrawlerError(f"{url!r} is no http or https address")
        self.url = address
        self.site: Site | None = None
        self.reason = "it announces none, and there is none in the usual places"
        self.sources: list[FoundSource] = []
        self._home = b""
        self._name = ""
        #: In the order in which they are tried.
        self._places: list[Place] = []
        self._sections_asked = False

    def contact(self) -> str:
        return self._contact

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, callback=self.parse_home, errback=self.unreachable)

    async def parse_home(self, response: Response) -> AsyncIterator[Request]:
        """The page itself may be a feed; else it announces some; else the usual places are tried in turn."""
        if response.status != 200:
            self.reason = f"the page answers HTTP {response.status}"
            return
        if (feed := read_feed(response.body, response.url, _content_type(response))) and feed.entries:
            self._note(response, Place(kind="feed", url=response.url, where=ITSELF))
            self._name = feed.title or self.url
            self._conclude()
            return
        self.url, self._home = response.url, response.body
        self._name = site_name(response.body, response.url)
        announced = discover_feeds(response.body, response.url)[: MOST_ASKED[ANNOUNCED]]
        self._places = [Place(kind="feed", url=url, where=ANNOUNCED) for url in announced]
        self._places += [Place(kind="feed", url=url, where=USUAL) for url in usual_places(response.url)]
        yield Request(
            urljoin(response.url, "/robots.txt"),
            callback=self.parse_robots,
            errback=self.no_robots,
            dont_filter=True,
            # robots.txt may always be asked for, also one that forbids everything.
            meta={"dont_retry": True, "dont_obey_robotstxt": True},
        )

    async def parse_robots(self, response: Response) -> AsyncIterator[Request]:
        named = robots_sitemaps(response.body, response.url) if response.status == 200 else []
        named.sort(key=lambda url: "news" not in url.rpartition("/")[2].lower())
        for request in self._with_sitemaps(named[: MOST_ASKED[ROBOTS]]):
            yield request

    async def no_robots(self, failure: Failure) -> AsyncIterator[Request]:
        for request in self._with_sitemaps([]):
            yield request

    def _with_sitemaps(self, named: list[str]) -> list[Request]:
        self._places += [Place(kind="sitemap", url=url, where=ROBOTS) for url in named]
        if not named:
            self._places += [Place(kind="sitemap", url=url, where=USUAL) for url in usual_sitemaps(self.url)]
        return self._next()

    async def parse_place(self, response: Response, place: Place) -> AsyncIterator[Request]:
        if place.index:
            child = self._judged(response, place)
            self.sources = [completed(one, child) if one.url == place.index else one for one in self.sources]
        else:
            self._note(response, place)
        for request in self._next():
            yield request

    def _now(self) -> datetime:
        return datetime.fromtimestamp(clock_in(self.settings)(), UTC)

    def _judged(self, response: Response, place: Place) -> FoundSource:
        kind = _content_type(response)
        return judged(
            place.kind, response.url, place.where, response.status, response.body, kind, self._now()
        )

    def _note(self, response: Response, place: Place) -> None:
        found = self._judged(response, place)
        if found.trouble and place.where == USUAL:
            return  # nobody said that there was one
        if any(one.url == found.url and one.kind == found.kind for one in self.sources):
            return
        self.sources.append(found)
        if found.child and not found.trouble:
            child = Place(kind="sitemap", url=found.child, where=place.where, index=found.url)
            self._places.insert(0, child)

    def _good(self, kind: Kind) -> list[FoundSource]:
        return [one for one in self.sources if one.kind == kind and not one.trouble]

    def _next(self) -> list[Request]:
        """The next place of a kind that is still looked for; at the end, the site."""
        while self._places:
            place = self._places.pop(0)
            enough = ENOUGH.get((place.where, place.kind), 99)
            if place.index or len(self._good(place.kind)) < enough:
                return [
                    Request(
                        place.url,
                        callback=self.parse_place,
                        errback=self.no_place,
                        dont_filter=True,
                        meta={"dont_retry": True},
                        cb_kwargs={"place": place},
                    )
                ]
        if not self._good("feed") and not self._sections_asked:
            self._sections_asked = True
            self._note_home()
            return self._next()
        self._conclude()
        return []

    def _note_home(self) -> None:
        """The page as a source, and its sections as places, where it lists articles."""
        home = judged("section", self.url, ITSELF, 200, self._home, "", self._now())
        if home.trouble:
            return
        self.sources.append(home)
        sections = section_links(self._home, self.url, most=MAX_SECTIONS + 1)
        self._places += [
            Place(kind="section", url=one.url, where=LINKED) for one in sections if one.url != self.url
        ][:MAX_SECTIONS]

    def _conclude(self) -> None:
        self.sources = without_doubles(self.sources)
        feeds, sitemaps, sections = (
            tuple(one.url for one in self._good(kind)) for kind in ("feed", "sitemap", "section")
        )
        if feeds or sitemaps or sections:
            self.site = Site(name=self._name, url=self.url, feeds=feeds, sitemaps=sitemaps, sections=sections)
        elif self.sources:
            self.reason = "; ".join(f"{one.url}: {one.trouble}" for one in self.sources[:5])

    async def no_place(self, failure: Failure) -> AsyncIterator[Request]:
        """A place gave no answer, or robots.txt forbids it: the next."""
        place: Place = failure.request.cb_kwargs["place"]  # type: ignore[attr-defined]  # Scrapy puts it there
        if place.where != USUAL and not place.index:
            why = sentence(failure.value, place.url)
            self.sources.append(FoundSource(kind=place.kind, url=place.url, where=place.where, trouble=why))
        for request in self._next():
            yield request

    async def unreachable(self, failure: Failure) -> None:
        self.reason = sentence(failure.value)


def _content_type(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"").decode("latin-1")
