"""The reference sample: points whose true class a person looks up, on imagery or on site."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from jxgis.rasters import Grid

COLUMNS = ("point_id", "stratum", "reference", "interpreter", "date", "remark")
"""What is said of a point; all but the first two are filled in by hand."""

_CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])


def reference_points(
    cells: Mapping[str, npt.NDArray[np.intp]], grid: Grid, seed: int
) -> gpd.GeoDataFrame:
    """Return drawn cells as points that wait for their true class.

    Parameters
    ----------
    cells : mapping to (n, 2) arrays
        Row and column of the drawn cells by stratum, a class word of the map.
    grid
        The map's.
    seed
        Of the order: the strata are mixed, so that neither number nor order of a point tells
        what the map shows there.

    Returns
    -------
    GeoDataFrame
        ``point_id`` (``G0001`` and so on), ``stratum``, and empty ``reference``,
        ``interpreter``, ``date`` and ``remark``; ``cell_m``, the side of a square as large as
        the cell, metres; ``geometry``, its middle, and ``cell``, its outline, in EPSG:4326.
    """
    strata = sorted(cells)
    at = np.concatenate([np.empty((0, 2), np.intp), *(cells[s] for s in strata)])
    words = np.repeat(np.array(strata, dtype=object), [len(cells[s]) for s in strata])
    order = _mixed(len(at), seed)
    at, words = at[order], words[order]
    middles = at[:, ::-1] + 0.5
    corners = middles[:, None, :] + _CORNERS
    outlines = _degrees(grid, corners.reshape(-1, 2)).reshape(corners.shape)
    digits = max(4, len(str(len(at))))
    empty = dict.fromkeys(COLUMNS[2:], "")
    return gpd.GeoDataFrame(
        {
            "point_id": [f"G{number:0{digits}d}" for number in range(1, len(at) + 1)],
            "stratum": words,
            **empty,
            "cell_m": np.round(np.sqrt(_areas_m2(grid, at[:, 0])), 2),
            "cell": gpd.GeoSeries(shapely.polygons(outlines), crs=4326),
        },
        geometry=shapely.points(_degrees(grid, middles)),
        crs=4326,
    )


def _mixed(n: int, seed: int) -> npt.NDArray[np.intp]:
    """Return a random order, by words that NumPy promises never to change."""
    return np.argsort(np.random.PCG64([seed, 0]).random_raw(n), kind="stable").astype(np.intp)


def _degrees(grid: Grid, pixels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return longitude and latitude to a tenth of a millimetre, alike on any machine."""
    to_degrees = pyproj.Transformer.from_crs(grid.crs, 4326, always_xy=True)
    return np.round(np.column_stack(to_degrees.transform(*grid.to_ground(pixels).T)), 9)


def _areas_m2(grid: Grid, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    if not len(rows):
        return np.empty(0)
    first = int(rows.min())
    return grid.cell_areas_m2(first, int(rows.max()) - first + 1)[rows - first]
