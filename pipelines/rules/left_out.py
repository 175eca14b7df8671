"""What kind of thing a block is that the referee left out."""

from __future__ import annotations

from pipelines.blocks import Verdict
from pipelines.cues import name_cue
from pipelines.rules.page import Page


def left_out(page: Page, at: int) -> Verdict:
    """Name the kind of a block that the referee left out."""
    block, shape = page.blocks[at], page.shapes[at]
    if cue := name_cue(block.path):
        label = "author_bio" if cue.label == "byline" and shape.words >= 8 else cue.label
        return Verdict(label, f"outside the article; stands in ‘{cue.words}’", 0.8)
    if shape.phrases:
        return Verdict(
            shape.phrases[0].label,
            f"outside the article; speaks of ‘{shape.phrases[0].words.strip()}’",
            0.7,
        )
    if block.link_chars * 2 > len(block.text):
        return Verdict("related" if shape.words >= 4 else "nav", "outside the article; mostly links", 0.7)
    return Verdict("other", "outside the article", 0.5)
