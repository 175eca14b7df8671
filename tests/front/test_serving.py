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

def ready(url):
    print("Serving", url, file=sys.stderr, flush=True)

sys.exit(serve(Path(sys.argv[1]), port=int(sys.argv[2]), on_ready=ready))
"""


def command(root: Path, port: int) -> list[str]:
    return [sys.executable, "-c", SERVE, str(root), str(port)]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_served_archive_has_its_pages_and_ends_by_a_signal(tmp_path: Path, stop: signal.Signals) -> None:
    sample.build(tmp_path)
    (tmp_path / "static/pressmark.css").unlink()  # serve brings the front up to date
    port = free_port()
    with running(command(tmp_path, port), HOUSE, sign="Serving") as server:
        assert "River ferry" in httpx.get(f"http://127.0.0.1:{port}/").text
        assert httpx.get(f"http://127.0.0.1:{port}/static/pressmark.css").status_code == 200
        server.send_signal(stop)
        assert server.wait(60) in {0, -stop}
    with socket.socket() as probe:  # nobody listens any more
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_free_port_is_told_once_it_answers_and_visitors_mistakes_are_not_logged(tmp_path: Path) -> None:
    sample.build(tmp_path)
    log: list[str] = []
    with running(command(tmp_path, 0), HOUSE, sign="Serving", log=log):
        url = log[0].split()[1]
        assert not url.endswith(":0/")
        paths = ("", "nowhere", "articles/nowhere", "article/99", "articles?sql=drop", "search?q=ferry")
        found = [httpx.get(url + path).status_code for path in paths]
    assert found == [200, 404, 404, 404, 400, 200]
    assert log == [f"Serving {url}\n"]


def failed(root: Path, port: int = 0) -> str:
    """What is said of an archive that cannot be served."""
    ended = subprocess.run(command(root, port), cwd=HOUSE, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_a_taken_port_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    sample.build(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = failed(tmp_path, port)
    assert said.startswith(f"Port {port} of 127.0.0.1 cannot be listened on (Address already in use):")
    assert "--port" in said


def test_a_broken_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles.db").write_bytes(b"this is no database" * 100)
    assert "articles.db cannot be read" in failed(tmp_path)


@pytest.mark.parametrize(("name", "content"), [("settings.json", '{"x": 1}'), ("metadata.yaml", "a: [")])
def test_a_file_that_the_user_broke_is_a_failure_with_its_reason(
    tmp_path: Path, name: str, content: str
) -> None:
    sample.build(tmp_path)
    (tmp_path / name).write_text(content)
    assert "Datasette cannot use a file in" in failed(tmp_path)
