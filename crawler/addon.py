"""Other people's spiders with our archive: a Scrapy add-on, one line of settings.

    ADDONS = {"crawler.addon.PressmarkAddon": 500}

It records exchanges as they go over the wire, stores raw records first and cleans pages in worker processes,
as our own spiders do. The spider yields `page_item(response)` for each page; everything else of the project
(its requests, its settings, its other items) stays as it is, but for two things: a body that is cut is
delivered and marked, and private addresses are refused unless `PRESSMARK_ALLOW_PRIVATE` is set.
"""

from __future__ import annotations

from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler import settings as ours
from crawler.pages import capture_of, rights_of
from pipelines.items import PageItem

#: Of our middlewares those that record; when to ask, and how often, is the project's own business.
MIDDLEWARES = ("crawler.middlewares.unpack.Unpack", "crawler.middlewares.record.RecordExchanges")
#: Whose work `Unpack` does.
_REPLACED = "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware"


class PressmarkAddon:
    """Puts our item pipelines, our download handler and the settings they need into a project."""

    def update_settings(self, settings: BaseSettings) -> None:
        for name in dir(ours):
            if name.startswith("PRESSMARK_"):
                settings.set(name, getattr(ours, name), priority="addon")
        settings.set("PRESSMARK_TRAVELS", True, priority="addon")
        for path, place in ours.ITEM_PIPELINES.items():
            settings["ITEM_PIPELINES"].set(path, place, priority="addon")
        for path in MIDDLEWARES:
            settings["DOWNLOADER_MIDDLEWARES"].set(path, ours.DOWNLOADER_MIDDLEWARES[path], priority="addon")
        settings["DOWNLOADER_MIDDLEWARES"].set(_REPLACED, None, priority="addon")
        for scheme in ("http", "https"):
            settings["DOWNLOAD_HANDLERS"].set(scheme, ours.DOWNLOAD_HANDLERS[scheme], priority="addon")
        settings.set("DOWNLOAD_FAIL_ON_DATALOSS", False, priority="addon")  # what is cut is kept, and marked


def page_item(response: Response, agent: str = ours.ROBOTSTXT_USER_AGENT) -> PageItem:
    """A page of any spider, to be archived and cleaned: `yield page_item(response)`."""
    request = response.request
    asked = request.meta.get("redirect_urls", [request.url])[0] if request is not None else response.url
    return PageItem(capture_of(response, asked, rights=rights_of(response, response.meta, agent)))
