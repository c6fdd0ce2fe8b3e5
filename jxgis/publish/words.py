"""What the pages call things: measures, figures, statuses, layers and columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from jxgis.i18n import _, ngettext
from jxgis.publish import charging_words, green_words, solar_words
from jxgis.publish.numbers import (
    NOTHING,
    format_area,
    format_land,
    format_points,
    format_power,
    format_quantity,
    format_share,
)
from jxgis.results import Indicator


def measure_title(measure: str) -> str:
    """Return a measure's title; a measure without one goes by its name."""
    titles = {
        "transit.coverage": _("Bus-stop coverage of the built-up area"),
        "transit.additions": _("New bus stops"),
        "sites.count": _("Projects and sites"),
    }
    own = titles.get(measure) or green_words.measure_title(measure)
    own = own or charging_words.measure_title(measure) or solar_words.measure_title(measure)
    return own or measure


def indicator_title(measure: str, indicator: Indicator) -> str:
    """Return what an indicator says, where no target's title says it."""
    radius = indicator.params.get("radius_m")
    if indicator.unit == "stop":
        return _("New stops")
    if measure.startswith("transit.") and radius is not None:
        return _("Within {radius} of a stop").format(radius=format_quantity(radius, "m"))
    own = green_words.indicator_title(measure, indicator)
    own = own or charging_words.indicator_title(measure, indicator)
    return own or solar_words.indicator_title(measure, indicator) or indicator.id


def asked_title(indicator: Indicator) -> str:
    """Return what of the city an indicator asks for and how, nothing where it does not say.

    ``params`` has ``of`` (area, streets, near_streets, people or jobs), ``by`` (straight or
    walking) and, where only stops with a service count, ``departures_per_hour``. What a
    figure of green has is in `green_words`.
    """
    asked, by = indicator.params.get("of"), indicator.params.get("by")
    departures = indicator.params.get("departures_per_hour")
    of = {
        "area": _("Area"),
        "streets": _("Streets"),
        "near_streets": _("Land along reached streets"),
        "people": _("People"),
        "jobs": _("Jobs"),
    }.get(str(asked))
    if of is None:
        return green_words.asked_title(indicator) or solar_words.asked_title(indicator)
    state = {"before": _("Before"), "after": _("With the new stops")}
    if "state" in indicator.params:
        return state[str(indicator.params["state"])]
    how = []
    if by == "walking":
        how.append(_("walking"))
    elif departures is None and by == "straight":
        how.append(_("straight line"))
    if departures is not None:
        form = ngettext(
            "stops with at least {number} departure an hour",
            "stops with at least {number} departures an hour",
            1 if departures == 1 else 2,
        )
        how.append(form.format(number=f"{departures:g}"))
    title = of
    for part in how:
        title = _("{of}, {how}").format(of=title, how=part)
    if asked == "area" and by == "straight" and departures is None and indicator.beside is None:
        return _("{title} (official figure)").format(title=title)
    return title


def parts_unit(measure: str, indicator: Indicator) -> str | None:
    """Return the unit of a share's numerator and denominator, where it is known."""
    if green_words.is_green(measure):
        return "m2"
    if charging_words.is_charging(measure):
        return charging_words.parts_unit(measure, indicator)
    if solar_words.is_solar(measure):
        return "count"
    of = indicator.params.get("of")
    if of is not None:
        return {
            "area": "m2",
            "near_streets": "m2",
            "streets": "m",
            "people": "people",
            "jobs": "jobs",
        }.get(str(of))
    return {"transit.coverage": "m2"}.get(measure)


def pivot_columns(measure: str) -> tuple[str, str] | None:
    """Return the column that is spread over the zone table's columns, and the one that fills it."""
    return {
        "transit.coverage": ("radius_m", "share"),
        "sites.count": ("target", "amount"),
    }.get(measure)


def status_title(status: str) -> str:
    """Return a target's status in words."""
    return {
        "met": _("Met"),
        "not_met": _("Not met"),
        "no_data": _("No data"),
        "tracked": _("Tracked"),
    }[status]


def kind_title(kind: str) -> str:
    """Return how a target's value comes about."""
    titles = {
        "computed": _("computed"),
        "counted": _("counted"),
        "reported": _("reported"),
        "sited": _("sited"),
    }
    return " + ".join(titles.get(part, part) for part in kind.split("+"))


def ledger_title(what: str) -> str:
    """Return a ledger row's one word."""
    titles = {
        "excluded": _("excluded"),
        "repaired": _("repaired"),
        "dropped": _("dropped"),
        "assumed": _("assumed"),
        "suspected": _("suspected"),
        "outside": _("outside"),
        "overlap": _("overlap"),
        "note": _("note"),
    }
    return titles.get(what, what)


