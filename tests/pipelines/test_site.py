"""A page's site is its host; a page without an address has what it calls itself."""

from __future__ import annotations

import pytest

from pipelines.site import site_of


@pytest.mark.parametrize(
    ("url", "name", "site"),
    [
        ("https://www.news.test/a", "News Test", "news.test"),
        ("http://m.news.test:8080/a", None, "m.news.test"),
        ("", "Mena Today", "Mena Today"),
        ("urn:sha1:ABC", None, None),
        ("https://[bad", "Named", "Named"),
    ],
)
def test_a_site_is_the_host_and_else_the_name(url: str, name: str | None, site: str | None) -> None:
    assert site_of(url, name) == site
