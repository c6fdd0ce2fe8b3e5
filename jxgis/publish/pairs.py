"""What was and what is, by row: two bars under each name, drawn from a table's own columns.

What it is made of: the name and the change, what was (pale) and what is (dark).

Nanhu                      -120.5 MW
[::::::::::::::::::::::]  612.5 MW
[##################]      492.0 MW
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import pandas as pd

from jxgis.i18n import _
from jxgis.publish.scale import Scale
from jxgis.publish.svg import INK, SOFT, cut, picture, text_width, write
from jxgis.publish.words import format_cell
from jxgis.results import Table

# The picture's width in its own units, which are pixels at the width of a phone.
WIDTH = 330.0
LEFT, GAP = 1.0, 5.0
KEY, ROW, BAR, NAME = 20.0, 47.0, 11.0, 13.0

# More rows than this are the table's only.
MOST = 40

THEN, NOW = "then_", "now_"

_THEN_LOOK: Mapping[str, str] = {"fill": "#d3dbe2", "stroke": "#6b7f92", "stroke-width": "1"}
_NOW_LOOK: Mapping[str, str] = {"fill": "#1f5f8b"}


@dataclass(frozen=True)
class Pair:
    """A row's name, what was and what is; NaN where that is not known."""

    name: str
    then: float
    now: float


def pairs(table: Table) -> str:
    """Return a table's pairs of bars as SVG, nothing where it has no such columns.

    The first field names the rows. The first column ``then_...`` whose twin ``now_...`` is among
    the fields too gives the lengths: ``then_mw`` and ``now_mw``.
    """
    quantity = _quantity(table)
    if quantity is None or not 0 < len(table.data) <= MOST:
        return ""
    column = f"{NOW}{quantity}"
    rows = _rows(table, quantity)
    known = [v for r in rows for v in (r.then, r.now) if math.isfinite(v)]
    most = max([0.0, *known])
    texts = [format_cell(column, v) for v in known]
    if not most:
        return ""
    room = max(text_width(t) for t in texts) + GAP
    scale = Scale((0.0, most), LEFT, WIDTH - LEFT - room)
    svg = picture("curve", WIDTH, KEY + ROW * len(rows), _said(table, rows, column))
    _key(svg, [table.fields[f"{when}{quantity}"] for when in (THEN, NOW)])
    for number, row in enumerate(rows):
        _draw(svg, row, KEY + ROW * number, scale, column)
    return tostring(svg, encoding="unicode")


def _quantity(table: Table) -> str | None:
    named = (c.removeprefix(THEN) for c in table.fields if c.startswith(THEN))
    return next((q for q in named if f"{NOW}{q}" in table.fields and q), None)


def _rows(table: Table, quantity: str) -> list[Pair]:
    frame = table.data
    columns = (next(iter(table.fields)), f"{THEN}{quantity}", f"{NOW}{quantity}")
    names, *values = (frame[c].tolist() for c in columns)
    return [
        Pair("" if pd.isna(name) else str(name), _number(then), _number(now))
        for name, then, now in zip(names, *values, strict=True)
    ]


def _number(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)


def _key(svg: Element, titles: Sequence[str]) -> None:
    x = LEFT
    for title, look in zip(titles, (_THEN_LOOK, _NOW_LOOK), strict=True):
        _bar(svg, (x, 3.5, 14.0), look)
        text = cut(title, WIDTH / 2 - 24)
        write(svg, (x + 19, 13), text, SOFT)
        x += 19 + text_width(text) + 12


def _draw(svg: Element, row: Pair, top: float, scale: Scale, column: str) -> None:
    change = row.now - row.then
    said = format_cell(f"change_{column}", change) if math.isfinite(change) else ""
    write(svg, (LEFT, top + NAME), cut(row.name, WIDTH - text_width(said) - 12), INK, bold=True)
    write(svg, (WIDTH - LEFT, top + NAME), said, INK if change else SOFT, "end")
    looks = ((row.then, _THEN_LOOK), (row.now, _NOW_LOOK))
    for number, (value, look) in enumerate(looks):
        y = top + NAME + 4 + number * (BAR + 2)
        end = scale.at(value) if math.isfinite(value) else LEFT
        if end > LEFT:
            _bar(svg, (LEFT, y, end - LEFT), look)
        write(svg, (end + GAP, y + BAR - 1.6), format_cell(column, value), SOFT)


def _bar(svg: Element, box: tuple[float, float, float], look: Mapping[str, str]) -> None:
    x, y, width = (f"{v:.1f}" for v in box)
    SubElement(svg, "rect", {"x": x, "y": y, "width": width, "height": f"{BAR:g}", **look})


def _said(table: Table, rows: Sequence[Pair], column: str) -> str:
    """Return what the picture shows, for who does not see it."""
    parts = [
        _("{name}: from {then} to {now}").format(
            name=row.name, then=format_cell(column, row.then), now=format_cell(column, row.now)
        )
        for row in rows
    ]
    return _("; ").join([table.title, *parts])
