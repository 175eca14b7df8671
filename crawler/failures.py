"""Of which class a failure to fetch is: for the table `failures`, from which a site's health is read."""

from __future__ import annotations

import re

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from archive.agenda import FailureClass
from crawler.errors import AddressRefused, HostResting, RobotsForbids, RobotsRefused

#: The first that fits; None: no failure.
_CLASSES: tuple[tuple[type[BaseException], FailureClass | None], ...] = (
    (HostResting, None),
    (RobotsForbids, "robots_forbids"),
    (RobotsRefused, "robots_unreadable"),
    (AddressRefused, "private_address"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "connection_refused"),
    (DownloadTimeoutError, "timeout"),
    (DownloadFailedError, "broken_off"),
)
#: What befalls a server, whatever it is asked for.
_NO_ANSWER = ("dns", "connection_refused", "tls", "timeout", "broken_off")
#: Twisted tells a failed handshake as one more broken connection; its text names the library's error.
_TLS = re.compile(r"\b(?:ssl|tls|certificate|handshake)\b", re.I)


def failure_of(error: BaseException | None) -> FailureClass | None:
    """The class of an error that a request ended with; None where the server only asked for rest.

    Where robots.txt could not be read since there was no answer, it is the class of that.
    """
    if isinstance(error, RobotsRefused) and error.__cause__ is not None:
        cause = failure_of(error.__cause__)
        return cause if cause in _NO_ANSWER else "robots_unreadable"
    found: FailureClass | None = "other"
    found = next((name for kind, name in _CLASSES if isinstance(error, kind)), found)
    if found in ("broken_off", "other") and _TLS.search(str(error)):
        return "tls"
    if found == "other" and "redirect" in str(error):
        return "redirects"
    return found
