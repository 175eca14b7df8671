"""A web archive's index and its captures, as the Internet Archive's Wayback Machine serves them.

The index is asked in pages (its own `resumeKey` leads to the next) for HTML that answered 200, one capture
for each address. A capture is asked for with `id_` behind its time, which gives the body as it was archived,
without the archive's banner and rewritten links. What comes is kept as what it is: a page out of another
archive, at its own address and its own time, not as an exchange with the site, which nobody here saw.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

from archive.values import Value

BASE = "https://web.archive.org"
#: Rows asked for at once: some 500 kB of JSON.
PAGE_ROWS = 5000
_MEMENTO = re.compile(r"/web/(\d{4,14})(?:id_)?/(https?:/.*)", re.I | re.S)


class Memento(Value, frozen=True, kw_only=True):
    """A capture that an archive holds: the page's own address, when it was captured, and where to get it."""

    url: str
    at: datetime
    address: str


def cdx_query(site_url: str, since: datetime, base: str = BASE, resume: str = "") -> str:
    """The address of the index's answer for the host of `site_url`, from a day on."""
    host = urlsplit(site_url).hostname or ""
    fields = [
        ("url", f"{host.removeprefix('www.')}/*"),
        ("from", since.strftime("%Y%m%d")),
        ("output", "json"),
        ("fl", "timestamp,original"),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        ("collapse", "urlkey"),
        ("limit", str(PAGE_ROWS)),
        ("showResumeKey", "true"),
    ]
    return f"{base}/cdx/search/cdx?{urlencode(fields)}" + (f"&resumeKey={quote(resume)}" if resume else "")


def read_cdx(body: bytes, url: str) -> tuple[list[Memento], str] | None:
    """The captures that an answer of the index names, and the address of the next page of it, "" at the end.

    `url`: where the answer came from. None where it is none.
    """
    try:
        rows = json.loads(body or b"[]")
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list):
        return None
    base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    found: list[Memento] = []
    resume = ""
    for row in rows:
        if not isinstance(row, list) or not all(isinstance(cell, str) for cell in row):
            return None
        if len(row) == 1:  # behind an empty row
            resume = row[0]
        elif len(row) == 2 and (memento := _memento(row[0], row[1], base)) is not None:
            found.append(memento)
    following = re.sub(r"&resumeKey=[^&]*", "", url) + f"&resumeKey={quote(resume)}" if resume else ""
    return found, following


def _memento(timestamp: str, original: str, base: str) -> Memento | None:
    at = _moment(timestamp)
    if at is None or not original.lower().startswith(("http://", "https://")):
        return None
    url = re.sub(r"^(http://[^/]+):80(?=/|$)", r"\1", original)
    return Memento(url=url, at=at, address=f"{base}/web/{timestamp}id_/{url}")


def memento_of(address: str) -> tuple[datetime, str] | None:
    """When the capture at this address was made, and the page's own address; None for any other address."""
    found = _MEMENTO.fullmatch(urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl())
    at = _moment(found[1]) if found else None
    return None if found is None or at is None else (at, re.sub(r"^(https?:/)(?=[^/])", r"\1/", found[2]))


def original_of(address: str) -> str:
    """The page's own address of a capture's; any other address as it is."""
    found = memento_of(address)
    return address if found is None else found[1]


def _moment(timestamp: str) -> datetime | None:
    """14 digits, or fewer from the left: a year is enough."""
    if not re.fullmatch(r"\d{4,14}", timestamp):
        return None
    try:
        return datetime.strptime(
            (timestamp + "00000101000000"[len(timestamp) :])[:14], "%Y%m%d%H%M%S"
        ).replace(tzinfo=UTC)
    except ValueError:
        return None
