"""Each form of request and answer: what stands in the records is what went over a socket, byte for byte.

The log is the server's own: bytes received, bytes sent. The only change is the one that docs/warc.md states:
the transfer coding is undone, in the body and in the head.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from archive import check
from archive.store import MIN_REVISIT_BYTES
from tests.archive import sample
from tests.crawler.crawling import QUICK, Crawled, crawl, python
from tests.crawler.records import Record, of_path, raw_records
from tests.newsroom import Newsroom, answer
from tests.newsroom.server import Served
from tests.newsroom.trouble import article
from tests.newsroom.wire import INTERIM, QUERIES, WIRE

MAX_BODY = 100_000
PATHS = [path for path in (*WIRE, *INTERIM) if path != "/query"]
ASKED = [*PATHS, *("/query" + asked for asked, _, _ in QUERIES)]
#: How a path goes over the wire, and how WARC-Target-URI has it.
ON_THE_WIRE = {path: (path, path) for path in PATHS} | {
    "/query" + asked: ("/query" + sent, "/query" + uri) for asked, sent, uri in QUERIES
}
#: Asked for again, since the server hung up or said that it was too busy.
TRIED_AGAIN = {"/503", "/cut/disconnect", "/cut/chunk", "/cut/bad-chunk"}


@dataclass
class Wired:
    newsroom: Newsroom
    archive: Path
    crawled: Crawled
    records: list[Record]

    def served(self, path: str) -> list[Served]:
        """What the server logged for a path, as it was asked for over the wire."""
        return self.newsroom.asked("wire", ON_THE_WIRE[path][0])

    def kept(self, path: str, kind: str) -> list[Record]:
        url = self.newsroom.origin("wire") + ON_THE_WIRE[path][1]
        return [record for record in self.records if record.kind == kind and record.url == url]


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    archive = tmp_path_factory.mktemp("wire") / "archive"
    with Newsroom(more=["wire"]) as newsroom:
        newsroom.resources["wire"] |= WIRE | INTERIM
        urls = [newsroom.origin("wire") + path for path in ASKED]
        settings = {"DOWNLOAD_TIMEOUT": 2, "DOWNLOAD_MAXSIZE": MAX_BODY, "RETRY_TIMES": 1}
        crawled = crawl(archive, urls=urls, settings=settings)
        assert not crawled.error, crawled.error + crawled.log
        yield Wired(newsroom, archive, crawled, raw_records(archive))


def final_answer(sent: bytes) -> tuple[bytes, bytes]:
    """Head (its blank line included) and the rest of the answer that is one, 1xx passed over."""
    while True:
        end = re.search(rb"\r?\n\r?\n", sent)
        assert end is not None
        head, sent = sent[: end.end()], sent[end.end() :]
        if not head.startswith(b"HTTP/1.1 1"):
            return head, sent


def without_chunks(framed: bytes) -> bytes:
    """A body out of its chunks, as far as they go; trailers are left out."""
    body = b""
    while match := re.match(rb"([0-9a-f]+)\r\n", framed):
        size, framed = int(match[1], 16), framed[match.end() :]
        body, framed = body + framed[:size], framed[size + 2 :]
        if not size:
            break
    return body


def to_be_kept(sent: bytes) -> bytes:
    """What docs/warc.md says the block of an answer is."""
    head, body = final_answer(sent)
    if not re.search(rb"(?im)^transfer-encoding:", head):
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        return head + (body[: int(length[1])] if length else body)
    body = without_chunks(body)
    head = re.sub(rb"(?im)^content-length:.*\r\n", b"", head)
    return re.sub(rb"(?im)^transfer-encoding:.*\r\n", b"Content-Length: %d\r\n" % len(body), head) + body


@pytest.mark.parametrize("path", [path for path in ASKED if path not in ("/cut/length", "/cut/time")])
def test_every_answer_is_kept_as_it_was_sent(wired: Wired, path: str) -> None:
    sent = [to_be_kept(bytes(served.sent)) for served in wired.served(path)]
    kept = wired.kept(path, "response")
    assert [record.block for record in kept] == sent
    assert len(sent) == 2 if path in TRIED_AGAIN else 1


@pytest.mark.parametrize("path", ASKED)
def test_every_request_is_kept_as_it_was_received(wired: Wired, path: str) -> None:
    received = [served.request for served in wired.served(path)]
    assert [record.block for record in wired.kept(path, "request")] == received
    assert received


@pytest.mark.parametrize(("path", "word"), [("/cut/length", "length"), ("/cut/time", "time")])
def test_a_body_that_is_cut_is_kept_up_to_there(wired: Wired, path: str, word: str) -> None:
    (served,) = wired.served(path)
    (record,) = wired.kept(path, "response")
    assert bytes(served.sent).startswith(record.block)
    assert record.fields["WARC-Truncated"] == word
    assert len(record.block) > MAX_BODY if word == "length" else record.block == bytes(served.sent)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_cut_and_only_that_is_marked(wired: Wired, path: str) -> None:
    words = {"/cut/length": {"length"}, "/cut/time": {"time"}, "/cut/short-length": {None}}
    expected = words.get(path, {"disconnect"} if path.startswith("/cut/") else {None})
    assert {record.fields.get("WARC-Truncated") for record in wired.kept(path, "response")} == expected
    cut = sample.rows(
        wired.archive,
        """select truncated from captures where url like ?1 union select truncated from exchanges
           where url like ?1""",
        "%" + path,
    )
    assert {word for (word,) in cut} == expected


def test_each_answer_that_is_a_page_is_read_whatever_its_form(wired: Wired) -> None:
    """Of all but errors, empty answers and redirects an article was made."""
    here = wired.newsroom.origin("wire")
    none = {"/204", "/empty", "/304", "/404", "/410", "/503", "/302", "/301/empty"}
    outcomes = {name.removeprefix(here): outcome for name, outcome, _ in wired.crawled.summary["pages"]}
    assert {path for path in PATHS if outcomes.get(path) != "new"} == none


def test_every_file_and_row_is_sound(wired: Wired) -> None:
    assert check(wired.archive) == []
    sample.warcio_check(*sample.warcs(wired.archive))


def test_answers_before_the_final_one_are_not_kept(wired: Wired) -> None:
    assert not [record for record in wired.records if record.block.startswith(b"HTTP/1.1 1")]


# What a spider of one's own may ask -------------------------------------------------------------------

SPIDER = """
import json, sys
from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from crawler import settings as project
from crawler.pages import PageSpider

