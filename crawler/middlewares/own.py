"""Sends a site what sites.toml says it is to be sent, and takes it away before another site is asked."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.own_headers import is_of_site
from crawler.pages import NOT_OWN, PageSpider
from crawler.sites import Site

#: `request.meta` key: names of headers that this middleware has put into the request.
OWN = "pressmark_own"


class OwnHeaders:
    """Downloader middleware, the first: redirects and retries copy a request with all its headers."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OwnHeaders:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        for name in request.meta.pop(OWN, ()):
            request.headers.pop(name, None)
        if request.meta.get(NOT_OWN):
            return
        spider = self._crawler.spider
        sites = spider.own_sites() if isinstance(spider, PageSpider) else ()
        site = next((site for site in sites if is_of_site(request.url, site.url)), None)
        if site is None:
            return
        headers = sent_to(site)
        for name, value in headers:
            request.headers[name] = value
        request.meta[OWN] = tuple(name for name, _ in headers)


def sent_to(site: Site) -> tuple[tuple[str, str], ...]:
    """The headers that a site is sent, its cookies among them."""
    cookies = "; ".join(f"{name}={value}" for name, value in site.cookies.items())
    return (*site.headers.items(), *((("Cookie", cookies),) if cookies else ()))
