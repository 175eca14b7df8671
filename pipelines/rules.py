"""The first labeller: structure and tables of cue words, for dumps and for HTML blocks alike.

The way through, each step a function over the page's lines, later ones never undoing a sure verdict:

1. each line by itself (tables and forms of `pipelines.cues`);
2. the headline, its repetitions, and the breadcrumb that ends with it;
3. captions: said twice in a row, credited, or attached to one;
4. sections: an opener such as "Recent Posts" owns what follows until the text comes back;
5. the text's region: the run of lines whose sum of text is greatest (maximum subsequence segmentation,
   Pasternack and Roth, "Extracting article text from the web", WWW 2009), or the referee's word in HTML;
6. what stands before the region (head), inside it, and after it (tail).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import unquote, urlsplit

from pipelines.blocks import PageBlock, PageFacts, Verdict
from pipelines.cues import Cue, button_cue, forms, name_cue
from pipelines.shapes import Shape, fold, shape_of

#: Forms are looked for in this many characters at most: a longer line is running text, or hostile.
_FORM_CHARS = 400
#: Pages of more lines are not searched for pull quotes: an index of a whole book is not worth its memory.
_SHINGLE_LINES = 5_000


class RuleLabeller:
    """Labels blocks by tables (`pipelines.cues`) and by the page's structure. Pure and deterministic.

    With `facts.referee` (HTML), a block that the referee left out is never kept: the rules name its kind,
    and cut what the referee let through where a table knows it for clutter.
    """

    def label(self, blocks: Sequence[PageBlock], facts: PageFacts) -> list[Verdict]:
        """One verdict for each block, in order, each with a reason a reader understands."""
        page = _Page(blocks, facts)
        for step in _STEPS:
            step(page)
        return [verdict or Verdict("other", "no rule knows it", 0.3) for verdict in page.verdicts]


class _Page:
    """The page's lines with what is known of each so far."""

    def __init__(self, blocks: Sequence[PageBlock], facts: PageFacts) -> None:
        self.blocks = blocks
        self.facts = facts
        self.shapes = [shape_of(block) for block in blocks]
        self.verdicts: list[Verdict | None] = [None] * len(blocks)
        self.counts = Counter(shape.fold for shape in self.shapes)
        #: Verdicts that hold only outside the text: amid it, the line is the text's.
        self.soft: dict[int, Verdict] = {}
        self.headline: int | None = None
        self.start = 0
        self.stop = len(blocks)
        _mend_dialogue(self.blocks, self.shapes)
        _mend_wrapped(self.blocks, self.shapes)
        #: For each line, words of running text from it on.
        self.prose_after = [0] * (len(blocks) + 1)

    def __len__(self) -> int:
        return len(self.blocks)

    @property
    def html(self) -> bool:
        return self.facts.form == "html"

    def late(self, at: int) -> bool:
        """Whether little of the page's running text comes after this line, and some came before."""
        return self.prose_after[at] * 6 < self.prose_after[0] - self.prose_after[at]

    def open(self, at: int) -> bool:
        return self.verdicts[at] is None

    def cut(self, at: int, label: str, reason: str, score: float = 0.9) -> None:
        if self.verdicts[at] is None:
            self.verdicts[at] = Verdict(label, reason, score)

    def label_at(self, at: int) -> str:
        verdict = self.verdicts[at]
        return verdict.label if verdict else ""

    def running(self, at: int, level: int = 2) -> bool:
        """Whether this line is undecided running text."""
        shape = self.shapes[at]
        return self.verdicts[at] is None and shape.prose >= level and not shape.teaser

    def next_open(self, at: int, limit: int = 12) -> int | None:
        """The next line after `at` that no rule has judged yet, at most `limit` lines on."""
        for k in range(at + 1, min(len(self), at + 1 + limit)):
            if self.verdicts[k] is None:
                return k
        return None


_DASH = re.compile(r"[-–—]\s")


def _mend_dialogue(blocks: Sequence[PageBlock], shapes: Sequence[Shape]) -> None:
    """A dash before a lone paragraph marks speech (French, Nordic, Slavic papers), no list's item."""
    for at, shape in enumerate(shapes):
        if shape.bullet and not blocks[at].tag and _DASH.match(shape.text):
            above = at > 0 and not blocks[at].gap and _DASH.match(shapes[at - 1].text)
            below = at + 1 < len(shapes) and not blocks[at + 1].gap and _DASH.match(shapes[at + 1].text)
            shape.bullet = bool(above or below)


#: A hard-wrapped paragraph: at least so many lines without blank lines between, of at least so many words.
_WRAPPED_LINES = 3
_WRAPPED_WORDS = 6


def _mend_wrapped(blocks: Sequence[PageBlock], shapes: Sequence[Shape]) -> None:
    """Lines of paragraphs broken at a fixed width count as running text.

    Told by lines that do not end a sentence and go on in lower case in the very next line.
    """
    begin = 0
    for at in range(1, len(shapes) + 1):
        if at < len(shapes) and _goes_on(blocks, shapes, at):
            continue
        if at - begin >= _WRAPPED_LINES:
            for shape in shapes[begin:at]:
                shape.prose = max(shape.prose, 2)
        begin = at


def _goes_on(blocks: Sequence[PageBlock], shapes: Sequence[Shape], at: int) -> bool:
    above, text = shapes[at - 1], shapes[at].text
    if blocks[at].gap or blocks[at].tag or above.words < _WRAPPED_WORDS or len(above.text) > 110:
        return False
    return (not above.ends and not above.item and text[:1].islower()) or (
        above.prose >= 1 and above.ends and at > 1 and shapes[at].words >= _WRAPPED_WORDS and len(text) > 60
    )


