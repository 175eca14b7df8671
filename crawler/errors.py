"""What goes wrong in the crawler, as one family.

    CrawlerError
    ├── AddressRefused     a private address, or a scheme that is neither http nor https
    ├── RobotsRefused      robots.txt could not be read
    │   └── RobotsForbids  robots.txt was read, and forbids the page
    ├── HostResting        the site asked to be left alone for a while
    ├── SitesError         sites.toml cannot be used
    └── NoFeeds            a page announces no feed, and none was found

Each writes its own sentence: what failed, on which thing, what to try.
"""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


class CrawlerError(Exception):
    """Root of the crawler's errors."""


class AddressRefused(CrawlerError, IgnoreRequest):
    """The host stands at an address that is not on the public internet. Never retried."""

    def __init__(self, host: str, address: str, kind: str, *, for_ever: bool = False) -> None:
        self.host, self.address, self.kind, self.for_ever = host, address, kind, for_ever
        where = host if host.strip("[]") == address else f"{host} ({address})"
        advice = "no news is published there" if for_ever else "if it is meant, use --allow-private"
        super().__init__(f"refused to connect to {where}: {kind}; {advice}")


class RobotsRefused(CrawlerError, IgnoreRequest):
    """The site's robots.txt does not let us fetch this page, or its verdict could not be had."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"not fetched {url}: {reason}")


class RobotsForbids(RobotsRefused):
    """The rules were read, and they forbid the page: not a failure, but the site's wish."""

    def __init__(self, url: str, rule: str = "") -> None:
        #: By which line, in words; "" where that is not known.
        self.rule = rule
        super().__init__(url, "robots.txt forbids it")


class HostResting(CrawlerError, IgnoreRequest):
    """The site answered that it is too much, and named a time before which we are not to come back."""

    def __init__(self, url: str, host: str, wait_seconds: float) -> None:
        self.url, self.host, self.wait_seconds = url, host, wait_seconds
        self.reason = f"{host} asked to be left alone for {wait_seconds:.0f} seconds; crawl it later"
        super().__init__(f"not fetched {url}: {self.reason}")


class SitesError(CrawlerError):
    """`sites.toml` cannot be read or used. `line` counts from 1; None when no single line is at fault."""

    def __init__(self, path: str, sentence: str, line: int | None = None) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}{'' if line is None else f', line {line}'}: {sentence}")


class NoFeeds(CrawlerError):
    """No feed was found for a site."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"no feed found for {url}: {reason}")
