"""URLs as records and rows hold them, and which URL is an article's identity."""

from __future__ import annotations

import re
from urllib.parse import quote, urldefrag, urlsplit

from archive.digests import payload_digest

#: Everything RFC 3986 allows in a URI; all else is percent-encoded as UTF-8.
_URI_CHARACTERS = "%/:?#[]@!$&'()*+,;=-._~"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")

#: Longer ones come from traps and broken generators only, and would not fit a record's header.
_MAX_URI = 100_000

#: Host labels by which one site serves the same article to other screens.
_DEVICE_LABELS = frozenset({"www", "m", "mobile", "amp"})


def target_uri(url: str, digest: str) -> str:
    """`url` as a valid WARC-Target-URI; `urn:sha1:…` of the payload where there is no usable absolute URL.

    A valid URL comes back as it is, so the function may be applied twice.
    """
    url = url.strip()
    if not _SCHEME.match(url):
        return "urn:" + digest
    # 'surrogatepass': a lone surrogate has no UTF-8 form, but two different URLs must stay different.
    uri = _STRAY_PERCENT.sub("%25", quote(url, safe=_URI_CHARACTERS, errors="surrogatepass"))
    return uri if len(uri) <= _MAX_URI else "urn:" + digest


def resource_uri(url: str, body: bytes) -> str:
    """The URI of a dump page: its URL, or one made of its bytes."""
    return target_uri(url, payload_digest(body))


def host_of(url: str) -> str:
    """The lower-case host of `url` without port, or "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:  # "Invalid IPv6 URL": hostile input, no host to speak of
        return ""


def site_of(url: str) -> str | None:
    """The site a URL stands on: its host without `www.`; None for a URL without host."""
    return host_of(url).removeprefix("www.") or None


def identity_of(url: str, canonical_url: str | None) -> str:
    """What makes two pages the same article: the canonical URL if it can be believed, else `url`.

    Believed is a canonical URL on the page's own site (or any, when the page's URL is not known) that
    does not point at the site's front page: templates that name the front page on every article would
    fold a whole site into one article.
    """
    if not canonical_url or not canonical_url.lower().startswith(("http://", "https://")):
        return urldefrag(url).url
    canonical = target_uri(urldefrag(canonical_url).url, "")
    known = url.startswith(("http://", "https://"))
    if known and not same_site(url, canonical):
        return urldefrag(url).url
    if _is_front_page(canonical) and not (known and _is_front_page(url)):
        return urldefrag(url).url
    return canonical


def same_site(one: str, other: str) -> bool:
    """Whether two URLs stand on one site: same host, or one a subdomain of the other."""
    a, b = _site_host(one), _site_host(other)
    if not a or not b:
        return False
    return a == b or a.endswith("." + b) or b.endswith("." + a)


def _site_host(url: str) -> str:
    host = host_of(url)
    first, _, rest = host.partition(".")
    return rest if first in _DEVICE_LABELS and "." in rest else host


def _is_front_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path in ("", "/") and not parts.query