# ---------------------------------------------------------------- 1. each line by itself

#: A line's own looks below this score decide only outside the text.
_SURE = 0.75


def _by_itself(page: _Page) -> None:
    for at, (block, shape) in enumerate(zip(page.blocks, page.shapes, strict=True)):
        if block.subtree:
            page.verdicts[at] = _furniture(block, shape)
        elif block.hidden:
            page.cut(at, "other", "not shown by a browser", 0.95)
        else:
            for test in _LINE_TESTS:
                if verdict := test(block, shape):
                    if verdict.score < _SURE:
                        page.soft[at] = verdict
                    else:
                        page.verdicts[at] = verdict
                    break


def _furniture(block: PageBlock, shape: Shape) -> Verdict:
    """A part of the page that was dropped whole: its label came with it, or its words tell."""
    if block.subtree == "other" and (cue := shape.line or next(iter(shape.phrases), None)):
        return Verdict(
            cue.label, f"stands in a part of the page that is no text; says ‘{cue.words.strip()}’", 0.9
        )
    return Verdict(block.subtree, "stands in a part of the page that is no text", 0.95)


def _symbols(block: PageBlock, shape: Shape) -> Verdict | None:
    text = shape.text
    if not any(ch.isalnum() for ch in text):
        return Verdict("other", "holds no words", 0.95)
    if forms.URL_LINE.match(text):
        return Verdict("share", "a bare address", 0.9)
    if forms.HASHTAGS.match(text[:_FORM_CHARS]):
        return Verdict("nav", "only hashtags", 0.9)
    if forms.HANDLE.match(text):
        return Verdict("share", "only an account's name", 0.7)
    return None


def _cue_line(block: PageBlock, shape: Shape) -> Verdict | None:
    if shape.line is None or _heading_tag(block):
        return None
    return Verdict(
        shape.line.label, f"says only ‘{shape.line.words}’", 0.7 if shape.line.label == "other" else 0.95
    )


def _heading_tag(block: PageBlock) -> bool:
    return block.tag in {"h2", "h3", "h4"} and not block.link_chars


_DIGIT = re.compile(r"\d")


def _dated(block: PageBlock, shape: Shape) -> Verdict | None:
    """Date lines, counters of reading time, and bylines that carry a date."""
    text = shape.text
    if shape.prose >= 2 or len(text) > 200 or not (shape.words <= 8 or _DIGIT.search(text)):
        return None
    if forms.READING_TIME.match(text):
        return Verdict("date", "reading time", 0.95)
    rest, found = _without_dates(text)
    if not found:
        return None
    bare = fold(forms.DATE_WORDS.sub(" ", rest)).strip(" 0123456789")
    if not bare:
        return Verdict("date", "only a date", 0.95)
    if shape.start and shape.start.label == "date" and len(bare.split()) <= 8:
        return Verdict("date", f"begins with ‘{shape.start.words}’", 0.95)
    names = forms.DATE_WORDS.sub(" ", rest).strip(" ,|·•—–-/:")
    if (
        _is_person(names)
        or forms.BY.match(rest.strip())
        or (len(bare.split()) <= 4 and shape.words <= 12 and not shape.ends)
    ):
        return Verdict("byline", "a name beside a date", 0.8)
    return None


def _without_dates(text: str) -> tuple[str, bool]:
    rest = text
    for form in (forms.DATE, forms.RELATIVE, forms.SHORT_DATE, forms.TIME):
        rest = form.sub(" ", rest)
    reading = re.sub(r"(?i)\b\d+\s*min(?:ute)?s?(?: read)?\b\.?", " ", rest)
    return reading, reading != text


def _is_person(text: str) -> bool:
    return 3 <= len(text) <= 60 and bool(forms.PERSON.match(text) or forms.PERSON_CJK.match(text))


def _byline(block: PageBlock, shape: Shape) -> Verdict | None:
    text = shape.text
    if shape.words > 20 or len(text) > 160:
        return None
    if found := forms.BY.match(text):
        names = found["names"]
        first = re.split(
            r"\s*(?:,|;|\||&|/|•|·|—|–| and | und | et | y | e | en | och | og | i | и | та | with )\s*",
            names,
            maxsplit=1,
        )[0]
        if (
            _is_person(first.strip(" ."))
            or forms.NEWSROOM.search(names)
            or (shape.start and shape.start.label == "byline")
        ):
            return Verdict("byline", "names the author", 0.95)
        if (
            names[:1].isupper()
            and 2 <= shape.words <= 6
            and not shape.ends
            and not re.search(r"[;={}<>()\d]", names)
        ):
            return Verdict("byline", "names the author", 0.7)
    if forms.ROLE.match(text):
        return Verdict("byline", "names a newsroom or a writer's role", 0.9)
    return None


def _caption(block: PageBlock, shape: Shape) -> Verdict | None:
    if block.tag == "figcaption":
        return Verdict("caption", "stands in a figure's caption", 0.98)
    text = shape.text
    if len(text) > 700:
        return None
    if shape.start and shape.start.label == "caption" and shape.words <= 60:
        return Verdict("caption", f"begins with ‘{shape.start.words}’", 0.9)
    end = text[-160:]
    limit = 45 if shape.prose >= 3 else 90
    if shape.words <= limit and forms.CREDIT_SIGN.search(end) and forms.PICTURE_CREDIT.search(end):
        return Verdict("caption", "ends with a picture's credit", 0.9)
    if shape.words <= 6 and fold(text) in _AGENCY_FOLDS:
        return Verdict("caption", "names only a picture agency", 0.85)
    return None


_AGENCY_FOLDS = frozenset(fold(agency) for agency in forms.AGENCIES)


