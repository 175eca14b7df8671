"""Articles that share their text are found when they are kept, linked, and let go when they change."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from archive import similar
from archive.likeness import runs
from tests.archive.sample import change_rows, crawled, keep, open_archive, rows

R = random.Random(7)
VOCABULARY = [
    f"{a}{b}{c}" for a in "bdgklm" for b in ("ar", "en", "io", "ul") for c in ("tas", "mon", "rik", "")
]


def text(words: int = 240) -> str:
    """Words that no other text has in this order."""
    said = [R.choice(VOCABULARY) for _ in range(words)]
    return "\n\n".join(" ".join(said[n : n + 40]) for n in range(0, words, 40))


WIRE, OTHER, THIRD = text(), text(), text()


def page(archive: object, site: str, said: str, hours: float = 0, path: str = "story") -> None:
    url = f"https://{site}/{path}"
    keep(archive, crawled(f"<p>{site} {hours} {said}</p>".encode(), url, hours), said, headline=f"On {site}")  # type: ignore[arg-type]


def links(root: Path) -> list[tuple[str, str, str]]:
    return rows(
        root,
        """select a.site, b.site, s.kind from similar s join articles a on a.id = article_id
           join articles b on b.id = other_id order by 1, 2""",
    )


def clusters(root: Path) -> dict[str, int | None]:
    return dict(rows(root, "select site, cluster_id from articles order by id"))


def test_copies_are_linked_and_make_a_cluster_and_others_do_not(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, "one.example", WIRE)
        page(archive, "two.example", OTHER)
        page(archive, "three.example", WIRE.replace("ar", "AR").replace("\n\n", "\n"))
    assert links(tmp_path) == [("one.example", "three.example", "copy")]
    assert clusters(tmp_path) == {"one.example": 1, "two.example": None, "three.example": 1}


def test_an_excerpt_of_a_long_report_is_found(tmp_path: Path) -> None:
    report = text(1600)
    with open_archive(tmp_path) as archive:
        page(archive, "agency.example", report)
        page(archive, "paper.example", "\n\n".join(report.split("\n\n")[:6]))
    assert links(tmp_path) == [("agency.example", "paper.example", "copy")]
    ((score,),) = rows(tmp_path, "select score from similar")
    assert score > 0.95


def test_a_text_with_a_part_of_another_is_similar_and_in_no_cluster(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, "one.example", WIRE)
        page(archive, "two.example", "\n\n".join(WIRE.split("\n\n")[:3] + OTHER.split("\n\n")[:3]))
    assert links(tmp_path) == [("one.example", "two.example", "similar")]
    assert set(clusters(tmp_path).values()) == {None}


def test_a_new_version_is_compared_anew_and_leaves_the_cluster(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, "one.example", WIRE)
        page(archive, "two.example", WIRE, 1)
        page(archive, "three.example", WIRE, 2)
        archive.commit()
        # Its headline stays, so it is the same article; its text is another's by now.
        page(archive, "one.example", THIRD, 3)
    assert links(tmp_path) == [("three.example", "two.example", "copy")] or links(tmp_path) == [
        ("two.example", "three.example", "copy")
    ]
    assert clusters(tmp_path) == {"one.example": None, "two.example": 2, "three.example": 2}


def test_a_copy_that_is_taken_down_leaves_no_link_no_checksum_and_no_cluster_of_one(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, "one.example", WIRE)
        page(archive, "two.example", WIRE, 1)
        archive.take_down("https://one.example/story", reason="asked")
    assert rows(tmp_path, "select count(*) from similar") == [(0,)]
    assert rows(tmp_path, "select distinct article_id from sketch_runs") == [(2,)]
    assert clusters(tmp_path) == {"two.example": None}


def test_an_archive_of_an_older_pressmark_is_brought_up_to_date_once(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, "one.example", WIRE)
        page(archive, "one.example", WIRE + "\n\nIt was late.", 5)
        page(archive, "two.example", WIRE, 1)
    for table in ("similar", "sketches", "sketch_runs"):
        change_rows(tmp_path, f"delete from {table}")
    change_rows(tmp_path, "update versions set excerpt = null")
    change_rows(tmp_path, "update articles set cluster_id = null")
    with open_archive(tmp_path) as archive:
        assert archive.bring_up_to_date() == 2
        assert archive.bring_up_to_date() == 0
    assert links(tmp_path) == [("one.example", "two.example", "copy")]
    assert set(clusters(tmp_path).values()) == {1}
    assert rows(tmp_path, "select excerpt from versions where number = 2") == [('[["+", "It was late."]]',)]


def test_boilerplate_that_everybody_has_finds_nobody(tmp_path: Path) -> None:
    notice = text(80)
    with open_archive(tmp_path) as archive:
        for n in range(similar._COMMON + 10):
            page(archive, f"s{n}.example", text(120) + "\n\n" + notice)
    late = rows(tmp_path, "select count(*) from similar where other_id > ?", similar._COMMON + 5)
    assert late == [(0,)]


def test_short_texts_are_like_nothing(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, "one.example", "Tide tables of the harbour")
        page(archive, "two.example", "Tide tables of the harbour")
    assert links(tmp_path) == []


def test_no_more_than_a_dozen_texts_are_read_for_one_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(said: str) -> frozenset[int]:
        read.append(said)
        return runs(said)

    with open_archive(tmp_path) as archive:
        for n in range(30):
            page(archive, f"s{n}.example", WIRE, n)
        archive.commit()
        monkeypatch.setattr(similar, "runs", counted)
        page(archive, "last.example", WIRE, 40)
    assert len(read) <= similar._COMPARED + 1
    assert set(clusters(tmp_path).values()) == {1}


def test_candidates_are_found_by_an_index(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    db = sqlite3.connect(tmp_path / "articles.db")
    for sql in (
        "select article_id from sketch_runs where run = 1 and article_id != 2 limit 60",
        "delete from sketch_runs where article_id = 1",
        "select other_id from similar where article_id = 1",
        "select article_id from similar where other_id = 1",
    ):
        plan = " ".join(row[3] for row in db.execute("explain query plan " + sql))
        assert "SCAN" not in plan.replace("SCAN CONSTANT", ""), plan
    db.close()
