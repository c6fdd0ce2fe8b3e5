"""Rasters drawn on the map: their cells moved to Web Mercator, for the eye and no figure.

Nearest neighbour, so that no colour is on the map that is not in the legend. Coordinates go
through PROJ, as those of the vectors do, so that both lie on each other.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj

from jxgis.publish.png import png
from jxgis.publish.theme import PICTURE_COLOURS
from jxgis.results import Picture

# Browsers draw an image of this many pixels a side everywhere.
MAX_SIDE = 4096

# Pixels from one exactly transformed point to the next; between them, straight lines.
_STEP = 32
_STRIP = 512

_MERCATOR = pyproj.CRS("EPSG:3857")

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Overlay:
    """A picture as the page carries it.

    Attributes
    ----------
    picture
        What it was made of.
    image
        The PNG as a ``data:`` URI.
    bounds
        West, south, east and north edge, degrees.
    cell_m
        Side of a drawn cell on the ground, metres.
    """

    picture: Picture
    image: str
    bounds: tuple[float, float, float, float]
    cell_m: float

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Colour and label of each row of the legend; codes of one look and label have one row."""
        rows = [(PICTURE_COLOURS[look], label) for look, label in self.picture.legend.values()]
        return list(dict.fromkeys(rows))

    @property
    def is_asked(self) -> bool:
        """Whether a click on it says anything."""
        return any(self.picture.answers.values())


@dataclass(frozen=True)
class Canvas:
    """Pixels of Web Mercator: the north-west corner, their side, rows and columns, metres."""

    west: float
    north: float
    cell: float
    rows: int
    columns: int


def overlays(pictures: Sequence[Picture]) -> list[Overlay]:
    """Return the pictures that have anything to draw, in their order."""
    made = (overlay(p) for p in pictures)
    return [o for o in made if o is not None]


def overlay(picture: Picture) -> Overlay | None:
    """Return a picture as the page carries it, or None where there is nothing to see or to say."""
    cut = _trimmed(picture)
    if cut is None:
        return None
    corner, pixels = cut
    canvas, own = _canvas(picture, corner, pixels.shape)
    drawn = warped(picture, corner, pixels, canvas)
    colours = {code: PICTURE_COLOURS[look] for code, (look, _label) in picture.legend.items()}
    image = base64.b64encode(png(drawn, colours)).decode("ascii")
    to_degrees = pyproj.Transformer.from_crs(_MERCATOR, 4326, always_xy=True)
    east, south = (
        canvas.west + canvas.columns * canvas.cell,
        canvas.north - canvas.rows * canvas.cell,
    )
    (west_, east_), (north_, south_) = to_degrees.transform(
        [canvas.west, east], [canvas.north, south]
    )
    cell_m = _ground_cell(picture, own, (north_ + south_) / 2) * canvas.cell / own
    return Overlay(
        picture, f"data:image/png;base64,{image}", (west_, south_, east_, north_), cell_m
    )


