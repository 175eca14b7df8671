"""What a page says: page → blocks → labels → article, and the account of every cut.

Owns reading, judging and rendering pages, HTML or plain-text dumps. Knows nothing of HTTP, Scrapy or how
anything is stored; takes the time as an argument and touches neither network nor disk.
"""

from pipelines.cleaning import CLEANER, CLEANERS, clean, cleaner_of
from pipelines.formats import FORMATS, formatted
from pipelines.page import PageError, read_page
from pipelines.workers import PageFailure, WorkerPool

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
