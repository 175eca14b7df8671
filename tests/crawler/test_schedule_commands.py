"""`schedule print`, `watch`, and `crawl --due` beside another crawl: what cron and people meet."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive import Archive
from crawler.commands.schedule import cron_line, systemd_units
from crawler.commands.top import cli
from crawler.commands.watch import AFTER_TROUBLE, LONGEST, SHORTEST, sentence, wait_for
from tests.crawler.crawling import _environment
from tests.newsroom import Newsroom

PROGRAM = [sys.executable, "-c", "from crawler.commands import main; main()"]


@pytest.fixture
def site(newsroom: Newsroom, tmp_path: Path) -> Path:
    """The folder of a sites.toml that names one site."""
    (tmp_path / "sites.toml").write_text(newsroom.sites_toml("fieldpost"), encoding="utf-8")
    return tmp_path


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, words)], cwd=cwd, env=_environment(), capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


def test_a_crawl_that_finds_another_at_work_says_so(site: Path, newsroom: Newsroom) -> None:
    with Archive.open(site / "news-archive", software="the other"):
        due = run("crawl", "--due", "--allow-private", cwd=site)
        plain = run("crawl", "--allow-private", cwd=site)
    assert (due.returncode, due.stdout.startswith("Another crawl is at work: ")) == (0, True)
    assert "Traceback" not in due.stderr
    assert plain.returncode == 2
    assert newsroom.log == []


def test_the_line_for_cron_is_one_line_that_a_shell_runs(tmp_path: Path) -> None:
    odd = tmp_path / "a 50% folder"
    done = CliRunner().invoke(
        cli, ["schedule", "print", "--archive", str(odd / "news"), "--sites", str(odd / "sites.toml")]
    )
    assert done.exit_code == 0
    line = done.output.rstrip("\n")
    assert "\n" not in line
    found = re.fullmatch(r"\*/5 \* \* \* \* (.+) >/dev/null", line)
    assert found is not None
    words = shlex.split(found[1].replace("\\%", "%"))  # what cron hands to the shell
    assert words[-4:] == ["--sites", str(odd / "sites.toml"), "--archive", str(odd / "news")]
    assert Path(words[0]).is_absolute()


def test_the_program_of_the_line_crawls_from_anywhere(site: Path, tmp_path: Path) -> None:
    line = cron_line([*PROGRAM, "crawl", "--due", "--allow-private", "--sites", str(site / "sites.toml"),
                      "--archive", str(site / "news")], 5)  # fmt: skip
    command = line.removeprefix("*/5 * * * * ").replace("\\%", "%")
    done = subprocess.run(["/bin/sh", "-c", command], cwd="/", env=_environment(), timeout=300, check=False)
    assert done.returncode == 0
    assert (site / "news" / "articles.db").exists()


def test_units_name_program_and_archive_in_full() -> None:
    printed = CliRunner().invoke(cli, ["schedule", "print", "--as", "systemd"]).output.splitlines()
    assert {"[Service]", "[Timer]", "Type=oneshot"} <= set(printed)
    units = systemd_units(["/opt/my tools/pressmark", "crawl", "--due", "--archive", "/srv/100%"], 10)
    assert 'ExecStart="/opt/my tools/pressmark" crawl --due --archive /srv/100%%' in units
    assert "OnUnitInactiveSec=10min" in units


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    parts = systemd_units([sys.executable, "-V"], 5).split("# ~/.config/systemd/user/")[1:]
    files = [tmp_path / part.partition("\n")[0] for part in parts]
    for file, part in zip(files, parts, strict=True):
        file.write_text(part.partition("\n")[2], encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *files], capture_output=True, text=True, check=False,
        env={**_environment(), "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_watch_does_a_round_and_tells_it_in_a_line(site: Path) -> None:
    done = run("watch", "--allow-private", "--rounds", "1", cwd=site)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d [\d:]{8}  1 sources read, 2 new; next [\d:]{8}", line), line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watch_ends_when_it_is_told_to(site: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [*PROGRAM, "watch", "--allow-private"],
        cwd=site,
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()  # the first round is over: it sleeps
        process.send_signal(number)
        assert process.wait(timeout=60) == 0


def test_watch_waits_until_something_is_due_within_bounds() -> None:
    def due(seconds: int) -> float:
        return wait_for({"next_due": f"1970-01-01T00:{seconds // 60:02}:{seconds % 60:02}+00:00"}, 0.0)

    assert [due(0), due(100), due(3599)] == [SHORTEST, 100.0, LONGEST]
    assert (wait_for(None, 0.0), wait_for({"next_due": None}, 0.0)) == (AFTER_TROUBLE, LONGEST)


def test_watch_tells_what_kept_a_round_from_being_done() -> None:
    assert sentence(None, "", "warning\nError: the disk is full\n") == "Error: the disk is full"
