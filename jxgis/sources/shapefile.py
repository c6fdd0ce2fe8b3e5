"""Shapefiles: what GDAL reads silently wrong is found here first.

GDAL gives rows without geometry where a .shp is cut short, reads GBK as Latin-1 where nothing
says that it is GBK, and stops at a field name that was cut in the middle of a character.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
from pyproj.exceptions import CRSError

from jxgis.cleaning import place
from jxgis.cleaning.columns import attributes
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.sources import encodings
from jxgis.sources.archive import sidecars
from jxgis.spec import LayerSpec

# Every byte is a character of Latin-1, so text read as that can be turned back into its bytes.
BYTES = "ISO-8859-1"

_SHP_HEADER, _DBF_HEADER = 100, 32
_REPLACEMENT = "\ufffd"


def check_complete(path: Path, spec: LayerSpec) -> None:
    """Raise where a part of a shapefile is missing or cut short."""
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
    head = _head(path, _SHP_HEADER)
    if len(head) < _SHP_HEADER:
        return _SHP_HEADER
    return 2 * int(struct.unpack(">i", head[24:28])[0])


def _dbf_size(path: Path) -> int:
    head = _head(path, _DBF_HEADER)
    if len(head) < _DBF_HEADER:
        return _DBF_HEADER
    rows, header, row = struct.unpack("<IHH", head[4:12])
    return int(header) + int(rows) * int(row)


def _head(path: Path, size: int) -> bytes:
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


def with_text(
    data: gpd.GeoDataFrame, path: Path, spec: LayerSpec
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Decode names and values that were read as `BYTES`.

    Returns
    -------
    data : GeoDataFrame
    ledger : list of LedgerRow
        How the encoding was found, where it is not plainly stated, and text that is broken.
    """
    columns = [c for c in attributes(data) if _is_text(data[c])]
    values = [pd.Series(data[c].dropna().unique(), dtype=object) for c in columns]
    texts = [name.encode(BYTES) for name in attributes(data)]
    texts += [v.encode(BYTES) for column in values for v in column if isinstance(v, str)]
    try:
        choice = encodings.choose(texts, given=spec.encoding, stated=_stated(path))
    except InputError as error:
        raise InputError(error.problem, mend=error.mend, **place(spec)) from error
    broken = 0
    out = data.copy()
    for column, unique in zip(columns, values, strict=True):
        decoded = {v: encodings.decode(v.encode(BYTES), choice.codec) for v in unique}
        broken += sum(_REPLACEMENT in text for text in decoded.values())
        out[column] = data[column].map(decoded).astype(object).where(data[column].notna(), None)
    out.columns = pd.Index(_names(out, choice.codec))
    ledger = []
    if choice.why:
        told = sum(not text.isascii() for text in texts)
        ledger.append(LedgerRow("assumed", spec.name, told, choice.why))
    if broken:
        reason = _("values with bytes that are no {codec}; the bytes are shown as {mark}").format(
            codec=choice.codec.upper(), mark=_REPLACEMENT
        )
        ledger.append(LedgerRow("note", spec.name, broken, reason))
    return out.set_geometry("geometry"), ledger


def _is_text(column: pd.Series[Any]) -> bool:
    return column.dtype == object or pd.api.types.is_string_dtype(column)


def _names(data: gpd.GeoDataFrame, codec: str) -> list[str]:
    """Return the decoded column names, told apart where two were cut to the same."""
    names: list[str] = []
    for raw in data.columns:
        name = encodings.decode(str(raw).encode(BYTES), codec)
        n = 2
        while name in names:
            name, n = f"{name}_{n}", n + 1
        names.append(name)
    return names


def _stated(path: Path) -> str | None:
    """Return the encoding that the .cpg names, or else the language byte of the .dbf."""
    parts = sidecars(path)
    if ".cpg" in parts:
        return parts[".cpg"].read_text(encoding=BYTES).strip("\ufeff\xef\xbb\xbf \r\n\t\0") or None
    if ".dbf" in parts and len(head := _head(parts[".dbf"], _DBF_HEADER)) == _DBF_HEADER:
        return encodings.of_dbf_language(head[29])
    return None
