"""Training pages measured: blocks, features that need no lexicon, labels, weights. Cached on disk."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from archive.values import KEPT_LABELS, LABELS
from pipelines.blocks import PageBlock, PageFacts
from pipelines.html_blocks import blocks_of, parse
from pipelines.metadata import read_metadata
from pipelines.model.markup import name_keys
from pipelines.model.page import Measured, measure_html, measure_text
from pipelines.rules import RuleLabeller
from pipelines.text_blocks import split_dump
from training.align import words
from training.corpus import BROAD, SETS, WORST_GOLD, fold_of, golds, labels, read, site_of, titles

#: What a cut block can be; the order is the class number of the kinds model.
CLUTTER = tuple(label for label in LABELS if label not in KEPT_LABELS and label != "dateline")
#: Share of each set's dumps that is trained on, by style: enough of each, and an afternoon's patience.
DUMPS = {
    "main": {"wcxb_dev_article": 1.0, "dragnet": 0.6, "cleaneval": 0.3, "wcxb_dev_other": 0.3},
    "full": {"wcxb_dev_article": 0.5, "dragnet": 0.2, "cleaneval": 0.08, "wcxb_dev_other": 0.08},
}
#: Dumps of news weigh so much more beside the others: their words are all there is, and golds differ most in
#: what looks alike (F1 on five folds, style main and full: fundus_tests +.0014 and +.0032, others -.0006).
DUMPS_OF_NEWS = {"fundus_tests": 3.0, "evan": 3.0}
#: A page of this set teaches as much as any: its segments are few but sure.
SEGMENTS_WEIGHT = 1.0


@dataclass
class Sample:
    """One page or dump, measured. `keep` is 1, 0 or -1 (unknown); `kind` a class of `CLUTTER` or -1."""

    set: str
    style: str
    id: str
    site: str
    lang: str | None
    texts: list[str]
    measured: Measured
    keep: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    #: Whether `kind` was labelled by hand (else it is a table's guess).
    by_hand: bool
    score: float
    golds: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    names: list[npt.NDArray[np.int64]] = field(default_factory=list)

    @property
    def fold(self) -> int:
        return fold_of(self.site)

    @property
    def trainable(self) -> bool:
        return self.score >= WORST_GOLD

    def weights(self) -> npt.NDArray[np.float64]:
        """Weight of each block; a page's total grows with the root of its length."""
        size = (1 + np.minimum(self.measured.lexical.words, 100)) ** 0.5
        total = SETS.get(self.set, SEGMENTS_WEIGHT) * (0.6 if self.style == "full" else 1.0)
        total *= DUMPS_OF_NEWS.get(self.set, 1.0) if self.measured.tree is None else 1.0
        return np.asarray(total * size / size.sum() * min(len(size), 200) ** 0.5, dtype=np.float64)


Hand = Mapping[str, list[tuple[int, str, str]]]


