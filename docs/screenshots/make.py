"""Make the screenshots of the docs from an archive: `python docs/screenshots/make.py news-archive/`.

Needs Chromium: PRESSMARK_CHROMIUM names it, else it is looked for on the PATH. `--search`, `--article`
and `--account` choose what is shown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from crawler.reports import picture_of_cuts
from pipelines.explaining import explain_job
from pipelines.workers import PageJob

HERE = Path(__file__).parent
#: A page of our own tests, for the picture of cuts.
EXPLAINED = HERE.parents[1] / "tests/newsroom/pages/fieldpost_1/page.html"
HOST, PORT = "127.0.0.1", 8766

#: File name, path of the page, width, height in CSS pixels.
PICTURES = (
    ("front.png", "/", 1280, 900),
    ("search.png", "/search?q={search}", 1280, 900),
    ("article-desktop.png", "/article/{article}", 1280, 900),
    ("article-account.png", "/article/{account}?account=1", 1200, 900),
    ("sites.png", "/sites", 1280, 900),
    ("site.png", "/site/{site}", 1280, 900),
    ("article-phone.png", "/article/{article}", 390, 844),
)


def main() -> None:
    """Serve the archive, take each picture, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--search", default="humanitarian")
    parser.add_argument("--article", default="1")
    parser.add_argument("--account", default="3", help="the article whose account is shown")
    parser.add_argument("--site", default="", help="the site whose page is shown")
    parser.add_argument("--only", default="", help="pictures whose file name holds this")
    parser.add_argument("--into", type=Path, default=HERE)
    asked = parser.parse_args()
    # Our own interpreter and the archive that was named: nothing untrusted is run.
    command = [sys.executable, "-m", "datasette", str(asked.archive), "--host", HOST, "--port", str(PORT)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if "Uvicorn running" in line:
                    break
            else:
                raise SystemExit(f"Datasette did not start over {asked.archive}.")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
                for name, path, width, height in PICTURES:
                    if asked.only not in name:
                        continue
                    address = f"http://{HOST}:{PORT}" + path.format(**vars(asked))
                    take(browser, address, width, height, asked.into / name)
                cuts = (asked.into / "cuts.html").absolute()
                cuts.write_text(
                    picture_of_cuts(explain_job(PageJob(body=EXPLAINED.read_bytes(), url="")), "page.html"),
                    encoding="utf-8",
                )
                take(browser, cuts.as_uri(), 1000, 760, asked.into / "cuts.png")
                cuts.unlink()
                browser.close()
        finally:
            server.terminate()


def chromium() -> str:
    """Path of a Chromium on this machine."""
    names = (os.environ.get("PRESSMARK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("No Chromium found: install one, or name it in PRESSMARK_CHROMIUM.")
    return found


def take(browser: Browser, address: str, width: int, height: int, file: Path) -> None:
    """One picture of the page at `address`, as seen without scrolling."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    page.goto(address)
    page.screenshot(path=file)
    page.close()
    print(f"{file}  {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
