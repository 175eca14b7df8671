"""What the front tells of the database: a sentence for each table and column, facets, and ready-made queries.

Data only. `metadata.yaml` (Datasette 0.65) and `datasette.yaml` (1.0) are both written from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

TITLE = "News archive"
DESCRIPTION = (
    "News articles as they were published: the clean text, the raw record it came from, "
    "and an account of every block that was cut."
)


class Table(NamedTuple):
    """One table or view: what it holds, its columns, and how Datasette shows it."""

    description: str
    columns: Mapping[str, str]
    facets: tuple[str, ...] = ()
    sort_desc: str | None = None
    label_column: str | None = None


class Query(NamedTuple):
    """One ready-made question, shown as a page of Datasette."""

    title: str
    description: str
    sql: str


_CAPTURE_KINDS = "article, index, consent, paywall, error or other"
_SHA1 = "SHA-1 in base32, as WARC writes it"

#: Columns that mean the same wherever they stand.
_ARTICLE_ID = "The article it belongs to"
_SITE = "Host of the site, or its name where no host is known"
_DIGEST = "Digest of the text, whatever its spacing"
_AUTHORS = "JSON array of the authors' names"
_PUBLISHED = "When it was published, ISO 8601; time and zone where the page gives them"
_FIRST_SEEN = "When the archive first had it, UTC"
_LAST_SEEN = "When the archive last saw it, UTC"
_LABEL = "What the block was held to be"
_HEADLINE = "Headline, without the site's name"
_URL = "Address of the page, after redirects; urn:sha1:… for a dump page that tells none"
_TRUNCATED = "Why its body was cut (length, time, disconnect); null: it is whole"
_FAILURES = (
    "dns, connection_refused, tls, timeout, broken_off, redirects, robots_forbids, robots_unreadable, "
    "private_address or other"
)
_ROLES = "robots, feed, sitemap, home, section, redirect, retry, rendered, part, rights or other"
_CLEANER = "Name and version of the cleaner that wrote it"

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "articles": Table(
            "One row for each article: its newest version, for reading and searching.",
            {
                "id": "Number of the article in this archive; it never changes",
                "url": _URL,
                "canonical_url": "Address that the page itself calls its own",
                "site": _SITE,
                "headline": _HEADLINE,
                "authors": _AUTHORS,
                "date_published": _PUBLISHED,
                "date_published_source": "Where in the page the date of publication stood",
                "date_modified": "When the page says it was last changed, ISO 8601",
                "language": "Language of the text, ISO 639-1",
                "section": "Section or rubric that the page names",
                "keywords": "JSON array of keywords that the page names",
                "description": "The page's own summary",
                "credits": "Agencies, editing and additional reporting, as the page words them",
                "main_image": "Address of the main image; the image itself is not fetched by this front",
                "text": "The clean text: paragraphs divided by a blank line",
                "markdown": "The same with headings, lists, quotes and links",
                "word_count": "Words in the text",
                "access": "free, metered or paywalled",
                "kind": "article; other kinds of pages stand in captures only",
                "text_digest": _DIGEST,
                "version": "How many versions are kept",
                "cluster_id": "Articles with the same number are the same copy or nearly so",
                "first_seen": _FIRST_SEEN,
                "last_seen": _LAST_SEEN,
                "cleaner": _CLEANER,
                "identity": "The folded address that makes two pages the same article",
                "sources": "JSON object: where in the page the value of each column stood",
            },
            facets=("site", "language", "section", "access"),
            sort_desc="date_published",
            label_column="headline",
        ),
        "versions": Table(
            "Each text that an article has had; a new one only when the newsroom changed it.",
            {
                "article_id": _ARTICLE_ID,
                "number": "Counts from 1 in each article",
                "capture_id": "The capture it was read from",
                "seen_at": "When that capture was made, UTC",
                "headline": "Headline of this version",
                "text": "Text of this version",
                "text_digest": _DIGEST,
                "change": "Share of words that differ from the version before, 0 to 1; empty for the first",
                "cleaner": _CLEANER,
                "kept_positions": "JSON list: of each line of text the place in the page; cuts fill the gaps",
                "wet_file": "WARC file with the text as a conversion record, relative to the archive",
                "wet_offset": "Where the conversion record begins in that file, in bytes",
                "wet_length": "How long the compressed conversion record is, in bytes",
                "wet_record_id": "WARC-Record-ID of the conversion record",
                "wording": "Digest of headline and text without typography and counters",
                "access": "free, metered or paywalled, as the page was when it had this text",
                "excerpt": "JSON: the first words that changed since the version before, as [sign, text]",
            },
            sort_desc="seen_at",
        ),
        "captures": Table(
            "Each page that was fetched or read from a dump, article or not, and where its raw record lies.",
            {
                "id": "Number of the capture",
                "url": "Address of the page, after redirects",
                "fetched_at": "When it was fetched, or read from a dump, UTC",
                "status": "HTTP status; empty for a dump page",
                "content_type": "Content type that the server or the dump told",
                "kind": f"What the page turned out to be: {_CAPTURE_KINDS}",
                "kind_reason": "Why it was held to be of that kind",
                "warc_file": "WARC file with the raw record, relative to the archive",
                "warc_offset": "Where the record begins in that file, in bytes",
                "warc_length": "How long the compressed record is, in bytes",
                "record_id": "WARC-Record-ID of the raw record",
                "payload_digest": f"Digest of the payload, {_SHA1}",
                "source": "How it came: crawl, dump, html, jsonl, warc or wacz",
                "source_path": "File it was read from",
                "record_type": "Type of the raw record: response, revisit, resource, conversion",
                "requested_url": "Address that was asked for, where it is another",
                "site": _SITE,
                "article_id": "The article that it turned out to be",
                "run_id": "The command that brought it",
                "cleaner": f"{_CLEANER}; empty: it could not be cleaned; null: not cleaned yet",
                "truncated": _TRUNCATED,
                "robots": "By which line of robots.txt it might be fetched; null: it was not asked",
                "rights": "JSON array: what its owner said of its use when it was fetched (docs/rights.md)",
                "words": "Of an article: words of its text",
                "cut_share": "Of an article: share of the page's characters that was cut, 0 to 1",
                "confidence": "Of an article: the F1 that the labeller expected of its own cut, 0 to 1",
                "fields": "Of an article: names of the fields that the page gave, with spaces between",
            },
            facets=("kind", "source", "site"),
            sort_desc="fetched_at",
        ),
        "hosts": Table(
            "One row for each server: what it told crawlers, as last read.",
            {
                "origin": "Scheme, name and port",
                "rests_until": "It asked to be left alone until then",
                "robots_at": "When robots.txt was last read; it holds for a day",
                "robots_status": "HTTP status of that answer",
                "robots": "What robots.txt said; null: there is none",
                "rights_at": "When /.well-known/tdmrep.json was last asked for",
                "rights": "What it said of text and data mining; null: there is none",
            },
            label_column="origin",
        ),
        "exchanges": Table(
            "What else was fetched on the way: robots.txt, feeds, redirects, answers before another try.",
            {
                "id": "Number of the exchange",
                "url": "Address that was asked for",
                "fetched_at": "When it was fetched, UTC",
                "status": "HTTP status",
                "content_type": "Content type that the server told",
                "role": f"What it was for: {_ROLES}",
                "truncated": _TRUNCATED,
                "record_type": "Type of the raw record: response or revisit",
                "warc_file": "WARC file with the raw record, relative to the archive",
                "warc_offset": "Where the record begins in that file, in bytes",
                "warc_length": "How long the compressed record is, in bytes",
                "record_id": "WARC-Record-ID of the raw record",
                "payload_digest": f"Digest of the payload, {_SHA1}",
                "run_id": "The command that brought it",
            },
            facets=("role", "status"),
            sort_desc="fetched_at",
        ),
        "removed": Table(
            "Each block that was cut from a version, with the reason. The view account adds its text.",
            {
                "article_id": _ARTICLE_ID,
                "version": "Number of the version it was cut from",
                "position": "Place in the page: line of a dump, rank of the block in HTML",
                "label": _LABEL,
                "reason": "Why",
                "score": "How sure, 0 to 1",
                "block": "The text, in blocks",
            },
            facets=("label",),
        ),
        "blocks": Table(
            "Texts of cut blocks. Clutter repeats, so each is stored once.",
            {
                "id": "Number of the block",
                "digest": "Digest of the text",
                "text": "The text as it stood in the page",
            },
        ),
        "sites": Table(
            "The sites that articles came from or that are crawled.",
            {
                "id": "Number of the site",
                "site": _SITE,
                "url": "Its address",
                "name": "What it calls itself",
                "first_seen": _FIRST_SEEN,
                "last_seen": _LAST_SEEN,
            },
            label_column="site",
        ),
        "feeds": Table(
            "Feeds, news sitemaps and sections of the sites, with what is needed to ask for news only.",
            {
                "id": "Number of the feed",
                "site": _SITE,
                "url": "Its address",
                "kind": "feed, sitemap, section or home",
                "title": "What it calls itself",
                "etag": "ETag of its last answer",
                "last_modified": "Last-Modified of its last answer",
                "checked_at": "When it was last asked, UTC",
                "status": "HTTP status of its last answer",
                "failures": "How often in a row it failed",
                "found_in": "Address of the source that named it; null: it stands in sites.toml",
                "found_at": "When a crawl first knew of it, UTC",
                "state": "What the crawler knows of its rhythm, JSON, its own",
                "due_at": "When it is looked at next, UTC; null: when what named it says so",
                "due_reason": "Why then, in words",
                "retired_at": "Since when it is retired, UTC; it is then asked rarely",
                "retired_reason": "Why",
                "last_new_at": "When it last brought something new, UTC",
            },
            facets=("site", "kind"),
            label_column="url",
        ),
        "queue": Table(
            "Addresses that sources listed: what is to be fetched, what was, when it is looked at again.",
            {
                "id": "Number of the address",
                "key": "The address, folded: forms of one address have the same",
                "url": "The address as it is asked for",
                "site": _SITE,
                "source": "The source that listed it first",
                "hints": "JSON: headline, authors and date that the source tells",
                "found_at": "When it was first listed, UTC",
                "born_at": "When it came out, if the source's date can be believed; else when found; UTC",
                "state": "due (never had), done (had), gone (404, 410), given_up or old (not asked for)",
                "due_at": "When it is fetched next, UTC; null: never again",
                "due_reason": "Why then, in words",
                "attempts": "Tries since it was last had",
                "checked_at": "When it was last asked for, UTC",
                "last_status": "HTTP status of its last answer; null: none, or none came",
                "history": "Looks and edits that were seen, JSON, the crawler's own",
                "article_id": _ARTICLE_ID,
                "capture_id": "Its last capture",
            },
            facets=("state", "site"),
            label_column="url",
        ),
        "failures": Table(
            "Fetches that brought no answer to keep, counted by site, day and class; for ninety days.",
            {
                "site": _SITE,
                "day": "The day, UTC",
                "class": _FAILURES,
                "times": "How many there were",
                "last_at": "When the last one was, UTC",
            },
            facets=("site", "class"),
            sort_desc="day",
        ),
        "told": Table(
            "Alarms that were told and have not ended, channel by channel.",
            {
                "channel": "Who was told: terminal, webhook, command or mail_command",
                "site": "Name of the site; empty for the archive itself",
                "class": "What is wrong",
                "level": "alarm or notice",
                "since": "Since when it is so, UTC",
                "told_at": "When it was told, UTC",
            },
            facets=("channel",),
        ),
        "judgements": Table(
            "How each site was doing after the last crawl, as it was judged then; docs/health.md.",
            {
                "site": "Name of the site in sites.toml, else its host; empty for the archive itself",
                "hosts": "JSON array of the hosts that its pages stand on",
                "state": "well, notice, alarm, unknown (too little history) or unlisted (not in sites.toml)",
                "findings": "JSON array of objects: finding, level, sentence, since",
                "rhythm": "How often it publishes, in words; null: not known yet",
                "judged_at": "When, UTC",
            },
            facets=("state",),
        ),
        "runs": Table(
            "Each command that wrote to the archive, with what it counted.",
            {
                "id": "Number of the run",
                "command": "The command",
                "software": "Name and version of the software",
                "started_at": "When it began, UTC",
                "finished_at": "When it ended, UTC; empty when it was broken off",
                "counts": "JSON object of what it counted",
            },
            sort_desc="id",
        ),
        "site_memory": Table(
            "What repeats on many pages of one site, and is clutter therefore.",
            {
                "site": _SITE,
                "digest": _DIGEST,
                "text": "The text that repeats",
                "label": _LABEL,
                "pages": "Distinct pages of the site that show it",
                "first_seen": _FIRST_SEEN,
                "last_seen": _LAST_SEEN,
                "pinned": "keep or cut where a person decided",
            },
            sort_desc="pages",
        ),
        "templates": Table(
            "Where a site keeps its article within the page, as learned from its pages.",
            {
                "id": "Number of the template",
                "site": _SITE,
                "selector": "The element that holds the article",
                "pages": "Pages it was learned from",
                "misses": "Pages in a row that it did not fit",
                "learned_at": "When it was learned, UTC",
                "retired_at": "When it was given up, UTC",
                "retired_reason": "Why",
            },
            facets=("site",),
        ),
        "similar": Table(
            "Pairs of articles that share much of their text, such as wire copy.",
            {
                "article_id": "One of the two, that with the lower number",
                "other_id": "The other",
                "score": "Of the shorter text's runs of words, the share that the other has, 0 to 1",
                "method": "How it was measured",
                "kind": "copy: most of the shorter text; similar: a good part of it",
            },
            facets=("kind",),
            sort_desc="score",
        ),
        "sketches": Table(
            "Which text of an article was compared with all others last.",
            {"article_id": _ARTICLE_ID, "text_digest": _DIGEST},
        ),
        "sketch_runs": Table(
            "By which articles that share text are found: checksums of some of their runs of four words.",
            {"run": "The checksum (CRC-32)", "article_id": _ARTICLE_ID},
        ),
        "warc_files": Table(
            "The WARC files that are finished, and which bytes they have; manifests/ tells the same.",
            {
                "name": "The file, under the archive's folder",
                "size": "Bytes",
                "sha256": "SHA-256 of its bytes",
                "finished_at": "When it was finished, or written again by a purge, UTC",
                "run_id": "The run that finished it; empty after a crash",
                "manifest": "The manifest that tells of it, in manifests/",
            },
            sort_desc="name",
        ),
        "withdrawn": Table(
            "Records that a takedown took out of rows, index and exports; their files hold them still.",
            {
                "record_id": "WARC-Record-ID of the record",
                "warc_file": "File it stands in, under the archive's folder",
                "warc_offset": "Where it begins, in bytes",
                "warc_length": "How long it is, compressed, in bytes",
                "tombstone_id": "The tombstone that says why",
            },
        ),
        "rewriting": Table(
            "Files that a purge is writing again at this moment; empty at any other, but for a crash.",
            {"name": "The file, under the archive's folder"},
        ),
        "tombstones": Table(
            "What was taken down, when and why: enough to know it again, too little to read it.",
            {
                "id": "Number of the tombstone; a takedown leaves one for each address and payload",
                "url": "sha256: and the digest of the address, without its fragment; empty for a payload",
                "payload_digest": f"Digest of the payload, {_SHA1}",
                "removed_at": "When, UTC",
                "reason": "Why",
                "site": "Host of the address",
            },
            sort_desc="removed_at",
        ),
        "common_texts": Table(
            "Texts that a site shows at addresses with nothing in common: error pages, walls, wire texts.",
            {
                "id": "Number of the text",
                "site": _SITE,
                "text_digest": _DIGEST,
                "headline_digest": "Digest of the headline, folded; empty: it stood under several",
                "sketch": "Checksums by which texts that are nearly the same are known, JSON list",
                "addresses": "At how many addresses it stood when it was noticed",
                "kind": "What captures that show it are; article: of the article that had it first",
                "kind_reason": "Why",
                "found_at": "When it was seen last, UTC, give or take a day",
            },
            facets=("site",),
            sort_desc="found_at",
        ),
        "articles_fts": Table(
            "Full-text index over the articles; diacritics do not matter. Query it with MATCH.",
            {
                "headline": _HEADLINE,
                "authors": _AUTHORS,
                "description": "The page's own summary",
                "text": "The clean text",
            },
        ),
        "latest": Table(
            "The newest articles with the columns that a reader wants first.",
            {
                "id": "Number of the article",
                "headline": _HEADLINE,
                "site": _SITE,
                "authors": _AUTHORS,
                "date_published": _PUBLISHED,
                "language": "Language of the text, ISO 639-1",
                "section": "Section or rubric that the page names",
                "word_count": "Words in the text",
                "access": "free, metered or paywalled",
                "version": "How many versions are kept",
                "first_seen": _FIRST_SEEN,
                "last_seen": _LAST_SEEN,
                "url": _URL,
            },
        ),
        "account": Table(
            "The account: every block that was cut, with label, reason, score and text.",
            {
                "article_id": _ARTICLE_ID,
                "version": "Number of the version it was cut from",
                "position": "Place in the page: line of a dump, rank of the block in HTML",
                "label": _LABEL,
                "reason": "Why",
                "score": "How sure, 0 to 1",
                "text": "The block's text as it stood in the page",
            },
        ),
        "site_health": Table(
            "How each site is doing: captures, articles and what failed.",
            {
                "site": _SITE,
                "captures": "Pages of the site that the archive holds",
                "articles": "Of these, articles",
                "not_articles": "Of these, no articles",
                "failed": "Of these, pages that could not be cleaned",
                "not_cleaned": "Of these, pages not cleaned yet",
                "last_fetched": "When a page was last fetched, UTC",
                "last_article": "When an article was last fetched, UTC",
            },
        ),
        "changes": Table(
            "What newsrooms changed: each version beside the one before, where one cleaner read both.",
            {
                "article_id": _ARTICLE_ID,
                "number": "Number of the version",
                "seen_at": "When it was captured, UTC",
                "site": _SITE,
                "headline": "Headline of the version",
                "headline_before": "Headline of the version before",
                "change": "Share of words that differ, 0 to 1",
                "url": _URL,
                "access": "Access of the version: free, metered or paywalled",
                "access_before": "Access of the version before",
            },
        ),
    }
)

#: Each answers within Datasette's time limit on 200,000 articles: from an index, or from so many rows.
#: A parameter left empty does not narrow.
QUERIES: Mapping[str, Query] = MappingProxyType(
    {
        "newest": Query(
            "Newest articles",
            "By date of publication, the newest first.",
            """select id as article_id, date_published, site, headline, authors, word_count
