"""What is noise between two texts, how alike they are, and whose a text is: the decisions alone."""

from __future__ import annotations

import doctest
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import doubles, likeness
from archive.doubles import (
    Sighting,
    addresses_agree,
    belongs,
    is_twin,
    led_astray,
    nobodys,
    slug,
    stands_by_itself,
)
from archive.likeness import (
    NEAR,
    Said,
    are_one,
    behind_wall,
    fold,
    is_noise,
    is_wall,
    matter,
    resemblance,
    share,
    sketch,
    wording,
)

SITE = "https://press.example"
LONG = " ".join(f"word{n} of the long text" for n in range(60))


def test_the_examples_in_docstrings_hold() -> None:
    for module in (doubles, likeness):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Quoted”", '"Quoted"'),
        ("„Quoted“", "«Quoted»"),
        ("« Où ? »", "«Où?»"),
        ("it’s", "it's"),
        ("1914–18", "1914-18"),
        ("a — b", "a-b"),
        ("10\u00a0000 \u202f€", "10 000 €"),
        ("hy\u00adphen\u200b", "hyphen"),
        ("and so on…", "and so on..."),
        ("e\u0301te\u0301", "été"),
        ("two  \n words", "two words"),
    ],
)
def test_typography_is_no_difference(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert wording(one, other) == wording(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("12 dead", "14 dead"), ("He lied.", "He lied?"), ("yes", "no"), ("Ministers", "ministers")],
)
def test_what_a_newsroom_changes_is_a_difference(one: str, other: str) -> None:
    assert wording("A headline", one) != wording("A headline", other)
    assert wording(one, "A text") != wording(other, "A text")


@pytest.mark.parametrize(
    "line",
    [
        "12 comments", "Comments (12)", "1,204 views", "Updated 5 minutes ago", "5 min read", "vor 5 Minuten",
        "Aktualisiert vor 2 Stunden", "Last updated: 25 November 2026, 14:05 GMT", "Updated at 14:05",
        "Stand: 25.11.2026, 14:05 Uhr", "il y a 5 minutes", "hace 3 horas", "3 hours ago", "an hour ago",
        "Mis à jour le 3 mars 2024 à 10h05", "Posted on Nov 25, 2026 at 2:05 pm", "5分前", "3 Kommentare",
    ],
)  # fmt: skip
def test_counters_and_ages_are_noise(line: str) -> None:
    assert is_noise(line)
    assert wording("A headline", f"First.\n\n{line}\n\nLast.") == wording("A headline", "First.\n\nLast.")


@pytest.mark.parametrize(
    "line",
    [
        "Updated figures show 12 dead", "12 dead", "The war began 5 days ago", "5 people", "12 days", "",
        "Published in 2019 to acclaim", "Last update on 2024 election results night", "14:05", "12",
        "Comments by 12 ministers were leaked", "Votes: 214", "2 votes", "12 readers", "Stand",
        "Stand: 14.30 Uhr 120",
        "Published on 12 May 2019, the report was secret", "Updated 14:05 toll 12", "Mayor: 12 May",
        "The minister said so 3 hours ago at 14:05 in the house.",
    ],
)  # fmt: skip
def test_what_an_article_says_is_no_noise(line: str) -> None:
    assert not is_noise(line)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Stand 12.30 Uhr: 3 Tote", "3 Tote"),
        ("Stand 14 Uhr: 45 Tote", "45 Tote"),
        ("Updated 25 November 2026: 12 dead", "12 dead"),
        ("(Last updated Nov. 25, 2026 at 2:05 p.m.) - Two dead", "Two dead"),
        ("Updated 5 minutes ago: 12 dead", "12 dead"),
        ("Mis à jour le 3 mars 2024 à 10h05 | 12 morts", "12 morts"),
        ("Stand: 25.11., 14 Uhr – 120 Stimmen", "120 Stimmen"),
    ],
)
def test_only_the_time_of_an_update_is_noise(line: str, left: str) -> None:
    assert matter(line) == left
    assert not is_noise(line)
    assert wording("A headline", line) == wording("A headline", left)


