"""Features that only HTML knows: elements, containers, names of classes, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from archive.values import LABELS
from pipelines.blocks import PageBlock
from pipelines.cues import name_cue, name_tables
from pipelines.model import features as ft
from pipelines.model.compiled import compiled
from pipelines.model.features import Columns
from pipelines.model.lexical import Floats, Ints, Lexical, bucket

#: Elements by what they usually hold; the order is part of the trained model.
TAGS: Final = {
    tag: float(code)
    for code, tags in enumerate((
        "", "p", "blockquote q", "h2", "h3", "h4 h5 h6", "h1", "li", "dd", "dt", "pre code",
        "td th tr table caption", "div", "section article main", "span font b strong em i",
        "figcaption figure", "a", "aside", "time", "label legend summary details", "address",
        "center body html", "ul ol dl",
    ), 1)
    for tag in tags.split()
}  # fmt: skip
#: Elements that say something about everything within them.
WITHIN: Final = (
    "article",
    "main",
    "section",
    "aside",
    "figure",
    "ul",
    "table",
    "blockquote",
    "form",
    "header",
    "footer",
)
#: Ancestors whose statistics are features: the parent, and so on outwards.
STEPS: Final = ("parent", "grandparent", "third", "fourth", "sixth")
_STEP: Final = (1, 2, 3, 4, 6)

_NAME_PART: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_PATH_ENDS: Final = 12


@lru_cache(maxsize=20_000)
def name_keys(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Lexicon buckets of the words of one path entry, as the block's own name and as a container's."""
    words = {w.lower() for w in _NAME_PART.findall(name[:160]) if len(w) > 1}
    tag = re.split(r"[#.>]", name, maxsplit=1)[0]
    words.discard(tag)
    listed = sorted(words)[:10]
    return (
        tuple(bucket(f"own {w}") for w in [*listed, f"<{tag}>"]),
        tuple(bucket(f"in {w}") for w in [*listed, f"<{tag}>"]),
    )


@lru_cache(maxsize=20_000)
def name_label(name: str) -> int:
    """Code of the label that the table of class names gives one path entry; 0 for none."""
    cue = name_cue((name,))
    return LABELS.index(cue.label) + 1 if cue else 0


class Named(NamedTuple):
    """What the names of containers say, by container.

    `own` and `inside` are buckets of the lexicon for the words of each name, as a block's own and as that of
    a container around it; those of container c stand at `starts[c]:starts[c + 1]`. `label` is the code of
    `name_label`, `tag` the element's in `TAGS`, `within` the bits of `WITHIN` that it is.
    """

    own: Ints
    inside: Ints
    starts: Ints
    label: Ints
    tag: Floats
    within: Ints


class NameTables(NamedTuple):
    """The tables that names are looked up in: `TAGS`, the bits of `WITHIN`, and those of `name_label`."""

    codes: dict[str, float]
    bits: dict[str, int]
    elements: dict[str, int]
    roles: dict[str, int]
    words: dict[tuple[str, ...], int]


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """The containers of a page's blocks: path prefixes, numbered from the outermost in.

    `above[i, s]` is the container `STEPS[s]` above block i (0, the page, where there is none). `flat` are all
    containers of all blocks one after the other, `owner` the block each stands for.
    """

    above: Ints
    leaf: Ints
    signature: Ints
    #: The innermost container named `article` around each block (0: none), and its rank among the page's.
    article: Ints
    article_rank: Ints
    depth: Ints
    flat: Ints
    owner: Ints
    count: int
    parent: Ints
    names: list[str]
    #: What each container's name says: see `_named`.
    named: Named


