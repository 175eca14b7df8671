"""What the commands share and what needs no terminal: the clock, two options, safe words.

Apart from `console`, so that a command which only writes a file loads neither rich nor the archive.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from pipelines import CLEANERS

Command = TypeVar("Command", bound=Callable[..., Any])


def now() -> datetime:
    """The clock of the command line; everything below gets the time passed in."""
    return datetime.now(UTC)


def encoding_option(command: Command) -> Command:
    return click.option(
        "--encoding",
        callback=_known_encoding,
        help="What dumps are encoded in, where they are not UTF-8 (cp1252, utf-16, …).",
    )(command)


def _known_encoding(ctx: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    if name is not None:
        try:
            codecs.lookup(name)
        except LookupError:
            raise click.BadParameter(f"no such encoding: {name}; try cp1252 or utf-16.") from None
    return name


def engine_option(command: Command) -> Command:
    """`--engine learned|trafilatura`."""
    return click.option(
        "--engine",
        type=click.Choice(list(CLEANERS)),
        default="learned",
        show_default=True,
        help="Who says what stays on HTML pages. Dumps, which have no HTML, are always read by `learned`.",
    )(command)


def asked_sentence(asked: int, cleaned: int) -> str:
    """On how many of the pages that were cleaned trafilatura was asked."""
    return f"trafilatura was asked on {asked:,} of {cleaned:,} pages cleaned"


def printable(text: str) -> str:
    """`text` without control and direction-changing characters: a headline is hostile to a terminal."""
    return "".join(c if c.isprintable() and c not in _BIDI else "�" for c in text)


#: Unicode's explicit directional characters (UAX #9, section 2): they reorder what a terminal shows.
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
