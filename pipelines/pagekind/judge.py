"""The judge: what stands in an article's place, then what the page is, then which form an article has."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from pipelines.cues import walls as cues
from pipelines.pagekind import learned
from pipelines.pagekind.access import teaser
from pipelines.pagekind.evidence import Evidence
from pipelines.pagekind.walls import STUB_WORDS, Found, is_home, wall
from pipelines.render import words

#: An article has at least so many words of running text. Shorter news flashes exist, so a headline and one
#: full sentence are enough below it (`_FLASH_WORDS`).
_ARTICLE_WORDS: Final = 60
_FLASH_WORDS: Final = 12
#: An index holds so many titles of other pages, and nowhere two paragraphs one after the other: of so many
#: words each, teasers being shorter or parted by their titles.
_INDEX_TITLES: Final = 12
_PARAGRAPH_WORDS: Final = 14
#: A single paragraph of so many words under a headline is a news flash, however many links surround it.
_PARAGRAPH_ALONE: Final = 25

#: What a page that calls itself so is, however much it says, and the word for it. `article` and `website` say
#: nothing: nine of ten products and services of the development pages carry one of them.
_DECLARED: Final = {
    **dict.fromkeys(("collectionpage", "itemlist", "searchresultspage", "product.group"), ("index", "")),
    **dict.fromkeys(("discussionforumposting", "qapage", "forum"), ("other", "forum: ")),
    **dict.fromkeys(("product", "og:product"), ("other", "product: ")),
    **dict.fromkeys(("profile", "profilepage", "checkoutpage", "contactpage", "jobposting", "recipe", "book"), ("other", "")),
}  # fmt: skip
_ARTICLE_TYPES: Final = frozenset(
    [
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "backgroundnewsarticle",
        "reviewnewsarticle",
        "liveblogposting",
        "article",
        "blogposting",
        "og:article",
    ]
)


def judge(page: Evidence) -> Found:
    """What the page is, and why. A judgement on the page as a whole: no block changes its label.

    The reason is "" for an ordinary article; it begins with a word of `archive.values.PAGE_FORMS` and a colon
    where the page is one of those.
    """
    if found := wall(page) or _declared(page):
        return found
    if page.signs is None:
        return _index(page) or _too_little(page) or Found("article", teaser(page))
    if found := _home(page) or _forum(page):
        return found
    form = _form(page)
    if found := _too_little(page) or learned.opinion(page):
        # A film or a gallery with a few captions is no article, and has the form of none; nor of a list.
        return Found("other", form) if form and page.size < _CAPTION_WORDS else found
    return Found("article", form or teaser(page))


def _declared(page: Evidence) -> Found | None:
    kind, word = _DECLARED.get(page.declared.lower(), ("", ""))
    return Found(kind, f"{word}calls itself {page.declared}") if kind else None


def _home(page: Evidence) -> Found | None:
    """A front page is no article, however long its teasers are, unless it says that it is one."""
    if is_home(urlsplit(page.url)) and not page.types & _ARTICLE_TYPES:
        return Found("index", "the address is that of a front page")
    return None


#: Steps of addresses, and labels of hosts, under which the common systems keep threads.
_FORUM_PLACES: Final = frozenset(
    [
        "forum",
        "forums",
        "thread",
        "threads",
        "viewtopic",
        "showthread",
        "discuss",
        "discussions",
        "boards",
        "bbs",
        "foro",
        "fora",
        "foren",
    ]
)


def _forum(page: Evidence) -> Found | None:
    """A page that stands among a forum's threads is one of them, unless it says that it is an article."""
    address = urlsplit(page.url)
    labels = (address.hostname or "").split(".")[:-2]
    steps = [step.partition(".")[0] for step in address.path.lower().split("/") if step]
    threads = not _FORUM_PLACES.isdisjoint([*labels, *steps]) or (steps[:1] == ["r"] and "comments" in steps)
    if threads and not page.types & _ARTICLE_TYPES:
        return Found("other", "forum: the address is that of a thread")
    return None


def _index(page: Evidence) -> Found | None:
    """For pages that have lost their form: by counts of titles and paragraphs."""
    kept = [block for block in page.blocks if block.kept]
    counts = []
    for block in kept:
        counts.append(len(words(block.text)) if block.label in {"body", "quote"} else 0)
        if min(counts[-2:]) >= _PARAGRAPH_WORDS and len(counts) > 1:
            return None
    titles = sum(block.label in {"related", "nav"} for block in page.blocks)
    if (
        titles >= _INDEX_TITLES
        and page.size < STUB_WORDS
        and not (page.headline and max(counts, default=0) >= _PARAGRAPH_ALONE)
    ):
        return Found("index", f"{titles} titles or links of other pages, nowhere two paragraphs together")
    inner = sum(block.label in {"heading", "list"} for block in kept)
    if inner >= _INDEX_TITLES and sum(counts) * 2 < page.size:
        return Found("index", f"{inner} titles or items, nowhere two paragraphs together")
    return None


