"""The command line: words -> one call -> what is printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jxgis.i18n import LANGUAGES, _
from jxgis.version import __version__

if TYPE_CHECKING:
    from jxgis.plan import Plan
    from jxgis.results import Result
    from jxgis.targets import Criterion

NOT_MET = 1
BAD_INPUT = 2


def program() -> click.Group:
    """Return the program with all its verbs, its help in the reader's language."""
    group = click.Group(
        "jxgis",
        help=_("Measure a spatial plan from layers, score it, and publish its maps."),
        params=[_lang()],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    click.version_option(__version__, package_name="jxgis")(group)
    for command in (_run(), _check(), _new(), _coverage(), _add_stops(), _view()):
        group.add_command(command)
    return group


def _lang() -> click.Option:
    """Return the option as help and usage know it; its value was read before the words are."""
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=_("Language of messages and pages; else the environment's."),
    )


def _verb(name: str, summary: str, *params: click.Parameter) -> Callable[[Any], click.Command]:
    """Make a command of a function; every verb takes ``--lang``."""

    def made(function: Callable[..., int | None]) -> click.Command:
        return click.Command(name, callback=function, params=[*params, _lang()], help=summary)

    return made


def _out() -> click.Option:
    return click.Option(
        ["--out", "out"],
        type=click.Path(path_type=Path),
        required=True,
        metavar="DIR",
        help=_("Folder to write; replaced as a whole, and only when jxgis wrote it."),
    )


def _crs() -> click.Option:
    return click.Option(
        ["--crs"],
        metavar="EPSG:n",
        help=_("Metric CRS to measure in; else chosen by the place."),
    )


def _json() -> click.Option:
    return click.Option(
        ["--json", "as_json"], is_flag=True, help=_("Print JSON on standard output.")
    )


def _run() -> click.Command:
    @_verb(
        "run",
        _("Measure every target of PLAN and publish its site."),
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        _out(),
        _crs(),
        _json(),
        click.Option(
            ["--strict"],
            is_flag=True,
            help=_("Exit with 1 when a target is not met or a computed one has no data."),
        ),
    )
    def run(plan: Path, out: Path, *, crs: str | None, as_json: bool, strict: bool) -> int:
        from dataclasses import replace

        from jxgis import console, workflow
        from jxgis.plan import read_plan

        read = read_plan(plan)
        if crs:
            read = replace(read, crs=crs)
        _warn("\n".join(workflow.site_options(read).warnings()))
        scoreboard = workflow.run(read, out, _progress())
        _warn(console.suspicions_text(scoreboard.results))
        if as_json:
            click.echo(workflow.dumps(scoreboard.to_json()))
        else:
            click.echo(console.scoreboard_text(scoreboard))
            click.echo("\n" + str(out / "index.html"))
        return NOT_MET if strict and workflow.falls_short(scoreboard) else 0

    return run


def _check() -> click.Command:
    @_verb(
        "check",
        _("Read every layer of PLAN and list all that is wrong, before anything is computed."),
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        _crs(),
    )
    def check(plan: Path, crs: str | None) -> int:
        from jxgis import console, workflow
        from jxgis.plan import read_plan
        from jxgis.reading import read_layers

        read = read_plan(plan)
        layers, notes = read_layers(read.layers, crs or read.crs, _progress())
        faults = workflow.check_measures(read, layers)
        click.echo(console.layers_text(layers))
        ledger = [*notes, *(row for layer in layers.values() for row in layer.ledger)]
        click.echo("\n" + console.ledger_text(ledger))
        for fault in faults:
            click.echo(str(fault), err=True)
        if not faults:
            click.echo("\n" + _("the plan can be run"))
        return BAD_INPUT if faults else 0

    return check


