"""Runs crawls in processes of their own: Twisted's reactor starts once in a process.

As a module, it is that process: options as JSON on standard input, the summary as JSON on standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: No waiting between requests to a server on loopback; several at a time, so that stalls overlap.
QUICK: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_START_DELAY": 0,
    "AUTOTHROTTLE_MAX_DELAY": 0.01,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "PRESSMARK_CONTACT": "desk@newsroom.example",
    # Tests count requests; those of rights ask for it.
    "PRESSMARK_TDMREP": False,
}
ROOT = Path(__file__).parents[2]


@dataclass
class Crawled:
    """What one crawl did."""

    summary: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    log: str = ""

    @property
    def outcomes(self) -> dict[str, int]:
        """How many pages had each outcome; those that none had are left out."""
        return {name: count for name, count in self.summary["outcomes"].items() if count}

    def sentence(self, url: str) -> str:
        """What was said of one page that failed."""
        return str(dict(self.summary["failures"])[url])


def crawl(archive: Path, *, settings: dict[str, Any] | None = None, **options: Any) -> Crawled:
    """`crawler.crawl.run_crawl` on loopback, quick, in a process of its own."""
    run = python("-m", "tests.crawler.crawling", stdin=_given(archive, settings, options))
    answer: dict[str, Any] = json.loads(run.stdout) if run.stdout else {"error": "crashed"}
    return Crawled(answer.get("summary", {}), answer.get("error", ""), run.stderr)


def crawl_and_kill(archive: Path, when: threading.Event, **options: Any) -> None:
    """Start a crawl, and kill it with SIGKILL once `when` is set."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crawler.crawling"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=_environment(),
    ) as process:
        assert process.stdin is not None
        process.stdin.write(_given(archive, None, options).encode())
        process.stdin.close()
        assert when.wait(timeout=120)
        process.kill()


def _given(archive: Path, settings: dict[str, Any] | None, options: dict[str, Any]) -> str:
    ours = {"archive": str(archive), "allow_private": True, "processes": 1}
    return json.dumps(ours | options | {"settings": QUICK | (settings or {})})


def _environment() -> dict[str, str]:
    """The environment without proxies, and without what would change archive or contact."""
    ours = ("PRESSMARK_ARCHIVE", "PRESSMARK_CONTACT")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name not in ours
    }
    return kept | {"NO_PROXY": "*", "PYTHONPATH": str(ROOT)}


def python(
    *arguments: str, stdin: str = "", cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in an environment of ours."""
    return subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**_environment(), **(environment or {})},
        timeout=300,
        check=False,
    )


def main() -> None:
    from crawler.crawl import run_crawl
    from crawler.options import CrawlOptions

    given = json.load(sys.stdin)
    for name in ("only", "urls"):
        given[name] = tuple(given.get(name, ()))
    pages: list[tuple[str, str, str]] = []
    try:
        done = run_crawl(
            CrawlOptions(**given), on_page=lambda page: pages.append((page.name, page.outcome, page.sentence))
        )
    except Exception as error:  # noqa: BLE001 - the test looks at what it says
        json.dump({"error": f"{type(error).__name__}: {error}"}, sys.stdout)
        return
    summary = {
        "outcomes": done.pages.outcomes,
        "kinds": done.pages.kinds,
        "failures": done.pages.failures,
        "forbidden": done.forbidden,
        "feeds_read": done.feeds_read,
        "ended": done.ended,
        "next_due": done.next_due,
        "needs_javascript": done.needs_javascript,
        "exit_code": done.exit_code,
        "pages": pages,
    }
    json.dump({"summary": summary}, sys.stdout)


if __name__ == "__main__":
    main()
