"""What leaves the archive: selections of it as WARC, WET, CDXJ and WACZ files that other tools open.

Records are copied byte for byte; what a takedown withdrew is in no export, since no row points at it.
"""

from archive.exporting.exports import FORMATS, Exported, Format, Maker, export, export_name
from archive.exporting.selection import Selection
from archive.exporting.signing import SigningError, load_key, make_key
from archive.exporting.wacz import WaczFault, check_wacz, signature_of

__all__ = [
    "FORMATS",
    "Exported",
    "Format",
    "Maker",
    "Selection",
    "SigningError",
    "WaczFault",
    "check_wacz",
    "export",
    "export_name",
    "load_key",
    "make_key",
    "signature_of",
]
