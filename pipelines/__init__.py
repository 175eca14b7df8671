"""What a page says: page → blocks → labels → article, and the account of every cut.

Owns reading, judging and rendering pages, HTML or plain-text dumps. Knows nothing of HTTP, Scrapy or how
anything is stored; takes the time as an argument and touches neither network nor disk.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.cleaning import CLEANER, CLEANERS, clean, cleaner_of
    from pipelines.formats import FORMATS, formatted
    from pipelines.page import PageError, read_page
    from pipelines.workers import PageFailure, WorkerPool
else:
    from archive.faces import lazily

    #: Where each name lives. It is imported when it is first asked for: what a command does not use (SQLite,
    #: trafilatura) is not loaded for it.
    _HOMES = {
        "CLEANER": "pipelines.cleaning",
        "CLEANERS": "pipelines.cleaning",
        "FORMATS": "pipelines.formats",
        "PageError": "pipelines.page",
        "PageFailure": "pipelines.workers",
        "WorkerPool": "pipelines.workers",
        "clean": "pipelines.cleaning",
        "cleaner_of": "pipelines.cleaning",
        "formatted": "pipelines.formats",
        "read_page": "pipelines.page",
    }

    __getattr__, __dir__ = lazily(globals(), _HOMES)


__all__ = [
    "CLEANER",
    "CLEANERS",
    "FORMATS",
    "PageError",
    "PageFailure",
    "WorkerPool",
    "clean",
    "cleaner_of",
    "formatted",
    "read_page",
]
