"""What the cut blocks of an HTML page are called, and why: the model's word, and the tables' beside it.

Lines labelled by hand are few (some 2,800 lie on HTML pages), the tables of cue words and class names hold
what no training page of ours showed. So a table's word is worth a share beside the model's chances. Five
folds by site over 92 pages, mean F1 over 16 labels: the model alone .625, the tables as rules .60, both .669.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from archive.values import LABELS
from pipelines.blocks import PageBlock
from pipelines.cues import forms, phrase_cues, start_cue
from pipelines.model.compiled import compiled
from pipelines.model.features import Columns
from pipelines.model.lexical import Floats, Ints
from pipelines.model.markup import Tree

#: Column that holds a table's label code → what its word is worth beside the model's chances (0..1).
TABLES: Final = {"cue whole": 0.6, "cue start": 1.0, "cue opener": 0.5, "name label": 0.5, "cue phrase": 0.5}
#: A section's title rules so many blocks below it; what that is worth, and a line that names a writer's role.
REACH: Final = 12
WORTH: Final = {**TABLES, "ruling": 0.25, "role": 0.8}
_ROLE_CHARS: Final = 80
#: How far chances are drawn to the mean of the blocks of one place.
SMOOTHING: Final = 0.5
#: From here on a block says the headline, is mostly links.
_SAME: Final = 0.9
_LINKS: Final = 0.5
_QUOTED: Final = 48


class Named(NamedTuple):
    """A label for a cut block, and why in words."""

    label: str
    reason: str


def name_cut(
    blocks: Sequence[PageBlock],
    cut: npt.NDArray[np.bool_],
    chances: Floats,
    classes: tuple[str, ...],
    columns: Columns,
    tree: Tree,
    tokens: Sequence[Sequence[str]],
) -> list[Named]:
    """Label and reason of each cut block, in page order.

    `chances` holds the model's word, shape (cut blocks, classes); `columns` the page's features, `tree` its
    containers, `tokens` the lower-case words of its blocks.
    """
    at = np.flatnonzero(cut)
    ranks = at.tolist()
    worth = _drawn(chances.astype(np.float32), tree.leaf[at])
    codes = np.array([classes.index(label) if label in classes else -1 for label in LABELS])
    codes = np.concatenate(([-1], codes))  # code 0: no table knows it
    said = {source: codes[columns[source][at].astype(np.int64)] for source in TABLES}
    openers = np.maximum.accumulate(np.where(columns["cue opener"] > 0, np.arange(len(blocks)), -1)).tolist()
    ruled = np.array([_rules(blocks, openers[i], i) for i in ranks], dtype=bool)
    said["ruling"] = np.where(ruled, codes[columns["ruling opener"][at].astype(np.int64)], -1)
    byline = classes.index("byline") if "byline" in classes else -1
    roles = [byline if _is_role(blocks[i].text, tokens[i]) else -1 for i in ranks]
    said["role"] = np.array(roles, dtype=np.int64)
    for source, found in said.items():
        known = np.flatnonzero(found >= 0)
        worth[known, found[known]] += WORTH[source]
    best = worth.argmax(axis=1)
    spoke = {source: (found == best).tolist() for source, found in said.items()}
    held = (columns["headline held"][at] >= _SAME).tolist()
    linked = (columns["link share"][at] >= _LINKS).tolist()
    named = []
    for rank, (i, label) in enumerate(zip(ranks, [classes[number] for number in best.tolist()], strict=True)):
        opener = blocks[openers[i]].text if openers[i] >= 0 else ""
        evidence = Evidence({source for source, said_so in spoke.items() if said_so[rank]}, opener,
                            held[rank], linked[rank])  # fmt: skip
        named.append(Named(label, _why(label, blocks[i], evidence, tree, int(tree.leaf[i]))))
    return named


class Evidence(NamedTuple):
    """What speaks for a block's label: the tables that name it, the section's title, two features."""

    sources: set[str]
    opener: str
    says_headline: bool
    mostly_links: bool


def _is_role(text: str, tokens: Sequence[str]) -> bool:
    # Its first word is asked first: the form tries some eighty beginnings.
    return (
        len(text) <= _ROLE_CHARS
        and len(tokens) > 0
        and tokens[0].casefold() in forms.ROLE_BEGINNINGS
        and forms.ROLE.match(text) is not None
    )


def _rules(blocks: Sequence[PageBlock], opener: int, at: int) -> bool:
    """Whether a section's title rules a block: near below it, within the title's own container."""
    if opener < 0 or at - opener > REACH:
        return False
    container = blocks[opener].path[:-1]
    return blocks[at].path[: len(container)] == container


@compiled
def _drawn(chances: Floats, place: Ints) -> Floats:
    """Chances drawn towards the mean of the blocks of the same place."""
    count = int(place.max(initial=0)) + 1
    size = np.maximum(np.bincount(place, minlength=count), 1)
    mean = np.stack(
        [np.bincount(place, weights=column, minlength=count) / size for column in chances.T], axis=1
    )
    return np.asarray((1 - SMOOTHING) * chances + SMOOTHING * mean[place], dtype=np.float32)


def _why(label: str, block: PageBlock, evidence: Evidence, tree: Tree, leaf: int) -> str:
    """The plainest thing that speaks for the label."""
    sources = evidence.sources
    if "cue whole" in sources:
        return f"says only ‘{_brief(block.text)}’"
    if "cue opener" in sources:
        return f"opens the section ‘{_brief(block.text)}’"
    if "cue start" in sources:
        cue = start_cue(block.text)
        return f"cue ‘{_brief(cue.words if cue else block.text, 24)}’ at its start"
    if label == "headline" and evidence.says_headline:
        return "the page's headline" if block.tag == "h1" else "says the headline"
    if label == "caption" and block.tag == "figcaption":
        return "stands in a figure's caption"
    if "role" in sources:
        return "names a newsroom or a writer's role"
    if "name label" in sources and (name := _telling_name(tree, leaf, label)):
        return f"stands in ‘{_brief(name)}’"
    if "ruling" in sources:
        return f"stands under ‘{_brief(evidence.opener)}’"
    if "cue phrase" in sources:
        spoken = next((cue.words for cue in phrase_cues(block.text) if cue.label == label), block.text)
        return f"speaks of ‘{_brief(spoken.strip())}’"
    if label in ("related", "nav") and evidence.mostly_links:
        return "mostly links"
    if block.hidden:
        return "not shown by a browser"
    return f"learned: {label.replace('_', ' ')}"


def _telling_name(tree: Tree, node: int, label: str) -> str:
    """The name of the innermost container from `node` out that the table of names gives the label."""
    code = LABELS.index(label) + 1
    while node:
        if tree.named.label[node] == code:
            return tree.names[node]
        node = int(tree.parent[node])
    return ""


def _brief(text: str, limit: int = _QUOTED) -> str:
    text = text.partition("\n")[0]
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
