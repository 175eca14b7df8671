"""Cleaning in worker processes: a page may hang, crash or eat memory, and only that page is lost.

One thread here stands for one worker process: it hands the process a page, waits for the article, and
starts a new process when the old one died. Limits are CPU seconds, never wall-clock seconds: under load a
wall-clock limit loses pages that were only waiting for their turn.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Final, TypeVar

import msgspec

from archive.values import Article, Capture, Engine, Form, Hints, Override, Value
from pipelines.cleaning import clean, cleaner_of
from pipelines.overrides import cleaner_with
from pipelines.page import PageError
from pipelines.responses import no_page

#: The slowest honest page of the development pages takes about 2 CPU seconds; hostile ones never end.
CPU_SECONDS = 20
#: 10 MB of JSON-LD cost trafilatura 1.4 GB; beyond 3 GiB of address space a page is an attack.
MEMORY_BYTES = 3 << 30

_CONTEXT = multiprocessing.get_context("forkserver")


class PageJob(Value, frozen=True, kw_only=True):
    """What a worker needs of a capture: the payload and what is known beside it."""

    body: bytes
    url: str
    content_type: str = ""
    form: Form | None = None
    hints: Hints | None = None
    fetched_at_timestamp: float | None = None
    engine: Engine = "learned"
    requested_url: str = ""
    overrides: tuple[Override, ...] = ()


class PageFailure(Value, frozen=True, kw_only=True):
    """A page that gave no article: the sentence says why, and what limit it hit."""

    reason: str


Cleaned = Article | PageFailure
#: Runs in the worker process; must be importable there (a module's function).
CleanJob = Callable[[PageJob], Article]


def _told_form(capture: Capture) -> Form | None:
    """Text is text when its owner says so, scraps of markup and all; a server's word is not believed."""
    told = capture.status is None and capture.content_type.startswith("text/plain")
    return "text" if told else None


def clean_job(job: PageJob) -> Article:
    """The work itself: one page through `pipelines.clean`."""
    stamp = job.fetched_at_timestamp
    fetched_at = None if stamp is None else datetime.fromtimestamp(stamp, UTC)
    return clean(
        job.body,
        url=job.url,
        content_type=job.content_type,
        form=job.form,
        hints=job.hints,
        fetched_at=fetched_at,
        engine=job.engine,
        requested_url=job.requested_url,
        overrides=job.overrides,
    )


class _Answer(msgspec.Struct, frozen=True):
    """What goes back through the pipe: one of the two."""

    article: Article | None = None
    failure: PageFailure | None = None

    @property
    def said(self) -> Cleaned:
        return self.article or self.failure or PageFailure(reason="the worker process said nothing")


#: MessagePack takes a third of the time that pickle takes for an article of a hundred blocks (0.3 ms, both
#: ends). What it cannot hold is pickled: a lone surrogate in a URL that was given, and what the article of
#: another `work` than ours has beside an `Article`'s fields.
_ENCODER: Final = msgspec.msgpack.Encoder()
_QUESTIONS: Final = msgspec.msgpack.Decoder(PageJob)
_ANSWERS: Final = msgspec.msgpack.Decoder(_Answer)
_PACKED, _PICKLED = b"m", b"p"
Message = TypeVar("Message", PageJob, _Answer)


def _packed(message: PageJob | _Answer) -> bytes:
    if isinstance(message, _Answer) and type(message.article) not in (Article, type(None)):
        return _PICKLED + pickle.dumps(message)
    try:
        return _PACKED + _ENCODER.encode(message)
    except UnicodeEncodeError:
        return _PICKLED + pickle.dumps(message)


def _unpacked(message: bytes, decoder: msgspec.msgpack.Decoder[Message]) -> Message:
    """Only what `_packed` made in a process of ours is read here."""
    if message[:1] == _PICKLED:
        unpickled: Message = pickle.loads(message[1:])  # noqa: S301 - our own, through our own pipe
        return unpickled
    return decoder.decode(memoryview(message)[1:])


