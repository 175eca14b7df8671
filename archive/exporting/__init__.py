"""What leaves the archive: selections of it as WARC, WET, CDXJ and WACZ files that other tools open.

Records are copied byte for byte; what a takedown withdrew is in no export, since no row points at it.
"""

from archive.exporting.exports import FORMATS, Exported, Format, Maker, export, export_name, put_in_place
from archive.exporting.selection import Selection, site_named
from archive.exporting.signing import Key, SigningError, load_key, make_key
from archive.exporting.wacz import check_wacz, signature_of

__all__ = [
    "FORMATS",
    "Exported",
    "Format",
    "Key",
    "Maker",
    "Selection",
    "SigningError",
    "check_wacz",
    "export",
    "export_name",
    "load_key",
    "make_key",
    "put_in_place",
    "signature_of",
    "site_named",
]
