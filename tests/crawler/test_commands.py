"""What a person meets at the command line: each stumble is a sentence, and no cut or failure is silent."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.commands.top import cli, main
from crawler.crawl import command_words
from crawler.options import CrawlOptions
from pipelines import CLEANERS, clean
from tests.newsroom import Newsroom, answer
from tests.newsroom.trouble import article
from tests.pipelines.test_html_clean import PARAGRAPHS

ROOT = Path(__file__).parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
PRESSMARK = Path(sys.executable).parent / "pressmark"


def run(*words: str | Path, stdin: bytes = b"") -> Result:
    """A command in this process, its two streams apart."""
    return CliRunner().invoke(cli, list(map(str, words)), input=stdin)


def process(*words: str | Path, cwd: Path, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """The installed program."""
    settings = {"capture_output": True, "check": False, **settings}
    return subprocess.run([PRESSMARK, *map(str, words)], cwd=cwd, **settings)


def sentence(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What `main` says of a wrong use: one line, exit code 2."""
    sys.argv = ["pressmark", *map(str, words)]
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert said.count("Error: ") == 1
    return said.partition("Error: ")[2]


@pytest.fixture(autouse=True)
def _own_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pressmark"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two seeds."""
    root = tmp_path_factory.mktemp("commands") / "kept"
    done = run("reclean", *SEEDS[:2], "--archive", root, "--workers", "1")
    assert done.exit_code == 0, done.output
    return root


def test_an_archive_knows_which_engine_cleaned_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(article("Salt works"))
    archive = tmp_path / "archive"
    outcomes = []
    for engine in ("learned", "learned", "trafilatura", "trafilatura"):
        done = run("reclean", page, "--archive", archive, "--workers", "1", "--engine", engine, "--json")
        report = json.loads(done.stdout)
        outcomes.append((report["new"], report["unchanged"], report["updated"], report["trafilatura_asked"]))
    with contextlib.closing(sqlite3.connect(archive / "articles.db")) as database:
        cleaners = database.execute("select cleaner from articles").fetchall()
    assert outcomes[0][:3] == (1, 0, 0)
    assert outcomes[1] == outcomes[3] == (0, 1, 0, 0)  # the same cleaner: nothing to do
    assert outcomes[2][3] == 1  # another one: cleaned again, with trafilatura
    assert cleaners == [(CLEANERS["trafilatura"],)]


