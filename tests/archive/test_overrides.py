"""`overrides.toml`: written so that it reads back, read so that a slip loses one entry only."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.digests import payload_digest
from archive.front.plugins.pressmark_front import overrides as file
from archive.overrides import FILE, Overrides, forget
from archive.values import Capture

FERRY = "https://harbour-post.example/town/ferry"
DIGEST = file.letters_digest("Sign up")


def capture(url: str) -> Capture:
    return Capture(url=url, fetched_at=datetime(2024, 1, 1, tzinfo=UTC), body=b"x", source="html")


def entry(say: str, scope: str = "article", where: str = FERRY, text: str = "Sign up") -> str:
    return file.entry_lines(say, scope, where, text, day="2024-05-02")


@given(
    st.sampled_from(file.SAID), st.sampled_from(["article", "site"]),
    st.text(st.characters(), min_size=1, max_size=80), st.text(st.characters(), max_size=300),
)  # fmt: skip
def test_what_is_written_reads_back_whatever_the_block_holds(
    say: str, scope: str, where: str, text: str
) -> None:
    told = file.parsed(file.HEAD + "\n" + file.entry_lines(say, scope, where, text))
    assert told.problems == []
    (found,) = told.entries
    plain = re.sub("[\ud800-\udfff]", "\ufffd", where)  # lone surrogates have no form in a file
    assert (found["say"], found[scope], found["block"]) == (say, plain, file.letters_digest(text))


def test_a_file_is_begun_with_its_explanation_and_only_added_to(tmp_path: Path) -> None:
    file.append(tmp_path, entry("keep"))
    first = (tmp_path / FILE).read_text()
    assert first.startswith(file.HEAD)
    (tmp_path / FILE).write_text(first.rstrip("\n"))  # an editor took the last line end
    file.append(tmp_path, entry("cut"))
    assert [found["say"] for found in file.read(tmp_path).entries] == ["keep", "cut"]
    assert (tmp_path / FILE).read_text().startswith(first.rstrip("\n"))


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ('[[override]]\nsay = "keep\n', "line 3: not read ("),
        ('[[override]]\nsay = "maybe"\n', "say is neither keep, cut nor leave"),
        ('[[override]]\nsay = "keep"\nblock = "sha1:x"\nsite = "a"\n', "block is no digest"),
        (f'[[override]]\nsay = "keep"\nblock = "{DIGEST}"\n', "must name an article or a site"),
        (
            f'[[override]]\nsay = "keep"\nblock = "{DIGEST}"\nsite = "a"\narticle = "b"\n',
            "must name an article",
        ),
        ("[[override]]\n[x]\n", "line 3: "),
        ("[[override]]\nsay = " + "[" * 50_000 + "\n", "line 3: not read ("),
        ('[[override]]\nsay = ["keep"]\n', "say is neither keep, cut nor leave"),
        ("[[override]]\nsay = \x00\x1b[31m\n", "line 3: not read ("),
    ],
)
def test_a_slip_loses_its_entry_only_and_is_told_with_its_line(
    tmp_path: Path, slip: str, sentence: str
) -> None:
    (tmp_path / FILE).write_text(f"# mine\n\n{slip}\n{entry('cut')}\n{entry('keep', 'site', 'a.example')}")
    told = Overrides.read(tmp_path)
    assert told.count == 2
    assert any(sentence in problem for problem in told.problems), told.problems


def test_unknown_words_and_labels_are_told_and_the_entry_holds(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(entry("cut") + 'wieght = "3"\nlabel = "advert"\n')
    told = Overrides.read(tmp_path)
    assert told.count == 1
    assert [word in " ".join(told.problems) for word in ("wieght", "'advert' is no label")] == [True, True]


def test_no_file_and_a_folder_in_its_place_say_nothing_or_a_sentence(tmp_path: Path) -> None:
    assert not Overrides.read(tmp_path)
    assert Overrides.read(tmp_path).problems == []
    (tmp_path / FILE).mkdir()
    assert "cannot be read" in Overrides.read(tmp_path).problems[0]


def test_what_is_no_text_is_told_and_nothing_of_it_obeyed(tmp_path: Path) -> None:
    for content in (b"\xff\xfe\x00\x01", b"\x7fELF" + bytes(range(256)), "\u202e<script>".encode()):
        (tmp_path / FILE).write_bytes(content)
        told = Overrides.read(tmp_path)
        assert (told.count, len(told.problems)) == (0, 1), told.problems


def test_no_sentence_steers_the_terminal_it_is_told_on(tmp_path: Path) -> None:
    escape = "\\u001b[2J\\u202e"
    (tmp_path / FILE).write_text(
        f'{entry("cut")}"{escape}" = 1\n\n'
        f'[[override]]\nsay = "cut"\nblock = "{DIGEST}"\nsite = "{escape}"\nlabel = "{escape}"\n\n'
        "[[override]]\nsay = \x1b[2J\n"
    )
    told = Overrides.read(tmp_path)
    assert told.count == 2
    sentences = [*told.problems, *told.unused(set())]
    assert len(sentences) == 5
    assert all(sentence.isprintable() for sentence in sentences), sentences


def test_no_pipe_keeps_a_reader_or_a_writer_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    assert "it is no file" in Overrides.read(tmp_path).problems[0]
    with pytest.raises(OSError, match="seekable"):
        file.append(tmp_path, entry("cut"))


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_in_the_files_place_is_read_and_never_written_through(tmp_path: Path, is_there: bool) -> None:
    root, elsewhere = tmp_path / "archive", tmp_path / "profile"
    root.mkdir()
    if is_there:
        elsewhere.write_text(entry("cut"))
    (root / FILE).symlink_to(elsewhere)
    assert Overrides.read(root).count == is_there
    with pytest.raises(OSError, match="it is a link"):
        file.append(root, entry("keep"))
    assert (elsewhere.read_text() if is_there else elsewhere.exists()) == (
        entry("cut") if is_there else False
    )


def test_an_article_is_meant_by_any_form_of_its_address_and_goes_before_its_site(tmp_path: Path) -> None:
    file.append(tmp_path, entry("cut", "article"))
    file.append(tmp_path, entry("keep", "site", "www.harbour-post.example"))
    told = Overrides.read(tmp_path)
    said = [one.say for one in told.of(capture("http://www.harbour-post.example/town/ferry?utm_source=x"))]
    assert said == ["keep", "cut"]
    assert [one.say for one in told.of(capture("https://harbour-post.example/other"))] == ["keep"]
    assert told.of(capture("https://elsewhere.example/town/ferry")) == ()


def test_a_dump_page_without_address_is_known_by_its_name_in_the_archive(tmp_path: Path) -> None:
    page = capture("")
    urn = "urn:" + payload_digest(b"x")
    file.append(tmp_path, entry("cut", "article", urn))
    assert len(Overrides.read(tmp_path).of(page)) == 1


def test_words_on_blocks_that_no_page_has_are_told() -> None:
    told = Overrides([{"say": "keep", "block": DIGEST, "site": "a.example"}])
    assert told.unused({DIGEST}) == []
    assert "no page has the block" in told.unused(set())[0]


def test_a_takedown_takes_along_what_was_said_of_the_article_and_leaves_the_rest(tmp_path: Path) -> None:
    mine = "# my own words\n"
    (tmp_path / FILE).write_text(file.HEAD + "\n" + entry("keep") + mine + entry("cut", "site", "a.example"))
    forget(tmp_path, [FERRY + "?utm_source=x"])
    left = (tmp_path / FILE).read_text()
    assert left == file.HEAD + "\n" + entry("cut", "site", "a.example")
    forget(tmp_path, [FERRY])
    assert (tmp_path / FILE).read_text() == left
    forget(tmp_path / "nowhere", [FERRY])


def test_a_takedown_writes_through_no_link(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "archive", tmp_path / "profile"
    root.mkdir()
    elsewhere.write_text("mine")
    (root / FILE).write_text(entry("keep"))
    (root / (FILE + ".part")).symlink_to(elsewhere)
    forget(root, [FERRY])
    assert elsewhere.read_text() == "mine"
    assert FERRY not in (root / FILE).read_text()
