"""One key for the many URLs of one page: `url_key`. Pure; says nothing of whether a page exists.

A key is for looking up, never for asking a server: requests, records and rows keep the URLs as they were.
What is folded are differences by which one site serves the same article: scheme, `www.`, device hosts, AMP
twins, tracking parameters, session ids, order of parameters, index files, the trailing slash, the fragment.
What might tell two articles apart stays: path and its case, unknown parameters, page numbers, ids.

`identity_of` (archive/uris.py) says which URL an article has, `article_key` folds that one: two pages are one
article when their article keys are the same.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes, urlsplit

from archive.uris import identity_of
from archive.values import Value

#: Longer URLs come from traps and broken generators only; each is its own key.
MAX_URL = 8192

#: Hosts by which a site serves the same article to other screens. One label, or several (`www.m.`).
_DEVICE_LABELS = frozenset({"www", "www1", "www2", "www3", "m", "mobile", "mobil", "amp", "wap", "touch"})
#: What stands before a two-letter country in names that anybody may register below: `m.co.uk` is no twin of
#: `co.uk`. (The public suffix list would be exact; it is a megabyte, and only these labels would use it.)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "or", "ne", "go", "gob", "gouv"})

#: Parameters that say where a reader came from or count him, whatever their value: AdGuard's, ClearURLs' and
#: Firefox's lists for all sites, less the names that are ids of articles on some (cid, eid, uid, aid, sid).
_TRACKING = frozenset(
    {
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid",
        "ysclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi",
        "__hssc", "__hstc", "__hsfp", "hsctatracking", "mkt_tok", "vero_id", "vero_conv", "oly_anon_id",
        "oly_enc_id", "wickedid", "rb_clickid", "s_cid", "s_kwcid", "ef_id", "epik", "srsltid", "cmpid",
        "icid", "ito", "xtor", "spm", "scm", "wt_mc", "wt.mc_id", "wt_zmc", "at_campaign", "at_medium",
        "__twitter_impression", "ncid", "ocid", "cvid", "dicbo", "oborigurl", "tblci", "guccounter",
        "guce_referrer", "guce_referrer_sig", "usqp", "smid", "smtyp", "mod_source", "sr_share", "share_id",
        "shareid", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "feature_source",
        "sfnsn", "soc_src", "soc_trk", "traffic_source", "amp_js_v", "amp_gsa", "amp_latest_update_time",
        "_branch_match_id", "_branch_referrer", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref",
        "action_object_map", "action_type_map", "action_ref_map", "nocache", "cachebuster", "cache_buster",
        "_", "zanpid", "irclickid", "clickid", "partnerid_click",
    }
)  # fmt: skip
_TRACKING_PREFIXES = (
    "utm_",
    "utm-",
    "pk_",
    "mtm_",
    "piwik_",
    "matomo_",
    "itm_",
    "hsa_",
    "ga_",
    "stm_",
    "at_custom",
)
#: Names that count readers on one site and number articles on another: gone where the value is words
#: (`ref=rss`, `source=homepage`), kept where it has a number in it (`ref=88231`).
_PERHAPS_TRACKING = frozenset(
    {
        "ref", "referrer", "referer", "ref_src", "ref_url", "source", "src", "from", "via", "cmp",
        "campaign", "campaign_id", "medium", "rss", "feed_source", "partner", "share", "shared",
        "sharetype", "share_from", "xs_share", "cid", "ns", "mc", "intcmp", "intcid", "traffic", "origin",
        "kwd", "social", "linkfrom", "ftag",
    }
)  # fmt: skip
#: Parameters by which the same page is served to other screens or printers, and the values that mean that.
_TWINS = {
    "amp": {"", "1", "true", "yes", "amp"},
    "outputtype": {"amp", "print", "mobile"},
    "output": {"amp", "print", "mobile"},
    "view": {"mobile", "desktop", "print", "amp"},
    "mode": {"amp", "mobile", "print"},
    "print": {"", "1", "true", "yes", "y"},
    "printable": {"", "1", "true", "yes"},
    "mobile": {"", "0", "1", "true", "false", "yes", "no"},
    "m": {"0", "1"},  # Blogger
    "nomobile": {"", "1", "true"},
    "noamp": {"", "1", "true", "mobile"},
    "rss": {"", "1", "true", "yes"},
    "share": {"", "1", "true", "yes"},
}
_SESSION_NAMES = frozenset(
    {
        "phpsessid", "jsessionid", "sessionid", "session_id", "session", "sessid", "cfid", "cftoken",
        "zenid", "oscsid",
    }
)  # fmt: skip
#: Short names are session ids only where the value looks like one: 16 or more digits and letters, mixed.
_SESSION_PERHAPS = frozenset({"sid", "s", "sess", "token"})
_RANDOM = re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])[0-9a-z]{16,}\Z", re.I)

_INDEX_FILE = re.compile(
    r"(?:index|default)\.(?:html?|php\d?|phtml|aspx?|jspx?|shtml|xhtml|cfm|cgi|pl|do)\Z", re.I
)
_AMP_FILE = re.compile(r"(?<=.)\.amp(?=(?:\.html?)?\Z)", re.I)
_AMP_SEGMENTS = frozenset({"amp", "amp.html", "amp.htm"})
_COOKIELESS = re.compile(r"\((?:[A-Z]\([0-9a-z]{10,}\))+\)\Z", re.I)  # ASP.NET: /(S(abc…))/page.aspx
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sessionid|sid)=[^/;]*", re.I)
_AMP_CACHE = re.compile(r"/+(?:amp|c|v|wp)/+(?:s/+)?(?=[0-9a-z_-]+\.[0-9a-z])", re.I)
_GOOGLE = re.compile(r"(?:www\.)?google(?:\.\w{2,3}){1,2}\Z")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AFTER_HOST = re.compile(r"[^:]*://[^/?#\\]*")
_HOST = re.compile(r"[0-9A-Za-z._-]+\Z")
_UNSEEN = re.compile(r"[\x00-\x20\x7f]")


class PageAddresses(Value, frozen=True, kw_only=True):
    """The three URLs of a page, kept apart: asked for, arrived at, and what the page calls itself."""

    requested: str
    final: str
    canonical: str | None = None

    @property
    def article_key(self) -> str:
        """The key of the article at these addresses."""
        return article_key(self.final or self.requested, self.canonical)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key under which the article is to be found again, its own first, each once."""
        urls = (self.final, self.requested)
        return tuple(dict.fromkeys([self.article_key, *(url_key(url) for url in urls if url)]))


