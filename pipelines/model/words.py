"""What a feature says, in words that a reader of the account understands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from archive.values import LABELS
from pipelines.model import lexical as lx
from pipelines.model.markup import TAGS
from pipelines.model.opinions import CODES

_FAR: Final = 50
_CLASS_WORDS: Final = {
    lx.LOWER: "a small letter", lx.UPPER: "a capital letter", lx.CASELESS: "a letter", lx.CJK: "a letter",
    lx.DIGIT: "a digit", lx.STOP: "a full stop", lx.COMMA: "a comma", lx.QUOTE: "a quotation mark",
    lx.BAR: "a bar or arrow", lx.COLON: "a colon", lx.BRACKET: "a bracket", lx.DASH: "a dash",
    lx.SYMBOL: "a symbol",
}  # fmt: skip
_TAG_WORDS: Final = {code: tag for tag, code in reversed(TAGS.items())}
_LABEL_WORDS: Final = {code: label.replace("_", " ") for label, code in CODES.items()}
_DATE_FORMS: Final = {0: "no date", 2: "a time of day", 4: "a date", 6: "date and time"}


def _logged(value: float) -> str:
    """A count that the feature holds as log(1 + n)."""
    return f"{round(math.expm1(max(value, 0))):,}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _share(value: float) -> str:
    return f"{100 * min(max(value, 0.0), 1.0):.0f} %"


def _flag(value: float) -> str:
    return "yes" if value > 0 else "no"


def _away(value: float) -> str:
    return "none near" if value >= _FAR else f"{value:.0f} blocks"


def _odds(value: float) -> str:
    """Log-odds of staying, as the lexicons hold them."""
    if abs(value) < 0.1:
        return "says nothing"
    return ("rather " if abs(value) < 1 else "") + (
        "typical of articles" if value > 0 else "typical of clutter"
    )


def _trust(value: float) -> str:
    return f"{'keep' if value > 0 else 'cut'}, {abs(value):.2f} sure"


def _neighbour(words: Callable[[float], str]) -> Callable[[float], str]:
    """Of a block beyond the page's edge the feature is -1."""
    return lambda value: "no block there" if value < 0 else words(value)


def _code(table: Mapping[int, str], none: str = "none") -> Callable[[float], str]:
    return lambda value: table.get(round(value), none)


def _held(value: float) -> str:
    return "not known" if value < 0 else _share(value)


def _offset(value: float) -> str:
    where = "before" if value < 0 else "after"
    return "at it" if round(value) == 0 else f"{abs(value):.0f} blocks {where} it"


#: Of a block that stands in no part of the page's main container.
_UNPLACED: Final = "outside of it"


def _outside(words: Callable[[float], str]) -> Callable[[float], str]:
    return lambda value: _UNPLACED if value < 0 else words(value)


def _remembered(words: Callable[[float], str]) -> Callable[[float], str]:
    return lambda value: "nobody remembers" if value < 0 else words(value)


def _unit_name(value: float) -> str:
    return _UNPLACED if value <= -9 else _odds(value)


_TAGS_BY_CODE: Final = {round(code): tag for code, tag in _TAG_WORDS.items()}
_PAGE_TYPE_WORDS: Final = {
    1: "a web page", 2: "a blog post", 3: "an article", 4: "something else", 5: "a news article",
    6: "a live blog",
}  # fmt: skip
_AT: Final = r"(\d) (before|after)"
_BOX: Final = r"(parent|grandparent|third|fourth|sixth)"
_BOXES: Final = {
    "parent": "the container", "grandparent": "the container around that", "third": "the third container up",
    "fourth": "the fourth container up", "sixth": "the sixth container up",
}  # fmt: skip
_SAME: Final = r"same (place|name)"
_SAMES: Final = {
    "place": "blocks of the same place",
    "name": "blocks of the same element and class",
    "before": "before",
    "after": "after",
}
_SLOT: Final = {
    "line": "the line as a whole", "first": "its first word", "first two": "its first two words",
    "last": "its last word", "last two": "its last two words", "lowest": "its most suspicious word",
    "highest": "its most telling word", "mean": "its words on average",
}  # fmt: skip

