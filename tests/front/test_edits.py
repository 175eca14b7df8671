"""What changed, what is alike, and saying that a cut was wrong: the pages, and who may write."""

from __future__ import annotations

import re
import sqlite3
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Dialog, Request

from archive import Archive
from archive.front import write_front
from archive.front.plugins.pressmark_front import overrides as file
from archive.front.plugins.pressmark_front.changes import Asked, edits_sql, excerpt_of, percent
from archive.front.plugins.pressmark_front.saying import said_of
from archive.values import Article
from tests.front import sample
from tests.front.conftest import datasette_over, running

HOUSE = Path(__file__).parents[2]
ATOM = "{http://www.w3.org/2005/Atom}"

LONG = [
    f"Paragraph {n} tells of boat number {n} and of the price of its {n} tickets in full." for n in range(9)
]


def of(article: Article, *paragraphs: str, **fields: Any) -> Article:
    """An article of paragraphs, a menu cut from it."""
    text = "\n\n".join(paragraphs)
    blocks = (
        sample.block(1, "nav", "Home Town Sport Weather", "links only", 0.99),
        *(sample.block(n, "body", said, tag="p") for n, said in enumerate(paragraphs, 2)),
    )
    return msgspec.structs.replace(article, text=text, markdown=text, blocks=blocks, **fields)


FERRY = msgspec.structs.replace(
    sample.FERRY, url="https://post.example/f", canonical_url=None, site="post.example"
)
FIRST = of(FERRY, *LONG, headline="Ferry rejected", sources={"headline": "json-ld:NewsArticle.headline"})
SECOND = of(FERRY, *LONG[:8], "Paragraph 8 tells of nine boats.", headline="Ferry approved")
EVIL = msgspec.structs.replace(
    sample.HOSTILE, url="https://evil.example/h", canonical_url=None, site="evil.example"
)
EVIL_FIRST = of(EVIL, f"A line {sample.SCRIPT} \u202eof old]]> words here\x08")
EVIL_SECOND = of(
    EVIL, f"A line {sample.IMAGE} \u202eof new]]> words here\x08", headline=f"{sample.SCRIPT} now"
)
COPY = of(FERRY, *LONG[:8], url="https://wire.example/f", headline="Wire copy")
COPY = msgspec.structs.replace(COPY, site="wire.example")


