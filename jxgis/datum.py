"""Datums of Chinese web maps: GCJ-02 (Amap, Tencent) and BD-09 (Baidu), both ways.

The transformation was never published by its authority. The formula here is the one that
became public in 2013 and that all open converters share: polynomials and sines of the position
relative to 105 E, 35 N, in metres, laid off on the Krasovsky ellipsoid. Against WGS 84 (which
equals CGCS2000 to some centimetres) GCJ-02 is off by 20 to 700 m and BD-09 by 690 to 1,530 m.

Sources: https://github.com/googollee/eviltransform (tables of test values),
https://github.com/wandergis/coordtransform (BD-09).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.spec import DATUMS

FloatArray: TypeAlias = NDArray[np.float64]

# Krasovsky 1940: semi-major axis in metres, and the eccentricity squared of 1/298.3.
_SEMI_MAJOR = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323

#: Outside this box GCJ-02 is WGS 84: west, east, south, north in degrees. The public converters
#: all use it; it takes in parts of China's neighbours too.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271

_BD_ANGLE = np.pi * 3000.0 / 180.0

# Each step of the inversion leaves at most a hundredth of the error: 1.5 km -> 1e-8 m after 6.
_STEPS = 6


def apply(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """Return WGS 84 positions as a Chinese web map has them.

    Parameters
    ----------
    lon, lat : array_like, degrees
        Positions on WGS 84 or CGCS2000.
    datum : str
        ``gcj02``, ``bd09``, or ``wgs84`` (no change).

    Returns
    -------
    tuple of ndarray
        Longitudes and latitudes in ``datum``, degrees. NaN stays NaN.

    Raises
    ------
    InputError
        There is no such datum.

    Notes
    -----
    Outside the box of `inside` GCJ-02 is the identity; BD-09, which is laid over GCJ-02, is not.
    """
    lon, lat = _positions(lon, lat)
    if _checked(datum) == "wgs84":
        return lon, lat
    east, north = _gcj_offset(lon, lat)
    within = inside(lon, lat)
    lon, lat = np.where(within, lon + east, lon), np.where(within, lat + north, lat)
    return _bd_from_gcj(lon, lat) if datum == "bd09" else (lon, lat)


def undo(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """Return positions from a Chinese web map on WGS 84, exactly.

    Parameters
    ----------
    lon, lat : array_like, degrees
        Positions in ``datum``.
    datum : str
        ``gcj02``, ``bd09``, or ``wgs84`` (no change).

    Returns
    -------
    tuple of ndarray
        Longitudes and latitudes on WGS 84, degrees. NaN stays NaN.

    Raises
    ------
    InputError
        There is no such datum.

    Notes
    -----
    The inverse has no closed form. It is the fixed point of ``p <- q - (f(p) - p)``, a
    contraction to a hundredth; six steps end below a micrometre. Whether a position is moved
    at all is decided by where it lies in ``datum``, so a position within 2 km of the box's edge
    (at sea, or abroad) may not come back.
    """
    lon, lat = _positions(lon, lat)
    if _checked(datum) == "wgs84":
        return lon, lat
    if datum == "bd09":
        lon, lat = _gcj_from_bd(lon, lat)
    within = inside(lon, lat)
    found_lon, found_lat = lon, lat
    for _step in range(_STEPS):
        east, north = _gcj_offset(found_lon, found_lat)
        found_lon, found_lat = lon - east, lat - north
    return np.where(within, found_lon, lon), np.where(within, found_lat, lat)


def inside(lon: FloatArray, lat: FloatArray) -> NDArray[np.bool_]:
    """Return which positions GCJ-02 moves: 72.004 to 137.8347 E, 0.8293 to 55.8271 N.

    Parameters
    ----------
    lon, lat : ndarray, degrees
        Positions.

    Returns
    -------
    ndarray of bool
        False where GCJ-02 is WGS 84.
    """
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _checked(datum: str) -> str:
    if datum not in DATUMS:
        raise InputError(
            _("there is no datum {datum!r}").format(datum=datum),
            mend=_("Known datums: {names}").format(names=", ".join(DATUMS)),
        )
    return datum


def _positions(lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _gcj_offset(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the offset of GCJ-02 east and north, degrees."""
    x, y = lon - 105.0, lat - 35.0
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = (
        (300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)))
        + common * 2 / 3
        + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
        + (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    )
    north = (
        (-100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)))
        + common * 2 / 3
        + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
        + (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    )
    phi = np.radians(lat)
    w2 = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    prime_vertical = _SEMI_MAJOR / np.sqrt(w2)
    meridional = prime_vertical * (1 - _ECCENTRICITY_2) / w2
    return np.degrees(east / (prime_vertical * np.cos(phi))), np.degrees(north / meridional)


def _bd_from_gcj(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_ANGLE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _gcj_from_bd(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    found_lon, found_lat = lon - 0.0065, lat - 0.006
    for _step in range(_STEPS):
        there_lon, there_lat = _bd_from_gcj(found_lon, found_lat)
        found_lon, found_lat = found_lon + lon - there_lon, found_lat + lat - there_lat
    return found_lon, found_lat
