"""Judging: what a model makes of pages it never saw, by set, by language, by kind of clutter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean

import numpy as np
import numpy.typing as npt

from archive.values import LABELS
from pipelines.model import CONFIDENT
from pipelines.model.certain import certain
from pipelines.model.decision import advised, cut, less, said_once, smoothed
from pipelines.model.naming import names
from training.align import words
from training.fit import Fitted
from training.samples import CLUTTER, Sample

#: Lines of fewer gold examples than this are left out of the mean over kinds.
FEW = 10


def prf(predicted: Counter[str], gold: Counter[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two multisets of words."""
    if not predicted or not gold:
        return (1.0, 1.0, 1.0) if not predicted and not gold else (0.0, float(not gold), 0.0)
    both = (predicted & gold).total()
    p, r = both / predicted.total(), both / gold.total()
    return p, r, 2 * p * r / (p + r) if both else 0.0


#: Code of a label among the features → class of the kinds model; -1: a label that is kept.
_BY_CODE = np.array([-1, *(CLUTTER.index(label) if label in CLUTTER else -1 for label in LABELS)])


def _names(
    sample: Sample, chances: npt.NDArray[np.float64], kept: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """A class for each block as the labeller gives it; what it says of kept blocks does not count."""
    out = chances.argmax(axis=1)
    fixed = sample.measured.fixed
    if sample.measured.tree is None:
        out[~kept] = names(
            chances[~kept].astype(np.float32),
            CLUTTER,
            kept=kept,
            sizes=sample.measured.lexical.words,
            gaps=fixed["gap before"].astype(np.int64),
            said=_BY_CODE[fixed["rule label"].astype(np.int64)],
            trust=np.abs(fixed["rule trust"]),
        )
    return np.asarray(out, dtype=np.int64)


@dataclass
class Scores:
    """Scores of judged pages, gathered fold by fold."""

    pages: dict[tuple[str, str], list[tuple[float, float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    languages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    unsure: Counter[str] = field(default_factory=Counter)
    segments: list[int] = field(default_factory=lambda: [0, 0])
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    worst: list[tuple[float, str, float]] = field(default_factory=list)

    def add(self, model: Fitted, samples: Iterable[Sample]) -> None:
        """Judge `samples`, which `model` must not have seen."""
        for sample in samples:
            rows = model.rows(sample)
            kept, confidence = self._cut(sample, np.asarray(model.keep.predict(rows, num_threads=1)))
            text = "\n".join(t for t, k in zip(sample.texts, kept, strict=True) if k)
            name = (sample.set, sample.style)
            self.unsure[" ".join(name)] += confidence < CONFIDENT
            if sample.golds:
                found = Counter(words(text))
                score = max((prf(found, Counter(words(g))) for g in sample.golds), key=lambda s: s[2])
                self.pages[name].append(score)
                self.worst.append((score[2], f"{sample.set} {sample.style} {sample.id}", confidence))
                if sample.lang:
                    self.languages[f"{sample.style} {sample.lang}"].append(score[2])
            flat = " ".join(text.split())
            for segments, wanted in ((sample.present, True), (sample.absent, False)):
                self.segments[0] += sum((" ".join(s.split()) in flat) == wanted for s in segments)
                self.segments[1] += len(segments)
            if sample.by_hand:
                self._kinds(model, sample, rows, kept)

    @staticmethod
    def _cut(sample: Sample, probability: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.bool_], float]:
        p, sizes = probability.astype(np.float32), sample.measured.lexical.words
        if sample.measured.tree is None:
            return cut(advised(p, sample.measured.fixed["rule trust"]), sizes)
        p = smoothed(p, sample.measured.tree.leaf, sizes)
        p = less(p, certain(sample.measured.fixed, sizes))
        kept, confidence = cut(p, sizes)
        return said_once(sample.texts, kept, p, sizes), confidence

    def _kinds(
        self, model: Fitted, sample: Sample, rows: npt.NDArray[np.float32], kept: npt.NDArray[np.bool_]
    ) -> None:
        """Count each line labelled by hand as the bench's `kinds.py` does: kept, or by its label."""
        said = _names(sample, np.asarray(model.kinds.predict(rows, num_threads=1)), kept)
        for keep, wanted, told, kind in zip(kept, sample.keep, said, sample.kind, strict=True):
            if kind >= 0 or wanted == 1:
                self.pairs["keep" if wanted == 1 else CLUTTER[kind], "keep" if keep else CLUTTER[told]] += 1

    def kinds(self) -> dict[str, float]:
        """F1 of each kind, and `macro` over those with enough examples (`other` left out)."""
        wanted: Counter[str] = Counter()
        found: Counter[str] = Counter()
        for (want, got), n in self.pairs.items():
            wanted[want] += n
            found[got] += n
        f1 = {
            k: 2 * self.pairs[k, k] / (n + found[k]) for k, n in wanted.items() if n >= FEW and k != "other"
        }
        return {"macro": mean(f1.values()), **dict(sorted(f1.items(), key=lambda x: -x[1]))} if f1 else {}

    def lines(self) -> list[str]:
        """The scores as lines of text."""
        out = []
        for (name, style), rows in sorted(self.pages.items()):
            p, r, f = (mean(row[i] for row in rows) for i in range(3))
            high = sum(row[2] >= 0.99 for row in rows) / len(rows)
            unsure = self.unsure[f"{name} {style}"] / len(rows)
            out.append(f"{name:17} {style:5} n={len(rows)} precision={p:.4f} recall={r:.4f} F1={f:.4f} "
                       f">=0.99 {high:.3f} unsure {unsure:.3f}")  # fmt: skip
        if self.segments[1]:
            out.append(f"segments right {self.segments[0] / self.segments[1]:.4f} of {self.segments[1]}")
        if kinds := self.kinds():
            out.append("kinds: " + " ".join(f"{k} {v:.3f}" for k, v in kinds.items()))
            wrong = [(pair, n) for pair, n in self.pairs.most_common() if pair[0] != pair[1]][:12]
            out.append("taken for: " + ", ".join(f"{a}→{b} {n}" for (a, b), n in wrong))
        if self.languages:
            parts = [f"{k} {mean(rows):.3f} ({len(rows)})" for k, rows in sorted(self.languages.items())]
            out.append("by country or language: " + ", ".join(parts))
        return out
