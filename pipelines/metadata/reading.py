"""Reads a page's metadata out of its parsed tree: asks each source in turn and notes which one answered.

The order of the sources is measured on saved pages with known metadata: JSON-LD first, since newsrooms keep
it for search engines; then the meta elements; then microdata and what the page shows; what scripts hold last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from pipelines.metadata import sources as known
from pipelines.metadata.bylines import shown_bylines
from pipelines.metadata.dates import Moment, best_date, parse_date
from pipelines.metadata.headlines import Stated, choose_headline, site_forms
from pipelines.metadata.json_ld import Graph, Thing, address, body_text, first_text, texts, type_names
from pipelines.metadata.last_resort import MODIFIED, before_change, unstated_dates
from pipelines.metadata.names import Kind, is_full_name, sort_names
from pipelines.metadata.page import Marked, Page, join
from pipelines.metadata.plain import fold, plain
from pipelines.metadata.surroundings import Surroundings, shown_text
from pipelines.metadata.values import Metadata

Candidate = tuple[Any, str]

_URL_DATE = re.compile(
    r"/(?P<y>(?:19|20)\d{2})[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})(?=[/_.-]|$)"
    r"|[/_-](?P<y2>20\d{2})(?P<m2>[01]\d)(?P<d2>[0-3]\d)(?=[/_.-]|$)"
    # As the press of China parts it: /2024/0425/, /2024-04/25/, /202404/25/.
    r"|/(?P<y4>20\d{2})[/-]?(?P<m4>0[1-9]|1[0-2])[/-]?(?P<d4>[0-3]\d)(?=[/_.-]|$)"
    # As the press of Korea numbers its articles: letters, the day, the time, a count.
    r"|/[A-Z]{1,4}(?P<y3>20\d{2})(?P<m3>0[1-9]|1[0-2])(?P<d3>[0-3]\d)(?:[01]\d|2[0-3])[0-5]\d\d{3,9}(?=[/?]|$)"
)
_PUBLISHED_MARK = re.compile(
    r"publi|post(?:ed|-?date|-?on)|entry-?date|pubdate|dateline|created|date|time|datum|fecha", re.I
)
_KEYWORD_PARTING = re.compile(r"\s*[,;、，；|]\s*")
_MAX_KEYWORDS, _MAX_KEYWORD_CHARS = 50, 100
_MAX_TIMES = 40
#: Works of a page's JSON-LD whose text is looked at: a page has one article, stated once or twice.
_MAX_BODIES = 3
#: Types and selectors of one page that are looked at, and the length of a selector.
_MAX_TYPES, _MAX_SELECTOR = 40, 200
#: A line near the headline that holds a date and is longer speaks of something else.
_MAX_DATE_LINE = 60
#: Dates without any mark are the article's only close to its headline.
_MAX_DATE_TEXTS = 24
_DATE_AFTER_TITLE = re.compile(r"[|–—-]\s*(\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d{2}-\d{2})\s*$")
_WRITTEN_BY = re.compile(
    r"written by|author|verfasst von|geschrieben von|écrit par|escrito por|scritto da|geschreven door"
    r"|skrevet a[fv]|autor",
    re.I,
)


def read_metadata(
    tree: LexborHTMLParser, *, url: str, html: str, fetched_at: datetime | None = None
) -> Metadata:
    """What the page says about itself, each value from the best source that states it.

    `url` is the page's own address ("" when unknown), `html` the text `tree` was parsed from (its scripts are
    the last resort for dates), `fetched_at` (aware) bounds the dates. Never raises on what a page holds,
    reaches out to nothing, and leaves `tree` as it was. The language is the one the page claims, unchecked.
    """
    return _Reading(Page(tree, url), html, fetched_at).metadata()


class _Reading:
    """One page being read: its elements, its JSON-LD, and the sources noted so far."""

    def __init__(self, page: Page, html: str, fetched_at: datetime | None) -> None:
        self.page = page
        self.html = html
        self.fetched_at = fetched_at
        self.graph = Graph(page.json_ld)
        self.sources: dict[str, str] = {}
        self.canonical_url = self._take("canonical_url", self._canonical_urls())
        addresses = {address(page.url), address(self.canonical_url)} - {""}
        shown = {fold(h1.text) for h1 in page.h1[:5]} | {fold(page.meta("og:title"))}
        self.articles = self.graph.articles(frozenset(addresses), frozenset(shown - {""}))
        self.site_name = self._take("site_name", self._site_names())

    def metadata(self) -> Metadata:
        headlines = self._headlines()
        headline = choose_headline(headlines, news=self._is_news(), url=self.page.url)
        if headline is not None:
            self.sources["headline"] = headline[1]
        authors, organisations = self._authors()
        published, modified = self._dates()
        return Metadata(
            headline=headline[0] if headline else None,
            headlines=tuple(dict.fromkeys(headlines.by_source.values())),
            authors=authors,
            organisations=organisations,
            date_published=published.iso if published else None,
            date_modified=modified.iso if modified else None,
            language=self._take("language", self._languages()),
            section=self._take("section", self._sections()),
            keywords=self._keywords(),
            description=self._take("description", self._descriptions()),
            main_image=self._take("main_image", self._images()),
            canonical_url=self.canonical_url,
            site_name=self.site_name,
            access=self._access(),
            page_type=self._take("page_type", self._page_types()),
            types=self._types(),
            locked=self._locked(),
            article_body=self._take("article_body", self._article_bodies()),
            sources=self.sources,
        )

    def _take(self, field: str, candidates: Iterator[tuple[str | None, str]]) -> str | None:
        """The first candidate that says something; its origin is noted."""
        for value, origin in candidates:
            if value:
                self.sources[field] = origin
                return value
        return None

    @cached_property
    def around(self) -> Surroundings:
        """What stands around the headline the page shows."""
        stated = fold(self.page.meta("og:title", "twitter:title")) or fold(self.page.title)
        shown = [(h1, fold(h1.text)) for h1 in self.page.h1[:6]]
        best = max(
            shown,
            key=lambda pair: (bool(pair[1]), len(pair[1]) > 3 and pair[1] in stated, len(pair[1]) > 20),
            default=None,
        )
        return Surroundings(self.page.tree, best[0].node if best else None)

    @cached_property
    def article(self) -> Thing | None:
        return self.articles[0] if self.articles else None

    def _is_news(self) -> bool:
        return any(
            name.casefold().endswith(("newsarticle", "liveblogposting"))
            for name in (self.article.types if self.article else ())
        )

    def _stated(self, *keys: str) -> Iterator[tuple[Any, str]]:
        """What the page's article states in JSON-LD under `keys`, with its origin."""
        if self.article is not None:
            for key in keys:
                if (value := self.article.get(key)) not in (None, "", [], {}):
                    yield self.graph.resolve(value), f"json-ld:{self.article.name}.{key}"

    def _metas(self, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for content, name in self.page.all_meta(*names):
            yield plain(content), f"meta:{name}"

    def _items(self, *names: str) -> Iterator[tuple[Marked, str]]:
        """Microdata of these names that stands with the article."""
        for name in names:
            for item in self.page.items.get(name, ())[:20]:
                if item.node.tag == "meta" or not self.around.is_foreign(item.node):
                    yield item, f"microdata:{name}"

    # Addresses and names of the site

    def _canonical_urls(self) -> Iterator[tuple[str | None, str]]:
        home = address(self.page.url).split("/")[0]
        for link in self.page.links.get("canonical", ())[:3]:
            yield self._not_home(join(self.page.base, link.get("href")), home), "link:canonical"
        for content, origin in self._metas(("og:url",)):
            yield self._not_home(join(self.page.base, content), home), origin

    def _not_home(self, url: str | None, home: str) -> str | None:
        """`url`, unless it points a deeper page to the front page of a site: a template's mistake."""
        if url is None or ("/" not in address(url) and address(self.page.url) != home and "?" not in url):
            return None
        return url

    def _site_names(self) -> Iterator[tuple[str | None, str]]:
        yield from self._metas(known.SITE_METAS[:1])
        for publisher, origin in self._stated("publisher", "sourceOrganization"):
            yield first_text(publisher), origin
        for thing in self.graph.things:
            if thing.own and "WebSite" in thing.types:
                yield first_text(thing.get("name")), "json-ld:WebSite.name"
        yield from self._metas(known.SITE_METAS[1:])

    @cached_property
    def site(self) -> frozenset[str]:
        """The folded names of the site."""
        names = [name for name, _ in self._site_names() if name]
        return site_forms(names[:8], self.page.url or self.canonical_url or "")

    # Headline

    def _headlines(self) -> Stated:
        stated = Stated(self.site)
        for value, origin in self._stated("headline", "name"):
            stated.add("ld" if origin.endswith(".headline") else "ld-name", first_text(value), origin)
        for source, metas in known.HEADLINE_METAS.items():
            for content, origin in self._metas(metas):
                stated.add(source, content, origin)
        for item, origin in self._items("headline"):
            stated.add("item", item.value, origin)
        for rank, h1 in enumerate(self.page.h1[:6]):
            stated.add(f"h1.{rank}", h1.text, "h1")
        stated.add("title", self.page.title, "title")
        return stated

    # People

    def _authors(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Persons of the first source that names one; organisations of it, or of the first that has any."""
        fallback: tuple[tuple[str, ...], str] | None = None
        for raw, origin in self._bylines():
            persons, organisations = sort_names(raw, self.site)
            if origin == "text:by" or (fallback is not None and not origin.startswith(("json-ld", "meta"))):
                persons = tuple(name for name in persons if is_full_name(name))
            if persons:
                self.sources["authors"] = origin
                self.sources.pop("organisations", None)
                if organisations:
                    self.sources["organisations"] = origin
                return persons, organisations
            if organisations and fallback is None:
                fallback = organisations, origin
                self.sources["organisations"] = origin
        return (), fallback[0] if fallback is not None else ()

    def _bylines(self) -> Iterator[tuple[list[tuple[str, Kind | None]], str]]:
        for value, origin in self._stated("author", "creator"):
            yield list(self._people(value)), origin
        for name in known.AUTHOR_METAS:
            if name in self.page.metas:
                yield [(content, None) for content in self.page.metas[name][:40]], f"meta:{name}"
        items = [item for item, _ in self._items("author") if item.node.tag != "meta"]
        yield [(self._item_name(item), None) for item in items[:10]], "microdata:author"
        links = [link for link in self.page.author_links[:10] if not self.around.is_foreign(link.node)]
        yield [(link.text, None) for link in links[:5]], "rel:author"
        language = next((code for code, _ in self._languages() if code), None)
        unsigned = "organisations" not in self.sources
        for group, origin in shown_bylines(self.page, self.around, language=language, thorough=unsigned):
            yield [(text, None) for text in group], origin
        labels = zip(
            self.page.metas.get("twitter:label1", ()), self.page.metas.get("twitter:data1", ()), strict=False
        )
        yield [(data, None) for label, data in labels if _WRITTEN_BY.match(label)], "meta:twitter:data1"

    def _people(self, value: Any) -> Iterator[tuple[str, Kind | None]]:
        for one in (value if isinstance(value, list) else [value])[:60]:
            node = self.graph.resolve(one)
            hint: Kind | None = None
            if isinstance(node, dict):
                kinds = {t.casefold() for t in type_names(node)}
                if any("organization" in kind for kind in kinds):
                    hint = "organisation"
                elif "person" in kinds:
                    hint = "person"
                if "name" not in node and "familyName" in node:
                    node = f"{first_text(node.get('givenName'))} {first_text(node.get('familyName'))}"
            for name in texts(node):
                yield name, hint

    @staticmethod
    def _item_name(item: Marked) -> str:
        """The name in a microdata author, which may be a scope with a name of its own."""
        inner = item.node.css_first('[itemprop~="name"]')
        return Marked(inner, inner.attributes).value if inner is not None else item.value

    # Dates

    def _dates(self) -> tuple[Moment | None, Moment | None]:
        published = best_date(self._published(), not_after=self.fetched_at)
        modified = best_date(self._modified(), not_after=self.fetched_at)
        if (
            published is None
        ):  # what is only shown may be another article's: later than the last change, it is
            shown = chain(self._shown_dates(), unstated_dates(self.page, self.around, self.html))
            likely = (pair for pair in shown if modified is None or not _is_after(pair, modified[0]))
            published = best_date(likely, not_after=self.fetched_at)
        if published is not None and published[0].precision == 0:
            day = [(published[0].iso, published[1])]
            published = best_date(chain(day, self._shown_dates()), not_after=self.fetched_at)
        if published is not None:
            self.sources["date_published"] = published[1]
        if modified is not None and not (published is not None and modified[0].before(published[0])):
            self.sources["date_modified"] = modified[1]
            return published[0] if published else None, modified[0]
        return published[0] if published else None, None

    def _published(self) -> Iterator[Candidate]:
        yield from self._plain_stated("datePublished")
        yield from self._metas(known.PUBLISHED_METAS)
        for item, origin in self._items("datepublished", "datecreated"):
            yield item.value, origin
        yield from self._plain_stated("dateCreated", "uploadDate")
        for thing in self.graph.pages():
            yield _scalar(thing.get("datePublished")), f"json-ld:{thing.name}.datePublished"
        yield from self._times(published=True)
        if match := _URL_DATE.search(self.page.url):
            parts = [part for part in match.groups() if part]
            yield "-".join(parts), "url"

    def _shown_dates(self) -> Iterator[Candidate]:
        for title in (self.page.meta("og:title"), self.page.title):
            if match := _DATE_AFTER_TITLE.search(title):
                yield match[1], "title:date"
        shown = ((node, shown_text(node)) for node in self.around.holders())
        for node, text in islice((pair for pair in shown if pair[1]), _MAX_DATE_TEXTS):
            told = before_change(text) if len(text) <= _MAX_DATE_LINE else ""
            if any(map(str.isdigit, told)) and not self.around.is_foreign(node):
                yield told, "text:date"

    def _modified(self) -> Iterator[Candidate]:
        yield from self._plain_stated("dateModified")
        yield from self._metas(known.MODIFIED_METAS)
        for item, origin in self._items("datemodified"):
            yield item.value, origin
        for thing in self.graph.pages():
            yield _scalar(thing.get("dateModified")), f"json-ld:{thing.name}.dateModified"
        yield from self._times(published=False)

    def _plain_stated(self, *keys: str) -> Iterator[Candidate]:
        for value, origin in self._stated(*keys):
            yield _scalar(value), origin

    def _times(self, *, published: bool) -> Iterator[Candidate]:
        """`time` elements that stand with the article: first those marked as what is asked for, then any."""
        unmarked = []
        for element in self.page.times[:_MAX_TIMES]:
            if self.around.is_foreign(element.node):
                continue
            marks = _marks(element)
            modified = MODIFIED.search(marks) is not None
            if modified is not published and (modified or _PUBLISHED_MARK.search(marks)):
                yield element.value, "time[datetime]"
            elif published and not modified:
                unmarked.append(element)
        for element in unmarked[:1]:
            yield element.value, "time[datetime]"

    # What it is about

    def _languages(self) -> Iterator[tuple[str | None, str]]:
        root = self.page.tree.root
        attributes = root.attributes if root is not None else {}
        yield _language(attributes.get("lang") or attributes.get("xml:lang")), "html[lang]"
        for value, origin in self._stated("inLanguage"):
            yield _language(first_text(value)), origin
        for content, origin in self._metas(known.LANGUAGE_METAS):
            yield _language(content), origin

    def _sections(self) -> Iterator[tuple[str | None, str]]:
        for value, origin in self._stated("articleSection"):
            yield first_text(value), origin
        yield from self._metas(known.SECTION_METAS)
        for item, origin in self._items("articlesection"):
            yield plain(item.value), origin

    def _keywords(self) -> tuple[str, ...]:
        for raw, origin in self._keyword_lists():
            words = [word for text in raw for word in _KEYWORD_PARTING.split(text)]
            kept: dict[str, str] = {}
            for word in words:
                if (key := fold(word)) and len(word) <= _MAX_KEYWORD_CHARS:
                    kept.setdefault(key, word)
            if kept:
                self.sources["keywords"] = origin
                return tuple(kept.values())[:_MAX_KEYWORDS]
        return ()

    def _keyword_lists(self) -> Iterator[tuple[list[str], str]]:
        for value, origin in self._stated("keywords"):
            yield texts(value), origin
        for name in known.KEYWORD_METAS:
            if name in self.page.metas:
                yield [plain(content) for content in self.page.metas[name][:_MAX_KEYWORDS]], f"meta:{name}"

    def _descriptions(self) -> Iterator[tuple[str | None, str]]:
        yield from self._metas(known.DESCRIPTION_METAS[:2])
        for value, origin in self._stated("description"):
            yield first_text(value), origin
        yield from self._metas(known.DESCRIPTION_METAS[2:])

    def _images(self) -> Iterator[tuple[str | None, str]]:
        base = self.page.base
        for content, origin in self._metas(known.IMAGE_METAS[:3]):
            yield join(base, content), origin
        for value, origin in self._stated("image", "thumbnailUrl"):
            for found in _image_urls(self.graph, value):
                yield join(base, found), origin
        for content, origin in self._metas(known.IMAGE_METAS[3:]):
            yield join(base, content), origin
        for link in self.page.links.get("image_src", ())[:2]:
            yield join(base, link.get("href")), "link:image_src"

    def _access(self) -> str:
        for content, origin in self._metas(known.TIER_METAS):
            if tier := known.TIERS.get(content.casefold()):
                self.sources["access"] = origin
                return tier
        for value, origin in self._stated("isAccessibleForFree"):
            if _is_no(value):
                self.sources["access"] = origin
                return "paywalled"
            if _flag(value) in ("true", "yes", "1"):
                self.sources["access"] = origin
        return "free"

    def _page_types(self) -> Iterator[tuple[str | None, str]]:
        if self.article is not None and (self.article.get("headline") or self.article.name != "CreativeWork"):
            yield self.article.name, "json-ld:@type"
        yield from self._metas(("og:type",))
        for thing in self.graph.pages():
            yield thing.name, "json-ld:@type"

    def _types(self) -> tuple[str, ...]:
        stated = [name.casefold() for thing in self.graph.things if thing.own for name in thing.types]
        stated += [f"og:{content.casefold()}" for content in self.page.metas.get("og:type", ())[:2]]
        return tuple(dict.fromkeys(stated))[:_MAX_TYPES]

    def _locked(self) -> tuple[str, ...]:
        """Selectors of parts that are not free (Google's structured data for paywalled content)."""
        found: list[str] = []
        for thing in self.articles[:_MAX_BODIES]:
            parts = thing.get("hasPart")
            for part in (parts if isinstance(parts, list) else [parts])[:20]:
                if isinstance(part, dict) and _is_no(part.get("isAccessibleForFree")):
                    found += [s for s in texts(part.get("cssSelector")) if len(s) <= _MAX_SELECTOR]
        return tuple(dict.fromkeys(found))[:_MAX_TYPES]

    def _article_bodies(self) -> Iterator[tuple[str | None, str]]:
        """The text that the page's article states; else the first that another form of the same work does."""
        for thing in self.articles[:_MAX_BODIES]:
            if body := body_text(thing.get("articleBody")):
                yield body, f"json-ld:{thing.name}.articleBody"


def _is_after(candidate: Candidate, limit: Moment) -> bool:
    moment = parse_date(candidate[0])
    return moment is not None and limit.before(moment)


def _marks(element: Marked) -> str:
    """The names an element and its parent bear."""
    parent = element.node.parent
    around = (parent.attributes.get("class") or "") if parent is not None else ""
    pubdate = "pubdate" if "pubdate" in element.attributes else ""
    return f"{element.get('class')} {element.get('itemprop')} {around} {pubdate}"


def _flag(value: Any) -> str:
    """A truth value as pages write it: `false`, `"False"`, `http://schema.org/False`, 0."""
    return str(_scalar(value)).rsplit("/", 1)[-1].strip().casefold()


def _is_no(value: Any) -> bool:
    return value is not None and _flag(value) in ("false", "no", "0")


def _scalar(value: Any) -> Any:
    """The first plain value in a list or a `{"@value": …}`."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    return value


def _language(tag: str | None) -> str | None:
    """The primary subtag of a language tag or locale, lower case (RFC 5646), or None."""
    match = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", tag or "")
    return match[1].lower() if match else None


def _image_urls(graph: Graph, value: Any) -> Iterator[str]:
    for one in (value if isinstance(value, list) else [value])[:5]:
        node = graph.resolve(one)
        if isinstance(node, dict):
            node = node.get("url") or node.get("contentUrl")
            node = node[0] if isinstance(node, list) and node else node
        if isinstance(node, str):
            yield node