POEM = "The ferry goes\n   at seven\n\nand comes\n   at nine"
VERSES = msgspec.structs.replace(
    of(FERRY, LONG[0], POEM, LONG[1], url="https://post.example/verses", headline="Verses"),
    blocks=(
        sample.block(1, "body", LONG[0], tag="p"),
        sample.block(2, "ad", "Buy a boat", tag="p"),
        sample.block(3, "body", POEM, tag="pre"),
        sample.block(4, "share", "Share this", tag="p"),
        sample.block(5, "body", LONG[1], tag="p"),
    ),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with edits of two articles, one of them hostile, and a copy of the other."""
    root = tmp_path_factory.mktemp("edits")
    with Archive.open(root, software="pressmark sample", clock=lambda: sample.START) as archive:
        run = archive.begin_run("sample")
        for rank, one in enumerate([FIRST, SECOND, EVIL_FIRST, EVIL_SECOND, COPY, sample.UNDATED, VERSES]):
            archive.keep(archive.store_raw(sample.capture(one, 60 * rank)), sample.kept(one))
        archive.finish_run(run, {})
    write_front(root)
    return root


@pytest.fixture(scope="module")
def reader(root: Path) -> Iterator[httpx.Client]:
    """Someone before a plain Datasette."""
    with datasette_over(root) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def page(client: httpx.Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:600]
    return answer.text


# -- versions


def test_a_diff_marks_words_for_eyes_and_ears_and_folds_the_rest(reader: httpx.Client) -> None:
    html = page(reader, "/article/1/diff?from=1&to=2")
    assert re.search(r"<h1[^>]*>Ferry <del>.*?rejected.*?</del>\s*<ins[^>]*>.*?approved.*?</ins></h1>", html)
    assert '<del><span class="unseen"> [taken out: </span>' in html
    assert '<ins class="joined"><span class="unseen"> [put in: </span>' in html
    assert re.search(r"<details class=\"fold\"><summary[^>]*>7 paragraphs unchanged</summary>", html)
    assert "the headline changed" in html
    assert page(reader, "/article/1/diff") == html  # the last two are the two there are


def test_a_comparison_backwards_or_with_itself_is_one(reader: httpx.Client) -> None:
    assert "version 2" in page(reader, "/article/1/diff?from=2&to=1")
    assert "The texts are the same." in page(reader, "/article/1/diff?from=1&to=1")


@pytest.mark.parametrize(
    "path",
    ["/article/99/diff", "/article/1/diff?from=1&to=9", "/article/1/diff?from=8&to=2", "/article/3/diff"],
)
def test_what_cannot_be_compared_is_said_on_a_page(reader: httpx.Client, path: str) -> None:
    assert '<p class="message">' in page(reader, path, status=404)


def test_the_article_leads_to_its_diffs_and_copies_and_tells_its_sources(reader: httpx.Client) -> None:
    html = page(reader, "/article/1")
    assert 'href="/article/1/diff?from=1&amp;to=2"' in html
    assert "The same text elsewhere" in html
    assert "Wire copy" in html
    assert re.search(r"wire\.example, 1 May 2024; \d+ % alike", html)
    copy = page(reader, "/article/3")
    assert "Ferry approved" in copy


# -- changes


def test_changes_stand_newest_first_with_the_words_that_changed(reader: httpx.Client) -> None:
    html = page(reader, "/changes")
    assert html.index("evil.example") < html.index("post.example")
    assert re.search(r"Paragraph 8 tells of .*<del>.*</del>\s*<ins[^>]*>.*nine boats", html)
    assert 'href="/article/1/diff?from=1&amp;to=2"' in html
    assert "UNDATED" not in html


def test_changes_of_a_site_and_of_headlines_alone(reader: httpx.Client) -> None:
    html = page(reader, "/changes?site=post.example")
    assert "Ferry" in html
    assert "evil.example" not in html
    assert "<del>" not in page(reader, "/changes?site=nowhere.example")
    assert "No change was seen there yet" in page(reader, "/changes?site=nowhere.example")
    headlines = page(reader, "/changes?only=headlines&site=post.example")
    assert "approved" in headlines
    assert "nine boats" not in headlines
    assert "Nothing earlier" in page(reader, "/changes?before=2020-01-01~1~1")
    assert "Ferry" in page(reader, "/changes?before=nonsense")


def test_the_feed_is_atom_whatever_the_pages_said(reader: httpx.Client) -> None:
    answer = reader.get("/changes.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "script-src 'none'" in answer.headers["content-security-policy"]
    feed = ET.fromstring(answer.content)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}author/{ATOM}name") for entry in entries] == [
        "evil.example",
        "post.example",
    ]
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
    content = entries[0].findtext(f"{ATOM}content") or ""
    assert "&lt;script&gt;" in content
    assert "<script" not in content
    assert "<ins" in content
    alone = ET.fromstring(reader.get("/changes.atom?site=post.example").content)
    assert len(alone.findall(f"{ATOM}entry")) == 1


@pytest.mark.parametrize("path", ["/article/2/diff", "/changes", "/article/2?account=1"])
def test_hostile_edits_stay_letters(reader: httpx.Client, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 200
    assert "script-src 'none'" in answer.headers["content-security-policy"]
    assert "pwned" in answer.text
    bare = re.sub(
        r'"[^"]*"', '""', answer.text
    )  # what stands in quotation marks is a value, not an attribute
    assert not re.search(r"<script|<img|<[^>]*\s(?:style|on\w+)=", bare)
    assert "\u202e" not in answer.text


@pytest.mark.parametrize("asked", [Asked("", "", ""), Asked("a.example", "", ""), Asked("", "headlines", "")])
def test_edits_are_found_by_an_index(root: Path, asked: Asked) -> None:
    db = sqlite3.connect(root / "articles.db")
    sql, params = edits_sql(asked, 10)
    plan = [row[3] for row in db.execute("explain query plan " + sql, params)]
    db.close()
    wanted = "INDEX articles_" if asked.site else "INDEX versions_edit"
    assert any(wanted in step for step in plan), plan
    assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan), plan


def test_shares_are_told_in_words() -> None:
    told = [percent(share) for share in (None, 0.0, 0.004, 0.25, 1.0)]
    assert told == [
        "", "no word more or less", "less than 1 % of the words", "25 % of the words", "100 % of the words"
    ]  # fmt: skip
    assert [excerpt_of(stored) for stored in (None, "{", "[1]", '[["?", "x"]]')] == [[], [], [], []]


# -- saying that a cut was wrong


def test_without_permission_the_page_shows_the_lines_to_paste(reader: httpx.Client) -> None:
    html = page(reader, "/article/1?account=1")
    assert '<form action="/article/1/say"' not in html
    pasted = [
        entry for lines in re.findall(r"<pre[^>]*>(.*?)</pre>", html, re.S)
        for entry in tomllib.loads(lines.replace("&#34;", '"').replace("&amp;", "&"))["override"]
    ]  # fmt: skip
    assert [entry["say"] for entry in pasted] == ["keep"] + ["cut"] * 9
    assert {entry["article"] for entry in pasted} == {FERRY.url}
    assert pasted[0]["block"] == file.letters_digest("Home Town Sport Weather")
    assert pasted[1]["block"] == file.letters_digest(LONG[0])


def form_of(html: str) -> dict[str, str]:
    form = html[html.index('<form action="/article/1/say"') :]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("<button")]))


def test_a_plain_datasette_writes_nothing(reader: httpx.Client, root: Path) -> None:
    data = {"say": "keep", "scope": "article", "block": "cut-1", "version": "2", "key": "0" * 64}
    for headers in ({}, {"cookie": "pressmark_edit="}):
        assert reader.post("/article/1/say", data=data, headers=headers).status_code == 403
    assert reader.get("/article/1/say").status_code == 405
    assert reader.get("/-/pressmark-edit?token=").status_code == 403
    assert not (root / file.FILE).exists()


SERVE = """
import sys
from pathlib import Path
from typing import Any
from archive.front import serve

def tell(url):
    print("Serving" if "token" in url else "At", url, file=sys.stderr, flush=True)

sys.exit(serve(Path(sys.argv[1]), port=0, on_ready=tell, on_editing=tell))
"""


@pytest.fixture
def entrance(root: Path) -> Iterator[str]:
    """The address that `serve --edit` tells."""
    log: list[str] = []
    with running([sys.executable, "-c", SERVE, str(root)], HOUSE, sign="Serving", log=log):
        yield next(line for line in log if line.startswith("Serving")).split()[1]
    (root / file.FILE).unlink(missing_ok=True)


def test_who_opened_the_address_writes_and_nobody_else(entrance: str, root: Path) -> None:
    base = entrance.partition("-/")[0]
    with (
        httpx.Client(base_url=base, timeout=30) as stranger,
        httpx.Client(base_url=base, timeout=30) as editor,
    ):
        assert "/say" not in page(stranger, "/article/1?account=1")
        assert stranger.get(entrance + "x").status_code == 403
        entered = editor.get(entrance)
        cookie = entered.headers["set-cookie"].lower()
        assert (entered.status_code, "httponly" in cookie, "samesite=strict" in cookie) == (302, True, True)
        form = form_of(page(editor, "/article/1?account=1"))
        assert form["block"] == "cut-1"
        wanted = {**form, "scope": "site"}
        # A stranger with the form's every field, a page elsewhere, a name that leads here, another's key.
        assert stranger.post("/article/1/say", data=wanted).status_code == 403
        for headers in (
            {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"},
        ):  # fmt: skip
            assert editor.post("/article/1/say", data=wanted, headers=headers).status_code == 403, headers
        assert editor.post("/article/2/say", data=wanted).status_code == 403
        assert editor.post("/article/1/say", data={**wanted, "key": "0" * 64}).status_code == 403
        for slip in ({"block": "cut-99"}, {"block": "x"}, {"say": "eat"}, {"scope": "world"}):
            assert editor.post("/article/1/say", data={**wanted, **slip}).status_code == 400, slip
        assert not (root / file.FILE).exists()
        done = editor.post("/article/1/say", data=wanted)
        assert (done.status_code, done.headers["location"]) == (303, "/article/1?account=1&said=1#cut-1")
        done = editor.post(
            "/article/1/say", data={**wanted, "block": "kept-8", "say": "cut", "scope": "article"}
        )
        assert done.status_code == 303
        told = file.read(root)
        assert told.problems == []
        assert [(one["say"], one.get("site"), one["block"]) for one in told.entries] == [
            ("keep", "post.example", file.letters_digest("Home Town Sport Weather")),
            ("cut", None, file.letters_digest("Paragraph 8 tells of nine boats.")),
        ]
        html = page(stranger, "/article/1?account=1")
        assert "a person said: keep; obeyed at the next cleaning" in html
        assert "a person said: cut; obeyed at the next cleaning" in html


def test_a_person_says_so_in_a_browser_without_javascript(
    browser: Browser, entrance: str, root: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(entrance)
    tab.goto(entrance.partition("-/")[0] + "article/1?account=1")
    block = tab.locator("#cut-1")
    block.get_by_text("This was wrong").click()
    block.get_by_role("button", name="of this article").click()
    assert "Written to overrides.toml" in tab.inner_text("[role=status]")
    assert [one["say"] for one in file.read(root).entries] == ["keep"]
    context.close()


def test_a_preformatted_block_is_one_block_and_is_cut_whole(
    browser: Browser, entrance: str, root: Path
) -> None:
    tab = browser.new_page()
    tab.goto(entrance)
    tab.goto(entrance.partition("-/")[0] + "article/5?account=1")
    shown = tab.locator(".whole > div").all_inner_texts()
    assert [text.split("\n")[0].replace("\xa0", " ") for text in shown] == [
        LONG[0],
        "ad ad 1.00",
        "The ferry goes",
        "share share 1.00",
        LONG[1],
    ]
    block = tab.locator("#kept-1")
    assert block.locator("pre").inner_text() == POEM
    block.get_by_text("This was wrong").click()
    block.get_by_role("button", name="of this article").click()
    tab.close()
    (said,) = file.read(root).entries
    assert (said["say"], said["block"]) == ("cut", file.letters_digest(POEM))


def test_axe_is_content_with_forms_and_with_lines_to_paste(
    browser: Browser, entrance: str, root: Path
) -> None:
    from tests.front.test_walk import assert_axe_is_content

    base = entrance.partition("-/")[0]
    tab = browser.new_page()
    for enters in (False, True):
        if enters:
            tab.goto(entrance)
        tab.goto(base + "article/5?account=1")
        for block in ("#cut-2", "#kept-1"):
            tab.locator(block).get_by_text("This was wrong").click()
        assert tab.locator(".say form").count() == (5 if enters else 0)
        assert tab.locator(".say pre").count() == (0 if enters else 5)
        assert_axe_is_content(tab)
    tab.locator("#cut-2 button[value=article]").click()
    assert_axe_is_content(tab)
    tab.close()


def edited(root: Path) -> bytes | None:
    path = root / file.FILE
    return path.read_bytes() if path.exists() else None


def test_a_form_of_another_time_page_or_making_writes_nothing_and_fails_nothing(
    entrance: str, root: Path
) -> None:
    base = entrance.partition("-/")[0]
    with httpx.Client(base_url=base, timeout=30) as editor:
        for token in ("", "%00", "é" * 40, "x" * 60_000):
            assert editor.get(f"/-/pressmark-edit?token={token}").status_code in {403, 414, 400}
        assert not editor.cookies
        assert editor.get(entrance).status_code == 302
        form = {**form_of(page(editor, "/article/1?account=1")), "scope": "article"}
        for origin in ("null", "http://[", "//", "", "file://", base.rstrip("/") + ".evil.example"):
            assert editor.post("/article/1/say", data=form, headers={"origin": origin}).status_code == 403, (
                origin
            )
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            answer = editor.request(method, "/article/1/say", params=form)
            assert 400 <= answer.status_code < 500, method
        for name in ("key", "say", "scope", "block"):
            without = {key: value for key, value in form.items() if key != name}
            assert editor.post("/article/1/say", data=without).status_code in {400, 403}, name
        for block in (
            "kept-",
            "kept--1",
            "kept-1e3",
            "kept-²",
            "cut-٣٣",
            "kept-999999999",
            "cut-" + "9" * 400,
        ):
            assert editor.post("/article/1/say", data={**form, "block": block}).status_code == 400, block
        for body in (b"", b"&&&=", b"key=%ff%00", b"key=" + b"a" * 100_000):
            answer = editor.post(
                "/article/1/say", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
            )
            assert answer.status_code in {400, 403}
        assert editor.post("/article/999999/say", data=form).status_code == 403
        assert edited(root) is None


def test_the_file_that_people_edit_may_hold_anything(entrance: str, root: Path, tmp_path: Path) -> None:
    base, path = entrance.partition("-/")[0], root / file.FILE
    with httpx.Client(base_url=base, timeout=30) as editor:
        editor.get(entrance)
        form = {**form_of(page(editor, "/article/1?account=1")), "scope": "article"}
        evil = f'[[override]]\nsay = "{sample.SCRIPT}"\n"<img src=x onerror=alert(1)>" = 1\n'
        for content in (evil.encode(), b"\xff\xfe\x00", b"[[override]]\nsay = " + b"[" * 50_000, b"\x00" * 9):
            path.write_bytes(content)
            html = page(editor, "/article/1?account=1")
            assert "overrides.toml" in html
            assert "<script" not in html
            assert "<img" not in html
            # It is added to all the same: nothing that stands there is lost.
            assert editor.post("/article/1/say", data=form).status_code == 303
            assert (edited(root) or b"").startswith(content)
            assert [one["say"] for one in file.read(root).entries] == ["keep"]
        path.unlink()
        elsewhere = tmp_path / "profile"
        elsewhere.write_text("export PATH\n")
        path.symlink_to(elsewhere)
        refused = editor.post("/article/1/say", data=form)
        assert refused.status_code == 500
        assert "it is a link" in refused.text
        assert elsewhere.read_text() == "export PATH\n"
        path.unlink()
        path.mkdir()
        assert editor.post("/article/1/say", data=form).status_code == 500
        assert page(editor, "/article/1?account=1")
        path.rmdir()


@pytest.mark.parametrize("width", [390, 1280])
def test_forms_around_hostile_texts_run_nothing_and_write_letters(
    browser: Browser, entrance: str, root: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    tab = context.new_page()
    said: list[str] = []
    base = entrance.partition("-/")[0]

    def asked(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    def requested(request: Request) -> None:
        if not request.url.startswith(base):
            said.append(request.url)

    tab.on("dialog", asked)
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", requested)
    tab.goto(entrance)
    for scope in ("article", "site"):
        tab.goto(base + "article/2?account=1")
        block = tab.locator("#kept-0")
        block.get_by_text("This was wrong").click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        block.locator(f"button[value={scope}]").click()
        assert "Written to overrides.toml" in tab.inner_text("[role=status]")
    tab.goto(base + "article/2?account=1&version=1")
    tab.locator("#kept-0").get_by_text("This was wrong").click()
    tab.locator("#kept-0 button[value=site]").click()
    assert tab.title() != "pwned"
    assert tab.locator("script, img, iframe").count() == 0
    assert said == []
    context.close()
    told = file.read(root)
    assert told.problems == []
    assert [one.get("site") for one in told.entries] == [None, "evil.example", "evil.example"]
    text = (root / file.FILE).read_text()
    assert "onerror" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_changes_stand_out_and_fit_a_phone(browser: Browser, reader: httpx.Client, scheme: str) -> None:
    from tests.front.test_browser import contrast

    dark = scheme == "dark"
    context = browser.new_context(
        color_scheme="dark" if dark else "light", viewport={"width": 390, "height": 844}
    )
    tab = context.new_page()
    for path in ("/article/1/diff", "/changes", "/article/1?account=1", "/article/1", "/article/2/diff"):
        tab.goto(str(reader.base_url) + path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert tab.title() != "pwned"
    tab.goto(str(reader.base_url) + "/article/1/diff")
    for selector in (".diff .same", ".fold summary", ".diff ins", ".diff del"):
        assert contrast(tab, selector) >= 4.5, selector
    # On their own ground, too.
    for selector in (".diff ins", ".diff del"):
        assert contrast_on_own_ground(tab, selector) >= 4.5, selector
    context.close()


def contrast_on_own_ground(tab: object, selector: str) -> float:
    from tests.front.test_browser import luminance

    colours = tab.evaluate(  # type: ignore[attr-defined]
        """selector => { const style = getComputedStyle(document.querySelector(selector));
        return [style.color, style.backgroundColor]
            .map(c => c.match(/[\\d.]+/g).slice(0, 3).map(Number)) }""",
        selector,
    )
    lighter, darker = sorted((luminance(colour) for colour in colours), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_command_tells_the_address_for_editing(root: Path) -> None:
    log: list[str] = []
    command = [sys.executable, "-c", "from crawler.commands import main; main()", "serve", "--edit"]
    with running(
        [*command, "--port", "0", "--no-replay", "--archive", str(root)], HOUSE, sign="wrong", log=log
    ):
        address = next(line for line in log if "pressmark-edit" in line).split()[-1]
        assert httpx.get(address).status_code == 302


def test_a_site_in_another_form_is_shown_as_it_is_obeyed() -> None:
    entry = {"say": "cut", "block": "sha1:B", "site": "WWW.Gazette.example"}
    assert said_of([entry], {"site": "gazette.example", "url": "https://gazette.example/1"}) == {
        "sha1:B": "cut"
    }
    assert said_of([entry], {"site": "other.example", "url": "https://other.example/1"}) == {}
