"""`pressmark sites` in the terminal and for monitors; alarms told once, to everybody who wants to know."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from archive import Archive
from archive.agenda import Source, SourceNote
from archive.health import Finding, Health, Report, Told, changes
from crawler import alarms
from crawler.alarms import ChannelFailed, channels_of, message, post, report_row, run, tell
from crawler.commands.console import out
from crawler.commands.health import bars
from crawler.commands.plain import now
from crawler.commands.top import cli
from crawler.commands.watch import alarm_lines
from crawler.errors import AddressRefused, HostResting, RobotsForbids, RobotsRefused, SitesError
from crawler.failures import failure_of
from crawler.sites import Alarm, Sites, read_sites
from tests.archive.sample import change_rows
from tests.crawler.test_schedule_commands import run as pressmark
from tests.newsroom import Newsroom, answer

SITE = '[[site]]\nname = "Press"\nurl = "https://press.example/"\nfeeds = ["https://press.example/feed"]\n'
DAY = 86400.0


def open_archive(root: Path) -> Archive:
    return Archive.open(root, software="test", clock=now)


def feed(**fields: Any) -> SourceNote:
    at = now().timestamp()
    defaults: dict[str, Any] = {
        "kind": "feed", "name": "Press", "found_at": at - 3 * DAY, "due_at": at + 600, "checked_at": at - 60,
        "status": 200,
    }  # fmt: skip
    return SourceNote(source=Source(url="https://press.example/feed", **(defaults | fields)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of one site, and an archive in which its only source has been failing for days."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites.toml").write_text(SITE, encoding="utf-8")
    with open_archive(tmp_path / "news-archive") as archive:
        archive.note(feed(status=503, failures=5))
    return tmp_path


def recover() -> None:
    """The source answers again, and is taken for a new one."""
    later = now().isoformat()
    change_rows(Path("news-archive"), "update feeds set failures = 0, status = 200, found_at = ?", later)


def invoke(*words: str, width: int = 120) -> Result:
    # Consoles ask for their width when they are made: by another test's import, it may be.
    before, out.width = out.width, width
    try:
        return CliRunner().invoke(cli, ["sites", *words], env={"COLUMNS": str(width)})
    finally:
        out.width = before


# The command ------------------------------------------------------------------------------------------


def test_an_alarm_is_shown_and_is_the_exit_code(folder: Path) -> None:
    done = invoke()
    assert done.exit_code == 1
    assert "✗ ALARM" in done.output
    assert "Press: its only source fails (HTTP 503), the last good answer came 3 days ago" in done.output
    recover()
    assert invoke().exit_code == 0


@pytest.mark.parametrize("width", [40, 60])
def test_where_a_table_would_break_words_a_site_has_lines(folder: Path, width: int) -> None:
    assert "│" in invoke(width=120).output
    lines = invoke(width=width).output.splitlines()
    assert lines[0] == "✗ ALARM  Press"
    assert "next look in 10 minutes" in " ".join(" ".join(lines).split())
    assert not any("│" in line or len(line) > width for line in lines)


def test_one_site_is_shown_with_its_sources_and_the_next_look(folder: Path) -> None:
    output = invoke("press").output
    assert "feed https://press.example/feed" in output
    assert "HTTP 503, failure 5 in a row" in output
    assert "next look in 10 minutes" in output


def test_monitors_get_json_with_stable_names(folder: Path) -> None:
    done = invoke("--json")
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert set(told) == {"at", "level", "findings", "sites"}
    (site,) = told["sites"]
    assert set(site) == {
        "name", "url", "state", "findings", "last_new_at", "rhythm", "week", "articles", "failures",
        "pages_judged",
        "walls_share", "empty_share", "next_look_at", "next_look_reason", "hosts", "sources",
    }  # fmt: skip
    (finding,) = site["findings"]
    assert (finding["finding"], finding["level"], told["level"]) == ("sources_failing", "alarm", "alarm")
    assert finding["since"].endswith("+00:00")
    named = json.loads(invoke("Press", "--json").output)
    assert named["sites"][0]["not_articles"] == []


def test_it_reads_beside_a_crawl_that_holds_the_lock(folder: Path) -> None:
    with open_archive(folder / "news-archive"):
        assert invoke().exit_code == 1


def test_sites_that_were_never_crawled_are_listed_without_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites.toml").write_text(SITE, encoding="utf-8")
    done = invoke()
    assert done.exit_code == 0
    assert "never looked at" in done.output
    assert not (tmp_path / "news-archive").exists()


def test_an_archive_is_shown_without_a_list_of_sites(folder: Path) -> None:
    (folder / "sites.toml").unlink()
    assert "not listed" in invoke().output


def test_a_site_that_nobody_knows_is_wrong_usage(folder: Path) -> None:
    done = CliRunner().invoke(cli, ["sites", "nobody"])
    assert isinstance(done.exception, SitesError)


def test_the_other_commands_of_the_group_are_still_there(folder: Path) -> None:
    assert json.loads(invoke("list", "--json").output)[0]["name"] == "Press"
    assert "Find a site's sources" in invoke("add", "--help").output
    assert "health" in invoke("--help").output


def test_a_name_cannot_drive_the_terminal(folder: Path) -> None:
    (folder / "sites.toml").write_text(SITE.replace('"Press"', '"Pr\\u001b[2Jess\\u202e"'), encoding="utf-8")
    output = invoke().output
    assert "\x1b[2J" not in output
    assert "\u202e" not in output


def test_bars_show_a_week() -> None:
    assert bars((0, 1, 2, 4, 8, 8, 0)) == "·▁▂▄██·"
    assert bars((0,) * 7) == "·······"


# Channels ---------------------------------------------------------------------------------------------


class Hook(HTTPServer):
    """A webhook on loopback: answers with `status`, remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.status = 200
        self.told: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/secret-token"


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Hook)
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            self.server.told.append(told)
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def told(sites: Sites) -> alarms.Telling:
    root = Path("news-archive")
    return tell(root, sites, now().timestamp(), lambda: open_archive(root))


