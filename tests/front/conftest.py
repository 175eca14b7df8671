"""Fixtures of the front's tests: the sample archive, a real Datasette over it, a real browser."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.front import crawled, sample

START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def datasette_over(root: Path) -> Iterator[str]:
    """Run plain `datasette ROOT` outside this checkout; yield its address."""
    port = free_port()
    with running([sys.executable, "-m", "datasette", str(root), "--port", str(port)], root):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(
    command: list[str], folder: Path, *, sign: str = "Uvicorn running", log: list[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command that serves; yield it once it does, end it, and fail if it met a traceback.

    That it does is told by a line on standard error with `sign` in it; all such lines go into `log`.
    """
    ready, log = threading.Event(), [] if log is None else log
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder
    )

    def drain() -> None:
        assert server.stderr is not None
        for line in server.stderr:
            log.append(line)
            if sign in line:
                ready.set()
        ready.set()

    reader = threading.Thread(target=drain)
    reader.start()
    try:
        assert ready.wait(START_SECONDS), "Datasette did not start: " + "".join(log)
        assert server.poll() is None, "Datasette ended at once: " + "".join(log)
        yield server
    finally:
        server.terminate()
        server.wait(START_SECONDS)
        reader.join(START_SECONDS)
        assert server.stderr is not None
        server.stderr.close()
    assert "Traceback" not in "".join(log)


@pytest.fixture(scope="session")
def archive_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample archive with its front. Shared: read it only."""
    root = tmp_path_factory.mktemp("news-archive")
    sample.build(root)
    return root


@pytest.fixture(scope="session")
def address(archive_root: Path) -> Iterator[str]:
    """Where a real Datasette serves the sample archive."""
    with datasette_over(archive_root) as address:
        yield address


@pytest.fixture(scope="session")
def visitor(address: str) -> Iterator[httpx.Client]:
    """Someone who asks for pages and follows no redirect."""
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def crawled_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample archive as crawls left it, with a site that is hostile in all it says. Read it only."""
    root = tmp_path_factory.mktemp("crawled-archive")
    crawled.build(root)
    return root


@pytest.fixture(scope="session")
def crawled_address(crawled_root: Path) -> Iterator[str]:
    """Where a real Datasette serves it."""
    with datasette_over(crawled_root) as address:
        yield address
