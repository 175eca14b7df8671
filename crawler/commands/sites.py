"""`pressmark sites`: the list of sites to crawl, and how they are doing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

import click
import msgspec
from rich.table import Table
from rich.text import Text

from crawler.commands.console import (
    allow_private_option,
    called,
    contact_option,
    err,
    json_option,
    out,
    sites_option,
    write_page,
)
from crawler.commands.health import command as health
from crawler.commands.plain import printable
from crawler.sites import add_site, merge_sites, read_sites


class _SitesGroup(click.Group):
    """A group whose first word may be left out: what is no command of it is for `health`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["health", *args]
        return super().parse_args(ctx, args)


@click.group("sites", cls=_SitesGroup)
def command() -> None:
    """The sites that `pressmark crawl` fetches, in sites.toml, and how they are doing.

    Without a command, or with a site's name: `health`.
    """


command.add_command(health)


@command.command("add")
@click.argument("url")
@allow_private_option
@contact_option
@sites_option
def add(url: str, allow_private: bool, contact: str, sites_file: Path) -> None:
    """Find a site's sources (feeds, sitemaps, else pages that list articles) and write it into sites.toml.

    A contact is written as well, where the file names none.

    \b
    Examples:
        pressmark sites add https://example.org/
        pressmark sites add https://example.org/politics --sites my-sites.toml
    """
    from crawler.crawl import look_for_sources

    found = look_for_sources(url, allow_private=allow_private, contact=contact, sites=sites_file)
    site = found.site
    good = [one for one in found.sources if not one.trouble]
    added = add_site(sites_file, site, contact=contact, notes={one.url: one.words for one in good})
    what = f"Added {site.name} to {sites_file}" if added else f"{site.name} is in {sites_file} already"
    out.print(Text(printable(what), style="bold"))
    table = Table()
    for name in ("source", "address", "where it was found"):
        table.add_column(name, overflow="fold")
    table.add_column("articles", justify="right")
    table.add_column("newest")
    for one in good:
        kind = "sitemap index" if one.parts else one.kind
        newest = f"{one.newest:%Y-%m-%d}" if one.newest is not None else ""
        table.add_row(kind, Text(printable(one.url)), one.where, str(one.articles or ""), newest)
    out.print(table)
    for one in found.sources:
        if one.trouble:
            out.print(
                Text(printable(f"Not written: {one.url} ({one.where}): {one.trouble}"), style="yellow"),
                soft_wrap=True,
            )
    out.print(Text(f"Fetch it with: {called()} crawl", style="dim"), soft_wrap=True)


@command.command("import")
@click.argument("file", type=click.File("rb"))
@sites_option
def imported(file: IO[bytes], sites_file: Path) -> None:
    """Bring the feeds of an OPML list, as feed readers write it, into sites.toml.

    Feeds of one host make one site; a site that is there gets the feeds that it has not. What the file says
    already stays, comments too. FILE may be `-`.

    \b
    Examples:
        pressmark sites import subscriptions.opml
        pressmark sites import - --sites my-sites.toml < subscriptions.opml
    """
    from crawler.discovery.opml import MAX_OPML_BYTES, read_opml
    from crawler.errors import CrawlerError
    from crawler.subscriptions import sites_of

    name = printable(getattr(file, "name", "-"))
    body = file.read(MAX_OPML_BYTES + 1)
    if len(body) > MAX_OPML_BYTES:
        raise CrawlerError(f"{name} is larger than {MAX_OPML_BYTES >> 20} MB; import it in parts")
    feeds = read_opml(body)
    if feeds is None:
        raise CrawlerError(f"{name} is no OPML; export the list of feeds from your feed reader as OPML")
    if not feeds:
        raise CrawlerError(f"{name} lists no feed with an http or https address (xmlUrl)")
    done = merge_sites(sites_file, sites_of(feeds))
    out.print(
        Text(
            f"{len(feeds)} feeds read: {len(done.new)} new sites, {len(done.extended)} feeds for known sites,"
            f" {done.known} known already. The list: {sites_file}"
        ),
        soft_wrap=True,
    )


@command.command("export")
@click.option("--opml", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@sites_option
def exported(opml: Path | None, sites_file: Path) -> None:
    """Write the feeds of sites.toml as OPML, for feed readers; to standard output without --opml.

    Sitemaps and sections are not in it: OPML knows feeds.

    \b
    Examples:
        pressmark sites export --opml subscriptions.opml
        pressmark sites export > subscriptions.opml
    """
    from crawler.discovery.opml import write_opml
    from crawler.subscriptions import feeds_of

    sites = read_sites(sites_file).sites
    text = write_opml(feeds_of(sites))
    without = sum(not site.feeds for site in sites)
    if without:
        err.print(f"{without} sites without feeds are not in the list.")
    if opml is None:
        click.echo(text, nl=False)
    else:
        write_page(opml, text)


@command.command("list")
@sites_option
@json_option
def listed(sites_file: Path, as_json: bool) -> None:
    """Show the sites and their sources.

    \b
    Examples:
        pressmark sites list
        pressmark sites list --json
    """
    sites = read_sites(sites_file).sites
    if as_json:
        out.print_json(json.dumps([msgspec.to_builtins(site) for site in sites]))
        return
    table = Table(title=str(sites_file), title_justify="left")
    for name in ("site", "url", "sources"):
        table.add_column(name, overflow="fold")
    for site in sites:
        sources = (*site.feeds, *site.sitemaps, *site.sections)
        table.add_row(*(Text(printable(cell)) for cell in (site.name, site.url, "\n".join(sources))))
    out.print(table)
