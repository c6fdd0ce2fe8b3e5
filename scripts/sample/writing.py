"""Tables to Shapefiles: UTF-8, EPSG:4490, and the same bytes each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio.raw
import shapely

from sample.frame import GEOGRAPHIC, Table, to_degrees

_TYPES = ("Point", "LineString", "Polygon")
_DATE = "2019-12-31"


def write_table(folder: Path, table: Table) -> None:
    """Write one layer as ``NAME.shp`` with .dbf, .shx, .prj and .cpg; what is masked stays empty.

    Raises
    ------
    ValueError
        If rounding to 1e-7 degrees made a geometry invalid.
    """
    shapes = to_degrees(np.array(table.geometry, dtype=object))
    broken = np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes))
    if len(broken):
        raise ValueError(f"{table.name}: invalid geometries in rows {broken.tolist()}")
    kind = shapely.get_dimensions(shapes[0])
    pyogrio.raw.write(
        folder / f"{table.name}.shp",
        geometry=shapely.to_wkb(shapes),
        field_data=[np.ma.getdata(column) for column in table.columns.values()],
        field_mask=[_mask(column) for column in table.columns.values()],
        fields=list(table.columns),
        geometry_type=_TYPES[kind],
        crs=GEOGRAPHIC,
        driver="ESRI Shapefile",
        encoding="UTF-8",
        layer_options={
            "RESIZE": "YES",
            "DBF_DATE_LAST_UPDATE": _DATE,
        },
    )


def _mask(column: npt.NDArray[Any]) -> npt.NDArray[np.bool_] | None:
    return np.ma.getmaskarray(column) if isinstance(column, np.ma.MaskedArray) else None
