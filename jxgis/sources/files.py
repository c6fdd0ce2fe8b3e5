"""Files and tables on a disk, read whatever their format, encoding and coordinate system."""

from __future__ import annotations

from pathlib import Path

import shapely

from jxgis.cleaning import geometries, place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import RawLayer
from jxgis.results import InputFile, LedgerRow
from jxgis.sources import prj, tables, vector
from jxgis.sources.archive import find, fingerprint, unpacked
from jxgis.sources.found import Found, first_sentence
from jxgis.sources.selecting import keep_where
from jxgis.spec import LayerSpec

_PARQUET = (".parquet", ".geoparquet")


def read(spec: LayerSpec) -> RawLayer:
    """Read the file that ``spec.path`` names.

    Vector files of any kind that GDAL reads (Shapefile, GeoPackage, GeoJSON, FlatGeobuf, KML and
    KMZ, FileGDB, DXF, also inside a zip), GeoParquet, CSV and XLSX.

    Returns
    -------
    RawLayer
        In the file's CRS, with the file's column names; rows that ``spec.where`` leaves out are
        gone, and the labels of the others still count the file's rows from 0.

    Raises
    ------
    NoCrsError
        If the file does not say its coordinate system and the plan does not either.
    MissingColumnError
        If ``spec.where`` names a column that is not there, or a table has no positions.
    InputError
        If the file is missing, empty or cannot be read, or it holds several layers.
    """
    prj.given_crs(spec)
    try:
        path = find(spec)
        found = _opened(path, spec)
        digest = fingerprint(path)
    except OSError as error:
        raise InputError(
            _("cannot be opened: {reason}").format(reason=error.strerror or first_sentence(error)),
            mend=_("Close it in other programs, and see that you may read it"),
            **place(spec),
        ) from error
    features = len(found.data)
    if features == 0:
        raise InputError(_("it holds no features"), **place(spec))
    points = shapely.get_coordinates(geometries(found.data))
    crs, doubts = prj.settle(found.data.crs, spec, points, lacks=found.lacks)
    data, left_out = keep_where(found.data.set_crs(crs, allow_override=True), spec)
    source = InputFile(
        spec.source,
        digest,
        features,
        prj.crs_name(crs),
        found.layer,
        spec.as_of,
        spec.attribution,
    )
    ledger: list[LedgerRow] = [*found.ledger, *doubts, *left_out]
    return RawLayer(data, (source,), tuple(ledger))


def _opened(path: Path, spec: LayerSpec) -> Found:
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(_("the file is empty"), **place(spec))
    if path.suffix.lower() != ".zip":
        return _read_one(path, spec)
    with unpacked(path, spec) as inside:
        return _read_one(inside, spec)


def _read_one(path: Path, spec: LayerSpec) -> Found:
    suffix = path.suffix.lower()
    if suffix in (*tables.TEXT, *tables.SHEETS, *tables.OLD):
        return tables.read(path, spec)
    if suffix in _PARQUET:
        from jxgis.sources import parquet  # slow to import, and seldom needed

        return parquet.read(path, spec)
    if path.is_dir() and suffix != ".gdb":
        raise InputError(
            _("is a folder, not a file"),
            mend=_("Name a file in it, or a FileGDB folder whose name ends in .gdb"),
            **place(spec),
        )
    return vector.read(path, spec)
