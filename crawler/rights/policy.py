"""Which statements keep a page out of the archive: nothing does, unless the one who crawls says so.

robots.txt is always obeyed. What else an owner says is recorded; whether it binds differs by country and by
who keeps the archive for what (EU directive 2019/790, articles 3 and 4), so it is theirs to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.errors import CrawlerError

#: Word in `respect` → the statements that it obeys. A statement that ends with `=` stands for any value.
RESPECTABLE: dict[str, tuple[str, ...]] = {
    "noarchive": ("noarchive", "nocache"),
    "noindex": ("noindex",),
    "nosnippet": ("nosnippet",),
    "noai": ("noai", "noimageai"),
    "tdm-reservation": ("tdm-reservation=1",),
    "license": ("license=",),
    "search": ("search=no", "search=n"),
    "ai-input": ("ai-input=no", "ai-input=n"),
    "ai-train": ("ai-train=no", "ai-train=n", "train-ai=no", "train-ai=n"),
}


def checked_respect(words: Iterable[object]) -> tuple[str, ...]:
    """The words, once each. Raises CrawlerError for one that means nothing."""
    chosen = [str(word).strip().lower() for word in words if str(word).strip()]
    for word in chosen:
        if word not in RESPECTABLE:
            known = ", ".join(RESPECTABLE)
            raise CrawlerError(f"`respect` holds {word!r}, which means nothing; known are {known}")
    return tuple(dict.fromkeys(chosen))


def keeps_out(respect: Sequence[str], statements: Sequence[str]) -> str | None:
    """The statement for which a page is not to be kept; None when it may be."""
    for word in respect:
        for meant in RESPECTABLE[word]:
            for said in statements:
                if said == meant or (meant.endswith("=") and said.startswith(meant)):
                    return said
    return None
