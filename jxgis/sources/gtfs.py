"""GTFS feeds: the stops where passengers board, and the timetable for later measures.

The tables are read by gtfs_kit from a clean copy of those that are needed, so that a fault in a
table that nobody asked for (fares, shapes) stops nothing.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import gtfs_kit
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jxgis.cleaning import place, rows_named
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.layers import RawLayer
from jxgis.results import InputFile, LedgerRow
from jxgis.sources.archive import find, fingerprint
from jxgis.sources.encodings import UTF8, of_bytes
from jxgis.sources.found import first_sentence
from jxgis.sources.selecting import keep_where
from jxgis.spec import LayerSpec

#: What is kept of a feed; only the stops are demanded.
TABLES = (
    *("stops", "stop_times", "trips", "routes", "calendar", "calendar_dates"),
    *("frequencies", "agency", "feed_info"),
)

_COORDINATES = ("stop_lon", "stop_lat")
_LON, _LAT = 180.0, 90.0

# What zipfile and csv raise for archives and tables that are damaged, encrypted or odd.
_UNREADABLE = (
    *(OSError, EOFError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, csv.Error),
)

_Path: TypeAlias = Path | zipfile.Path


def read(spec: LayerSpec) -> RawLayer:
    """Read the boarding places of a GTFS feed.

    Parameters
    ----------
    spec : LayerSpec
        ``gtfs`` is a zip or a folder, with its tables at the top or in one folder inside.
        ``where`` chooses stops by the columns of ``stops.txt``.

    Returns
    -------
    RawLayer
        Points in EPSG:4326 with ``stop_id``, ``name`` and the columns of ``stops.txt``. Stations,
        entrances, nodes and boarding areas (``location_type`` 1 to 4) are left out. ``tables``
        holds the feed's timetable by table name, as gtfs_kit types it.

    Raises
    ------
    InputError
        The feed cannot be read, or has no stop to board at.
    """
    path = find(spec)
    with tempfile.TemporaryDirectory() as folder:
        ledger = _stage(path, Path(folder), spec)
        tables = _read_tables(Path(folder), spec)
    stops, rows = _boarding_places(tables["stops"], spec)
    source = InputFile(
        path=spec.source,
        sha256=fingerprint(path),
        features=len(tables["stops"]),
        crs="EPSG:4326",
        as_of=spec.as_of,
        attribution=spec.attribution,
    )
    return RawLayer(stops, (source,), (*ledger, *rows), tables)


def _stage(path: Path, folder: Path, spec: LayerSpec) -> list[LedgerRow]:
    """Copy the tables as UTF-8 with usable coordinates, for gtfs_kit to read."""
    try:
        with _tables(path, spec) as texts:
            stops = texts.pop("stops").read_bytes()
            choice = of_bytes(stops, given=spec.encoding)
            text, ledger = _numeric_coordinates(stops.decode(choice.codec), spec)
            (folder / "stops.txt").write_text(text, encoding="utf-8", newline="")
            for name, source in texts.items():
                _recode(source, folder / f"{name}.txt", choice.codec)
    except UnicodeDecodeError as error:
        raise InputError(
            _("its tables are not {encoding} throughout").format(encoding=error.encoding.upper()),
            mend=_("Save them as UTF-8, or write encoding = …"),
            **place(spec),
        ) from error
    except _UNREADABLE as error:
        raise InputError(
            _("it cannot be opened ({reason})").format(reason=first_sentence(error)),
            mend=_("Give a GTFS feed: a zip or a folder that holds stops.txt"),
            **place(spec),
        ) from error
    if choice.why and choice.codec != UTF8:
        ledger.append(LedgerRow("assumed", spec.name, 1, choice.why))
    return ledger


@contextmanager
def _tables(path: Path, spec: LayerSpec) -> Iterator[dict[str, _Path]]:
    """Give the feed's tables by name, out of a zip or a folder."""
    if path.is_dir():
        yield _named(path, spec)
        return
    with zipfile.ZipFile(path) as archive:
        yield _named(zipfile.Path(archive), spec)


