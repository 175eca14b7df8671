"""The two engines: who says what stays, and what an article tells of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from archive.values import Capture, Engine
from pipelines import CLEANERS, WorkerPool, clean, extract, html_clean
from pipelines.extract import MAX_CHARS
from tests.pipelines.test_html_clean import PAGE, PARAGRAPHS

DUMP = "Bridge to be rebuilt\n\n" + "\n\n".join(PARAGRAPHS) + "\n\nFollow us"


@pytest.mark.parametrize("engine", CLEANERS)
def test_under_either_engine_the_account_is_whole_and_the_cleaner_is_named(engine: Engine) -> None:
    article = clean(PAGE, engine=engine)
    words = Counter(" ".join(block.text for block in article.blocks).split())
    assert words == Counter(" ".join(block.text for block in clean(PAGE).blocks).split())
    assert {block.text for block in article.blocks if block.kept} >= set(PARAGRAPHS)
    assert article.cleaner == CLEANERS[engine]


def test_trafilatura_as_the_engine_is_asked_on_every_page_and_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extract, "_body_lines", lambda html, url: [PARAGRAPHS[0], PARAGRAPHS[3]])
    sure, asked = clean(PAGE), clean(PAGE, engine="trafilatura")
    assert not sure.referee_asked
    assert asked.referee_asked
    assert PARAGRAPHS[1] in sure.text
    # Both are between kept blocks of their container only where three are kept: repair.py's measure.
    assert asked.text.split("\n\n") == [PARAGRAPHS[0], PARAGRAPHS[3]]


def test_where_trafilatura_finds_nothing_the_learned_labeller_is_heard_and_the_account_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extract, "_body_lines", lambda html, url: [])
    article = clean(PAGE, engine="trafilatura")
    assert article.text.split("\n\n")[: len(PARAGRAPHS)] == PARAGRAPHS
    assert article.referee_asked
    # Nobody asks a referee about what HTML itself names as furniture.
    judged = [block.reason for block in article.blocks if not block.reason.startswith("page furniture")]
    assert len(judged) > len(PARAGRAPHS)
    assert all("trafilatura found no article" in reason for reason in judged)


def test_a_page_too_large_for_trafilatura_is_read_without_it() -> None:
    article = clean(PAGE.replace("</article>", f"<p>{'x ' * MAX_CHARS}</p></article>"), engine="trafilatura")
    assert not article.referee_asked
    assert PARAGRAPHS[0] in article.text


def test_the_learned_labeller_asks_trafilatura_where_it_is_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_clean, "CONFIDENT", 1.1)
    assert clean(PAGE).referee_asked


def test_a_dump_reads_the_same_under_either_engine() -> None:
    learned, asked = clean(DUMP), clean(DUMP, engine="trafilatura")
    assert learned.blocks == asked.blocks
    assert not asked.referee_asked
    assert asked.cleaner == CLEANERS["trafilatura"]


def test_an_engine_that_is_none_is_refused_in_a_sentence() -> None:
    with pytest.raises(
        ValueError, match="there is no engine 'readability'; there are learned and trafilatura"
    ):
        clean(PAGE, engine="readability")  # type: ignore[arg-type]


def test_a_pool_cleans_with_the_engine_it_was_made_with() -> None:
    page = Capture(url="", fetched_at=datetime(2026, 1, 2, tzinfo=UTC), body=PAGE.encode(), source="html")
    empty = Capture(url="", fetched_at=datetime(2026, 1, 2, tzinfo=UTC), body=b" ", source="html")
    with WorkerPool(1, engine="trafilatura") as pool:
        cleaned = [pool.submit(capture).result() for capture in (page, empty)]
    assert [(a.cleaner, a.referee_asked) for a in cleaned] == [  # type: ignore[union-attr]
        (pool.cleaner, True),
        (pool.cleaner, False),
    ]
