"""The outside world, read into raw layers: files, feeds, extracts, places and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    from jxgis.layers import RawLayer


def read(spec: LayerSpec) -> RawLayer:
    """Read a layer from wherever its specification says that it is.

    Each reader is imported only when it is asked for.

    Parameters
    ----------
    spec
        One of ``path``, ``gtfs``, ``osm``, ``place`` and ``database`` is given.

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
