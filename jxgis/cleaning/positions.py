"""Where things are: coordinates checked against their CRS, datum undone, made metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from jxgis.cleaning import geometries, place, row_number, rows_named
from jxgis.cleaning.candidates import candidates, in_china
from jxgis.errors import InputError, NoCrsError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec

FloatArray = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

_LON, _LAT = 180.0, 90.0
_DEGREES = "EPSG:4326"
# Data may reach this far out of the area their CRS, or the run's, is made for.
_MARGIN = 10.0
# Swapped coordinates must come to lie this near to the run's area before they are called swapped.
_NEAR = 1.0
# CGCS2000 and WGS 84 differ by centimetres.
_EQUAL_DATUMS = ("WGS 84", "World Geodetic System 1984", "China Geodetic Coordinate System 2000")
_SHIFTED_DATUMS = ("gcj02", "bd09")


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
    elif _offset_unknown(source, crs):
        reason = _(
            "no published transformation from {source} to {crs}: the difference of their datums "
            "(up to about 100 m) was not taken out"
        ).format(source=source.name, crs=crs.name)
        ledger.append(LedgerRow("assumed", spec.name, len(data), reason))
    out = _transformed(data, source, crs)
    _refuse_infinite(out, spec, crs)
    return out, ledger


def check(data: gpd.GeoDataFrame, spec: LayerSpec, metric: pyproj.CRS | None = None) -> pyproj.CRS:
    """Return the layer's CRS; raise where coordinates cannot be what it says.

    ``metric`` is the run's CRS, where it is known: swapped coordinates show by it.
    """
    source = data.crs
    if source is None:
        raise NoCrsError(
            _("the layer has no coordinate system"),
            mend=_('Write crs = "EPSG:…" under [layers.{layer}]').format(layer=spec.name),
            **place(spec),
        )
    points = Points.of(data)
    if len(points.xy) == 0:
        return source
    if source.is_geographic:
        _check_degrees(points, spec, metric)
    else:
        _check_metres(points, spec, source)
    return source


def geographic_bounds(data: gpd.GeoDataFrame, spec: LayerSpec) -> Bounds:
    """Return west, south, east and north of a layer as it was read, in degrees.

    Raises
    ------
    InputError
        As `check` does, so that a metric CRS is never chosen by impossible coordinates.
    """
    finite = data.loc[np.isfinite(data.geometry.bounds.to_numpy()).all(axis=1)]
    if len(finite) == 0:
        raise InputError(_("no feature has a position"), **place(spec))
    source = check(finite, spec)
    bounds = _transformed(finite, source, pyproj.CRS(_DEGREES)).total_bounds
    west, south, east, north = (float(v) for v in bounds)
    return west, south, east, north


@dataclass(frozen=True)
class Points:
    """All coordinates of a layer, each with its row's label."""

    xy: FloatArray
    labels: NDArray[np.intp]

    @classmethod
    def of(cls, data: gpd.GeoDataFrame) -> Points:
        """Return the coordinates of a layer."""
        xy, owner = shapely.get_coordinates(geometries(data), return_index=True)
        return cls(xy, np.asarray(data.index)[owner])

    @property
    def swapped(self) -> FloatArray:
        """The coordinates in the other order."""
        return self.xy[:, ::-1]

    @property
    def median(self) -> tuple[float, float]:
        """A point in the middle that no stray point moves."""
        x, y = np.median(self.xy, axis=0)
        return float(x), float(y)


def _check_degrees(points: Points, spec: LayerSpec, metric: pyproj.CRS | None) -> None:
    impossible = ~_possible(points.xy)
    x, y = points.median
    if abs(x) > _LON or abs(y) > _LON:
        raise InputError(
            _("coordinates like {x:.1f}, {y:.1f} are no degrees; they look like metres").format(
                x=x, y=y
            ),
            mend=_crs_to_write(spec, points.xy),
            **place(spec),
        )
    mistaken = impossible & _possible(points.swapped)
    mistaken |= _swapped_in_china(points.xy, metric) | _swapped_by_area(points, metric)
    if mistaken.any():
        raise _swapped(points, mistaken, spec, _("longitude and latitude"))
    if impossible.any():
        _refuse(points, impossible, spec, _("is no longitude and latitude"))


def _possible(lonlat: FloatArray) -> NDArray[np.bool_]:
    return np.asarray((np.abs(lonlat[:, 0]) <= _LON) & (np.abs(lonlat[:, 1]) <= _LAT))


