"""From probabilities to a cut: which blocks of a page stay, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.model.lexical import Floats, Ints

#: The threshold that promises the best F1 is followed only so far from the middle: probabilities near the
#: ends are less well calibrated than their order. Chosen on five folds by host: see the model card.
LOWEST: Final = 0.3
HIGHEST: Final = 0.6
#: Where nothing reaches even this, nothing is the article: a cookie notice, a menu, a list of teasers.
FLOOR: Final = 0.1
#: How far a block's probability is drawn to the mean of the blocks that stand in the same place. Five folds
#: by host, 0 / .3 / .5: fundus_tests .9635 / .9636 / .9638, wcxb_dev_article .9607 / .9607 / .9609, evan
#: .882 / .886 / .890.
SMOOTHING: Final = 0.5
#: Shorter blocks may stand twice: steps, refrains, names.
TWICE: Final = 8
#: A line of a dump that a cue table knows for certain ('Also read: …') often stands amid the prose and looks
#: like it, as do biographies and what is said twice: from this score on the rules' word takes so much from
#: the line's log-odds, and gives as much to a paragraph that begins with a dateline. On five folds F1 falls
#: by .001 at most from a weight of 1.5 to 2.3, where what is said twice word for word goes. What the rules
#: say of other lines is a feature of the model; added here as well (weight .6) it cost .001 to .005.
SURE_CUE: Final = 0.75
SURE_TEXT: Final = 0.97
CUE_WEIGHT: Final = 2.3


def smoothed(probability: Floats, place: Ints, sizes: Floats, share: float = SMOOTHING) -> Floats:
    """Probabilities drawn towards the mean over blocks of the same place (container and element), by size."""
    count = int(place.max(initial=0)) + 1
    weight = sizes + 5
    total = np.bincount(place, weights=probability * weight, minlength=count)
    mean = total / np.maximum(np.bincount(place, weights=weight, minlength=count), 1e-9)
    return ((1 - share) * probability + share * mean[place]).astype(np.float32)


def advised(probability: Floats, trust: Floats) -> Floats:
    """Probabilities after the rules were heard on what they know for certain.

    `trust` is their word on each line: how sure they are that it stays (positive) or goes (negative).
    """
    odds = np.log((probability + 1e-4) / (1 - probability + 1e-4))
    odds += CUE_WEIGHT * ((trust >= SURE_TEXT).astype(np.float32) - (trust <= -SURE_CUE))
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def less(probability: Floats, lost: Floats) -> Floats:
    """Probabilities after `lost` was taken off their log-odds."""
    odds = np.log((probability + 1e-4) / (1 - probability + 1e-4)) - lost
    return np.asarray(np.where(lost > 0, 1 / (1 + np.exp(-odds)), probability), dtype=np.float32)


def cut(probability: Floats, sizes: Floats) -> tuple[npt.NDArray[np.bool_], float]:
    """Which blocks to keep, and the F1 by words that this is expected to have (0..1).

    Keeping the k most probable blocks is expected to score 2·Σkept p·w / (Σkept w + Σall p·w); the best k
    wins, within the bounds above. With no words at all nothing is kept, and the expectation is 0.
    """
    if not len(probability) or not sizes.sum():
        return np.zeros(len(probability), dtype=bool), 0.0
    order = np.argsort(-probability, kind="stable")
    taken = np.cumsum(sizes[order])
    right = np.cumsum((probability * sizes)[order])
    expected = 2 * right / (taken + right[-1] + 1e-9)
    best = float(probability[order[int(np.argmax(expected))]])
    # A page on which nothing reaches the lower bound keeps its best blocks: the confidence says the rest.
    threshold = float(np.clip(best, LOWEST, HIGHEST))
    if probability.max() < threshold:
        threshold = best
    kept = probability >= max(threshold, FLOOR)
    if not kept.any():
        return kept, 0.0
    held = float((probability * sizes)[kept].sum())
    return kept, 2 * held / (float(sizes[kept].sum()) + float(right[-1]) + 1e-9)


def said_once(
    texts: Sequence[str], kept: npt.NDArray[np.bool_], probability: Floats, sizes: Floats
) -> npt.NDArray[np.bool_]:
    """Of kept blocks that say the same, word for word, one place stays: the likelier, else the later one.

    Whole articles stand twice in a page (for print, for a narrow screen); all of one copy goes, never parts
    of both. Five folds by host: F1 +.014 on evan, +.001 on fundus_tests and wcxb_dev_article.
    """
    places: dict[str, list[int]] = {}
    for at in np.flatnonzero(kept & (sizes >= TWICE)).tolist():
        places.setdefault(texts[at], []).append(at)
    twice = [found for found in places.values() if len(found) > 1]
    if not twice:
        return kept
    ahead = sum(float(probability[found[0]]) for found in twice) > sum(
        float(probability[found[-1]]) for found in twice
    )
    out = kept.copy()
    for found in twice:
        out[found[1:] if ahead else found[:-1]] = False
    return out