def sites_with(folder: Path, alarm: str) -> Sites:
    (folder / "sites.toml").write_text(f"[alarm]\n{alarm}\n\n{SITE}", encoding="utf-8")
    return read_sites(folder / "sites.toml")


def test_an_alarm_is_told_once_and_its_end_once(folder: Path, hook: Hook) -> None:
    sites = sites_with(folder, f'webhook = "{hook.url}"')
    first, second = told(sites), told(sites)
    assert [one.what for one in first.new] == ["sources_failing"]
    assert (second.new, second.ended, second.standing) == ((), (), 1)
    recover()
    assert [one.what for one in told(sites).ended] == ["sources_failing"]
    begun, ended = hook.told
    assert [one["finding"] for one in begun["new"]] == ["sources_failing"]
    assert begun["new"][0]["site"] == "Press"
    assert "alarm: Press: its only source fails" in begun["text"]
    assert [one["finding"] for one in ended["ended"]] == ["sources_failing"]
    assert not ended["new"]


def test_a_webhook_that_fails_is_tried_again_and_the_others_are_not_told_twice(
    folder: Path, hook: Hook
) -> None:
    sites = sites_with(folder, f'webhook = "{hook.url}"')
    hook.status = 500
    first = told(sites)
    (problem,) = first.problems
    assert "answered HTTP 500" in problem
    assert "secret-token" not in problem
    assert len(first.new) == 1
    hook.status = 200
    second = told(sites)
    assert (second.problems, second.new) == ((), ())
    assert len(hook.told) == 1


def test_a_webhook_is_not_followed_elsewhere(hook: Hook) -> None:
    hook.status = 302
    with pytest.raises(ChannelFailed, match="answered HTTP 302"):
        post(hook.url, {})
    assert hook.told == []


def test_a_webhook_that_nobody_answers_is_told_without_its_address(hook: Hook) -> None:
    hook.server_close()
    with pytest.raises(ChannelFailed) as failed:
        post(hook.url, {})
    assert "127.0.0.1 could not be reached" in str(failed.value)
    assert "secret-token" not in str(failed.value)


def writer(path: Path) -> str:
    program = f"import sys; open({str(path)!r}, 'a').write(sys.stdin.read())"
    return json.dumps([sys.executable, "-c", program, "$(touch shell) ; *"])


def test_programs_get_json_or_text_and_no_shell(folder: Path) -> None:
    sites = sites_with(
        folder, f"command = {writer(folder / 'json')}\nmail_command = {writer(folder / 'text')}"
    )  # fmt: skip
    assert not told(sites).problems
    assert json.loads((folder / "json").read_text())["new"][0]["level"] == "alarm"
    assert (folder / "text").read_text().splitlines()[1].startswith("alarm: Press: ")
    assert not (folder / "shell").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("/no/such/program",), "could not be started"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "exit code 3"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "did not end within"),
    ],
)
def test_a_program_that_fails_is_a_sentence(
    words: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "PROGRAM_SECONDS", 0.5)
    with pytest.raises(ChannelFailed, match=reason):
        run("command", words, "{}")


def test_a_program_need_not_read_what_it_is_given() -> None:
    run("command", (sys.executable, "-c", "pass"), "x" * 10_000_000)


def test_names_and_reasons_cannot_smuggle_lines_into_a_mail(tmp_path: Path) -> None:
    one = Told(site="A\nalarm: B", what="silent", level="alarm", sentence="x\r\ny\x1b")
    text = message(tmp_path, 0.0, [one], [])["text"]
    assert len(text.splitlines()) == 2
    assert "\x1b" not in text


def test_alarms_beyond_fifty_are_counted(tmp_path: Path) -> None:
    many = [Told(site=f"Site {n}", what="silent", level="alarm") for n in range(60)]
    told = message(tmp_path, 0.0, many, [])
    assert len(told["new"]) == 50
    assert told["text"].endswith("and 10 more\n")


