"""Verbs of charging stations: words on the command line -> one call -> what is printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jxgis.i18n import _
from jxgis.options import file_option, measure_one, overridden, run_options, verb

if TYPE_CHECKING:
    from jxgis.charging_spec import ChargingSettings
    from jxgis.plan import Plan

_POSITIVE = click.FloatRange(min=0, min_open=True)
_SHARE = click.FloatRange(min=0, max=1, min_open=True)

_LAYERS = {
    "demand": "demand",
    "candidates": "candidates",
    "existing": "chargers",
    "zones": "zones",
    "area": "built_up",
    "streets": "streets",
}
"""Options of ``charging`` that name a layer, and what it is called."""


def charging() -> click.Command:
    """Return ``jxgis charging``.

    Raises
    ------
    InputError
        When it is run with a plan and with options that a plan gives, or with neither.
    """

    @verb(
        "charging",
        _(
            "Where charging stations serve the most, with proof: the whole of PLAN in one solve, "
            "or one kind of station from layers."
        ),
        click.Argument(["plan"], type=click.Path(path_type=Path), required=False),
        *_layer_options(),
        *_question_options(),
        *run_options(),
    )
    def command(**given: Any) -> None:
        from jxgis import console
        from jxgis.targets import Criterion

        if given["plan"] is not None:
            measure_one(_whole_plan(given), "charging.plan", [], given, console.charging_text)
            return
        criterion = Criterion("charging-served", of=given["aim"], threshold=given["reach"])
        measure_one(_one_kind(given), "charging.siting", [criterion], given, console.charging_text)

    return command


def corridors() -> click.Command:
    """Return ``jxgis corridors``."""

    @verb(
        "corridors",
        _("Fast charging along expressways, side by side: service areas, stretches, additions."),
        file_option("--expressways", _("Expressways: lines or an OSM extract."), required=True),
        file_option(
            "--service-areas",
            _("Service areas: a point a side, or one with a column side."),
            required=True,
        ),
        file_option("--chargers", _("Charging stations: points with posts and power_kw.")),
        file_option("--zones", _("Zones with columns zone_id and zone.")),
        *run_options(),
    )
    def command(**given: Any) -> None:
        from jxgis import console
        from jxgis.targets import Criterion

        files = {name: given[name] for name in _CORRIDOR_LAYERS}
        plan = _plan(_("Charging along expressways"), given, files)
        criteria = [Criterion("service-area-charging")]
        measure_one(plan, "charging.corridors", criteria, given, console.charging_text)

    return command


_CORRIDOR_LAYERS = ("expressways", "service_areas", "chargers", "zones")


def _layer_options() -> list[click.Parameter]:
    return [
        file_option("--demand", _("Demand: points, polygons or lines with a column of amounts.")),
        click.Option(["--weight"], metavar="COLUMN", help=_("Its column of amounts.")),
        file_option("--candidates", _("Places where a station can be: points or polygons.")),
        file_option("--existing", _("Stations that there are: points; they stay.")),
        file_option("--zones", _("Zones with columns zone_id and zone.")),
        file_option("--area", _("Built-up area, outside which another radius holds.")),
        file_option("--streets", _("Streets: distances are then along them.")),
    ]


def _question_options() -> list[click.Parameter]:
    return [
        click.Option(["--count"], type=click.IntRange(min=1), help=_("How many to choose.")),
        click.Option(
            ["--reach"], type=_SHARE, help=_("The fewest that serve this share of it instead.")
        ),
        click.Option(
            ["--radius"],
            type=_POSITIVE,
            help=_("How far a station serves, metres; else the rules' for core and outside."),
        ),
        click.Option(
            ["--aim"],
            type=click.Choice(["served", "median", "center"]),
            default="served",
            show_default=True,
            help=_(
                "What is made best: demand served within the radius, the mean distance, or the "
                "farthest."
            ),
        ),
        click.Option(
            ["--capacity"], type=_POSITIVE, help=_("Demand that one station can serve at most.")
        ),
        click.Option(
            ["--floor"], type=_SHARE, help=_("Share of each zone's demand that must be served.")
        ),
        click.Option(
            ["--cell"], type=_POSITIVE, help=_("Side of the cells that demand is summed onto.")
        ),
        click.Option(
            ["--time-limit"], type=_POSITIVE, help=_("Seconds for the search and its proof.")
        ),
    ]


def _whole_plan(given: Mapping[str, Any]) -> Plan:
    """Return the plan that is given, with the options that may go with one."""
    from jxgis.arguments import rule_values
    from jxgis.errors import InputError
    from jxgis.plan import read_plan

    own = (*_LAYERS, "weight", "count", "reach", "radius", "capacity", "floor", "cell", "settings")
    beside = [f"--{name}" for name in own if given[name]]
    if beside:
        raise InputError(
            _("{options} and a plan are both given").format(options=", ".join(beside)),
            mend=_("A plan says all of that in its tables [layers] and [charging]"),
        )
    plan = read_plan(given["plan"])
    if not plan.charging.kinds:
        raise InputError(
            _("the plan has no kinds of charging station"),
            file=given["plan"],
            mend=_("Add a table [charging] with [[charging.kinds]]"),
        )
    return overridden(plan, given, _rules(given, rule_values(given["rules"])))


def _one_kind(given: Mapping[str, Any]) -> Plan:
    """Return the plan that the options of one kind of station stand for."""
    from dataclasses import replace

    from jxgis.errors import InputError

    missing = [f"--{name}" for name in ("demand", "candidates") if not given[name]]
    if missing:
        raise InputError(
            _("{options} is missing").format(options=", ".join(missing)),
            mend=_("Give a plan, or at least --demand, --candidates and --count"),
        )
    if (given["count"] is None) == (given["reach"] is None):
        raise InputError(_("one of --count and --reach is given, and not both"))
    if given["aim"] != "served" and (given["reach"] or given["floor"]):
        raise InputError(
            _("--reach and --floor are of demand served within the radius"),
            mend=_("Leave --aim out, or leave them out"),
        )
    if given["aim"] != "served" and given["radius"]:
        raise InputError(
            _("--radius limits nothing where a distance is made small"),
            mend=_("Leave it out, or --aim"),
        )
    if given["aim"] == "center" and given["capacity"]:
        raise InputError(
            _("--aim center does not depend on what a station can serve"),
            mend=_("Leave --capacity out, or take --aim median"),
        )
    if given["floor"] and not given["zones"]:
        raise InputError(_("--floor is of each zone"), mend=_("Add --zones"))
    files = {layer: given[option] for option, layer in _LAYERS.items()}
    weight = [f"demand.columns.weight={given['weight']}"] if given["weight"] else []
    plan = _plan(_("Charging stations"), given, files, weight)
    return replace(plan, charging=_settings(given))


def _settings(given: Mapping[str, Any]) -> ChargingSettings:
    from jxgis.charging_spec import ChargingSettings, DemandSpec, Source, StationKind

    demand = DemandSpec(
        id="demand",
        title=given["weight"] or _called(given["demand"]),
        unit=given["weight"] or _("demand"),
        sources=(Source("demand"),),
        cell_m=given["cell"],
        floor=given["floor"],
    )
    kind = StationKind(
        id="stations",
        title=_("Charging stations"),
        demand=demand.id,
        candidates="candidates",
        count=given["count"] or 0,
        existing="chargers" if given["existing"] else None,
        radius_m=given["radius"],
        radius_outside_m=given["radius"],
        capacity=given["capacity"],
    )
    by = "streets" if given["streets"] else "straight"
    return ChargingSettings(by=by, demands=(demand,), kinds=(kind,))


def _called(source: str) -> str:
    """Return a file's own word for what is in it: ``people`` of ``data/people.shp``."""
    path = Path(source)
    if not path.exists() and ":" in path.name:
        return source.rpartition(":")[2]
    return path.stem


def _rules(given: Mapping[str, Any], values: dict[str, float]) -> dict[str, float]:
    limit = given.get("time_limit")
    return values if limit is None else values | {"charging.time_limit_s": limit}


def _plan(
    title: str,
    given: Mapping[str, Any],
    files: Mapping[str, str | None],
    more: list[str] | None = None,
) -> Plan:
    from jxgis.arguments import layer_specs, rule_values
    from jxgis.plan import Plan
    from jxgis.rules import Rules

    return Plan(
        file=Path(),
        title=title,
        crs=given["crs"],
        as_of=given["as_of"].date() if given["as_of"] else None,
        layers=layer_specs(files, [*(more or []), *given["settings"]]),
        rules=Rules(_rules(given, rule_values(given["rules"]))),
    )
