"""Text that GDAL is not left to decode: that of shapefiles and of CAD drawings.

GDAL reads GBK as Latin-1 where nothing says that it is GBK, believes a statement that is wrong,
and its Python reader stops at a field name that was cut in the middle of a character. So names
and values are read as bytes and decoded here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from jxgis.cleaning import place
from jxgis.cleaning.columns import attributes
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.sources import encodings
from jxgis.sources.archive import sidecars
from jxgis.sources.shapefile import DBF_HEADER, head
from jxgis.spec import LayerSpec

# Every byte is a character of Latin-1, so text read as that can be turned back into its bytes.
BYTES = "ISO-8859-1"

# GDAL hands on the bytes of formats whose encoding it is told is UTF-8.
GDAL_OPTIONS = {"DXF_ENCODING": "UTF-8"}
UNDECODED = (".shp", ".dxf")

_LANGUAGE = 29
_DXF_HEADER = 1 << 16
_CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\w+)")
_REPLACEMENT = "\ufffd"


def with_text(
    data: gpd.GeoDataFrame, path: Path, spec: LayerSpec
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Decode names and values that were read as `BYTES`.

    Returns
    -------
    data : GeoDataFrame
    ledger : list of LedgerRow
        How the encoding was found, where it is not plainly stated, and text that is broken.

    Raises
    ------
    InputError
        If the plan names an encoding that there is not.
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
    """Return the encoding that a .cpg, the language byte of a .dbf or a drawing's header names."""
    if path.suffix.lower() == ".dxf":
        found = _CODE_PAGE.search(head(path, _DXF_HEADER))
        return found[1].decode("ascii") if found else None
    if path.suffix.lower() != ".shp":
        return None
    parts = sidecars(path)
    if ".cpg" in parts:
        return parts[".cpg"].read_text(encoding=BYTES).strip("\ufeff\xef\xbb\xbf \r\n\t\0") or None
    if ".dbf" in parts and len(start := head(parts[".dbf"], DBF_HEADER)) == DBF_HEADER:
        return encodings.of_dbf_language(start[_LANGUAGE])
    return None