def _new() -> click.Command:
    @_verb(
        "new",
        _("Write a commented plan into DIR from the files of a folder."),
        click.Argument(["folder"], type=click.Path(path_type=Path), metavar="DIR"),
        click.Option(
            ["--from", "source"],
            type=click.Path(path_type=Path),
            required=True,
            metavar="FOLDER",
            help=_("Folder with the planner's files; they are read, never changed."),
        ),
    )
    def new(folder: Path, source: Path) -> None:
        from jxgis.scaffold import write_new_plan

        click.echo(write_new_plan(folder, source))

    return new


def _coverage() -> click.Command:
    @_verb(
        "coverage",
        _("Share of a built-up area, its people and its streets near bus stops, exactly."),
        *_city_options(),
        _file_option("--jobs", _("Jobs: points, polygons or a raster of jobs per cell.")),
        _file_option("--stops-before", _("An earlier state of the stops, to compare with.")),
        _file_option("--area-before", _("An earlier state of the built-up area.")),
        click.Option(
            ["--radius", "radii"],
            type=click.FloatRange(min=0, min_open=True),
            multiple=True,
            default=(300.0, 500.0),
            show_default=True,
            help=_("Distance in metres; may be repeated."),
        ),
        click.Option(
            ["--day"],
            default="weekday",
            show_default=True,
            metavar="DAY",
            help=_("Day of the timetable: weekday, saturday, sunday or a date."),
        ),
        click.Option(
            ["--window"],
            default="06:00-20:00",
            show_default=True,
            help=_("Hours of the timetable in which departures are counted."),
        ),
        click.Option(
            ["--departures"],
            type=click.FloatRange(min=0, min_open=True),
            help=_("Departures an hour that make a service frequent."),
        ),
        *_run_options(),
    )
    def coverage(**given: Any) -> None:
        from dataclasses import replace

        from jxgis import console
        from jxgis.plan import CoverageSettings
        from jxgis.targets import Criterion

        plan = _city_plan(_("Bus-stop coverage"), given)
        settings = CoverageSettings(plan.coverage.exclude, day=given["day"], window=given["window"])
        plan = replace(plan, coverage=settings)
        criteria = [
            Criterion(f"coverage-{r:.12g}", radius_m=r) for r in dict.fromkeys(given["radii"])
        ]
        _measure_one(plan, "transit.coverage", criteria, given, console.coverage_text)

    return coverage


def _add_stops() -> click.Command:
    @_verb(
        "add-stops",
        _("The fewest new bus stops that reach a share, or the best of a number."),
        *_city_options(),
        _file_option("--routes", _("Bus routes: lines along which alone stops may be added.")),
        click.Option(
            ["--radius"],
            type=click.FloatRange(min=0, min_open=True),
            default=500.0,
            show_default=True,
            help=_("Distance in metres."),
        ),
        click.Option(
            ["--reach"],
            type=click.FloatRange(min=0, max=1, min_open=True),
            help=_("Share to be reached: 0.96."),
        ),
        click.Option(
            ["--count"], type=click.IntRange(min=1), help=_("The best so many stops instead.")
        ),
        click.Option(
            ["--of"],
            type=click.Choice(["area", "people"]),
            default="area",
            show_default=True,
            help=_("What the share is of."),
        ),
        click.Option(
            ["--zone", "zone_ids"],
            multiple=True,
            metavar="ZONE_ID",
            help=_("Only this zone's share; may be repeated."),
        ),
        click.Option(
            ["--spacing"],
            type=click.FloatRange(min=1),
            help=_("Metres between places for a stop along a street."),
        ),
        click.Option(
            ["--least-distance"],
            type=click.FloatRange(min=0),
            help=_("Least metres between a new stop and those that there are."),
        ),
        click.Option(
            ["--time-limit"],
            type=click.FloatRange(min=0, min_open=True),
            help=_("Seconds for the proof; the best set by then is given."),
        ),
        *_run_options(),
    )
    def add_stops(**given: Any) -> None:
        from dataclasses import replace

        from jxgis import console
        from jxgis.errors import InputError
        from jxgis.plan import CoverageSettings
        from jxgis.targets import Criterion

        if (given["reach"] is None) == (given["count"] is None):
            raise InputError(_("one of --reach and --count is given, and not both"))
        plan = _city_plan(_("New bus stops"), given)
        plan = replace(plan, coverage=CoverageSettings(plan.coverage.exclude, count=given["count"]))
        criterion = Criterion(
            f"coverage-{given['radius']:.12g}",
            radius_m=given["radius"],
            of=given["of"],
            zones=given["zone_ids"],
            threshold=given["reach"],
        )
        _measure_one(plan, "transit.additions", [criterion], given, console.additions_text)

    return add_stops