from articles
order by date_published desc
limit 200""",
        ),
        "months": Query(
            "Articles by month and site",
            "How many articles and words of each site a month holds; of one site where you name it.",
            """select substr(date_published, 1, 7) as month, site,
  count(*) as articles, sum(word_count) as words
from articles
where date_published is not null and (:site = '' or site = :site)
group by month, site
order by month desc, articles desc
limit 1000""",
        ),
        "sections": Query(
            "Sections over time",
            "How many articles of each section a month holds; of one site where you name it.",
            """select substr(date_published, 1, 7) as month, section, count(*) as articles
from articles
where date_published is not null and section is not null and (:site = '' or site = :site)
group by month, section
order by month desc, articles desc
limit 1000""",
        ),
        "by_author": Query(
            "Articles by an author",
            "Type a name or a part of it.",
            """with written as materialized (
  select a.id, name.value as author
  from articles a, json_each(a.authors) name
  where a.authors like '%' || :author || '%' and name.value like '%' || :author || '%'
)
select a.id as article_id, written.author, a.date_published, a.site, a.headline
from written join articles a on a.id = written.id
order by a.date_published desc
limit 200""",
        ),
        "authors": Query(
            "Authors by articles",
            "Who wrote how many of the articles.",
            """select name.value as author, sum(written.articles) as articles,
  min(written.first) as first, max(written.last) as last
