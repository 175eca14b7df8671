"""The process from which `tests.killing` forks its runs: everything imported, nothing begun.

Questions come as JSON lines on standard input: `{"start": RUN}`, answered with a process id, and
`{"wait": PID}`, answered with an exit code. Little is imported up here, since each worker process that cleans
imports this module as its main one.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Small enough that there are several batches and several files in each run.
BATCH_ROWS = 4
WARC_SIZE = 9_000


def serve() -> None:
    """The forking process: questions on standard input, answers on standard output."""
    import multiprocessing
    from multiprocessing import forkserver

    import crawler.crawl  # noqa: F401 - imported once, for all
    from crawler.commands import reclean  # noqa: F401 - the same

    assert "twisted.internet.reactor" not in sys.modules, "a reactor cannot be forked"
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["pipelines.workers", "pipelines.preload"]
    )
    forkserver.ensure_running()
    for line in sys.stdin:
        question = json.loads(line)
        if "wait" in question:
            _, status = os.waitpid(question["wait"], 0)
            said = os.waitstatus_to_exitcode(status)
        else:
            # A run that is killed amid asking it for a worker takes the shared fork server along (EOFError).
            forkserver.ensure_running()
            said = os.fork()
            if not said:
                _become(question["start"])
        print(json.dumps(said), flush=True)


def _become(run: Mapping[str, Any]) -> None:
    """The forked process: does the run and ends."""
    from multiprocessing import forkserver

    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(run["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
        os.dup2(1, 2)
        # The fork server is our parent's child, and runs; asking whether it does would be asking our own.
        server: Any = forkserver
        server._forkserver.ensure_running = server.ensure_running = lambda: None
        from archive import failpoints

        failpoints._name, _, passes = run.get("failpoint", "").partition(":")
        failpoints._left = int(passes or "1")
        passed = _count_passes() if run.get("passes") else None
        code = _reload(run) if run["kind"] == "reload" else _crawl(run)
        if passed is not None:
            Path(run["passes"]).write_text(json.dumps(passed), encoding="utf-8")
    except BaseException:  # noqa: BLE001 - this process is to end here, whatever it was
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _count_passes() -> Counter[str]:
    """How often each failpoint is passed, counted from now on."""
    from archive import failpoints

    passed: Counter[str] = Counter()
    due = failpoints.due

    def counted(point: str) -> bool:
        passed[point] += 1
        return due(point)

    failpoints.due = counted
    return passed


def _crawl(run: Mapping[str, Any]) -> int:
    from crawler.crawl import run_crawl
    from crawler.options import CrawlOptions
    from tests.crawler.crawling import QUICK

    settings = QUICK | {"PRESSMARK_BATCH_ROWS": BATCH_ROWS, "PRESSMARK_WARC_SIZE": WARC_SIZE}
    options = {"due": run["kind"] == "due", **run.get("options", {})}
    done = run_crawl(
        CrawlOptions(
            archive=run["archive"],
            sites=run["input"],
            allow_private=True,
            processes=1,
            settings=settings | run.get("settings", {}),
            **options,
        )
    )
    if "summary" in run:
        told: dict[str, Any] = {
            "outcomes": dict(done.pages.outcomes),
            "next_due": done.next_due,
            "forbidden": done.forbidden,
        }
        told |= {"failures": done.pages.failures}
        Path(run["summary"]).write_text(json.dumps(told), encoding="utf-8")
    return done.exit_code


def _reload(run: Mapping[str, Any]) -> int:
    """As `pressmark reclean` does, but in small batches."""
    from archive import Archive
    from archive.values import Cadence
    from crawler.commands.reclean import _found
    from crawler.engine import keep_all
    from pipelines import WorkerPool

    cadence = Cadence(rows=BATCH_ROWS)
    with (
        Archive.open(
            run["archive"], software="pressmark/kills", cadence=cadence, max_file_bytes=WARC_SIZE
        ) as archive,
        WorkerPool(1) as pool,
    ):
        number = archive.begin_run("reclean")
        summary = keep_all(archive, _found(archive, (Path(run["input"]),), None), pool)
        archive.finish_run(number, summary.counts())
    return summary.exit_code


if __name__ == "__main__":
    serve()
