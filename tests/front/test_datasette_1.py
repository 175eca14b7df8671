"""The archive in the newest alpha of Datasette 1.0, from an environment of its own (`make test` makes it)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from archive.front.description import QUERIES, TABLES
from tests.front import crawled
from tests.front.conftest import free_port, running

PYTHON = Path(os.environ.get("PRESSMARK_DATASETTE_1") or Path(sys.prefix) / "datasette1/bin/python")

#: Path → what must stand in the answer.
PAGES = {
    "/": "River ferry returns",
    "/search?q=ferry": "<mark>ferry</mark>",
    "/search?q=%22ferry+AND": "ferry",
    "/search.atom?q=ferry": "River ferry returns",
    "/search.csv?q=ferry": "River ferry returns",
    "/search.json?q=ferry": "River ferry returns",
    "/article/1": '<h1 dir="auto">River ferry returns after eleven years</h1>',
    "/article/1?account=1": "Sign up for our morning letter",
    "/article/5": "Budget passes after recount",
    "/article/5/diff": "<ins>",
    "/changes": "gazette.example",
    "/changes.atom": "Budget passes after recount",
    "/sites": "The Harbour Post",
    "/site/Gazette": "about 1 a month",
    "/static/pressmark.css": ".masthead",
    "/robots.txt": "Disallow: /",
    "/articles": "News articles as they were published",
    "/articles/articles/1": "River ferry returns",
    "/articles/articles/1.json": "River ferry returns",
    "/articles/-/query?sql=select+count(*)+as+many+from+articles": "many",
}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Someone who visits an archive that Datasette 1.0 serves."""
    if not PYTHON.exists():
        reason = f"{PYTHON} is not there: `make test` installs it, or $PRESSMARK_DATASETTE_1 names it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("alpha-archive")
    crawled.build(root)
    port = free_port()
    with (
        running([str(PYTHON), "-m", "datasette", str(root), "--port", str(port)], root),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, follow_redirects=True) as client,
    ):
        yield client


def test_it_is_an_alpha_of_1_0_or_newer(visitor: httpx.Client) -> None:
    said = subprocess.run(
        [PYTHON, "-m", "datasette", "--version"], capture_output=True, text=True, check=True
    )
    assert re.search(r"version [1-9]\.", said.stdout)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_with_its_content(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    assert PAGES[path] in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_shown_with_what_is_told_of_it(visitor: httpx.Client, table: str) -> None:
    answer = visitor.get(f"/articles/{table}")
    assert answer.status_code == 200, answer.text[:2000]
    assert TABLES[table].description[:40].replace("'", "&#39;") in answer.text


@pytest.mark.parametrize("query", QUERIES)
def test_every_ready_made_query_answers(visitor: httpx.Client, query: str) -> None:
    parameters = dict.fromkeys(re.findall(r"(?<!:):([a-z_]+)", QUERIES[query].sql), "a")
    answer = visitor.get(f"/articles/{query}", params=parameters)
    assert answer.status_code == 200, answer.text[:2000]
    assert QUERIES[query].title in answer.text


def test_what_is_not_there_is_said_in_our_frame(visitor: httpx.Client) -> None:
    answer = visitor.get("/nothing/here")
    assert answer.status_code == 404
    assert "<h1>There is no such page</h1>" in answer.text
    assert 'class="nameplate"' in answer.text


def test_our_own_pages_run_no_script_there_either(visitor: httpx.Client) -> None:
    for path in ("/", "/search?q=ferry", "/article/1", "/sites", f"/site/{crawled.HOST}"):
        answer = visitor.get(path)
        assert "script-src 'none'" in answer.headers["content-security-policy"], path
        assert "<script" not in answer.text, path
