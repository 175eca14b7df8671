"""`overrides.toml`: what people said of blocks that the cleaner got wrong, as a file to read and to edit.

Reading and writing of its text; the standard library only. Whoever cleans obeys it (`archive.overrides`).
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

try:
    import tomllib
except ModuleNotFoundError:  # Python before 3.11 may run Datasette: then what was said is not shown
    tomllib = None  # type: ignore[assignment]

FILE = "overrides.toml"
SAID = ("keep", "cut", "leave")
KEYS = frozenset({"say", "block", "article", "site", "label", "text", "at"})

HEAD = """\
# What people said of blocks that the cleaner got wrong. pressmark obeys it when it cleans a page: in crawls,
# and on all pages with `pressmark reclean --all`. The last word on a block counts; one on an article goes
# before one on its site. An entry may be changed or deleted.
#   say      keep: it belongs to the text; cut: it does not; leave: as the cleaner thinks, after all
#   block    digest of the block's letters; the article's page shows the lines to paste
#   article  address of the one article it is about; or
#   site     host of the site on all of whose pages it is so
#   label    what it is (docs/labels.md), if that is known
#   text, at for people: how the block begins, and when this was said
"""

_ENTRY = re.compile(r"^[ \t]*\[\[[ \t]*override[ \t]*\]\]", re.M)
_LETTERS = re.compile(r"\w")
_DIGEST = re.compile(r"sha1:[A-Z2-7]{32}")
#: Larger is no file that a person keeps.
_MOST_BYTES = 20_000_000


class Told(NamedTuple):
    """The entries of the file, each a mapping of strings, and what is wrong in it, a sentence each."""

    entries: list[dict[str, str]]
    problems: list[str]


def letters_digest(text: str) -> str:
    """What an override knows a block by; the same as the cleaner's (`pipelines.overrides`)."""
    letters = "".join(_LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()))
    said = letters or "".join(text.split())
    sha1 = hashlib.sha1(said.encode("utf-8", "replace"), usedforsecurity=False)
    return "sha1:" + base64.b32encode(sha1.digest()).decode("ascii")


def read(folder: Path) -> Told:
    """The overrides of the archive in `folder`; none where there is no file. Never raises."""
    path = folder / FILE
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would keep whoever reads it waiting for good
            return Told([], [f"{FILE} cannot be read (it is no file): nothing of it is obeyed."])
        if found.st_size > _MOST_BYTES:
            return Told([], [f"{FILE} is larger than {_MOST_BYTES:,} bytes and is not read."])
        return parsed(path.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return Told([], [])
    except OSError as error:
        return Told([], [f"{FILE} cannot be read ({error.strerror or error}): nothing of it is obeyed."])


def parsed(text: str) -> Told:
    """Read entry by entry, so that a slip in one loses only that one."""
    if tomllib is None:
        return Told([], [f"{FILE} is read with Python 3.11 or later only."])
    entries: list[dict[str, str]] = []
    problems: list[str] = []
    starts = [found.start() for found in _ENTRY.finditer(text)]
    if text[: starts[0] if starts else len(text)].strip() and _stray(
        text[: starts[0] if starts else len(text)]
    ):
        problems.append(f"{FILE}: what stands before the first [[override]] is no entry.")
    line, read_to = 1, 0
    for begin, end in pairwise([*starts, len(text)]):
        line, read_to = line + text.count("\n", read_to, begin), begin
        place = f"{FILE}, line {line}"
        try:
            (entry,) = tomllib.loads(text[begin:end])["override"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            problems.append(f"{place}: not read ({' '.join(str(error).split())[:120]}).")
            continue
        wrong = _wrong(entry)
        if wrong:
            problems.append(f"{place}: {wrong}; the entry is passed over.")
        else:
            entries.append({key: str(value) for key, value in entry.items() if key in KEYS})
        unknown = sorted(set(entry) - KEYS)
        if unknown:
            problems.append(f"{place}: unknown words {', '.join(unknown)[:120]}.")
    return Told(entries, [printable(problem) for problem in problems])


def site_of(entry: Mapping[str, str]) -> str:
    """The site that an entry names, as it is stored with articles; "" where it names an article."""
    return entry.get("site", "").lower().removeprefix("www.")


def printable(sentence: str) -> str:
    """A sentence without what would steer a terminal or turn its letters: the file may be a stranger's."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in sentence)


def _stray(head: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in head.split("\n"))


def _wrong(entry: Mapping[str, Any]) -> str:
    if entry.get("say") not in SAID:
        return "say is neither keep, cut nor leave"
    if not _DIGEST.fullmatch(str(entry.get("block"))):
        return "block is no digest"
    named = [key for key in ("article", "site") if isinstance(entry.get(key), str) and entry[key]]
    return "" if len(named) == 1 else "it must name an article or a site"


def entry_lines(say: str, scope: str, where: str, text: str, *, label: str = "", day: str = "") -> str:
    """One entry as it stands in the file. `scope` is `article` or `site`, `text` the block's whole text."""
    told = {
        "say": say, "block": letters_digest(text), scope: where, "label": label,
        "text": _beginning(text), "at": day,
    }  # fmt: skip
    lines = [f"{key} = {quoted(value)}" for key, value in told.items() if value]
    return "\n".join(["[[override]]", *lines]) + "\n"


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


#: Beside what JSON escapes: what TOML forbids bare, and what would hide or turn letters in an editor.
_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")


def quoted(value: str) -> str:
    """A TOML basic string: its escapes are JSON's (toml.io 1.0, 'String'); lone surrogates have none."""
    bare = re.sub("[\ud800-\udfff]", "\ufffd", value)
    quoted = json.dumps(bare, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def append(folder: Path, lines: str) -> None:
    """Add an entry at the file's end, in one write. Raises OSError.

    Never through a link: an archive may come from a stranger, and its link lead to a file that is run.
    """
    path = folder / FILE
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link: write to the file itself")
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o666), "a+b") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        file.seek(0, os.SEEK_END)
        size = file.tell()
        before = HEAD.encode() if not size else b""
        if size:
            file.seek(size - 1)
            before = b"" if file.read(1) == b"\n" else b"\n"
        file.write(before + b"\n" + lines.encode("utf-8"))


def without(text: str, is_gone: Callable[[Mapping[str, str]], bool]) -> str:
    """The file's text without the entries that are gone; all else stays as it stands, letter by letter."""
    starts = [found.start() for found in _ENTRY.finditer(text)]
    kept = [text[: starts[0]] if starts else text]
    for begin, end in pairwise([*starts, len(text)]):
        (*_, entry) = [{}, *parsed(text[begin:end]).entries]
        if not is_gone(entry):
            kept.append(text[begin:end])
    return "".join(kept)
