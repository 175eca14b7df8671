"""Small charts as inline SVG: columns by day, sparklines, shares. Pure: numbers in, markup out.

No letter stands inside a drawing: it is stretched to the width there is. What it says stands beside it as
text, so a drawing is an ornament to a screen reader, but for `columns`, which has a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

#: Units of a drawing's own: one column is so wide, with a gap; so high is the highest.
_STEP, _WIDE, _HIGH = 10, 8, 100

_RECT = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
_NAMED = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>')


def days_to(last: date, count: int) -> list[str]:
    """`count` days as ISO dates, the last of them `last`."""
    return [(last - timedelta(count - 1 - rank)).isoformat() for rank in range(count)]


def sparkline(values: Sequence[int]) -> Markup:
    """One column a value; an empty day keeps a thin foot, so that days can be counted.

    One path for all columns: fifty of these stand on a page, and 3,000 elements took 100 ms.
    """
    most = max(values, default=0) or 1
    paths = Markup().join(
        Markup('<path class="{}" d="{}"/>').format(
            css, "".join(_column(rank, height) for rank, height in found)
        )
        for css, found in (
            ("none", [(rank, 4.0) for rank, value in enumerate(values) if not value]),
            ("some", [(rank, _height(value, most)) for rank, value in enumerate(values) if value]),
        )
    )
    return _svg("spark", len(values) * _STEP, paths, Markup('aria-hidden="true"'))


def _column(rank: int, height: float) -> str:
    return f"M{rank * _STEP} {_HIGH}v-{height}h{_WIDE}v{height}z"


def columns(name: str, labels: Sequence[str], layers: Sequence[tuple[str, str, Sequence[int]]]) -> Markup:
    """Stacked columns. `layers`: (class, what it counts, a value for each label), the lowest first."""
    totals = [sum(parts) for parts in zip(*(values for _, _, values in layers), strict=True)]
    most = max(totals, default=0) or 1
    rects: list[Markup] = []
    for rank, label in enumerate(labels):
        below = 0.0
        for css, what, values in layers:
            if values[rank]:
                height = _HIGH * values[rank] / most
                place = (css, rank * _STEP, round(_HIGH - below - height, 2), _WIDE, round(height, 2))
                rects.append(_NAMED.format(*place, f"{label}: {values[rank]:,} {what}"))
                below += height
        if not below:
            rects.append(_RECT.format("none", rank * _STEP, _HIGH - 1, _WIDE, 1))
    return _svg(
        "columns-chart",
        len(labels) * _STEP,
        Markup().join(rects),
        Markup('role="img" aria-label="{}"').format(name),
    )


def share(part: float) -> Markup:
    """A line of which `part` (0 to 1) is full."""
    full = round(100 * min(max(part, 0.0), 1.0), 1)
    rects = _RECT.format("none", 0, 0, 100, _HIGH) + _RECT.format("some", 0, 0, full, _HIGH)
    return _svg("share", 100, rects, Markup('aria-hidden="true"'))


def _height(value: int, most: int) -> float:
    return round(max(_HIGH * value / most, 4), 2)


def _svg(css: str, width: int, content: Markup, told: Markup) -> Markup:
    frame = Markup('<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" {}>{}</svg>')
    return frame.format(css, width, _HIGH, told, content)
