"""The plain-text way: a dump that has lost its HTML → its article and account. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from archive.values import Article, Block, Hints, Override
from pipelines.blocks import Labeller, PageFacts
from pipelines.model import learned
from pipelines.overrides import cleaner_with, obeyed
from pipelines.pagekind import Evidence, access, judge
from pipelines.render import Rendered, render
from pipelines.site import site_of
from pipelines.text_blocks import split_dump
from pipelines.text_metadata import TextMetadata, read_text_metadata


def clean_text(
    text: str,
    *,
    url: str = "",
    cleaner: str = "",
    hints: Hints | None = None,
    labeller: Labeller | None = None,
    requested_url: str = "",
    overrides: Sequence[Override] = (),
) -> Article:
    """Clean one dump. Every line that says something comes out exactly once, kept or removed, in order.

    `hints` fill what the dump does not say. Same text, same article; no clock: relative dates stay unread.
    `overrides` are a person's words on lines of this dump.
    """
    lines = split_dump(text)
    given = hints or Hints()
    facts = PageFacts(form="text", url=url, headline=given.headline, authors=given.authors)
    verdicts = obeyed(lines, (labeller or learned()).label(lines, facts), overrides)
    blocks = tuple(
        Block(position=line.position, text=line.text, label=said.label, reason=said.reason, score=said.score)
        for line, said in zip(lines, verdicts, strict=True)
    )
    rendered = render(blocks)
    metadata = read_text_metadata(blocks, rendered.text)
    cleaner = cleaner_with(cleaner, overrides)
    return _article(blocks, rendered, metadata, given, url=url, cleaner=cleaner, requested_url=requested_url)


def _article(
    blocks: tuple[Block, ...],
    rendered: Rendered,
    metadata: TextMetadata,
    given: Hints,
    *,
    url: str,
    cleaner: str,
    requested_url: str,
) -> Article:
    headline = metadata.headline or given.headline
    evidence = Evidence(
        blocks=blocks,
        text=rendered.text,
        size=rendered.word_count,
        headline=headline,
        url=url,
        requested_url=requested_url,
    )
    found = judge(evidence)
    published = metadata.date_published or given.date_published
    return Article(
        url=url,
        site=site_of(url, metadata.site_name),
        headline=headline,
        authors=metadata.authors or given.authors,
        date_published=published,
        date_published_source=metadata.date_published_source or (GIVEN if published else None),
        date_modified=metadata.date_modified,
        language=metadata.language or given.language,
        credits=metadata.credits,
        text=rendered.text,
        markdown=rendered.markdown,
        word_count=rendered.word_count,
        text_digest=rendered.text_digest,
        access=access(evidence),
        kind=found.kind,
        kind_reason=found.reason,
        cleaner=cleaner,
        blocks=blocks,
        sources=_sources(metadata, given),
    )


#: What a value's source is called where the dump itself does not state it.
GIVEN = "given beside the page"


def _sources(metadata: TextMetadata, given: Hints) -> dict[str, str]:
    """Where the value of each column stood that the dump filled."""
    told = {
        "headline": "headline line" if metadata.headline else GIVEN if given.headline else "",
        "authors": "byline" if metadata.authors else GIVEN if given.authors else "",
        "date_published": metadata.date_published_source or (GIVEN if given.date_published else ""),
        "date_modified": "date line" if metadata.date_modified else "",
        "language": "told from the text" if metadata.language else GIVEN if given.language else "",
        "credits": "credit lines of the page" if metadata.credits else "",
    }
    return {name: source for name, source in told.items() if source}
