"""What the rule labeller says of a dump's lines, as features of the learned one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from archive.values import KEPT_LABELS, LABELS
from pipelines.blocks import Verdict
from pipelines.model.features import Columns, shift, since, until, window
from pipelines.model.lexical import Floats, Ints

#: Label → code, from 1; the order of the closed list is part of the trained models.
CODES: Final = {label: code for code, label in enumerate(LABELS, 1)}
_KEPT: Final = np.array([code for label, code in CODES.items() if label in KEPT_LABELS])


def opinion_of(verdicts: Sequence[Verdict]) -> tuple[Ints, Floats]:
    """The verdicts as label codes and scores."""
    codes = np.fromiter((CODES[v.label] for v in verdicts), dtype=np.int64, count=len(verdicts))
    scores = np.fromiter((v.score for v in verdicts), dtype=np.float32, count=len(verdicts))
    return codes, scores


def opinion_columns(codes: Ints, scores: Floats, prose: Floats) -> Columns:
    """Features from another labeller's word on each block and on those around it."""
    kept = np.isin(codes, _KEPT)
    keeps = kept.astype(np.float32)
    trust = np.where(kept, scores, -scores).astype(np.float32)
    told = codes.astype(np.float32)
    total = float((prose * keeps).sum()) + 1.0
    ahead = np.cumsum(prose * keeps) - prose * keeps
    return {
        "rule label": told,
        "rule trust": trust,
        "rule label before": shift(told, 1),
        "rule label after": shift(told, -1),
        "rule trust before": shift(trust, 1),
        "rule trust after": shift(trust, -1),
        "rule trust within 2": window(trust, 2),
        "rule trust within 5": window(trust, 5),
        "rule prose ahead": (ahead / total).astype(np.float32),
        "since rule kept": since(kept & (prose > 10)),
        "until rule kept": until(kept & (prose > 10)),
        "rule kept share": np.full(len(codes), keeps.mean() if len(codes) else 0, dtype=np.float32),
    }
