"""`serve`: Datasette over an archive, in this process."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.front import sample
from tests.front.conftest import free_port, running

HOUSE = Path(__file__).parents[2]
SERVE = """
import sys
from pathlib import Path
from archive.front import serve
sys.exit(serve(Path(sys.argv[1]), port=int(sys.argv[2])))
"""


def command(root: Path, port: int) -> list[str]:
    return [sys.executable, "-c", SERVE, str(root), str(port)]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_served_archive_has_its_pages_and_ends_by_a_signal(tmp_path: Path, stop: signal.Signals) -> None:
    sample.build(tmp_path)
    (tmp_path / "static/pressmark.css").unlink()  # serve brings the front up to date
    port = free_port()
    with running(command(tmp_path, port), HOUSE) as server:
        assert "River ferry" in httpx.get(f"http://127.0.0.1:{port}/").text
        assert httpx.get(f"http://127.0.0.1:{port}/static/pressmark.css").status_code == 200
        server.send_signal(stop)
        assert server.wait(60) in {0, -stop}
    with socket.socket() as probe:  # nobody listens any more
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    sample.build(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            command(tmp_path, taken.getsockname()[1]), cwd=HOUSE, capture_output=True, text=True
        )
    assert ended.returncode == 1
    assert "address already in use" in ended.stderr


def test_a_broken_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles.db").write_bytes(b"this is no database" * 100)
    ended = subprocess.run(command(tmp_path, free_port()), cwd=HOUSE, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "articles.db cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr
