"""`/.well-known/tdmrep.json`: which parts of a site are reserved for text and data mining.

TDM Reservation Protocol (W3C community group): a JSON array of objects, each with a `location` (a path
pattern as in robots.txt), `tdm-reservation` (0 or 1), and where it is 1 perhaps a `tdm-policy`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from archive.values import Value
from crawler.rights.statements import bounded

PLACE = "/.well-known/tdmrep.json"
_MAX_RULES = 2000


class TdmRule(Value, frozen=True, kw_only=True):
    """One object of the file: `location` matches paths, `statements` is what it says of them."""

    location: str
    statements: tuple[str, ...]


def read_tdmrep(body: bytes) -> tuple[TdmRule, ...]:
    """The rules of a file; none where it is no such file. Objects that make no sense are left out."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    rules = []
    for entry in found[:_MAX_RULES] if isinstance(found, list) else ():
        rule = _rule(entry)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def _rule(entry: Any) -> TdmRule | None:
    if not isinstance(entry, dict):
        return None
    location, reservation = entry.get("location"), entry.get("tdm-reservation")
    policy = entry.get("tdm-policy")
    if not isinstance(location, str) or str(reservation) not in ("0", "1"):
        return None
    said = [f"tdm-reservation={reservation}"]
    if isinstance(policy, str) and policy.lower().startswith(("http://", "https://")):
        said.append(f"tdm-policy={policy}")
    return TdmRule(location=location[:500], statements=bounded(said))


def rule_for(rules: Sequence[TdmRule], path: str) -> tuple[str, ...]:
    """What the rules say of a path (with its query): of those that fit, the longest, as in robots.txt."""
    fitting = [rule for rule in rules if fits(rule.location, path)]
    return max(fitting, key=lambda rule: len(rule.location)).statements if fitting else ()


def fits(pattern: str, path: str) -> bool:
    """Whether a path pattern (RFC 9309, 2.2.3: `*` for anything, `$` at its end) fits a path.

    Piece by piece, so that a hostile pattern costs no more than its length times the path's.
    """
    to_end = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not pieces:
        return not to_end or at == len(path)
    *middle, last = pieces
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if to_end:
        return len(path) - at >= len(last) and path.endswith(last)
    return path.find(last, at) >= 0
