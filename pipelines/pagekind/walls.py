"""What stands in an article's place: error, bot check, log-in, consent, payment, scripts. Rules.

Each looks at pages that say little (`STUB_WORDS`) and asks for a sign in the page's own words or form; an
address that a redirect led to helps, and is never enough alone, but for the front page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from pipelines.cues import walls
from pipelines.pagekind.evidence import Evidence
from pipelines.render import words

#: A page whose kept words are this few beside so many removed lines about one thing is about that thing.
STUB_WORDS: Final = 120
#: Fewer kept words than this are no text to speak of.
_HARDLY: Final = 40
#: Lines that are read as what the page says: so many of its first, of at most so many words.
_FIRST_LINES, _LINE_WORDS = 8, 24
_PAYWALL_CHARS: Final = 400
#: A page that shows no more words than this, and holds scripts, waits for them.
_BARE_WORDS: Final = 25
#: Marks of bot checks that ordinary pages hold too, in their forms or by their guard: a word must stand
#: beside.
_COMMON_MARKS: Final = ("recaptcha", "hcaptcha", "smartcaptcha", "friendlycaptcha", "challenge-platform",
                        "incapsula", "challenges.cloudflare", "awswaf", "kpsdk")  # fmt: skip
#: A page that a guard shows says no more than so many words.
_GUARD_WORDS: Final = 80


class Found(NamedTuple):
    """A kind, and why; the reason begins with a word of `archive.values.PAGE_FORMS` where one applies."""

    kind: str
    reason: str


def wall(page: Evidence) -> Found | None:
    """What stands there instead of an article, or None."""
    for test in (_bot_check, _error, _login, _consent, _paywall, _empty):
        if found := test(page):
            return found
    return None


def _titles(page: Evidence) -> Iterator[str]:
    """What the page is called: its headline and title, and the parts of the title."""
    if page.headline:
        yield page.headline
    title = page.signs.title if page.signs else ""
    if title:
        yield title
        for dash in (" | ", " – ", " — ", " - ", " · ", ": "):
            if dash in title:
                yield from (part.strip() for part in title.split(dash)[:3])


def _lines(page: Evidence) -> Iterator[str]:
    """The page's titles and its first short lines."""
    yield from _titles(page)
    shown = (block.text for block in page.blocks if block.label not in {"nav", "cookie", "legal"})
    for _, line in zip(range(_FIRST_LINES), shown, strict=False):
        if len(words(line)) <= _LINE_WORDS:
            yield line


def _said(line: str) -> str:
    return f"says ‘{line[:80]}’"


def _bot_check(page: Evidence) -> Found | None:
    if page.size >= STUB_WORDS:
        return None
    mark = page.signs.challenge if page.signs else ""
    own = mark and not any(name in mark.lower() for name in _COMMON_MARKS)
    if own and page.size < _HARDLY and _shown(page) <= _GUARD_WORDS:
        return Found("error", f"bot check: holds {mark}")
    for line in _lines(page):
        if walls.BOT_CHECK.search(line) and (mark or page.size < _HARDLY or _is_short_of_text(page)):
            return Found("error", f"bot check: {_said(line)}")
    return None


def _is_short_of_text(page: Evidence) -> bool:
    """Whether no block says as much as a paragraph of an article does."""
    return all(len(words(block.text)) < 45 for block in page.blocks if block.kept)


def _error(page: Evidence) -> Found | None:
    if page.size >= STUB_WORDS:
        return None
    if page.signs and any(name in _ERROR_NAMES for name in page.signs.names):
        return Found("error", "soft 404: its body is marked as an error page")
    for line in _lines(page):
        if len(words(line)) > _LINE_WORDS:
            continue
        if walls.NOT_FOUND.search(line):
            return Found("error", f"soft 404: {_said(line)}")
        if walls.SERVER_ERROR.search(line):
            return Found("error", _said(line))
    if led_home(page.requested_url, page.url):
        return Found("error", "soft 404: the address leads to the site's front page")
    return None


_ERROR_NAMES: Final = frozenset(("error404", "page-404", "template-404", "error-404", "page-not-found"))


def led_home(requested: str, final: str) -> bool:
    """Whether a redirect led from a page to the front page of a site: what many sites do with what is
    gone."""
    if not requested or not final:
        return False
    asked, got = _parts(requested), _parts(final)
    steps, reached = _steps(asked), _steps(got)
    deep = len(steps) >= 2 or (bool(steps) and len(steps[0]) >= 12)
    language = len(reached) == 1 and len(reached[0]) == 2 and not got.query
    return deep and (is_home(got) or language)