def test_a_figure_that_changes_with_its_time_is_a_difference() -> None:
    at_noon, later, same = ("Stand 12.30 Uhr: 3 Tote", "Stand 14 Uhr: 45 Tote", "Stand 14 Uhr: 3 Tote")
    assert wording("A headline", at_noon) != wording("A headline", later)
    assert wording("A headline", at_noon) == wording("A headline", same)
    assert wording("A headline", "Votes: 214") != wording("A headline", "Votes: 215")


@given(st.text(), st.text())
def test_a_wording_is_the_same_for_the_same_and_folding_twice_changes_nothing(
    headline: str, text: str
) -> None:
    assert wording(headline, text) == wording(headline, text)
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_likeness_is_symmetric_and_a_share(one: str, other: str) -> None:
    a, b = sketch(one), sketch(other)
    assert resemblance(a, b) == resemblance(b, a)
    assert 0 <= resemblance(a, b) <= 1
    assert resemblance(a, a) == (1 if a else 0)
    assert are_one(Said(text=one), Said(text=other)) == are_one(Said(text=other), Said(text=one))


def test_a_text_with_another_line_in_it_is_nearly_the_same_and_half_of_it_is_not() -> None:
    assert resemblance(sketch(LONG), sketch(LONG + " Read most today: the ferry.")) >= NEAR
    assert resemblance(sketch(LONG), sketch(LONG[: len(LONG) // 2])) < NEAR


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            Said(headline="Ferry returns", text=LONG),
            Said(headline="Council votes", text="Another one here."),
            False,
        ),
        (
            Said(headline="Ferry returns", text=LONG),
            Said(headline="Ferry returns late", text="Another."),
            True,
        ),
        (Said(headline="Ferry returns", text=LONG), Said(headline="Council votes", text=LONG[:300]), True),
        (Said(headline=None, text=LONG), Said(headline="Council votes", text="Another one here."), False),
        (Said(headline="Ferry returns", text=""), Said(headline="Council votes", text=LONG), True),
    ],
    ids=["nothing shared", "headline", "text", "a headline is missing", "nothing to compare"],
)
def test_pages_that_claim_to_be_one(one: Said, other: Said, same: bool) -> None:
    assert are_one(one, other) is same


@pytest.mark.parametrize(
    ("after", "is_teaser", "is_walled", "walled"),
    [
        (LONG[:300], True, False, True),
        (LONG[:300], False, True, True),
        (LONG[:300], False, False, False),
        (LONG[:300] + " …", False, True, True),
        (LONG[:300] + " …", False, False, False),
        ("Something else that is short and ends at a wall, as its page says.", True, False, True),
        ("Something else that is short: the article was taken back by the desk today.", False, True, False),
        (LONG[: int(len(LONG) * 0.7)], False, True, False),
        (LONG, True, True, False),
        (LONG + " And more.", True, True, False),
    ],
)  # fmt: skip
def test_what_a_wall_leaves_of_a_known_text(
    after: str, is_teaser: bool, is_walled: bool, walled: bool
) -> None:
    assert bool(behind_wall(LONG, after, is_teaser=is_teaser, is_walled=is_walled)) is walled
    assert behind_wall("", after, is_teaser=is_teaser, is_walled=is_walled) == ""


