"""A writer to be killed, keeping N pages as a reload does: `python -m tests.archive.writer ROOT N`."""

from __future__ import annotations

import sys
from pathlib import Path

from archive import Archive
from archive.values import Article, Capture
from tests.archive.sample import CLEANER, article, crawled, dump, open_archive


def page(number: int) -> Capture:
    """Dump pages and fetched ones in turn; each third repeats a payload, each fifth is a new version."""
    if number % 2:
        return dump(b"Dump page %d." % (number - number % 3), source_path=f"dump {number}")
    url = f"https://press.example/{number - number % 10}"
    return crawled(b"<p>Page %d of the day." % (number - number % 4), url, hours=number)


def cleaned(capture: Capture) -> Article:
    text = capture.body.decode().removeprefix("<p>")
    return article(text, kind="index" if "7" in text else "article", headline=f"About {text}")


def reload(archive: Archive, pages: int, commit_every: int) -> None:
    """The order of work of `pressmark reclean`: what was left over first, then the input."""
    for capture in archive.orphans():
        archive.keep(capture, cleaned(capture))
    for number in range(pages):
        capture = page(number)
        if archive.is_current(capture, CLEANER):
            continue
        stored = archive.store_raw(capture)
        archive.keep(stored, cleaned(stored))
        if number % commit_every == 0:
            archive.commit()


def main(root: str, pages: str, commit_every: str = "5") -> None:
    with open_archive(Path(root), max_file_bytes=4000) as archive:
        reload(archive, int(pages), int(commit_every))


if __name__ == "__main__":
    main(*sys.argv[1:])
