"""The reading pages over an archive's database: front page, search, article with its account.

Each page is a few SQL questions and one template; all text goes through the filters of `pressmark_text`.
The pages need no JavaScript and load nothing from elsewhere. Tables, SQL and JSON stay Datasette's own.
The pages themselves are the modules of `pressmark_front`, beside this file.
"""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import Response, hookimpl
from jinja2 import Environment
from markupsafe import Markup, escape


def _front(name: str) -> Any:
    """A module of `pressmark_front`. Datasette runs this file alone: found by its place."""
    if "pressmark_front" not in sys.modules:
        folder = Path(__file__).parent / "pressmark_front"
        spec = importlib.util.spec_from_file_location(
            "pressmark_front", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        assert spec.loader is not None
        package = sys.modules["pressmark_front"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
    return importlib.import_module(f"pressmark_front.{name}")


_shell = _front("shell")
DATABASE: str = _front("asking").DATABASE


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """The front page takes Datasette's `/`; its list of databases stays at `/-/databases` and `/.json`."""
    served = _shell.served
    return [
        (r"^/$", served(_front("front").front_page)),
        (r"^/search/?$", served(_front("search").search_page)),
        (r"^/search\.atom$", served(_front("search").search_atom)),
        (r"^/search\.csv$", served(_front("search").search_csv)),
        (r"^/search\.json$", served(_front("search").search_json)),
        (r"^/article/(?P<id>[0-9]{1,18})/?$", served(_front("article").article_page)),
        (r"^/sites/?$", served(_front("sites").sites_page)),
        (r"^/site/(?P<name>[^/]{1,1000})/?$", served(_front("sites").site_page)),
        (r"^/article/(?P<id>[0-9]{1,18})/diff/?$", served(_front("diff").diff_page)),
        (r"^/article/(?P<id>[0-9]{1,18})/say/?$", _front("saying").say),
        (r"^/-/pressmark-edit/?$", _front("saying").enter),
        (r"^/changes/?$", served(_front("changes").changes_page)),
        (r"^/changes\.atom$", _front("changes").changes_feed),
    ]


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Any) -> None:
    """`pressmark_title()` for pages that Datasette fills: its failures."""
    env.globals["pressmark_title"] = lambda: _shell.instance_title(datasette)


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """The way back from Datasette's pages."""
    return [
        {"href": datasette.urls.path("/"), "label": "Front page"},
        {"href": datasette.urls.path("/search"), "label": "Search the articles"},
        {"href": datasette.urls.path("/sites"), "label": "Sites and their health"},
    ]


@hookimpl
def render_cell(
    row: Any, value: object, column: str, table: str | None, database: str, datasette: Any
) -> Markup | None:
    """In Datasette's tables, an article's number or headline leads to its page."""
    if database != DATABASE or value is None:
        return None
    if column == "article_id":
        number = value
    elif table in {"articles", "latest"} and column == "headline" and "id" in row.keys():  # noqa: SIM118 - a sqlite3.Row
        number = row["id"]
    else:
        return None
    if not isinstance(number, int):
        return None
    address = datasette.urls.path(f"/article/{number}")
    return Markup('<a href="{}">{}</a>').format(address, escape(str(value)[:300]))
