"""What stands around each page: permission, failures as sentences, headers."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import Forbidden, Response
from datasette.database import Database, QueryInterrupted

from .asking import DATABASE, Answer

#: No script at all, nothing from elsewhere: what a hostile headline could smuggle in stays dead.
POLICY = (
    "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


#: A template's name and its values; or an answer that is no page, such as a feed.
View = Callable[[Any, Any, Database], Awaitable[tuple[str, dict[str, Any]] | Response]]


def served(view: View) -> Callable[..., Awaitable[Response]]:
    """Turn a view into a route: asks for permission, renders, and gives every failure a readable page."""

    async def route(datasette: Any, request: Any) -> Response:
        if not await may_read(datasette, request.actor):
            raise Forbidden("view-table")
        status = 200
        try:
            if DATABASE not in datasette.databases:
                raise Answer(404, "This archive holds nothing yet: there is no articles.db.")
            shown = await view(datasette, request, datasette.databases[DATABASE])
            if isinstance(shown, Response):
                return shown
            name, context = shown
        except Answer as answer:
            name, context, status = "message", {"sentence": answer.sentence}, answer.status
        except QueryInterrupted:
            sentence = (
                f"The question took longer than {datasette.setting('sql_time_limit_ms')} ms: narrow it."
            )
            name, context, status = "message", {"sentence": sentence}, 400
        except sqlite3.OperationalError as problem:
            sentence = f"The database cannot answer: {problem}. Open the archive once with pressmark."
            name, context, status = "message", {"sentence": sentence}, 503
        context |= {"title": await instance_title(datasette), "database": DATABASE}
        html = await datasette.render_template(f"pressmark/{name}.html", context, request=request)
        return Response.html(html, status=status, headers={"content-security-policy": POLICY})

    return route


async def may_read(datasette: Any, actor: object) -> bool:
    """Whether Datasette's own permissions, should the reader have set any, let this visitor see articles."""
    if hasattr(datasette, "allowed"):  # Datasette 1.0
        from datasette.resources import TableResource

        resource = TableResource(database=DATABASE, table="articles")
        return bool(await datasette.allowed(action="view-table", resource=resource, actor=actor))
    asked = (("view-instance", None), ("view-database", DATABASE), ("view-table", (DATABASE, "articles")))
    return all(
        [await datasette.permission_allowed(actor, action, what, default=True) for action, what in asked]
    )


async def instance_title(datasette: Any) -> str:
    if hasattr(datasette, "get_instance_metadata"):  # Datasette 1.0
        return str((await datasette.get_instance_metadata()).get("title") or "News archive")
    return str(datasette.metadata("title") or "News archive")
