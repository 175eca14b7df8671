"""The training pages: read, split into blocks, aligned, with the key of the site each belongs to.

A set's own convention (headline in or out, bylines, dates) is masked where the set is known to differ from
what a news archive calls the article; see `BROAD`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import tldextract

from training.align import Alignment, align_best, words

#: Sets with full gold texts, and the weight of a page of each: nearness to a news archive's convention.
SETS = {
    "fundus_tests": 4.0,
    "evan": 3.0,
    "wcxb_dev_article": 1.6,
    "cleanportal": 1.0,
    "dragnet": 0.5,
    "cleaneval": 0.25,
    "wcxb_dev_other": 0.2,
}
#: Sets whose gold also holds headlines, bylines and dates: such lines teach nothing there.
BROAD = frozenset({"dragnet", "cleaneval", "cleanportal", "wcxb_dev_other"})
#: What pages of the mixed set may teach: in forums and shops the comments and offers are the text.
PROSE_PAGES = frozenset({"article", "documentation", "service"})
#: Sets that state a licence.
LICENSED = frozenset({"fundus_tests", "wcxb_dev_article", "wcxb_dev_other", "dragnet", "traf_eval"})
#: A page whose blocks cannot make its gold text is wrongly paired or parsed: not trained on.
WORST_GOLD = 0.75

_suffixes = tldextract.TLDExtract(suffix_list_urls=())
_LINK = re.compile(r"""(?:href|content|src)\s*=\s*["']?https?://([^/"'\s>]+)""", re.I)
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.S | re.I)
_META_TITLE = re.compile(r"""<meta[^>]+(?:og:title|twitter:title)[^>]*>""", re.I)
#: Hosts that carry other sites' pages or are linked from everywhere.
_COMMON = frozenset(
    (
        "archive.org", "google.com", "facebook.com", "twitter.com", "googleapis.com", "gstatic.com",
        "wordpress.org", "w3.org", "schema.org", "youtube.com", "instagram.com", "googletagmanager.com",
        "wp.com", "cloudflare.com", "linkedin.com", "pinterest.com", "ogp.me", "doubleclick.net",
        "googlesyndication.com", "amazon.com", "addthis.com", "feedburner.com", "x.com", "t.me",
        "google-analytics.com", "quantserve.com", "scorecardresearch.com", "jquery.com", "apple.com",
        "bootstrapcdn.com", "fbcdn.net", "twimg.com", "gravatar.com",
    )
)  # fmt: skip


def site(host: str) -> str:
    """The registrable domain of a host: what a fold must not split."""
    found = _suffixes(host)
    return found.top_domain_under_public_suffix or host


def site_of(page: dict[str, Any]) -> str:
    """The site of a page; where the set does not tell it, the site most of its links point to."""
    host = page.get("host") or urlsplit(page.get("url") or "").netloc
    if host and site(host) != "archive.org":
        return site(host)
    links = Counter(site(h.lower()) for h in _LINK.findall(page["html"]))
    for common in _COMMON:
        links.pop(common, None)
    return links.most_common(1)[0][0] if links else f"page-{page['id']}"


def fold_of(site_key: str, folds: int = 5) -> int:
    """The fold of a site: fixed by its name, the same on every machine and for every set."""
    return crc32(site_key.encode()) % folds


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON lines of a file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def strangers(bench: Path) -> set[str]:
    """Ids of pages that are judged but teach nothing: forums, products, listings."""
    rows = read(bench / "wcxb_dev_other" / "gold.jsonl")
    return {row["id"] for row in rows if row.get("page_type") not in PROSE_PAGES}


def titles(html: str) -> list[list[str]]:
    """The page's own titles as words: `<title>`, `<h1>`, `og:title`."""
    found = [re.sub(r"<[^>]+>", " ", m[1]) for m in _TITLE.findall(html[:600_000])]
    found += list(_META_TITLE.findall(html[:200_000]))
    return [words(t) for t in found]


def is_title(block: list[str], known: list[list[str]]) -> bool:
    """Does a block say (nearly) what one of the page's titles says?"""
    if not 2 < len(block) <= 40:
        return False
    line = f" {' '.join(block)} "
    return any(line in f" {' '.join(title)} " or (len(title) > 3 and f" {' '.join(title)} " in line and
               len(block) < 1.5 * len(title)) for title in known)  # fmt: skip


def golds(row: dict[str, Any]) -> list[str]:
    """The accepted texts of a page."""
    return row.get("alts") or [row["gold"]]


def mask_convention(
    keep: list[int], blocks: list[list[str]], known: list[list[str]], *, broad: bool
) -> list[int]:
    """Labels with what the set's convention decides taken out (-1): titles, and short lines at both ends."""
    if not broad:
        return keep
    long = [i for i, k in enumerate(keep) if k == 1 and len(blocks[i]) >= 14]
    first, last = (long[0], long[-1]) if long else (len(keep), -1)
    return [
        -1 if k == 1 and (is_title(b, known) or (len(b) < 14 and not first < i < last)) else k
        for i, (k, b) in enumerate(zip(keep, blocks, strict=True))
    ]


def labels(
    texts: list[str], row: dict[str, Any], known: list[list[str]], *, broad: bool
) -> tuple[list[int], Alignment]:
    """Training labels of a page's blocks and the alignment they come from."""
    found = align_best(texts, golds(row))
    return mask_convention(found.keep, [words(t) for t in texts], known, broad=broad), found
