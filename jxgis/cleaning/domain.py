"""Whether coordinates can be what their CRS says: degrees, metres, in its area, not swapped."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from jxgis.cleaning import geometries, place, row_number, rows_named
from jxgis.cleaning.candidates import CHINA, candidates, in_china
from jxgis.errors import InputError, NoCrsError
from jxgis.i18n import _
from jxgis.spec import LayerSpec

FloatArray = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

_LON, _LAT = 180.0, 90.0
# Data may reach this far out of the area their CRS, or the run's, is made for.
_MARGIN = 10.0
# Swapped coordinates must come to lie this near to the run's area before they are called swapped.
_NEAR = 1.0


def check(data: gpd.GeoDataFrame, spec: LayerSpec, metric: pyproj.CRS | None = None) -> pyproj.CRS:
    """Return the layer's CRS; raise where coordinates cannot be what it says.

    ``metric`` is the run's CRS, where it is known: swapped coordinates show by it.

    Raises
    ------
    NoCrsError
        If the layer has none.
    InputError
        If its coordinates are impossible, outside the CRS's area, or look swapped.
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
    lat, lon = lonlat.T
    west, south, east, north = CHINA
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


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
