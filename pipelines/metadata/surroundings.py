"""Where on a page an element stands: with the article, or with something else the page shows."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.metadata.plain import node_text

_FOREIGN_TAGS = frozenset(
    {"nav", "footer", "aside", "figure", "figcaption", "form", "dialog", "template", "noscript", "blockquote"}
)
#: Words in class names and ids of what is not the page's own article, as stems, from pages of many systems.
_FOREIGN = re.compile(
    r"comment|kommentar|comentario|respond|disqus|related|recommend|relacionad|verwandt|similar|recirc|teaser|promo"
    r"|sidebar|widget|aside|footer|menu|most-?(?:read|popular|viewed)|trending|popular|latest|newsletter|carousel"
    r"|slider|(?:^|[-_])cards?(?:$|[-_])|listing|read-?(?:more|next|also)|also-?read|more-?(?:from|on|news|stories|posts)"
    r"|next-?(?:post|article)|prev(?!iew)|caption|gallery|photo|picture|media-?object|embed|tweet|quote|popup|modal|cookie"
    r"|consent|banner|advert|login|signup|testimonial|ticker|live-?feed|playlist|summary-?item|toplist|item__|(?:^|[-_])nav",
    re.I,
)
#: Class names that tell a state of the element, not what it is.
_STATE = re.compile(r"^(?:has|is|with|without|no|js|can)[-_]|[-_](?:enabled|disabled|open|active)$", re.I)
#: No deeper than this do we look for what an element stands in.
_MAX_ANCESTORS = 25
#: Text nodes around the headline in which a byline or date without any mark is looked for; measured: further
#: away stand the dates and names of other articles.
_BEFORE_HEADLINE, _AFTER_HEADLINE = 15, 70
_MAX_NODES = 30_000


class Surroundings:
    """What stands around a page's headline, and what does not belong to it."""

    def __init__(self, tree: LexborHTMLParser, headline: LexborNode | None) -> None:
        self.tree = tree
        self.headline = headline
        self._around = set()
        here = headline
        while here is not None:
            self._around.add(here.mem_id)
            here = here.parent

    def is_foreign(self, node: LexborNode) -> bool:
        """Whether an element, by what it stands in, does not speak of the page's own article.

        What holds the headline as well holds the article, whatever it is called. A footer within the
        article is the article's.
        """
        here: LexborNode | None = node
        footer = False
        for _ in range(_MAX_ANCESTORS):
            if here is None or here.tag in ("body", "html") or here.mem_id in self._around:
                return footer and (here is None or here.tag not in ("article", "main"))
            if here.tag == "article" and self.headline is None:
                return False
            if here.tag == "footer":
                footer = True
            elif here.tag in _FOREIGN_TAGS or _speaks_of_else(here):
                return True
            here = here.parent
        return footer

    def texts(self) -> list[str]:
        """Short texts near the headline, those after it first, as elements show them."""
        if self.headline is None or self.tree.body is None:
            return []
        before: list[LexborNode] = []
        after: list[LexborNode] = []
        passed = False
        for count, node in enumerate(self.tree.body.traverse(include_text=True)):
            if count > _MAX_NODES or len(after) >= _AFTER_HEADLINE:
                break
            if node.mem_id == self.headline.mem_id:
                passed = True
            elif node.is_text_node and (node.text_content or "").strip() and node.parent is not None:
                (after if passed else before).append(node.parent)
        if not passed:
            return []
        found = after + before[:-_BEFORE_HEADLINE - 1:-1]
        once = {node.mem_id: node for node in found}
        return [text for node in once.values() if not self.is_foreign(node) and (text := _shown(node))]


def _speaks_of_else(node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".split()
    return any(_FOREIGN.search(name) and not _STATE.search(name) for name in names[:20])


def _shown(node: LexborNode) -> str:
    """The text of an element; of the one around it, where it holds no more than an opening word."""
    text = node_text(node, 60)
    if len(text) < 20 and node.parent is not None:
        wider = node_text(node.parent, 60)
        if len(wider) <= 120:
            return wider
    return text if len(text) <= 160 else ""
