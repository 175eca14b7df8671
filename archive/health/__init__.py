"""How the sites of an archive are doing, and the archive itself: read, judged, told.

    with Catalogue.open(root) as catalogue:
        report = catalogue.health(time.time(), watched)

`gathering` reads the rows; `judging` (with `silence` and `shares`) says what they mean of a site,
`housekeeping` what they mean of the whole, all pure. Nothing here needs the writer's lock, and no value holds
a page's text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from archive.health import gathering
from archive.health.housekeeping import archive_findings
from archive.health.judging import health_of
from archive.health.telling import Told, alarms_of, changes
from archive.health.values import (
    ARCHIVE_FINDINGS,
    SITE_FINDINGS,
    Finding,
    Health,
    Level,
    Report,
    Watched,
)
from archive.health.wording import ago, lasting


def examine(
    db: sqlite3.Connection, now: float, watched: Sequence[Watched] | None = None, root: Path | None = None
) -> Report:
    """The health of the watched sites, of all others the archive holds, and of the archive.

    `now`: seconds since 1970. Without `watched`, all sites that were crawled are watched. `root`: the
    archive's folder, for its disk, its files and its lock; None: these are not looked at.
    """
    whole = gathering.archive(db, root)
    facts = list(gathering.sites(db, now, watched))
    listed = [site for site in facts if site.is_listed]
    due = [source.due_at for site in listed for source in site.sources if source.due_at is not None]
    looked = [source.checked_at for site in facts for source in site.sources if source.checked_at is not None]
    ended = [run.finished_at for run in whole.runs if run.finished_at is not None]
    crawled_at = max([*looked, *ended], default=None)
    return Report(
        at=now,
        findings=tuple(archive_findings(whole, min(due, default=None), now)),
        sites=tuple(health_of(site, now, crawled_at) for site in facts),
    )


__all__ = [
    "ARCHIVE_FINDINGS",
    "SITE_FINDINGS",
    "Finding",
    "Health",
    "Level",
    "Report",
    "Told",
    "Watched",
    "ago",
    "alarms_of",
    "changes",
    "examine",
    "lasting",
]
