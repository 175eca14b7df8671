"""The HTML way: a decoded page → its article and account.

Walk, metadata, referee, labels, text: each stage is a module of its own; here they are wired. Pure: no
network, no clock, no disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from selectolax.lexbor import LexborHTMLParser

from archive.values import KEPT_LABELS, Article, Block, Engine, Hints, Override
from pipelines.blocks import PageBlock, PageFacts, Verdict
from pipelines.cues import line_cue, start_cue
from pipelines.extract import opinion
from pipelines.html_blocks import depth_of, parse, walked
from pipelines.metadata import Metadata, clean_authors, read_metadata
from pipelines.model import CONFIDENT, ModelLabeller, learned
from pipelines.model.certain import STARTS
from pipelines.model.labeller import Judgement
from pipelines.overrides import cleaner_with, obeyed
from pipelines.pagekind import Evidence, access, judge, locked_words, signs_of
from pipelines.pagekind.walls import STUB_WORDS
from pipelines.recall import PREVIEW_CHARS, SHOWN_WORDS, recovered
from pipelines.render import Rendered, render, words
from pipelines.repair import repaired
from pipelines.scripted import scripted_text
from pipelines.site import site_of
from pipelines.text_metadata import credits_of, reporters_of

#: The longest honest page of 4,000 development pages has some 6,000 blocks; judging 200,000 takes 12 s.
MAX_BLOCKS = 20_000


def clean_html(
    html: str,
    *,
    url: str = "",
    cleaner: str = "",
    hints: Hints | None = None,
    fetched_at: datetime | None = None,
    labeller: ModelLabeller | None = None,
    engine: Engine = "learned",
    requested_url: str = "",
    utf8: bytes | None = None,
    overrides: Sequence[Override] = (),
) -> Article:
    """Clean one page. Kept blocks and account together hold every visible word of it, in page order.

    `fetched_at` (aware) bounds the dates the page may claim. `hints` fill fields the page does not state.
    `requested_url` is what was asked for, where a redirect led to `url`; `utf8`: `html` in UTF-8, if at hand.
    `overrides` are a person's words on blocks of this page.
    """
    page, metadata, write = _read(html, url, hints, fetched_at, labeller or learned(), utf8)
    judged = _judged(page) if engine == "learned" else _by_trafilatura(page)
    judged = judged._replace(verdicts=obeyed(judged.blocks, judged.verdicts, overrides))
    kept = (b.position for b, v in zip(judged.blocks, judged.verdicts, strict=True) if v.label in KEPT_LABELS)
    write(frozenset(kept))
    return _article(page, judged, metadata, cleaner_with(cleaner, overrides), hints, requested_url)


def evidence_of(html: str, *, url: str = "", labeller: ModelLabeller | None = None) -> Evidence:
    """What `clean_html` asks the judge of kinds with: for training and measuring it."""
    page, metadata, _ = _read(html, url, None, None, labeller or learned())
    judged = _judged(page)
    blocks = _labelled(judged)
    return _evidence(page, judged, metadata, blocks, render(blocks), "")


class Page(NamedTuple):
    """What is known of a page before anybody judged it, and who judges."""

    html: str
    tree: LexborHTMLParser
    blocks: Sequence[PageBlock]
    facts: PageFacts
    labeller: ModelLabeller


class Judged(NamedTuple):
    """A page's blocks with a verdict each; the blocks may be more than the page shows."""

    blocks: Sequence[PageBlock]
    verdicts: Sequence[Verdict]
    #: Whether trafilatura was asked; what is to be said of that with each verdict.
    asked: bool = False
    note: str = ""
    #: What the labeller expects of its own cut, whoever's word is taken in the end.
    confidence: float | None = None


def _read(
    html: str,
    url: str,
    hints: Hints | None,
    fetched_at: datetime | None,
    labeller: ModelLabeller,
    utf8: bytes | None = None,
) -> tuple[Page, Metadata, Callable[[frozenset[int]], None]]:
    """The page and its metadata; and what writes the Markdown of the blocks at these positions."""
    tree = parse(html, utf8)
    found, walk = walked(tree, url=url)
    blocks = _bounded(found)
    metadata = read_metadata(tree, url=url, html=html, fetched_at=fetched_at)
    headline = metadata.headline or (hints.headline if hints else None) or _first_heading(blocks)
    page = Page(html, tree, blocks, facts_of(metadata, url=url, headline=headline), labeller)
    return page, metadata, lambda kept: walk.write(found, kept)


def facts_of(metadata: Metadata, *, url: str, headline: str | None) -> PageFacts:
    """What a labeller may know of the page beside its blocks."""
    return PageFacts(
        form="html",
        url=url,
        headline=headline,
        authors=metadata.byline,
        description=metadata.description,
        site_name=metadata.site_name,
        language=metadata.language,
        page_type=metadata.page_type,
        article_body=metadata.article_body,
    )


def _judged(page: Page) -> Judged:
    """The learned labeller's word, with what the page states beyond it; trafilatura's where it is unsure."""
    said = page.labeller.judge(page.blocks, page.facts)
    return _weighed(page, said)._replace(confidence=round(said.confidence, 3))


