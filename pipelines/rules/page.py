"""A page's lines with what is known of each so far: the state that every step of the reading shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.blocks import PageBlock, PageFacts, Verdict
from pipelines.rules.mending import mend_dialogue, mend_wrapped
from pipelines.shapes import shape_of


class Page:
    """The page's lines with what is known of each so far."""

    def __init__(self, blocks: Sequence[PageBlock], facts: PageFacts) -> None:
        self.blocks = blocks
        self.facts = facts
        self.shapes = [shape_of(block.text) for block in blocks]
        self.verdicts: list[Verdict | None] = [None] * len(blocks)
        self.counts = Counter(shape.fold for shape in self.shapes)
        #: Verdicts that hold only outside the text: amid it, the line is the text's.
        self.soft: dict[int, Verdict] = {}
        self.headline: int | None = None
        self.start = 0
        self.stop = len(blocks)
        mend_dialogue(self.blocks, self.shapes)
        mend_wrapped(self.blocks, self.shapes)
        #: For each line, words of running text from it on.
        self.prose_after = [0] * (len(blocks) + 1)

    def __len__(self) -> int:
        return len(self.blocks)

    def late(self, at: int) -> bool:
        """Whether little of the page's running text comes after this line, and some came before."""
        return self.prose_after[at] * 6 < self.prose_after[0] - self.prose_after[at]

    def open(self, at: int) -> bool:
        """Whether no rule has judged this line yet."""
        return self.verdicts[at] is None

    def cut(self, at: int, label: str, reason: str, score: float = 0.9) -> None:
        """Judge a line unless a rule has judged it already."""
        if self.verdicts[at] is None:
            self.verdicts[at] = Verdict(label, reason, score)

    def label_at(self, at: int) -> str:
        """The line's label so far, or the empty string."""
        verdict = self.verdicts[at]
        return verdict.label if verdict else ""

    def running(self, at: int, level: int = 2) -> bool:
        """Whether this line is undecided running text."""
        shape = self.shapes[at]
        return self.verdicts[at] is None and shape.prose >= level and not shape.teaser

    def next_open(self, at: int, limit: int = 12) -> int | None:
        """The next line after `at` that no rule has judged yet, at most `limit` lines on."""
        for k in range(at + 1, min(len(self), at + 1 + limit)):
            if self.verdicts[k] is None:
                return k
        return None
