"""A crawl whose disk runs full stops with a sentence, keeps what it has, and is finished by the next one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from archive import check
from tests.archive import sample
from tests.crawler.crawling import QUICK, crawl, python
from tests.newsroom import Newsroom, answer
from tests.newsroom.trouble import article

PAGES = 24
#: A limit on the size of any file, for a disk that is full: the kernel then refuses to write.
LIMITED = (
    "import resource, sys; limit = int(sys.argv[1]);"
    " resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY));"
    " from tests.crawler.crawling import main; main()"
)


def page(number: int, what: str) -> bytes:
    """A page that takes room in the raw file (random, so that nothing packs it), or in the database."""
    body = article(f"Page {number}")
    if what == "warc":
        return body.replace(
            b"</head>", b"<!--%s--></head>" % random.Random(number).randbytes(300_000).hex().encode()
        )
    text = "".join(f"<p>Paragraph {n} of page {number}, and the crane lifts again.</p>" for n in range(900))
    return body.replace(b"</article>", text.encode() + b"</article>")


# SQLite's journal grows to 4 MB before it is folded: a limit beyond that is met by the WARC file.
@pytest.mark.parametrize(("what", "limit"), [("warc", 5_000_000), ("database", 1_500_000)])
def test_a_crawl_on_a_full_disk_stops_and_the_next_one_finishes_it(
    newsroom: Newsroom, tmp_path: Path, what: str, limit: int
) -> None:
    paths = [f"/page/{number}" for number in range(PAGES)]
    for number, path in enumerate(paths):
        newsroom.resources["trouble"][path] = answer(body=page(number, what))
    newsroom.feed_of("trouble", *paths)
    sites = tmp_path / "sites.toml"
    sites.write_text(newsroom.sites_toml("trouble"), encoding="utf-8")
    archive = tmp_path / "archive"
    # The tables are made before the disk is full.
    crawl(archive, sites=str(sites), limit=1)
    options = {
        "archive": str(archive), "allow_private": True, "processes": 1, "sites": str(sites),
        # Not faster than pages are stored, so that it can be seen that no more are asked for.
        "settings": QUICK | {
            "PRESSMARK_BATCH_ROWS": 8, "DOWNLOAD_DELAY": 0.2, "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "AUTOTHROTTLE_ENABLED": False, "CONCURRENT_REQUESTS": 2,
        },
    }  # fmt: skip
    run = python("-c", LIMITED, str(limit), stdin=json.dumps(options))
    said = json.loads(run.stdout)
    assert said["error"].startswith(("NotStored: ", "ArchiveError: ")), said
    assert "could not be written (" in said["error"]
    assert ("articles.db" in said["error"]) == (what == "database"), said
    assert "Traceback" not in run.stderr
    asked = {served.path for served in newsroom.asked("trouble")}
    # Rows come later than raw records, by as long as cleaning takes.
    assert len(asked) < PAGES or what == "database", "what cannot be kept is not fetched"

    finished = crawl(archive, sites=str(sites))
    assert not finished.error, finished.error + finished.log
    assert check(archive) == []
    sample.warcio_check(*sample.warcs(archive))
    kept = [url for (url,) in sample.rows(archive, "select url from articles")]
    assert sorted(kept) == sorted(newsroom.origin("trouble") + path for path in paths)
    assert sample.rows(archive, "select count(*) from captures where cleaner is null") == [(0,)]
