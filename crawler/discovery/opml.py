"""OPML: the list of feeds that every feed reader can write and read. Pure: bytes in, values out, and back."""

from __future__ import annotations

import io
from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from lxml import etree

from archive.values import Value
from crawler.discovery.feeds import web_url

MAX_OPML_BYTES = 20 << 20
MAX_FEEDS = 50_000


class OpmlFeed(Value, frozen=True, kw_only=True):
    """One feed of a list. `site_url` is "" where the list does not name it; `folders` from the outermost."""

    title: str
    feed_url: str
    site_url: str = ""
    folders: tuple[str, ...] = ()


def read_opml(body: bytes) -> list[OpmlFeed] | None:
    """The feeds of an OPML file in order, each once; None when it is none. Broken XML is read as far as it
    goes.
    """
    events = etree.iterparse(
        io.BytesIO(body[:MAX_OPML_BYTES]), events=("start", "end"), recover=True, resolve_entities=False,
        no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
    )  # fmt: skip
    feeds: dict[str, OpmlFeed] = {}
    folders: list[str] = []
    is_opml = False
    try:
        for event, element in events:
            tag = str(element.tag).lower()
            is_opml = is_opml or tag == "opml"
            if tag != "outline":
                continue
            if event == "end":
                folders[-1:] = []
                element.clear()
                continue
            said = {str(name).lower(): str(value) for name, value in element.attrib.items()}
            title = " ".join((said.get("title") or said.get("text") or "")[:500].split())
            address = web_url(said.get("xmlurl", ""), "")
            if address and len(feeds) < MAX_FEEDS:
                site = web_url(said.get("htmlurl", ""), "") or ""
                known = tuple(folder for folder in folders if folder)
                feeds.setdefault(
                    address, OpmlFeed(title=title, feed_url=address, site_url=site, folders=known)
                )
            folders.append("" if address else title)
    except etree.XMLSyntaxError:
        pass  # what was read until here is what there is
    return list(feeds.values()) if is_opml else None


def write_opml(feeds: Iterable[OpmlFeed], title: str = "pressmark") -> str:
    """An OPML 2.0 file of these feeds. `read_opml` gives them back; of folders only the outermost is kept."""
    groups: dict[str, list[OpmlFeed]] = {}
    for feed in feeds:
        groups.setdefault(feed.folders[0] if feed.folders else "", []).append(feed)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines.append(f"  <head><title>{_text(title)}</title></head>")
    lines.append("  <body>")
    for folder, members in groups.items():
        if folder:
            lines.append(f"    <outline text={_quoted(folder)}>")
        for feed in members:
            site = f" htmlUrl={_quoted(feed.site_url)}" if feed.site_url else ""
            name = _quoted(feed.title)
            lines.append(
                f'      <outline type="rss" text={name} title={name} xmlUrl={_quoted(feed.feed_url)}{site}/>'
            )
        if folder:
            lines.append("    </outline>")
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _text(text: str) -> str:
    return quoteattr(_clean(text))[1:-1].replace("'", "&apos;")


def _clean(text: str) -> str:
    """Without the characters that XML has no way to write (XML 1.0, 2.2)."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