def _weighed(page: Page, said: Judgement) -> Judged:
    own = Judged(page.blocks, said.verdicts)
    if (more := _recovered(page, own)) is not None:
        return more
    if said.confidence >= CONFIDENT or all(block.subtree for block in page.blocks):
        return own
    referee = _refereed(page, own)
    if referee.verdicts is own.verdicts or _agrees(own, referee):
        return referee
    return own._replace(asked=referee.asked, note="trafilatura takes something else for the article")


#: A referee that leaves out more than this of what the labeller keeps is on another track: a box, a notice.
_SHARED: Final = 0.5
#: Where the labeller keeps nothing at all, so many characters of the referee's are an article.
_ARTICLE_CHARS: Final = 400


def _agrees(own: Judged, referee: Judged) -> bool:
    """Whether the referee keeps most of what the labeller does, in characters."""
    ours = theirs = both = 0
    for block, verdict, other in zip(own.blocks, own.verdicts, referee.verdicts, strict=False):
        kept, also = verdict.label in KEPT_LABELS, other.label in KEPT_LABELS
        ours += len(block.text) * kept
        theirs += len(block.text) * also
        both += len(block.text) * (kept and also)
    return both >= _SHARED * ours if ours else theirs >= _ARTICLE_CHARS


def _by_trafilatura(page: Page) -> Judged:
    """Trafilatura's word, with what the page states beyond it."""
    judged = _refereed(page, Judged(page.blocks, page.labeller.label(page.blocks, page.facts)))
    return _recovered(page, judged) or judged


def _refereed(page: Page, own: Judged) -> Judged:
    """Trafilatura's word on what stays, mended; the learned labeller's `own`, where it has none."""
    said = opinion(page.html, page.blocks, depth=depth_of(page.tree), url=page.facts.url)
    if not said.kept:
        return own._replace(asked=said.asked, note=said.silent)
    kept = repaired(page.blocks, said.kept, headline=page.facts.headline, description=page.facts.description)
    verdicts = page.labeller.label(page.blocks, msgspec.structs.replace(page.facts, referee=kept))
    more = _beyond(len(page.blocks), said.elsewhere)
    added = [Verdict("body", "trafilatura read it where the page shows no text", 0.6)] * len(more)
    return Judged([*page.blocks, *more], [*verdicts, *added], said.asked)


def _recovered(page: Page, judged: Judged) -> Judged | None:
    """With the text that JSON-LD or the page's scripts state, where it goes well beyond what is shown."""
    kept = [
        (block.position, block.text)
        for block, verdict in zip(judged.blocks, judged.verdicts, strict=True)
        if verdict.label in KEPT_LABELS
    ]
    if sum(len(text) for _, text in kept) > PREVIEW_CHARS:
        return None
    found = recovered(kept, (page.facts.article_body or "").split("\n"))
    if found is None and sum(len(words(text)) for _, text in kept) < SHOWN_WORDS:
        found = recovered(kept, scripted_text(page.tree))
    if found is None:
        return None
    again = Verdict("duplicate", "stands in the text that the page states", 0.9)
    more = _beyond(len(judged.blocks), found.paragraphs[: max(0, MAX_BLOCKS - len(judged.blocks))])
    own = [
        again if block.position in found.said_again else verdict
        for block, verdict in zip(judged.blocks, judged.verdicts, strict=True)
    ]
    return judged._replace(blocks=[*judged.blocks, *more], verdicts=[*own, *_stated(more)])


def _stated(blocks: Sequence[PageBlock]) -> list[Verdict]:
    """The verdicts on what the page states: text, but for what a table knows and what is said twice."""
    seen: set[str] = set()
    verdicts = []
    for block in blocks:
        cue = line_cue(block.text) or start_cue(block.text)
        if cue is not None and len(words(block.text)) <= STARTS.get(cue.label, (0, 0))[0]:
            verdicts.append(Verdict(cue.label, f"the page states it; cue ‘{cue.words}’", 0.9))
        elif block.text in seen:
            verdicts.append(Verdict("duplicate", "the page states it twice", 0.9))
        else:
            verdicts.append(Verdict("body", "the page states it and does not show it", 0.9))
        seen.add(block.text)
    return verdicts


def _bounded(blocks: list[PageBlock]) -> list[PageBlock]:
    """No page has so many blocks; one that has is read to there, and the rest stays in the account."""
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    rest = "\n".join(block.text for block in blocks[MAX_BLOCKS:])
    return [*blocks[:MAX_BLOCKS], PageBlock(position=MAX_BLOCKS + 1, text=rest, tag="body", subtree="other")]


def _first_heading(blocks: Sequence[PageBlock]) -> str | None:
    return next((block.text for block in blocks if block.tag == "h1" and not block.subtree), None)


def _beyond(last: int, paragraphs: Sequence[str]) -> list[PageBlock]:
    """Blocks for text that no browser shows; `last` is the position of the page's last block."""
    return [
        PageBlock(position=last + rank, text=paragraph, tag="p", path=("script",))
        for rank, paragraph in enumerate(paragraphs, 1)
    ]


