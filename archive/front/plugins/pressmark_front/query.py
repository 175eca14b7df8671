"""The search language: what a reader types becomes an expression for FTS5 and filters. Pure.

    ferry harbour        both words            "late again"       a phrase
    council*             a beginning           ferry OR bridge    either
    ferry NOT bridge     without (also -bridge)                   (a OR b) c
    headline:ferry       in one column: headline, author, text, description
    site:a.example section:Sport language:en access:free from:2023 to:2023-05 on:2023-05-01
    has:versions cluster:12 similar:34

No question is an error. What cannot be read is read otherwise, and a note says so: each word reaches FTS5 in
quotes, and operators only where they stand between what they join. OR binds loosest, then words side by side
(AND), then NOT. Filters hold for the whole search, wherever they stand; one named twice takes either value.

The page `/search`, its feeds and `pressmark search` all ask through this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

#: Fields that are columns of the full-text index, under the names a reader may use for them.
COLUMNS: Mapping[str, str] = {
    "headline": "headline", "title": "headline",
    "author": "authors", "authors": "authors", "by": "authors",
    "text": "text", "body": "text",
    "description": "description", "summary": "description",
}  # fmt: skip

#: Fields that narrow: what they are called, and the filter that they set.
FILTERS: Mapping[str, str] = {
    "site": "site", "section": "section", "language": "language", "lang": "language", "access": "access",
    "from": "from", "since": "from", "after": "from", "to": "to", "until": "to", "before": "to", "on": "on",
    "has": "has", "cluster": "cluster", "similar": "similar",
}  # fmt: skip

#: Names of all filters as they stand in an address, in the order in which they are shown.
NAMES = ("site", "from", "to", "section", "language", "access", "has", "cluster", "similar")

ACCESS = ("free", "metered", "paywalled")
SORTS = ("relevance", "newest", "oldest")

#: What stands for the site of a page that names none.
NO_SITE = "(no site)"

#: A question is a line that a person types. FTS5's own limit on nesting is 256.
LONGEST, LONGEST_VALUE, MOST_TERMS, DEEPEST = 1000, 200, 64, 12
#: Each beginning is looked up in the whole index.
MOST_PREFIXES = 8

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<field>-?[A-Za-z_]+:(?!//))(?=[^\s):])"""
    r"""|(?P<near>NEAR\()"""
    r"""|(?P<minus>-)(?=[\w"(])"""
    r"""|(?P<phrase>\^?"[^"]*"\*?)|(?P<quote>")|(?P<word>[^\s"()]+)"""
)
_VALUE = re.compile(r'"([^"]*)"?|[^\s"()]+')
_OPERATORS = (("word", "AND"), ("word", "OR"), ("word", "NOT"))


class Search(NamedTuple):
    """A search as it is carried out."""

    words: str = ""  # what was typed, without the filters that stood in it
    match: str = ""  # for FTS5; "": every article
    without: str = ""  # for FTS5: what must not match, where nothing must
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()  # by the order of NAMES, each with its values
    sort: str = ""  # one of SORTS; "": relevance where there are words, else newest
    notes: tuple[str, ...] = ()  # what was read otherwise than it was typed, a sentence each

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.filters).get(name, ())

    @property
    def order(self) -> str:
        """The order in which hits come: one of SORTS."""
        return self.sort if self.sort and (self.match or self.sort != "relevance") else _natural(self.match)

    @property
    def read_as(self) -> str:
        """The words as they were understood, in FTS5's notation."""
        return self.match or (f"NOT {self.without}" if self.without else "")


def _natural(match: str) -> str:
    return "relevance" if match else "newest"


