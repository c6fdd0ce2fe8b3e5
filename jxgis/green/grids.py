"""The grids of rasters: whether they are one, and whether areas can be measured on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Grid, Raster
from jxgis.results import LedgerRow

# Cells that lie off each other by less than this share of one are at the same place.
_OFF = 1e-3
# Within a row the areal scale of a plane may differ by this share.
_UNEVEN = 1e-3


def check_alike(rasters: Sequence[Raster], layer: str) -> None:
    """Check that rasters can be compared cell by cell, and number by number.

    Parameters
    ----------
    rasters
        At least one.
    layer
        Whose they are, for the message.

    Raises
    ------
    InputError
        If one differs from the first in its CRS, its cells or its size; if the scale and offset
        of some are known and of others only assumed; if some are reflectance at the surface and
        others at the top of the atmosphere.
    """
    first = rasters[0]
    for other in rasters[1:]:
        if not _same(first.grid, other.grid):
            raise InputError(
                _(
                    "{first} and {other} are on different grids: {first_grid}, and {other_grid}"
                ).format(
                    first=first.name,
                    other=other.name,
                    first_grid=described(first.grid),
                    other_grid=described(other.grid),
                ),
                layer=layer,
                mend=_("Clip and align them to one grid, without changing values more than once"),
            )
    assumed = [raster.name for raster in rasters if not raster.settled]
    if assumed and len(assumed) < len(rasters):
        raise InputError(
            _(
                "scale and offset of {names} are only assumed, and those of the others are known: "
                "the index of one may be shifted against the other's"
            ).format(names=", ".join(dict.fromkeys(assumed))),
            layer=layer,
            mend=_("Write scale = and offset =, or baseline =, for the one that does not say them"),
        )
    if len({raster.level for raster in rasters if raster.level}) > 1:
        raise InputError(
            _(
                "some of the imagery is reflectance at the surface and some at the top of the "
                "atmosphere"
            ),
            layer=layer,
            mend=_("Give all of it at one level, best at the surface"),
        )


def _same(one: Grid, other: Grid) -> bool:
    if one.crs != other.crs or (one.width, one.height) != (other.width, other.height):
        return False
    corners = np.array([[0.0, 0.0], [one.width, 0.0], [0.0, one.height]])
    moved = one.to_pixels(other.to_ground(corners)) - corners
    return bool(np.abs(moved).max() <= _OFF)


def described(grid: Grid) -> str:
    """Return a grid in words: its CRS, its size, its cells and its first corner."""
    a, b, c, d, e, f = grid.transform
    size = f"{np.hypot(a, d):.10g} × {np.hypot(b, e):.10g}"
    crs = grid.crs.to_string() if grid.crs.to_authority() else grid.crs.name
    return _("{crs}, {width} × {height} cells of {size} from {x:.12g}, {y:.12g}").format(
        crs=crs, width=grid.width, height=grid.height, size=size, x=c, y=f
    )


def check_areas(raster: Raster, layer: str) -> None:
    """Check that the areas of a raster's cells can be told row by row.

    Raises
    ------
    InputError
        If its plane is not true to area, and unevenly so within a row, or reaches beyond what its
        projection can show.
    """
    grid = raster.grid
    if grid.crs.is_geographic or grid.true_to_area:
        return
    scale = grid.areal_scale(grid.lattice()).reshape(9, 9)
    if not np.isfinite(scale).all():
        raise InputError(
            _("part of it lies where its {crs} shows no place on earth").format(crs=grid.crs.name),
            layer=layer,
            mend=_("Check its CRS, and clip it to the place"),
        )
    if (np.ptp(scale, axis=1) > _UNEVEN * scale.min(axis=1)).any():
        raise InputError(
            _("areas in its {crs} are {low:+.1%} to {high:+.1%} off the ellipsoid's").format(
                crs=grid.crs.name, low=scale.min() - 1, high=scale.max() - 1
            ),
            layer=layer,
            mend=_("Give it in a CRS of the place that is true to area, such as its UTM zone"),
        )


def areas_row(raster: Raster, layer: str) -> LedgerRow:
    """Say what the areas of a raster's cells are."""
    grid = raster.grid
    if grid.crs.is_geographic or not grid.true_to_area:
        reason = _("areas on the raster are those of its cells on the ellipsoid, row by row")
        return LedgerRow("note", layer, 1, reason)
    scale = grid.areal_scale(grid.lattice())
    reason = _(
        "areas on the raster are those of the plane of {crs}, there {low:+.3%} to {high:+.3%} off "
        "the ellipsoid's, not corrected"
    ).format(crs=grid.crs.name, low=scale.min() - 1, high=scale.max() - 1)
    return LedgerRow("note", layer, 1, reason)
