"""A year's weather where there is no file of it: made of a yearly sum and the sun's path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pvlib import clearsky, irradiance

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rules import Rules
from jxgis.solar.sun import WH_PER_KWH, Hours, Site, days, sun_over

BOX_RULES = (
    "solar.climate_west",
    "solar.climate_south",
    "solar.climate_east",
    "solar.climate_north",
)
RANGE_RULES = ("solar.irradiation_low", "solar.irradiation_high")
YEAR_RULES = (
    *("solar.overcast_share", "solar.temperature_mean", "solar.temperature_year_swing"),
    *("solar.temperature_day_swing", "solar.wind_speed"),
)

# A year without a leap day stands for all.
_YEAR = 2019
_HOURS = 8760
# The coldest day of the year north of the equator, counted from 1 January; the warmest hour of a
# day, of true solar time.
_COLDEST_DAY = 20
_WARMEST_HOUR = 15


@dataclass(frozen=True)
class Range:
    """A year's global horizontal irradiation that is only known between two values, kWh/m²."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Half way."""
        return (self.low + self.high) / 2


def default_range(site: Site, rules: Rules) -> Range:
    """Return what the rules say of a place's irradiation, where nothing else is given.

    Parameters
    ----------
    site
        The place.
    rules
        `RANGE_RULES` inside of the box that `BOX_RULES` describe.

    Returns
    -------
    Range
        kWh/m² a year.

    Raises
    ------
    InputError
        If the place lies outside of the box, for which the rules say nothing.
    """
    west, south, east, north = (rules[name].value for name in BOX_RULES)
    if not (west <= site.longitude <= east and south <= site.latitude <= north):
        raise InputError(
            _(
                "no irradiation is known at {latitude:.2f}, {longitude:.2f}: the shipped climate "
                "holds from {south:g} to {north:g} degrees north and {west:g} to {east:g} east"
            ).format(
                latitude=site.latitude,
                longitude=site.longitude,
                south=south,
                north=north,
                west=west,
                east=east,
            ),
            mend=_(
                "Add a layer of weather, or write irradiation_kwh_per_m2 under [solar] (the year's "
                "global irradiation on the level)"
            ),
        )
    return Range(*(rules[name].value for name in RANGE_RULES))


def made_year(site: Site, irradiation: float, rules: Rules) -> Hours:
    """Return a year of hours whose irradiation adds up to a figure.

    Each hour is the mean of a clear hour and an overcast one: of Haurwitz's clear sky (1945),
    split into beam and diffuse light by Erbs and others (1982), and of a sky that lets a fixed
    share of it through, all diffuse. Ångström's relation gives how often it is clear, the same
    the year round: that every month and hour is as often clear is what this assumes, and rainy
    seasons it does not know. A clear year that is merely scaled down would have far too little
    beam. At pvlib's two TMY3 stations (Greensboro, Sand Point) panels yield 3.4 % more and 2.6 %
    less by such a year than by the file's own hours. Temperature is a wave through the year and one
    through the day.

    Parameters
    ----------
    site
        The place; the temperature's waves follow its hemisphere and its sun.
    irradiation
        Global on the level, kWh/m² a year.
    rules
        `YEAR_RULES` are used.

    Returns
    -------
    DataFrame
        `Hours`, of a year of 365 days.
    """
    times = pd.date_range(f"{_YEAR}-01-01 00:30", periods=_HOURS, freq="h", tz="UTC")
    sun = sun_over(site, times)
    clear = clearsky.haurwitz(sun.apparent_zenith)["ghi"]
    parts = irradiance.erbs(clear, sun.zenith, days(times))
    overcast = clear * rules["solar.overcast_share"].value
    wanted = irradiation * WH_PER_KWH
    often = (wanted - overcast.sum()) / (clear.sum() - overcast.sum())
    often = float(np.clip(often, 0, 1))  # thinner or thicker than these skies: scaled below
    hours = pd.DataFrame(
        {
            "ghi": often * clear + (1 - often) * overcast,
            "dni": often * parts["dni"],
            "dhi": often * parts["dhi"] + (1 - often) * overcast,
        }
    )
    hours *= wanted / hours["ghi"].sum()
    hours["temp_air"] = _temperature(site, times, rules)
    hours["wind_speed"] = rules["solar.wind_speed"].value
    return hours


def _temperature(site: Site, times: pd.DatetimeIndex, rules: Rules) -> Any:
    """Return degrees Celsius: a cosine through the year and one through the solar day."""
    day = days(times) - _COLDEST_DAY
    if site.latitude < 0:
        day = day + 365 / 2
    hour = times.hour.to_numpy() + 0.5 + site.longitude / 15 - _WARMEST_HOUR
    return (
        rules["solar.temperature_mean"].value
        - rules["solar.temperature_year_swing"].value * np.cos(2 * np.pi * day / 365)
        + rules["solar.temperature_day_swing"].value * np.cos(2 * np.pi * hour / 24)
    )


def completed(site: Site, hours: Hours) -> tuple[Hours, int]:
    """Fill beam and diffuse light in where a file gives only global.

    Parameters
    ----------
    site
        Where the weather is of.
    hours
        ``dni`` and ``dhi`` may have gaps.

    Returns
    -------
    hours : DataFrame
        Without gaps; those filled are split by Erbs and others (1982).
    filled : int
        How many hours with light.
    """
    gap = hours["dni"].isna() | hours["dhi"].isna()
    if not gap.any():
        return hours, 0
    times = pd.DatetimeIndex(hours.index)
    parts = irradiance.erbs(hours["ghi"], sun_over(site, times).zenith, days(times))
    hours = hours.copy()
    for name in ("dni", "dhi"):
        hours[name] = hours[name].where(~gap, np.nan_to_num(parts[name]))
    return hours, int((gap & (hours["ghi"] > 0)).sum())


def dark_share(site: Site, hours: Hours) -> float:
    """Return the share of a year's light that falls while the sun is down.

    Parameters
    ----------
    site
        Where the weather is of.
    hours
        With ``ghi``. More than a hundredth means another time zone, or another place.
    """
    light = hours["ghi"].to_numpy()
    is_up = sun_over(site, pd.DatetimeIndex(hours.index)).is_up.to_numpy()
    return float(light[~is_up].sum() / light.sum())
