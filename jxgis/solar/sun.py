"""The sun over a place through a year, and what of it falls on a tilted plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import atmosphere, irradiance, solarposition

Hours = pd.DataFrame
"""A year's hours: ``ghi``, ``dni`` and ``dhi`` (W/m²), ``temp_air`` (°C) and ``wind_speed`` (m/s),
each row's time (UTC) that of its sun, which is the middle of the hour."""

SKY_ONLY = ("ghi", "dni", "dhi")
"""The columns of `Hours` that are irradiance."""

WH_PER_KWH = 1000.0

_UPRIGHT = 90
_TEMPERATURE = 12.0


@dataclass(frozen=True)
class Site:
    """A place: degrees, south and west negative, and metres above the sea."""

    latitude: float
    longitude: float
    altitude_m: float = 0.0

    @property
    def equatorward(self) -> float:
        """The azimuth that faces the equator, degrees clockwise from north."""
        return 180.0 if self.latitude >= 0 else 0.0


@dataclass(frozen=True)
class Sun:
    """Where the sun is, an hour a row; degrees, and the irradiance outside the air in W/m²."""

    zenith: pd.Series[float]
    apparent_zenith: pd.Series[float]
    azimuth: pd.Series[float]
    extra: pd.Series[float]

    @property
    def is_up(self) -> pd.Series[bool]:
        """Whether its centre is above the horizon, as it is seen."""
        return self.apparent_zenith < _UPRIGHT


@dataclass(frozen=True)
class Sky:
    """The hours with light: irradiance and weather, where the sun is, and the air's thickness."""

    hours: Hours
    sun: Sun
    airmass: pd.Series[float]

    @property
    def horizontal(self) -> float:
        """Global irradiation on the level, kWh/m²."""
        return float(self.hours["ghi"].sum()) / WH_PER_KWH


def sun_over(site: Site, times: pd.DatetimeIndex, temp_air: pd.Series[float] | None = None) -> Sun:
    """Return where the sun is over a place.

    Parameters
    ----------
    site
        The place.
    times
        With their time zone.
    temp_air
        Of the air that bends the light, degrees Celsius; None is 12.

    Returns
    -------
    Sun
        By NREL's algorithm (Reda and Andreas 2004), as pvlib has it.
    """
    found = solarposition.get_solarposition(
        times,
        site.latitude,
        site.longitude,
        altitude=site.altitude_m,
        temperature=_TEMPERATURE if temp_air is None else temp_air,
    )
    extra = pd.Series(irradiance.get_extra_radiation(days(times)), index=times)
    return Sun(found["zenith"], found["apparent_zenith"], found["azimuth"], extra)


def days(times: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return the day of the year (UTC) of each time, from 1: where Earth is on its orbit."""
    return times.tz_convert("UTC").day_of_year.to_numpy(dtype=float)


def sky_over(site: Site, hours: Hours) -> Sky:
    """Return the sky of a year's weather; hours without light are left out.

    Parameters
    ----------
    site
        Where the weather is of.
    hours
        Without gaps.
    """
    hours = hours[(hours[list(SKY_ONLY)] > 0).any(axis=1)]
    sun = sun_over(site, pd.DatetimeIndex(hours.index), hours["temp_air"])
    airmass = atmosphere.get_relative_airmass(sun.apparent_zenith)
    return Sky(hours, sun, airmass)


def on_plane(sky: Sky, tilt_deg: float, azimuth_deg: float, albedo: float) -> pd.DataFrame:
    """Return what falls on a plane hour by hour: pvlib's ``poa_global`` and its parts, W/m².

    The sky's diffuse light is that of Perez and others (1990), what the ground throws back spreads
    evenly.

    Parameters
    ----------
    sky
        The year.
    tilt_deg, azimuth_deg
        Of the plane: against the horizontal, and of its face clockwise from north.
    albedo
        Of the ground, a share.
    """
    total: pd.DataFrame = irradiance.get_total_irradiance(
        tilt_deg,
        azimuth_deg,
        sky.sun.apparent_zenith,
        sky.sun.azimuth,
        sky.hours["dni"],
        sky.hours["ghi"],
        sky.hours["dhi"],
        dni_extra=sky.sun.extra,
        airmass=sky.airmass,
        albedo=albedo,
        model="perez",
    )
    return total


def best_tilt(sky: Sky, azimuth_deg: float, albedo: float, start_deg: float) -> int:
    """Return the tilt that gets the most in a year, to a whole degree.

    Parameters
    ----------
    sky, azimuth_deg, albedo
        As of `on_plane`.
    start_deg
        Where the search begins, such as the latitude; it climbs from there, because the year's sum
        has one summit.
    """

    def total(tilt: int) -> float:
        return float(on_plane(sky, tilt, azimuth_deg, albedo)["poa_global"].sum())

    return _summit(total, round(start_deg))


def _summit(height: Callable[[int], float], start: int) -> int:
    """Climb from a whole number between 0 and 90 to where no neighbour is higher."""
    here, top = int(np.clip(start, 0, _UPRIGHT)), None
    known: dict[int, float] = {}
    while here != top:
        top = here
        near = [n for n in (top, top - 1, top + 1) if 0 <= n <= _UPRIGHT]
        known |= {n: height(n) for n in near if n not in known}
        here = max(near, key=lambda n: known[n])
    return here
