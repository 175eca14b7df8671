"""A disk that is full, breaks or lies: nothing counts as kept that is not, and the next run goes on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive import Archive, ArchiveError, check
from archive.values import Cadence
from tests.archive import sample
from tests.archive.sample import at, dump, keep, open_archive, rows

Disk = pytest.MonkeyPatch


@pytest.fixture
def disk() -> Iterator[Disk]:
    """What the system calls do; put right again at the end."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def refuses(code: int) -> Callable[..., int]:
    def refuse(*arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    return refuse


def writes_then(code: int | None, whole: int = 0, piece: int = 100) -> Callable[[int, memoryview], int]:
    """`os.write` that takes `piece` bytes at a time, and after `whole` calls fails (with a code)."""
    write, calls = os.write, 0

    def torn(fd: int, data: memoryview) -> int:
        nonlocal calls
        calls += 1
        if code is not None and calls > whole:
            raise OSError(code, os.strerror(code))
        return write(fd, bytes(data[:piece]))

    return torn


def go_on(root: Path) -> None:
    """The next run: what was left over is cleaned and kept."""
    with open_archive(root) as archive:
        for capture in archive.orphans():
            archive.keep(capture, sample.article(capture.body.decode()))
    assert check(root) == []
    sample.warcio_check(*sample.warcs(root))


def texts(root: Path) -> list[str]:
    return [text for (text,) in rows(root, "select text from articles order by text")]


def test_writes_that_take_a_part_only_are_gone_on_with(tmp_path: Path, disk: Disk) -> None:
    disk.setattr(os, "write", writes_then(None, piece=7))
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"piece by piece"), "piece by piece")
    assert check(tmp_path) == []
    assert texts(tmp_path) == ["piece by piece"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_write_that_fails_half_way_is_taken_back_and_the_next_one_stands(
    tmp_path: Path, disk: Disk, code: int
) -> None:
    advice = "free some space" if code == errno.ENOSPC else "see to the disk"
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"first"), "first")
        (raw,) = tmp_path.glob("warc/**/*.open")
        before = raw.read_bytes()
        with disk.context() as full:
            full.setattr(os, "write", writes_then(code, whole=2, piece=50))
            with pytest.raises(ArchiveError, match=rf"could not be written \(.*\): {advice} and run again\."):
                archive.store_raw(dump(b"second"))
        assert raw.read_bytes() == before
        keep(archive, dump(b"third"), "third")
    assert check(tmp_path) == []
    assert texts(tmp_path) == ["first", "third"]


@pytest.mark.parametrize("whole", [0, 1])
def test_a_file_that_cannot_be_begun_is_not_there(tmp_path: Path, disk: Disk, whole: int) -> None:
    with open_archive(tmp_path) as archive:
        with disk.context() as full:
            full.setattr(os, "write", writes_then(errno.ENOSPC, whole=whole))
            with pytest.raises(ArchiveError, match="free some space"):
                archive.store_raw(dump(b"first"))
        assert not list(tmp_path.glob("warc/**/*.open"))
        keep(archive, dump(b"second"), "second")
    assert check(tmp_path) == [], "a file without its warcinfo would be told here"
    assert texts(tmp_path) == ["second"]


@pytest.mark.parametrize("call", ["mkdir", "open"])
def test_a_folder_or_file_that_cannot_be_made_is_a_sentence(tmp_path: Path, disk: Disk, call: str) -> None:
    with open_archive(tmp_path) as archive:
        with disk.context() as full:
            full.setattr(os, call, refuses(errno.ENOSPC))
            with pytest.raises(ArchiveError, match=r"could not be written \(No space left on device\)"):
                archive.store_raw(dump(b"x"))
        keep(archive, dump(b"x"), "x")
    assert check(tmp_path) == []


def closes_with_trouble(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="could not be written"):
        archive.close()


def test_a_file_that_could_not_be_cut_back_is_not_written_to_again(tmp_path: Path, disk: Disk) -> None:
    archive = open_archive(tmp_path)
    keep(archive, dump(b"first"), "first")
    archive.commit()
    with disk.context() as broken:
        broken.setattr(os, "write", writes_then(errno.EIO, whole=1, piece=50))
        broken.setattr(os, "ftruncate", refuses(errno.EIO))
        with pytest.raises(ArchiveError, match=r"\(Input/output error\): see to the disk"):
            archive.store_raw(dump(b"second"))
    with pytest.raises(ArchiveError, match="Input/output error"):
        archive.store_raw(dump(b"third"))
    closes_with_trouble(archive)
    go_on(tmp_path)
    assert texts(tmp_path) == ["first"]
    assert list((tmp_path / "state/torn").iterdir()), "the half record was set aside"


