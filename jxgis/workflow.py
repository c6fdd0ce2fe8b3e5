"""From a plan to its scoreboard: the only file that knows all the others.

plan -> sources -> layers -> measures -> results -> scoreboard -> site
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyproj

from jxgis import sources
from jxgis.crs import check_metric, grid_scale, metric_crs, parse_crs
from jxgis.errors import InputError, JxgisError
from jxgis.i18n import _
from jxgis.layers import KINDS, Layer, RawLayer, geographic_bounds, prepare
from jxgis.measures import MEASURES, SITES_COUNT, check_criteria
from jxgis.output import check_replaceable, replaced
from jxgis.plan import Plan, all_errors
from jxgis.publish.site import SiteOptions, write_result, write_site
from jxgis.results import LedgerRow, Result, Scoreboard
from jxgis.score import score, with_targets
from jxgis.shift import suspect_shift
from jxgis.spec import LayerSpec
from jxgis.targets import Criterion, Target
from jxgis.toml_reader import raise_faults

Progress = Callable[[str], None]

# The layers that say best where a city is, in this order.
_PLACE_KINDS = ("zones", "built_up", "stops", "sites")

# The layers that points are held against to see whether they are shifted, in this order.
_REFERENCE_KINDS = ("streets", "built_up")


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
    layers, crs, notes = read_layers(plan.layers, plan.crs, progress)
    scoreboard = measure(plan, layers, crs, notes, progress)
    progress(_("writing {folder}").format(folder=folder))
    with replaced(folder) as work:
        write_site(work, scoreboard, _site_options(plan))
    return scoreboard


def measure(
    plan: Plan,
    layers: Mapping[str, Layer],
    crs: pyproj.CRS,
    notes: Sequence[LedgerRow],
    progress: Progress,
) -> Scoreboard:
    """Put the targets to their measures and hold the results against them.

    ``notes`` are ledger rows of the whole run; every result carries them.
    """
    raise_faults(check_measures(plan, layers))
    usable = by_kind(layers)
    results = []
    for name, criteria in _asked(plan.targets, usable).items():
        progress(_("measuring {measure}").format(measure=name))
        result = MEASURES[name].run(plan, usable, criteria)
        if result.indicators:
            results.append(replace(result, ledger=(*notes, *result.ledger), crs=crs.to_string()))
    statuses = score(plan.targets, results, plan.reported, _waits_for(plan.targets, usable))
    judged = tuple(with_targets(result, statuses) for result in results)
    return Scoreboard(plan.title, plan.as_of, statuses, judged, plan.notice)


def measure_one(
    plan: Plan, name: str, criteria: Sequence[Criterion], folder: Path, progress: Progress
) -> Result:
    """Answer one question and write its folder: page, tables and ``result.json``."""
    check_replaceable(folder)
    layers, crs, notes = read_layers(plan.layers, plan.crs, progress)
    progress(_("measuring {measure}").format(measure=name))
    result = MEASURES[name].run(plan, by_kind(layers), criteria)
    result = replace(result, ledger=(*notes, *result.ledger), crs=crs.to_string())
    progress(_("writing {folder}").format(folder=folder))
    with replaced(folder) as work:
        write_result(work, result, _site_options(plan))
    return result


def read_layers(
    specs: Mapping[str, LayerSpec], crs_name: str | None, progress: Progress
) -> tuple[dict[str, Layer], pyproj.CRS, list[LedgerRow]]:
    """Read, check and transform layers.

    Returns
    -------
    layers : dict of Layer
        By name, in the run's metric CRS.
    crs : pyproj.CRS
        The run's metric CRS.
    notes : list of LedgerRow
        How the CRS came about, its areal scale, and layers that look shifted.

    Raises
    ------
    InputErrors
        Everything that is wrong with the layers, in one list.
    """
    errors: list[JxgisError] = []
    crs = None if crs_name is None else _collect(errors, lambda: check_metric(parse_crs(crs_name)))
    raws: dict[str, RawLayer] = {}
    for name, spec in specs.items():
        progress(_("reading {layer}: {source}").format(layer=name, source=spec.source))
        raw = _collect(errors, lambda spec=spec: sources.read(spec))
        if raw is not None:
            raws[name] = raw
    notes: list[LedgerRow] = []
    if crs is None and crs_name is None and raws:
        place = min(raws, key=lambda name: _place_rank(specs[name].kind))
        bounds = _collect(errors, lambda: geographic_bounds(raws[place], specs[place]))
        if bounds is not None:
            crs = metric_crs(bounds)
            notes.append(_assumed_crs(crs))
    layers: dict[str, Layer] = {}
    if crs is not None:
        for name, raw in raws.items():
            layer = _collect(errors, lambda n=name, r=raw: prepare(r, specs[n], crs))
            if layer is not None:
                layers[name] = layer
    raise_faults([e for error in errors for e in all_errors(error)])
    if crs is None:
        raise InputError(_("there is no layer to read"))
    notes += [_areal_scale(crs, layers), *_shifted(specs, layers, crs)]
    return layers, crs, notes


def _collect(errors: list[JxgisError], step: Callable[[], Any]) -> Any:
    try:
        return step()
    except JxgisError as error:
        errors.append(error)
        return None


def by_kind(layers: Mapping[str, Layer]) -> dict[str, Layer]:
    """Return the layers by name and by kind; several of one kind (two feeds) become one."""
    found = dict(layers)
    for kind in KINDS:
        same = [layer for layer in layers.values() if layer.kind.name == kind]
        if same:
            found[kind] = same[0] if len(same) == 1 else _joined(same)
    return found


def _joined(layers: Sequence[Layer]) -> Layer:
    first = layers[0]
    return replace(
        first,
        name=" + ".join(layer.name for layer in layers),
        data=pd.concat([layer.data for layer in layers], ignore_index=True),
        inputs=tuple(i for layer in layers for i in layer.inputs),
        ledger=tuple(row for layer in layers for row in layer.ledger),
    )


def _asked(targets: Sequence[Target], layers: Mapping[str, Layer]) -> dict[str, list[Criterion]]:
    """Return the measures that can run, each with the criteria that ask for it."""
    asked: dict[str, list[Criterion]] = {}
    for target in targets:
        for criterion in target.criteria:
            name = SITES_COUNT if criterion.count or criterion.sum else target.measure
            if name in MEASURES and all(kind in layers for kind in MEASURES[name].needs):
                asked.setdefault(name, []).append(criterion)
    return asked


def _waits_for(targets: Sequence[Target], layers: Mapping[str, Layer]) -> dict[str, str]:
    waits = {}
    for target in targets:
        counted = any(c.count or c.sum for c in target.criteria)
        name = target.measure or (SITES_COUNT if counted else None)
        if name is None:
            continue
        if name not in MEASURES and not counted:
            waits[target.id] = _("the measure {measure}").format(measure=name)
            continue
        needs = MEASURES[name].needs if name in MEASURES else MEASURES[SITES_COUNT].needs
        missing = [kind for kind in needs if kind not in layers]
        if missing:
            names = ", ".join(missing)
            waits[target.id] = _("layers: {names}").format(names=names)
        elif counted:
            waits[target.id] = _("a site with target = {id}").format(id=target.criteria[0].id)
    return waits


def check_measures(plan: Plan, layers: Mapping[str, Layer]) -> list[JxgisError]:
    """Return what is wrong with what the plan asks of its layers, without measuring."""
    usable = by_kind(layers)
    errors: list[JxgisError] = []
    for name, criteria in _asked(plan.targets, usable).items():
        _collect(errors, lambda n=name, c=criteria: check_criteria(plan, n, c, usable))
    return [e for error in errors for e in all_errors(error)]


def falls_short(scoreboard: Scoreboard) -> bool:
    """Tell whether a target is not met, or a computed one has no data."""
    return any(
        target.status == "not_met" or (target.status == "no_data" and "computed" in target.kind)
        for target in scoreboard.targets
    )


def _place_rank(kind: str) -> int:
    return _PLACE_KINDS.index(kind) if kind in _PLACE_KINDS else len(_PLACE_KINDS)


def _assumed_crs(crs: pyproj.CRS) -> LedgerRow:
    reason = _("the plan names no metric CRS; by the place it is {crs} ({name})")
    return LedgerRow("assumed", "", 1, reason.format(crs=crs.to_string(), name=crs.name))


def _areal_scale(crs: pyproj.CRS, layers: Mapping[str, Layer]) -> LedgerRow:
    place = min(layers.values(), key=lambda layer: _place_rank(layer.kind.name))
    low, high = grid_scale(crs, tuple(place.data.total_bounds))
    reason = _("areas in {crs} are {low:+.3%} to {high:+.3%} off the ellipsoid's, not corrected")
    return LedgerRow("note", "", 1, reason.format(crs=crs.to_string(), low=low - 1, high=high - 1))


def _shifted(
    specs: Mapping[str, LayerSpec], layers: Mapping[str, Layer], crs: pyproj.CRS
) -> list[LedgerRow]:
    """Warn of point layers that look shifted against streets or outlines; correct nothing."""
    kinds = {layer.kind.name: layer for layer in layers.values()}
    reference = next((kinds[kind] for kind in _REFERENCE_KINDS if kind in kinds), None)
    rows = []
    for layer in layers.values():
        silent = specs[layer.name].datum is None
        if reference is None or layer.kind.geometry != ("point",) or not silent:
            continue
        shift = suspect_shift(layer.data.geometry.array, reference.data.geometry.array, crs)
        if shift is not None:
            rows.append(
                LedgerRow("suspected", layer.name, len(layer.data), _shift_reason(shift, reference))
            )
    return rows


def _shift_reason(shift: Any, reference: Layer) -> str:
    text = _(
        "the points lie about {distance:.0f} m off {reference} ({dx:+.0f} m east, {dy:+.0f} m "
        "north); nothing was corrected"
    ).format(distance=shift.distance_m, reference=reference.name, dx=shift.dx_m, dy=shift.dy_m)
    if shift.datum:
        return text + _('; if they are from a web map, write datum = "{datum}"').format(
            datum=shift.datum
        )
    return text


def _site_options(plan: Plan) -> SiteOptions:
    return SiteOptions(basemap=plan.publish.basemap, token=plan.publish.token)


def dumps(document: Mapping[str, Any]) -> str:
    """Return JSON text as it is printed and written: UTF-8, no NaN."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
