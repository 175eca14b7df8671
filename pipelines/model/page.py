"""A page's features as one matrix, for dumps and for HTML: what is measured once, and what the lexicon adds.

Measuring does not depend on what was learned; training measures each page once and asks the lexicon many
times.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from pipelines.blocks import PageBlock, PageFacts, Verdict
from pipelines.model import features as ft
from pipelines.model import hints, markup, memory, opinions, stated, units
from pipelines.model.features import Columns
from pipelines.model.lexical import Floats, Ints, Lexical, lexical


class Lexicons(msgspec.Struct, frozen=True):
    """Log-odds of staying in the article, by bucket: of words in texts, of words in names of elements."""

    texts: Floats
    names: Floats


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a page's blocks before the lexicon is asked. A dump has no `tree`, no `units`."""

    lexical: Lexical
    prose: Floats
    #: The columns that need no lexicon, in the order they are computed.
    fixed: Columns
    tree: markup.Tree | None = None
    units: dict[str, Ints] = {}


def measure_text(blocks: Sequence[PageBlock], facts: PageFacts, rules: Sequence[Verdict]) -> Measured:
    """Measure a dump's lines; `rules` is the rule labeller's word on each."""
    texts = [b.text for b in blocks]
    lex = lexical(texts)
    prose = ft.prose_score(lex)
    gaps = np.fromiter((b.gap for b in blocks), dtype=np.int64, count=len(blocks))
    fixed = ft.own(lex) | ft.gaps_of(gaps) | _said(texts, facts, lex, prose)
    fixed |= opinions.opinion_columns(*opinions.opinion_of(rules), prose)
    return Measured(lexical=lex, prose=prose, fixed=fixed)


def measure_html(blocks: Sequence[PageBlock], facts: PageFacts) -> Measured:
    """Measure the blocks of an HTML page."""
    texts = [b.text for b in blocks]
    n = len(texts)
    lex = lexical(texts)
    chars = np.fromiter((max(len(t), 1) for t in texts), dtype=np.float32, count=n)
    inside = np.fromiter((b.link_chars for b in blocks), dtype=np.float32, count=n)
    linked = np.minimum(inside / chars, 1)
    prose = (ft.prose_score(lex) * (1 - linked)).astype(np.float32)
    tree = markup.tree_of([b.path for b in blocks])
    fixed = ft.own(lex) | _said(texts, facts, lex, prose)
    fixed |= ft.overlap(lex, markup.words_of(facts.headline), "headline")
    fixed |= ft.overlap(lex, markup.words_of(facts.description), "description")
    fixed |= markup.link_columns(linked) | markup.element_columns(blocks, tree)
    fixed |= markup.container_columns(tree, lex, prose, linked)
    parts = units.units_of(tree, prose)
    fixed |= units.unit_columns(parts, tree, fixed["tag"], lex, prose, linked)
    fixed |= stated.body_columns(lex, prose, facts.article_body) | stated.picture_columns(blocks, lex)
    fixed |= stated.headline_columns(fixed, prose) | stated.page_columns(facts, len(blocks))
    fixed |= ft.overlap(lex, markup.words_of(" ".join(facts.authors)), "authors")
    return Measured(lexical=lex, prose=prose, fixed=fixed, tree=tree, units=parts)


def _said(texts: Sequence[str], facts: PageFacts, lex: Lexical, prose: Floats) -> Columns:
    codes: Ints = hints.codes(texts, lex)
    said = ft.relations(texts, lex, prose) | hints.cue_columns(codes, lex, prose)
    said |= memory.memory_columns(texts, facts.memory)
    return said | ft.overlap(lex, ft.slug_words(facts.url), "slug")


def columns_of(page: Measured, lexicons: Lexicons) -> Columns:
    """All features of the page's blocks, by name."""
    found = ft.looked_up(page.lexical, lexicons.texts)
    hint = np.minimum(found["lexicon lowest"], found["lexicon first two"])
    columns = page.fixed | found | ft.around(page.lexical, page.prose, hint)
    if page.tree is not None:
        columns |= markup.name_columns(page.tree, lexicons.names)
        columns |= units.unit_name_columns(page.units, page.tree, lexicons.names)
    return columns


def matrix(columns: Columns, names: Sequence[str] | None = None) -> Floats:
    """The columns of these names (None: all, as they come) side by side, one row a block.

    A model finds its features by their names: others beside them change nothing, and a column that comes to
    mean something else needs another name.
    """
    # A column is contiguous in memory: trees ask for one at a time.
    values = list(columns.values()) if names is None else [columns[name] for name in names]
    out = np.empty((len(values), len(values[0])), dtype=np.float32)
    for row, column in zip(out, values, strict=True):
        row[:] = column
    return out.T
