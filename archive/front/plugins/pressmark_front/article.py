"""`/article/ID`: one article for reading, or its page with the cuts shown."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from typing import Any

from datasette.database import Database

from .asking import Answer, Row, fetch_rows, whole_number
from .changes import percent
from .saying import folder_of, form_key, may_write, offered, said_of, told_in
from .whole import in_page_order, kept_as_markdown, kept_blocks, kept_places, one_place_each

#: Articles that are told to be like this one.
LIKE_ARTICLES = 30

#: A page of more cut blocks than this is a table's work; the account's table is linked beside.
ACCOUNT_BLOCKS = 3000


#: More letters than a long book has: Chromium 156 no longer breaks the lines of a paragraph of ten million.
LETTERS = 500_000


def opening_of(text: object) -> str:
    """A text, or as much of it as a page shows: whole words, at most `LETTERS`."""
    whole = str(text or "")
    if len(whole) <= LETTERS:
        return whole
    head = whole[:LETTERS]
    end = max(head.rfind(" "), head.rfind("\n"))
    return head[:end] if end > LETTERS // 2 else head


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
        article |= {"headline": shown["headline"], "text": shown["text"], "markdown": "", "word_count": None}
    letters = len(str(article["text"] or ""))
    article |= {"text": opening_of(article["text"]), "markdown": opening_of(article["markdown"])}
    per_label = await fetch_rows(
        database,
        "select label, count(*) as blocks from removed where article_id = :id and version = :version"
        " group by label order by blocks desc, label",
        {**key, "version": number},
    )
    account = request.args.get("account") == "1"
    said = told_in(folder_of(database))
    offer = offered(article, said_of(said.entries, article))
    is_writing = account and may_write(request)
    return "article", {
        "sources": sources_of(article),
        **await _alike(database, article),
        "percent": percent,
        "said_problems": said.problems[:5] if account else [],
        "form_key": form_key(key["id"]) if is_writing else "",
        "said": is_writing and request.args.get("said") == "1",
        "article": article,
        "letters": letters if letters > LETTERS else 0,
        "versions": versions,
        "shown": shown,
        "number": number,
        "latest": latest,
        "per_label": per_label,
        "cut": sum(row["blocks"] for row in per_label),
        "replay": replay_address(_replay_base(datasette), shown),
        "standfirst": _standfirst(article),
        "page_blocks": await _page_blocks(database, article, number, shown, offer) if account else None,
    }


def sources_of(article: Row) -> dict[str, str]:
    """Column → where in the page its value stood; {} from an archive that does not store it."""
    try:
        found = json.loads(article.get("sources") or "{}")
    except (TypeError, ValueError):
        return {}
    return {str(name): str(source) for name, source in found.items()} if isinstance(found, dict) else {}


_ALIKE = """select s.score, s.kind, a.id, a.headline, a.site, a.date_published, a.first_seen
    from similar s join articles a on a.id = s.{other} where s.{one} = :id"""


async def _alike(database: Database, article: Row) -> dict[str, Any]:
    """Articles with the same copy, elsewhere and on this site, and such that share a part of it."""
    both = [
        _ALIKE.format(one=one, other=other)
        for one, other in (("article_id", "other_id"), ("other_id", "article_id"))
    ]
    sql = " union all ".join(both) + " order by score desc, 3 limit :limit"
    try:
        rows = await fetch_rows(database, sql, {"id": article["id"], "limit": LIKE_ARTICLES})
    except sqlite3.OperationalError:  # an archive of an older pressmark does not know
        rows = []
    copies = [row for row in rows if row["kind"] == "copy"]
    return {
        "elsewhere": [row for row in copies if row["site"] != article["site"]],
        "again": [row for row in copies if row["site"] == article["site"]],
        "similar": [row for row in rows if row["kind"] != "copy"],
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
    database: Database,
    article: Row,
    number: int,
    shown: Row | None,
    offer: Callable[[str, str], dict[str, Any]],
) -> list[dict[str, Any]]:
    """The page's blocks in order: `row` of the account or None, the `kept` text, what can be said of it."""
    cut = await fetch_rows(
        database,
        "select position, label, reason, score, text from account"
        " where article_id = :id and version = :version order by position limit :limit",
        {"id": article["id"], "version": number, "limit": ACCOUNT_BLOCKS},
    )
    places = kept_places(shown)
    plain = kept_blocks(str(article["text"] or ""), places)
    set_blocks = kept_as_markdown(plain, str(article["markdown"] or ""))
    blocks: list[dict[str, Any]] = []
    rank = 0
    for row, text in in_page_order(cut, set_blocks, one_place_each(places, len(plain))):
        if row is None:
            # What is said of a block goes by its letters, and the addresses in Markdown are none of them.
            blocks.append({"row": None, "kept": text, "anchor": f"kept-{rank}", **offer(plain[rank], "cut")})
            rank += 1
        else:
            anchor = f"cut-{row['position']}"
            blocks.append({"row": row, "kept": "", "anchor": anchor, **offer(str(row["text"]), "keep")})
    return blocks


def replay_address(base: str, shown: Row | None) -> str:
    """Where the version's page can be seen as it was captured;

    "" where that is not known, or it has no address.
    """
    url = str((shown or {}).get("captured_url") or "")
    moment = re.sub(r"\D", "", str((shown or {}).get("fetched_at") or ""))[:14]
    if not base.startswith(("http://", "https://")) or not url.startswith(("http://", "https://")):
        return ""
    return f"{base.rstrip('/')}/{moment}/{url}"
