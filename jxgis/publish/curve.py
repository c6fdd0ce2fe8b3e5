"""Two columns of a table drawn against each other: an SVG that stands inside its page."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import pandas as pd

from jxgis.i18n import _
from jxgis.publish.numbers import format_quantity, format_share, print_criterion
from jxgis.publish.words import format_cell, is_share
from jxgis.results import Table

# The picture in its own units, which are pixels at the width of a phone.
WIDTH, HEIGHT = 330.0, 226.0
LEFT, RIGHT, BOTTOM = 46.0, 14.0, 40.0
LINE_HEIGHT = 14.0

# More points than this are a line without dots.
MANY = 40
TICKS = 5

# Values that differ by less than this part of themselves are one.
LEAST = 1e-6

# The column that holds the target, the same in every row.
TARGET = "target_share"

# A named point before this part of the width has its name after it, and one after the other part
# leaves no room for the target's name at the right.
EARLY, LATE = 0.35, 0.7

INK, SOFT, GRID, STROKE, AIM = "#16212b", "#52606c", "#e3e8ec", "#0072b2", "#9c3600"


@dataclass(frozen=True)
class Scale:
    """Round ticks over a column's values, and where a value lies between two pixels."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return a value's place."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def curve(table: Table) -> str:
    """Return a table's curve as SVG, or nothing where fewer than two of its rows have both values.

    Shares are drawn as percentages. A column ``target_share`` is a dashed line, and the first
    point that reaches it is named.
    """
    if table.curve is None:
        return ""
    across, up = table.curve
    numbers = table.data[[across, up]].apply(pd.to_numeric, errors="coerce").astype(float)
    known = numbers.replace([np.inf, -np.inf], np.nan).dropna()
    known = known.sort_values(across, kind="stable")
    x, y = (known[c].tolist() for c in (across, up))
    if len(set(x)) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    target = _target(table.data) if is_share(up) else None
    titles = [table.fields.get(c, c) for c in (across, up)]
    heading = textwrap.wrap(titles[1], 54 if titles[1].isascii() else 27)
    top = LINE_HEIGHT * (len(heading) + 1) + 8
    whole = {"whole": bool((known[across] % 1 == 0).all())}
    scales = (
        Scale(round_ticks(min(x), max(x), **whole), LEFT, WIDTH - RIGHT),
        Scale(
            round_ticks(min([*y, *_one(target)]), max([*y, *_one(target)]), share=is_share(up)),
            HEIGHT - BOTTOM,
            top,
        ),
    )
    svg = Element(
        "svg",
        {
            "class": "curve",
            "viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}",
            "role": "img",
            "aria-label": _said(table, titles, (x[0], x[-1]), (y[0], y[-1])),
        },
    )
    _axes(svg, scales, table.curve, titles[0], heading)
    reached = next((n for n, v in enumerate(y) if target is not None and v >= target), None)
    named = len(x) - 1 if reached is None else reached
    along = (scales[0].at(x[named]) - LEFT) / (WIDTH - LEFT - RIGHT)
    if target is not None:
        _target_line(svg, scales[1], target, is_right=reached is not None and along < LATE)
    _line(svg, scales, x, y)
    shown = format_share(y[named], target) if is_share(up) else format_cell(up, y[named])
    text = f"{format_cell(across, x[named])}: {shown}"
    _name_point(svg, (scales[0].at(x[named]), scales[1].at(y[named])), text, is_early=along < EARLY)
    return tostring(svg, encoding="unicode")


