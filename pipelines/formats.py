"""An article under the field names of ours and of other tools, so that their users can change over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from archive.values import Article

Row = dict[str, Any]


def formatted(article: Article, form: str) -> Row:
    """`article` as the fields of `form`, a key of `FORMATS`. Values are plain JSON values."""
    return FORMATS[form](article)


def _ours(article: Article) -> Row:
    """The columns of `articles`, and the account as `removed`."""
    row: Row = msgspec.structs.asdict(article)
    del row["blocks"]
    row["authors"], row["keywords"] = list(article.authors), list(article.keywords)
    row["removed"] = [msgspec.structs.asdict(block) for block in article.removed]
    return row


def _text(article: Article) -> Row:
    return {"text": article.text}


def _markdown(article: Article) -> Row:
    return {"text": article.markdown}


def _zyte(article: Article) -> Row:
    """zyte-common-items, `Article`; keys without a value are left out there, so here too."""
    row = {
        "headline": article.headline,
        "datePublished": article.date_published,
        "dateModified": article.date_modified,
        "authors": [{"name": name} for name in article.authors],
        "inLanguage": article.language,
        "mainImage": {"url": article.main_image} if article.main_image else None,
        "description": article.description,
        "articleBody": article.text,
        "url": article.url,
        "canonicalUrl": article.canonical_url,
    }
    return {name: value for name, value in row.items() if value}


def _trafilatura(article: Article) -> Row:
    """trafilatura 2.x `--json`; its date has no time."""
    return {
        "title": article.headline,
        "author": "; ".join(article.authors) or None,
        "hostname": article.site,
        "date": _day(article.date_published),
        "fingerprint": article.text_digest,
        "id": None,
        "license": None,
        "comments": "",
        "raw_text": " ".join(article.text.split()),
        "text": article.text,
        "language": article.language,
        "image": article.main_image,
        "pagetype": article.kind,
        "source": article.url,
        "source-hostname": article.site,
        "excerpt": article.description,
        "categories": article.section or "",
        "tags": ",".join(article.keywords),
    }


def _newsplease(article: Article) -> Row:
    """news-please's article JSON; its dates are `YYYY-MM-DD HH:MM:SS` without zone."""
    return {
        "authors": list(article.authors),
        "date_modify": _stamp(article.date_modified),
        "date_publish": _stamp(article.date_published),
        "description": article.description,
        "image_url": article.main_image,
        "language": article.language,
        "maintext": article.text,
        "source_domain": article.site,
        "title": article.headline,
        "url": article.url,
    }


def _day(date: str | None) -> str | None:
    return date[:10] if date else None


def _stamp(date: str | None) -> str | None:
    if not date:
        return None
    return f"{date[:10]} {date[11:19] or '00:00:00'}" if len(date) != 16 else f"{date[:10]} {date[11:]}:00"


#: `--format` of the command line.
FORMATS: Mapping[str, Callable[[Article], Row]] = {
    "json": _ours,
    "jsonl": _ours,
    "text": _text,
    "markdown": _markdown,
    "zyte": _zyte,
    "trafilatura": _trafilatura,
    "newsplease": _newsplease,
}
