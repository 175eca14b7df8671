"""One pass over a parsed page that collects every element its metadata may stand in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.metadata.plain import node_text, one_line
from pipelines.metadata.sources import KNOWN_METAS

#: One query for all: each further query walks the tree again (0.2 ms on a page of the press).
_SELECTOR = ",".join((
    'script[type*="ld+json" i]', "meta[content]", "meta[value]", 'link[rel~="canonical" i]',
    'link[rel~="image_src" i]',
    "base", "title", "h1", "time", "[itemprop]", 'a[rel~="author" i]',
))  # fmt: skip
#: JSON-LD beyond this is not read: real pages stay below 100 kB; 10 MB cost others 1.4 GB of memory.
MAX_JSON_LD_CHARS = 1_000_000
#: Elements beyond this are not looked at; real pages have some hundred.
MAX_ELEMENTS = 5000
_META_KEYS = ("property", "name", "itemprop", "http-equiv")

Attributes = dict[str, str | None]


class Marked(msgspec.Struct, frozen=True):
    """An element found by what it is marked as, with its attributes."""

    node: LexborNode
    attributes: Attributes

    def get(self, name: str) -> str:
        return self.attributes.get(name) or ""

    @property
    def text(self) -> str:
        return node_text(self.node)

    @property
    def value(self) -> str:
        """What the element states for machines, else what it shows (HTML, microdata, section 5.2.4)."""
        return self.get("content") or self.get("datetime") or self.text


class Page:
    """The elements of one page that may hold metadata, by kind, in page order."""

    def __init__(self, tree: LexborHTMLParser, url: str) -> None:
        self.tree = tree
        self.base = self.url = url
        self.metas: dict[str, list[str]] = {}
        self.links: dict[str, list[Marked]] = {}
        self.json_ld: list[str] = []
        self.titles: list[Marked] = []
        self.h1: list[Marked] = []
        self.times: list[Marked] = []
        self.items: dict[str, list[Marked]] = {}
        self.author_links: list[Marked] = []
        self._lists = {"title": self.titles, "h1": self.h1, "time": self.times}
        self._json_ld_left = MAX_JSON_LD_CHARS
        for node in tree.css(_SELECTOR)[:MAX_ELEMENTS]:
            self._take(node)

    def _take(self, node: LexborNode) -> None:
        tag = node.tag
        attributes = node.attributes
        if tag == "meta":
            self._take_meta(attributes)
        elif tag in self._lists:
            self._lists[tag].append(Marked(node, attributes))
        elif tag == "script":
            self._take_script(node)
        elif tag == "link":
            for rel in (attributes.get("rel") or "").lower().split()[:8]:
                self.links.setdefault(rel, []).append(Marked(node, attributes))
        elif tag == "base":
            self.base = join(self.url, attributes.get("href") or "") or self.url
        elif tag == "a" and "author" in (attributes.get("rel") or "").lower():
            self.author_links.append(Marked(node, attributes))
        if properties := attributes.get("itemprop"):
            for name in properties.lower().split()[:8]:
                self.items.setdefault(name, []).append(Marked(node, attributes))

    def _take_meta(self, attributes: Attributes) -> None:
        content = ""
        for key in _META_KEYS:
            name = attributes.get(key)
            if name and (name := name.strip().lower()) in KNOWN_METAS:
                content = content or one_line(attributes.get("content") or attributes.get("value") or "")
                if content:
                    self.metas.setdefault(name, []).append(content)

    def _take_script(self, node: LexborNode) -> None:
        text = node.text(deep=True)
        if len(text) <= self._json_ld_left:
            self._json_ld_left -= len(text)
            self.json_ld.append(text)

    def meta(self, *names: str) -> str:
        """The first content of the first of these meta names that the page has, or ""."""
        return next((self.metas[name][0] for name in names if name in self.metas), "")

    def all_meta(self, *names: str) -> Iterator[tuple[str, str]]:
        """Each content of these meta names with the name it stood under, in the order of the names."""
        for name in names:
            for content in self.metas.get(name, ()):
                yield content, name

    @property
    def title(self) -> str:
        """The page's `<title>`; titles of pictures (SVG) are passed over."""
        for title in self.titles:
            if title.node.parent is None or title.node.parent.tag != "svg":
                return title.text
        return ""


def join(base: str, address: str) -> str | None:
    """The absolute http(s) URL that `address` means on the page at `base`, or None."""
    address = "".join(one_line(address).split())
    if not address or len(address) > 2048:
        return None
    try:
        whole = address.startswith(("https://", "http://")) and "/." not in address
        url = address if whole else urljoin(base, address)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
