"""The second line of a curve: what could be at most (or at least), and what is open between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import pandas as pd

from jxgis.i18n import _
from jxgis.publish.scale import Scale
from jxgis.publish.svg import SOFT, points_of, stroke, text_width, write

LIMIT, OPEN = "#3d4852", "#dbe3ea"
DOTTED = {"stroke-width": "1.6", "stroke-dasharray": "1.5 3", "stroke-linecap": "round"}

# A sample of a line in the key, and the room after its name.
SAMPLE, GAP = 18.0, 12.0


@dataclass(frozen=True)
class Bound:
    """What is known of a bound: x, y and the most (or least) that y could be, row by row.

    ``is_most`` is False where y is to be small and the bound lies under it.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    limit: tuple[float, ...]

    @property
    def is_most(self) -> bool:
        """Whether the bound is what y could be at most."""
        return sum(self.limit) >= sum(self.y)


def bound_of(column: pd.Series, known: pd.DataFrame) -> Bound | None:
    """Return a curve's bound, None where it is known in no row.

    Parameters
    ----------
    column
        What y could be at most (or at least).
    known
        The curve's x and y, in the order of x, on the column's index.
    """
    limit = pd.to_numeric(column, errors="coerce").astype(float).loc[known.index]
    is_known = np.isfinite(limit)
    if not is_known.any():
        return None
    x, y = (tuple(known.loc[is_known, c].tolist()) for c in known.columns)
    return Bound(x, y, tuple(limit[is_known].tolist()))


def draw_bound(svg: Element, bound: Bound, scales: tuple[Scale, Scale]) -> None:
    """Draw the bound's line, and shade what lies between it and the curve."""
    across, up = scales
    far = [(across.at(x), up.at(v)) for x, v in zip(bound.x, bound.limit, strict=True)]
    near = [(across.at(x), up.at(v)) for x, v in zip(bound.x, bound.y, strict=True)]
    look = {"class": "open", "points": points_of(far + near[::-1]), "fill": OPEN}
    SubElement(svg, "polygon", look)
    line = {"class": "bound", "points": points_of(far), "fill": "none", "stroke": LIMIT}
    SubElement(svg, "polyline", line | DOTTED)


def key_rows(bound: Bound, width: float) -> list[list[tuple[str, str]]]:
    """Return look and name of what the key has, in rows that are no wider than the picture."""
    limit = _("at most possible") if bound.is_most else _("at least needed")
    names = {"found": _("found"), "bound": limit, "open": _("open between them")}
    rows: list[list[tuple[str, str]]] = [[]]
    for entry in names.items():
        if rows[-1] and _width([*rows[-1], entry]) > width:
            rows.append([])
        rows[-1].append(entry)
    return rows


def draw_key(svg: Element, entries: Sequence[tuple[str, str]], y: float, colour: str) -> None:
    """Draw one row of the key, its samples' middles at y; ``colour`` is that of the curve."""
    x = 2.0
    for look, name in entries:
        if look == "open":
            places = {"x": f"{x:.1f}", "y": f"{y - 4.5:.1f}"}
            SubElement(svg, "rect", places | {"width": "16", "height": "9", "fill": OPEN})
        elif look == "bound":
            stroke(svg, (x + 1, y, x + 15, y), LIMIT, **DOTTED)
        else:
            stroke(svg, (x, y, x + 16, y), colour, **{"stroke-width": "2"})
        write(svg, (x + SAMPLE + 3, y + 4), name, SOFT)
        x += _width([(look, name)]) + GAP


def _width(entries: Sequence[tuple[str, str]]) -> float:
    return sum(SAMPLE + 3 + text_width(name) for _look, name in entries) + GAP * (len(entries) - 1)