from (
  select authors, count(*) as articles, min(date_published) as first, max(date_published) as last
  from articles
  where authors <> '[]'
  group by authors
) written, json_each(written.authors) name
group by author
order by articles desc, author
limit 500""",
        ),
        "site_authors": Query(
            "Authors of a site",
            "Who writes for a site, and since when. Without a site: the pairs of author and site.",
            """select written.site, name.value as author, sum(written.articles) as articles,
  min(written.first) as first, max(written.last) as last
from (
  select authors, site, count(*) as articles, min(date_published) as first, max(date_published) as last
  from articles
  where authors <> '[]' and (:site = '' or site = :site)
  group by authors, site
) written, json_each(written.authors) name
group by written.site, author
order by articles desc, author
limit 500""",
        ),
        "headline_changes": Query(
            "Changed headlines",
            "Versions whose headline differs from the one before; of one site where you name it.",
            """select v.article_id, v.number as version, v.seen_at, a.site,
  before.headline as before, v.headline as after
from versions v
join versions before on before.article_id = v.article_id and before.number = v.number - 1
join articles a on a.id = v.article_id
where v.number > 1 and v.headline is not before.headline and v.cleaner = before.cleaner
  and (:site = '' or a.site = :site)
order by v.seen_at desc
limit 200""",
        ),
        "most_edited": Query(
            "Most edited articles",
            "The articles of which most versions are kept; of one site where you name it.",
            """select e.id as article_id, e.version as versions, e.site, a.headline, a.first_seen, a.last_seen
