"""What is said of a site: facts in, findings out. Pure: no clock, no disk.

Every threshold stands in a table here or in `silence`, with its reason; what they do to healthy sites and
to sick ones is measured by bench/health.py and told in docs/health.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from archive.health.shares import Share, shift
from archive.health.silence import (
    LONG_AGO,
    Silence,
    Week,
    is_known,
    is_short,
    rhythm_of,
    silence,
    week_of,
    window_of,
)
from archive.health.values import (
    DAY,
    HOUR,
    SITE_FINDINGS,
    Finding,
    Health,
    Level,
    PageFacts,
    SiteFacts,
    SourceFacts,
    State,
    worst,
)
from archive.health.wording import ago, lasting, percent

# Pages: now against before -----------------------------------------------------------------------------


class Window(NamedTuple):
    """So many newest pages, the share of them that is too much, and the chance that is too little."""

    pages: int
    share: float
    chance: float
    level: Level


#: A site's pages are judged a few hundred times a year, for a dozen classes; windows overlap. With these
#: chances all of them together give less than one false alarm in some years. Ten pages find a wall within
#: hours on a site that publishes much; thirty find one that takes only half of the pages.
WINDOWS = (
    Window(10, 0.8, 1e-6, "alarm"),
    Window(30, 0.5, 1e-6, "alarm"),
    Window(30, 0.2, 1e-4, "notice"),
)
#: The newest pages are compared with so many before them. Below LEAST_BEFORE there is nothing to compare
#: with.
BEFORE, LEAST_BEFORE = 100, 20
#: Where there is no before: so large a share of the newest ten is an alarm.
ALWAYS = 0.8

_WALLS = {"consent", "paywall"}
_WALL_FORMS = {"login", "bot check"}
_REFUSALS = frozenset({401, 402, 403, 407, 418, 451})


def class_of(page: PageFacts) -> str | None:
    """The finding that a page counts for; None for an article, and for a page that is not cleaned yet."""
    if page.cleaner == "":
        return "not_cleaned"
    if page.form in _WALL_FORMS or page.kind in _WALLS:
        return "walls"
    if page.form == "empty":
        return "empty"
    if page.status is not None and page.status >= 400:
        return _class_of_status(page.status)
    if page.form == "soft 404":
        return "gone"
    if page.truncated:
        return "broken_bodies"
    return None if page.kind == "article" or page.cleaner is None else "no_articles"


def _class_of_status(status: int) -> str:
    if status in (404, 410):
        return "gone"
    if status in (429, 503):
        return "busy"
    return "server_errors" if status >= 500 else "refused"


#: What is said of a share: class → words with {share}.
_SHARE_WORDS = {
    "walls": "{share} of its last {pages} pages are walls (consent, payment, log-in, bot check)",
    "empty": "{share} of its last {pages} pages show nothing without JavaScript",
    "gone": "{share} of its last {pages} pages are not there (404, 410)",
    "refused": "it refuses {share} of the last {pages} pages (401, 403 and the like)",
    "busy": "to {share} of the last {pages} requests it said that they are too many (429, 503)",
    "server_errors": "its server fails on {share} of the last {pages} pages (5xx)",
    "broken_bodies": "{share} of its last {pages} pages break off",
    "not_cleaned": "{share} of its last {pages} pages could not be cleaned",
    "no_articles": "{share} of its last {pages} pages are no articles",
}


def page_findings(pages: Sequence[PageFacts]) -> Iterator[Finding]:
    """Shares of walls, empties and failures among the newest pages that have grown. Newest first."""
    classes = [class_of(page) for page in pages]
    for what, words in _SHARE_WORDS.items():
        hits = [found == what for found in classes]
        for window in WINDOWS:
            share = share_of(hits, window.pages)
            if _is_too_much(share, window):
                yield Finding(
                    what=what, level=window.level, since=_since(pages, hits, window.pages),
                    sentence=_share_sentence(words, share),
                )  # fmt: skip
                break


def share_of(hits: Sequence[bool], newest: int) -> Share:
    """Hits among the newest and among those before them."""
    now, before = hits[:newest], hits[newest : newest + BEFORE]
    return Share(sum(now), len(now), sum(before), len(before))


def _is_too_much(share: Share, window: Window) -> bool:
    if share.pages < WINDOWS[0].pages or share.now < window.share:
        return False
    if share.pages_before < LEAST_BEFORE:
        return share.now >= ALWAYS
    return share.now >= share.before + window.share / 2 and share.chance <= window.chance


def _since(pages: Sequence[PageFacts], hits: Sequence[bool], newest: int) -> float | None:
    return min(
        (page.fetched_at for page, hit in zip(pages[:newest], hits, strict=False) if hit), default=None
    )


def _share_sentence(words: str, share: Share) -> str:
    said = words.format(share=percent(share.now), pages=share.pages)
    if share.pages_before < LEAST_BEFORE:
        return said
    return f"{said}; before, {percent(share.before)} of {share.pages_before}"


# Articles: fields and confidence ------------------------------------------------------------------------

#: The newest articles that are compared, and the fewest on either side.
ARTICLES, FEWEST_NOW, FEWEST_BEFORE = 30, 15, 30
#: A field is missing where its coverage fell by so much, and that is no chance.
FALLEN, FIELD_CHANCE = 0.5, 1e-6
#: Without these a reader misses something; the loss of another is a notice.
_NEEDED = ("headline", "authors", "date_published")
_FIELD_WORDS = {
    "headline": "headline", "authors": "authors", "date_published": "date", "language": "language",
    "section": "section", "keywords": "keywords", "description": "lead", "main_image": "picture",
}  # fmt: skip
#: A redesign moves a whole distribution: so sure must ranks be, and so often must one of now be beyond one
#: of before.
SHIFT_Z, SHIFTED = 5.0, 0.8
#: And the medians must differ by so much: confidence by a tenth, words by half, the cut share by a quarter.
LESS_SURE, FEWER_WORDS, MORE_CUT = 0.1, 0.5, 0.25


def article_findings(pages: Sequence[PageFacts]) -> Iterator[Finding]:
    """Fields that are missing, and signs of a redesign. Only articles that one cleaner read are compared."""
    read = [page for page in pages if page.kind == "article" and page.fields is not None]
    same = [page for page in read if page.cleaner == read[0].cleaner]
    now, before = same[:ARTICLES], same[ARTICLES : ARTICLES + BEFORE]
    if len(same) < ARTICLES + FEWEST_BEFORE:  # a young site: fewer now, as many before as there are
        now, before = same[:FEWEST_NOW], same[FEWEST_NOW:]
    if len(before) < FEWEST_BEFORE:
        return
    lost = list(_lost_fields(now, before))
    if lost:
        said = ", ".join(
            f"{_FIELD_WORDS[name]} ({percent(s.before)} before, now {percent(s.now)})" for name, s in lost
        )
        level: Level = "alarm" if any(name in _NEEDED for name, _ in lost) else "notice"
        sentence = f"missing from its last {len(now)} articles: {said}"
        yield Finding(
            what="fields_missing", level=level, sentence=sentence, since=_lost_since(now, lost[0][0])
        )
    signs = [sign for judge in (_confidence, _words, _cut) if (sign := judge(now, before))]
    count = len(signs) + (len(lost) >= 2)
    if signs and count >= 1:
        sentence = "a redesign is likely: " + ", ".join(signs)
        yield Finding(
            what="redesign", level="alarm" if count >= 2 else "notice", sentence=sentence,
            since=now[-1].fetched_at,
        )  # fmt: skip


def _lost_fields(now: Sequence[PageFacts], before: Sequence[PageFacts]) -> Iterator[tuple[str, Share]]:
    for name in _FIELD_WORDS:
        without = Share(
            sum(name not in (page.fields or ()) for page in now), len(now),
            sum(name not in (page.fields or ()) for page in before), len(before),
        )  # fmt: skip
        if without.now - without.before >= FALLEN and without.chance <= FIELD_CHANCE:
            yield (
                name,
                Share(len(now) - without.hits, len(now), len(before) - without.hits_before, len(before)),
            )


def _lost_since(now: Sequence[PageFacts], field: str) -> float | None:
    return min((page.fetched_at for page in now if field not in (page.fields or ())), default=None)


def _shifted(
    now: Sequence[PageFacts],
    before: Sequence[PageFacts],
    value: Callable[[PageFacts], float | None],
    sign: float,
) -> tuple[float, float] | None:
    """Medians now and before, where values (times `sign`) fell; None where they did not."""
    ours = [sign * x for page in now if (x := value(page)) is not None]
    theirs = [sign * x for page in before if (x := value(page)) is not None]
    if len(ours) < FEWEST_NOW or len(theirs) < FEWEST_BEFORE:
        return None
    found = shift(ours, theirs)
    return (sign * found.now, sign * found.before) if found.lower >= SHIFTED and found.z >= SHIFT_Z else None


def _confidence(now: Sequence[PageFacts], before: Sequence[PageFacts]) -> str | None:
    found = _shifted(now, before, lambda page: page.confidence, 1)
    if found is None or found[0] > found[1] - LESS_SURE:
        return None
    return f"the cleaner is less sure of its cut ({found[1]:.2f} before, now {found[0]:.2f})"


def _words(now: Sequence[PageFacts], before: Sequence[PageFacts]) -> str | None:
    found = _shifted(now, before, lambda page: page.words, 1)
    if found is None or found[0] > FEWER_WORDS * found[1]:
        return None
    return f"articles are shorter ({found[1]:.0f} words before, now {found[0]:.0f})"


def _cut(now: Sequence[PageFacts], before: Sequence[PageFacts]) -> str | None:
    found = _shifted(now, before, lambda page: page.cut_share, -1)
    if found is None or found[0] < found[1] + MORE_CUT:
        return None
    return f"more of each page is cut ({percent(found[1])} before, now {percent(found[0])})"


# No answer ----------------------------------------------------------------------------------------------

#: Fetches without an answer of the last two days, against all that was asked in that time.
RECENT = 2 * DAY
#: Level → fewest, share.
_NO_ANSWER: tuple[tuple[Level, int, float], ...] = (("alarm", 10, 0.5), ("notice", 5, 0.2))
_NO_ANSWER_WORDS = {
    "dns": "its name is not known (DNS)", "connection_refused": "connections are refused", "tls": "TLS fails",
    "timeout": "no answer in time", "broken_off": "connections break off", "redirects": "circular redirects",
    "private_address": "a private address", "other": "other reasons",
}  # fmt: skip
_ROBOTS_WORDS = {"robots_forbids": "robots.txt forbids it", "robots_unreadable": "robots.txt cannot be read"}


def no_answer_findings(facts: SiteFacts, now: float) -> Iterator[Finding]:
    """Fetches that brought no answer, or that robots.txt kept us from."""
    answered = sum(page.fetched_at > now - RECENT for page in facts.pages)
    for what, words in (("no_answer", _NO_ANSWER_WORDS), ("robots", _ROBOTS_WORDS)):
        counts = {
            name: sum(
                one.times for one in facts.failures if one.failure == name and one.last_at > now - RECENT
            )
            for name in words
        }
        failed = sum(counts.values())
        share = failed / (failed + answered) if failed else 0.0
        level = next(
            (level for level, fewest, least in _NO_ANSWER if failed >= fewest and share >= least), None
        )
        if level is not None:
            said = ", ".join(f"{words[name]} ({count})" for name, count in counts.items() if count)
            days = [one.day for one in facts.failures if one.failure in words and one.last_at > now - RECENT]
            sentence = f"{failed} of {failed + answered} fetches of the last two days failed: {said}"
            yield Finding(what=what, level=level, sentence=sentence, since=min(days))


# Sources and the queue ------------------------------------------------------------------------------------

#: A source fails after so many tries without a good answer and so much time: a restart is no failure.
TRIES, FAILS_AFTER = 3, 6 * HOUR
#: A source that was retired is told for so long.
TOLD_FOR = 7 * DAY
#: A site that never brought anything is an alarm after this, a notice before.
NOTHING_YET = DAY
#: What is due waits for the next crawl of its site: `hours` may close it for the better part of a day.
OVERDUE = 26 * HOUR
#: Pages that wait for longer than a day: a budget that is too small, or a server that is too slow.
BACKLOG = 50


def source_findings(facts: SiteFacts, now: float) -> Iterator[Finding]:
    """Sources that fail or are retired, that were never looked at, that never brought anything."""
    looked = [source for source in facts.sources if source.checked_at is not None]
    if not looked:
        yield Finding(
            what="not_crawled", level="notice", sentence="it was never looked at: run `pressmark crawl`"
        )
        return
    active = [source for source in looked if source.retired_at is None]
    if not active:
        which = "its only source is" if len(looked) == 1 else f"all of its {len(looked)} sources are"
        why = "; ".join(dict.fromkeys(source.retired_reason for source in looked))
        yield Finding(
            what="sources_retired", level="alarm", since=max(source.retired_at or 0.0 for source in looked),
            sentence=f"{which} retired ({why}): look for others with"
            " `pressmark sites add`",
        )  # fmt: skip
        return
    yield from _failing(active, now)
    yield from _retired(looked, now)
    if not facts.articles and not any(source.failures for source in active):
        first = min(source.found_at for source in facts.sources)
        yield Finding(
            what="nothing_yet", level="alarm" if now - first >= NOTHING_YET else "notice", since=first,
            sentence=f"it was first looked at {ago(now - first)}, and no article came of it",
        )  # fmt: skip


def _failing(active: Sequence[SourceFacts], now: float) -> Iterator[Finding]:
    failing = [
        source for source in active
        if source.failures >= TRIES and now - (source.answered_at or source.found_at) >= FAILS_AFTER
    ]  # fmt: skip
    if not failing and all(source.failures and source.answered_at is None for source in active):
        many = "its only source" if len(active) == 1 else f"none of its {len(active)} sources"
        has = "has not answered yet" if len(active) == 1 else "has answered yet"
        yield Finding(
            what="sources_failing", level="notice", sentence=f"{many} {has}{_how(active)}",
            since=min(source.found_at for source in active),
        )  # fmt: skip
    if not failing:
        return
    since = min(source.answered_at or source.found_at for source in failing)
    everything = len(failing) == len(active)
    brought = any(source.last_new_at is not None for source in failing)
    many = (
        "its only source fails" if len(active) == 1 else f"{len(failing)} of its {len(active)} sources fail"
    )
    yield Finding(
        what="sources_failing", level="alarm" if everything else "notice" if brought else "ok", since=since,
        sentence=f"{many}{_how(failing)}, the last good answer came {ago(now - since)}",
    )  # fmt: skip


def _how(failing: Sequence[SourceFacts]) -> str:
    status = sorted({source.status for source in failing if source.status is not None})
    return f" (HTTP {', '.join(map(str, status))})" if status else " (no answer)"


def _retired(looked: Sequence[SourceFacts], now: float) -> Iterator[Finding]:
    lately = [source for source in looked if source.retired_at and now - source.retired_at < TOLD_FOR]
    if lately:
        said = "; ".join(f"{source.url}: {source.retired_reason}" for source in lately[:3])
        more = f" and {len(lately) - 3} more" if len(lately) > 3 else ""
        yield Finding(
            what="sources_retired", level="notice", since=min(source.retired_at or 0.0 for source in lately),
            sentence=f"retired: {said}{more}",
        )  # fmt: skip


def queue_findings(facts: SiteFacts, now: float, crawled_at: float | None) -> Iterator[Finding]:
    """What was due long before a crawl was last at work (`crawled_at`), and was not done."""
    due = [source.due_at for source in facts.sources if source.due_at is not None]
    oldest = min([*due, *([] if facts.pages_due_at is None else [facts.pages_due_at])], default=None)
    sources_due = min(due, default=None)
    if crawled_at is not None and sources_due is not None and crawled_at - sources_due >= OVERDUE:
        yield Finding(
            what="overdue", level="alarm", since=sources_due,
            sentence=f"it was due {ago(now - sources_due)}; crawls run, and do not come to it",
        )  # fmt: skip
    if facts.waiting_long >= BACKLOG:
        yield Finding(
            what="backlog", level="notice", since=oldest,
            sentence=f"{facts.waiting_long} pages wait for longer than a day: its `limit` or `hours` may be"
            " too small",
        )  # fmt: skip


# Silence --------------------------------------------------------------------------------------------------


def looked_until(facts: SiteFacts) -> float | None:
    """Until when the site's silence is its own: the last look at a source that answered."""
    answered = [source.checked_at for source in facts.sources if source.checked_at and not source.failures]
    return max(answered, default=None)


