"""The names under which pages state things in meta elements, best first.

From Open Graph (ogp.me), Dublin Core (dublincore.org), Parse.ly, Sailthru, Cxense and Highwire documentation,
and from what pages of the press use.
"""

from __future__ import annotations


def _names(table: str) -> tuple[str, ...]:
    return tuple(table.split())


#: By the key under which `headlines.Stated` knows them.
HEADLINE_METAS: dict[str, tuple[str, ...]] = {
    "og": ("og:title",),
    "twitter": ("twitter:title", "twitter:text:title"),
    "meta": ("headline", "parsely-title", "sailthru.title", "cxenseparse:title", "citation_title"),
    "dc": ("dc.title", "dcterms.title", "dc:title", "title"),
}

AUTHOR_METAS = _names("""
    parsely-author sailthru.author citation_author citation_authors article:author_name byl
    cxenseparse:author article:author og:article:author dc.creator dcterms.creator dc:creator author
    og:author shareaholic:article_author_name authors creator dc.contributor byline smartbanner:author
""")

PUBLISHED_METAS = _names("""
    article:published_time og:article:published_time og:published_time article:published
    parsely-pub-date sailthru.date shareaholic:article_published_time cxenseparse:recs:publishtime
    cxenseparse:publishtime datepublished date_published publish_date publishdate publish-date
    publisheddate published_date publication_date publication-date pubdate pub_date published_at
    publish_time published published_time og:publish_date og:pubdate og:release_date article:post_date
    article_date_original articledate originalpublicationdate citation_publication_date
    citation_online_date citation_date dc.date.issued dcterms.issued dc.date.created dcterms.created
    dc.date.published dcterms.date dc.date dc:date dcterms.available datecreated date.created
    creation_date cms_creationdate bt:pubdate dateissued ptime article:create_at weibo:article:create_at
    apub:time gsa_date release_date uploaddate date timestamp
""")

MODIFIED_METAS = _names("""
    article:modified_time og:article:modified_time og:modified_time article:modified og:updated_time
    datemodified date_modified dcterms.modified dc.date.modified dc:date.modified date.modified
    date.updated shareaholic:article_modified_time lastmod last-modified last_modified lastmodified
    modified revised updated_time update_time article:update_at weibo:article:update_at
    article_date_updated bt:moddate
""")

#: The first stands before what JSON-LD says, the others after.
SITE_METAS = _names("""
    og:site_name application-name apple-mobile-web-app-title citation_journal_title dc.publisher
    dcterms.publisher cre copyright_owner sitename al:iphone:app_name al:android:app_name
""")

SECTION_METAS = _names("""
    article:section og:article:section parsely-section sailthru.vertical cxenseparse:section og:section
    section articlesection mrf:sections lp:section category
""")

KEYWORD_METAS = _names("""
    news_keywords article:tag og:article:tag parsely-tags sailthru.tags keywords dc.subject
    dcterms.subject citation_keywords tags
""")

#: The first two stand before what JSON-LD says, the others after.
DESCRIPTION_METAS = _names("""
    og:description description twitter:description dc.description dcterms.description
    dc.description.abstract sailthru.description citation_abstract
""")

#: The first three stand before what JSON-LD says, the others after.
IMAGE_METAS = _names("""
    og:image:secure_url og:image og:image:url twitter:image twitter:image:src parsely-image-url
    sailthru.image.full sailthru.image thumbnail
""")

LANGUAGE_METAS = _names("""
    content-language og:locale dc.language dcterms.language language inlanguage og:language
""")

#: Facebook's tiers and the words others put there.
TIER_METAS = ("article:content_tier", "og:article:content_tier", "content_tier")
TIERS = {
    "free": "free",
    "public": "free",
    "metered": "metered",
    "locked": "paywalled",
    "paid": "paywalled",
    "premium": "paywalled",
    "subscriber": "paywalled",
    "subscription": "paywalled",
}

#: Every name that is asked for: a page's other metas are not kept.
KNOWN_METAS = frozenset(
    (
        *(name for names in HEADLINE_METAS.values() for name in names),
        *AUTHOR_METAS, *PUBLISHED_METAS, *MODIFIED_METAS, *SITE_METAS, *SECTION_METAS, *KEYWORD_METAS,
        *DESCRIPTION_METAS, *IMAGE_METAS, *LANGUAGE_METAS, *TIER_METAS,
        "og:url", "og:type", "twitter:label1", "twitter:data1",
    )
)  # fmt: skip
