"""Saying that a cut, or what was kept, was wrong: what the account offers, and the one place that writes.

Nothing is written unless `pressmark serve --edit` runs the server: it makes a secret, and whoever opens the
address that it prints gets a cookie with it. A plain `datasette` has no secret, and shows the lines to paste.
"""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datasette import Forbidden, Response
from datasette.database import Database

from . import overrides
from .asking import DATABASE, Answer, Row, fetch_rows, whole_number
from .shell import POLICY, instance_title, may_read
from .whole import kept_blocks, kept_places

#: Where `pressmark serve --edit` leaves its secret, in the environment of this very process.
SECRET = "PRESSMARK_EDIT"  # noqa: S105 - the name of a variable
COOKIE = "pressmark_edit"
_HOME_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def may_write(request: Any) -> bool:
    """Whether this visitor opened the address with the secret, on this machine."""
    secret = os.environ.get(SECRET, "")
    given = str(request.cookies.get(COOKIE) or "")
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode()) and is_at_home(request)


def is_at_home(request: Any) -> bool:
    """Whether a request comes from this machine, and to a name of this machine.

    The name, too: a page elsewhere whose name leads here (DNS rebinding) is refused.
    """
    client = (request.scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback and _name(f"//{request.headers.get('host', '')}") in _HOME_NAMES


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_own_form(request: Any) -> bool:
    """Whether a browser says that a page of this server sent the form."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    scheme, _, host = (origin or "").partition("://")
    own = origin is None or (scheme in {"http", "https"} and host == request.headers.get("host"))
    return own and site in {None, "same-origin"}


def form_key(article_id: int) -> str:
    """What a form of an article's page holds, so that no other page can have made it."""
    return hmac.new(os.environ.get(SECRET, "").encode(), str(article_id).encode(), hashlib.sha256).hexdigest()


def folder_of(database: Database) -> Path | None:
    return Path(database.path).parent if database.path else None


_read: dict[Path, tuple[tuple[int, int], overrides.Told]] = {}


def told_in(folder: Path | None) -> overrides.Told:
    """The overrides of an archive, read again only when their file changed."""
    if folder is None:
        return overrides.Told([], [])
    try:
        stat = (folder / overrides.FILE).stat()
    except OSError:
        return overrides.Told([], [])
    mark = (stat.st_mtime_ns, stat.st_size)
    known = _read.get(folder)
    if known is None or known[0] != mark:
        known = _read[folder] = (mark, overrides.read(folder))
    return known[1]


def said_of(entries: Sequence[Mapping[str, str]], article: Row) -> dict[str, str]:
    """By a block's digest, what is said of it on this article, or on its site."""
    site = {
        e["block"]: e["say"] for e in entries if e.get("site") and overrides.site_of(e) == article["site"]
    }
    own = {e["block"]: e["say"] for e in entries if e.get("article") and e["article"] == article["url"]}
    return {block: say for block, say in {**site, **own}.items() if say != "leave"}


def offered(article: Row, said: Mapping[str, str]) -> Callable[[str, str], dict[str, Any]]:
    """What can be said of a block: a function of its text and of what would be said (`keep` or `cut`)."""

    def offer(text: str, say: str) -> dict[str, Any]:
        lines = overrides.entry_lines(say, "article", str(article["url"]), text)
        if article["site"]:
            lines += "# or, in place of article, for all of its pages:\n"
            lines += f"# site = {overrides.quoted(str(article['site']))}\n"
        return {"say": say, "lines": lines, "said": said.get(overrides.letters_digest(text), "")}

    return offer


async def say(datasette: Any, request: Any) -> Response:
    """`POST /article/ID/say`: add an entry to `overrides.toml`, and go back to the block."""
    if not await may_read(datasette, request.actor):
        raise Forbidden("view-table")
    article_id = int(request.url_vars["id"])
    try:
        place = await _say(datasette, request, article_id)
    except Answer as answer:
        context = {
            "sentence": answer.sentence, "title": await instance_title(datasette), "database": DATABASE
        }  # fmt: skip
        html = await datasette.render_template("pressmark/message.html", context, request=request)
        return Response.html(html, status=answer.status, headers={"content-security-policy": POLICY})
    return Response.redirect(datasette.urls.path(f"/article/{article_id}") + place, status=303)


async def _say(datasette: Any, request: Any, article_id: int) -> str:
    """Write the entry; where on the article's page the block stands. Raises Answer where it is refused."""
    if request.method != "POST":
        raise Answer(405, "This address takes what the forms of an article's account send.")
    if not may_write(request) or not is_own_form(request):
        raise Answer(
            403,
            "Nothing was written: this needs `pressmark serve --edit`, on this machine, opened by the address"
            " that it prints.",
        )
    try:
        form = await request.post_vars()
    except ValueError as error:  # no UTF-8
        raise Answer(400, "Nothing was written: the form cannot be read.") from error
    if not hmac.compare_digest(str(form.get("key", "")).encode(), form_key(article_id).encode()):
        raise Answer(403, "Nothing was written: the form is of another time. Load the page again.")
    database = datasette.databases[DATABASE]
    found = await fetch_rows(
        database, "select id, url, site, version from articles where id = :id", {"id": article_id}
    )
    if not found:
        raise Answer(404, f"There is no article {article_id} in this archive.")
    version = whole_number(form.get("version"), otherwise=int(found[0]["version"]), most=10**9)
    anchor = str(form.get("block", ""))
    text = await _text_of(database, article_id, version, anchor)
    wanted, scope = form.get("say"), form.get("scope")
    where = str(found[0]["url"] if scope == "article" else found[0]["site"] or "")
    if text is None or wanted not in overrides.SAID or scope not in {"article", "site"} or not where:
        raise Answer(400, "Nothing was written: the form names no block of this article.")
    folder = folder_of(database)
    day = datetime.now(timezone.utc).date().isoformat()  # noqa: UP017 - Datasette also runs on Python 3.10
    try:
        if folder is None:
            raise OSError("the database is not in a file")
        overrides.append(folder, overrides.entry_lines(str(wanted), str(scope), where, text, day=day))
    except OSError as error:
        raise Answer(
            500, f"{overrides.FILE} could not be written ({error.strerror or error}): see to the folder."
        ) from error
    old = f"&version={version}" if version != found[0]["version"] else ""
    return f"?account=1{old}&said=1#{anchor}"


async def _text_of(database: Database, article_id: int, version: int, anchor: str) -> str | None:
    """The text of a block: `cut-N` by its position in the page, `kept-N` by its rank among the kept ones."""
    kind, _, number = anchor.partition("-")
    if kind not in {"cut", "kept"} or not number.isdecimal() or len(number) > 9:
        return None
    key: dict[str, object] = {"id": article_id, "version": version, "number": int(number)}
    if kind == "cut":
        rows = await fetch_rows(
            database,
            "select text from account where article_id = :id and version = :version and position = :number",
            key,
        )
        return str(rows[0]["text"]) if rows else None
    rows = await fetch_rows(
        database,
        "select text, kept_positions from versions where article_id = :id and number = :version",
        key,
    )
    blocks = kept_blocks(str(rows[0]["text"] or ""), kept_places(rows[0])) if rows else []
    return blocks[int(number)] if int(number) < len(blocks) else None


async def enter(datasette: Any, request: Any) -> Response:
    """`/-/pressmark-edit?token=…`: the address that `pressmark serve --edit` prints; gives the cookie."""
    secret = os.environ.get(SECRET, "")
    given = str(request.args.get("token") or "")
    if not secret or not is_at_home(request) or not hmac.compare_digest(given.encode(), secret.encode()):
        raise Forbidden("This address is none, or no longer.")
    home = datasette.urls.path("/")
    answer = Response.redirect(home)
    answer.set_cookie(COOKIE, secret, path=home, httponly=True, samesite="strict")
    answer.headers["cache-control"] = "no-store"
    return answer
