"""sites.toml: what it may say, and what is said when it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import CrawlerError, SitesError
from crawler.sites import Site, add_site, is_contact, read_sites

A = Site(name="Courier", url="https://courier.example/", feeds=("https://courier.example/feed/",))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x =\ny = 1", 1, "this is not TOML"),
        ('contact = "a b"', 1, "`contact` must be"),
        ("\n[site]\nurl = 'https://x.example'", 2, "double brackets"),
        ("[[site]]\nname = 'X'\n", 1, "has no `url`"),
        ("[[site]]\nurl = 'ftp://x.example'", 2, "no http or https address"),
        ("[[site]]\nurl = 'https://x.example'\nfeed = ['a']", 3, "did you mean `feeds`?"),
        ("[[site]]\nurl = 'https://x.example'\nfeeds = 'a'", 3, "must be a list"),
        ("[[site]]\nurl = 'https://x.example'\nsections = 'a'", 3, "`sections` must be a list"),
        ("[[site]]\nurl = 'https://x.example'\nsitemap = ['a']", 3, "did you mean `sitemaps`?"),
        (
            "# x\n[[site]]\nurl = 'https://x.example'\n\n[[site]]\nurl = 'https://y.example'\nfeeds = [3]",
            7,
            "3",
        ),
        ("site = [1]", 1, "is no table"),
        ("[[site]]\nurl = 'https://x.example'\nname = 3", 3, "`name` must be"),
        ("colour = 'red'", 1, "unknown key `colour`"),
        ("[[site]]\nurl = 'https://x.example'\nrender = 1", 3, "`render` must be true or false"),
        ("[[site]]\nurl = 'https://x.example'\nfollow = 'yes'", 3, "`follow` must be true or false"),
    ],
)
def test_error_names_the_file_the_line_and_what_to_do(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    file = tmp_path / "sites.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SitesError) as caught:
        read_sites(file)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SitesError, match="pressmark sites add"):
        read_sites(tmp_path / "sites.toml")


def test_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_bytes("name = 'é'".encode("latin-1"))
    with pytest.raises(SitesError, match="UTF-8"):
        read_sites(tmp_path / "sites.toml")


def test_site_without_a_name_is_called_by_its_host(tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text("[[site]]\nurl = 'https://x.example'\n", encoding="utf-8")
    assert read_sites(tmp_path / "sites.toml").sites == (Site(name="x.example", url="https://x.example/"),)


def test_added_site_leaves_the_rest_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    mine = "# mine\r\ncontact = 'desk@news.example'  # me\n\n[[site]]\nurl = 'https://x.example/'"
    file.write_bytes(mine.encode())
    assert add_site(file, A)
    assert file.read_bytes().startswith(mine.encode())
    assert read_sites(file).sites[1:] == (A,)
    assert read_sites(file).contact == "desk@news.example"


FOUND = Site(
    name="Gazette",
    url="https://gazette.example/",
    sitemaps=("https://gazette.example/news.xml",),
    sections=("https://gazette.example/", "https://gazette.example/local/"),
)


def test_sitemaps_and_sections_are_written_to_be_read_and_edited(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    add_site(file, A)
    add_site(file, FOUND)
    assert read_sites(file).sites == (A, FOUND)
    assert file.read_text().partition("\n\n")[2] == (
        '[[site]]\nname = "Gazette"\nurl = "https://gazette.example/"\nfeeds = []\n'
        'sitemaps = ["https://gazette.example/news.xml"]\n'
        'sections = [\n  "https://gazette.example/",\n  "https://gazette.example/local/",\n]\n'
    )


def test_a_site_without_sitemaps_and_sections_is_written_as_before(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    add_site(file, A)
    assert file.read_text() == (
        '[[site]]\nname = "Courier"\nurl = "https://courier.example/"\nfeeds = ["https://courier.example/feed/"]\n'
    )


def test_site_that_is_there_is_not_added_again(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    assert add_site(file, A)
    before = file.read_bytes()
    assert not add_site(file, A)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["sites.toml"]


def test_broken_file_is_not_made_worse(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    file.write_text("this is = not [toml", encoding="utf-8")
    with pytest.raises(SitesError):
        add_site(file, A)
    assert file.read_text(encoding="utf-8") == "this is = not [toml"


@given(name=st.text(min_size=1, max_size=60).map(str.strip).filter(bool))
def test_any_name_survives_writing_and_reading(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    file = tmp_path_factory.mktemp("sites") / "sites.toml"
    site = Site(name=name, url="https://x.example/", feeds=("https://x.example/a?b=c&d=%20",))
    add_site(file, site)
    assert read_sites(file).sites == (site,)


def test_sites_are_chosen_by_name_url_or_host(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    other = Site(name="Post", url="https://post.example/")
    for site in (A, other):
        add_site(file, site)
    known = read_sites(file)
    for key in ("courier", "https://courier.example", "courier.example"):
        assert known.chosen((key,)) == (A,)
    assert known.chosen(()) == known.chosen(("post", "COURIER")) == (A, other)
    with pytest.raises(SitesError, match="did you mean 'Courier'"):
        known.chosen(("curier",))


@pytest.mark.parametrize("contact", ["desk@news.example", "https://news.example/about?x=1"])
def test_mail_address_or_url_is_a_contact(contact: str) -> None:
    assert is_contact(contact)


@pytest.mark.parametrize("contact", ["", "a b", "x\r\nEvil: yes", "é@x.example", "(x)", 5, None])
def test_what_could_break_a_header_is_no_contact(contact: object) -> None:
    assert not is_contact(contact)


def test_a_contact_is_written_above_the_sites_of_a_file_that_names_none(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    assert add_site(file, A, contact="desk@news.example")
    assert (read_sites(file).contact, read_sites(file).sites) == ("desk@news.example", (A,))
    before = file.read_bytes()
    assert not add_site(file, A, contact="other@news.example")  # the one that is there stays
    assert file.read_bytes() == before
    mine = "# mine\r\n[[site]]\r\nurl = 'https://x.example/'\r\n"
    file.write_bytes(mine.encode())
    assert add_site(file, A, contact="https://news.example/about")
    assert read_sites(file).contact == "https://news.example/about"
    assert mine.encode() in file.read_bytes()


def test_a_contact_that_is_none_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    with pytest.raises(CrawlerError, match=r"the contact 'bad contact \(x\)' is none; give --contact an"):
        add_site(file, A, contact="bad contact (x)")
    assert not file.exists()