#: Feature → what it is, and how its value is told. Patterns cover families; groups fill the braces.
_TABLE: Final[tuple[tuple[str, str, Callable[[float], str]], ...]] = (
    ("chars", "characters", _logged), ("words", "words", _logged),
    ("word length", "mean length of its words", _number),
    ("capitalised", "words with a capital", _share), ("upper case", "capital letters", _share),
    ("caseless", "letters of a script without capitals", _share), ("digits", "digits", _share),
    ("numbers", "numbers among its words", _share), ("commas", "commas for each word", _number),
    ("stops", "full stops for each word", _number), ("quotes", "quotation marks", _logged),
    ("bars", "bars and arrows", _logged), ("colons", "colons", _logged), ("brackets", "brackets", _logged),
    ("dashes", "dashes", _logged), ("symbols", "symbols", _logged), ("symbol share", "symbols", _share),
    ("glued words", "words glued together", _logged), ("sentences", "sentence ends within", _logged),
    ("first", "begins with", _code(_CLASS_WORDS, "another sign")),
    ("last", "ends with", _code(_CLASS_WORDS, "another sign")),
    ("function words", "small words (the, of, and …)", _share),
    ("shared words", "words shared with the running text", _share),
    ("content words", "words of substance", _number),
    ("same ahead", "equal blocks above", _number), ("same behind", "equal blocks below", _number),
    ("inside ahead", "is part of a text above", _flag), ("inside behind", "is part of a text below", _flag),
    ("cue whole", "the whole line is a cue of", _code(_LABEL_WORDS, "nothing")),
    ("cue opener", "opens a section of", _code(_LABEL_WORDS, "nothing")),
    ("cue start", "begins like", _code(_LABEL_WORDS, "nothing")),
    ("cue phrase", "holds a phrase of", _code(_LABEL_WORDS, "nothing")),
    ("date form", "looks like", _code(_DATE_FORMS)),
    (r"cues within (\d)", "cue words within {} blocks", _share),
    ("ruling opener", "last section opened above", _code(_LABEL_WORDS)),
    ("since opener", "to the opening of a section above",
    lambda v: "none near" if v >= 60 else f"{v:.0f} blocks"),
    ("prose since opener", "words of running text since a section was opened", _logged),
    ("since date", "to the last date above", _away), (r"dates within 5", "dates within 5 blocks", _share),
    ("repeated end", "other blocks end alike", _logged),
    ("repeated beginning", "other blocks begin alike", _logged),
    ("repeats within 4", "repeated endings nearby", _logged),
    ("repeats ahead", "repeated endings above", _logged),
    (r"unit prose of page \((half|most)\)", "running text in its part of the text", _outside(_share)),
    (r"unit words \((half|most)\)", "words in its part of the text", _outside(_logged)),
    (r"unit blocks \((half|most)\)", "blocks in its part of the text", _outside(_logged)),
    (r"unit link share \((half|most)\)", "links in its part of the text", _outside(_share)),
    (r"unit first tag \((half|most)\)", "its part of the text begins with",
    _outside(_code(_TAGS_BY_CODE, "another"))),
    (r"unit first words \((half|most)\)", "words in the first block of its part", _outside(_logged)),
    (r"in unit \((half|most)\)", "blocks before it in its part of the text", _outside(_number)),
    (r"unit tag \((half|most)\)", "its part of the text is a", _outside(_code(_TAGS_BY_CODE, "another"))),
    (r"unit kin \((half|most)\)", "blocks in parts of the same name", _outside(_logged)),
    (r"unit kin prose of page \((half|most)\)", "running text in parts of the same name", _outside(_share)),
    (r"unit name \((half|most)\)", "name of its part of the text", _unit_name),
    (r"unit name lowest \((half|most)\)", "most suspicious word in the name of its part", _unit_name),
    ("in stated text", "stands in the text that the page states", _held),
    ("in stated text within 1", "neighbours in the text that the page states", _held),
    ("stated text found", "of the stated text, on the page", _held),
    ("stated text of prose", "stated text in the running text", _held),
    ("pictures before", "pictures above it", _number), ("pictures after", "pictures below it", _number),
    ("pictures before last", "pictures above the block before", _number),
    ("pictures within 3", "blocks with pictures nearby", _share),
    ("picture credit", "ends like a picture's credit", _flag),
    ("picture credit (before|after)", "the block {} ends like a picture's credit", _flag),
    ("since the headline", "from the headline", lambda v: "no headline found" if v <= -99 else _offset(v)),
    ("prose since the headline", "words of running text from the headline", lambda v: _logged(abs(v))),
    ("titles since the headline", "titles since the headline", _number),
    ("page type", "the page calls itself", _code(_PAGE_TYPE_WORDS, "nothing")),
    ("authors stated", "authors named for machines", _number),
    ("(authors) held", "the {}' names in it", _held),
    ("(authors) share", "its words that are the {}' names", _held),
    ("(slug|headline|description) held", "words of the {} in it", _held),
    ("(slug|headline|description) share", "its words that are the {}'s", _held),
    ("link share", "links in it", _share), (r"link share within (\d)", "links within {} blocks", _share),
    ("link share (before|after)", "links in the block {}", _share),
    ("link share of page", "links in the page", _share),
    ("tag", "element", _code({round(k): v for k, v in _TAG_WORDS.items()}, "another")),
    (rf"tag {_AT}", "element {} {}", _code({round(k): v for k, v in _TAG_WORDS.items()}, "another")),
    ("hidden", "hidden on the screen", _flag), (r"in (\w+)", "within <{}>", _flag),
    ("same place (before|after)", "same place as the block {}", _flag),
    ("since heading", "to the last heading above", _away), ("until heading", "to the next heading", _away),
    ("since h1", "to the page's title above", _away), ("h1 ahead", "titles above", _number),
    ("depth", "elements around it", _number),
    (f"{_BOX} prose of page", "the page's running text in {}", _share),
    (f"{_BOX} prose share", "running text in {}", _share), (f"{_BOX} link share", "links in {}", _share),
    (f"{_BOX} blocks", "blocks in {}", _logged), (f"{_BOX} name", "name of {}", _odds),
    ("article prose of page", "the page's running text in its <article>", _share),
    ("article rank", "which <article> of the page", _number),
    ("articles", "<article> elements of the page", _logged),
    ("climb to (half|most)", "steps out to what holds {} of the running text", _number),
    (f"{_SAME} blocks", "{}", _logged), (f"{_SAME} prose", "words of running text in {}", _logged),
    (f"{_SAME} prose share", "running text in {}", _share),
    (f"{_SAME} mean words", "mean words in {}", _logged),
    (f"{_SAME} link share", "links in {}", _share),
    (f"{_SAME} prose of page", "the page's running text in {}", _share),
    (r"lexicon (.+)", "{}", _odds),
    ("blocks", "blocks of the page", _logged), ("prose", "words of running text", _number),
    ("prose of page", "words of running text in the page", _logged),
    ("prose share of page", "running text in the page", _share),
    ("place", "place in the page", _share), ("from top", "blocks above", _logged),
    ("from end", "blocks below", _logged), ("prose ahead", "running text above", _share),
    ("prose ahead words", "words of running text above", _logged),
    ("prose behind words", "words of running text below", _logged),
    ("since prose", "to the last paragraph above", _away), ("until prose", "to the next paragraph", _away),
    ("centre", "from the middle of the running text", lambda v: _share(abs(v))),
    (r"prose within (\d+)", "running text within {} blocks", _number),
    (r"words within (\d+)", "words a block within {} blocks", _logged),
    (r"hint within (\d+)", "wording within {} blocks", _odds),
    ("dense start", "start of the densest text", _offset), ("dense end", "end of the densest text", _offset),
    ("denser start", "start of the longest paragraphs", _offset),
    ("denser end", "end of the longest paragraphs", _offset),
    (rf"words {_AT}", "words {} {}", _neighbour(_logged)), (rf"hint {_AT}", "wording {} {}", _odds),
    (rf"prose {_AT}", "running text {} {}", _neighbour(_number)),
    (rf"closed {_AT}", "a full sentence {} {}", _neighbour(_flag)),
    (rf"function words {_AT}", "small words {} {}", _neighbour(_share)),
    ("since clutter", "to the last clutter above", _away), ("until clutter", "to the next clutter", _away),
    ("clutter ahead", "clutter above", _logged), ("clutter behind", "clutter below", _logged),
    ("worst above", "worst line since the last paragraph", _odds),
    ("since short", "to the last short line above", _away), ("until short", "to the next short line", _away),
    ("own name", "its element's name", _odds), ("own name lowest", "most suspicious part of its name", _odds),
    ("own name highest", "most telling part of its name", _odds),
    ("names lowest", "most suspicious name around it", _odds),
    ("names highest", "most telling name around it", _odds),
    ("names sum", "names around it", _odds),
    ("name label", "its name says", _code(dict(enumerate((label.replace("_", " ") for label in LABELS), 1)))),
    ("gap (before|after)", "blank lines {}", _number),
    ("in group", "lines above without a blank one", _number),
    ("group", "lines that stand together", _number), ("blank share", "lines set apart in the page", _share),
    ("rule label", "the rules call it", _code(_LABEL_WORDS, "nothing")),
    ("rule label (before|after)", "the rules call the line {}", _code(_LABEL_WORDS, "nothing")),
    ("rule trust", "the rules' word", _trust),
    ("rule trust (before|after)", "the rules' word on the line {}", _trust),
    (r"rule trust within (\d)", "the rules' word on the lines within {}", _trust),
    ("rule prose ahead", "of the rules' text above", _share),
    ("since rule kept", "to the last line the rules keep", _away),
    ("until rule kept", "to the next line the rules keep", _away),
    ("rule kept share", "lines that the rules keep", _share),
    ("memory pages", "pages of the site remembered", _remembered(_logged)),
    ("memory seen", "pages of the site that show it", _remembered(_logged)),
    ("memory share", "of the site's pages that show it", _remembered(_share)),
)  # fmt: skip
_PATTERNS: Final = tuple((re.compile(name), phrase, words) for name, phrase, words in _TABLE)
_GROUPS: Final = {**_BOXES, **_SLOT, "most": "most"}


def phrase(feature: str, value: float) -> str:
    """A feature and its value as a reader would say it: `links in it: 91 %`. Unknown ones by their name."""
    for pattern, words, told in _PATTERNS:
        if found := pattern.fullmatch(feature):
            return f"{words.format(*_filled(pattern.pattern, found))}: {told(value)}"
    return f"{feature}: {value:.3g}"


def _filled(pattern: str, found: re.Match[str]) -> list[str]:
    names = _SAMES if pattern.startswith("same") else _GROUPS
    return [names.get(group, group) for group in found.groups()]


def is_known(feature: str) -> bool:
    """Whether the table has words for a feature."""
    return any(pattern.fullmatch(feature) for pattern, _, _ in _PATTERNS)
