"""Each room shows a small face: the names are there, few, and nothing else is promised."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.parametrize(
    "room",
    [
        "archive",
        "pipelines",
        "crawler.reload",
        "archive.front",
        "archive.exporting",
        "archive.replay",
        "crawler.commands",
    ],
)
def test_a_face_is_small_sorted_and_whole(room: str) -> None:
    face = importlib.import_module(room)
    names = face.__all__
    assert face.__doc__
    assert len(names) <= 15
    assert len(set(names)) == len(names)
    assert all(hasattr(face, name) for name in names)
