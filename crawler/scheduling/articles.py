"""When an article is looked at again: often while it is young, then ever less, then never.

Newsrooms edit in the first hours. The chance of an edit falls about as 1 / age, so looks are spaced in even
steps of the logarithm of age: each look at `1 + step` times the age of the last one. (diffengine asks again
when a fifth of an entry's age has passed since the last look: a fixed step of 0.2, for ever.) Here the step
comes from what was seen: in log-age the looks are evenly spaced and tell only 'changed or not', for which Cho
and Garcia-Molina's estimator of the change frequency is made ('Estimating frequency of change', ACM TOIT
3(3), 2003):

    edits for each step = -log((n - X + 0.5) / (n + 0.5))        n looks, X of them found a change

It is less biased than X / n where changes are frequent, and finite where every look found one.
"""

from __future__ import annotations

import math
from typing import Literal

from archive.values import Value
from crawler.scheduling.values import DAY, HOUR, MINUTE, Due, spoken

Seen = Literal["same", "changed", "gone", "failed"]

#: What is believed of an article before it is seen again: looks, and edits found by them.
PRIOR_LOOKS, PRIOR_CHANGES = 4.0, 0.6
#: Bounds of the step: a fifth (diffengine's) for one that is edited all the time, 1.5 for one that never was.
STEPS = (0.2, 1.5)
#: A gone article is looked at again this long after it was first found gone: a slip is often put right.
GONE = (HOUR, DAY, 7 * DAY)
#: Statements of change that were not true, after which a source is no longer heard on this article.
FALSE_ALARMS = 3


class ArticleOptions(Value, frozen=True, kw_only=True):
    """What a person may set, in seconds. `max_age` 0: articles are never looked at again."""

    first: float = 15 * MINUTE
    shortest: float = 10 * MINUTE
    max_age: float = 30 * DAY
    #: Steps are so long that this many edits are expected in each.
    edits_each: float = 0.25


class Look(Value, frozen=True, kw_only=True):
    """One look at an article that is known: when, and what became of it."""

    at: float
    seen: Seen


class ArticleState(Value, frozen=True, kw_only=True):
    """What is remembered of an article. `born`: its date if believable, else when it was found."""

    born: float
    looked_at: float
    looks: int = 0
    changes: int = 0
    gone: int = 0
    failures: int = 0
    #: When a feed or sitemap says it was changed, and how often that was not true.
    stated: float | None = None
    false_alarms: int = 0


def after_look(state: ArticleState, look: Look) -> ArticleState:
    """What is known after a look. One that is not later than the last changes nothing."""
    if look.at <= state.looked_at:
        return state
    failed, changed = look.seen == "failed", look.seen == "changed"
    alarmed = state.stated is not None and state.stated > state.looked_at
    return ArticleState(
        born=state.born,
        looked_at=look.at,
        looks=state.looks + (look.seen in {"same", "changed"}),
        changes=state.changes + changed,
        gone=state.gone + 1 if look.seen == "gone" else state.gone if failed else 0,
        failures=state.failures + 1 if failed else 0,
        stated=state.stated,
        false_alarms=0 if changed else state.false_alarms + (alarmed and not failed),
    )


def next_article_look(state: ArticleState, options: ArticleOptions) -> Due:
    """When the article is due again, None: never. Not before `shortest` after the last look."""
    if options.max_age <= 0:
        return Due(at=None, cause="never", reason="articles are not looked at again")
    floor = state.looked_at + options.shortest
    if state.gone:
        return _gone(state, floor)
    last = state.born + options.max_age
    if state.failures:
        at = max(floor, state.looked_at + min(HOUR * 2.0 ** min(state.failures - 1, 10), DAY))
        return _unless_old(at, last, "failure", f"{state.failures} looks running failed", options)
    stated = state.stated
    if stated is not None and stated > state.looked_at and state.false_alarms < FALSE_ALARMS:
        return Due(at=floor, cause="stated", reason="a list of the site says that it was changed")
    age = max(state.looked_at - state.born, 0.0)
    at = max(floor, state.born + options.first, state.looked_at + step(state, options) * age)
    seen = f"{state.changes} of {state.looks} looks found an edit" if state.looks else "not looked at since"
    return _unless_old(at, last, "age", f"{spoken(age)} old at the last look, {seen}", options)


def step(state: ArticleState, options: ArticleOptions) -> float:
    """By which part of its age an article is let be: Cho and Garcia-Molina's estimate, with a prior."""
    looks, changes = state.looks + PRIOR_LOOKS, state.changes + PRIOR_CHANGES
    edits = -math.log((looks - changes + 0.5) / (looks + 0.5))
    return min(max(options.edits_each / edits, STEPS[0]), STEPS[1])


def _unless_old(
    at: float, last: float, cause: Literal["age", "failure"], reason: str, options: ArticleOptions
) -> Due:
    if at > last:
        return Due(
            at=None,
            cause="never",
            reason=f"it is as old as articles are looked at: {spoken(options.max_age)}",
        )
    return Due(at=at, cause=cause, reason=reason)


def _gone(state: ArticleState, floor: float) -> Due:
    if state.gone > len(GONE):
        return Due(at=None, cause="never", reason=f"it was gone {state.gone} looks running")
    return Due(
        at=max(floor, state.looked_at + GONE[state.gone - 1]),
        cause="gone",
        reason="it is gone; perhaps it comes back",
    )
