"""`pressmark watch`: crawls what is due, in the foreground, until it is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.text import Text

from crawler.commands.console import allow_private_option, archive_option, contact_option, out, sites_option
from crawler.commands.plain import printable
from crawler.commands.schedule import program
from crawler.sites import read_sites

#: Seconds between two rounds: at least, so that a site that always has something due is not all we do; and at
#: most, so that a change of sites.toml is seen.
SHORTEST, LONGEST = 30.0, 900.0
#: After a round that could not be done at all.
AFTER_TROUBLE = 300.0


@click.command("watch", epilog="Exit code: 0 when it was stopped, 2 wrong usage.")
@click.option(
    "--limit", type=click.IntRange(1), default=500, show_default=True, help="Pages of one site a round."
)
@click.option("--rounds", type=click.IntRange(1), help="Stop after so many rounds. [default: never]")
@allow_private_option
@contact_option
@sites_option
@archive_option
def command(
    limit: int, rounds: int | None, allow_private: bool, contact: str, sites_file: Path, root: Path
) -> None:
    """Crawl what is due, wait until something is due again, and so on, until Ctrl-C or SIGTERM.

    Each round is a process of its own (`pressmark crawl --due`) and tells one line.

    \b
    Examples:
        pressmark watch
        pressmark watch --archive /srv/news --sites /srv/sites.toml
    """
    read_sites(sites_file)  # says what is wrong with it before the first round
    words = [*program(), "crawl", "--due", "--json", "--limit", str(limit), "--sites", str(sites_file)]
    words += ["--archive", str(root), *(["--allow-private"] if allow_private else [])]
    words += ["--contact", contact] if contact else []
    watch = Watch(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, watch.stop)
    while not watch.stopped.is_set():
        wait = watch.round()
        rounds = None if rounds is None else rounds - 1
        if rounds == 0:
            break
        watch.stopped.wait(wait)
    raise SystemExit(0)


class Watch:
    """Rounds of one command line, each in a process of its own."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._child: subprocess.Popen[str] | None = None
        self.stopped = threading.Event()

    def stop(self, number: int, frame: FrameType | None) -> None:
        """End with the round that runs: it is told to finish what it has begun; told twice, it breaks off."""
        self.stopped.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()

    def round(self) -> float:
        """One round; how long to wait for the next."""
        # A session of its own: Ctrl-C goes to us, and from us to it, once. A second one would cut it short.
        self._child = subprocess.Popen(  # noqa: S603 - our own program
            self._words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        if self.stopped.is_set():  # told while it started
            self._child.terminate()
        told, problems = self._child.communicate()
        summary = _summary(told)
        wait = wait_for(summary, time.time())
        line = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}  {sentence(summary, told, problems)}"
        if not self.stopped.is_set():
            line += f"; next {datetime.fromtimestamp(time.time() + wait).astimezone():%H:%M:%S}"
        out.print(Text(printable(line)), soft_wrap=True)
        for alarm in alarm_lines(summary):
            out.print(Text(printable(alarm)), soft_wrap=True)
        sys.stdout.flush()
        return wait


def _summary(told: str) -> dict[str, Any] | None:
    try:
        summary = json.loads(told)
    except ValueError:
        return None
    return summary if isinstance(summary, dict) else None


def wait_for(summary: dict[str, Any] | None, now: float) -> float:
    """Seconds until the next round, from what the last one told."""
    if summary is None:
        return AFTER_TROUBLE
    due = summary.get("next_due")
    if due is None:
        return LONGEST
    at = datetime.fromisoformat(due).astimezone(UTC).timestamp()
    return min(max(at - now, SHORTEST), LONGEST)


def alarm_lines(summary: dict[str, Any] | None) -> list[str]:
    """What a round told of alarms, in lines."""
    alarms = (summary or {}).get("alarms") or {}
    begun = [
        f"    {one['level']}: {one['site'] or 'the archive'}: {one['sentence']}"
        for one in alarms.get("new", ())
    ]
    ended = [
        f"    ended: {one['site'] or 'the archive'}: {one['finding'].replace('_', ' ')}"
        for one in alarms.get("ended", ())
    ]
    return begun + ended + [f"    {problem}" for problem in alarms.get("problems", ())]


def sentence(summary: dict[str, Any] | None, told: str, problems: str) -> str:
    """What a round did, in a line."""
    if summary is None:
        lines = (told + problems).strip().splitlines()
        return lines[-1] if lines else "the crawl ended without a word"
    counts = {"new": "new", "updated": "updated", "unchanged": "unchanged", "not_article": "no article",
              "failed": "failed"}  # fmt: skip
    said = [f"{summary[name]} {words}" for name, words in counts.items() if summary.get(name)]
    return f"{summary.get('feeds_read', 0)} sources read, " + (", ".join(said) or "nothing new")
