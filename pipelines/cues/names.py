"""What class names, ids and roles of HTML say about a block, by label.

A name is split at everything that is no letter and at case changes; each entry is one word, or several
joined by `-` that must stand side by side in this order. Drawn from the vocabulary of common themes and
from microformats, hNews and schema.org.
"""

from __future__ import annotations

NAMES: dict[str, tuple[str, ...]] = {
    "cookie": ("cookie", "cookies", "consent", "gdpr", "cmp", "onetrust", "didomi", "sourcepoint", "usercentrics", "truste", "quantcast", "ccpa", "eu-cookie", "cybotcookiebot"),
    "comment": ("comment", "comments", "disqus", "respond", "livefyre", "coral", "kommentar", "kommentare", "commentaires", "commenti", "comentarios", "reacties", "hyvor", "spotim", "viafoura", "commentlist", "leserkommentare"),
    "newsletter": ("newsletter", "subscribe", "subscription", "signup", "sign-up", "mailchimp", "mailing", "paywall", "regwall", "piano", "tp-modal", "membership", "donate", "donation", "meter", "abo", "infobrief", "nyhedsbrev", "optin", "opt-in", "app-download", "hubspot"),
    "share": ("share", "sharing", "social", "socials", "addtoany", "addthis", "sharedaddy", "sharethis", "sharebar", "jetpack-sharing", "sassy-social", "follow", "followus", "teilen", "partager", "compartir", "print", "toolbar", "tools", "article-tools", "bookmark"),
    "ad": ("ad", "ads", "advert", "adverts", "advertisement", "advertising", "adsbygoogle", "adslot", "adunit", "dfp", "gpt", "sponsor", "sponsored", "promo", "promoted", "taboola", "outbrain", "teads", "ligatus", "banner", "anzeige", "werbung", "publicidad", "publicite", "pubblicita", "reklam", "annonce", "commercial", "affiliate"),
    "related": ("related", "relateds", "recommended", "recommendation", "recommendations", "recirc", "recirculation", "popular", "mostread", "most-read", "most-popular", "trending", "latest", "recent", "more-from", "more-on", "morenews", "read-more", "readmore", "read-also", "also-read", "teaser", "teasers", "teaserlist", "similar", "suggested", "upnext", "up-next", "read-next", "yarpp", "zergnet", "jp-relatedposts", "crp", "next-post", "prev-post", "post-navigation", "nav-links", "storylist", "rail", "sidebar", "aside", "widget", "ranking", "kanren", "infobox-link", "linkbox", "further", "onward"),
    "author_bio": ("author-bio", "author-box", "authorbox", "author-info", "author-description", "author-descr", "author-desc", "author-about", "about-author", "author-profile", "bio", "biography", "post-author-bio", "abh", "saboxplugin", "author-card", "writer-bio", "vcard-bio", "contributor-bio"),
    "byline": ("byline", "bylines", "author", "authors", "by-line", "contributor", "contributors", "writer", "reporter", "journalist", "autor", "auteur", "autore", "schrijver", "skribent", "fn", "signature", "posted-by"),
    "date": ("date", "dateline-date", "time", "timestamp", "pubdate", "published", "updated", "modified", "dtstamp", "post-date", "entry-date", "posted-on", "reading-time", "readtime", "read-time", "datum", "fecha", "meta-date", "publish-date"),
    "caption": ("caption", "figcaption", "wp-caption", "wp-caption-text", "image-caption", "photo-caption", "media-caption", "credit", "image-credit", "photo-credit", "photocredit", "bildunterschrift", "legende", "didascalia", "cutline", "copyright-image", "image-copyright", "gallery", "slideshow", "lightbox"),
    "credit": ("credits", "article-credit", "source", "sources", "quelle", "fuente", "fonte", "attribution", "correction", "editors-note", "editor-note"),
    "legal": ("copyright", "legal", "disclaimer", "terms", "privacy", "imprint", "impressum", "colophon", "disclosure"),
    "nav": ("nav", "navbar", "navigation", "menu", "submenu", "breadcrumb", "breadcrumbs", "crumbs", "crumb", "pagination", "pager", "pages", "paging", "tags", "taglist", "tag-list", "tag-cloud", "tagcloud", "topics", "categories", "category", "cat-links", "cat-list", "kicker-link", "toc", "table-of-contents", "skip", "skip-link", "header-nav", "masthead", "footer", "site-header", "topbar", "offcanvas", "hamburger", "search", "searchform", "language-switcher", "sitemap", "keywords", "post-tags", "entry-tags", "login"),
    "headline": ("headline", "entry-title", "post-title", "article-title", "page-title", "story-title"),
    "quote": ("pullquote", "pull-quote", "blockquote", "quote"),
}  # fmt: skip

#: ARIA roles and their labels.
ROLES: dict[str, str] = {
    "navigation": "nav", "menu": "nav", "menubar": "nav", "search": "nav", "banner": "nav", "contentinfo": "legal",
    "complementary": "related", "dialog": "cookie", "alertdialog": "cookie", "toolbar": "share",
}  # fmt: skip

#: Elements whose very name says it.
TAGS: dict[str, str] = {"nav": "nav", "footer": "nav", "aside": "related", "figcaption": "caption", "form": "newsletter", "button": "nav", "menu": "nav", "dialog": "cookie", "label": "newsletter", "select": "nav", "address": "byline", "time": "date"}  # fmt: skip