def _credit(block: PageBlock, shape: Shape) -> Verdict | None:
    if shape.words <= 6 and forms.SHORT_CREDIT.match(shape.text):
        inner = shape.text.strip("()[]. ")
        if fold(inner) in _AGENCY_FOLDS or (inner.islower() and len(inner) <= 12) or "/" in inner:
            return Verdict("credit", "an agency's or editor's sign", 0.9)
    return None


#: Longest line, in words, that a start decides for. A long paragraph that begins with "Source:" is text.
_START_WORDS = {
    "related": 40, "credit": 60, "date": 16, "nav": 40, "ad": 20, "byline": 14, "share": 40,
    "legal": 160, "comment_policy": 160, "author_bio": 120,
}  # fmt: skip


def _starts(block: PageBlock, shape: Shape) -> Verdict | None:
    cue = shape.start
    if cue is None or shape.words > _START_WORDS.get(cue.label, 0):
        return None
    if cue.label in {"author_bio", "comment_policy", "share"} and shape.prose >= 3 and shape.quoted:
        return None
    return Verdict(cue.label, f"cue ‘{cue.words}’ at its start", 0.9)


def _teaser(block: PageBlock, shape: Shape) -> Verdict | None:
    if shape.teaser:
        return Verdict("related", "a teaser that ends in a link to more", 0.85)
    return None


def _phrased(block: PageBlock, shape: Shape) -> Verdict | None:
    if not shape.phrases or shape.quoted:
        return None
    by_label: dict[str, list[Cue]] = {}
    for cue in shape.phrases:
        by_label.setdefault(cue.label, []).append(cue)
    label, cues = max(by_label.items(), key=lambda item: (sum(map(_weight, item[1])), item[0]))
    weight = sum(map(_weight, cues))
    if weight >= (2 if shape.words <= 45 else 3 if shape.words <= 90 else 4):
        best = max(cues, key=lambda cue: (_weight(cue), len(cue.words)))
        return Verdict(label, f"speaks of ‘{best.words.strip()}’", min(0.95, 0.6 + 0.1 * weight))
    return None


def _weight(cue: Cue) -> int:
    """Phrases of several words are sure; single words need company."""
    return 2 if len(cue.words.split()) > 2 or (" " in cue.words and "cookie" in cue.words) else 1


def _odd(block: PageBlock, shape: Shape) -> Verdict | None:
    text = shape.text
    if len(text) > 120:
        return None
    if forms.COUNTER.match(text):
        return Verdict("other", "only a number", 0.7)
    if forms.PHONE_LINE.match(text):
        return Verdict("newsletter", "only a telephone number", 0.8)
    if shape.words <= 10 and forms.EMAIL.search(text):
        return Verdict("newsletter", "an address to write to", 0.85)
    if shape.words <= 4 and re.search(r"(?i)\bbanners?\b|\badvert", text):
        return Verdict("ad", "names a banner", 0.8)
    if forms.GLUED_HOME.match(text) or forms.CRUMBS.match(text):
        return Verdict("nav", "a breadcrumb", 0.9)
    return None


def _buttons(block: PageBlock, shape: Shape) -> Verdict | None:
    """A row of buttons: every word of the line is one that stands alone elsewhere."""
    words = shape.fold.split()
    if 2 <= len(words) <= 12 and not shape.ends:
        cues = [button_cue(word) for word in words]
        if all(cues) and not all(cue and cue.label == "nav" for cue in cues):
            return Verdict("share", "a row of buttons", 0.85)
    return None


_LINE_TESTS: tuple[Callable[[PageBlock, Shape], Verdict | None], ...] = (
    _symbols, _cue_line, _buttons, _dated, _credit, _caption, _byline, _starts, _phrased, _teaser, _odd,
)  # fmt: skip


# ---------------------------------------------------------------- 2. the headline


def _find_headline(page: _Page) -> None:
    known = fold(page.facts.headline or "")
    slug = _slug_words(page.facts.url)
    best, best_score = None, _HEADLINE_SCORE
    for rank, (at, above) in enumerate(_head_lines(page)):
        score = _headline_looks(page, at) + _headline_proof(page, at, known, slug)
        score -= min(rank * 0.4, 3.0) + 2.5 * above
        if score > best_score:
            best, best_score = at, score
    if best is None:
        return
    page.headline = best
    page.verdicts[best] = Verdict("headline", "the page's headline", min(0.99, 0.5 + best_score / 20))
    _mark_headline_kin(page, page.shapes[best].fold)


#: Least score of a headline: a page that begins with its text has none.
_HEADLINE_SCORE = 0.5
#: How many lines of running text may stand before the headline (teasers, a notice), and lines in all.
_HEAD_PROSE = 3
_HEAD_LINES = 400


def _head_lines(page: _Page) -> Iterator[tuple[int, int]]:
    """Lines among which the headline is looked for, each with how many lines of running text stand above."""
    prose = short = 0
    for at in range(min(len(page), _HEAD_LINES)):
        shape = page.shapes[at]
        if page.blocks[at].hidden or page.blocks[at].subtree:
            continue
        if page.running(at, 3):
            prose += 1
            if prose >= _HEAD_PROSE:
                return
        elif page.open(at) and 2 <= shape.words <= 45 and len(shape.text) <= 300 and not shape.bullet:
            yield at, prose + short
            short += page.running(at)


def _slug_words(url: str) -> frozenset[str]:
    """Words of the URL's path: most news systems put the headline there."""
    return (
        frozenset(word for word in re.findall(r"[^\W\d_]{3,}", unquote(urlsplit(url).path).casefold()))
        if url
        else frozenset()
    )


