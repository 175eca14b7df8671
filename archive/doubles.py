"""The same text at several addresses of a site: one article in two places, or none at all. Pure.

A site that has lost a page often shows another one in its place, with status 200; a wall shows its own words
at every address. Neither need be known as such by its words: that the same text stands at three addresses
which have nothing to do with each other tells it. Two are not enough, and an address whose own words are the
headline's is where the text belongs: to take a page for none loses news, to take it for an article leaves a
line of clutter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from archive.digests import words
from archive.likeness import fold, headlines_agree, share, telling
from archive.url_keys import url_key
from archive.values import Value

#: Addresses of a site that have nothing to do with each other and show one text: then it is nobody's.
ADDRESSES: Final = 3
#: Shorter texts are the same in many places by chance ("The match is over.").
LEAST_WORDS: Final = 20
#: Two addresses are about one thing if so many of the shorter one's words are in the other.
_AGREE: Final = 0.4
#: A number of so many digits in an address is an article's.
_ID: Final = re.compile(r"(?<!\d)\d{4,}(?!\d)")
_DAY: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[/_-]?([01]\d)[/_-]?([0-3]\d)(?!\d)")
_ENDING: Final = re.compile(r"\.\w{2,5}\Z")


class Sighting(Value, frozen=True, kw_only=True):
    """A text at an address. `day`: its date of publication, as far as it is known (ISO 8601).

    `is_same`: False for a text that is only nearly the same.
    """

    url: str
    headline: str | None = None
    day: str = ""
    is_same: bool = True


class Nobodys(Value, frozen=True, kw_only=True):
    """The verdict on a text that is no article's: kind and reason, as captures have them.

    `owners`: which of the sightings it belongs to all the same, by rank.
    """

    kind: str
    reason: str
    owners: frozenset[int] = frozenset()


def slug(url: str) -> frozenset[str]:
    """The telling words of an address: of its last step that has at least two; none for one of numbers.

    >>> sorted(slug("https://press.example/local/2024/ferry-returns-to-port.html"))
    ['ferry', 'port', 'returns']
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return frozenset()
    for step in reversed(unquote(path, errors="replace").split("/")):
        said = [word for word in words(_ENDING.sub("", step).replace("_", " ")) if not word.isdigit()]
        if len(said) > 1:
            return telling(" ".join(said))
    return frozenset()


def numbers(url: str) -> frozenset[str]:
    """The long numbers of an address: ids, not dates."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return frozenset()
    return frozenset(_ID.findall(_DAY.sub(" ", f"{parts.path} {parts.query}"))) - _YEARS


_YEARS: Final = frozenset(str(year) for year in range(1990, 2060))


def addresses_agree(one: str, other: str) -> bool | None:
    """Whether two addresses are about one thing; None where they do not say."""
    if url_key(one) == url_key(other) or numbers(one) & numbers(other):
        return True
    a, b = slug(one), slug(other)
    return share(a, b) >= _AGREE if a and b else None


def belongs(url: str, headline: str | None) -> bool:
    """Whether an address says in its words what a headline says."""
    return bool(headline) and share(slug(url), telling(headline or "")) >= _AGREE


def nobodys(sightings: Sequence[Sighting]) -> Nobodys | None:
    """The verdict on a text by where it was seen on one site; None while it may be an article.

    The sightings are of one text, or of nearly one under one headline.
    """
    headlines = {fold(one.headline or "").casefold() for one in sightings}
    groups = _groups(sightings)
    spoken = [group for group in groups if any(slug(sightings[n].url) for n in group)]
    strangers = len(spoken)
    if len(headlines) == 1 and all(one.is_same and not one.day for one in sightings):
        # Numbers alone tell two addresses apart, too: but a newsroom numbers each edition of a story, and a
        # date shared by two would make them one article.
        strangers = len(groups)
    if strangers < ADDRESSES:
        return None
    count = len({url_key(one.url) for one in sightings})
    if len(headlines) > 1:
        return Nobodys(
            kind="error",
            reason=f"the same text stands at {count} addresses of the site, under {len(headlines)} headlines",
        )
    owners = frozenset(n for n, one in enumerate(sightings) if belongs(one.url, one.headline))
    return Nobodys(
        kind="error",
        reason=f"soft 404: the same page stands at {count} addresses that have nothing in common",
        owners=owners,
    )


def _groups(sightings: Sequence[Sighting]) -> list[list[int]]:
    """Ranks of sightings, those together that are about one thing by address or by different headlines."""
    groups: list[list[int]] = []
    for rank, one in enumerate(sightings):
        joined = [group for group in groups if any(_together(one, sightings[n]) for n in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([n for group in joined for n in group] + [rank])
    return groups


def _together(one: Sighting, other: Sighting) -> bool:
    if addresses_agree(one.url, other.url):
        return True
    a, b = one.headline or "", other.headline or ""
    # That the headline is the same everywhere is what an error page does.
    return fold(a).casefold() != fold(b).casefold() and headlines_agree(a, b)


def is_twin(one: Sighting, other: Sighting) -> bool:
    """Whether two addresses with the very same headline and text are one article in two places.

    Days told by page or address must not differ; addresses that do not speak need the same day.
    """
    if not one.headline or fold(one.headline).casefold() != fold(other.headline or "").casefold():
        return False
    days = one.day[:10], other.day[:10]
    in_addresses = _day_in(one.url), _day_in(other.url)
    if _differ(*days) or _differ(*in_addresses):
        return False
    agree = addresses_agree(one.url, other.url)
    return bool(agree) or (agree is None and days[0] == days[1] != "")


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _day_in(url: str) -> str:
    found = _DAY.search(url)
    return "-".join(found.groups()) if found else ""


def led_astray(asked: Iterable[str], final: str, headline: str | None) -> frozenset[str]:
    """Those of the addresses `asked` for that lead to the page `final` and have nothing to do with it.

    Empty while they are fewer than three that have nothing to do with each other: articles are renamed, and
    an old address then leads to the new one.
    """
    strangers = [
        url
        for url in dict.fromkeys(asked)
        if slug(url) and addresses_agree(url, final) is not True and not belongs(url, headline)
    ]
    groups = _groups([Sighting(url=url) for url in strangers])
    return frozenset(strangers) if len(groups) >= ADDRESSES else frozenset()