def test_what_gets_worse_is_told_again_and_what_gets_better_has_not_ended() -> None:
    def report(level: Any) -> Report:
        return Report(at=0.0, findings=(Finding(what="disk", level=level, sentence="full"),))

    notice, alarm = (Told(site="", what="disk", level=level) for level in ("notice", "alarm"))
    assert [one.level for one in changes(report("alarm"), "notice", [notice])[0]] == ["alarm"]
    assert changes(report("notice"), "alarm", [alarm]) == ([], [])
    assert changes(report("alarm"), "alarm", [alarm]) == ([], [])


def test_the_trial_reaches_every_channel(folder: Path, hook: Hook) -> None:
    sites_with(folder, f'webhook = "{hook.url}"\ncommand = ["/no/such/program"]')
    done = invoke("--alarm-test")
    assert done.exit_code == 1
    assert "told: webhook" in done.output
    assert hook.told[0]["new"][0]["finding"] == "trial"
    (folder / "sites.toml").write_text(SITE, encoding="utf-8")
    assert invoke("--alarm-test").exit_code == 2


@pytest.mark.parametrize(
    ("alarm", "words"),
    [
        ('webhook = "ftp://hooks.example/"', "no http or https"),
        ('command = "mail desk"', "list of arguments"),
        ('level = "loud"', '"alarm" or "notice"'),
        ('email = "x"', "unknown key `email`"),
    ],
)
def test_a_slip_in_alarm_names_its_line(folder: Path, alarm: str, words: str) -> None:
    with pytest.raises(SitesError, match=words) as error:
        sites_with(folder, alarm)
    assert error.value.line == 2


def test_without_alarm_nobody_is_told_but_the_terminal() -> None:
    assert channels_of(Alarm()) == {}


# Crawls -----------------------------------------------------------------------------------------------


def test_a_crawl_tells_what_yields_nothing_and_goes_on(newsroom: Newsroom, tmp_path: Path) -> None:
    """Two sites, one of which has no server any more."""
    newsroom.robots["fieldpost"] = answer(404)
    toml = newsroom.sites_toml("fieldpost")
    (tmp_path / "sites.toml").write_text(
        f'{toml}\n[[site]]\nname = "Gone"\nurl = "http://localhost:1/"\nfeeds = ["http://localhost:1/feed"]\n'
    )
    first = pressmark("crawl", "--allow-private", "--json", cwd=tmp_path)
    told = json.loads(first.stdout)["alarms"]["new"]
    assert first.returncode == 1
    assert ("Gone", "sources_failing", "notice") in [
        (one["site"], one["finding"], one["level"]) for one in told
    ]
    assert "Gone: its only source has not answered yet (no answer)" in first.stderr
    again = pressmark("crawl", "--allow-private", "--json", cwd=tmp_path)
    assert "Gone" not in [one["site"] for one in json.loads(again.stdout)["alarms"]["new"]]
    health = json.loads(pressmark("sites", "--json", cwd=tmp_path).stdout)
    gone = next(site for site in health["sites"] if site["name"] == "Gone")
    assert sum(gone["failures"].values()) >= 1


def test_watch_prints_what_a_round_told() -> None:
    alarm = {"site": "Press", "finding": "silent", "level": "alarm", "sentence": "nothing new for 5 days"}
    summary = {"alarms": {"new": [alarm], "ended": [{**alarm, "site": None}], "problems": ["no webhook"]}}
    assert alarm_lines(summary) == [
        "    alarm: Press: nothing new for 5 days", "    ended: the archive: silent", "    no webhook",
    ]  # fmt: skip
    assert alarm_lines(None) == alarm_lines({}) == []


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (CannotResolveHostError("no host"), "dns"),
        (DownloadConnectionRefusedError("refused"), "connection_refused"),
        (DownloadTimeoutError("slow"), "timeout"),
        (DownloadFailedError("[<twisted.python.failure.Failure OpenSSL.SSL.Error: certificate>]"), "tls"),
        (DownloadFailedError("connection lost"), "broken_off"),
        (RobotsForbids("https://a.example/"), "robots_forbids"),
        (RobotsRefused("https://a.example/", "no answer"), "robots_unreadable"),
        (AddressRefused("a.example", "10.0.0.1", "private"), "private_address"),
        (HostResting("https://a.example/", "a.example", 9), None),
        (ValueError("what"), "other"),
        (None, "other"),
    ],
)
def test_failures_have_a_class(error: BaseException | None, failure: str | None) -> None:
    assert failure_of(error) == failure


def test_a_robots_txt_without_an_answer_has_the_class_of_that() -> None:
    error = RobotsRefused("https://a.example/", "no answer")
    error.__cause__ = CannotResolveHostError("no host")
    assert failure_of(error) == "dns"
    error.__cause__ = ValueError("HTTP 500")
    assert failure_of(error) == "robots_unreadable"


def test_every_time_in_a_report_is_told_as_iso_8601(folder: Path) -> None:
    at = 1795185462
    health = Health(name="Press", url="", state="well", last_new_at=at, next_look_at=at + 0.5)
    (site,) = report_row(Report(at=1795185462, sites=(health,)))["sites"]
    assert site["last_new_at"] == site["next_look_at"] == "2026-11-20T14:37:42+00:00"