def _headline_looks(page: _Page, at: int) -> float:
    """How much a line looks like a headline by itself and among its neighbours."""
    shape, block = page.shapes[at], page.blocks[at]
    sentence = shape.ends and shape.prose >= 2 and not shape.text.endswith(("?", "!", "...", "…", "？", "！"))
    twin = any(0 <= k < len(page) and page.shapes[k].fold == shape.fold for k in (at - 1, at + 1))
    marks = (
        (block.tag == "h1", 3.0),
        (sentence, -5.0),
        (shape.words < 4, -2.0),
        (1 < page.counts[shape.fold] <= 4 and shape.words >= 4 and not twin, 2.0),  # twins are captions
        (twin and at > 0, -1.0),
        (bool(block.gap) or not at or page.html, 1.0),
    )
    return min(shape.words, 8) * 0.5 + sum(worth for mark, worth in marks if mark)


def _headline_proof(page: _Page, at: int, known: str, slug: frozenset[str]) -> float:
    """What speaks for a line from elsewhere: the page's metadata, its address, its breadcrumb."""
    shape = page.shapes[at]
    score = 6.0 if _glued_before(page, at) else 0.0
    if known and shape.fold == known:
        score += 12
    elif known and shape.words >= 4 and (shape.fold in known or known in shape.fold):
        score += 6
    shared = len(slug.intersection(shape.fold.split()))
    return score + (8 * shared / max(len(slug), 4) if shared >= 2 else 0)


def _glued_before(page: _Page, at: int) -> bool:
    """An earlier line that ends with this one: a breadcrumb glued to the headline."""
    text = page.shapes[at].text
    return len(text) > 12 and any(
        len(other.text) > len(text) and other.text.endswith(text)
        for other in page.shapes[max(0, at - 6) : at]
    )


def _mark_headline_kin(page: _Page, headline: str) -> None:
    """The headline's repetitions, and lines that are it with the site's name or a breadcrumb glued on."""
    words = len(headline.split())
    for at, shape in enumerate(page.shapes):
        if at == page.headline or page.blocks[at].subtree or page.blocks[at].hidden:
            continue
        if shape.fold == headline:
            page.verdicts[at] = Verdict("headline", "repeats the headline", 0.95)
        elif words >= 4 and page.open(at) and shape.words <= words + 12 and len(shape.fold) > len(headline):
            if shape.fold.endswith(headline) or shape.text.endswith(page.shapes[page.headline or 0].text):
                page.cut(at, "nav", "a breadcrumb that ends with the headline", 0.9)
            elif shape.fold.startswith(headline) and shape.words <= words + 6:
                page.cut(at, "headline", "the headline with the site's name", 0.8)


# ---------------------------------------------------------------- 3. captions


def _captions(page: _Page) -> None:
    for at in range(len(page) - 1):
        _twin_captions(page, at)
    for at in range(len(page) - 1, 0, -1):
        if page.label_at(at) == "caption" and page.blocks[at].gap == 0 and not page.html:
            _attached_caption(page, at - 1)
    if not page.html:
        _figure_groups(page)
    for at, shape in enumerate(page.shapes):
        if page.open(at) and 4 <= shape.words <= 80 and _doubled(shape.fold):
            page.cut(at, "caption", "says the same twice in one line", 0.85)


def _twin_captions(page: _Page, at: int) -> None:
    """A line and its twin right after it are alt text and caption."""
    first, second = page.shapes[at], page.shapes[at + 1]
    if not (page.open(at) or page.label_at(at) == "caption") or first.words < 2:
        return
    if page.label_at(at + 1) in {"headline", "nav", "share", "related", "ad"}:
        return
    if first.fold == second.fold and first.words <= 90:
        kind = "author's name" if _is_person(first.text) else ""
        if kind or (first.words < 3 and page.html):
            return
        page.cut(at, "caption", "said twice in a row: alt text and caption", 0.9)
        page.cut(at + 1, "caption", "said twice in a row: alt text and caption", 0.9)
    elif (
        first.words >= 4
        and not first.quoted
        and second.words <= first.words + 25
        and second.fold.startswith(first.fold)
    ):
        page.cut(at, "caption", "the alt text of the caption below", 0.85)
        page.cut(at + 1, "caption", "repeats the alt text above it", 0.85)


#: A group of lines without blank lines that is longer than this is text broken by line ends, no figure.
_FIGURE_LINES = 6


def _attached_caption(page: _Page, at: int) -> None:
    """A line with no blank line between it and a caption is the caption itself, or its alt text."""
    shape = page.shapes[at]
    if not page.open(at) or shape.words > 45 or shape.item or _group_size(page, at) > _FIGURE_LINES:
        return
    if shape.prose >= 2 and (page.blocks[at].gap == 0 or shape.words > 30):
        return
    page.cut(at, "caption", "stands directly above a picture's credit", 0.75)


def _group_size(page: _Page, at: int) -> int:
    """Lines in the run without blank lines around `at`, counted to `_FIGURE_LINES` + 1 each way."""
    up = down = 0
    while up <= _FIGURE_LINES and at - up > 0 and page.blocks[at - up].gap == 0:
        up += 1
    while down <= _FIGURE_LINES and at + down + 1 < len(page) and page.blocks[at + down + 1].gap == 0:
        down += 1
    return up + down + 1


#: Share of paragraphs that stand alone between blank lines, from which groups of lines are no paragraphs.
_ALONE = 0.85
_ALONE_PARAGRAPHS = 5


