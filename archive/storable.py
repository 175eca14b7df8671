"""An article in the form in which it is stored: in rows, and as the body of its WARC `metadata` record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from archive.digests import payload_digest, storable
from archive.values import KINDS, Article, Block


def storable_article(article: Article) -> Article:
    """`article` with every string in a form that can be stored, and values that the tables' checks accept."""
    fields = {name: _storable_field(getattr(article, name)) for name in article.__struct_fields__}
    fields["text_digest"] = article.text_digest or payload_digest(fields["text"].encode("utf-8"))
    if article.access not in ("free", "metered", "paywalled"):
        fields["access"] = "free"
    if article.kind not in KINDS:
        fields["kind"] = "other"
    return Article(**fields)


def _storable_field(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, tuple):
        return tuple(_storable_field(item) for item in value)
    if isinstance(value, Block):
        return _storable_block(value)
    if isinstance(value, Mapping):
        return {storable(name): storable(text) for name, text in value.items()}
    return value


def _storable_block(block: Block) -> Block:
    score = block.score if math.isfinite(block.score) else 0.0
    text, reason, tag = storable(block.text), storable(block.reason), storable(block.tag)
    if (text, reason, tag, score) == (block.text, block.reason, block.tag, block.score):
        return block
    return msgspec.structs.replace(block, text=text, reason=reason, tag=tag, score=score)


def metadata_json(article: Article, url: str) -> bytes:
    """The article as its WARC `metadata` record holds it: all but the text, which is the conversion's."""
    left_out = {"text", "blocks", "confidence"} | (
        {"markdown"} if article.markdown == article.text else set()
    )
    fields = {name: getattr(article, name) for name in article.__struct_fields__ if name not in left_out}
    return msgspec.json.encode({**fields, "url": url, "removed": article.removed})
