"""`export`, `replay`, `takedown`: what a person meets at the command line."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from archive.exporting import check_wacz
from archive.replay import VARIABLE, replaying
from tests import judges
from tests.archive.sample import crawled, dump, keep, open_archive
from tests.crawler.test_commands import run, sentence
from tests.front.conftest import running

PRESSMARK = (sys.executable, "-c", "from crawler.commands import main; main()")
URL = "https://press.example/ferry"


@pytest.fixture(autouse=True)
def _own_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pressmark"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    with open_archive(folder) as archive:
        keep(archive, crawled(b"<title>Ferry</title><h1>The ferry sails again</h1>", URL), "It sails again.")
        keep(
            archive, crawled(b"<h1>Rain</h1>", "https://other.example/rain", hours=30), "Rain.", site="other"
        )
        keep(archive, dump(b"A dump page."), "A dump page.")
        keep(archive, dump(b"<p>Saved.", url="file:///page.html"), "Saved.", site="disk")
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "wacz", "--new-key"], "name the file with --sign"),
        (["export", "warc", "--sign", "k.pem"], "Only a WACZ can be signed"),
        (["export", "warc", "--since", "yesterday"], "write 2026-01-31"),
        (["export", "warc", "--site", "nowhere.example"], "there is nothing to export"),
        (["export", "wacz", "--sign", "no-such-key.pem"], "make one with `--sign no-such-key.pem --new-key`"),
        (["export", "wacz", "--sign", "new.pem", "--new-key", "-o", "news"], "'news' is a directory"),
        (["export", "wacz", "--sign", "new.pem", "--new-key", "-o", "no/x.wacz"], "cannot be written"),
        (["export", "wacz", "--sign", "new.pem", "--new-key", "--article", "99"], "nothing to export"),
        (["export", "wacz", "--sign", "x", "--new-key", "-o", "./x"], "both the key and the WACZ"),
        (["export", "warc", "--article", "9" * 23], "--article"),
        (["export", "warc", "--article", "0"], "--article"),
        (["takedown"], "Name an article"),
        (["takedown", "1"], "Say why with --reason"),
        (["takedown", "99", "--reason", "x", "--yes"], "holds nothing under 99"),
        (
            ["takedown", "https://press.example/nowhere", "--reason", "x", "--yes"],
            "holds nothing under https",
        ),
        (["replay", "99"], "No article 99"),
        (["replay", "3"], "tells no address"),
        (["replay", "4"], "not fetched from the web but from file:///page.html"),
    ],
)
def test_wrong_use_is_one_sentence(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    words: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert said in sentence(capsys, *words, "--archive", root)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["news"]


@pytest.mark.parametrize("words", [["export", "warc"], ["takedown", "--purge"], ["replay"]])
def test_without_an_archive_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert "There is no archive" in sentence(capsys, *words, "--archive", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_without_pywb_replay_says_how_to_get_it(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "no-such-program")
    assert "pipx install pywb" in sentence(capsys, "replay", "--archive", root)


def test_an_export_is_a_whole_file_and_is_not_written_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("export", "warc", "--site", "press.example", "--archive", root, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["file"] == "news.warc.gz"
    assert told["size"] == (tmp_path / "news.warc.gz").stat().st_size
    assert told["records"] == 3  # the response, its request, and the dump page, which names this site
    assert "is there already" in sentence(capsys, "export", "warc", "--archive", root)
    assert run("export", "warc", "--archive", root, "--force").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["news", "news.warc.gz"]


@pytest.mark.parametrize(
    ("words", "records"),
    [([], 4), (["--since", "2024-05-03"], 1), (["--until", "2024-05-03"], 3), (["--article", "1"], 1)],
)
def test_a_part_is_chosen_by_time_and_article(root: Path, words: list[str], records: int) -> None:
    done = run("export", "wet", "--archive", root, "--json", "-o", root / "x.gz", *words)
    assert json.loads(done.stdout)["records"] == records


@pytest.mark.parametrize(
    "site",
    ["press.example", "https://press.example/ferry", "https://www.Press.example:443/", "PRESS.example"],
)
def test_a_site_is_named_by_host_or_url(root: Path, site: str) -> None:
    done = run("export", "wet", "--archive", root, "--json", "-o", root / "x.gz", "--site", site)
    assert json.loads(done.stdout)["records"] == 2


def test_a_wacz_goes_into_a_pipe(root: Path, tmp_path: Path) -> None:
    words = ["export", "wacz", "--archive", str(root), "-o", "-"]
    piped = subprocess.run([*PRESSMARK, *words], capture_output=True, check=False)
    assert (piped.returncode, piped.stderr) == (0, b"")
    (tmp_path / "piped.wacz").write_bytes(piped.stdout)
    assert list(check_wacz(tmp_path / "piped.wacz")) == []


def test_a_new_file_has_the_rights_that_the_umask_leaves(root: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert run("export", "warc", "--archive", root, "-o", tmp_path / "mine.gz").exit_code == 0
        os.umask(0o002)
        assert run("export", "warc", "--archive", root, "-o", tmp_path / "ours.gz").exit_code == 0
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("mine.gz", "ours.gz")]
    assert modes == [0o600, 0o664]


def test_verify_says_who_signed_a_wacz(root: Path, tmp_path: Path) -> None:
    path, key = tmp_path / "signed.wacz", tmp_path / "me.pem"
    made = run("export", "wacz", "--archive", root, "-o", path, "--sign", key, "--new-key")
    assert made.exit_code == 0
    told = run("verify", path)
    assert told.exit_code == 0
    assert "signed.wacz: signed by the key sha256:" in told.output
    as_json = json.loads(run("verify", path, "--json").stdout)
    assert as_json["sound"] is True
    assert as_json["signatures"][str(path)] in told.output
    assert "signatures" not in json.loads(run("verify", "--archive", root, "--json").stdout)
    run("export", "wacz", "--archive", root, "-o", path, "--force")
    assert "signed.wacz: not signed" in run("verify", path).output


def test_a_taken_port_is_told_before_replay_begins(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as other:
        patch.setenv(VARIABLE, sys.executable)
        port = other.getsockname()[1]
        said = sentence(capsys, "replay", "--port", port, "--archive", root)
    assert f"Another program listens on port {port} of 127.0.0.1" in said


def test_an_answer_counts_only_while_pywb_lives(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program answers under the port, which pywb could not have."""
    (tmp_path / "wayback").write_text("#!/bin/sh\necho port taken >&2\nexit 1\n")
    (tmp_path / "wayback").chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "wayback"))

    def answered(*_: object, **__: object) -> io.BytesIO:
        time.sleep(0.5)
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", answered)
    said = sentence(capsys, "replay", "--port", "0", "--archive", root)
    assert "pywb ended at once (port taken)" in said


