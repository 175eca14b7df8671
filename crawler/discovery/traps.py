"""Addresses without end: calendars that go on for ever, paths that grow, lists filtered in every way.

`trap_reason` judges one address by itself; `TrapWatch` sees those of one site go by and gives each form of
list a budget. Both are for addresses that a crawler comes upon (sections, pagination): addresses that a feed
or sitemap lists need only the first. Pure: the day is passed in; what is remembered is bounded.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from urllib.parse import urlsplit

from archive.url_keys import MAX_URL, url_key
from archive.values import Value
from crawler.discovery.shapes import kind_of, shape_of, url_cues

#: Beyond these no article's address goes: of 2,673 in the development pages the longest has 454 characters,
#: the deepest 9 parts. None of them is taken for a trap.
MAX_LENGTH = 1000
MAX_PARTS = 14
#: A part of a path, or a run of parts, that is there so often is a link that was resolved against itself.
MAX_SAME_PARTS = 3
MAX_PARAMETERS = 8
#: Lists by date are followed so far ahead and back; articles may be of any age.
AHEAD = timedelta(days=7)
BACK = timedelta(days=366)
#: A year before the web is a number of something else.
EARLIEST = 1990


class TrapOptions(Value, frozen=True, kw_only=True):
    """Budgets for one site in one crawl, in addresses that are no articles."""

    #: Of one form (`w/Y/n`, `w?page`), and with one path but other parameters.
    of_a_form: int = 200
    of_a_path: int = 50
    #: Combinations of parameter names: filters upon filters.
    combinations: int = 30
    in_all: int = 2000


def trap_reason(url: str, today: date) -> str:
    """Why an address should not be followed, by itself; "" when nothing is wrong with it."""
    key = url_key(url)
    if len(url) > MAX_LENGTH or len(key) >= MAX_URL:
        return f"it is {len(url):,} characters long"
    parts = [part for part in urlsplit(key).path.split("/") if part]
    if len(parts) > MAX_PARTS:
        return f"its path has {len(parts)} parts"
    if any("http:" in part or "https:" in part or part.startswith("www.") for part in parts):
        return "an address stands in its path"
    repeated = _repeated(parts)
    if repeated:
        return f"{repeated!r} repeats in its path"
    if key.partition("?")[2].count("&") + 1 > MAX_PARAMETERS:
        return f"it has more than {MAX_PARAMETERS} parameters"
    listed = _listed_date(key, parts)
    if listed is not None and listed > today + AHEAD:
        return f"a list of {listed:%Y-%m}, which has not come yet"
    if listed is not None and listed < today - BACK:
        return f"a list of {listed:%Y-%m}, which is long ago"
    return ""


def _repeated(parts: list[str]) -> str:
    """A part that is there more than MAX_SAME_PARTS times, or a run of parts that comes three times."""
    words = Counter(part.lower() for part in parts if not part.isdigit())
    most = words.most_common(1)
    if most and most[0][1] > MAX_SAME_PARTS:
        return most[0][0]
    lower = [part.lower() for part in parts]
    for size in range(1, len(parts) // 3 + 1):
        for start in range(len(parts) - 3 * size + 1):
            run = lower[start : start + size]
            if run == lower[start + size : start + 2 * size] == lower[start + 2 * size : start + 3 * size]:
                return "/".join(run)
    return ""


_DATES = frozenset({"date", "day", "from", "start", "tribe-bar-date", "ical"})
_YEARS = frozenset({"year", "yr", "jahr", "y", "annee", "anno"})
_MONTHS = frozenset({"month", "mon", "monat", "mois", "mes"})


def _listed_date(key: str, parts: list[str]) -> date | None:
    """The date of a list by date: the last day it may mean. None for articles, and for what names no date."""
    year = month = day = None
    if "only date" in url_cues(key):
        numbers = [int(part) for part in parts if part.isdigit() and kind_of(part) in {"Y", "n"}]
        compact = [part for part in parts if kind_of(part) == "D"]
        if compact:
            digits = "".join(c for c in compact[-1] if c.isdigit())
            numbers = [int(digits[:4]), int(digits[4:6]), *([int(digits[6:8])] if len(digits) >= 8 else [])]
        years = [n for n, number in enumerate(numbers) if number >= EARLIEST]
        if years:
            year, month, day = [*numbers[years[-1] : years[-1] + 3], None, None][:3]
    for pair in key.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = pair.partition("=")
        found = _number(value)
        if name.lower() in _YEARS and found and EARLIEST <= found < 2200:
            year = found
        elif name.lower() in _MONTHS and found and 1 <= found <= 12:
            month = found
        elif name.lower() in _DATES and len(value) >= 6:
            digits = "".join(c for c in value[:10] if c.isdigit())
            if len(digits) in {6, 8} and EARLIEST <= int(digits[:4]) < 2200:
                year, month = int(digits[:4]), int(digits[4:6])
    return _last_day(year, month, day)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _last_day(year: int | None, month: int | None, day: int | None) -> date | None:
    if year is None:
        return None
    try:
        if month and day:
            return date(year, month, day)
        # The first of a month that has begun counts as begun: lists of this month and year are not ahead.
        return date(year, month or 1, 1)
    except ValueError:
        return None


class TrapWatch:
    """Sees one site's addresses go by and says which of them lead nowhere. Deterministic; memory is bounded.

    Ask it once for each new address that is to be followed, articles and others; articles are judged by
    themselves and use up no budget.
    """

    def __init__(self, today: date, options: TrapOptions | None = None) -> None:
        self._today = today
        self._options = options or TrapOptions()
        self._keys: set[str] = set()
        self._forms: Counter[str] = Counter()
        self._paths: Counter[str] = Counter()
        self._combinations: set[str] = set()

    def objection(self, url: str, *, is_article: bool = False) -> str:
        """Why not to follow an address, "" for one that may be; the same again for the same one."""
        why = trap_reason(url, self._today)
        key = url_key(url)
        if why or is_article or key in self._keys:
            return why
        form, path, names = _form(key)
        options = self._options
        if len(self._keys) >= options.in_all:
            return f"{options.in_all:,} pages that are no articles are enough for one site"
        if self._forms[form] >= options.of_a_form:
            return f"{options.of_a_form} addresses of the form {form} are enough"
        if names and self._paths[path] >= options.of_a_path:
            return f"{options.of_a_path} addresses of one path with other parameters are enough"
        if names and names not in self._combinations and len(self._combinations) >= options.combinations:
            return f"its parameters are combined in more than {options.combinations} ways"
        self._keys.add(key)
        self._forms[form] += 1
        if names:
            self._paths[path] += 1
            self._combinations.add(names)
        return ""


def _form(key: str) -> tuple[str, str, str]:
    """The form of an address (with its first part), its path, and the names of its parameters."""
    path, _, query = key.partition("#")[0].partition("?")
    names = sorted({pair.partition("=")[0].lower() for pair in query.split("&") if pair})
    first = next(iter([part for part in urlsplit(key).path.split("/") if part]), "")
    return f"{first}:{shape_of(key)}", path, ",".join(names)
