"""What follows from a fetch of a page: is it done, when is it looked at again, is it given up. Pure.

A page that was had once goes by its age and edits (`articles.py`). One that was never had is tried again
after waits that grow, and is given up when both tries and time are used up.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from archive.agenda import Page
from archive.values import page_form
from crawler.scheduling.articles import (
    ArticleOptions,
    ArticleState,
    Look,
    Seen,
    after_look,
    next_article_look,
)
from crawler.scheduling.values import DAY, HOUR, MINUTE, spoken

#: What became of a fetch: `article` and `changed` (its text or headline did), `same` (the very page that is
#: stored), `other` (a page that is no article and never will be), `walled` (consent, paywall, bot check, an
#: error page with status 200: may open), `gone`, `failed`, `forbidden` (robots.txt), `resting` (the server
#: asks for rest: no try), `loops` (it redirects in a circle), `twin` (it led to a page that is fetched by
#: another address), `reserved` (its owner says what the one who crawls respects: it is not kept).
Fate = Literal[
    "article", "changed", "same", "other", "walled", "gone", "failed", "forbidden", "reserved", "resting",
    "loops", "twin",
]  # fmt: skip

#: Waits of a page that was never had: first, factor, longest; given up after so many tries and so much time.
_WAITS: dict[str, tuple[float, float, float, int, float]] = {
    "failed": (5 * MINUTE, 4, DAY, 6, 3 * DAY),
    "gone": (HOUR, 24, DAY, 3, 0.0),
    "forbidden": (DAY, 1, DAY, 5, 4 * DAY),
    "walled": (DAY, 3, 9 * DAY, 4, 0.0),
    "loops": (HOUR, 24, DAY, 3, 0.0),
}
_WORDS = {
    "failed": "it could not be had",
    "gone": "it is gone",
    "forbidden": "robots.txt forbids it",
    "walled": "a wall or an error page stood before it",
    "loops": "it redirects in a circle",
}
_SEEN: dict[Fate, Seen] = {
    "article": "same", "changed": "changed", "same": "same", "gone": "gone", "failed": "failed",
    "forbidden": "failed", "walled": "failed", "loops": "failed",
}  # fmt: skip


def fate_of(status: int | None, outcome: str, kind: str = "article", reason: str = "") -> Fate:
    """What a stored answer means: HTTP status, the outcome of `Archive.keep`, the kind of page and why.

    A page that says with status 200 that there is none is gone like any other.
    """
    if status in (404, 410):
        return "gone"
    if status is not None and status >= 400:
        return "failed"
    if outcome == "failed":
        return "other"  # it was had, and cleaning it again is for `reclean`
    if kind != "article":
        if page_form(reason) == "soft 404":
            return "gone"
        return "other" if kind in ("index", "other") else "walled"
    return {"new": "article", "updated": "changed"}.get(outcome, "same")  # type: ignore[return-value]


def after_fetch(
    page: Page, at: float, fate: Fate, options: ArticleOptions, *, status: int | None, rest: float = 0.0
) -> Page:
    """What is known of a page after a fetch at `at`. `rest`: seconds for which its server asked to rest."""
    if fate == "resting":
        return replace(page, due_at=at + rest, due_reason="its server asked for rest")
    page = replace(page, checked_at=at, last_status=status)
    if fate in ("other", "twin"):
        why = "it is no article" if fate == "other" else "another address leads to the same page"
        return replace(page, state="done", due_at=None, due_reason=why, attempts=0)
    if fate == "reserved":
        state = "done" if page.history else "given_up"
        return replace(page, state=state, due_at=None, due_reason="its owner reserves it", attempts=0)
    if page.history:
        return _looked_again(page, at, fate, options, rest)
    if fate in ("article", "changed", "same"):
        return had(page, at, options)
    first, factor, longest, tries, time = _WAITS[fate]
    attempts = page.attempts + 1
    if attempts >= tries and at - page.found_at >= time:
        state = "gone" if fate == "gone" else "given_up"
        why = f"{_WORDS[fate]}, {attempts} times running"
        return replace(page, state=state, due_at=None, due_reason=why, attempts=attempts)
    wait = max(min(first * factor ** min(attempts - 1, 20), longest), rest)
    return replace(
        page,
        state="done" if fate == "walled" else "due",
        due_at=at + wait,
        due_reason=f"{_WORDS[fate]}; again in {spoken(wait)}",
        attempts=attempts,
    )


def had(page: Page, at: float, options: ArticleOptions) -> Page:
    """A page that was an article when it was first looked at, at `at`."""
    state = ArticleState(born=min(page.born_at, at), looked_at=at)
    return _scheduled(replace(page, state="done", attempts=0), state, options)


def stated(page: Page, modified: float, options: ArticleOptions) -> Page:
    """The page after a list of its site said that it was changed at `modified`."""
    state = history_of(page)
    if state is None or page.state != "done" or modified <= max(state.looked_at, state.stated or 0.0):
        return page
    return _scheduled(page, replace(state, stated=modified), options)


def history_of(page: Page) -> ArticleState | None:
    """What was seen of a page that was had; None for one that never was."""
    return msgspec.json.decode(page.history, type=ArticleState) if page.history else None


def _looked_again(page: Page, at: float, fate: Fate, options: ArticleOptions, rest: float) -> Page:
    before = history_of(page)
    assert before is not None, "only pages with a history are looked at again"
    state = after_look(before, Look(at=at, seen=_SEEN[fate]))
    gone = fate == "gone"
    attempts = 0 if _SEEN[fate] in ("same", "changed") else page.attempts + 1
    after = _scheduled(replace(page, state="gone" if gone else "done", attempts=attempts), state, options)
    if rest and after.due_at is not None:
        return replace(after, due_at=max(after.due_at, at + rest))
    return after


def _scheduled(page: Page, state: ArticleState, options: ArticleOptions) -> Page:
    due = next_article_look(state, options)
    return replace(page, history=msgspec.json.encode(state).decode(), due_at=due.at, due_reason=due.reason)
