"""Bylines in many languages: who is a person, who an organisation, and what is nobody."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.metadata import clean_authors, clean_headline


def is_plain(text: str) -> bool:
    """One line, trimmed, without control characters and lone surrogates."""
    return text == " ".join(text.split()) and not {"Cc", "Cs"} & set(map(unicodedata.category, text))


PERSONS = {
    "Jane Doe": ["Jane Doe"],
    "By Jane Doe": ["Jane Doe"],
    "BY JANE DOE": ["JANE DOE"],
    "ByJane Doe": ["Jane Doe"],
    "Von Erika Muster": ["Erika Muster"],
    "Ein Gastbeitrag von Erika Muster": ["Erika Muster"],
    "View all posts by Jane Doe": ["Jane Doe"],
    "Zeige alle Beiträge von Erika Muster": ["Erika Muster"],
    "Par Jeanne Dupont": ["Jeanne Dupont"],
    "Por Juana Pérez": ["Juana Pérez"],
    "di Gianna Rossi": ["Gianna Rossi"],
    "Автор: Анна Иванова": ["Анна Иванова"],
    "著者：山田花子": ["山田花子"],
    "김철수 기자": ["김철수"],
    "박영희 기자 외 1명": ["박영희"],
    "Jane Doe and Max Roe": ["Jane Doe", "Max Roe"],
    "Jane Doe, Max Roe and Ann Poe": ["Jane Doe", "Max Roe", "Ann Poe"],
    "Jane Doe, Max Roe, and Ann Poe": ["Jane Doe", "Max Roe", "Ann Poe"],
    "Erika Muster und Max Muster": ["Erika Muster", "Max Muster"],
    "Jane Doe & Max Roe": ["Jane Doe", "Max Roe"],
    "Jane Doe; Max Roe": ["Jane Doe", "Max Roe"],
    "Ana López y Juan Pérez": ["Ana López", "Juan Pérez"],
    "José Ortega y Gasset": ["José Ortega y Gasset"],
    "João da Silva e Costa": ["João da Silva e Costa"],
    "Kari Hansen og Ola Olsen": ["Kari Hansen", "Ola Olsen"],
    "Jan Kowalski i Anna Nowak": ["Jan Kowalski", "Anna Nowak"],
    "Jane Doe, Senior Editor, The Paper, London": ["Jane Doe"],
    "Jane Doe Political Reporter": ["Jane Doe"],
    "Korrespondentin Erika Muster": ["Erika Muster"],
    "Jane Doe / Journalist": ["Jane Doe"],
    "Jane Doe (jd)": ["Jane Doe"],
    "Jane Doe, Berlin": ["Jane Doe"],
    "Von Erika Muster in Berlin": ["Erika Muster"],
    "Jane Doe, jane.doe@paper.example": ["Jane Doe"],
    "Jane Doe @janedoe": ["Jane Doe"],
    "Jane Doe | Updated 3 May 2024": ["Jane Doe"],
    "Jane Doe Last Updated 3 May": ["Jane Doe"],
    "Jane Doe, 03.05.2024, 15:47 Uhr": ["Jane Doe"],
    "By Jane Doe on Thursday": ["Jane Doe"],
    "Von Erika Muster, Freitag, 3. Mai": ["Erika Muster"],
    "Jane Doe Twitter": ["Jane Doe"],
    "Jane Doe, CFP": ["Jane Doe"],
    "John Doe, Jr.": ["John Doe, Jr."],
    "Doe, Jane": ["Jane Doe"],
    "Reporting by Jane Doe; Editing by Max Roe": ["Jane Doe"],
    "Jane Doe, Foto: Max Roe": ["Jane Doe"],
    "<b>Jane</b> Doe": ["Jane Doe"],
    "Dr. Erika Muster": ["Dr. Erika Muster"],
}
ORGANISATIONS = {
    "Reuters": ["Reuters"],
    "dpa": ["dpa"],
    "Redaktion paper.example.de": ["Redaktion paper.example.de"],
    "The Editors": ["The Editors"],
    "Planet Staff": ["Planet Staff"],
    "Equipe do Jornal": ["Equipe do Jornal"],
    "planet.com": ["planet.com"],
    "Planet Wave (www.planet.com)": ["Planet Wave"],
    "編集部": ["編集部"],
    "新华社": ["新华社"],
    "AFP et Reuters": ["AFP", "Reuters"],
    "Quelle: dpa": ["dpa"],
    "Doe Holdings, LLC": ["Doe Holdings, LLC"],
}
NOBODY = [
    "", "admin", "By", "https://www.facebook.com/janedoe", "@janedoe", "Published 3 May 2024", "Unknown",
    "{{author}}",
    "[object Object]", "Personal finance", "12345", "What happened next in the long story of the bridge?",
]  # fmt: skip


@pytest.mark.parametrize(("byline", "persons"), PERSONS.items())
def test_persons_are_freed_of_what_is_not_their_name(byline: str, persons: list[str]) -> None:
    assert clean_authors([byline]) == (tuple(persons), ())


@pytest.mark.parametrize(("byline", "organisations"), ORGANISATIONS.items())
def test_organisations_stand_apart(byline: str, organisations: list[str]) -> None:
    assert clean_authors([byline]) == ((), tuple(organisations))


@pytest.mark.parametrize("byline", NOBODY)
def test_what_names_nobody_is_left_out(byline: str) -> None:
    assert clean_authors([byline]) == ((), ())


def test_persons_and_agencies_in_one_byline_are_told_apart() -> None:
    assert clean_authors(["By Jane Doe and Max Roe, dpa | Updated 3 May"]) == (
        ("Jane Doe", "Max Roe"),
        ("dpa",),
    )


def test_the_outlet_itself_is_an_organisation() -> None:
    assert clean_authors(["Weekly Lantern"], site_name="Weekly Lantern") == ((), ("Weekly Lantern",))
    assert clean_authors(["Le Fanal et AFP"], site_name="Le Fanal") == ((), ("Le Fanal", "AFP"))


def test_the_same_name_twice_is_listed_once() -> None:
    assert clean_authors(["Jane Doe", "by jane doe", "Dr. Jane Doe"])[0] == ("Jane Doe",)


@given(st.lists(st.text(max_size=80), max_size=4), st.none() | st.text(max_size=20))
def test_names_are_lines_of_plain_text_each_once(raw: list[str], site_name: str | None) -> None:
    persons, organisations = clean_authors(raw, site_name=site_name)
    names = [*persons, *organisations]
    assert len(set(names)) == len(names)
    for name in names:
        assert name
        assert is_plain(name)


@pytest.mark.parametrize("name", [*(n for names in PERSONS.values() for n in names)])
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    assert clean_authors([name]) == ((name,), ())


@pytest.mark.parametrize(
    ("raw", "site_name", "headline"),
    [
        ("Bridge opens | The Daily Planet", "The Daily Planet", "Bridge opens"),
        ("Bridge opens - Daily Planet", "The Daily Planet", "Bridge opens"),
        ("Bridge opens – DAILY PLANET online", "Daily Planet", "Bridge opens"),
        ("The Daily Planet: Bridge opens", "The Daily Planet", "Bridge opens"),
        ("大橋が開通：惑星新聞", "惑星新聞", "大橋が開通"),
        ("大桥通车_行星日报", "行星日报", "大桥通车"),
        ("Bridge opens | The Daily Planet", None, "Bridge opens | The Daily Planet"),
        ("Bridge - why it took so long", "The Daily Planet", "Bridge - why it took so long"),
        ("The Daily Planet", "The Daily Planet", "The Daily Planet"),
        ("Bridge &amp; road", None, "Bridge & road"),
        ("Bridge\n\topens\u00ad now\u200b", None, "Bridge opens now"),
        ("Bru\u0308cke", None, "Br\u00fccke"),
        (" | ", None, None),
        (None, None, None),
    ],
)
def test_a_headline_loses_its_site_and_nothing_else(
    raw: str | None, site_name: str | None, headline: str | None
) -> None:
    assert clean_headline(raw, site_name) == headline


@given(st.text(max_size=200), st.none() | st.text(max_size=30))
def test_any_text_gives_a_clean_headline_or_none(raw: str, site_name: str | None) -> None:
    headline = clean_headline(raw, site_name)
    assert headline is None or (headline and is_plain(headline))
