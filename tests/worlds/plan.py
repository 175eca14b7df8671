"""The sites of a world and their timetables, drawn from a seed: what is published, edited and deleted when.

A site is one of KINDS; each kind is a row of traits. Times are seconds since 1970; the world begins on
`START`, a Monday. Everything that a site does is a function of the seed and the time.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from tests.scheduling.world import (
    AROUND_THE_CLOCK,
    DAY,
    DAYTIME,
    HOUR,
    OFFICE,
    START,
    STRICTLY_DAY,
    Floats,
    at_local,
    drawn,
    hours_of,
)
from tests.worlds import prose
from tests.worlds.pages import SECTIONS

__all__ = ["DAY", "HOUR", "KINDS", "SECTIONS", "START", "Article", "Site", "world"]

#: Days of the past from which articles stand in the lists at the beginning.
PAST = 5


@dataclass(frozen=True)
class Traits:
    """What a kind of site is like. `lists`: where its articles stand (`rss`, `atom`, `json`, `news`, `index`,
    `urlset`, `sections`; `rss+news`: in both).

    `rhythm`: one of RHYTHMS; `per_day`: articles; `listed`: length of its lists; `lie`, `wall`, `trouble`:
    what it does to a crawler; `delay`: its robots.txt's Crawl-delay; `forbids`: whether that forbids a
    section; `takes`: seconds for an answer.
    """

    lists: str = "rss"
    rhythm: str = "day"
    per_day: float = 10.0
    listed: int = 20
    lie: str = ""
    wall: str = ""
    trouble: str = ""
    delay: float = 0.0
    forbids: bool = False
    takes: float = 0.0
    deletes: float = 0.01
    is_shared: bool = False


#: Kind -> traits, and how many of a hundred and some sites are of it.
KINDS: dict[str, tuple[Traits, int]] = {
    "wire": (Traits(rhythm="round", per_day=90, listed=40), 4),
    "daily, RSS": (Traits(per_day=35, listed=30), 8),
    "daily, Atom": (Traits(lists="atom", per_day=25), 6),
    "daily, feed and sitemap": (Traits(lists="rss+news", per_day=25), 4),
    "regional, RSS": (Traits(per_day=8), 12),
    "regional, JSON Feed": (Traits(lists="json", per_day=8), 6),
    "news sitemap": (Traits(lists="news", per_day=20), 5),
    "index of daily sitemaps": (Traits(lists="index", per_day=15), 5),
    "one sitemap": (Traits(lists="urlset", per_day=8), 4),
    "sections only": (Traits(lists="sections", per_day=10), 6),
    "silent at night": (Traits(rhythm="strict", per_day=20), 4),
    "morning edition": (Traits(rhythm="morning", per_day=15, listed=30), 4),
    "press office": (Traits(rhythm="office", per_day=2), 6),
    "blog": (Traits(lists="atom", per_day=0.6), 6),
    "weekly": (Traits(rhythm="weekly", per_day=8), 3),
    "slow": (Traits(per_day=8, takes=0.6), 3),
    "lists 10 of 40 a day": (Traits(per_day=40, listed=10), 4),
    "lies: changed now": (Traits(lists="urlset", per_day=6, lie="now"), 3),
    "lies: wrong dates": (Traits(per_day=10, lie="dates"), 3),
    "lies: bumped": (Traits(lists="atom", per_day=8, lie="bumped"), 3),
    "lies: changing addresses": (Traits(per_day=8, lie="utm"), 3),
    "consent wall": (Traits(per_day=6, wall="consent"), 2),
    "paywall": (Traits(per_day=8, wall="paywall"), 4),
    "bot check for some hours": (Traits(per_day=8, wall="bot"), 2),
    "soft 404": (Traits(per_day=10, wall="soft", deletes=0.15), 3),
    "redesign, feed moved": (Traits(per_day=12, trouble="moved"), 3),
    "redesign, feed gone": (Traits(per_day=12, trouble="dropped"), 3),
    "dies": (Traits(per_day=10, trouble="dies"), 3),
    "down for six hours": (Traits(per_day=10, trouble="down"), 3),
    "asks for rest": (Traits(per_day=15, trouble="busy"), 4),
    "robots.txt forbids a section": (Traits(per_day=12, forbids=True), 5),
    "robots.txt asks for a delay": (Traits(per_day=6, delay=0.5), 3),
    "two behind one address": (Traits(per_day=10, is_shared=True), 6),
}


def _morning(per_day: float, zone: int, days: int) -> Floats:
    edition = at_local(days, zone, set(range(7)), 5, per_day * 0.8)
    return edition + hours_of(per_day * 0.2, DAYTIME, 0.6, zone, days)


def _weekly(each: float, zone: int, days: int) -> Floats:
    return at_local(days, zone, {1}, 11, each) + hours_of(0.3, OFFICE, 0.0, zone, days)


#: Rhythm -> articles for each hour from 30 days before START on, by articles a day, zone, days.
RHYTHMS: dict[str, Callable[[float, int, int], Floats]] = {
    "round": lambda n, zone, days: hours_of(n, AROUND_THE_CLOCK, 0.7, zone, days),
    "day": lambda n, zone, days: hours_of(n, DAYTIME, 0.6, zone, days),
    "office": lambda n, zone, days: hours_of(n, OFFICE, 0.1, zone, days),
    "strict": lambda n, zone, days: hours_of(n, STRICTLY_DAY, 0.8, zone, days),
    "morning": _morning,
    "weekly": _weekly,
}


@dataclass(frozen=True)
class Article:
    """One article of a site. `edits`: when its text changed; `deleted_at`: infinity, where it never is."""

    number: int
    published: float
    section: str
    edits: tuple[float, ...] = ()
    deleted_at: float = float("inf")

    def revision(self, now: float) -> int:
        return bisect_right(self.edits, now)


@dataclass
class Site:
    """One site: its traits, its articles in order, and when it changes."""

    number: int
    kind: str
    traits: Traits
    seed: int
    host: str
    address: str
    articles: list[Article] = field(repr=False)
    #: When the redesign comes, the server dies, the bot check stands: from and to.
    turn: tuple[float, float] = (float("inf"), float("inf"))
    _headlines: dict[int, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return f"{self._look.choice(_TITLES)} {self.number}"

    @property
    def _look(self) -> random.Random:
        return random.Random(f"{self.seed} look {self.number}")

    @cached_property
    def shape(self) -> int:
        """Which of SHAPES its addresses have."""
        return self.number % len(SHAPES)

    def is_redesigned(self, now: float) -> bool:
        return self.traits.trouble in ("moved", "dropped") and now >= self.turn[0]

    @property
    def template(self) -> int:
        return self._look.randrange(3)

    @property
    def validators(self) -> str:
        """What its answers can be asked for by: `etag`, `modified`, or "" (its pages change each time)."""
        return ("etag", "modified", "")[self.number // 3 % 3]

    def headline(self, article: Article) -> str:
        if article.number not in self._headlines:
            self._headlines[article.number] = prose.headline(self._words(article))
        return self._headlines[article.number]

    def author(self, article: Article) -> str:
        return prose.author(random.Random(f"{self.seed} author {self.number} {article.number}"))

    def paragraphs(self, article: Article, revision: int) -> list[str]:
        """The text after so many edits: each rewrites a paragraph and adds one."""
        rng = self._words(article)
        prose.headline(rng)
        text = prose.paragraphs(rng)
        for edit in range(revision):
            text[1 + edit % (len(text) - 1)] = prose.sentences(rng, 3)
            text.append(prose.sentences(rng, 2))
        return text

    def _words(self, article: Article) -> random.Random:
        return random.Random(f"{self.seed} words {self.number} {article.number}")

    def path(self, article: Article, now: float) -> str:
        """Where an article stands now."""
        shape = (self.shape + 1) % len(SHAPES) if self.is_redesigned(now) else self.shape
        return self._path(article, shape)

    def _path(self, article: Article, shape: int) -> str:
        day = datetime.fromtimestamp(article.published, UTC)
        return SHAPES[shape].format(
            day=day,
            slug=prose.slug(self.headline(article)),
            section=article.section,
            id=100_000 + self.number * 1000 + article.number,
        )

    @cached_property
    def by_path(self) -> dict[str, Article]:
        """Articles by each path that they ever have."""
        shapes = {self.shape}
        if self.traits.trouble in ("moved", "dropped"):
            shapes.add((self.shape + 1) % len(SHAPES))
        return {self._path(article, shape): article for article in self.articles for shape in shapes}

    def out(self, now: float) -> list[Article]:
        """What is published and not deleted, the newest first."""
        end = bisect_right(self.articles, now, key=lambda article: article.published)
        return [article for article in reversed(self.articles[:end]) if article.deleted_at > now]

    def is_forbidden(self, path: str) -> bool:
        """Whether its robots.txt forbids a path."""
        return self.traits.forbids and path.startswith("/sport")

    def is_down(self, now: float) -> bool:
        return self.traits.trouble in ("dies", "down") and self.turn[0] <= now < self.turn[1]


#: How addresses of articles are made. Sites whose robots.txt forbids a section have the second shape.
SHAPES = (
    "/{day:%Y/%m/%d}/{slug}",
    "/{section}/{slug}-{id}.html",
    "/news/{id}/{slug}",
    "/{section}/article-{id}",
)
_TITLES = ("The Post", "Courier", "Tribune", "Observer", "Evening News", "Gazette", "Chronicle", "Herald")


def world(
    number: int, hours: float, *, seed: int = 1, scale: float = 1.0, only: Sequence[str] = ()
) -> list[Site]:
    """So many sites for so many hours, kinds in turn, each as often as KINDS says, or those of `only`.

    `scale`: of all rates.
    """
    turn = list(only) or _spread([(kind, share) for kind, (_, share) in KINDS.items()])
    kinds = [turn[n % len(turn)] for n in range(number)]
    shared = [n for n, kind in enumerate(kinds) if KINDS[kind][0].is_shared]
    sites = [_site(n, kind, hours, seed, scale) for n, kind in enumerate(kinds)]
    for first, second in zip(shared[::2], shared[1::2], strict=False):
        sites[second].address = sites[first].address
    return sites


def _spread(shares: list[tuple[str, int]]) -> list[str]:
    """Each name as often as its share says, evenly mixed: every kind once before any comes twice."""
    most = max(share for _, share in shares)
    return [name for turn in range(most) for name, share in shares if share > turn]


def _site(number: int, kind: str, hours: float, seed: int, scale: float) -> Site:
    rng = np.random.default_rng([seed, number])
    traits = KINDS[kind][0]
    days = int(hours // 24) + 2
    rates = RHYTHMS[traits.rhythm](traits.per_day * scale, int(rng.integers(-11, 13)), days)
    times = [at for at in drawn(rng, rates) if START - PAST * DAY <= at < START + hours * HOUR]
    if not times:  # a list that never held anything is none
        times = [START - DAY * float(rng.random())]
    articles = [_article(n, at, traits, rng) for n, at in enumerate(times)]
    begin = START + hours * HOUR * float(rng.uniform(0.35, 0.6))
    site = Site(
        number,
        kind,
        traits,
        seed,
        f"s{number:03}.test",
        f"127.2.{number // 250}.{number % 250 + 1}",
        articles,
    )
    if traits.forbids:
        site.shape = 1
    lasts = {"down": 6 * HOUR, "bot": 5 * HOUR}.get(traits.trouble or traits.wall, float("inf"))
    if traits.trouble or traits.wall == "bot":
        site.turn = (begin, begin + lasts)
    return site


def _article(number: int, at: float, traits: Traits, rng: np.random.Generator) -> Article:
    edits: tuple[float, ...] = ()
    if rng.random() < 0.2:
        edits = tuple(sorted(at + rng.exponential(2 * HOUR, size=int(rng.integers(1, 3)))))
    deleted = at + HOUR * float(rng.uniform(3, 20)) if rng.random() < traits.deletes else float("inf")
    return Article(number, at, SECTIONS[int(rng.integers(len(SECTIONS)))], edits, deleted)
