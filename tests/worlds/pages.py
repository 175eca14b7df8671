"""Pages as newsrooms send them, in three templates: head, navigation, teasers, the text, a footer.

What is given is what is shown: nothing here is drawn or remembered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

SECTIONS = ("politics", "business", "culture", "sport")


@dataclass(frozen=True)
class Teaser:
    """A link to an article, as pages show it."""

    url: str
    headline: str
    when: str


@dataclass(frozen=True)
class Shown:
    """What an article's page shows. Times are ISO 8601."""

    url: str
    headline: str
    author: str
    published: str
    modified: str
    paragraphs: Sequence[str]
    section: str = "politics"
    related: Sequence[Teaser] = ()
    noise: str = ""
    is_dated: bool = True
    is_teaser: bool = False


@dataclass(frozen=True)
class Look:
    """A site's looks: its name, template, what it announces in its head."""

    name: str
    template: int = 0
    has_json_ld: bool = True
    feeds: Sequence[tuple[str, str]] = field(default=())


def article(look: Look, shown: Shown) -> str:
    """An article's page."""
    body = "".join(f"<p>{escape(text)}</p>\n" for text in shown.paragraphs)
    if shown.is_teaser:
        body += (
            '<div class="paywall"><h3>Subscribe to read on</h3><p>This article is for subscribers only. '
            "Already a subscriber? Log in.</p><a href='/subscribe'>See our offers</a></div>"
        )
    dated = f'<time datetime="{shown.published}">{shown.published[:16].replace("T", " ")}</time>'
    related = "".join(_teaser(teaser) for teaser in shown.related)
    head = (
        f'<link rel="canonical" href="{escape(shown.url)}"><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{escape(shown.headline)}">'
        f'<meta property="og:url" content="{escape(shown.url)}">'
    )
    if shown.is_dated:
        head += f'<meta property="article:published_time" content="{shown.published}">'
    if look.has_json_ld:
        head += f'<script type="application/ld+json">{_json_ld(look, shown)}</script>'
    return _whole(
        look,
        f"{shown.headline} - {look.name}",
        head,
        (_PLAIN, _CLASSED, _NESTED)[look.template % 3].format(
            headline=escape(shown.headline),
            author=escape(shown.author),
            dated=dated if shown.is_dated else "",
            body=body,
            related=related,
            noise=shown.noise,
            section=shown.section,
        ),
    )


#: Where text and clutter stand in the three templates.
_PLAIN = """<main><article><h1>{headline}</h1><p class="byline">By {author} {dated}</p>
{body}</article><aside class="related"><h2>Read also</h2><ul>{related}</ul></aside>
<p class="counter">{noise}</p></main>"""
_CLASSED = """<div class="content"><div class="breadcrumb"><a href="/">Home</a> / <a href="/{section}">{section}</a></div>
<div class="post"><h1 class="post-title">{headline}</h1><div class="meta"><span class="author">{author}</span> {dated}
<span class="views">{noise}</span></div><div class="post-body">{body}</div><div class="tags">Tags:
<a href="/tag/{section}">{section}</a></div></div><div class="more"><h3>Most read</h3><ol>{related}</ol></div></div>"""
_NESTED = """<div id="app"><div class="col"><section class="story"><header><span class="kicker">{section}</span>
<h1>{headline}</h1></header><div class="story__text">{body}</div><footer class="story__foot">
<span>{author}</span> {dated} <button>Share</button></footer></section></div><div class="col side"><h4>Latest</h4>
<ul>{related}</ul><div class="ad">Advertisement</div><small>{noise}</small></div></div>"""


def _teaser(teaser: Teaser) -> str:
    return f'<li><a href="{escape(teaser.url)}">{escape(teaser.headline)}</a></li>'


def _json_ld(look: Look, shown: Shown) -> str:
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": shown.headline,
        "datePublished": shown.published,
        "dateModified": shown.modified,
        "author": {"@type": "Person", "name": shown.author},
        "publisher": {"@type": "Organization", "name": look.name},
        "mainEntityOfPage": shown.url,
    }
    if shown.is_teaser:
        said["isAccessibleForFree"] = False
    return json.dumps(said).replace("<", "\\u003c")


def listing(look: Look, title: str, teasers: Sequence[Teaser]) -> str:
    """A home or section page: teasers with headline and time."""
    units = "".join(
        f'<article class="teaser"><h2><a href="{escape(one.url)}">{escape(one.headline)}</a></h2>'
        f"<time>{one.when[:16].replace('T', ' ')}</time></article>\n"
        for one in teasers
    )
    return _whole(look, f"{title} - {look.name}", "", f"<main><h1>{title}</h1>{units}</main>")


def notice(look: Look, title: str, text: str, inner: str = "") -> str:
    """A page that is no article: an error, a wall, a notice."""
    return _whole(look, title, "", f"<main><h1>{escape(title)}</h1><p>{escape(text)}</p>{inner}</main>")


def consent(look: Look) -> str:
    """What stands before every page for somebody without a cookie."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{look.name}: your privacy</title>'
        "</head><body><div class='consent-dialog'><h1>We value your privacy</h1><p>We and our 143 partners "
        "store and access information on a device, such as cookies, and process personal data. You may accept "
        "or manage your choices before you continue to our site.</p><button>Accept all</button><button>Reject "
        "all</button><button>Manage options</button></div></body></html>"
    )


def _whole(look: Look, title: str, head: str, inner: str) -> str:
    links = "".join(
        f'<link rel="alternate" type="{kind}" title="{look.name}" href="{url}">' for kind, url in look.feeds
    )
    sections = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in SECTIONS)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width">{links}{head}</head>\n<body>'
        f'<header class="site"><a class="logo" href="/">{look.name}</a><nav><ul>{sections}'
        '<li><a href="/login">Log in</a></li></ul></nav></header>\n'
        f"{inner}\n<footer class='site'><p>© {look.name}. All rights reserved.</p><nav>"
        '<a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a> <a href="/newsletter">Newsletter</a>'
        "</nav></footer></body></html>"
    )
