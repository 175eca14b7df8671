"""The compiled parts give what the same code gives in Python: bit for bit, on written pages."""

# ruff: noqa: SIM905 - lists of tags and words read better as words

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import html_elements, html_markdown, html_walk
from pipelines.html_parse import parse
from pipelines.model import compiled, hints, kinds, lexical, markup, stated
from pipelines.model.stopwords import STOPWORDS

ROOT = Path(__file__).parents[2]
NEWSROOM = sorted((ROOT / "tests/newsroom/pages").glob("*/page.html"))
WALK = (html_elements, html_markdown, html_walk)

#: CI has a compiler: there the compiled parts must be there, and the tests below must run.
needs_compiled = pytest.mark.skipif(
    compiled.kernels is None and "CI" not in os.environ, reason="nothing is compiled here: no compiler"
)


def is_compiled(module: ModuleType) -> bool:
    return str(module.__file__).endswith(tuple(EXTENSION_SUFFIXES))


@needs_compiled
def test_all_parts_are_compiled_or_none() -> None:
    assert compiled.kernels is not None
    assert [module.__name__ for module in WALK if not is_compiled(module)] == []


@needs_compiled
@pytest.mark.parametrize("name", ["html_elements", "html_markdown", "html_walk", "model/kernels"])
def test_what_was_compiled_is_not_older_than_its_source(name: str) -> None:
    """Else one would edit the source and see nothing of it: `make test` builds it again."""
    path = ROOT / "pipelines" / name
    (built,) = (
        file for file in path.parent.glob(f"{path.name}.*") if file.name.endswith(tuple(EXTENSION_SUFFIXES))
    )
    sources = [path.with_suffix(suffix) for suffix in (".py", ".pyx", ".pxd")]
    assert built.stat().st_mtime >= max(file.stat().st_mtime for file in sources if file.exists())


def in_python(module: ModuleType) -> ModuleType:
    """The module as its source says it, whatever was compiled of it."""
    source = ROOT / "pipelines" / f"{module.__name__.rpartition('.')[2]}.py"
    spec = importlib.util.spec_from_file_location(f"{module.__name__}_in_python", source)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def walk_in_python() -> ModuleType:
    elements, markdown, walk = map(in_python, WALK)
    walk.known, walk.BY_ID, walk.element_of = elements, elements.BY_ID, elements.element_of  # type: ignore[attr-defined]
    walk.markdown = markdown.markdown  # type: ignore[attr-defined]
    return walk


def same_blocks(html: str, walk_in_python: ModuleType) -> None:
    url = "https://example.org/news/story"
    found = []
    for walk, tree in ((html_walk.Walk(url), parse(html)), (walk_in_python.Walk(url), parse(html))):
        assert tree.body is not None
        blocks = walk.blocks_under(tree.body)
        walk.write(blocks, range(len(blocks) + 1))
        found.append(blocks)
    assert found[0] == found[1]


@needs_compiled
@pytest.mark.parametrize("page", NEWSROOM, ids=lambda page: page.parent.name)
def test_the_walk_finds_the_same_blocks(page: Path, walk_in_python: ModuleType) -> None:
    same_blocks(page.read_text(encoding="utf-8"), walk_in_python)


#: What the walk has a way of its own for; closed or not, in any order.
PIECES = st.sampled_from(
    [
        *"<p> </p> </div> <b> </b> <i> </i> </a> <h2> </h2> <ul> <li> </ul> <nav> </nav> <td>".split(),
        *"<article> </article> <x-note> </x-note> <pre> </pre> <form> </span> <noscript> <img>".split(),
        *"<table> <br> <br><br> </noscript> <svg></svg> <!--c--> one &amp; *three* [four]".split(),
        *"５\u200b\u00ad e\u0301 שלום".split(),
        "<div class='a b'>",
        "<a href='/x?y=1'>",
        "<a href='../z'>",
        "<div hidden id='S:1'>",
        "<template id='B:1'></template>",
        "<span style='display:none'>",
        "<div role='dialog' id='cookie-box'>",
        "<span class='sr-only'>",
        " ",
        "\n",
        "A sentence that is long enough to end a paragraph when a line breaks after it, and it does. ",
    ]
)


@needs_compiled
@given(pieces=st.lists(PIECES, max_size=60))
def test_the_walk_finds_the_same_blocks_on_any_markup(pieces: list[str], walk_in_python: ModuleType) -> None:
    same_blocks("".join(pieces), walk_in_python)


def pair(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return compiled.PAIRS[name]


def same(name: str, *given: Any) -> None:
    function, twin = pair(name)
    wanted, got = function(*given), twin(*given)
    if not isinstance(wanted, tuple):
        wanted, got = (wanted,), (got,)
    assert len(wanted) == len(got)
    for one, other in zip(wanted, got, strict=True):
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.shape == other.shape
            assert np.array_equal(one, other)
        else:
            assert one == other


WORDS = "The a storm. says 2024 3rd Über straße ИВАН 東京 ไทย ٣٤ ½ _x “Yes.” (no) x! wind, rain".split()
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=120).map(" ".join), st.just("\ud800x")
    ),
    max_size=12,
)


@needs_compiled
@given(texts=TEXTS)
def test_words_and_characters_are_counted_alike(texts: list[str]) -> None:
    if texts:
        same("_counted", texts, lexical._class_table())
    same("_worded", texts, STOPWORDS)


@needs_compiled
@given(texts=TEXTS, seed=st.integers(0, 1000))
def test_what_is_said_twice_is_found_alike(texts: list[str], seed: int) -> None:
    tokens = lexical.lexical([*texts, *texts[:2]]).tokens if texts else []
    same("_related", tokens, (np.random.default_rng(seed).random(len(tokens)) > 0.5).tolist())