def _city_options() -> list[click.Parameter]:
    """Return the options that say where a city's layers are."""
    return [
        _file_option("--stops", _("Stops: points, a GTFS feed or an OSM extract."), required=True),
        _file_option("--area", _("Built-up area: polygons."), required=True),
        _file_option("--zones", _("Zones with columns zone_id and zone.")),
        _file_option("--streets", _("Streets: lines or an OSM extract, to walk along.")),
        _file_option("--population", _("People: points, polygons or a raster of people per cell.")),
        _file_option("--exclude", _("Land with a column class, to leave out of the area.")),
        click.Option(
            ["--exclude-class", "classes"],
            multiple=True,
            help=_("Class of land that is left out (large polygons only); may be repeated."),
        ),
    ]


def _run_options() -> list[click.Parameter]:
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
        _out(),
        _crs(),
        _json(),
    ]


def _city_plan(title: str, given: Mapping[str, Any]) -> Plan:
    """Return the plan that a verb's options stand for."""
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
        rule: given[option] for option, rule in _RULES.items() if given.get(option) is not None
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


_RULES = {
    "departures": "service.frequent_departures_per_hour",
    "spacing": "additions.spacing_m",
    "least_distance": "additions.least_distance_m",
    "time_limit": "additions.time_limit_s",
}
"""Options that are another way to write ``--rule``."""


def _measure_one(
    plan: Plan,
    name: str,
    criteria: Sequence[Criterion],
    given: Mapping[str, Any],
    text: Callable[[Result], str],
) -> None:
    """Put criteria to a measure, write its folder, and print what a person or a program reads."""
    from jxgis import console, workflow

    with _explained_for_the_command_line():
        result = workflow.measure_one(plan, name, criteria, given["out"], _progress())
    _warn(console.suspicions_text([result]))
    if given["as_json"]:
        click.echo(workflow.dumps(result.to_json()))
    else:
        click.echo(text(result))
        click.echo("\n" + str(next(given["out"].glob("*.html"))))


def _file_option(name: str, text: str, *, required: bool = False) -> click.Option:
    return click.Option([name], required=required, metavar="FILE[:LAYER]", help=text)


def _view() -> click.Command:
    @_verb(
        "view",
        _("Serve a published site on this machine only, until Ctrl+C."),
        click.Argument(["folder"], type=click.Path(path_type=Path), metavar="DIR"),
        click.Option(["--port"], type=int, default=8000, show_default=True, help=_("Port.")),
    )
    def view(folder: Path, port: int) -> None:
        from jxgis.viewer import serve

        serve(folder, port, click.echo)

    return view


@contextmanager
def _explained_for_the_command_line() -> Iterator[None]:
    """Where a sentence names a plan's table and there is no plan, say how to write it here."""
    from jxgis.errors import JxgisError

    try:
        yield
    except JxgisError as error:
        if "[layers." in str(error):
            _warn(_("(without a plan: --layer LAYER.KEY=VALUE, as in --layer stops.crs=EPSG:4490)"))
        raise


def _warn(text: str) -> None:
    if text:
        click.echo(text, err=True)


def _progress() -> Callable[[str], None]:
    """Return what shows a step: on standard error, and only when a person is watching."""
    if not sys.stderr.isatty():
        return lambda _line: None
    return lambda line: click.echo(f"  {line}", err=True)