from (
  select id, version, site from articles
  where version > 1 and (:site = '' or site = :site)
  order by version desc
  limit 200
) e join articles a on a.id = e.id
order by e.version desc""",
        ),
        "largest_edits": Query(
            "Largest edits",
            "The newest 2,000 edits, those that changed most of the words first.",
            """select article_id, number as version, seen_at, round(change, 2) as share_of_words,
  (select site from articles where id = article_id) as site, headline
from (
  select * from versions where number > 1 order by seen_at desc limit 2000
)
where change > 0
order by change desc
limit 200""",
        ),
        "syndicated": Query(
            "Syndicated texts",
            "Texts that stand on several sites, or at several addresses: copies share a cluster.",
            """select c.cluster_id, c.copies, c.sites, c.first, c.last, a.id as article_id, a.headline
from (
  select cluster_id, count(*) as copies, count(distinct site) as sites,
    min(date_published) as first, max(date_published) as last, min(id) as id
  from articles
  where cluster_id is not null
  group by cluster_id
  having copies > 1
  order by sites desc, copies desc
  limit 200
) c join articles a on a.id = c.id
order by c.sites desc, c.copies desc""",
        ),
        "cut_by_label": Query(
            "What was cut, by label",
            "How many blocks of each label were cut, and how sure the cleaner was on average.",
            """select label, count(*) as blocks, round(avg(score), 3) as mean_score
