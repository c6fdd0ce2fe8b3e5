"""A map judged by reference points: its figures with their 95 % intervals.

A figure that was only mapped has no interval. With a reference sample the figure is the estimate
of the sample, and what the map shows stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from jxgis.green.accuracy import (
    Assessment,
    accuracy_rows,
    accuracy_table,
    assess,
    confusion_table,
)
from jxgis.green.asking import UNITS, Ask
from jxgis.green.enough import INTERVAL_RULE, enough
from jxgis.green.passes import on_grid_points
from jxgis.i18n import _
from jxgis.kernels.accuracy import Z95, probability
from jxgis.layers import Layer
from jxgis.rasters import Grid, Window
from jxgis.results import Indicator, LedgerRow, Table
from jxgis.rules import Rules

LEVEL = 0.95

# A cell whose middle is on an outline may be drawn from, and points are rounded to less than this.
_NEAR_M = 0.01


class Lookup:
    """What a map shows at points, found strip by strip."""

    def __init__(self, layer: Layer, grid: Grid, words: Mapping[int, str]) -> None:
        crs = pyproj.CRS.from_user_input(layer.data.crs)
        points = np.asarray(layer.data.geometry.array, dtype=object)
        self.layer = layer
        self.cell_m2 = grid.middle_cell_m2()
        self._words = words
        self._cells = np.floor(on_grid_points(points, crs, grid)).astype(np.int64)
        self._shown = np.full(len(points), "", dtype=object)

    def look(self, window: Window, codes: npt.NDArray[np.uint8]) -> None:
        """Note what the points of a strip are; each is in one strip, so any thread may."""
        column, row = (self._cells - [window.column, window.row]).T
        here = (row >= 0) & (row < window.rows) & (column >= 0) & (column < window.columns)
        for point in np.flatnonzero(here).tolist():
            self._shown[point] = self._words.get(int(codes[row[point], column[point]]), "")

    def within(self, shape: Any, *, all_of_them: bool) -> tuple[Layer, npt.NDArray[np.object_]]:
        """Return the points of an area, and what the map shows there.

        Parameters
        ----------
        shape
            The area, in the layer's CRS.
        all_of_them
            Whether points outside are kept, as being outside the map.
        """
        points = self.layer.data.geometry.to_numpy()
        inside = shapely.contains_xy(shape, shapely.get_x(points), shapely.get_y(points))
        if all_of_them:
            beyond = np.flatnonzero(~inside)
            inside[beyond] = shapely.distance(points[beyond], shape) <= _NEAR_M
            return self.layer, np.where(inside, self._shown, "")
        return replace(self.layer, data=self.layer.data[inside]), self._shown[inside]


@dataclass(frozen=True)
class Judged:
    """Figures with their intervals, and what is said about them."""

    indicators: tuple[Indicator, ...]
    tables: tuple[Table, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()


def judge(
    mapped: Sequence[Indicator],
    asks: Sequence[Ask],
    lookup: Lookup | None,
    shapes: Sequence[Any],
    areas: Sequence[Mapping[str, float]],
    of: Sequence[str],
    rules: Rules,
) -> Judged:
    """Return mapped figures as reference points estimate them, or as they are without any.

    Parameters
    ----------
    mapped
        One figure for each ask, as the map has it.
    asks
        What was asked.
    lookup
        The points and what the map shows there; None where there is no sample.
    shapes
        The area of each ask.
    areas
        For each ask, square metres of each class as mapped, in the classes' order.
    of
        The class that each ask is of; ``net`` is what was gained less what was lost.
    rules
        `INTERVAL_RULE` says how many points an interval needs.

    Returns
    -------
    Judged
        Tables and ledger are of the largest area asked. With too few points for an interval a zone
        keeps the figure of the map, and the whole area has the estimate alone.

    Raises
    ------
    InputError
        The sample does not fit the map.
    """
    if lookup is None:
        return Judged(tuple(mapped))
    least = _least(rules)
    found: list[Indicator] = []
    notes: list[LedgerRow] = []
    main: Assessment | None = None
    for figure, ask, shape, area, word in zip(mapped, asks, shapes, areas, of, strict=True):
        layer, shown = lookup.within(shape, all_of_them=not ask.zones)
        whole = sum(area.values())
        if not whole:  # all cloud: neither map nor sample says anything
            found.append(figure)
            continue
        if ask.zones and not _enough(shown, area, least, lookup.cell_m2):
            found.append(figure)
            notes.append(_too_few(figure, lookup.layer.name, len(shown)))
            continue
        net = word == "net"
        target, cell = _share(ask, whole), lookup.cell_m2
        own = "gained" if net else word
        one = assess(layer, area, shown, whole, own, target, least=least, cell=cell)
        main = one if main is None or one.area_m2 > main.area_m2 else main
        found += _with_interval(figure, ask, _net(one, target) if net else one)
    if main is None:
        return Judged(tuple(found), (), tuple(notes))
    return Judged(
        tuple(found),
        (accuracy_table(main), confusion_table(main)),
        (*accuracy_rows(main, lookup.layer.name), *notes),
    )


def _least(rules: Rules) -> int:
    return int(rules[INTERVAL_RULE].value)


def judging_rules(lookup: Lookup | None) -> tuple[str, ...]:
    """Return the names of the rules that a judgement follows, none where there is no sample."""
    return () if lookup is None else (INTERVAL_RULE,)


def _enough(
    shown: npt.NDArray[np.object_], area: Mapping[str, float], least: int, cell_m2: float
) -> bool:
    """Return whether each class that the map shows has points enough for an interval."""
    points = np.array([np.count_nonzero(shown == word) for word in area], dtype=np.intp)
    areas = np.array(list(area.values()), dtype=np.float64)
    found = enough(points, areas, least, cell_m2, list(area).index("other"))
    return bool(found.for_an_interval and found.for_a_variance.all())


def _too_few(figure: Indicator, layer: str, points: int) -> LedgerRow:
    reason = _(
        "{zone}: a class of the map has too few reference points there for an estimate; the "
        "figure is the map's own, and how sure it is is not known"
    ).format(zone=figure.zone or figure.id)
    return LedgerRow("suspected", layer, points, reason)


def _net(one: Assessment, target: float | None) -> Assessment:
    """Return what a sample says of gains less losses, instead of gains."""
    share, se = one.mean({"gained": 1.0, "lost": -1.0})
    if not one.strata.for_an_interval:
        return replace(one, share=share)
    return replace(
        one,
        share=share,
        low=share - Z95 * se,
        high=share + Z95 * se,
        probability=None if target is None else probability(share, se, target),
    )


def _share(ask: Ask, area_m2: float) -> float | None:
    """Return what an ask is held against as a share of the area."""
    if ask.threshold is None or ask.unit == "1":
        return ask.threshold
    return min(ask.threshold * UNITS[ask.unit] / area_m2, 1.0)


def _with_interval(figure: Indicator, ask: Ask, one: Assessment) -> Iterator[Indicator]:
    unit = 1.0 if ask.unit == "1" else UNITS[ask.unit] / one.area_m2
    met = one.probability
    if met is not None and ask.sense == "at_most":
        met = 1 - met
    level = {} if one.low is None else {"level": LEVEL}
    yield replace(
        figure,
        value=one.share / unit,
        low=None if one.low is None else one.low / unit,
        high=None if one.high is None else one.high / unit,
        numerator=one.share * one.area_m2,
        probability=met,
        params={**figure.params, **level, "points": int(one.matrix.sum())},
    )
    yield replace(
        figure, id=f"{figure.id}-mapped", params={**figure.params, "mapped": True}, beside=figure.id
    )


def intervals_by_place(
    table: pd.DataFrame,
    shapes: Sequence[Any],
    areas: Sequence[Mapping[str, float]],
    lookup: Lookup,
    word: str,
    rules: Rules,
) -> pd.DataFrame:
    """Return a table of places with what reference points estimate for each.

    Parameters
    ----------
    table
        A row a place.
    shapes, areas
        The area of each, and square metres of each class as mapped.
    lookup
        The points and what the map shows there.
    word
        The class.
    rules
        As of `judge`.

    Returns
    -------
    pandas.DataFrame
        With ``points`` and ``WORD_share_adjusted``, ``WORD_share_low`` and ``WORD_share_high``:
        missing where a class of the map has too few points in the place.
    """
    least, cell_m2 = _least(rules), lookup.cell_m2
    rows: list[tuple[float | None, ...]] = []
    for shape, area in zip(shapes, areas, strict=True):
        layer, shown = lookup.within(shape, all_of_them=False)
        if not sum(area.values()) or not _enough(shown, area, least, cell_m2):
            rows.append((len(shown), np.nan, np.nan, np.nan))
            continue
        one = assess(layer, area, shown, sum(area.values()), word, least=least, cell=cell_m2)
        rows.append((len(shown), one.share, one.low, one.high))
    points, share, low, high = zip(*rows, strict=True)
    return table.assign(
        **{
            "points": points,
            f"{word}_share_adjusted": share,
            f"{word}_share_low": low,
            f"{word}_share_high": high,
        }
    )
