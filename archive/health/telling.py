"""Which alarms were told already: each is told once when it begins and once when it has ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

from archive.health.values import Finding, Level, Report
from archive.values import Value


class Told(Value, frozen=True, kw_only=True):
    """An alarm: the site's name ("" for the archive itself), what it is, how bad, since when."""

    site: str
    what: str
    level: Level
    sentence: str = ""
    since: float | None = None
    told_at: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        return self.site, self.what


def alarms_of(report: Report, least: Level) -> list[Told]:
    """What there is to tell: all findings that are at least so bad."""
    found: list[tuple[str, Finding]] = [("", finding) for finding in report.findings]
    found += [(site.name, finding) for site in report.sites for finding in site.findings]
    levels = ("alarm",) if least == "alarm" else ("alarm", "notice")
    return [
        Told(
            site=name, what=one.what, level=one.level, sentence=one.sentence, since=one.since,
            told_at=report.at,
        )
        for name, one in found
        if one.level in levels
    ]  # fmt: skip


def changes(report: Report, least: Level, before: Iterable[Told]) -> tuple[list[Told], list[Told]]:
    """What is to be told: alarms that are new, or worse than when they were told; and those that have ended.

    An alarm that has become a notice has not ended.
    """
    known = {one.key: one for one in before}
    there = {one.key for one in alarms_of(report, "notice")}
    new = [
        one
        for one in alarms_of(report, least)
        if one.key not in known or (one.level == "alarm" and known[one.key].level == "notice")
    ]
    return new, [one for key, one in known.items() if key not in there]


def told(db: sqlite3.Connection, channel: str) -> tuple[Told, ...]:
    """The alarms that were told on a channel and have not ended."""
    rows = db.execute(
        "select site, class, level, since, told_at from told where channel = ? order by told_at, site, class",
        (channel,),
    )
    return tuple(
        Told(site=site, what=what, level=level, since=_seconds(since), told_at=_seconds(at) or 0.0)
        for site, what, level, since, at in rows
    )


def write(db: sqlite3.Connection, channel: str, told: Iterable[Told], ended: Iterable[Told]) -> None:
    """Note what was told; the caller holds the transaction."""
    db.executemany(
        "delete from told where channel = ? and site = ? and class = ?",
        [(channel, *one.key) for one in ended],
    )
    db.executemany(
        "insert or replace into told (channel, site, class, level, since, told_at) values (?, ?, ?, ?, ?, ?)",
        [(channel, *one.key, one.level, _text(one.since), _text(one.told_at)) for one in told],
    )


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _seconds(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
