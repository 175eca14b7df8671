"""`python -m training.kinds`: measure pages of known kind, judge five folds by site, fit the shipped model.

What an article is, is told by the sets: articles, blogs and guides are; threads of forums, offers, and
lists of pages (of articles, of goods) are not. Manuals and services that present themselves are texts for
reading and no news: they are classes of their own, which count as articles
(`pipelines.pagekind.learned.PROSE`).

With `--labellers`, the blocks of a page are labelled by a model that never saw its site (`FORM.foldN.bin`,
which `python -m training html --cache DIR` writes; of a fold that is missing, by the shipped one): the
shipped one knows the articles, and not the other pages.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from pipelines.html_clean import evidence_of
from pipelines.model import ModelLabeller
from pipelines.model.bundle import load
from pipelines.model.trees import flatten
from pipelines.page import PageError
from pipelines.pagekind import learned
from pipelines.pagekind.judge import judge
from pipelines.pagekind.learned import (
    CLASSES,
    LEAST,
    LEAST_BARE,
    LEAST_RUN,
    PROSE,
    RUN,
    RUN_SHARE,
    STEP,
    name_odds,
    names_of,
    ruling,
)
from pipelines.pagekind.measures import measures
from training.corpus import fold_of, read, site_of

FOLDS = 5
BARE_LEASTS = (0.2, 0.3, 0.4, 0.5, 0.65)
#: Sets, the weight of a page of each. Where a set does not tell, all its pages are articles.
SETS = {
    "wcxb_dev_other": 1.0,
    "wcxb_dev_article": 1.0,
    "fundus_tests": 2.0,
    "postlight": 1.5,
    "evan": 1.5,
    "cleanportal": 1.0,
    "traf_eval": 0.4,
}
CLASS_OF = {"article": "article", "listing": "index", "collection": "index", "forum": "forum",
            "product": "product", "service": "service", "documentation": "documentation"}  # fmt: skip
#: What counts as an article, and as none, in the figures.
POSITIVE = ("wcxb_dev_article", "fundus_tests", "postlight")
NEGATIVE = ("listing", "collection", "forum", "product")
PARAMETERS: dict[str, Any] = {
    "objective": "multiclass", "num_class": len(CLASSES), "num_leaves": 12, "learning_rate": 0.06,
    "min_data_in_leaf": 12, "feature_fraction": 0.3, "bagging_fraction": 0.8, "bagging_freq": 1,
    "lambda_l2": 4.0, "max_bin": 63, "num_threads": 1,
    "verbose": -1, "seed": 7, "deterministic": True, "force_row_wise": True,
}  # fmt: skip
ROUNDS = 120
#: Measures that a page without address and data has not, and the weight of a page read so.
UNTOLD = ("known address", "steps", "home", "slug", "last ", "address", "query", "at ", "type ",
          "signed", "dated", "date in data", "section", "keywords", "description", "stated body")  # fmt: skip
BARE_WEIGHT = 0.5
#: A name must stand on so many sites' pages; a class's share of it is drawn to its share of all by so much.
LEAST_NAMES, PRIOR = 4, 2.0


class Sample(NamedTuple):
    """A measured page. `said` is what the judge says of it with the shipped model left out: a kind, or ""."""

    id: str
    set: str
    type: str
    site: str
    fold: int
    measures: dict[str, float]
    names: frozenset[str]
    said: str


def measured(bench: Path, labellers: Path | None) -> Iterator[Sample]:
    """Every page of `SETS` that can be read."""

    @lru_cache(maxsize=FOLDS)
    def labeller(fold: int) -> ModelLabeller | None:
        file = labellers / f"html.fold{fold}.bin" if labellers else None
        return ModelLabeller(html=load(file)) if file and file.exists() else None

    for name in SETS:
        golds = {row["id"]: row for row in read(bench / name / "gold.jsonl")}
        for page in read(bench / name / "pages.jsonl.gz"):
            site = site_of(page)
            try:
                found = evidence_of(page["html"], url=page.get("url") or "", labeller=labeller(fold_of(site)))
            except PageError:
                continue
            kind = golds[page["id"]].get("page_type") or "article"
            yield Sample(
                page["id"], name, kind, site, fold_of(site), measures(found), names_of(found), by_rules(found)
            )


def by_rules(found: Any) -> str:
    """The kind that the rules alone give a page, or "" where they leave it to the model."""
    asked = learned.opinion
    try:
        learned.opinion = lambda _: None
        said = judge(found)
    finally:
        learned.opinion = asked
    return "" if said.kind == "article" else said.kind


Odds = dict[str, npt.NDArray[np.float32]]


def count_names(samples: Sequence[Sample]) -> Odds:
    """Log-odds of the classes for each name; a site counts once for each."""
    seen = {(s.site, name, CLASSES.index(CLASS_OF[s.type])) for s in samples for name in s.names}
    by_name: dict[str, npt.NDArray[np.float64]] = {}
    for _, name, number in seen:
        by_name.setdefault(name, np.zeros(len(CLASSES)))[number] += 1
    pages = np.bincount([CLASSES.index(CLASS_OF[s.type]) for s in samples], minlength=len(CLASSES)).astype(
        float
    )
    odds: Odds = {}
    for name, counts in sorted(by_name.items()):
        whole = counts.sum()
        if whole < LEAST_NAMES:
            continue
        drawn = PRIOR * whole / pages.sum()
        inside = (counts + drawn) / (pages + PRIOR)
        outside = (whole - counts + drawn) / (pages.sum() - pages + PRIOR)
        odds[name] = np.clip(np.rint(np.log(inside / outside) * STEP), -127, 127).astype(
            np.float32
        ) / np.float32(STEP)
    return odds


def rows(samples: Sequence[Sample], odds: Odds) -> npt.NDArray[np.float32]:
    made = [[*s.measures.values(), *name_odds(s.names, odds)] for s in samples]
    return np.array(made, dtype=np.float32).reshape(len(samples), -1)


def bare(sample: Sample) -> Sample:
    """The page without its address, types, date and byline: these measures are nought."""
    known = {name: 0.0 if name.startswith(UNTOLD) else value for name, value in sample.measures.items()}
    return sample._replace(measures=known)


def fit(samples: Sequence[Sample], without: int | None) -> tuple[lgb.Booster, Odds]:
    """A model of all pages outside fold `without`. The names that a page meets were counted without its
    fold."""
    taught = [s for s in samples if s.fold != without and not (s.set == "traf_eval" and s.said)]
    parts, classes, weights = [], [], []
    for inner in range(FOLDS):
        mine = [s for s in taught if s.fold == inner]
        if mine:
            odds = count_names([s for s in taught if s.fold != inner])
            # Each page twice: as it is, and as one whose address and data nobody told (a saved page, an old
            # one).
            for seen, weight in ((mine, 1.0), ([bare(s) for s in mine], BARE_WEIGHT)):
                parts.append(rows(seen, odds))
                classes += [CLASSES.index(CLASS_OF[s.type]) for s in seen]
                weights += [SETS[s.set] * weight for s in seen]
    data = lgb.Dataset(np.concatenate(parts), np.array(classes), weight=np.array(weights))
    return lgb.train(PARAMETERS, data, ROUNDS), count_names(taught)


def out_of_fold(samples: Sequence[Sample]) -> dict[str, npt.NDArray[np.float32]]:
    """Chances of the classes for each page, by a model that never saw its site."""
    found: dict[str, npt.NDArray[np.float32]] = {}
    for fold in range(FOLDS):
        booster, odds = fit(samples, fold)
        mine = [s for s in samples if s.fold == fold]
        for sample, chances in zip(
            mine, np.asarray(booster.predict(rows(mine, odds), num_threads=1)), strict=True
        ):
            found[f"{sample.set} {sample.id}"] = chances.astype(np.float32)
        told = np.asarray(booster.predict(rows([bare(s) for s in mine], odds), num_threads=1))
        found |= {f"bare {s.set} {s.id}": c.astype(np.float32) for s, c in zip(mine, told, strict=True)}
    return found


def needed(sample: Sample, least: float) -> float:
    """What an article needs of the chances: less where its text is one run of paragraphs
    (`learned.runs_on`)."""
    run = sample.measures["paragraphs in a row"] >= RUN and sample.measures["in paragraphs"] >= RUN_SHARE
    return LEAST_BARE if not sample.measures["known address"] else LEAST_RUN if run else least


def report(samples: Sequence[Sample], chances: dict[str, npt.NDArray[np.float32]]) -> Iterator[str]:
    """Recall and precision of `article` at several thresholds, then by set and type at the shipped one."""
    prose = [CLASSES.index(name) for name in ("article", *PROSE)]
    reads = {key: float(row[prose].sum()) for key, row in chances.items()}
    for folds, word in (
        (range(FOLDS), "all"),
        ((0, 1, 2), "folds 0-2, looked at"),
        ((3, 4), "folds 3-4, never looked at"),
    ):
        some = [s for s in samples if s.fold in folds]
        for least in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8):
            took = [s for s in some if not s.said and reads[f"{s.set} {s.id}"] >= needed(s, least)]
            good, bad = sum(s.set in POSITIVE for s in took), sum(s.type in NEGATIVE for s in took)
            whole = sum(s.set in POSITIVE for s in some)
            figures = f"recall {good / whole:.4f} precision {good / (good + bad):.4f}"
            yield f"{word}, {least}: {figures} ({whole - good} lost, {bad} wrong)"
    for least in BARE_LEASTS:
        took = [s for s in samples if float(chances[f"bare {s.set} {s.id}"][prose].sum()) >= least]
        good, bad = sum(s.set in POSITIVE for s in took), sum(s.type in NEGATIVE for s in took)
        whole = sum(s.set in POSITIVE for s in samples)
        figures = f"recall {good / whole:.4f} precision {good / (good + bad):.4f}"
        yield f"without address and data, {least}: {figures}"
    kinds: dict[tuple[str, str], Counter[str]] = {}
    for s in samples:
        found = ruling(chances[f"{s.set} {s.id}"], needed(s, LEAST))
        kinds.setdefault((s.set, s.type), Counter())[s.said or (found.kind if found else "article")] += 1
    for (name, kind), counts in kinds.items():
        yield f"{name:18}{kind:15}" + " ".join(f"{k} {n}" for k, n in counts.most_common())


def arrays(booster: lgb.Booster, odds: Odds, features: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """What the shipped file holds."""
    made: dict[str, npt.NDArray[Any]] = {
        "feature names": np.array([*features, *(f"names of {name}" for name in CLASSES)]),
        "names": np.array(list(odds)),
        "odds": np.array([np.rint(row * STEP) for row in odds.values()], dtype=np.int8),
    }
    return made | {f"trees.{name}": a for name, a in flatten(booster.dump_model()).items()}


def main() -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.kinds", description=__doc__)
    parser.add_argument("--bench", type=Path, required=True, help="folder of sets")
    parser.add_argument("--labellers", type=Path, help="folder with html.fold0.bin …")
    parser.add_argument("--cache", type=Path, help="file for measured pages; delete it when measures change")
    out = Path(__file__).resolve().parents[1] / "pipelines/pagekind/kinds.bin"
    parser.add_argument("--out", type=Path, default=out)
    args, started = parser.parse_args(), time.monotonic()
    if args.cache and args.cache.exists():
        samples = pickle.loads(args.cache.read_bytes())  # noqa: S301 - as above
    else:
        samples = list(measured(args.bench, args.labellers))
        if args.cache:
            args.cache.write_bytes(pickle.dumps(samples))
    print(f"[{time.monotonic() - started:.0f} s] {len(samples)} pages", flush=True)
    for line in report(samples, out_of_fold(samples)):
        print(line)
    booster, odds = fit(samples, None)
    with args.out.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays(booster, odds, list(samples[0].measures)))
    digest = hashlib.sha256(args.out.read_bytes()).hexdigest()
    print(f"{args.out}: {args.out.stat().st_size:,} bytes, sha256 {digest}; least {LEAST}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
