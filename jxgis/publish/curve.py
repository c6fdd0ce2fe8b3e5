"""Two columns of a table drawn against each other: an SVG that stands inside its page."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import pandas as pd

from jxgis.i18n import _
from jxgis.publish.bounds import Bound, bound_of, draw_bound, draw_key, key_rows
from jxgis.publish.numbers import format_quantity, format_share, print_criterion
from jxgis.publish.scale import Scale, round_ticks
from jxgis.publish.svg import GRID, INK, SOFT, picture, points_of, stroke, text_width, write
from jxgis.publish.words import format_cell, is_share
from jxgis.results import Table

# The picture in its own units, which are pixels at the width of a phone.
WIDTH, HEIGHT = 330.0, 226.0
LEFT, RIGHT, BOTTOM = 46.0, 14.0, 40.0
LINE_HEIGHT = 14.0

# No name stands lower.
LOWEST = HEIGHT - BOTTOM - 5

# More points than this are a line without dots.
MANY = 40

# The column that holds the target, the same in every row.
TARGET = "target_share"

# A named point before this part of the width has its name after it, and one after the other part
# leaves no room for the target's name at the right.
EARLY, LATE = 0.35, 0.7

STROKE, AIM = "#0072b2", "#9c3600"


def curve(table: Table) -> str:
    """Return a table's curve as SVG, or nothing where fewer than two of its rows have both values.

    Shares are drawn as percentages. A column ``target_share`` is a dashed line, and the first
    point that reaches it is named. The table's ``bound`` is a dotted line, what lies between it
    and the curve is shaded, and a key says so.
    """
    if table.curve is None:
        return ""
    across, up = table.curve
    frame = table.data.reset_index(drop=True)
    numbers = frame[[across, up]].apply(pd.to_numeric, errors="coerce").astype(float)
    known = numbers.replace([np.inf, -np.inf], np.nan).dropna()
    known = known.sort_values(across, kind="stable")
    x, y = (known[c].tolist() for c in (across, up))
    if len(set(x)) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    target = _target(frame) if is_share(up) else None
    bound = None if table.bound is None else bound_of(frame[table.bound], known)
    titles = [table.fields.get(c, c) for c in (across, up)]
    heading = textwrap.wrap(titles[1], 54 if titles[1].isascii() else 27)
    key = [] if bound is None else key_rows(bound, WIDTH - 4)
    top = LINE_HEIGHT * (len(heading) + len(key) + 1) + 8
    whole = {"whole": bool((known[across] % 1 == 0).all())}
    high = [*y, *_one(target), *(bound.limit if bound else ())]
    scales = (
        Scale(round_ticks(min(x), max(x), **whole), LEFT, WIDTH - RIGHT),
        Scale(round_ticks(min(high), max(high), share=is_share(up)), HEIGHT - BOTTOM, top),
    )
    said = _said(table, titles, (x[0], x[-1]), (y[0], y[-1]))
    if bound:
        said = _with_bound(said, bound, table.curve)
    svg = picture("curve", WIDTH, HEIGHT, said)
    for number, entries in enumerate(key):
        draw_key(svg, entries, LINE_HEIGHT * (len(heading) + number + 0.65), STROKE)
    if bound:
        draw_bound(svg, bound, scales)
    _axes(svg, scales, table.curve, titles[0], heading)
    reached = next((n for n, v in enumerate(y) if target is not None and v >= target), None)
    named = len(x) - 1 if reached is None else reached
    along = (scales[0].at(x[named]) - LEFT) / (WIDTH - LEFT - RIGHT)
    if target is not None:
        _target_line(svg, scales[1], target, is_right=reached is not None and along < LATE)
    _line(svg, scales, x, y)
    shown = format_share(y[named], target) if is_share(up) else format_cell(up, y[named])
    text = f"{format_cell(across, x[named])}: {shown}"
    place = scales[0].at(x[named]), scales[1].at(y[named])
    if bound and along >= EARLY:
        _name_under(svg, place, text, zip(map(scales[0].at, x), map(scales[1].at, y), strict=True))
    else:
        _name_point(svg, place, text, is_early=along < EARLY)
    return tostring(svg, encoding="unicode")


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
        write(svg, (2, LINE_HEIGHT * (number + 0.85)), line, SOFT)
    places = {_tick(columns[1], t, up): up.at(t) for t in up.ticks}
    for text, y in places.items():
        stroke(svg, (LEFT, y, WIDTH - RIGHT, y), GRID)
        write(svg, (LEFT - 6, y + 4), text, SOFT, "end")
    for t in across.ticks:
        x = across.at(t)
        stroke(svg, (x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4), SOFT)
        write(svg, (x, HEIGHT - BOTTOM + 16), _tick(columns[0], t, across), SOFT, "middle")
    stroke(svg, (LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM), SOFT)
    write(svg, (WIDTH - RIGHT, HEIGHT - 7), title, SOFT, "end")


def _tick(column: str, value: float, scale: Scale) -> str:
    if not is_share(column):
        return format_quantity(value, "count")
    step = 100 * (scale.ticks[1] - scale.ticks[0])
    return format_share(value, decimals=max(0, -math.floor(math.log10(step) + 1e-9)))


def _target_line(svg: Element, up: Scale, target: float, *, is_right: bool) -> None:
    """Draw the target, its text where the curve is not: over its left part, or under its right."""
    y = up.at(target)
    dashed = {"stroke-dasharray": "5 4", "stroke-width": "1.4"}
    stroke(svg, (LEFT, y, WIDTH - RIGHT, y), AIM, **dashed)
    text = _("target {required}").format(required=print_criterion(None, target, "", "1").required)
    if is_right:
        write(svg, (WIDTH - RIGHT, y + 15), text, AIM, "end")
    else:
        write(svg, (LEFT + 5, y - 6), text, AIM)


def _line(svg: Element, scales: tuple[Scale, Scale], x: list[float], y: list[float]) -> None:
    places = [(scales[0].at(a), scales[1].at(b)) for a, b in zip(x, y, strict=True)]
    SubElement(
        svg,
        "polyline",
        {
            "points": points_of(places),
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
        write(svg, (x + 8, min(y + 16, LOWEST)), text, INK, "start", bold=True)
    else:
        write(svg, (x - 6, y - 9), text, INK, "end", bold=True)


def _name_under(
    svg: Element, place: tuple[float, float], text: str, line: Iterable[tuple[float, float]]
) -> None:
    """Name a point under all of the curve that is over its name: over it is another line."""
    _dot(svg, place, 4.2)
    end = min(place[0] + 10, WIDTH - RIGHT)
    start = end - text_width(text)
    lowest = max(y for x, y in line if start <= x <= end)
    write(svg, (end, min(lowest + 16, LOWEST)), text, INK, "end", bold=True)


def _dot(svg: Element, place: tuple[float, float], radius: float) -> None:
    x, y = (f"{v:.1f}" for v in place)
    SubElement(
        svg,
        "circle",
        {"cx": x, "cy": y, "r": f"{radius:g}", "fill": STROKE, "stroke": "#fff"},
    )


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


def _with_bound(said: str, bound: Bound, columns: tuple[str, str]) -> str:
    values = {
        "said": said,
        "bound": format_cell(columns[1], bound.limit[-1]),
        "end": format_cell(columns[0], bound.x[-1]),
    }
    if bound.is_most:
        return _("{said}. At {end}, {bound} is possible at most").format(**values)
    return _("{said}. At {end}, {bound} is needed at least").format(**values)