def test_nothing_that_lies_in_the_archive_is_run_by_replay(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, judges.judge("wayback"))
    spoiled = tmp_path / "run"
    (root / "config.yaml").write_text(
        f"collections: !!python/object/apply:os.system ['touch {spoiled}']\n", encoding="utf-8"
    )
    monkeypatch.chdir(root.parent)
    with replaying(Path(root.name)) as (base, _):
        shown = httpx.get(f"{base}20240502080000id_/{URL}")
    assert shown.text == "<title>Ferry</title><h1>The ferry sails again</h1>"
    assert not spoiled.exists()


def test_the_file_that_is_being_written_is_replayed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, judges.judge("wayback"))
    with open_archive(root) as archive:
        keep(archive, crawled(b"<h1>Now</h1>", "https://press.example/now", hours=50), "Now.")
        archive.commit()
        with replaying(root) as (base, _):
            assert httpx.get(f"{base}20240504100000id_/https://press.example/now").text == "<h1>Now</h1>"


def test_an_index_goes_to_standard_output(root: Path) -> None:
    done = run("export", "cdxj", "--archive", root, "-o", "-", "--site", "press.example")
    assert done.exit_code == 0
    line, dump_page = done.stdout.splitlines()
    assert dump_page.startswith("urn:sha1:")
    assert line.startswith("example,press)/ferry 20240502080000 {")
    assert "/" not in json.loads(line.split(" ", 2)[2])["filename"]


def test_a_takedown_is_told_and_purged_later(root: Path) -> None:
    done = run("takedown", URL, "--reason", "asked", "--yes", "--archive", root)
    assert done.exit_code == 0, done.output
    assert "takedown --purge" in done.output
    again = run("takedown", "--purge", "--archive", root, "--json")
    assert json.loads(again.stdout)["purged_files"] == 2
    assert run("search", "sails", "--archive", root).stdout.count("ferry") == 0


def test_a_page_that_was_taken_down_is_an_outcome_of_its_own(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_bytes(b"A dump page.")
    run("takedown", "3", "--reason", "court order", "--yes", "--archive", root)
    done = run("reclean", page, "--archive", root, "--json", "--workers", "1")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["taken_down"] == 1


def test_the_article_page_leads_to_the_page_as_it_was_captured(
    root: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, judges.judge("wayback"))
    serve = [*PRESSMARK, "serve", "--port", "0", "--archive", str(root)]
    log: list[str] = []
    with running(serve, Path(__file__).parents[2], sign="Serving", log=log):
        address = next(line.split(" at ")[1].split()[0] for line in log if "Serving" in line)
        context = browser.new_context()
        try:
            page = context.new_page()
            page.goto(f"{address}article/1")
            page.get_by_role("link", name="the page as it was captured").click()
            frame = page.frame_locator("#replay_iframe")
            assert frame.locator("h1").inner_text() == "The ferry sails again"
            assert "20240502080000" in page.url
        finally:
            context.close()
        assert "as it was captured" not in httpx.get(f"{address}article/3").text
        replay = next(line.split(" at ")[1].split()[0] for line in log if "Replaying" in line)
    assert_nobody_answers(replay)


def test_replay_serves_until_it_is_stopped(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, judges.judge("wayback"))
    command = [*PRESSMARK, "replay", "1", "--port", "0", "--archive", str(root)]
    log: list[str] = []
    with running(command, Path(__file__).parents[2], sign="Replaying", log=log):
        address = log[-1].split(" at ")[1].split()[0]
        assert address.endswith(f"/news/20240502080000/{URL}")
        shown = httpx.get(address.replace("20240502080000/", "20240502080000id_/"))
        assert shown.text == "<title>Ferry</title><h1>The ferry sails again</h1>"
    assert_nobody_answers(address)


def assert_nobody_answers(address: str) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
