"""What an archive's WARC files hold, read with warcio: another's eyes on our files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # it ships no types


@dataclass
class Record:
    kind: str
    url: str
    block: bytes
    fields: dict[str, str]
    #: Each WARC-Protocol, which is the one field of ours that is repeated.
    protocols: list[str]

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")


def raw_records(archive: Path) -> list[Record]:
    """All records of the raw files, in order, blocks byte for byte."""
    records = []
    for file in sorted((archive / "warc").rglob("*.warc.gz")):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                fields = dict(record.rec_headers.headers)
                url = fields.get("WARC-Target-URI", "")
                protocols = [v for name, v in record.rec_headers.headers if name == "WARC-Protocol"]
                block = record.content_stream().read()
                records.append(Record(record.rec_type, url, block, fields, protocols))
    return records


def of_path(records: list[Record], path: str, kind: str = "response") -> list[Record]:
    return [record for record in records if record.path == path and record.kind == kind]
