"""Grids held to each other: the bands of a tile, its quality band, and the tiles of a scene."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import BoolArray, Grid
from jxgis.sources.bands import BandFile

# Two grids are one where their cells differ by less than this share of a cell everywhere.
_ALIGNED = 1e-3


@dataclass(frozen=True)
class Quality:
    """The quality band of a tile.

    ``factor`` is how many of the tile's cells lie along the side of one of its own, and ``row``
    and ``column`` where its first one begins among them: zero or less.
    """

    band: BandFile
    kind: str
    factor: int
    row: int
    column: int


@dataclass(frozen=True)
class Tile:
    """The bands of a tile by role, and where in the raster its first cell lies.

    ``usable`` tells, of a role's cells, which are; beside no data and what is not finite.
    ``zero_is_empty``: a cell that is 0 in each band is no data, as none is declared.
    """

    bands: Mapping[str, BandFile]
    quality: Quality | None = None
    zero_is_empty: bool = False
    usable: Callable[[NDArray[Any]], BoolArray] | None = None
    row: int = 0
    column: int = 0


def same_grid(first: BandFile, other: BandFile) -> None:
    """Raise what parts the grids of two bands that ought to have one.

    Parameters
    ----------
    first, other
        The other one is named in the error.

    Raises
    ------
    InputError
        If CRS, size or place differ.
    """
    a, b = first.grid, other.grid
    if not a.crs.equals(b.crs, ignore_axis_order=True):
        problem = _("its coordinate system is {other}, and that of {file} {first}").format(
            other=b.crs.name, file=first.spec.source, first=a.crs.name
        )
    elif (a.width, a.height) != (b.width, b.height):
        problem = _("it has {a} × {b} cells, and {file} {c} × {d}").format(
            a=b.width, b=b.height, file=first.spec.source, c=a.width, d=a.height
        )
    elif _offset(a, b, 1) != (0, 0):
        problem = _("its cells do not lie where those of {file} lie").format(file=first.spec.source)
    else:
        return
    mend = _("Give red and near-infrared bands of one scene and resolution, tiles in one order")
    raise InputError(problem, mend=mend, **place(other.spec))


def aligned_quality(band: BandFile, kind: str, tile: BandFile) -> Quality:
    """Return a quality band as it lies over a tile: on its grid, or one of larger cells.

    Parameters
    ----------
    band
        The quality band.
    kind
        What it holds.
    tile
        A band of the tile.

    Returns
    -------
    Quality

    Raises
    ------
    InputError
        If its cells are not whole multiples of the tile's, aligned with them, or do not cover it.
    """
    own, grid = band.grid, tile.grid
    factor = max(1, round(math.hypot(*own.transform[:2]) / math.hypot(*grid.transform[:2])))
    offset = _offset(grid, own, factor)
    if not grid.crs.equals(own.crs, ignore_axis_order=True) or offset is None:
        raise InputError(
            _("the quality band's cells are not aligned with those of {file}").format(
                file=tile.spec.source
            ),
            mend=_("Give the quality band of the same scene, not warped or resampled"),
            **place(band.spec),
        )
    row, column = offset
    reaches = row + own.height * factor, column + own.width * factor
    if row > 0 or column > 0 or reaches[0] < grid.height or reaches[1] < grid.width:
        raise InputError(
            _("the quality band does not cover {file}").format(file=tile.spec.source),
            mend=_("Give the quality band of the same scene, whole"),
            **place(band.spec),
        )
    return Quality(band, kind, factor, row, column)


def _offset(base: Grid, other: Grid, factor: int) -> tuple[int, int] | None:
    """Return the row and column of the base where the other begins; None if not aligned.

    Both ends of the other are compared, so that cells of a slightly different size do not pass.
    """
    ends = np.array([[0.0, 0.0], [other.width, other.height], [0.0, other.height]])
    there = base.to_pixels(other.to_ground(ends)) - ends * factor
    whole = np.round(there[0])
    if np.abs(there - whole).max() > _ALIGNED:
        return None
    return int(whole[1]), int(whole[0])


def united(tiles: Sequence[Tile], role: str) -> tuple[Grid, tuple[Tile, ...]]:
    """Return the grid over all tiles, and the tiles with their places in it.

    Parameters
    ----------
    tiles
        At least one.
    role
        Whose bands' grids are looked at.

    Returns
    -------
    grid : Grid
    tiles : tuple of Tile
        In the order given.

    Raises
    ------
    InputError
        If they are not on one grid.
    """
    base = tiles[0].bands[role]
    corners = []
    for tile in tiles:
        band = tile.bands[role]
        offset = _offset(base.grid, band.grid, 1)
        if not base.grid.crs.equals(band.grid.crs, ignore_axis_order=True) or offset is None:
            raise InputError(
                _("it is not on the grid of {file}, the first of its tiles").format(
                    file=base.spec.source
                ),
                mend=_("Give tiles of one zone of the projection, or warp them to one grid"),
                **place(band.spec),
            )
        corners.append(offset)
    grids = [tile.bands[role].grid for tile in tiles]
    top, left = (min(corner[axis] for corner in corners) for axis in (0, 1))
    bottom = max(row + g.height for (row, _c), g in zip(corners, grids, strict=True))
    right = max(column + g.width for (_r, column), g in zip(corners, grids, strict=True))
    a, b, c, d, e, f = base.grid.transform
    transform = (a, b, a * left + b * top + c, d, e, d * left + e * top + f)
    placed = [
        replace(tile, row=row - top, column=column - left)
        for tile, (row, column) in zip(tiles, corners, strict=True)
    ]
    return Grid(base.grid.crs, transform, right - left, bottom - top), tuple(placed)