@pytest.mark.parametrize(
    ("line", "wall"),
    [
        ("Subscribe to continue reading", True), ("Sign in or register to read the whole story", True),
        ("Already a subscriber? Log in", True), ("This article is for subscribers only", True),
        ("Déjà abonné ?", True), ("Nur für Abonnenten", True), ("Contenido para suscriptores", True),
        ("Subscribe", False), ("Log in", False), ("Newsletter", False), ("Continue reading", False),
        ("Subscribe to continue reading " + "and more " * 50, False), ("", False),
    ],
)  # fmt: skip
def test_what_walls_say(line: str, wall: bool) -> None:
    assert is_wall(line) is wall


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"{SITE}/local/ferry-returns-to-port.html", "ferry port returns"),
        (f"{SITE}/2024/05/02/ferry_returns/", "ferry returns"),
        (f"{SITE}/ferry-returns/4711", "ferry returns"),
        (f"{SITE}/f%C3%A4hre-kehrt-zur%C3%BCck", "fähre kehrt zurück"),
        (f"{SITE}/a/4711", ""),
        (f"{SITE}/news", ""),
        ("http://[broken", ""),
    ],
)
def test_the_words_of_an_address(url: str, words: str) -> None:
    assert " ".join(sorted(slug(url))) == words


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("/local/ferry-returns", "/travel/ferry-returns", True),
        ("/a/47110", "/b/story-of-a-ferry-47110", True),
        ("/ferry-returns?utm_source=x", "/ferry-returns/", True),
        ("/local/ferry-returns", "/council-votes-in-june", False),
        ("/a/1001", "/a/1002", None),
        ("/a/1001", "/ferry-returns", None),
        ("/2024/a", "/2024/b", None),
    ],
)
def test_addresses_that_are_about_one_thing(one: str, other: str, agree: bool | None) -> None:
    assert addresses_agree(SITE + one, SITE + other) is agree
    assert addresses_agree(SITE + other, SITE + one) is agree


def seen(*paths: str, headline: str | None = "Sorry", day: str = "", is_same: bool = True) -> list[Sighting]:
    return [Sighting(url=SITE + path, headline=headline, day=day, is_same=is_same) for path in paths]


STRANGERS = ("/cup-final-tonight", "/mayor-resigns-at-last", "/old-movies-we-love")