class Asker(PageSpider):
    name = "asker"
    async def start(self):
        for asked in json.loads(sys.argv[2]):
            page = self.page_request(sys.argv[1] + asked.pop("path"))
            yield page.replace(**asked)

settings = Settings()
settings.setmodule(project, priority="project")
settings.setdict(json.loads(sys.argv[3]), priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(Asker)
process.start()
"""


def test_method_body_and_headers_of_a_request_are_kept(newsroom: Newsroom, tmp_path: Path) -> None:
    here = newsroom.origin("trouble")
    newsroom.resources["trouble"] |= {
        "/form": answer(body=article("Form")),
        "/head": lambda wire: b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: "v1"\r\n\r\n',
    }
    asked = [
        {"path": "/form?page=2", "method": "POST", "body": "q=caf\u00e9&\r\n\r\nrest",
         "headers": {"Content-Type": "application/x-www-form-urlencoded", "X-Empty": "", "x-odd-CASE": "y"}},
        {"path": "/form", "method": "PUT", "body": "x" * 70_000},
        {"path": "/form?empty", "method": "POST"},
        {"path": "/head", "method": "HEAD"},
    ]  # fmt: skip
    settings = {**QUICK, "PRESSMARK_ARCHIVE": str(tmp_path / "archive"), "PRESSMARK_ALLOW_PRIVATE": True,
                "PRESSMARK_PROCESSES": 1, "LOG_LEVEL": "ERROR", "RETRY_TIMES": 0}  # fmt: skip
    run = python("-c", SPIDER, here, json.dumps(asked), json.dumps(settings))
    assert run.returncode == 0, run.stderr
    records = raw_records(tmp_path / "archive")
    for path in ("/form?page=2", "/form", "/form?empty", "/head"):
        (served,) = newsroom.asked("trouble", path)
        (request,) = of_path(records, path, "request")
        assert request.block == served.request
        (record,) = [r for r in records if r.path == path and r.kind in ("response", "revisit")]
        assert (
            record.block == bytes(served.sent)
            if record.kind == "response"
            else record.block == served.head + b"\r\n\r\n"
        )
    assert b"\r\n\r\nq=caf\xc3\xa9&\r\n\r\nrest" in newsroom.asked("trouble", "/form?page=2")[0].request
    (head,) = of_path(records, "/head")
    assert "WARC-Truncated" not in head.fields
    assert check(tmp_path / "archive") == []
    sample.warcio_check(*sample.warcs(tmp_path / "archive"))


# TLS --------------------------------------------------------------------------------------------------


def context(
    folder: Path, version: ssl.TLSVersion, ciphers: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that it signed itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "newsroom.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{version.name}-{type(key).__name__}.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = made.maximum_version = version
    if ciphers:
        made.set_ciphers(ciphers)
    made.load_cert_chain(pem)
    return made


#: What each site offers, and what is to be kept of it: protocol and suite under the names of IIPC and IANA.
TLS = {
    "modern": (ssl.TLSVersion.TLSv1_3, "", "tls/1.3", r"TLS_(AES|CHACHA20)_\w+_SHA(256|384)"),
    "older": (
        ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-GCM-SHA384",
        "tls/1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    "curve": (
        ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305",
        "tls/1.2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, list[Record]]]:
    folder = tmp_path_factory.mktemp("tls")
    rsa_key = rsa.generate_private_key(65537, 2048)
    curve_key = ec.generate_private_key(ec.SECP256R1())
    contexts = {
        site: context(folder, version, ciphers, curve_key if site == "curve" else rsa_key)
        for site, (version, ciphers, _, _) in TLS.items()
    }
    with Newsroom(tls=contexts) as newsroom:
        for site in TLS:
            newsroom.resources[site]["/page"] = answer(body=article(site))
            newsroom.resources[site]["/empty"] = answer(404, reason="Not Found")
        urls = [newsroom.origin(site) + path for site in TLS for path in ("/page", "/empty")]
        urls.append(newsroom.origin("trouble") + "/plain")
        crawled = crawl(folder / "archive", urls=urls)
        assert not crawled.error, crawled.error + crawled.log
        assert check(folder / "archive") == []
        sample.warcio_check(*sample.warcs(folder / "archive"))
        yield newsroom, raw_records(folder / "archive")


@pytest.mark.parametrize("path", ["/page", "/empty"])
@pytest.mark.parametrize("site", TLS)
def test_what_was_sent_encrypted_is_kept_in_the_open_with_what_was_agreed_on(
    encrypted: tuple[Newsroom, list[Record]], site: str, path: str
) -> None:
    newsroom, records = encrypted
    (served,) = newsroom.asked(site, path)
    _, _, protocol, suite = TLS[site]
    for kind, block in (("request", served.request), ("response", bytes(served.sent))):
        (record,) = [r for r in records if r.url == newsroom.origin(site) + path and r.kind == kind]
        assert record.block == block
        assert record.protocols == ["http/1.1", protocol]
        assert re.fullmatch(suite, record.fields["WARC-Cipher-Suite"])


def test_nothing_is_said_of_tls_where_there_was_none(encrypted: tuple[Newsroom, list[Record]]) -> None:
    newsroom, records = encrypted
    in_the_open = [record for record in records if record.url.startswith(newsroom.origin("trouble"))]
    assert in_the_open
    assert not [record for record in in_the_open if record.protocols or "WARC-Cipher-Suite" in record.fields]


def test_the_small_answers_here_are_too_small_to_be_revisits() -> None:
    """Else the comparison of responses would miss some."""
    assert len(b"<h1>Later</h1>") < MIN_REVISIT_BYTES
