"""From a plan to its scoreboard: the only file that knows all the others.

plan -> sources -> layers -> measures -> results -> scoreboard -> site
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jxgis.charging.plan_result import MEASURE as CHARGING_PLAN
from jxgis.charging.study import named, study
from jxgis.counting import MEASURE as SITES_COUNT
from jxgis.errors import InputError, JxgisError
from jxgis.green.preview import Preview, previews
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.measures import MEASURES, by_kind, check_criteria, coverage_needs, sample_of
from jxgis.output import check_replaceable, replaced
from jxgis.plan import Plan
from jxgis.publish.previews import write_previews
from jxgis.publish.reference import SAMPLE, check_unfilled, write_reference
from jxgis.publish.site import SiteOptions, write_result, write_site
from jxgis.rasters import Watcher, watching
from jxgis.reading import Progress, collecting, read_layers
from jxgis.results import LedgerRow, Result, Scoreboard
from jxgis.score import score, with_targets
from jxgis.solar.result import MEASURE as SOLAR_ZONES
from jxgis.solar.why import Verdict
from jxgis.solar_measure import solar_faults, why_at
from jxgis.targets import Criterion, Target
from jxgis.toml_reader import raise_faults
from jxgis.transit.coverage import MEASURE as COVERAGE


def run(plan: Plan, folder: Path, progress: Progress) -> Scoreboard:
    """Measure a plan's targets and write its site.

    Parameters
    ----------
    plan
        A plan as `jxgis.plan.read_plan` gives it.
    folder
        Where the site goes; see `jxgis.output`.
    progress
        Called with a line for the reader at each step.

    Returns
    -------
    Scoreboard

    Raises
    ------
    JxgisError
        If a layer cannot be used or the folder cannot be written; nothing is written then.
    """
    check_replaceable(folder)
    layers, notes = read_layers(plan.layers, plan.crs, progress)
    raise_faults(check_measures(plan, layers))
    results = [
        _measured(plan, name, criteria, layers, notes, progress)
        for name, criteria in _asked(plan, layers).items()
    ]
    answered = [result for result in results if result.indicators]
    statuses = score(plan.targets, answered, plan.reported, _waits_for(plan.targets, layers))
    judged = tuple(with_targets(result, statuses) for result in answered)
    scoreboard = Scoreboard(plan.title, plan.as_of, statuses, judged, plan.notice)
    progress(_("writing {folder}").format(folder=folder))
    with replaced(folder) as work:
        write_site(work, scoreboard, site_options(plan))
    return scoreboard


def measure_one(
    plan: Plan, name: str, criteria: Sequence[Criterion], folder: Path, progress: Progress
) -> Result:
    """Put criteria to one measure and write its folder: page, tables and ``result.json``.

    Raises
    ------
    JxgisError
        If a layer cannot be used or the folder cannot be written; nothing is written then.
    """
    check_replaceable(folder)
    layers, notes = read_layers(plan.layers, plan.crs, progress)
    result = _measured(plan, name, criteria, layers, notes, progress)
    progress(_("writing {folder}").format(folder=folder))
    with replaced(folder) as work:
        write_result(work, result, site_options(plan))
    return result


def ask_why(plan: Plan, lonlat: tuple[float, float], progress: Progress) -> list[Verdict]:
    """Return what the rules of siting say of a place, on each day that the plan asks for.

    Raises
    ------
    JxgisError
        If a layer cannot be used, or the place lies in none of the zones.
    """
    layers, _notes = read_layers(plan.layers, plan.crs, progress)
    return why_at(plan, by_kind(layers), lonlat)


def draw_sample(
    plan: Plan,
    of: str,
    folder: Path,
    progress: Progress,
    *,
    points: int | None,
    margin: float | None,
    seed: int,
) -> Result:
    """Draw a reference sample from a map and write its folder: files to fill in, and a page.

    Raises
    ------
    JxgisError
        If a layer cannot be used, the folder cannot be written, or it holds a sample that
        somebody has filled in; nothing is written then.
    """
    check_replaceable(folder)
    check_unfilled(folder)
    layers, notes = read_layers(plan.layers, plan.crs, progress)
    progress(_("measuring {measure}").format(measure="green.sample"))
    result, frame, classes = sample_of(plan, layers, of, points=points, margin=margin, seed=seed)
    result = replace(result, ledger=(*notes, *result.ledger))
    progress(_("writing {folder}").format(folder=folder))
    with replaced(folder) as work:
        write_result(work, result, site_options(plan), beside=(SAMPLE, "sample.kml", "strata.csv"))
        write_reference(work, frame, classes)
    return result


def _measured(
    plan: Plan,
    name: str,
    criteria: Sequence[Criterion],
    layers: Mapping[str, Layer],
    notes: Sequence[LedgerRow],
    progress: Progress,
) -> Result:
    """Return a measure's result with the notes of the whole run before its own ledger."""
    progress(_("measuring {measure}").format(measure=name))
    with watching(_told(name, progress)):
        result = MEASURES[name].run(plan, layers, criteria)
    return replace(result, ledger=(*notes, *result.ledger))


