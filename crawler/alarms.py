"""Telling of alarms: to the terminal, a webhook, a program, by mail; once when one begins, once it ended.

What was told is noted in the archive, channel by channel: a channel that failed is tried again after the
next crawl, and the others are not told twice. Nothing here makes a crawl fail.
"""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from archive import Archive, ArchiveBusy, Catalogue
from archive.health import Level, Report, Told, Watched, alarms_of, changes
from archive.values import Value
from crawler import plain_http
from crawler.agenda import roots_of
from crawler.errors import CrawlerError
from crawler.sites import Alarm, Sites

#: A webhook that does not answer, a program that does not end: the next crawl is waiting.
WEBHOOK_SECONDS, PROGRAM_SECONDS = 15.0, 60.0
#: So many alarms are named in one message; more are counted.
NAMED = 50


class ChannelFailed(CrawlerError):
    """A channel could not be told. Its address and arguments are not named: they may be secrets."""

    def __init__(self, channel: str, reason: str) -> None:
        self.channel = channel
        super().__init__(f"the {channel} of [alarm] was not told: {reason}; the next crawl tries again")


class Telling(Value, frozen=True, kw_only=True):
    """What was told to the terminal's channel, how many alarms stand, which channels failed."""

    new: tuple[Told, ...] = ()
    ended: tuple[Told, ...] = ()
    standing: int = 0
    problems: tuple[str, ...] = ()


Channel = Callable[[dict[str, Any]], None]


def watched(sites: Sites) -> list[Watched]:
    """The sites of sites.toml, as the archive's health takes them."""
    return [
        Watched(name=site.name, url=site.url, roots=tuple(url for url, _ in roots_of(site)))
        for site in sites.sites
    ]


def tell(
    root: Path, sites: Sites, now: float, open_archive: Callable[[], Archive], *, least: Level | None = None
) -> Telling:
    """Judge the archive's health, note it for the pages of sites, and tell every channel what is new.

    `least` is the terminal's level, [alarm]'s own if None. `open_archive` opens the archive for writing.
    Raises ArchiveError where the archive cannot be read, or what was told not be written.
    """
    channels = channels_of(sites.alarm)
    with Catalogue.open(root) as catalogue:
        report = catalogue.health(now, watched(sites))
        before = {name: catalogue.told(name) for name in ("terminal", *channels)}
    problems: list[str] = []
    news: dict[str, tuple[list[Told], list[Told]]] = {}
    for name, told in before.items():
        level = (least if name == "terminal" else None) or sites.alarm.level
        new, ended = changes(report, level, told)
        if not new and not ended:
            continue
        try:
            if name in channels:
                channels[name](message(root, now, new, ended))
            news[name] = (new, ended)
        except ChannelFailed as failure:
            problems.append(str(failure))
    try:
        with open_archive() as archive:
            archive.note_health(report)
            for name, (new, ended) in news.items():
                archive.tell(name, new, ended)
    except ArchiveBusy:
        # Who writes now judges when it is done. What was told is noted, or it would be told again.
        if news:
            raise
    new, ended = news.get("terminal", ([], []))
    return Telling(
        new=tuple(new), ended=tuple(ended), standing=len(alarms_of(report, "alarm")), problems=tuple(problems)
    )


def channels_of(alarm: Alarm) -> dict[str, Channel]:
    """The channels that sites.toml names, by their keys there."""
    found: dict[str, Channel] = {}
    if alarm.webhook:
        found["webhook"] = lambda message: post(alarm.webhook, message)
    if alarm.command:
        found["command"] = lambda message: run("command", alarm.command, json.dumps(message))
    if alarm.mail_command:
        found["mail_command"] = lambda message: run("mail_command", alarm.mail_command, message["text"])
    return found


def message(root: Path, now: float, new: Sequence[Told], ended: Sequence[Told]) -> dict[str, Any]:
    """What a webhook or program gets. `text` says it in words, under the name that chat programs look for."""
    return {
        "program": "pressmark",
        "archive": root.resolve().name,
        "at": moment(now),
        "new": [told_row(one) for one in new[:NAMED]],
        "ended": [told_row(one) for one in ended[:NAMED]],
        "text": text(root, new, ended),
    }


def told_row(one: Told) -> dict[str, Any]:
    """An alarm for machines; `site` is null where it is of the archive itself."""
    return {
        "site": one.site or None, "finding": one.what, "level": one.level, "sentence": clean(one.sentence),
        "since": None if one.since is None else moment(one.since),
    }  # fmt: skip


def text(root: Path, new: Sequence[Told], ended: Sequence[Told]) -> str:
    """The same in lines."""
    lines = [f"{one.level}: {clean(one.site) or 'the archive'}: {clean(one.sentence)}" for one in new[:NAMED]]
    lines += [
        f"ended: {clean(one.site) or 'the archive'}: {one.what.replace('_', ' ')}" for one in ended[:NAMED]
    ]
    more = max(len(new) - NAMED, 0) + max(len(ended) - NAMED, 0)
    lines += [f"and {more} more"] if more else []
    return "\n".join([f"pressmark, {clean(root.resolve().name)}", *lines]) + "\n"


def clean(words: str) -> str:
    """Names and reasons without control characters: they may come from a page."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)


def moment(seconds: float) -> str:
    """A time as machines are told it: ISO 8601, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def test_message(root: Path, now: float) -> dict[str, Any]:
    """A message that says that it is a trial."""
    one = Told(site="", what="trial", level="alarm", sentence="this is a trial of --alarm-test", since=now)
    return message(root, now, [one], [])


def post(url: str, message: dict[str, Any]) -> None:
    """POST a message as JSON. Any address that the user wrote is allowed, also one on his own network."""
    body = json.dumps(message).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "pressmark"}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - checked in sites.py
    try:
        with plain_http.opened(request, WEBHOOK_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise ChannelFailed("webhook", f"{_host(url)} answered HTTP {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise ChannelFailed("webhook", f"{_host(url)} could not be reached ({clean(str(reason))})") from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "its host"


def run(channel: str, words: Sequence[str], given: str) -> None:
    """Run a program, without a shell, and give it a text on standard input."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program
            list(words), input=given.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=PROGRAM_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ChannelFailed(channel, f"it did not end within {PROGRAM_SECONDS:.0f} seconds") from None
    except (OSError, ValueError) as error:
        raise ChannelFailed(
            channel, f"it could not be started ({getattr(error, 'strerror', error)})"
        ) from None
    if done.returncode:
        raise ChannelFailed(channel, f"it ended with exit code {done.returncode}")


def report_row(report: Report) -> dict[str, Any]:
    """A report for machines: times as ISO 8601, UTC. Documented in docs/health.md."""
    row: dict[str, Any] = _timed(msgspec.to_builtins(report))
    row["level"] = report.level
    return row


def _timed(value: Any) -> Any:
    if isinstance(value, dict):
        items = value.items()
        return {"finding" if key == "what" else key: _named(key, item) for key, item in items if key != "id"}
    return [_timed(item) for item in value] if isinstance(value, list | tuple) else value


def _named(key: str, item: Any) -> Any:
    is_time = key in ("at", "since") or key.endswith("_at")
    return moment(item) if is_time and isinstance(item, int | float) else _timed(item)
