"""`sites.toml`: the sites to crawl. Read strictly, written so that a person's comments and order stay.

contact = "desk@example.org"       # optional: goes into the user agent

[alarm]                            # optional: who is told when something is wrong
webhook = "https://hooks.example/press"
command = ["/usr/local/bin/page-somebody"]
mail_command = ["mail", "-s", "pressmark", "desk@example.org"]
level = "alarm"

[[site]]
name = "Example Courier"
url = "https://courier.example/"
feeds = ["https://courier.example/feed/"]
sitemaps = ["https://courier.example/news-sitemap.xml"]     # optional, as the next
sections = ["https://courier.example/", "https://courier.example/politics/"]
limit = 100                        # optional: pages of this site in one crawl
hours = "22-6"                     # optional: scheduled crawls ask it in these hours only (UTC)
respect = ["noarchive"]            # optional, also for the whole file: pages that say so are not kept
cookies = {privacy = "refused"}    # optional: sent to this site with every request, and to no other
headers = {Accept-Language = "de"} # optional: as cookies
render = true                      # optional: its pages are made by scripts; a browser reads them
follow = true                      # optional: crawls go from list to list, through the whole site
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import tomlkit
from msgspec.structs import replace

from archive.url_keys import url_key
from archive.values import Value
from crawler.discovery import web_url
from crawler.errors import CrawlerError, SitesError
from crawler.own_headers import why_no_cookie, why_no_header
from crawler.rights import checked_respect

#: What a file and a site may say. Anything else is most likely a slip of the pen.
FILE_KEYS = ("contact", "respect", "alarm", "site")
ALARM_KEYS = ("webhook", "command", "mail_command", "level")
SITE_KEYS = (
    "name", "url", "feeds", "sitemaps", "sections", "limit", "hours", "respect", "cookies", "headers",
    "follow", "render",
)  # fmt: skip
#: Those of them that are lists of addresses: where a site's news is to be found.
SOURCE_KEYS = ("feeds", "sitemaps", "sections")

_SITE_HEADER = re.compile(r"^\s*\[\[\s*site\s*\]\]")
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)$")


class Site(Value, frozen=True, kw_only=True):
    """One news site, and where its news is to be found. Without `feeds`, a crawl looks at `url` for those it
    announces. `sections` are pages that list articles, the home page among them.
    """

    name: str
    url: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    #: Pages of this site in one crawl, where that is less than `--limit`; 0: as `--limit` says.
    limit: int = 0
    #: Hours of the day, UTC, in which scheduled crawls may ask it: (22, 6) is from 22:00 to 6:00.
    hours: tuple[int, int] | None = None
    #: Statements of owners for which a page is not kept; None: as the file, or the settings, say.
    respect: tuple[str, ...] | None = None
    #: What a person wants this site to be sent with every request, and no other site (`own_headers`).
    cookies: dict[str, str] = msgspec.field(default_factory=dict)
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    #: Whether crawls follow lists from one to the next; scheduled ones once, when the site is new.
    follow: bool = False
    #: Whether its pages are rendered by a browser.
    render: bool = False

    def is_open(self, hour: int) -> bool:
        """Whether a scheduled crawl may ask the site in this hour of the day, UTC."""
        if self.hours is None:
            return True
        start, end = self.hours
        return start <= hour < end if start < end else hour >= start or hour < end


class Alarm(Value, frozen=True, kw_only=True):
    """Who is told of alarms: an address that JSON is posted to, a program that reads it, one that reads text.

    Programs are lists of arguments; no shell reads them. `level`: `notice` tells of notices as well.
    """

    webhook: str = ""
    command: tuple[str, ...] = ()
    mail_command: tuple[str, ...] = ()
    level: Literal["alarm", "notice"] = "alarm"


class Sites(Value, frozen=True, kw_only=True):
    """What `sites.toml` says, in its order."""

    sites: tuple[Site, ...] = ()
    contact: str | None = None
    alarm: Alarm = Alarm()

    def chosen(self, names: tuple[str, ...], path: str = "sites.toml") -> tuple[Site, ...]:
        """The sites with these names, URLs or hosts, in file order; all for no names. Raises SitesError."""
        if not names:
            return self.sites
        known = {key: site for site in self.sites for key in _keys(site)}
        for name in names:
            if name.casefold() not in known:
                near = difflib.get_close_matches(name.casefold(), known, n=1)
                guess = (
                    f"did you mean {known[near[0]].name!r}?" if near else "add it with `pressmark sites add`"
                )
                raise SitesError(path, f"there is no site {name!r}; {guess}")
        wanted = [known[name.casefold()] for name in names]
        return tuple(site for site in self.sites if site in wanted)


def _keys(site: Site) -> set[str]:
    host = urlsplit(site.url).hostname or ""
    return {site.name.casefold(), site.url.casefold(), site.url.rstrip("/").casefold(), host}


def read_sites(path: str | Path) -> Sites:
    """The sites in a file. Raises SitesError with the file, and the line where one is at fault."""
    text = _text(Path(path))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        sentence, line = str(error), None
        if place := _TOML_PLACE.search(sentence):
            sentence, line = sentence[: place.start()], int(place[1])
        raise SitesError(str(path), f"this is not TOML: {sentence}", line) from error
    return _Reading(str(path), text).sites(table)


def with_own(sites: Sites) -> tuple[Site, ...]:
    """Those that are sent cookies or headers of their own."""
    return tuple(site for site in sites.sites if site.cookies or site.headers)


def add_site(
    path: str | Path, site: Site, *, contact: str = "", notes: Mapping[str, str] | None = None
) -> bool:
    """Append a site to the file, which is made if need be; False when it is there already.

    `notes` are put as comments behind the addresses that they are of.
    `contact` is written to the top of a file that names none. What the file holds already stays as it is,
    byte for byte. Raises SitesError when it cannot be read, CrawlerError for a contact that is none.
    """
    path = Path(path)
    old = _text(path) if path.exists() else ""
    known = read_sites(path) if old else Sites()
    is_new = all(site.url != one.url for one in known.sites)
    text = _with_site(old, site, notes or {}) if is_new else old
    if contact and known.contact is None:
        # A key of the file itself can only stand above its first table.
        text = f"contact = {_quoted(checked_contact(contact))}\n\n{text}"
    if text != old:
        _write(path, text)
    return is_new


def host_key(url: str) -> str:
    """What tells sites apart: the host without `www.` and the like, and the port."""
    return urlsplit(url_key(url)).netloc


class Merged(Value, frozen=True, kw_only=True):
    """What `merge_sites` did: names of new sites, feeds that known sites got, feeds that were there."""

    new: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()
    known: int = 0


def merge_sites(path: str | Path, sites: Iterable[Site]) -> Merged:
    """Bring sites into the file, which is made if need be: a site whose host is there gets the feeds that it
    has not, others are appended. What the file holds stays as it is, comments too. Raises SitesError.
    """
    path = Path(path)
    old = _text(path) if path.exists() else ""
    known = read_sites(path).sites if old else ()
    ranks = {host_key(site.url): rank for rank, site in reversed(list(enumerate(known)))}
    had = {url_key(url) for site in known for url in site.feeds}
    more: dict[int, list[str]] = {}
    new: list[Site] = []
    doubles = 0
    for site in sites:
        feeds = [url for url in site.feeds if url_key(url) not in had]
        doubles += len(site.feeds) - len(feeds)
        rank = ranks.get(host_key(site.url))
        if not feeds:
            continue
        if rank is None:
            new.append(replace(site, feeds=tuple(feeds)))
        else:
            more.setdefault(rank, []).extend(feeds)
    text = _with_feeds(old, more) if more else old
    for site in new:
        text = _with_site(text, site, {})
    if text != old:
        _write(path, text)
    extended = tuple(url for urls in more.values() for url in urls)
    return Merged(new=tuple(site.name for site in new), extended=extended, known=doubles)


def _with_feeds(old: str, more: Mapping[int, list[str]]) -> str:
    """The file with feeds added to the sites of these ranks."""
    document = tomlkit.parse(old)
    tables: Any = document["site"]
    for rank, urls in more.items():
        feeds = tables[rank].get("feeds")
        if feeds is None:
            tables[rank]["feeds"] = urls
        else:
            feeds.extend(urls)
    return tomlkit.dumps(document)


def _with_site(old: str, site: Site, notes: Mapping[str, str]) -> str:
    lines = ["[[site]]", f"name = {_quoted(site.name)}", f"url = {_quoted(site.url)}"]
    lines += [
        _list(key, getattr(site, key), notes) for key in SOURCE_KEYS if key == "feeds" or getattr(site, key)
    ]
    gap = "" if not old else "\n" if old.endswith("\n") else "\n\n"
    return old + gap + "\n".join(lines) + "\n"


def _list(key: str, addresses: tuple[str, ...], notes: Mapping[str, str]) -> str:
    """A list of addresses: on one line, or a line each where there are several, to be read and edited."""
    if len(addresses) < 2:
        return f"{key} = [" + "".join(map(_quoted, addresses)) + "]" + _note("".join(addresses), notes)
    rows = "".join(f"  {_quoted(address)},{_note(address, notes)}\n" for address in addresses)
    return f"{key} = [\n{rows}]"


def _note(address: str, notes: Mapping[str, str]) -> str:
    words = "".join(c for c in notes.get(address, "") if c.isprintable())
    return f"  # {words}" if words else ""


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # as bytes: line ends stay as they are
    except FileNotFoundError as error:
        raise SitesError(str(path), "no such file; make it with `pressmark sites add URL`") from error
    except UnicodeDecodeError as error:
        raise SitesError(str(path), "this is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise SitesError(str(path), f"cannot be read: {error.strerror}") from error


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, which differs in DEL alone (TOML 1.0, 'String')."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str) -> None:
    """Replace a file at once: it is the old one or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(draft, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise SitesError(str(path), f"cannot be written: {error.strerror}") from error


class _Reading:
    """Turns a parsed file into sites; knows the lines, so that errors can point at one."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.headers = [n for n, line in enumerate(self.lines, 1) if _SITE_HEADER.match(line)]

    def sites(self, table: dict[str, Any]) -> Sites:
        self._known_keys(table, FILE_KEYS, 1)
        contact = table.get("contact")
        if contact is not None and not is_contact(contact):
            raise self._error(
                "`contact` must be an e-mail address or a URL in plain ASCII", self._line("contact", 1)
            )
        tables = table.get("site", [])
        if not isinstance(tables, list):
            raise self._error("write `[[site]]` with double brackets for each site", self._line("[site]", 1))
        respect = self._respect(table, 1)
        sites = tuple(self._site(entry, rank) for rank, entry in enumerate(tables))
        if respect is not None:
            sites = tuple(replace(site, respect=respect) if site.respect is None else site for site in sites)
        return Sites(sites=sites, contact=contact, alarm=self._alarm(table.get("alarm", {})))

    def _alarm(self, entry: Any) -> Alarm:
        start = self._line("[alarm]", 1)
        if not isinstance(entry, dict):
            raise self._error("write `[alarm]` with single brackets before its keys", start)
        self._known_keys(entry, ALARM_KEYS, start)
        level = entry.get("level", "alarm")
        if level not in ("alarm", "notice"):
            raise self._error('`level` must be "alarm" or "notice"', self._line("level", start))
        webhook = entry.get("webhook", "")
        if webhook and web_url(webhook if isinstance(webhook, str) else "", "") is None:
            # Not shown: such addresses hold the key to post there.
            raise self._error("`webhook` holds no http or https address", self._line("webhook", start))
        programs = {}
        for key in ("command", "mail_command"):
            words = entry.get(key, [])
            if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
                raise self._error(
                    f'`{key}` must be a list of arguments: {key} = ["program", "argument"]',
                    self._line(key, start),
                )
            programs[key] = tuple(words)
        return Alarm(webhook=webhook, level=level, **programs)

    def _site(self, entry: Any, rank: int) -> Site:
        start = self.headers[rank] if rank < len(self.headers) else 1
        if not isinstance(entry, dict):
            raise self._error(f"site {rank + 1} is no table; write `[[site]]` before its keys", start)
        self._known_keys(entry, SITE_KEYS, start)
        url = entry.get("url")
        if url is None:
            raise self._error(f'site {rank + 1} has no `url`; add url = "https://…"', start)
        address = self._web_url(url, "url", start)
        lists = {key: self._addresses(entry.get(key, []), key, start) for key in SOURCE_KEYS}
        name = entry.get("name", urlsplit(address).hostname)
        if not isinstance(name, str) or not name.strip():
            raise self._error("`name` must be a text in quotes", self._line("name", start))
        return Site(
            name=name.strip(), url=address, limit=self._limit(entry, start), hours=self._hours(entry, start),
            respect=self._respect(entry, start), cookies=self._sent(entry, "cookies", start),
            headers=self._sent(entry, "headers", start),
            follow=self._flag(entry, "follow", start), render=self._flag(entry, "render", start), **lists,
        )  # fmt: skip

    def _respect(self, entry: dict[str, Any], start: int) -> tuple[str, ...] | None:
        words = entry.get("respect")
        if words is None:
            return None
        if not isinstance(words, list):
            line = self._line("respect", start)
            raise self._error('`respect` must be a list: respect = ["noarchive"]', line)
        try:
            return checked_respect(words)
        except CrawlerError as error:
            raise self._error(str(error), self._line("respect", start)) from error

    def _sent(self, entry: dict[str, Any], key: str, start: int) -> dict[str, str]:
        sent = entry.get(key, {})
        if not isinstance(sent, dict):
            raise self._error(
                f'`{key}` must be names with their values: {key} = {{name = "value"}}', self._line(key, start)
            )
        check = why_no_cookie if key == "cookies" else why_no_header
        for name, value in sent.items():
            if why := check(name, value):
                raise self._error(f"`{key}`: {why}", self._line(key, start))
        if len({name.lower() for name in sent}) < len(sent) and key == "headers":
            raise self._error("`headers` names one header twice", self._line(key, start))
        return sent

    def _limit(self, entry: dict[str, Any], start: int) -> int:
        limit = entry.get("limit", 0)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            raise self._error("`limit` must be a number of pages: limit = 100", self._line("limit", start))
        return limit

    def _flag(self, entry: dict[str, Any], key: str, start: int) -> bool:
        value = entry.get(key, False)
        if not isinstance(value, bool):
            raise self._error(f"`{key}` must be true or false", self._line(key, start))
        return value

    def _hours(self, entry: dict[str, Any], start: int) -> tuple[int, int] | None:
        if "hours" not in entry:
            return None
        found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(entry["hours"]).replace(" ", ""))
        hours = (int(found[1]), int(found[2])) if found else (24, 24)
        if max(hours) > 24 or hours[0] > 23 or hours[0] == hours[1]:
            raise self._error('`hours` must be two hours, UTC: hours = "22-6"', self._line("hours", start))
        return hours

    def _addresses(self, value: Any, key: str, start: int) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._error(f'`{key}` must be a list: {key} = ["https://…"]', self._line(key, start))
        return tuple(self._web_url(address, key, start) for address in value)

    def _web_url(self, value: Any, key: str, start: int) -> str:
        address = web_url(value, "") if isinstance(value, str) else None
        if address is None:
            raise self._error(
                f"`{key}` holds {value!r}, which is no http or https address", self._line(key, start)
            )
        return address

    def _known_keys(self, table: dict[str, Any], known: tuple[str, ...], start: int) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                guess = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
                raise self._error(f"unknown key `{key}`; {guess}", self._line(key, start))

    def _line(self, key: str, start: int) -> int:
        """The first line at or after `start` that begins with `key`."""
        places = (n for n, line in enumerate(self.lines, 1) if n >= start and line.lstrip().startswith(key))
        return next(places, start)

    def _error(self, sentence: str, line: int) -> SitesError:
        return SitesError(self.path, sentence, line)


def is_contact(text: object) -> bool:
    """Whether a text may stand in the user agent as contact: one ASCII word, no brackets."""
    return isinstance(text, str) and re.fullmatch(r"[!-'*-~]{3,200}", text) is not None


def checked_contact(text: str) -> str:
    """`text`, or CrawlerError where it may not stand in the user agent."""
    if not is_contact(text):
        raise CrawlerError(
            f"the contact {text!r} is none; give --contact an e-mail address or a URL in plain ASCII,"
            " such as desk@example.org"
        )
    return text
