"""What is wrong with an archive as a whole: its files, its disk, crawls that hang or do not come. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from archive.health.values import DAY, HOUR, ArchiveFacts, Finding, Level, Run
from archive.health.wording import ago, lasting, percent

#: A crawl is missed after so many times the usual gap between crawls, and at least so long.
MISSED, MISSED_LEAST = 3.0, HOUR
FEWEST_GAPS = 5
#: Where crawls are too few to have a usual gap: after two days.
MISSED_UNKNOWN = 2 * DAY
#: A crawl waits for slow servers; one that fetches nothing for so long hangs.
HANGS = 6 * HOUR
#: Free space: share and bytes, both of which must be undercut.
_DISK: tuple[tuple[Level, float, float], ...] = (("alarm", 0.03, 2e9), ("notice", 0.08, 10e9))
#: So many crawls in a row that were broken off are no accident.
BROKEN_OFF = 3


def archive_findings(facts: ArchiveFacts, due_at: float | None, now: float) -> Iterator[Finding]:
    """What is wrong with the whole. `due_at`: since when something of a watched site has been due."""
    if facts.missing_files:
        names = ", ".join(facts.missing_files[:3])
        yield Finding(
            what="files", level="alarm",
            sentence=f"{len(facts.missing_files)} files of records are not there or not whole ({names}):"
            " see `pressmark verify`",
        )  # fmt: skip
    yield from _disk(facts)
    if facts.writer is None:
        yield from _crawls(facts.runs, due_at, now)
    else:
        yield from _hanging(facts, now)
    if facts.uncleaned_since is not None and now - facts.uncleaned_since >= DAY:
        yield Finding(
            what="left_uncleaned", level="notice", since=facts.uncleaned_since,
            sentence=f"{facts.uncleaned} pages wait to be cleaned, the oldest for"
            f" {lasting(now - facts.uncleaned_since)}",
        )  # fmt: skip


def _disk(facts: ArchiveFacts) -> Iterator[Finding]:
    if facts.disk_free is None or not facts.disk_size:
        return
    for level, share, size in _DISK:
        if facts.disk_free < share * facts.disk_size and facts.disk_free < size:
            left = f"{facts.disk_free / 1e9:.1f} GB ({percent(facts.disk_free / facts.disk_size)})"
            yield Finding(what="disk", level=level, sentence=f"the disk is almost full: {left} are free")
            return


def _hanging(facts: ArchiveFacts, now: float) -> Iterator[Finding]:
    if not facts.runs or facts.runs[0].finished_at is not None:
        return
    since = max(facts.runs[0].started_at, facts.active_at or 0.0)
    if now - since >= HANGS:
        yield Finding(
            what="nothing_crawls", level="alarm", since=since,
            sentence=f"a crawl has been at work for {lasting(now - facts.runs[0].started_at)}, and fetched"
            f" nothing for {lasting(now - since)}",
        )  # fmt: skip


def _crawls(runs: Sequence[Run], due_at: float | None, now: float) -> Iterator[Finding]:
    broken = 0
    while broken < len(runs) and runs[broken].finished_at is None:
        broken += 1
    if broken:
        times = (
            "the last crawl was broken off" if broken == 1 else f"the last {broken} crawls were broken off"
        )
        yield Finding(
            what="broken_off", level="alarm" if broken >= BROKEN_OFF else "notice", since=runs[0].started_at,
            sentence=f"{times} (begun {ago(now - runs[0].started_at)}); the next one goes on",
        )  # fmt: skip
    if due_at is None or not runs or due_at > now:
        return
    ended = runs[0].finished_at or runs[0].started_at
    gaps = sorted(later.started_at - earlier.started_at for later, earlier in pairwise(runs))
    usual = gaps[len(gaps) // 2] if len(gaps) >= FEWEST_GAPS else None
    # Who crawls by hand has no usual gap: the longest counts as well.
    limit = MISSED_UNKNOWN if usual is None else max(MISSED * usual, gaps[-1], MISSED_LEAST)
    if now - ended >= limit and now - due_at >= limit:
        before = "" if usual is None else f"; before, one came every {lasting(usual)}"
        yield Finding(
            what="nothing_crawls", level="alarm" if usual is not None else "notice", since=ended,
            sentence=f"something has been due for {lasting(now - due_at)}, and the last crawl ended"
            f" {ago(now - ended)}{before}",
        )  # fmt: skip
