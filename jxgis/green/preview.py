"""A look at imagery before it is trusted: whether the bands are what the plan says they are.

Satellites number their bands differently, and a file of four bands says nothing of what they are.
Over a city in summer near-infrared is brighter than red nearly everywhere but on water.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jxgis.errors import InputError
from jxgis.green.maps import MOST_DARK, Cells, ndvi
from jxgis.green.passes import each, whole_windows
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.rasters import Raster, Scaling, Window

FloatArray = npt.NDArray[np.float64]

MOST_CELLS = 600
"""Cells along the longer side of a preview."""

_STRETCH = (2.0, 98.0)
# In summer 95 % of a city's cells are never all below this.
_BAREST = 0.2


@dataclass(frozen=True)
class Preview:
    """What a scene looks like.

    Attributes
    ----------
    name, date
        Of the scene.
    red, nir
        Middle reflectance of each band, as the plan's scale and offset have it.
    ndvi
        The index that 5, 50 and 95 % of the cells are below.
    seen_share
        Of all cells.
    dark_share
        Of the cells seen, those whose near-infrared is darker than red.
    picture : (rows, columns, 3) array
        Near-infrared, red and red as red, green and blue: vegetation is red, water is dark.
    """

    name: str
    date: dt.date | None
    red: float
    nir: float
    ndvi: tuple[float, float, float]
    seen_share: float
    dark_share: float
    picture: npt.NDArray[np.uint8]

    @property
    def verdict(self) -> str:
        """What the figures say of the bands, in the reader's language."""
        if self.dark_share > MOST_DARK:
            return _("near-infrared is darker than red nearly everywhere: are the bands swapped?")
        if self.ndvi[2] < _BAREST:
            return _("hardly anything looks green: is one of the bands another one?")
        return _("looks like red and near-infrared")


def previews(layer: Layer) -> list[Preview]:
    """Return a look at each scene of imagery.

    Parameters
    ----------
    layer
        Imagery.

    Raises
    ------
    InputError
        If nothing of a scene can be seen, or its reflectance is nowhere above zero.
    """
    return [_preview(layer, raster) for raster in layer.rasters]


def _preview(layer: Layer, raster: Raster) -> Preview:
    grid = raster.grid
    step = max(1, -(-max(grid.width, grid.height) // MOST_CELLS))

    def work(window: Window, cells: Sequence[Cells]) -> dict[str, npt.NDArray[np.generic]]:
        rows = slice(-window.row % step, None, step)
        return {role: array[rows, ::step] for role, array in cells[0].items()}

    parts = list(each([raster], whole_windows(raster), work))
    cells = {role: np.concatenate([part[role] for part in parts]) for role in parts[0]}
    seen = cells["seen"].astype(bool)
    if not seen.any():
        raise InputError(
            _("nothing of the scene is seen: all is cloud, shadow, snow or no data"),
            file=raster.name,
            layer=layer.name,
        )
    red, nir = (_reflectance(raster, role, cells) for role in ("red", "nir"))
    index = ndvi(raster, {role: cells[role][seen] for role in ("red", "nir")})
    if not np.isfinite(index).any():
        raise InputError(
            _("red and near-infrared add up to nothing, or less, wherever the scene is seen"),
            file=raster.name,
            layer=layer.name,
            mend=_("Check its bands, scale and offset"),
        )
    low, middle, high = np.nanpercentile(index, [5, 50, 95]).tolist()
    return Preview(
        raster.name,
        raster.date,
        float(np.median(red[seen])),
        float(np.median(nir[seen])),
        (low, middle, high),
        float(seen.mean()),
        float((nir[seen] < red[seen]).mean()),
        np.stack([_stretched(nir, seen), *[_stretched(red, seen)] * 2], axis=-1),
    )


def _reflectance(raster: Raster, role: str, cells: Cells) -> FloatArray:
    scaling = raster.scaling.get(role, Scaling())
    return np.asarray(cells[role] * float(scaling.scale) + float(scaling.offset), np.float64)


def _stretched(band: FloatArray, seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    low, high = np.percentile(band[seen], _STRETCH)
    bright = np.clip((band - low) / max(high - low, 1e-12), 0.0, 1.0)
    return np.where(seen, np.rint(255 * bright), 0).astype(np.uint8)
