"""Saved pages, each beside what a reader would note of it: the metadata says the same."""

from __future__ import annotations

import pytest

from pipelines import clean
from tests.newsroom import saved_pages
from tests.newsroom.server import SavedPage


@pytest.mark.parametrize("field", ["authors", "language", "canonical_url", "main_image", "credits"])
@pytest.mark.parametrize("page", saved_pages(), ids=lambda page: page.name)
def test_the_metadata_is_what_the_page_says(page: SavedPage, field: str) -> None:
    found = getattr(clean(page.html, url=page.expected["url"], content_type="text/html"), field)
    assert (list(found) if isinstance(found, tuple) else found) == page.expected.get(field)
