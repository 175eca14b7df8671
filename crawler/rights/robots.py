"""What robots.txt says beyond yes and no: by which rule, and which uses its owner grants or reserves.

RFC 9309 leaves room for other lines (2.2.4). Read here: `License: URL` (RSL 1.0; for all agents),
`Content-Signal: search=yes, ai-train=no` (contentsignals.org) and `Content-Usage: train-ai=n` (IETF draft
aipref-attach), the last two within the group that speaks to us, or before any.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from crawler.rights.statements import bounded, pairs

_LICENCES = ("license", "licence")
_USES = ("content-signal", "content-usage")
_MAX_LINES = 20_000


def in_robots(text: str, agent: str) -> tuple[str, ...]:
    """Statements of a robots.txt. Groups are chosen as RFC 9309, 2.2.1 says: ours, else that of `*`."""
    licences: list[str] = []
    uses: dict[str, list[str]] = {"": []}
    agents: list[str] = [""]
    naming = False
    for line in text.lstrip("\ufeff").splitlines()[:_MAX_LINES]:
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or not value:
            continue
        if name in ("user-agent", "useragent"):
            agents = [*agents, value.lower()] if naming else [value.lower()]
            naming = True
            for one in agents:
                uses.setdefault(one, [])
            continue
        naming = False
        if name in _LICENCES:
            licences.append(f"license={value}")
        elif name in _USES:
            # A path may stand before the pairs: of such a line only the pairs for every page are taken.
            path, _, rest = value.partition(" ")
            if path.startswith("/") and path != "/":
                continue
            for one in agents:
                uses[one] += pairs(rest if path == "/" else value)
    own = agent.lower()
    group = own if own in uses else "*"
    return bounded([*licences, *uses[""], *uses.get(group, [])])


def verdict_of(parser: Any, url: str, agent: str) -> tuple[bool, str]:
    """Whether a robots.txt allows a page, and by which line, in words.

    `parser` is Scrapy's wrapper around Protego, which tells yes or no but not by which rule: that is read
    from its rule set, whose first match is the one that counts.
    """
    is_allowed = parser.allowed(url, agent)
    word = "allowed" if is_allowed else "forbidden"
    rules: Any = getattr(parser, "rp", None)
    group = rules._get_matching_rule_set(agent) if hasattr(rules, "_get_matching_rule_set") else None
    if group is None:
        return is_allowed, f"{word}: no rule speaks to us"
    who = f"User-agent: {group.user_agent}"
    path = _path(url)
    for rule in getattr(group, "_rules", ()):
        if rule.value.match(path):
            return is_allowed, f"{word}: {rule.field.capitalize()}: {rule.value._pattern} ({who})"[:300]
    return is_allowed, f"{word}: no rule of {who} fits"


def _path(url: str) -> str:
    parts = urlsplit(safe_url_string(url))
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
