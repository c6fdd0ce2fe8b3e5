"""Which columns of a table hold positions, and the geometry that they make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from jxgis.cleaning import place, row_number, rows_named
from jxgis.cleaning.columns import as_text
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec

_LON = (
    "longitude",
    "lon",
    "lng",
    "long",
    "经度",
    "东经",
    "x",
    "坐标x",
    "x坐标",
    "stop_lon",
    "point_x",
)
_LAT = ("latitude", "lat", "纬度", "北纬", "y", "坐标y", "y坐标", "stop_lat", "point_y")
_WKT = ("geometry", "wkt", "geom", "wkt_geom")

# A name may say the datum: lng_wgs84, gcj_lon, 百度经度. The plain ones are tried first.
_WGS84 = ("wgs84", "wgs", "84")
_SHIFTED = {"gcj02": "gcj02", "gcj": "gcj02", "高德": "gcj02", "腾讯": "gcj02", "amap": "gcj02"}
_SHIFTED |= {"bd09": "bd09", "bd": "bd09", "百度": "bd09", "baidu": "bd09"}

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_SEXAGESIMAL = re.compile(
    r".*\d\s*[°º度:]\s*\d|.*\d\s+\d+\s+\d|.*[\u2032'分]|\s*[NSEW]\s*\d|.*\d\s*[NSEW]\s*$"
)
_DEGREES = "EPSG:4326"
_LARGEST_DEGREE = 180.0


@dataclass(frozen=True)
class _Pair:
    """The columns that hold the position, and the datum that their names state."""

    lon: str
    lat: str
    datum: str | None = None


def located(table: pd.DataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[LedgerRow], str]:
    """Make a table's positions its geometry.

    Columns of longitude and latitude are found by their usual English and Chinese names, or by
    ``spec.columns`` with ``lon`` and ``lat``; a column of WKT is taken before them. Values no
    larger than 180 are degrees, and that they are EPSG:4326 is a ledger row, unless ``spec.crs``
    says what they are.

    Returns
    -------
    data : GeoDataFrame
        Without a CRS where none may be assumed.
    ledger : list of LedgerRow
    lacks : str
        Why there is no CRS.

    Raises
    ------
    MissingColumnError
        If no columns of positions are found.
    InputError
        If a position is not a number.
    """
    wkt = _wkt_column(table, spec)
    if wkt is not None:
        return _from_wkt(table, wkt, spec), [], _("WKT in a table has none")
    pair = _pair(table, spec)
    if pair is None:
        raise MissingColumnError(
            _("no columns of positions; looked for {lon} and {lat}, or {wkt}").format(
                lon=", ".join(_LON), lat=", ".join(_LAT), wkt=", ".join(_WKT)
            ),
            mend=_(
                'The columns are: {there}. Write columns = {{ lon = "…", lat = "…" }} under '
                "[layers.{layer}]"
            ).format(there=", ".join(map(str, table.columns)), layer=spec.name),
            **place(spec),
        )
    _refuse_shifted(pair, spec)
    lon, lat = _number(table, pair.lon, spec), _number(table, pair.lat, spec)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), index=table.index)
    known = lon.notna() & lat.notna()
    data = gpd.GeoDataFrame(table, geometry=points.where(known, None))
    lacks = _("columns {lon} and {lat} are no degrees").format(lon=pair.lon, lat=pair.lat)
    if spec.crs is not None or not _are_degrees(lon, lat):
        return data, [], lacks
    reason = _("{crs} degrees from columns {lon} and {lat}").format(
        crs=_DEGREES, lon=pair.lon, lat=pair.lat
    )
    row = LedgerRow("assumed", spec.name, int(known.sum()), reason)
    return data.set_crs(_DEGREES), [row], lacks


def _wkt_column(table: pd.DataFrame, spec: LayerSpec) -> str | None:
    if "lon" in spec.columns or "lat" in spec.columns:
        return None
    named = spec.columns.get("geometry") or spec.columns.get("wkt")
    if named is not None:
        return named if named in table else None
    return next((str(c) for c in table.columns if str(c).lower() in _WKT), None)


def _from_wkt(table: pd.DataFrame, column: str, spec: LayerSpec) -> gpd.GeoDataFrame:
    shapes = shapely.from_wkt(table[column].to_numpy(dtype=object), on_invalid="ignore")
    bad = table[column].notna() & shapely.is_missing(shapes)
    if bad.any():
        raise InputError(
            _("column {column}: {value!r} is no WKT").format(
                column=column, value=str(table.loc[bad, column].iloc[0])[:40]
            ),
            mend=_("Correct {rows}").format(rows=rows_named(table.index[bad])),
            row=row_number(table.index[bad][0]),
            **place(spec),
        )
    attributes = table.drop(columns=column)
    return gpd.GeoDataFrame(attributes, geometry=gpd.GeoSeries(shapes, index=table.index))


def _pair(table: pd.DataFrame, spec: LayerSpec) -> _Pair | None:
    given = {ours: spec.columns[ours] for ours in ("lon", "lat") if ours in spec.columns}
    for ours, theirs in given.items():
        if theirs not in table:
            raise MissingColumnError(
                _("there is no column {name}").format(name=theirs),
                mend=_(
                    "The columns are: {there}. Say which one is {ours} in columns = {{ … }}"
                ).format(there=", ".join(table.columns), ours=ours),
                **place(spec),
            )
    lons, lats = _named_like(table, _LON), _named_like(table, _LAT)
    if given:
        lon = given.get("lon") or next(iter(lons.get("", [])), None)
        lat = given.get("lat") or next(iter(lats.get("", [])), None)
        return None if lon is None or lat is None else _Pair(lon, lat)
    for datum in ("", "wgs84", "gcj02", "bd09"):
        for name in lons.get(datum, []):
            partner = lats.get(datum, [])
            if partner:
                stated = datum if datum in ("gcj02", "bd09") else None
                return _Pair(name, partner[0], stated)
    return None


def _named_like(table: pd.DataFrame, words: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the columns with one of the names, by the datum that the name states."""
    found: dict[str, list[tuple[int, str]]] = {}
    for column in table.columns:
        name = re.sub(r"[\s()（）\[\]°]+", "", str(column).lower())
        word, datum = _without_datum(name)
        if word in words:
            found.setdefault(datum, []).append((words.index(word), str(column)))
    return {datum: [column for _rank, column in sorted(f)] for datum, f in found.items()}


