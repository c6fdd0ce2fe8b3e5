"""Rows of panels on level ground: how far apart they must stand at a latitude."""

from __future__ import annotations

import math

DECLINATION_DEG = 23.45
"""The sun's declination at a solstice, as design codes round it, degrees."""

_DEGREES_PER_HOUR = 15.0


def row_pitch(latitude: float, tilt_deg: float, hours_from_noon: float) -> float | None:
    """Return from where to where rows repeat, so that none shades another around noon.

    On the day of the winter solstice, from so many hours before true solar noon to as many after
    it; that is when shadows are longest. Rows run east to west and face the equator.

    Parameters
    ----------
    latitude
        Degrees; south is negative.
    tilt_deg
        Of the panels against the horizontal, degrees.
    hours_from_noon
        3 for the hours from 9 to 15.

    Returns
    -------
    float or None
        From one row's front edge to the next one's, in lengths of a row's slope; None where the
        sun is not up at those hours, so that no distance is enough.

    Notes
    -----
    ``D / L = cos b + sin b (cos h tan p + tan d) / (cos h - tan p tan d)`` with the tilt *b*, the
    hour angle *h*, the latitude *p* and the declination *d* of the other hemisphere's summer. With
    *h* = 45 degrees it is the formula of GB 50797 (design of photovoltaic power stations),
    ``(0.707 tan p + 0.4338) / (0.707 - 0.4338 tan p)``.
    """
    hour = math.cos(math.radians(_DEGREES_PER_HOUR * hours_from_noon))
    place = math.tan(math.radians(abs(latitude)))
    season = math.tan(math.radians(DECLINATION_DEG))
    height = hour - place * season
    if height <= 0:
        return None
    tilt = math.radians(tilt_deg)
    return math.cos(tilt) + math.sin(tilt) * (hour * place + season) / height


def ground_coverage(pitch: float | None) -> float | None:
    """Return the panels' area by the ground's: 1 where rows would touch, None for no pitch.

    Parameters
    ----------
    pitch
        As `row_pitch` gives it.
    """
    return None if pitch is None else 1 / pitch
