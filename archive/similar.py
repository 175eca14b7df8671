"""Articles that share their text: wire copy, reprints, excerpts. Found when an article is kept, and linked.

Of an article's runs of four words (`likeness.runs`) those whose checksum divides by `SAMPLED` are indexed, at
most `_MOST` of them: a sample that is larger for a longer text, so that what one text holds of another can be
told, be it a copy or an excerpt (Broder, 'On the resemblance and containment of documents', 1997: modulo
sketches). Articles with runs of the sample in common are candidates; what they share is then counted on the
texts. The caller holds the transaction; nothing here changes a text.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from archive.likeness import runs

#: One run in so many is indexed: an article of 500 words has some 30.
SAMPLED = 16
#: Runs that are indexed of one article, the lowest checksums first.
_MOST = 64
#: A run that stands in so many articles is a site's boilerplate, or an agency's, and tells nothing.
_COMMON = 60
#: Candidates whose texts are compared, those with the most runs in common first.
_COMPARED = 12
#: Texts of fewer runs than this are too short to be like another.
_LEAST_RUNS = 30
#: Of the shorter text's runs so many are in the other: `similar`. Two articles of one site on different
#: matters share a fifth at most (`likeness`, measured on 1,099 pairs).
SIMILAR = 0.3
#: And so many: the same copy, whole or cut.
COPY = 0.75
#: Clusters are told anew, article by article, up to this size; larger ones only grow.
_LARGE = 300

METHOD = "runs of four words"


def relate(db: sqlite3.Connection, article_id: int) -> None:
    """Index an article's text, unless that is done, and link it with those that share it.

    Does what is needed when the text is another one than before. Cost: one look-up a sampled run, and the
    texts of twelve candidates at most. Measured: 1.7 ms of CPU for an article of 500 words beside 1.5 million
    indexed runs, one article in five a copy; 11 ms where each is like twelve others.
    """
    row = db.execute("select text, text_digest from articles where id = ?", (article_id,)).fetchone()
    if row is None:
        return
    text, digest = row
    known = db.execute("select text_digest from sketches where article_id = ?", (article_id,)).fetchone()
    if known is not None and known[0] == digest:
        return
    found = runs(text)
    sample = sampled(found)
    before = _partners(db, article_id)
    db.execute("delete from similar where article_id = ?1 or other_id = ?1", (article_id,))
    db.execute("delete from sketch_runs where article_id = ?", (article_id,))
    links = _links(db, article_id, found, sample)
    db.executemany(
        "insert into similar (article_id, other_id, score, method, kind) values (?, ?, ?, ?, ?)", links
    )
    db.executemany(
        "insert into sketch_runs (run, article_id) values (?, ?)", [(run, article_id) for run in sample]
    )
    db.execute(
        """insert into sketches (article_id, text_digest) values (?, ?)
           on conflict (article_id) do update set text_digest = excluded.text_digest""",
        (article_id, digest),
    )
    copies = {one for *pair, _, _, kind in links if kind == "copy" for one in pair}
    if copies or before:
        _cluster(db, {article_id, *copies, *before})


def forget(db: sqlite3.Connection, article_id: int) -> None:
    """Have `relate` look at an article again."""
    db.execute("delete from sketches where article_id = ?", (article_id,))


def to_relate(db: sqlite3.Connection, after: int, limit: int) -> list[int]:
    """Articles behind the number `after` whose text was not indexed as it is now."""
    found = db.execute(
        """select id from articles where id > ? and not exists (
               select 1 from sketches where article_id = id and sketches.text_digest = articles.text_digest)
           order by id limit ?""",
        (after, limit),
    )
    return [number for (number,) in found]


def sampled(found: Iterable[int]) -> list[int]:
    """The runs of a text that are indexed."""
    return sorted(run for run in found if run % SAMPLED == 0)[:_MOST]


def shared(one: frozenset[int], other: frozenset[int]) -> float:
    """Of the shorter text's runs, the share that the other has."""
    least = min(len(one), len(other))
    return len(one & other) / least if least >= _LEAST_RUNS else 0.0


def _links(
    db: sqlite3.Connection, article_id: int, found: frozenset[int], sample: list[int]
) -> list[tuple[int, int, float, str, str]]:
    if len(found) < _LEAST_RUNS:
        return []
    links = []
    for other in _candidates(db, article_id, sample):
        (text,) = db.execute("select text from articles where id = ?", (other,)).fetchone()
        score = shared(found, runs(text))
        if score >= SIMILAR:
            kind = "copy" if score >= COPY else "similar"
            links.append((min(article_id, other), max(article_id, other), round(score, 4), METHOD, kind))
    return links


def _candidates(db: sqlite3.Connection, article_id: int, sample: list[int]) -> list[int]:
    """Articles with telling runs of the sample in common: a tenth of it, and two at least."""
    counted: Counter[int] = Counter()
    telling = 0
    for run in sample:
        having = db.execute(
            "select article_id from sketch_runs where run = ? and article_id != ? limit ?",
            (run, article_id, _COMMON),
        ).fetchall()
        if len(having) < _COMMON:
            telling += 1
            counted.update(number for (number,) in having)
    least = min(max(2, telling // 10), max(telling, 1))
    best = sorted(((count, number) for number, count in counted.items() if count >= least), reverse=True)
    return [number for _, number in best[:_COMPARED]]


def _partners(db: sqlite3.Connection, article_id: int) -> set[int]:
    """Copies of an article, as linked so far."""
    rows = db.execute(
        """select other_id from similar where article_id = ?1 and kind = 'copy'
           union select article_id from similar where other_id = ?1 and kind = 'copy'""",
        (article_id,),
    )
    return {number for (number,) in rows}


def _cluster(db: sqlite3.Connection, changed: set[int]) -> None:
    """Give all articles that copies link with these one `cluster_id`: the lowest number among them."""
    waiting = set(changed)
    while waiting:
        group = _reachable(db, waiting.pop())
        waiting -= group
        # A large cluster is not walked whole: its number is that of whoever is in it.
        known = [
            number
            for (number,) in db.execute(
                f"select distinct cluster_id from articles where id in ({', '.join('?' * len(group))})"  # noqa: S608
                " and cluster_id is not null",
                tuple(group),
            )
        ]
        name = min(known) if len(group) >= _LARGE and known else min(group)
        cluster = None if len(group) == 1 else name
        db.executemany(
            "update articles set cluster_id = ?1 where id = ?2 and cluster_id is not ?1",
            [(cluster, number) for number in group],
        )


def _reachable(db: sqlite3.Connection, start: int) -> set[int]:
    group, waiting = {start}, [start]
    while waiting and len(group) < _LARGE:
        new = _partners(db, waiting.pop()) - group
        group |= new
        waiting += new
    return group
