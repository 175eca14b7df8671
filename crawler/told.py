"""Errors that write their own sentence, told as that sentence in the log of `scrapy crawl`.

What keeps a spider from starting (no path, no sites.toml, an archive in use) reaches the log through asyncio,
as "Task exception was never retrieved" with a traceback (Scrapy 2.19, `_crawl_and_track`). That is right for
a crash, and noise for a slip of the pen. Scrapy's exit code, 1, stays. The same for a page that could not be
kept because the disk is full: Scrapy's scraper tells it with a traceback, page by page.
"""

from __future__ import annotations

import logging

from archive import ArchiveError
from crawler.errors import CrawlerError


def _sentence_only(record: logging.LogRecord) -> bool:
    """A filter that lets every record pass, those of our own errors without their traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, CrawlerError | ArchiveError):
        record.msg, record.args = "%s", (str(error),)
        record.exc_info = record.exc_text = None
    return True


def _no_echo(record: logging.LogRecord) -> bool:
    """Drops what Scrapy's statistics say of a crawl that ended before it began: they miss its start time."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, AssertionError) and "CoreStats.spider_closed" in record.getMessage())


def tell_errors_in_a_sentence() -> None:
    """From now on errors of this house are logged as their sentence alone. Harmless when done twice."""
    for name in ("asyncio", "scrapy.core.scraper"):
        logging.getLogger(name).addFilter(_sentence_only)
    logging.getLogger("scrapy.utils.signal").addFilter(_no_echo)
