"""CPU time of writing, reading and checking WARC files beside warcio's, and their size, in one process.

    python bench/warcs.py [PAGES.jsonl.gz …] [--limit N] [--rounds N] [--levels]

A file holds JSON Lines with `url` and `html`; without one, the pages of the test newsroom are read, which are
small. Each page is written twice as a server may send it: plain, and gzipped. `--levels` compares DEFLATE
libraries and levels instead (isal too where it is installed). fastwarc is read beside warcio where it is
installed. Milliseconds are the mean a page of the best round: quote ratios of one run.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from zlib_ng import zlib_ng

from archive import read_warc, records
from archive.members import compress
from archive.values import Capture, Exchange
from archive.verify import verify_files

NEWSROOM = Path(__file__).resolve().parents[1] / "tests/newsroom/pages"
WHEN = datetime(2026, 11, 25, tzinfo=UTC)


def best(work: Callable[[Any], object], given: Any, pages: int, rounds: int) -> float:
    """Milliseconds of CPU time a page in the best of `rounds` passes, after one that is not counted."""
    taken = []
    for _ in range(rounds + 1):
        start = time.process_time_ns()
        work(given)
        taken.append((time.process_time_ns() - start) / 1e6 / pages)
    return min(taken[1:])


# Writing --------------------------------------------------------------------------------------------


def exchanges(pages: Sequence[tuple[str, bytes]], *, packed: bool) -> list[Exchange]:
    plain = (
        (b"Date", b"Wed, 25 Nov 2026 16:22:44 GMT"),
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"Cache-Control", b"max-age=60, stale-while-revalidate=30"),
        (b"Vary", b"Accept-Encoding"),
        (b"Strict-Transport-Security", b"max-age=31536000; includeSubDomains"),
    )
    headers = (*plain, (b"Content-Encoding", b"gzip")) if packed else plain
    return [
        Exchange(
            url=url, status=200, reason="OK", response_headers=headers, ip_address="::1", fetched_at=WHEN,
            response_body=gzip.compress(body, 6, mtime=0) if packed else body,
        )
        for url, body in pages
    ]  # fmt: skip


def write_ours(sent: Sequence[Exchange]) -> bytes:
    out = io.BytesIO()
    for one in sent:
        out.write(compress(records.response(f"<{uuid.uuid4().urn}>", one.url, one).data))
    return out.getvalue()


def write_warcio(sent: Sequence[Exchange]) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    for one in sent:
        headers = [(name.decode(), value.decode()) for name, value in one.response_headers]
        head = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        body = io.BytesIO(one.response_body)
        fields = {"WARC-IP-Address": "::1"}
        writer.write_record(
            writer.create_warc_record(one.url, "response", body, http_headers=head, warc_headers_dict=fields)
        )
    return out.getvalue()


# Reading --------------------------------------------------------------------------------------------


def read_ours(data: bytes) -> int:
    found = list(read_warc(io.BytesIO(data), name="bench"))
    assert all(isinstance(one, Capture) for one in found)
    return len(found)


def read_warcio(data: bytes) -> int:
    return sum(len(record.content_stream().read()) > 0 for record in ArchiveIterator(io.BytesIO(data)))


def read_fastwarc(data: bytes) -> int:
    from fastwarc import ArchiveIterator as FastIterator

    return sum(len(record.reader.read()) > 0 for record in FastIterator(io.BytesIO(data), auto_decode="all"))


# Checking -------------------------------------------------------------------------------------------


def check_ours(path: Path) -> int:
    report = verify_files([path])
    assert report.sound, report.faults
    return report.records


def check_warcio(path: Path) -> int:
    checker = Checker(SimpleNamespace(inputs=[str(path)], verbose=False))
    checker.process_all()
    assert checker.exit_value == 0
    return 0


def fastwarc_reader() -> dict[str, Callable[[bytes], int]]:
    try:
        import fastwarc  # noqa: F401
    except ImportError:
        return {}
    return {"fastwarc": read_fastwarc}


# What is printed ------------------------------------------------------------------------------------


def compare(what: str, against: str, ways: dict[str, float], sizes: dict[str, float] | None = None) -> None:
    base = ways[against]
    for name, taken in ways.items():
        line = f"  {what:6} {name:10} {taken:7.2f} ms a page, {taken / base:5.2f} of {against}'s time"
        if sizes:
            line += f"; {sizes[name]:9,.0f} bytes a page, {sizes[name] / sizes[against]:.3f} of its size"
        print(line, flush=True)


def speeds(pages: Sequence[tuple[str, bytes]], rounds: int) -> None:
    count = len(pages)
    for packed in (False, True):
        sent = exchanges(pages, packed=packed)
        print("bodies sent gzipped:" if packed else "bodies sent plain:")
        writers = {"pressmark": write_ours, "warcio": write_warcio}
        files = {name: write(sent) for name, write in writers.items()}
        compare(
            "write",
            "warcio",
            {name: best(write, sent, count, rounds) for name, write in writers.items()},
            {name: len(data) / count for name, data in files.items()},
        )
        readers = {"pressmark": read_ours, "warcio": read_warcio} | fastwarc_reader()
        data = files["warcio"]  # the same file for all
        assert all(read(data) == count for read in readers.values())
        compare(
            "read",
            "warcio",
            {name: best(read, data, count, rounds) for name, read in readers.items()},
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "pages.warc.gz")
            path.write_bytes(data)
            checkers: dict[str, Callable[[Path], int]] = {"pressmark": check_ours, "warcio": check_warcio}
            compare(
                "check",
                "warcio",
                {name: best(check, path, count, rounds) for name, check in checkers.items()},
            )


def each(work: Callable[..., bytes], *more: int) -> Callable[[Sequence[bytes]], object]:
    return lambda items: [work(item, *more) for item in items]


def deflater(library: Any, level: int, **options: Any) -> Callable[[bytes], bytes]:
    def deflate(record: bytes) -> bytes:
        made = library.compressobj(level, zlib.DEFLATED, 31, **options)
        packed: bytes = made.compress(record) + made.flush()
        return packed

    return deflate


def levels(pages: Sequence[tuple[str, bytes]], rounds: int) -> None:
    ways = {f"zlib {level}": deflater(zlib, level) for level in (1, 6, 9)}
    libraries: dict[str, Any] = {"zlib": zlib, "zlib-ng": zlib_ng}
    try:
        from isal import isal_zlib
    except ImportError:
        print("isal is not installed: left out")
    else:
        ways |= {f"isal {level}": deflater(isal_zlib, level) for level in range(4)}
        libraries["isal"] = isal_zlib
    ways |= {f"zlib-ng {level}": deflater(zlib_ng, level) for level in range(1, 10)}
    ways["ours"] = compress
    for packed in (False, True):
        sent = exchanges(pages, packed=packed)
        data = [records.response("<urn:uuid:0>", one.url, one).data for one in sent]
        took = {n: best(each(way), data, len(data), rounds) for n, way in ways.items()}
        size = {name: sum(len(way(one)) for one in data) / len(data) for name, way in ways.items()}
        print("bodies sent gzipped:" if packed else "bodies sent plain:")
        print("| DEFLATE | time, of level 9's | bytes a page | size, of level 9's |\n|---|---|---|---|")
        for name in ways:
            of = took[name] / took["zlib 9"], size[name] / size["zlib 9"]
            print(f"| {name} | {of[0]:.2f} | {size[name]:,.0f} | {of[1]:.3f} |", flush=True)
        members = [compress(one) for one in data]
        inflate = {
            name: best(each(library.decompress, 31), members, len(members), rounds)
            for name, library in libraries.items()
        }
        compare("inflate", "zlib", inflate)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--levels", action="store_true")
    args = parser.parse_args()
    pages: list[tuple[str, bytes]] = []
    for file in args.files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line, _ in zip(lines, range(args.limit), strict=False)]
        pages += [(row["url"] or "https://press.example/", row["html"].encode()) for row in rows]
    if not args.files:
        pages = [
            (f"https://press.example/{path.parent.name}", path.read_bytes())
            for path in sorted(NEWSROOM.glob("*/page.html"))
        ]
        pages *= 1 + 400 // len(pages)  # opening a file takes a millisecond, whatever is in it
    mean = sum(len(body) for _, body in pages) / len(pages)
    print(f"{len(pages)} pages of {mean:,.0f} bytes on average, best of {args.rounds} rounds, CPU time")
    (levels if args.levels else speeds)(pages, args.rounds)


if __name__ == "__main__":
    main()
