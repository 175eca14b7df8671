"""Make the screenshots of the docs: `python docs/screenshots/make.py`.

Of two archives that are made for it: the five seeds, and a month of newspapers that do not exist (`made.py`).
Needs Chromium: PRESSMARK_CHROMIUM names it, else it is looked for on the PATH. Run from the repository.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from crawler.reports import picture_of_cuts
from pipelines.explaining import explain_job
from pipelines.workers import PageJob

HERE = Path(__file__).parent
HOUSE = HERE.parents[1]
sys.path.insert(0, str(HOUSE))  # the made archive is built with what tests build theirs with

import made  # noqa: E402

#: A page of our own tests, for the picture of cuts.
EXPLAINED = HOUSE / "tests/newsroom/pages/fieldpost_1/page.html"
HOST, PORT = "127.0.0.1", 8766
#: Larger ones make a clone slow.
MOST_BYTES = 300_000

#: File name, archive, path of the page (or words of a link on it, to follow), width, height in CSS pixels.
PICTURES = (
    ("front.png", "made", "/", 1280, 900),
    ("search.png", "made", "/search?q=ferry+OR+bridge", 1280, 900),
    ("changes.png", "made", "/changes", 1280, 900),
    ("diff.png", "made", "/changes?only=headlines >> Council", 1280, 1000),
    ("sites.png", "made", "/sites", 1280, 900),
    ("site.png", "made", "/site/The%20Harbour%20Post", 1280, 1000),
    ("article-desktop.png", "seeds", "/article/1", 1280, 900),
    ("article-account.png", "seeds", "/article/3?account=1", 1280, 900),
    ("article-phone.png", "seeds", "/article/1", 390, 844),
)


def main() -> None:
    """Make both archives, serve each, take its pictures, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pictures whose file name holds this")
    parser.add_argument("--into", type=Path, default=HERE)
    asked = parser.parse_args()
    wanted = [picture for picture in PICTURES if asked.only in picture[0]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, build in (("made", made.build), ("seeds", reload_seeds)):
            pictures = [picture for picture in wanted if picture[1] == name]
            if not pictures:
                continue
            root = Path(folder) / name
            root.mkdir()
            build(root)
            with served(root) as address:
                for file, _, path, width, height in pictures:
                    take(browser, address, path, width, height, asked.into / file)
        if asked.only in "cuts.png":
            cuts = (asked.into / "cuts.html").absolute()
            told = explain_job(PageJob(body=EXPLAINED.read_bytes(), url=""))
            cuts.write_text(picture_of_cuts(told, "page.html"), encoding="utf-8")
            take(browser, cuts.as_uri(), "", 1000, 760, asked.into / "cuts.png")
            cuts.unlink()
        browser.close()


def reload_seeds(root: Path) -> None:
    """The archive that `make run` makes."""
    program = "from crawler.commands import main; main()"
    # Our own interpreter and our own seeds: nothing untrusted is run.
    command = [sys.executable, "-c", program, "reclean", "seeds/", "--archive", str(root)]
    subprocess.run(command, cwd=HOUSE, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Plain Datasette over an archive, at the address that is yielded."""
    command = [sys.executable, "-m", "datasette", str(root), "--host", HOST, "--port", str(PORT)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if "Uvicorn running" in line:
                    break
            else:
                raise SystemExit(f"Datasette did not start over {root}.")
            yield f"http://{HOST}:{PORT}"
        finally:
            server.terminate()


def chromium() -> str:
    """Path of a Chromium on this machine."""
    names = (os.environ.get("PRESSMARK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("No Chromium found: install one, or name it in PRESSMARK_CHROMIUM.")
    return found


def take(browser: Browser, address: str, path: str, width: int, height: int, file: Path) -> None:
    """One picture of a page, as seen without scrolling."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    path, _, link = path.partition(" >> ")
    page.goto(address + path)
    if link:
        page.locator("main h3 a", has_text=link).first.click()
    page.screenshot(path=file)
    page.close()
    size = file.stat().st_size
    print(f"{file}  {size // 1024} KB")
    if size > MOST_BYTES:
        raise SystemExit(f"{file} is larger than {MOST_BYTES:,} bytes.")


if __name__ == "__main__":
    main()
