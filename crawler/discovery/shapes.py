"""What addresses of articles look like: on news sites at large, and on one site, learned from its known
articles.

A URL says much before anybody asks for it: a date, a slug as long as a headline, a number. Which of these a
newsroom uses differs, and it keeps to one: so a site's own known articles are the best witness. `UrlShapes`
counts them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from archive.url_keys import url_key
from archive.values import Value

#: Words for pages that list no articles, as whole parts of a path: services, forms, rules of the house,
#: in some languages.
SERVICE_WORDS = frozenset(
    {
        "abo", "abonnement", "abonnements", "about", "about-us", "accessibility", "account", "advertise",
        "advertising", "agb", "anmelden", "api", "app", "apps", "atom", "busca", "buscar", "careers",
        "cart", "cerca", "cgi-bin", "checkout", "comment", "comments", "connexion", "contact",
        "contact-us", "contacto", "contatti", "cookie-policy", "cookies", "crossword", "datenschutz",
        "e-paper", "epaper", "faq", "faqs", "feed", "feeds", "games", "help", "hilfe", "horoscope",
        "impressum", "imprint", "jobs", "kontakt", "konto", "legal", "log-in", "login", "logout",
        "mediadaten", "meteo", "my-account", "newsletter", "newsletters", "print", "privacy",
        "privacy-policy", "product", "products", "puzzles", "recherche", "register", "registrieren",
        "rss", "search", "share", "shop", "sign-in", "sign-up", "signin", "signup", "stellenmarkt",
        "store", "subscribe", "subscription", "subscriptions", "suche", "support", "suscripcion", "terms",
        "terms-of-service", "terms-of-use", "tv-guide", "ueber-uns", "warenkorb", "weather", "werbung",
        "wetter", "wp-admin", "wp-login.php", "zoeken",
    }
)  # fmt: skip
#: Those, and words for pages that list articles: what is no article itself.
INDEX_WORDS = SERVICE_WORDS | frozenset(
    {
        "archiv", "archive", "archives", "archivo", "auteur", "auteurs", "author", "authors", "autor",
        "autore", "autoren", "calendar", "categoria", "categorias", "categorie", "categories", "category",
        "collections", "contributor", "contributors", "event", "events", "galleries", "gallery", "home",
        "index", "kalender", "kategorie", "kategorien", "label", "labels", "latest", "live",
        "mobile-apps", "most-read", "newest", "page", "pages", "people", "podcasts", "popular", "profile",
        "profiles", "rubrik", "rubriques", "section", "sections", "series", "site-map", "sitemap",
        "staff", "sujet", "sujets", "tag", "tagged", "tags", "tema", "temas", "thema", "themen", "topic",
        "topics", "trending", "user", "users", "video", "videos", "writer", "writers",
    }
)  # fmt: skip
#: Words that name sections of news sites: good places to look for articles, and no articles themselves.
SECTION_WORDS = frozenset(
    {
        "news", "nachrichten", "noticias", "actualites", "actualite", "notizie", "nieuws", "nyheter",
        "nyheder", "uutiset", "wiadomosci", "world", "welt", "monde", "mundo", "mondo", "wereld", "verden",
        "international", "ausland", "politics", "politik", "politique", "politica", "politiek", "business",
        "wirtschaft", "economie", "economia", "economy", "finance", "money", "markets", "geld", "sport",
        "sports", "deportes", "esportes", "culture", "kultur", "cultura", "arts", "kunst", "entertainment",
        "unterhaltung", "lifestyle", "leben", "vida", "style", "opinion", "opinions", "meinung", "debats",
        "opinie", "comment", "commentary", "editorial", "editorials", "science", "wissenschaft", "sciences",
        "ciencia", "scienza", "health", "gesundheit", "sante", "salud", "salute", "technology", "tech",
        "technik", "technologie", "tecnologia", "digital", "netzwelt", "environment", "umwelt", "climate",
        "klima", "local", "lokal", "locales", "regional", "region", "regions", "national", "nation",
        "society", "gesellschaft", "societe", "sociedad", "societa", "education", "bildung", "travel",
        "reise", "voyage", "viajes", "food", "auto", "cars", "motor", "panorama", "vermischtes", "blog",
        "blogs", "stories", "us", "uk", "europe", "europa", "asia", "africa", "features", "analysis",
        "investigations", "fact-check", "faktencheck", "crime", "weather-news",
    }
)  # fmt: skip
#: Parameters that name an article where the path does not.
ID_NAMES = frozenset(
    {
        "id", "p", "article", "articleid", "article_id", "artid", "aid", "sid", "nid", "newsid", "news_id",
        "story", "storyid", "story_id", "idxno", "no", "docid", "a", "n", "post", "idnews", "newsno",
    }
)  # fmt: skip
LISTING_NAMES = frozenset(
    {
        "page", "paged", "pg", "offset", "start", "sort", "order", "filter", "q", "s", "query", "search",
        "category", "cat", "tag", "author", "month", "year", "view", "limit", "replytocom",
    }
)  # fmt: skip
FILES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|pdf|docx?|xlsx?|pptx?|zip|gz|mp[34]|m4a|mov|avi|css|js|xml|json|rss|ics|exe)\Z",
    re.I,
)

_PAGE_END = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cms|ece|article|story|do)\Z", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_COMPACT_DATE = re.compile(r"(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?\Z")
_MONTHS = frozenset(
    {
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
        "january", "february", "march", "april", "june", "july", "august", "september", "october",
        "november", "december",
    }
)  # fmt: skip
#: Of random names: a digit with letters on both sides, or a capital behind a small letter and before another.
_CODE = re.compile(r"[A-Za-z]\d+[A-Za-z]|\d[A-Za-z]+\d|[a-z][A-Z]+[a-z]")
#: A site is known by this many shapes; rarer ones are forgotten first.
MAX_SHAPES = 100
#: Articles of a site after which a shape that none of them has speaks against an address.
ENOUGH = 12


class Cue(Value, frozen=True, kw_only=True):
    """One thing that speaks for (above 0) or against an address being an article's, in units of log-odds."""

    weight: float
    words: str