def _without_datum(name: str) -> tuple[str, str]:
    marks = [(mark, "wgs84") for mark in _WGS84] + list(_SHIFTED.items())
    for mark, datum in sorted(marks, key=lambda m: -len(m[0])):
        for part in (f"_{mark}", f"{mark}_", mark):
            if name.startswith(part) or name.endswith(part):
                word = name.removeprefix(part) if name.startswith(part) else name.removesuffix(part)
                return word.strip("_-"), datum
    return name, ""


def _refuse_shifted(pair: _Pair, spec: LayerSpec) -> None:
    if pair.datum is not None and spec.datum is None:
        raise InputError(
            _("columns {lon} and {lat} are named after the datum {datum}").format(
                lon=pair.lon, lat=pair.lat, datum=pair.datum
            ),
            mend=_('Write datum = "{datum}" under [layers.{layer}]').format(
                datum=pair.datum, layer=spec.name
            ),
            **place(spec),
        )


def _number(table: pd.DataFrame, column: str, spec: LayerSpec) -> pd.Series[Any]:
    text = as_text(table[column])
    numbers = pd.to_numeric(text, errors="coerce")
    bad = text.notna() & numbers.isna() & ~text.fillna("").str.lower().isin(["nan", "inf", "-inf"])
    if not bad.any():
        return numbers.astype(float)
    value = str(text[bad].iloc[0])
    mend = _("Correct {rows}").format(rows=rows_named(table.index[bad]))
    if _SEXAGESIMAL.match(value):
        mend = _(
            "Write decimal degrees: degrees + minutes / 60 + seconds / 3600, south and west "
            "negative; 120° 45' 36\" is 120.76"
        )
    elif _DECIMAL_COMMA.fullmatch(value):
        mend = _("Write a decimal point, not a comma: {rows}").format(
            rows=rows_named(table.index[bad])
        )
    raise InputError(
        _("column {column}: {value!r} is not a number").format(column=column, value=value),
        mend=mend,
        row=row_number(table.index[bad][0]),
        **place(spec),
    )


def _are_degrees(lon: pd.Series[Any], lat: pd.Series[Any]) -> bool:
    """Tell whether positions are degrees, in either order, by the middle one."""
    return bool(abs(lon.median()) <= _LARGEST_DEGREE and abs(lat.median()) <= _LARGEST_DEGREE)
