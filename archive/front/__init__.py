"""The front: what makes plain `datasette news-archive/` show an archive as pages for reading.

Owns the files that stand beside the database for Datasette: metadata, settings, templates, style and plugins.
They are complete in themselves, so the reader's Datasette may be installed elsewhere, without pressmark.
Knows nothing of WARC or of how the database is written.
"""

from __future__ import annotations

from archive.front.files import write_front
from archive.front.serving import serve

__all__ = ["serve", "write_front"]
