"""`scrapy crawl article -a url=https://…`: single pages, fetched again even if the archive holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request

from crawler.discovery import web_url
from crawler.errors import CrawlerError
from crawler.pages import PageSpider
from crawler.rendering import check_installed
from crawler.sites import Site, Sites, read_sites, with_own


class ArticleSpider(PageSpider):
    """Fetches the pages it is given. `url`: one URL, or several with spaces between them.

    `contact`: whom a site's owner can write to, where the command line names nobody. `sites`: a sites.toml,
    for what it says of the pages' sites (`cookies`, `headers`, `respect`, `render`).
    """

    name = "article"

    def __init__(self, url: str = "", contact: str = "", sites: str = "", **kwargs: Any) -> None:
        if "render" in kwargs:
            raise CrawlerError(
                "what is rendered stands in sites.toml (render = true); name that: -a sites=FILE"
            )
        super().__init__(**kwargs)
        self._contact = contact
        known = read_sites(sites) if sites else Sites()
        self._own_sites = with_own(known)
        self._sites = {urlsplit(site.url).netloc: site for site in known.sites}
        self.urls = [_checked(part) for part in url.split()]
        if not self.urls:
            raise CrawlerError("nothing to fetch; name a page: -a url=https://…")
        if any(site.render for site in map(self._site_of, self.urls) if site is not None):
            check_installed()

    def _site_of(self, url: str) -> Site | None:
        return self._sites.get(urlsplit(url).netloc)

    def contact(self) -> str:
        return self._contact

    def own_sites(self) -> tuple[Site, ...]:
        return self._own_sites

    async def start(self) -> AsyncIterator[Request]:
        for url in dict.fromkeys(self.urls):
            site = self._site_of(url)
            if site is None:
                yield self.page_request(url)
            else:
                yield self.page_request(url, respect=site.respect, render=site.render)


def _checked(url: str) -> str:
    address = web_url(url, "")
    if address is None:
        raise CrawlerError(f"{url!r} is no http or https address; write it in full, with https://")
    return address
