"""What light a place gets: from its weather's file, from a yearly figure, or from the rules."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyproj

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.irradiation_units import check_irradiation
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar import climate
from jxgis.solar.sun import SKY_ONLY, WH_PER_KWH, Hours, Site

DISTANCE_RULE = "solar.weather_distance"

# More light than this while the sun is down is suspected, and so much that none of it can be used.
_MOST_IN_THE_DARK = 0.01
_TOO_MUCH_IN_THE_DARK = 0.25
# No weather from farther away than this is anything like the place's.
_FARTHEST_KM = 2000.0


@dataclass(frozen=True)
class Station:
    """A year of weather, and where it is of; ``name`` is the layer's."""

    name: str
    site: Site
    hours: Hours


@dataclass(frozen=True)
class Resource:
    """A year of light.

    Attributes
    ----------
    basis
        ``weather`` (a file's or PVGIS's hours), ``figure`` (a yearly sum that the plan gives) or
        ``climate`` (the rules').
    site
        Where the sun of the hours is over: the station's place, or the place itself.
    hours
        A year's, without gaps.
    low, high
        Hours of the least and the most light that the rules know; None where a sum is known.
    ledger
        What was assumed.
    rules
        The rules that were used.
    """

    basis: str
    site: Site
    hours: Hours
    low: Hours | None = None
    high: Hours | None = None
    ledger: tuple[LedgerRow, ...] = ()
    rules: tuple[str, ...] = field(default=())

    @property
    def irradiation(self) -> float:
        """Global horizontal irradiation, kWh/m² a year."""
        return float(self.hours["ghi"].sum()) / WH_PER_KWH


def station_of(layer: Layer) -> Station:
    """Return the year of weather that a layer holds.

    Parameters
    ----------
    layer
        Of kind ``weather``, with the tables ``hours`` and ``station``.

    Raises
    ------
    InputError
        If it is of several stations.
    """
    stations = layer.tables["station"]
    if len(stations) != 1:
        raise InputError(
            _("{n} stations are given, and yields are of one").format(n=len(stations)),
            mend=_("Leave one layer of kind weather in the plan"),
            layer=layer.name,
        )
    row = stations.iloc[0]
    site = Site(float(row["latitude"]), float(row["longitude"]), float(row["altitude_m"]))
    return Station(layer.name, site, layer.tables["hours"])


def check_station(site: Site, station: Station) -> None:
    """Raise where a year of weather cannot be a place's.

    Parameters
    ----------
    site
        The place.
    station
        The year of weather.

    Raises
    ------
    InputError
        If more than a quarter of its light falls while the sun is down, or it is of a place more
        than 2,000 km away.
    """
    dark = climate.dark_share(station.site, station.hours)
    if dark > _TOO_MUCH_IN_THE_DARK:
        raise InputError(
            _(
                "{share:.0%} of its light falls while the sun is down: its time zone or its place "
                "is wrong"
            ).format(share=dark),
            layer=station.name,
            mend=_(
                "Correct the time zone, latitude and longitude at the file's head, or give another "
                "file"
            ),
        )
    km = _distance_km(site, station.site)
    if km > _FARTHEST_KM:
        raise InputError(
            _(
                "the weather is of {latitude:.2f}, {longitude:.2f} (latitude, longitude), "
                "{km:,.0f} km away"
            ).format(latitude=station.site.latitude, longitude=station.site.longitude, km=km),
            layer=station.name,
            mend=_("Give the file of a station nearby, or leave the layer out"),
        )


def resource_of(
    site: Site, rules: Rules, *, station: Station | None = None, irradiation: float | None = None
) -> Resource:
    """Return the year of light that a place's yields are computed from.

    Parameters
    ----------
    site
        The place.
    rules
        The run's.
    station
        A year of weather; None makes one.
    irradiation
        A year's global irradiation on the level, kWh/m², that the plan gives. Beside a station its
        hours are brought to that sum.

    Returns
    -------
    Resource
        Of the station, of the figure, or of the rules' climate, in this order.

    Raises
    ------
    InputError
        If the figure is in another unit, nothing is given and the rules hold for other places, or
        the station's weather cannot be the place's.
    """
    if irradiation is not None:
        check_irradiation(irradiation)
    if station is not None:
        return _measured(site, rules, station, irradiation)
    if irradiation is not None:
        hours = climate.made_year(site, irradiation, rules)
        made = (_made(rules), _warmth(rules))
        return Resource("figure", site, hours, ledger=made, rules=climate.YEAR_RULES)
    known = climate.default_range(site, rules)
    low, middle, high = (
        climate.made_year(site, value, rules) for value in (known.low, known.middle, known.high)
    )
    reason = _(
        "no weather and no irradiation are given: {low:,.0f} to {high:,.0f} kWh/m² a year, "
        "reckoned with {middle:,.0f}"
    ).format(low=known.low, high=known.high, middle=known.middle)
    effect = (known.high - known.low) / (known.high + known.low)
    assumed = LedgerRow("assumed", "", 1, reason, effect)
    ledger = (assumed, _made(rules), _warmth(rules))
    used = (*climate.RANGE_RULES, *climate.BOX_RULES, *climate.YEAR_RULES)
    return Resource("climate", site, middle, low, high, ledger, used)


def _measured(site: Site, rules: Rules, station: Station, irradiation: float | None) -> Resource:
    check_station(site, station)
    hours, filled = climate.completed(station.site, station.hours)
    ledger = []
    if filled:
        reason = _("hours of which only global light is given, split into beam and diffuse")
        ledger.append(LedgerRow("assumed", station.name, filled, reason))
    dark = climate.dark_share(station.site, hours)
    if dark > _MOST_IN_THE_DARK:
        reason = _(
            "{share:.0%} of its light falls while the sun is down: its time zone or its place may "
            "be wrong"
        ).format(share=dark)
        ledger.append(LedgerRow("suspected", station.name, len(hours), reason))
    km = _distance_km(site, station.site)
    if km > rules[DISTANCE_RULE].value:
        reason = _("the weather is of a place {km:,.0f} km away").format(km=km)
        ledger.append(LedgerRow("suspected", station.name, 1, reason))
    if irradiation is not None:
        given = float(hours["ghi"].sum()) / WH_PER_KWH
        hours = hours.assign(**{name: hours[name] * (irradiation / given) for name in SKY_ONLY})
        reason = _(
            "its light, {given:,.0f} kWh/m² a year, was brought to the {wanted:,.0f} of the plan"
        ).format(given=given, wanted=irradiation)
        ledger.append(LedgerRow("assumed", station.name, 1, reason, irradiation / given - 1))
    return Resource("weather", station.site, hours, ledger=tuple(ledger), rules=(DISTANCE_RULE,))


def _distance_km(a: Site, b: Site) -> float:
    ellipsoid = pyproj.Geod(ellps="GRS80")
    return float(ellipsoid.line_length([a.longitude, b.longitude], [a.latitude, b.latitude]) / 1000)


def _made(rules: Rules) -> LedgerRow:
    reason = _(
        "hours were made of the year's sum: each as often clear as any other, an overcast sky "
        "letting {share:.0%} of the light through"
    ).format(share=rules["solar.overcast_share"].value)
    return LedgerRow("assumed", "", 1, reason)


def _warmth(rules: Rules) -> LedgerRow:
    per_c = rules["solar.power_loss_per_c"].value
    reason = _(
        "the air's mean temperature is taken to be {mean:g} °C; a degree more is {share:.2%} less"
    ).format(mean=rules["solar.temperature_mean"].value, share=per_c)
    return LedgerRow("assumed", "", 1, reason)