class UrlShapes(Value, frozen=True, kw_only=True):
    """How addresses of one site's known articles are made, and those of its other known pages: counts.

    Counted are shapes, and families: the shape with the first word of the path as it stands (`a:w/code`),
    which tells `/a/x` from `/tag/x`.
    """

    articles: Mapping[str, int] = {}
    others: Mapping[str, int] = {}
    article_families: Mapping[str, int] = {}
    other_families: Mapping[str, int] = {}

    def learned(self, articles: Iterable[str] = (), others: Iterable[str] = ()) -> UrlShapes:
        """The shapes with more known addresses counted."""
        good, bad = list(articles), list(others)
        return UrlShapes(
            articles=_counted(self.articles, map(shape_of, good)),
            others=_counted(self.others, map(shape_of, bad)),
            article_families=_counted(self.article_families, map(family_of, good)),
            other_families=_counted(self.other_families, map(family_of, bad)),
        )

    def cue(self, url: str) -> Cue | None:
        """What the site's own addresses say of one; None where too little is known."""
        known = self.known_cue(url)
        if known is None and sum(self.articles.values()) >= ENOUGH:
            return Cue(weight=-1.5, words="no known article's address is made like it")
        return known

    def known_cue(self, url: str) -> Cue | None:
        """The same, but None also for an address whose like was never seen.

        Of a family that was seen: the logarithm of the odds that one of it was an article. Else of the shape:
        the logarithm of how much likelier it is with articles.
        """
        family = family_of(url)
        good, bad = self.article_families.get(family, 0), self.other_families.get(family, 0)
        if good + bad:
            return _cue(math.log((good + 0.5) / (bad + 0.5)), good, good + bad, bad, good + bad)
        shape = shape_of(url)
        with_articles, articles = self.articles.get(shape, 0), sum(self.articles.values())
        with_others, others = self.others.get(shape, 0), sum(self.others.values())
        if with_articles + with_others == 0:
            return None
        # A shape with nobody to compare it to is taken to be had by one in ten other pages.
        odds = math.log((with_articles + 0.5) / (articles + 1)) - math.log((with_others + 0.5) / (others + 5))
        return _cue(odds, with_articles, articles, with_others, others)


def _cue(odds: float, good: int, of_good: int, bad: int, of_bad: int) -> Cue:
    weight = max(-3.0, min(3.0, odds))
    if weight >= 0:
        return Cue(weight=weight, words=f"made like {good} of {of_good} known articles' addresses")
    return Cue(weight=weight, words=f"made like {bad} of {of_bad} known pages that are no articles")


def _counted(known: Mapping[str, int], forms: Iterable[str]) -> Mapping[str, int]:
    counts = Counter(known)
    counts.update(forms)
    return dict(counts.most_common(MAX_SHAPES))


def family_of(url: str) -> str:
    """The shape of an address with the first word of its path as it stands: `a:w/code`; of a path with one
    part the shape alone.
    """
    parts, _ = _path(url)
    first = parts[0].lower() if len(parts) > 1 and kind_of(parts[0]) == "w" else ""
    return f"{first}:{shape_of(url)}"


def shape_of(url: str) -> str:
    """The form of an address, without what is the article's own: `w/Y/n/slug.html`, `w?id`."""
    parts, names = _path(url)
    shape = "/".join(map(kind_of, parts))
    end = _PAGE_END.search(parts[-1]) if parts else None
    asked = ",".join(sorted(name for name, value in names.items() if any(c.isdigit() for c in value)))
    return shape + (end[0].lower() if end else "") + (f"?{asked}" if asked else "")


