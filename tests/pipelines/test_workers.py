"""A page may hang, crash or eat memory in its worker: only that page is lost; the others come in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest

from archive.values import Article, Capture
from pipelines.page import PageError
from pipelines.workers import PageFailure, PageJob, WorkerPool


class Annotated(Article, frozen=True, kw_only=True):
    """What another work than the cleaner gives: an article with something beside it."""

    notes: dict[int, str]


def work(job: PageJob) -> Article:
    """Stands in for the cleaner: does what the page's body says."""
    match job.body:
        case b"spin":
            while True:
                pass
        case b"abort":
            os.abort()
        case b"exit":
            os._exit(3)
        case b"memory":
            return Article(text=str(len(bytearray(64 << 30))))
        case b"raise":
            raise ValueError("no such key\nsecond line")
        case b"mute":
            raise TypeError
        case b"annotate":
            return Annotated(text="noted", notes={1: "kept"})
        case b"refuse":
            raise PageError("is empty; fetch it again")
    return Article(text=job.body.decode(), url=job.url)


def capture(body: bytes) -> Capture:
    return Capture(
        url="https://news.test/", fetched_at=datetime(2024, 1, 2, tzinfo=UTC), body=body, source="dump"
    )


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, cpu_seconds=1, work=work) as pool:
        yield pool


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"spin", "more than 1 CPU seconds"),
        (b"abort", "SIGABRT"),
        (b"exit", "exit code 3"),
        (b"memory", "out of memory"),
        (b"raise", "the cleaner failed on this page (ValueError: no such key); please report it"),
        (b"mute", "the cleaner failed on this page (TypeError); please report it"),
        (b"refuse", "the page is empty; fetch it again"),
    ],
)
def test_a_bad_page_is_a_failure_with_a_sentence_and_the_next_page_is_cleaned(
    pool: WorkerPool, body: bytes, sentence: str
) -> None:
    bad, good = pool.submit(capture(body)), pool.submit(capture(b"fine"))
    failure, article = bad.result(), good.result()
    assert isinstance(failure, PageFailure)
    assert sentence in failure.reason
    assert "\n" not in failure.reason
    assert isinstance(article, Article)
    assert article.text == "fine"


def test_results_come_in_the_order_of_the_captures_however_many_fail(pool: WorkerPool) -> None:
    bodies = [b"abort" if n % 7 == 3 else b"page %d" % n for n in range(40)]
    results = list(pool.map(map(capture, bodies)))
    assert [found.body for found, _ in results] == bodies
    assert [isinstance(result, PageFailure) for _, result in results] == [b == b"abort" for b in bodies]


def test_only_a_window_of_pages_is_taken_from_the_input(pool: WorkerPool) -> None:
    taken = 0

    def endless() -> Iterator[Capture]:
        nonlocal taken
        while True:
            taken += 1
            yield capture(b"page")

    next(iter(pool.map(endless())))
    assert taken <= 4 * pool.processes


def test_a_process_that_cannot_be_started_fails_the_page_and_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with WorkerPool(1, work=work) as pool:
        monkeypatch.setattr("pipelines.workers._CONTEXT.Process", refused)
        failure = pool.submit(capture(b"fine")).result()
        monkeypatch.undo()
        again = pool.submit(capture(b"fine")).result()
    assert isinstance(failure, PageFailure)
    assert "no worker process" in failure.reason
    assert isinstance(again, Article)


def test_what_is_in_no_encoding_goes_through_the_pipe_too(pool: WorkerPool) -> None:
    """JSON may escape half a surrogate pair, in a URL as anywhere; MessagePack holds valid Unicode alone."""
    url = "https://example.org/\ud800"
    article = pool.submit(msgspec.structs.replace(capture(b"x"), url=url)).result()
    assert isinstance(article, Article)
    assert article.url == url


def test_what_a_work_gives_beside_the_article_goes_through_the_pipe(pool: WorkerPool) -> None:
    assert pool.submit(capture(b"annotate")).result() == Annotated(text="noted", notes={1: "kept"})
