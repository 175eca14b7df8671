"""A person's word on a block goes before the cleaner's, in pages and in dumps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.front.plugins.pressmark_front import overrides as file
from archive.values import KEPT_LABELS, Article, Override
from pipelines import CLEANER, clean
from pipelines.blocks import PageBlock, Verdict
from pipelines.overrides import REASON, cleaner_with, judged_by_people, letters_digest, obeyed

SEED = (Path(__file__).parents[2] / "seeds/004_100b739afe2dc999.txt").read_text()
PROSE = [
    f"The council of town number {n} decided on Tuesday that the river ferry will run again from June,"
    f" after {n} years without any crossing below the old bridge, said the harbour master."
    for n in range(2, 9)
]
NOTE = "Sign up for our free morning newsletter and never miss a story"
PAGE = f"""<html lang="en"><head><title>Ferry returns to town</title></head><body><nav><a href="/">Home</a>
<a href="/sport">Sport</a></nav><main><article><h1>Ferry returns to town</h1>
{"".join(f"<p>{p}</p>" for p in PROSE[:4])}<p>See the <a href="https://council.example/">council’s minutes</a>
of the meeting in which the ferry was voted on by all members.</p><div class="newsletter"><p>{NOTE}</p></div>
{"".join(f"<p>{p}</p>" for p in PROSE[4:])}</article></main><footer>© Harbour Post</footer></body></html>"""


def say(what: str, text: str, **fields: str) -> Override:
    fields = {"article": "https://harbour-post.example/ferry"} | fields
    return Override(say=what, block=letters_digest(text), **fields)  # type: ignore[arg-type]


def page(*overrides: Override) -> Article:
    return clean(PAGE, url="https://harbour-post.example/ferry", overrides=overrides)


def block_of(article: Article, text: str) -> tuple[str, str]:
    return next((b.label, b.reason) for b in article.blocks if b.text == text)


def test_what_people_want_kept_is_in_the_text_and_not_in_the_account() -> None:
    before = page()
    assert NOTE not in before.text
    after = page(say("keep", NOTE))
    assert NOTE in after.text
    assert NOTE in after.markdown
    assert NOTE not in {removed.text for removed in after.removed}
    label, reason = block_of(after, NOTE)
    assert label == "body"
    assert reason.startswith(f"{REASON}; the cleaner held it for {block_of(before, NOTE)[0]}")
    # The rest is as it was, links included.
    assert after.text.replace(NOTE + "\n\n", "") == before.text
    assert "[council’s minutes](https://council.example/)" in after.markdown


def test_what_people_want_cut_is_in_the_account_with_a_readable_label() -> None:
    after = page(say("cut", PROSE[1]))
    assert PROSE[1] not in after.text
    assert block_of(after, PROSE[1])[0] == "other"
    assert block_of(page(say("cut", PROSE[1], label="ad")), PROSE[1])[0] == "ad"
    # A label that says the contrary of the word is no label.
    assert block_of(page(say("cut", PROSE[1], label="body")), PROSE[1])[0] == "other"
    assert block_of(page(say("cut", PROSE[1], label="nonsense")), PROSE[1])[0] == "other"


def test_the_last_word_counts_and_leave_leaves_it_to_the_cleaner() -> None:
    assert NOTE not in page(say("keep", NOTE), say("leave", NOTE)).text
    assert PROSE[1] in page(say("cut", PROSE[1]), say("keep", PROSE[1])).text


def test_words_on_blocks_that_are_not_there_change_nothing() -> None:
    before, after = page(), page(say("cut", "A block of another page"))
    assert (after.text, after.blocks) == (before.text, before.blocks)
    assert judged_by_people(after) == set()
    assert judged_by_people(page(say("cut", PROSE[1]))) == {letters_digest(PROSE[1])}
    assert judged_by_people(None) == set()


def test_lines_of_a_dump_obey_too() -> None:
    before = clean(SEED)
    cut = next(block for block in before.blocks if block.label == "comment_policy")
    kept = next(block for block in before.blocks if block.label == "body")
    after = clean(SEED, overrides=[say("keep", cut.text), say("cut", kept.text)])
    assert cut.text in after.text
    assert kept.text not in after.text


def test_the_cleaner_is_named_with_what_was_said_and_without_by_its_name_alone() -> None:
    assert page().cleaner == CLEANER
    one, other = page(say("keep", NOTE)).cleaner, page(say("cut", NOTE)).cleaner
    assert one != other
    assert re.fullmatch(re.escape(CLEANER) + r"\+[0-9a-f]{8}", one)
    both = [say("keep", NOTE), say("cut", PROSE[1])]
    assert cleaner_with("c", both) == cleaner_with("c", both[::-1])


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["p", "h2", "li", "td", "blockquote", "nav", ""]), min_size=1, max_size=8),
    st.data(),
)
def test_keep_puts_any_block_into_the_text_and_cut_takes_it_out(tags: list[str], data: st.DataObject) -> None:
    blocks = [PageBlock(position=n, text=f"block number {n}", tag=tag) for n, tag in enumerate(tags, 1)]
    labels = st.sampled_from(["body", "heading", "nav", "ad", "related", "byline", "other"])
    verdicts = [Verdict(data.draw(labels), "said so") for _ in blocks]
    words = st.sampled_from(["keep", "cut", "leave", None])
    said = {n: word for n in range(len(blocks)) if (word := data.draw(words)) is not None}
    found = obeyed(blocks, verdicts, [say(word, blocks[n].text) for n, word in said.items()])
    for n, (before, after) in enumerate(zip(verdicts, found, strict=True)):
        if said.get(n) in {"keep", "cut"}:
            assert (after.label in KEPT_LABELS) == (said[n] == "keep")
            assert after.reason.startswith(REASON)
        else:
            assert after == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("• Trains run every hour", "- Trains run  every hour"),
        ("“So,” he said", "So he said"),
        ("won\u00adder\u200bful", "wonderful"),
        ("ﬁne", "fine"),
        ("Caf\u00e9", "CAFE\u0301"),
    ],
)
def test_a_block_is_known_whatever_its_spacing_and_signs(one: str, other: str) -> None:
    assert letters_digest(one) == letters_digest(other)


def test_different_letters_or_signs_without_letters_are_different_blocks() -> None:
    texts = ["Trains run", "Trains ran", "3.7", "* * *", "–––", ""]
    assert len({letters_digest(text) for text in texts}) == len(texts)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_the_front_and_the_cleaner_know_a_block_by_the_same_digest(text: str) -> None:
    assert file.letters_digest(text) == letters_digest(text)