from removed
group by label
order by blocks desc""",
        ),
        "cut_on_site": Query(
            "What was cut most often on a site",
            "Texts cut from the newest 1,000 articles of the site that you name.",
            """select r.label, count(distinct r.article_id) as articles, substr(b.text, 1, 200) as text
from (
  select id, version from articles where site = :site order by date_published desc limit 1000
) a
join removed r on r.article_id = a.id and r.version = a.version
join blocks b on b.id = r.block
group by r.block, r.label
order by articles desc
limit 200""",
        ),
        "clutter": Query(
            "Clutter that repeats most",
            "Texts that were cut from most pages, of all sites.",
            """select r.label, r.cuts, substr(b.text, 1, 200) as text
from (
  select block, label, count(*) as cuts
  from removed
  group by block, label
  having cuts > 1
  order by cuts desc
  limit 200
) r join blocks b on b.id = r.block
order by r.cuts desc""",
        ),
        "doubtful_cuts": Query(
            "Doubtful cuts",
            "The blocks whose cut the cleaner was least sure of: the ones to look at first.",
            """select article_id, version, position, label, reason, score, substr(text, 1, 300) as text
from account
where score < 0.6
order by score, article_id
limit 200""",
        ),
        "undated": Query(
            "Articles without a date",
            "Pages that do not tell when they were published.",
            """select id as article_id, site, headline, url, first_seen