def _labelled(judged: Judged) -> tuple[Block, ...]:
    note = f" ({judged.note})" if judged.note else ""
    return tuple(
        Block(
            position=block.position,
            text=block.text,
            label=verdict.label,
            reason=verdict.reason + (note if not block.subtree else ""),
            score=verdict.score,
            tag=block.tag,
        )
        for block, verdict in zip(judged.blocks, judged.verdicts, strict=True)
    )


def _article(
    page: Page, judged: Judged, metadata: Metadata, cleaner: str, hints: Hints | None, requested_url: str
) -> Article:
    url, headline = page.facts.url, page.facts.headline
    blocks = _labelled(judged)
    rendered = render(blocks, {b.position: b.markdown for b in judged.blocks if b.markdown})
    evidence = _evidence(page, judged, metadata, blocks, rendered, requested_url)
    found = judge(evidence)
    given = hints or Hints()
    return Article(
        url=url,
        canonical_url=metadata.canonical_url,
        site=site_of(url or metadata.canonical_url or "", metadata.site_name),
        headline=headline,
        authors=_authors(blocks, metadata, given),
        date_published=metadata.date_published or given.date_published,
        date_published_source=_date_source(metadata, given),
        date_modified=metadata.date_modified,
        language=metadata.language or given.language,
        section=metadata.section,
        keywords=metadata.keywords,
        description=metadata.description,
        main_image=metadata.main_image,
        credits=credits_of(blocks),
        access=access(evidence),
        text=rendered.text,
        markdown=rendered.markdown,
        word_count=rendered.word_count,
        text_digest=rendered.text_digest,
        kind=found.kind,
        kind_reason=found.reason,
        cleaner=cleaner,
        blocks=blocks,
        sources=_sources(blocks, metadata, given, headline),
        referee_asked=judged.asked,
        confidence=judged.confidence,
    )


def _evidence(
    page: Page,
    judged: Judged,
    metadata: Metadata,
    blocks: Sequence[Block],
    rendered: Rendered,
    requested: str,
) -> Evidence:
    """All that is known of the page, for the judge of its kind."""
    return Evidence(
        blocks=blocks,
        text=rendered.text,
        size=rendered.word_count,
        headline=page.facts.headline,
        url=page.facts.url,
        requested_url=requested,
        page=judged.blocks,
        types=frozenset(metadata.types),
        declared=metadata.page_type or "",
        signs=signs_of(page.tree, guarded=rendered.word_count < STUB_WORDS),
        signed=bool(metadata.byline),
        dated=bool(metadata.date_published),
        date_source=metadata.sources.get("date_published", ""),
        section=bool(metadata.section),
        keywords=len(metadata.keywords),
        description=metadata.description or "",
        body_chars=len(metadata.article_body or ""),
        access=metadata.access,
        access_source=metadata.sources.get("access", ""),
        locked=locked_words(page.tree, metadata.locked),
    )


def _authors(blocks: Sequence[Block], metadata: Metadata, hints: Hints) -> tuple[str, ...]:
    """Persons before organisations: as the page says, as its last line says, as was given."""
    if metadata.authors:
        return metadata.authors
    reporters, _ = clean_authors(list(reporters_of(blocks)), site_name=metadata.site_name)
    return reporters or hints.authors or metadata.organisations


#: What a value's source is called where the page itself does not state it.
GIVEN: Final = "given beside the page"
_CREDITS: Final = "credit lines of the page"
#: Columns whose value is the metadata's, as it stands there.
_STATED: Final = (
    "date_modified", "section", "keywords", "description", "main_image", "canonical_url", "access",
)  # fmt: skip


def _sources(
    blocks: Sequence[Block], metadata: Metadata, hints: Hints, headline: str | None
) -> dict[str, str]:
    """Where the value of each column stood that the page filled."""
    stated = metadata.sources
    named: dict[str, str | None] = {
        "headline": stated.get("headline")
        if metadata.headline
        else GIVEN
        if hints.headline
        else "first heading",
        "authors": _authors_source(blocks, metadata, hints),
        "date_published": _date_source(metadata, hints),
        "language": stated.get("language") if metadata.language else GIVEN if hints.language else None,
        "credits": _CREDITS if credits_of(blocks) else None,
        **{name: stated.get(name) for name in _STATED},
    }
    if not headline:
        named["headline"] = None
    return {name: source for name, source in named.items() if source}


def _authors_source(blocks: Sequence[Block], metadata: Metadata, hints: Hints) -> str | None:
    """As `_authors` chooses."""
    found = _authors(blocks, metadata, hints)
    if not found:
        return None
    if found == metadata.authors:
        return metadata.sources.get("authors")
    if found == hints.authors:
        return GIVEN
    return metadata.sources.get("organisations") if found == metadata.organisations else _CREDITS


def _date_source(metadata: Metadata, hints: Hints) -> str | None:
    if metadata.date_published:
        return metadata.sources.get("date_published")
    return GIVEN if hints.date_published else None
