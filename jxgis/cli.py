"""The command line: words -> one call -> what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jxgis.charging_verbs import charging, corridors
from jxgis.fetch_verb import fetch
from jxgis.green_verbs import green, green_change, green_sample
from jxgis.i18n import _
from jxgis.options import (
    INTERRUPTED,
    city_options,
    city_plan,
    crs_option,
    file_option,
    json_flag,
    lang_option,
    measure_one,
    out_option,
    progress,
    run_options,
    verb,
    warn,
)
from jxgis.solar_verbs import solar
from jxgis.version import __version__

NOT_MET = 1
BAD_INPUT = 2


def program() -> click.Group:
    """Return the program with all its verbs, its help in the reader's language."""
    group = click.Group(
        "jxgis",
        help=_("Measure a spatial plan from layers, score it, and publish its maps."),
        params=[lang_option()],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    click.version_option(__version__, package_name="jxgis")(group)
    for command in (
        *(_run(), _check(), _new(), _coverage(), _add_stops()),
        *(green(), green_change(), green_sample(), charging(), corridors(), solar()),
        *(fetch(), _view()),
    ):
        group.add_command(command)
    return group


def _run() -> click.Command:
    @verb(
        "run",
        _("Measure every target of PLAN and publish its site."),
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        out_option(),
        crs_option(),
        json_flag(),
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
        warn("\n".join(workflow.site_options(read).warnings()))
        scoreboard = workflow.run(read, out, progress())
        warn(console.suspicions_text(scoreboard.results))
        if as_json:
            click.echo(workflow.dumps(scoreboard.to_json()))
        else:
            click.echo(console.scoreboard_text(scoreboard))
            click.echo("\n" + str(out / "index.html"))
        if any(result.is_interrupted for result in scoreboard.results):
            return INTERRUPTED
        return NOT_MET if strict and workflow.falls_short(scoreboard) else 0

    return run


def _check() -> click.Command:
    @verb(
        "check",
        _("Read every layer of PLAN and list all that is wrong, before anything is computed."),
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        crs_option(),
        click.Option(
            ["--preview"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=_("Folder for a picture of each scene of imagery, with vegetation in red."),
        ),
    )
    def check(plan: Path, crs: str | None, preview: Path | None) -> int:
        from jxgis import console, workflow
        from jxgis.plan import read_plan
        from jxgis.reading import read_layers

        read = read_plan(plan)
        layers, notes = read_layers(read.layers, crs or read.crs, progress())
        faults = workflow.check_measures(read, layers)
        click.echo(console.layers_text(layers))
        looks = workflow.look_at_imagery(layers, preview, progress())
        if looks:
            click.echo("\n" + console.previews_text(looks))
        ledger = [*notes, *(row for layer in layers.values() for row in layer.ledger)]
        click.echo("\n" + console.ledger_text(ledger))
        for fault in faults:
            click.echo(str(fault), err=True)
        if not faults:
            click.echo("\n" + _("the plan can be run"))
        return BAD_INPUT if faults else 0

    return check


def _new() -> click.Command:
    @verb(
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
    @verb(
        "coverage",
        _("Share of a built-up area, its people and its streets near bus stops, exactly."),
        *city_options(),
        file_option("--jobs", _("Jobs: points, polygons or a raster of jobs per cell.")),
        file_option("--stops-before", _("An earlier state of the stops, to compare with.")),
        file_option("--area-before", _("An earlier state of the built-up area.")),
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
        *run_options(),
    )
    def coverage(**given: Any) -> None:
        from dataclasses import replace

        from jxgis import console
        from jxgis.plan import CoverageSettings
        from jxgis.targets import Criterion

        plan = city_plan(_("Bus-stop coverage"), given)
        settings = CoverageSettings(plan.coverage.exclude, day=given["day"], window=given["window"])
        plan = replace(plan, coverage=settings)
        criteria = [
            Criterion(f"coverage-{r:.12g}", radius_m=r) for r in dict.fromkeys(given["radii"])
        ]
        measure_one(plan, "transit.coverage", criteria, given, console.coverage_text)

    return coverage


def _add_stops() -> click.Command:
    @verb(
        "add-stops",
        _("The fewest new bus stops that reach a share, or the best of a number."),
        *city_options(),
        file_option("--routes", _("Bus routes: lines along which alone stops may be added.")),
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
        *run_options(),
    )
    def add_stops(**given: Any) -> None:
        from dataclasses import replace

        from jxgis import console
        from jxgis.errors import InputError
        from jxgis.plan import CoverageSettings
        from jxgis.targets import Criterion

        if (given["reach"] is None) == (given["count"] is None):
            raise InputError(_("one of --reach and --count is given, and not both"))
        plan = city_plan(_("New bus stops"), given)
        plan = replace(plan, coverage=CoverageSettings(plan.coverage.exclude, count=given["count"]))
        criterion = Criterion(
            f"coverage-{given['radius']:.12g}",
            radius_m=given["radius"],
            of=given["of"],
            zones=given["zone_ids"],
            threshold=given["reach"],
        )
        measure_one(plan, "transit.additions", [criterion], given, console.additions_text)

    return add_stops


def _view() -> click.Command:
    @verb(
        "view",
        _("Serve a published site on this machine only, until Ctrl+C."),
        click.Argument(["folder"], type=click.Path(path_type=Path), metavar="DIR"),
        click.Option(["--port"], type=int, default=8000, show_default=True, help=_("Port.")),
    )
    def view(folder: Path, port: int) -> None:
        from jxgis.viewer import serve

        serve(folder, port, click.echo)

    return view
