"""A reference sample of the second image's green: drawn from the map, answered from the truth.

The map calls a pixel green where its NDVI is above 0.4; truly green is one that is vegetated by
a third or more. People look up the truth, so a few of their answers are wrong.
"""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from sample.frame import METRIC, BoolArray, IntArray, Table, rng
from sample.grids import CRS
from sample.imagery import WINDOW, Taken

POINTS = 600
EXPECTED = (0.90, 0.06)
"""Share of truly green pixels that is expected of those mapped as green, and as other."""
TRULY_GREEN = 1 / 3
"""Least vegetated share of a pixel that is green in truth."""
_WRONG = 0.01
_UNSEEN = (0, 1, 2, 3, 8, 9, 10, 11)
"""Scene classes of no data, defects, shadow, cloud and snow."""


def reference_table(built_up: Table, taken: Taken) -> Table:
    """Return the layer ``reference``: ``point_id``, ``stratum`` and ``reference``.

    Its points are the middles of built-up pixels that the image saw, in an order that does not
    tell the stratum.
    """
    random = rng(21)
    inside = WINDOW.burn(built_up.geometry) > 0
    inside &= ~np.isin(taken.scl, _UNSEEN)
    mapped = mapped_green(taken)
    strata = [np.flatnonzero(inside & mapped), np.flatnonzero(inside & ~mapped)]
    drawn = [
        random.permutation(stratum)[:size]
        for stratum, size in zip(strata, _sizes(strata), strict=True)
    ]
    cells = random.permutation(np.concatenate(drawn))
    truth = (taken.green >= TRULY_GREEN).ravel()[cells] ^ (random.random(len(cells)) < _WRONG)
    ids = [f"G{number:04d}" for number in range(1, len(cells) + 1)]
    columns = {
        "point_id": np.array(ids, dtype=object),
        "stratum": _words(mapped.ravel()[cells]),
        "reference": _words(truth),
    }
    return Table("reference", _middles(cells), columns)


def mapped_green(taken: Taken) -> BoolArray:
    """Return where the NDVI is above 0.4, in whole numbers."""
    red, nir = taken.red.astype(np.int64), taken.nir.astype(np.int64)
    green: BoolArray = 3 * nir > 7 * red
    return green


def _sizes(strata: list[IntArray]) -> tuple[int, int]:
    """Share the points out after Neyman: in proportion to cells times standard deviation."""
    spread = [len(s) * (p * (1.0 - p)) ** 0.5 for s, p in zip(strata, EXPECTED, strict=True)]
    first = round(POINTS * spread[0] / sum(spread))
    return first, POINTS - first


def _words(green: BoolArray) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    return np.where(green, "green", "other").astype(object)


def _middles(cells: IntArray) -> list[shapely.Point]:
    """Return the middles of pixels in `METRIC`; the grid's own, each within the millimetre."""
    row, column = np.divmod(cells, WINDOW.columns)
    to_metric = pyproj.Transformer.from_crs(CRS, METRIC, always_xy=True)
    x = WINDOW.west + (column + 0.5) * WINDOW.cell_m
    y = WINDOW.north - (row + 0.5) * WINDOW.cell_m
    return list(shapely.points(np.round(np.column_stack(to_metric.transform(x, y)), 3)))