def layer_title(layer: str) -> str:
    """Return what a layer is called; one that is named otherwise than its kind goes by its name."""
    titles = {
        "stops": _("Stops"),
        "built_up": _("Built-up area"),
        "zones": _("Zones"),
        "land": _("Land use"),
        "sites": _("Sites"),
        "imagery": _("Imagery"),
        "imagery_before": _("Earlier imagery"),
        "landcover": _("Land cover"),
        "canopy": _("Canopy"),
        "townships": _("Townships"),
        "pv": _("Photovoltaic plants"),
        "reference": _("Reference sample"),
    }
    own = titles.get(layer) or charging_words.layer_title(layer)
    return own or solar_words.layer_title(layer) or layer


def column_title(column: str, measure: str = "") -> str:
    """Return the title of a column of a measure's table; one without a title goes by its name."""
    if green_words.is_green(measure) and (title := green_words.column_title(measure, column)):
        return title
    if charging_words.is_charging(measure) and (title := charging_words.column_title(column)):
        return title
    if solar_words.is_solar(measure) and (title := solar_words.column_title(column)):
        return title
    titles = {
        "zone_id": _("Code"),
        "zone": _("Zone"),
        "radius_m": _("Radius"),
        "area_m2": _("Built-up area"),
        "covered_area_m2": _("Covered area"),
        "uncovered_area_m2": _("Uncovered area"),
        "excluded_area_m2": _("Excluded area"),
        "share": _("Share"),
        "share_before": _("Share before"),
        "share_after": _("Share after"),
        "stops": _("Stops"),
        "sites": _("Sites"),
        "amount": _("Amount"),
        "target": _("Target"),
    }
    return titles.get(column, column)


def format_cell(column: str, value: Any) -> str:
    """Return a table's value as text, by the unit that its column's name begins or ends in."""
    if pd.isna(value):
        return NOTHING
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return str(value)
    text = _form(column)(float(value))
    return f"+{text}" if column.startswith(_CHANGES) and value > 0 else text


def _form(column: str) -> Callable[[float], str]:
    if column.startswith("gain") and "share" in column:
        return format_points
    if is_share(column):
        return format_share
    for ending, form in _FORMS.items():
        if column.endswith(ending) or (ending in _PERSONS and column.startswith(ending)):
            return form
    return lambda number: format_quantity(number, "count")


def is_share(column: str) -> bool:
    """Say whether a column holds shares, 0 to 1, by its name."""
    if column.startswith("gain"):
        return False
    return column.startswith("share") or column.endswith("share") or "_share_" in column


def _distance(metres: float) -> str:
    """Return a measured distance, to the metre from 10 m on."""
    return format_quantity(metres, "m", decimals=0 if metres >= _CENTIMETRES_UNDER_M else 2)


def _whole(number: float) -> str:
    return format_quantity(number, "count", decimals=0)


def _large(number: float) -> str:
    """Return a quantity, to the whole from 100 on."""
    return format_quantity(number, "count", decimals=0 if abs(number) >= _WHOLE_FROM else 2)


_CENTIMETRES_UNDER_M = 10.0
_CHANGES = "change_"
_WHOLE_FROM = 100.0
_PERSONS = ("people", "jobs")

_FORMS: Mapping[str, Callable[[float], str]] = {
    "effect": format_points,
    "_m2": format_area,
    "_ha": lambda hectares: format_land(hectares, "ha"),
    "_mu": lambda mu: format_land(mu, "mu"),
    "radius_m": lambda metres: format_quantity(metres, "m"),
    "_km": lambda kilometres: format_quantity(kilometres, "km", decimals=1),
    "_kw": lambda kilowatts: format_quantity(kilowatts, "kW", decimals=0),
    "mw": format_power,
    "mwh": lambda hours: format_quantity(hours, "MWh"),
    "kwh": lambda hours: format_quantity(hours, "kWh"),
    "kwh_per_kwp": lambda hours: format_quantity(hours, "kWh/kWp"),
    "mw_per_km2": lambda megawatts: format_quantity(megawatts, "MW/km²"),
    "_h": lambda hours: format_quantity(hours, "h"),
    "factor": format_share,
    "score": "{:.3f}".format,
    "year": "{:.0f}".format,
    "piles": _whole,
    "posts": _whole,
    "stations": _whole,
    "cost": _large,
    "demand": _large,
    "served": _large,
    "_m": _distance,
    "people": _whole,
    "jobs": _whole,
    "lon": "{:.5f}".format,
    "lat": "{:.5f}".format,
}
