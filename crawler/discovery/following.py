"""From list to list: which links of a list lead to further lists, where a whole site is asked for.

Pages of a list (`rel=next`, `?page=2`, `/page/2/`) are followed while the page before them showed something
new; other lists once each. `TrapWatch` keeps to its budgets. Pure; what is remembered is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from archive.url_keys import url_key
from crawler.discovery.feeds import web_url
from crawler.discovery.links import MAX_PAGE_BYTES, NOTHING_LEARNED, article_links
from crawler.discovery.shapes import SERVICE_WORDS, UrlShapes
from crawler.discovery.traps import TrapOptions, TrapWatch

#: Words of a path that lead to no list.
NO_LISTS = SERVICE_WORDS | {"wp-json"}
_PAGING = re.compile(
    r"[?&](?:page|paged|pg|p|offset|start)=\d+(?:&|$)|/(?:page|seite|pagina)[/-]?\d+/?$", re.I
)
#: Addresses of articles that are remembered to tell whether a list shows something new.
MAX_SEEN = 200_000


class Following:
    """The lists of one site that one crawl goes through. Deterministic."""

    def __init__(self, today: date, options: TrapOptions | None = None) -> None:
        self._watch = TrapWatch(today, options)
        self._seen: set[str] = set()
        self._asked: set[str] = set()
        #: Why addresses were not followed, with how many: for the log.
        self.refused: dict[str, int] = {}

    def asked(self, url: str) -> None:
        """A list is asked for as a source of its own: it is not followed again."""
        self._asked.add(url_key(url))

    def lists(
        self, page: bytes, url: str, articles: Iterable[str], shapes: UrlShapes = NOTHING_LEARNED
    ) -> list[str]:
        """The further lists to ask for of a page that links to these articles, each once in a crawl."""
        keys = {url_key(article) for article in articles}
        shows_new = not keys <= self._seen
        if len(self._seen) < MAX_SEEN:
            self._seen |= keys
        found: list[str] = []
        for target in [*_next_pages(page, url), *_others(page, url, shapes)]:
            key = url_key(target)
            if key in keys or key in self._asked or (is_paging(target) and not shows_new):
                continue
            why = self._watch.objection(target)
            if why:
                self.refused[why] = self.refused.get(why, 0) + 1
                continue
            self._asked.add(key)
            found.append(target)
        return found


def is_paging(url: str) -> bool:
    """Whether an address is that of a further page of a list."""
    return _PAGING.search(url) is not None


def _next_pages(page: bytes, url: str) -> list[str]:
    """What a page states as its next one (HTML, 4.6.6.12, `rel=next`), on the same host."""
    tree = LexborHTMLParser(page[:MAX_PAGE_BYTES])
    base = tree.css_first("base[href]")
    root = urljoin(url, (base.attributes.get("href") or "").strip()) if base is not None else url
    stated = (
        web_url(node.attributes.get("href") or "", root)
        for node in tree.css('link[rel~="next"][href], a[rel~="next"][href]')[:2]
    )
    host = urlsplit(url_key(url)).netloc
    return [one for one in stated if one is not None and urlsplit(url_key(one)).netloc == host]


def _others(page: bytes, url: str, shapes: UrlShapes) -> list[str]:
    return [
        link.url
        for link in article_links(page, url, shapes)
        if (not link.is_article or is_paging(link.url))
        and NO_LISTS.isdisjoint(part.lower() for part in urlsplit(link.url).path.split("/"))
    ]
