"""A command loads what it uses: the faces of the rooms import a name's module when the name is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What takes longest to load, and is of no use to `pressmark clean` until a page asks for it.
HEAVY = {
    "charset_normalizer", "datasette", "feedparser", "htmldate", "lxml", "rich", "scrapy", "sqlite3",
    "sqlite_utils", "trafilatura", "twisted", "warcio",
}  # fmt: skip
#: The cleaner's own, which only the worker processes need.
CLEANING = {"numpy", "selectolax"}


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "idle"),
    [
        ("import crawler.commands.clean", HEAVY | CLEANING),
        ("from pipelines import WorkerPool; from archive.values import Article", HEAVY | CLEANING),
        ("import pipelines.preload", HEAVY),
    ],
)
def test_what_cleaning_does_not_use_is_not_loaded(statement: str, idle: set[str]) -> None:
    assert not loaded_by(statement) & idle


def test_the_fork_server_has_loaded_what_a_page_needs() -> None:
    assert loaded_by("import pipelines.preload") >= CLEANING
