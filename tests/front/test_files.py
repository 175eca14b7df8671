"""Laying the front into an archive without touching what the user changed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from archive.front import write_front
from archive.front.files import RECORD, front_files


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_front_is_complete(tmp_path: Path) -> None:
    write_front(tmp_path)
    assert contents(tmp_path).keys() == front_files().keys() | {str(RECORD)}
    folders = {name.partition("/")[0] for name in front_files()}
    files = {"metadata.yaml", "datasette.yaml", "settings.json", "config.yaml"}
    assert folders == files | {"templates", "static", "plugins"}


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    write_front(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write_front(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_changed_file_stays_and_the_new_one_lies_beside_it(tmp_path: Path) -> None:
    write_front(tmp_path)
    (tmp_path / "static/pressmark.css").write_text("body { color: green }")
    write_front(tmp_path)
    assert (tmp_path / "static/pressmark.css").read_text() == "body { color: green }"
    assert (tmp_path / "static/pressmark.css.new").read_bytes() == front_files()["static/pressmark.css"]


def test_the_new_one_goes_when_the_user_takes_it(tmp_path: Path) -> None:
    write_front(tmp_path)
    (tmp_path / "metadata.yaml").write_text("title: Mine")
    write_front(tmp_path)
    (tmp_path / "metadata.yaml.new").replace(tmp_path / "metadata.yaml")
    write_front(tmp_path)
    assert contents(tmp_path).keys() == front_files().keys() | {str(RECORD)}


def test_a_file_of_an_older_front_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {
        **front_files(),
        "static/pressmark.css": b"old",
        "templates/gone.html": b"old",
        "templates/mine.html": b"old",
    }
    with monkeypatch.context() as patched:
        patched.setattr("archive.front.files.front_files", lambda: older)
        write_front(tmp_path)
    (tmp_path / "templates/mine.html").write_text("changed by its user")
    write_front(tmp_path)
    found = contents(tmp_path)
    assert found["static/pressmark.css"] == front_files()["static/pressmark.css"]
    assert "templates/gone.html" not in found
    assert found["templates/mine.html"] == b"changed by its user"


@pytest.mark.parametrize("record", [None, b"", b"[]", b"{broken"])
def test_a_lost_record_costs_the_user_nothing(tmp_path: Path, record: bytes | None) -> None:
    write_front(tmp_path)
    (tmp_path / "metadata.yaml").write_text("title: Mine")
    (tmp_path / RECORD).unlink()
    if record is not None:
        (tmp_path / RECORD).write_bytes(record)
    write_front(tmp_path)
    assert (tmp_path / "metadata.yaml").read_text() == "title: Mine"
    assert (tmp_path / "metadata.yaml.new").exists()


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = dict.fromkeys(front_files(), b"old")
    with monkeypatch.context() as patched:
        patched.setattr("archive.front.files.front_files", lambda: older)
        write_front(tmp_path)
        before = contents(tmp_path)
    with monkeypatch.context() as patched:

        def full(*_: object) -> None:
            raise OSError("No space left on device")

        patched.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            write_front(tmp_path)
    assert contents(tmp_path) == before


def test_other_users_may_read_the_files(tmp_path: Path) -> None:
    write_front(tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_both_files_tell_the_same(tmp_path: Path) -> None:
    write_front(tmp_path)
    old = yaml.safe_load((tmp_path / "metadata.yaml").read_text("utf-8"))["databases"]["articles"]
    new = yaml.safe_load((tmp_path / "datasette.yaml").read_text("utf-8"))["databases"]["articles"]
    assert old["queries"] == new["queries"]
    for name, shown in new["tables"].items():
        assert shown.items() <= old["tables"][name].items()


def test_sql_in_the_files_can_be_read(tmp_path: Path) -> None:
    write_front(tmp_path)
    assert "sql: |" in (tmp_path / "metadata.yaml").read_text("utf-8")
