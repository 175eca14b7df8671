"""When to look again: a pure function of what was seen, and when. No network, no disk, no clock of its own.

Sources (feeds, sitemaps, section and home pages) are looked at as often as they bring news: `after_visit`
learns from a visit, `next_look` says when the next one is due and why. Articles are looked at again by age
and past edits: `after_look`, `next_article_look`. Times are seconds since 1970, UTC; durations are seconds.
States are frozen and go through JSON unharmed (`msgspec.json`).
"""

from crawler.scheduling.articles import ArticleOptions, ArticleState, Look, after_look, next_article_look
from crawler.scheduling.rhythm import Rhythm
from crawler.scheduling.sources import SourceOptions, SourceState, Visit, after_visit, next_look
from crawler.scheduling.values import Due

__all__ = [
    "ArticleOptions",
    "ArticleState",
    "Due",
    "Look",
    "Rhythm",
    "SourceOptions",
    "SourceState",
    "Visit",
    "after_look",
    "after_visit",
    "next_article_look",
    "next_look",
]
