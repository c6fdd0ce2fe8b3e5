"""Rasters as lazy handles: where their cells lie, and windows of them on demand.

A raster is never warped and never held whole. What is measured on it goes to its grid; a grid in
degrees counts the ellipsoidal areas of its cells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyproj

from jxgis.results import InputFile, LedgerRow

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


MOST_DISTORTION = 0.01
"""A plane whose areas are farther off than this share is not measured in."""

# Half the way, in units of the CRS, over which the scale of a plane is told.
_NEAR = 50.0


class Window(NamedTuple):
    """A rectangle of cells: first row and column, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie.

    Attributes
    ----------
    crs
        Projected, or geographic in degrees; used with easting or longitude first.
    transform
        ``(a, b, c, d, e, f)``: a corner at column *u* and row *v* is at
        ``(a u + b v + c, d u + e v + f)``.
    width, height
        Columns and rows.
    """

    crs: pyproj.CRS
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    def to_pixels(self, xy: FloatArray) -> FloatArray:
        """Return columns and rows, fractions included, of points in the grid's CRS.

        Parameters
        ----------
        xy : (n, 2) array
            Easting and northing, or longitude and latitude.

        Returns
        -------
        (n, 2) array
            Column and row; whole numbers at the corners of cells.
        """
        a, b, c, d, e, f = self.transform
        x, y = xy[:, 0] - c, xy[:, 1] - f
        determinant = a * e - b * d
        return np.column_stack([(e * x - b * y) / determinant, (a * y - d * x) / determinant])

    def to_ground(self, pixels: FloatArray) -> FloatArray:
        """Return points in the grid's CRS of columns and rows, fractions included.

        Parameters
        ----------
        pixels : (n, 2) array
            Column and row.

        Returns
        -------
        (n, 2) array
            Easting and northing, or longitude and latitude.
        """
        a, b, c, d, e, f = self.transform
        u, v = pixels[:, 0], pixels[:, 1]
        return np.column_stack([a * u + b * v + c, d * u + e * v + f])

    def cell_areas_m2(self, first_row: int, rows: int) -> FloatArray:
        """Return the area of a cell in each of several rows, inside the raster or beyond it.

        Parameters
        ----------
        first_row, rows
            The first row (may be negative) and how many.

        Returns
        -------
        (rows,) array
            Square metres: of the plane in a projected CRS that is `true_to_area`, else of the
            ellipsoid.

        Notes
        -----
        The zone between the equator and a latitude has an area in closed form (authalic
        latitude; Snyder, Map Projections: A Working Manual, 1987, equation 3-12).
        """
        a, b, _c, d, e, f = self.transform
        if not self.crs.is_geographic:
            unit = self.crs.axis_info[0].unit_conversion_factor
            plane = np.full(rows, abs(a * e - b * d) * unit**2)
            if self.true_to_area:
                return plane
            middles = np.column_stack(
                [np.full(rows, self.width / 2), first_row + np.arange(rows) + 0.5]
            )
            return plane / self.areal_scale(middles)
        edges = np.clip(f + e * np.arange(first_row, first_row + rows + 1), -90.0, 90.0)
        above = _area_from_equator(np.radians(edges), self.crs)
        return np.asarray(np.abs(np.diff(above)) * np.radians(abs(a)), dtype=np.float64)

    def areal_scale(self, pixels: FloatArray) -> FloatArray:
        """Return how many times its area on the ellipsoid an area of the plane is, at points.

        Parameters
        ----------
        pixels : (n, 2) array
            Column and row.

        Notes
        -----
        Measured over a small way on the ellipsoid itself: what PROJ says of Web Mercator is for
        the sphere that it draws, a third of a percent off.
        """
        projection = pyproj.Proj(self.crs)
        around = _NEAR * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]])
        x, y = (self.to_ground(pixels)[:, None, :] + around).reshape(-1, 2).T
        lon, lat = (own.reshape(-1, 5) for own in projection(x, y, inverse=True))
        with np.errstate(invalid="ignore"):  # beyond what the projection can show: not a number
            east, north = (
                (lon[:, [0, 2]] - lon[:, [1, 3]] + 180.0) % 360.0 - 180.0,
                lat[:, [0, 2]] - lat[:, [1, 3]],
            )
            cell = np.abs(east[:, 0] * north[:, 1] - east[:, 1] * north[:, 0])
            cell *= (np.radians(1.0) / (2 * _NEAR)) ** 2
            unit = self.crs.axis_info[0].unit_conversion_factor
            return np.asarray(unit**2 / (cell * _area_of_radians(lat[:, 4], self.crs)))

    @cached_property
    def true_to_area(self) -> bool:
        """Whether areas of the plane are those of the ellipsoid to within `MOST_DISTORTION`."""
        if self.crs.is_geographic:
            return False
        return bool((np.abs(self.areal_scale(self.lattice()) - 1) <= MOST_DISTORTION).all())

    def lattice(self) -> FloatArray:
        """Return 9 by 9 points over the raster, (81, 2) columns and rows, its corners included."""
        u, v = np.meshgrid(np.linspace(0, self.width, 9), np.linspace(0, self.height, 9))
        return np.column_stack([u.ravel(), v.ravel()])

    def middle_cell_m2(self) -> float:
        """Return the area of a cell in the middle row, square metres."""
        return float(self.cell_areas_m2(self.height // 2, 1)[0])


def _shape(crs: pyproj.CRS) -> tuple[float, float]:
    """Return the semi-major axis of a CRS's ellipsoid, metres, and its squared eccentricity."""
    ellipsoid = crs.ellipsoid
    semi_major = ellipsoid.semi_major_metre if ellipsoid else 0.0
    flat = 1 / ellipsoid.inverse_flattening if ellipsoid and ellipsoid.inverse_flattening else 0.0
    return semi_major, flat * (2 - flat)