def test_records_that_could_not_be_synced_get_no_rows_though_the_system_says_all_is_well_next_time(
    tmp_path: Path, disk: Disk
) -> None:
    archive = open_archive(tmp_path)
    keep(archive, dump(b"x"), "x")
    with disk.context() as broken:
        broken.setattr(os, "fdatasync", refuses(errno.EIO))
        with pytest.raises(ArchiveError, match=r"could not be written \(Input/output error\)"):
            archive.commit()
    with pytest.raises(ArchiveError, match="Input/output error"):
        archive.commit()
    closes_with_trouble(archive)
    assert rows(tmp_path, "select count(*) from captures") == [(0,)]
    go_on(tmp_path)
    assert texts(tmp_path) == ["x"]


def test_a_finished_file_that_cannot_be_renamed_is_recovered(tmp_path: Path, disk: Disk) -> None:
    archive = open_archive(tmp_path)
    keep(archive, dump(b"x"), "x")
    with disk.context() as broken:
        broken.setattr(os, "rename", refuses(errno.EIO))
        closes_with_trouble(archive)
    go_on(tmp_path)
    assert texts(tmp_path) == ["x"]


def test_a_database_without_room_keeps_what_was_committed_and_the_rest_is_found_again(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    keep(archive, dump(b"first"), "first")
    archive.commit()
    archive._db.execute(f"pragma max_page_count = {archive._db.execute('pragma page_count').fetchone()[0]}")
    for number in range(40):
        keep(archive, dump(b"page %d" % number), f"page {number}" + " word" * 400)
    for _ in range(2):
        with pytest.raises(
            ArchiveError, match=r"articles\.db could not be written \(database or disk is full"
        ):
            archive.commit()
    with pytest.raises(ArchiveError, match="database or disk is full"):
        archive.close()
    assert texts(tmp_path) == ["first"]
    with open_archive(tmp_path) as archive:
        assert archive.recovery.orphans == 40
    go_on(tmp_path)
    assert len(texts(tmp_path)) == 41


# The cadence ------------------------------------------------------------------------------------------


def commits(root: Path, cadence: Cadence, pages: int = 6, seconds: float = 0) -> list[int]:
    """Rows that a reader sees after each of some pages."""
    seen, now = [], [at(0)]
    with open_archive(root, cadence=cadence, clock=lambda: now[0]) as archive:
        for number in range(pages):
            archive.store_raw(dump(os.urandom(1000), f"https://press.example/{number}"))
            now[0] = at(number * seconds / 3600)
            seen.append(rows(root, "select count(*) from captures")[0][0])
    return seen


def test_a_batch_is_committed_after_so_many_rows_bytes_or_seconds(tmp_path: Path) -> None:
    assert commits(tmp_path / "rows", Cadence(rows=3)) == [0, 0, 3, 3, 3, 6]
    assert commits(tmp_path / "bytes", Cadence(size_bytes=2000)) == [0, 2, 2, 4, 4, 6]
    assert commits(tmp_path / "seconds", Cadence(seconds=2), seconds=1) == [0, 0, 0, 4, 4, 6]
    assert commits(tmp_path / "default", Cadence()) == [0] * 6


def test_every_batch_is_synced_before_its_rows_are_committed(tmp_path: Path, disk: Disk) -> None:
    order: list[str] = []
    sync = os.fdatasync

    def noted(fd: int) -> None:
        order.append("sync")
        sync(fd)

    disk.setattr(os, "fdatasync", noted)
    with open_archive(tmp_path, cadence=Cadence(rows=1)) as archive:
        archive._db.set_trace_callback(lambda sql: order.append("commit") if sql == "commit" else None)
        for number in range(3):
            archive.store_raw(dump(b"%d" % number))
        assert order == ["sync", "commit"] * 3


def test_what_is_appended_is_with_the_system_at_once(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        stored = archive.store_raw(dump(b"not synced, not committed"))
        assert stored.record is not None
        (raw,) = tmp_path.glob("warc/**/*.open")
        assert raw.stat().st_size == stored.record.offset + stored.record.length


def test_rows_that_wait_are_committed_when_due_though_nothing_comes(tmp_path: Path) -> None:
    now = [at(0)]
    with open_archive(tmp_path, clock=lambda: now[0]) as archive:
        archive.store_raw(dump(b"x"))
        archive.commit_if_due()
        assert rows(tmp_path, "select count(*) from captures") == [(0,)]
        now[0] = at(1)
        archive.commit_if_due()
        assert rows(tmp_path, "select count(*) from captures") == [(1,)]