def is_home(address: SplitResult) -> bool:
    """Whether an address is a front page's: no path but that of an index, and no query that names a page."""
    steps = _steps(address)
    index = len(steps) == 1 and steps[0].partition(".")[0] in {"index", "home", "default"}
    return bool(address.netloc) and not address.query and (not steps or index)


def _steps(address: SplitResult) -> list[str]:
    return [step for step in address.path.lower().split("/") if step]


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _leads_to(page: Evidence, places: frozenset[str]) -> bool:
    """Whether a host label or a step of the page's address is one of `places`."""
    address = _parts(page.url)
    labels = (address.hostname or "").split(".")[:-1]
    steps = [step.partition(".")[0] for step in address.path.lower().split("/") if step]
    return not places.isdisjoint([*labels, *steps])


def _consent(page: Evidence) -> Found | None:
    if page.size >= STUB_WORDS:
        return None
    asked = said = 0
    for block in page.blocks:
        size = len(words(block.text)) if block.label in _ASKING or block.kept else 0
        talk = block.label == "cookie" or bool(size and walls.CONSENT_TALK.search(block.text))
        asked += size * talk
        said += size * (not talk and block.kept)
    little = "little but a request for consent to cookies and tracking"
    if asked >= 20 and asked > 2 * said and (asked >= 0.5 * _shown(page) or said < _HARDLY):
        return Found("consent", little)
    if (asked or _leads_to(page, walls.CONSENT_PLACES)) and said < _HARDLY:
        if line := next((line for line in _titles(page) if walls.CONSENT.search(line)), None):
            return Found("consent", _said(line))
        if asked and _leads_to(page, walls.CONSENT_PLACES):
            return Found("consent", little)
    return None


#: Labels under which a request for consent comes out.
_ASKING: Final = frozenset(("cookie", "legal", "other", "newsletter", "ad"))


def _shown(page: Evidence) -> int:
    return sum(len(words(block.text)) for block in page.blocks if block.label != "nav")


def _login(page: Evidence) -> Found | None:
    """A field for a password alone stands on many a page: a title or an address must name the log-in."""
    if page.size >= STUB_WORDS:
        return None
    fields = page.signs.passwords if page.signs else 0
    line = next((line for line in _lines(page) if len(words(line)) <= 12 and walls.LOGIN.search(line)), None)
    at_login = _leads_to(page, walls.LOGIN_PLACES)
    if fields and (line or at_login) and (page.size < _HARDLY or at_login or not page.dated):
        return Found("other", f"login: {_said(line)}" if line else "login: asks for a password")
    if at_login and line and page.size < STUB_WORDS:
        return Found("other", f"login: {_said(line)}")
    titled = next(
        (line for line in _titles(page) if len(words(line)) <= 8 and walls.LOGIN.search(line)), None
    )
    if titled and page.size < _HARDLY:
        return Found("other", f"login: {_said(titled)}")
    return None


def _paywall(page: Evidence) -> Found | None:
    if page.size >= STUB_WORDS:
        return None
    if line := wall_line(page):
        return Found("paywall", f"a few words of text, then ‘{line[:80]}’")
    if page.access == "paywalled" and page.access_source and page.size < STUB_WORDS // 2 and page.headline:
        return Found("paywall", f"{page.size} words of a text that is not free, as {page.access_source} says")
    return None


def wall_line(page: Evidence) -> str:
    """The first line in which the page says that its text goes on for those who pay or log in, or ""."""
    for block in page.blocks:
        if len(block.text) <= _PAYWALL_CHARS and walls.PAYWALL.search(block.text):
            return block.text
    return ""


def _empty(page: Evidence) -> Found | None:
    """Nothing is shown until scripts have run."""
    if page.size >= _HARDLY or page.signs is None:
        return None
    asked = next(
        (
            t
            for t in (page.signs.noscript, *(b.text for b in page.blocks))
            if walls.NEEDS_SCRIPTS.search(t[:600])
        ),
        "",
    )
    shown = sum(len(words(block.text)) for block in page.blocks if block.label != "cookie")
    loading = any(walls.LOADING.match(block.text) for block in page.blocks)
    if asked and shown <= 4 * _BARE_WORDS:
        return Found("other", f"empty: {_said(' '.join(asked.split()))}")
    if page.signs.scripts and (shown <= _BARE_WORDS or (loading and page.size < 12)):
        return Found("other", "empty: shows nothing before its scripts have run")
    return None
