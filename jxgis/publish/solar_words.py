"""What the pages call the measure of photovoltaics, its figures, its columns and its layers."""

from __future__ import annotations

from jxgis.i18n import _
from jxgis.publish.numbers import format_quantity
from jxgis.results import Indicator


def is_solar(measure: str) -> bool:
    """Say whether a measure is one of photovoltaics."""
    return measure.startswith("solar.")


def measure_title(measure: str) -> str:
    """Return a measure's title, nothing where it is not of photovoltaics."""
    return {"solar.zones": _("Photovoltaic zones")}.get(measure, "")


def indicator_title(measure: str, indicator: Indicator) -> str:
    """Return what an indicator says, nothing where it is none of photovoltaics that is known.

    An id may go on after its name, ``solar-mw-2017``, where it is of another ``day`` than the
    result: ``params`` then has it.
    """
    if not is_solar(measure):
        return ""
    names = [n for n in _titles() if f"{indicator.id}-".startswith(f"solar-{n}-")]
    if not names:
        return ""
    name = max(names, key=len)
    title, day = _titles()[name], _day(indicator)
    need = indicator.params.get("need_mw")
    if name == "zones" and need is not None:
        title = _("Counties with a legal zone of {need}").format(need=format_quantity(need, "MW"))
    if not day or indicator.id == f"solar-{name}":
        return title
    return _("{title}, {further}").format(title=title, further=day)


def _titles() -> dict[str, str]:
    return {
        "zones": _("Counties with a legal zone of the capacity that is needed"),
        "mw": _("Legal capacity"),
        "roof-mw": _("Legal capacity on roofs"),
        "ground-mw": _("Legal capacity on the ground"),
        "pond-mw": _("Legal capacity over ponds"),
        "composite-mw": _("Legal capacity over crops"),
        "mwh": _("Yield of the legal capacity in a year"),
        "kwh-per-kwp": _("Yield in a year for each kWp"),
        "lost-mw": _("Legal then and not now"),
        "parks": _("Parks that make up a zone's capacity"),
        "enterprises": _("Enterprises whose roofs were looked at"),
    }


def asked_title(indicator: Indicator) -> str:
    """Return the day that a figure of photovoltaics is of, nothing where it says none."""
    said = _day(indicator) if indicator.id.startswith("solar-") else ""
    return said[:1].upper() + said[1:]


def _day(indicator: Indicator) -> str:
    day = indicator.params.get("day")
    return "" if day is None else _("as of {date}").format(date=day)


def details(measure: str, indicator: Indicator) -> list[str]:
    """Return of how many counties those are that have a zone, nothing for another figure."""
    of = indicator.denominator
    if not is_solar(measure) or indicator.unit != "county" or of is None:
        return []
    return [_("of {number} counties").format(number=format_quantity(of, "count"))]


def column_title(column: str) -> str:
    """Return the title of a column of a table by zone, nothing where it has none."""
    titles = {
        "mw": _("Legal capacity"),
        "roof_mw": _("On roofs"),
        "ground_mw": _("On the ground"),
        "pond_mw": _("Over ponds"),
        "composite_mw": _("Over crops"),
        "then_mw": _("Legal then"),
        "now_mw": _("Legal now"),
        "change_mw": _("Change"),
        "mwh": _("Yield in a year"),
        "kwh_per_kwp": _("Yield for each kWp"),
        "full_load_h": _("Full-load hours"),
        "best_mw": _("Best zone"),
        "best_radius_m": _("Its radius"),
        "missing_mw": _("Missing"),
        "substation_km": _("To the nearest substation"),
        "spare_kw": _("Its spare power"),
        "first_share": _("How often first"),
        "zones": _("Zones of the capacity"),
        "roofs": _("Roofs"),
        "roof_m2": _("Roofs"),
        "usable_m2": _("Usable of them"),
    }
    return titles.get(column, "")


def layer_title(layer: str) -> str:
    """Return what a layer of photovoltaics is called, nothing where it is another."""
    titles = {
        "buildings": _("Buildings"),
        "estates": _("Industrial parks"),
        "enterprises": _("Enterprises"),
        "planned_green": _("Planned green"),
        "weather": _("Weather"),
        "elevation": _("Elevation"),
        "irradiance": _("Irradiation"),
        "solar": _("Photovoltaic zones"),
        "roofs": _("Roofs"),
        "streets": _("Streets"),
    }
    return titles.get(layer, "")
