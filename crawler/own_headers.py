"""What a person told us to send to one site: cookies and headers of sites.toml, checked. Pure.

They are for a site's own documented way to refuse tracking, or to be let in where one may be. There are no
defaults, and nothing is guessed: consent is given by nobody but the reader, and refused only in words that
the site itself names.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

#: Token and field value (RFC 9110, 5.6.2 and 5.5: no control characters, no space at the ends); cookie value
#: (RFC 6265, 4.1.1).
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE: Final = re.compile(r"[!-~](?:[ \t!-~]*[!-~])?")
_COOKIE_VALUE: Final = re.compile(r"[!#-+\--:<-\[\]-~]*")
_MOST: Final = 4096

_CONNECTION = "it belongs to the connection, which is ours to make"
_BODY = "a request for a page has no body"
_WHO = "who asks is told by --contact, and never disguised"
_FROM = "it would tell a site something untrue of where we come from"
_PACKING = "what is asked for must be what the archive can read and replay"
_CONDITION = "conditions are made of what the archive holds"
_RECORDED = "all that is sent is recorded in the archive, and a password must not be"
#: Headers that may not be set, and why. Prefixes end with a dash.
REFUSED: Final = {
    **dict.fromkeys(
        ("host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
         "upgrade", "expect", "http2-settings", "alt-used", "max-forwards"), _CONNECTION,
    ),
    **dict.fromkeys(("content-length", "content-type", "content-encoding", "content-md5", "digest"), _BODY),
    **dict.fromkeys(("user-agent", "from", "sec-ch-ua", "sec-ch-"), _WHO),
    **dict.fromkeys(("forwarded", "via", "x-forwarded-", "x-real-ip", "true-client-ip", "cf-connecting-ip",
                     "origin", "referer"), _FROM),
    **dict.fromkeys(("accept-encoding", "range"), _PACKING),
    **dict.fromkeys(("if-", "cache-control", "pragma"), _CONDITION),
    **dict.fromkeys(("authorization", "proxy-"), _RECORDED),
    "cookie": "write cookies = {name = \"value\"} instead",
    "cookie2": "write cookies = {name = \"value\"} instead",
}  # fmt: skip


def why_no_header(name: str, value: object) -> str:
    """Why a header may not be sent, or ""."""
    if not _TOKEN.fullmatch(name):
        return f"{name!r} is no name of a header"
    low = name.lower()
    for refused, why in REFUSED.items():
        if low == refused or (refused.endswith("-") and low.startswith(refused)):
            return f"the header {name} may not be set: {why}"
    if not isinstance(value, str) or len(value) > _MOST or not _FIELD_VALUE.fullmatch(value):
        return f"the value of {name} must be a text in quotes, of plain ASCII on one line"
    return ""


def why_no_cookie(name: str, value: object) -> str:
    """Why a cookie may not be sent, or ""."""
    if not _TOKEN.fullmatch(name):
        return f"{name!r} is no name of a cookie"
    if not isinstance(value, str) or len(value) > _MOST or not _COOKIE_VALUE.fullmatch(value):
        return (
            f"the value of the cookie {name} must be a text in quotes, of plain ASCII without spaces, quotes,"
            " commas, semicolons and backslashes (percent-encode them)"
        )
    return ""


def is_of_site(url: str, site_url: str) -> bool:
    """Whether a request for `url` goes to the site at `site_url`: its host, with or without `www.`.

    The port is the same, and an https site is not told anything over http. No other host is meant, be it a
    subdomain: list it as a site of its own.
    """
    try:
        asked, site = urlsplit(url), urlsplit(site_url)
        ports = _port(asked), _port(site)
    except ValueError:
        return False
    if asked.scheme not in ("http", "https") or (site.scheme == "https" and asked.scheme != "https"):
        return False
    if not asked.hostname or _bare(asked) != _bare(site):
        return False
    # From http to https both ports change, where neither is named.
    return ports[0] == ports[1] or (ports == (443, 80) and asked.port is None and site.port is None)


def _bare(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".").removeprefix("www.")


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
