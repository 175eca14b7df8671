"""What goes wrong in the crawler, as one family.

    CrawlerError
    ├── AddressRefused     a private address, or a scheme that is neither http nor https
    ├── RobotsRefused      robots.txt could not be read
    │   └── RobotsForbids  robots.txt was read, and forbids the page
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

    def __init__(self, host: str, address: str, kind: str) -> None:
        self.host, self.address, self.kind = host, address, kind
        where = host if host.strip("[]") == address else f"{host} ({address})"
        super().__init__(
            f"refused to connect to {where}: {kind}; if this is meant, as on an intranet, use --allow-private"
        )


class RobotsRefused(CrawlerError, IgnoreRequest):
    """The site's robots.txt does not let us fetch this page, or its verdict could not be had."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"not fetched {url}: {reason}")


class RobotsForbids(RobotsRefused):
    """The rules were read, and they forbid the page: not a failure, but the site's wish."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "robots.txt forbids it")


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
