"""`pressmark sites`: the list of sites to crawl, and how they are doing."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from crawler.commands.console import allow_private_option, called, contact_option, json_option, out
from crawler.commands.health import command as health
from crawler.commands.plain import printable
from crawler.sites import add_site, read_sites

sites_option = click.option(
    "--sites", "sites_file", type=click.Path(path_type=Path, dir_okay=False), default="sites.toml",
    show_default=True, help="The list of sites.",
)  # fmt: skip


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
    from crawler.crawl import find_site

    site = find_site(url, allow_private=allow_private, contact=contact, sites=sites_file)
    added = add_site(sites_file, site, contact=contact)
    what = f"Added {site.name} to {sites_file}" if added else f"{site.name} is in {sites_file} already"
    out.print(Text(printable(what), style="bold"))
    for kind, urls in (("feed", site.feeds), ("sitemap", site.sitemaps), ("section", site.sections)):
        for found in urls:
            out.print(Text(f"  {kind} {printable(found)}"), soft_wrap=True)
    out.print(Text(f"Fetch it with: {called()} crawl", style="dim"), soft_wrap=True)


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
