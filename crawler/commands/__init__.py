"""The command line: the top of the house, where the rooms are wired.

One module a command; `console` holds what they share with the person in front of them.
"""

from crawler.commands.top import main

__all__ = ["main"]
