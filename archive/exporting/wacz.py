"""WACZ 1.1.1 (specs.webrecorder.net/wacz/1.1.1):

a zip of the WARC file, its index, the list of pages, and digests.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from archive.exporting.selection import Page
from archive.exporting.signing import Key, signed, signer
from archive.reading import ZIP_ERRORS
from archive.values import Value

VERSION = "1.1.1"
#: Lines of the index in one gzip member, as ArchiveWeb.page and py-wacz cut it.
_LINES = 1024
_CHUNK = 1 << 20

PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"


class WaczFault(Value, frozen=True, kw_only=True):
    """One thing that is not as the package says; `sentence` names it."""

    sentence: str


class Wacz:
    """A WACZ being written to `out`; `finish` writes what it says of itself."""

    def __init__(self, out: IO[bytes], made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(out, "w", allowZip64=True)
        self._at = made_at
        self._resources: list[dict[str, Any]] = []

    def add_file(self, name: str, source: IO[bytes]) -> None:
        """Store a file as it is: WARC files and compressed indexes, so that they can be read in place."""
        self._add(name, iter(lambda: source.read(_CHUNK), b""), zipfile.ZIP_STORED)

    def add_index(self, lines: Iterable[bytes]) -> None:
        """The sorted lines as ZipNum: `index.cdx.gz`, and `index.idx` that finds its members."""
        summary = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']

        def packed() -> Iterator[bytes]:
            offset = 0
            for block in _blocks(lines, _LINES):
                member = gzip.compress(b"".join(block), mtime=0)
                place = {
                    "offset": offset,
                    "length": len(member),
                    "digest": "sha256:" + hashlib.sha256(member).hexdigest(),
                }
                summary.append(block[0].split(b" {", 1)[0] + f" {json.dumps(place)}\n".encode())
                offset += len(member)
                yield member

        self._add("indexes/index.cdx.gz", packed(), zipfile.ZIP_STORED)
        self._add("indexes/index.idx", summary)

    def add_pages(self, pages: Iterable[Page], *, with_text: bool) -> int:
        """`pages/pages.jsonl`; how many pages that were."""
        listed = 0

        def rows() -> Iterator[bytes]:
            nonlocal listed
            head: dict[str, Any] = {"format": "json-pages-1.0", "id": "pages", "title": "Articles"}
            yield _line(head | ({"hasText": True} if with_text else {}))
            for page in pages:
                row = {"id": str(page.article_id), "url": page.url, "ts": _iso(page.fetched_at)}
                row["title"] = page.headline or page.url
                yield _line(row | ({"text": page.text} if with_text else {}))
                listed += 1

        self._add("pages/pages.jsonl", rows())
        return listed

    def finish(self, *, title: str, description: str, software: str, key: Key | None) -> None:
        """Write `datapackage.json` and its digest, signed where there is a key; close the file."""
        created = f"{self._at:%Y-%m-%dT%H:%M:%SZ}"
        package = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": title,
            "description": description,
            "created": created,
            "software": software,
            "resources": self._resources,
        }
        content = (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        told: dict[str, Any] = {"path": PACKAGE, "hash": digest}
        if key is not None:
            told["signedData"] = signed(digest, created, software, key)
        self._zip.writestr(self._entry(PACKAGE, zipfile.ZIP_DEFLATED), content)
        self._zip.writestr(self._entry(DIGEST, zipfile.ZIP_DEFLATED), json.dumps(told, indent=2).encode())
        self._zip.close()

    def _entry(self, name: str, method: int) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        entry.compress_type = method
        entry.external_attr = 0o644 << 16
        return entry

    def _add(self, path: str, pieces: Iterable[bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._entry(path, method), "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        name = path.rsplit("/", 1)[-1].lower()
        self._resources.append(
            {"name": name, "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": size}
        )


def check_wacz(path: Path) -> Iterator[WaczFault]:
    """Everything in which a WACZ is not what it says: its files, its digest, its signature.

    The WARC files inside are read by `verify`. Raises nothing for a file that is no WACZ: that is a fault.
    """
    try:
        with zipfile.ZipFile(path) as wacz:
            yield from _check(wacz)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        yield WaczFault(sentence=f"{path.name} is no WACZ that can be opened ({error})")


def _check(wacz: zipfile.ZipFile) -> Iterator[WaczFault]:
    names = set(wacz.namelist())
    if PACKAGE not in names:
        yield WaczFault(sentence=f"{PACKAGE} is not there")
        return
    content = wacz.read(PACKAGE)
    try:
        told = {str(entry["path"]): str(entry["hash"]) for entry in json.loads(content)["resources"]}
    except (ValueError, KeyError, TypeError):
        yield WaczFault(sentence=f"{PACKAGE} cannot be read")
        return
    for name, claimed in told.items():
        if name not in names:
            yield WaczFault(sentence=f"{name} is not there, but {PACKAGE} tells of it")
        elif not _agrees(wacz, name, claimed):
            yield WaczFault(sentence=f"{name} is not the file that {PACKAGE} describes")
    for name in sorted(names - told.keys() - {PACKAGE, DIGEST}):
        if not name.endswith("/"):
            yield WaczFault(sentence=f"{name} is there, but {PACKAGE} does not tell of it")
    if DIGEST not in names:
        yield WaczFault(sentence=f"{DIGEST} is not there: a signature that it may have held was taken away")
        return
    yield from _check_digest(content, wacz.read(DIGEST))


def _agrees(wacz: zipfile.ZipFile, name: str, claimed: str) -> bool:
    kind, _, value = claimed.partition(":")
    if kind not in ("sha256", "md5"):
        return False
    digest = hashlib.new(kind, usedforsecurity=False)
    with wacz.open(name) as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest() == value


def _check_digest(package: bytes, content: bytes) -> Iterator[WaczFault]:
    digest = "sha256:" + hashlib.sha256(package).hexdigest()
    try:
        told = json.loads(content)
        claimed, signature, path = told["hash"], told.get("signedData"), told.get("path")
    except (ValueError, KeyError, TypeError, AttributeError):
        yield WaczFault(sentence=f"{DIGEST} cannot be read")
        return
    if claimed != digest or path != PACKAGE:
        yield WaczFault(sentence=f"{PACKAGE} is not the file that {DIGEST} describes")
    if signature is not None and not _is_by_domain(signature) and signer(digest, signature) is None:
        yield WaczFault(sentence=f"the signature in {DIGEST} is not one of {PACKAGE}")


def _is_by_domain(signature: object) -> bool:
    """Whether a signature is of the other form of the specification, by a domain's certificate."""
    return isinstance(signature, dict) and "publicKey" not in signature and "domainCert" in signature


def signature_of(path: Path) -> str | None:
    """Who signed a WACZ, in words; None where it cannot be read: then `check_wacz` says why."""
    try:
        with zipfile.ZipFile(path) as wacz:
            digest = "sha256:" + hashlib.sha256(wacz.read(PACKAGE)).hexdigest()
            told = json.loads(wacz.read(DIGEST)).get("signedData") if DIGEST in wacz.namelist() else None
    except (KeyError, ValueError, AttributeError, *ZIP_ERRORS):
        return None
    if told is None:
        return "not signed"
    if _is_by_domain(told):
        domain = str(told.get("domain"))[:255]
        return f"signed, it says, by {domain}; signatures by a domain's certificate are not checked here"
    fingerprint = signer(digest, told)
    if fingerprint is None:
        return "the signature does not fit"
    return f"signed by the key {fingerprint}; whose key that is must be told by other means"


def _line(row: Mapping[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False) + "\n").encode()


def _blocks(lines: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    block: list[bytes] = []
    for line in lines:
        block.append(line)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def _iso(fetched_at: str) -> str:
    return datetime.fromisoformat(fetched_at).strftime("%Y-%m-%dT%H:%M:%SZ")
