"""A dozen of the kills of `bench/kills.py`, which does two hundred: nothing that was kept is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.killing import KINDS, SITE, Killing, Zygote
from tests.newsroom import Newsroom

SEED = 20240502
KILLS_OF_EACH = 6


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Newsroom(more=[SITE]) as newsroom, Zygote() as zygote:
        prepared = Killing(zygote, newsroom, tmp_path_factory.mktemp("kills"))
        prepared.prepare()
        yield prepared


@pytest.mark.parametrize("number", range(KILLS_OF_EACH))
@pytest.mark.parametrize("kind", KINDS)
def test_a_command_killed_anywhere_loses_nothing_and_is_finished_by_itself(
    killing: Killing, kind: str, number: int
) -> None:
    verdict = killing.kill(kind, random.Random(f"{SEED} {kind} {number}"))
    assert not verdict.wrong, f"killed {verdict.how}"


def test_the_runs_pass_the_points_at_which_they_are_killed(killing: Killing) -> None:
    """Else the kills would miss what they are for: several batches, several files."""
    for kind in KINDS:
        assert killing.passes[kind]["after-commit"] >= 5
        assert killing.passes[kind]["before-rename"] >= 3
