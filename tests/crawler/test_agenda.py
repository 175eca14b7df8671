"""What a crawl is about to fetch, and what it has under way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from archive import Archive
from archive.agenda import Page, PageNote, Source, SourceNote
from archive.url_keys import url_key
from archive.values import Capture
from crawler.agenda import Agenda
from crawler.sites import Site

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
FEED = "https://press.example/feed"
SITE = Site(name="The Press", url="https://press.example/", feeds=(FEED,))


def test_a_page_that_was_had_under_another_form_of_its_address_is_not_asked_for(tmp_path: Path) -> None:
    with Archive.open(tmp_path, software="test") as archive:
        archive.note(SourceNote(source=Source(url=FEED, kind="feed", found_at=NOW)))
        for name in ("had", "new"):
            url = f"https://press.example/{name}"
            page = Page(key=url_key(url), url=url, source=FEED, found_at=NOW, born_at=NOW)
            archive.note(PageNote(page=page, is_new=True))
        archive.commit()
        agenda = Agenda(clock=lambda: NOW)
        had = "https://press.example/had?utm_source=letter"
        agenda.take_up(
            archive,
            [
                Capture(
                    url=had, fetched_at=datetime.now(UTC), body=b"", content_type="text/html", source="crawl"
                )
            ],
        )
        assert [page.url for page in agenda.pages(archive, SITE, 10)] == ["https://press.example/new"]