from articles
where date_published is null
order by id desc
limit 200""",
        ),
        "field_coverage": Query(
            "What sites tell",
            "Of each site's articles, how many percent tell a date, authors, a section and a language.",
            """select s.site, s.articles, s.date, w.authors, s.section, s.language
from (
  select site, count(*) as articles, round(100.0 * count(date_published) / count(*)) as date,
    round(100.0 * count(section) / count(*)) as section,
    round(100.0 * count(language) / count(*)) as language
  from articles group by site
) s
join (
  select site, round(100.0 * sum(authors <> '[]') / count(*)) as authors
  from articles indexed by articles_by_author group by site
) w on w.site is s.site
order by s.articles desc
limit 500""",
        ),
        "walls": Query(
            "Walls by site",
            "How many pages of a site were consent or pay walls, and how many of its articles are not free.",
            """select c.site, c.captures, c.consent_walls, c.pay_walls, a.articles, a.metered, a.paywalled
from (
  select site, count(*) as captures,
    sum(kind = 'consent') as consent_walls, sum(kind = 'paywall') as pay_walls
  from captures
  group by site
) c
left join (
  select site, count(*) as articles,
    sum(access = 'metered') as metered, sum(access = 'paywalled') as paywalled
  from articles
  group by site
) a on a.site is c.site
order by c.consent_walls + c.pay_walls + coalesce(a.metered + a.paywalled, 0) desc, c.captures desc
limit 500""",
        ),
        "not_articles": Query(
            "Pages that were no articles",
            "What else was fetched, and why it is no article; on one site where you name it.",
            """select kind, kind_reason, count(*) as captures, max(fetched_at) as last, min(url) as example
