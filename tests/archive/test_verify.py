"""`check` finds each broken promise: a check that cannot fail would prove nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from archive import ArchiveError, check
from tests.archive import sample
from tests.archive.sample import crawled, dump, keep, open_archive


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with open_archive(tmp_path, new_uuid=sample.counted_ids()) as archive:
        keep(archive, crawled(b"1"), "one")
        keep(archive, crawled(b"1", hours=1), "one")
        keep(archive, dump(b"2"), "two")
    assert check(tmp_path) == []
    return tmp_path


@pytest.mark.parametrize(
    ("meddling", "said"),
    [
        ("update captures set warc_offset = warc_offset + 1 where id = 1", "Capture 1 points at"),
        ("update captures set warc_length = 9 where id = 1", "Capture 1 points at"),
        ("update captures set warc_file = 'warc/gone.warc.gz' where id = 1", "Capture 1 points at"),
        ("update captures set payload_digest = 'sha1:X' where id = 1", "Capture 1 and its record"),
        ("update captures set record_type = 'resource' where id = 1", "Capture 1 and its record"),
        ("delete from captures where id = 2", "no capture points at the record"),
        ("update versions set wet_offset = 0 where article_id = 1", "Version 1 of article 1 points at"),
        ("update versions set wet_record_id = null where article_id = 1", "Version 1 of article 1 points at"),
        ("update versions set capture_id = 3 where article_id = 1", "does not refer to the page"),
        ("update versions set text = 'other' where article_id = 1", "hold different texts"),
        ("update articles set text = 'other' where id = 1", "it does not show the text"),
        ("update articles set version = 2 where id = 1", "its versions are not numbered"),
        ("update versions set number = 2 where article_id = 1", "its versions are not numbered from 1"),
        ("update captures set article_id = null where article_id = 2", "no capture belongs to it"),
        ("update captures set article_id = null where id = 1", "1 captures of articles belong to none"),
        ("insert into blocks (digest, text) values ('x', 'y')", "1 blocks stand in no account"),
        ("delete from articles_fts_docsize where id = 1", "full-text search does not know it"),
        ("update removed set block = 99", "points at no row of blocks"),
    ],
)
def test_rows_that_were_meddled_with_are_found(root: Path, meddling: str, said: str) -> None:
    sample.change_rows(root, meddling)
    assert any(said in sentence for sentence in check(root)), check(root)


def test_files_that_were_meddled_with_are_found(root: Path) -> None:
    path = sample.raw_file(root)
    good = path.read_bytes()
    start, second, third, *_ = sample.member_offsets(good)
    member = gzip.decompress(good[second:third])

    def said(data: bytes) -> str:
        path.write_bytes(data)
        return " ".join(check(root))

    flipped = bytearray(good)
    flipped[second + 30] ^= 1
    assert f"byte {second:,}: a gzip member cannot be unpacked" in said(bytes(flipped))
    assert "breaks off in the middle" in said(good[:-5])
    altered = gzip.compress(member.replace(b"text/html", b"text/htmx"), mtime=0)
    assert "the block does not match its digest" in said(good[:second] + altered + good[third:])
    assert "stands twice" in said(good + good[second:third])
    assert "a warcinfo record must come first" in said(good[second:])
    assert "holds no record" in said(good + gzip.compress(b"\r\n"))
    assert "the revisit refers to a record that is not there" in said(good[:second] + good[third:])
    path.unlink()
    assert "the conversion refers to a record that is not there" in " ".join(check(root))
    path.with_name(path.name + ".open").write_bytes(good)
    assert "was not closed: any command that writes to the archive recovers it" in " ".join(check(root))
    assert start == 0


def test_no_archive_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="There is no archive in"):
        check(tmp_path)
