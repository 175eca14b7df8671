"""Crawls a world of simulated news sites on loopback, and judges the crawl by the servers' logs.

    python bench/world.py [--sites 200] [--hours 30] [--seed 1] [--scale 0.7] [--grid 60] [--json FILE]
    python bench/world.py --judge FOLDER [the same options]

The sites are found from their bare addresses (as `sites add` does), then `crawl --due` is run again and again
by a simulated clock (tests/worlds). What is counted as an article to be found: tests/worlds/judge.py.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.worlds.judge import at_one_address, judge, offences, read_log, summary
from tests.worlds.rounds import ROOT, Options


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--hours", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=0.7)
    parser.add_argument("--grid", type=float, default=60.0)
    parser.add_argument("--after", type=float, default=26.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", help="where archive and log are kept; else they are thrown away")
    parser.add_argument("--judge", metavar="FOLDER", help="judge what an earlier run left there")
    parser.add_argument("--until", type=float, help="judge only what was published in so many hours")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pressmark-world-") as temporary:
        folder = Path(args.judge or args.folder or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        options = Options(
            folder=str(folder), sites=args.sites, hours=args.hours, seed=args.seed, scale=args.scale,
            grid=args.grid, after=args.after, processes=args.processes, told=str(folder / "told.json"),
        )  # fmt: skip
        if not args.judge:
            given = json.dumps({name: getattr(options, name) for name in options.__dataclass_fields__})
            subprocess.run([sys.executable, "-m", "tests.worlds.rounds", given], cwd=ROOT, check=True)  # noqa: S603
        report(options, folder, args.until or options.hours, args.json)


def report(options: Options, folder: Path, until: float, target: Path | None) -> None:
    sites, log = options.plan, read_log(folder / "log.jsonl")
    told: dict[str, Any] = json.loads((folder / "told.json").read_text())
    since = told["discovered_at"]
    verdict = judge(log, folder / "archive", sites, until, since)
    figures = summary(verdict, log, sites, since)
    figures |= {"rounds": told["rounds"], "real seconds": told["seconds"], "outcomes": told["outcomes"]}
    figures["sites without a source"] = [host for host, found in told["found"].items() if not found]
    if target:
        target.write_text(json.dumps(figures, indent=1))
    print("| kind of site | sites | articles | found | median delay, min | p95 | requests for each |")
    print("|---|---|---|---|---|---|---|")
    for name, kind in figures.pop("kinds").items():
        print(
            f"| {name} | {kind['sites']} | {kind['listed']} | {kind['share']:.1%}"
            f" | {kind['median delay, minutes']:.0f} | {kind['95th percentile, minutes']:.0f}"
            f" | {kind['requests for each found']:.1f} |"
        )
    print(json.dumps(figures, indent=1))
    examples = {
        "missed": verdict.missed, "twice": verdict.twice, "walls kept": verdict.walls_kept,
        "noise versions": verdict.noise_versions, "at one address": at_one_address(log, sites, since)[0],
        **offences(log, sites),
    }  # fmt: skip
    for name, said in examples.items():
        for sentence in said[:15]:
            print(f"{name}: {sentence}")


if __name__ == "__main__":
    main()
