"""Shapefiles: what GDAL reads silently wrong is found here first.

GDAL gives rows without geometry where a .shp is cut short, and its Python reader stops at a .prj
in GBK. Text is in `jxgis.sources.texts`.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyproj
from pyproj.exceptions import CRSError

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.sources import encodings
from jxgis.sources.archive import sidecars
from jxgis.spec import LayerSpec

_SHP_HEADER, DBF_HEADER = 100, 32


def check_complete(path: Path, spec: LayerSpec) -> None:
    """See that all parts of a shapefile are there.

    Raises
    ------
    InputError
        If one is missing or cut short.
    """
    parts = sidecars(path)
    for suffix in (".shp", ".shx"):
        if suffix not in parts:
            raise InputError(
                _("{name} is missing").format(name=path.with_suffix(suffix).name),
                mend=_("Copy all files of the shapefile: .shp, .shx, .dbf, .prj, .cpg"),
                **place(spec),
            )
    for suffix, size in ((".shp", _shp_size), (".shx", _shp_size), (".dbf", _dbf_size)):
        if suffix in parts and size(parts[suffix]) > parts[suffix].stat().st_size:
            raise InputError(
                _("{name} is cut short").format(name=parts[suffix].name),
                mend=_("Copy the file again from where it came"),
                **place(spec),
            )


def _shp_size(path: Path) -> int:
    """Return the size that the file's header states, bytes (the format counts 16-bit words)."""
    start = head(path, _SHP_HEADER)
    if len(start) < _SHP_HEADER:
        return _SHP_HEADER
    return 2 * int(struct.unpack(">i", start[24:28])[0])


def _dbf_size(path: Path) -> int:
    start = head(path, DBF_HEADER)
    if len(start) < DBF_HEADER:
        return DBF_HEADER
    rows, header, row = struct.unpack("<IHH", start[4:12])
    return int(header) + int(rows) * int(row)


def head(path: Path, size: int) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


@contextmanager
def readable(path: Path) -> Iterator[tuple[Path, pyproj.CRS | None]]:
    """Give a path that GDAL can read, and the CRS where GDAL could not have read that.

    A .prj that is damaged, or has Chinese in it in GBK, stops GDAL's Python reader: it is read
    here, and the other files are copied to a place without it.
    """
    parts = sidecars(path)
    prj = parts[".prj"].read_bytes() if ".prj" in parts else None
    crs = None if prj is None else _parsed(prj)
    if prj is None or (prj.isascii() and crs is not None):
        yield path, None
        return
    with tempfile.TemporaryDirectory(prefix="jxgis-", ignore_cleanup_errors=True) as folder:
        for suffix, part in parts.items():
            if suffix != ".prj":
                shutil.copyfile(part, Path(folder) / f"layer{suffix}")
        yield Path(folder) / "layer.shp", crs


def _parsed(prj: bytes) -> pyproj.CRS | None:
    text = encodings.decode(prj, encodings.of_bytes(prj).codec)
    try:
        return pyproj.CRS.from_wkt(text)
    except CRSError:
        return None
