"""Fitting: the lexicons by counting, the trees by LightGBM, both without the fold that is to be judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from pipelines.model import memory
from pipelines.model.bundle import STEP, quantised
from pipelines.model.lexical import BUCKETS
from pipelines.model.page import Lexicons, columns_of, matrix
from pipelines.model.trees import flatten
from training.corpus import BROAD
from training.samples import CLUTTER, Sample

FOLDS = 5
#: A lexicon entry is a bet against this many pages' worth of no opinion, and is dropped below this much
#: evidence.
DOUBT, EVIDENCE = 2.0, 1.5
#: How often one site may say the same thing in the lexicon.
PER_SITE = 3
#: What a site of the broad sets counts in the lexicon: their conventions are not a news archive's.
LEXICON = {"dragnet": 0.5, "cleanportal": 0.5, "cleaneval": 0.2, "wcxb_dev_other": 0.2}
#: Share of the blocks of the broad sets' pages that are trained on: they are many and lie far from news.
BROAD_ROWS = 0.4
#: Weight of a kind that a table guessed beside one labelled by hand, and the share of guesses used.
GUESS_WEIGHT, GUESS_SHARE = 0.15, 0.2

KEEP_PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 31, "learning_rate": 0.07, "min_data_in_leaf": 40,
    "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 3.0, "max_bin": 127,
    "num_threads": 1, "verbose": -1, "seed": 7, "deterministic": True, "force_row_wise": True,
}  # fmt: skip
KEEP_ROUNDS = 220
#: HTML has twice the features and five times the blocks: smaller steps, more of them, leaves of more blocks.
#: Five folds by host beside the above: F1 +.001 on fundus_tests, +.0015 on wcxb_dev_article, +.01 on evan.
HTML_PARAMETERS: dict[str, Any] = KEEP_PARAMETERS | {
    "learning_rate": 0.05, "feature_fraction": 0.25, "min_data_in_leaf": 60, "lambda_l2": 10.0, "max_bin": 63,
}  # fmt: skip
HTML_ROUNDS = 320
KIND_PARAMETERS = KEEP_PARAMETERS | {
    "objective": "multiclass", "num_class": len(CLUTTER), "num_leaves": 10, "learning_rate": 0.12,
    "min_data_in_leaf": 8, "lambda_l2": 2.0, "max_bin": 63, "feature_fraction": 0.3,
}  # fmt: skip
KIND_ROUNDS = 40


@dataclass
class Counts:
    """How often each bucket was seen in kept and in cut blocks, by fold."""

    kept: npt.NDArray[np.float64]
    cut: npt.NDArray[np.float64]

    def table(self, without: Collection[int] = ()) -> npt.NDArray[np.float32]:
        """Log-odds of the buckets, the given folds left out, as the shipped file will hold them."""
        folds = [k for k in range(FOLDS) if k not in without]
        kept, cut = self.kept[folds].sum(axis=0), self.cut[folds].sum(axis=0)
        if not kept.any() or not cut.any():
            return np.zeros(BUCKETS, dtype=np.float32)
        prior = kept.sum() / (kept.sum() + cut.sum())
        odds = np.log((kept + DOUBT * prior) / (cut + DOUBT * (1 - prior))) - np.log(prior / (1 - prior))
        odds[(kept + cut) < EVIDENCE] = 0
        odds[0] = 0
        return quantised(odds.astype(np.float32)).astype(np.float32) / np.float32(STEP)


def _text_buckets(sample: Sample, value: int) -> npt.NDArray[np.int64]:
    lex = sample.measured.lexical
    owner = np.repeat(np.arange(len(sample.keep)), np.diff(lex.gram_starts))
    return np.concatenate((lex.keys[sample.keep == value].ravel(), lex.grams[sample.keep[owner] == value]))


def _name_buckets(sample: Sample, value: int) -> npt.NDArray[np.int64]:
    found = [names for names, keep in zip(sample.names, sample.keep, strict=True) if keep == value]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def count(samples: Sequence[Sample]) -> tuple[Counts, Counts]:
    """Counts for the lexicons of texts and of names; a site says the same thing at most a few times."""
    sites: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.trainable:
            sites[sample.site].append(sample)
    both = []
    for buckets_of, wanted in ((_text_buckets, True), (_name_buckets, bool(samples and samples[0].names))):
        counts = Counts(np.zeros((FOLDS, BUCKETS)), np.zeros((FOLDS, BUCKETS)))
        for pages in sites.values() if wanted else ():
            kept, cut = (
                np.bincount(np.concatenate([buckets_of(p, v) for p in pages]), minlength=BUCKETS)
                for v in (1, 0)
            )
            seen = np.flatnonzero(kept + cut)
            total = (kept + cut)[seen]
            weight = np.minimum(total, PER_SITE) / total * LEXICON.get(pages[0].set, 1.0)
            counts.kept[pages[0].fold, seen] += kept[seen] * weight
            counts.cut[pages[0].fold, seen] += cut[seen] * weight
        both.append(counts)
    return both[0], both[1]


@dataclass
class Fitted:
    """A model in LightGBM's own form, with the lexicons it was fitted beside."""

    lexicons: Lexicons
    keep: lgb.Booster
    kinds: lgb.Booster
    features: tuple[str, ...]

    def rows(self, sample: Sample) -> npt.NDArray[np.float32]:
        """The feature matrix of a page."""
        return matrix(columns_of(sample.measured, self.lexicons), self.features)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What the shipped file holds."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "lexicon.texts": quantised(self.lexicons.texts),
            "lexicon.names": quantised(self.lexicons.names),
            "feature names": np.array(self.features),
            "classes": np.array(CLUTTER),
        }
        for part, booster in (("keep", self.keep), ("kinds", self.kinds)):
            arrays |= {f"{part}.{name}": a for name, a in flatten(booster.dump_model()).items()}
        return arrays