def _trimmed(picture: Picture) -> tuple[tuple[int, int], Codes] | None:
    """Return what is seen or says something, with its first column and row; None where none is."""
    seen = np.isin(picture.pixels, [c for c in {*picture.legend, *picture.answers} if c])
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    own = np.where(seen, picture.pixels, 0).astype(np.uint8)
    cut = own[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return (int(columns[0]), int(rows[0])), cut


def _canvas(
    picture: Picture, corner: tuple[int, int], shape: tuple[int, ...]
) -> tuple[Canvas, float]:
    """Return the pixels that hold a picture, and the side of its own cell, in Web Mercator."""
    transformer = pyproj.Transformer.from_crs(picture.crs, _MERCATOR, always_xy=True)
    column, row = corner
    rows, columns = shape
    # Along an edge there are enough points that a bow between two is under a cell.
    u = np.linspace(column, column + columns, 2 + columns // _STEP)
    v = np.linspace(row, row + rows, 2 + rows // _STEP)
    edge_u = np.concatenate([u, u, np.full(len(v), u[0]), np.full(len(v), u[-1])])
    edge_v = np.concatenate([np.full(len(u), v[0]), np.full(len(u), v[-1]), v, v])
    x, y = transformer.transform(*_ground(picture, edge_u, edge_v))
    west, east, south, north = x.min(), x.max(), y.min(), y.max()
    middle_u, middle_v = column + columns / 2, row + rows / 2
    (x0, x1, x2), (y0, y1, y2) = transformer.transform(
        *_ground(
            picture,
            middle_u + np.array([-0.5, 0.5, -0.5]),
            middle_v + np.array([-0.5, -0.5, 0.5]),
        )
    )
    own = math.sqrt(abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)))
    cell = max(own, (east - west) / MAX_SIDE, (north - south) / MAX_SIDE)
    sides = (min(MAX_SIDE, math.ceil(span / cell)) for span in (north - south, east - west))
    return Canvas(float(west), float(north), cell, *sides), own


def _ground(picture: Picture, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    a, b, c, d, e, f = picture.transform
    return a * u + b * v + c, d * u + e * v + f


def _ground_cell(picture: Picture, own: float, latitude: float) -> float:
    """Return the side of a picture's own cell on the ground, metres."""
    crs = pyproj.CRS(picture.crs)
    if crs.is_geographic:
        return own * math.cos(math.radians(latitude))
    a, b, _c, d, e, _f = picture.transform
    return math.sqrt(abs(a * e - b * d)) * crs.axis_info[0].unit_conversion_factor


def warped(picture: Picture, corner: tuple[int, int], pixels: Codes, canvas: Canvas) -> Codes:
    """Return the code of the cell that each pixel's centre lies in, 0 beyond the picture.

    Parameters
    ----------
    picture
        Whose grid the cells are on.
    corner
        Column and row of the first of ``pixels`` in the picture.
    pixels : (rows, columns) array
        The part of the picture to draw.
    canvas
        The pixels to fill.
    """
    u, v = _lattice(picture, canvas)
    across, between = np.divmod(np.arange(canvas.columns), _STEP)
    part = between / _STEP
    u, v = ((1 - part) * n[:, across] + part * n[:, across + 1] for n in (u, v))
    drawn = np.zeros((canvas.rows, canvas.columns), np.uint8)
    for first in range(0, canvas.rows, _STRIP):
        own = np.arange(first, min(first + _STRIP, canvas.rows))
        down, between = np.divmod(own, _STEP)
        part = (between / _STEP)[:, None]
        columns, rows = (
            np.floor((1 - part) * n[down] + part * n[down + 1]) - start
            for n, start in zip((u, v), corner, strict=True)
        )
        inside = (rows >= 0) & (rows < pixels.shape[0])
        inside &= (columns >= 0) & (columns < pixels.shape[1])
        found = pixels[rows[inside].astype(np.int64), columns[inside].astype(np.int64)]
        drawn[own[0] : own[-1] + 1][inside] = found
    return drawn


def _lattice(picture: Picture, canvas: Canvas) -> tuple[FloatArray, FloatArray]:
    """Return column and row in the picture of every 32nd pixel's centre, and of one beyond."""
    transformer = pyproj.Transformer.from_crs(_MERCATOR, picture.crs, always_xy=True)
    x, y = np.meshgrid(
        canvas.west + canvas.cell * (0.5 + _STEP * np.arange(2 + canvas.columns // _STEP)),
        canvas.north - canvas.cell * (0.5 + _STEP * np.arange(2 + canvas.rows // _STEP)),
    )
    x, y = transformer.transform(x, y)
    a, b, c, d, e, f = picture.transform
    determinant = a * e - b * d
    return (
        (e * (x - c) - b * (y - f)) / determinant,
        (a * (y - f) - d * (x - c)) / determinant,
    )
