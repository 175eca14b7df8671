"""What a site's memory says of a page's blocks, as features: how often their texts stood on other pages.

The shipped models were trained without a memory and use none of these columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipelines.blocks import SiteMemory, block_digest
from pipelines.model.features import Columns

#: Pages that the memory knows; those that show the block's text; the share of the one in the other.
COLUMNS: Final = ("memory pages", "memory seen", "memory share")
#: In place of each where nobody remembers, or the memory knows no page of the site.
UNKNOWN: Final = -1.0


def memory_columns(texts: Sequence[str], memory: SiteMemory | None) -> Columns:
    """The columns of `COLUMNS`, shape (blocks,) each; counts as log(1 + n)."""
    n = len(texts)
    if memory is None or memory.pages <= 0:
        unknown = np.full(n, UNKNOWN, dtype=np.float32)
        return dict.fromkeys(COLUMNS, unknown)
    seen = np.fromiter((memory.seen(block_digest(text)) for text in texts), dtype=np.float32, count=n)
    pages = np.full(n, np.log1p(memory.pages), dtype=np.float32)
    share = np.minimum(seen / np.float32(memory.pages), 1)
    return dict(zip(COLUMNS, (pages, np.log1p(seen), share), strict=True))
