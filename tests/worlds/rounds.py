"""Crawls a world by a simulated clock: `crawl --due`, on to the next time at which something is due, and on.

All crawls run in this one process, one after another, on one reactor; each is the real thing: spider,
middlewares, worker processes, an archive opened and closed. During a round the clock stands still. As a
module: options as JSON in its argument, what became of it as JSON in the file `told`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.worlds.plan import HOUR, START, Site, world

ROOT = Path(__file__).parents[2]
#: Whom the crawler names; any address.
CONTACT = "desk@world.test"
#: Seconds between two requests to a site, of real time. Scrapy's jitter makes it half of that at least.
DELAY = 0.04


@dataclass(frozen=True)
class Options:
    """A world and how it is crawled. `hours` of publishing, then `after` hours without, in steps of `rest`.

    `grid`: seconds between two rounds at least, as cron has it. `folder`: log, archive and sites.toml.
    """

    folder: str
    sites: int = 20
    hours: float = 24.0
    seed: int = 1
    scale: float = 1.0
    grid: float = 60.0
    after: float = 26.0
    rest: float = HOUR
    processes: int = 1
    told: str = ""
    #: Kinds of sites, in turn; none: as `plan.KINDS` says.
    only: Sequence[str] = ()

    @property
    def plan(self) -> list[Site]:
        return world(self.sites, self.hours, seed=self.seed, scale=self.scale, only=self.only)


@dataclass
class Told:
    """What became of it: rounds, real seconds, sources found for each site, outcomes of pages, failures."""

    rounds: int = 0
    seconds: float = 0.0
    #: On the clock of the log: when the sources were found and the first round began.
    discovered_at: float = 0.0
    found: dict[str, list[str]] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    #: Simulated time, real seconds and pages of each round.
    steps: list[tuple[float, float, int]] = field(default_factory=list)


class Rounds:
    """One world, its server, and one archive."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = Path(options.folder)
        self.told = Told()
        self.now = START
        given = {"number": options.sites, "hours": options.hours, "seed": options.seed,
                 "scale": options.scale, "only": options.only,
                 "log": str(self.folder / "log.jsonl")}  # fmt: skip
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.worlds.server", json.dumps(given)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.port = int(self._line())

    def _line(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def set_clock(self, now: float) -> None:
        assert self._server.stdin is not None
        self.now = now
        self._server.stdin.write(f"{now}\n")
        self._server.stdin.flush()
        assert self._line() == "ok\n"

    async def run(self) -> None:
        """Find the sources of each site, then round after round."""
        options = self.options
        begun = time.monotonic()
        self.set_clock(START)
        await self.discover()
        self.told.discovered_at = time.monotonic()
        end, last = START + options.hours * HOUR, START + (options.hours + options.after) * HOUR
        at: float | None = START
        while at is not None and at <= last:
            self.set_clock(at)
            due = await self.crawl()
            self.told.rounds, self.told.seconds = len(self.told.steps), time.monotonic() - begun
            Path(options.told).write_text(json.dumps(asdict(self.told)), encoding="utf-8")
            if len(self.told.steps) % 100 == 1:
                print(f"{(at - START) / HOUR:.1f} h", *self.told.steps[-1], file=sys.stderr, flush=True)
            if due is None:
                break
            step = options.grid if due < end else options.rest
            at = max(at + step, START + math.ceil((due - START) / step) * step)

    async def discover(self) -> None:
        """`sites add` for each site, eight at a time; what is found goes into sites.toml."""
        from crawler.sites import add_site
        from crawler.spiders.announce import AnnounceSpider

        turn = asyncio.Semaphore(8)

        async def one(site: Site) -> AnnounceSpider:
            async with turn:
                runner = self._runner(ITEM_PIPELINES={})
                crawler = runner.create_crawler(AnnounceSpider)
                await runner.crawl(crawler, url=f"http://{site.host}:{self.port}/", contact=CONTACT)
                assert isinstance(crawler.spider, AnnounceSpider)
                return crawler.spider

        sites = self.options.plan
        # Sites behind one address take turns by themselves only within one crawl.
        for group in _apart(sites):
            for site, spider in zip(group, await asyncio.gather(*map(one, group)), strict=True):
                found = spider.site
                self.told.found[site.host] = (
                    [] if found is None else [*found.feeds, *found.sitemaps, *found.sections]
                )
                if found is not None:
                    add_site(self.folder / "sites.toml", found, contact=CONTACT)

    async def crawl(self) -> float | None:
        """One round of `crawl --due`; when something is due next."""
        from crawler.keep import keeper_of
        from crawler.spiders.news import NewsSpider

        begun = time.monotonic()
        runner = self._runner(PRESSMARK_COMMAND="crawl --due")
        crawler = runner.create_crawler(NewsSpider)
        await runner.crawl(crawler, sites=str(self.folder / "sites.toml"), due="1")
        keeper = keeper_of(crawler)
        assert keeper is not None
        if keeper.trouble is not None:
            raise keeper.trouble
        summary = keeper.summary
        for name, count in summary.outcomes.items():
            self.told.outcomes[name] = self.told.outcomes.get(name, 0) + count
        self.told.failures += summary.failures
        self.told.steps.append((self.now - START, time.monotonic() - begun, summary.pages))
        return keeper.next_due

    def _runner(self, **more: Any) -> Any:
        from scrapy.crawler import AsyncCrawlerRunner
        from scrapy.settings import Settings

        from crawler import settings as project

        now = self.now
        settings = Settings()
        settings.setmodule(project, priority="project")
        settings.setdict(
            {
                "PRESSMARK_ARCHIVE": str(self.folder / "archive"),
                "PRESSMARK_ALLOW_PRIVATE": True,
                "PRESSMARK_PROCESSES": self.options.processes,
                "PRESSMARK_CLOCK": lambda: now,
                "DOWNLOAD_DELAY": DELAY,
                "AUTOTHROTTLE_START_DELAY": DELAY,
                "AUTOTHROTTLE_MAX_DELAY": 1.0,
                "RETRY_TIMES": 1,
                "LOG_LEVEL": "ERROR",
                **more,
            },
            priority="cmdline",
        )
        return AsyncCrawlerRunner(settings)


def _apart(sites: list[Site]) -> list[list[Site]]:
    """The sites in groups in which no address comes twice."""
    groups: list[list[Site]] = []
    for site in sites:
        group = next((g for g in groups if all(one.address != site.address for one in g)), None)
        if group is None:
            groups.append(group := [])
        group.append(site)
    return groups


def install_names(reactor: Any, sites: list[Site]) -> None:
    """Let the world's host names resolve to its addresses, and no other name to anything."""
    from twisted.internet.address import IPv4Address
    from twisted.internet.interfaces import IHostnameResolver, IHostResolution
    from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

    addresses = {site.host: site.address for site in sites}

    @implementer(IHostResolution)
    class Resolution:
        def __init__(self, name: str) -> None:
            self.name = name

        def cancel(self) -> None: ...

    @implementer(IHostnameResolver)
    class Names:
        def resolveHostName(
            self, receiver: Any, hostName: str, portNumber: int = 0, *_: Any, **__: Any
        ) -> Any:
            resolution = Resolution(hostName)
            receiver.resolutionBegan(resolution)
            address = addresses.get(hostName, hostName if hostName.startswith("127.") else None)
            if address is not None:
                receiver.addressResolved(IPv4Address("TCP", address, portNumber))
            receiver.resolutionComplete()
            return resolution

    reactor.installNameResolver(Names())


def main() -> None:
    from scrapy.utils.reactor import install_reactor

    options = Options(**json.loads(sys.argv[1]))
    logging.basicConfig(level=logging.ERROR)
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as running
    from twisted.internet.defer import Deferred

    reactor: Any = running
    rounds = Rounds(options)
    install_names(reactor, options.plan)
    trouble: list[Any] = []

    def begin() -> None:
        done = Deferred.fromFuture(asyncio.ensure_future(rounds.run()))
        done.addErrback(trouble.append)
        done.addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    try:
        reactor.run()
    finally:
        rounds.close()
    if trouble:
        trouble[0].raiseException()


if __name__ == "__main__":
    main()
