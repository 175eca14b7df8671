"""`python -m training`: measure pages, fit and judge five folds by site, fit the shipped model."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

import numpy as np

from training.corpus import LICENSED, strangers
from training.fit import FOLDS, count, fit
from training.judge import Scores
from training.samples import Sample, cached

HERE = Path(__file__).resolve().parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("form", choices=["html", "text"])
    parser.add_argument(
        "--bench", type=Path, required=True, help="folder of sets: NAME/gold.jsonl, pages.jsonl.gz …"
    )
    parser.add_argument(
        "--gold", type=Path, required=True, help="folder with kinds/*.jsonl, lines labelled by hand"
    )
    parser.add_argument(
        "--cache", type=Path, help="folder for measured pages; delete it when features change"
    )
    parser.add_argument(
        "--out", type=Path, default=HERE.parent / "pipelines/model", help="where FORM.bin goes"
    )
    parser.add_argument(
        "--folds", type=int, nargs="*", default=list(range(FOLDS)), help="folds to judge; none: skip"
    )
    parser.add_argument("--licensed", action="store_true", help="train only on sets that state a licence")
    parser.add_argument("--no-model", action="store_true", help="judge only; write no model")
    return parser.parse_args()


def _say(started: float, text: str) -> None:
    print(f"[{time.monotonic() - started:5.0f} s] {text}", flush=True)


def main() -> int:
    """Run the command; returns the exit code."""
    args, started = _arguments(), time.monotonic()
    samples = cached(args.form, args.bench, args.gold, args.cache)
    aside = strangers(args.bench)
    taught: list[Sample] = [
        s
        for s in samples
        if (not args.licensed or s.set in LICENSED) and (s.set != "wcxb_dev_other" or s.id not in aside)
    ]
    _say(started, f"{len(samples)} pages measured, {len(taught)} to learn from")
    counts = count(taught)
    scores = Scores()
    for fold in args.folds:
        model = fit(taught, counts, without=fold)
        if args.cache:
            with (args.cache / f"{args.form}.fold{fold}.bin").open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **model.arrays())
        scores.add(model, (s for s in samples if s.fold == fold))
        _say(started, f"fold {fold} fitted and judged")
    for line in scores.lines():
        print(line)
    if args.folds:
        report = sorted(scores.worst)
        (args.cache or Path(".")).joinpath(f"{args.form}.worst.tsv").write_text(
            "".join(f"{f:.4f}\t{page}\t{sure:.3f}\n" for f, page, sure in report), encoding="utf-8"
        )
    if not args.no_model:
        target = args.out / f"{args.form}.bin"
        with target.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **fit(taught, counts, without=None).arrays())
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        _say(started, f"{target}: {target.stat().st_size:,} bytes, sha256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
