"""JSON-LD in the shapes that pages give it: graphs, lists, nesting, references; and the article in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pipelines.metadata.loose_json import read_json
from pipelines.metadata.plain import fold, paragraphs, plain

Node = dict[str, Any]

#: Nodes beyond this many, or deeper than this, are not looked at.
MAX_NODES = 5000
MAX_DEPTH = 20
#: Lists and names within one value nest no deeper than this.
MAX_LISTS = 5
#: Paragraphs of a body given as a list.
MAX_PARAGRAPHS = 2000

#: Types that a page's own article has, best first (schema.org, subtypes of Article, and what stands in
#: for it). A page of the first kinds beside one of the later ones is about the first.
ARTICLE_TYPES = (
    "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
    "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting",
    "Article", "BlogPosting", "Report",
    "ScholarlyArticle", "TechArticle", "AdvertiserContentArticle", "SatiricalArticle", "SocialMediaPosting",
    "DiscussionForumPosting", "Review", "ClaimReview", "CreativeWork", "PodcastEpisode", "VideoObject",
    "Recipe",
)  # fmt: skip
#: Types of a page as such: they may hold its dates, language and name.
PAGE_TYPES = ("WebPage", "ItemPage", "AboutPage", "CollectionPage", "MediaGallery")
_RANK = {name.casefold(): rank for rank, name in enumerate(ARTICLE_TYPES)}
_PAGES = frozenset(name.casefold() for name in PAGE_TYPES)

#: Under these keys stand other works, never the page's own article.
_FOREIGN = frozenset({
    "liveblogupdate", "itemlistelement", "comment", "comments", "review", "reviews", "mentions", "citation",
    "isbasedon", "relatedlink", "associatedmedia", "video", "image", "author", "publisher", "about",
    "blogpost", "ispartof", "creator", "breadcrumb", "potentialaction", "speakable", "sourceorganization",
    "contributor",
    "significantlink", "isrelatedto", "subjectof", "thumbnail", "workexample", "acceptedanswer",
})  # fmt: skip


class Thing(msgspec.Struct, frozen=True):
    """One typed node of the page's JSON-LD. `own` is false for works that the page only mentions."""

    node: Node
    types: tuple[str, ...]
    own: bool

    @property
    def name(self) -> str:
        return self.types[0] if self.types else "Thing"

    @property
    def rank(self) -> int:
        return min((_RANK.get(t.casefold(), len(_RANK)) for t in self.types), default=len(_RANK))

    @property
    def is_article(self) -> bool:
        return self.rank < len(_RANK)

    @property
    def is_page(self) -> bool:
        return any(t.casefold() in _PAGES for t in self.types)

    def get(self, key: str) -> Any:
        return self.node.get(key)


class Graph:
    """All typed nodes of a page's JSON-LD scripts, and the references between them."""

    def __init__(self, scripts: Sequence[str]) -> None:
        self.things: list[Thing] = []
        self.by_id: dict[str, Node] = {}
        self._seen = 0
        for script in scripts:
            for root in read_json(script):
                self._walk(root)

    def _walk(self, root: Any) -> None:
        stack: list[tuple[Any, int, bool]] = [(root, 0, True)]
        while stack and self._seen < MAX_NODES:
            value, depth, own = stack.pop()
            if isinstance(value, list):
                stack.extend((item, depth + 1, own) for item in reversed(value[:MAX_NODES]))
            elif isinstance(value, dict) and depth < MAX_DEPTH:
                self._seen += 1
                self._take(value, own)
                children = [(k, child) for k, child in value.items() if isinstance(child, (dict, list))]
                for key, child in reversed(children[:MAX_NODES]):
                    stack.append((child, depth + 1, own and str(key).casefold() not in _FOREIGN))

    def _take(self, node: Node, own: bool) -> None:
        identity = node.get("@id")
        if isinstance(identity, str) and len(node) > 1:
            self.by_id.setdefault(identity, node)
        types = type_names(node)
        if types:
            self.things.append(Thing(node, types, own))

    def resolve(self, value: Any) -> Any:
        """`value`, or the node it refers to by `@id`."""
        if isinstance(value, dict) and "name" not in value and isinstance(identity := value.get("@id"), str):
            return self.by_id.get(identity, value)
        return value

    def articles(self, addresses: frozenset[str], headlines: frozenset[str]) -> list[Thing]:
        """The page's own works, the likeliest first: by address, by headline, by type, by place.

        `addresses` are the page's URLs without scheme and query, `headlines` its headlines, folded.
        """
        own = [thing for thing in self.things if thing.own and thing.is_article]

        def likeness(thing: Thing) -> tuple[bool, bool, int]:
            names = {fold(thing.get("headline")), fold(thing.get("name"))}
            return (
                not (addresses & thing_addresses(thing.node)) and not (names & headlines),
                "headline" not in thing.node and "datePublished" not in thing.node,
                thing.rank,
            )

        return sorted(own, key=likeness)

    def pages(self) -> Iterator[Thing]:
        return (thing for thing in self.things if thing.own and thing.is_page)


def type_names(node: Node) -> tuple[str, ...]:
    """The node's types without namespace."""
    given = node.get("@type", node.get("type") if "@context" in node else None)
    if given is None:
        return ()
    names = given if isinstance(given, list) else [given]
    return tuple(
        bare
        for name in names[:8]
        if isinstance(name, str) and (bare := name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].strip())
    )


def address(url: object) -> str:
    """A URL reduced to what tells the page: host without www, path without trailing slash."""
    if not isinstance(url, str):
        return ""
    bare = url[:2048].split("#", 1)[0].split("?", 1)[0].split("://", 1)[-1].removeprefix("www.")
    return bare.rstrip("/").casefold()


def thing_addresses(node: Node) -> frozenset[str]:
    """Where a work says it stands: `url`, `mainEntityOfPage`, `@id`."""
    main = node.get("mainEntityOfPage")
    given = [node.get("url"), node.get("@id"), main]
    if isinstance(main, dict):
        given += [main.get("@id"), main.get("url")]
    return frozenset(a for value in given if (a := address(value)))


def texts(value: Any, depth: int = 0) -> list[str]:
    """The texts a value holds: a string, a list of them, `{"@value": …}` or `{"name": …}`."""
    if isinstance(value, list) and depth < MAX_LISTS:
        return [text for item in value[:200] for text in texts(item, depth + 1)]
    if isinstance(value, dict) and depth < MAX_LISTS:
        return texts(value.get("@value") or value.get("name"), depth + 1)
    found = plain(value)
    return [found] if found else []


def first_text(value: Any) -> str:
    return next(iter(texts(value)), "")


def body_text(value: Any) -> str:
    """The text under `articleBody`: a string, a list of paragraphs, or `{"@value": …}`; else ""."""
    if isinstance(value, dict):
        value = value.get("@value")
    parts = value[:MAX_PARAGRAPHS] if isinstance(value, list) else [value]
    return paragraphs("\n".join(part for part in parts if isinstance(part, str)))
