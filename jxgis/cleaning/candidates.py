"""Which coordinate systems would fit bare coordinates, for a person to choose from.

In China's Gauss-Kruger systems the zone is either written in front of the easting (40567062 is
567062 m in 3-degree zone 40) or left out, and then the coordinates cannot tell it: every zone
fits. So a candidate is never used by itself; it is only named.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from jxgis.i18n import _

_LON, _LAT = 180.0, 90.0

# Longitudes and latitudes that hold China.
CHINA = (73.0, 18.0, 136.0, 54.0)

_DATUMS = {"CGCS2000": "CGCS2000", "Xi'an 1980": "Xian 1980", "Beijing 1954": "Beijing 1954"}
_DEGREES = {"CGCS2000": 4490, "Xi'an 1980": 4610, "Beijing 1954": 4214, "WGS 84": 4326}

# China's northings; eastings count from 500 km west of the central meridian.
_NORTHING = (1_900_000.0, 6_000_000.0)
_FALSE_EASTING = 500_000
_ZONE_STEP = 1_000_000
_METRES_PER_DEGREE = 111_320.0
# Maps go a little over the edge of their zone.
_OVER_THE_EDGE = 1.2
_SIX_DEGREE_ZONES = range(13, 24)
_THREE_DEGREE_ZONES = range(25, 46)


def in_china(lon: float, lat: float) -> bool:
    """Tell whether degrees lie in the box that holds China."""
    west, south, east, north = CHINA
    return west <= lon <= east and south <= lat <= north


def candidates(points: NDArray[np.float64]) -> list[str]:
    """Name the coordinate systems in whose domain the coordinates lie.

    Parameters
    ----------
    points : (n, 2) array
        Coordinates as they were read; the medians decide, so that a stray point does not.

    Returns
    -------
    list of str
        ``EPSG:4490 (CGCS2000)`` and the like, the likeliest first; ``EPSG:4534…4554 (…)`` where
        any zone would fit; empty where nothing is known that fits.
    """
    finite = points[np.isfinite(points).all(axis=1)]
    if len(finite) == 0:
        return []
    x, y = (float(v) for v in np.median(finite, axis=0))
    if abs(x) <= _LON and abs(y) <= _LAT:
        names = _DEGREES.items() if in_china(x, y) else [("WGS 84", 4326)]
        return [f"EPSG:{code} ({name})" for name, code in names]
    return _gauss_kruger(x, y) + _web_mercator(x, y)


def _gauss_kruger(x: float, y: float) -> list[str]:
    if not _NORTHING[0] <= y <= _NORTHING[1]:
        return []
    zone, easting = divmod(x, _ZONE_STEP)
    east = abs(easting - _FALSE_EASTING) / (_METRES_PER_DEGREE * np.cos(np.radians(y / 110_900)))
    widths = [width for width in (3, 6) if east <= width / 2 * _OVER_THE_EDGE]
    if zone == 0:
        return [_span(name, width) for width in widths for name in _DATUMS]
    width = 3 if zone in _THREE_DEGREE_ZONES else 6
    if width not in widths or zone not in (*_THREE_DEGREE_ZONES, *_SIX_DEGREE_ZONES):
        return []
    return [_zoned(name, width, int(zone)) for name in _DATUMS]


def _named(datum: str, degrees: int, zone: str) -> int:
    width = "3-degree " if degrees == 3 else ""  # noqa: PLR2004 - EPSG's names say only this one
    return _projected()[f"{_DATUMS[datum]} / {width}Gauss-Kruger {zone}"]


def _zoned(datum: str, degrees: int, zone: int) -> str:
    code = _named(datum, degrees, f"zone {zone}")
    return _("EPSG:{code} ({datum}, {degrees}-degree zone {zone})").format(
        code=code, datum=datum, degrees=degrees, zone=zone
    )


def _span(datum: str, degrees: int) -> str:
    first, last = (_named(datum, degrees, f"CM {meridian}E") for meridian in (75, 135))
    return _(
        "EPSG:{first}…{last} ({datum}, {degrees}-degree zones by central meridian 75E to 135E)"
    ).format(first=first, last=last, datum=datum, degrees=degrees)


def _web_mercator(x: float, y: float) -> list[str]:
    to_degrees = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)
    lon, lat = to_degrees.transform(x, y)
    return ["EPSG:3857 (Web Mercator)"] if in_china(lon, lat) else []


@cache
def _projected() -> dict[str, int]:
    """Return the codes of EPSG's projected systems by name."""
    found = query_crs_info("EPSG", pj_types=[PJType.PROJECTED_CRS])
    return {info.name: int(info.code) for info in found}
