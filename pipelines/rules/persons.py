"""When a line's words are a person's name and nothing else."""

from __future__ import annotations

from pipelines.cues import forms


def is_person(text: str) -> bool:
    """Whether the whole text has the form of a person's name; whose it is, no register is asked."""
    return 3 <= len(text) <= 60 and bool(forms.PERSON.match(text) or forms.PERSON_CJK.match(text))
