"""The learned labeller: the two trained models behind the seam that the rules stand behind too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from archive.values import KEPT_LABELS
from pipelines.blocks import PageBlock, PageFacts, Verdict
from pipelines.model import bundle as bundles
from pipelines.model import decision, kinds, naming, page
from pipelines.model.bundle import Bundle
from pipelines.model.certain import SUREST, captioned, certain
from pipelines.model.features import Columns
from pipelines.model.lexical import Floats, Ints
from pipelines.model.markup import TAGS
from pipelines.rules import RuleLabeller

#: Element of a kept block → its label; anything else kept is running text.
KEPT_BY_TAG: Final = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("li", "dd", "dt"), "list"),
    **dict.fromkeys(("td", "th", "tr", "table", "caption"), "table"),
    **dict.fromkeys(("blockquote", "q"), "quote"),
}
_KEPT_REASON: Final = "learned: part of the article"
#: Stands in until a cut block is named.
_CUT: Final = Verdict("other", "", 0.0)
#: From here on a block says the headline and little else.
_SAID: Final = 0.9
#: How sure a referee's word is at least: its precision on news is higher, on a page that we doubt it is not.
REFEREE: Final = 0.6
Kept = npt.NDArray[np.bool_]
_BULLETS: Final = tuple("•·▪■●►▸‣◦-–*")


#: Below this expected F1 a referee is asked. On pages of unseen sites (fundus_tests, evan, wcxb_dev_article;
#: five folds) trafilatura was better on 6 of the 9 pages below it (and lost whole articles on others: see
#: `html_clean._agrees`), on 2 of the 14 between it and .8 (mean .763 to the model's .801).
CONFIDENT: Final = 0.6


class Judgement(msgspec.Struct, frozen=True):
    """Verdicts for a page's blocks, and the F1 that its cut is expected to have."""

    verdicts: list[Verdict]
    confidence: float


class Weight(msgspec.Struct, frozen=True):
    """What one feature added to a block's log-odds of staying (positive: towards the article)."""

    feature: str
    value: float
    weight: float


@lru_cache(maxsize=2)
def shipped(form: str) -> Bundle:
    """The model that is part of the package, for `html` or `text`."""
    if form not in bundles.FORMS:
        raise bundles.ModelError(f"no model for pages of form {form!r}; there are {', '.join(bundles.FORMS)}")
    return bundles.load(BytesIO((files("pipelines.model") / f"{form}.bin").read_bytes()))


@lru_cache(maxsize=1)
def learned() -> ModelLabeller:
    """The labeller with the shipped models, made once a process."""
    return ModelLabeller()