def article_key(url: str, canonical_url: str | None) -> str:
    """An article's key: of its canonical URL where that can be believed (`identity_of`), else of `url`."""
    return url_key(identity_of(url, canonical_url))


def url_key(url: str) -> str:
    """The key of all URLs that lead to the same page, itself an https URL; never raises.

    What is no http(s) URL (`urn:…`), or is longer than MAX_URL, is its own key.
    `url_key(url_key(url)) == url_key(url)`.
    """
    key = _folded(url)
    while "amp" in f"{url}{key}".lower() and key != url:  # what an AMP cache held is folded in turn
        url, key = key, _folded(key)
    return key


def _folded(url: str) -> str:
    text = _UNSEEN.sub("", url)
    if len(text) > MAX_URL or not text[:8].lower().startswith(("http://", "https://")):
        return url.strip()
    try:
        parts = urlsplit(_escaped(text))
        host = (parts.hostname or "").strip(".")
        port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    except ValueError:  # a bracket or a port that is none
        return url.strip()
    if not host:
        return url.strip()
    # `#!` addresses (and none else) name a page of their own: sites of the 2010s that were one script.
    tail = f"#{parts.fragment}" if parts.fragment.startswith("!/") else ""
    query = _folded_query(parts.query)
    rest = (f"?{query}" if query else "") + tail
    inner = _AMP_CACHE.match(parts.path) if _is_amp_cache(host) else None
    if inner is not None:
        return f"https://{parts.path[inner.end() :]}{rest}"
    return f"https://{_folded_host(host)}{port}{_folded_path(parts.path)}{rest}"


def _is_amp_cache(host: str) -> bool:
    return (
        host.endswith(("cdn.ampproject.org", "bing-amp.com"))
        or re.fullmatch(r"(www\.)?google(\.\w{2,3}){1,2}", host) is not None
    )


def _folded_host(host: str) -> str:
    if ":" in host:  # an IPv6 address
        return f"[{host}]"
    try:
        name = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        name = ""
    # Some characters become others on the way, even a slash or a space: then the host stays, escaped.
    host = name if _HOST.match(name) else quote(host, safe="%")
    labels = host.lower().split(".")
    while labels[0] in _DEVICE_LABELS and len(labels) > 2 and not _is_suffix(labels[1:]):
        labels.pop(0)
    return ".".join(labels)


def _is_suffix(labels: list[str]) -> bool:
    return len(labels) == 2 and labels[0] in _SECOND_LEVEL and len(labels[1]) == 2


def _escaped(text: str) -> str:
    """Escapes in one form (RFC 3986, 6.2.2): none where none is needed, in capitals, UTF-8 for the rest."""

    def one(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return chr(code) if code in _UNRESERVED else f"%{code:02X}"

    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    # Only what is no escape is escaped: a stray per cent sign too, so that a second time changes nothing.
    text = re.sub("%(?![0-9A-Fa-f]{2})", "%25", _ESCAPE.sub(one, text))
    start = _AFTER_HOST.match(text)
    host, rest = (text, "") if start is None else (text[: start.end()], text[start.end() :])
    return host + quote(rest, safe="%/:?#[]@!$&'()*+,;=-._~|\\")


def _folded_path(path: str) -> str:
    path = _PATH_SESSION.sub("", path.replace("\\", "/"))
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            segments[-1:] = []
        elif segment not in {"", "."} and not _COOKIELESS.match(segment):
            segments.append(segment)
    while len(segments) > 1 and segments[0].lower() == "amp":
        segments.pop(0)
    while segments:
        last = segments[-1]
        if last.lower() in _AMP_SEGMENTS or _INDEX_FILE.match(last):
            segments.pop()
        elif bare := _AMP_FILE.sub("", last, count=1):
            segments[-1] = bare
            if bare == last:
                break
    return "/" + "/".join(segments)


def _folded_query(query: str) -> str:
    kept = {pair for pair in query.replace("&amp;", "&").split("&") if pair and not _is_noise(pair)}
    return "&".join(sorted(pair.replace("+", "%20") for pair in kept))


def _is_noise(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = unquote_to_bytes(name.lower()).decode("utf-8", "replace").removeprefix("amp;")
    value = value.lower()
    return (
        not name
        or name in _TRACKING
        or name.startswith(_TRACKING_PREFIXES)
        or name in _SESSION_NAMES
        or name.startswith("aspsessionid")
        or (name in _TWINS and value in _TWINS[name])
        or (name in _PERHAPS_TRACKING and not any(c.isdigit() for c in value))
        or (name in _SESSION_PERHAPS and _RANDOM.match(value) is not None)
    )
