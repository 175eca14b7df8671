"""`/article/ID`: one article for reading, or its page with the cuts shown."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from math import gcd
from typing import Any

from datasette.database import Database

from .asking import Answer, Row, fetch_rows, whole_number

#: A page of more cut blocks than this is a table's work; the account's table is linked beside.
ACCOUNT_BLOCKS = 3000


def in_page_order(
    cut: Sequence[Row], kept: Sequence[str], positions: Sequence[int] | None = None
) -> list[tuple[Row | None, str]]:
    """Put the kept blocks back between the cut ones: pairs of (cut block or None, kept text or "").

    `positions` are those of the kept blocks. Without them the kept ones fill the gaps that the cut ones
    leave, in order. Positions in a dump are line numbers, and dumps leave every other line blank: the
    gaps are counted in the greatest common step of the positions known.
    """
    if positions is not None and len(positions) == len(kept):
        both: list[tuple[int, Row | None, str]] = [(int(row["position"]), row, "") for row in cut]
        both += [(position, None, text) for position, text in zip(positions, kept, strict=True)]
        return [(row, text) for _, row, text in sorted(both, key=lambda entry: entry[0])]
    known = [int(row["position"]) for row in cut]
    step = gcd(*(later - earlier for earlier, later in pairwise(known))) or 1
    ordered: list[tuple[Row | None, str]] = []
    waiting = list(reversed(kept))
    before = (known[0] % step or step) - step if known else 0
    for row, position in zip(cut, known, strict=True):
        for _ in range(min((position - before) // step - 1, len(waiting))):
            ordered.append((None, waiting.pop()))
        ordered.append((row, ""))
        before = position
    return ordered + [(None, text) for text in reversed(waiting)]


def kept_blocks(text: str, markdown: str) -> list[str]:
    """The kept blocks of a text, one line each; as Markdown where it has the same lines."""
    lines, set_lines = (
        [line for line in form.split("\n") if line.strip()] for form in (text or "", markdown or "")
    )
    return set_lines if len(set_lines) == len(lines) else lines


def kept_positions(version: Row | None) -> list[int] | None:
    """Where a version's kept blocks stood in the page; None from an archive that does not store it."""
    try:
        found = json.loads((version or {}).get("kept_positions") or "null")
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, list) and all(type(place) is int for place in found) else None


async def article_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/article/ID?version=N&account=1`: one article for reading, or its page with the cuts shown."""
    key = {"id": int(request.url_vars["id"])}
    found = await fetch_rows(database, "select * from articles where id = :id", key)
    if not found:
        raise Answer(404, f"There is no article {key['id']} in this archive.")
    article = found[0]
    versions = await fetch_rows(
        database,
        "select v.*, c.fetched_at, c.status, c.content_type, c.warc_file, c.warc_offset, c.warc_length,"
        " c.record_id, c.payload_digest, c.source, c.source_path, c.url as captured_url from versions v"
        " left join captures c on c.id = v.capture_id where v.article_id = :id order by v.number desc",
        key,
    )
    latest = versions[0]["number"] if versions else None
    number = whole_number(request.args.get("version"), otherwise=latest or 1, most=10**9)
    shown = next((version for version in versions if version["number"] == number), None)
    if shown is None and request.args.get("version"):
        raise Answer(404, f"Article {key['id']} has no version {number}.")
    if shown is not None and number != latest:
        article |= {"headline": shown["headline"], "text": shown["text"], "markdown": ""}
    per_label = await fetch_rows(
        database,
        "select label, count(*) as blocks from removed where article_id = :id and version = :version"
        " group by label order by blocks desc, label",
        {**key, "version": number},
    )
    account = request.args.get("account") == "1"
    return "article", {
        "article": article,
        "versions": versions,
        "shown": shown,
        "number": number,
        "latest": latest,
        "per_label": per_label,
        "cut": sum(row["blocks"] for row in per_label),
        "replay": replay_address(_replay_base(datasette), shown),
        "standfirst": _standfirst(article),
        "page_blocks": await _page_blocks(database, article, key["id"], number, shown) if account else None,
    }


def _replay_base(datasette: Any) -> str:
    """Where pywb answers: told by `pressmark serve`, or as `replay` in this plugin's configuration."""
    told = os.environ.get("PRESSMARK_REPLAY") or (datasette.plugin_config("pressmark_pages") or {}).get(
        "replay"
    )
    return str(told or "")


def _standfirst(article: Row) -> str:
    """The description, where it says something that the text does not open with."""
    said = " ".join(str(article.get("description") or "").split())
    opening = " ".join(str(article.get("text") or "")[: 2 * len(said) + 200].split())
    return "" if said.rstrip(" .…[]").lower()[:120] in opening.lower() else said


async def _page_blocks(
    database: Database, article: Row, article_id: int, number: int, shown: Row | None
) -> list[tuple[Row | None, str]]:
    cut = await fetch_rows(
        database,
        "select position, label, reason, score, text from account"
        " where article_id = :id and version = :version order by position limit :limit",
        {"id": article_id, "version": number, "limit": ACCOUNT_BLOCKS},
    )
    kept = kept_blocks(str(article["text"] or ""), str(article["markdown"] or ""))
    return in_page_order(cut, kept, kept_positions(shown))


def replay_address(base: str, shown: Row | None) -> str:
    """Where the version's page can be seen as it was captured;

    "" where that is not known, or it has no address.
    """
    url = str((shown or {}).get("captured_url") or "")
    moment = re.sub(r"\D", "", str((shown or {}).get("fetched_at") or ""))[:14]
    if not base.startswith(("http://", "https://")) or not url.startswith(("http://", "https://")):
        return ""
    return f"{base.rstrip('/')}/{moment}/{url}"
