"""How soon news is found, and for how many requests: schedules in a simulated world (tests/scheduling).

    python bench/schedule.py [--sites 210] [--days 120] [--kinds] [--json FILE] [--plot docs/schedule.svg]

Each schedule lives through the same articles. Delays are from publication to discovery, over all articles of
all sites; 'x fewest' divides the requests by those of somebody who knows every article beforehand, sets his
looks at best, and is as late in the mean; 'x known' by those of one who knows the true rate of each hour, not
the articles.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from crawler.scheduling import SourceOptions
from tests.scheduling import world as simulated
from tests.scheduling.world import DAY, HOUR, Fixed, GrowAndShrink, Ours, Policy, RhythmKnown, Seen, Site

PATIENCES = (5.0, 10.0, 20.0, 40.0)
BASELINES: dict[str, Callable[[Site], Policy]] = {
    "every 15 minutes": lambda site: Fixed(900),
    "hourly": lambda site: Fixed(3600),
    "news-crawl, as configured": lambda site: GrowAndShrink(12 * HOUR, 1.5 * HOUR, 90 * DAY, 0.2, 0.5),
    "news-crawl, from 5 minutes to a day": lambda site: GrowAndShrink(HOUR, 300, DAY, 0.2, 0.5),
    "halving and doubling": lambda site: GrowAndShrink(HOUR, 300, DAY, 0.5, 1.0),
}


class Sum:
    """What a schedule did on many sites."""

    def __init__(self, seen: Iterable[Seen]) -> None:
        self.seen = list(seen)
        self.requests = sum(one.requests for one in self.seen)
        self.missed = sum(one.missed for one in self.seen)
        parts = [np.asarray(one.delays, dtype=np.float32) for one in self.seen if one.delays]
        self.delays = np.concatenate(parts) / 60 if parts else np.zeros(0, np.float32)

    def row(self) -> dict[str, float]:
        found = len(self.delays)
        return {
            "requests": self.requests, "articles": found, "missed": self.missed,
            "requests_each": self.requests / max(found, 1),
            "median": float(np.median(self.delays)) if found else float("nan"),
            "mean": float(self.delays.mean()) if found else float("nan"),
            "p95": float(np.percentile(self.delays, 95)) if found else float("nan"),
        }  # fmt: skip


def at_mean(mean: float, at: Callable[[float], Sum], steps: int = 10) -> Sum:
    """The schedule of a family, by price, whose mean delay in minutes is `mean`."""
    low, high = 1.0, 40_000.0
    found = at(high)
    for _ in range(steps):
        middle = (low * high) ** 0.5
        found = at(middle)
        late = len(found.delays) and found.delays.mean() >= mean
        low, high = (low, middle) if late else (middle, high)
    return found


def shown(name: str, row: dict[str, float], more: str = "") -> None:
    print(
        f"{name:36} {row['requests']:>10,.0f} {row['articles']:>9,.0f} {row['requests_each']:>7.2f}"
        f" {row['median']:>8.1f} {row['mean']:>8.1f} {row['p95']:>8.1f} {row['missed']:>7,.0f} {more}",
        flush=True,
    )


def plot(rows: dict[str, dict[str, float]], path: Path) -> None:
    """Requests for each article against the median delay, both on logarithmic axes, as SVG."""
    left, right, top, bottom = 70, 690, 20, 330

    def x(value: float) -> float:
        return left + (np.log10(value) - np.log10(0.1)) / 2 * (right - left)

    def y(value: float) -> float:
        return bottom - (np.log10(value) - np.log10(2)) / np.log10(100) * (bottom - top)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 390"'
        ' font-family="sans-serif" font-size="12">',
        '<rect width="760" height="390" fill="#fff"/>',
    ]
    for value in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        parts.append(f'<path d="M{x(value):.0f} {top}V{bottom}" stroke="#e5e5e5"/>')
        parts.append(f'<text x="{x(value):.0f}" y="{bottom + 18}" text-anchor="middle">{value:g}</text>')
    for value in (2, 5, 10, 20, 60, 120):
        parts.append(f'<path d="M{left} {y(value):.0f}H{right}" stroke="#e5e5e5"/>')
        parts.append(f'<text x="{left - 8}" y="{y(value) + 4:.0f}" text-anchor="end">{value}</text>')
    parts.append(
        f'<text x="380" y="{bottom + 42}" text-anchor="middle">requests for each article found</text>'
    )
    parts.append(
        f'<text transform="translate(22 {(top + bottom) / 2}) rotate(-90)" text-anchor="middle">'
        "median delay in minutes</text>"
    )
    ours = [row for name, row in rows.items() if name.startswith("ours")]
    line = " ".join(f"{x(row['requests_each']):.0f},{y(row['median']):.0f}" for row in ours)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#b03a2e" stroke-width="2"/>')
    for name, row in rows.items():
        here = (x(row["requests_each"]), y(row["median"]))
        colour = "#b03a2e" if name.startswith("ours") else "#34495e"
        parts.append(f'<circle cx="{here[0]:.0f}" cy="{here[1]:.0f}" r="4" fill="{colour}"/>')
        # Ours below the line to the left, the others above to the right: the two never meet.
        dx, dy, side = (-9, 14, "end") if name.startswith("ours") else (9, -6, "start")
        place = f'x="{here[0] + dx:.0f}" y="{here[1] + dy:.0f}" text-anchor="{side}"'
        parts.append(f'<text {place} fill="{colour}">{name}</text>')
    parts.append("</svg>")
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=210)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", action="store_true", help="also by kind of site")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--plot", type=Path, help="write the picture here")
    args = parser.parse_args()
    sites = list(simulated.world(args.sites, args.days, args.seed))

    def of(policy: Callable[[Site], Policy]) -> Sum:
        return Sum(simulated.run(site, policy(site), args.days) for site in sites)

    print(
        f"{len(sites)} sites, {args.days} days; delays in minutes\n"
        f"{'':36} {'requests':>10} {'articles':>9} {'each':>7} {'median':>8} {'mean':>8} {'p95':>8}"
        f" {'missed':>7}"
    )
    rows: dict[str, dict[str, float]] = {}
    for patience in PATIENCES:
        done = of(lambda site, p=patience: Ours(SourceOptions(patience=p * 60)))  # type: ignore[misc]
        name = f"ours, patience {patience:g} minutes"
        rows[name] = done.row()
        more = ""
        if patience == SourceOptions().patience / 60:
            mean = rows[name]["mean"]
            least = at_mean(
                mean, lambda price: Sum(simulated.fewest(site, price, args.days) for site in sites)
            )
            known = at_mean(mean, lambda price: of(lambda site: RhythmKnown(site, price)), steps=6)
            more = (
                f"x{done.requests / least.requests:.2f} fewest, x{done.requests / known.requests:.2f} known"
            )
            by_kind = done
        shown(name, rows[name], more)
    for name, policy in BASELINES.items():
        done = of(policy)
        rows[name] = done.row()
        mean = rows[name]["mean"]
        least = at_mean(mean, lambda price: Sum(simulated.fewest(site, price, args.days) for site in sites))
        shown(name, rows[name], f"x{done.requests / least.requests:.2f} fewest")
    if args.kinds:
        print("\nours, by kind of site")
        for kind in simulated.KINDS:
            shown(kind, Sum(one for one in by_kind.seen if one.kind == kind).row())
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if args.plot:
        plot(rows, args.plot)


if __name__ == "__main__":
    main()
