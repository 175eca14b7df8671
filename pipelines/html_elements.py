"""What HTML's elements mean to the walk: tables, and one `Element` that joins what they say of a name."""

# ruff: noqa: SIM905 - tables of names read better as words than as quoted lists

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

#: Elements that break a line of text (HTML standard, 15.3 'Flow content', display: block and the like).
BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup"
    " option p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp".split()
)  # fmt: skip
#: Elements whose text no browser shows, or shows as a picture: they are no text of the page.
INVISIBLE_TAGS = frozenset(
    "head title script style template svg iframe noframes noembed datalist frameset".split()
)
#: Cells stand beside one another: a row of plain cells is one block.
CELL_TAGS = frozenset(("td", "th"))
#: Elements that show something between two words without being text.
GAP_TAGS = frozenset(
    "img input picture embed video audio canvas object select textarea button iframe svg".split()
)
#: Pictures and players that a caption may stand below; an icon drawn as `svg` has none.
PICTURE_TAGS = frozenset("img picture figure video audio iframe".split())
#: A `div` or `p` inside one of these is that thing: `<h2><div>…`, `<figcaption><p>…`.
LENT_TAGS = frozenset("h1 h2 h3 h4 h5 h6 figcaption blockquote dt dd summary caption".split())
GENERIC_TAGS = frozenset(("div", "p"))
#: Bare text in these stands as in a `div`.
CONTAINER_TAGS = frozenset(
    "address article aside body center details fieldset form html main section td th".split()
)
#: A custom element stands where its author likes; within these it is part of the line.
PARAGRAPH_TAGS = frozenset("p h1 h2 h3 h4 h5 h6 li td th dt dd figcaption caption summary".split())
EMPHASIS = {"b": "**", "strong": "**", "i": "*", "em": "*"}

#: Furniture by element name → label of the whole subtree. Page-level only: see `PAGE_LEVEL`.
SUBTREE_TAGS = {
    "nav": "nav",
    "menu": "nav",
    "footer": "nav",
    "header": "nav",
    "dialog": "other",
    "form": "other",
    "search": "other",
    "button": "other",
    "select": "other",
    "textarea": "other",
    "noscript": "other",
    "video": "other",
    "audio": "other",
    "object": "other",
    "canvas": "other",
}
#: The same by ARIA role (WAI-ARIA 1.2, section 5.3.4 'Landmark Roles', and widgets).
SUBTREE_ROLES = {
    "navigation": "nav",
    "menu": "nav",
    "menubar": "nav",
    "tablist": "nav",
    "banner": "nav",
    "contentinfo": "nav",
    "search": "other",
    "dialog": "other",
    "alertdialog": "other",
    "button": "other",
    "tooltip": "other",
    "toolbar": "share",
}
#: Within an article these hold its headline, standfirst, tags or author: no furniture there.
PAGE_LEVEL = frozenset(("header", "footer", "banner", "contentinfo"))
ARTICLE_TAGS = frozenset(("article", "main"))
#: Not shown for want of a script or a codec.
FALLBACK_TAGS = frozenset(("noscript", "video", "audio", "object", "canvas"))
_VERBATIM = frozenset(("pre", "listing", "xmp", "plaintext"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
#: Text for screen readers only: class names of Bootstrap, WordPress, Drupal, GOV.UK and their kin.
SCREEN_READER = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only screenreader-only"
    " u-hidden-visually element-invisible govuk-visually-hidden show-for-sr a11y-hidden sr-text"
    " off-screen offscreen".split()
)
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)")
#: What a dropped subtree is about, by its own id and classes: the more telling label wins over the tag's.
_CUES = (
    ("cookie", "cookie consent gdpr onetrust didomi cmp- cmp_ privacy".split()),
    ("newsletter", "newsletter subscri sign-up signup mailchimp mc4wp".split()),
    ("comment", "comment respond disqus".split()),
    ("share", "share sharing social".split()),
    ("nav", "nav menu search login header footer breadcrumb".split()),
)

#: Codes of what needs a way of its own in the walk.
TEXT, BREAK, TEMPLATE, OTHER = range(4)


class Element:
    """What the tables say of one element's name."""

    __slots__ = (
        "article", "base", "block", "cell", "custom", "fallback", "gap", "invisible", "kind", "label", "link",
        "mark", "page_level", "paragraph", "picture", "tag", "verbatim",
    )  # fmt: skip

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.kind = {"-text": TEXT, "br": BREAK, "template": TEMPLATE}.get(tag, OTHER)
        self.block = tag in BLOCK_TAGS
        self.cell = tag in CELL_TAGS
        self.gap = tag in GAP_TAGS
        self.picture = tag in PICTURE_TAGS
        #: Its content is nothing of the page's: comments and the like are no elements at all.
        self.invisible = not tag or tag[0] == "-" or tag in INVISIBLE_TAGS
        self.article = tag in ARTICLE_TAGS
        self.fallback = tag in FALLBACK_TAGS
        self.page_level = tag in PAGE_LEVEL
        self.paragraph = tag in PARAGRAPH_TAGS
        self.verbatim = tag in _VERBATIM
        self.custom = "-" in tag
        self.link = tag == "a"
        self.base = tag == "base"
        #: Label of the subtree that it is the root of, "" for no furniture; its marker in Markdown.
        self.label = SUBTREE_TAGS.get(tag, "")
        self.mark = EMPHASIS.get(tag, "")


#: Names that pages are made of; all others become an `Element` where they stand.
ELEMENTS: Mapping[str, Element] = {
    tag: Element(tag)
    for tag in (
        *BLOCK_TAGS, *INVISIBLE_TAGS, *GAP_TAGS, *CONTAINER_TAGS, *EMPHASIS, *SUBTREE_TAGS, *FALLBACK_TAGS,
        *"a abbr acronym area base bdi bdo big br cite code data del dfn font ins kbd label link map".split(),
        *"mark meta meter nobr output progress q rp rt ruby s samp small source span strike sub sup".split(),
        *"time track tt u var wbr".split(),
    )
}  # fmt: skip


def _by_id() -> list[Element | None]:
    """The same by the parser's number for a name: a number needs no string made for it."""
    tree = LexborHTMLParser("text<!-- comment -->")
    found = {tree.create_node(tag).tag_id: element for tag, element in ELEMENTS.items()}
    node = tree.body.first_child if tree.body else None
    while node is not None:
        found[node.tag_id] = Element(node.tag or "")
        node = node.next
    # The parser's own names have small numbers, and those of names it met on a page are addresses.
    return [found.get(number) for number in range(512)]


BY_ID = _by_id()


def element_of(tag: str | None) -> Element:
    """The element of a name, however rare."""
    return ELEMENTS.get(tag or "") or Element(tag or "")


def cue(name: str) -> str:
    """The label that a dropped subtree's own id and classes speak for, or ""."""
    name = name.lower()
    for label, words in _CUES:
        for word in words:
            if word in name:
                return label
    return ""


def is_hidden_by(style: str) -> bool:
    """Whether a `style` attribute hides its element."""
    folded = style.lower()
    return ("none" in folded or "hidden" in folded) and _HIDDEN_STYLE.search(folded) is not None
