"""The same text at several addresses of a site: one article in two places, or none at all. Pure.

A site that has lost a page often shows another one in its place, with status 200; a wall shows its own words
at every address. Neither need be known as such by its words: that the same text stands at three addresses
which have nothing to do with each other tells it. Two are not enough, numbers tell nothing, an address whose
own words are the headline's is where the text belongs, and a text as long as an article is one article's at
least: to take a page for none loses news, to take it for an article leaves a line of clutter.
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
#: A text of so many words is an article's, wherever it stands: what error pages and walls say is shorter.
ARTICLE_WORDS: Final = 150
#: So many days after it was seen last, a verdict on a text is not used any more.
VERDICT_DAYS: Final = 90
#: Two addresses are about one thing if so many of the shorter one's words are in the other.
_AGREE: Final = 0.4
#: A number of so many digits in an address is an article's.
_ID: Final = re.compile(r"(?<!\d)\d{4,}(?!\d)")
_DAY: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[/_-]?([01]\d)[/_-]?([0-3]\d)(?!\d)")
_ENDING: Final = re.compile(r"\.\w{2,5}\Z")


class Sighting(Value, frozen=True, kw_only=True):
    """A text at an address. `day`: its date of publication, as far as it is known (ISO 8601).

    `is_same`: False for a text that is only nearly the same. `since`: when it was kept (ISO 8601), if it is
    the first that an article had: only such a one can be the text's owner.
    """

    url: str
    headline: str | None = None
    day: str = ""
    is_same: bool = True
    since: str = ""


class Nobodys(Value, frozen=True, kw_only=True):
    """The verdict on a text that stands everywhere: kind and reason, as captures have them.

    `owners`: which of the sightings it belongs to all the same, by rank. Of kind `article`: the others are
    the owner's article in other places.
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


def nobodys(sightings: Sequence[Sighting], count: int = 0) -> Nobodys | None:
    """The verdict on a text of `count` words by where it was seen on one site; None where there is none yet.

    The sightings are of one text, or of nearly one under one headline.
    """
    headlines = {fold(one.headline or "").casefold() for one in sightings}
    # A newsroom numbers each edition of a story: addresses of numbers only prove no strangers.
    spoken = [group for group in _groups(sightings) if any(slug(sightings[n].url) for n in group)]
    if len(spoken) < ADDRESSES:
        return None
    first = _first(sightings) if count >= ARTICLE_WORDS else frozenset()
    places = len({url_key(one.url) for one in sightings})
    if len(headlines) > 1:
        return Nobodys(
            kind="article" if first else "error",
            reason=(
                f"the same text stands at {places} addresses of the site, under {len(headlines)} headlines"
            ),
            owners=first,
        )
    owners = frozenset(n for n, one in enumerate(sightings) if belongs(one.url, one.headline))
    return Nobodys(
        kind="error",
        reason=f"soft 404: the same page stands at {places} addresses that have nothing in common",
        owners=owners or first,
    )


def _first(sightings: Sequence[Sighting]) -> frozenset[int]:
    """The rank of the sighting that was kept first, if any was."""
    kept = [(one.since, rank) for rank, one in enumerate(sightings) if one.since and one.is_same]
    return frozenset(rank for _, rank in sorted(kept)[:1])


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

    Days told by page or address must not differ; addresses of which one does not speak need the same day,
    those of numbers only need none.
    """
    if not one.headline or fold(one.headline).casefold() != fold(other.headline or "").casefold():
        return False
    days = one.day[:10], other.day[:10]
    in_addresses = _day_in(one.url), _day_in(other.url)
    if _differ(*days) or _differ(*in_addresses):
        return False
    agree = addresses_agree(one.url, other.url)
    if agree is None and days[0] == days[1]:
        return bool(days[0]) or not (slug(one.url) or slug(other.url))
    return bool(agree)


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


def stands_by_itself(url: str, day: str, count: int) -> bool:
    """Whether a page that other addresses lead to can be an article: by its address, its day, its words.

    The one page that a site shows for all that it has lost (`/sorry`) has none of these.
    """
    return bool(slug(url) or numbers(url) or day) or count >= ARTICLE_WORDS
