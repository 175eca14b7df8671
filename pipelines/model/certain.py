"""What tables know for certain of an HTML page's blocks: 'Also read: …', a picture's credit.

Such lines stand amid the text and look like it; golds of the training sets hold them now and then (on
wcxb_dev_article more often than not), so the model alone is never sure. A reader wants them out. What a block
loses here is taken off its log-odds. Five folds by host, without and with: fundus_tests .9655 and .9655,
evan .908 and .908, wcxb_dev_article .9646 and .9644.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from archive.values import LABELS
from pipelines.blocks import PageBlock
from pipelines.model.features import Columns
from pipelines.model.lexical import Floats
from pipelines.model.markup import TAGS

#: Label of a cue at a block's start → the longest block, in words, that it decides for; what that loses. A
#: long paragraph that begins with 'Source:' is text.
STARTS: Final = {
    "related": (40, 4.0), "credit": (16, 4.0), "author_bio": (120, 2.3), "comment_policy": (160, 2.3),
    "legal": (160, 2.3), "newsletter": (40, 2.3), "share": (16, 2.3), "nav": (40, 2.3), "ad": (20, 2.3),
    "date": (16, 2.3), "byline": (14, 2.3),
}  # fmt: skip
#: A line that is a cue and nothing else, unless it is a heading ('Comments' may be one).
WHOLE: Final = 2.3
#: A block that ends with a picture's credit; more where a picture stands right above it.
CREDITED: Final = 2.3
BELOW_A_PICTURE: Final = 4.0
#: A loss from which on no judge keeps the block.
SUREST: Final = 4.0
CREDITED_WORDS: Final = 45
_HEADINGS: Final = (TAGS["h2"], TAGS["h1"])


def captioned(blocks: Sequence[PageBlock]) -> Floats:
    """What blocks lose that say, word for word, what a figure's caption says."""
    captions = {block.text for block in blocks if block.tag == "figcaption"}
    lost = [BELOW_A_PICTURE if block.text in captions else 0.0 for block in blocks]
    return np.array(lost, dtype=np.float32)


def certain(columns: Columns, words: Floats) -> Floats:
    """What each block loses in log-odds of staying, shape (blocks,): 0 where no table is certain."""
    limits, losses = np.zeros(len(LABELS) + 1), np.zeros(len(LABELS) + 1)
    for label, (longest, loss) in STARTS.items():
        limits[LABELS.index(label) + 1], losses[LABELS.index(label) + 1] = longest, loss
    start = columns["cue start"].astype(np.int64)
    lost = np.where(words <= limits[start], losses[start], 0.0)
    heading = (columns["tag"] >= _HEADINGS[0]) & (columns["tag"] <= _HEADINGS[1])
    lost += WHOLE * ((columns["cue whole"] > 0) & ~heading)
    credited = (columns["picture credit"] >= 2) & (words <= CREDITED_WORDS)
    below = np.where(columns["pictures before"] > 0, BELOW_A_PICTURE, CREDITED)
    return np.asarray(lost + np.where(credited, below, 0.0), dtype=np.float32)
