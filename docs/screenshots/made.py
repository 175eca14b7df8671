"""A made-up archive for the screenshots: a month of five newspapers that do not exist, as crawls leave it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from archive import Archive
from archive.front import write_front
from archive.values import Article
from tests.front.sample import block, capture, kept

DAYS = 30
#: Host → name, articles a day, language, rhythm in words.
SITES = {
    "harbour-post.example": ("The Harbour Post", 4.0, "about 4 a day"),
    "fieldpost.example": ("Fieldpost", 2.0, "about 2 a day, weekdays"),
    "quellbay.example": ("Quell Bay Wire", 5.0, "about 5 a day"),
    "ledger.example": ("The Upland Ledger", 1.0, "about 1 a day"),
    "loom.example": ("The Loom Letter", 0.15, "about 1 a week"),
}
WHO = (
    "Council", "Harbour board", "Rail operator", "University", "Regional court", "Hospital trust",
    "Fishing fleet", "City museum", "Water company", "School board",
)  # fmt: skip
DOES = (
    ("approves", "approved"), ("delays", "delayed"), ("rejects", "rejected"), ("defends", "defended"),
    ("reviews", "reviewed"), ("pays for", "paid for"), ("drops", "dropped"),
)  # fmt: skip
WHAT = (
    "third bridge", "river ferry", "night buses", "flood wall", "tram line", "library hours", "fish quota",
    "old market hall", "solar roofs", "parking fees",
)  # fmt: skip
TAILS = (
    "",
    "",
    " after long night",
    " before winter",
    " despite costs",
    " for a third time",
    " in close vote",
)
NAMES = ("Ada Quill", "Bo Marsh", "Cy Reed", "Dana Holt", "Eli Stroud", "Fay Lindqvist")
SECTIONS = ("Town", "Business", "Region", "Culture")
SAYS = (
    "Residents of the south bank said that buses take forty minutes at rush hour.",
    "Engineers will report before the summer recess, a spokeswoman said.",
    "The opposition called the decision a waste of money and announced a motion for the next session.",
    "Nobody at the hearing could say who will pay for the repairs.",
    "The finance committee meets again on the first Monday of next month.",
    "Two members abstained, and the mayor did not vote.",
    "A single ticket will cost two crowns, and children travel free.",
    "The operator has until June to find a second boat.",
)

FERRY = (
    "The council decided on Tuesday that the river ferry will run again from June, after eleven years without"
    " a crossing below the old bridge.",
    "The vote was closer than expected. Seven members were in favour and six against, and the mayor did not"
    " vote.",
    "A single ticket will cost two crowns, and children travel free. The operator must run the boat every"
    " twenty minutes between six in the morning and ten at night.",
    "Residents of the south bank have asked for the ferry since the third bridge was delayed for the second"
    " time. They said that buses take forty minutes at rush hour.",
    "The harbour master said that the landing stage needs repair before any boat can moor there.",
    "Engineers will inspect the piles in April. The report is due before the summer recess.",
    "The opposition called the decision a waste of money and announced a motion for the next session.",
)
LATER = (
    FERRY[0],
    "The vote was much closer than expected. Seven members were in favour and five against, one abstained,"
    " and the mayor did not vote.",
    FERRY[2],
    "The first boat is to leave on the first of June at seven in the morning.",
    *FERRY[3:6],
    "The opposition accepted the decision.",
)


def article(
    host: str, path: str, headline: str, said: tuple[str, ...], when: datetime, **more: object
) -> Article:
    """One of the made-up articles, with the clutter that was cut around it."""
    text = "\n\n".join(said)
    author = str(more.pop("author", NAMES[0]))
    blocks = (
        block(1, "nav", "Home Town Business Region Culture", "links only", 0.99),
        block(2, "headline", headline, "the page's headline"),
        block(3, "byline", f"By {author}", "begins with ‘By’", 0.99),
        *(block(n, "body", line, "learned: part of the article", 0.97) for n, line in enumerate(said, 4)),
        block(40, "newsletter", "Sign up for our morning letter", "asks to sign up", 0.98),
        block(41, "related", "Also read: the third bridge is late again", "stands under ‘Also read’", 0.96),
    )  # fmt: skip
    return kept(Article(
        url=f"https://{host}/{path}", site=host, headline=headline, authors=(author,),
        date_published=when.isoformat(timespec="seconds"), date_published_source="json-ld:datePublished",
        language="en", text=text, markdown=text, blocks=blocks, access="free",
        sources={"headline": "json-ld:NewsArticle.headline", "authors": "byline", "language": "html:lang"},
        **more,
    ))  # fmt: skip


def articles(now: datetime) -> Iterator[tuple[datetime, Article]]:
    """When each came, and what it said."""
    dice = random.Random(11)  # noqa: S311 - always the same archive
    for host, (_, a_day, _) in SITES.items():
        for day in range(DAYS, -1, -1):
            number = (
                int(a_day) + (dice.random() < a_day % 1) + (dice.choice((-1, 0, 0, 1)) if a_day > 1 else 0)
            )
            if host == "fieldpost.example" and ((now - timedelta(day)).weekday() > 4 or day < 6):
                continue
            for _ in range(number):
                when = (
                    now.replace(hour=6, minute=0)
                    - timedelta(days=day)
                    + timedelta(minutes=dice.randrange(900))
                )
                if when >= now:
                    continue
                who, what = dice.choice(WHO), dice.choice(WHAT)
                does, did = dice.choice(DOES)
                lead = (
                    f"The {who.lower()} {did} the {what} on {when:%A}, {dice.randrange(3, 30)} months after"
                    " the first hearing."
                )
                path = f"{when:%Y/%m/%d}/{dice.randrange(10**6):06}"
                said = (lead, *dice.sample(SAYS, 3 + dice.randrange(4)))
                yield when, article(
                    host, path, f"{who} {does} {what}{dice.choice(TAILS)}", said, when,
                    author=dice.choice(NAMES), section=dice.choice(SECTIONS),
                )  # fmt: skip
    when = now - timedelta(hours=5)
    for minutes, headline, said in (
        (0, "Council narrowly approves river ferry", FERRY),
        (37, "Council approves river ferry after long night", LATER),
        (
            90,
            "Council approves river ferry after long night",
            (*LATER, "The ferry’s bell has been found in the museum."),
        ),
    ):
        yield when + timedelta(minutes=minutes), article(
            "harbour-post.example", "town/ferry", headline, said, when, section="Town",
            description="The crossing returns after eleven years that three bridges were meant to fill.",
        )  # fmt: skip
    yield (
        when + timedelta(minutes=80),
        article(
            "ledger.example",
            "region/ferry",
            "River ferry to run again",
            LATER[:6],
            when,
            author="Upland wire",
            section="Region",
        ),
    )


def build(root: Path) -> None:
    """Keep them in an archive at `root`; note what a crawl would have noted of the sites."""
    now = datetime.now(UTC).replace(microsecond=0)
    told = sorted(articles(now), key=lambda entry: entry[0])
    edited = [rank for rank, (_, one) in enumerate(told) if one.url.endswith(("7", "31"))][-9:]
    for rank in edited:
        when, one = told[rank]
        lines = one.text.split("\n\n")
        lines[1] = (
            lines[1].replace("said", "told this newspaper").replace("will", "may").replace("two", "three")
        )
        again = article(
            str(one.site), one.url.split("/", 3)[3], str(one.headline).replace("rejects", "turns down"),
            tuple(lines), datetime.fromisoformat(str(one.date_published)), author=one.authors[0],
            section=one.section,
        )  # fmt: skip
        told.append((min(when + timedelta(hours=3), now), again))
    with Archive.open(root, software="pressmark", clock=lambda: now) as archive:
        run = archive.begin_run("crawl")
        for when, one in told:
            seen = capture(one, 0)
            assert seen.exchange is not None
            exchange = msgspec.structs.replace(seen.exchange, fetched_at=when)
            seen = msgspec.structs.replace(seen, fetched_at=when, exchange=exchange)
            archive.keep(archive.store_raw(seen), one)
        archive.finish_run(run, {"pages": len(told)})
    with closing(sqlite3.connect(root / "articles.db")) as db, db:
        _crawled(db, now)
    write_front(root)


def _crawled(db: sqlite3.Connection, now: datetime) -> None:
    db.execute("update articles set first_seen = date_published where date_published < first_seen")
    db.execute("update captures set confidence = 0.86 + (id * 7919 % 130) / 1000.0")
    silent = {
        "finding": "silent", "level": "alarm", "since": _text(now - timedelta(days=6)),
        "sentence": "nothing new for 6 days, though it answers; some 10 articles were to be expected",
    }  # fmt: skip
    late = {
        "finding": "fields",
        "level": "notice",
        "sentence": "missing from its last 30 articles: image",
        "since": None,
    }
    for host, (name, _, rhythm) in SITES.items():
        found = {"fieldpost.example": [silent], "ledger.example": [late]}.get(host, [])
        state = found[0]["level"] if found else "well"
        db.execute("update sites set name = ?, url = ? where site = ?", (name, f"https://{host}/", host))
        db.execute(
            "insert or replace into judgements values (?, ?, ?, ?, ?, ?)",
            (name, json.dumps([host]), state, json.dumps(found), rhythm, _text(now - timedelta(hours=1))),
        )
        for kind, path, reason in (
            ("feed", "feed.xml", f"it brings {rhythm.removeprefix('about ')}"),
            ("sitemap", "news.xml", "it repeats what the feed tells"),
        ):
            db.execute(
                """insert into feeds (site, url, kind, title, status, failures, due_reason, checked_at,
                   due_at, last_new_at) values (?, ?, ?, ?, 200, 0, ?, ?, ?, ?)""",
                (
                    host, f"https://{host}/{path}", kind, name, reason, _text(now - timedelta(minutes=20)),
                    _text(now + timedelta(minutes=40)), _text(now - timedelta(hours=2)),
                ),
            )  # fmt: skip
        db.execute(
            "insert into hosts values (?, null, ?, 200, 'User-agent: *', ?, null)",
            (f"https://{host}", _text(now), _text(now)),
        )
    db.execute(
        "insert into site_memory values ('harbour-post.example', 'd', 'Sign up for our morning letter',"
        " 'newsletter', 118, ?, ?, null)",
        (_text(now - timedelta(days=DAYS)), _text(now)),
    )
    db.execute(
        "insert into templates (site, selector, pages, misses, learned_at)"
        " values ('harbour-post.example', 'main > article.story', 30, 0, ?)",
        (_text(now - timedelta(days=DAYS)),),
    )
    for days, times in ((3, 2), (11, 1), (19, 3)):
        when = _text(now - timedelta(days=days))
        db.execute(
            "insert into failures values ('harbour-post.example', ?, 'timeout', ?, ?)",
            (when[:10], times, when),
        )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