def _figure_groups(page: _Page) -> None:
    """Two to four short lines without blank lines between are a figure's, where paragraphs stand alone."""
    groups = _groups(page)
    prose = [group for group in groups if any(page.running(at, 3) for at in group)]
    if len(prose) < _ALONE_PARAGRAPHS or sum(len(group) == 1 for group in prose) < _ALONE * len(prose):
        return
    for group in groups:
        if 2 <= len(group) <= 4 and all(_figure_line(page, at) for at in group):
            for at in group:
                page.cut(at, "caption", "short lines in a group, where paragraphs stand alone", 0.65)


def _groups(page: _Page) -> list[range]:
    begins = [at for at in range(len(page)) if at == 0 or page.blocks[at].gap]
    return [range(begin, end) for begin, end in zip(begins, [*begins[1:], len(page)], strict=False)]


def _figure_line(page: _Page, at: int) -> bool:
    shape = page.shapes[at]
    if page.label_at(at) == "caption":
        return True
    return (
        page.open(at) and 2 <= shape.words <= 40 and not shape.item and not shape.colon and not shape.quoted
    )


def _doubled(folded: str) -> bool:
    half = (len(folded) - 1) // 2
    return len(folded) > 20 and len(folded) % 2 == 1 and folded[:half] == folded[half + 1 :]


# ---------------------------------------------------------------- what is said twice


#: A repetition counts as the standfirst's when it stands within so many lines of text from the start.
_STANDFIRST_LINES = 3


def _duplicates(page: _Page) -> None:
    """A standfirst that the text repeats word for word is kept once, at its later place.

    Further down, articles repeat themselves on purpose (steps, refrains), but not in neighbouring lines.
    """
    seen: dict[str, int] = {}
    rank = 0
    for at in range(min(page.start, page.headline or page.start), page.stop):
        shape = page.shapes[at]
        if not _repeatable(page, at):
            continue
        rank += 1
        before = seen.get(shape.fold)
        if before is not None and (rank <= 2 * _STANDFIRST_LINES + 1 or at - before <= 2):
            _keep_later(page, before, at)
        if rank <= _STANDFIRST_LINES or shape.prose >= 2:
            seen[shape.fold] = at
    _amid_text(page)
    _pull_quotes(page)


def _repeatable(page: _Page, at: int) -> bool:
    shape = page.shapes[at]
    text = shape.words >= 6 and (shape.prose > 0 or shape.words >= 12)
    return text and (page.open(at) or page.label_at(at) == "body")


def _keep_later(page: _Page, before: int, at: int) -> None:
    referee = page.facts.referee
    if referee and not (referee[before] or referee[at]):
        return
    page.verdicts[before] = Verdict("duplicate", "said again, word for word, below", 0.9)
    if referee and not referee[at]:
        page.verdicts[at] = Verdict("body", "the later place of what was said twice", 0.8)


def _amid_text(page: _Page) -> None:
    """The headline repeated as a paragraph of its own between standfirst and text is a duplicate there."""
    for at in range(1, min(page.stop, len(page) - 1)):
        if page.label_at(at) != "headline" or at == page.headline or page.blocks[at].gap == 0:
            continue
        standfirst = page.running(at - 1) or page.label_at(at - 1) == "body"
        if standfirst and page.running(at + 1) and page.blocks[at + 1].gap:
            page.verdicts[at] = Verdict("duplicate", "repeats the headline amid the text", 0.8)


#: Words that must agree at a quote's start before the rest is compared, and a quote's longest length.
_SHINGLE = 5
_QUOTE_WORDS = 45


def _pull_quotes(page: _Page) -> None:
    """Short lines that stand word for word inside a longer line of the text."""
    if len(page) > _SHINGLE_LINES:
        return
    seen: dict[tuple[str, ...], list[int]] = {}
    for at in range(page.start, page.stop):
        words = page.shapes[at].fold.split()
        if page.open(at) and _SHINGLE <= len(words) <= _QUOTE_WORDS and not page.shapes[at].item:
            seen.setdefault(tuple(words[:_SHINGLE]), []).append(at)
    for at in range(page.start, page.stop) if seen else ():
        shape = page.shapes[at]
        words = shape.fold.split()
        if page.open(at) and len(words) > _SHINGLE and shape.prose >= 2:
            for begin in range(len(words) - _SHINGLE + 1):
                for quote in seen.get(tuple(words[begin : begin + _SHINGLE]), ()):
                    _yield_quote(page, quote, at)


def _yield_quote(page: _Page, quote: int, at: int) -> None:
    inner, outer = page.shapes[quote].fold, page.shapes[at].fold
    if (
        quote == at
        or abs(quote - at) > 40
        or len(inner) + 20 >= len(outer)
        or f" {inner} " not in f" {outer} "
    ):
        return
    opening = page.shapes[quote].text.lstrip("\"“„«»'‘")[:20]
    if page.shapes[quote].quoted or re.search(rf"[\"“„«»]\s?{re.escape(opening)}", page.shapes[at].text):
        page.cut(quote, "duplicate", "a pull quote: stands in a paragraph of the text", 0.8)


# ---------------------------------------------------------------- 4. sections


def _sections(page: _Page) -> None:
    page.prose_after = text_after = _prose_after(page)
    total = text_after[0]
    at = 0
    while at < len(page):
        cue = _opens(page, at)
        if cue is None:
            at += 1
            continue
        before = total - text_after[at]
        end = _section_end(page, at, cue, before, text_after[at])
        at = _claim(page, at, end, cue, before)


def _prose_after(page: _Page) -> list[int]:
    """For each line, words of undecided running text from it on."""
    sums = [0] * (len(page) + 1)
    for at in range(len(page) - 1, -1, -1):
        sums[at] = sums[at + 1] + (page.shapes[at].words if page.running(at) else 0)
    return sums


