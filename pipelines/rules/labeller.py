"""The rule labeller and the order of its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipelines.blocks import PageBlock, PageFacts, Verdict
from pipelines.rules.biography import find_biography
from pipelines.rules.captions import find_captions
from pipelines.rules.headline import find_headline
from pipelines.rules.inside import judge_inside
from pipelines.rules.line import judge_lines
from pipelines.rules.margins import judge_head, judge_tail, soften
from pipelines.rules.page import Page
from pipelines.rules.region import find_region, stretch
from pipelines.rules.repeats import mark_repeats
from pipelines.rules.sections import absorb, claim_sections
from pipelines.rules.threads import find_threads

_STEPS: tuple[Callable[[Page], None], ...] = (
    judge_lines, find_headline, find_captions, find_threads, claim_sections, absorb, find_region, stretch,
    soften, judge_head, mark_repeats, find_biography, judge_tail, judge_inside,
)  # fmt: skip


class RuleLabeller:
    """Labels a dump's lines by tables (`pipelines.cues`) and by where they stand. Pure and deterministic.

    It looks at each block's text and gap, and at the facts' headline and address; at nothing else.
    """

    def label(self, blocks: Sequence[PageBlock], facts: PageFacts) -> list[Verdict]:
        """One verdict for each block, in order, each with a reason a reader understands."""
        page = Page(blocks, facts)
        for step in _STEPS:
            step(page)
        return [verdict or Verdict("other", "no rule knows it", 0.3) for verdict in page.verdicts]
