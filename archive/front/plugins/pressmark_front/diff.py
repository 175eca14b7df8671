"""`/article/ID/diff`: what changed between two versions of an article, word by word."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from datasette.database import Database

from .asking import Answer, Row, fetch_rows, whole_number
from .differing import Piece, Stretch, pieces, stretches

#: Characters of each text that are compared: 65,000 words, ten times the longest honest article.
COMPARED = 400_000
#: And of each headline.
HEADLINE = 1_000
#: Paragraphs that stay beside a change; what lies between is folded.
AROUND = 1


class Shown(NamedTuple):
    """A stretch for the page: what stands before the fold, in it and behind it."""

    same: bool
    before: list[list[Piece]]
    folded: list[list[Piece]]
    after: list[list[Piece]]


def folded(found: Sequence[Stretch]) -> list[Shown]:
    """Fold what is the same for longer, but for a paragraph beside each change."""
    shown = []
    for rank, (same, paragraphs) in enumerate(found):
        head = 0 if rank == 0 else AROUND
        tail = 0 if rank == len(found) - 1 else AROUND
        if not same or len(paragraphs) <= head + tail + 1:
            shown.append(Shown(same, paragraphs, [], []))
            continue
        end = len(paragraphs) - tail
        shown.append(Shown(same, paragraphs[:head], paragraphs[head:end], paragraphs[end:]))
    return shown


async def diff_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/article/ID/diff?from=N&to=M`: two versions as one text; the newest two unless others are named."""
    key = {"id": int(request.url_vars["id"])}
    found = await fetch_rows(
        database, "select id, headline, site, language, url, version from articles where id = :id", key
    )
    if not found:
        raise Answer(404, f"There is no article {key['id']} in this archive.")
    versions = await fetch_rows(
        database,
        "select number, seen_at, headline, change, cleaner, access from versions where article_id = :id"
        " order by number desc",
        key,
    )
    if len(versions) < 2:
        raise Answer(404, f"Article {key['id']} has one version only: there is nothing to compare.")
    newest = int(versions[0]["number"])
    later = whole_number(request.args.get("to"), otherwise=newest, most=10**9)
    earlier = whole_number(request.args.get("from"), otherwise=max(later - 1, 1), most=10**9)
    old, new = [await _version(database, versions, key["id"], number) for number in (earlier, later)]
    before, after = (str(version["text"] or "")[:COMPARED] for version in (old, new))
    told = await asyncio.get_running_loop().run_in_executor(None, lambda: stretches(before, after))
    return "diff", {
        "article": found[0],
        "versions": versions,
        "old": old,
        "new": new,
        "headline": pieces(str(old["headline"] or "")[:HEADLINE], str(new["headline"] or "")[:HEADLINE]),
        "same_headline": (old["headline"] or "").split() == (new["headline"] or "").split(),
        "stretches": folded(told),
        "is_changed": any(not stretch.same for stretch in told),
        "is_cut": any(len(str(version["text"] or "")) > COMPARED for version in (old, new)),
        "counts": _counts(told),
        "change": new["change"] if later == earlier + 1 else None,
    }


async def _version(
    database: Database, versions: Sequence[Row], article_id: int, number: int
) -> dict[str, Any]:
    told = next((version for version in versions if version["number"] == number), None)
    if told is None:
        raise Answer(404, f"Article {article_id} has no version {number}.")
    text = await fetch_rows(
        database,
        "select text from versions where article_id = :id and number = :number",
        {"id": article_id, "number": number},
    )
    return {**told, "text": text[0]["text"] if text else ""}


def _counts(found: Sequence[Stretch]) -> dict[str, int]:
    """How many words went and came."""
    counts = {"-": 0, "+": 0}
    for stretch in found:
        for paragraph in stretch.paragraphs:
            for piece in paragraph:
                if piece.sign in counts:
                    counts[piece.sign] += len(piece.text.split())
    return {"gone": counts["-"], "new": counts["+"]}