class _Read:
    """A question being read: its tokens, and what was noticed on the way."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.filters: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.at = self.terms = self.prefixes = 0
        self.words = ""
        self._cut(text)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def _cut(self, text: str) -> None:
        """Cut the question into tokens; filters are lifted out of it, with the operator that joined them."""
        place, lifted = 0, False
        while found := _TOKEN.match(text, place):
            kind, body, place = found.lastgroup or "", found.group(), found.end()
            name = body.rstrip(":").lstrip("-").lower()
            if kind == "field" and name in FILTERS and (value := _VALUE.match(text, place)):
                place, lifted = value.end(), True
                self._filter(name, value, body)
            elif lifted and body in {"AND", "OR"} and (not self.tokens or self.tokens[-1][0] == "open"):
                continue
            elif lifted and kind == "close" and self.tokens and self.tokens[-1][0] == "open":
                self.tokens.pop()  # it held filters only
            elif kind != "space":
                self.tokens.append((kind, body))
        self.words = _typed(self.tokens)

    def _filter(self, name: str, value: re.Match[str], typed: str) -> None:
        negated = typed.startswith("-")
        while self.tokens and (self.tokens[-1] in _OPERATORS or self.tokens[-1][0] in {"field", "minus"}):
            negated |= self.tokens.pop()[1] in {"NOT", "-"}
        if negated:
            self.note(f"“{typed.strip('-')}{value.group()}” was left out: a filter cannot exclude.")
        else:
            self.filters.append((name, value.group(1) if value.group(1) is not None else value.group()))

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token


def _typed(tokens: Sequence[tuple[str, str]]) -> str:
    """Tokens as a line that is read as the same tokens."""
    line, last = "", "open"
    for kind, body in tokens:
        line += body if kind == "close" or last in {"open", "near", "field", "minus"} else f" {body}"
        last = kind
    return line.strip()


class _Expression(NamedTuple):
    """What must match, or what must not (`negative`), in FTS5's language."""

    fts: str
    negative: bool = False


def read_search(text: str, told: Mapping[str, Sequence[str]] | None = None, sort: str = "") -> Search:
    """Read a question with the filters that stand in it and those `told` beside it. Never raises.

    `told` has values by the filter's name (`NAMES`, and `on`); empty ones count as absent.
    """
    notes: list[str] = []
    cleaned = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef]", " ", text).translate(_QUOTES)
    if len(cleaned) > LONGEST:
        cleaned = cleaned[:LONGEST]
        notes.append(f"The question is longer than {LONGEST} characters: the rest was left out.")
    reading = _Read(cleaned)
    expression = _any_of(reading, "", 0)
    while reading.peek()[0] != "end":  # a closing bracket that nothing opened
        reading.take()
        reading.note("A bracket closes that was never opened: it was left out.")
        expression = _joined([expression, _any_of(reading, "", 0)])
    asked = [*reading.filters, *((name, value) for name in told or {} for value in (told or {})[name])]
    filters, doubts = _filters(asked)
    if sort and sort not in SORTS:
        doubts.append(f"“{sort[:40]}” is no order: there are {', '.join(SORTS)}.")
    match = expression.fts if expression and not expression.negative else ""
    without = expression.fts if expression and expression.negative else ""
    notes += [*reading.notes, *doubts]
    if reading.notes and (match or without):
        notes.append(f"Searched for: {match or 'NOT ' + without}")
    return Search(reading.words, match, without, filters, sort if sort in SORTS else "", tuple(notes))


# -- reading words


def _any_of(reading: _Read, column: str, depth: int) -> _Expression | None:
    """Alternatives: words side by side, joined by OR."""
    found = [_all_of(reading, column, depth)]
    while reading.peek() == ("word", "OR"):
        reading.take()
        found.append(_all_of(reading, column, depth))
        if found[-1] is None or not any(found[:-1]):
            reading.note("OR has nothing to one side of it: it was left out.")
    held = [expression for expression in found if expression]
    positive = [expression for expression in held if not expression.negative]
    if len(positive) < len(held) and len(held) > 1:
        reading.note("NOT beside OR has nothing to take from: it was left out.")
        held = positive
    if len(held) < 2:
        return held[0] if held else None
    return _Expression("(" + " OR ".join(part.fts for part in held) + ")")


def _all_of(reading: _Read, column: str, depth: int) -> _Expression | None:
    """Words side by side, or joined by AND; those under NOT are taken away."""
    found: list[_Expression | None] = []
    while True:
        kind, body = reading.peek()
        if kind in {"end", "close"} or (kind, body) == ("word", "OR"):
            break
        if (kind, body) == ("word", "AND"):
            reading.take()
            following = reading.peek()
            stands_alone = following[0] in {"end", "close"} or following[1] in {"AND", "OR"}
            if not any(found) or stands_alone:
                reading.note("AND has nothing to one side of it: it was left out.")
            continue
        found.append(_one(reading, column, depth))
    return _joined(found)


