"""Every example page is judged as what it is; and the examples are as many and as different as is claimed."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from archive.values import KINDS, PAGE_FORMS, page_form
from pipelines import clean
from tests import gate

PAGES = gate.EXAMPLES / "pages"
EXPECTED = gate.example_rows()


@pytest.mark.parametrize("row", EXPECTED, ids=[row["page"] for row in EXPECTED])
def test_an_example_is_judged_as_what_it_is(row: dict[str, str]) -> None:
    article = gate.example(row)
    found = article.kind, page_form(article.kind_reason), article.access
    assert found == (row["kind"], row["form"], row["access"]), article.kind_reason


@pytest.mark.parametrize(
    "row", [row for row in EXPECTED if row["kind"] == "article"], ids=lambda row: row["page"]
)
def test_an_article_is_one_without_its_address(row: dict[str, str]) -> None:
    assert clean((PAGES / f"{row['page']}.html").read_bytes()).kind == "article"


def test_there_are_enough_examples_of_each_kind_in_several_languages() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for row in EXPECTED:
        name = row["form"] if row["form"] not in {"", "teaser", "forum", "product"} else row["kind"]
        counts[name] += 1
        found[name].add(row["language"])
    wanted = {"article", "index", "consent", "paywall", "login", "error", "soft 404", "bot check", "empty",
              "video", "gallery", "live blog"}  # fmt: skip
    assert wanted <= set(counts)
    assert {name: counts[name] for name in wanted if counts[name] < 6} == {}
    assert {name: found[name] for name in wanted if len(found[name]) < 4} == {}


def test_every_page_is_expected_and_every_expectation_possible() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.html")) == sorted(r["page"] for r in EXPECTED)
    assert {row["kind"] for row in EXPECTED} <= set(KINDS)
    assert {row["form"] for row in EXPECTED} - {""} == set(PAGE_FORMS)
    assert all(row["kind"] in PAGE_FORMS[row["form"]] for row in EXPECTED if row["form"])
