"""A small archive to look at: quiet, hostile, right-to-left, undated, changed and many articles."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from archive import Archive
from archive.front import write_front
from archive.values import Article, Block, Capture, Exchange

START = datetime(2024, 5, 2, 8, 0, tzinfo=UTC)

#: Must never run, and shows by the title when it did.
SCRIPT = "<script>document.title='pwned'</script>"
IMAGE = "<img src=x onerror=\"document.title='pwned'\">"
LONG_WORD = "Donaudampfschifffahrt" * 150


def block(position: int, label: str, text: str, reason: str = "", score: float = 1.0, tag: str = "") -> Block:
    return Block(position=position, text=text, label=label, reason=reason or label, score=score, tag=tag)


FERRY = Article(
    url="https://harbour-post.example/town/ferry-returns",
    canonical_url="https://harbour-post.example/town/ferry",
    site="harbour-post.example",
    headline="River ferry returns after eleven years",
    authors=("Ada Quill", "Bo Marsh"),
    date_published="2024-05-01T09:30:00+02:00",
    date_published_source="json-ld",
    date_modified="2024-05-01T16:05:00+02:00",
    language="en",
    section="Town",
    keywords=("ferry", "transport"),
    description="The council voted for the crossing that three bridges were meant to replace.",
    credits="Additional reporting by Cy Reed",
    main_image="https://harbour-post.example/img/ferry.jpg",
    text=(
        "The ferry across the estuary will run again from June, the council decided on Tuesday.\n\n"
        "What it costs\n\n"
        "The crossing takes nine minutes. A single ticket costs two crowns.\n\n"
        "- Adults: 2.00\n- Children: free\n\n"
        "“We have missed the bell,” said the harbour master."
    ),
    markdown=(
        "The **ferry** across the estuary will run again from June, "
        "the [council](https://council.example/minutes) decided on Tuesday.\n\n"
        "## What it costs\n\n"
        "The crossing takes *nine* minutes. A single ticket costs two crowns.\n\n"
        "- Adults: 2.00\n- Children: free\n\n"
        "> “We have missed the bell,” said the harbour master."
    ),
    blocks=(
        block(1, "nav", "Home Town Sport Weather", "links only", 0.99),
        block(2, "headline", "River ferry returns after eleven years", "repeats the headline"),
        block(3, "byline", "By Ada Quill and Bo Marsh", "begins with By"),
        block(
            4,
            "body",
            "The ferry across the estuary will run again from June, the council decided on Tuesday.",
        ),
        block(5, "caption", "The old landing stage in 2012", "stands in a figure", 0.95),
        block(6, "heading", "What it costs", tag="h2"),
        block(7, "body", "The crossing takes nine minutes. A single ticket costs two crowns."),
        block(8, "list", "Adults: 2.00", tag="li"),
        block(9, "list", "Children: free", tag="li"),
        block(10, "newsletter", "Sign up for our morning letter", "asks to sign up", 0.9),
        block(11, "quote", "“We have missed the bell,” said the harbour master."),
        block(12, "credit", "Additional reporting by Cy Reed", "names reporters"),
        block(13, "related", "Also read: The third bridge is late " * 30, "list of teasers", 0.71),
        block(14, "cookie", "We and our 412 partners value your privacy", "consent text", 0.98),
    ),
)

HOSTILE = Article(
    url="https://hostile.example/1",
    canonical_url="javascript:document.title='pwned'",
    site="hostile.example",
    headline=f"{SCRIPT} Free \u202egnp.exe\u202c {IMAGE} truce \x07bell",
    authors=(f"Eve {IMAGE}", "\u202eMallory"),
    date_published="2024-04-30",
    date_published_source=IMAGE,
    language='en" onload="document.title=1',
    section=SCRIPT,
    keywords=(SCRIPT,),
    description=f"</p>{SCRIPT}",
    credits=IMAGE,
    main_image="data:text/html,<script>document.title='pwned'</script>",
    text=f"A hostile truce {SCRIPT}\n\n{LONG_WORD}\n\nThe last line",
    markdown=(
        f"A hostile truce {SCRIPT} [click](javascript:document.title=1) ![x](data:text/html,1) "
        '[quoted](https://e.example/"onmouseover="document.title=1)\n\n'
        f"{LONG_WORD}\n\nThe last line"
    ),
    blocks=(
        block(1, "ad", f"{IMAGE} {LONG_WORD}", f"reason {SCRIPT}", 0.5),
        block(2, "body", f"A hostile truce {SCRIPT}"),
        block(3, "body", LONG_WORD),
        block(4, "body", "The last line"),
    ),
)

ARABIC = Article(
    url="https://sahifa.example/2",
    site="sahifa.example",
    headline="عودة العبارة إلى النهر",
    authors=("ليلى حسن",),
    date_published="2024-05-01",
    language="ar",
    text="قرر المجلس يوم الثلاثاء أن تعود العبارة في يونيو.",
    markdown="قرر المجلس يوم الثلاثاء أن تعود العبارة في يونيو.",
    blocks=(block(1, "body", "قرر المجلس يوم الثلاثاء أن تعود العبارة في يونيو."),),
)

UNDATED = Article(
    url="https://harbour-post.example/undated",
    site="harbour-post.example",
    headline="A notice that tells no day",
    text="The library closes early.",
    markdown="The library closes early.",
    blocks=(block(1, "body", "The library closes early."),),
)

FIRST_WORDING = Article(
    url="https://gazette.example/budget",
    site="gazette.example",
    headline="Budget fails",
    date_published="2024-04-29",
    text="The budget failed by one vote.",
    markdown="The budget failed by one vote.",
    blocks=(block(1, "body", "The budget failed by one vote."),),
)
SECOND_WORDING = Article(
    url="https://gazette.example/budget",
    site="gazette.example",
    headline="Budget passes after recount",
    date_published="2024-04-29",
    text="The budget passed after the votes were counted again, by two to one.",
    markdown="The budget passed after the votes were counted again, by two to one.",
    blocks=(
        block(1, "body", "The budget passed after the votes were counted again, by two to one."),
        block(2, "share", "Share this"),
    ),
)

MANY = tuple(
    Article(
        url=f"https://bulletin.example/{number}",
        site="bulletin.example",
        headline=f"Bulletin number {number}",
        date_published=f"2024-03-{1 + number % 28:02}",
        text=f"Tide tables of station {number}.",
        markdown=f"Tide tables of station {number}.",
        blocks=(block(1, "body", f"Tide tables of station {number}."),),
    )
    for number in range(70)
)

SAMPLES = (FERRY, HOSTILE, ARABIC, UNDATED, FIRST_WORDING, SECOND_WORDING, *MANY)


def kept(article: Article) -> Article:
    """The sample with what a cleaner would have counted."""
    digest = "sha256:" + hashlib.sha256(article.text.encode()).hexdigest()
    words = len(article.text.split())
    return msgspec.structs.replace(article, word_count=words, text_digest=digest, cleaner="sample 1")


def capture(article: Article, rank: int) -> Capture:
    """A page that this article could have been read from."""
    seen = START + timedelta(minutes=rank)
    body = f"<html><body><p>{article.text}</p></body></html>".encode()
    exchange = Exchange(
        url=article.url,
        status=200,
        response_headers=((b"Content-Type", b"text/html; charset=utf-8"),),
        response_body=body,
        fetched_at=seen,
    )
    return Capture(
        url=article.url,
        fetched_at=seen,
        body=body,
        content_type="text/html",
        status=200,
        source="crawl",
        exchange=exchange,
    )


def build(root: Path) -> None:
    """Keep the samples in an archive at `root` and lay the front beside them."""
    with Archive.open(root, software="pressmark sample", clock=lambda: START) as archive:
        run = archive.begin_run("sample")
        for rank, article in enumerate(SAMPLES):
            archive.keep(archive.store_raw(capture(article, rank)), kept(article))
        archive.finish_run(run, {"pages": len(SAMPLES)})
    write_front(root)
