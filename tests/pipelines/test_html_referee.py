"""The referee's word on our blocks, and what place in the page adds to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.blocks import PageBlock
from pipelines.extract import lay_over, opinion
from pipelines.html_blocks import blocks_of, parse
from pipelines.repair import repaired

WORDS = "river bridge council winter ferry market harbour signal quarter thunder mosaic velvet".split()  # noqa: SIM905 - a list of words


def paged(*texts: str, path: tuple[str, ...] = ("body", "article", "p"), tag: str = "p") -> list[PageBlock]:
    return [PageBlock(position=n, text=text, path=path, tag=tag) for n, text in enumerate(texts, 1)]


def kept(blocks: list[PageBlock], *lines: str) -> list[int]:
    return [block.position for block, keep in zip(blocks, lay_over(blocks, lines).kept, strict=True) if keep]


def test_equal_lines_are_found_whatever_their_case_and_marks() -> None:
    blocks = paged("Menu", "It rained – hard!", "More rain", "Imprint")
    assert kept(blocks, "- It rained hard", "more rain.") == [2, 3]


def test_of_equal_blocks_the_one_between_its_neighbours_is_meant() -> None:
    blocks = paged(
        "Rain in May", "Menu", "It rained on the hills all day", "Rain in May", "It dried by the evening"
    )
    assert kept(blocks, "It rained on the hills all day", "Rain in May", "It dried by the evening") == [
        3,
        4,
        5,
    ]


def test_a_line_that_joins_blocks_keeps_them_all() -> None:
    blocks = paged("River bridge council winter", "ferry market harbour signal", "Imprint and contact of us")
    assert kept(blocks, "River bridge council winter ferry market harbour signal") == [1, 2]


def test_lines_that_split_a_block_keep_it() -> None:
    blocks = paged("Menu", "River bridge council winter ferry market harbour signal")
    assert kept(blocks, "River bridge", "council winter", "ferry market harbour signal") == [2]


def test_cells_of_a_row_are_found_in_its_line() -> None:
    blocks = paged("Month", "Rain in mm", "Days of sun", "Menu of the day")
    assert kept(blocks, "| Month | Rain in mm | Days of sun |") == [1, 2, 3]


def test_text_that_no_block_has_is_handed_over() -> None:
    found = lay_over(paged("Loading"), ["River bridge council winter ferry market"])
    assert found.kept == (False,)
    assert found.elsewhere == ("River bridge council winter ferry market",)


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join), max_size=12), st.data()
)
def test_blocks_laid_over_themselves_are_all_kept(texts: list[str], data: st.DataObject) -> None:
    blocks = paged(*texts)
    assert all(lay_over(blocks, texts).kept)
    some = data.draw(st.lists(st.sampled_from(texts), max_size=6)) if texts else []
    found = lay_over(blocks, some)
    assert len(found.kept) == len(blocks)
    assert found.elsewhere == ()


def test_the_referee_tells_the_text_from_the_frame() -> None:
    story = "".join(
        f"<p>{n} The council met on Monday and agreed to rebuild the old bridge before winter, says {n}.</p>"
        for n in range(8)
    )
    frame = "<div><a href=/>{}</a></div>"
    html = f"<html><body>{frame.format('Home')}<article>{story}</article>{frame.format('Imprint')}"
    blocks = blocks_of(parse(html))
    assert opinion(html, blocks).kept == (False, *[True] * 8, False)


def test_the_description_names_the_standfirst() -> None:
    lead = "A firm was found that will do the work."
    blocks = [
        *paged("Bridge to be rebuilt", path=("body", "h1"), tag="h1"),
        *paged("Monday", lead, path=("body", "div", "p")),
        *paged("The council met on Monday evening and agreed to rebuild the old bridge before winter."),
    ]
    assert repaired(
        blocks, [False, False, False, True], headline="Bridge to be rebuilt", description=lead
    ) == (
        False,
        False,
        True,
        True,
    )


def test_paragraphs_subheads_and_items_amid_the_text_are_put_back() -> None:
    article = ("body", "article")
    blocks = [
        *paged("One", "Two", path=(*article, "p")),
        *paged("Missed", path=(*article, "p")),
        *paged("Subhead", path=(*article, "h2#a"), tag="h2"),
        *paged("Item", path=(*article, "ul", "li"), tag="li"),
        *paged("Read more", path=(*article, "p.promo")),
        *paged("Three", path=(*article, "p")),
        *paged("After", path=(*article, "p")),
    ]
    was = [True, True, False, False, False, False, True, False]
    assert repaired(blocks, was, headline=None, description=None) == (True,) * 5 + (False, True, False)


def test_without_a_referee_nothing_is_put_back() -> None:
    assert repaired(paged("One", "Two"), (), headline=None, description=None) == ()
