"""Where things are: coordinates checked, their datum undone, made metric."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from jxgis.cleaning import geometries, place, row_number, rows_named
from jxgis.cleaning.domain import Bounds, FloatArray, Points, check
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import DATUMS, LayerSpec

_DEGREES = "EPSG:4326"
# CGCS2000 and WGS 84 differ by centimetres.
_EQUAL_DATUMS = ("WGS 84", "World Geodetic System 1984", "China Geodetic Coordinate System 2000")


def to_metric(
    data: gpd.GeoDataFrame, spec: LayerSpec, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Check a layer's coordinates, undo its datum and transform it to the metric CRS.

    Parameters
    ----------
    data
        Finite geometries in the source's CRS, x (longitude, easting) first.
    spec
        Its ``datum`` says what is undone; ``wgs84`` and None are nothing.
    crs
        The run's metric CRS.

    Returns
    -------
    data : GeoDataFrame
        In ``crs``.
    ledger : list of LedgerRow

    Raises
    ------
    NoCrsError
        If the data have no coordinate system.
    InputError
        If coordinates cannot be what their CRS says, or look swapped.
    """
    ledger: list[LedgerRow] = []
    data = _without_null_island(data, spec, ledger)
    source = check(data, spec, crs)
    if spec.datum not in (None, "wgs84"):
        data = _datum_undone(data, source, spec, ledger)
        source = pyproj.CRS(_DEGREES)
    elif _offset_unknown(data, source, crs):
        reason = _(
            "no published transformation from {source} to {crs}: the difference of their datums "
            "(up to about 100 m) was not taken out"
        ).format(source=source.name, crs=crs.name)
        ledger.append(LedgerRow("assumed", spec.name, len(data), reason))
    if source.is_exact_same(crs):
        return data.set_crs(crs, allow_override=True), ledger
    out = _transformed(data, source, crs)
    _refuse_infinite(out, spec, crs)
    return out, ledger


def geographic_bounds(data: gpd.GeoDataFrame, spec: LayerSpec) -> Bounds:
    """Return west, south, east and north of a layer as it was read, in degrees.

    Raises
    ------
    InputError
        If coordinates are impossible, so that no metric CRS is ever chosen by them.
    """
    finite = data.loc[np.isfinite(data.geometry.bounds.to_numpy()).all(axis=1)]
    if len(finite) == 0:
        raise InputError(_("no feature has a position"), **place(spec))
    finite = _without_null_island(finite, spec, [])
    source = check(finite, spec)
    bounds = _transformed(finite, source, pyproj.CRS(_DEGREES)).total_bounds
    west, south, east, north = (float(v) for v in bounds)
    return west, south, east, north


def _refuse_infinite(data: gpd.GeoDataFrame, spec: LayerSpec, crs: pyproj.CRS) -> None:
    points = Points.of(data)
    bad = ~np.isfinite(points.xy).all(axis=1)
    if bad.any():
        raise InputError(
            _("its position has no place in {crs}").format(crs=crs.name),
            mend=_("Correct or leave out {rows}").format(rows=rows_named(points.labels[bad])),
            row=row_number(points.labels[bad][0]),
            **place(spec),
        )


def _without_null_island(
    data: gpd.GeoDataFrame, spec: LayerSpec, ledger: list[LedgerRow]
) -> gpd.GeoDataFrame:
    """Drop points at 0, 0, which is how tables and devices write that they have no position."""
    shapes = geometries(data)
    zero = (shapely.get_x(shapes) == 0) & (shapely.get_y(shapes) == 0)
    if not zero.any() or zero.all():
        return data
    reason = _("at 0, 0, which means no position: {rows}").format(rows=rows_named(data.index[zero]))
    ledger.append(LedgerRow("dropped", spec.name, int(zero.sum()), reason))
    kept: gpd.GeoDataFrame = data.loc[~zero]
    return kept


def _datum_undone(
    data: gpd.GeoDataFrame, source: pyproj.CRS, spec: LayerSpec, ledger: list[LedgerRow]
) -> gpd.GeoDataFrame:
    from jxgis.datum import undo

    datum = spec.datum or ""
    if datum not in DATUMS:
        raise InputError(
            _("unknown datum {datum}").format(datum=datum),
            mend=_("Known: {names}").format(names=", ".join(DATUMS)),
            **place(spec),
        )
    degrees = _transformed(data, source, pyproj.CRS(_DEGREES))
    out = _moved(degrees, lambda lon, lat: undo(lon, lat, datum))
    names = {"gcj02": "GCJ-02", "bd09": "BD-09"}
    reason = _("coordinates are {datum}, as the plan says; undone to WGS 84").format(
        datum=names[datum]
    )
    ledger.append(LedgerRow("assumed", spec.name, len(data), reason))
    return out


def _offset_unknown(data: gpd.GeoDataFrame, source: pyproj.CRS, crs: pyproj.CRS) -> bool:
    """Tell whether PROJ knows no transformation between the two datums where the data lie."""
    pair = (source.geodetic_crs, crs.geodetic_crs)
    if all(geodetic is not None and geodetic.name.startswith(_EQUAL_DATUMS) for geodetic in pair):
        return False
    transformer = pyproj.Transformer.from_crs(source, crs, always_xy=True)
    west, south, east, north = data.total_bounds.tolist()
    transformer.transform((west + east) / 2, (south + north) / 2)
    # Which of several operations is taken depends on the place, and is known only afterwards.
    return "Ballpark" in transformer.get_last_used_operation().description


def _transformed(data: gpd.GeoDataFrame, source: pyproj.CRS, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    transformer = pyproj.Transformer.from_crs(source, crs, always_xy=True)
    return _moved(data, transformer.transform).set_crs(crs, allow_override=True)


def _moved(
    data: gpd.GeoDataFrame,
    move: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
) -> gpd.GeoDataFrame:
    shapes = shapely.transform(
        geometries(data), lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1]))
    )
    return data.set_geometry(gpd.GeoSeries(shapes, index=data.index, crs=data.crs))
