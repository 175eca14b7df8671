"""What leaves the archive: into pipes, in steady memory, and with a signature that cannot be taken away."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from archive import ArchiveError, cdxj
from archive.exporting import (
    Exported,
    Maker,
    Selection,
    check_wacz,
    export,
    gathering,
    make_key,
    signature_of,
)
from archive.exporting.exports import Format
from archive.exporting.gathering import SortedLines
from archive.exporting.selection import Page
from archive.exporting.wacz import DIGEST, Wacz
from archive.index import CaptureIndex
from tests.archive.sample import START, crawled, keep, open_archive

MAKER = Maker(software="pressmark/test", at=START, record_id="<urn:uuid:0>", title="Part")


class Pipe(io.RawIOBase):
    """Takes bytes, and cannot be asked where it stands."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.taken += data
        return len(data)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exporting") / "news"
    with open_archive(folder) as archive:
        for number in range(4):
            page = crawled(b"<p>%d" % number, f"https://press.example/{number}", hours=number)
            keep(archive, page, f"Text {number}.", headline=f"Head {number}")
    return folder


def exported(root: Path, format: Format, out: IO[bytes], **options: Any) -> Exported:
    return export(root, format, out, "part", Selection(), MAKER, **options)


@pytest.mark.parametrize("format", ["wacz", "warc", "wet", "cdxj"])
def test_a_pipe_takes_what_a_file_takes(root: Path, format: Format) -> None:
    pipe, file = Pipe(), io.BytesIO()
    piped = exported(root, format, cast(IO[bytes], pipe))
    assert exported(root, format, file) == piped
    assert bytes(pipe.taken) == file.getvalue()
    assert piped.size == len(pipe.taken)


def test_a_wacz_has_its_index_sorted_and_its_pages_listed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_LINES_HELD", 2)
    path = tmp_path / "part.wacz"
    with open(path, "wb") as out:
        told = exported(root, "wacz", out, with_text=True)
    assert (told.articles, told.size) == (4, path.stat().st_size)
    assert list(check_wacz(path)) == []
    with zipfile.ZipFile(path) as wacz, wacz.open("indexes/index.cdx.gz") as packed:
        index = gzip.decompress(packed.read())
        head, *pages = (json.loads(line) for line in wacz.read("pages/pages.jsonl").splitlines())
    keys = [line.split(b" ")[0] for line in index.splitlines()]
    assert keys == [b"example,press)/%d" % number for number in range(4)]
    assert head["hasText"] is True
    assert [(page["title"], page["text"]) for page in pages] == [
        (f"Head {number}", f"Text {number}.") for number in (3, 2, 1, 0)
    ]


@given(st.lists(st.binary(max_size=5).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=40))
def test_lines_are_sorted_on_disk(lines: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "_LINES_HELD", 7)
        spool = SortedLines()
        for line in lines:
            spool.add(line)
        assert list(spool) == sorted(lines)
        spool.close()


def test_a_list_of_pages_is_not_held_in_memory(tmp_path: Path) -> None:
    text = "A text of some length. " * 400
    pages = (
        Page(article_id=number, url=f"https://press.example/{number}", fetched_at="2024-05-02T08:00:00Z",
             headline=None, text=text)
        for number in range(1_000)
    )  # fmt: skip
    with open(tmp_path / "pages.wacz", "wb") as out:
        wacz = Wacz(out, START)
        tracemalloc.start()
        assert wacz.add_pages(pages, with_text=True) == 1_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        wacz.finish(title="", description="", software="", key=None)
    assert peak < 1_000 * len(text) / 4


def test_without_an_index_its_export_says_so(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    before = list(CaptureIndex(copy).lines())
    (path, *others) = (copy / "indexes").glob("*.cdxj")
    path.write_bytes(b"no line\n")
    with pytest.raises(ArchiveError, match="a line that cannot be read: delete the folder"):
        exported(copy, "cdxj", io.BytesIO())
    for each in (path, *others):
        each.unlink()
    with pytest.raises(ArchiveError, match="is gone or not whole: the next command that writes"):
        exported(copy, "cdxj", io.BytesIO())
    open_archive(copy).close()
    assert exported(copy, "cdxj", io.BytesIO()).records == len(before) == 4


def test_an_index_of_a_part_has_the_lines_of_that_part(root: Path) -> None:
    out = io.BytesIO()
    export(root, "cdxj", out, "part", Selection(articles=(2, 3)), MAKER)
    assert [cdxj.fields_of(line)["url"] for line in out.getvalue().splitlines()] == [
        "https://press.example/1",
        "https://press.example/2",
    ]


# Signatures -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A signed WACZ, and what its key is called."""
    folder = tmp_path_factory.mktemp("signed")
    key = make_key(folder / "me.pem")
    with open(folder / "signed.wacz", "wb") as out:
        exported(root, "wacz", out, key=key)
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return folder / "signed.wacz", "sha256:" + hashlib.sha256(der).hexdigest()


def changed(path: Path, to: Path, change: Callable[[dict[str, Any]], object] | None) -> Path:
    """The WACZ with another digest file; without one where there is no change to make."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(to, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == DIGEST:
                if change is None:
                    continue
                told = json.loads(content)
                change(told)
                content = json.dumps(told).encode()
            target.writestr(name, content)
    return to


def test_whose_signature_it_is_is_told(root: Path, signed: tuple[Path, str], tmp_path: Path) -> None:
    path, fingerprint = signed
    assert list(check_wacz(path)) == []
    assert fingerprint in str(signature_of(path))
    with open(tmp_path / "unsigned.wacz", "wb") as out:
        exported(root, "wacz", out)
    assert signature_of(tmp_path / "unsigned.wacz") == "not signed"
    assert list(check_wacz(tmp_path / "unsigned.wacz")) == []
    (tmp_path / "none.wacz").write_bytes(b"x")
    assert signature_of(tmp_path / "none.wacz") is None


def test_a_digest_that_was_taken_away_is_a_fault(signed: tuple[Path, str], tmp_path: Path) -> None:
    stripped = changed(signed[0], tmp_path / "stripped.wacz", None)
    assert ["was taken away" in fault.sentence for fault in check_wacz(stripped)] == [True]


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["signedData"].pop("publicKey"),
        lambda told: told["signedData"].pop("signature"),
        lambda told: told.update(signedData="yes"),
        lambda told: told["signedData"].update(publicKey="AAAA"),
        lambda told: told["signedData"].update(signature=base64.b64encode(bytes(96)).decode()),
    ],
)
def test_a_signature_that_was_touched_is_a_fault(
    signed: tuple[Path, str], tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    path = changed(signed[0], tmp_path / "touched.wacz", change)
    assert ["is not one of" in fault.sentence for fault in check_wacz(path)] == [True]
    assert signature_of(path) == "the signature does not fit"


def test_a_signature_that_cannot_be_checked_is_told(signed: tuple[Path, str], tmp_path: Path) -> None:
    def by_domain(told: dict[str, Any]) -> None:
        told["signedData"] = {"hash": told["hash"], "domain": "press.example", "domainCert": "…"}

    path = changed(signed[0], tmp_path / "domain.wacz", by_domain)
    assert list(check_wacz(path)) == []
    assert "by press.example" in str(signature_of(path))
    assert "not checked" in str(signature_of(path))
