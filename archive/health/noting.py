"""Notes in the archive what was judged, for readers that cannot judge: pages in the browser, plain SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

from archive.health.values import Finding, Report


def write(db: sqlite3.Connection, report: Report) -> None:
    """Put a report in the place of the last one; the caller holds the transaction."""
    at = _text(report.at)
    rows: list[tuple[str | None, ...]] = [("", "[]", _state_of(report), _findings(report.findings), None, at)]
    rows += [
        (
            site.name,
            json.dumps(site.hosts, ensure_ascii=False),
            site.state,
            _findings(site.findings),
            site.rhythm.words if site.rhythm else None,
            at,
        )
        for site in report.sites
        if site.name
    ]
    db.execute("delete from judgements")
    db.executemany(
        "insert or replace into judgements (site, hosts, state, findings, rhythm, judged_at)"
        " values (?, ?, ?, ?, ?, ?)",
        rows,
    )


def _state_of(report: Report) -> str:
    levels = {finding.level for finding in report.findings}
    return next((level for level in ("alarm", "notice") if level in levels), "well")


def _findings(findings: Iterable[Finding]) -> str:
    return json.dumps(
        [
            {
                "finding": one.what,
                "level": one.level,
                "sentence": one.sentence,
                "since": None if one.since is None else _text(one.since),
            }
            for one in findings
        ],
        ensure_ascii=False,
    )


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
