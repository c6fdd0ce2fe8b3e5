"""Features far from the rest of their layer: kept, and told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from jxgis.cleaning import geometries, rows_named
from jxgis.cleaning.domain import FloatArray
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec

# Fewer features have no middle to be far from.
_FEWEST = 5
# A city's data end nearer than this. A province's do not, but no feature of one lies five times
# as far out as half of all do: evenly over a disc, the farthest is 1.4 times as far.
_FAR_M = 200_000.0
_TIMES_MEDIAN = 5


def suspects(data: gpd.GeoDataFrame, spec: LayerSpec, crs: pyproj.CRS) -> list[LedgerRow]:
    """Tell which features lie far from the layer's median position.

    A single position in another city, or in degrees among metres, passes every check of a CRS's
    domain; it shows only by its distance to the others.

    Parameters
    ----------
    data
        Finite geometries in the metric CRS.
    spec
        The layer's name is on the row.
    crs
        The metric CRS.

    Returns
    -------
    list of LedgerRow
        None, or one ``suspected`` row: how many, which, and how far the farthest is (km, along
        the ellipsoid).
    """
    if len(data) < _FEWEST:
        return []
    bounds = shapely.bounds(geometries(data))
    middle = np.median((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)
    low, high = np.abs(bounds[:, :2] - middle), np.abs(bounds[:, 2:] - middle)
    away = np.hypot(*np.maximum(low, high).T)
    far = away > max(_FAR_M, _TIMES_MEDIAN * float(np.median(away)))
    if not far.any():
        return []
    corner = np.where(low >= high, bounds[:, :2], bounds[:, 2:])[np.argmax(away)]
    reason = _("{rows}: {km:,} km from the rest of the layer; is the position right?").format(
        rows=rows_named(data.index[far]), km=round(_distance(middle, corner, crs) / 1000)
    )
    return [LedgerRow("suspected", spec.name, int(far.sum()), reason)]


def _distance(a: FloatArray, b: FloatArray, crs: pyproj.CRS) -> float:
    """Return metres along the ellipsoid; far outside of its area a projection stretches them."""
    degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    ends = np.column_stack([a, b])
    lon, lat = degrees.transform(ends[0], ends[1])
    metres = float(pyproj.Geod(ellps="GRS80").line_length(lon, lat))
    return metres if np.isfinite(metres) else float(np.hypot(*(b - a)))