def _joined(found: Sequence[_Expression | None]) -> _Expression | None:
    held = [expression for expression in found if expression]
    wanted = [part.fts for part in held if not part.negative]
    unwanted = [part.fts for part in held if part.negative]
    if not held:
        return None
    taken = " OR ".join(unwanted)
    if not wanted:
        return _Expression(taken if len(unwanted) == 1 else f"({taken})", negative=True)
    kept = " AND ".join(wanted)
    if len(wanted) > 1:
        kept = f"({kept})"
    if not unwanted:
        return _Expression(kept)
    return _Expression(f"({kept} NOT {taken if len(unwanted) == 1 else f'({taken})'})")


def _one(reading: _Read, column: str, depth: int) -> _Expression | None:
    """One word, phrase, bracket, or field with what stands in it."""
    kind, body = reading.take()
    if (kind, body) == ("word", "NOT") or kind == "minus":
        return _negated(reading, column, depth)
    if kind == "open":
        return _bracket(reading, column, depth)
    if kind == "near":
        return _near(reading, column)
    if kind == "field":
        return _field(reading, body, depth)
    if kind == "quote":
        reading.note("A quotation mark is never closed: it was left out.")
        return None
    return _term(reading, body, column)


def _negated(reading: _Read, column: str, depth: int) -> _Expression | None:
    if reading.peek()[0] in {"end", "close"} or reading.peek() in {("word", "OR"), ("word", "AND")}:
        reading.note("NOT has nothing after it: it was left out.")
        return None
    if depth >= DEEPEST:
        return _too_deep(reading)
    taken = _one(reading, column, depth + 1)
    return taken._replace(negative=not taken.negative) if taken else None


def _bracket(reading: _Read, column: str, depth: int) -> _Expression | None:
    if depth >= DEEPEST:
        return _too_deep(reading)
    inner = _any_of(reading, column, depth + 1)
    if reading.take()[0] == "end":
        reading.note("A bracket is never closed: it was closed at the end.")
    return inner


def _too_deep(reading: _Read) -> _Expression | None:
    reading.note(f"Brackets and NOT can stand {DEEPEST} deep: those within were left out.")
    return None


def _field(reading: _Read, body: str, depth: int) -> _Expression | None:
    """A field and its word, phrase or bracket; `-headline:x` takes away."""
    name, minus = body[:-1].lstrip("-"), body.startswith("-")
    known = COLUMNS.get(name.lower())
    if known is None:
        # A colon is not always a field: "Re:Zero", "https:".
        reading.note(f"There is no field “{name}”: it was read as a word. Fields: {_FIELDS}.")
        before = _term(reading, name, "")
        return _joined([before, _one(reading, "", depth + 1)]) if depth < DEEPEST else before
    found = _one(reading, known, depth + 1) if depth < DEEPEST else _too_deep(reading)
    return found._replace(negative=not found.negative) if found and minus else found


_FIELDS = ", ".join(
    f"{name}:" for name in ("headline", "author", "text", "site", "section", "language", "from", "to")
)


def _term(reading: _Read, body: str, column: str) -> _Expression | None:
    """A word or phrase in quotes. One without a letter or digit is none: FTS5 would not find it."""
    first = body.startswith("^")
    prefix = body.endswith("*")
    inner = body.strip("^*").strip('"')
    if not any(letter.isalnum() for letter in inner):
        if inner or prefix or first:
            reading.note(f"“{body[:40]}” holds no letter or digit: it was left out.")
        return None
    if "*" in inner and not body.startswith(('"', '^"')):
        reading.note(f"In “{body[:40]}” the star does not stand at the end of the word: it was left out.")
    if reading.terms >= MOST_TERMS:
        reading.note(f"Only the first {MOST_TERMS} words were searched for.")
        return None
    reading.terms += 1
    reading.prefixes += prefix
    if prefix and reading.prefixes > MOST_PREFIXES:
        reading.note(
            f"Only the first {MOST_PREFIXES} beginnings were searched for: others were read as words."
        )
        prefix = False
    mark = "^" if first else ""
    return _Expression(_within(column) + mark + '"' + inner.replace('"', " ") + '"' + ("*" if prefix else ""))


def _within(column: str) -> str:
    return f"{column} : " if column else ""


