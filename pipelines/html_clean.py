"""The HTML way: a decoded page → its article and account.

Walk, metadata, referee, labels, text: each stage is a module of its own; here they are wired. Pure: no
network, no clock, no disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from selectolax.lexbor import LexborHTMLParser

from archive.values import KEPT_LABELS, Article, Block, Engine, Hints
from pipelines.blocks import Labeller, PageBlock, PageFacts, Verdict
from pipelines.extract import Opinion, opinion
from pipelines.html_blocks import blocks_of, depth_of, parse
from pipelines.kind import judge_kind
from pipelines.metadata import Metadata, clean_authors, read_metadata
from pipelines.model import CONFIDENT, Judgement, learned
from pipelines.render import render
from pipelines.repair import overruled, repaired
from pipelines.rules import RuleLabeller
from pipelines.site import site_of
from pipelines.text_metadata import credits_of, reporters_of

#: What a page that calls itself so is, however much it says. `article` and `website` say nothing: nine of ten
#: products and services of the development pages carry one of them.
_TYPE_KINDS = {
    **dict.fromkeys(("collectionpage", "itemlist", "searchresultspage", "product.group"), "index"),
    **dict.fromkeys(
        ("discussionforumposting", "qapage", "forum", "product", "og:product", "profile"), "other"
    ),
    **dict.fromkeys(("profilepage", "checkoutpage", "contactpage", "jobposting", "recipe", "book"), "other"),
}
#: The longest honest page of 4,000 development pages has some 6,000 blocks; judging 200,000 takes 12 s.
MAX_BLOCKS = 20_000


def clean_html(
    html: str,
    *,
    url: str = "",
    cleaner: str = "",
    hints: Hints | None = None,
    fetched_at: datetime | None = None,
    labeller: Labeller | None = None,
    engine: Engine = "learned",
) -> Article:
    """Clean one page. Kept blocks and account together hold every visible word of it, in page order.

    `fetched_at` (aware) bounds the dates the page may claim. `hints` fill fields the page does not state.
    """
    tree = parse(html)
    blocks = _bounded(blocks_of(tree, url=url))
    metadata = read_metadata(tree, url=url, html=html, fetched_at=fetched_at)
    headline = metadata.headline or (hints.headline if hints else None) or _first_heading(blocks)
    facts = PageFacts(
        form="html",
        url=url,
        headline=headline,
        authors=metadata.byline,
        description=metadata.description,
        site_name=metadata.site_name,
        language=metadata.language,
    )
    judged = _opinion(html, blocks, facts, tree, engine)
    blocks = [*blocks, *_from_elsewhere(blocks, judged)]
    facts = msgspec.structs.replace(facts, referee=(*judged.kept, *(True for _ in judged.elsewhere)))
    verdicts = (labeller or RuleLabeller()).label(blocks, facts)
    verdicts = overruled(blocks, facts.referee, verdicts)
    labelled = _labelled(blocks, verdicts, judged)
    article = _article(
        labelled,
        {b.position: b.markdown for b in blocks if b.markdown},
        metadata,
        headline,
        url,
        cleaner,
        hints,
    )
    return msgspec.structs.replace(article, referee_asked=judged.asked) if judged.asked else article


def _opinion(
    html: str, blocks: Sequence[PageBlock], facts: PageFacts, tree: LexborHTMLParser, engine: Engine
) -> Opinion:
    """Which blocks are the article: the learned labeller says it where it is sure, else trafilatura.

    With the engine `trafilatura` that is asked first, and the learned labeller where it finds nothing.

    On five folds by host (fundus_tests, wcxb_dev_article) F1 is .960 and .954 so, .957 and .957 with the
    learned labeller alone, .962 and .944 with trafilatura alone, the rules cutting in each case.
    """
    said = learned().judge(blocks, facts) if engine == "learned" else None
    if said is not None and said.confidence >= CONFIDENT:
        return Opinion(_stay(said))
    judged = opinion(html, blocks, depth=depth_of(tree), url=facts.url)
    if not judged.kept:
        return judged._replace(kept=_stay(said or learned().judge(blocks, facts)))
    kept = repaired(blocks, judged.kept, headline=facts.headline, description=facts.description)
    return judged._replace(kept=tuple(kept))


def _stay(said: Judgement) -> tuple[bool, ...]:
    return tuple(verdict.label in KEPT_LABELS for verdict in said.verdicts)


def _bounded(blocks: list[PageBlock]) -> list[PageBlock]:
    """No page has so many blocks; one that has is read to there, and the rest stays in the account."""
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    rest = "\n".join(block.text for block in blocks[MAX_BLOCKS:])
    return [*blocks[:MAX_BLOCKS], PageBlock(position=MAX_BLOCKS + 1, text=rest, tag="body", subtree="other")]


def _first_heading(blocks: Sequence[PageBlock]) -> str | None:
    return next((block.text for block in blocks if block.tag == "h1" and not block.subtree), None)


def _from_elsewhere(blocks: Sequence[PageBlock], judged: Opinion) -> list[PageBlock]:
    """What the referee read where no browser shows text (JSON-LD's articleBody of a script-built page)."""
    return [
        PageBlock(position=len(blocks) + rank, text=line, tag="p", path=("script",))
        for rank, line in enumerate(judged.elsewhere, 1)
    ]


def _labelled(blocks: Sequence[PageBlock], verdicts: Sequence[Verdict], judged: Opinion) -> tuple[Block, ...]:
    note = f" ({judged.silent})" if judged.silent else ""
    return tuple(
        Block(
            position=block.position,
            text=block.text,
            label=verdict.label,
            reason=verdict.reason + note,
            score=verdict.score,
            tag=block.tag,
        )
        for block, verdict in zip(blocks, verdicts, strict=True)
    )


def _article(
    blocks: tuple[Block, ...],
    markdown: dict[int, str],
    metadata: Metadata,
    headline: str | None,
    url: str,
    cleaner: str,
    hints: Hints | None,
) -> Article:
    rendered = render(blocks, markdown)
    kind, kind_reason = judge_kind(
        blocks, rendered.text, url=url, headline=headline, word_count=rendered.word_count
    )
    if kind == "article":
        kind, kind_reason = _own_kind(metadata.page_type, kind)
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
        access=metadata.access,
        text=rendered.text,
        markdown=rendered.markdown,
        word_count=rendered.word_count,
        text_digest=rendered.text_digest,
        kind=kind,
        kind_reason=kind_reason,
        cleaner=cleaner,
        blocks=blocks,
    )


def _own_kind(page_type: str | None, kind: str) -> tuple[str, str]:
    declared = _TYPE_KINDS.get((page_type or "").lower())
    return (declared, f"calls itself {page_type}") if declared else (kind, "")


def _authors(blocks: Sequence[Block], metadata: Metadata, hints: Hints) -> tuple[str, ...]:
    """Persons before organisations: as the page says, as its last line says, as was given."""
    if metadata.authors:
        return metadata.authors
    reporters, _ = clean_authors(list(reporters_of(blocks)), site_name=metadata.site_name)
    return reporters or hints.authors or metadata.organisations


def _date_source(metadata: Metadata, hints: Hints) -> str | None:
    if metadata.date_published:
        return metadata.sources.get("date_published")
    return "given beside the page" if hints.date_published else None
