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
from crawler.sites import Site, read_sites, with_own


class ArticleSpider(PageSpider):
    """Fetches the pages it is given. `url`: one URL, or several with spaces between them.

    `contact`: whom a site's owner can write to, where the command line names nobody. `sites`: a sites.toml,
    for what it says some sites are to be sent. `render`: hosts whose pages a browser renders, separated by
    commas.
    """

    name = "article"

    def __init__(
        self, url: str = "", contact: str = "", sites: str = "", render: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._contact = contact
        self._own_sites = with_own(read_sites(sites)) if sites else ()
        self.urls = [_checked(part) for part in url.split()]
        self._rendered_hosts = {host for host in render.split(",") if host}
        if any(urlsplit(url).netloc in self._rendered_hosts for url in self.urls):
            check_installed()
        if not self.urls:
            raise CrawlerError("nothing to fetch; name a page: -a url=https://…")

    def contact(self) -> str:
        return self._contact

    def own_sites(self) -> tuple[Site, ...]:
        return self._own_sites

    async def start(self) -> AsyncIterator[Request]:
        for url in dict.fromkeys(self.urls):
            yield self.page_request(url, render=urlsplit(url).netloc in self._rendered_hosts)


def _checked(url: str) -> str:
    address = web_url(url, "")
    if address is None:
        raise CrawlerError(f"{url!r} is no http or https address; write it in full, with https://")
    return address
