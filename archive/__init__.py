"""What is kept: WARC, SQLite, search. Knows nothing of Scrapy, HTML or cleaning.

One `Archive` writes at a time; any number of `Catalogue`s read. `read_warc` and `read_wacz` read files of
any maker as captures. The values that cross the seams are in `archive.values`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.catalogue import Catalogue, StoredArticle
    from archive.digests import payload_digest
    from archive.errors import ArchiveBusy, ArchiveError
    from archive.front.plugins.pressmark_front.query import read_search
    from archive.reading import RecordProblem, read_wacz, read_warc
    from archive.recovery import Recovery
    from archive.store import Archive
    from archive.takedown import Takedown, TakenDown
    from archive.values import Outcome
    from archive.verify import check
else:
    from archive.faces import lazily

    #: Where each name lives. It is imported when it is first asked for: what a command does not use (SQLite,
    #: trafilatura) is not loaded for it.
    _HOMES = {
        "Archive": "archive.store",
        "ArchiveBusy": "archive.errors",
        "ArchiveError": "archive.errors",
        "Catalogue": "archive.catalogue",
        "Outcome": "archive.values",
        "RecordProblem": "archive.reading",
        "Recovery": "archive.recovery",
        "StoredArticle": "archive.catalogue",
        "TakenDown": "archive.takedown",
        "Takedown": "archive.takedown",
        "check": "archive.verify",
        "payload_digest": "archive.digests",
        "read_search": "archive.front.plugins.pressmark_front.query",
        "read_wacz": "archive.reading",
        "read_warc": "archive.reading",
    }

    __getattr__, __dir__ = lazily(globals(), _HOMES)


__all__ = [
    "Archive",
    "ArchiveBusy",
    "ArchiveError",
    "Catalogue",
    "Outcome",
    "RecordProblem",
    "Recovery",
    "StoredArticle",
    "Takedown",
    "TakenDown",
    "check",
    "payload_digest",
    "read_search",
    "read_wacz",
    "read_warc",
]
