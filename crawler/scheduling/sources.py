"""When a source is looked at again: feeds, sitemaps, section and home pages.

The rule. News that nobody has seen yet waits. A look is due when the articles that have probably come since
the last look have together waited for `patience` (10 minutes: one article 10, or two 5 each). For a steady
rate r that is every sqrt(2 x patience / r) seconds: the square-root rule, which for a given number of
requests makes the mean delay of all articles of all sources the least (Cho and Garcia-Molina, 'Effective page
refresh policies for web crawlers', ACM TODS 28(4), 2003, derive the like for pages; here each article counts,
not each page). Since the rate is known by hour and weekday (`rhythm.py`), looks gather where news does and
are few at night.

Around the rule: bounds, lists that overflow, sources that lie, failures by class, retirement.
"""

from __future__ import annotations

import math
from typing import Literal

from msgspec.structs import replace

from archive.values import Value
from crawler.scheduling.rhythm import Rhythm, begun, grown
from crawler.scheduling.values import DAY, HOUR, MINUTE, Due, spoken

Trouble = Literal["gone", "refused", "busy", "broken", "unreadable", "forbidden"]


class SourceOptions(Value, frozen=True, kw_only=True):
    """What a person may set. All in seconds."""

    #: Article-seconds of waiting that are worth one request: more is fewer requests and later news.
    patience: float = 10 * MINUTE
    #: Never sooner after a look, and never later (failures and retirement apart).
    shortest: float = 5 * MINUTE
    longest: float = DAY
    #: A source that brings nothing new for so long, and for five times its usual gap, is retired.
    quiet: float = 45 * DAY
    #: A retired source is looked at again after this, then ever less, down to once in `retired_longest`.
    retired_first: float = 3 * DAY
    retired_longest: float = 24 * DAY


class Pace(Value, frozen=True, kw_only=True):
    """How a class of failure is waited out: first wait, its factor each time, end; when it is given up."""

    first: float
    factor: float
    longest: float
    given_up_after: float
    tries: int
    words: str


#: rss-fetcher weighs failures (hard 1, soft 1/2, temporary less) and gives up at a sum; here each class has
#: its own pace, and time counts as well as tries: a newsroom's server may be down for a weekend, a 404 seldom
#: comes back.
FAILURES: dict[Trouble, Pace] = {
    "gone": Pace(first=HOUR, factor=4, longest=DAY, given_up_after=3 * DAY, tries=5, words="it is gone"),
    "refused": Pace(
        first=2 * HOUR, factor=2, longest=DAY, given_up_after=14 * DAY, tries=8, words="it refuses us"
    ),
    "busy": Pace(
        first=10 * MINUTE, factor=2, longest=12 * HOUR, given_up_after=60 * DAY, tries=20,
        words="it asks for rest",
    ),
    "broken": Pace(
        first=5 * MINUTE, factor=2, longest=12 * HOUR, given_up_after=30 * DAY, tries=20,
        words="it does not work",
    ),
    "unreadable": Pace(
        first=30 * MINUTE, factor=2, longest=DAY, given_up_after=14 * DAY, tries=8,
        words="what it sends is not what it should be",
    ),
    "forbidden": Pace(
        first=DAY, factor=1, longest=DAY, given_up_after=7 * DAY, tries=5, words="robots.txt forbids it"
    ),
}  # fmt: skip
#: Statuses that say something of their own; other 4xx are refusals, other 5xx are broken servers.
_STATUSES: dict[int, Trouble] = {
    404: "gone",
    410: "gone",
    408: "broken",
    425: "busy",
    429: "busy",
    503: "busy",
}
#: A server may ask for any rest; more than this is most likely a slip.
LONGEST_RETRY_AFTER = 7 * DAY
#: `ttl`, `max-age`: until then the same copy would come. More is a habit of cautious defaults, and not
#: believed.
LONGEST_FRESH = 30 * MINUTE
#: After so many looks with the very same number of new things, a source's addresses are not to be trusted: a
#: Poisson stream does that once in 20,000 looks. From then on the wait doubles until the number changes.
SAME_NUMBER = 10
#: Each look at such a source has all it lists fetched in vain.
UNTRUSTED_LONGEST = 8 * HOUR
#: Each 429 makes looks rarer by this factor; each look that goes well takes a part of it back.
STRAIN, RELIEF, MOST_STRAIN = 1.5, 0.97, 16.0
#: A list is looked at before more than this share of it is new: what falls off its end is never seen.
FULLEST = 0.5


