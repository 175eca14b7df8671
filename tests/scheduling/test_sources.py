"""When a source is looked at again: rules, bounds, and what is said about it."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crawler.scheduling import Due, Rhythm, SourceOptions, SourceState, Visit, after_visit, next_look
from crawler.scheduling.rhythm import begun, grown
from crawler.scheduling.sources import FAILURES, LONGEST_RETRY_AFTER, SAME_NUMBER, Trouble, awaited
from crawler.scheduling.values import DAY, HOUR, MINUTE, spoken

NOW = 1_704_103_200.0  # Monday, 2024-01-01, 10:00 UTC
OPTIONS = SourceOptions()

visits = st.builds(
    lambda gap, status, trouble, listed, new, dates, rest, fresh: (
        gap, Visit(at=0, status=status, trouble=trouble, listed=max(listed, new), new=new,
                   published=tuple(dates), retry_after=rest, fresh_for=fresh),
    ),
    st.floats(1, 40 * DAY), st.sampled_from([200, 200, 200, 304, 301, 404, 410, 403, 429, 500, 503, None]),
    st.sampled_from([None, None, None, None, *FAILURES]), st.integers(0, 60),
    st.sampled_from([0, 0, 0, 1, 2, 7, 50]),
    st.lists(st.floats(NOW - 90 * DAY, NOW + 400 * DAY), max_size=5),
    st.sampled_from([None, None, 0.0, 30.0, 1e9]), st.sampled_from([None, None, 0.0, 60.0, 1e9]),
)  # fmt: skip
histories = st.lists(visits, min_size=1, max_size=40)


def lived(history: list[tuple[float, Visit]], start: float = NOW) -> list[SourceState]:
    """The states after each visit of a history of (seconds since the visit before, visit)."""
    states, state, at = [], SourceState(), start
    for gap, visit in history:
        at += gap
        state = after_visit(state, replace(visit, at=at), OPTIONS)
        states.append(state)
    return states


def steady(per_hour: float, days: int = 60, at: float = NOW) -> SourceState:
    """A source that brought `per_hour` articles in each hour of the last days, looked at hourly."""
    rhythm = Rhythm(since=at - days * DAY, as_of=at - days * DAY, counted_at=at - days * DAY)
    for hour in range(days * 24):
        # Fractions are spread over whole looks, so that counts stay whole.
        new = math.floor((hour + 1) * per_hour) - math.floor(hour * per_hour)
        rhythm = grown(rhythm, at - days * DAY + (hour + 1) * HOUR, new)
    return SourceState(rhythm=rhythm, looked_at=at, news_at=at, listed=1000)


def wait(state: SourceState, options: SourceOptions = OPTIONS) -> float:
    due = next_look(state, options)
    assert due.at is not None
    assert state.looked_at is not None
    return due.at - state.looked_at


@given(histories)
def test_due_times_are_after_the_last_look_and_within_the_bounds(history: list[tuple[float, Visit]]) -> None:
    for state in lived(history):
        due = next_look(state, OPTIONS)
        assert due.at is not None
        assert state.looked_at is not None
        gap = due.at - state.looked_at
        assert gap >= OPTIONS.shortest
        # Later than `longest` only for a stated reason.
        most = {"retired": OPTIONS.retired_longest, "failure": LONGEST_RETRY_AFTER}.get(
            due.cause, OPTIONS.longest
        )
        assert gap <= max(most, LONGEST_RETRY_AFTER if state.not_before else 0)
        assert due.reason
        assert state.not_before is None or due.at >= state.not_before


@given(histories)
def test_the_same_history_gives_the_same_decision_also_through_json(
    history: list[tuple[float, Visit]],
) -> None:
    states = lived(history)
    again = [msgspec.json.decode(msgspec.json.encode(state), type=SourceState) for state in lived(history)]
    assert again == states
    assert [next_look(state, OPTIONS) for state in again] == [next_look(state, OPTIONS) for state in states]


@given(histories, st.floats(NOW - 400 * DAY, NOW))
def test_a_clock_set_back_changes_nothing(history: list[tuple[float, Visit]], at: float) -> None:
    state = lived(history)[-1]
    assert after_visit(state, Visit(at=at, new=50, listed=50), OPTIONS) == state


@given(st.floats(0.01, 60), st.floats(1.01, 10), st.floats(0, 7 * DAY))
def test_more_news_means_sooner_and_more_patience_later(rate: float, factor: float, offset: float) -> None:
    at = NOW + offset
    rhythm = Rhythm(
        since=at - 90 * DAY, as_of=at, counted_at=at, hours=(rate * 30,) * 24, days=(rate * 24 * 30 / 7,) * 7
    )
    busier = replace(
        rhythm, hours=tuple(n * factor for n in rhythm.hours), days=tuple(n * factor for n in rhythm.days)
    )
    base, _ = awaited(rhythm, at, 600, math.inf, 30 * DAY)
    assert awaited(busier, at, 600, math.inf, 30 * DAY)[0] < base
    assert awaited(rhythm, at, 600 * factor, math.inf, 30 * DAY)[0] > base


@given(st.sampled_from(list(FAILURES)), st.integers(1, 60))
def test_more_failures_never_mean_sooner(trouble: Trouble, number: int) -> None:
    state = SourceState(looked_at=NOW, trouble=trouble, failures=number, failing_since=NOW)
    assert wait(replace(state, failures=number + 1)) >= wait(state)


def test_a_steady_source_is_looked_at_by_the_square_root_rule() -> None:
    for per_hour in (1, 2, 6):
        expected = math.sqrt(2 * OPTIONS.patience * HOUR / per_hour)
        assert wait(steady(per_hour)) == pytest.approx(expected, rel=0.12)
    assert wait(steady(4)) * 2 == pytest.approx(wait(steady(1)), rel=0.1)


def test_articles_of_the_first_list_tell_the_rhythm_at_once() -> None:
    def first(gap: float) -> float:
        dates = tuple(NOW - n * gap for n in range(20))
        return wait(after_visit(SourceState(), Visit(at=NOW, listed=20, new=20, published=dates), OPTIONS))

    assert first(5 * MINUTE) < 10 * MINUTE
    assert HOUR < first(6.3 * HOUR) < 4 * HOUR
    assert first(2.1 * DAY) > 2.5 * HOUR
    undated = after_visit(SourceState(), Visit(at=NOW, listed=20, new=20), OPTIONS)
    assert HOUR / 2 < wait(undated) < 3 * HOUR


def test_a_pinned_article_of_last_year_does_not_hide_the_rhythm() -> None:
    fresh = tuple(NOW - n * HOUR for n in range(20))
    old = (NOW - 50 * DAY, NOW - 40 * DAY, NOW - 30 * DAY)
    assert begun(fresh + old, NOW).base_rate(NOW) > 0.7 * begun(fresh, NOW).base_rate(NOW)


def test_nights_and_weekends_are_learned() -> None:
    state = steady(0, days=1, at=NOW - 56 * DAY)
    rhythm = state.rhythm
    assert rhythm is not None
    for day in range(56):
        for hour in range(24):
            at = NOW - 56 * DAY + day * DAY + (hour + 1) * HOUR
            local = (10 + hour) % 24
            weekday = (day + (10 + hour) // 24) % 7
            rhythm = grown(rhythm, at, 3 if 8 <= local < 20 and weekday < 5 else 0)
    noon, night = NOW + 2 * HOUR, NOW + 16 * HOUR  # Monday 12:00, Tuesday 02:00
    saturday = NOW + 5 * DAY + 2 * HOUR
    waits = {
        at: awaited(replace(rhythm, as_of=at, recent=0, expected=0), at, 600, math.inf, DAY)[0]
        for at in (noon, night, saturday)
    }
    assert waits[noon] < 30 * MINUTE
    assert waits[night] > 5 * HOUR
    assert waits[saturday] > 2 * HOUR
    # A look at night waits for the morning, not for much more.
    assert waits[night] < 8 * HOUR


def test_a_big_news_day_is_followed_and_over_when_it_is_over() -> None:
    calm = steady(1)
    assert calm.rhythm is not None
    burst = calm.rhythm
    for n in range(6):
        burst = grown(burst, NOW + (n + 1) * 10 * MINUTE, 4)
    state = replace(calm, rhythm=burst, looked_at=NOW + HOUR)
    assert wait(state) < 0.6 * wait(calm)
    over = grown(burst, NOW + 25 * HOUR, 24)
    assert wait(replace(calm, rhythm=over, looked_at=NOW + 25 * HOUR)) == pytest.approx(wait(calm), rel=0.2)


def test_a_list_is_looked_at_before_it_may_overflow() -> None:
    state = replace(steady(2), listed=1000)
    short = next_look(replace(state, listed=1), OPTIONS)
    assert short.cause == "crowded"
    assert short.at is not None
    assert short.at < next_look(state, OPTIONS).at  # type: ignore[operator]
    full = after_visit(replace(steady(4), listed=10), Visit(at=NOW + HOUR, listed=10, new=10), OPTIONS)
    assert next_look(full, OPTIONS) == Due(
        at=NOW + HOUR + OPTIONS.shortest,
        cause="crowded",
        reason="all 10 of its list were new: more may have fallen off its end",
    )


def test_a_source_whose_new_things_never_change_in_number_is_not_believed_until_they_do() -> None:
    state, at = after_visit(SourceState(), Visit(at=NOW, listed=20, new=20), OPTIONS), NOW
    looks = 0
    while at < NOW + 10 * DAY:
        at = next_look(state, OPTIONS).at or 0
        state = after_visit(state, Visit(at=at, listed=20, new=20), OPTIONS)
        looks += 1
    assert looks < SAME_NUMBER + 12 + 3 * 10
    assert next_look(state, OPTIONS).cause == "untrusted"
    believed = after_visit(state, Visit(at=at + HOUR, listed=20, new=3), OPTIONS)
    assert next_look(believed, OPTIONS).cause != "untrusted"


@pytest.mark.parametrize(
    ("visit", "waits", "words"),
    [
        (Visit(at=NOW, status=404), HOUR, "gone"),
        (Visit(at=NOW, status=403), 2 * HOUR, "refuses"),
        (Visit(at=NOW, status=500), 5 * MINUTE, "does not work"),
        (Visit(at=NOW, status=None), 5 * MINUTE, "does not work"),
        (Visit(at=NOW, status=429), 10 * MINUTE, "asks for rest"),
        (Visit(at=NOW, status=503, retry_after=7200), 2 * HOUR, "asks for rest"),
        (Visit(at=NOW, status=429, retry_after=1e12), LONGEST_RETRY_AFTER, "asks for rest"),
        (Visit(at=NOW, status=200, trouble="unreadable"), 30 * MINUTE, "not what it should be"),
        (Visit(at=NOW, status=None, trouble="forbidden"), DAY, "robots.txt"),
    ],
)
def test_each_class_of_failure_has_its_own_pace(visit: Visit, waits: float, words: str) -> None:
    state = after_visit(SourceState(), visit, OPTIONS)
    assert wait(state) == waits
    assert words in next_look(state, OPTIONS).reason


def test_a_source_that_stays_gone_is_retired_and_rarely_tried_and_comes_back() -> None:
    state, at, looks = steady(1), NOW, 0
    while at < NOW + 365 * DAY:
        at = next_look(state, OPTIONS).at or 0
        state = after_visit(state, Visit(at=at, status=404), OPTIONS)
        looks += 1
    due = next_look(state, OPTIONS)
    assert due.cause == "retired"
    assert due.reason.startswith("retired: it is gone (HTTP 404), for ")
    assert looks < 30
    back = after_visit(state, Visit(at=at + DAY, listed=5, new=0), OPTIONS)
    assert next_look(back, OPTIONS).cause == "ceiling"


def test_a_weekend_without_a_server_retires_nobody() -> None:
    state, at = steady(1), NOW
    while at < NOW + 3 * DAY:
        at = next_look(state, OPTIONS).at or 0
        state = after_visit(state, Visit(at=at, status=None), OPTIONS)
    state = after_visit(state, Visit(at=at + HOUR, listed=30, new=12), OPTIONS)
    assert (state.trouble, state.failures, state.retired_at) == (None, 0, None)
    assert wait(state) < 2 * HOUR


def test_a_source_without_news_is_retired_after_five_of_its_own_gaps() -> None:
    def silent_after(gap: float) -> float:
        state, at = after_visit(SourceState(), Visit(at=NOW, listed=20, new=20), OPTIONS), NOW
        for n in range(8):
            at = NOW + (n + 1) * gap
            state = after_visit(state, Visit(at=at, listed=20, new=1 + n % 2), OPTIONS)
        last = at
        while state.retired_at is None:
            at = next_look(state, OPTIONS).at or 0
            state = after_visit(state, Visit(at=at, status=304), OPTIONS)
        assert "nothing new for" in next_look(state, OPTIONS).reason
        return at - last

    assert silent_after(DAY) == pytest.approx(OPTIONS.quiet, abs=1.5 * DAY)
    assert silent_after(30 * DAY) == pytest.approx(150 * DAY, abs=1.5 * DAY)


def test_a_retired_source_that_brings_news_is_looked_at_as_before() -> None:
    state = replace(steady(1), retired_at=NOW, retired_because="nothing new for 50 days", retries=1)
    same = after_visit(state, Visit(at=NOW + DAY, status=304), OPTIONS)
    assert next_look(same, OPTIONS).cause == "retired"
    assert wait(same) > wait(state)
    back = after_visit(same, Visit(at=NOW + 2 * DAY, listed=30, new=4), OPTIONS)
    assert back.retired_at is None
    assert wait(back) < 3 * HOUR


def test_a_site_that_says_too_much_is_asked_less_often_afterwards_and_forgiven_slowly() -> None:
    state = steady(4)
    strained = after_visit(state, Visit(at=NOW + HOUR, status=429), OPTIONS)
    strained = after_visit(strained, Visit(at=NOW + 2 * HOUR, listed=30, new=4), OPTIONS)
    assert wait(strained) > 1.3 * wait(state)
    at = NOW + 2 * HOUR
    for _ in range(60):
        at += HOUR
        strained = after_visit(strained, Visit(at=at, listed=30, new=4), OPTIONS)
    assert strained.strain == 1.0


def test_freshness_that_a_source_states_is_kept_within_reason() -> None:
    fast = steady(30)
    stated = after_visit(fast, Visit(at=NOW + HOUR, listed=900, new=30, fresh_for=900), OPTIONS)
    assert wait(stated) == 900
    long = after_visit(fast, Visit(at=NOW + HOUR, listed=900, new=30, fresh_for=DAY), OPTIONS)
    assert wait(long) == 30 * MINUTE


def test_durations_are_said_as_people_say_them() -> None:
    said = [spoken(s) for s in (1, 45, 90, 119, 600, 5400, 7200, 86400, 90000, 200_000)]
    assert said == [
        "1 second", "45 seconds", "2 minutes", "2 minutes", "10 minutes", "2 hours", "2 hours", "24 hours",
        "25 hours", "2 days",
    ]  # fmt: skip
