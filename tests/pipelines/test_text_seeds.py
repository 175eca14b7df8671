"""The five seed dumps, line by line, against labels given by hand (line number and label only)."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.values import KEPT_LABELS, Article
from pipelines.text_clean import clean_text

SEEDS = Path(__file__).parents[2] / "seeds"

#: Each line that is not blank. Runs of body lines are written `body 6-20/2`: every second line from 6 to 20.
LABELS = {
    "000_7856d59e2650f33c": "nav 1; headline 3; body 6-20/2; related 22; body 24-28/2; byline 30-31; "
    "author_bio 32; share 34; related 37",
    "001_26e7990264468f7e": "nav 1; headline 3; body 6-12/2; related 14; body 16-24/2; byline 26-27; "
    "author_bio 28; share 30; related 33",
    "002_034f16be5b20a66f": "nav 1; headline 3; byline 5; duplicate 7; caption 9-11/2; body 13-39/2; "
    "credit 41; related 43-61/2; newsletter 63; ad 65; cookie 67-69/2",
    "003_62f01a74e236463f": "headline 1; body 3-5/2; heading 7; body 9-13/2; related 15; heading 17; "
    "body 19-21/2; byline 23; author_bio 25; related 27-63/2; cookie 65-67/2",
    "004_100b739afe2dc999": "headline 1; date 3; body 5; duplicate 7; body 9-13/2; heading 15; body 17-21/2; "
    "heading 23; body 25-31/2; credit 33; comment_policy 35",
}

#: headline, authors, date, credits, site.
METADATA: dict[str, tuple[str, tuple[str, ...], str | None, str | None, str | None]] = {
    "000_7856d59e2650f33c": (
        "US and Egypt collaborate on humanitarian truce in Gaza",
        ("Shayan Hassan",),
        "2023-11-27",
        None,
        None,
    ),
    "001_26e7990264468f7e": (
        "US Secretary Blinken speaks with Qatari Leaders",
        ("Shayan Hassan",),
        "2023-11-28",
        None,
        None,
    ),
    "002_034f16be5b20a66f": (
        "Blinken says truce between Israel, Hamas is producing results",
        ("Humeyra Pamuk",),
        None,
        "Reporting by Humeyra Pamuk; Additional reporting by Ali Sawafta in Ramallah; "
        "Editing by Howard Goller",
        "Mena Today",
    ),
    "003_62f01a74e236463f": (
        "Israel-Hamas War: Blinken’s Efforts To Secure A Pause Still ‘A Work In Progress’",
        (),
        None,
        None,
        None,
    ),
    "004_100b739afe2dc999": (
        "US top diplomat Blinken lands in Israel for Gaza cease-fire talks",
        (),
        None,
        "Source: Newsroom",
        None,
    ),
}


def expected(rows: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for row in rows.split("; "):
        label, lines = row.split(" ")
        ends, _, step = lines.partition("/")
        first, _, last = ends.partition("-")
        for line in range(int(first), int(last or first) + 1, int(step or 1)):
            found[line] = label
    return found


def seed(name: str) -> tuple[str, Article]:
    text = (SEEDS / f"{name}.txt").read_text(encoding="utf-8")
    return text, clean_text(text)


@pytest.mark.parametrize("name", LABELS)
def test_each_line_of_a_seed_gets_its_label(name: str) -> None:
    _, article = seed(name)
    assert {block.position: block.label for block in article.blocks} == expected(LABELS[name])


@pytest.mark.parametrize("name", LABELS)
def test_the_text_of_a_seed_is_its_kept_lines(name: str) -> None:
    text, article = seed(name)
    lines = dict(enumerate(text.split("\n"), 1))
    kept = [" ".join(lines[n].split()) for n, label in expected(LABELS[name]).items() if label in KEPT_LABELS]
    assert article.text.split("\n\n") == kept


@pytest.mark.parametrize("name", METADATA)
def test_metadata_of_a_seed_come_from_the_article_not_from_its_clutter(name: str) -> None:
    _, article = seed(name)
    found = (article.headline, article.authors, article.date_published, article.credits, article.site)
    assert found == METADATA[name]
    assert article.language == "en"
    assert article.kind == "article"


@pytest.mark.parametrize("name", LABELS)
def test_each_cut_of_a_seed_has_a_reason_and_a_score(name: str) -> None:
    _, article = seed(name)
    assert article.removed
    assert all(cut.reason and 0 <= cut.score <= 1 for cut in article.removed)
