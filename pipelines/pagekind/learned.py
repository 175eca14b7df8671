"""The learned judge: the measures of an HTML page through a small ensemble of trees (`kinds.bin`).

Trained by `python -m training.kinds` on pages whose kind is known; its figures on sites that training never
saw stand in docs/kinds.md. Article recall comes first: a page is no article only where the model is sure of
it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from archive.values import KEPT_LABELS
from pipelines.model.trees import Trees
from pipelines.pagekind.evidence import Evidence
from pipelines.pagekind.measures import PARAGRAPH_WORDS, measures
from pipelines.pagekind.walls import Found
from pipelines.render import words

#: The classes of the model, in its order. `prose` are pages that are no news but a text for reading: manuals,
#: services that present themselves; nothing tells them from an article for good, and they count as one.
CLASSES: Final = ("article", "index", "forum", "product", "service", "documentation")
#: A page is an article where the first and these share so much of the chance.
PROSE: Final = ("service", "documentation")
LEAST: Final = 0.75
#: The same where nobody told the page's address: a saved page shows less of what it is, and is lost sooner.
LEAST_BARE: Final = 0.4
#: The same where the text is one run of paragraphs: so many, with so large a share of the kept words. Old news
#: systems mark nothing up.
LEAST_RUN: Final = 0.5
RUN: Final = 4
RUN_SHARE: Final = 0.7
#: Class → kind, and the word that its reason begins with.
_KINDS: Final = {"index": ("index", ""), "forum": ("other", "forum: "), "product": ("other", "product: ")}
#: Steps of the shipped log-odds of names: signed bytes.
STEP: Final = 40.0
#: Names of fewer letters say nothing; around a block, so many path entries are read.
_NAME: Final = re.compile(r"[a-z]{3,}")
_NEAR: Final = 8
#: A name's log-odds count at most so much, and n names as the root of n plus this many.
_MOST: Final = 2.0
_DOUBT: Final = 3.0


class Model:
    """Trees and log-odds of names, ready to judge."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self.features = tuple(str(name) for name in arrays["feature names"])
        self.trees = Trees({k.removeprefix("trees."): a for k, a in arrays.items() if k.startswith("trees.")})
        odds = arrays["odds"].astype(np.float32) / np.float32(STEP)
        self.odds = {str(name): row for name, row in zip(arrays["names"], odds, strict=True)}
        if self.trees.features != len(self.features) or self.trees.outputs != len(CLASSES):
            raise ValueError("kinds.bin: made for other features; train it again (python -m training.kinds)")

    def chances(self, page: Evidence) -> npt.NDArray[np.float32]:
        """The chance of each class, in the order of `CLASSES`."""
        row = [*measures(page).values(), *name_odds(names_of(page), self.odds)]
        return np.asarray(self.trees.classes(np.array([row], dtype=np.float32))[0], dtype=np.float32)


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model that is part of the package."""
    with np.load(
        BytesIO((files("pipelines.pagekind") / "kinds.bin").read_bytes()), allow_pickle=False
    ) as arrays:
        return Model({name: arrays[name] for name in arrays.files})


def opinion(page: Evidence) -> Found | None:
    """What the page is instead of an article, or None when it is one for all that the model knows."""
    least = LEAST_BARE if not page.url else LEAST_RUN if runs_on(page) else LEAST
    return ruling(shipped().chances(page), least)


def runs_on(page: Evidence) -> bool:
    """Whether most of the kept text stands in paragraphs one after the other, in whatever elements."""
    sizes = [
        len(words(block.text)) if block.label not in _APART else 0
        for block in page.blocks
        if block.label in KEPT_LABELS
    ]
    long = [size >= PARAGRAPH_WORDS for size in sizes]
    run = best = 0
    for is_long in long:
        run = run + 1 if is_long else 0
        best = max(best, run)
    within = sum(size for size, is_long in zip(sizes, long, strict=True) if is_long)
    return best >= RUN and within >= RUN_SHARE * page.size


_APART: Final = frozenset(("heading", "list"))


def ruling(chances: npt.NDArray[np.float32], least: float = LEAST) -> Found | None:
    """The same, of the chances of the classes; `least` is what an article needs of them."""
    by_class = dict(zip(CLASSES, chances.tolist(), strict=True))
    reads = by_class["article"] + sum(by_class[name] for name in PROSE)
    if reads >= least:
        return None
    best = max(_KINDS, key=by_class.__getitem__)
    kind, word = _KINDS[best]
    return Found(kind, f"{word}its form is that of {_SPOKEN[best]} (learned, {1 - reads:.2f})")


_SPOKEN: Final = {"index": "a list of other pages", "forum": "a forum's thread", "product": "an offer"}


@lru_cache(maxsize=20_000)
def _names(name: str) -> frozenset[str]:
    return frozenset(_NAME.findall(name[:200].lower()))


def names_of(page: Evidence) -> frozenset[str]:
    """The words of the classes and ids around the page's blocks; around the kept ones, behind `k:` too."""
    entries: set[str] = set()
    kept: set[str] = set()
    for block, seen in zip(page.blocks, page.page, strict=False):
        if not seen.subtree:
            entries.update(seen.path[-_NEAR:])
            if block.label in KEPT_LABELS:
                kept.update(seen.path[-_NEAR:])
    found = {word for entry in entries for word in _names(entry)}
    return frozenset(found | {f"k:{word}" for entry in kept for word in _names(entry)})


def name_odds(names: frozenset[str], odds: Mapping[str, npt.NDArray[np.float32]]) -> list[float]:
    """The log-odds of each class, of all known names together."""
    known = [odds[name] for name in sorted(names) if name in odds]
    if not known:
        return [0.0] * len(CLASSES)
    summed = np.clip(np.array(known), -_MOST, _MOST).sum(axis=0)
    return [float(value) for value in summed / np.sqrt(len(known) + _DOUBT)]
