"""A feed reader's list into sites.toml and out again: by host, nothing lost, nothing of the file touched."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from crawler.commands.top import cli
from crawler.discovery.opml import MAX_OPML_BYTES, OpmlFeed, write_opml
from crawler.errors import CrawlerError
from crawler.sites import Site, merge_sites, read_sites
from crawler.subscriptions import feeds_of, sites_of


def feed(url: str, title: str = "", site: str = "") -> OpmlFeed:
    return OpmlFeed(title=title, feed_url=url, site_url=site)


def run(*words: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli, list(map(str, words)), input=stdin)


def test_feeds_of_one_host_are_one_site_named_by_what_their_titles_share() -> None:
    assert sites_of(
        [
            feed("https://www.courier.example/feed", "The Courier - World", "https://courier.example/"),
            feed("https://gazette.example/rss"),
            feed("https://feeds.courier.example/sport", "The Courier - Sport", "https://www.courier.example/sport"),
        ]
    ) == [
        Site(
            name="The Courier", url="https://courier.example/",
            feeds=("https://www.courier.example/feed", "https://feeds.courier.example/sport"),
        ),
        Site(name="gazette.example", url="https://gazette.example/", feeds=("https://gazette.example/rss",)),
    ]  # fmt: skip


def test_one_feed_at_two_addresses_is_one_and_a_shared_host_is_no_site() -> None:
    sites = sites_of(
        [
            feed("http://courier.example/feed"),
            feed("https://www.courier.example/feed/"),
            feed("https://feeds.feedburner.com/a"),
            feed("https://feeds.feedburner.com/b"),
        ]
    )
    assert [site.feeds for site in sites] == [
        ("http://courier.example/feed",), ("https://feeds.feedburner.com/a",), ("https://feeds.feedburner.com/b",),
    ]  # fmt: skip


MINE = """# my list
contact = 'desk@news.example'  # me

[[site]]
url = "https://www.courier.example/"  # the best
feeds = [
  "https://courier.example/feed",  # all of it
]
limit = 7

[[site]]
url = 'https://post.example/'
"""


def test_a_list_is_brought_into_a_file_whose_comments_stay(tmp_path: Path) -> None:
    file, opml = tmp_path / "sites.toml", tmp_path / "reader.opml"
    file.write_text(MINE, encoding="utf-8")
    feeds = [
        feed("https://courier.example/feed/", "known"),
        feed("https://courier.example/sport", "Courier Sport"),
        feed("https://post.example/rss", "Post"),
        feed("https://gazette.example/rss", 'The "Gazette"'),
    ]
    opml.write_text(write_opml(feeds), encoding="utf-8")
    done = run("sites", "import", opml, "--sites", file)
    assert done.exit_code == 0, done.output
    assert "4 feeds read: 1 new sites, 2 feeds for known sites, 1 known already." in done.stdout
    text = file.read_text(encoding="utf-8")
    expected = MINE.replace("  # all of it\n", '  # all of it\n  "https://courier.example/sport",\n').replace(
        "'https://post.example/'\n", "'https://post.example/'\nfeeds = [\"https://post.example/rss\"]\n"
    )
    assert text.startswith(expected)
    assert read_sites(file).sites[2] == Site(
        name='The "Gazette"', url="https://gazette.example/", feeds=("https://gazette.example/rss",)
    )
    before = file.read_bytes()
    assert "4 known already" in run("sites", "import", opml, "--sites", file).stdout
    assert file.read_bytes() == before


def test_sites_are_exported_and_imported_again(tmp_path: Path) -> None:
    file, opml, again = tmp_path / "sites.toml", tmp_path / "out.opml", tmp_path / "again.toml"
    sites = [
        Site(name="Courier & Co", url="https://courier.example/", feeds=("https://courier.example/a?x=1&y=2",)),
        Site(name="Post", url="https://post.example/", feeds=("https://post.example/1", "https://post.example/2")),
    ]  # fmt: skip
    merge_sites(file, sites)
    with file.open("a", encoding="utf-8") as out:
        out.write(
            '\n[[site]]\nurl = "https://maps.example/"\nsitemaps = ["https://maps.example/sitemap.xml"]\n'
        )
    done = run("sites", "export", "--opml", opml, "--sites", file)
    assert done.exit_code == 0
    assert "1 sites without feeds are not in the list." in done.stderr
    assert opml.read_text(encoding="utf-8") == run("sites", "export", "--sites", file).stdout
    run("sites", "import", opml, "--sites", again)
    assert list(read_sites(again).sites) == sites


@given(
    st.lists(
        st.builds(
            lambda host, path, title, page: feed(
                f"https://h{host}.example/{path}", title, f"https://h{page}.example/" if page else ""
            ),
            st.integers(0, 9), st.integers(0, 30), st.text(max_size=12), st.integers(0, 3),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_feed_is_lost_and_none_stands_twice(feeds: list[OpmlFeed]) -> None:
    listed = [one.feed_url for one in feeds_of(sites_of(feeds))]
    assert len(listed) == len(set(listed))
    assert set(listed) == {one.feed_url for one in feeds}
    assert all(site.name and site.url.startswith("https://") for site in sites_of(feeds))


def test_hostile_lists_are_refused_or_read_in_bounds(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"

    def refused(body: bytes) -> str:
        done = run("sites", "import", "-", "--sites", file, stdin=body)
        assert isinstance(done.exception, CrawlerError)
        assert not file.exists()
        return str(done.exception)

    assert "is no OPML" in refused(b"<html></html>")
    assert "lists no feed" in refused(b'<opml><body><outline xmlUrl="javascript:x"/></body></opml>')
    assert "is larger than 20 MB" in refused(b"<opml>" + b" " * MAX_OPML_BYTES)
    outside = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{Path(__file__).as_uri()}">]>'
    deep = '<outline text="&x;">' * 5000 + '<outline xmlUrl="https://deep.example/feed"/>'
    shallow = '<outline text="&x;" xmlUrl="https://x.example/feed"/>'
    done = run("sites", "import", "-", "--sites", file, stdin=f"{outside}<opml>{shallow}{deep}".encode())
    assert done.exit_code == 0
    assert "hypothesis" not in file.read_text(encoding="utf-8")
    assert read_sites(file).sites[0].feeds == ("https://x.example/feed",)