VERDICTS: list[tuple[str, list[Sighting], str]] = [
    ("three strangers", seen(*STRANGERS), "soft 404"),
    ("without any headline", seen(*STRANGERS, headline=None), "soft 404"),
    ("two strangers", seen(*STRANGERS[:2]), ""),
    ("one address in three forms", seen("/cup-final?utm_id=1", "/cup-final", "/cup-final/"), ""),
    ("one slug in three sections", seen("/a/cup-final", "/b/cup-final", "/c/cup-final"), ""),
    ("a series", seen("/morning-brief-monday", "/morning-brief-friday", "/morning-brief-sunday"), ""),
    ("three numbers", seen("/a/1001", "/a/1002", "/a/1003"), ""),
    ("three numbers, dated", seen("/a/1001", "/a/1002", "/a/1003", day="2024-05-02"), ""),
    ("three numbers, nearly the same text", seen("/a/1001", "/a/1002", "/a/1003", is_same=False), ""),
    ("three numbers under three headlines",
     [one for n in "123" for one in seen(f"/a/100{n}", headline=f"Matter {n * 3}")], ""),
    ("three strangers under three headlines",
     [one for path, name in zip(STRANGERS, ("Cup final", "Mayor resigns", "Old movies"), strict=True)
      for one in seen(path, headline=name)], "the same text"),
    ("one story, headlines that agree",
     [one for path, name in zip(STRANGERS, ("Ferry sails", "Ferry sails now", "A ferry sails"), strict=True)
      for one in seen(path, headline=name)], ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sightings", "word"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS]
)
def test_whose_a_text_is(sightings: list[Sighting], word: str) -> None:
    for order in (sightings, sightings[::-1]):
        verdict = nobodys(order)
        assert (verdict is not None) == bool(word)
        assert verdict is None or (verdict.kind == "error" and verdict.reason.startswith(word))


def test_a_text_belongs_to_the_address_that_says_its_headline() -> None:
    verdict = nobodys(seen(*STRANGERS, headline="Mayor resigns"))
    assert verdict is not None
    assert verdict.owners == frozenset({1})
    assert belongs(SITE + STRANGERS[1], "The mayor resigns")
    assert not belongs(SITE + "/a/1001", "The mayor resigns")


def kept(headlines: Sequence[str], since: Sequence[str]) -> list[Sighting]:
    return [
        Sighting(url=SITE + path, headline=headline, since=at)
        for path, headline, at in zip(STRANGERS, headlines, since, strict=True)
    ]


@pytest.mark.parametrize(
    ("since", "count", "kind", "owners"),
    [
        (("2024-05-03", "2024-05-02", ""), 150, "article", {1}),
        (("2024-05-03", "2024-05-02", ""), 149, "error", set()),
        (("", "", ""), 150, "error", set()),  # it replaced another text everywhere
    ],
)
def test_a_text_as_long_as_an_article_has_an_owner(
    since: Sequence[str], count: int, kind: str, owners: set[int]
) -> None:
    verdict = nobodys(kept(("Cup final", "Mayor resigns", "Old movies"), since), count)
    assert verdict is not None
    assert (verdict.kind, set(verdict.owners)) == (kind, owners)


def test_under_one_headline_a_long_text_is_left_where_it_was_first_unless_an_address_says_the_headline() -> (
    None
):
    since = ("2024-05-02", "2024-05-03", "")
    for headline, owners in (("渡輪重返港口", {0}), ("Mayor resigns", {1})):
        verdict = nobodys(kept([headline] * 3, since), 150)
        assert verdict is not None
        assert (verdict.kind, set(verdict.owners)) == ("error", owners)


@pytest.mark.parametrize(
    ("path", "day", "count", "stands"),
    [
        ("/sorry", "", 30, False), ("/", "", 149, False), ("/sorry", "", 150, True),
        ("/sorry", "2024-05-02", 30, True), ("/live/weather-emergency", "", 30, True),
        ("/a/4711", "", 30, True),
    ],
)  # fmt: skip
def test_a_page_that_others_lead_to_and_stands_by_itself(
    path: str, day: str, count: int, stands: bool
) -> None:
    assert stands_by_itself(SITE + path, day, count) is stands


def test_twins() -> None:
    one = Sighting(url=f"{SITE}/a/cup-final", headline="Cup “final”", day="2024-05-02T10:00:00Z")
    for other, same in [
        (Sighting(url=f"{SITE}/b/cup-final", headline='Cup "final"'), True),
        (Sighting(url=f"{SITE}/b/cup-final", headline="Cup final"), False),
        (Sighting(url=f"{SITE}/b/cup-final", headline='Cup "final"', day="2024-05-03"), False),
        (Sighting(url=f"{SITE}/b/1234", headline='Cup "final"', day="2024-05-02"), True),
        (Sighting(url=f"{SITE}/b/1234", headline='Cup "final"'), False),
        (Sighting(url=f"{SITE}/mayor-resigns", headline='Cup "final"', day="2024-05-02"), False),
        (Sighting(url=f"{SITE}/b/cup-final", headline=None), False),
    ]:
        assert is_twin(one, other) is same, other
    number = Sighting(url=f"{SITE}/nord/812345", headline="Cup final")
    for path, day, same in (("/sued/812399", "", True), ("/sued/812399", "2024-05-02", False),
                            ("/b/cup-final", "", False)):  # fmt: skip
        assert is_twin(number, Sighting(url=SITE + path, headline="Cup final", day=day)) is same


def test_addresses_that_lead_astray() -> None:
    final = f"{SITE}/ferry-returns"
    asked = [SITE + path for path in STRANGERS]
    assert led_astray(asked, final, "Ferry returns") == frozenset(asked)
    assert led_astray(asked[:2], final, "Ferry returns") == frozenset()
    # Renamed, short, or of the story itself.
    mine = [f"{SITE}/s/1", f"{SITE}/ferry-returns-late", f"{SITE}/cup-final-tonight", f"{SITE}/?p=4"]
    assert led_astray(mine, final, "Ferry returns") == frozenset()


@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_a_share_is_of_the_smaller(one: set[str], other: set[str]) -> None:
    assert 0 <= share(one, other) == share(other, one) <= 1
