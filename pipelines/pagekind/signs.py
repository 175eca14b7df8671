"""What the tree of an HTML page tells of the page's kind, beside its text: fields, players, scripts, marks.

Collected by one query, before anything is judged. A plain-text dump has none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipelines.cues.walls import GUARDS
from pipelines.render import words

#: One query for all: each further one walks the tree again.
_SELECTOR: Final = ",".join((
    'input[type="password" i]', "textarea", "video", "audio", "iframe", "time", "article", "figure", "noscript",
    'meta[http-equiv="refresh" i]', "script", "[itemtype]", "title", "select",
    '[class*="slide" i]', '[class*="gallery" i]', 'meta[name="generator" i]', "body", '[rel~="next" i]', '[itemprop~="articleBody" i]',
))  # fmt: skip
#: Elements beyond this are not looked at; real pages have some hundred.
_MAX_ELEMENTS: Final = 4000
_MAX_NAMES: Final = 80
#: Of one locked part, so much is counted.
_LOCKED_CHARS: Final = 20_000
#: Of scripts and of what stands in `noscript`, so much is looked at.
_SCRIPT_CHARS: Final = 4000
_NOSCRIPT_CHARS: Final = 1500

#: Hosts and paths of players that pages take in from elsewhere.
_PLAYER: Final = re.compile(
    r"youtube(?:-nocookie)?\.com/embed|player\.vimeo\.com|dailymotion\.com|jwplayer|jwplatform|brightcove|kaltura"
    r"|players?\.|/player|/embed/video|/video/embed|glomex|ooyala|rutube\.ru/play|vk\.com/video|bilibili\.com",
    re.I,
)
#: Classes of one picture of a gallery, as the common scripts for them and news systems name it.
_SLIDE: Final = re.compile(
    r"(?:^|[\s_-])(?:gallery|galerie|slideshow|swiper|slick|carousel|splide|flickity|photo)?[-_]{0,2}"
    r"(?:slide|gallery[-_]{1,2}(?:item|image|picture|photo|entry|slide)|slideshow[-_]{1,2}(?:item|image))(?:$|\s)",
    re.I,
)


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What a page holds besides text. All counts are of elements.

    `types` are the schema.org types of microdata, folded; `generator` is the system that made the page, as it
    says itself, `names` the classes and id of its body; `bodies` are elements marked as an article's body,
    `nexts` links to a next page, `slides` the pictures of a gallery; `challenge` the first mark of a bot
    check among the scripts and frames, or ""; `noscript` what the page says to those who run no scripts;
    `refresh` the value of its `meta refresh`, or "".
    """

    title: str = ""
    types: frozenset[str] = frozenset()
    generator: str = ""
    names: frozenset[str] = frozenset()
    nexts: int = 0
    bodies: int = 0
    slides: int = 0
    passwords: int = 0
    textareas: int = 0
    selects: int = 0
    players: int = 0
    sounds: int = 0
    times: int = 0
    articles: int = 0
    figures: int = 0
    scripts: int = 0
    noscript: str = ""
    refresh: str = ""
    challenge: str = ""


def signs_of(tree: LexborHTMLParser, *, guarded: bool = True) -> Signs:
    """Collect the signs; `tree` stays as it was.

    Marks of bot checks are looked for if `guarded`: a page with an article has none, and its scripts are long
    (10 ms a page of the press, of 3 for all else).
    """
    counts: dict[str, int] = {}
    types: set[str] = set()
    noscript, refresh, challenge, title, generator = "", "", "", "", ""
    names: list[str] = []
    nexts = bodies = slides = 0
    for node in tree.css(_SELECTOR)[:_MAX_ELEMENTS]:
        tag = node.tag or ""
        counts[tag] = counts.get(tag, 0) + 1
        if tag == "iframe":
            source = node.attributes.get("src") or node.attributes.get("data-src") or ""
            counts["player"] = counts.get("player", 0) + bool(_PLAYER.search(source[:400]))
            challenge = challenge or (_mark(source[:400]) if guarded else "")
        elif tag == "script":
            challenge = challenge or (_mark(_script(node)) if guarded else "")
        elif tag == "noscript":
            noscript += node.text(deep=True, separator=" ")[: _NOSCRIPT_CHARS - len(noscript)]
        elif tag == "meta":
            content = (node.attributes.get("content") or "")[:400]
            if node.attributes.get("http-equiv"):
                refresh = refresh or content
            else:
                generator = generator or content.casefold()
        elif tag == "body":
            names = (
                f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".casefold().split()
            )
        elif tag == "title" and not title:
            title = " ".join(node.text(deep=True).split())[:300]
        types.update(_item_types(node))
        slides += _SLIDE.search(node.attributes.get("class") or "") is not None
        nexts += "next" in (node.attributes.get("rel") or "").lower().split()
        bodies += "articlebody" in (node.attributes.get("itemprop") or "").lower()
    return Signs(
        title=title,
        types=frozenset(types),
        generator=generator,
        names=frozenset(names[:_MAX_NAMES]),
        nexts=nexts,
        bodies=bodies,
        slides=slides,
        passwords=counts.get("input", 0),
        textareas=counts.get("textarea", 0),
        selects=counts.get("select", 0),
        players=counts.get("video", 0) + counts.get("player", 0),
        sounds=counts.get("audio", 0),
        times=counts.get("time", 0),
        articles=counts.get("article", 0),
        figures=counts.get("figure", 0),
        scripts=counts.get("script", 0),
        noscript=" ".join(noscript.split()),
        refresh=refresh,
        challenge=challenge,
    )


#: Selectors that pages name their locked parts by: classes, ids, elements. Others are not asked for.
_PLAIN_SELECTOR: Final = re.compile(r"[\w\s.#,>-]{2,200}")


def locked_words(tree: LexborHTMLParser, selectors: Sequence[str]) -> int | None:
    """Words in the parts that the page calls locked; None when it names none that can be asked for."""
    asked = [selector for selector in selectors if _PLAIN_SELECTOR.fullmatch(selector)]
    if not asked:
        return None
    shown = 0
    for selector in asked[:4]:
        try:
            found = tree.css(selector)[:40]
        except SelectolaxError:  # what the parser does not take for a selector
            continue
        shown += sum(len(words(node.text(deep=True, separator=" ")[:_LOCKED_CHARS])) for node in found)
    return shown


def _script(node: LexborNode) -> str:
    source = node.attributes.get("src")
    return source[:400] if source else node.text(deep=True)[:_SCRIPT_CHARS]


def _mark(text: str) -> str:
    found = GUARDS.search(text)
    return found[0][:60] if found else ""


def _item_types(node: LexborNode) -> Iterator[str]:
    """The types of a microdata item, without their vocabulary."""
    for name in (node.attributes.get("itemtype") or "").split()[:4]:
        yield name.rstrip("/").rsplit("/", 1)[-1].casefold()
