"""The parts of the page's main container: paragraphs are parts of their own, boxes amid them are others.

The main container is the innermost one that holds half of the page's running text (and, as a second reading,
four fifths). Each block within it belongs to one of its children; a run of blocks of one child is a unit: a
paragraph, a list, a box of facts, a second article.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pipelines.model.compiled import compiled
from pipelines.model.features import Columns
from pipelines.model.lexical import Floats, Ints, Lexical
from pipelines.model.markup import Tree

#: Name of a reading → share of the page's prose that the main container holds at least.
READINGS: Final = {"half": 0.5, "most": 0.8}
_OUTSIDE: Final = -1
#: What is said of a unit's name outside of the main container.
_NAMELESS: Final = -9.0


def units_of(tree: Tree, prose: Floats) -> dict[str, Ints]:
    """For each reading, the child of the main container that each block stands in; -1 outside of it."""
    whole = float(prose.sum()) + 1e-9
    leasts = tuple(least * whole for least in READINGS.values())
    found = _units(tree.parent, tree.flat, tree.owner, tree.leaf, prose, leasts)
    return dict(zip(READINGS, found, strict=True))


@compiled
def _units(
    parent: Ints, flat: Ints, owner: Ints, leaf: Ints, prose: Floats, leasts: tuple[float, ...]
) -> Ints:
    """The units for each least sum of prose in the main container, shape (readings, blocks)."""
    count = len(parent)
    within = np.bincount(flat, weights=prose[owner], minlength=count)
    depths = np.zeros(count, dtype=np.int64)
    for node in range(1, count):
        depths[node] = depths[parent[node]] + 1
    holds_others = np.zeros(count, dtype=bool)
    holds_others[parent] = True
    found = np.full((len(leasts), len(prose)), _OUTSIDE, dtype=np.int64)
    for unit, least in zip(found, leasts, strict=True):
        # Paragraphs side by side share a path: what holds no other element is no container.
        holds = holds_others & (within >= least)
        main = int(np.argmax(np.where(holds, depths * 2_000_000 - np.arange(count), -1)))
        inside = (parent[flat] == main) & (flat != main) & (flat != 0)
        unit[owner[inside]] = flat[inside]
        unit[leaf == main] = main
    return found


#: Columns of `unit_columns`, in the order of `_unit_sums`; those that are logarithms.
_SUMS: Final = (
    "unit prose of page", "unit words", "unit blocks", "unit link share", "unit first tag",
    "unit first words", "in unit", "unit tag", "unit kin", "unit kin prose of page",
)  # fmt: skip
_LOGS: Final = [_SUMS.index(name) for name in ("unit words", "unit blocks", "unit kin")]
_FIRST_WORDS: Final = _SUMS.index("unit first words")


@compiled
def _unit_sums(
    unit: Ints, tags: Floats, words: Floats, prose: Floats, linked: Floats, node_tags: Floats, total: float
) -> Floats:
    """The columns of `_SUMS` before their logarithms, shape (columns, blocks); outside of the units, any."""
    count = len(node_tags)
    fresh = np.concatenate(([True], unit[1:] != unit[:-1]))
    run = np.cumsum(fresh) - 1
    first = np.flatnonzero(fresh)
    sizes = words + np.float32(1)
    size = np.bincount(run, weights=sizes)
    inside = np.where(unit < 0, count, unit)  # a place of its own for what stands outside
    kin = np.bincount(inside, minlength=count + 1)
    kin_prose = np.bincount(inside, weights=prose, minlength=count + 1)
    return np.stack(
        [
            (np.bincount(run, weights=prose) / total)[run],
            size[run],
            np.bincount(run)[run],
            (np.bincount(run, weights=linked * sizes) / size)[run],
            tags[first][run],
            words[first][run],
            np.minimum(np.arange(len(unit)) - first[run], 30),
            node_tags[unit],
            kin[inside],
            kin_prose[inside] / total,
        ]
    )


def unit_columns(
    units: dict[str, Ints], tree: Tree, tags: Floats, lex: Lexical, prose: Floats, linked: Floats
) -> Columns:
    """What each block's unit is like, and where in it the block stands."""
    columns: Columns = {}
    total = float(prose.sum()) + 1.0
    for reading, unit in units.items():
        sums = _unit_sums(unit, tags, lex.words, prose, linked, tree.named.tag, total)
        sums[_LOGS] = np.log1p(sums[_LOGS])
        found = sums.astype(np.float32)
        found[_FIRST_WORDS] = np.log1p(found[_FIRST_WORDS])
        found[:, unit < 0] = _OUTSIDE
        columns |= {f"{name} ({reading})": values for name, values in zip(_SUMS, found, strict=True)}
    return columns


@compiled
def _unit_names(unit: Ints, inside: Ints, starts: Ints, table: Floats) -> Floats:
    """Sum and lowest of what the table says of each unit's name, shape (2, blocks)."""
    said = {_OUTSIDE: (_NAMELESS, _NAMELESS)}
    for node in set(unit.tolist()) - {_OUTSIDE}:
        values = table[inside[starts[node] : starts[node + 1]]]
        said[node] = float(values.sum()), float(values.min(initial=0.0))
    return np.array([said[node] for node in unit.tolist()], dtype=np.float32).reshape(-1, 2).T


def unit_name_columns(units: dict[str, Ints], tree: Tree, table: Floats) -> Columns:
    """What the name of each block's unit meant on the training pages."""
    columns: Columns = {}
    for reading, unit in units.items():
        both = _unit_names(unit, tree.named.inside, tree.named.starts, table)
        columns[f"unit name ({reading})"], columns[f"unit name lowest ({reading})"] = both
    return columns
