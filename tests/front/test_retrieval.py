"""Which articles a search finds: each of its ways to ask SQLite finds the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import Archive
from archive.front.plugins.pressmark_front import retrieval
from archive.front.plugins.pressmark_front.query import NAMES, SORTS, Search, read_search
from archive.front.plugins.pressmark_front.retrieval import (
    RANKED,
    Question,
    TooSlow,
    answered,
    ordered,
    tallied,
)
from tests.front import sample
from tests.front.test_query import QUESTIONS


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    root = tmp_path_factory.mktemp("query")
    sample.build(root)
    connection = sqlite3.connect(root / "articles.db")
    yield connection
    connection.close()


def ask(database: sqlite3.Connection, said: list[Question], search: Search, limit: int = 1000) -> list[int]:
    """What a search finds; its questions are added to `said`."""

    def put(sql: str, params: dict[str, object]) -> list[tuple[object, ...]]:
        said.append((sql, params))
        return database.execute(sql, params).fetchall()

    return answered(ordered(search, limit), put)


def noted(said: list[Question], question: Question) -> list[tuple[int]]:
    """Instead of an answer: seven of everything."""
    said.append(question)
    return [(7,)]


def found(database: sqlite3.Connection, search: Search) -> list[int]:
    return ask(database, [], search)


def tally(database: sqlite3.Connection, search: Search) -> retrieval.Tally:
    return answered(tallied(search), lambda sql, params: database.execute(sql, params).fetchall())


@settings(deadline=None)
@given(QUESTIONS, st.sampled_from([*SORTS, "", "x"]))
def test_any_question_can_be_asked(database: sqlite3.Connection, question: str, sort: str) -> None:
    search = read_search(question, sort=sort)
    hits = found(database, search)
    counted = tally(database, search)
    assert (counted.total, counted.exact, len(counted.rows)) == (len(hits), True, len(hits))
    assert len(set(hits)) == len(hits)


WORDS = st.sampled_from(["tide", "tide OR ferry", "ferry", "budget OR harbour", "tide -10", "nowhere"])
FILTERS = st.lists(
    st.sampled_from([
        "site:gazette.example", "site:bulletin.example", "language:en", "section:Town", "has:versions",
        "from:2024-02-20", "to:2024-03-05", "from:2025", "access:free", 'site:"(no site)"', "cluster:1",
    ]),
    max_size=3,
).map(" ".join)  # fmt: skip


@settings(deadline=None)
@given(WORDS, FILTERS, st.sampled_from(SORTS), st.integers(1, 90), st.integers(0, 3), st.integers(1, 40))
def test_each_way_finds_the_same(
    database: sqlite3.Connection, words: str, filters: str, sort: str, limit: int, few: int, walked: int
) -> None:
    """Where all is many, little is walked and nothing is narrow: as where nothing is."""
    search = read_search(f"{words} {filters}", sort=sort)
    plain = ask(database, [], search, limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "FEW", few)
        patch.setattr(retrieval, "WALKED", walked)
        patch.setattr(retrieval, "NARROW", walked)
        patch.setattr(retrieval, "SAMPLED", 1)
        again = ask(database, [], search, limit)
        counted = tally(database, search)
    if sort == "relevance":
        plain, again = sorted(plain), sorted(again)  # alike ones stand as they come
        assert limit < len(found(database, search)) or plain == again
    else:
        assert plain == again
    assert not counted.exact or counted.total == len(found(database, search))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*NAMES, "on"]), st.lists(st.text(max_size=30), max_size=3)))
def test_any_filter_can_be_told(database: sqlite3.Connection, told: dict[str, list[str]]) -> None:
    found(database, read_search("ferry", told))


def test_what_is_found_is_what_is_asked_for(database: sqlite3.Connection) -> None:
    def headlines(question: str, sort: str = "") -> list[str]:
        listed = ", ".join(map(str, found(database, read_search(question, sort=sort)))) or "0"
        return [
            row[0]
            for row in database.execute(f"select headline from articles where id in ({listed}) order by id")
        ]

    assert headlines("budget") == headlines("site:gazette.example") == ["Budget passes after recount"]
    assert headlines("has:versions") == ["Budget passes after recount"]
    assert len(headlines("tide NOT headline:10")) == len(headlines("tide -headline:10")) == 69
    assert headlines("tide on:2024-03-01 -10") == [f"Bulletin number {n}" for n in (0, 28, 56)]
    assert headlines("section:Town") == ["River ferry returns after eleven years"]
    assert len(headlines("-tide")) == 5
    newest = found(database, read_search("tide", sort="newest"))
    assert newest == found(database, read_search("tide", sort="oldest"))[::-1]


def test_undated_articles_come_last_in_either_order(database: sqlite3.Connection) -> None:
    (undated,) = database.execute("select id from articles where date_published is null").fetchone()
    for sort in ("newest", "oldest"):
        assert found(database, read_search("", sort=sort))[-1] == undated


@pytest.mark.parametrize(
    "question",
    [
        "ferry",
        "ferry site:a.example",
        "site:a.example",
        "",
        "language:en",
        "-ferry",
        "ferry from:2024 has:versions",
    ],
)
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("few", [0, 1000])
def test_no_article_is_read_to_find_or_count_it(
    database: sqlite3.Connection, question: str, sort: str, few: int
) -> None:
    said: list[Question] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "FEW", few)
        search = read_search(question, sort=sort)
        ask(database, said, search)
        answered(tallied(search), lambda *question: noted(said, question))
    for sql, params in said:
        plan = [row[3] for row in database.execute(f"explain query plan {sql}", params)]
        reads = [row for row in plan if row.startswith(("SCAN a", "SEARCH a")) and "articles_fts" not in row]
        assert all("USING COVERING INDEX articles_by_" in read for read in reads), plan
    assert any("articles a" in sql for sql, _ in said)


def test_what_was_counted_stays_known_where_the_sample_takes_too_long() -> None:
    asking = tallied(read_search("tide"))
    next(asking)
    asking.send([(123_456,)])
    with pytest.raises(StopIteration) as end:
        asking.throw(TooSlow())
    assert end.value.value == retrieval.Tally(123_456, True, 82, ())
    asking = tallied(read_search("tide section:Town"))
    next(asking)
    asking.send([(123_456,)])
    with pytest.raises(TooSlow):
        asking.throw(TooSlow())


def test_of_a_word_in_very_many_articles_the_newest_are_ranked(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("many")
    Archive.open(root, software="test").close()
    database = sqlite3.connect(root / "articles.db")
    database.execute("drop trigger articles_fts_insert")
    database.executemany(
        "insert into articles (id, url, text, markdown, word_count, text_digest, version, first_seen,"
        " last_seen, cleaner, identity) values (?, '', '', '', 1, '', 1, '', '', '', ?)",
        [(n, str(n)) for n in range(1, RANKED + 51)],
    )
    database.executemany(
        "insert into articles_fts (rowid, text) values (?, 'tide')", [(n,) for n in range(1, RANKED + 51)]
    )
    said: list[Question] = []
    ask(database, said, read_search("tide"))
    assert said[-1][1]["lowest"] == 50
    assert min(ask(database, [], read_search("tide"), RANKED * 2)) == 50
    assert tally(database, read_search("tide")).total == RANKED + 50
    # Every third article is of a section: a sample of every third number would be all or none of them.
    database.execute("update articles set section = 'Town' where id % 3 = 0")
    third = tally(database, read_search("tide section:Town"))
    assert (third.exact, third.step) == (False, 3)
    assert third.total == pytest.approx((RANKED + 50) / 3, rel=0.1)
    # Of which a sample tells nothing is counted.
    database.execute("update articles set section = 'Rare' where id in (3, 5, 700)")
    rare = tally(database, read_search("tide section:Rare"))
    assert (rare.exact, rare.total, len(rare.rows)) == (True, 3, 3)
    database.close()