def _opens(page: _Page, at: int) -> Cue | None:
    shape = page.shapes[at]
    if page.blocks[at].subtree or page.label_at(at) == "headline":
        return None
    if shape.opener is not None:
        return None if shape.fold in forms.FAIR_HEADINGS and not page.late(at) else shape.opener
    if shape.words <= 12 and shape.start and shape.start.label == "related" and shape.colon:
        return shape.start
    if (
        shape.words <= 9
        and forms.OPENER_FORM.match(shape.text)
        and not shape.ends
        and page.label_at(at) in {"", "related"}
    ):
        return Cue("related", shape.text)
    return None


def _section_end(page: _Page, at: int, cue: Cue, before: int, after: int) -> int:
    """The line where the section's ownership ends (exclusive)."""
    if cue.label == "comment":
        return len(page) if _is_thread(page, at, before, after) else at + 1
    if cue.label == "author_bio":
        return _bio_end(page, at)
    return _text_returns(page, at + 1, before, after)


def _is_thread(page: _Page, at: int, before: int, after: int) -> bool:
    """Comments open a thread when the article lies before them; a counter above the text does not."""
    if before < 60:
        return False
    near = range(at + 1, min(len(page), at + 14))
    signs = sum(
        page.label_at(k) in {"date", "comment_policy", "comment"}
        or bool(forms.COMMENTER.search(page.shapes[k].text[-200:]))
        for k in near
    )
    return after <= before or signs >= 2


def _bio_end(page: _Page, at: int) -> int:
    prose = 0
    for k in range(at + 1, len(page)):
        if _opens(page, k) or page.label_at(k) in {
            "newsletter",
            "cookie",
            "share",
            "comment_policy",
            "legal",
            "ad",
        }:
            return k
        prose += page.running(k)
        if prose > 3:
            return at + 1
    return len(page)


#: Where this share of the text before an opener still lies after it, the opener stands amid the article.
_AMID = 0.5
#: A paragraph amid the article of so many words is the article's, whatever stands around it.
_AMID_WORDS = 25


def _text_returns(page: _Page, begin: int, before: int, after: int) -> int:
    """Where the article goes on after an opener.

    Amid the article that is the next full paragraph. Near its end, where teasers are as long as paragraphs,
    only two running lines with no title between them count.
    """
    amid = after >= before * _AMID
    for k in range(begin, len(page)):
        shape = page.shapes[k]
        if not page.running(k) or shape.item or shape.words < 12:
            continue
        if (amid and shape.words >= _AMID_WORDS and shape.ends) or _followed(page, k):
            return k
    return len(page)


def _followed(page: _Page, at: int) -> bool:
    """Whether the next undecided line is running text as well, and no opener lies between."""
    for k in range(at + 1, min(len(page), at + 8)):
        if page.shapes[k].opener is not None or page.label_at(k) in {"date", "comment", "byline"}:
            return False
        if page.open(k):
            return page.running(k) and page.shapes[k].words >= 8
    return False


def _claim(page: _Page, at: int, end: int, cue: Cue, before: int) -> int:
    """Give the section its lines; return where to go on."""
    words = page.shapes[at].text.strip()
    label = cue.label
    last = end
    if cue.label == "related" and end < len(page):
        last = _spare_heading(page, at, end)
    if page.open(at) or page.label_at(at) in {"other"}:
        page.verdicts[at] = Verdict(
            label if label != "comment" else "comment_policy", f"opens the section ‘{_brief(words)}’", 0.9
        )
    for k in range(at + 1, last):
        inner = _opens(page, k)
        if inner is not None and inner.label == "comment":
            return k
        page.cut(k, label, f"stands under ‘{_brief(words)}’", 0.85)
        if (
            page.label_at(k) in {"date", "byline", "caption"}
            and page.verdicts[k] is not None
            and label == "related"
        ):
            page.verdicts[k] = Verdict(label, f"stands under ‘{_brief(words)}’", 0.8)
    return max(last, at + 1)


