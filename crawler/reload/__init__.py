"""Reload: captures out of what people already have, whatever form it is in.

`captures_in` walks files and folders and yields a `Capture` for each page, a `ReadProblem` for each file,
line or record that cannot be read. It decides what a file is by its content (`sniff`), never by its name
alone. It does not clean, and it stores nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from crawler.reload.problems import ReadProblem
from crawler.reload.rows import capture_of_row
from crawler.reload.sniff import FileForm, sniff

if TYPE_CHECKING:
    from crawler.reload.walk import STANDARD_INPUT, captures_in
else:
    #: Imported when it is first asked for: reading WARC takes longer to load than a page to clean.
    _HOMES = dict.fromkeys(("STANDARD_INPUT", "captures_in"), "crawler.reload.walk")

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return found

    def __dir__() -> list[str]:
        return [*globals(), *_HOMES]


__all__ = ["STANDARD_INPUT", "FileForm", "ReadProblem", "capture_of_row", "captures_in", "sniff"]
