"""`pressmark schedule`: lines and units that have the system run `pressmark crawl --due`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from crawler.commands.console import archive_option, out, sites_option
from crawler.commands.plain import printable


@click.group("schedule")
def command() -> None:
    """Have the system crawl what is due, every few minutes."""


@command.command("print")
@click.option(
    "--as", "form", type=click.Choice(["cron", "systemd"]), default="cron", show_default=True,
    help="A line for crontab, or two units for systemd.",
)  # fmt: skip
@click.option(
    "--every", type=click.IntRange(1, 59), default=5, show_default=True, help="Minutes between two rounds."
)
@sites_option
@archive_option
def print_schedule(form: str, every: int, sites_file: Path, root: Path) -> None:
    """Print a crontab line, or a systemd service and timer, that run `crawl --due`.

    Program, list of sites and archive are named in full, so that they work from anywhere. A round in which
    nothing is due asks nobody and ends in a second; one that finds another at work ends at once.

    \b
    Examples:
        (crontab -l; pressmark schedule print) | crontab -
        pressmark schedule print --as systemd --every 10
    """
    words = [*program(), "crawl", "--due", "--sites", str(sites_file.absolute())]
    words += ["--archive", str(root.absolute())]
    text = cron_line(words, every) if form == "cron" else systemd_units(words, every)
    for told in text.split("\n"):
        out.print(printable(told), markup=False, soft_wrap=True)


def program() -> list[str]:
    """The words that start this program from anywhere."""
    called = Path(sys.argv[0])
    if called.name.startswith("pressmark") and called.exists():
        return [str(called.absolute())]
    beside = Path(sys.executable).parent / "pressmark"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("pressmark")
    return [found] if found else [sys.executable, "-c", "from crawler.commands import main; main()"]


def cron_line(words: list[str], every: int) -> str:
    """One line for crontab. A per cent sign would end the command there (crontab(5))."""
    return f"*/{every} * * * * {shlex.join(words)} >/dev/null".replace("%", "\\%")


def systemd_units(words: list[str], every: int) -> str:
    """A service and a timer, as two files, each under a comment with its place."""
    line = " ".join(_systemd_word(word) for word in words)
    return f"""# ~/.config/systemd/user/pressmark.service
[Unit]
Description=Crawl the news that is due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={line}
# 1: some pages failed, which the archive remembers.
SuccessExitStatus=1
Nice=10

# ~/.config/systemd/user/pressmark.timer
[Unit]
Description=Crawl the news that is due, every {every} minutes

[Timer]
OnBootSec=2min
OnUnitInactiveSec={every}min
RandomizedDelaySec=20s

[Install]
WantedBy=timers.target

# systemctl --user daemon-reload && systemctl --user enable --now pressmark.timer"""


def _systemd_word(word: str) -> str:
    """A word as ExecStart= reads it (systemd.service(5)): quoted, specifiers and variables escaped."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if any(c in word for c in " '\"\\;") or not word else word
