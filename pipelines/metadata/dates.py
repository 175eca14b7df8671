"""Dates as pages write them, turned into ISO 8601 with as much as the page states, and never more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import msgspec

#: Values that stand for 'no date' in content management systems: the epochs of Unix, SQL and .NET.
_EPOCHS = frozenset({date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1, 1, 1)})
_FIRST_YEAR, _LAST_YEAR = 1600, 2200
#: Zones reach from -12 to +14 hours: a local time without a zone is at least this much earlier in UTC.
_EASTERNMOST = timedelta(hours=14)

_ISO = re.compile(
    r"(?P<year>\d{4})[-/.年]\s?(?P<month>\d{1,2})[-/.月]\s?(?P<day>\d{1,2})日?\.?"
    r"(?:(?:\s*[T,|]\s*|\s+|\s?\(\w\)\s?)?(?P<noon>오전|오후|上午|下午|午前|午後)?\s?(?P<hour>\d{1,2})[:時时h](?P<minute>\d{2})分?"
    r"(?::?(?P<second>\d{2})(?P<fraction>[.,]\d{1,9})?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|z|"
    r"(?:UTC|GMT)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?::\d{2})?|[A-Z]{2,5}\b)?)?"
)
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3,9},\s*)?\d{1,2} [A-Za-z]{3} \d{4} \d{2}:\d{2}(?::\d{2})?(?: [+-]\d{4}| GMT| UTC)?$"
)
#: 'Mon Aug 03 12:45:00 EDT 2015', as date(1) and Java print it: the year goes before the time.
_UNIX_DATE = re.compile(
    r"^(?:[A-Z][a-z]{2} )([A-Z][a-z]{2} \d{1,2}) (\d{2}:\d{2}:\d{2}) ([A-Z]{2,5}) (\d{4})$"
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<fraction>[.,]\d{1,9})?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?$"
)
_CLOCK = (
    r"(?:[\s,|–—-]*(?:at|um|à|om|kl\.?|ore|alle|a las|às|в|о)?[\s,|]*"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?!\d))(?::(?P<second>\d{2}))?(?P<fraction>\.\d{1,9})?"
    r"\s*(?:Uhr\s*)?(?P<half>[AaPp]\.?[Mm]\.?)?\s*\(?"
    r"(?P<zone>Z|(?:UTC|GMT)?\s?[+\-−]\d{1,2}:?(?:\d{2})?|[A-Z]{2,5}\b)?)?"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})[./-]\s?(?P<month>\d{1,2})[./-]\s?(?P<year>\d{4})(?!\d)" + _CLOCK
)
_DAY_NAME_FIRST = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|of\s+)?(?P<name>[^\W\d_]{3,12})\.?,?\s+(?:de\s+|del\s+)?"
    r"(?P<year>\d{4})(?!\d)(?:\s*г\.|\s*р\.)?" + _CLOCK
)
_NAME_DAY = re.compile(
    r"(?P<name>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?!\d)" + _CLOCK
)

_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+\-−])(\d{1,2}):?(\d{2})?(?::\d{2})?")

#: Names of months by their first letters, case folded, one line a month; from CLDR's wide and short forms.
MONTHS: dict[str, int] = {
    start: number
    for number, starts in enumerate(
        (
            "jan gen ene янв січ sty led sij oca tammi ιαν",
            "feb fév fev лют фев únor úno lut velj şub helmi φεβ",
            "mar mär mrt mrz märz maa бер břez bře ožu μαρ",
            "apr avr abr квіт кві апр kwi dub tra nis huhti απρ",
            "may mai mag mei maj maí май мая трав тра kvě svi touko maio μαι",
            "jun juin jún giu июн чер cze čer haz kesä ιουν",
            "jul juil júl lug июл лип lip čvc červenec tem heinä ιουλ",
            "aug aoû ago авг серп сер sie srp kol ağu elo ágú αυγ",
            "sep set сен вер wrz zář ruj eyl syys σεπ",
            "oct okt ott out окт жовт жов paź říj eki loka οκτ",
            "nov ноя лист лис lis stu kas marras νοε",
            "dec dez dic déc des дек груд гру gru pro ara joulu δεκ",
        ),
        start=1,
    )
    for start in starts.split()
}

#: Halves of the day where they stand before the hour.
_HALVES = {"오전": "a", "上午": "a", "午前": "a", "오후": "p", "下午": "p", "午後": "p"}

#: Zone names that mean one offset in the press; ambiguous ones (IST, CST) are left out.
_ZONES_HOURS: dict[str, float] = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2,
    "MESZ": 2, "EET": 2, "SAST": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "ET": -5, "PT": -8,
    "WIB": 7, "PKT": 5, "SGT": 8, "HKT": 8,
}  # fmt: skip
#: 'ET' and 'PT' do not say whether summer time holds: the hour stands, the zone is not claimed.
_SEASONAL = frozenset({"ET", "PT"})


class Moment(msgspec.Struct, frozen=True):
    """A date as precise as it was stated: `precision` is 0 for a day, 1 with a time, 2 with a zone too."""

    when: datetime
    precision: int

    @property
    def iso(self) -> str:
        if self.precision == 0:
            return self.when.date().isoformat()
        micro = self.when.microsecond
        return self.when.isoformat(
            timespec="auto" if micro % 1000 else "milliseconds" if micro else "seconds"
        )

    def after(self, limit: datetime) -> bool:
        """Whether it certainly lies after `limit` (aware), wherever in the world it was written."""
        if self.precision == 2:
            return self.when > limit
        start = self.when - _EASTERNMOST
        return start > limit.astimezone(UTC).replace(tzinfo=None)

    def before(self, other: Moment) -> bool:
        """Whether it certainly lies before `other`."""
        if self.precision == other.precision == 2:
            return self.when < other.when
        return self.when.replace(tzinfo=None) + _EASTERNMOST < other.when.replace(tzinfo=None)


def parse_date(value: object) -> Moment | None:
    """The moment a value states, or None. Takes ISO 8601 and its common abuses, RFC 2822, Unix seconds and
    milliseconds, and written dates in the languages of `MONTHS`. Day before month, where figures do not tell.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _from_epoch(value)
    if not isinstance(value, str):
        return None
    text = " ".join(value[:200].split())
    if text.isdecimal() and len(text) in (10, 13):
        return _from_epoch(int(text))
    text = _UNIX_DATE.sub(r"\1 \4 \2 \3", text)
    for reader in (_iso, _rfc_2822, _written):
        try:
            moment = reader(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if moment is not None:
            return _sane(moment)
    return None


def best_date(
    candidates: Iterable[tuple[object, str]], *, not_after: datetime | None = None
) -> tuple[Moment, str] | None:
    """The first date that holds, told as precisely as any later candidate for the same day tells it."""
    chosen: tuple[Moment, str] | None = None
    for value, origin in candidates:
        moment = parse_date(value)
        if moment is None or (not_after is not None and moment.after(not_after)):
            continue
        if chosen is None or (moment.precision > chosen[0].precision and _agree(chosen[0], moment)):
            chosen = moment, origin
        if chosen[0].precision == 2:
            break
    return chosen


def _agree(coarse: Moment, fine: Moment) -> bool:
    """Whether `fine` may be the same moment as `coarse`, told more precisely."""
    if coarse.precision == 0:
        return coarse.when.date() == fine.when.date()
    difference = abs(coarse.when - fine.when.replace(tzinfo=None))
    return difference <= _EASTERNMOST and difference.seconds % 900 < 60


def _sane(moment: Moment) -> Moment | None:
    if moment.when.date() in _EPOCHS or not _FIRST_YEAR <= moment.when.year <= _LAST_YEAR:
        return None
    return moment


def _from_epoch(seconds: float) -> Moment | None:
    """The moment a count of seconds or milliseconds since 1970 stands for; from 1973 to 2191."""
    if 1e11 < seconds < 7e12:
        seconds /= 1000
    if not 1e8 < seconds < 7e9:
        return None
    return _sane(Moment(datetime.fromtimestamp(seconds, UTC), 2))


def _iso(text: str) -> Moment | None:
    match = _ISO.match(text) or _COMPACT.match(text)
    return _moment(match, int(match["month"])) if match else None


def _rfc_2822(text: str) -> Moment | None:
    if not _RFC_2822.match(text):
        return None
    when = parsedate_to_datetime(text)
    return Moment(when, 1 if when.tzinfo is None else 2)


def _written(text: str) -> Moment | None:
    if match := _DAY_FIRST.search(text):
        day, month = int(match["day"]), int(match["month"])
        if month > 12 >= day:
            return _moment(match, day, month)
        return _moment(match, month)
    for pattern in (_DAY_NAME_FIRST, _NAME_DAY):
        for match in pattern.finditer(text):
            if month := _month(match["name"]):
                return _moment(match, month)
    if match := _ISO.search(text):
        return _moment(match, int(match["month"]))
    return None


def _month(name: str) -> int:
    folded = name.casefold()
    for length in range(min(len(folded), 9), 2, -1):
        if number := MONTHS.get(folded[:length]):
            return number
    return 0


def _moment(match: re.Match[str], month: int, day: int | None = None) -> Moment:
    parts = match.groupdict()
    the_day = datetime(int(parts["year"]), month, int(parts["day"]) if day is None else day)
    if not parts.get("hour"):
        return Moment(the_day, 0)
    hour = int(parts["hour"])
    half = _HALVES.get(parts.get("noon") or "", (parts.get("half") or "").lower()[:1])
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = (parts.get("fraction") or ".0")[1:7].ljust(6, "0")
    clock = timedelta(
        hours=min(hour, 24),
        minutes=int(parts["minute"]),
        seconds=int(parts["second"] or 0),
        microseconds=int(fraction),
    )
    zone = _zone(parts.get("zone"))
    return Moment((the_day + clock).replace(tzinfo=zone), 1 if zone is None else 2)


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    name = text.strip().upper()
    if name in _ZONES_HOURS:
        return None if name in _SEASONAL else timezone(timedelta(hours=_ZONES_HOURS[name]))
    match = _OFFSET.fullmatch(name)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > _EASTERNMOST:
        return None
    return timezone(offset if match[1] == "+" else -offset)
