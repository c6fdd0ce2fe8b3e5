"""GeoParquet, which the GDAL of Python's wheels cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.sources.found import Found, first_sentence
from jxgis.spec import LayerSpec


def read(path: Path, spec: LayerSpec) -> Found:
    """Read a GeoParquet file.

    Raises
    ------
    InputError
        If it is damaged, or a Parquet file without geometry.
    """
    try:
        geo = b"geo" in (pq.read_schema(path).metadata or {})
        data = gpd.read_parquet(path) if geo else None
    except (pa.ArrowException, OSError, ValueError, KeyError, json.JSONDecodeError) as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=first_sentence(error)),
            mend=_("Save it again as GeoParquet or as a GeoPackage"),
            **place(spec),
        ) from error
    if data is None:
        raise InputError(
            _("a Parquet file without geometry (it is no GeoParquet)"),
            mend=_("Save it with GeoPandas or a GIS as GeoParquet"),
            **place(spec),
        )
    # Rows are counted as they lie in the file; an index with a name was a column.
    return Found(data.reset_index(drop=data.index.name is None), lacks=_("null in its metadata"))
