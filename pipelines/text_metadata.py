"""Metadata out of a labelled dump: what its own lines say, never what its clutter says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from archive.values import Block
from pipelines.cues import forms
from pipelines.metadata import clean_authors
from pipelines.metadata.dates import best_date, parse_date
from pipelines.shapes import fold

#: Labels that end the article: bylines and dates behind them belong to other pages.
_ENDS = frozenset({"related", "comment", "comment_policy", "newsletter", "cookie", "legal"})
#: A date line or byline counts as the article's own so many kept blocks into the text at most.
_HEAD_BLOCKS = 3


class TextMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a dump says about its article; None and () where it does not say."""

    headline: str | None = None
    authors: tuple[str, ...] = ()
    date_published: str | None = None
    date_published_source: str | None = None
    date_modified: str | None = None
    credits: str | None = None
    site_name: str | None = None
    language: str | None = None


def read_text_metadata(blocks: Sequence[Block], text: str) -> TextMetadata:
    """Read the metadata of a labelled dump whose kept text is `text`. Dates are as precise as stated."""
    site = _site_name(blocks)
    published, source, modified = _dates(blocks)
    return TextMetadata(
        headline=_headline(blocks),
        authors=_authors(blocks, site),
        date_published=published,
        date_published_source=source,
        date_modified=modified,
        credits=credits_of(blocks),
        site_name=site,
        language=language_of(text),
    )


def _headline(blocks: Sequence[Block]) -> str | None:
    found = [b for b in blocks if b.label == "headline"]
    own = next((b for b in found if not b.reason.startswith("repeats")), None)
    return (own or found[0]).text if found else None


def _head(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks before the text and into its first paragraphs."""
    kept = 0
    for block in blocks:
        kept += block.kept
        if kept > _HEAD_BLOCKS:
            return
        yield block


def _foot(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks right below the text, up to the first section that is about something else."""
    last = max((rank for rank, block in enumerate(blocks) if block.kept), default=len(blocks))
    for block in blocks[last + 1 :]:
        if block.label in _ENDS:
            return
        yield block


# ---------------------------------------------------------------- who

_IN_PLACE = re.compile(r"\s+in\s+[A-Z][\w .'’-]*(?=,|$| and )")


def _authors(blocks: Sequence[Block], site: str | None) -> tuple[str, ...]:
    """Persons named by a byline at the head, else by 'Reporting by', else by a byline below the text."""
    for texts in (
        [b.text for b in _head(blocks) if b.label == "byline"],
        list(reporters_of(blocks)),
        [b.text for b in _foot(blocks) if b.label == "byline"],
        [b.text for b in _foot(blocks) if b.label == "author_bio" and forms.PERSON.match(b.text)][:1],
    ):
        bare = [_without_counters(text) for text in texts]
        persons, _ = clean_authors(bare, site_name=site)
        if persons:
            return persons
    return ()


def _without_counters(text: str) -> str:
    return re.sub(r"(?i)^\s*\d+\s*min(?:ute)?s?\b(?:\s*read)?\W*", "", text)


def reporters_of(blocks: Sequence[Block]) -> Iterator[str]:
    """Bylines out of lines such as 'Reporting by …; Editing by …': who reported, not who edited."""
    for block in blocks:
        if block.label == "credit" and (found := forms.REPORTING.search(block.text)):
            yield "By " + _IN_PLACE.sub("", found["names"] or found["names2"])


def credits_of(blocks: Sequence[Block]) -> str | None:
    """The lines that credit reporters, editors, agencies and sources, each once, a line each."""
    seen: dict[str, str] = {}
    for block in blocks:
        if block.label == "credit":
            seen.setdefault(fold(block.text), block.text)
    return "\n".join(seen.values())[:1000] or None


#: A byline that is only a reading time and a name that is no person's: the site signs itself.
_SIGNED = re.compile(r"(?i)^\W*\d+\s*min(?:ute)?s?\b(?:\s*read)?\W*(?P<name>\w.{2,40})$")


def _site_name(blocks: Sequence[Block]) -> str | None:
    for block in _head(blocks):
        if block.label in {"byline", "date"} and (found := _SIGNED.match(block.text)):
            name = found["name"].strip()
            persons, organisations = clean_authors([name])
            if organisations or (not persons and not re.search(r"\d", name)):
                return name
    for block in blocks:
        if block.label == "legal" and (found := forms.COPYRIGHT.search(block.text[:200])):
            name = found["name"].strip(" .-")
            if not re.search(r"(?i)rights|reserved|article|content|policy|notice", name):
                return name
    return None


# ---------------------------------------------------------------- when


def _dates(blocks: Sequence[Block]) -> tuple[str | None, str | None, str | None]:
    """Published with its source, and modified."""
    published: list[tuple[object, str]] = []
    modified: list[tuple[object, str]] = []
    for block in _head(blocks):
        if block.label in {"date", "byline", "dateline"}:
            _sort_dates(block.text, "date line", published, modified)
        elif block.kept and (line := dateline_date(block.text)):
            published.append((line, "dateline"))
    if not published and not modified:
        for block in _foot(blocks):
            if block.label in {"date", "byline"}:
                _sort_dates(block.text, "date line below the text", published, modified)
    best, changed = best_date(published), best_date(modified)
    return (best[0].iso if best else None, best[1] if best else None, changed[0].iso if changed else None)


def _sort_dates(
    text: str, source: str, published: list[tuple[object, str]], modified: list[tuple[object, str]]
) -> None:
    """Part a date line ("Published 3 May 2024 Updated 4 May 2024") at its word for 'updated'."""
    found = forms.UPDATED.search(text)
    before, after = (text[: found.start()], text[found.end() :]) if found else (text, "")
    if parse_date(before):
        published.append((before, source))
    if found and parse_date(after):
        modified.append((after, source))
    elif found and not parse_date(before) and parse_date(text):
        modified.append((text, source))


def dateline_date(text: str) -> str | None:
    """The date in a paragraph's dateline ("WASHINGTON, May 3, 2024 (Reuters) -"); None if it has no year."""
    found = forms.DATELINE.match(text[:200])
    if found is None or not found["date"]:
        return None
    moment = parse_date(found["date"])
    return moment.iso if moment else None


# ---------------------------------------------------------------- in which language

#: Shorter texts than this say too little of their language; longer ones are judged by their beginning.
_MIN_CHARS = 60
_SAMPLE_CHARS = 3_000


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the text's language, None when it is too short to tell."""
    if len(text) < _MIN_CHARS:
        return None
    # Loads its model when first used: not worth its time where no text is read. The package has no types.
    import py3langid  # type: ignore[import-untyped]

    return str(py3langid.classify(text[:_SAMPLE_CHARS])[0])
