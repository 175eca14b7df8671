"""What a person meets at the command line: each stumble is a sentence, and no cut or failure is silent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.commands.top import cli, main

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
