"""What is kept: WARC, SQLite, search. Knows nothing of Scrapy, HTML or cleaning.

One `Archive` writes at a time; any number of `Catalogue`s read. `read_warc` and `read_wacz` read files of
any maker as captures. The values that cross the seams are in `archive.values`.
"""

from archive.catalogue import Catalogue, StoredArticle
from archive.digests import payload_digest
from archive.errors import ArchiveBusy, ArchiveError, QueryError
from archive.reading import RecordProblem, read_wacz, read_warc
from archive.recovery import Recovery
from archive.store import Archive
from archive.verify import check
from archive.versions import Outcome

__all__ = [
    "Archive",
    "ArchiveBusy",
    "ArchiveError",
    "Catalogue",
    "Outcome",
    "QueryError",
    "RecordProblem",
    "Recovery",
    "StoredArticle",
    "check",
    "payload_digest",
    "read_wacz",
    "read_warc",
]
