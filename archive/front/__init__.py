"""The front: what makes plain `datasette news-archive/` show an archive as pages for reading.

Owns the files that stand beside the database for Datasette: metadata, settings, templates, style and plugins.
They are complete in themselves, so the reader's Datasette may be installed elsewhere, without pressmark.
Knows nothing of WARC or of how the database is written.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.front.files import write_front
    from archive.front.serving import serve
else:
    from archive.faces import lazily

    #: Imported when first asked for: a search in the terminal takes its language from here, and no server.
    _HOMES = {"serve": "archive.front.serving", "write_front": "archive.front.files"}

    __getattr__, __dir__ = lazily(globals(), _HOMES)


__all__ = ["serve", "write_front"]
