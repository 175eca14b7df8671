"""What a file is, told by its first bytes."""

from __future__ import annotations

import re
import zlib
from enum import Enum

#: Enough to see past a comment, a licence or an XML prologue before the first tag.
HEAD_BYTES = 8192


#: A frame, and the skippable one in which a .warc.zst keeps its dictionary (RFC 8878, section 3.1).
ZSTD = b"\x28\xb5\x2f\xfd"
ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"


class FileForm(Enum):
    EMPTY = "empty"
    BINARY = "binary"
    WARC = "warc"
    WACZ = "wacz"
    JSON = "json"
    HTML = "html"
    TEXT = "text"


#: Magic numbers of files that people keep beside their dumps, with the word the message uses.
#: PNG, JPEG and GIF: W3C and ITU; PDF: ISO 32000; SQLite: sqlite.org/fileformat.html; others: file(1).
BINARY_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"PAR1", "a Parquet file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (ZSTD, "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
)

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# A tag that only HTML pages have near their start. Text dumps may hold '<' but not these.
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|article|div|script|p|h1)[\s>/]", re.I)
_JSON = re.compile(rb"\s*(?:\{\s*(?:\"|\})|\[\s*(?:\{|\]))")


def sniff(head: bytes) -> FileForm:
    """The form of a file that starts with `head` (`HEAD_BYTES` of it, or all).

    Gzip is looked through: a `.warc.gz`, `.jsonl.gz` or `.html.gz` is what its content is. Of zstd only WARC
    files are read, and only they begin with a dictionary.
    """
    if head.startswith(ZSTD_DICTIONARY):
        return FileForm.WARC
    if head.startswith(b"\x1f\x8b"):
        head = gunzip_head(head)
    if head.startswith(ZSTD) and unzstd_head(head).startswith(b"WARC/"):
        return FileForm.WARC
    if not head.strip():
        return FileForm.EMPTY
    if head.startswith((b"WARC/", b"filedesc://")):
        return FileForm.WARC
    if head.startswith(b"PK\x03\x04"):
        return FileForm.WACZ
    if binary_word(head):
        return FileForm.BINARY
    body = head.removeprefix(b"\xef\xbb\xbf")
    if _JSON.match(body):
        return FileForm.JSON
    if head.startswith(_UTF16_BOMS):  # Windows saves pages as 'Unicode'
        body = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    if _HTML.search(body):
        return FileForm.HTML
    return FileForm.TEXT


def binary_word(head: bytes) -> str | None:
    """What kind of binary file this is, in words, or None for text."""
    for magic, word in BINARY_MAGICS:
        if head.startswith(magic):
            return word
    if head.startswith(_UTF16_BOMS):
        return None
    # NUL stands in no text encoding but UTF-16 and UTF-32; a stray one in a long dump is damage, not a form.
    if head.count(0) > max(1, len(head) // 500):
        return "a binary file"
    return None


def gunzip_head(head: bytes) -> bytes:
    """The first bytes behind gzip; b"" when even they are broken."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def unzstd_head(head: bytes) -> bytes:
    """The first bytes behind zstd; b"" when even they are broken."""
    import zstandard  # here, since hardly any file is of this kind

    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(head) as stream:
            return stream.read(HEAD_BYTES)
    except zstandard.ZstdError:
        return b""
