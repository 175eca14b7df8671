"""Reading a payload: encodings undone, the form told, one clear sentence for what cannot be read."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.page import MAX_BYTES, PageError, looks_like_html, read_page

POLISH = "Sejm uchwalił ustawę o źródłach energii, a premier mówił o łączności i żegludze."
RUSSIAN = "Правительство сегодня объявило о новом законе, который вступит в силу весной."
JAPANESE = "政府は今日、新しい法律を発表した。国会で議論が続いている。"


def html(text: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "iso-8859-2"),
        (POLISH, "windows-1250"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso-2022-jp"),
    ],
)
@pytest.mark.parametrize("where", ["meta", "header"])
def test_a_declared_encoding_is_undone(text: str, encoding: str, where: str) -> None:
    page = html(text, f'<meta charset="{encoding}">' if where == "meta" else "")
    header = f"text/html; charset={encoding}" if where == "header" else "text/html"
    assert text in read_page(page.encode(encoding), content_type=header).text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_told_with_and_without_a_mark(encoding: str) -> None:
    assert POLISH in read_page(html(POLISH).encode(encoding)).text


def test_a_byte_order_mark_beats_the_header() -> None:
    body = html(POLISH).encode("utf-8-sig")
    assert POLISH in read_page(body, content_type="text/html; charset=iso-8859-1").text


def test_valid_utf8_is_utf8_whatever_was_declared() -> None:
    body = html(POLISH, '<meta charset="iso-8859-1">').encode()
    assert read_page(body, content_type="text/html; charset=windows-1252").encoding == "utf-8"


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "windows-1251"), (JAPANESE, "euc-jp")])
def test_an_undeclared_encoding_is_detected(text: str, encoding: str) -> None:
    assert text in read_page(html(text).encode(encoding)).text


def test_an_undeclared_encoding_follows_the_language_of_the_page() -> None:
    text = "Le président a déclaré à la presse"
    body = f'<html lang="fr"><body><p>{text}</p></body></html>'.encode("windows-1252")
    assert text in read_page(body).text


def test_a_few_bad_bytes_do_not_cost_an_html_page() -> None:
    body = html(POLISH * 20).encode() + b"<p>a pasted \x93quote\x94</p>"
    page = read_page(body)
    assert POLISH in page.text
    assert "\ufffd" in page.text


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        ("\ufeff".encode(), "is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n....", "a PNG picture"),
        (b"\x1f\x8b\x08\x00", "compressed with gzip"),
        (bytes(range(32)) * 40, "is binary"),
        (b"x" * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_page_is_refused_in_one_sentence_that_names_it(body: bytes, sentence: str) -> None:
    with pytest.raises(PageError) as error:
        read_page(body, url="https://example.org/a")
    message = str(error.value)
    assert sentence in message
    assert message.startswith("https://example.org/a ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Caffè, città e perché".encode("latin-1"), "is not utf-8 text (byte 0xe8 in line 1)"),
        ("Caffè\nCittà".encode() + b"\nperch\xe9 no", "mixes encodings (byte 0xe9 in line 3)"),
        ("Ende der Straße".encode()[:-2], "ends in the middle of a character"),
    ],
)
def test_a_text_dump_in_a_wrong_encoding_says_where(body: bytes, sentence: str) -> None:
    with pytest.raises(PageError) as error:
        read_page(body, form="text")
    assert sentence in str(error.value)


def test_a_text_dump_in_a_declared_encoding_is_read() -> None:
    body = "Caffè e città".encode("latin-1")
    assert read_page(body, content_type="text/plain; charset=latin-1").text == "Caffè e città"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("<!DOCTYPE html><title>x</title>", "html"),
        ("<p class=lead>Rain</p>", "html"),
        ("  <div>\n<p>Rain</p></div>", "html"),
        ("Rain in May\n\nIt rained; 3 < 4 and 5 > 2.", "text"),
        ("He wrote <i>sic</i> in the margin.", "text"),
    ],
)
def test_the_form_is_told_by_content(text: str, form: str) -> None:
    assert read_page(text).form == form
    assert looks_like_html(text) is (form == "html")


def test_the_form_that_is_given_stands() -> None:
    assert read_page("<p>Rain</p>", form="text").form == "text"


def test_plain_text_served_as_html_is_text() -> None:
    assert read_page(b"Rain in May\n\nIt rained.", content_type="text/html").form == "text"


def test_surrogates_and_nul_never_leave() -> None:
    page = read_page("<p>a\ud83d\ude00b\ud800c\0d</p>")
    assert page.text == "<p>a\U0001f600b\ufffdcd</p>"


def test_the_error_survives_the_way_between_processes() -> None:
    error = PageError("is empty; fetch it again", "https://example.org/a")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.url) == (str(error), error.url)


@given(
    st.binary(max_size=400), st.sampled_from(["", "text/html", "text/html; charset=x-unknown", "text/plain"])
)
def test_any_bytes_give_valid_text_or_a_page_error(body: bytes, content_type: str) -> None:
    try:
        page = read_page(body, content_type=content_type)
    except PageError:
        return
    assert "\0" not in page.text
    page.text.encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    page = f"<p>{text}</p>"
    assert read_page(page.encode()).text == page