def _named(top: _Path, spec: LayerSpec) -> dict[str, _Path]:
    """Return the tables at the top, else in the one folder that has them."""
    folders = sorted((p for p in top.iterdir() if p.is_dir()), key=lambda p: p.name)
    inside: list[_Path] = [p for p in folders if _has_stops(p)]
    if _has_stops(top):
        inside = [top]
    if not inside:
        raise InputError(
            _("there is no stops.txt in it, so it is no GTFS feed"),
            mend=_("Give the zip or the folder that holds stops.txt"),
            **place(spec),
        )
    if len(inside) > 1:
        names = ", ".join(p.name for p in inside)
        raise InputError(
            _("it holds several feeds: {names}").format(names=names),
            mend=_("Unpack it, and name one folder for each layer"),
            **place(spec),
        )
    wanted = {f"{table}.txt": table for table in TABLES}
    tables = ((wanted.get(p.name.lower()), p) for p in inside[0].iterdir())
    return {table: p for table, p in tables if table}


def _has_stops(folder: _Path) -> bool:
    return any(p.name.lower() == "stops.txt" for p in folder.iterdir())


def _recode(source: _Path, target: Path, codec: str) -> None:
    with (
        source.open("rb") as raw,
        io.TextIOWrapper(raw, encoding=codec, newline="") as text,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(text, out)


def _numeric_coordinates(text: str, spec: LayerSpec) -> tuple[str, list[LedgerRow]]:
    """Return ``stops.txt`` with coordinates that are no numbers left empty."""
    table = list(csv.reader(io.StringIO(text, newline="")))
    names = [name.strip() for name in table[0]] if table else []
    columns = [names.index(name) for name in _COORDINATES if name in names]
    unread = []
    for label, row in enumerate(table[1:]):
        for column in columns:
            if column < len(row) and not _is_number_or_empty(row[column]):
                row[column] = ""
                unread.append(label)
    if not unread:
        return text, []
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    reason = _("a coordinate is not a number: {rows}").format(rows=rows_named(unread))
    return out.getvalue(), [LedgerRow("note", spec.name, len(set(unread)), reason)]


def _is_number_or_empty(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text.strip()
    return True


def _read_tables(folder: Path, spec: LayerSpec) -> dict[str, pd.DataFrame]:
    try:
        feed = gtfs_kit.read_feed(folder, dist_units="km")
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(
            _("its tables are not as GTFS asks ({reason})").format(reason=first_sentence(error)),
            mend=_("Check the feed with a GTFS validator"),
            **place(spec),
        ) from error
    tables = {name: table for name in TABLES if (table := getattr(feed, name, None)) is not None}
    if "stops" not in tables:
        raise InputError(
            _("stops.txt has no rows"), mend=_("Give a feed with stops"), **place(spec)
        )
    for name in ("stop_id", *_COORDINATES):
        if name not in tables["stops"]:
            raise MissingColumnError(
                _("stops.txt has no column {name}").format(name=name),
                mend=_("Check the feed with a GTFS validator"),
                **place(spec),
            )
    return tables


def _boarding_places(
    stops: pd.DataFrame, spec: LayerSpec
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    ledger = []

    def keep(mask: NDArray[np.bool_], what: str, reason: str) -> None:
        nonlocal stops
        if not mask.all():
            ledger.append(LedgerRow(what, spec.name, int((~mask).sum()), reason))
            stops = stops[mask]

    if "location_type" in stops:
        boarding = stops["location_type"].fillna(0).eq(0).to_numpy(dtype=bool)
        keep(boarding, "excluded", _("stations, entrances and nodes, where nobody boards"))
    lon, lat = _lonlat(stops)
    placed = (np.abs(lon) <= _LON) & (np.abs(lat) <= _LAT)
    keep(placed, "dropped", _("stops without a possible longitude and latitude"))
    lon, lat = _lonlat(stops)
    keep((lon != 0) | (lat != 0), "dropped", _("stops at 0, 0, which means no position"))
    chosen, rows = keep_where(_points(stops), spec)
    ledger += rows
    if chosen.empty:
        reasons = "; ".join(row.reason for row in ledger)
        raise InputError(_("no stop is left to board at"), mend=reasons, **place(spec))
    return chosen, ledger


def _lonlat(stops: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lon, lat = (stops[name].to_numpy(dtype=float, na_value=np.nan) for name in _COORDINATES)
    return lon, lat


def _points(stops: pd.DataFrame) -> gpd.GeoDataFrame:
    data = stops.drop(columns=list(_COORDINATES))
    data["name"] = stops["stop_name"] if "stop_name" in stops else stops["stop_id"]
    points = gpd.points_from_xy(*_lonlat(stops))
    return gpd.GeoDataFrame(data, geometry=points, crs="EPSG:4326")