def _brief(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"


def _spare_heading(page: _Page, at: int, end: int) -> int:
    """The heading of the text that comes back is the text's: an opener's only line, or one apart."""
    k = end - 1
    if k <= at or not page.open(k) or page.shapes[k].words > 20 or page.shapes[k].item or page.shapes[k].ends:
        return end
    if page.blocks[k].gap == 0 and not page.html:
        return end
    owned = [i for i in range(at + 1, k) if page.open(i)]
    if not owned:
        return end if page.shapes[at].colon else k
    return k if all(page.blocks[i].gap == 0 or page.shapes[i].item for i in owned[1:]) else end


#: So many signs of commenters within so many lines make a thread, after so many words of text.
_THREAD_SIGNS = 3
_THREAD_LINES = 40
_THREAD_TEXT = 100


def _threads(page: _Page) -> None:
    """Readers' comments with no opener above them: told by their writers' lines."""
    if page.html and page.facts.referee:
        return
    before = 0
    signs: list[int] = []
    last_number = 0
    for at, shape in enumerate(page.shapes):
        number = re.match(r"(\d{1,4})[.)]\s", shape.text) if shape.numbered and shape.words >= 10 else None
        restarts = number is not None and 1 < int(number[1]) <= last_number and page.blocks[at].gap > 0
        last_number = int(number[1]) if number else last_number
        if before >= _THREAD_TEXT and (restarts or _commenter(page, at)):
            signs = [sign for sign in signs if at - sign <= _THREAD_LINES] + [at]
            if len(signs) >= _THREAD_SIGNS:
                _take_thread(page, _thread_start(page, signs[0]))
                return
        if page.running(at):
            before += shape.words


def _commenter(page: _Page, at: int) -> bool:
    text = page.shapes[at].text
    return len(text) <= 140 and page.shapes[at].words <= 16 and bool(forms.COMMENTER.search(text))


def _thread_start(page: _Page, sign: int) -> int:
    """Back over the numbered lines right above the first sign."""
    at = sign
    while (
        at > 0
        and sign - at < _THREAD_LINES
        and (page.shapes[at - 1].numbered or page.label_at(at - 1) == "comment_policy")
    ):
        at -= 1
    return at


def _take_thread(page: _Page, begin: int) -> None:
    for at in range(begin, len(page)):
        if page.label_at(at) in {"date", "byline", "other"} or at in page.soft:
            page.verdicts[at] = Verdict("comment", "stands in a thread of comments", 0.8)
        page.cut(at, "comment", "stands in a thread of comments", 0.8)


def _absorb(page: _Page) -> None:
    """A line such as 'Read more' below a cookie notice or a call to subscribe is part of it."""
    for at in range(1, len(page)):
        above = page.verdicts[at - 1]
        if (
            above is not None
            and above.label in {"cookie", "newsletter"}
            and forms.GENERIC.match(page.shapes[at].text)
        ):
            page.verdicts[at] = Verdict(above.label, f"goes with the {above.label} line above it", 0.8)


# ---------------------------------------------------------------- 5. the region


#: What a cut line costs the run that spans it, by label. Comments, openers and menus part pages; a caption or
#: an advertisement stands inside a text. Chosen on development dumps.
_TOLL = {
    "related": 12.0, "nav": 10.0, "comment": 40.0, "comment_policy": 14.0, "legal": 14.0, "author_bio": 10.0,
    "newsletter": 6.0, "cookie": 6.0, "share": 6.0, "date": 5.0, "byline": 4.0, "ad": 1.0, "caption": 1.0,
    "credit": 6.0, "headline": 0.0, "duplicate": 0.0, "other": 3.0,
}  # fmt: skip


#: After so many lines without text the rest of a table, a listing or a menu costs only a share: long tables
#: stand amid articles. In a dump of all visible text, told by its furniture, such runs are menus.
_IDLE_LINES = 6
_IDLE_SHARE = 0.1
_FURNITURE = frozenset({"nav", "share", "legal", "newsletter", "cookie", "comment_policy"})
_FURNITURE_LINES = 12


def _region(page: _Page) -> None:
    """Find the run of lines with the greatest sum of text; ties go to the longer and earlier one."""
    if page.facts.referee:
        kept = [at for at, word in enumerate(page.facts.referee) if word]
        page.start, page.stop = (kept[0], kept[-1] + 1) if kept else (0, 0)
        return
    furniture = sum(page.label_at(at) in _FURNITURE for at in range(len(page)))
    share = _IDLE_SHARE if furniture < _FURNITURE_LINES else 1.0
    best, sum_, begin, idle = 0.0, 0.0, 0, 0
    page.start = page.stop = 0
    for at in range(len(page)):
        if sum_ <= 0:
            sum_, begin = 0.0, at
        worth = _worth(page, at)
        idle = idle + 1 if worth <= 0 else 0
        sum_ += worth if idle <= _IDLE_LINES else worth * share
        if sum_ > best:
            best, page.start, page.stop = sum_, begin, at + 1


def _worth(page: _Page, at: int) -> float:
    verdict, shape = page.verdicts[at], page.shapes[at]
    if verdict is not None:
        return -_TOLL.get(verdict.label, 0.0)
    words = min(shape.words, 60)
    if shape.prose >= 3:
        return words
    if shape.prose == 2:
        return words * 0.8
    if shape.item:
        return words - 6.0 if words >= 8 else -2.0
    if shape.prose == 1 or shape.colon:
        return words * 0.4
    if _between_text(page, at):
        return -1.0
    return -3.0


def _between_text(page: _Page, at: int) -> bool:
    """Whether running text or a list's item stands right below: a heading's place."""
    below = page.next_open(at, 3)
    return below is not None and (
        page.shapes[below].prose >= 2 or (page.shapes[below].item and page.shapes[below].words >= 6)
    )


def _stretch(page: _Page) -> None:
    """Lists, verses and short sentences that go on right below the region belong to it."""
    if page.facts.referee:
        return
    at = page.stop
    while page.start < at < len(page) and page.open(at) and at not in page.soft and page.blocks[at].gap < 3:
        shape = page.shapes[at]
        if not (shape.item or shape.prose) or shape.phrases:
            break
        at += 1
    page.stop = at


# ---------------------------------------------------------------- 6. head, inside, tail


def _soften(page: _Page) -> None:
    """Apply the unsure verdicts, but not to lines with running text both before and after them."""
    first = next((at for at in range(page.start, page.stop) if page.running(at)), page.stop)
    for at, verdict in page.soft.items():
        if not first < at < page.stop and page.open(at):
            page.verdicts[at] = verdict


def _head(page: _Page) -> None:
    """Between headline and region stands the standfirst, or clutter; before the headline, menus."""
    first = page.headline
    for at in range(page.start):
        if not page.open(at):
            continue
        shape = page.shapes[at]
        if page.facts.referee:
            page.verdicts[at] = _left_out(page, at)
        elif _is_person(shape.text) and first is not None and at > first:
            page.cut(at, "byline", "a name between headline and text", 0.8)
        elif first is not None and at > first and page.start - at <= 14 and (shape.words >= 8 or shape.prose):
            page.verdicts[at] = Verdict("body", "standfirst", 0.7)
        elif first is not None and at > first and page.start - at <= 8:
            page.cut(
                at, "caption" if shape.words > 2 else "nav", "a short line between headline and text", 0.5
            )
        else:
            page.cut(at, "nav", "stands before the text", 0.6)


def _tail(page: _Page) -> None:
    for at in range(page.stop, len(page)):
        if not page.open(at):
            continue
        shape = page.shapes[at]
        if page.facts.referee:
            page.verdicts[at] = _left_out(page, at)
        elif _is_person(shape.text):
            page.cut(at, "byline", "a name below the text", 0.75)
        elif shape.phrases:
            cue = shape.phrases[0]
            page.cut(at, cue.label, f"stands below the text and speaks of ‘{cue.words.strip()}’", 0.6)
        elif forms.BIO.search(shape.text[:600]) and shape.prose >= 2:
            page.cut(at, "author_bio", "tells of a writer, below the text", 0.7)
        else:
            page.cut(at, "related" if shape.words >= 4 else "nav", "stands below the text", 0.5)


#: A biography is at most so many words below its name; more is the article going on.
_BIO_WORDS = 150


def _bios(page: _Page) -> None:
    """A writer's name or role, then a few lines on them, then nothing of the article: a biography."""
    words = 0
    first = page.stop
    for at in range(page.stop - 1, page.start, -1):
        if page.label_at(at) == "byline" or (page.open(at) and _is_person(page.shapes[at].text)):
            if first < page.stop and _tells_of_writer(page, at, first):
                _give_bio(page, at, first)
            return
        if page.open(at):
            words += page.shapes[at].words
            first = at
            if words > _BIO_WORDS:
                return
            if _bio_by_itself(page, at):
                _give_bio(page, at - 1, at)
                return


def _bio_by_itself(page: _Page, at: int) -> bool:
    """A closing paragraph that begins with a name and tells what its bearer does."""
    text = page.shapes[at].text
    return (
        bool(forms.NAME_FIRST.match(text))
        and bool(forms.BIO.search(text[:300]))
        and not page.shapes[at].quoted
    )


def _tells_of_writer(page: _Page, name: int, first: int) -> bool:
    """Whether the lines from `first` to the region's end are about the one named at `name`."""
    text = " ".join(page.shapes[k].text for k in range(first, page.stop) if page.open(k))[:1200]
    if forms.ROLE.match(page.shapes[name].text) or forms.BIO.search(text):
        return page.shapes[name].words <= 6 or bool(forms.BIO.search(text))
    twice = name > 0 and page.shapes[name - 1].fold == page.shapes[name].fold
    return twice or any(part in text for part in page.shapes[name].text.split() if len(part) > 3)


def _give_bio(page: _Page, name: int, first: int) -> None:
    """Everything from `first` to the region's end tells of the writer whose name stands at `name`."""
    for at in range(first, page.stop):
        page.cut(at, "author_bio", "tells of the writer named above it", 0.75)
    at = name
    while at > page.start and (
        page.label_at(at) == "byline" or (page.open(at) and _is_person(page.shapes[at].text))
    ):
        attached = page.blocks[at].gap == 0 or (at + 1 < len(page) and page.blocks[at + 1].gap == 0)
        page.cut(at, "byline" if attached else "author_bio", "the writer's name above the biography", 0.75)
        at -= 1


def _inside(page: _Page) -> None:
    for at in range(page.start, page.stop):
        if page.open(at):
            page.verdicts[at] = _kept(page, at)


def _kept(page: _Page, at: int) -> Verdict:
    shape, block = page.shapes[at], page.blocks[at]
    if page.facts.referee and not page.facts.referee[at]:
        return _left_out(page, at)
    if block.tag in _TAG_LABELS:
        return Verdict(_TAG_LABELS[block.tag], f"<{block.tag}> in the text", 0.9)
    if shape.item:
        return Verdict("list", "an item of a list", 0.8)
    if shape.prose >= 2 or shape.colon:
        return Verdict("body", "running text", 0.95)
    if shape.prose == 1 and not shape.text.endswith(("?", "!")):
        return Verdict("body", "a short sentence in the text", 0.8)
    if _is_person(shape.text) and (not _below_is_text(page, at) or page.counts[shape.fold] > 1):
        return Verdict("byline", "only a name", 0.6)
    if _is_heading(page, at):
        return Verdict("heading", "a short line above a paragraph", 0.8)
    return Verdict("body", "stands amid the text", 0.6)


_TAG_LABELS = {
    "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading", "li": "list",
    "dt": "list", "dd": "list", "blockquote": "quote", "td": "table", "th": "table", "tr": "table",
    "table": "table",
}  # fmt: skip


def _is_heading(page: _Page, at: int) -> bool:
    return page.shapes[at].words <= 22 and _below_is_text(page, at)


def _below_is_text(page: _Page, at: int) -> bool:
    below = page.next_open(at, 6)
    return below is not None and below < page.stop


def _left_out(page: _Page, at: int) -> Verdict:
    """Name the kind of a block that the referee left out."""
    block, shape = page.blocks[at], page.shapes[at]
    if cue := name_cue(block.path):
        label = "author_bio" if cue.label == "byline" and shape.words >= 8 else cue.label
        return Verdict(label, f"left out by trafilatura; stands in ‘{cue.words}’", 0.8)
    if shape.phrases:
        return Verdict(
            shape.phrases[0].label,
            f"left out by trafilatura; speaks of ‘{shape.phrases[0].words.strip()}’",
            0.7,
        )
    if block.link_chars * 2 > len(block.text):
        return Verdict("related" if shape.words >= 4 else "nav", "left out by trafilatura; mostly links", 0.7)
    return Verdict("other", "left out by trafilatura", 0.5)


_STEPS: tuple[Callable[[_Page], None], ...] = (
    _by_itself, _find_headline, _captions, _threads, _sections, _absorb, _region, _stretch, _soften, _head,
    _duplicates, _bios, _tail, _inside,
)  # fmt: skip
