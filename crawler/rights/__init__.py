"""What a site's owner says of the use of its pages: read, recorded with each capture, obeyed where asked.

Pure: headers, bytes and texts in, short statements out. `statements` reads a page, `robots` robots.txt,
`tdmrep` the well-known file of the TDM Reservation Protocol, `policy` says which statements keep a page out.
"""

from crawler.rights.policy import RESPECTABLE, checked_respect, keeps_out
from crawler.rights.robots import in_robots, verdict_of
from crawler.rights.statements import in_headers, in_page, settled
from crawler.rights.tdmrep import TdmRule, read_tdmrep, rule_for

__all__ = [
    "RESPECTABLE",
    "TdmRule",
    "checked_respect",
    "in_headers",
    "in_page",
    "in_robots",
    "keeps_out",
    "read_tdmrep",
    "rule_for",
    "settled",
    "verdict_of",
]
