"""Sitemaps: read from bytes of any kind, in good order, without end to none of it."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.sitemaps import (
    MAX_DEPTH,
    MAX_ENTRIES,
    MAX_SITEMAPS,
    Sitemap,
    SitemapEntry,
    SitemapWalk,
    read_sitemap,
    robots_sitemaps,
    unpacked,
    usual_sitemaps,
)

HERE = "https://press.example/sitemap.xml"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*urls: str, space: str = SPACE) -> bytes:
    return f"<?xml version='1.0'?><urlset {space}>{''.join(urls)}</urlset>".encode()


def index(*names: str) -> Sitemap:
    return Sitemap(kind="index", entries=tuple(SitemapEntry(url=f"https://press.example/{n}") for n in names))


def listed(sitemap: Sitemap | None) -> list[str]:
    assert sitemap is not None
    return [entry.url for entry in sitemap.entries]


PAGES = urlset(
    "<url><loc> https://press.example/a </loc><lastmod>2026-05-01</lastmod></url>",
    "<url><loc>https://press.example/b?x=1&amp;y=2</loc><lastmod>2026-05-02T08:30:00+02:00</lastmod></url>",
    "<url><loc>/c</loc><lastmod>yesterday</lastmod></url>",
    "<url><loc>https://press.example/a</loc></url>",
    "<url><loc>mailto:desk@press.example</loc></url>",
)
NEWS = urlset(
    """<url><loc>https://press.example/n</loc><news:news><news:publication><news:name>The Press</news:name>
    <news:language>EN</news:language></news:publication><news:publication_date>2026-05-04T10:00Z</news:publication_date>
    <news:title>Ferry  returns
     to port</news:title></news:news><image:image><image:loc>https://press.example/i.jpg</image:loc></image:image>
    <video:video><video:title>A film</video:title><video:player_loc>https://press.example/v</video:player_loc></video:video>
    </url>""",
    space=SPACE + ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    ' xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"',
)


def test_pages_with_their_dates_each_once() -> None:
    sitemap = read_sitemap(PAGES, HERE)
    assert listed(sitemap) == [
        "https://press.example/a",
        "https://press.example/b?x=1&y=2",
        "https://press.example/c",
    ]
    assert sitemap is not None
    assert [entry.modified and entry.modified.isoformat() for entry in sitemap.entries] == [
        "2026-05-01T00:00:00+00:00", "2026-05-02T08:30:00+02:00", None,
    ]  # fmt: skip
    assert (sitemap.kind, sitemap.is_news, sitemap.cut) == ("pages", False, False)


def test_news_sitemaps_give_headline_date_and_language_and_pictures_are_no_pages() -> None:
    sitemap = read_sitemap(NEWS, HERE, fetched_at=NOW)
    assert listed(sitemap) == ["https://press.example/n"]
    assert sitemap is not None
    assert sitemap.is_news
    hints = sitemap.entries[0].hints
    assert (hints.headline, hints.date_published, hints.language) == (
        "Ferry returns to port", "2026-05-04T10:00:00+00:00", "en",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(PAGES),
        gzip.compress(gzip.compress(PAGES)),
        PAGES.replace(SPACE.encode(), b""),
        PAGES.replace(SPACE.encode(), b'xmlns="http://www.google.com/schemas/sitemap/0.84"'),
        b"\xef\xbb\xbf \n" + PAGES.partition(b"?>")[2],
        PAGES.replace(b"</urlset>", b""),
        PAGES.replace(b"<urlset", b"<!DOCTYPE urlset><!-- x --><urlset"),
        PAGES.decode()
        .replace("<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>")
        .encode("utf-16"),
    ],
)
def test_pages_are_found_however_they_are_wrapped(body: bytes) -> None:
    assert listed(read_sitemap(body, HERE))[:2] == [
        "https://press.example/a",
        "https://press.example/b?x=1&y=2",
    ]


def test_text_sitemaps() -> None:
    body = b"\xef\xbb\xbfhttps://press.example/a\r\n\r\nhttps://press.example/b \nhttps://press.example/a\n"
    assert listed(read_sitemap(body, HERE)) == ["https://press.example/a", "https://press.example/b"]
    assert read_sitemap(b"https://press.example/a\nhello world\n", HERE) is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<", b"{}", b"\x1f\x8b\x08", b"not found", b"\x00" * 50,
        b"<html><body><url><loc>https://press.example/a</loc></url></body></html>",
        b"<rss><channel><url><loc>https://press.example/a</loc></url></channel></rss>",
    ],
)  # fmt: skip
def test_what_is_no_sitemap_is_none(body: bytes) -> None:
    assert read_sitemap(body, HERE) is None


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    body = PAGES[: PAGES.index(b"<url><loc>/c")] + b"<url><loc>https://press.example/x</lo"
    assert listed(read_sitemap(body, HERE))[:2] == [
        "https://press.example/a",
        "https://press.example/b?x=1&y=2",
    ]
    loose = PAGES.replace(b"&amp;", b"&").replace(b"<?xml", b"<?xml ")
    assert listed(read_sitemap(loose, HERE))[0] == "https://press.example/a"


def test_cut_gzip_gives_what_was_whole() -> None:
    many = urlset(
        *(f"<url><loc>https://press.example/{zlib.crc32(b'%d' % n)}</loc></url>" for n in range(5000))
    )
    sitemap = read_sitemap(gzip.compress(many)[:30_000], HERE)
    assert sitemap is not None
    assert sitemap.cut
    assert 1000 < len(sitemap.entries) < 5000


def test_a_bomb_is_unpacked_no_further_than_the_bound() -> None:
    bomb = gzip.compress(b" " * 30_000_000)
    body, cut = unpacked(bomb, 1_000_000)
    assert (len(body), cut) == (1_000_000, True)
    assert read_sitemap(gzip.compress(PAGES[:-9] + b" " * (60 << 20)), HERE) is not None


def test_no_file_is_read_and_no_entity_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://press.example/secret")
    body = urlset("<url><loc>https://press.example/a&x;</loc></url><url><loc>&x;</loc></url>")
    external = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}">]><urlset'
    read = read_sitemap(body.replace(b"<urlset", external.encode()), HERE)
    assert "secret" not in repr(read)
    dtd = f'<!DOCTYPE urlset SYSTEM "{secret.as_uri()}"><urlset'
    assert "secret" not in repr(read_sitemap(PAGES.replace(b"<urlset", dtd.encode()), HERE))


def test_a_billion_laughs_stay_few() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = urlset(
        "<url><loc>https://press.example/&l11;</loc></url>", "<url><loc>https://press.example/b</loc></url>"
    )
    bad = body.replace(b"<urlset", f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{laughs}]><urlset'.encode())
    read = read_sitemap(bad, HERE)
    assert read is None or all(len(entry.url) < 100 for entry in read.entries)


def test_entries_and_depth_are_bounded() -> None:
    many = urlset(*(f"<url><loc>https://press.example/{n}</loc></url>" for n in range(MAX_ENTRIES + 10)))
    sitemap = read_sitemap(many, HERE)
    assert sitemap is not None
    assert (len(sitemap.entries), sitemap.cut) == (MAX_ENTRIES, True)
    deep = read_sitemap(urlset("<url><loc>" + "<a>" * 100_000), HERE)
    assert deep is None or deep.entries == ()


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda b: PAGES[:150] + b + PAGES[150:]))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    sitemap = read_sitemap(body, HERE, fetched_at=NOW)
    assert sitemap is None or all(entry.url.startswith("http") for entry in sitemap.entries)


def test_dates_that_cannot_be_are_left_out() -> None:
    def dated(*dates: str) -> list[datetime | None]:
        body = urlset(
            *(
                f"<url><loc>https://press.example/{n}</loc><lastmod>{d}</lastmod></url>"
                for n, d in enumerate(dates)
            )
        )
        sitemap = read_sitemap(body, HERE, fetched_at=NOW)
        assert sitemap is not None
        return [entry.modified for entry in sitemap.entries]

    assert dated("2030-01-01", "2026-13-01", "0000-00-00", "2026") == [
        None,
        None,
        None,
        datetime(2026, 1, 1, tzinfo=UTC),
    ]
    moment = (NOW - timedelta(seconds=3)).isoformat()
    assert dated(*[moment] * 6) == [None] * 6, "every page 'changed' when it was asked for"
    assert dated(moment, "2026-05-01", moment, moment, moment).count(None) == 0


def test_robots_names_sitemaps() -> None:
    robots = (
        b"\xef\xbb\xbfSitemap: https://press.example/a.xml # news\nUser-agent: *\nDisallow: /\n"
        b"sitemap:/b.xml\r\nSITEMAP : https://other.example/c.xml.gz\nSitemap:\nSitemap: ftp://x/\n"
        b"Sitemap: https://press.example/a.xml\n"
    )
    assert robots_sitemaps(robots, "https://press.example/robots.txt") == [
        "https://press.example/a.xml", "https://press.example/b.xml", "https://other.example/c.xml.gz",
    ]  # fmt: skip
    assert usual_sitemaps("https://press.example/world/")[0] == "https://press.example/news-sitemap.xml"


def test_an_index_is_walked_news_first_then_by_date() -> None:
    walk = SitemapWalk.begun([HERE, HERE.replace("https://", "http://www.")])
    assert walk.waiting == ((HERE, 0),)
    walk = walk.after(
        index("sitemap-2024-01.xml", "sitemap-2026-05.xml", "authors.xml", "news.xml", "sitemap-2025.xml")
    )
    order = []
    while (url := walk.next_url) is not None:
        order.append(url.rpartition("/")[2])
        walk = walk.after(Sitemap(kind="pages"))
    assert order == [
        "news.xml",
        "sitemap-2026-05.xml",
        "sitemap-2025.xml",
        "sitemap-2024-01.xml",
        "authors.xml",
    ]


def test_loops_depth_and_number_of_sitemaps_are_bounded() -> None:
    walk, reads = SitemapWalk.begun([HERE]), 0
    while walk.next_url is not None:
        number = reads
        walk = walk.after(index("sitemap.xml", *(f"{number}-{n}.xml" for n in range(20))))
        reads += 1
    assert reads <= MAX_SITEMAPS
    assert (HERE, "it was read already") in walk.refused
    chain, depth = SitemapWalk.begun([HERE]), 0
    while chain.next_url is not None:
        chain, depth = chain.after(index(f"deeper-{depth}.xml")), depth + 1
    assert depth == MAX_DEPTH + 1


def test_a_walk_since_a_date_leaves_out_what_is_older() -> None:
    walk = SitemapWalk.begun([HERE], since=datetime(2026, 1, 1, tzinfo=UTC))
    old = SitemapEntry(url="https://press.example/a.xml", modified=datetime(2025, 12, 1, tzinfo=UTC))
    fresh = SitemapEntry(url="https://press.example/b.xml", modified=NOW)
    names = index("sitemap-2025-12-31.xml", "2025/11.xml", "sitemap-2026-01.xml", "sitemap3.xml").entries
    walk = walk.after(Sitemap(kind="index", entries=(old, fresh, *names)))
    left = [url.partition("example/")[2] for url, _ in walk.waiting]
    assert left == ["b.xml", "sitemap-2026-01.xml", "sitemap-2025-12-31.xml", "sitemap3.xml"]
    assert [why for _, why in walk.refused] == ["it holds nothing after 2025-12-01"] * 2


def test_a_sitemap_that_cannot_be_read_is_passed_over() -> None:
    assert SitemapWalk.begun([HERE]).after(None).next_url is None
