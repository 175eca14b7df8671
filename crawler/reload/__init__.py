"""Reload: captures out of what people already have, whatever form it is in.

`captures_in` walks files and folders and yields a `Capture` for each page, a `ReadProblem` for each file,
line or record that cannot be read. It decides what a file is by its content (`sniff`), never by its name
alone. It does not clean, and it stores nothing.
"""

from typing import TYPE_CHECKING

from crawler.reload.problems import ReadProblem
from crawler.reload.rows import capture_of_row
from crawler.reload.sniff import FileForm, sniff

if TYPE_CHECKING:
    from crawler.reload.walk import STANDARD_INPUT, captures_in
else:
    from archive.faces import lazily

    #: Imported when it is first asked for: reading WARC takes longer to load than a page to clean.
    _HOMES = dict.fromkeys(("STANDARD_INPUT", "captures_in"), "crawler.reload.walk")

    __getattr__, __dir__ = lazily(globals(), _HOMES)


__all__ = ["STANDARD_INPUT", "FileForm", "ReadProblem", "capture_of_row", "captures_in", "sniff"]
