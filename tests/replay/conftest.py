"""An archive made by two crawls of the misbehaving site, which is still there to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.replay import VARIABLE, replaying
from tests import judges
from tests.crawler.crawling import crawl
from tests.newsroom.server import Newsroom, answer
from tests.newsroom.trouble import article

#: Pages that are the same each time they are asked for, in every coding and framing.
PAGES = (
    "/plain", "/chunked", "/gzip", "/br", "/zstd", "/deflate", "/http-1-0", "/strange-headers", "/etag",
    "/gone", "/error", "/soft-404", "/consent", "/again", "/twin",
)  # fmt: skip
#: Asked for too, with nothing to look at: redirects, answers without a body, cut and broken ones.
REST = (
    "/chain",
    "/no-content",
    "/empty",
    "/always-304",
    "/early-close",
    "/no-last-chunk",
    "/bad-chunk",
    "/stall",
    "/endless",
    "/pdf",
)


@dataclass
class Evidence:
    """The archive and the site it was made of."""

    root: Path
    newsroom: Newsroom

    @property
    def origin(self) -> str:
        return self.newsroom.origin("trouble")


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    root = tmp_path_factory.mktemp("evidence") / "archive"
    with Newsroom() as newsroom:
        same = answer(body=article("The same page under two addresses"))
        newsroom.resources["trouble"] |= {"/again": same, "/twin": same}
        urls = [newsroom.origin("trouble") + path for path in (*PAGES, *REST)]
        for _ in range(2):
            crawled = crawl(root, urls=urls, settings={"DOWNLOAD_TIMEOUT": 2, "DOWNLOAD_MAXSIZE": 200_000})
            assert not crawled.error, crawled.error + crawled.log
        yield Evidence(root, newsroom)


@pytest.fixture(scope="session")
def replay(evidence: Evidence) -> Iterator[str]:
    """The base of the replay addresses of a running pywb."""
    wayback = judges.judge("wayback")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, wayback)
        with replaying(evidence.root) as (base, _):
            yield base
