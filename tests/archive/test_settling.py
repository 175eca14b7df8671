"""What a page is held to be, read off rows that stay as they are: the archive's writer does the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive, rows, settling
from archive.folding import CommonText, SeenAgain, Withdrawn
from archive.settling import Page, Place, Verdict
from tests.archive.sample import article, crawled, keep, open_archive, replaced

SITE = "https://press.example"
FERRY = f"{SITE}/ferry-returns-to-the-old-port"
TEXT = (
    "The ferry to the islands sails again from Monday, the harbour office said, after the crane on the north"
    " quay was mended and the last of the sand was dredged from the channel."
)
STRANGERS = tuple(f"{SITE}/{slug}" for slug in ("council-votes", "museum-opens-wing", "late-snow-in-hills"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path) as archive:
        yield archive


def page_at(
    archive: Archive, url: str, hours: float, asked: str = "", text: str = TEXT, **fields: object
) -> Page:
    """A page that is stored, and not settled yet."""
    capture = replaced(crawled(f"{url} {hours}".encode(), url, hours), requested_url=asked)
    record = archive.store_raw(capture).record
    archive.commit()
    assert record is not None
    stored = rows.capture_of_record(archive._db, record.record_id)
    assert stored is not None
    return settling.page_of(stored, article(text, **({"headline": "Ferry returns"} | fields)), asked)


def kept(archive: Archive, *urls: str, **fields: object) -> None:
    for hours, url in enumerate(urls):
        keep(archive, crawled(url.encode(), url, hours), TEXT, **({"headline": "Ferry returns"} | fields))
    archive.commit()


def settled(archive: Archive, page: Page) -> tuple[Verdict, Place, str]:
    """All that is asked of a page, of a database that cannot be written."""
    db = sqlite3.connect(f"file:{archive.root / 'articles.db'}?mode=ro", uri=True)
    try:
        alike = settling.find_alike(db, page)
        place = settling.place_of(db, page, alike)
        return settling.verdict_on(db, page, alike), place, settling.wall_before(db, page, place)
    finally:
        db.close()


def test_a_page_of_which_nothing_is_known_is_an_article_of_its_own(archive: Archive) -> None:
    assert settled(archive, page_at(archive, FERRY, 0)) == (Verdict(), Place(identity=FERRY), "")


def test_a_text_at_its_third_strange_address_is_nobodys_and_taken_from_those_that_had_it(
    archive: Archive,
) -> None:
    kept(archive, *STRANGERS[:2])
    verdict, _, _ = settled(archive, page_at(archive, STRANGERS[2], 2))
    assert (verdict.kind, verdict.articles, verdict.is_urgent) == ("error", (1, 2), False)
    withdrawn, common = verdict.entries
    assert isinstance(withdrawn, Withdrawn)
    assert withdrawn.versions == ((1, 1), (2, 1))
    assert isinstance(common, CommonText)
    assert (common.site, common.kind, common.addresses) == ("press.example", "error", 3)


def test_a_text_that_is_known_as_nobodys_is_so_again_and_seen_so_after_a_day(archive: Archive) -> None:
    kept(archive, *STRANGERS)
    early, _, _ = settled(archive, page_at(archive, f"{SITE}/storm-is-over", 3))
    late, _, _ = settled(archive, page_at(archive, f"{SITE}/storm-is-over", 48))
    assert (early.kind, early.entries) == ("error", ())
    assert late.kind == "error"
    assert [type(entry) for entry in late.entries] == [SeenAgain]


def test_a_page_whose_address_says_its_headline_keeps_the_text_that_others_lose(archive: Archive) -> None:
    kept(archive, *STRANGERS[:2], f"{SITE}/12345678")
    verdict, _, _ = settled(archive, page_at(archive, f"{FERRY}-12345678", 3))
    assert (verdict.kind, verdict.is_anothers, verdict.articles) == ("article", False, (1, 2, 3))
    assert verdict.is_urgent, "the third would be its twin, and is about to go"


def test_addresses_that_have_nothing_to_do_with_a_page_lead_to_no_article(archive: Archive) -> None:
    for hours, asked in enumerate(STRANGERS[:2]):
        page_at(archive, f"{SITE}/sorry", hours, asked)
    verdict, _, _ = settled(archive, page_at(archive, f"{SITE}/sorry", 2, STRANGERS[2], headline="Sorry"))
    assert verdict.kind == "error"
    assert verdict.reason.startswith("soft 404: 3 addresses")


def test_a_canonical_url_that_lies_leaves_a_page_its_own_address(archive: Archive) -> None:
    kept(archive, FERRY)
    said = {"headline": "Council vote", "canonical_url": FERRY}
    page = page_at(archive, STRANGERS[0], 1, text="Something else was voted for by the council.", **said)
    assert settled(archive, page)[1] == Place(identity=STRANGERS[0])


def test_a_canonical_url_that_holds_folds_what_stood_at_the_page_s_address(archive: Archive) -> None:
    kept(archive, FERRY)
    kept(archive, f"{SITE}/drucken/8812", headline="Back in port")
    page = page_at(archive, f"{SITE}/drucken/8812", 2, canonical_url=FERRY)
    assert settled(archive, page)[1] == Place(identity=FERRY, article_id=1, folded=2)


def test_a_known_text_that_comes_as_a_teaser_was_cut_by_a_wall(archive: Archive) -> None:
    kept(archive, FERRY)
    page = page_at(archive, FERRY, 1, text=" ".join(TEXT.split()[:16]), access="paywalled")
    assert settled(archive, page)[2].startswith("the text that is known ends at a wall here")