def _shared(path: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many names two paths begin with alike."""
    for size, (name, its) in enumerate(zip(path, other, strict=False)):
        if name != its:
            return size
    return min(len(path), len(other))


@compiled
def _numbered(paths: Sequence[tuple[str, ...]], steps: tuple[int, ...]) -> tuple[Any, ...]:
    """What `Tree` holds: by container parent, name, article and its rank; by block the rest.

    `sizes` are the containers of each block among those in `flat`.
    """
    inside: list[dict[str, int]] = [{}]
    parent, names = [0], [""]
    articles, ranks, seen = [0], [0], 0
    signatures: dict[str, int] = {}
    chains: dict[tuple[str, ...], list[int]] = {}
    above, leaf, signature, depth = [], [], [], []
    flat: list[int] = []
    sizes = []
    before: tuple[str, ...] = ()
    chain = [0]
    for path in paths:
        known = chains.get(path)
        if known is not None:
            chain = known
        else:
            # Blocks that follow one another share most of what is around them.
            shared = _shared(path, before)
            chain = chain[: shared + 1]
            at = chain[-1]
            for name in path[shared:]:
                found = inside[at].get(name)
                if found is None:
                    found = inside[at][name] = len(parent)
                    inside.append({})
                    parent.append(at)
                    names.append(name)
                    if name.startswith("article") and name[7:8] in ("", ".", "#", ">"):
                        seen += 1
                        articles.append(found)
                        ranks.append(seen)
                    else:
                        articles.append(articles[at])
                        ranks.append(ranks[at])
                at = found
                chain.append(at)
            chains[path] = chain
        before = path
        size = len(chain)
        leaf.append(chain[-1])
        above.append([chain[max(size - 1 - s, 0)] for s in steps])
        last = path[-1] if path else ""
        signature.append(signatures.setdefault(last, len(signatures)))
        depth.append(size - 1)
        flat.extend(chain)
        sizes.append(size)
    numbers = (parent, articles, ranks, above, leaf, signature, depth, flat, sizes)
    arrays = [np.array(values, dtype=np.int64) for values in numbers]
    arrays[3] = arrays[3].reshape(len(sizes), len(steps))
    return (names, *arrays)


def _tables() -> NameTables:
    elements, roles, words = name_tables()
    code = {label: number for number, label in enumerate(LABELS, 1)}
    return NameTables(
        codes=TAGS,
        bits={tag: 1 << i for i, tag in enumerate(WITHIN)},
        elements={name: code[label] for name, label in elements.items()},
        roles={name: code[label] for name, label in roles.items()},
        words={name: code[label] for name, label in words.items()},
    )


_TABLES: Final = _tables()


def _element(name: str) -> str:
    """The element of one path entry: `div` of `div#id.class>span`."""
    return name[: min((at for mark in "#.>" if (at := name.find(mark)) >= 0), default=len(name))]


@compiled
def _named(names: Sequence[str], tables: NameTables) -> tuple[Any, ...]:
    """The fields of `Named`."""
    own: list[int] = []
    inside: list[int] = []
    starts = [0]
    for name in names:
        mine, around = name_keys(name)
        own.extend(mine)
        inside.extend(around)
        starts.append(len(own))
    elements = [_element(name) for name in names]
    return (
        np.array(own, dtype=np.int64),
        np.array(inside, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array([name_label(name) for name in names], dtype=np.int64),
        np.array([tables.codes.get(element, 0.0) for element in elements], dtype=np.float32),
        np.array([tables.bits.get(element, 0) for element in elements], dtype=np.int64),
    )


def tree_of(paths: Sequence[tuple[str, ...]]) -> Tree:
    """Number the path prefixes of a page's blocks."""
    names, parent, articles, ranks, above, leaf, signature, depth, flat, sizes = _numbered(paths, _STEP)
    return Tree(
        above=above,
        leaf=leaf,
        signature=signature,
        article=articles[leaf],
        article_rank=ranks[leaf],
        depth=depth,
        flat=flat,
        owner=np.repeat(np.arange(len(paths)), sizes),
        count=len(parent),
        parent=parent,
        names=names,
        named=Named(*_named(names, _TABLES)),
    )


def _sums(where: Ints, count: int, values: Floats) -> Floats:
    return np.bincount(where, weights=values, minlength=count).astype(np.float32)


def container_columns(tree: Tree, lex: Lexical, prose: Floats, linked: Floats) -> Columns:
    """What stands in the containers around each block: prose, links, and how far out the article's own is."""
    n = len(prose)
    ones = np.ones(n, dtype=np.float32)
    words = lex.words + 1
    at = tree.flat
    total_prose = float(prose.sum()) + 1.0
    within_prose = _sums(at, tree.count, prose[tree.owner])
    within_words = _sums(at, tree.count, words[tree.owner])
    within_links = _sums(at, tree.count, (linked * words)[tree.owner])
    within_blocks = _sums(at, tree.count, ones[tree.owner])
    columns: Columns = {"depth": tree.depth.astype(np.float32)}
    for s, step in enumerate(STEPS):
        box = tree.above[:, s]
        columns[f"{step} prose of page"] = within_prose[box] / total_prose
        columns[f"{step} prose share"] = within_prose[box] / within_words[box]
        columns[f"{step} link share"] = within_links[box] / within_words[box]
        columns[f"{step} blocks"] = np.log1p(within_blocks[box])
    inside_article = np.where(tree.article > 0, within_prose[tree.article] / total_prose, 0.0)
    columns["article prose of page"] = inside_article.astype(np.float32)
    columns["article rank"] = np.minimum(tree.article_rank, 10).astype(np.float32)
    columns["articles"] = np.full(n, np.log1p(tree.article_rank.max(initial=0)), dtype=np.float32)
    share = within_prose[at] / total_prose
    for name, least in (("half", 0.5), ("most", 0.8)):
        # Containers outward of the innermost one with so much of the page's prose: how far this block is
        # from it.
        inside = share < least
        columns[f"climb to {name}"] = np.bincount(tree.owner, weights=inside, minlength=n).astype(np.float32)
    for name, group, count in (
        ("same place", tree.leaf, tree.count),
        ("same name", tree.signature, int(tree.signature.max(initial=0)) + 1),
    ):
        blocks = _sums(group, count, ones)[group]
        sums = _sums(group, count, prose)[group]
        sizes = _sums(group, count, words)[group]
        columns[f"{name} blocks"] = np.log1p(blocks)
        columns[f"{name} prose"] = np.log1p(sums)
        columns[f"{name} prose share"] = sums / sizes
        columns[f"{name} mean words"] = np.log1p(sizes / blocks)
        columns[f"{name} link share"] = _sums(group, count, linked * words)[group] / sizes
        columns[f"{name} prose of page"] = sums / total_prose
    return columns


#: Columns of `name_columns`, in the order of `_told`.
_TOLD: Final = (
    "own name", "own name lowest", "own name highest", "parent name", "grandparent name", "names lowest",
    "names highest", "names sum", "name label",
)  # fmt: skip


@compiled
def _told(
    own: Ints, inside: Ints, starts: Ints, label: Ints, parent: Ints, leaf: Ints, above: Ints, table: Floats
) -> Floats:
    """The columns of `_TOLD`, shape (columns, blocks)."""
    at, values = starts[:-1], table[own]
    mine = [reduce.reduceat(values, at) for reduce in (np.add, np.minimum, np.maximum)]
    values = table[inside]
    here = np.add.reduceat(values, at)
    worst, best = np.minimum.reduceat(values, at).tolist(), np.maximum.reduceat(values, at).tolist()
    count = len(parent)
    low, high, sums, told = [0.0] * count, [0.0] * count, [0.0] * count, [0] * count
    # From the outermost in: a container inherits the worst and the best said of those around it.
    for node, up in enumerate(parent.tolist()[1:], 1):
        low[node] = min(low[up], worst[node])
        high[node] = max(high[up], best[node])
        sums[node] = sums[up] + float(here[node])
        told[node] = int(label[node]) or told[up]
    inherited = [np.array(values, dtype=np.float32)[above[:, 0]] for values in (low, high, sums)]
    return np.stack(
        [
            *(values[leaf] for values in mine),
            here[above[:, 0]],
            here[above[:, 1]],
            *inherited,
            np.array(told, dtype=np.float32)[leaf],
        ]
    )


def name_columns(tree: Tree, table: Floats) -> Columns:
    """What the names of the block's own element and of those around it meant on the training pages."""
    own, inside, starts, label, _, _ = tree.named
    found = _told(own, inside, starts, label, tree.parent, tree.leaf, tree.above, table)
    return dict(zip(_TOLD, found, strict=True))


@compiled
def _inherited(parent: Ints, bits: Ints) -> Ints:
    """The bits of each container and of all around it."""
    found = [0] * len(parent)
    for node, up in enumerate(parent.tolist()[1:], 1):
        found[node] = int(bits[node]) | found[up]
    return np.array(found, dtype=np.int64)


def element_columns(blocks: Sequence[PageBlock], tree: Tree) -> Columns:
    n = len(blocks)
    tags = np.fromiter((TAGS.get(b.tag, 0.0) for b in blocks), dtype=np.float32, count=n)
    mask = _inherited(tree.parent, tree.named.within)[tree.leaf]
    columns: Columns = {
        "tag": tags,
        "hidden": np.fromiter((b.hidden for b in blocks), dtype=np.float32, count=n),
    }
    for i, tag in enumerate(WITHIN):
        columns[f"in {tag}"] = ((mask >> i) & 1).astype(np.float32)
    for step in (-2, -1, 1, 2):
        where = f"{-step} before" if step < 0 else f"{step} after"
        columns[f"tag {where}"] = ft.shift(tags, -step)
    same = tree.leaf
    columns["same place before"] = np.concatenate(([0], same[1:] == same[:-1])).astype(np.float32)
    columns["same place after"] = np.concatenate((same[1:] == same[:-1], [0])).astype(np.float32)
    heading = (tags >= TAGS["h2"]) & (tags <= TAGS["h1"])
    columns["since heading"] = ft.since(heading)
    columns["until heading"] = ft.until(heading)
    columns["since h1"] = ft.since(tags == TAGS["h1"])
    columns["h1 ahead"] = np.minimum(np.cumsum(tags == TAGS["h1"]), 6).astype(np.float32)
    return columns


def link_columns(linked: Floats) -> Columns:
    columns: Columns = {"link share": linked}
    for reach in (1, 4):
        columns[f"link share within {reach}"] = ft.window(linked, reach)
    columns["link share before"] = ft.shift(linked, 1)
    columns["link share after"] = ft.shift(linked, -1)
    columns["link share of page"] = np.full_like(linked, linked.mean() if len(linked) else 0)
    return columns


def words_of(text: str | None) -> frozenset[str]:
    """The distinct words of a headline or description, lower case."""
    return frozenset(re.findall(r"\w+", (text or "").lower())[:60])