def last_arrival(facts: SiteFacts) -> float | None:
    """When the last article came: found, if a source listed it after the first look, else published.

    What stood in the lists at the first look came when it was published, not when we first looked.
    """
    first = min((source.found_at for source in facts.sources), default=0.0)
    came = [one.found_at if one.found_at > first + HOUR else one.born_at for one in facts.arrivals]
    return max(came, default=None)


def silence_findings(
    facts: SiteFacts, births: Sequence[float], week: Week | None, last: float | None
) -> Iterator[Finding]:
    """Whether nothing new for so long is too long.

    `births`: `window_of` its articles; `week`: what they show, None where that is too little; `last`: when
    the last one came.
    """
    until = looked_until(facts)
    if last is None or until is None or until <= last:
        return
    if week is None:
        span = births[-1] - births[0] if len(births) > 1 else 0.0
        if until - last >= LONG_AGO or (until - last >= 3 * DAY and until - last > 2 * max(span, DAY)):
            yield Finding(
                what="silent", level="notice", since=last,
                sentence=f"nothing new for {lasting(until - last)}; its rhythm is not known yet",
            )  # fmt: skip
        return
    if is_short(week, last, until):
        return
    found = silence(births, last, until, week)
    level = next((level for level in _LEVELS if found.is_too_long(level)), None)
    if level is not None:
        yield Finding(what="silent", level=level, since=last, sentence=_silence_sentence(found))


