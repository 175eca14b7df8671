"""What an HTML page says about itself: headline, authors, dates and the rest, each with its source."""

from pipelines.metadata.headlines import clean_headline
from pipelines.metadata.names import clean_authors
from pipelines.metadata.reading import read_metadata
from pipelines.metadata.values import Metadata

__all__ = ["Metadata", "clean_authors", "clean_headline", "read_metadata"]