NAMES = st.sampled_from(["div", "article", "article.a>span", "articles", "p.lead", "section#x"])


@needs_compiled
@given(paths=st.lists(st.lists(NAMES, max_size=6).map(tuple), max_size=30))
def test_containers_are_numbered_alike(paths: list[tuple[str, ...]]) -> None:
    same("_numbered", paths, (1, 2, 3, 4, 6))


#: What the words of names are made of: capitals, digits, letters beyond ASCII, all that parts them.
NAME_PIECES = st.sampled_from(
    [
        *"div h1 x-note nav time #main .story .relatedNews .authorBio .HTMLBox .col-2 .most-read .é".split(),
        *".naïveÉcole .ſ >span .² [role] .navigation .newsletter_box .A .aB .AB .ABc .share-buttons".split(),
        " ",
        "." + "x" * 170,
    ]
)
ANY_NAMES = st.lists(st.lists(NAME_PIECES, max_size=6).map("".join), max_size=12)
LEAVES = st.lists(st.lists(NAME_PIECES.filter(bool), max_size=5).map(tuple), min_size=1, max_size=30)


@needs_compiled
@given(names=ANY_NAMES)
def test_names_of_containers_are_read_alike(names: list[str]) -> None:
    same("_named", names, markup._TABLES)


@needs_compiled
@given(paths=LEAVES, seed=st.integers(0, 1000))
def test_what_stands_in_containers_is_summed_alike(paths: list[tuple[str, ...]], seed: int) -> None:
    tree, chance = markup.tree_of(paths), np.random.default_rng(seed)
    own, inside, starts, label, tag, within = tree.named
    table = chance.normal(size=lexical.BUCKETS).astype(np.float32)
    same("_told", own, inside, starts, label, tree.parent, tree.leaf, tree.above, table)
    same("_inherited", tree.parent, within)
    prose, words, linked, tags = chance.random((4, len(paths)), dtype=np.float32) * np.float32(40)
    parts = pair("_units")[0](
        tree.parent, tree.flat, tree.owner, tree.leaf, prose, (float(prose.sum()) / 2, 1)
    )
    same("_units", tree.parent, tree.flat, tree.owner, tree.leaf, prose, (float(prose.sum()) / 2, 1.0))
    for unit in parts:
        same("_unit_names", unit, inside, starts, table)
        function, twin = pair("_unit_sums")
        sums = [one(unit, tags, words, prose, linked, tag, 3.5)[:, unit >= 0] for one in (function, twin)]
        assert np.array_equal(*sums)


LINES = st.lists(
    st.lists(
        st.sampled_from(
            "read more related articles published 3 May 2024 at 14:05 source: reuters photo by via getty"
            " images (AFP) © foto/dpa we use cookies share this sign up for our newsletter - — 写真= : | 12."
            " ١٢ X".split()
        ),
        max_size=30,
    ).map(" ".join),
    max_size=12,
)


@needs_compiled
@given(texts=LINES, wanted=st.frozensets(st.sampled_from("read more may 2024 reuters cookies".split())))
def test_cue_words_and_credits_are_found_alike(texts: list[str], wanted: frozenset[str]) -> None:
    tokens = lexical.lexical(texts).tokens if texts else []
    same("_coded", texts, tokens, hints._index())
    same("_credited", texts, tokens, stated._credit_tables())
    same("_times", lexical.lexical(texts).keys[:, 2] if texts else np.zeros(0, dtype=np.int64))
    same("_overlapping", tokens, wanted)
    same("_pieces_held", tokens, [word for line in tokens[1:] + tokens[:1] for word in line])


@needs_compiled
@given(values=st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=80), reach=st.integers(1, 12))
def test_places_and_windows_are_computed_alike(values: list[float], reach: int) -> None:
    given = np.array(values, dtype=np.float32)
    same("window", given, reach)
    same("densest", given)
    same("since", given > 0)
    same("_running_low", given, np.cumsum(given > 30))
    chance = np.random.default_rng(reach)
    prose, words, stops, closed = chance.random((4, len(given)), dtype=np.float32) * np.float32(30)
    total = float(prose.sum()) + 1.0
    same("_placed", prose, given / 20, words, np.log1p(words), stops, closed, total, total / 3)


@needs_compiled
@given(rows=st.integers(0, 40), classes=st.integers(1, 17), seed=st.integers(0, 1000))
def test_chances_are_drawn_to_their_place_s_mean_alike(rows: int, classes: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    assert kinds.SMOOTHING == 0.5  # the twin has it too
    same("_drawn", chance.random((rows, classes), dtype=np.float32), chance.integers(0, 9, rows))


@needs_compiled
@given(rows=st.integers(1, 70), outputs=st.integers(1, 3), seed=st.integers(0, 1000))
def test_trees_are_summed_alike(rows: int, outputs: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    trees, features = 40 * outputs, 7
    #: Complete trees of three nodes: the root, its two children.
    left = np.tile(np.array([0b0011, 0b0001, 0b0100], dtype=np.uint32), trees)
    same(
        "_summed",
        chance.normal(size=(features, rows)).astype(np.float32),
        chance.integers(0, features, 3 * trees),
        chance.normal(size=3 * trees).astype(np.float32),
        left,
        np.arange(0, 3 * trees + 1, 3),
        chance.normal(size=(trees, 32)).astype(np.float32),
        outputs,
    )


@needs_compiled
def test_every_twin_is_compared_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [
        name
        for name in compiled.PAIRS
        if f'same("{name}"' not in source and f'pair("{name}"' not in source and f'"{name}",' not in source
    ] == []
