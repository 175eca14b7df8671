"""Pages a second against loopback: plain Scrapy, ours with archiving, ours with cleaning; and memory.

    python bench/throughput.py [--pages 3000] [--rounds 3] [--json FILE]
    python bench/throughput.py --memory 100000 --only cleaning [--json FILE]

A server of its own process stands for many hosts of 127.1.0.0/16; each has a sitemap of 500 pages. All
three read the same sitemaps and fetch the same pages, as many at once and without a delay; plain Scrapy
saves nothing. The ways take turns, round by round, each crawl in a process of its own. In each a clock that
strikes every 50 ms in the reactor's thread tells how late it was: time in which nothing else could be done
either. Every second the memory of the crawl's process and of its workers is written down; the slope is a
straight line through the last 80 % of the pages. Ctrl-C ends a crawl early; what was measured is told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

WAYS = ("plain", "archiving", "cleaning")
#: Pages of one host, as `crawl --limit` has it.
A_HOST = 500
#: Different texts: pages of one text differ in its numbers.
TEXTS = 64
STRIKE = 0.05
#: More pages than this are fetched a few sites after another.
MANY, SITES_AT_ONCE = 20_000, 6


# The server -----------------------------------------------------------------------------------------


class Server(asyncio.Protocol):
    """Answers at once, from what was made before."""

    bodies: tuple[bytes, ...] = ()
    port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            host = self.transport.get_extra_info("sockname")[0]
            status, kind, body = self.answer(host, path)
            self.transport.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )

    def answer(self, host: str, path: str) -> tuple[str, str, bytes]:
        if path == "/robots.txt":
            return "200 OK", "text/plain", b"User-agent: *\nDisallow: /private/\n"
        if path.startswith("/sitemap-"):
            number = int(path.removeprefix("/sitemap-").removesuffix(".xml"))
            day = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600))
            urls = "".join(
                f"<url><loc>http://{host}:{self.port}/news/story-of-the-harbour-{n}.html</loc>"
                f"<lastmod>{day}</lastmod></url>"
                for n in range(number)
            )
            return "200 OK", "application/xml", f"<urlset>{urls}</urlset>".encode()
        if not path.startswith("/news/"):
            return "404 Not Found", "text/plain", b""
        number = int(path.rpartition("-")[2].removesuffix(".html"))
        own = f"{host.replace('.', '')}{number}".encode()
        return "200 OK", "text/html; charset=utf-8", self.bodies[number % TEXTS].replace(b"4711", own)


class Settled:
    """Where nothing is cleaned: a page that is stored is under way no more."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Settled:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        from crawler.keep import keeper_of

        keeper = keeper_of(self.crawler)
        assert keeper is not None
        flying, asked = keeper.agenda.flying, item.capture.requested_url or item.capture.url
        await keeper.do(lambda archive: flying.pop(asked, None))  # in the archive's own thread
        return item


