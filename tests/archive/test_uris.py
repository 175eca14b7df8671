"""URLs in records and rows, and what makes two pages the same article."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.digests import payload_digest, storable
from archive.uris import host_of, identity_of, same_site, target_uri

DIGEST = payload_digest(b"")
PAGE = "https://www.press.example/2024/ferry?id=7"


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        (PAGE, PAGE),
        ("https://press.example/a b\tc\r\nd", "https://press.example/a%20b%09c%0D%0Ad"),
        ("https://press.example/Fähre?q=„x“", "https://press.example/F%C3%A4hre?q=%E2%80%9Ex%E2%80%9C"),
        ("https://press.example/100%", "https://press.example/100%25"),
        ("https://press.example/%zz%41", "https://press.example/%25zz%41"),
        ('https://press.example/<"\\^`{|}>\0', "https://press.example/%3C%22%5C%5E%60%7B%7C%7D%3E%00"),
        ("  https://press.example/a ", "https://press.example/a"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("", "urn:" + DIGEST),
        ("n/a", "urn:" + DIGEST),
        ("press.example/a", "urn:" + DIGEST),
        ("//press.example/a", "urn:" + DIGEST),
        ("http:", "urn:" + DIGEST),
    ],
)
def test_target_uris(url: str, uri: str) -> None:
    assert target_uri(url, DIGEST) == uri


@given(st.text(st.characters(codec=None), max_size=80))
def test_any_url_becomes_a_valid_stable_uri_of_one_line(rest: str) -> None:
    uri = target_uri("https://press.example/" + rest, DIGEST)
    assert re.fullmatch(r"[A-Za-z0-9%/:?#\[\]@!$&'()*+,;=._~-]+", uri)
    assert not re.search("%(?![0-9A-Fa-f]{2})", uri)
    assert target_uri(uri, DIGEST) == uri


@pytest.mark.parametrize(
    ("url", "canonical", "identity"),
    [
        (PAGE, None, PAGE),
        (PAGE + "#comments", None, PAGE),
        (PAGE, "https://www.press.example/ferry", "https://www.press.example/ferry"),
        (PAGE, "https://press.example/ferry#top", "https://press.example/ferry"),
        (PAGE, "https://amp.press.example/ferry", "https://amp.press.example/ferry"),
        (PAGE, "https://other.example/ferry", PAGE),
        (PAGE, "https://www.press.example/", PAGE),
        (PAGE, "https://www.press.example", PAGE),
        ("https://www.press.example/?p=1", "https://www.press.example/", "https://www.press.example/?p=1"),
        ("https://press.example", "https://press.example/", "https://press.example/"),
        (PAGE, "/ferry", PAGE),
        (PAGE, "javascript:alert(1)", PAGE),
        (PAGE, "https://[broken", PAGE),
        ("urn:sha1:X", "https://press.example/ferry", "https://press.example/ferry"),
        ("urn:sha1:X", "https://press.example/", "urn:sha1:X"),
        ("urn:sha1:X", None, "urn:sha1:X"),
    ],
)
def test_the_identity_is_the_canonical_url_where_it_can_be_believed(
    url: str, canonical: str | None, identity: str
) -> None:
    assert identity_of(url, canonical) == identity


def test_a_site_is_a_host_with_its_subdomains() -> None:
    assert same_site("https://www.press.example/", "http://m.press.example:8080/")
    assert same_site("https://news.press.example/", "https://press.example/")
    assert not same_site("https://mypress.example/", "https://press.example/")
    assert not same_site("urn:x:y", "urn:x:y")


def test_hosts_of_odd_urls() -> None:
    assert host_of("https://Press.Example.:443/a") == "press.example"
    assert host_of("https://[broken") == host_of("urn:x") == host_of("") == ""


@given(st.text(st.characters(codec=None)))
def test_storable_text_is_well_formed_and_well_formed_text_is_left_alone(text: str) -> None:
    stored = storable(text)
    assert "\0" not in stored
    assert stored.encode("utf-8").decode("utf-8") == stored
    assert storable(stored) == stored
    if "\0" not in text and not re.search("[\ud800-\udfff]", text):
        assert stored == text


def test_surrogates_that_form_a_pair_become_their_character() -> None:
    assert storable("\ud83d\ude00 \ud83d \0") == "😀 \ufffd \ufffd"
