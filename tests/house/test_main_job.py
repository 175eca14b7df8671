"""The main job from outside: `pressmark reclean seeds/` gives five clean, searchable articles."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive import check

ROOT = Path(__file__).parents[2]
PRESSMARK = Path(sys.executable).parent / "pressmark"


def pressmark(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run([PRESSMARK, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def reclean(root: Path, *paths: Path, code: int = 0) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(pressmark("reclean", *paths, "--archive", root, "--json", code=code))
    return report


def rows(root: Path, sql: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{root / 'articles.db'}?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def warcs(root: Path) -> list[Path]:
    return sorted([*root.glob("warc/**/*.gz"), *root.glob("wet/**/*.gz")])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("news-archive")
    report = reclean(root, ROOT / "seeds")
    assert (report["pages"], report["new"], report["failed"]) == (5, 5, 0)
    return root


def test_every_file_written_passes_warcio_check_and_the_archive_its_own(kept: Path) -> None:
    assert len(warcs(kept)) == 2
    subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *warcs(kept)], check=True, capture_output=True
    )
    assert check(kept) == []


def test_the_same_input_again_adds_nothing(kept: Path) -> None:
    before = [p.read_bytes() for p in warcs(kept)], rows(kept, "select count(*) from captures")
    report = reclean(kept, ROOT / "seeds")
    assert (report["new"], report["unchanged"]) == (0, 5)
    assert ([p.read_bytes() for p in warcs(kept)], rows(kept, "select count(*) from captures")) == before


def test_a_search_finds_the_article_and_its_account_says_what_was_cut(kept: Path) -> None:
    (hit,) = json.loads(pressmark("search", '"hostage deal"', "Sameh", "--archive", kept, "--json"))
    shown = json.loads(pressmark("show", str(hit["id"]), "--archive", kept, "--json"))
    cut = {block["label"]: block["text"] for block in shown["removed"]}
    assert cut["author_bio"].startswith("A dedicated writer")
    assert cut["author_bio"] not in shown["text"]


def test_one_bad_dump_gets_its_sentence_and_the_others_are_kept(tmp_path: Path) -> None:
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    (dumps / "a-empty.txt").write_bytes(b"")
    (dumps / "b-mixed.txt").write_bytes("Zürich\n".encode() + "Köln\n".encode("cp1252"))
    (dumps / "c-good.txt").write_bytes(sorted((ROOT / "seeds").glob("*.txt"))[0].read_bytes())
    report = reclean(tmp_path / "kept", dumps, code=1)
    assert (report["new"], report["failed"]) == (1, 2)
    assert [Path(f["page"]).name for f in report["failures"]] == ["a-empty.txt", "b-mixed.txt"]


def pages(path: Path, number: int) -> Path:
    """JSON Lines of `number` distinct small news pages, HTML and text in turn."""
    rows = (_html_page(n) if n % 2 else _text_page(n) for n in range(number))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _paragraphs(n: int) -> list[str]:
    said = f"The council of town {n} decided on Monday to mend bridge number {n * 7} before winter comes. "
    return [said * 2 + f"Paragraph {k} of report {n} says what the mayor said." for k in range(4)]


def _text_page(n: int) -> dict[str, Any]:
    text = "\n\n".join([f"Bridge {n} to be mended", *_paragraphs(n)])
    return {"id": n, "url": f"https://news.test/{n}", "text": text}


def _html_page(n: int) -> dict[str, Any]:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(n))
    html = f"<html><title>Bridge {n}</title><article><h1>Bridge {n} to be mended</h1>{body}</article>"
    return {"id": n, "url": f"https://news.test/{n}", "html": html}


def articles(root: Path) -> list[tuple[Any, ...]]:
    return rows(root, "select url, headline, text_digest, text, version from articles order by url")


def test_a_reload_killed_in_the_middle_and_started_again_ends_as_if_undisturbed(tmp_path: Path) -> None:
    source = pages(tmp_path / "pages.jsonl", 300)
    reclean(tmp_path / "whole", source)
    broken = tmp_path / "broken"
    for kept_before in (1, 60, 150, 220):
        running = subprocess.Popen(
            [PRESSMARK, "reclean", source, "--archive", broken],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while running.poll() is None and _size(broken) < kept_before * 900:
            os.sched_yield()
        running.send_signal(signal.SIGKILL)
        running.wait()
    report = reclean(broken, source)
    assert report["failed"] == 0
    assert articles(broken) == articles(tmp_path / "whole")
    assert check(broken) == []
    subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *warcs(broken)], check=True, capture_output=True
    )


def _size(root: Path) -> int:
    """Bytes in the raw files: how far the run has come."""
    size = 0
    for path in root.glob("warc/**/*.open"):
        with contextlib.suppress(FileNotFoundError):  # it was closed and renamed meanwhile
            size += path.stat().st_size
    return size