def serve(hosts: int) -> None:
    """Serve until standard input ends; the port is told on standard output."""
    from tests.worlds import pages, prose

    def page(number: int) -> bytes:
        rng = random.Random(number)  # noqa: S311 - texts, not secrets
        shown = pages.Shown(
            url=f"http://example.test/{number}", headline=prose.headline(rng) + " 4711",
            author=prose.author(rng), published="2026-01-05T08:00:00+00:00",
            modified="2026-01-05T08:00:00+00:00",
            paragraphs=[f"{text} Case 4711." for text in prose.paragraphs(rng)],
            related=[pages.Teaser(f"/news/{n}", prose.headline(rng), "") for n in range(12)],
        )  # fmt: skip
        look = pages.Look("The Harbour Post", template=number)
        whole = pages.article(look, shown)
        return whole.replace(
            '<link rel="canonical" href="http://example.test', '<link rel="x" href="'
        ).encode()

    Server.bodies = tuple(page(number) for number in range(TEXTS))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(Server, address(0), 0)
        Server.port = first.sockets[0].getsockname()[1]
        others = [await loop.create_server(Server, address(n), Server.port) for n in range(1, hosts)]
        print(Server.port, flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        for server in (first, *others):
            server.close()

    asyncio.run(main())


def address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


# One crawl ------------------------------------------------------------------------------------------


class Watch:
    """Strikes in the reactor's thread, writes down how late each strike was, and memory each second."""

    def __init__(self, stats: Any) -> None:
        self._stats = stats
        self.late: list[float] = []
        self.memory: list[tuple[float, int, int, int]] = []
        self.begun = time.monotonic()
        self._due = self.begun + STRIKE
        self._sampled = 0.0

    async def run(self) -> None:
        import psutil

        own = psutil.Process()
        while True:
            await asyncio.sleep(max(self._due - time.monotonic(), 0.0))
            now = time.monotonic()
            self.late.append(now - self._due)
            self._due = max(self._due + STRIKE, now)
            if now - self._sampled >= 1.0:
                self._sampled = now
                workers = [child.memory_info().rss for child in own.children(recursive=True)]
                pages = self._stats.get_value("response_received_count", 0)
                self.memory.append((now - self.begun, pages, own.memory_info().rss, max(workers, default=0)))


def crawl(way: str, port: int, pages: int, folder: Path) -> dict[str, Any]:
    """One crawl in this process: what it took."""
    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    hosts = -(-pages // A_HOST)
    settings: dict[str, Any] = {
        "CONCURRENT_REQUESTS": 32, "CONCURRENT_REQUESTS_PER_DOMAIN": 4, "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False, "ROBOTSTXT_OBEY": True, "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
    }  # fmt: skip
    maps = [f"http://{address(n)}:{port}/sitemap-{min(A_HOST, pages - n * A_HOST)}.xml" for n in range(hosts)]
    arguments: dict[str, str] = {}
    base = Settings()
    if way == "plain":
        spider = _plain(maps)
    else:
        from crawler import settings as project
        from crawler.spiders.news import NewsSpider

        base.setmodule(project, priority="project")
        spider = _few_at_a_time(NewsSpider) if pages > MANY else NewsSpider
        text = "".join(
            f'[[site]]\nname = "Site {n}"\nurl = "{url[: -len("sitemap-500.xml")]}"\nsitemaps = ["{url}"]\n'
            for n, url in enumerate(maps)
        )
        (folder / "sites.toml").write_text(f'contact = "bench@example.org"\n{text}')
        arguments = {"sites": str(folder / "sites.toml"), "limit": str(A_HOST)}
        settings |= {"PRESSMARK_ARCHIVE": str(folder / "archive"), "PRESSMARK_ALLOW_PRIVATE": True}
        if way == "archiving":
            settings["ITEM_PIPELINES"] = {"crawler.keep.KeepRaw": 100, "pipelines.items.CleanPages": None,
                                          "crawler.keep.KeepArticles": None, Settled: 300}  # fmt: skip
    base.setdict(settings, priority="cmdline")
    process = AsyncCrawlerProcess(base)
    crawler = process.create_crawler(spider)
    watch: list[Watch] = []
    tasks: list[asyncio.Task[None]] = []

    def opened() -> None:
        watch.append(Watch(crawler.stats))
        tasks.append(asyncio.ensure_future(watch[0].run()))

    crawler.signals.connect(opened, signal=signals.spider_opened, weak=False)
    crawler.signals.connect(lambda: tasks[0].cancel(), signal=signals.engine_stopped, weak=False)
    process.crawl(crawler, **arguments)
    process.start()
    cpu = time.process_time()
    assert crawler.stats is not None
    seconds = crawler.stats.get_value("elapsed_time_seconds")
    came = crawler.stats.get_value("downloader/response_status_count/200")
    late = sorted(watch[0].late)
    return {
        "way": way,
        "pages": came,
        "kept": crawler.stats.get_value("item_scraped_count", 0),
        "seconds": seconds,
        "cpu_ms_a_page": 1000 * cpu / max(came, 1),
        "late_p99_ms": 1000 * late[int(len(late) * 0.99)],
        "late_max_ms": 1000 * late[-1],
        "strikes": len(late),
        "memory": watch[0].memory,
    }


def _few_at_a_time(spider: Any) -> Any:
    """The spider, but going on to the next sites only when those before are done.

    A crawl holds the addresses of all pages that it is to fetch, some 3 KB each: memory that a run frees
    while it goes on, and that would hide what it does not free.
    """
    from scrapy import signals

    class FewAtATime(spider):  # type: ignore[misc]
        async def start(self) -> Any:
            number = 0
            async for request in super().start():
                yield request
                number += 1
                if number % SITES_AT_ONCE == 0:
                    await self.crawler.signals.wait_for(signals.scheduler_empty)

    return FewAtATime


def _plain(maps: list[str]) -> Any:
    import scrapy

    class Plain(scrapy.Spider):
        """Reads the sitemaps, asks for what they list, and keeps nothing."""

        name = "plain"

        async def start(self) -> Any:
            for url in maps:
                yield scrapy.Request(url, priority=10)

        def parse(self, response: Any) -> Any:
            for url in response.xpath("//*[local-name()='loc']/text()").getall():
                yield scrapy.Request(url, callback=self.seen)

        def seen(self, response: Any) -> None:
            return None

    return Plain


# All of it ------------------------------------------------------------------------------------------


def slope(memory: list[tuple[float, int, int, int]], column: int) -> float:
    """Bytes a page, by least squares over the last 80 % of the pages."""
    last = memory[-1][1]
    points = [(row[1], row[column]) for row in memory if row[1] >= 0.2 * last]
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 2 else 0.0


def measured(way: str, port: int, pages: int) -> dict[str, Any]:
    """A crawl in a process of its own, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pressmark-throughput-") as folder:
        words = [sys.executable, __file__, "--one", way, "--port", str(port), "--pages", str(pages)]
        run = subprocess.run([*words, "--folder", folder], stdout=subprocess.PIPE, check=True)  # noqa: S603
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, help="one crawl of so many pages; the slope of its memory")
    parser.add_argument("--only", choices=WAYS)
    parser.add_argument("--json", type=Path)
    for hidden in ("--one", "--folder"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    for hidden in ("--port", "--serve"):
        parser.add_argument(hidden, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return serve(args.serve)
    if args.one:
        return print(json.dumps(crawl(args.one, args.port, args.pages, Path(args.folder))))
    pages = args.memory or args.pages
    hosts = -(-pages // A_HOST)
    server = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, __file__, "--serve", str(hosts)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    ways = (args.only,) if args.only else WAYS
    runs: list[dict[str, Any]] = []
    try:
        port = int(server.stdout.readline())
        for number in range(1 if args.memory else args.rounds):
            for way in ways:
                runs.append(measured(way, port, pages))
                print(f"round {number + 1}, {_told(runs[-1])}", flush=True)
    finally:
        server.stdin.close()
        server.wait()
    if args.json:
        args.json.write_text(json.dumps(runs))
    return report(runs)


def _told(run: dict[str, Any]) -> str:
    return (
        f"{run['way']}: {run['pages'] / run['seconds']:.0f} pages/s, {run['cpu_ms_a_page']:.1f} ms CPU a"
        f" page, reactor late by {run['late_p99_ms']:.0f} ms (p99), {run['late_max_ms']:.0f} ms (most)"
    )


def report(runs: list[dict[str, Any]]) -> None:
    """A table: the median of the rounds, against plain Scrapy's in the same rounds; memory from the last."""
    plain = [run for run in runs if run["way"] == "plain"]
    heads = (
        "way", "pages/s", "of plain", "CPU a page", "reactor late, p99", "most", "crawl MB", "bytes a page",
        "worker MB", "bytes a page",
    )  # fmt: skip
    print("", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", sep="\n")
    for way in dict.fromkeys(run["way"] for run in runs):
        own = [run for run in runs if run["way"] == way]
        pairs = zip(own, plain, strict=True) if plain else ()
        memory = own[-1]["memory"]
        cells = (
            way,
            f"{statistics.median(run['pages'] / run['seconds'] for run in own):.0f}",
            f"{statistics.median(b['seconds'] / a['seconds'] for a, b in pairs):.2f}" if plain else "",
            f"{statistics.median(run['cpu_ms_a_page'] for run in own):.1f} ms",
            f"{statistics.median(run['late_p99_ms'] for run in own):.0f} ms",
            f"{max(run['late_max_ms'] for run in own):.0f} ms",
            f"{memory[-1][2] / 1e6:.0f}",
            f"{slope(memory, 2):.0f}",
            f"{max(row[3] for row in memory) / 1e6:.0f}",
            f"{slope(memory, 3):.0f}",
        )
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
