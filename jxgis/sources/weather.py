"""A year of weather, hour by hour: EPW, TMY3 and PVGIS files, read with pvlib."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pvlib import iotools

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.irradiation_units import LEAST_KWH_PER_M2, MOST_KWH_PER_M2
from jxgis.layers import RawLayer
from jxgis.results import InputFile, LedgerRow
from jxgis.sources import encodings, pvgis
from jxgis.sources.archive import find, fingerprint
from jxgis.sources.found import first_sentence
from jxgis.spec import LayerSpec

LIGHT = ("ghi", "dni", "dhi")
AIR = ("temp_air", "wind_speed")

_YEARS = (8760, 8784)
_HALF_HOUR = pd.Timedelta(minutes=30)

# From these on a value says that there is none: EPW's 9999, 99.9 and 999; TMY3's is -9900.
_NONE_FROM = {"ghi": 9999.0, "dni": 9999.0, "dhi": 9999.0, "temp_air": 99.9, "wind_speed": 999.0}
_NONE_BELOW = {"ghi": 0.0, "dni": 0.0, "dhi": 0.0, "temp_air": -90.0, "wind_speed": 0.0}
# Gaps in the air's temperature and wind that are bridged, as a share of the year.
_MOST_BRIDGED = 0.1


@dataclass(frozen=True)
class _Year:
    """A file's hours with the times of their sun, and its station."""

    hours: pd.DataFrame
    name: str
    latitude: float
    longitude: float
    altitude_m: float


def read(spec: LayerSpec) -> RawLayer:
    """Read a year of weather.

    Parameters
    ----------
    spec
        ``path`` names an EPW, a TMY3 or a PVGIS typical-year file (JSON or CSV), known by what is
        in it; or ``pvgis`` a place that is asked for.

    Returns
    -------
    RawLayer
        One point, the station, in EPSG:4326. Table ``hours``: ``ghi``, ``dni``, ``dhi`` (W/m²),
        ``temp_air`` (°C) and ``wind_speed`` (m/s) by the time (UTC) of each hour's sun, its middle;
        ``dni`` and ``dhi`` are empty where a file has only global light. Table ``station``:
        ``name``, ``latitude``, ``longitude``, ``altitude_m``.

    Raises
    ------
    NetworkError
        PVGIS gives no answer.
    InputError
        The file is missing or no weather file, is not of a whole year, has gaps, or its light is in
        another unit.
    """
    if spec.pvgis is None and spec.path is None:
        raise InputError(
            _("weather is read from a file or from PVGIS"),
            mend=_("Write path or pvgis under [layers.{layer}]").format(layer=spec.name),
            **place(spec),
        )
    path = pvgis.fetched(spec) if spec.pvgis is not None else find(spec)
    try:
        raw = path.read_bytes()
        digest = fingerprint(path)
    except OSError as error:
        raise InputError(
            _("cannot be opened: {reason}").format(reason=error.strerror or first_sentence(error)),
            mend=_("Name a weather file, and see that you may read it"),
            **place(spec),
        ) from error
    year = _parsed(raw, spec)
    hours, ledger = _checked(year.hours, spec)
    credit = pvgis.ATTRIBUTION if spec.pvgis is not None else ""
    source = InputFile(
        spec.source,
        digest,
        len(hours),
        "EPSG:4326",
        as_of=spec.as_of,
        attribution=spec.attribution or credit,
    )
    station = {
        "name": year.name,
        "latitude": year.latitude,
        "longitude": year.longitude,
        "altitude_m": year.altitude_m,
    }
    data = gpd.GeoDataFrame(
        {"name": [year.name]},
        geometry=[shapely.Point(year.longitude, year.latitude)],
        crs="EPSG:4326",
    )
    tables = {"hours": hours, "station": pd.DataFrame([station])}
    return RawLayer(data, (source,), tuple(ledger), tables)