def _too_little(page: Evidence) -> Found | None:
    if page.size == 0:
        return Found("other", "no running text")
    if page.size >= _ARTICLE_WORDS:
        return None
    sentence = any(block.kept and len(words(block.text)) >= _FLASH_WORDS for block in page.blocks)
    if not (sentence and page.headline):
        return Found(
            "other", f"only {page.size} words of text" + ("" if page.headline else " and no headline")
        )
    return None


#: An article with a film or pictures is an article; it is a film or a gallery with a text below so many
#: words.
_CAPTION_WORDS: Final = 150
_GALLERY_WORDS: Final = 600
#: Pictures of a gallery.
_PICTURES: Final = 6
#: Entries of a live blog: times of the day that open an entry.
_ENTRIES: Final = 4


def _form(page: Evidence) -> str:
    """The form of an article that is more than a text: live blog, gallery, video; as a reason, or ""."""
    return _live_blog(page) or _gallery(page) or _video(page)


def _types(page: Evidence) -> frozenset[str]:
    return page.types | (page.signs.types if page.signs else frozenset())


def _live_blog(page: Evidence) -> str:
    if "liveblogposting" in _types(page):
        return "live blog: calls itself LiveBlogPosting"
    entries = _entries(page)
    if entries < _ENTRIES:
        return ""
    named = any(
        cues.LIVE.search(name.lower())
        for name in (page.headline or "", page.signs.title if page.signs else "")
    )
    steps = frozenset(re.split(r"[/_.-]", urlsplit(page.url).path.lower()))
    if named or not _LIVE_STEPS.isdisjoint(steps):
        return f"live blog: {entries} entries with the time of day"
    if any(_LIVE_NAME.search(name) for seen in page.page[:_LOOKED] for name in seen.path[-_NEAR:]):
        return f"live blog: {entries} entries with the time of day, in a place marked as live"
    return ""


_LIVE_STEPS: Final = frozenset(
    [
        "live",
        "liveblog",
        "ticker",
        "liveticker",
        "direct",
        "vivo",
        "directo",
        "diretta",
        "canli",
        "onlain",
        "newsblog",
    ]
)


#: Names of classes of live blogs; looked for around so many blocks, so far out.
_LIVE_NAME: Final = re.compile(r"live-?blog|live-?ticker|live-?(?:entry|update)|key-?events", re.I)
_LOOKED: Final = 400
_NEAR: Final = 8
#: A time of day with its minutes, with or without a word before it, at the start of a line.
_CLOCK: Final = re.compile(
    r"(?:[^\W\d]{1,10}\s)?(?:[01]?\d|2[0-3])\s?(?:[:.h]|時|시|点)\s?[0-5]\d(?![\d.,:%])"
)
_ELSEWHERE: Final = frozenset(("nav", "related", "comment", "ad"))


def _entries(page: Evidence) -> int:
    """Lines of the page that open with a time of day, each time counted once."""
    lines = (block.text for block in page.blocks if block.label not in _ELSEWHERE)
    seen = {found[0] for line in lines if (found := _CLOCK.match(line))}
    return len(seen)


def _gallery(page: Evidence) -> str:
    if page.signs is None or page.size >= min(_GALLERY_WORDS, _CAPTION_WORDS + 20 * page.signs.figures):
        return ""
    types = _types(page)
    pictures = max(page.signs.figures, page.signs.slides)
    if types & {"imagegallery", "mediagallery"} and page.size < 2 * _CAPTION_WORDS:
        return "gallery: calls itself a gallery"
    if pictures < _PICTURES:
        return ""
    names = (page.headline or "", page.signs.title, urlsplit(page.url).path)
    if page.signs.slides >= _PICTURES or any(cues.GALLERY.search(name.lower()) for name in names):
        return f"gallery: {pictures} pictures"
    return ""


def _video(page: Evidence) -> str:
    if page.signs is None or page.size >= _CAPTION_WORDS:
        return ""
    types = _types(page)
    titled = any(
        cues.VIDEO.search(name.lower())
        for name in (page.headline or "", page.signs.title, urlsplit(page.url).path)
    )
    own = bool(types & {"videoobject", "og:video", "og:video.other", "og:video.episode", "og:video.movie"})
    text = bool(types & {"newsarticle", "article", "blogposting"})
    if (
        (own and (not text or titled))
        or (page.signs.players and titled)
        or (page.signs.players and page.size < _ARTICLE_WORDS)
    ):
        return "video: a film with a few words" if page.size else "video: a film without a text"
    return ""
