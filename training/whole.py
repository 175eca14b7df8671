"""`python -m training.whole`: the HTML way out of fold, each page cleaned by a model that never saw its site.

`python -m training html --cache DIR` leaves the five folds' models in DIR; here they stand in the place of
the shipped one, so that what is judged is what a user gets: labels, recovered text, trafilatura where the
model is unsure, text and metadata. Writes one JSON line a page (`id`, `text`, `headline`, `asked` …) a set.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pipelines.html_clean import clean_html
from pipelines.model import ModelLabeller
from pipelines.model.bundle import load
from pipelines.page import read_page
from training.corpus import fold_of, read, site_of
from training.fit import FOLDS


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m training.whole", description=__doc__)
    parser.add_argument("--bench", type=Path, required=True, help="folder of sets")
    parser.add_argument("--cache", type=Path, required=True, help="folder with html.fold0.bin …")
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME.jsonl")
    parser.add_argument("sets", nargs="+")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    models = [ModelLabeller(html=load(args.cache / f"html.fold{fold}.bin")) for fold in range(FOLDS)]
    for name in args.sets:
        with (args.out / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            asked = pages = 0
            for page in read(args.bench / name / "pages.jsonl.gz"):
                row = _cleaned(page, models[fold_of(site_of(page))])
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                pages, asked = pages + 1, asked + row["asked"]
        print(f"{name}: {pages} pages, trafilatura asked on {asked}", flush=True)


def _cleaned(page: dict[str, Any], model: ModelLabeller) -> dict[str, Any]:
    url = page["url"] or ""
    html = read_page(page["html"], url=url, form="html").text
    article = clean_html(html, url=url, labeller=model)
    return {
        "id": page["id"], "text": article.text, "kind": article.kind, "headline": article.headline,
        "date_published": article.date_published, "authors": list(article.authors),
        "asked": article.referee_asked,
    }  # fmt: skip


if __name__ == "__main__":
    main()
