"""What the cut lines of a dump are called: the model's and the rules' word on each, and what stands around.

A line by itself is often anything: a title without a verb is a teaser, a caption or an advertisement. Lines
of one kind stand together, so a run of cut lines gets the sequence of labels that is likeliest as a whole
(Viterbi's algorithm), and below the article's end stand no captions and no headline.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.model.lexical import Floats, Ints

#: What the rules' word adds to the log of its label's chance, times how sure they are; what a label gains
#: that is the neighbour's too (half of it over two blank lines or more); what a caption or headline loses
#: below the article. Chosen on lines labelled by hand, three folds of five by site (mean F1 over labels .629,
#: where the rules' word stood above all else, to .650), checked on the other two (.521 to .553).
RULES: Final = 3.0
TOGETHER: Final = 1.0
MISPLACED: Final = 6.0
#: A kept line of more words than this is text for certain: the last of them is the article's end.
TEXT_WORDS: Final = 8
#: A chance is never less than this.
DOUBT: Final = 0.01
ABOVE_THE_END: Final = ("caption", "headline")
#: A page has one each of these as a rule, not a run of them.
SINGLE: Final = ("headline", "byline", "date", "credit")


def names(
    chances: Floats,
    classes: tuple[str, ...],
    *,
    kept: npt.NDArray[np.bool_],
    sizes: Floats,
    gaps: Ints,
    said: Ints,
    trust: Floats,
) -> Ints:
    """A class for each cut line, in order.

    `chances` holds the model's word, shape (cut lines, classes). The rest is of all lines of the page: kept
    or not, words, blank lines before; `said` is the class that the rules name (-1: they would keep it),
    `trust` how sure they are, 0..1.
    """
    at = np.flatnonzero(~kept)
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    worth = np.log(chances + DOUBT).astype(np.float64)
    named = np.flatnonzero(said[at] >= 0)
    worth[named, said[at][named]] += RULES * trust[at][named]
    text = np.flatnonzero(kept & (sizes > TEXT_WORDS))
    if len(text):
        below = at > text[-1]
        for label in ABOVE_THE_END:
            worth[below, classes.index(label)] -= MISPLACED
    near = np.diff(at) == 1
    runs = np.array([float(label not in SINGLE) for label in classes])
    bonus = np.where(near, np.where(gaps[at][1:] <= 1, TOGETHER, TOGETHER / 2), 0.0)[:, None] * runs
    return _likeliest(worth, bonus)


def _likeliest(worth: npt.NDArray[np.float64], bonus: npt.NDArray[np.float64]) -> Ints:
    """The sequence of classes of the greatest total.

    `bonus[i, k]` is gained where both line i and line i + 1 are of class k.
    """
    total = worth[0]
    same = np.arange(worth.shape[1])
    came: list[Ints] = []
    for more, own in zip(bonus, worth[1:], strict=True):
        best = int(total.argmax())
        stays = total + more >= total[best]
        came.append(np.where(stays, same, best))
        total = np.where(stays, total + more, total[best]) + own
    found = [int(total.argmax())]
    for back in reversed(came):
        found.append(int(back[found[-1]]))
    return np.array(found[::-1], dtype=np.int64)
