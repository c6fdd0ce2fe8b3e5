"""What the pages call the measures of charging, their figures and their columns."""

from __future__ import annotations

from jxgis.i18n import _
from jxgis.results import Indicator


def is_charging(measure: str) -> bool:
    """Say whether a measure is one of charging."""
    return measure.startswith("charging.")


def measure_title(measure: str) -> str:
    """Return a measure's title, nothing where it is not of charging."""
    titles = {
        "charging.corridors": _("Expressway corridors"),
        "charging.siting": _("Charging stations"),
        "charging.plan": _("Charging plan"),
    }
    return titles.get(measure, "")


def indicator_title(measure: str, indicator: Indicator) -> str:
    """Return what an indicator says, nothing where it is none of charging that is known.

    An id may go on after its name: ``charging-served-bus-2019``. ``params`` may then say in the
    reader's language what it is of: ``title`` (a kind of station, a road), and ``year``.
    """
    if not is_charging(measure):
        return ""
    if indicator.id == "service-area-charging":
        return _("Service-area sides with fast charging")
    names = [n for n in _titles() if f"{indicator.id}-".startswith(f"charging-{n}-")]
    if not names:
        return ""
    said = _titles()[max(names, key=len)]
    title, year = (indicator.params.get(name) for name in ("title", "year"))
    if title is not None:
        said = _("{title}, {further}").format(title=said, further=title)
    return said if year is None else _("{title}, {year}").format(title=said, year=year)


def _titles() -> dict[str, str]:
    return {
        "longest-stretch": _("Longest stretch without fast charging"),
        "additions": _("Places to be equipped with fast charging"),
        "served": _("Demand served"),
        "served-now": _("Demand served by the stations that there are"),
        "served-worst": _("Demand served in the worst scenario"),
        "served-expected": _("Demand served on average over the scenarios"),
        "mean-distance": _("Mean distance to a station"),
        "mean-distance-now": _("Mean distance to the stations that there are"),
        "farthest": _("Farthest distance to a station"),
        "farthest-now": _("Farthest distance to the stations that there are"),
        "stations": _("Stations"),
        "piles": _("Piles"),
        "cost": _("Cost"),
    }


def details(indicator: Indicator) -> list[str]:
    """Return what must be known of a figure of charging beside its value.

    ``params`` has ``open`` where a stretch goes on beyond the data.
    """
    if not indicator.params.get("open"):
        return []
    return [_("The road goes on beyond the data: it is at least so long.")]


def parts_unit(measure: str, indicator: Indicator) -> str | None:
    """Return the unit of a share's two parts, which ``params`` has as ``unit_of_parts``."""
    unit = indicator.params.get("unit_of_parts")
    return str(unit) if is_charging(measure) and unit is not None else None


def column_title(column: str) -> str:
    """Return the title of a column of a table by zone, nothing where it has none."""
    titles = {
        "demand": _("Demand"),
        "served": _("Served"),
        "served_share": _("Demand served"),
        "share_before": _("Served before"),
        "share_after": _("Served after"),
        "floor_share": _("At least to be served"),
        "mean_distance_m": _("Mean distance"),
        "farthest_m": _("Farthest"),
        "length_km": _("Length"),
        "within_km": _("Within the limit"),
        "beyond_km": _("Beyond the limit"),
        "longest_km": _("Longest stretch"),
        "sides": _("Sides of main service areas"),
        "with_charging": _("With fast charging"),
        "stations": _("Stations"),
        "sites": _("Places"),
        "piles": _("Piles"),
        "posts": _("Charging posts"),
        "chargers": _("Stations that there are"),
        "cost": _("Cost"),
        "power_kw": _("Power"),
        "year": _("Year"),
        "kind": _("Kind"),
    }
    return titles.get(column, "")


def layer_title(layer: str) -> str:
    """Return what a layer of charging is called, nothing where it is another."""
    titles = {
        "expressways": _("Expressways"),
        "service_areas": _("Service areas"),
        "vehicles": _("Vehicles"),
        "pois": _("Points of interest"),
        "traffic": _("Traffic"),
        "demand": _("Demand"),
        "chargers": _("Charging stations that there are"),
        "candidates": _("Places where stations can be"),
        "parking": _("Car parks"),
        "charging": _("Charging plan"),
        "substations": _("Substations"),
    }
    return titles.get(layer, "")
