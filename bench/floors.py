"""Set the floors of the quality gates (tests/floors.json): what is reached now, less a little.

    python bench/floors.py            print the figures beside the floors
    python bench/floors.py --write    and set the floors anew, with the digests of the corpora

Needs the development pages (PRESSMARK_BENCH, else ../shared/bench). Never lower a floor to get a change
through without saying in the commit what got better for it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import gate

#: A floor stands so far below what is reached: some pages may change sides, not many. What is counted by
#: whole pages is coarser: one page of 25 is .04.
MARGIN = {
    "article recall": 0.0,
    "article precision": 0.03,
    "kind": 0.03,
    "form": 0.03,
    "access": 0.03,
    "f1": 0.008,
    "segments": 0.01,
    "nothing lost": 0.0,
}
COARSE = 0.041


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    old = json.loads(gate.FLOORS.read_text()) if gate.FLOORS.exists() else {"gold": {}, "bench": {}}
    new: dict[str, dict[str, object]] = {
        "gold": {"digest": gate.gold_digest()},
        "bench": {"digest": gate.bench_digest()},
        "kinds": {"digest": gate.kinds_digest()},
    }
    new["kinds"]["examples"] = floors(
        "kinds", gate.kind_figures(gate.example_rows()), old.get("kinds", {}).get("examples", {})
    )
    for name, form in (("html", "html"), ("text", "text")):
        new["gold"][name] = floors(
            f"gold {name}", gate.figures(gate.gold_pages(form), form), old["gold"].get(name, {})
        )  # type: ignore[arg-type]
    for name, (_, style, _) in gate.SAMPLES.items():
        reached = gate.figures(gate.bench_pages(name), "html" if style == "html" else "text")
        new["bench"][name] = floors(name, reached, old["bench"].get(name, {}))
    if args.write:
        gate.FLOORS.write_text(json.dumps(new, indent=1) + "\n")


def floors(name: str, reached: gate.Figures, before: gate.Figures) -> gate.Figures:
    print(
        name, " ".join(f"{k} {v:.4f} (floor {before.get(k, 0):.3f})" for k, v in reached.items()), flush=True
    )
    return {k: max(0.0, round(v - MARGIN.get(k, COARSE), 3)) for k, v in reached.items()}


if __name__ == "__main__":
    main()