def _area_of_radians(latitude: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Return square metres of a radian of longitude by one of latitude, at latitudes in degrees."""
    semi_major, squared = _shape(crs)
    phi = np.radians(latitude)
    bent = (1 - squared * np.sin(phi) ** 2) ** 2
    return np.asarray(semi_major**2 * (1 - squared) * np.cos(phi) / bent)


def _area_from_equator(latitude: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Return square metres between the equator and a latitude for each radian of longitude."""
    semi_major, squared = _shape(crs)
    sine = np.sin(latitude)
    if squared == 0:
        return np.asarray(semi_major**2 * sine)
    root = np.sqrt(squared)
    q = sine / (1 - squared * sine**2) + np.arctanh(root * sine) / root
    return np.asarray(semi_major**2 * (1 - squared) / 2 * q)


@dataclass(frozen=True)
class Scaling:
    """From what a band stores to what it means: ``value * scale + offset``, as exact fractions."""

    scale: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)


Reader = Callable[[Window], Mapping[str, npt.NDArray[Any]]]
"""Gives the cells of a window: an array (rows, columns) for each of the raster's roles, and one of
booleans under ``seen`` (neither no data nor cloud, shadow or snow). Used by one thread only."""


@dataclass(frozen=True)
class Raster:
    """A raster that can be opened, any number of times and in any thread.

    Attributes
    ----------
    name
        Its name in messages: the layer's, or the file's.
    grid
        Where its cells lie.
    roles
        The arrays that a reader gives beside ``seen``: ``red`` and ``nir`` of imagery, ``code`` of
        land cover, ``canopy`` (percent) of a canopy layer.
    opened
        Opens it: a context that gives a `Reader`.
    block
        Rows and columns that are stored together, so that reading them together is cheap.
    scaling
        What the stored numbers of a role mean.
    date
        When it was taken, where that is known.
    legend
        Of land cover: what each code means, in the words of `jxgis.spec.LAND_CLASSES`.
    settled
        Whether its scaling is known (from the metadata or the plan) and not only assumed.
    level
        Of imagery: ``surface`` reflectance, ``top`` of the atmosphere, or empty where nothing
        tells.
    """

    name: str
    grid: Grid
    roles: tuple[str, ...]
    opened: Callable[[], AbstractContextManager[Reader]]
    block: tuple[int, int]
    scaling: Mapping[str, Scaling] = field(default_factory=dict)
    date: dt.date | None = None
    legend: Mapping[int, str] = field(default_factory=dict)
    settled: bool = True
    level: str = ""


@dataclass(frozen=True)
class RasterSource:
    """What a source of rasters gives: handles, the files they are of, and what was assumed."""

    rasters: tuple[Raster, ...]
    inputs: tuple[InputFile, ...]
    ledger: tuple[LedgerRow, ...] = ()


Watcher = Callable[[int, int], None]
"""Is told how many windows of a pass are done, and how many there are."""

watcher: ContextVar[Watcher] = ContextVar("watcher", default=lambda _done, _of: None)
"""Who is told: a measure gives no word of itself while it reads."""


@contextmanager
def watching(tell: Watcher) -> Iterator[None]:
    """Have somebody told of the windows that are read in the body."""
    token = watcher.set(tell)
    try:
        yield
    finally:
        watcher.reset(token)
