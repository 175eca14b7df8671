"""OPML: out and in again, and in from whatever others wrote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.opml import OpmlFeed, read_opml, write_opml

#: What a feed reader writes: folders in folders, names in any case, a folder that is no feed.
READER = b"""<?xml version="1.0"?><opml version="1.1"><head/><body>
<outline text="News"><outline text="Coast"><outline TEXT="The Courier" type="rss" xmlUrl="https://courier.example/feed"
 htmlUrl="https://courier.example/"/></outline><outline text="Gazette" xmlURL="https://gazette.example/rss"/></outline>
<outline text="again" xmlUrl="https://gazette.example/rss"/>
<outline text="x" xmlUrl="javascript:alert(1)"/></body>"""

texts = st.text(max_size=20).map(lambda t: " ".join(t.encode("utf-8", "ignore").decode().split()))


def test_feeds_of_a_reader_with_their_folders_each_once() -> None:
    assert read_opml(READER) == [
        OpmlFeed(
            title="The Courier", feed_url="https://courier.example/feed", site_url="https://courier.example/",
            folders=("News", "Coast"),
        ),
        OpmlFeed(title="Gazette", feed_url="https://gazette.example/rss", folders=("News",)),
    ]  # fmt: skip


def test_what_is_no_opml_is_none() -> None:
    for body in (b"", b"<html><outline xmlUrl='https://x.example/'/></html>", b"{}", b"\x00\xff"):
        assert read_opml(body) is None


def test_a_billion_laughs_stay_few_and_no_file_is_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    outline = '<opml><outline text="&x;&l11;" xmlUrl="https://x.example/"/></opml>'
    assert len(repr(read_opml(f'<!DOCTYPE opml [<!ENTITY l0 "lol">{laughs}]>{outline}'.encode()))) < 2000
    file = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>{outline}'
    assert "root:" not in repr(read_opml(file.encode()))


@given(
    st.lists(st.builds(lambda n, t, f: (n, t, f), st.integers(0, 99), texts, texts), unique_by=lambda x: x[0])
)
def test_written_lists_are_read_back(rows: list[tuple[int, str, str]]) -> None:
    feeds = [
        OpmlFeed(title=title, feed_url=f"https://press.example/{n}?a=1&b=2", site_url="https://press.example/",
                 folders=(folder,) if folder else ())
        for n, title, folder in rows
    ]  # fmt: skip
    back = read_opml(write_opml(feeds, "a < b & c").encode())
    assert back is not None

    def storable(text: str) -> str:
        """The text without what XML cannot hold, which is dropped; nothing else may change."""
        return " ".join("".join(c for c in text if c >= " " and c not in "\ufffe\uffff").split())

    def plain(feed: OpmlFeed) -> tuple[object, ...]:
        return feed.feed_url, storable(feed.title), tuple(filter(None, map(storable, feed.folders)))

    assert sorted(map(plain, back)) == sorted(map(plain, feeds))
