"""Which version of an article a newly cleaned page belongs to: pure decisions.

An article's versions are the texts its newsroom published, in the order in which they were seen. Two
things look alike and must not be mixed up: the newsroom changed the text, or our cleaner did. So

- a page that was read from the same payload as a version replaces that version's text in place;
- a page from another payload with the same headline and text is that version, seen again;
- a page from another payload with another headline or text is a version of its own, put where its time says.

Neighbours that turn out to hold the same text, once both were read by the same cleaner, become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from archive.digests import words
from archive.values import Outcome, Value

#: What is written for a version: a row put in, a row's text replaced, an earlier sighting, nothing.
Edit = Literal["insert", "replace", "earlier", "none"]


class Version(Value, frozen=True, kw_only=True):
    """A stored version, as far as deciding needs it."""

    number: int
    capture_id: int
    payload_digest: str
    seen_at: datetime
    #: What a newsroom can change, as one word to compare: `likeness.wording`.
    wording: str
    cleaner: str
    #: Its conversion record is on disk (it may have been lost with the power).
    has_record: bool = True


class Reading(Value, frozen=True, kw_only=True):
    """A page just cleaned; `capture_id` is None for a capture that has no row yet."""

    capture_id: int | None
    payload_digest: str
    seen_at: datetime
    wording: str
    cleaner: str


class Decision(Value, frozen=True, kw_only=True):
    """What to do: first the edit at `number`, the version the reading belongs to, then the drops."""

    outcome: Outcome
    edit: Edit
    number: int
    #: Numbers, before the edit, of versions that have turned out to be a neighbour's double; ascending.
    drop: tuple[int, ...] = ()


def decide(versions: Sequence[Version], reading: Reading) -> Decision:
    """Place `reading` among an article's `versions`, which stand in order of number and of time."""
    if not versions:
        return Decision(outcome="new", edit="insert", number=1)
    own = _read_before(versions, reading)
    if own is not None:
        return _read_again(versions, own, reading)
    before = [version for version in versions if version.seen_at <= reading.seen_at]
    after = versions[len(before) :]
    if before and before[-1].wording == reading.wording:
        return Decision(outcome="unchanged", edit="none", number=before[-1].number)
    # Another cleaner's text proves nothing here: its page may read differently when it is cleaned again.
    if after and _doubles(after[0], reading):
        return Decision(outcome="unchanged", edit="earlier", number=after[0].number)
    return Decision(outcome="updated", edit="insert", number=len(before) + 1)


def _read_before(versions: Sequence[Version], reading: Reading) -> Version | None:
    """The version that was made from this very capture, or from the same payload in its time."""
    for version in versions:
        if version.capture_id == reading.capture_id:
            return version
    before = [version for version in versions if version.seen_at <= reading.seen_at]
    if before and before[-1].payload_digest == reading.payload_digest:
        return before[-1]
    return None


def _read_again(versions: Sequence[Version], own: Version, reading: Reading) -> Decision:
    """The same page, cleaned again: whatever differs is the cleaner's doing."""
    same_text = own.wording == reading.wording
    if same_text and own.cleaner == reading.cleaner and own.has_record:
        return Decision(outcome="unchanged", edit="none", number=own.number)
    outcome: Outcome = "unchanged" if same_text else "updated"
    number = own.number
    doubled_after = [v.number for v in versions[number : number + 1] if _doubles(v, reading)]
    if number > 1 and _doubles(versions[number - 2], reading):
        return Decision(outcome=outcome, edit="none", number=number - 1, drop=(number, *doubled_after))
    return Decision(outcome=outcome, edit="replace", number=number, drop=tuple(doubled_after))


def _doubles(version: Version, reading: Reading) -> bool:
    return version.wording == reading.wording and version.cleaner == reading.cleaner


def change(before: str, after: str) -> float:
    """The share of words that differ between two texts, 0 to 1, whatever their order.

    One minus the Dice coefficient of the two multisets of words: 0 for the same words, 1 for none shared.
    """
    old, new = Counter(words(before)), Counter(words(after))
    total = old.total() + new.total()
    return 1 - 2 * (old & new).total() / total if total else 0.0
