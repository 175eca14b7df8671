"""What a payload is before anybody reads it: its encoding undone, and told to be HTML or plain text.

The order of belief follows the WHATWG Encoding and HTML standards ('determining the character encoding'):
byte order mark, HTTP header, `<meta>`; with one turn taken from practice: bytes that are valid UTF-8 and not
plain ASCII are UTF-8, whatever was declared, because text in another encoding is almost never valid UTF-8.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

from archive.values import Form

#: Bodies are capped at this on the way in (`DOWNLOAD_MAXSIZE`); what is larger came another way.
MAX_BYTES = 20 << 20

#: Of the characters of a page, this share may be beyond repair; above it the page is in another encoding or
#: no text at all. Pages with a few bad bytes (a pasted quotation mark) are common and readable.
_BAD_SHARE = 0.02
#: The detector reads this much; it needs about 1 ms per KB.
_DETECT_BYTES = 16_384
#: What the detector may answer: the Encoding standard's legacy encodings, by Python's names.
_WEB_ENCODINGS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
#: What undeclared pages in a language are usually in (HTML standard, 13.2.3.2, table of default encodings).
_LANGUAGE_ENCODINGS = {
    **dict.fromkeys(("bg", "be", "ky", "mk", "ru", "sr", "tg", "tt", "uk"), "cp1251"),
    **dict.fromkeys(("cs", "hu", "pl", "sk", "sl", "hr", "bs", "ro"), "cp1250"),
    **dict.fromkeys(("da", "de", "en", "es", "fi", "fr", "is", "it", "nl", "no", "nb", "pt", "sv"), "cp1252"),
    "ar": "cp1256",
    "fa": "cp1256",
    "el": "cp1253",
    "he": "cp1255",
    "tr": "cp1254",
    "vi": "cp1258",
    "et": "cp1257",
    "lt": "cp1257",
    "lv": "cp1257",
    "th": "cp874",
    "ko": "cp949",
}
_LANG = re.compile(rb"<html[^>]*\slang\s*=\s*[\"']?([a-zA-Z]{2})\b", re.I)
#: Declarations must stand in the first 1024 bytes; pages exceed that, browsers forgive it.
_DECLARATION_BYTES = 4096

#: First bytes of what servers send as text/html by mistake, with the words of the sentence.
_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF media file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
#: Tags that stand near the start of HTML pages and of nothing else; prose may hold a lone `<`.
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|link|article|main|section|div|script|p|h1|table|span)"
    r"(?=[\s>/])[^<>]*>",
    re.I,
)
_HTML_TYPES = ("text/html", "application/xhtml+xml")


class PageError(Exception):
    """A page that cannot be cleaned. Root of this room's errors; the message is the whole sentence.

    >>> str(PageError("is empty; fetch it again", "https://example.org/a"))
    'https://example.org/a is empty; fetch it again'
    """

    def __init__(self, what: str, url: str = "") -> None:
        self.url = url
        super().__init__(f"{url or 'the page'} {what}")

    def __reduce__(self) -> tuple[type[PageError], tuple[str, str]]:
        return type(self), (str(self).removeprefix(self.url or "the page").lstrip(), self.url)


class Page(NamedTuple):
    """A page as characters: valid Unicode, no lone surrogates, no NUL."""

    text: str
    form: Form
    #: Python's name of the encoding that was undone; "" when the page came as characters.
    encoding: str
    #: The same characters in UTF-8: what parsers read.
    utf8: bytes


def read_page(page: str | bytes, *, url: str = "", content_type: str = "", form: Form | None = None) -> Page:
    """Decode `page` and tell its form (unless given).

    An HTML page is read leniently: bad bytes become U+FFFD. A plain-text dump is read strictly, since it is
    what the user made. Raises PageError for what is empty, too large, binary, cut within a character, or in
    an encoding that is wrong, mixed or cannot be told.
    """
    if len(page) > MAX_BYTES:
        raise PageError(f"is larger than {MAX_BYTES >> 20} MB; split it, or leave it out", url)
    if isinstance(page, str):
        text, encoding = page, ""
        text, utf8 = _valid(text)
    else:
        _refuse_binary(page, url)
        text, encoding = _decoded(page, content_type, form, url)
        if encoding == "utf-8" and "\ufffd" not in text and not page.startswith(codecs.BOM_UTF8):
            utf8 = bytes(page)  # every byte of it was valid: it is what encoding the text again would give
        else:
            text, utf8 = _valid(text)
    if not text or text.isspace():
        raise PageError("is empty; fetch it again, or leave it out", url)
    controls = len(utf8) - len(utf8.translate(None, _CONTROLS))
    if controls > 2 and controls > _BAD_SHARE * len(text):
        raise PageError("is binary, not text; leave it out", url)
    told = form or _form(text, content_type)
    if "\0" in text:
        text, utf8 = text.replace("\0", ""), utf8.replace(b"\0", b"")
    return Page(text, told, encoding, utf8)


def looks_like_html(text: str) -> bool:
    """Whether `text` is markup, told by its content alone."""
    return _HTML.search(text[:_DECLARATION_BYTES]) is not None


def _form(text: str, content_type: str) -> Form:
    if looks_like_html(text):
        return "html"
    # A declared type is believed only where the content does not speak: servers call everything text/html.
    declared = content_type.partition(";")[0].strip().lower()
    return "html" if declared in _HTML_TYPES and "<" in text else "text"


def _valid(text: str) -> tuple[str, bytes]:
    """`text` and its UTF-8. Surrogates, legal in JSON escapes, are in no encoding: pairs become their
    character, others U+FFFD."""
    try:
        return text, text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text, text.encode("utf-8")


def _refuse_binary(body: bytes, url: str) -> None:
    for magic, word in _MAGICS:
        if body.startswith(magic):
            raise PageError(f"is {word}, not a page of text; leave it out", url)


def _decoded(body: bytes, content_type: str, form: Form | None, url: str) -> tuple[str, str]:
    bom, rest = _without_bom(body)
    if bom:
        return _strictly(rest, bom, url) if form == "text" else _leniently(rest, bom, url)
    declared = _declared(body, content_type)
    if not (body.isascii() and declared.startswith(("iso2022", "hz", "utf-16"))):
        try:
            return body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    if wide := _wide(body):
        return _leniently(body, wide, url)
    plain = form == "text" or (form is None and not _HTML.search(body[:_DECLARATION_BYTES].decode("latin-1")))
    if plain:
        return _strictly(body, declared or "utf-8", url)
    if declared and declared != "utf-8":
        try:
            return body.decode(declared), declared
        except UnicodeDecodeError:
            pass
    return _leniently(body, _detected(body, declared), url)


def _without_bom(body: bytes) -> tuple[str, bytes]:
    encoding, mark = read_bom(body)
    return (encoding, body[len(mark) :]) if encoding and mark else ("", body)


def _declared(body: bytes, content_type: str) -> str:
    """Python's name of the declared encoding, by the WHATWG's table of labels, or ""."""
    header = http_content_type_encoding(content_type) if content_type else None
    name = header or html_body_declared_encoding(body[:_DECLARATION_BYTES]) or ""
    return (resolve_encoding(name) or "") if name else ""


def _wide(body: bytes) -> str:
    """UTF-16 without a mark: in most scripts' text every other byte of its spaces and digits is NUL."""
    sample = body[:_DETECT_BYTES]
    if len(sample) < 4 or sample.count(0) < len(sample) * 0.1:
        return ""
    return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"


