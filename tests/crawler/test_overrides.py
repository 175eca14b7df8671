"""What people say of blocks holds: when the archive is cleaned again, when pages come, and in the account."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archive.front.plugins.pressmark_front import overrides as file
from crawler.commands.top import cli
from tests.newsroom import Newsroom, answer
from tests.newsroom.trouble import article
from tests.pipelines.test_html_clean import PARAGRAPHS

HOUSE = Path(__file__).parents[2]
SEEDS = sorted((HOUSE / "seeds").glob("*.txt"))


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, list(map(str, words)))


def rows(root: Path, sql: str, *values: object) -> list[Any]:
    db = sqlite3.connect(root / "articles.db")
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive with one dump, the last of the seeds."""
    done = run("reclean", SEEDS[-1], "--archive", tmp_path / "a")
    assert done.exit_code == 0, done.output
    return tmp_path / "a"


def say(root: Path, word: str, text: str) -> None:
    ((url,),) = rows(root, "select url from articles")
    file.append(root, file.entry_lines(word, "article", url, text))


def test_cleaning_again_obeys_and_the_account_says_who_said_so(root: Path) -> None:
    ((text, policy),) = rows(
        root, "select articles.text, account.text from articles, account where label = 'comment_policy'"
    )
    first = text.split("\n")[0]
    say(root, "keep", policy)
    say(root, "cut", first)
    done = run("reclean", "--all", "--archive", root)
    assert (done.exit_code, done.stderr) == (0, "")
    ((text, version),) = rows(root, "select text, version from articles")
    assert policy in text
    assert first not in text
    assert version == 1  # it is no newsroom's edit
    ((label, reason),) = rows(root, "select label, reason from account where text = ?", first)
    assert (label, reason.startswith("a person said so; the cleaner held it for body")) == ("other", True)


def test_what_was_said_holds_for_the_dump_when_it_comes_again_and_may_be_taken_back(root: Path) -> None:
    ((policy,),) = rows(root, "select text from account where label = 'comment_policy'")
    before = rows(root, "select text, cleaner from articles")
    say(root, "keep", policy)
    counts = json.loads(run("reclean", SEEDS[-1], "--archive", root, "--json").stdout)
    assert (counts["updated"], counts["unchanged"]) == (1, 0)
    assert policy in rows(root, "select text from articles")[0][0]
    again = json.loads(run("reclean", SEEDS[-1], "--archive", root, "--json").stdout)
    assert (again["updated"], again["unchanged"]) == (0, 1)
    (root / file.FILE).unlink()
    run("reclean", SEEDS[-1], "--archive", root)
    assert rows(root, "select text, cleaner from articles") == before


def test_slips_and_stale_words_are_told_and_fail_nothing(root: Path) -> None:
    say(root, "cut", "A block that no page has")
    file.append(root, '[[override]]\nsay = "perhaps"\n')
    done = run("reclean", "--all", "--archive", root)
    assert done.exit_code == 0
    told = " ".join(done.stderr.split())
    assert "say is neither keep, cut nor leave; the entry is passed over." in told
    assert "no page has the block sha1:" in told
    assert "Traceback" not in told


def test_a_crawl_obeys(newsroom: Newsroom, tmp_path: Path) -> None:
    page, root = answer(body=article("Crane mended")), tmp_path / "a"
    newsroom.resources["trouble"]["/story"] = page
    address = newsroom.origin("trouble") + "/story"
    paragraphs = re.findall(r"<p>(.*?)</p>", article("Crane mended").decode())
    root.mkdir()
    file.append(root, file.entry_lines("cut", "article", address, paragraphs[1]))
    ours = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [
            sys.executable, "-c", "from crawler.commands import main; main()", "add", address,
            "--allow-private", "--contact", "desk@newsroom.example", "--archive", str(root),
        ],
        cwd=HOUSE, env=ours | {"NO_PROXY": "*"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ((text,),) = rows(root, "select text from articles")
    assert text.split("\n\n") == [paragraphs[0], *paragraphs[2:]]
    ((reason,),) = rows(root, "select reason from account where text = ?", paragraphs[1])
    assert reason.startswith("a person said so")


# -- pressmark diff


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """An archive of two captures of one page, between which its newsroom changed a word."""
    lines = []
    for n, word in enumerate(("rejected", "approved")):
        body = "".join(
            f"<p>{p}</p>" for p in [*PARAGRAPHS, f"The council {word} the plan on Monday evening."]
        )
        head = f"<html lang=en><head><title>Ferry {word}</title></head><body><article>"
        html = f"{head}<h1>Ferry {word}</h1>{body}"
        lines.append(
            {"url": "https://post.example/ferry", "html": html, "fetched_at": f"2024-05-0{n + 1}T08:00:00Z"}
        )
        source = tmp_path / f"{n}.jsonl"
        source.write_text(json.dumps(lines[-1]))
        assert run("reclean", source, "--archive", tmp_path / "a").exit_code == 0
    assert rows(tmp_path / "a", "select version from articles") == [(2,)]
    return tmp_path / "a"


def test_diff_marks_the_words_and_folds_the_rest(changed: Path) -> None:
    done = run("diff", "1", "--archive", changed)
    told = " ".join(done.stdout.split())
    assert done.exit_code == 0
    assert "Ferry [-rejected-]{+approved+}" in told
    assert "The council [-rejected-]{+approved+} the plan on Monday evening." in told
    assert f"… {len(PARAGRAPHS) - 1} paragraphs unchanged …" in told
    assert "version 1, 2024-05-01T08:00:00+00:00 → version 2" in told


def test_show_tells_of_versions_and_how_to_compare_them(changed: Path) -> None:
    assert "2; what changed: pressmark diff 1" in run("show", "1", "--archive", changed).stdout


def test_diff_for_machines_holds_both_texts_and_any_order(changed: Path) -> None:
    told = json.loads(
        run("diff", "https://post.example/ferry", "2", "1", "--archive", changed, "--json").stdout
    )
    assert [told["from"]["number"], told["to"]["number"], told["change"]] == [2, 1, None]
    assert told["headline"] == [["=", "Ferry "], ["-", "approved"], ["+", "rejected"]]
    ((text,),) = rows(changed, "select text from versions where number = 1")
    after = ["".join(words for sign, words in paragraph if sign != "-") for paragraph in told["paragraphs"]]
    assert after == [line for line in text.split("\n") if line]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("99",), "No article 99 in"),
        (("https://nowhere.example/",), "No article https://nowhere.example/ in"),
        (("1", "1"), "Name two versions, FROM and TO"),
        (("1", "1", "7"), "has no version 7; it has 1 to 2"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(changed: Path, words: tuple[str, ...], sentence: str) -> None:
    done = run("diff", *words, "--archive", changed)
    assert done.exit_code == 2
    assert sentence in " ".join(done.stderr.split())


def test_an_article_that_never_changed_has_nothing_to_compare(root: Path) -> None:
    assert "one version only" in run("diff", "1", "--archive", root).stderr
