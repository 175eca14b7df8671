"""The rooms know only what they may: imports are read from the source, none is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("crawler", "pipelines", "archive")

#: Room → import prefixes it must not use, and why.
FORBIDDEN = {
    "archive": {
        "crawler": "the archive is below the crawler",
        "pipelines": "the archive knows nothing of cleaning",
        "scrapy": "the archive knows nothing of Scrapy",
        "trafilatura": "the archive knows nothing of HTML",
        "selectolax": "the archive knows nothing of HTML",
        "lxml": "the archive knows nothing of HTML",
    },
    "pipelines": {
        "crawler": "cleaning is below the crawler",
        "warcio": "cleaning knows nothing of the disk",
        "sqlite3": "cleaning knows nothing of the disk",
        "sqlite_utils": "cleaning knows nothing of the disk",
        "twisted": "cleaning knows nothing of HTTP",
    },
    "crawler": {
        "trafilatura": "the crawler knows nothing of how text is cleaned",
        "sqlite3": "the crawler knows nothing of how rows are stored",
        "sqlite_utils": "the crawler knows nothing of how rows are stored",
        "warcio": "the crawler knows nothing of how records are stored",
    },
}

#: The only modules that may know a library, so that it can be changed in one place.
SOLE_OWNERS = {
    "trafilatura": {"pipelines/extract.py"},
    "scrapy": {"crawler", "pipelines/items.py"},
    "datasette": {"archive/front"},
    "playwright": {"crawler/rendering.py"},
}


def modules(room: str) -> Iterator[Path]:
    yield from sorted((ROOT / room).rglob("*.py"))


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may_know(room: str) -> None:
    broken = [
        f"{module.relative_to(ROOT)} imports {name}: {why}"
        for module in modules(room)
        for name in imports(module)
        for prefix, why in FORBIDDEN[room].items()
        if within(name, prefix)
    ]
    assert not broken, "\n".join(broken)


def test_pipelines_take_only_the_values_of_the_archive() -> None:
    broken = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules("pipelines")
        for name in imports(module)
        # `faces` is how any face is made, and knows nothing of the archive.
        if within(name, "archive") and name not in ("archive.values", "archive.faces")
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("library", SOLE_OWNERS)
def test_a_library_is_known_only_where_it_is_meant_to_be(library: str) -> None:
    broken = [
        str(module.relative_to(ROOT))
        for room in ROOMS
        for module in modules(room)
        if any(within(name, library) for name in imports(module))
        and not any(module.is_relative_to(ROOT / owner) for owner in SOLE_OWNERS[library])
    ]
    assert not broken, f"{library} is imported by {', '.join(broken)}"


def test_the_crawler_talks_to_the_other_rooms_through_their_faces() -> None:
    faces = {
        "archive",
        "archive.values",
        "archive.agenda",
        "archive.exporting",
        "archive.faces",
        "archive.front",
        "archive.health",
        "archive.replay",
        "archive.originals",
        "archive.reading",
        "archive.verify",
        "pipelines",
        "pipelines.evaluation",
        "pipelines.explaining",
        "pipelines.items",
        "archive.url_keys",
        "archive.differing",
        "archive.overrides",
        "pipelines.overrides",
    }
    broken = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules("crawler")
        for name in imports(module)
        if (within(name, "archive") or within(name, "pipelines")) and name not in faces
    ]
    assert not broken, "\n".join(broken)
