"""The verb of photovoltaics: words on the command line -> one call -> what is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jxgis.i18n import _
from jxgis.options import (
    explained_for_the_command_line,
    file_option,
    measure_one,
    overridden,
    progress,
    run_options,
    verb,
)

if TYPE_CHECKING:
    from jxgis.plan import Plan
    from jxgis.solar_spec import Density, SolarSettings

_LAYERS = {
    "zones": "zones",
    "land": "land",
    "landcover": "landcover",
    "buildings": "buildings",
    "area": "built_up",
    "streets": "streets",
    "expressways": "expressways",
    "substations": "substations",
    "enterprises": "enterprises",
    "weather": "weather",
}
"""Options of ``solar`` that name a layer, and what it is called."""


def solar() -> click.Command:
    """Return ``jxgis solar``.

    Raises
    ------
    InputError
        When it is run with a plan and with options that a plan gives, or with neither; without a
        folder to write, where no place is asked, or with one, where it is.
    """

    @verb(
        "solar",
        _(
            "Where photovoltaics may stand: legal zones of the needed capacity in every county, "
            "with their yield. Or, with --why, what the rules say of one place."
        ),
        click.Argument(["plan"], type=click.Path(path_type=Path), required=False),
        click.Option(
            ["--why", "lonlat"],
            type=float,
            nargs=2,
            metavar="LON LAT",
            help=_("Say of a place, in degrees, which rules hold there; nothing is written."),
        ),
        *_layer_options(),
        *_rule_options(),
        *_run_options(),
    )
    def command(**given: Any) -> None:
        from jxgis import console
        from jxgis.errors import InputError

        plan = _whole_plan(given) if given["plan"] is not None else _from_layers(given)
        if given["lonlat"] is not None:
            if given["out"] is not None:
                raise InputError(
                    _("{options} are both given").format(options="--why, --out"),
                    mend=_("Nothing is written where one place is asked: leave one of them out"),
                )
            _say_why(plan, given)
            return
        if given["out"] is None:
            raise InputError(
                _("{options} is missing").format(options="--out"),
                mend=_("Give a folder to write, or ask for one place with --why LON LAT"),
            )
        measure_one(plan, "solar.zones", [], given, console.tables_text)

    return command


def _say_why(plan: Plan, given: Mapping[str, Any]) -> None:
    from jxgis import workflow
    from jxgis.verdicts import verdicts_json, verdicts_text

    with explained_for_the_command_line(plan):
        verdicts = workflow.ask_why(plan, given["lonlat"], progress())
    if given["as_json"]:
        click.echo(workflow.dumps(verdicts_json(given["lonlat"], verdicts)))
    else:
        click.echo(verdicts_text(verdicts))


def _layer_options() -> list[click.Parameter]:
    return [
        file_option("--zones", _("Zones with columns zone_id and zone.")),
        file_option("--land", _("Land: polygons with a column class.")),
        file_option("--landcover", _("Land cover: a raster, where no polygon of land lies.")),
        file_option("--buildings", _("Buildings: polygons, for their roofs.")),
        file_option("--area", _("Built-up area: polygons.")),
        file_option("--streets", _("Streets: lines with a column highway.")),
        file_option("--expressways", _("Expressways: lines or an OSM extract.")),
        file_option("--substations", _("Substations: points, with spare_kw where known.")),
        file_option("--enterprises", _("Enterprises: points with a column tce.")),
        file_option("--weather", _("A year of weather: an EPW, TMY3 or PVGIS file.")),
    ]


def _rule_options() -> list[click.Parameter]:
    positive = click.FloatRange(min=0, min_open=True)
    return [
        click.Option(["--siting"], metavar="NAME", help=_("Rules of siting: siting-cn.")),
        click.Option(
            ["--density", "densities"],
            multiple=True,
            metavar="FORM=VALUE UNIT, SOURCE",
            help=_('Capacity density, as "ground=86 MW/km2, LBNL median"; one for each form.'),
        ),
        click.Option(
            ["--date", "days"],
            multiple=True,
            type=click.DateTime(["%Y-%m-%d"]),
            help=_("Day for which rules are asked; repeat it to compare two."),
        ),
        click.Option(["--need"], type=positive, help=_("Megawatts that make a zone; else 100.")),
        click.Option(
            ["--irradiation"], type=positive, help=_("Yearly irradiation on the level, kWh/m².")
        ),
    ]


def _run_options() -> list[click.Parameter]:
    """Return the options of every run, of which a folder is not always needed here."""
    options = run_options()
    for option in options:
        if option.name == "out":
            option.required = False
    return options


def _whole_plan(given: Mapping[str, Any]) -> Plan:
    """Return the plan that is given, with the options that may go with one."""
    from jxgis.arguments import rule_values
    from jxgis.errors import InputError
    from jxgis.plan import read_plan

    own = (*_LAYERS, "siting", "need", "irradiation")
    beside = [f"--{name}" for name in own if given[name] is not None]
    beside += ["--layer"] if given["settings"] else []
    beside += ["--density"] if given["densities"] else []
    if beside:
        raise InputError(
            _("{options} and a plan are both given").format(options=", ".join(beside)),
            mend=_("A plan says all of that in its tables [layers] and [solar]"),
        )
    plan = read_plan(given["plan"])
    if not plan.solar.is_asked:
        raise InputError(
            _("the plan has no table [solar]"),
            file=given["plan"],
            mend=_('Add one with rules = "siting-cn" and a table [solar.density]'),
        )
    days = _days(given)
    if days:
        plan = replace(plan, solar=replace(plan.solar, dates=days))
    return overridden(plan, given, rule_values(given["rules"]))


def _days(given: Mapping[str, Any]) -> tuple[Any, ...]:
    from jxgis.errors import InputError
    from jxgis.solar_table import MOST_DAYS

    days = sorted({day.date() for day in given["days"]})
    if len(days) > MOST_DAYS:
        raise InputError(
            _("--date is given for {n} days").format(n=len(days)),
            mend=_("Two days are compared: give the first and the last"),
        )
    return tuple(days)


def _densities(given: Mapping[str, Any]) -> dict[str, Density]:
    from jxgis.errors import InputError
    from jxgis.solar_density import written_density

    found: dict[str, Density] = {}
    for text in given["densities"]:
        form, density = written_density(text)
        if form in found:
            raise InputError(
                _("--density is given twice for {form}").format(form=form),
                mend=_("Give one figure for each form"),
            )
        found[form] = density
    return found


def _from_layers(given: Mapping[str, Any]) -> Plan:
    """Return the plan that the options stand for."""
    from jxgis.arguments import layer_specs, rule_values
    from jxgis.errors import InputError
    from jxgis.plan import Plan
    from jxgis.rules import Rules

    if given["zones"] is None:
        raise InputError(
            _("{options} is missing").format(options="--zones"),
            mend=_("Give a plan, or at least --zones, --siting, --density and --land"),
        )
    files = {layer: given[option] for option, layer in _LAYERS.items()}
    return Plan(
        file=Path(),
        title=_("Photovoltaic zones"),
        crs=given["crs"],
        as_of=given["as_of"].date() if given["as_of"] else None,
        layers=layer_specs(files, given["settings"]),
        rules=Rules(rule_values(given["rules"])),
        solar=_settings(given),
    )


def _settings(given: Mapping[str, Any]) -> SolarSettings:
    from jxgis.errors import InputError
    from jxgis.irradiation_units import check_irradiation
    from jxgis.solar_rule_sets import RuleSet, shipped_rules
    from jxgis.solar_spec import SolarSettings
    from jxgis.toml_reader import raise_faults

    if given["irradiation"] is not None:
        check_irradiation(given["irradiation"], key="--irradiation")
    faults: list[InputError] = []
    rules = shipped_rules(given["siting"], faults) if given["siting"] else RuleSet()
    raise_faults(faults)
    return SolarSettings(
        uses=rules.uses,
        exclusions=rules.exclusions,
        roofs=rules.roofs,
        density=_densities(given),
        dates=_days(given),
        need_mw=given["need"] or SolarSettings.need_mw,
        irradiation_kwh_per_m2=given["irradiation"],
        is_asked=True,
    )