class Visit(Value, frozen=True, kw_only=True):
    """One look at a source, as it went. Times are seconds since 1970.

    `status`: the HTTP status, None where there was no answer. `trouble`: what the status does not tell:
    `broken` (no answer), `unreadable` (no feed in it), `forbidden`. `listed`: articles in the list; `new`:
    those among them that were not known by their key; `published`: the dates of the new ones that state a
    believable one.
    """

    at: float
    status: int | None = 200
    trouble: Trouble | None = None
    listed: int = 0
    new: int = 0
    published: tuple[float, ...] = ()
    retry_after: float | None = None
    fresh_for: float | None = None

    @property
    def failure(self) -> Trouble | None:
        """The class of failure, None for a visit that went well (304 is one)."""
        if self.trouble is not None:
            return self.trouble
        if self.status is None:
            return "broken"
        if self.status < 400:
            return None
        return _STATUSES.get(self.status, "refused" if self.status < 500 else "broken")


class SourceState(Value, frozen=True, kw_only=True):
    """All that is remembered of a source; about 600 bytes of JSON. A new source is `SourceState()`."""

    rhythm: Rhythm | None = None
    looked_at: float | None = None
    #: When something new was last seen, and the usual time between two such looks.
    news_at: float | None = None
    usual_gap: float = 0.0
    listed: int = 0
    #: How many looks running had `last_new` new things, and all of the list new.
    last_new: int = 0
    same_number: int = 0
    overflowed: bool = False
    trouble: Trouble | None = None
    failures: int = 0
    failing_since: float | None = None
    not_before: float | None = None
    strain: float = 1.0
    retired_at: float | None = None
    retired_because: str = ""
    retries: int = 0

    @property
    def is_untrusted(self) -> bool:
        """Whether its new things are always the same number: its addresses change, not its news."""
        return self.same_number >= SAME_NUMBER


def after_visit(state: SourceState, visit: Visit, options: SourceOptions) -> SourceState:
    """What is known after a visit. A visit that is not later than the last one changes nothing."""
    if state.looked_at is not None and visit.at <= state.looked_at:
        return state
    failure = visit.failure
    return _after_failure(state, visit, failure) if failure else _after_answer(state, visit, options)


def _after_failure(state: SourceState, visit: Visit, failure: Trouble) -> SourceState:
    same = state.trouble == failure
    since = state.failing_since if state.failing_since is not None else visit.at
    failures = state.failures + 1
    table = FAILURES[failure]
    rest = min(visit.retry_after or 0.0, LONGEST_RETRY_AFTER)
    given_up = failures >= table.tries and visit.at - since >= table.given_up_after
    retired_at, because = state.retired_at, state.retired_because
    if retired_at is None and given_up:
        status = f" (HTTP {visit.status})" if visit.status is not None else ""
        retired_at, because = visit.at, f"{table.words}{status}, for {spoken(visit.at - since)}"
    return replace(
        state,
        looked_at=visit.at,
        trouble=failure,
        failures=failures if same or state.trouble is None else min(failures, 3),
        failing_since=since,
        not_before=visit.at + rest if rest else None,
        strain=min(state.strain * STRAIN, MOST_STRAIN) if failure == "busy" else state.strain,
        retired_at=retired_at,
        retired_because=because,
        retries=state.retries + 1 if state.retired_at is not None else 0,
    )


def _after_answer(state: SourceState, visit: Visit, options: SourceOptions) -> SourceState:
    listed = visit.listed or state.listed  # a 304 lists nothing
    same = state.same_number + 1 if visit.new and visit.new == state.last_new else int(visit.new > 0)
    trusted = same < SAME_NUMBER
    if state.rhythm is None:
        rhythm = begun(visit.published, visit.at)
        same = 0
    elif trusted:
        rhythm = grown(state.rhythm, visit.at, visit.new, visit.published)
    else:
        rhythm = replace(state.rhythm, as_of=visit.at, recent=0.0, expected=0.0)
    first = state.rhythm is None
    has_news = visit.new > 0 and trusted
    news_at, gap = state.news_at, state.usual_gap
    if has_news:
        if news_at is not None and not first:
            gap = gap + (visit.at - news_at - gap) * 0.25 if gap else visit.at - news_at
        news_at = max(visit.published, default=visit.at) if first else visit.at
    news_at = visit.at if news_at is None else news_at
    quiet_for = visit.at - news_at
    retired_at, because, retries = state.retired_at, state.retired_because, state.retries + 1
    if has_news:
        retired_at, because, retries = None, "", 0
    elif retired_at is None:
        retries = 0
        if quiet_for >= max(options.quiet, 5 * gap):
            retired_at, because = visit.at, f"nothing new for {spoken(quiet_for)}"
    elif state.failing_since is not None and not because.startswith("nothing new"):
        # It was retired for failing, and it works again.
        retired_at, because, retries = None, "", 0
    fresh = min(visit.fresh_for or 0.0, LONGEST_FRESH)
    return SourceState(
        rhythm=rhythm,
        looked_at=visit.at,
        news_at=news_at,
        usual_gap=gap,
        listed=listed,
        last_new=visit.new,
        same_number=same,
        overflowed=not first and trusted and 0 < listed <= visit.new,
        not_before=visit.at + fresh if fresh else None,
        strain=max(1.0, state.strain * RELIEF),
        retired_at=retired_at,
        retired_because=because,
        retries=retries,
    )