_LEVELS: tuple[Level, ...] = ("alarm", "notice")


def _silence_sentence(found: Silence) -> str:
    seldom = "less than once in ten years" if found.a_year < 0.1 else (
        f"once in {1 / found.a_year:.0f} years" if found.a_year < 0.67 else
        f"{found.a_year:.0f} times a year" if found.a_year >= 1.5 else "once a year"
    )  # fmt: skip
    return (
        f"nothing new for {lasting(found.seconds)}, though it answers;"
        f" some {found.expected:.0f} articles were to"
        f" be expected in that time, and by its rhythm so long a silence comes {seldom}"
    )


# A site, an archive -----------------------------------------------------------------------------------------


def health_of(facts: SiteFacts, now: float, crawled_at: float | None) -> Health:
    """All that is said of one site. `crawled_at`: when a crawl was last at work in the archive."""
    births = window_of([one.born_at for one in facts.arrivals], now)
    known = is_known(births)
    week = week_of(births) if known else None
    last = last_arrival(facts)
    findings: list[Finding] = []
    if facts.is_listed:
        findings += source_findings(facts, now)
        findings += queue_findings(facts, now, crawled_at)
        findings += silence_findings(facts, births, week, last)
        findings += page_findings(facts.pages)
        findings += article_findings(facts.pages)
        findings += no_answer_findings(facts, now)
    findings = sorted((one for one in findings if one.level != "ok"), key=_rank)
    due = min(
        ((source.due_at, source.due_reason) for source in facts.sources if source.due_at is not None),
        default=(None, ""),
    )
    return Health(
        name=facts.name,
        url=facts.url,
        hosts=facts.hosts,
        state=_state(facts, findings, known),
        findings=tuple(findings),
        last_new_at=last,
        rhythm=rhythm_of(week) if week is not None else None,
        week=_week(facts, now),
        articles=facts.articles,
        failures=_failures(facts, now),
        pages_judged=len(facts.pages[:ARTICLES]),
        walls_share=_share("walls", facts.pages),
        empty_share=_share("empty", facts.pages),
        next_look_at=due[0],
        next_look_reason=due[1],
        sources=facts.sources,
    )


