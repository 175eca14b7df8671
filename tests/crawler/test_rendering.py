"""Pages made by scripts: what the browser is given, what it is not, and that every page ends."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from crawler.rendering import Part, PartAnswer, Rendered, Renderer, RenderFailed, RenderOptions, program

pytestmark = pytest.mark.skipif(
    program() is None and not os.environ.get("CI"), reason="no Chromium found: name it in PRESSMARK_CHROMIUM"
)
HERE = "https://press.example/story"
#: Short budgets, so that what never ends is over soon.
SHORT = RenderOptions(seconds=20, rest_seconds=3, requests=20, document=200_000)


def page(script: str, head: str = "") -> PartAnswer:
    html = f"<!doctype html><html><head><title>T</title>{head}</head><body><div id=app></div>"
    body = f"{html}<script>{script}</script></body></html>".encode()
    return PartAnswer(status=200, headers=(("Content-Type", "text/html; charset=utf-8"),), body=body)


def rendered(
    answers: PartAnswer | list[PartAnswer],
    parts: dict[str, PartAnswer] | None = None,
    options: RenderOptions = SHORT,
) -> tuple[list[Rendered | str], list[Part]]:
    """What becomes of pages in one browser (a sentence where it failed), and what was asked for."""
    asked: list[Part] = []

    async def fetch(part: Part) -> PartAnswer | None:
        asked.append(part)
        return (parts or {}).get(part.url)

    async def run() -> list[Rendered | str]:
        renderer = Renderer(fetch, user_agent="pressmark/test", options=options)
        found: list[Rendered | str] = []
        try:
            for answer in answers if isinstance(answers, list) else [answers]:
                try:
                    found.append(await renderer.render(HERE, answer))
                except RenderFailed as failed:
                    found.append(failed.reason)
        finally:
            await renderer.close()
        return found

    # In a thread of its own: Playwright's other face keeps a loop running in the tests' thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result(), asked


def document(found: list[Rendered | str]) -> str:
    assert isinstance(found[0], Rendered), found
    return found[0].html.decode()


JSON = (("Content-Type", "application/json"),)
TEXT = "fetch('/api/1').then(r => r.json()).then(d => setTimeout(() => app.textContent = d.text, 300))"


def test_the_document_is_what_scripts_made_and_what_they_asked_for_went_through_our_door() -> None:
    parts = {
        "https://press.example/api/1": PartAnswer(status=200, headers=JSON, body=b'{"text": "Ferr\\u00e9"}')
    }
    found, asked = rendered(page(TEXT), parts)
    assert '<div id="app">Ferré</div>' in document(found)
    assert document(found).startswith("<!DOCTYPE html>")
    assert isinstance(found[0], Rendered)
    assert found[0].browser.startswith("Chromium ")
    assert [part.url for part in asked] == ["https://press.example/api/1"]
    assert not {"user-agent", "cookie", "host"} & set(asked[0].headers)


def test_scripts_that_pages_share_are_asked_for_once() -> None:
    head = '<script src="/bundle.js" defer></script>'
    bundle = PartAnswer(
        status=200, headers=(("Content-Type", "text/javascript"),), body=b"app.textContent='x'"
    )
    found, asked = rendered([page("", head), page("", head)], {"https://press.example/bundle.js": bundle})
    assert len(asked) == 1
    assert all(isinstance(one, Rendered) and b">x<" in one.html for one in found)


def test_pictures_frames_fonts_and_foreign_posts_are_not_given_and_style_sheets_are_empty() -> None:
    head = (
        '<link rel=stylesheet href="/s.css" onload="document.title=\'styled\'"><img src="/p.png">'
        '<iframe src="https://ads.example/"></iframe><video src="/v.mp4"></video>'
        "<style>@font-face{font-family:f;src:url(/f.woff)} body{font-family:f;background:url(/b.png)}</style>"
    )
    post = "fetch('https://elsewhere.example/x', {method: 'POST', body: '1', mode: 'no-cors'})"
    found, asked = rendered(page(post, head))
    assert "<title>styled</title>" in document(found)
    assert asked == []


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what reached it."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    ended = threading.Event()

    def listen() -> None:
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            heard.append(b"connected")
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], heard
    ended.set()
    thread.join()
    server.close()


def test_nothing_of_a_page_reaches_this_machine_but_through_our_door(
    listener: tuple[int, list[bytes]],
) -> None:
    port, heard = listener
    there = f"127.0.0.1:{port}"
    ways = (
        f"new WebSocket('ws://{there}/');"
        f"navigator.sendBeacon('http://{there}/beacon', 'x');"
        f"new Image().src = 'http://{there}/image';"
        f"new EventSource('http://{there}/events');"
        f"window.open('http://{there}/window');"
        f"try {{ new SharedWorker('http://{there}/worker') }} catch (e) {{}};"
        f"let l = document.createElement('link'); l.rel = 'prefetch'; l.href = 'http://{there}/pre';"
        "document.head.append(l);"
        f"let c = document.createElement('link'); c.rel = 'preconnect'; c.href = 'http://{there}/';"
        "document.head.append(c);"
        f"new RTCPeerConnection({{iceServers: [{{urls: 'turn:{there}?transport=tcp',"
        " username: 'a', credential: 'b'}]}).createDataChannel('x');"
        f"fetch('http://{there}/fetch').catch(() => app.textContent = 'refused')"
    )
    found, asked = rendered(page(ways))
    assert "refused" in document(found)
    assert [part.url for part in asked] == [f"http://{there}/fetch"]
    assert heard == []


#: Pages that never end, or will not be left: script, and what is said of it; None: the document comes.
HOSTILE: dict[str, tuple[str, str | None]] = {
    "a loop without end": ("while (true) {}", "its scripts d"),
    "a loop that begins later": ("setTimeout(() => { while (true) {} }, 50)", "its scripts do not end"),
    "alerts": ("for (let n = 0; n < 50; n++) alert('x'); app.textContent = 'after'", None),
    "windows": ("for (let n = 0; n < 9; n++) window.open('/w' + n); app.textContent = 'after'", None),
    "leaving": ("location.href = 'https://elsewhere.example/'; app.textContent = 'after'", None),
    "reloading": ("app.textContent = 'after'; location.reload()", None),
    "a download": ("location.href = 'data:application/zip,x'; app.textContent = 'after'", None),
    "a text that never rests": ("app.textContent='after'; setInterval(() => app.append('x'), 20)", None),
    "a large document": ("app.textContent = 'x'.repeat(3e5)", "the document is longer than"),
    "many requests": (
        "setInterval(() => fetch('/x' + Math.random()).catch(() => 0), 5)", "its scripts ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_with_its_document_or_a_reason(name: str) -> None:
    script, said = HOSTILE[name]
    before = time.monotonic()
    found, asked = rendered([page(script), page("app.textContent = 'next'")])
    assert time.monotonic() - before < 4 * SHORT.seconds
    assert len(asked) <= SHORT.requests
    if said is None:
        assert "after" in document(found)
    else:
        assert isinstance(found[0], str)
        assert found[0].startswith(said)
    # The page after it is rendered as if nothing had been.
    assert isinstance(found[1], Rendered)
    assert b"next" in found[1].html


def test_a_document_of_a_hundred_megabytes_ends() -> None:
    script = (
        "const s = 'x'.repeat(1e6); for (let n = 0; n < 100; n++)"
        " { let p = document.createElement('p'); p.textContent = s + n; app.append(p) }"
    )
    found, _ = rendered(page(script), options=RenderOptions(seconds=40, rest_seconds=5))
    assert isinstance(found[0], str)


def test_a_missing_browser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> Callable[[], None]:
        raise ImportError(name)

    import builtins

    from crawler.errors import CrawlerError
    from crawler.rendering import check_installed

    real = builtins.__import__
    monkeypatch.setattr(
        builtins,
        "__import__",
        lambda name, *rest, **more: (
            nothing(name) if name.startswith("playwright") else real(name, *rest, **more)
        ),
    )
    with pytest.raises(CrawlerError, match=r"pip install 'pressmark\[render\]'"):
        check_installed()
