"""Where and how the sample is drawn: its two coordinate systems, its tables, its smooth noise.

Everything is drawn in EPSG:4549 metres and written in EPSG:4490 degrees. So that each build gives
the same bytes, random numbers come from one fixed seed a subject, fields are made with the four
basic operations only (a library's sine may differ by a bit from one processor to the next), and
coordinates are rounded: to the millimetre when drawn, to 1e-7 degrees (a centimetre) when written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

GEOGRAPHIC, METRIC = "EPSG:4490", "EPSG:4549"
EXTENT = (515_000.0, 3_335_000.0, 635_000.0, 3_445_000.0)
"""A box around Jiaxing in `METRIC`: west, south, east, north."""
SEED = 20171109

_forward = pyproj.Transformer.from_crs(GEOGRAPHIC, METRIC, always_xy=True)


@dataclass(frozen=True)
class Table:
    """One layer of the sample: geometries in `METRIC` metres and columns beside them."""

    name: str
    geometry: Sequence[Any]
    columns: dict[str, npt.NDArray[Any]]


def rng(subject: int) -> np.random.Generator:
    """Return the subject's own stream, so that a change to one leaves the others as they are."""
    return np.random.Generator(np.random.PCG64([SEED, subject]))


def metres(lon: float, lat: float) -> FloatArray:
    """Return easting and northing of a position."""
    return np.round(np.array(_forward.transform(lon, lat)), 3)


def to_metres(geometry: Any) -> Any:
    """Return the geometry in `METRIC`, as exact as it was (the boundaries are not rounded)."""
    return shapely.transform(geometry, _forward.transform, interleaved=False)


def to_degrees(geometry: Any) -> Any:
    """Return geometries in `GEOGRAPHIC`, rounded to 1e-7 degrees."""

    def inverse(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        lon, lat = _forward.transform(x, y, direction="INVERSE")
        return np.round(lon, 7), np.round(lat, 7)

    return shapely.transform(geometry, inverse, interleaved=False)


class Noise:
    """A smooth random field over `EXTENT`, between -1 and 1.

    Random values on a square grid, blended with Perlin's ``3 t^2 - 2 t^3``.

    Parameters
    ----------
    random
        Where the values come from.
    wavelength
        Spacing of the grid, metres.
    """

    def __init__(self, random: np.random.Generator, wavelength: float) -> None:
        west, south, east, north = EXTENT
        self._wavelength = wavelength
        columns = int((east - west) / wavelength) + 3
        rows = int((north - south) / wavelength) + 3
        self._values = 2.0 * random.random((columns, rows)) - 1.0

    def __call__(self, points: FloatArray) -> FloatArray:
        """Return the field's values at ``(..., 2)`` points, metres."""
        at = (points - np.array(EXTENT[:2])) / self._wavelength
        i, j = np.floor(at[..., 0]).astype(int), np.floor(at[..., 1]).astype(int)
        tx, ty = at[..., 0] - i, at[..., 1] - j
        tx, ty = tx * tx * (3.0 - 2.0 * tx), ty * ty * (3.0 - 2.0 * ty)
        v = self._values
        low = v[i, j] * (1.0 - tx) + v[i + 1, j] * tx
        high = v[i, j + 1] * (1.0 - tx) + v[i + 1, j + 1] * tx
        field: FloatArray = low * (1.0 - ty) + high * ty
        return field


def winding(
    way: FloatArray, step: float, sway: float, fields: tuple[Noise, Noise]
) -> shapely.LineString:
    """Return a line through way points that winds between them.

    Parameters
    ----------
    way : (n, 2) array, metres
    step
        Distance between the line's vertices, metres.
    sway
        Largest displacement; it falls to nothing at both ends of the line, metres.
    fields
        Displacements east and north.
    """
    line = shapely.LineString(way)
    count = max(int(line.length / step), 2)
    t = np.arange(count + 1) / count
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, t * line.length))
    calm = np.minimum(np.minimum(t, 1.0 - t) * line.length / 2_000.0, 1.0)
    moves = np.stack([f(points) for f in fields], axis=-1)
    wound = np.round(points + sway * calm[:, None] * moves, 3)
    wound[0], wound[-1] = way[0], way[-1]
    return shapely.LineString(wound)


def outline(
    centre: FloatArray, radii: tuple[float, float], ragged: float, field: Noise
) -> shapely.Polygon:
    """Return a lake-like outline: an ellipse whose edge the field pushes in and out.

    ``radii`` are half the width and half the height, metres; ``ragged`` the share of them by
    which the edge moves. The ellipse is drawn by repeated chords, without sine or cosine.
    """
    ring = np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)])
    for _ in range(4):
        middle = ring + np.roll(ring, -1, axis=0)
        middle /= np.sqrt((middle**2).sum(axis=1))[:, None]
        ring = np.stack([ring, middle], axis=1).reshape(-1, 2)
    edge = centre + ring * np.array(radii)
    push = 1.0 + ragged * field(edge)
    return shapely.Polygon(np.round(centre + ring * np.array(radii) * push[:, None], 3))
