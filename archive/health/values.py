"""What is known of a site's health, and what is said of it. Plain values: times are seconds since 1970, UTC.

`SiteFacts` and `ArchiveFacts` are what `gathering` reads; `Health` and `Report` what the judges make of them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from archive.values import Value

HOUR, DAY = 3600.0, 86400.0

Level = Literal["ok", "notice", "alarm"]
#: A site's worst finding, `unknown` where too little was seen to judge its rhythm, `unlisted` for one that no
#: list of sites names.
State = Literal["well", "notice", "alarm", "unknown", "unlisted"]

#: Everything that can be found: a closed list, a public interface (docs/health.md).
SITE_FINDINGS = {
    "silent": "nothing new for longer than its rhythm explains",
    "nothing_yet": "it is looked at, and never brought an article",
    "not_crawled": "it stands in the list and was never looked at",
    "sources_failing": "its feeds, sitemaps and pages that list articles cannot be had",
    "sources_retired": "all of them are retired",
    "overdue": "other sites are looked at, and this one is not",
    "backlog": "pages wait for longer than a day",
    "no_answer": "pages bring no answer: DNS, connections, TLS, timeouts",
    "robots": "robots.txt forbids pages, or cannot be read",
    "refused": "HTTP 401, 403, 451 and other refusals",
    "gone": "HTTP 404, 410 and pages that say so",
    "busy": "HTTP 429 and 503",
    "server_errors": "other HTTP 5xx",
    "broken_bodies": "bodies that break off",
    "not_cleaned": "pages that cannot be cleaned",
    "walls": "consent walls, paywalls, log-ins, bot checks",
    "empty": "pages that show nothing without JavaScript",
    "no_articles": "pages that turn out to be no articles",
    "fields_missing": "fields that used to be there",
    "redesign": "cleaning has become harder all at once",
}
ARCHIVE_FINDINGS = {
    "nothing_crawls": "something is due, and no crawl comes",
    "broken_off": "the last crawl did not end by itself",
    "disk": "the disk is almost full",
    "files": "files of records are not there, or not whole",
    "left_uncleaned": "pages wait to be cleaned",
}


class Finding(Value, frozen=True, kw_only=True):
    """One thing that is wrong, or may be: a sentence with its numbers, and since when."""

    what: str
    level: Level
    sentence: str
    since: float | None = None


class Watched(Value, frozen=True, kw_only=True):
    """A site that somebody wants to be told of: its name, its address, and the sources named for it."""

    name: str
    url: str = ""
    roots: tuple[str, ...] = ()


class SourceFacts(Value, frozen=True, kw_only=True):
    """A feed, sitemap, section or home page. `answered_at`: its last good answer, where it fails now."""

    id: int
    url: str
    kind: str
    site: str = ""
    found_in: str = ""
    found_at: float = 0.0
    due_at: float | None = None
    due_reason: str = ""
    checked_at: float | None = None
    status: int | None = None
    failures: int = 0
    retired_at: float | None = None
    retired_reason: str = ""
    last_new_at: float | None = None
    answered_at: float | None = None


class Arrival(Value, frozen=True, kw_only=True):
    """An article: when it was published (or, where that is not to be believed, found), and when found."""

    born_at: float
    found_at: float


class PageFacts(Value, frozen=True, kw_only=True):
    """A page as it came, and what cleaning said of it; `fields`, None: not noted."""

    fetched_at: float
    status: int | None = None
    kind: str = "article"
    form: str = ""
    cleaner: str | None = None
    truncated: bool = False
    words: int | None = None
    cut_share: float | None = None
    confidence: float | None = None
    fields: frozenset[str] | None = None


class FailureCount(Value, frozen=True, kw_only=True):
    """Fetches of one day that brought no answer, of one class. `day` is when the day began."""

    day: float
    failure: str
    times: int
    last_at: float


class SiteFacts(Value, frozen=True, kw_only=True):
    """All that is known of one site. `arrivals` and `pages`: the newest first."""

    name: str
    url: str = ""
    hosts: tuple[str, ...] = ()
    is_listed: bool = True
    sources: tuple[SourceFacts, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    pages: tuple[PageFacts, ...] = ()
    failures: tuple[FailureCount, ...] = ()
    #: Addresses that wait to be fetched for the first time, how many of them since more than a day, and the
    #: oldest due time of all.
    waiting: int = 0
    waiting_long: int = 0
    pages_due_at: float | None = None
    articles: int = 0


class Run(Value, frozen=True, kw_only=True):
    """A crawl. `finished_at` None: it did not end by itself, or is at work."""

    started_at: float
    finished_at: float | None


class ArchiveFacts(Value, frozen=True, kw_only=True):
    """What is known of the archive itself. `runs`: crawls of all sites' sources, the newest first."""

    runs: tuple[Run, ...] = ()
    #: Who writes to the archive at this moment, and when a page or source last came in.
    writer: str | None = None
    active_at: float | None = None
    disk_free: int | None = None
    disk_size: int | None = None
    missing_files: tuple[str, ...] = ()
    uncleaned: int = 0
    uncleaned_since: float | None = None


class Rhythm(Value, frozen=True, kw_only=True):
    """How often a site publishes, in numbers and words."""

    per_day: float
    words: str


class Health(Value, frozen=True, kw_only=True):
    """How one site is doing: what `pressmark sites` shows and `--json` tells."""

    name: str
    url: str
    state: State
    findings: tuple[Finding, ...] = ()
    last_new_at: float | None = None
    rhythm: Rhythm | None = None
    #: Articles of the last seven days, the oldest day first, the last 24 hours last.
    week: tuple[int, ...] = (0,) * 7
    articles: int = 0
    #: Of the newest pages (`pages_judged`) and of what brought no answer in the last seven days: how many
    #: failed, by class.
    failures: dict[str, int] = msgspec.field(default_factory=dict)
    pages_judged: int = 0
    walls_share: float = 0.0
    empty_share: float = 0.0
    next_look_at: float | None = None
    next_look_reason: str = ""
    hosts: tuple[str, ...] = ()
    sources: tuple[SourceFacts, ...] = ()


class Report(Value, frozen=True, kw_only=True):
    """The health of an archive and of its sites as of `at`."""

    at: float
    findings: tuple[Finding, ...] = ()
    sites: tuple[Health, ...] = ()

    @property
    def level(self) -> Level:
        """The worst there is."""
        return worst([*self.findings, *(finding for site in self.sites for finding in site.findings)])


_ORDER: tuple[Level, ...] = ("ok", "notice", "alarm")


def worst(findings: list[Finding] | tuple[Finding, ...]) -> Level:
    """The worst level among findings; `ok` where there is none."""
    return max((finding.level for finding in findings), key=_ORDER.index, default="ok")
