"""Words on the command line that are of a city: its layers, its rules, and one measure of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jxgis.i18n import LANGUAGES, _

INTERRUPTED = 130
"""Exit code where Ctrl-C ended the run, or a search whose best answer was written all the same."""

if TYPE_CHECKING:
    from jxgis.plan import Plan
    from jxgis.results import Result
    from jxgis.targets import Criterion


def lang_option() -> click.Option:
    """Return the option as help and usage know it; its value was read before the words are."""
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=_("Language of messages and pages; else the environment's."),
    )


def verb(name: str, summary: str, *params: click.Parameter) -> Callable[[Any], click.Command]:
    """Make a command of a function; every verb takes ``--lang``."""

    def made(function: Callable[..., int | None]) -> click.Command:
        return click.Command(name, callback=function, params=[*params, lang_option()], help=summary)

    return made


def out_option() -> click.Option:
    """Return ``--out``, the folder that a verb writes."""
    return click.Option(
        ["--out", "out"],
        type=click.Path(path_type=Path),
        required=True,
        metavar="DIR",
        help=_("Folder to write; replaced as a whole, and only when jxgis wrote it."),
    )


def crs_option() -> click.Option:
    """Return ``--crs``, the CRS that is measured in."""
    return click.Option(
        ["--crs"],
        metavar="EPSG:n",
        help=_("Metric CRS to measure in; else chosen by the place."),
    )


def json_flag() -> click.Option:
    """Return ``--json``, for a program that reads along."""
    return click.Option(
        ["--json", "as_json"], is_flag=True, help=_("Print JSON on standard output.")
    )


def city_options() -> list[click.Parameter]:
    """Return the options that say where a city's layers are."""
    return [
        file_option("--stops", _("Stops: points, a GTFS feed or an OSM extract."), required=True),
        file_option("--area", _("Built-up area: polygons."), required=True),
        file_option("--zones", _("Zones with columns zone_id and zone.")),
        file_option("--streets", _("Streets: lines or an OSM extract, to walk along.")),
        file_option("--population", _("People: points, polygons or a raster of people per cell.")),
        file_option("--exclude", _("Land with a column class, to leave out of the area.")),
        click.Option(
            ["--exclude-class", "classes"],
            multiple=True,
            help=_("Class of land that is left out (large polygons only); may be repeated."),
        ),
    ]


def run_options() -> list[click.Parameter]:
    """Return the options of every verb that measures without a plan."""
    return [
        click.Option(["--as-of"], type=click.DateTime(["%Y-%m-%d"]), help=_("Date of the data.")),
        click.Option(
            ["--layer", "settings"],
            multiple=True,
            metavar="LAYER.KEY=VALUE",
            help=_("What a plan would say of a layer: stops.crs=EPSG:4490, built_up.encoding=gbk."),
        ),
        click.Option(
            ["--rule", "rules"],
            multiple=True,
            metavar="NAME=VALUE",
            help=_("A rule's value in place of its default: coverage.replicates=0."),
        ),
        out_option(),
        crs_option(),
        json_flag(),
    ]


def overridden(plan: Plan, given: Mapping[str, Any], values: Mapping[str, float]) -> Plan:
    """Return a plan with the CRS, the date and the rules that a verb's options give.

    Parameters
    ----------
    plan
        As it was read.
    given
        The verb's options.
    values
        Its rules, by name.
    """
    from dataclasses import replace

    from jxgis.rules import Rules

    return replace(
        plan,
        crs=given["crs"] or plan.crs,
        as_of=given["as_of"].date() if given["as_of"] else plan.as_of,
        rules=Rules({**plan.rules.overrides, **values}),
    )


def city_plan(title: str, given: Mapping[str, Any]) -> Plan:
    """Return the plan that a verb's options stand for.

    Raises
    ------
    InputError
        Options that do not go together, or with values that do not fit.
    """
    from jxgis.arguments import layer_specs, rule_values
    from jxgis.errors import InputError
    from jxgis.plan import CoverageSettings, ExclusionSettings, Plan
    from jxgis.rules import Rules

    if bool(given["exclude"]) != bool(given["classes"]):
        raise InputError(_("--exclude and --exclude-class are given together or not at all"))
    names = {"area": "built_up", "area_before": "built_up_before", "exclude": "land"}
    options = (
        *("stops", "area", "zones", "streets", "population", "exclude", "jobs"),
        *("stops_before", "area_before", "routes"),
    )
    files = {names.get(option, option): given.get(option) for option in options}
    values = rule_values(given["rules"])
    values |= {
        rule: given[option]
        for option, rule in RULE_OPTIONS.items()
        if given.get(option) is not None
    }
    excluded = (ExclusionSettings("land", given["classes"]),) if given["classes"] else ()
    return Plan(
        file=Path(),
        title=title,
        crs=given["crs"],
        as_of=given["as_of"].date() if given["as_of"] else None,
        layers=layer_specs(files, given["settings"]),
        coverage=CoverageSettings(excluded),
        rules=Rules(values),
    )


RULE_OPTIONS = {
    "departures": "service.frequent_departures_per_hour",
    "spacing": "additions.spacing_m",
    "least_distance": "additions.least_distance_m",
    "time_limit": "additions.time_limit_s",
}
"""Options that are another way to write ``--rule``."""


def measure_one(
    plan: Plan,
    name: str,
    criteria: Sequence[Criterion],
    given: Mapping[str, Any],
    text: Callable[[Result], str],
) -> None:
    """Put criteria to a measure, write its folder, and print what a person or a program reads.

    Raises
    ------
    click.exceptions.Exit
        With `INTERRUPTED`, after all that, where Ctrl-C ended a search.
    """
    from jxgis import workflow

    with explained_for_the_command_line(plan):
        result = workflow.measure_one(plan, name, criteria, given["out"], progress())
    print_result(result, given, text, next(given["out"].glob("*.html")))
    if result.is_interrupted:
        warn(_("interrupted; the best that was found until then is written"))
        raise click.exceptions.Exit(INTERRUPTED)


def print_result(
    result: Result, given: Mapping[str, Any], text: Callable[[Result], str], written: Path
) -> None:
    """Print what a person or a program reads of a result, and where to look further."""
    from jxgis import console, workflow

    warn(console.suspicions_text([result]))
    if given["as_json"]:
        click.echo(workflow.dumps(result.to_json()))
    else:
        click.echo(text(result))
        click.echo("\n" + str(written))


def file_option(name: str, text: str, *, required: bool = False) -> click.Option:
    """Return an option that names a layer's file."""
    return click.Option([name], required=required, metavar="FILE[:LAYER]", help=text)


@contextmanager
def explained_for_the_command_line(plan: Plan | None = None) -> Iterator[None]:
    """Where a sentence names a plan's table and there is no plan, say how to write it here.

    Parameters
    ----------
    plan
        What is asked; one that was made of options, as None, is no plan's file.
    """
    from jxgis.errors import JxgisError

    try:
        yield
    except JxgisError as error:
        if "[layers." in str(error) and (plan is None or plan.file == Path()):
            warn(_("(without a plan: --layer LAYER.KEY=VALUE, as in --layer stops.crs=EPSG:4490)"))
        raise


def warn(text: str) -> None:
    """Print a sentence on standard error, where there is one."""
    if text:
        click.echo(text, err=True)


def progress() -> Callable[[str], None]:
    """Return what shows a step: on standard error, and only when a person is watching."""
    if not sys.stderr.isatty():
        return lambda _line: None
    return lambda line: click.echo(f"  {line}", err=True)