from captures
where kind in ('index', 'consent', 'paywall', 'error', 'other') and (:site = '' or site = :site)
group by kind, kind_reason
order by captures desc
limit 200""",
        ),
        "without_article": Query(
            "Captures without an article",
            "Pages of which no article is kept, by site and reason; articles among them were not cleaned.",
            """select site, kind, kind_reason, count(*) as captures, max(fetched_at) as last
from captures
where article_id is null and (:site = '' or site = :site)
group by site, kind, kind_reason
order by captures desc
limit 500""",
        ),
        "rights": Query(
            "Rights statements by site",
            "What owners said of the use of their pages when these were fetched, and on how many of them.",
            """select said.site, statement.value as statement, sum(said.captures) as captures,
  min(said.first) as first, max(said.last) as last
from (
  select site, rights, count(*) as captures, min(fetched_at) as first, max(fetched_at) as last
  from captures
  where rights is not null
  group by site, rights
) said, json_each(said.rights) statement
group by said.site, statement.value
order by said.site, captures desc
limit 1000""",
        ),
        "retired_sources": Query(
            "Retired sources",
            "Feeds, sitemaps and sections that are asked rarely or never now, and why.",
            """select site, kind, url, retired_at, retired_reason, last_new_at, failures
from feeds
where retired_at is not null
order by retired_at desc
limit 500""",
        ),
    }
)

#: Tables of the machinery, kept out of Datasette's lists.
HIDDEN_TABLES = ("_sqlite_migrations", "rewriting", "sketches", "sketch_runs")

#: https://docs.datasette.io/en/stable/settings.html
SETTINGS: Mapping[str, bool | int] = MappingProxyType(
    {
        "default_page_size": 50,
        # Facets of an archive are known beforehand; guessing them costs a query for each column.
        "suggest_facets": False,
        "sql_time_limit_ms": 3000,
        "facet_time_limit_ms": 1000,
    }
)
