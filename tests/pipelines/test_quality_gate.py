"""The quality gates: floors on a small corpus of our own, and on the development pages where they are.

They guard against regressions and are no result: see `tests/gate.py`.
"""

from __future__ import annotations

import json

import pytest

from archive.values import Form
from pipelines import clean
from tests import gate
from tests.gate import Figures
from tests.visible import lost

FLOORS = json.loads(gate.FLOORS.read_text(encoding="utf-8"))
PAGES = gate.gold_pages("html")
NO_BENCH = f"no development pages in {gate.BENCH}: the gate on them did not run (PRESSMARK_BENCH names them)"
needs_bench = pytest.mark.skipif(not gate.BENCH.exists(), reason=NO_BENCH)


def below(reached: Figures, floors: Figures) -> dict[str, tuple[float, float]]:
    return {
        name: (reached.get(name, 0.0), floor)
        for name, floor in floors.items()
        if reached.get(name, 0.0) < floor
    }


def test_the_small_corpus_is_the_one_whose_floors_are_set() -> None:
    assert gate.gold_digest() == FLOORS["gold"]["digest"], "pages changed: python bench/floors.py --write"


@pytest.mark.parametrize("form", ["html", "text"])
def test_the_small_corpus_is_cleaned_as_well_as_before(form: Form) -> None:
    assert below(gate.figures(gate.gold_pages(form), form), FLOORS["gold"][form]) == {}


@pytest.mark.parametrize(("page", "gold"), PAGES, ids=[page["id"] for page, _ in PAGES])
def test_a_page_of_the_small_corpus_is_an_article_in_its_language(page: gate.Row, gold: gate.Row) -> None:
    article = gate.cleaned(page, "html")
    assert (article.kind, article.language) == (gold["kind"], gold["lang"])
    one = gate.page_score(article.text, gold)
    assert one is not None
    assert one.f1 >= 0.8
    assert gate.cleaned(page, "text").language == gold["lang"]


@pytest.mark.parametrize("engine", ["learned", "trafilatura"])
@pytest.mark.parametrize("page", [page for page, _ in PAGES], ids=[page["id"] for page, _ in PAGES])
def test_nothing_of_a_page_is_lost_under_either_engine(page: gate.Row, engine: str) -> None:
    article = clean(page["html"], url=page["url"], engine=engine)  # type: ignore[arg-type]
    assert lost(page["html"], article.blocks) == []


def test_a_block_that_goes_missing_is_seen() -> None:
    page, _ = PAGES[0]
    blocks = clean(page["html"], url=page["url"]).blocks
    for i in (0, len(blocks) // 2, len(blocks) - 1):
        assert lost(page["html"], blocks[:i] + blocks[i + 1 :]) != []


def test_nothing_of_a_dump_is_lost() -> None:
    for page, _ in PAGES:
        blocks = gate.cleaned(page, "text").blocks
        assert [block.text for block in blocks] == page["text"].splitlines()


def test_floors_that_are_not_reached_are_named() -> None:
    assert below({"f1": 0.95, "day": 1.0}, {"f1": 0.96, "day": 1.0, "authors": 0.5}) == {
        "f1": (0.95, 0.96),
        "authors": (0.0, 0.5),
    }


def test_the_examples_of_kinds_are_the_ones_whose_floors_are_set() -> None:
    assert gate.kinds_digest() == FLOORS["kinds"]["digest"], "pages changed: python bench/floors.py --write"


def test_pages_are_told_from_articles_as_well_as_before() -> None:
    assert below(gate.kind_figures(gate.example_rows()), FLOORS["kinds"]["examples"]) == {}


@needs_bench
def test_the_development_pages_are_the_ones_whose_floors_are_set() -> None:
    assert gate.bench_digest() == FLOORS["bench"]["digest"]


@needs_bench
@pytest.mark.parametrize("name", gate.SAMPLES)
def test_development_pages_are_cleaned_as_well_as_before(name: str) -> None:
    form: Form = "html" if gate.SAMPLES[name][1] == "html" else "text"
    pages = gate.bench_pages(name)
    assert len(pages) >= gate.SAMPLES[name][2] * 0.9
    assert below(gate.figures(pages, form), FLOORS["bench"][name]) == {}