def next_look(state: SourceState, options: SourceOptions) -> Due:
    """When the source is due again, never before the last look plus `shortest` or the rest it asked for."""
    looked = state.looked_at
    if looked is None:
        return Due(at=0.0, cause="first", reason="it was never looked at")
    if state.retired_at is not None:
        return _retired(state, looked, options)
    if state.trouble is not None:
        return _failing(state, looked, state.trouble, options)
    floor = max(looked + options.shortest * state.strain, state.not_before or 0.0)
    ceiling = max(looked + options.longest, floor)
    if state.is_untrusted:
        wait = options.shortest * 2.0 ** min(state.same_number - SAME_NUMBER + 1, 30)
        at = min(max(looked + min(wait, UNTRUSTED_LONGEST), floor), ceiling)
        return Due(
            at=at,
            cause="untrusted",
            reason=f"{state.same_number} looks running found {state.last_new} new: not its news change,"
            " but its addresses",
        )
    assert state.rhythm is not None, "a source that answered has a rhythm"
    return _by_rhythm(state, state.rhythm, looked, floor, ceiling, options)


def _by_rhythm(
    state: SourceState, rhythm: Rhythm, looked: float, floor: float, ceiling: float, options: SourceOptions
) -> Due:
    if state.overflowed:
        reason = f"all {state.listed} of its list were new: more may have fallen off its end"
        return Due(at=floor, cause="crowded", reason=reason)
    most = FULLEST * state.listed if state.listed else math.inf
    wait, expected = awaited(rhythm, looked, options.patience * state.strain**2, most, ceiling - looked)
    at = looked + wait
    if at < floor:
        return Due(
            at=floor, cause="floor", reason=f"no sooner than {spoken(floor - looked)} after the last look"
        )
    if at >= ceiling:
        return Due(at=ceiling, cause="ceiling", reason=f"at least every {spoken(ceiling - looked)}")
    if expected >= most:
        return Due(at=at, cause="crowded", reason=f"its list of {state.listed} may be half new by then")
    return Due(at=at, cause="news", reason=f"{_number(expected)} expected by then, after {spoken(wait)}")


def awaited(
    rhythm: Rhythm, start: float, patience: float, most: float, longest: float
) -> tuple[float, float]:
    """Seconds until the articles expected since `start` have together waited for `patience`, or are `most`.

    And how many are expected by then. At most `longest` seconds. Within an hour the rate r holds: n articles
    that wait become n + r t, and their waiting grows by n t + r t^2 / 2.
    """
    elapsed = articles = waited = 0.0
    for rate, hour in rhythm.rates(start):
        span = min(hour, longest - elapsed)
        left = patience - waited
        # r/2 t^2 + n t - left = 0, in the form that loses no digits when r is small
        until_waited = 2 * left / (articles + math.sqrt(articles * articles + 2 * rate * left))
        until_full = (most - articles) / rate
        step = min(span, until_waited, until_full)
        elapsed += step
        articles += rate * step
        waited += articles * step - rate * step * step / 2
        if step < hour or elapsed >= longest:
            break
    return elapsed, articles


def _failing(state: SourceState, looked: float, trouble: Trouble, options: SourceOptions) -> Due:
    table = FAILURES[trouble]
    wait = min(table.first * table.factor ** min(state.failures - 1, 20), table.longest)
    at = max(looked + max(wait, options.shortest), state.not_before or 0.0)
    times = "once" if state.failures == 1 else f"{state.failures} times"
    return Due(
        at=at, cause="failure", reason=f"{table.words} ({times} so far); again in {spoken(at - looked)}"
    )


def _retired(state: SourceState, looked: float, options: SourceOptions) -> Due:
    wait = min(options.retired_first * 2.0 ** min(state.retries, 20), options.retired_longest)
    at = max(looked + wait, looked + options.shortest, state.not_before or 0.0)
    return Due(
        at=at,
        cause="retired",
        reason=f"retired: {state.retired_because}; tried again in {spoken(at - looked)}",
    )


def _number(articles: float) -> str:
    return f"{articles:.1f} articles" if articles >= 0.05 else "hardly an article"
