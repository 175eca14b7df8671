"""Our item pipelines in other people's projects, and our project under scrapyd."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import textwrap
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from archive import check
from tests.crawler.crawling import ROOT, _environment
from tests.newsroom import Newsroom

SPIDER = """
import scrapy
{imports}

class Theirs(scrapy.Spider):
    name = "theirs"

    def __init__(self, start="", **kwargs):
        super().__init__(**kwargs)
        self.start_urls = [start]

    def parse(self, response):
        yield from response.follow_all(css="li a", callback=self.parse_page)

    def parse_page(self, response):
        yield {item}
        yield {{"note": "an item of another kind"}}
"""


def project(folder: Path, settings: str, *, imports: str = "", item: str) -> None:
    package = folder / "theirs"
    (package / "spiders").mkdir(parents=True)
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = theirs.settings\n")
    (package / "__init__.py").touch()
    (package / "spiders" / "__init__.py").touch()
    (package / "spiders" / "one.py").write_text(SPIDER.format(imports=imports, item=item))
    common = 'SPIDER_MODULES = ["theirs.spiders"]\nDOWNLOAD_DELAY = 0\nBOT_NAME = "theirs"\n'
    (package / "settings.py").write_text(common + textwrap.dedent(settings))


def run(folder: Path, start: str, *more: str) -> list[dict[str, Any]]:
    """Crawl as the project's owner would; the items that its feed export got."""
    command = [sys.executable, "-m", "scrapy", "crawl", "theirs", "-a", f"start={start}", "-O", "out.json"]
    done = subprocess.run(
        [*command, *more], cwd=folder, env=_environment(), capture_output=True, text=True, timeout=180,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    items: list[dict[str, Any]] = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert any(item == {"note": "an item of another kind"} for item in items), done.stderr
    return [item for item in items if "note" not in item]


def test_three_lines_of_settings_archive_another_projects_pages(tmp_path: Path) -> None:
    project(
        tmp_path,
        """
        ADDONS = {"crawler.addon.PressmarkAddon": 500}
        PRESSMARK_ARCHIVE = "news-archive"
        PRESSMARK_CONTACT = "desk@theirs.example"
        """,
        imports="from crawler.addon import page_item",
        item="page_item(response)",
    )
    with Newsroom() as newsroom:
        pages = newsroom.pages("tidewater")
        start = newsroom.origin("tidewater") + "/"
        items = run(tmp_path, start, "-s", "PRESSMARK_ALLOW_PRIVATE=1")
        assert {item["url"] for item in items} == {newsroom.origin("tidewater") + page.path for page in pages}
        by_url = {item["url"]: item for item in items}
        for page in pages:
            assert by_url[newsroom.origin("tidewater") + page.path]["headline"] == page.expected["headline"]
        # As our own crawls: the exchange as it went over the wire, one record each, nothing amiss.
        assert check(tmp_path / "news-archive") == []
        db = sqlite3.connect(tmp_path / "news-archive" / "articles.db")
        assert db.execute("select count(*) from captures where record_type = 'response'").fetchone() == (
            len(pages),
        )
        db.close()
        assert not [served for served in newsroom.log if b"pressmark" in served.request]  # their user agent


def test_one_line_of_settings_cleans_another_projects_items(tmp_path: Path) -> None:
    project(
        tmp_path,
        'ITEM_PIPELINES = {"pipelines.items.CleanItems": 300}',
        item='{"url": response.url, "html": response.text, "section": "their own"}',
    )
    with Newsroom() as newsroom:
        (first, *_) = newsroom.pages("tidewater")
        items = run(tmp_path, newsroom.origin("tidewater") + "/")
        found = next(item for item in items if item["url"].endswith(first.path))
        assert found["headline"] == first.expected["headline"]
        assert found["kind"] == "article"
        assert found["text"]
        assert found["removed"]
        assert all(item["section"] for item in items)
        zyte = run(tmp_path, newsroom.origin("tidewater") + "/", "-s", "PRESSMARK_FORMAT=zyte")
        assert next(item for item in zyte if item["url"].endswith(first.path))["articleBody"]
        assert not (tmp_path / "news-archive").exists()


@pytest.fixture
def scrapyd(tmp_path: Path) -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "scrapyd.conf").write_text(
        f"[scrapyd]\nbind_address = 127.0.0.1\nhttp_port = {port}\npoll_interval = 0.2\n"
    )
    command = str(Path(sys.executable).with_name("scrapyd"))
    environment = _environment() | {"PYTHON_EGG_CACHE": str(tmp_path / "eggs-unpacked")}
    del environment["PYTHONPATH"]  # the deployed egg is what is to run
    with (tmp_path / "scrapyd.log").open("wb") as log:
        daemon = subprocess.Popen([command], cwd=tmp_path, env=environment, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            daemon.terminate()
            daemon.wait(30)


def ask(address: str, fields: dict[str, str] | bytes | None = None, kind: str = "") -> dict[str, Any]:
    """scrapyd's answer; it may take a moment to come up."""
    body = urllib.parse.urlencode(fields).encode() if isinstance(fields, dict) else fields
    request = urllib.request.Request(address, body, {"Content-Type": kind} if kind else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        try:
            with opener.open(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


def test_scrapyd_deploys_the_project_unchanged(tmp_path: Path, scrapyd: str) -> None:
    egg = tmp_path / "pressmark.egg"
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
    command = str(Path(sys.executable).with_name("scrapyd-deploy"))
    built = subprocess.run(
        [command, "--build-egg", str(egg)], cwd=checkout, capture_output=True, text=True, check=False,
        env={**os.environ, "CC": "false"},  # the compiled parts take a minute, and are optional
    )  # fmt: skip
    assert egg.exists(), built.stdout + built.stderr
    line = b"--line"
    body = b"".join(
        line + b'\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
        for name, value in (("project", b"pressmark"), ("version", b"r1"), ("egg", egg.read_bytes()))
    )
    added = ask(f"{scrapyd}/addversion.json", body + line + b"--\r\n", "multipart/form-data; boundary=line")
    assert (added["status"], added["spiders"]) == ("ok", 4), added
    archive = tmp_path / "archive"
    job = ask(
        f"{scrapyd}/schedule.json",
        {
            "project": "pressmark", "spider": "reload", "path": str(ROOT / "seeds"),
            "setting": f"PRESSMARK_ARCHIVE={archive}",
        },
    )  # fmt: skip
    assert job["status"] == "ok", job
    for _ in range(600):
        if ask(f"{scrapyd}/listjobs.json?project=pressmark")["finished"]:
            break
        time.sleep(0.2)
    db = sqlite3.connect(archive / "articles.db")
    assert db.execute("select count(*) from articles").fetchone() == (5,)
    db.close()
