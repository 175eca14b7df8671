"""Digests, and the form in which text can be stored at all."""

from __future__ import annotations

import base64
import hashlib
import re


def payload_digest(payload: bytes) -> str:
    """`sha1:` and 32 base32 characters, the form used by WARC tools (WARC 1.1, section 5.9)."""
    # SHA-1 names records here as in every web archive; nothing is authenticated by it.
    return sha1_label(hashlib.sha1(payload, usedforsecurity=False).digest())


def sha1_label(digest: bytes) -> str:
    """A SHA-1 digest of 20 bytes in that form."""
    return "sha1:" + base64.b32encode(digest).decode("ascii")


#: The algorithms that WARC files label their digests with: hashlib's name, bytes.
_ALGORITHMS = {
    "sha1": ("sha1", 20), "sha-1": ("sha1", 20), "md5": ("md5", 16),
    "sha256": ("sha256", 32), "sha-256": ("sha256", 32), "sha512": ("sha512", 64), "sha-512": ("sha512", 64),
}  # fmt: skip


def claimed_digest(value: str) -> tuple[str, bytes] | None:
    """hashlib's name of the algorithm, and the digest, of a labelled digest in base32 or hexadecimal.

    None where it is not one that we can compute. WARC 1.1, section 5.8, leaves algorithm and notation to the
    writer.
    """
    label, _, told = value.strip().partition(":")
    name, size = _ALGORITHMS.get(label.strip().lower(), ("", 0))
    told = told.strip().rstrip("=")
    try:
        if not size:
            return None
        if len(told) == 2 * size:
            return name, bytes.fromhex(told)
        return name, _from_base32(told, size)
    except (ValueError, OverflowError):
        return None


#: To Python's digits of base 32, which `int` reads in a twentieth of the time of base64.b32decode.
_BASE32 = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567" + "0189_+- ",
    "0123456789abcdefghijklmnop0123456789abcdefghijklmnopqrstuv" + "~" * 8,
)


def _from_base32(told: str, size: int) -> bytes:
    """`size` bytes of base32 without padding. Raises ValueError or OverflowError."""
    if len(told) != -(-size * 8 // 5):
        raise ValueError("another length")
    spare = len(told) * 5 - size * 8
    return (int(told.translate(_BASE32), 32) >> spare).to_bytes(size, "big")


def contradicts(value: str, data: bytes) -> bool:
    """Whether the labelled digest `value` is one that we can compute, and not that of `data`."""
    claimed = claimed_digest(value)
    return claimed is not None and hashlib.new(claimed[0], data, usedforsecurity=False).digest() != claimed[1]


def storable(text: str) -> str:
    """`text` as UTF-8, SQLite and JSON can hold it; equal to `text` for anything well-formed.

    NUL ends a string for much that reads SQLite, and a lone surrogate has no UTF-8 form: both become
    U+FFFD, as in the HTML standard (section 13.2.5). Surrogates that form a pair become their character.
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


# Scripts written without spaces: each character counts as a word (Han, Kana, Thai, Lao, Khmer, Myanmar).
_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    "|[^\\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)


def words(text: str) -> list[str]:
    """The words of `text`, punctuation left out."""
    return _WORD.findall(text)
