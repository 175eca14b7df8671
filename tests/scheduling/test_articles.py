"""When an article is looked at again: often when young, then ever less, then never."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crawler.scheduling import ArticleOptions, ArticleState, Look, after_look, next_article_look
from crawler.scheduling.articles import FALSE_ALARMS, GONE, STEPS, Seen, step
from crawler.scheduling.values import DAY, HOUR, MINUTE

BORN = 1_704_103_200.0
NEW = ArticleState(born=BORN, looked_at=BORN + 2 * MINUTE)
OPTIONS = ArticleOptions()


def life(seen: Seen, state: ArticleState = NEW, options: ArticleOptions = OPTIONS) -> list[float]:
    """Ages in seconds at which an article is looked at, when each look finds the same."""
    ages = []
    while (at := next_article_look(state, options).at) is not None:
        ages.append(at - state.born)
        state = after_look(state, Look(at=at, seen=seen))
        assert len(ages) < 1000
    return ages


def test_an_article_that_never_changes_is_looked_at_nine_times_in_a_month_five_of_them_on_the_first_day() -> (
    None
):
    ages = life("same")
    assert len(ages) == 9
    assert ages[0] == OPTIONS.first
    assert sum(age <= DAY for age in ages) == 5
    assert ages[-1] <= OPTIONS.max_age


def test_gaps_between_looks_never_shrink_while_nothing_changes() -> None:
    ages = [0.0, *life("same")]
    gaps = [later - age for age, later in pairwise(ages)]
    assert gaps == sorted(gaps)


def test_an_article_that_is_edited_is_looked_at_more_often_than_one_that_is_not() -> None:
    assert len(life("changed")) > 2 * len(life("same"))
    assert step(replace(NEW, looks=20, changes=20), OPTIONS) == STEPS[0]
    assert step(replace(NEW, looks=9), OPTIONS) == STEPS[1]


@given(st.integers(0, 200), st.integers(0, 200), st.floats(HOUR, 60 * DAY))
def test_more_edits_never_mean_later_and_age_never_means_sooner(looks: int, changes: int, age: float) -> None:
    state = replace(NEW, looks=looks + changes + 1, changes=changes, looked_at=BORN + age)
    edited = replace(state, changes=changes + 1)
    one, other = next_article_look(state, OPTIONS).at, next_article_look(edited, OPTIONS).at
    assert one is None or (other is not None and other <= one)
    older = next_article_look(replace(state, looked_at=BORN + age * 2), OPTIONS).at
    assert one is None or older is None or older - age * 2 >= one - age - 1e-3


@given(
    st.lists(st.tuples(st.sampled_from(["same", "changed", "gone", "failed"]), st.floats(0, 8e5))),
    st.none() | st.floats(BORN, BORN + 60 * DAY),
)  # fmt: skip
def test_looks_are_never_in_the_past_nor_too_near_nor_after_the_last_age(
    history: list[tuple[Seen, float]], stated: float | None
) -> None:
    state = replace(NEW, stated=stated)
    for seen, late in history:
        due = next_article_look(state, OPTIONS)
        assert due.reason
        if due.at is None:
            assert due.cause == "never"
            break
        assert due.at >= state.looked_at + OPTIONS.shortest
        if due.cause in {"age", "failure"}:
            assert due.at <= BORN + OPTIONS.max_age
        assert (
            next_article_look(msgspec.json.decode(msgspec.json.encode(state), type=ArticleState), OPTIONS)
            == due
        )
        state = after_look(state, Look(at=due.at + late, seen=seen))


def test_articles_are_left_alone_where_nobody_asks_for_them() -> None:
    assert life("same", options=ArticleOptions(max_age=0)) == []
    assert next_article_look(replace(NEW, looked_at=BORN + 31 * DAY), OPTIONS).at is None


def test_a_stated_change_is_looked_at_at_once_and_one_who_cries_wolf_is_not_heard() -> None:
    old = replace(NEW, looked_at=BORN + 5 * DAY, looks=6)
    stated = replace(old, stated=old.looked_at + HOUR)
    due = next_article_look(stated, OPTIONS)
    assert (due.at, due.cause) == (old.looked_at + OPTIONS.shortest, "stated")
    for n in range(FALSE_ALARMS):
        assert next_article_look(stated, OPTIONS).cause == "stated", n
        seen = after_look(stated, Look(at=stated.looked_at + 2 * HOUR, seen="same"))
        stated = replace(seen, stated=seen.looked_at + HOUR)
    assert next_article_look(stated, OPTIONS).cause == "age"
    true = after_look(stated, Look(at=stated.looked_at + 2 * HOUR, seen="changed"))
    assert next_article_look(replace(true, stated=true.looked_at + HOUR), OPTIONS).cause == "stated"


def test_a_gone_article_is_asked_for_again_and_then_let_go() -> None:
    ages = life("gone")
    assert ages[1:] == [pytest.approx(ages[0] + sum(GONE[: n + 1])) for n in range(len(GONE))]
    gone = after_look(NEW, Look(at=BORN + HOUR, seen="gone"))
    back = after_look(gone, Look(at=BORN + 2 * HOUR, seen="same"))
    assert next_article_look(back, OPTIONS).cause == "age"


def test_failures_wait_longer_each_time() -> None:
    state, gaps = NEW, []
    for _ in range(4):
        state = after_look(state, Look(at=state.looked_at + HOUR, seen="failed"))
        due = next_article_look(state, OPTIONS)
        assert due.at is not None
        gaps.append(due.at - state.looked_at)
    assert gaps == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
