"""`pressmark sites [NAME]`: how the sites are doing, in the terminal and for monitors. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from archive import Archive, ArchiveError, Catalogue
from archive.health import Finding, Health, Level, Report, Watched, ago
from crawler.alarms import (
    ChannelFailed,
    Telling,
    channels_of,
    moment,
    report_row,
    tell,
    test_message,
    told_row,
    watched,
)
from crawler.commands.console import (
    NARROW,
    archive_option,
    called,
    err,
    json_option,
    open_archive,
    out,
    print_indented,
    shortened,
    sites_option,
)
from crawler.commands.plain import now, printable
from crawler.errors import SitesError
from crawler.sites import Sites, read_sites

#: State → its word, a mark that needs no colour, a colour.
_STATES = {
    "well": ("well", "✓", "green"),
    "notice": ("notice", "!", "yellow"),
    "alarm": ("ALARM", "✗", "bold red"),
    "unknown": ("not known yet", "?", "cyan"),
    "unlisted": ("not listed", "·", "dim"),
}
_BARS = "▁▂▃▄▅▆▇█"
#: So many sources of a site are shown, and of what was no article.
_SOURCES, _NOT_ARTICLES = 40, 10
#: Columns of a site's name in the table.
_NAME = 40


@click.command("health", epilog="Exit code: 0 no alarm, 1 there is an alarm, 2 wrong usage.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@sites_option
@click.option("--alarm-test", is_flag=True, help="Send a trial to every channel of [alarm] in sites.toml.")
@archive_option
@json_option
def command(names: tuple[str, ...], sites_file: Path, alarm_test: bool, root: Path, as_json: bool) -> None:
    """Show how each site is doing; with NAME, all about one. `pressmark sites` alone does the same.

    \b
    Examples:
        pressmark sites
        pressmark sites "Example Courier"
        pressmark sites health --json
        pressmark sites --alarm-test
    """
    sites = _sites(sites_file, root)
    if alarm_test:
        raise SystemExit(_try_channels(sites, sites_file, root))
    report, others = _report(sites, names, sites_file, root)
    if as_json:
        row = report_row(report)
        if names:
            for site, pages in zip(row["sites"], others, strict=True):
                site["not_articles"] = [
                    {"fetched_at": moment(at), "url": url, "kind": kind, "reason": reason}
                    for at, url, kind, reason in pages
                ]
        out.print_json(json.dumps(row))
    elif names:
        for health, pages in zip(report.sites, others, strict=True):
            _print_one(health, pages, report.at)
    else:
        _print_all(report)
    raise SystemExit(1 if report.level == "alarm" else 0)


def _sites(sites_file: Path, root: Path) -> Sites:
    """The list of sites, which need not be there where an archive is."""
    if not sites_file.exists() and (root / "articles.db").exists():
        return Sites()
    return read_sites(sites_file)


NotArticles = list[tuple[float, str, str, str]]


def _report(
    sites: Sites, names: tuple[str, ...], sites_file: Path, root: Path
) -> tuple[Report, list[NotArticles]]:
    """The report, of the named sites where there are names; and their newest pages that were no articles."""
    at = now().timestamp()
    if not (root / "articles.db").exists():
        found = [_never_seen(site) for site in watched(sites)]
        chosen = {site.name for site in sites.chosen(names, str(sites_file))}
        return Report(at=at, sites=tuple(one for one in found if one.name in chosen)), [[] for _ in chosen]
    with Catalogue.open(root) as catalogue:
        report = catalogue.health(at, watched(sites))
        if not names:
            return report, []
        named = _named(report, names, sites, sites_file)
        others = [catalogue.not_articles(site.hosts, _NOT_ARTICLES) for site in named]
    return Report(at=at, sites=tuple(named)), others


def _named(report: Report, names: tuple[str, ...], sites: Sites, sites_file: Path) -> list[Health]:
    """The sites with these names or hosts, those of the list before others."""
    found = []
    for name in names:
        hit = next((one for one in report.sites if name.casefold() == one.name.casefold()), None)
        hit = hit or next((one for one in report.sites if name.casefold() in one.hosts), None)
        if hit is None:
            listed = {
                site.name for site in sites.chosen((name,), str(sites_file))
            }  # or says that there is none
            hit = next((one for one in report.sites if one.name in listed), None)
        if hit is None:
            raise SitesError(str(sites_file), f"there is no site {name!r}")
        found.append(hit)
    return found


def _never_seen(site: Watched) -> Health:
    sentence = "it was never looked at: run `pressmark crawl`"
    finding = Finding(what="not_crawled", level="notice", sentence=sentence)
    return Health(name=site.name, url=site.url, state="unknown", findings=(finding,))


# All sites ------------------------------------------------------------------------------------------


def _print_all(report: Report) -> None:
    for finding in report.findings:
        _print_finding("the archive", finding)
    table = _table(report)
    if report.sites and (out.width < NARROW or _breaks_words(table)):
        for site in report.sites:
            _print_line(site, report.at)
    elif report.sites:
        out.print(table)
    else:
        out.print(f"There are no sites yet. Add one: {called()} sites add URL")
    for site in report.sites:
        for finding in site.findings:
            _print_finding(site.name, finding)


def _breaks_words(table: Table) -> bool:
    """Whether the table has no room for its longest words: plain lines read better."""
    return Measurement.get(out, out.options.update(max_width=1000), table).minimum > out.width


def _table(report: Report) -> Table:
    table = Table(title="Sites", title_justify="left")
    for name in ("site", "state", "last new", "rhythm", "7 days", "fails", "walls", "next look"):
        table.add_column(name, overflow="fold", justify="right" if name in ("fails", "walls") else "left")
    for site in report.sites:
        word, mark, style = _STATES[site.state]
        table.add_row(
            Text(shortened(site.name, _NAME)),
            Text(f"{mark} {word}", style=style),
            _last(site, report.at),
            site.rhythm.words if site.rhythm else "",
            f"{bars(site.week)} {sum(site.week)}",
            str(sum(site.failures.values()) or ""),
            f"{site.walls_share + site.empty_share:.0%}" if site.walls_share + site.empty_share else "",
            _next(site, report.at),
        )
    return table


def _print_line(site: Health, at: float) -> None:
    word, mark, style = _STATES[site.state]
    line = Text(f"{mark} {word}  ", style=style) + Text(printable(site.name), style="bold")
    print_indented(line, "  ", "")
    rhythm = f", {site.rhythm.words}" if site.rhythm else ""
    print_indented(
        Text(f"last new {_last_in_words(site, at)}{rhythm}; {sum(site.week)} in 7 days{_also(site, at)}"),
        "  ",
    )


def _also(site: Health, at: float) -> str:
    """What else the table tells, where there is anything to tell."""
    fails, walls = sum(site.failures.values()), site.walls_share + site.empty_share
    told = [f"{fails} failure{'' if fails == 1 else 's'}"] if fails else []
    told += [f"walls {walls:.0%}"] if walls else []
    told += [f"next look {_next(site, at)}"] if site.next_look_at is not None else []
    return "".join(f"; {one}" for one in told)


def bars(counts: Sequence[int]) -> str:
    """A bar for each count, a dot for none.

    >>> bars((0, 1, 8))
    '·▁█'
    """
    most = max([*counts, 1])
    return "".join(
        "·" if not n else _BARS[max((n * len(_BARS) - 1) // most, 0) if most else 0] for n in counts
    )


def _last(site: Health, at: float) -> str:
    return "" if site.last_new_at is None else ago(at - site.last_new_at)


def _last_in_words(site: Health, at: float) -> str:
    """As `_last`; an archive filled from files has articles that no crawl brought."""
    return _last(site, at) or ("not by a crawl" if site.articles else "never")


def _next(site: Health, at: float) -> str:
    if site.next_look_at is None:
        return ""
    wait = site.next_look_at - at
    return "now" if wait <= 0 else f"in {ago(wait).removesuffix(' ago').replace('just now', '1 minute')}"


def _print_finding(name: str, finding: Finding) -> None:
    word, mark, style = _STATES[finding.level]
    line = Text(f"{mark} {word}  ", style=style) + Text(printable(name), style="bold")
    print_indented(line + Text(f": {printable(finding.sentence)}"), "    ", "")


# One site -------------------------------------------------------------------------------------------


def _print_one(site: Health, not_articles: NotArticles, at: float) -> None:
    word, mark, style = _STATES[site.state]
    out.print(Text(printable(site.name), style="bold") + Text(f"  {mark} {word}", style=style))
    failures = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in site.failures.items())
    facts = (
        ("url", site.url),
        ("hosts", ", ".join(site.hosts)),
        ("articles", f"{site.articles:,}, {sum(site.week)} of them in the last 7 days {bars(site.week)}"),
        ("last new", _last_in_words(site, at)),
        ("rhythm", site.rhythm.words if site.rhythm else "not known yet"),
        ("next look", f"{_next(site, at)}: {site.next_look_reason}" if site.next_look_at else "none"),
        ("walls", f"{site.walls_share:.0%} of {site.pages_judged} pages; empty {site.empty_share:.0%}"),
        ("failures", failures or "none"),
    )  # fmt: skip
    for name, value in facts:
        print_indented(Text(printable(value)), " " * 11, f"{name:<11}")
    for finding in site.findings:
        since = f" (since {moment(finding.since)})" if finding.since else ""
        _print_finding(finding.what.replace("_", " "), Finding(
            what=finding.what, level=finding.level, sentence=finding.sentence + since
        ))  # fmt: skip
    out.print()
    for source in site.sources[:_SOURCES]:
        out.print(Text(f"{source.kind} {printable(source.url)}", style="bold"), soft_wrap=True)
        for line in _source_lines(source, at):
            print_indented(Text(printable(line)), "    ")
    if len(site.sources) > _SOURCES:
        out.print(f"… and {len(site.sources) - _SOURCES} more sources")
    if not_articles:
        out.print(Text("\nThe newest pages that were no articles", style="bold"))
    for when, url, kind, reason in not_articles:
        print_indented(Text(printable(f"{ago(at - when)}: {kind} ({reason}) {url}")), "    ", "  ")


def _source_lines(source: Any, at: float) -> Iterator[str]:
    if source.retired_at is not None:
        yield f"retired {ago(at - source.retired_at)}: {source.retired_reason}"
    if source.checked_at is None:
        yield "never looked at"
    else:
        answer = "no answer" if source.status is None else f"HTTP {source.status}"
        failures = f", failure {source.failures} in a row" if source.failures else ""
        yield f"last look {ago(at - source.checked_at)}: {answer}{failures}"
    if source.last_new_at is not None:
        yield f"brought something new {ago(at - source.last_new_at)}"
    if source.due_at is not None:
        when = "now" if source.due_at <= at else f"in {ago(source.due_at - at).removesuffix(' ago')}"
        yield f"next look {when}: {source.due_reason}"
    elif source.due_reason:
        yield f"next look: {source.due_reason}"


# After a crawl --------------------------------------------------------------------------------------


def _try_channels(sites: Sites, sites_file: Path, root: Path) -> int:
    channels = channels_of(sites.alarm)
    if not channels:
        raise click.UsageError(
            f"{sites_file} names no channel: write [alarm] with webhook, command or mail_command."
        )
    code = 0
    for name, channel in channels.items():
        try:
            channel(test_message(root, now().timestamp()))
            out.print(Text(f"told: {name}"))
        except ChannelFailed as failure:
            err.print(Text(printable(str(failure)), style="red"))
            code = 1
    return code


def tell_after_crawl(root: Path, sites_file: Path, *, is_due: bool) -> Telling:
    """Tell the channels what is new, after a crawl. What goes wrong with it is told, not raised."""
    if not (root / "articles.db").exists():
        return Telling()  # nothing was ever kept here
    least: Level | None = None if is_due else "notice"

    def opened() -> Archive:
        return open_archive(root)

    try:
        return tell(root, read_sites(sites_file), now().timestamp(), opened, least=least)
    except (ArchiveError, SitesError) as error:
        return Telling(problems=(f"alarms could not be told: {error}",))


def print_telling(telling: Telling) -> None:
    """On standard error, as cron mails it: once for each alarm."""
    for one in telling.new:
        what = Finding(what=one.what, level=one.level, sentence=one.sentence)
        word, mark, style = _STATES[what.level]
        line = Text(f"{mark} {word}  ", style=style)
        err.print(
            line + Text(f"{printable(one.site or 'the archive')}: {printable(one.sentence)}"), soft_wrap=True
        )
    for one in telling.ended:
        name = printable(one.site or "the archive")
        err.print(Text(f"✓ ended  {name}: {one.what.replace('_', ' ')}", style="green"), soft_wrap=True)
    for problem in telling.problems:
        err.print(Text(printable(problem), style="yellow"), soft_wrap=True)


def telling_row(telling: Telling) -> dict[str, Any]:
    """The same for machines."""
    return {
        "new": [told_row(one) for one in telling.new],
        "ended": [told_row(one) for one in telling.ended],
        "standing": telling.standing,
        "problems": list(telling.problems),
    }