def _rank(finding: Finding) -> tuple[bool, int]:
    return finding.level != "alarm", list(SITE_FINDINGS).index(finding.what)


def _state(facts: SiteFacts, findings: Sequence[Finding], known: bool) -> State:
    if not facts.is_listed:
        return "unlisted"
    level = worst(list(findings))
    if level == "ok":
        return "well" if known else "unknown"
    return "unknown" if [finding.what for finding in findings] == ["not_crawled"] else level


def _week(facts: SiteFacts, now: float) -> tuple[int, ...]:
    counts = [0] * 7
    first = min((source.found_at for source in facts.sources), default=0.0)
    for one in facts.arrivals:
        days = int((now - (one.found_at if one.found_at > first + HOUR else one.born_at)) // DAY)
        if 0 <= days < 7:
            counts[6 - days] += 1
    return tuple(counts)


def _failures(facts: SiteFacts, now: float) -> dict[str, int]:
    counts: dict[str, int] = {}
    for page in facts.pages[:ARTICLES]:
        if (what := class_of(page)) not in (None, "walls", "empty", "no_articles"):
            counts[what] = counts.get(what, 0) + 1
    for one in facts.failures:
        if one.last_at > now - 7 * DAY:
            counts[one.failure] = counts.get(one.failure, 0) + one.times
    return counts


def _share(what: str, pages: Sequence[PageFacts]) -> float:
    newest = pages[:ARTICLES]
    return round(sum(class_of(page) == what for page in newest) / len(newest), 3) if newest else 0.0


__all__ = ["article_findings", "class_of", "health_of", "page_findings"]
