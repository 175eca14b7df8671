"""Which version a reading belongs to: the decision alone, and what it promises for any history."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.versions import Decision, Reading, Version, change, decide
from tests.archive.sample import at, replaced


def version(number: int, text: str, *, capture: int = 0, hours: float = 0, cleaner: str = "1") -> Version:
    return Version(
        number=number,
        capture_id=capture or number,
        payload_digest=f"payload {capture or number}",
        seen_at=at(hours or number),
        wording=text,
        cleaner=cleaner,
    )


def reading(
    text: str,
    *,
    capture: int | None = None,
    payload: str = "payload new",
    hours: float = 9,
    cleaner: str = "1",
) -> Reading:
    return Reading(
        capture_id=capture,
        payload_digest=payload if capture is None else f"payload {capture}",
        seen_at=at(hours),
        wording=text,
        cleaner=cleaner,
    )


def test_the_first_reading_is_a_new_article() -> None:
    assert decide([], reading("a")) == Decision(outcome="new", edit="insert", number=1)


def test_the_same_text_from_another_payload_is_unchanged() -> None:
    assert decide([version(1, "a")], reading("a")) == Decision(outcome="unchanged", edit="none", number=1)


def test_another_text_from_another_payload_is_the_newsrooms() -> None:
    assert decide([version(1, "a")], reading("b")) == Decision(outcome="updated", edit="insert", number=2)


def test_a_text_taken_back_to_an_earlier_wording_is_a_version_again() -> None:
    history = [version(1, "a"), version(2, "b")]
    assert decide(history, reading("a")) == Decision(outcome="updated", edit="insert", number=3)


def test_an_older_capture_that_comes_late_stands_where_its_time_says() -> None:
    history = [version(1, "a", hours=1), version(2, "b", hours=5)]
    assert decide(history, reading("c", hours=3)) == Decision(outcome="updated", edit="insert", number=2)
    assert decide(history, reading("c", hours=0.5)) == Decision(outcome="updated", edit="insert", number=1)


def test_a_text_seen_earlier_than_was_known_makes_no_version() -> None:
    history = [version(1, "a", hours=1), version(2, "b", hours=5)]
    assert decide(history, reading("b", hours=3)) == Decision(outcome="unchanged", edit="earlier", number=2)
    assert decide(history, reading("b", hours=3, cleaner="2")).edit == "insert"


def test_the_same_capture_read_by_another_cleaner_replaces_its_version() -> None:
    history = [version(1, "a"), version(2, "b")]
    again = reading("a but better", capture=1, cleaner="2")
    assert decide(history, again) == Decision(outcome="updated", edit="replace", number=1)


def test_the_same_payload_fetched_again_never_shows_the_cleaners_change_as_the_newsrooms() -> None:
    again = reading("a but better", payload="payload 1", cleaner="2")
    assert decide([version(1, "a")], again) == Decision(outcome="updated", edit="replace", number=1)


def test_the_same_capture_with_the_same_text_changes_nothing_unless_its_record_was_lost() -> None:
    history = [version(1, "a")]
    assert decide(history, reading("a", capture=1)).edit == "none"
    lost = [replaced(history[0], has_record=False)]
    assert decide(lost, reading("a", capture=1)) == Decision(outcome="unchanged", edit="replace", number=1)


def test_versions_that_only_an_old_cleaner_told_apart_become_one() -> None:
    history = [version(1, "a", cleaner="2"), version(2, "b", cleaner="1"), version(3, "c", cleaner="1")]
    merged = decide(history, reading("a", capture=2, cleaner="2"))
    assert merged == Decision(outcome="updated", edit="none", number=1, drop=(2,))
    between = [version(1, "a", cleaner="2"), version(2, "b"), version(3, "a", cleaner="2")]
    assert decide(between, reading("a", capture=2, cleaner="2")).drop == (2, 3)
    later = [version(1, "a", cleaner="1"), version(2, "b", cleaner="2")]
    assert decide(later, reading("b", capture=1, cleaner="2")) == Decision(
        outcome="updated", edit="replace", number=1, drop=(2,)
    )


def applied(history: Sequence[Version], read: Reading, decision: Decision, capture: int) -> list[Version]:
    """What a store does with a decision."""
    versions = list(history)
    made = Version(
        number=0,
        capture_id=capture,
        payload_digest=read.payload_digest,
        seen_at=read.seen_at,
        wording=read.wording,
        cleaner=read.cleaner,
    )
    at_index = decision.number - 1
    if decision.edit == "insert":
        versions.insert(at_index, made)
    elif decision.edit == "replace":
        versions[at_index] = replaced(made, seen_at=versions[at_index].seen_at)
    elif decision.edit == "earlier":
        versions[at_index] = replaced(versions[at_index], seen_at=read.seen_at)
    for number in reversed(decision.drop):
        del versions[number - 1]
    return [replaced(kept, number=number) for number, kept in enumerate(versions, 1)]


#: A page as the newsroom had it: hour, payload, and the text each of two cleaners reads in it.
PAGES = st.lists(
    st.tuples(st.integers(1, 20), st.integers(1, 4), st.sampled_from("ab"), st.sampled_from("abc")),
    min_size=1,
    max_size=7,
    unique_by=lambda page: page[0],
)


def texts_in_time(pages: Sequence[tuple[int, int, str, str]], cleaner: int) -> list[str]:
    """The texts a newsroom published, in time, runs of the same one folded."""
    texts: list[str] = []
    for page in sorted(pages):
        text = f"{page[1]}{page[cleaner + 2]}"
        if not texts or texts[-1] != text:
            texts.append(text)
    return texts


def read_all(
    history: list[Version], pages: Sequence[tuple[int, int, str, str]], cleaner: int, known: bool
) -> list[Version]:
    for capture, page in enumerate(pages, 1):
        hour, payload, *texts = page
        read = Reading(
            capture_id=capture if known else None,
            payload_digest=f"payload {payload}{page[2]}{page[3]}",
            seen_at=at(hour),
            wording=f"{payload}{texts[cleaner]}",
            cleaner=str(cleaner),
        )
        history = applied(history, read, decide(history, read), capture)
    return history


@given(PAGES)
def test_in_whatever_order_pages_come_the_versions_are_what_was_published(
    pages: list[tuple[int, int, str, str]],
) -> None:
    history = read_all([], pages, 0, known=False)
    assert [kept.seen_at for kept in history] == sorted(kept.seen_at for kept in history)
    assert [kept.wording for kept in read_all([], sorted(pages), 0, known=False)] == texts_in_time(pages, 0)
    assert {kept.wording for kept in history} == set(texts_in_time(pages, 0))


@given(PAGES)
@example([(1, 1, "a", "a"), (2, 1, "a", "b"), (3, 1, "b", "a")])
def test_cleaning_everything_again_gives_what_the_newer_cleaner_would_have_given(
    pages: list[tuple[int, int, str, str]],
) -> None:
    in_time = sorted(pages)
    history = read_all(read_all([], in_time, 0, known=False), in_time, 1, known=True)
    assert [kept.wording for kept in history] == texts_in_time(pages, 1)
    assert {kept.cleaner for kept in history} == {"1"}


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ("one two three four", "one two three four", 0.0),
        ("one two three four", "four three two one", 0.0),
        ("one two three", "one two four", 1 / 3),
        ("one", "two", 1.0),
        ("", "", 0.0),
        ("", "two", 1.0),
        ("one, two!", "one two", 0.0),
        ("橋は直る", "橋は直す", 0.25),
    ],
)
def test_change_is_the_share_of_words_that_differ(before: str, after: str, share: float) -> None:
    assert change(before, after) == pytest.approx(share)


@given(st.text(), st.text())
def test_change_is_symmetric_and_a_share(before: str, after: str) -> None:
    assert 0 <= change(before, after) <= 1
    assert change(before, after) == change(after, before)