def _near(reading: _Read, column: str) -> _Expression | None:
    """`NEAR(one two, 5)`: words at most so many words apart, 10 unless told."""
    parts: list[str] = []
    distance = 10
    while reading.peek()[0] not in {"end", "close"}:
        kind, body = reading.take()
        if (
            (number := re.fullmatch(r"([0-9]{1,4})", body))
            and parts
            and reading.peek()[0] in {"end", "close"}
        ):
            distance = int(number[1])
        elif kind in {"word", "phrase"} and (term := _term(reading, body.rstrip(","), "")):
            parts.append(term.fts)
    if reading.take()[0] == "end":
        reading.note("A bracket is never closed: it was closed at the end.")
    if not parts:
        return None
    if len(parts) == 1:
        return _Expression(_within(column) + parts[0])
    return _Expression(_within(column) + f"NEAR({' '.join(part.lstrip('^') for part in parts)}, {distance})")


# -- reading filters


def _filters(
    asked: Sequence[tuple[str, str]],
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], list[str]]:
    """The filters that hold, by the order of NAMES, and a sentence for each value that cannot be read."""
    held: dict[str, list[str]] = {}
    doubts: list[str] = []
    for typed, raw in asked:
        value = " ".join(raw.split())[:LONGEST_VALUE]
        name = FILTERS.get(typed, typed)
        if not value:
            continue
        read, doubt = _filter_value(name, value)
        if doubt:
            doubts.append(doubt)
        for key, known in read:
            # Of two days the later word holds: a range has one beginning.
            if key in {"from", "to"}:
                held[key] = [known]
            elif known not in held.setdefault(key, []):
                held[key].append(known)
    return tuple((name, tuple(held[name])) for name in NAMES if name in held), doubts


def _filter_value(name: str, value: str) -> tuple[list[tuple[str, str]], str]:
    """A filter's value as it is asked for: pairs of name and value, and a doubt."""
    if name in {"from", "to", "on"}:
        span = days(value)
        if span is None:
            return [], f"“{value[:40]}” is no date: write it as 2023-11-27, 2023-11 or 2023."
        ends = {"from": [("from", span[0])], "to": [("to", span[1])]}
        return ends.get(name, [("from", span[0]), ("to", span[1])]), ""
    if name == "access" and value.lower() not in ACCESS:
        return [], f"“{value[:40]}” is no kind of access: there are {', '.join(ACCESS)}."
    if name == "has" and value.lower() not in {"version", "versions"}:
        return [], f"“has:{value[:40]}” is not known: there is has:versions."
    if name in {"cluster", "similar"} and not re.fullmatch(r"[0-9]{1,18}", value):
        return [], f"“{value[:40]}” is no number: {name}: takes one."
    folded = {"has": "versions", "access": value.lower(), "language": value.lower(), "site": _host(value)}
    return [(name, folded.get(name, value))], ""


def _host(value: str) -> str:
    """A site as it is stored, from what may be an address."""
    found = re.fullmatch(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)+(?::[0-9]+)?)(?:/.*)?", value)
    return found[1].lower() if found else value


def days(value: str) -> tuple[str, str] | None:
    """The first and last day of a date, month or year, as YYYY-MM-DD; None where it is none.

    >>> days("2024-02")
    ('2024-02-01', '2024-02-29')
    """
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ].*)?)?)?", value)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        last = first
    elif month:
        last = date(first.year, 12, 31) if month == 12 else date(first.year, month + 1, 1) - timedelta(days=1)
    else:
        last = date(first.year, 12, 31)
    return first.isoformat(), last.isoformat()


# -- said again


def address(search: Search, page: int = 1, form: str = "", **more: str) -> str:
    """The search's address, the same for the same search: `/search?q=…`; `form` such as `.atom`."""
    told: list[tuple[str, str]] = [("q", search.words)] if search.words else []
    told += [(name, value) for name, values in search.filters for value in values]
    told += [("sort", search.sort)] if search.sort else []
    told += [(name, value) for name, value in more.items() if value]
    told += [("page", str(page))] if page > 1 else []
    return f"/search{form}" + ("?" + urlencode(told) if told else "")


def narrowed(search: Search, name: str, *values: str) -> Search:
    """The same search with other values of one filter; with none, without that filter."""
    held = {**dict(search.filters), name: values}
    return search._replace(filters=tuple((key, held[key]) for key in NAMES if held.get(key)))