def kind_of(segment: str) -> str:
    """What a part of a path is: `Y` year, `n` short number, `N` long one, `D` date, `slug`, `slugN`, `id`,
    `code` (letters with digits among them, or capitals within: `Zx81kq`), `w` word.
    """
    bare = _PAGE_END.sub("", segment)
    if bare.isdigit():
        return (
            "Y" if _YEAR.match(bare) else "D" if _COMPACT_DATE.match(bare) else "n" if len(bare) <= 2 else "N"
        )
    if _COMPACT_DATE.match(bare):
        return "D"
    words = words_of(bare)
    has_number = any(word.isdigit() and len(word) >= 4 and not _YEAR.match(word) for word in words)
    if len(words) >= 4 or (len(words) == 3 and len(bare) >= 18):
        return "slugN" if has_number or re.search(r"\d{5,}", bare) else "slug"
    digits = sum(c.isdigit() for c in bare)
    if digits >= 3 and len(bare) >= 5:
        return "id"
    if len(words) == 1 and len(bare) >= 5 and _CODE.search(bare):
        return "code"
    return "n" if bare.lower() in _MONTHS else "w"


def words_of(segment: str) -> list[str]:
    return [word for word in re.split(r"[-_+.,~ ]+", segment) if word]


def _path(url: str) -> tuple[list[str], dict[str, str]]:
    parts = urlsplit(url_key(url))
    names = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return [unquote(part, errors="replace") for part in parts.path.split("/") if part], names


#: What an address says by itself. Weights set by hand while looking at one half of the sites of the
#: development pages (1,148 articles' addresses, 225 of listings, collections and services: precision .96,
#: recall .84), checked on the other half (706 and 150: .93, .87; `bench/links.py`). A regression found the
#: same signs.
CUES = {
    "front": Cue(weight=-4.0, words="the front page"),
    "date": Cue(weight=2.0, words="a date in its path"),
    "only date": Cue(weight=-2.5, words="a list by date"),
    "long slug": Cue(weight=2.5, words="a slug as long as a headline"),
    "slug": Cue(weight=1.0, words="a slug of some words"),
    "number": Cue(weight=1.2, words="a long number"),
    "id": Cue(weight=1.0, words="an id in its path"),
    "asked id": Cue(weight=1.5, words="an article's number in its query"),
    "page end": Cue(weight=0.8, words="the name of a page"),
    "section": Cue(weight=-2.0, words="the name of a section"),
    "index word": Cue(weight=-2.5, words="a word for pages that are no articles"),
    "short": Cue(weight=-1.5, words="one short word"),
    "listing": Cue(weight=-1.5, words="parameters of a list"),
    "file": Cue(weight=-6.0, words="a file, not a page"),
}
BIAS = -0.8


def url_cues(url: str) -> list[str]:
    """Names of the CUES that an address has."""
    parts, names = _path(url)
    found = _asked_cues(names)
    if not parts:
        return found if "asked id" in found else [*found, "front"]
    if FILES.search(parts[-1]):
        found.append("file")
    kinds = [kind_of(part) for part in parts]
    found += _path_cues(kinds, len(words_of(_PAGE_END.sub("", parts[-1]))))
    if _PAGE_END.search(parts[-1]):
        found.append("page end")
    last = _PAGE_END.sub("", parts[-1]).lower()
    if not INDEX_WORDS.isdisjoint([last, *map(str.lower, parts)]):
        found.append("index word")
    if last in SECTION_WORDS:
        found.append("section")
    elif kinds[-1] == "w" and len(words_of(last)) <= 2 and "asked id" not in found:
        found.append("short")
    return found


def _asked_cues(names: dict[str, str]) -> list[str]:
    found = []
    if any(name.lower() in ID_NAMES and any(c.isdigit() for c in value) for name, value in names.items()):
        found.append("asked id")
    if any(name.lower() in LISTING_NAMES for name in names):
        found.append("listing")
    return found


def _path_cues(kinds: list[str], words: int) -> list[str]:
    found = []
    dated = "D" in kinds or ("Y", "n") in pairwise(kinds)
    slugs = {"slug", "slugN"}
    if kinds[-1] in {"Y", "n", "D"} and (dated or "Y" in kinds) and slugs.isdisjoint(kinds):
        found.append("only date")
    elif dated:
        found.append("date")
    if kinds[-1] in slugs:
        found.append("long slug" if words >= 5 else "slug")
    elif kinds[-1] in {"N", "id"} and not slugs.isdisjoint(kinds):
        found.append("long slug")
    if not {"N", "slugN"}.isdisjoint(kinds):
        found.append("number")
    elif "id" in kinds:
        found.append("id")
    return found


def probability(weights: Iterable[float]) -> float:
    """The chance that these log-odds, with BIAS, come to."""
    odds = BIAS + sum(weights)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))