def fit(samples: Sequence[Sample], counts: tuple[Counts, Counts], without: int | None) -> Fitted:
    """A model of all trainable pages outside fold `without` (None: of all).

    The lexicon that a training page meets was counted without the page's own fold: else it would know the
    answer.
    """
    out = () if without is None else (without,)
    inner = [Lexicons(counts[0].table({*out, j}), counts[1].table({*out, j})) for j in range(FOLDS)]
    x, y, w = [], [], []
    kind_x, kind_y, kind_w = [], [], []
    features: tuple[str, ...] = ()
    for number, sample in enumerate(samples):
        if sample.fold == without or not sample.trainable:
            continue
        chance = np.random.default_rng(number).random(len(sample.keep))
        use = sample.keep >= 0
        if sample.set in BROAD:
            use &= chance < BROAD_ROWS
        known = (sample.kind >= 0) & (sample.keep != 1)
        if not sample.by_hand:
            known &= (chance < GUESS_SHARE) & (sample.keep == 0)
        if not use.any() and not known.any():
            continue
        columns = columns_of(sample.measured, inner[sample.fold])
        features = tuple(name for name in columns if name not in memory.COLUMNS)  # no page here has one
        rows = matrix(columns, features)
        x.append(rows[use])
        y.append(sample.keep[use])
        w.append(sample.weights()[use] / (BROAD_ROWS if sample.set in BROAD else 1.0))
        kind_x.append(rows[known])
        kind_y.append(sample.kind[known])
        kind_w.append(np.full(int(known.sum()), 1.0 if sample.by_hand else GUESS_WEIGHT))
    if samples[0].style == "html":
        keep = _boost(HTML_PARAMETERS, HTML_ROUNDS, x, y, np.concatenate(w))
    else:
        keep = _boost(KEEP_PARAMETERS, KEEP_ROUNDS, x, y, np.concatenate(w))
    labels = np.concatenate(kind_y)
    sizes = np.bincount(labels[np.concatenate(kind_w) == 1.0], minlength=len(CLUTTER))
    rare = (200 / np.maximum(sizes, 20)) ** 0.5
    kinds = _boost(KIND_PARAMETERS, KIND_ROUNDS, kind_x, kind_y, np.concatenate(kind_w) * rare[labels])
    whole = Lexicons(counts[0].table(out), counts[1].table(out))
    return Fitted(whole, keep, kinds, features)


def _boost(
    parameters: dict[str, Any], rounds: int, x: list[Any], y: list[Any], weight: npt.NDArray[np.float64]
) -> lgb.Booster:
    data = lgb.Dataset(np.concatenate(x), np.concatenate(y), weight=weight * len(weight) / weight.sum())
    return lgb.train(parameters, data, rounds)