def look_at_imagery(
    layers: Mapping[str, Layer], folder: Path | None, progress: Progress
) -> list[Preview]:
    """Return what each scene of imagery looks like, and write its picture where that is wanted.

    Raises
    ------
    JxgisError
        If nothing of a scene is seen, or the folder cannot be written.
    """
    if folder is not None:
        check_replaceable(folder)
    found: list[Preview] = []
    with watching(_told(_("a look at the imagery"), progress)):
        for layer in layers.values():
            found += previews(layer) if layer.kind.name.startswith("imagery") else []
    if folder is not None:
        with replaced(folder) as work:
            write_previews(work, found)
    return found


def _told(name: str, progress: Progress) -> Watcher:
    """Return what turns windows that are done into a line for the reader at each tenth."""
    said = 0

    def tell(done: int, of: int) -> None:
        nonlocal said
        tenth = 10 * done // of
        if tenth != said:
            said = tenth
            share = f"{10 * tenth} %"
            progress(_("measuring {measure}: {share}").format(measure=name, share=share))

    return tell


def check_measures(plan: Plan, layers: Mapping[str, Layer]) -> list[JxgisError]:
    """Return what is wrong with what the plan asks of its layers, without measuring."""
    errors: list[JxgisError] = [*_misspelt(plan)]
    for name, criteria in _asked(plan, layers).items():
        with collecting(errors):
            check_criteria(plan, name, criteria, layers)
    if plan.charging.kinds:
        with collecting(errors):
            study(plan.charging, named(layers), plan.rules)
    if plan.solar.is_asked:
        errors += solar_faults(plan, by_kind(layers))
    return errors


def _misspelt(plan: Plan) -> Iterator[InputError]:
    """Find measures whose name is nearly that of one there is: those would wait for ever."""
    for target in plan.targets:
        near = difflib.get_close_matches(target.measure or "", MEASURES, 1, cutoff=0.8)
        if near and target.measure not in MEASURES:
            yield InputError(
                _("target {id} asks for a measure {measure} that there is not").format(
                    id=target.id, measure=target.measure
                ),
                file=plan.file,
                mend=_("Perhaps {name} is meant").format(name=near[0]),
            )


def falls_short(scoreboard: Scoreboard) -> bool:
    """Tell whether a target is not met, or a computed one has no data."""
    return any(
        target.status == "not_met" or (target.status == "no_data" and "computed" in target.kind)
        for target in scoreboard.targets
    )


def _measure_of(target: Target, criterion: Criterion) -> str | None:
    counted = criterion.count is not None or criterion.sum is not None
    return SITES_COUNT if counted else target.measure


def _missing(name: str, criterion: Criterion, kinds: Mapping[str, Layer]) -> list[str]:
    """Return the kinds of layer that a measure needs for a criterion and the plan does not have."""
    needs = [(k,) if isinstance(k, str) else k for k in MEASURES[name].needs]
    needs += [("zones",)] if criterion.each_zone_at_least else []
    if name == COVERAGE:
        needs += [(kind,) for kind in coverage_needs(criterion)]
        timetable = "stops" not in kinds or "stop_times" in kinds["stops"].tables
        if criterion.departures_per_hour is not None and not timetable:
            return [_("stops with a timetable (gtfs)")]
    lacking = [choice for choice in needs if not any(kind in kinds for kind in choice)]
    return [_(" or ").join(choice) for choice in lacking]


def _asked(plan: Plan, layers: Mapping[str, Layer]) -> dict[str, list[Criterion]]:
    """Return the measures that can run, in the order of `MEASURES`, with what asks for them.

    A charging plan and zones for photovoltaics are asked for by a table, and by no criterion.
    """
    kinds = by_kind(layers)
    asked: dict[str, list[Criterion]] = {name: [] for name in MEASURES}
    for target in plan.targets:
        for criterion in target.criteria:
            name = _measure_of(target, criterion)
            if name in asked and not _missing(name, criterion, kinds):
                asked[name].append(criterion)
    standing = {CHARGING_PLAN} if plan.charging.kinds else set()
    standing |= {SOLAR_ZONES} if plan.solar.is_asked else set()
    return {name: own for name, own in asked.items() if own or name in standing}


def _waits_for(targets: Sequence[Target], layers: Mapping[str, Layer]) -> dict[str, str]:
    """Say for each target what a value of it would need, beyond what is there."""
    kinds = by_kind(layers)
    waits = {}
    for target in targets:
        first = target.criteria[0]
        name = _measure_of(target, first)
        if name is None:
            continue
        if name not in MEASURES:
            waits[target.id] = _("the measure {measure}, which this version does not have").format(
                measure=name
            )
        elif missing := _missing(name, first, kinds):
            waits[target.id] = _("layers: {names}").format(names=", ".join(missing))
        elif name == SITES_COUNT:
            ids = ", ".join(criterion.id for criterion in target.criteria)
            waits[target.id] = _("sites whose target is {ids}").format(ids=ids)
        else:
            waits[target.id] = _("something to measure: there is nothing in what is asked")
    return waits


def site_options(plan: Plan) -> SiteOptions:
    """Return what the plan says of its pages."""
    return SiteOptions(basemap=plan.publish.basemap, token=plan.publish.token)


def dumps(document: Mapping[str, Any]) -> str:
    """Return JSON text as it is printed and written: UTF-8, no NaN."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
