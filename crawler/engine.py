"""The main job without a crawl: captures in, cleaned in worker processes, kept in the archive.

It wires the three rooms and decides nothing about texts or rows. Order is the input's order, so the same
input gives the same archive however many workers there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from archive.values import Article, Capture, Settlement, page_form
from crawler.reload import ReadProblem
from pipelines import PageFailure, WorkerPool

#: What can become of one page. `unchanged` is also a page that was there already, cleaned by this cleaner.
#: `taken_down`: the archive was told not to keep it. `reserved`: its owner says what the one who crawls
#: respects, and it was not kept.
OUTCOMES = ("new", "updated", "unchanged", "not_article", "taken_down", "reserved", "failed")


class Keeper(Protocol):
    """The part of `archive.Archive` that the job needs."""

    def is_current(self, capture: Capture, cleaner: str) -> bool: ...
    def taken_down(self, capture: Capture) -> str | None: ...
    def store_raw(self, capture: Capture) -> Capture: ...
    def settle(self, capture: Capture, article: Article) -> Settlement: ...
    def fail(self, capture: Capture, reason: str) -> None: ...
    def commit(self) -> None: ...


class PageResult(msgspec.Struct, frozen=True):
    """One page's outcome, for the progress bar and the tables at the end."""

    name: str
    url: str
    outcome: str
    sentence: str = ""
    article: Article | None = None


class Summary(msgspec.Struct):
    """What a run did: pages read, outcomes, kinds of the pages that were no articles, failures by name."""

    pages: int = 0
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    kinds: Counter[str] = msgspec.field(default_factory=Counter)
    #: Consent walls by site: what a person may do something about.
    consent: Counter[str] = msgspec.field(default_factory=Counter)
    failures: list[tuple[str, str]] = msgspec.field(default_factory=list)
    #: By host: pages that hold no text and whose scripts would make it.
    empty: Counter[str] = msgspec.field(default_factory=Counter)
    #: Pages on which trafilatura was asked, of those that were cleaned in this run.
    asked: int = 0

    def add(self, result: PageResult) -> None:
        self.pages += 1
        self.outcomes[result.outcome] += 1
        self.asked += result.article is not None and result.article.referee_asked
        if result.outcome == "not_article" and result.article is not None:
            self.kinds[result.article.kind] += 1
            if result.article.kind == "consent":
                self.consent[_host(result.url) or result.name] += 1
        if result.article is not None and page_form(result.article.kind_reason) == "empty":
            self.empty[urlsplit(result.url).netloc] += 1
        if result.outcome == "failed":
            self.failures.append((result.name, result.sentence))

    def merge(self, other: Summary) -> None:
        """Count what another part of the run did, too."""
        self.pages += other.pages
        self.asked += other.asked
        self.failures += other.failures
        for name in ("outcomes", "kinds", "consent", "empty"):
            getattr(self, name).update(getattr(other, name))

    @property
    def exit_code(self) -> int:
        """0 when every page went through, 1 when some failed."""
        return 1 if self.failures else 0

    def counts(self) -> dict[str, int]:
        """For `runs` and `--json`: pages and each outcome, zeros included."""
        return {"pages": self.pages, **{name: self.outcomes[name] for name in OUTCOMES}}


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def keep_all(
    archive: Keeper,
    found: Iterable[Capture | ReadProblem],
    pool: WorkerPool,
    *,
    on_page: Callable[[PageResult], None] = lambda result: None,
    again: bool = False,
) -> Summary:
    """Clean and keep every capture; read problems and failed pages are counted and the rest goes on.

    Pages that the archive holds already, cleaned by this cleaner, are not cleaned again unless `again`.
    """
    summary = Summary()

    def tell(result: PageResult) -> None:
        summary.add(result)
        on_page(result)

    def pending() -> Iterator[Capture]:
        for item in found:
            if isinstance(item, ReadProblem):
                tell(PageResult(item.path, "", "failed", item.sentence))
            elif item.record is None and (why := archive.taken_down(item)) is not None:
                tell(PageResult(item.source_path or item.url, item.url, "taken_down", why))
            elif not again and archive.is_current(item, pool.cleaner_for(item)):
                stored = item if item.record is not None else archive.store_raw(item)  # finds what is there
                tell(PageResult(item.source_path or item.url, stored.url, "unchanged"))
            else:
                yield item

    for capture, cleaned in pool.map(pending()):
        tell(_keep(archive, capture, cleaned))
    archive.commit()
    return summary


def _keep(archive: Keeper, capture: Capture, cleaned: Article | PageFailure) -> PageResult:
    stored = capture if capture.record is not None else archive.store_raw(capture)
    name = capture.source_path or capture.url
    if isinstance(cleaned, PageFailure):
        archive.fail(stored, cleaned.reason)
        return PageResult(name, stored.url, "failed", cleaned.reason)
    return told(name, stored.url, archive.settle(stored, cleaned), cleaned)


def told(name: str, url: str, settled: Settlement, article: Article) -> PageResult:
    """A kept page's outcome; the article as the archive judged it."""
    if (settled.kind, settled.reason) != (article.kind, article.kind_reason):
        article = msgspec.structs.replace(article, kind=settled.kind, kind_reason=settled.reason)
    return PageResult(name, url, settled.outcome, settled.reason, article)
