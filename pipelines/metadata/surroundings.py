"""Where on a page an element stands: with the article, or with something else the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice, zip_longest

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.metadata.plain import UNSEEN, node_text

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
_ARTICLE_FOOTER = re.compile(r"entry|post|article|story|content|meta", re.I)
#: Class names that tell a state of the element, not what it is.
_STATE = re.compile(r"^(?:has|is|with|without|no|js|can)[-_]|[-_](?:enabled|disabled|open|active)$", re.I)
#: No deeper than this do we look for what an element stands in.
_MAX_ANCESTORS = 25
#: Text nodes around the headline in which a byline or date without any mark is looked for; measured: further
#: away stand the dates and names of other articles.
_BEFORE_HEADLINE, _AFTER_HEADLINE = 15, 70
_MAX_NODES = 2000
_ROOTS = frozenset({"body", "html"})


class Surroundings:
    """What stands around a page's headline, and what does not belong to it."""

    def __init__(self, tree: LexborHTMLParser, headline: LexborNode | None) -> None:
        self.tree = tree
        self.headline = headline
        self._verdicts: dict[int, bool] = {}
        self._read: list[tuple[str, LexborNode]] = []
        here = headline.parent if headline is not None else None
        while here is not None:
            # What holds the headline as well holds the article, whatever it is called.
            self._verdicts[here.mem_id] = False
            here = here.parent

    def is_foreign(self, node: LexborNode) -> bool:
        """Whether an element, by what it stands in, does not speak of the page's own article."""
        walked = []
        verdict = False
        here: LexborNode | None = node
        for _ in range(_MAX_ANCESTORS):
            if here is None or here.tag in _ROOTS:
                break
            known = self._verdicts.get(here.mem_id)
            if known is not None:
                verdict = known
                break
            walked.append(here.mem_id)
            if self._is_foreign_itself(here):
                verdict = True
                break
            if here.tag == "article" and self.headline is None:
                break
            here = here.parent
        for identity in walked:
            self._verdicts[identity] = verdict
        return verdict

    def _is_foreign_itself(self, node: LexborNode) -> bool:
        attributes = node.attributes
        if node.tag == "footer":  # a footer within the article is the article's
            own = node.parent is not None and node.parent.tag in ("article", "main")
            return not (own or _ARTICLE_FOOTER.search(attributes.get("class") or ""))
        if node.tag in _FOREIGN_TAGS:
            return True
        return _speaks_of_else(attributes.get("class") or "") or _speaks_of_else(attributes.get("id") or "")

    def texts(self) -> Iterator[tuple[str, LexborNode]]:
        """The texts around the headline with what holds them, nearest first; foreign ones among them."""
        yield from self._read
        for held in self._unread:
            self._read.append(held)
            yield held

    def holders(self) -> Iterator[LexborNode]:
        """What holds these texts, each once."""
        seen = set()
        for _, holder in self.texts():
            if holder.mem_id not in seen:
                seen.add(holder.mem_id)
                yield holder

    @cached_property
    def _unread(self) -> Iterator[tuple[str, LexborNode]]:
        """What `texts` has not come to yet: most pages need few of them, or none."""
        if self.headline is None:
            return
        after = islice(_held(_following(self.headline)), _AFTER_HEADLINE)
        before = islice(_held(_preceding(self.headline)), _BEFORE_HEADLINE)
        yield from (held for pair in zip_longest(after, before) for held in pair if held is not None)


def _following(node: LexborNode) -> Iterator[LexborNode]:
    """The nodes after `node` and its content, in the order of the page."""
    here: LexborNode | None = node
    descend = False
    while here is not None:
        following = here.first_child if descend else None
        while following is None and here is not None:
            following = here.next
            here = here.parent
        here, descend = following, True
        if following is not None:
            yield following


def _preceding(node: LexborNode) -> Iterator[LexborNode]:
    """The nodes before `node`, the nearest first."""
    here: LexborNode | None = node
    while here is not None:
        before = here.prev
        if before is None:
            here = here.parent
            continue
        while before.last_child is not None:
            before = before.last_child
        here = before
        yield here


def _held(nodes: Iterator[LexborNode]) -> Iterator[tuple[str, LexborNode]]:
    """The texts among `nodes` with the elements that hold them."""
    for node in islice(nodes, _MAX_NODES):
        if node.is_text_node and (told := (node.text_content or "").strip()):
            holder = node.parent
            if holder is not None and holder.tag not in UNSEEN:
                yield told, holder


@lru_cache(maxsize=4096)
def _speaks_of_else(names: str) -> bool:
    return any(_FOREIGN.search(name) and not _STATE.search(name) for name in names[:1000].split()[:20])


def shown_text(node: LexborNode) -> str:
    """The text of an element, "" for a long one; of that around it, where it holds but an opening word."""
    text = node_text(node, 60)
    if len(text) < 20 and node.parent is not None:
        wider = node_text(node.parent, 60)
        if len(wider) <= 120:
            return wider
    return text if len(text) <= 160 else ""
