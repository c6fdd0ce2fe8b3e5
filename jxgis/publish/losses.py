"""A chain of losses: what is left after each step, and what the step took or gave.

What it is made of, a step a row: its name, what is left of it, and under them a bar.

Wiring                -2.0 %   1,176 kWh/kWp
[##############################:]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement, tostring

import pandas as pd

from jxgis.i18n import _
from jxgis.publish.numbers import format_share
from jxgis.publish.scale import Scale
from jxgis.publish.svg import INK, SOFT, cut, picture, text_width, write
from jxgis.publish.words import format_cell
from jxgis.results import Table

# The picture's width in its own units, which are pixels at the width of a phone.
WIDTH, LEFT = 330.0, 1.0
ROW, NAME, BAR = 28.0, 12.0, 9.0

STEP, FACTOR, LEFT_OVER = "step", "factor", "kwh_per_kwp"

_LEFT_LOOK, _LOST_LOOK, _GAINED_LOOK = "#c9d3db", "#b3480f", "#1f5f8b"


@dataclass(frozen=True)
class Step:
    """A step's name, and what there was before and after it."""

    name: str
    before: float
    after: float


def losses(table: Table) -> str:
    """Return a table's chain of losses as SVG, nothing where it has no such columns.

    ``step`` names the rows, ``kwh_per_kwp`` is what is left after each, and ``factor`` is what
    makes one of the other; it is the table's only. The first row is what there is to begin with.
    """
    if not {STEP, FACTOR, LEFT_OVER} <= table.fields.keys():
        return ""
    numbers = pd.to_numeric(table.data[LEFT_OVER], errors="coerce").astype(float).tolist()
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):  # noqa: PLR2004 - a chain
        return ""
    names = table.data[STEP].astype(str).tolist()
    steps = [Step(names[0], numbers[0], numbers[0])]
    steps += [Step(n, *ends) for n, ends in zip(names[1:], pairwise(numbers), strict=True)]
    scale = Scale((0.0, max([*numbers, 1e-9])), LEFT, WIDTH - LEFT)
    svg = picture("curve", WIDTH, ROW * len(steps) + 2, _said(table, steps))
    for number, step in enumerate(steps):
        _draw(svg, step, ROW * number, scale)
    return tostring(svg, encoding="unicode")


def _draw(svg: Element, step: Step, top: float, scale: Scale) -> None:
    left = format_cell(LEFT_OVER, step.after)
    change = _change(step)
    write(svg, (WIDTH - LEFT, top + NAME), left, INK, "end")
    room = WIDTH - text_width(left) - 10
    write(svg, (room, top + NAME), change, SOFT, "end")
    write(svg, (LEFT, top + NAME), cut(step.name, room - text_width(change) - 8), INK)
    low, high = (scale.at(v) for v in sorted((step.before, step.after)))
    _bar(svg, (LEFT, low), top + NAME + 4, _LEFT_LOOK)
    if high > low:
        look = _LOST_LOOK if step.after < step.before else _GAINED_LOOK
        _bar(svg, (low, high), top + NAME + 4, look)


def _change(step: Step) -> str:
    """Return what a step takes or gives, in per cent of what there was."""
    if step.after == step.before or not step.before:
        return ""
    change = step.after / step.before - 1
    text = format_share(change, decimals=1)
    return f"+{text}" if change > 0 else text


def _bar(svg: Element, ends: tuple[float, float], y: float, fill: str) -> None:
    start, end = ends
    size = {"x": f"{start:.1f}", "y": f"{y:.1f}", "width": f"{end - start:.1f}"}
    SubElement(svg, "rect", {**size, "height": f"{BAR:g}", "fill": fill})


def _said(table: Table, steps: Sequence[Step]) -> str:
    """Return what the picture shows, for who does not see it."""
    parts = [
        _("{step}: {left} are left").format(step=s.name, left=format_cell(LEFT_OVER, s.after))
        for s in steps
    ]
    return _("; ").join([table.title, *parts])
