"""The room's face: these names and no others."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import archive
from archive import failpoints
from tests.archive.sample import dump, keep, open_archive

ROOM = Path(archive.__file__).parent


def test_the_face_has_these_names() -> None:
    assert sorted(archive.__all__) == [
        "Archive",
        "ArchiveBusy",
        "ArchiveError",
        "Catalogue",
        "Outcome",
        "RecordProblem",
        "Recovery",
        "StoredArticle",
        "Takedown",
        "TakenDown",
        "check",
        "payload_digest",
        "read_search",
        "read_wacz",
        "read_warc",
    ]


def test_the_room_knows_nothing_of_fetching_or_cleaning() -> None:
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            rooms = {(name or "").partition(".")[0] for name in names}
            assert not rooms & {"crawler", "pipelines", "scrapy", "trafilatura", "lxml"}, path.name


def test_failpoints_do_nothing_unless_the_environment_names_one() -> None:
    assert "PRESSMARK_FAILPOINT" not in os.environ
    assert not any(failpoints.due(point) for point in failpoints.POINTS)


def test_a_forked_worker_does_not_keep_the_archive_locked(tmp_path: Path) -> None:
    waiting, release = os.pipe()
    archive_ = open_archive(tmp_path)
    keep(archive_, dump(b"x"), "x")
    child = os.fork()
    if child == 0:
        os.close(release)
        os.read(waiting, 1)  # lives on until its parent lets it go
        os._exit(0)
    os.close(waiting)
    archive_.close()
    open_archive(tmp_path).close()
    os.close(release)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
