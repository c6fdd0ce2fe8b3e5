"""A result as a GeoPackage: each drawing a layer, the table by zone, and QGIS styles."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from jxgis.errors import OutputError
from jxgis.i18n import _
from jxgis.publish.drawings import classes_for, in_drawing_order
from jxgis.publish.qml import qml
from jxgis.publish.theme import LOOKS, Classes
from jxgis.results import Drawing, Result

_GEOMETRY = {"point": "MultiPoint", "line": "MultiLineString", "area": "MultiPolygon"}

# The table as QGIS makes it when a style is saved to a GeoPackage.
_STYLES_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""


def write_geopackage(path: Path, result: Result) -> None:
    """Write a result's drawings, its table by zone and its styles.

    The file's dates are the result's own (1970 where it has none), so that the same result
    gives the same bytes.

    Raises
    ------
    OutputError
        If the file cannot be written: a full disk.
    """
    try:
        _write(path, result)
    except (DataSourceError, DataLayerError, sqlite3.Error) as error:
        # GDAL repeats a whole SQL script before it says what went wrong.
        reason = str(error).rpartition(" failed: ")[2]
        raise OutputError(
            _("the file cannot be written: {error}").format(error=reason),
            file=path.name,
            mend=_("Free space on the disk, where that is full, and run again"),
        ) from None


def _write(path: Path, result: Result) -> None:
    date = result.as_of or dt.date(1970, 1, 1)
    stamp = f"{date.isoformat()}T00:00:00.000Z"
    drawings = in_drawing_order(result.layers)
    with _current_date(stamp):
        for drawing in drawings:
            _write_layer(path, drawing)
        if not result.by_zone.empty:
            pyogrio.write_dataframe(result.by_zone, path, layer="by_zone", driver="GPKG")
    if drawings:
        classes = [classes_for(d, beside_pictures=bool(result.pictures)) for d in drawings]
        _write_styles(path, drawings, classes, stamp)


@contextmanager
def _current_date(stamp: str) -> Iterator[None]:
    """Let GDAL take this for the time of day."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_layer(path: Path, drawing: Drawing) -> None:
    frame = drawing.data
    columns = dict.fromkeys([*drawing.fields, *(c for c in (drawing.shade, drawing.group) if c)])
    if drawing.role == "zones":
        columns |= dict.fromkeys(c for c in ("zone_id", "zone") if c in frame)
    pyogrio.write_dataframe(
        frame[[*columns, frame.geometry.name]],
        path,
        layer=drawing.name,
        driver="GPKG",
        geometry_type=_GEOMETRY[LOOKS[drawing.role].kind],
        promote_to_multi=True,
        layer_options={"GEOMETRY_NAME": "geom", "IDENTIFIER": drawing.title},
    )


def _write_styles(
    path: Path, drawings: Sequence[Drawing], classes: Sequence[Classes | None], stamp: str
) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_STYLES_TABLE)
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,"
            " owner, update_time) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', ?)",
            [
                (d.name, d.name, qml(d, c), d.title, stamp)
                for d, c in zip(drawings, classes, strict=True)
            ],
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description,"
            " last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            [stamp],
        )
