"""Statements in a page's headers and in the head of its HTML.

| statement | said by | source |
|---|---|---|
| `noarchive`, `nocache`, `noindex`, | `X-Robots-Tag`, | the robots words of Google, |
| `nosnippet`, `noai`, `noimageai` | `<meta name=robots>` | Microsoft and DeviantArt |
| `tdm-reservation=1`, `tdm-policy=URL` | headers, `<meta>` | TDM Reservation Protocol (W3C) |
| `license=URL`, `license=inline` | `Link` header, `<link>`, `<script>` | RSL 1.0 |
| `ai-train=no`, `search=yes`, … | `Content-Signal` header | contentsignals.org |
| `train-ai=n`, … | `Content-Usage` header | IETF draft aipref-attach |

Names are in lower case, values as they were written. Robots words that speak to another agent are not ours.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

#: Words of robots directives that speak of use. `none` stands for two, of which one is here.
ROBOTS_WORDS = frozenset({"noarchive", "nocache", "noindex", "nosnippet", "noai", "noimageai"})
#: Directives with a colon of their own: no agent's name.
_WITH_VALUE = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")
#: What is read of a page: statements stand in its head. A hostile page costs no more.
_HEAD_BYTES = 512 << 10
_MAX_TAGS = 2000
#: A tag is no longer.
_TAG_CHARACTERS = 4000
#: Of one page; and of one value. More is no statement but an attack.
MAX_STATEMENTS = 30
MAX_VALUE = 300

_TAG = re.compile(r"<(meta|link|script|style|body)(?=[\s/>])", re.I)
_ATTRIBUTE = re.compile(r"([a-z][a-z-]{0,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_PAIR = re.compile(r"([a-z][a-z-]{0,30})\s*=\s*([a-z0-9-]{1,20})", re.I)
_LINK = re.compile(
    r"<([^<>]{1,2000})>((?:\s*;\s*[a-z*]+\s*=\s*(?:\"[^\"]{0,300}\"|[^\s;,\"]{1,300}))*)", re.I
)

RSL_TYPE = "application/rsl+xml"


def in_headers(headers: Iterable[tuple[bytes, bytes]], agent: str) -> tuple[str, ...]:
    """Statements in response headers, given as (name, value) pairs. `agent`: our name in robots.txt."""
    found: list[str] = []
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").strip().lower(), raw_value.decode("latin-1").strip()
        if name == "x-robots-tag":
            found += _robots_words(_to_us(value, agent))
        elif name in ("tdm-reservation", "tdm-policy"):
            found += _tdm(name, value)
        elif name == "link":
            found += [f"license={url}" for url in _licences(value)]
        elif name in ("content-signal", "content-usage"):
            found += pairs(value)
    return bounded(found)


def in_page(body: bytes, agent: str) -> tuple[str, ...]:
    """Statements in the head of an HTML page, whatever its encoding: names and words are ASCII."""
    text = _without_comments(body[:_HEAD_BYTES].replace(b"\0", b"").decode("latin-1"))
    found: list[str] = []
    for tag, inside in _tags(text):
        attributes = {
            name.lower(): html.unescape(next((part for part in parts if part), ""))
            for name, *parts in _ATTRIBUTE.findall(inside)
        }
        found += _of_tag(tag, attributes, agent.lower())
    return bounded(found)


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """The tags that may say something, up to the page's body, and what stands in them.

    In one pass: each place of the text is looked at once, however the page is made.
    """
    at = 0
    for _ in range(_MAX_TAGS):
        found = _TAG.search(text, at)
        if found is None or found[1].lower() == "body":
            return
        tag, start = found[1].lower(), found.end()
        end = text.find(">", start, start + _TAG_CHARACTERS)
        if end < 0:
            at = start + _TAG_CHARACTERS
            continue
        inside, at = text[start:end], end + 1
        if tag in ("script", "style"):
            close = re.compile(f"</{tag}", re.I).search(text, at)
            at = close.end() if close else len(text)
        if tag != "style":
            yield tag, inside


def settled(*places: Sequence[str]) -> tuple[str, ...]:
    """The statements of several places as one list, the place nearest to the page last.

    Where two places give one name another value, the nearer one counts.
    """
    by_name: dict[str, tuple[str, ...]] = {}
    for place in places:
        here: dict[str, tuple[str, ...]] = {}
        for statement in place:
            name = statement.partition("=")[0]
            here[name] = (*here.get(name, ()), statement)
        by_name |= here
    return bounded(statement for said in by_name.values() for statement in said)


def bounded(statements: Iterable[str]) -> tuple[str, ...]:
    """Each statement once, on one line, no longer and no more than makes sense."""
    short = (re.sub(r"[\x00-\x20\x7f-\x9f]+", " ", one)[:MAX_VALUE].strip() for one in statements)
    return tuple(dict.fromkeys(one for one in short if one))[:MAX_STATEMENTS]


def pairs(value: str) -> list[str]:
    """`search=yes, ai-train=no` as statements; anything else in it is left out."""
    return [f"{name.lower()}={word.lower()}" for name, word in _PAIR.findall(value)]


def _of_tag(tag: str, attributes: dict[str, str], agent: str) -> Iterator[str]:
    if tag == "meta":
        name, content = attributes.get("name", "").strip().lower(), attributes.get("content", "").strip()
        if name in ("robots", agent):
            yield from _robots_words(content)
        elif name in ("tdm-reservation", "tdm-policy"):
            yield from _tdm(name, content)
    elif attributes.get("type", "").strip().lower() == RSL_TYPE:
        if tag == "script":
            yield "license=inline"
        elif "license" in attributes.get("rel", "").lower().split() and attributes.get("href", "").strip():
            yield f"license={attributes['href'].strip()}"


def _to_us(value: str, agent: str) -> str:
    """An X-Robots-Tag without the agent's name before it; "" when it speaks to another."""
    before, colon, rest = value.partition(":")
    if not colon or "," in before or before.strip().lower() in _WITH_VALUE:
        return value
    return rest if before.strip().lower() in (agent.lower(), "*") else ""


def _robots_words(value: str) -> list[str]:
    words = re.split(r"[,\s]+", value.lower())
    return ["noindex" if word == "none" else word for word in words if word in ROBOTS_WORDS | {"none"}]


def _tdm(name: str, value: str) -> list[str]:
    if name == "tdm-reservation":
        return [f"{name}={value}"] if value in ("0", "1") else []
    return [f"{name}={value}"] if value.lower().startswith(("http://", "https://")) else []


def _licences(value: str) -> Iterator[str]:
    for url, parameters in _LINK.findall(value[:8000]):
        lower = parameters.lower()
        if RSL_TYPE in lower and re.search(r"rel\s*=\s*\"?[^;\"]*\blicense\b", lower):
            yield url.strip()


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, text[at:]])