def _strictly(body: bytes, encoding: str, url: str) -> tuple[str, str]:
    try:
        return body.decode(encoding), encoding
    except UnicodeDecodeError as error:
        if error.end >= len(body) and error.reason.startswith(("unexpected end", "truncated")):
            raise PageError(
                "ends in the middle of a character: it was cut; get it again whole", url
            ) from None
        line = body.count(b"\n", 0, error.start) + 1
        rest = body.decode("utf-8", "ignore")
        mixed = encoding == "utf-8" and not rest.isascii()
        what = "mixes encodings" if mixed else f"is not {encoding} text"
        raise PageError(
            f"{what} (byte 0x{body[error.start]:02x} in line {line}); convert it to UTF-8", url
        ) from None


def _leniently(body: bytes, encoding: str, url: str) -> tuple[str, str]:
    text = body.decode(encoding, "replace")
    if text.count("\ufffd") > max(2, _BAD_SHARE * len(text)):
        raise PageError(
            f"is not {encoding} text, nor in another encoding that can be told; leave it out", url
        )
    return text, encoding


def _detected(body: bytes, declared: str) -> str:
    """What bytes are that are not valid in the declared encoding, or declare none.

    UTF-8 with few bad bytes stays UTF-8; the rest is the detector's guess, else Windows-1252, which the
    HTML standard falls back to.
    """
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for c in text if c > "\x7f") - bad
    if good > 4 * bad:
        return "utf-8"
    if declared and declared != "utf-8" and _few_bad(body, declared):
        return declared
    sample = _without_ascii_markup(body)
    if (usual := _usual_encoding(body)) and _few_bad(body, usual):
        return usual
    from charset_normalizer import from_bytes  # rarely needed, and 40 ms to load

    best = from_bytes(sample, cp_isolation=_WEB_ENCODINGS).best() if sample else None
    return codecs.lookup(best.encoding).name if best is not None else "cp1252"


def _usual_encoding(body: bytes) -> str:
    found = _LANG.search(body[:_DECLARATION_BYTES])
    return _LANGUAGE_ENCODINGS.get(found[1].decode("ascii").lower(), "") if found else ""


def _few_bad(body: bytes, encoding: str) -> bool:
    text = body.decode(encoding, "replace")
    return text.count("\ufffd") <= _BAD_SHARE * len(text)


def _without_ascii_markup(body: bytes) -> bytes:
    """The text around the non-ASCII bytes: markup and scripts only mislead the detector."""
    lines = [line for line in re.split(rb"[\n<>]", body) if not line.isascii()]
    return b"\n".join(lines)[:_DETECT_BYTES]