def hand_labels(gold: Path) -> dict[str, list[tuple[int, str, str]]]:
    """Page id → (line number, label, text) of each line labelled by hand."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for path in sorted((gold / "kinds").glob("*.jsonl")):
        for row in read(path):
            found[row["id"]] = [tuple(line) for line in row["labels"]]
    return found


def _chosen(row: Mapping[str, Any], style: str, name: str) -> bool:
    share = DUMPS[style].get(name, 1.0)
    return crc32(f"{name} {row['id']} {style}".encode()) % 1000 < share * 1000


def text_samples(bench: Path, hand: Hand) -> Iterator[Sample]:
    """The dumps of all sets with gold texts, both styles."""
    rules = RuleLabeller()
    for name in SETS:
        pages = {p["id"]: (site_of(p), titles(p["html"])) for p in read(bench / name / "pages.jsonl.gz")}
        rows = {g["id"]: g for g in read(bench / name / "gold.jsonl")}
        for dump in read(bench / name / "dumps.jsonl.gz"):
            row, style = rows[dump["id"]], dump["style"]
            lines = hand.get(dump["id"]) if style == "main" else None
            if not row["gold"] or not (lines or _chosen(row, style, name)):
                continue
            blocks = split_dump(dump["text"])
            if not blocks:
                continue
            site, known = pages[dump["id"]]
            texts = [b.text for b in blocks]
            keep, found = labels(texts, row, known, broad=name in BROAD)
            facts = PageFacts(form="text", url=dump["url"] or "")
            said = rules.label(blocks, facts)
            # The address helps where it is known; a dump often has none: half the pages learn without.
            blind = crc32(f"url {dump['id']}".encode()) % 2
            measured = measure_text(blocks, PageFacts(form="text", url="") if blind else facts, said)
            kind = np.array([_class_of(v.label) for v in said], dtype=np.int8)
            wanted = np.array(keep, dtype=np.int8)
            if lines:
                by_line = {number: label for number, label, _ in lines}
                told = [by_line.get(b.position, "other") for b in blocks]
                kind = np.array([_class_of(label) for label in told], dtype=np.int8)
                wanted = np.array([int(label in KEPT_LABELS) for label in told], dtype=np.int8)
            yield Sample(
                name, style, dump["id"], site, row.get("lang"), texts, measured, wanted, kind, bool(lines),
                found.f1, golds(row),
            )  # fmt: skip


def _class_of(label: str) -> int:
    return CLUTTER.index(label) if label in CLUTTER else -1


def html_samples(bench: Path, hand: Hand) -> Iterator[Sample]:
    """The HTML pages of all sets with gold texts, and of the set that has segments only."""
    for name in (*SETS, "traf_eval"):
        rows = {g["id"]: g for g in read(bench / name / "gold.jsonl")}
        for page in read(bench / name / "pages.jsonl.gz"):
            row = rows[page["id"]]
            if not row["gold"] and name != "traf_eval":
                continue
            sample = _html_sample(name, page, row, hand.get(page["id"]))
            if sample is not None:
                yield sample


def _html_sample(
    name: str, page: Mapping[str, Any], row: Mapping[str, Any], lines: Sequence[tuple[int, str, str]] | None
) -> Sample | None:
    url = page["url"] or ""
    tree = parse(page["html"])
    blocks = [b for b in blocks_of(tree) if not b.subtree]
    if not blocks:
        return None
    said = read_metadata(tree, url=url, html=page["html"], fetched_at=None)
    headline = said.headline or next((b.text for b in blocks if b.tag == "h1"), None)
    facts = PageFacts(
        form="html", url=url, headline=headline, description=said.description, authors=said.byline,
        article_body=said.article_body, page_type=said.page_type,
    )  # fmt: skip
    texts = [b.text for b in blocks]
    measured = measure_html(blocks, facts)
    kind = _guessed(measured)
    if name == "traf_eval":
        keep, score = _from_segments(texts, row), 1.0
    else:
        known, found = labels(texts, dict(row), titles(page["html"]), broad=name in BROAD)
        keep, score = np.array(known, dtype=np.int8), found.f1
    if lines:
        kind, keep = _carried(texts, lines, keep)
    sample = Sample(
        name, "html", page["id"], site_of(dict(page)), row.get("lang"), texts, measured, keep, kind,
        bool(lines), score,
    )  # fmt: skip
    if name == "traf_eval":
        sample.present, sample.absent = list(row["with"] or []), list(row["without"] or [])
    else:
        sample.golds = golds(dict(row))
    sample.names = [_name_buckets(b) for b in blocks]
    return sample


def _name_buckets(block: PageBlock) -> npt.NDArray[np.int64]:
    found: set[int] = set()
    for step, name in enumerate(reversed(block.path)):
        own, inside = name_keys(name)
        found.update(inside if step else own)
    return np.array(sorted(found), dtype=np.int64)


def _guessed(measured: Measured) -> npt.NDArray[np.int8]:
    """Kinds by the tables of cue words: the block's own, else its section's."""
    fixed = measured.fixed
    near = fixed["since opener"] < 12
    codes = np.zeros(len(measured.prose), dtype=np.int64)
    for source in ("cue start", "cue opener", "cue whole"):
        codes = np.where(fixed[source] > 0, fixed[source], codes).astype(np.int64)
    codes = np.where((codes == 0) & near, fixed["ruling opener"], codes).astype(np.int64)
    by_code = np.array([-1] + [_class_of(label) for label in LABELS], dtype=np.int8)
    return by_code[codes]


def _squash(text: str) -> str:
    return " ".join(text.split())


def _from_segments(texts: Sequence[str], row: Mapping[str, Any]) -> npt.NDArray[np.int8]:
    keep = np.full(len(texts), -1, dtype=np.int8)
    flat = [_squash(t) for t in texts]
    for segments, value in ((row["without"], 0), (row["with"], 1)):
        for segment in map(_squash, segments or []):
            for i, text in enumerate(flat):
                if segment and (segment in text or (len(text) > 30 and text in segment)):
                    keep[i] = value
    return keep


def _carried(
    texts: Sequence[str], lines: Sequence[tuple[int, str, str]], keep: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Hand labels of the page's dump laid over its HTML blocks; what is not found stays unknown."""
    known: dict[str, str] = {}
    for _, label, text in lines:
        known.setdefault(" ".join(words(text)), label)
    kind = np.full(len(texts), -1, dtype=np.int8)
    wanted = keep.copy()
    for i, text in enumerate(texts):
        found = known.get(" ".join(words(text)))
        if found is None:
            continue
        kind[i] = _class_of(found)
        hand = int(found in KEPT_LABELS)
        wanted[i] = hand if keep[i] in (hand, -1) else -1
    return kind, wanted


def cached(form: str, bench: Path, gold: Path, cache: Path | None) -> list[Sample]:
    """All samples of a form; measured once, then read back from `cache` (delete it when features change)."""
    path = cache / f"{form}.samples" if cache else None
    if path and path.exists():
        return list(pickle.loads(path.read_bytes()))  # noqa: S301 - our own cache
    hand = hand_labels(gold)
    made = list(text_samples(bench, hand) if form == "text" else html_samples(bench, hand))
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made, protocol=5))
    return made


def describe(samples: Sequence[Sample]) -> str:
    """One line a set: pages, blocks, share kept."""
    rows: dict[tuple[str, str], tuple[int, int, int]] = {}
    for s in samples:
        pages, blocks, kept = rows.get((s.set, s.style), (0, 0, 0))
        rows[s.set, s.style] = (pages + 1, blocks + len(s.keep), kept + int((s.keep == 1).sum()))
    return json.dumps({f"{k[0]} {k[1]}": v for k, v in rows.items()}, indent=1)
