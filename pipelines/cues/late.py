"""Regular expressions that are compiled when they are first used.

Python takes 0.2 s to compile the forms of lines, most of which no single page asks for.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Late:
    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """An attribute of the compiled expression; it is found here without this detour from then on."""
        if name.startswith("__"):
            raise AttributeError(name)
        found = self.__dict__[name] = getattr(re.compile(self._source, self._flags), name)
        return found


def late(source: str, flags: int = 0) -> re.Pattern[str]:
    """Stands for `re.compile(source, flags)`: its methods and attributes, not the `re` module's functions."""
    return cast("re.Pattern[str]", _Late(source, flags))