class WorkerPool:
    """Cleans captures in `processes` worker processes, each page under a CPU-time and a memory limit.

    Never raises for a bad page: the page's result is a `PageFailure`. Use as a context manager.
    """

    def __init__(
        self,
        processes: int | None = None,
        *,
        cpu_seconds: int = CPU_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        work: CleanJob = clean_job,
        engine: Engine = "learned",
        overrides: Callable[[Capture], tuple[Override, ...]] = lambda capture: (),
    ) -> None:
        self.processes = processes or os.cpu_count() or 1
        self.engine = engine
        #: What the articles will bear as their `cleaner`.
        self.cleaner = cleaner_of(engine)
        #: What people said of a page's blocks.
        self._overrides = overrides
        self._limits = (cpu_seconds, memory_bytes)
        self._work = work
        self._jobs: queue.SimpleQueue[tuple[PageJob, Future[Cleaned]] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"cleaner-{n}", daemon=True)
            for n in range(self.processes)
        ]
        # The fork server imports the cleaner once, while the first pages are still being read here; each
        # worker is then a cheap fork of it.
        _CONTEXT.set_forkserver_preload(["pipelines.workers", "pipelines.preload"])
        with contextlib.suppress(OSError):  # no process to be had: the first page's failure says so
            forkserver.ensure_running()
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cleaner_for(self, capture: Capture) -> str:
        """What the article of this page will bear as its `cleaner`: also, what people said of its blocks."""
        return cleaner_with(self.cleaner, self._overrides(capture))

    def submit(self, capture: Capture, overrides: tuple[Override, ...] | None = None) -> Future[Cleaned]:
        """Queue one capture; the future gives its article or its failure, and never raises.

        `overrides` are what people said of its blocks, where the pool itself cannot know.
        """
        future: Future[Cleaned] = Future()
        said = self._overrides(capture) if overrides is None else overrides
        if (told := no_page(capture, cleaner_with(self.cleaner, said))) is not None:
            future.set_result(told)
            return future
        job = PageJob(
            body=capture.body,
            # A dump's name in the archive (`urn:…`) is no address that says anything of the page.
            url=capture.url if capture.url.startswith(("http:", "https:")) else "",
            requested_url=capture.requested_url,
            overrides=said,
            content_type=capture.content_type,
            form=_told_form(capture),
            hints=capture.hints,
            fetched_at_timestamp=capture.fetched_at.timestamp(),
            engine=self.engine,
        )
        self._jobs.put((job, future))
        return future

    def map(self, captures: Iterable[Capture]) -> Iterator[tuple[Capture, Cleaned]]:
        """Each capture with its result, in the order given; only a few pages are held in memory at once."""
        window: deque[tuple[Capture, Future[Cleaned]]] = deque()
        for capture in captures:
            window.append((capture, self.submit(capture)))
            if len(window) >= 4 * self.processes:
                first, future = window.popleft()
                yield first, future.result()
        while window:
            first, future = window.popleft()
            yield first, future.result()

    def close(self) -> None:
        """End the workers after the pages already queued."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        worker: _Worker | None = None
        while (entry := self._jobs.get()) is not None:
            job, future = entry
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if worker is None:
                    worker = _Worker(self._work, self._limits)
                result = worker.clean(job)
            except Exception as error:  # noqa: BLE001 - no process to be had: whoever waits must be told
                result, worker = PageFailure(reason=f"no worker process could clean it ({error})"), None
            if worker is not None and not worker.alive:
                worker = None
            future.set_result(result)
        if worker is not None:
            worker.stop()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, work: CleanJob, limits: tuple[int, int]) -> None:
        self._cpu_seconds, memory_bytes = limits
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process: ForkServerProcess = _CONTEXT.Process(
            target=_work_until_closed, args=(theirs, work, self._cpu_seconds, memory_bytes), daemon=True
        )
        self._process.start()
        theirs.close()
        self.alive = True

    def clean(self, job: PageJob) -> Cleaned:
        try:
            self._pipe.send_bytes(_packed(job))
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError):
            self.alive = False
            self._process.join()
            self._pipe.close()
            return PageFailure(reason=self._obituary())
        return _unpacked(answer, _ANSWERS).said

    def stop(self) -> None:
        self._pipe.close()
        self._process.join()

    def _obituary(self) -> str:
        code = self._process.exitcode
        if code == -signal.SIGXCPU:
            return f"cleaning took more than {self._cpu_seconds} CPU seconds and was stopped"
        if code is not None and code < 0:
            return f"cleaning crashed the worker process ({signal.Signals(-code).name})"
        return f"cleaning ended the worker process (exit code {code})"


def _work_until_closed(pipe: Connection, work: CleanJob, cpu_seconds: int, memory_bytes: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it drains, we go on
    _limit_memory(memory_bytes)
    # A page's tree and blocks hold no cycles, and looking for some took a tenth of the walk's time. What was
    # loaded before stays for good.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    while True:
        try:
            question = pipe.recv_bytes()
        except (EOFError, ConnectionResetError):  # reset: the parent was killed amid a page
            return
        _limit_cpu(cpu_seconds)
        with contextlib.suppress(BrokenPipeError):
            said = _one_page(work, _unpacked(question, _QUESTIONS))
            pipe.send_bytes(
                _packed(_Answer(failure=said) if isinstance(said, PageFailure) else _Answer(article=said))
            )


def _one_page(work: CleanJob, job: PageJob) -> Cleaned:
    try:
        return work(job)
    except MemoryError:
        return PageFailure(reason="cleaning ran out of memory")
    except RecursionError:
        return PageFailure(reason="the page is nested too deeply to be cleaned")
    except PageError as error:  # it wrote its own sentence
        return PageFailure(reason=str(error))
    except Exception as error:  # noqa: BLE001 - the per-page boundary: one bad page must not end the batch
        what = type(error).__name__ + "".join(f": {line}" for line in str(error).strip().splitlines()[:1])
        return PageFailure(reason=f"the cleaner failed on this page ({what}); please report it")


def _limit_memory(memory_bytes: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # macOS refuses a limit below what is mapped already
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _limit_cpu(cpu_seconds: int) -> None:
    """Let the kernel end this process (SIGXCPU) once this page used up its time, even inside C code."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + cpu_seconds + 1, hard))
