"""What people said of blocks, as it stands in the archive's `overrides.toml`, and which pages it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec

from archive.digests import payload_digest
from archive.front.plugins.pressmark_front import overrides as file
from archive.uris import site_of, target_uri
from archive.url_keys import url_key
from archive.values import LABELS, Capture, Override

FILE = file.FILE


class Overrides:
    """The overrides of an archive, read once. Never raises for what is in the file: `problems` says."""

    def __init__(self, entries: Iterable[dict[str, str]], problems: Iterable[str] = ()) -> None:
        self.problems = list(problems)
        self._of_article: dict[str, list[Override]] = {}
        self._of_site: dict[str, list[Override]] = {}
        self.count = 0
        for entry in entries:
            self._add(entry)

    @classmethod
    def read(cls, root: str | Path) -> Overrides:
        """Those of the archive in folder `root`."""
        return cls(*file.read(Path(root)))

    def __bool__(self) -> bool:
        return self.count > 0

    def of(self, capture: Capture) -> tuple[Override, ...]:
        """What was said of a page's blocks: of its site first, then of the article, which goes before."""
        if not self.count:
            return ()
        url = capture.url or target_uri("", payload_digest(capture.body))
        site = self._of_site.get(site_of(url) or "", [])
        return (*site, *self._of_article.get(url_key(url), []))

    def unused(self, blocks: Collection[str]) -> list[str]:
        """A sentence for each override of a block that is not among `blocks`, those that were judged."""
        kept = (one for many in (self._of_article, self._of_site) for ones in many.values() for one in ones)
        return [
            file.printable(
                f"{FILE}: no page has the block {one.block} any more, of which {one.article or one.site} says"
                f" {one.say}; delete the entry, or look at the page again."
            )
            for one in kept
            if one.block not in blocks and one.say != "leave"
        ]

    def _add(self, entry: dict[str, str]) -> None:
        if entry.get("label") and entry["label"] not in LABELS:
            self.problems.append(
                f"{FILE}: {entry['label'][:40]!r} is no label; the cleaner's own is taken (docs/labels.md)."
            )
        fields: dict[str, Any] = {name: entry.get(name, "") for name in Override.__struct_fields__}
        said = msgspec.convert(fields, Override)
        where, key = (
            (self._of_article, url_key(said.article))
            if said.article
            else (self._of_site, file.site_of(entry))
        )
        # The last word on a block counts.
        before = [one for one in where.get(key, []) if one.block != said.block]
        where[key] = [*before, said]
        self.count += 1


def forget(root: Path, addresses: Iterable[str]) -> None:
    """Delete what was said of the articles at these addresses: their words must go with a takedown."""
    path = root / FILE
    keys = {url_key(address) for address in addresses}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    left = file.without(text, lambda entry: bool(entry.get("article")) and url_key(entry["article"]) in keys)
    if left != text:
        new = path.with_name(path.name + ".part")
        new.unlink(missing_ok=True)
        with open(new, "x", encoding="utf-8") as out:  # never through a link that stands there
            out.write(left)
        new.replace(path)