def _swapped_in_china(lonlat: FloatArray, metric: pyproj.CRS | None) -> NDArray[np.bool_]:
    """Tell which coordinates are China's with latitude first, in a plan that is of China."""
    home = metric.area_of_use if metric is not None else None
    if home is None or not in_china((home.west + home.east) / 2, (home.south + home.north) / 2):
        return np.zeros(len(lonlat), dtype=bool)
    x, y = lonlat.T
    return np.asarray((x >= 18) & (x <= 54) & (y >= 73) & (y <= 135))  # noqa: PLR2004 - China


def _swapped_by_area(points: Points, metric: pyproj.CRS | None) -> NDArray[np.bool_]:
    """Tell which coordinates lie far from the run's area as given but in it when swapped."""
    home = metric.area_of_use if metric is not None else None
    if home is None:
        return np.zeros(len(points.xy), dtype=bool)
    bounds = home.bounds
    return ~_within(points.xy, bounds, _MARGIN) & _within(points.swapped, bounds, _NEAR)


def _within(lonlat: FloatArray, bounds: Bounds, margin: float) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    if west > east:  # an area over the antimeridian
        east += 360
    lon = west + (lonlat[:, 0] - west + margin) % 360 - margin
    lat = lonlat[:, 1]
    inside = (lon <= east + margin) & (lat >= south - margin) & (lat <= north + margin)
    return np.asarray(inside)


def _check_metres(points: Points, spec: LayerSpec, source: pyproj.CRS) -> None:
    if _possible(points.xy).all():
        x, y = points.median
        raise InputError(
            _("coordinates like {x:.5f}, {y:.5f} look like degrees, and {crs} has metres").format(
                x=x, y=y, crs=source.name
            ),
            mend=_crs_to_write(spec, points.xy),
            **place(spec),
        )
    if source.area_of_use is None:
        return
    bounds = source.area_of_use.bounds
    degrees = pyproj.Transformer.from_crs(source, source.geodetic_crs, always_xy=True)
    if _middle_within(points.xy, degrees, bounds):
        return
    if _middle_within(points.swapped, degrees, bounds):
        every = np.ones(len(points.xy), dtype=bool)
        raise _swapped(points, every, spec, _("easting and northing"))
    x, y = points.median
    raise InputError(
        _("coordinates like {x:.1f}, {y:.1f} lie outside the domain of {crs}").format(
            x=x, y=y, crs=source.name
        ),
        mend=_crs_to_write(spec, points.xy),
        **place(spec),
    )


def _middle_within(xy: FloatArray, degrees: pyproj.Transformer, bounds: Bounds) -> bool:
    lonlat = np.array([degrees.transform(*np.median(xy, axis=0))])
    return bool(np.isfinite(lonlat).all() and _within(lonlat, bounds, _MARGIN)[0])


def _crs_to_write(spec: LayerSpec, xy: FloatArray) -> str:
    fitting = candidates(xy)
    if not fitting:
        return _('Write the right crs = "EPSG:…" under [layers.{layer}]').format(layer=spec.name)
    return _('Write the right crs = "EPSG:…" under [layers.{layer}]; these fit: {names}').format(
        layer=spec.name, names="; ".join(fitting)
    )


def _swapped(points: Points, mistaken: NDArray[np.bool_], spec: LayerSpec, what: str) -> InputError:
    x, y = points.xy[mistaken][0]
    return InputError(
        _("{what} look swapped: {x:g}, {y:g}").format(what=what, x=x, y=y),
        mend=_(
            "Swap them in the file ({rows}), or for a table write "
            'columns = {{ lon = "…", lat = "…" }} under [layers.{layer}]'
        ).format(rows=rows_named(points.labels[mistaken]), layer=spec.name),
        row=row_number(points.labels[mistaken][0]),
        **place(spec),
    )


def _refuse(points: Points, bad: NDArray[np.bool_], spec: LayerSpec, problem: str) -> None:
    x, y = points.xy[bad][0]
    raise InputError(
        _("{x:g}, {y:g} {problem}").format(x=x, y=y, problem=problem),
        mend=_("Correct or leave out {rows}").format(rows=rows_named(points.labels[bad])),
        row=row_number(points.labels[bad][0]),
        **place(spec),
    )


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
    if datum not in _SHIFTED_DATUMS:
        raise InputError(
            _("unknown datum {datum}").format(datum=datum),
            mend=_("Known: {names}").format(names=", ".join(("wgs84", *_SHIFTED_DATUMS))),
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


def _offset_unknown(source: pyproj.CRS, crs: pyproj.CRS) -> bool:
    """Tell whether PROJ knows no transformation between the two datums."""
    pair = (source.geodetic_crs, crs.geodetic_crs)
    if all(geodetic is not None and geodetic.name.startswith(_EQUAL_DATUMS) for geodetic in pair):
        return False
    return "Ballpark" in pyproj.Transformer.from_crs(source, crs, always_xy=True).description


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
