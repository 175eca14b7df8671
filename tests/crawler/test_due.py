"""Rounds of `crawl --due` on a clock that tests set: what is due is done, once, and nothing else.

The server's log is the judge of what was fetched, the archive of what was kept.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.archive import sample
from tests.killing import Zygote
from tests.newsroom import Newsroom, answer
from tests.newsroom.server import rss
from tests.newsroom.trouble import article, conditional, redirect

SITE = "harbour"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass
class Rounds:
    """One site and one archive, crawled round after round. `clock`: seconds by which it is ahead."""

    zygote: Zygote
    newsroom: Newsroom
    folder: Path
    clock: float = 0.0
    summary: dict[str, Any] = field(default_factory=dict)

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def now(self) -> float:
        return time.time() + self.clock

    def sites(self, **lists: list[str]) -> None:
        """The sites.toml, of paths of the site."""
        origin = self.newsroom.origin(SITE)
        keys = "".join(
            f"{key} = {json.dumps([origin + path for path in paths])}\n" for key, paths in lists.items()
        )
        text = f'[[site]]\nname = "Harbour"\nurl = "{origin}/"\n{keys}'
        (self.folder / "sites.toml").write_text(text, encoding="utf-8")

    def feed(self, *paths: str, age: float = 0.0) -> None:
        """Publish a feed whose entries are so old (seconds, by our clock)."""
        date = datetime.fromtimestamp(int(self.now - age), UTC).isoformat()
        entries: list[tuple[str, str, str | None]] = [
            (self.newsroom.origin(SITE) + path, path, date) for path in paths
        ]
        self.serve("/feed", rss("Harbour", entries), "application/rss+xml")
        self.sites(feeds=["/feed"])

    def serve(self, path: str, body: bytes, kind: str = "text/html; charset=utf-8") -> None:
        self.newsroom.resources[SITE][path] = answer(body=body, kind=kind)

    def crawl(self, *, due: bool = True, settings: dict[str, Any] | None = None, **options: Any) -> list[str]:
        """A round; the paths that the server was asked for, sorted, without robots.txt."""
        self.newsroom.log.clear()
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        pid = self.zygote.start(
            {
                "kind": "due" if due else "crawl",
                "archive": str(self.archive),
                "input": str(self.folder / "sites.toml"),
                "log": str(self.folder / "log.txt"),
                "summary": str(summary),
                "settings": {"PRESSMARK_CLOCK_OFFSET": self.clock, **(settings or {})},
                "options": options,
            }
        )
        code = self.zygote.wait(pid)
        assert code in (0, 1), (self.folder / "log.txt").read_text(encoding="utf-8")
        self.summary = json.loads(summary.read_text(encoding="utf-8"))
        return sorted(served.path for served in self.newsroom.log if served.path != "/robots.txt")

    def wait_for_next(self) -> None:
        """Set the clock to when something is due next."""
        assert self.summary["next_due"] is not None
        self.clock += max(self.summary["next_due"] - self.now, 0.0) + 1

    def rows(self, query: str) -> list[Any]:
        return sample.rows(self.archive, query)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as started:
        yield started


@pytest.fixture
def rounds(zygote: Zygote, tmp_path: Path) -> Iterator[Rounds]:
    with Newsroom(more=[SITE]) as newsroom:
        yield Rounds(zygote, newsroom, tmp_path)


ONCE = {"PRESSMARK_REVISIT_DAYS": 0}


def test_a_new_article_is_found_in_the_next_due_round_and_fetched_once(rounds: Rounds) -> None:
    for name in ("/one", "/two", "/three"):
        rounds.serve(name, article(name))
    rounds.feed("/one", "/two", age=HOUR)
    assert rounds.crawl(settings=ONCE) == ["/feed", "/one", "/two"]
    assert rounds.crawl(settings=ONCE) == []  # nothing is due: nobody is asked
    rounds.feed("/three", "/one", "/two", age=MINUTE)
    rounds.wait_for_next()
    assert rounds.crawl(settings=ONCE) == ["/feed", "/three"]
    rounds.wait_for_next()
    assert rounds.crawl(settings=ONCE) == ["/feed"]
    assert len(rounds.rows("select 1 from articles")) == 3


def test_without_due_everything_is_looked_at_and_no_known_article(rounds: Rounds) -> None:
    rounds.serve("/one", article("One"))
    rounds.feed("/one")
    assert rounds.crawl(due=False) == ["/feed", "/one"]
    assert rounds.crawl(due=False) == ["/feed"]
    assert rounds.crawl(due=False, revisit=True) == ["/feed", "/one"]


def test_edits_make_versions_and_what_did_not_change_a_revisit(rounds: Rounds) -> None:
    own = rounds.newsroom.resources[SITE]
    own["/stays"] = conditional(article("Stays"))
    rounds.serve("/edited", article("Edited"))
    rounds.feed("/stays", "/edited", age=HOUR)
    rounds.crawl()
    rounds.serve("/edited", article("Edited").replace(b"north quay", b"south quay and the harbour bridge"))
    rounds.clock = 12 * HOUR
    assert rounds.crawl() == ["/edited", "/feed", "/stays"]
    assert rounds.rows("select url like '%edited', version from articles order by 1") == [(0, 1), (1, 2)]
    revisits = (
        "select count(*) from captures where url like '%stays' and record_type = 'revisit' and status = 304"
    )
    assert rounds.rows(revisits) == [(1,)]
    again = dict(rounds.rows("select url like '%edited', history from queue"))
    assert json.loads(again[1])["changes"] == 1
    assert json.loads(again[0])["changes"] == 0


def test_a_server_that_asks_for_rest_is_left_alone_until_then(rounds: Rounds) -> None:
    rounds.feed("/busy", age=HOUR)
    rounds.newsroom.resources[SITE]["/busy"] = answer(
        429, b"slow down", reason="Too Many Requests", headers=(("Retry-After", "36000"),)
    )
    rounds.crawl()
    rounds.serve("/busy", article("Busy"))
    rounds.clock = 9 * HOUR
    assert rounds.crawl() == []
    rounds.clock = 10 * HOUR + MINUTE
    assert rounds.crawl() == ["/busy", "/feed"]


def test_a_dead_source_is_retired_with_its_reason_and_asked_rarely(rounds: Rounds) -> None:
    rounds.sites(feeds=["/feed"])
    asked = 0
    while rounds.clock < 5 * DAY:
        asked += rounds.crawl().count("/feed")
        rounds.wait_for_next()
    ((reason, retired),) = rounds.rows("select retired_reason, retired_at from feeds where kind = 'feed'")
    assert reason.startswith("it is gone (HTTP 404), for ")
    assert retired
    assert asked <= 9
    rounds.serve("/one", article("One"))
    rounds.feed("/one")
    rounds.crawl()
    assert rounds.rows("select retired_at from feeds where kind = 'feed'") == [(None,)]


def test_sitemaps_are_read_by_their_index_and_only_for_the_last_days(rounds: Rounds) -> None:
    origin = rounds.newsroom.origin(SITE)
    day = datetime.now(UTC)
    said = {"new": day.isoformat(), "old": "2024-03-01"}

    def urlset(*pages: tuple[str, str]) -> bytes:
        inner = "".join(
            f"<url><loc>{origin}{path}</loc><lastmod>{date}</lastmod></url>" for path, date in pages
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</urlset>'.encode()

    index = "".join(
        f"<sitemap><loc>{origin}/sitemap-{name}.xml</loc><lastmod>{date}</lastmod></sitemap>"
        for name, date in said.items()
    )
    rounds.serve("/sitemap.xml", f"<sitemapindex>{index}</sitemapindex>".encode(), "application/xml")
    new = "/2026/01/bridge-over-the-estuary-opens-to-traffic"
    old = "/2024/03/mayor-of-the-harbour-resigns-after-the-flood"
    rounds.serve(
        "/sitemap-new.xml", urlset((new, said["new"]), ("/tag/politics", said["new"])), "application/xml"
    )
    rounds.serve("/sitemap-old.xml", urlset((old, said["old"])), "application/xml")
    rounds.serve(new, article("Bridge"))
    rounds.serve(old, article("Mayor"))
    rounds.sites(sitemaps=["/sitemap.xml"])
    assert rounds.crawl(settings=ONCE) == [new, "/sitemap-new.xml", "/sitemap.xml"]
    assert rounds.crawl(settings=ONCE, due=False, since="2024-01-01") == [
        old, "/sitemap-new.xml", "/sitemap-old.xml", "/sitemap.xml",
    ]  # fmt: skip
    assert rounds.rows("select count(*) from articles") == [(2,)]


def test_a_section_page_gives_its_articles(rounds: Rounds) -> None:
    paths = [f"/2026/01/{n:02}/council-votes-on-the-new-ferry-line-{n}" for n in range(1, 5)]
    links = "".join(f'<article><h2><a href="{path}">Council votes on the new ferry line</a></h2></article>'
                    for path in paths)  # fmt: skip
    rounds.serve(
        "/politics", f"<html><nav><a href='/login'>Login</a></nav><main>{links}</main></html>".encode()
    )
    for path in paths:
        rounds.serve(path, article(path))
    rounds.sites(sections=["/politics"])
    assert rounds.crawl(settings=ONCE) == [*paths, "/politics"]
    assert rounds.crawl(settings=ONCE) == []


def test_one_article_at_many_addresses_is_fetched_once(rounds: Rounds) -> None:
    rounds.serve("/story", article("Story"))
    rounds.newsroom.resources[SITE]["/short"] = redirect("/story")
    rounds.feed("/story", "/story?utm_source=feed", "/story/", "/short")
    assert rounds.crawl(settings=ONCE) in (
        ["/feed", "/short", "/story"],
        ["/feed", "/short", "/story", "/story"],
    )
    assert rounds.crawl(settings=ONCE, due=False) == ["/feed"]
    assert rounds.rows("select count(*) from articles") == [(1,)]


def test_what_robots_txt_forbids_is_never_asked_for(rounds: Rounds) -> None:
    rounds.serve("/private/page", article("Private"))
    rounds.serve("/one", article("One"))
    rounds.feed("/private/page", "/one", age=HOUR)
    for _ in range(3):
        assert "/private/page" not in rounds.crawl()
        rounds.clock += 2 * DAY
    assert rounds.rows("select state, attempts from queue where url like '%private%'") == [("due", 3)]


def test_a_page_that_fails_is_tried_again_after_a_while_and_given_up_at_last(rounds: Rounds) -> None:
    rounds.feed("/gone", age=HOUR)
    asked = rounds.crawl()
    assert asked == ["/feed", "/gone"]
    for _ in range(12):
        rounds.wait_for_next()
        asked += rounds.crawl()
    assert asked.count("/gone") == 3
    assert rounds.rows("select state, due_at from queue") == [("gone", None)]


def test_hours_of_a_site_are_kept(rounds: Rounds) -> None:
    rounds.serve("/one", article("One"))
    rounds.feed("/one")
    hour = datetime.now(UTC).hour
    with (rounds.folder / "sites.toml").open("a", encoding="utf-8") as file:
        file.write(f'hours = "{(hour + 2) % 24}-{(hour + 4) % 24}"\n')
    assert rounds.crawl() == []
    rounds.clock = 2 * HOUR + MINUTE
    assert rounds.crawl() == ["/feed", "/one"]


def test_what_was_taken_down_is_due_no_more(rounds: Rounds) -> None:
    from archive import Archive

    rounds.serve("/one", article("One"))
    rounds.serve("/two", article("Two"))
    rounds.feed("/one", "/two", age=HOUR)
    rounds.crawl()
    with Archive.open(rounds.archive, software="test") as archive:
        archive.take_down(rounds.newsroom.origin(SITE) + "/one", "asked")
    assert rounds.rows("select count(*) from queue where url like '%/one'") == [(0,)]
    rounds.feed("/one?utm_source=rss", "/two", age=HOUR)
    rounds.clock = 3 * DAY
    assert rounds.crawl() == ["/feed", "/two"]
    assert rounds.rows("select count(*) from queue where url like '%/one%'") == [(0,)]


# What is no article, and what that does to the queue ------------------------------------------------


CONSENT = (
    b'<!doctype html><html lang="en"><head><title>Your privacy</title></head><body>'
    b"<h1>We value your privacy</h1><p>We and our 812 partners store and access information on a device, such"
    b" as cookies, and process personal data. With your consent we may use precise geolocation data.</p>"
    b"<button>Accept all</button></body></html>"
)


def test_dead_articles_that_lead_to_the_front_page_are_gone_and_not_asked_for_for_ever(
    rounds: Rounds,
) -> None:
    links = "".join(
        f'<li><a href="/2026/{n}">The harbour council votes again on line {n}</a>' for n in range(9)
    )
    rounds.serve("/", f"<html><title>Harbour</title><body><ul>{links}</ul></body></html>".encode())
    rounds.serve("/politics", f"<html><title>Politics</title><body><ul>{links}</ul></body></html>".encode())
    dead = ["/2024/03/mayor-of-the-harbour-resigns", "/2024/04/ferry-line-closes-for-good"]
    rounds.newsroom.resources[SITE] |= {dead[0]: redirect("/"), dead[1]: redirect("/politics")}
    rounds.feed(*dead, age=HOUR)
    asked = rounds.crawl()
    for _ in range(6):
        rounds.clock += DAY
        asked += rounds.crawl()
    assert asked.count(dead[0]) == 3
    assert asked.count(dead[1]) == 1
    told = rounds.rows("select state, due_at, due_reason from queue order by url")
    assert told == [("gone", None, "it is gone, 3 times running"), ("done", None, "it is no article")]
    reason = "soft 404: the address leads to the site's front page"
    kinds = rounds.rows("select distinct kind, kind_reason from captures where requested_url like '%mayor%'")
    assert kinds == [("error", reason)]
    assert rounds.rows("select count(*) from articles") == [(0,)]


def test_redirects_in_a_circle_and_without_end_are_given_up_with_the_reason(rounds: Rounds) -> None:
    own = rounds.newsroom.resources[SITE]
    own["/round"] = redirect("/and-round")
    own["/and-round"] = redirect("/round")
    own |= {f"/on/{n}": redirect(f"/on/{n + 1}") for n in range(30)}
    rounds.feed("/round", "/on/0", age=HOUR)
    asked = rounds.crawl()
    for _ in range(6):
        rounds.clock += DAY
        asked += rounds.crawl()
    assert (asked.count("/round"), asked.count("/on/0")) == (3, 3)
    told = rounds.rows("select state, due_at, due_reason from queue order by url")
    assert told == [("given_up", None, "it redirects in a circle, 3 times running")] * 2


def test_a_wall_that_answers_the_same_again_is_a_wall_still_and_is_given_up(rounds: Rounds) -> None:
    rounds.serve("/walled", CONSENT)
    rounds.feed("/walled", age=HOUR)
    asked = rounds.crawl()
    assert rounds.rows("select kind from captures") == [("consent",)]
    for _ in range(40):
        if rounds.rows("select due_at from queue") == [(None,)]:
            break
        rounds.clock += 3 * DAY
        asked += rounds.crawl()
    assert asked.count("/walled") == 4
    assert rounds.rows("select state, due_reason from queue") == [
        ("given_up", "a wall or an error page stood before it, 4 times running")
    ]


def test_an_article_that_shows_a_wall_later_keeps_its_text_and_is_looked_at_again(rounds: Rounds) -> None:
    rounds.serve("/story", article("Story"))
    rounds.feed("/story", age=HOUR)
    rounds.crawl()
    rounds.serve("/story", CONSENT)
    rounds.clock = 2 * HOUR
    assert "/story" in rounds.crawl()
    assert rounds.rows("select version, text like 'Story, part 1%' from articles") == [(1, 1)]
    assert rounds.rows("select kind, article_id from captures order by id") == [
        ("article", 1),
        ("consent", None),
    ]
    ((state, due, known),) = rounds.rows("select state, due_at, article_id from queue")
    assert (state, known) == ("done", 1)
    assert due is not None


def atom_entry(url: str, published: float, updated: float) -> str:
    dates = "".join(
        f"<{name}>{datetime.fromtimestamp(int(at), UTC).isoformat()}</{name}>"
        for name, at in (("published", published), ("updated", updated))
    )
    return f'<entry><title>x</title><link href="{url}"/>{dates}</entry>'


def test_an_edit_that_a_feed_states_is_fetched_at_once_and_false_ones_are_soon_not_believed(
    rounds: Rounds,
) -> None:
    origin, born = rounds.newsroom.origin(SITE), rounds.now - 3 * DAY

    def publish(updated: float) -> None:
        entry = atom_entry(f"{origin}/one", born, updated)
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>{entry}</feed>'
        rounds.serve("/feed", body.encode(), "application/atom+xml")

    rounds.serve("/one", article("One"))
    publish(born)
    rounds.sites(feeds=["/feed"])
    assert rounds.crawl(due=False) == ["/feed", "/one"]
    rounds.clock += HOUR
    publish(rounds.now - 10 * MINUTE)
    rounds.serve("/one", article("One").replace(b"north quay", b"south quay and the harbour bridge"))
    assert rounds.crawl(due=False) == ["/feed"]
    assert rounds.rows("select due_reason from queue") == [("a list of the site says that it was changed",)]
    assert "/one" in rounds.crawl()
    assert rounds.rows("select version from articles") == [(2,)]
    fetched = 0
    for _ in range(6):  # from now on the feed lies
        rounds.clock += HOUR
        publish(rounds.now - MINUTE)
        rounds.crawl(due=False)
        fetched += "/one" in rounds.crawl()
    assert fetched == 3


def test_a_robots_txt_that_asks_for_rest_rests_the_whole_host(rounds: Rounds) -> None:
    rounds.serve("/one", article("One"))
    rounds.feed("/one", age=HOUR)
    rounds.newsroom.robots[SITE] = answer(429, b"", headers=(("Retry-After", "36000"),))
    assert rounds.crawl() == []
    assert rounds.rows("select due_reason from feeds") == [
        ("it asks for rest (once so far); again in 10 hours",)
    ]
    rounds.newsroom.robots[SITE] = answer(body=b"", kind="text/plain")
    rounds.clock = 9 * HOUR
    rounds.crawl()
    assert rounds.newsroom.asked(SITE) == []
    rounds.clock = 10 * HOUR + MINUTE
    assert rounds.crawl() == ["/feed", "/one"]


def test_a_feed_that_is_gone_sends_us_to_the_page_that_announces_the_new_one(rounds: Rounds) -> None:
    rounds.serve("/one", article("One"))
    rounds.serve("/two", article("Two"))
    rounds.feed("/one", age=HOUR)
    assert rounds.crawl(settings=ONCE) == ["/feed", "/one"]
    announced = "<html><link rel='alternate' type='application/rss+xml' href='/new/feed'></html>"
    rounds.serve("/", announced.encode())
    rounds.feed("/two", age=MINUTE)
    rounds.newsroom.resources[SITE]["/new/feed"] = rounds.newsroom.resources[SITE].pop("/feed")
    rounds.clock = DAY + HOUR
    assert rounds.crawl(settings=ONCE) == ["/", "/feed", "/new/feed", "/two"]
    rounds.clock = DAY + 3 * HOUR
    assert rounds.crawl(settings=ONCE).count("/feed") == 1  # its own time; the page is not asked for again
    assert rounds.rows("select count(*) from feeds") == [(3,)]


def test_a_page_that_still_announces_the_feed_that_is_gone_changes_nothing(rounds: Rounds) -> None:
    announced = "<html><link rel='alternate' type='application/rss+xml' href='/feed'></html>"
    rounds.serve("/", announced.encode())
    rounds.sites(feeds=["/feed"])
    assert rounds.crawl() == ["/", "/feed"]
    rounds.clock = 30 * MINUTE
    assert rounds.crawl() == []
    rounds.clock = HOUR + MINUTE
    assert rounds.crawl() == ["/feed"]
    assert rounds.rows("select failures from feeds where url like '%/feed'") == [(2,)]


def test_an_undated_address_of_a_sitemap_is_fetched_when_a_page_shows_it(rounds: Rounds) -> None:
    origin = rounds.newsroom.origin(SITE)
    paths = [f"/2026/01/{n:02}/council-votes-on-the-new-ferry-line-{n}" for n in range(1, 5)]
    inner = "".join(f"<url><loc>{origin}{path}</loc></url>" for path in paths)
    rounds.serve("/sitemap.xml", f"<urlset>{inner}</urlset>".encode(), "application/xml")
    for path in paths:
        rounds.serve(path, article(path))
    rounds.sites(sitemaps=["/sitemap.xml"])
    assert rounds.crawl(settings=ONCE) == ["/sitemap.xml"]
    links = "".join(f'<article><h2><a href="{path}">Council votes on the new ferry line</a></h2></article>'
                    for path in paths[:2])  # fmt: skip
    rounds.serve("/politics", f"<html><main>{links}</main></html>".encode())
    rounds.sites(sitemaps=["/sitemap.xml"], sections=["/politics"])
    assert rounds.crawl(settings=ONCE) == [*paths[:2], "/politics"]
