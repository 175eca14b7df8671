"""The saved pages are what their expected.json says: a check of the fixtures, not of the cleaner."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.values import KEPT_LABELS, LABELS
from tests.newsroom import saved_pages
from tests.newsroom.server import SITES, SavedPage


def folded(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("page", saved_pages(), ids=lambda page: page.name)
def test_all_that_is_expected_stands_on_the_page(page: SavedPage) -> None:
    root = LexborHTMLParser(page.html).root
    assert root is not None
    seen = folded(root.text())
    for part in [page.expected["headline"], *page.expected["text"].split("\n\n")]:
        assert folded(part) in seen
    for removed in page.expected["removed"]:
        assert removed["label"] in set(LABELS) - KEPT_LABELS
        assert folded(removed["text"]) in seen


def test_each_site_has_pages() -> None:
    assert {page.site for page in saved_pages()} == set(SITES)
