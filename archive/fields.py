"""What WARC 1.1 requires and forbids in the head of a record, as a table, and whether a head keeps to it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from archive.heads import Head

#: Fields that every record must have (WARC 1.1, sections 5.2 to 5.5).
ALWAYS = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")
#: Record type → fields that it must have beside these (section of each field in `FORBIDDEN`).
REQUIRED: dict[str, tuple[str, ...]] = {
    "response": ("WARC-Target-URI",),
    "resource": ("WARC-Target-URI",),
    "request": ("WARC-Target-URI",),
    "revisit": ("WARC-Target-URI", "WARC-Profile"),
    "conversion": ("WARC-Target-URI",),
    "continuation": ("WARC-Target-URI", "WARC-Segment-Number", "WARC-Segment-Origin-ID"),
}
#: Field → the section that has the rule, and the record types that must not have the field.
FORBIDDEN: dict[str, tuple[str, frozenset[str]]] = {
    field: (section, frozenset(types.split()))
    for field, section, types in (
        ("WARC-Concurrent-To", "5.7", "warcinfo conversion continuation"),
        ("WARC-IP-Address", "5.10", "warcinfo conversion continuation"),
        ("WARC-Refers-To", "5.11", "warcinfo response resource request continuation"),
        (
            "WARC-Refers-To-Target-URI",
            "5.12",
            "warcinfo response metadata conversion resource request continuation",
        ),
        (
            "WARC-Refers-To-Date",
            "5.13",
            "warcinfo response metadata conversion resource request continuation",
        ),
        ("WARC-Target-URI", "5.14", "warcinfo"),
        ("WARC-Warcinfo-ID", "5.16", "warcinfo"),
        (
            "WARC-Filename",
            "5.17",
            "response resource request metadata revisit conversion continuation",
        ),
        (
            "WARC-Segment-Origin-ID",
            "5.21",
            "warcinfo response resource request metadata revisit conversion",
        ),
        (
            "WARC-Segment-Total-Length",
            "5.22",
            "warcinfo response resource request metadata revisit conversion",
        ),
    )
}
#: Fields that may stand more than once: section 5.7; and of IIPC's proposals one for each protocol
#: (iipc/warc-specifications, issue 42).
REPEATED = frozenset({"warc-concurrent-to", "warc-protocol"})

_RECORD_URI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+>")
#: WARC 1.0 and before quote it as `<uri>` in the grammar; wget writes it so.
_TARGET_URI = re.compile(r"<?[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*>?")
_DATE = re.compile(
    r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?"  # section 5.4, W3C-DTF
)


@lru_cache(maxsize=4096)
def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


#: Field → whether a value has the form of one, and that form in words.
FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "WARC-Record-ID": (_matches(_RECORD_URI), "a URI in angle brackets"),
    "WARC-Concurrent-To": (_matches(_RECORD_URI), "a URI in angle brackets"),
    "WARC-Refers-To": (_matches(_RECORD_URI), "a URI in angle brackets"),
    "WARC-Warcinfo-ID": (_matches(_RECORD_URI), "a URI in angle brackets"),
    "WARC-Segment-Origin-ID": (_matches(_RECORD_URI), "a URI in angle brackets"),
    "WARC-Target-URI": (_matches(_TARGET_URI), "a URI"),
    "WARC-Refers-To-Target-URI": (_matches(_TARGET_URI), "a URI"),
    "WARC-Date": (_matches(_DATE), "a date in UTC as 2026-11-25T16:22:44Z"),
    "WARC-Refers-To-Date": (_matches(_DATE), "a date in UTC as 2026-11-25T16:22:44Z"),
    "WARC-IP-Address": (_is_address, "an IP address"),
    "WARC-Segment-Number": (str.isdecimal, "a number"),
    "WARC-Segment-Total-Length": (str.isdecimal, "a number"),
}
_FORMS = {field.lower(): (field, *form) for field, form in FORMS.items()}


def faults(head: Head, fields: dict[str, str]) -> Iterator[str]:
    """What is wrong in a record's head, a clause each. `fields` is `head.by_name()`."""
    names = tuple(name.lower() for name, _ in head.fields)
    yield from _faults_of(fields.get("warc-type", ""), names)
    for name, value in fields.items():
        form = _FORMS.get(name)
        if form is not None and not form[1](value):
            yield f"{form[0]} is {value[:60]!r}, not {form[2]}"


@lru_cache(maxsize=512)
def _faults_of(record_type: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong by the fields' names alone: few patterns, since each program writes its own few."""
    present = set(names)
    said = [f"{field} is missing" for field in ALWAYS if field.lower() not in present]
    said += [
        f"a {record_type} record must have {field}"
        for field in REQUIRED.get(record_type, ())
        if field.lower() not in present
    ]
    said += [
        f"a {record_type} record must not have {field} (WARC 1.1, section {section})"
        for field, (section, types) in FORBIDDEN.items()
        if record_type in types and field.lower() in present
    ]
    said += [
        f"{name} stands {names.count(name)} times"
        for name in sorted(present - REPEATED)
        if names.count(name) > 1
    ]
    return tuple(said)
