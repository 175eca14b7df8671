"""The referee: what trafilatura takes for the article, told of our own blocks. Nobody else knows trafilatura.

trafilatura (Barbaresi 2021, ACL demo) reads the page with a parser and a tree of its own; its words are
laid over our blocks, so that what it leaves out can be accounted for in page order. Its `deduplicate` is
never used: it deletes the same text from the fourth page on, whatever the order brings. Comments and
metadata are ours.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from pipelines.blocks import PageBlock
from pipelines.render import fold_line, words

# Its warnings name no page and ask for nothing a user could do.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

#: Beyond these trafilatura 2.3.1 takes more than some seconds, or forever: 100,000 links 11 s, 200,000
#: paragraphs, 300,000 attributes of one tag and 30 MB more than 25 s. Of 4,000 development pages the largest
#: have 2.5 MB and 45,000 tags.
MAX_CHARS = 3_000_000
MAX_TAGS = 60_000
_MAX_TAG_CHARS = 400_000
#: libxml2 drops text nested deeper than 256 elements without a word.
MAX_DEPTH = 250

_LONG_TAG = re.compile(f"<[a-zA-Z][^<>]{{{_MAX_TAG_CHARS},}}")
#: Words in a run that make a place in a text recognisable; fewer repeat by chance.
_RUN = 4
_FOUND = [1] * _RUN
#: A block is trafilatura's when this share of its runs of words stands in trafilatura's text.
_SHARE = 0.6
#: Equal blocks looked at for one line: bounds a page of 20,000 equal paragraphs.
_MAX_CANDIDATES = 50


_Run = tuple[str, ...]


class Opinion(NamedTuple):
    """What trafilatura said of a page."""

    #: One for each block: kept or left out. Empty when it was not asked, or gave nothing.
    kept: tuple[bool, ...]
    #: Its lines that stand in no block of ours (text it read out of scripts, for instance).
    elsewhere: tuple[str, ...] = ()
    #: Why it was not asked, in a few words; "" when it was.
    silent: str = ""
    #: Whether trafilatura was run.
    asked: bool = False


def opinion(html: str, blocks: Sequence[PageBlock], *, depth: int = 0, url: str = "") -> Opinion:
    """Ask trafilatura about the page whose blocks are given. Never raises; never asks about hostile pages."""
    if reason := _too_much(html, depth):
        return Opinion((), (), reason)
    lines = _body_lines(html, url)
    if not lines:
        return Opinion((), (), "trafilatura found no article", asked=True)
    return lay_over(blocks, lines)._replace(asked=True)


def _too_much(html: str, depth: int) -> str:
    if len(html) > MAX_CHARS:
        return f"more than {MAX_CHARS:,} characters: trafilatura not asked"
    if html.count("<") > MAX_TAGS:
        return f"more than {MAX_TAGS:,} tags: trafilatura not asked"
    if depth > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH}: trafilatura not asked"
    if _LONG_TAG.search(html):
        return f"a tag of more than {_MAX_TAG_CHARS:,} characters: trafilatura not asked"
    return ""


def _body_lines(html: str, url: str) -> list[str]:
    # Most pages never need it, and the two take half a second to load.
    from lxml.etree import LxmlError
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(html, url=url or None, include_comments=False, with_metadata=False)
    except (LxmlError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return []  # its own faults on broken markup (trafilatura issues 189, 657): then we judge alone
    if document is None or isinstance(document, dict) or not document.text:
        return []
    # Our blocks come folded: soft hyphens in its words would make them other words.
    return [line for raw in document.text.split("\n") if (line := fold_line(raw))]


def lay_over(blocks: Sequence[PageBlock], lines: Sequence[str]) -> Opinion:
    """Find the lines of a text among the blocks of its page. Linear in the words of both.

    Lines equal to a block (but for case and punctuation) come first; where more blocks than lines say the
    same, the one that stands between its neighbours is meant. What lines split or merge is found by runs of
    four words, each run spent once.
    """
    return _Overlay(blocks, lines).opinion()


class _Overlay:
    def __init__(self, blocks: Sequence[PageBlock], lines: Sequence[str]) -> None:
        self.lines = lines
        self.block_words = [words(block.text.casefold()) for block in blocks]
        self.line_words = [words(line.casefold()) for line in lines]
        self.kept = [False] * len(blocks)
        #: For each line the block it equals, or -1.
        self.place = [-1] * len(lines)

    def opinion(self) -> Opinion:
        self._equals()
        open_lines = [i for i, block in enumerate(self.place) if block < 0 and self.line_words[i]]
        runs: dict[_Run, int] = defaultdict(int)
        for text in self._joined(open_lines):
            for run in _runs(text):
                runs[run] += 1
        if not runs:
            return Opinion(tuple(self.kept))
        known = {run for run in _runs([word for block in self.block_words for word in block]) if run in runs}
        self._parts(runs)
        self._crumbs(open_lines)
        elsewhere = tuple(self.lines[i] for i in open_lines if self._is_elsewhere(i, known))
        return Opinion(tuple(self.kept), elsewhere)

    def _joined(self, open_lines: Sequence[int]) -> Iterator[list[str]]:
        """The words of lines that follow one another: a block may hold several lines."""
        text: list[str] = []
        for rank, i in enumerate(open_lines):
            if rank and open_lines[rank - 1] != i - 1:
                yield text
                text = []
            text.extend(self.line_words[i])
        yield text

    def _equals(self) -> None:
        lines_of: dict[str, list[int]] = defaultdict(list)
        for i, line in enumerate(self.line_words):
            if line:
                lines_of[" ".join(line)].append(i)
        blocks_of: dict[str, list[int]] = defaultdict(list)
        for b, block in enumerate(self.block_words):
            key = " ".join(block)
            if key in lines_of:
                blocks_of[key].append(b)
        doubtful: list[tuple[int, deque[int]]] = []
        for key, where in blocks_of.items():
            wanted = lines_of[key]
            if len(where) > len(wanted):
                candidates = deque(where)
                doubtful.extend((i, candidates) for i in wanted)
                continue
            for i, b in zip(wanted, where, strict=False):
                self._put(i, b)
        self._settle(sorted(doubtful, key=lambda pair: pair[0]))

    def _put(self, line: int, block: int) -> None:
        self.place[line] = block
        self.kept[block] = True

    def _settle(self, doubtful: list[tuple[int, deque[int]]]) -> None:
        """Lines that several blocks say: the free one nearest after the line before, else nearest before."""
        before = -1
        cursor = 0
        for i, candidates in doubtful:
            while cursor < i:
                before = max(before, self.place[cursor])
                cursor += 1
            while candidates and self.kept[candidates[0]]:
                candidates.popleft()
            free = [b for b in islice(candidates, _MAX_CANDIDATES) if not self.kept[b]]
            if free:
                self._put(i, min(free, key=lambda b: (b <= before, abs(b - before))))

    def _parts(self, runs: dict[_Run, int]) -> None:
        """Blocks that a line holds among others (cells of a row), or that several lines hold in pieces."""
        first = next((b for b, kept in enumerate(self.kept) if kept), 0)
        gaps = list(self._gaps())
        for start, end in [
            *(gap for gap in gaps if gap[0] >= first),
            *(gap for gap in gaps if gap[0] < first),
        ]:
            text = [word for block in self.block_words[start:end] for word in block]
            found = [0] * len(text)
            for at, run in enumerate(_runs(text)):
                if runs.get(run, 0) > 0:
                    runs[run] -= 1
                    found[at : at + _RUN] = _FOUND
            at = 0
            for b in range(start, end):
                size = len(self.block_words[b])
                self.kept[b] = size > 0 and sum(found[at : at + size]) >= _SHARE * size
                at += size

    def _gaps(self) -> Iterator[tuple[int, int]]:
        """Ranges of blocks that are not kept."""
        for kept, group in groupby(range(len(self.kept)), key=self.kept.__getitem__):
            if not kept:
                indices = list(group)
                yield indices[0], indices[-1] + 1

    def _crumbs(self, open_lines: Sequence[int]) -> None:
        """Blocks of a few words that stand beside a kept one and within a line not placed."""
        crumbs = {
            run for i in open_lines for size in range(1, _RUN) for run in _runs(self.line_words[i], size)
        }
        for b, block in enumerate(self.block_words):
            if self.kept[b] or not block or len(block) >= _RUN:
                continue
            beside = (b > 0 and self.kept[b - 1]) or (b + 1 < len(self.kept) and self.kept[b + 1])
            if beside and tuple(block) in crumbs:
                self.kept[b] = True

    def _is_elsewhere(self, line: int, known: set[_Run]) -> bool:
        own = list(_runs(self.line_words[line]))
        return bool(own) and sum(run in known for run in own) < len(own) / 2


def _runs(text: Sequence[str], size: int = _RUN) -> Iterator[_Run]:
    return (tuple(text[i : i + size]) for i in range(len(text) - size + 1))
