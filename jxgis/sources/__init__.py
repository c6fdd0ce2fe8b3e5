"""The outside world, read into raw layers: files, feeds, extracts, places and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    from jxgis.crs import Bounds
    from jxgis.layers import RawLayer
    from jxgis.rasters import RasterSource


RASTERS = (".tif", ".tiff", ".vrt", ".img")
"""What a raster's name ends in."""

_COUNTED = ("population", "jobs")


def is_raster(spec: LayerSpec) -> bool:
    """Tell whether a layer is a raster of counts, of which only the part over a place is read.

    Parameters
    ----------
    spec
        Its kind and what its path ends in decide.

    Returns
    -------
    bool
        False of any source but a file.
    """
    path = (spec.path or "").lower()
    return spec.kind in _COUNTED and path.endswith(RASTERS)


def check_raster(spec: LayerSpec) -> None:
    """Raise what is wrong with a raster, without reading a cell of it.

    Parameters
    ----------
    spec
        One that `is_raster`.

    Raises
    ------
    InputError
        As `read` does, where that needs no cells.
    """
    from jxgis.sources import raster

    raster.check(spec)


def read_rasters(spec: LayerSpec) -> RasterSource:
    """Open a layer of a raster kind; no cell of it is read yet.

    Parameters
    ----------
    spec
        Of kind ``imagery`` (or an earlier state of it), ``landcover``, ``canopy``,
        ``elevation`` or ``irradiance``.

    Returns
    -------
    RasterSource
        Handles whose readers give windows of cells.

    Raises
    ------
    InputError
        With one sentence about the file or folder that cannot be used.
    """
    if spec.kind.startswith("imagery"):
        from jxgis.sources import imagery

        return imagery.read(spec)
    if spec.kind in ("elevation", "irradiance"):
        from jxgis.sources import surfaces

        return surfaces.read(spec)
    from jxgis.sources import landcover

    return landcover.read(spec)


def read(spec: LayerSpec, within: Bounds | None = None) -> RawLayer:
    """Read a layer from wherever its specification says that it is.

    Each reader is imported only when it is asked for.

    Parameters
    ----------
    spec
        One of ``path``, ``gtfs``, ``osm``, ``place``, ``database`` and, of weather, ``pvgis`` is
        given.
    within
        West, south, east and north, degrees: what of a raster is read. None reads all of it;
        other sources are always read whole.

    Returns
    -------
    RawLayer
        In the source's own CRS and with its own column names; `jxgis.layers.prepare` is next.

    Raises
    ------
    InputError
        If no source is given.
    JxgisError
        With one sentence about the file, place or database that cannot be read.
    """
    if is_raster(spec):
        from jxgis.sources import raster

        return raster.read(spec, within)
    if spec.kind == "weather":
        from jxgis.sources import weather

        return weather.read(spec)
    return _read_source(spec)


def _read_source(spec: LayerSpec) -> RawLayer:
    if spec.path is not None:
        from jxgis.sources import files

        return files.read(spec)
    if spec.gtfs is not None:
        from jxgis.sources import gtfs

        return gtfs.read(spec)
    if spec.osm is not None:
        from jxgis.sources import osm

        return osm.read(spec)
    if spec.place is not None:
        from jxgis.sources import place

        return place.read(spec)
    if spec.database is not None:
        from jxgis.sources import database

        return database.read(spec)
    raise InputError(
        _("the layer has no source"),
        mend=_("Write path, gtfs, osm, place or database under [layers.{layer}]").format(
            layer=spec.name
        ),
        layer=spec.name,
    )
