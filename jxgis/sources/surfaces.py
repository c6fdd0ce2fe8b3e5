"""Surfaces: rasters of a measured number in each cell, terrain or irradiation."""

from __future__ import annotations

from functools import partial

from jxgis.rasters import Raster, RasterSource
from jxgis.sources import tiles
from jxgis.sources.bands import described, input_files
from jxgis.sources.grids import Tile
from jxgis.sources.reflectance import given
from jxgis.spec import LayerSpec


def read(spec: LayerSpec) -> RasterSource:
    """Return a handle on a raster of elevation or irradiance.

    Parameters
    ----------
    spec
        ``path`` names the file and ``layer`` its band, where there are several; ``scale`` and
        ``offset`` what it stores, where the file does not say it.

    Returns
    -------
    RasterSource
        One raster whose role is the kind's name. What is no data is not seen. No cell is read.

    Raises
    ------
    NoCrsError
        If neither the file nor the plan says its coordinate system.
    InputError
        If the file cannot be read.
    """
    band = described(spec)
    raster = Raster(
        name=spec.name,
        grid=band.grid,
        roles=(spec.kind,),
        opened=partial(tiles.opened, (Tile({spec.kind: band}),), (spec.kind,)),
        block=band.block,
        scaling={spec.kind: given(band, spec)},
        date=spec.as_of,
    )
    return RasterSource((raster,), input_files([band]), band.doubts)