def round_ticks(
    low: float, high: float, *, share: bool = False, whole: bool = False
) -> tuple[float, ...]:
    """Return about five round numbers, the first at or under all values, the last at or above.

    Parameters
    ----------
    low, high
        The least and the greatest value.
    share
        Whether the values are shares, whose axis ends at 1.
    whole
        Whether only whole numbers are ticks.
    """
    size = max(abs(low), abs(high), 0.01)
    span = high - low if high - low > LEAST * size else 0.1 * size
    step = 10.0 ** math.floor(math.log10(span / TICKS))
    step = next(step * m for m in (1, 2, 5, 10) if span / (step * m) <= TICKS)
    if whole:
        step = max(step, 1.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(round(n * step, 12) for n in range(first, last + 1))
    return tuple(t for t in ticks if t <= 1) if share and high <= 1 and first * step < 1 else ticks


def _one(target: float | None) -> list[float]:
    return [] if target is None else [target]


def _target(frame: pd.DataFrame) -> float | None:
    """Return the target where the table has one, the same in each row."""
    if TARGET not in frame:
        return None
    values = frame[TARGET].dropna().unique()
    return float(values[0]) if len(values) == 1 else None


def _axes(
    svg: Element,
    scales: tuple[Scale, Scale],
    columns: tuple[str, str],
    title: str,
    heading: list[str],
) -> None:
    across, up = scales
    for number, line in enumerate(heading):
        _text(svg, 2, LINE_HEIGHT * (number + 0.85), line, SOFT)
    places = {_tick(columns[1], t, up): up.at(t) for t in up.ticks}
    for text, y in places.items():
        _stroke(svg, (LEFT, y, WIDTH - RIGHT, y), GRID)
        _text(svg, LEFT - 6, y + 4, text, SOFT, "end")
    for t in across.ticks:
        x = across.at(t)
        _stroke(svg, (x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4), SOFT)
        _text(svg, x, HEIGHT - BOTTOM + 16, _tick(columns[0], t, across), SOFT, "middle")
    _stroke(svg, (LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM), SOFT)
    _text(svg, WIDTH - RIGHT, HEIGHT - 7, title, SOFT, "end")


def _tick(column: str, value: float, scale: Scale) -> str:
    if not is_share(column):
        return format_quantity(value, "count")
    step = 100 * (scale.ticks[1] - scale.ticks[0])
    return format_share(value, decimals=max(0, -math.floor(math.log10(step) + 1e-9)))


def _target_line(svg: Element, up: Scale, target: float, *, is_right: bool) -> None:
    """Draw the target, its text where the curve is not: over its left part, or under its right."""
    y = up.at(target)
    dashed = {"stroke-dasharray": "5 4", "stroke-width": "1.4"}
    _stroke(svg, (LEFT, y, WIDTH - RIGHT, y), AIM, **dashed)
    text = _("target {required}").format(required=print_criterion(None, target, "", "1").required)
    if is_right:
        _text(svg, WIDTH - RIGHT, y + 15, text, AIM, "end")
    else:
        _text(svg, LEFT + 5, y - 6, text, AIM)


def _line(svg: Element, scales: tuple[Scale, Scale], x: list[float], y: list[float]) -> None:
    places = [(scales[0].at(a), scales[1].at(b)) for a, b in zip(x, y, strict=True)]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    SubElement(
        svg,
        "polyline",
        {
            "points": points,
            "fill": "none",
            "stroke": STROKE,
            "stroke-width": "2",
            "stroke-linejoin": "round",
        },
    )
    for place in places if len(places) <= MANY else ():
        _dot(svg, place, 2.4)


def _name_point(svg: Element, place: tuple[float, float], text: str, *, is_early: bool) -> None:
    """Name a point at its lower right or upper left, where a curve that rises is not."""
    x, y = place
    _dot(svg, place, 4.2)
    if is_early:
        _text(svg, x + 8, min(y + 16, HEIGHT - BOTTOM - 5), text, INK, "start", bold=True)
    else:
        _text(svg, x - 6, y - 9, text, INK, "end", bold=True)


def _dot(svg: Element, place: tuple[float, float], radius: float) -> None:
    x, y = (f"{v:.1f}" for v in place)
    SubElement(
        svg,
        "circle",
        {"cx": x, "cy": y, "r": f"{radius:g}", "fill": STROKE, "stroke": "#fff"},
    )


def _stroke(
    svg: Element, ends: tuple[float, float, float, float], colour: str, **more: str
) -> None:
    names = zip(("x1", "y1", "x2", "y2"), ends, strict=True)
    SubElement(svg, "line", {n: f"{v:.1f}" for n, v in names} | {"stroke": colour} | more)


def _text(
    svg: Element,
    x: float,
    y: float,
    text: str,
    colour: str,
    anchor: str = "start",
    *,
    bold: bool = False,
) -> None:
    look = {"x": f"{x:.1f}", "y": f"{y:.1f}", "fill": colour, "text-anchor": anchor}
    if bold:
        look |= {
            "font-weight": "600",
            "stroke": "#fff",
            "stroke-width": "3",
            "paint-order": "stroke",
        }
    SubElement(svg, "text", look).text = text


def _said(table: Table, titles: list[str], x: tuple[float, float], y: tuple[float, float]) -> str:
    """Return what the picture shows, for who does not see it."""
    columns = table.curve or ("", "")
    return _("{title}. {up} by {across}: from {first} at {start} to {last} at {end}").format(
        title=table.title,
        up=titles[1],
        across=titles[0],
        first=format_cell(columns[1], y[0]),
        start=format_cell(columns[0], x[0]),
        last=format_cell(columns[1], y[1]),
        end=format_cell(columns[0], x[1]),
    )
