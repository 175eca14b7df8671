"""How a face gets its names: each is imported when it is first asked for (PEP 562).

What a command does not use (SQLite, trafilatura, Scrapy) is then not loaded for it. The one module of this
room, beside the values, that the other rooms import for themselves; it knows nothing of any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def lazily(
    face: dict[str, object], homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a module with the globals `face`; `homes` says where each name lives."""

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {face['__name__']!r} has no attribute {name!r}")
        found = face[name] = getattr(import_module(homes[name]), name)
        return found

    def names() -> list[str]:
        return [*face, *homes]

    return get, names
