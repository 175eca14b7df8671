"""Dates as pages write them: what they state is kept, what they do not state is not added."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.metadata.dates import best_date, parse_date

WRITTEN = {
    "2024-05-03T15:47:42Z": "2024-05-03T15:47:42+00:00",
    "2024-05-03T15:47:42.389Z": "2024-05-03T15:47:42.389+00:00",
    "2024-05-03T15:47:42.389123+02:00": "2024-05-03T15:47:42.389123+02:00",
    "2024-05-03T15:47:42+0200": "2024-05-03T15:47:42+02:00",
    "2024-05-03T15:47:42+02": "2024-05-03T15:47:42+02:00",
    "2024-05-03 15:47:42 -0500": "2024-05-03T15:47:42-05:00",
    "2024-05-03T15:47:42+05:30": "2024-05-03T15:47:42+05:30",
    "2024-05-03T15:47:42": "2024-05-03T15:47:42",
    "2024-05-03T15:47": "2024-05-03T15:47:00",
    "2024-05-03": "2024-05-03",
    "2024/5/3": "2024-05-03",
    "20240503": "2024-05-03",
    "20240503T154742Z": "2024-05-03T15:47:42+00:00",
    "2024-05-03T15:47:42+02:00[Europe/Berlin]": "2024-05-03T15:47:42+02:00",
    "2024-05-03T24:00:00": "2024-05-04T00:00:00",
    "1714751262": "2024-05-03T15:47:42+00:00",
    "1714751262000": "2024-05-03T15:47:42+00:00",
    "Fri, 03 May 2024 15:47:42 GMT": "2024-05-03T15:47:42+00:00",
    "Fri, 03 May 2024 15:47:42 +0200": "2024-05-03T15:47:42+02:00",
    "Fri May 03 15:47:42 EDT 2024": "2024-05-03T15:47:42-04:00",
    "Fri May 03 2024 15:47:42 GMT+0200 (CEST)": "2024-05-03T15:47:42+02:00",
    "May 3, 2024 3:47 PM EDT": "2024-05-03T15:47:00-04:00",
    "May 3, 2024 at 12:05 a.m.": "2024-05-03T00:05:00",
    "May 3, 2024 3:47 PM ET": "2024-05-03T15:47:00",
    "2024-05-03 04:13 PM IST": "2024-05-03T16:13:00",
    "03.05.2024, 15:47 Uhr": "2024-05-03T15:47:00",
    "Freitag, 3. Mai 2024": "2024-05-03",
    "3 août 2024 à 14h20": "2024-08-03T14:20:00",
    "1 de mayo de 2024": "2024-05-01",
    "3 мая 2024, 15:20": "2024-05-03T15:20:00",
    "2024年5月3日 15時30分": "2024-05-03T15:30:00",
    "2024. 5. 3. 오후 3:40": "2024-05-03T15:40:00",
    "16/12/2016": "2016-12-16",
    "12/16/2016": "2016-12-16",
    "Published: 3 May 2024": "2024-05-03",
}


@pytest.mark.parametrize(("written", "iso"), WRITTEN.items())
def test_a_date_keeps_what_was_stated(written: str, iso: str) -> None:
    moment = parse_date(written)
    assert moment is not None
    assert moment.iso == iso


@pytest.mark.parametrize(
    "value",
    [
        "", "yesterday", "1970-01-01T00:00:00Z", "0001-01-01", "2024-13-45", "2024-02-30", "3 eggs 2024",
        "12:30",
        None, True, 5, [], {}, float("nan"), float("inf"), 10**400, "9" * 200,
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_what_is_no_date_gives_none(value: object) -> None:
    assert parse_date(value) is None


@given(
    st.datetimes(min_value=datetime(1975, 1, 1), max_value=datetime(2100, 1, 1)),
    st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
)
def test_every_iso_date_comes_back_as_it_was(when: datetime, zone: timezone) -> None:
    aware = when.replace(tzinfo=zone)
    moment = parse_date(aware.isoformat())
    assert moment is not None
    assert moment.when == aware
    assert datetime.fromisoformat(moment.iso) == aware


@given(st.text(max_size=60) | st.integers() | st.floats())
def test_any_value_is_survived(value: object) -> None:
    moment = parse_date(value)
    assert moment is None or datetime.fromisoformat(moment.iso)


def chosen(*values: str, not_after: datetime | None = None) -> str | None:
    best = best_date([(value, value) for value in values], not_after=not_after)
    return best[0].iso if best else None


def test_the_first_source_wins() -> None:
    assert chosen("2024-05-03T10:00:00Z", "2024-05-04T10:00:00Z") == "2024-05-03T10:00:00+00:00"


def test_a_later_source_adds_time_and_zone_to_the_same_day_only() -> None:
    assert chosen("2024-05-03", "2024-05-04T09:00:00Z", "2024-05-03T09:00:00Z") == "2024-05-03T09:00:00+00:00"
    assert chosen("2024-05-03T10:00:00", "2024-05-03T10:00:00+02:00") == "2024-05-03T10:00:00+02:00"
    assert chosen("2024-05-03T10:00:00", "2024-05-03T11:17:00+02:00") == "2024-05-03T10:00:00"


def test_a_local_time_is_late_only_when_it_is_late_everywhere() -> None:
    limit = datetime(2024, 5, 3, 12, 0, tzinfo=UTC)
    assert chosen("2024-05-03T20:00:00", not_after=limit) == "2024-05-03T20:00:00"  # noon in Tokyo is earlier
    assert chosen("2024-05-04T03:00:00", not_after=limit) is None
    assert chosen("2024-05-03T14:30:00+02:00", not_after=limit) is None
    assert chosen("2024-05-04", not_after=limit) == "2024-05-04"  # has begun in Kiribati
    assert chosen("2024-05-05", not_after=limit) is None
