"""Content management systems as their users use them: posts in, a site out, served on loopback.

Each writes its own templates, feeds, sitemap, archives, categories and pages of pages; ours are the posts.
"""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from tests.judges import judge


@dataclass
class Post:
    """One post, as its author gives it to the system."""

    slug: str
    title: str
    date: datetime
    category: str
    paragraphs: list[str]


class _Handler(http.server.SimpleHTTPRequestHandler):
    log: list[str]

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def send_response(self, code: int, message: str | None = None) -> None:
        self.server.paths.append((self.path, int(code)))  # type: ignore[attr-defined]
        super().send_response(code, message)


@dataclass
class System:
    """One system: `publish` builds the site of `posts` anew; while entered, it is served at `origin`."""

    folder: Path
    posts: list[Post] = field(default_factory=list)
    #: Paths that were asked for, with the status of the answer.
    paths: list[tuple[str, int]] = field(default_factory=list)

    def __enter__(self) -> System:
        self.output.mkdir(parents=True, exist_ok=True)
        handler = partial(_Handler, directory=str(self.output))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.paths = self.paths  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def publish(self) -> None:
        raise NotImplementedError

    def address(self, post: Post) -> str:
        raise NotImplementedError

    def _run(self, *command: str, codes: tuple[int, ...] = (0,)) -> None:
        environment = {
            **os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "PATH": f"{Path(judge(command[0])).parent}{os.pathsep}{os.environ['PATH']}",
        }  # fmt: skip
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            [judge(command[0]), *command[1:]], cwd=self.folder, env=environment, capture_output=True,
            text=True, check=False, timeout=180,
        )  # fmt: skip
        assert done.returncode in codes, done.stdout[-2000:] + done.stderr[-2000:]


class Pelican(System):
    """Pelican with the theme it comes with: Atom feeds, categories, tags, archives, pages of five posts."""

    def publish(self) -> None:
        content = self.folder / "content"
        shutil.rmtree(content, ignore_errors=True)
        content.mkdir(parents=True)
        for post in self.posts:
            head = f"Title: {post.title}\nDate: {post.date:%Y-%m-%d %H:%M}\nCategory: {post.category}\n"
            head += f"Slug: {post.slug}\nAuthor: Ines Halloway\nTags: harbour, {post.category}\n\n"
            (content / f"{post.slug}.md").write_text(head + "\n\n".join(post.paragraphs) + "\n")
        (self.folder / "pelicanconf.py").write_text(
            f"SITENAME = 'The Pelican Post'\nSITEURL = {self.origin!r}\nPATH = 'content'\nTIMEZONE = 'UTC'\n"
            "FEED_ALL_ATOM = 'feeds/all.atom.xml'\nFEED_DOMAIN = SITEURL\nFEED_MAX_ITEMS = 5\n"
            "DEFAULT_PAGINATION = 5\nDELETE_OUTPUT_DIRECTORY = True\nRELATIVE_URLS = False\n"
            "SOCIAL = (('mastodon', 'https://social.example/@pelicanpost'),)\n"
        )
        self._run("pelican", "content", "-o", "output", "-s", "pelicanconf.py")

    def address(self, post: Post) -> str:
        return f"{self.origin}/{post.slug}.html"


class Nikola(System):
    """Nikola with its own theme: RSS, sitemap index, robots.txt, categories, pages of five posts."""

    def publish(self) -> None:
        if not (self.folder / "conf.py").exists():
            made = self.folder / "made"
            self.folder.mkdir(parents=True, exist_ok=True)
            self._run("nikola", "init", "--quiet", "made")
            for path in made.iterdir():
                shutil.move(path, self.folder / path.name)
            conf = self.folder / "conf.py"
            conf.write_text(
                conf.read_text() + f"\nSITE_URL = {self.origin + '/'!r}\nBLOG_TITLE = 'The Nikola Courier'\n"
                "BLOG_AUTHOR = 'Ines Halloway'\nINDEX_DISPLAY_POST_COUNT = 5\nFEED_LENGTH = 5\n"
                "TIMEZONE = 'UTC'\nPOSTS = (('posts/*.md', 'posts', 'post.tmpl'),)\n"
                "INDEX_TEASERS = True\nFEED_TEASERS = True\nGENERATE_ATOM = True\n"
            )
        posts = self.folder / "posts"
        shutil.rmtree(posts, ignore_errors=True)
        posts.mkdir()
        for post in self.posts:
            head = f"<!--\n.. title: {post.title}\n.. slug: {post.slug}\n"
            head += f".. date: {post.date:%Y-%m-%d %H:%M} UTC\n"
            head += f".. category: {post.category}\n.. tags: harbour\n-->\n\n"
            first, *rest = post.paragraphs
            body = "\n\n".join([first, "<!-- TEASER_END -->", *rest])
            (posts / f"{post.slug}.md").write_text(head + body + "\n")
        self._run("nikola", "build")
        self._run("nikola", "check", "--clean-files", codes=(0, 1))  # 1: some were removed

    def address(self, post: Post) -> str:
        return f"{self.origin}/posts/{post.slug}/"