def test_clean_says_on_how_many_pages_trafilatura_was_asked(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.html").write_bytes(article(f"Salt works {name}"))
    done = run("clean", tmp_path, "--engine", "trafilatura", "--format", "jsonl")
    assert [json.loads(line)["referee_asked"] for line in done.stdout.splitlines()] == [True, True]
    assert done.stderr == "trafilatura was asked on 2 of 2 pages cleaned\n"
    assert run("clean", tmp_path / "a.html", "--engine", "trafilatura").stderr == ""


def test_records_that_cannot_be_read_any_more_are_counted_as_failures(kept: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(kept, tmp_path / "broken")
    shutil.rmtree(broken / "warc")
    done = run("reclean", "--all", "--archive", broken, "--workers", "1", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["pages"], report["failed"]) == (1, 2, 2)
    assert all("is not in" in failure["reason"] for failure in report["failures"])


def test_an_archive_of_ours_gives_its_pages_and_none_of_its_furniture(kept: Path, tmp_path: Path) -> None:
    done = run("reclean", kept, "--archive", tmp_path / "second", "--workers", "1", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["pages"], report["new"]) == (0, 2, 2)


def test_a_folder_without_pages_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for command in (["clean"], ["reclean", "--archive", str(tmp_path / "a")]):
        done = run(*command, tmp_path / "empty")
        assert done.exit_code == 1
        assert "empty: there are no pages in it" in " ".join(done.stderr.split())


@pytest.mark.parametrize("words", [["--all"], ["nowhere/", "nor-there.txt"]])
def test_no_archive_is_made_for_an_input_that_is_not_there(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "archive"
    assert "here is no" in sentence(capsys, "reclean", *words, "--archive", root)
    assert not root.exists()


def test_a_page_from_standard_input_is_kept_like_a_file(tmp_path: Path) -> None:
    done = run("reclean", "-", "--archive", tmp_path / "a", "--workers", "1", stdin=SEEDS[4].read_bytes())
    assert done.exit_code == 0
    assert "US top diplomat" in done.stdout


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, SEEDS[4].read_bytes())
    os.close(writing)
    try:
        done = run("clean", f"/dev/fd/{reading}")
    finally:
        os.close(reading)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("US top diplomat Blinken")


def test_pages_of_one_warc_can_be_told_apart_in_the_table(kept: Path, tmp_path: Path) -> None:
    done = run("reclean", kept, "--archive", tmp_path / "second", "--workers", "1")
    names = [line.split("│")[1].strip() for line in done.stdout.splitlines() if "│ new " in line]
    assert len(set(names)) == 2, done.stdout


def test_failures_stand_in_the_list_of_failures_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    done = run("reclean", tmp_path / "a.txt", SEEDS[4], "--archive", tmp_path / "kept", "--workers", "1")
    assert done.exit_code == 1
    assert "there is nothing to clean" in done.stderr
    assert "a.txt" not in done.stdout


def test_a_narrow_terminal_gets_plain_lines(tmp_path: Path) -> None:
    narrow = os.environ | {"COLUMNS": "40"}
    done = process("reclean", SEEDS[4], "--workers", "1", cwd=tmp_path, env=narrow)
    table = done.stdout.decode().partition("Summary")[0]
    assert table.startswith("new: US top diplomat")
    assert "│" not in table
    assert max(map(len, table.splitlines())) <= 40


@pytest.mark.parametrize("form", ["jsonl", "trafilatura", "newsplease", "zyte"])
def test_the_batch_form_gives_back_id_and_url_under_every_tools_names(form: str, tmp_path: Path) -> None:
    row = {"id": "a\ud800", "url": "https://news.example/1", "text": SEEDS[4].read_text("utf-8")}
    source = tmp_path / "pages.jsonl"
    source.write_text("\ufeff" + json.dumps(row), encoding="utf-8")
    done = run("clean", "--input", source, "--format", form)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["id"], answer["url"]) == (row["id"], row["url"])


HUGE = "9" * 20


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", HUGE], f"No article {HUGE}"),
        (["explain", HUGE], f"{HUGE} is neither a file nor in the archive"),
        (["explain", "x" * 5000], "xxx… is neither a file nor in the archive"),
        (["explain", "no\0name"], "is neither a file nor in the archive"),
        (["explain", SEEDS[4], "--html", "/dev/null/cuts.html"], "cuts.html cannot be written"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    words: list[str | Path], says: str, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = sentence(capsys, *words, "--archive", kept)
    assert says in told
    assert len(told) < 400


def test_an_archive_that_cannot_be_made_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    told = sentence(capsys, "reclean", SEEDS[0], "--archive", tmp_path / "file" / "archive")
    assert "cannot be opened for writing" in told


def test_a_report_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = sentence(capsys, "evaluate", tmp_path, "--report", "/dev/null/report.html")
    assert "report.html cannot be written" in told


def test_an_article_whose_file_is_gone_is_told_with_the_files_name(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = shutil.copytree(kept, tmp_path / "broken")
    shutil.rmtree(broken / "warc")
    told = sentence(capsys, "explain", "1", "--archive", broken)
    assert "put it back" in told
    assert ".open" not in told


def test_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = process("clean", SEEDS[3], cwd=tmp_path, env=os.environ | plain)
    assert done.returncode == 0, done.stderr
    assert "Blinken’s" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("words", [["clean", SEEDS[4]], ["search", "truce"], ["show", "1"]])
def test_a_reader_that_leaves_early_ends_the_program_quietly(words: list[str | Path], kept: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = process(
            *words, cwd=kept.parent, stdout=closed, stderr=subprocess.PIPE, capture_output=False,
            env=os.environ | {"PRESSMARK_ARCHIVE": str(kept)},
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, b"")


def test_explain_reads_standard_input() -> None:
    done = run("explain", "-", "--json", stdin=b"<html><body><h1>A headline</h1><p>One paragraph of it.</p>")
    assert done.exit_code == 0, done.output
    assert {block["tag"] for block in json.loads(done.stdout)} >= {"h1", "p"}


def test_hits_keep_their_indent_in_every_line(kept: Path) -> None:
    lines = run("search", "Egypt", "--limit", "1", "--archive", kept).stdout.splitlines()
    assert len(lines) > 4
    assert all(line.startswith(" " * 7) for line in lines[1:-2])


def test_hits_that_are_not_shown_are_counted(kept: Path) -> None:
    told = json.loads(run("search", "Egypt", "--archive", kept, "--json").stdout)
    lines = run("search", "Egypt", "--limit", "1", "--archive", kept).stdout.splitlines()
    assert lines[-2] == f"1 of {len(told)} articles; more with --limit."
    assert "more with" not in run("search", "Egypt", "--archive", kept).stdout


def test_hints_show_the_program_as_it_was_called(tmp_path: Path) -> None:
    here = tmp_path / "bin"
    here.mkdir()
    (here / "pressmark").symlink_to(PRESSMARK)
    elsewhere = os.environ | {"PATH": os.defpath}
    done = subprocess.run(
        ["bin/pressmark", "reclean", SEEDS[4], "--workers", "1", "--archive", "my news"],
        cwd=tmp_path, capture_output=True, text=True, check=True, env=elsewhere,
    )  # fmt: skip
    assert "browser: bin/pressmark serve --archive 'my news'\n" in done.stdout


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Path, str, str, int]]:
    """Three URLs of one site, added: an article, a page that is not there, one that robots.txt forbids."""
    folder = tmp_path_factory.mktemp("added")
    ours = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with Newsroom() as newsroom:
        here = newsroom.origin("trouble")
        newsroom.resources["trouble"]["/story"] = answer(body=article("Crane mended"))
        urls = [here + path for path in ("/story", "/nothing-here", "/private/page")]
        done = process(
            "add", *urls, "--allow-private", "--contact", "desk@newsroom.example", cwd=folder,
            env=ours | {"NO_PROXY": "*"},
        )  # fmt: skip
        yield newsroom, folder / "news-archive", done.stdout.decode(), done.stderr.decode(), done.returncode


def test_a_page_that_was_asked_for_and_cannot_be_had_is_a_failure_that_names_it(
    added: tuple[Newsroom, Path, str, str, int],
) -> None:
    newsroom, _, _, stderr, code = added
    told = "".join(stderr.split())
    assert code == 1
    assert f"{newsroom.origin('trouble')}/nothing-here:" in told
    assert "HTTP404" in told
    assert f"{newsroom.origin('trouble')}/private/page:" in told
    assert "robots.txtforbids" in told


def test_pages_that_were_fetched_are_shown_with_what_to_do_next(
    added: tuple[Newsroom, Path, str, str, int],
) -> None:
    _, _, stdout, _, _ = added
    assert "Crane mended" in stdout.partition("Summary")[0]
    assert "serve" in stdout.splitlines()[-2]
    assert "search" in stdout.splitlines()[-1]


def test_runs_tell_what_was_asked_for(added: tuple[Newsroom, Path, str, str, int]) -> None:
    newsroom, root, _, _, _ = added
    with contextlib.closing(sqlite3.connect(root / "articles.db")) as database:
        ((command,),) = database.execute("select command from runs")
    assert command.startswith(f"add {newsroom.origin('trouble')}/story ")


def test_a_crawls_words_can_be_given_again_and_hold_no_password() -> None:
    options = CrawlOptions(
        sites="my sites.toml", only=("The Courier", "https://me:pw@news.example/"), limit=9
    )
    words = command_words(options)
    assert words == "crawl 'The Courier' https://news.example/ --sites 'my sites.toml' --limit 9"


def test_the_account_has_room_on_a_narrow_terminal(kept: Path) -> None:
    narrow = os.environ | {"COLUMNS": "40"}
    done = process("show", "1", "--account", "--archive", kept, cwd=kept.parent, env=narrow)
    account = done.stdout.decode().partition("The account: what was cut")[2]
    assert "author_bio tells of the writer" in account
    assert "│" not in account
    assert max(map(len, account.splitlines())) <= 40


def test_a_snippet_over_several_paragraphs_is_one_run_of_words(kept: Path) -> None:
    words = ("search", "blinken", "--archive", kept)
    assert any("\n" in hit["snippet"] for hit in json.loads(run(*words, "--json").stdout))
    assert "\ufffd" not in run(*words).stdout


def test_an_address_is_shown_whole_on_a_narrow_terminal(kept: Path) -> None:
    url = json.loads(run("show", "1", "--archive", kept, "--json").stdout)["url"]
    done = process("show", "1", "--archive", kept, cwd=kept.parent, env=os.environ | {"COLUMNS": "40"})
    assert url in re.sub(r"\s+", "", done.stdout.decode())


def gold_folder(root: Path) -> Path:
    german = "Der Rat der Stadt hat am Montag entschieden, die alte Brücke noch vor dem Winter neu zu bauen."
    (root / "one").mkdir(parents=True)
    (root / "one" / "page.dump").write_text(f"Brücke\n\n{german}\n\nFolgen Sie uns", encoding="utf-8")
    (root / "one" / "expected.txt").write_text(german, encoding="utf-8-sig")
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = f"<html><body><article><h1>Bridge</h1>{body}</article>"
    (root / "two.html").write_text(page, encoding="utf-8")
    (root / "two.txt").write_text(clean(page).text + "\n\nNobody objected.", encoding="utf-8")
    (root / "alone.html").write_text("<p>No gold stands beside this page.</p>")
    return root


def test_evaluate_scores_each_language_and_tells_what_it_passed_over(tmp_path: Path) -> None:
    gold, report = gold_folder(tmp_path / "gold"), tmp_path / "report.html"
    done = run("evaluate", gold, "--json", "--report", report)
    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert done.stderr == "passed over, since no gold stands beside them: 1 of 3 pages\n"
    assert {name: row["pages"] for name, row in said["languages"].items()} == {"de": 1, "en": 1}
    assert [(row["name"], row["language"]) for row in said["scores"]] == [
        ("one/page.dump", "de"),
        ("two.html", "en"),
    ]
    assert said["scores"][0]["f1"] == 1
    size = len((gold / "two.txt").read_text(encoding="utf-8").split())
    assert said["scores"][1]["recall"] == pytest.approx((size - 2) / size)
    assert said["scores"][1]["precision"] == 1
    html = report.read_text(encoding="utf-8")
    assert "Nobody objected.</mark>" in html
    assert '<a href="#p1">two.html</a>' in html
    shown = run("evaluate", gold).stdout
    assert re.search(r"│ de\s+│\s+1 │", shown)
    assert re.search(r"│ all\s+│\s+2 │", shown)


def test_evaluate_names_a_gold_text_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = gold_folder(tmp_path / "gold")
    (gold / "two.txt").write_bytes("Brücke".encode("latin-1"))
    assert "two.txt cannot be read (it is not UTF-8); mend or delete it" in sentence(capsys, "evaluate", gold)


def test_explain_shows_what_weighed_when_asked(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(article("Salt works"))
    rows = json.loads(run("explain", page, "--json").stdout)
    weights = [weight for row in rows for weight in row["weights"]]
    assert weights
    assert all({"feature", "value", "words", "weight"} == set(weight) for weight in weights)
    with_reasons, without = run("explain", page, "--why").stdout, run("explain", page).stdout
    assert weights[0]["words"].split(":")[0] in with_reasons
    assert weights[0]["words"].split(":")[0] not in without


# verify ---------------------------------------------------------------------------------------------


def test_verify_finds_a_fresh_archive_sound_and_shows_every_check(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    assert run("reclean", *SEEDS, "--archive", root).exit_code == 0
    shown = run("verify", "--archive", root)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.splitlines()[-1].startswith("sound: 2 files, 17 records, ")
    told = json.loads(run("verify", "--archive", root, "--json").stdout)
    assert (told["sound"], told["faults"], len(told["checks"])) == (True, [], 15)
    assert all(check["name"] in shown.stdout for check in told["checks"])


def test_verify_names_faults_with_what_to_try_and_ends_with_1(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    assert run("reclean", *SEEDS, "--archive", root).exit_code == 0
    (path,) = root.glob("warc/**/*.gz")
    path.write_bytes(path.read_bytes()[:-9])
    shown = run("verify", "--archive", root)
    assert shown.exit_code == 1
    assert "the file was cut: its last gzip member breaks off after" in shown.stdout
    assert "  try: put the file back from a copy" in shown.stdout
    told = json.loads(run("verify", "--archive", root, "--json").stdout)
    assert (told["sound"], told["faults"][0]["check"]) == (False, "files")
    assert told["faults"][0]["file"] == path.relative_to(root).as_posix()
    # The same file by its name alone, and the folder that holds it.
    for named in (path, root / "warc"):
        loose = run("verify", named, "--json")
        assert (loose.exit_code, json.loads(loose.stdout)["faults"][0]["check"]) == (1, "files")


def test_verify_of_what_is_not_there_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.wacz").write_bytes(b"PK\x03\x04")
    assert "There is no archive in" in sentence(capsys, "verify", "--archive", tmp_path / "none")
    assert "does not exist" in sentence(capsys, "verify", tmp_path / "none.warc")
    assert "There is no WARC, ARC or WACZ file in" in sentence(capsys, "verify", tmp_path / "empty")
    assert run("verify", tmp_path / "a.wacz").exit_code == 1
