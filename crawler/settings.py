"""Settings of the Scrapy project. Each that differs from Scrapy's default says why.

`-s NAME=VALUE` changes any of them for one crawl. Our own begin with `PRESSMARK_`.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version

try:
    PRESSMARK_VERSION = version("pressmark")
except PackageNotFoundError:  # a checkout that was never installed
    PRESSMARK_VERSION = "0"

BOT_NAME = "pressmark"
SPIDER_MODULES = ["crawler.spiders"]

# --- our own ---------------------------------------------------------------------------------------------

#: The archive's folder.
PRESSMARK_ARCHIVE = os.environ.get("PRESSMARK_ARCHIVE") or "news-archive"
#: Whom a site's owner can write to: an e-mail address or a URL. `--contact` or `-s PRESSMARK_CONTACT=…` goes
#: before `contact` in sites.toml, and that before the environment.
PRESSMARK_CONTACT = os.environ.get("PRESSMARK_CONTACT", "")
#: Also fetch from private addresses: the local network, this machine.
PRESSMARK_ALLOW_PRIVATE = False
#: About so many bytes a WARC file: one ends with the batch in which it reaches this.
PRESSMARK_WARC_SIZE = 1_000_000_000
#: A batch is synced to disk and its rows are committed at so many rows, bytes of records, or seconds,
#: whichever comes first. A reader sees what is committed; a power loss takes what is not.
PRESSMARK_BATCH_ROWS = 512
PRESSMARK_BATCH_BYTES = 64_000_000
PRESSMARK_BATCH_SECONDS = 5.0
#: Worker processes that clean; 0: one for each core.
PRESSMARK_PROCESSES = 0
#: When sources and articles are looked at again (docs/crawling.md): seconds of waiting, of all news together,
#: that are worth a request; days in which an article may be looked at again, 0: never.
PRESSMARK_PATIENCE = 600.0
PRESSMARK_REVISIT_DAYS = 30.0
#: The clock that decides what is due, a function (or its dotted path) that gives seconds since 1970, and the
#: seconds by which it is ahead: for tests and rehearsals.
PRESSMARK_CLOCK = "time.time"
PRESSMARK_CLOCK_OFFSET = 0.0
#: Statements of a page's owner for which it is not kept (docs/rights.md), such as noarchive; sites.toml's
#: `respect` goes before. All are recorded.
PRESSMARK_RESPECT: list[str] = []
#: Also ask each host, once a day, for what it reserves (/.well-known/tdmrep.json).
PRESSMARK_TDMREP = True
#: Exchanges travel with their responses, to be stored where a spider makes pages of them (`crawler.addon`).
PRESSMARK_TRAVELS = False
#: What shares a slot, and so a delay: sites at one `address`, or only those under one `host` name.
PRESSMARK_SLOTS = "address"
#: Where `crawl --from` finds other people's archives: a capture index with replay by time, and the files of
#: Common Crawl's news crawl.
PRESSMARK_WAYBACK_BASE = os.environ.get("PRESSMARK_WAYBACK_BASE") or "https://web.archive.org"
PRESSMARK_CCNEWS_BASE = os.environ.get("PRESSMARK_CCNEWS_BASE") or "https://data.commoncrawl.org"
#: Of sites with `render = true`: seconds for one page, its scripts' requests and their delays included, and
#: whether Chromium keeps its sandbox (it cannot where it runs as root; in containers it may need user
#: namespaces).
PRESSMARK_RENDER_SECONDS = 60.0
PRESSMARK_RENDER_SANDBOX = True
#: Who says what stays on an HTML page: `learned`, or `trafilatura`.
PRESSMARK_ENGINE = "learned"

# --- who we are, and manners -----------------------------------------------------------------------------

#: Spiders add the contact: `pressmark/1.0 (+desk@example.org)`.
USER_AGENT = f"pressmark/{PRESSMARK_VERSION}"
ROBOTSTXT_OBEY = True
#: The name that robots.txt addresses us by (RFC 9309, 2.2.1: letters only, without version).
ROBOTSTXT_USER_AGENT = "pressmark"

#: One request at a time and site, a second apart; AutoThrottle slows down with a slow site.
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
#: Hosts with a pace of their own. The Internet Archive asks for no more than 15 requests a minute.
DOWNLOAD_SLOTS = {"web.archive.org": {"concurrency": 1, "delay": 4.0, "randomize_delay": False}}
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
EXTENSIONS = {
    # Replaced by ours, which also keeps to crawl-delay and Retry-After.
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.politeness.PoliteThrottle": 0,
}

#: Items of one response side by side. A page of ours gives one; Scrapy makes so many tasks for each response,
#: and with its default of 100 that was a quarter of the reactor's time (a profile of bench/throughput.py).
CONCURRENT_ITEMS = 4

#: Nothing is followed by a session, and none is started: an archive sees what a new reader sees.
COOKIES_ENABLED = False
#: Where a reader came from is nobody's business; a hostile `Referrer-Policy` header finds nothing to steer.
REFERRER_POLICY = "scrapy.spidermiddlewares.referer.NoReferrerPolicy"
DEFAULT_REQUEST_HEADERS = {
    # No Accept-Language: a site answers in its own.
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}

# --- what may be fetched, and how much of it -------------------------------------------------------------

#: http and https only: neither a feed nor a redirect may read a file or an FTP server.
DOWNLOAD_HANDLERS = {
    "http": "crawler.capture.RecordingHandler",
    "https": "crawler.capture.RecordingHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
#: A body is cut here, and so is what a compressed body unpacks to: 20 MB is beyond any article, and keeps a
#: decompression bomb at 106 MB of memory (measured; 1.1 GB with Scrapy's default of 1 GiB).
DOWNLOAD_MAXSIZE = 20_000_000
DOWNLOAD_WARNSIZE = 0
#: For the whole response. What arrived by then is kept and marked `WARC-Truncated: time`.
DOWNLOAD_TIMEOUT = 60
#: A cut body is kept and flagged, and fetched again; it is not thrown away.
DOWNLOAD_FAIL_ON_DATALOSS = False
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the page is counted as failed, with its reason, in the summary
REDIRECT_MAX_TIMES = 10
#: News pages reload themselves (`<meta http-equiv=refresh content=90>`); following that would fetch the same
#: page again and lose the one at hand.
METAREFRESH_ENABLED = False
#: An error page is an outcome to be kept, not silence: spiders see every status.
HTTPERROR_ALLOW_ALL = True

DOWNLOADER_MIDDLEWARES = {
    # First, so that what it takes away is there no more when defaults are set.
    "crawler.middlewares.own.OwnHeaders": 50,
    "crawler.middlewares.slots.SharedSlots": 60,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.RobotsRules": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.middlewares.retry.PatientRetry": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.unpack.Unpack": 590,
    # Near to the wire: sees each response, redirects and retries included, before anybody unpacks it.
    "crawler.middlewares.record.RecordExchanges": 990,
    # And before that: a 304 to a condition of ours becomes the stored answer.
    "crawler.middlewares.conditional.ConditionalGet": 995,
}
ITEM_PIPELINES = {
    "crawler.keep.KeepRaw": 100,  # raw first,
    "pipelines.items.CleanPages": 200,
    "crawler.keep.KeepArticles": 300,  # row second
}

# --- doors that stay shut, and quiet logs ----------------------------------------------------------------

TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"
