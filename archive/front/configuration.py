"""Writes the description out as Datasette reads it. Pure: values in, file contents out."""

from __future__ import annotations

import json
from typing import Any

import yaml

from archive import replay
from archive.front.description import (
    DESCRIPTION,
    HIDDEN_TABLES,
    QUERIES,
    SETTINGS,
    TABLES,
    TITLE,
    Query,
    Table,
)

DATABASE = "articles"

_HEAD = "# Written by pressmark. Change it as you like: a changed file is left alone from then on.\n"


def configuration_files() -> dict[str, bytes]:
    """Contents by file name: `metadata.yaml`, `settings.json` (Datasette 0.65), `datasette.yaml` (1.0).

    And `config.yaml`, by which pywb replays the folder.
    """
    told = {"title": TITLE, "description": DESCRIPTION}
    tables = {name: _told(table) for name, table in TABLES.items()}
    shown = {name: settings for name, table in TABLES.items() if (settings := _shown(table))}
    shown |= {name: {"hidden": True} for name in HIDDEN_TABLES}
    queries = {name: _query(query) for name, query in QUERIES.items()}
    # 0.65 reads all of it from metadata.yaml; 1.0 takes settings and queries from datasette.yaml.
    whole = {name: {**tables.get(name, {}), **shown.get(name, {})} for name in tables | shown}
    metadata = {**told, "databases": {DATABASE: {**told, "tables": whole, "queries": queries}}}
    configured = {"settings": dict(SETTINGS), "databases": {DATABASE: {"tables": shown, "queries": queries}}}
    return {
        "metadata.yaml": _yaml(metadata),
        "datasette.yaml": _yaml(configured),
        "config.yaml": replay.CONFIGURATION.encode(),
        "settings.json": (json.dumps(dict(SETTINGS), indent=2) + "\n").encode(),
    }


def _told(table: Table) -> dict[str, Any]:
    columns = {"columns": dict(table.columns)} if table.columns else {}
    return {"description": table.description, **columns}


def _shown(table: Table) -> dict[str, Any]:
    settings = {
        "facets": list(table.facets),
        "sort_desc": table.sort_desc,
        "label_column": table.label_column,
    }
    return {name: value for name, value in settings.items() if value}


def _query(query: Query) -> dict[str, str]:
    return {"title": query.title, "description": query.description, "sql": query.sql}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as blocks, so that the SQL can be read and edited."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(content: dict[str, Any]) -> bytes:
    body = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return (_HEAD + body).encode()
