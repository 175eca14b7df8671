"""The parts of the page's main container: paragraphs are parts of their own, boxes amid them are others.

The main container is the innermost one that holds half of the page's running text (and, as a second reading,
four fifths). Each block within it belongs to one of its children; a run of blocks of one child is a unit: a
paragraph, a list, a box of facts, a second article.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from pipelines.model.features import Columns
from pipelines.model.lexical import Floats, Ints, Lexical
from pipelines.model.markup import TAGS, Tree, name_keys

#: Name of a reading → share of the page's prose that the main container holds at least.
READINGS: Final = {"half": 0.5, "most": 0.8}
_OUTSIDE: Final = -1


def _depths(tree: Tree) -> Ints:
    depths = [0] * tree.count
    for node in range(1, tree.count):
        depths[node] = depths[tree.parent[node]] + 1
    return np.array(depths, dtype=np.int64)


def units_of(tree: Tree, prose: Floats) -> dict[str, Ints]:
    """For each reading, the child of the main container that each block stands in; -1 outside of it."""
    within = np.bincount(tree.flat, weights=prose[tree.owner], minlength=tree.count)
    depths = _depths(tree)
    parents = np.array(tree.parent, dtype=np.int64)
    holds_others = np.zeros(tree.count, dtype=bool)
    holds_others[parents] = True
    found = {}
    for reading, least in READINGS.items():
        # Paragraphs side by side share a path: what holds no other element is no container.
        holds = holds_others & (within >= least * (float(prose.sum()) + 1e-9))
        main = int(np.argmax(np.where(holds, depths * 2_000_000 - np.arange(tree.count), -1)))
        unit = np.full(len(prose), _OUTSIDE, dtype=np.int64)
        inside = (parents[tree.flat] == main) & (tree.flat != main) & (tree.flat != 0)
        unit[tree.owner[inside]] = tree.flat[inside]
        unit[tree.leaf == main] = main
        found[reading] = unit
    return found


def unit_columns(tree: Tree, tags: Floats, lex: Lexical, prose: Floats, linked: Floats) -> Columns:
    """What each block's unit is like, and where in it the block stands."""
    n = len(prose)
    columns: Columns = {}
    total = float(prose.sum()) + 1.0
    words = lex.words + 1
    node_tags = np.array([_tag_code(name) for name in tree.names], dtype=np.float32)
    for reading, unit in units_of(tree, prose).items():
        fresh = np.concatenate(([True], unit[1:] != unit[:-1]))
        run = np.cumsum(fresh) - 1
        first = np.flatnonzero(fresh)
        count = len(first)
        sums = {
            "prose of page": np.bincount(run, weights=prose, minlength=count) / total,
            "words": np.log1p(np.bincount(run, weights=words, minlength=count)),
            "blocks": np.log1p(np.bincount(run, minlength=count)),
            "link share": np.bincount(run, weights=linked * words, minlength=count)
            / np.bincount(run, weights=words, minlength=count),
            "first tag": tags[first],
            "first words": np.log1p(lex.words[first]),
        }
        outside = unit < 0
        for name, values in sums.items():
            columns[f"unit {name} ({reading})"] = np.where(outside, -1, values[run]).astype(np.float32)
        place = np.arange(n) - first[run]
        columns[f"in unit ({reading})"] = np.where(outside, -1, np.minimum(place, 30)).astype(np.float32)
        columns[f"unit tag ({reading})"] = np.where(outside, -1, node_tags[unit]).astype(np.float32)
        kin = np.bincount(unit[~outside], minlength=tree.count) if n else np.zeros(tree.count)
        kin_prose = np.bincount(unit[~outside], weights=prose[~outside], minlength=tree.count)
        columns[f"unit kin ({reading})"] = np.where(outside, -1, np.log1p(kin[unit])).astype(np.float32)
        columns[f"unit kin prose of page ({reading})"] = np.where(
            outside, -1, kin_prose[unit] / total
        ).astype(np.float32)
    return columns


@lru_cache(maxsize=20_000)
def _inside_keys(name: str) -> Ints:
    return np.array(name_keys(name)[1], dtype=np.int64)


def unit_name_columns(tree: Tree, prose: Floats, table: Floats) -> Columns:
    """What the name of each block's unit meant on the training pages."""
    columns: Columns = {}
    for reading, unit in units_of(tree, prose).items():
        said = {}
        for node in set(unit.tolist()) - {_OUTSIDE}:
            values = table[_inside_keys(tree.names[node])]
            said[node] = float(values.sum()), float(values.min(initial=0.0))
        said[_OUTSIDE] = (-9.0, -9.0)
        both = np.array([said[node] for node in unit.tolist()], dtype=np.float32).reshape(-1, 2)
        columns[f"unit name ({reading})"] = both[:, 0]
        columns[f"unit name lowest ({reading})"] = both[:, 1]
    return columns


@lru_cache(maxsize=20_000)
def _tag_code(name: str) -> float:
    cut = min((at for mark in "#.>" if (at := name.find(mark)) >= 0), default=len(name))
    return TAGS.get(name[:cut], 0.0)