def _parsed(raw: bytes, spec: LayerSpec) -> _Year:
    """Read a file by what is in it."""
    text = _text(raw, spec)
    start = text.lstrip()
    lines = start.split("\n", 2)
    if start.startswith("{"):
        known, parse = "PVGIS JSON", _pvgis_json
    elif lines[0].startswith("LOCATION,"):
        known, parse = "EPW", _epw
    elif lines[0].startswith("Latitude (decimal degrees)"):
        known, parse = "PVGIS CSV", _pvgis_csv
    elif len(lines) > 1 and lines[1].startswith("Date (MM/DD/YYYY)"):
        known, parse = "TMY3", _tmy3
    else:
        raise InputError(
            _("it is no weather file that is known"),
            mend=_("Give an EPW, a TMY3, or a typical year of PVGIS (JSON or CSV), not zipped"),
            **place(spec),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of mixed columns that nobody reads
            year = parse(start)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(
            _("cannot be read as {format}: {reason}").format(
                format=known, reason=first_sentence(error)
            ),
            mend=_("Fetch it anew; a spreadsheet program may have changed it"),
            **place(spec),
        ) from error
    if not (abs(year.latitude) <= 90 and abs(year.longitude) <= 180):  # noqa: PLR2004 - degrees
        raise InputError(
            _("its station is at latitude {latitude:g}, longitude {longitude:g}").format(
                latitude=year.latitude, longitude=year.longitude
            ),
            mend=_("Correct its first line"),
            **place(spec),
        )
    return year


def _text(raw: bytes, spec: LayerSpec) -> str:
    try:
        return raw.decode(encodings.of_bytes(raw, spec.encoding).codec).lstrip("\ufeff")
    except (InputError, UnicodeDecodeError):
        return raw.decode("latin-1")  # what is read of it is ASCII but for the station's name


def _epw(text: str) -> _Year:
    data, about = iotools.read_epw(StringIO(text))
    hours = _columns(data, _HALF_HOUR)  # pvlib gives each hour's beginning
    return _Year(hours, str(about["city"]), *_where(about, "altitude"))


def _tmy3(text: str) -> _Year:
    data, about = iotools.read_tmy3(StringIO(text))
    hours = _columns(data, -_HALF_HOUR)  # the file gives each hour's end
    return _Year(hours, str(about["Name"]).strip('"'), *_where(about, "altitude"))


def _pvgis_json(text: str) -> _Year:
    data, about = iotools.read_pvgis_tmy(StringIO(text), pvgis_format="json")
    where = about["inputs"]["location"]
    offset = pd.Timedelta(hours=float(where.get("irradiance_time_offset", 0)))
    return _Year(_columns(data, offset), "PVGIS", *_where(where, "elevation"))


def _pvgis_csv(text: str) -> _Year:
    data, about = iotools.read_pvgis_tmy(BytesIO(text.encode()), pvgis_format="csv")
    where = about["inputs"]
    offset = pd.Timedelta(hours=float(where.get("irradiance time offset", 0)))
    return _Year(_columns(data, offset), "PVGIS", *_where(where, "elevation"))


def _where(about: Any, altitude: str) -> tuple[float, float, float]:
    return float(about["latitude"]), float(about["longitude"]), float(about[altitude])


def _columns(data: pd.DataFrame, offset: pd.Timedelta) -> pd.DataFrame:
    """Return what is needed as numbers, by the time of the hour's sun."""
    hours = pd.DataFrame(
        {name: pd.to_numeric(data[name], errors="coerce") for name in (*LIGHT, *AIR)}, dtype=float
    )
    hours.index = pd.DatetimeIndex(pd.DatetimeIndex(data.index).tz_convert("UTC") + offset)
    hours.index.name = "time"
    return hours


def _checked(hours: pd.DataFrame, spec: LayerSpec) -> tuple[pd.DataFrame, list[LedgerRow]]:
    if len(hours) not in _YEARS:
        raise InputError(
            _("it holds {n:,} hours, and a year has 8,760").format(n=len(hours)),
            mend=_("Give a typical year, hour by hour"),
            **place(spec),
        )
    for name in (*LIGHT, *AIR):
        hours[name] = hours[name].where(
            (hours[name] >= _NONE_BELOW[name]) & (hours[name] < _NONE_FROM[name])
        )
    missing = int(hours["ghi"].isna().sum())
    if missing:
        raise InputError(
            _("{n:,} of its hours have no global irradiation").format(n=missing),
            mend=_("Give a file without gaps"),
            **place(spec),
        )
    _check_unit(float(hours["ghi"].sum()) / 1000, spec)
    ledger = []
    for name, title in (("temp_air", _("temperature")), ("wind_speed", _("wind"))):
        gaps = int(hours[name].isna().sum())
        if gaps > _MOST_BRIDGED * len(hours):
            raise InputError(
                _("{n:,} of its hours have no {what}").format(n=gaps, what=title),
                mend=_("Give a file without gaps"),
                **place(spec),
            )
        if gaps:
            hours[name] = hours[name].interpolate(limit_direction="both")
            reason = _("hours without {what}, taken from those before and after").format(what=title)
            ledger.append(LedgerRow("assumed", spec.name, gaps, reason))
    return hours, ledger


def _check_unit(total: float, spec: LayerSpec) -> None:
    if not LEAST_KWH_PER_M2 <= total <= MOST_KWH_PER_M2:
        raise InputError(
            _(
                "its global irradiation adds up to {total:,.6g} kWh/m² a year, which is nowhere "
                "where people live: the unit may be wrong"
            ).format(total=total),
            mend=_("Give each hour's mean in W/m²"),
            **place(spec),
        )
