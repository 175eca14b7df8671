"""The learned labeller behind the seam: pinned files, one verdict a block, referee, explanations."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.values import KEPT_LABELS, LABELS
from pipelines.blocks import PageBlock, PageFacts
from pipelines.model import CONFIDENT, ModelError, ModelLabeller
from pipelines.model.bundle import load

#: The trained files. A new training changes them, and this table, and MODEL_CARD.md with its figures.
DIGESTS = {
    "html": "b1dc1815f934103bc055327956c78d6b363f787bea910056312e71e4351c8617",
    "text": "d7485ac8dfc78ed9bd018b827048aa59d9c330ff57d8be4e49d5e3bebe1fd473",
}

_STORY = (
    "The last paper mill of the valley closed on Friday, ninety years after it had opened.",
    "Its owner said that orders had fallen by half since spring, and that power had become too dear.",
    "Some two hundred people worked there, most of them from the villages along the river.",
    "The town now wants to turn the halls into flats, but first the ground must be cleaned.",
    "“We knew it would come,” said a worker who had spent thirty years at the machines.",
    "The region's council will talk about help for those who lost their jobs on Tuesday.",
)


def _html() -> list[PageBlock]:
    body = "body", "div.page"
    made = [
        PageBlock(position=1, text="Home News Sport Weather", tag="nav", path=(*body, "nav"), subtree="nav"),
        PageBlock(
            position=2, text="Paper mill closes after ninety years", tag="h1", path=(*body, "h1.headline")
        ),
        PageBlock(position=3, text="By Jane Roe", tag="span", path=(*body, "span.byline")),
    ]
    made += [
        PageBlock(position=p, text=text, tag="p", path=(*body, "article.story", "div.article-body", "p"))
        for p, text in enumerate(_STORY, 4)
    ]
    made += [
        PageBlock(
            position=p, text=text, tag="a", path=(*body, "div.related", "ul", "li", "a"), link_chars=len(text)
        )
        for p, text in enumerate(("Most read", "Storm warning for the coast", "Derby ends in a draw"), 10)
    ]
    return made


_FACTS = PageFacts(
    form="html", url="https://news.example/mill", headline="Paper mill closes after ninety years"
)


@pytest.mark.parametrize("form", sorted(DIGESTS))
def test_the_shipped_model_is_the_one_whose_figures_are_published(form: str) -> None:
    shipped = (files("pipelines.model") / f"{form}.bin").read_bytes()
    assert hashlib.sha256(shipped).hexdigest() == DIGESTS[form]


@pytest.mark.parametrize("form", sorted(DIGESTS))
def test_the_shipped_model_is_small(form: str) -> None:
    assert len((files("pipelines.model") / f"{form}.bin").read_bytes()) < 3_000_000


def test_the_story_stays_and_the_rest_goes() -> None:
    verdicts = ModelLabeller().label(_html(), _FACTS)
    kept = [v.label in KEPT_LABELS for v in verdicts]
    assert kept == [False] * 3 + [True] * 6 + [False] * 3


def test_furniture_keeps_the_label_it_came_with() -> None:
    assert ModelLabeller().label(_html(), _FACTS)[0].label == "nav"


def test_a_dump_is_cut_by_its_own_model() -> None:
    lines = [
        "Skip to main content",
        "Paper mill closes after ninety years",
        *_STORY,
        "Share this",
        "Most read",
    ]
    blocks = [PageBlock(position=2 * i + 1, text=text, gap=1) for i, text in enumerate(lines)]
    verdicts = ModelLabeller().label(blocks, PageFacts(form="text"))
    kept = [v.label in KEPT_LABELS for v in verdicts]
    assert kept == [False, False, *(True for _ in _STORY), False, False]


def test_the_same_page_gets_the_same_verdicts() -> None:
    labeller = ModelLabeller()
    assert labeller.judge(_html(), _FACTS) == labeller.judge(_html(), _FACTS)


def test_a_clear_page_is_sure() -> None:
    assert ModelLabeller().judge(_html(), _FACTS).confidence > CONFIDENT


def test_a_referee_that_is_given_is_obeyed() -> None:
    referee = tuple(i == 4 for i in range(12))
    facts = PageFacts(form="html", referee=referee, headline=_FACTS.headline, url=_FACTS.url)
    assert [v.label in KEPT_LABELS for v in ModelLabeller().label(_html(), facts)] == list(referee)


def test_explaining_names_the_features_that_weighed_most() -> None:
    weights = ModelLabeller().weigh(_html(), _FACTS)
    assert weights[0] == ()
    assert all(len(w) == 3 for w in weights[1:])
    assert weights[5][0].weight > 0 > weights[11][0].weight


def test_no_blocks_get_no_verdicts() -> None:
    assert ModelLabeller().judge([], PageFacts(form="text")).verdicts == []


def test_a_file_that_is_no_model_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="model file"):
        load(BytesIO(b"not a model"))


_BLOCK = st.tuples(
    st.text(max_size=80), st.sampled_from(["p", "li", "h2", "div", "blockquote"]), st.booleans()
)


@settings(deadline=None, max_examples=40)
@given(st.lists(_BLOCK, max_size=10), st.sampled_from(["html", "text"]))
def test_any_page_gets_one_known_label_a_block(made: list[tuple[str, str, bool]], form: str) -> None:
    html = form == "html"
    blocks = [
        PageBlock(
            position=i, text=text, tag=tag if html else "", path=("div", tag) if html else (), hidden=hidden
        )
        for i, (text, tag, hidden) in enumerate(made, 1)
    ]
    verdicts = ModelLabeller().label(blocks, PageFacts(form=form))
    assert len(verdicts) == len(blocks)
    assert all(v.label in LABELS and 0 <= v.score <= 1 for v in verdicts)
