"""Years of simulated clock: how soon news is found, for how many requests. Seeded, so figures are exact."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from tests.scheduling.world import (
    DAY,
    HOUR,
    KINDS,
    START,
    Fixed,
    GrowAndShrink,
    Ours,
    RhythmKnown,
    Seen,
    Site,
    fewest,
    run,
    site,
    world,
)

DAYS = 120


@pytest.fixture(scope="module")
def sites() -> list[Site]:
    """One of each kind."""
    return [site(kind, np.random.default_rng(n), DAYS) for n, kind in enumerate(KINDS)]


@pytest.fixture(scope="module")
def ours(sites: list[Site]) -> dict[str, Seen]:
    return {one.kind: run(one, Ours(), DAYS) for one in sites}


def delays(seen: list[Seen]) -> list[float]:
    return [delay for one in seen for delay in one.delays]


def cost(seen: list[Seen], price: float = 600.0) -> float:
    return price * sum(one.requests for one in seen) + sum(delays(seen))


def test_news_is_found_within_minutes_for_about_a_request_an_article(ours: dict[str, Seen]) -> None:
    found = delays(list(ours.values()))
    assert median(found) < 10 * 60
    assert np.percentile(found, 95) < 45 * 60
    assert sum(one.requests for one in ours.values()) < 1.4 * len(found)


def test_nearly_as_good_as_knowing_the_rhythm(sites: list[Site], ours: dict[str, Seen]) -> None:
    kinds = [one for one in sites if one.kind not in {"liar", "gone", "dies", "comes back", "never changes"}]
    known = [run(one, RhythmKnown(one, 600.0), DAYS) for one in kinds]
    assert cost([ours[one.kind] for one in kinds]) < 1.08 * cost(known)


def test_a_small_multiple_of_the_fewest_possible_requests(sites: list[Site], ours: dict[str, Seen]) -> None:
    mean = sum(delays(list(ours.values()))) / len(delays(list(ours.values())))
    price = 1000.0
    least = [fewest(one, price, DAYS) for one in sites]
    while sum(delays(least)) / len(delays(least)) > mean:
        price *= 0.8
        least = [fewest(one, price, DAYS) for one in sites]
    assert sum(one.requests for one in ours.values()) < 6 * sum(one.requests for one in least)


def test_better_than_every_baseline_at_once(sites: list[Site], ours: dict[str, Seen]) -> None:
    """Fewer requests than asking every quarter of an hour, sooner than all that ask less."""
    mine = list(ours.values())
    every = [run(one, Fixed(900), DAYS) for one in sites]
    assert 2.5 * sum(one.requests for one in mine) < sum(one.requests for one in every)
    assert median(delays(mine)) < 1.2 * median(delays(every))
    for begin, least, most, less, more in (
        (12 * HOUR, 1.5 * HOUR, 90 * DAY, 0.2, 0.5),
        (HOUR, 300, DAY, 0.2, 0.5),
        (HOUR, 300, DAY, 0.5, 1.0),
    ):
        other = [run(one, GrowAndShrink(begin, least, most, less, more), DAYS) for one in sites]
        assert median(delays(mine)) < 0.8 * median(delays(other))
        assert cost(mine) < 0.8 * cost(other)
        assert sum(one.missed for one in mine) < sum(one.missed for one in other)


def test_sources_that_bring_nothing_cost_next_to_nothing(ours: dict[str, Seen]) -> None:
    assert sum(ours["never changes"].requests_by_day[60:]) <= 12
    assert sum(ours["gone"].requests_by_day[DAYS // 4 + 10 :]) <= 12
    assert sum(ours["dies"].requests_by_day[DAYS // 4 + 60 :]) <= 12
    assert ours["liar"].requests < 4 * DAYS


def test_a_source_that_starts_again_after_months_is_found_again(ours: dict[str, Seen]) -> None:
    back = ours["comes back"].requests_by_day
    assert sum(back[DAYS // 2 + 20 : DAYS * 3 // 4]) < 20
    assert min(back[-5:]) > 5


def test_a_source_that_is_often_broken_or_strict_is_not_lost(ours: dict[str, Seen]) -> None:
    assert median(ours["breaks"].delays) < 30 * 60
    assert median(ours["strict"].delays) < 15 * 60
    assert ours["strict"].missed == 0


def test_nights_cost_few_requests() -> None:
    one = site("silent at night", np.random.default_rng(3), 60)
    hours = np.zeros(24)

    class Counting(Ours):
        def after(self, visit):  # type: ignore[no-untyped-def]
            if visit.at > START + 30 * DAY:
                hours[int(visit.at // HOUR) % 24] += 1
            return super().after(visit)

    run(one, Counting(), 60)
    by_rate = hours[np.argsort(one.rates[-48:-24])]
    assert by_rate[:8].sum() < 0.12 * hours.sum()


def test_three_years_of_one_source_stay_steady() -> None:
    """What is remembered neither wears out nor runs over."""
    one = site("regional", np.random.default_rng(5), 3 * 365)
    seen = run(one, Ours(), 3 * 365)
    years = [sum(seen.requests_by_day[year * 365 : (year + 1) * 365]) for year in range(3)]
    assert max(years) < 1.1 * min(years)
    assert seen.missed == 0
    assert median(seen.delays) < 25 * 60


def test_the_clairvoyant_is_a_lower_bound(sites: list[Site], ours: dict[str, Seen]) -> None:
    for one in sites:
        assert cost([fewest(one, 600.0, DAYS)]) <= cost([ours[one.kind]]) + cost([fewest(one, 600.0, 1)])


def test_the_world_is_the_same_every_time() -> None:
    one, other = (list(world(8, 20, seed=4)) for _ in range(2))
    assert [a.published for a in one] == [b.published for b in other]
