"""The numbered migrations that make and change the tables of `articles.db`, a module each.

Names of tables and columns are a public interface: a migration adds, it does not rename. What one makes of a
database is the same for ever, whatever the house does meanwhile: it speaks SQL of its own and calls no code
that knows the tables. A new one is a module `mNNNN_name` with a function `apply`, and its line in `STEPS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlite_utils import Database

from archive.migrations import (
    m0001_tables,
    m0002_search,
    m0003_exchanges,
    m0004_files,
    m0005_takedown,
    m0006_agenda,
    m0007_hosts,
    m0008_identity,
    m0009_health,
    m0010_reading,
    m0011_article,
    m0012_sites,
)

#: In the order in which they are applied, by the names that a database remembers.
STEPS: Final[tuple[tuple[str, Callable[[Database], None]], ...]] = (
    ("0001_tables", m0001_tables.apply),
    ("0002_search", m0002_search.apply),
    ("0003_exchanges", m0003_exchanges.apply),
    ("0004_files", m0004_files.apply),
    ("0005_takedown", m0005_takedown.apply),
    ("0006_agenda", m0006_agenda.apply),
    ("0007_hosts", m0007_hosts.apply),
    ("0008_identity", m0008_identity.apply),
    ("0009_health", m0009_health.apply),
    ("0010_reading", m0010_reading.apply),
    ("0011_article", m0011_article.apply),
    ("0012_sites", m0012_sites.apply),
)

__all__ = ["STEPS"]