class ModelLabeller:
    """Labels blocks by the trained models. Deterministic; one thread; no clock, disk or network once loaded.

    What HTML itself names as furniture (`subtree`) keeps the label it came with. With `facts.referee`
    given, the referee says what stays, and the model what the rest is.
    """

    def __init__(self, html: Bundle | None = None, text: Bundle | None = None) -> None:
        self._bundles = {"html": html, "text": text}
        self._rules = RuleLabeller()

    def label(self, blocks: Sequence[PageBlock], facts: PageFacts) -> list[Verdict]:
        """One verdict for each block, in order."""
        return self.judge(blocks, facts).verdicts

    def judge(self, blocks: Sequence[PageBlock], facts: PageFacts) -> Judgement:
        """The verdicts and how sure they are; below `CONFIDENT` a referee is worth its time."""
        seen = [i for i, b in enumerate(blocks) if not b.subtree]
        verdicts = [Verdict(b.subtree or "other", "page furniture by its element or role") for b in blocks]
        if not seen:
            return Judgement(verdicts, 0.0)
        own = [blocks[i] for i in seen]
        referee = np.array([facts.referee[i] for i in seen], dtype=bool) if facts.referee else None
        found, confidence = (self._dump if facts.form == "text" else self._page)(own, facts, referee)
        for i, verdict in zip(seen, found, strict=True):
            verdicts[i] = verdict
        return Judgement(verdicts, confidence)

    def _page(
        self, blocks: Sequence[PageBlock], facts: PageFacts, referee: Kept | None
    ) -> tuple[list[Verdict], float]:
        """The verdicts on an HTML page's blocks."""
        model, measured, columns, rows, _ = self._measured(blocks, facts)
        assert measured.tree is not None
        sizes = measured.lexical.words
        probability = decision.smoothed(model.keep.probability(rows), measured.tree.leaf, sizes)
        lost = certain(columns, sizes) + captioned(blocks)
        probability = decision.less(probability, lost)
        stay, confidence = decision.cut(probability, sizes)
        least, why = 0.0, _KEPT_REASON
        if referee is not None:
            # What tables are surest of, and the headline, are no text whoever says so.
            title = (columns["headline held"] >= _SAID) & (columns["headline share"] >= _SAID)
            stay = referee & (lost < SUREST) & ~(title & (columns["tag"] == TAGS["h1"]))
            least, why = REFEREE, "trafilatura takes it for the article"
        kept = decision.said_once([b.text for b in blocks], stay, probability, sizes)
        scores = probability.tolist()
        verdicts = [
            Verdict(_kept_label(block), why, round(max(score, least), 3)) if stays else _CUT
            for block, stays, score in zip(blocks, kept.tolist(), scores, strict=True)
        ]
        names = kinds.name_cut(
            blocks, ~kept, model.kinds.classes(rows[~kept]), model.classes, columns, measured.tree,
            measured.lexical.tokens,
        )  # fmt: skip
        for at, named in zip(np.flatnonzero(~kept).tolist(), names, strict=True):
            score = round(max(1 - scores[at], least), 3)
            if stay[at]:
                verdicts[at] = Verdict("duplicate", "said again, word for word, elsewhere", score)
            else:
                verdicts[at] = Verdict(named.label, named.reason, score)
        return verdicts, confidence

    def _dump(
        self, blocks: Sequence[PageBlock], facts: PageFacts, referee: Kept | None
    ) -> tuple[list[Verdict], float]:
        """The verdicts on a dump's lines."""
        model, measured, _, rows, rules = self._measured(blocks, facts)
        sizes = measured.lexical.words
        trust = [r.score if r.label in KEPT_LABELS else -r.score for r in rules]
        probability = decision.advised(model.keep.probability(rows), np.array(trust, dtype=np.float32))
        kept, confidence = decision.cut(probability, sizes)
        if referee is not None:
            kept = referee
        chances = model.kinds.classes(rows[~kept])
        dropped = iter(_named(blocks, chances, model.classes, kept, sizes, rules).tolist())
        verdicts = []
        for at, block in enumerate(blocks):
            if kept[at]:
                label = _kept_line(block, rules[at])
                verdicts.append(Verdict(label, _KEPT_REASON, round(float(probability[at]), 3)))
                continue
            label = model.classes[next(dropped)]
            # Where the rules say the same, they can say why.
            agree = rules[at].label == label
            reason = rules[at].reason if agree else f"learned: {label.replace('_', ' ')}"
            verdicts.append(Verdict(label, reason, round(1 - float(probability[at]), 3)))
        return verdicts, confidence

    def weigh(self, blocks: Sequence[PageBlock], facts: PageFacts, top: int = 3) -> list[tuple[Weight, ...]]:
        """For each block the features that weighed most in keeping or cutting it. Slow: for explaining."""
        own = [b for b in blocks if not b.subtree]
        if not own:
            return [()] * len(blocks)
        model, _, _, rows, _ = self._measured(own, facts)
        found = iter([self._weights(model, row, top) for row in rows])
        return [() if b.subtree else next(found) for b in blocks]

    def _measured(
        self, blocks: Sequence[PageBlock], facts: PageFacts
    ) -> tuple[Bundle, page.Measured, Columns, Floats, Sequence[Verdict]]:
        form = "text" if facts.form == "text" else "html"
        model = self._bundles[form] or shipped(form)
        if form == "text":
            rules: Sequence[Verdict] = self._rules.label(blocks, PageFacts(form="text", url=facts.url))
            measured = page.measure_text(blocks, facts, rules)
        else:
            rules = ()
            measured = page.measure_html(blocks, facts)
        columns = page.columns_of(measured, model.lexicons)
        try:
            rows = page.matrix(columns, model.features)
        except KeyError as missing:
            raise bundles.ModelError(
                f"the {form} model was made for other features ({missing}); train it again"
            ) from missing
        return model, measured, columns, rows, rules

    @staticmethod
    def _weights(model: Bundle, row: Floats, top: int) -> tuple[Weight, ...]:
        added = model.keep.weights(row)
        best = np.argsort(-np.abs(added), kind="stable")[:top]
        return tuple(Weight(model.features[f], float(row[f]), float(added[f])) for f in best)


def _named(
    blocks: Sequence[PageBlock],
    chances: Floats,
    classes: tuple[str, ...],
    kept: Kept,
    sizes: Floats,
    rules: Sequence[Verdict],
) -> Ints:
    known = {label: number for number, label in enumerate(classes)}
    return naming.names(
        chances,
        classes,
        kept=kept,
        sizes=sizes,
        gaps=np.array([b.gap for b in blocks], dtype=np.int64),
        said=np.array([known.get(r.label, -1) for r in rules], dtype=np.int64),
        trust=np.array([r.score for r in rules], dtype=np.float32),
    )


def _kept_label(block: PageBlock) -> str:
    return KEPT_BY_TAG.get(block.tag, _enclosing(block.path))


def _kept_line(block: PageBlock, rule: Verdict) -> str:
    if rule.label in ("heading", "list"):
        return rule.label
    return "list" if block.text.startswith(_BULLETS) else "body"


def _enclosing(path: tuple[str, ...]) -> str:
    for name in reversed(path[:-1]):
        tag = name.split("#", 1)[0].split(".", 1)[0]
        if tag in ("blockquote", "table"):
            return "quote" if tag == "blockquote" else "table"
    return "body"
