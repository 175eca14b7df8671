"""Kills crawls and reloads at seeded random moments; is anything lost that had been kept?

    python bench/kills.py [--runs 200] [--seed 1] [--kind crawl|due|reload]

Each run is killed with SIGKILL at a random moment of its life, or ends at one of the points that
`archive/failpoints.py` names, after a random number of passes. Then the same command is given again, and must
end with exit code 0; the archive must be sound (`archive.check`), every record that had a row, and every
whole record that was on the disk, must have its row, articles and captures (of crawls also the queue of
addresses) must be those of an undisturbed run, and no page whose row was committed may be fetched again.
Exit code 1 when a run went wrong; its archive is left for a look. A part of it is a test
(tests/crawler/test_kills.py).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.killing import KINDS, SITE, Killing, Newsroom, Verdict, Zygote


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS)
    args = parser.parse_args()
    rng = random.Random(args.seed)  # noqa: S311 - moments, not secrets
    folder = Path(tempfile.mkdtemp(prefix="pressmark-kills-"))
    begun = time.monotonic()
    verdicts: list[Verdict] = []
    with Newsroom(more=[SITE]) as newsroom, Zygote() as zygote:
        killing = Killing(zygote, newsroom, folder)
        killing.prepare()
        print("undisturbed:", {kind: f"{killing.seconds[kind]:.2f} s" for kind in KINDS}, killing.passes)
        for number in range(args.runs):
            kind = args.kind or KINDS[number % len(KINDS)]
            verdicts.append(killing.kill(kind, rng))
            for sentence in verdicts[-1].wrong:
                print(f"run {number}, {kind} killed {verdicts[-1].how}: {sentence}", flush=True)
    report(verdicts, time.monotonic() - begun)
    wrong = sum(bool(verdict.wrong) for verdict in verdicts)
    if wrong:
        print(f"{wrong} runs went wrong; their archives are in {folder}")
    sys.exit(1 if wrong else 0)


def report(verdicts: list[Verdict], seconds: float) -> None:
    for kind in KINDS:
        of_kind = [verdict for verdict in verdicts if verdict.kind == kind]
        if not of_kind:
            continue
        how = Counter({-9: "by SIGKILL", 137: "at a failpoint"}.get(v.killed, "not in time") for v in of_kind)
        told = ", ".join(f"{count} {word}" for word, count in how.most_common())
        amid = sum(bool(verdict.acknowledged) for verdict in of_kind)
        print(
            f"{kind}: {len(of_kind)} runs killed ({told}); rows were committed before the kill in {amid},"
            f" {sum(v.acknowledged for v in of_kind)} records in all;"
            f" wrong: {sum(bool(v.wrong) for v in of_kind)}"
        )
    print(f"{seconds:.0f} s")


if __name__ == "__main__":
    main()
