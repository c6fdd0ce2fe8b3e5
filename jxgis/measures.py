"""The measures that a plan can ask for: what each needs, and how its targets are put to it.

A new measure adds one entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import geopandas as gpd
import pandas as pd

from jxgis.charging.corridors import MEASURE as CORRIDORS
from jxgis.charging.corridors import Ask as CorridorAsk
from jxgis.charging.corridors import corridors
from jxgis.charging.plan_result import MEASURE as CHARGING_PLAN
from jxgis.charging.plan_result import charging_plan
from jxgis.charging.siting import Aim, Question
from jxgis.charging.siting_result import MEASURE as SITING
from jxgis.charging.siting_result import siting
from jxgis.counting import MEASURE as SITES_COUNT
from jxgis.counting import CountAsk, counted
from jxgis.errors import InputError
from jxgis.green.asking import UNITS as GREEN_UNITS
from jxgis.green.asking import Ask as GreenAsk
from jxgis.green.asking import Settings as GreenSettings
from jxgis.green.change import MEASURE as GREEN_CHANGE
from jxgis.green.change import change as green_change
from jxgis.green.cover import MEASURE as GREEN_COVER
from jxgis.green.cover import cover as green_cover
from jxgis.green.parcels import LAND, PARKS, WETLAND, land, parks, wetland
from jxgis.green.sampling import sample
from jxgis.green.trees import FOREST, TREES, forest, trees
from jxgis.i18n import _
from jxgis.layers import KINDS, Layer
from jxgis.plan import Plan
from jxgis.results import Result
from jxgis.solar.result import MEASURE as SOLAR_ZONES
from jxgis.solar_measure import STANDS_ON, run_solar
from jxgis.targets import Criterion
from jxgis.toml_reader import raise_faults
from jxgis.transit.additions import MEASURE as ADDITIONS
from jxgis.transit.additions import additions, can_be_proposed_for, proposals_for_gaps
from jxgis.transit.coverage import MEASURE as COVERAGE
from jxgis.transit.coverage import Ask, Denominator, Exclusion, Service, coverage
from jxgis.transit.proposals import RULES as ADDITION_RULES

Layers = Mapping[str, Layer]

COVERAGE_KINDS = (
    *("stops", "built_up", "zones", "streets", "population", "jobs"),
    *("stops_before", "built_up_before"),
)
"""The kinds of layer that a coverage makes use of where they are there."""

EVERY_ZONE = "*"
"""In a target's ``zones``: all of them, and nothing that lies outside every zone."""


@dataclass(frozen=True)
class Measure:
    """A measure, as a plan meets it.

    One that stands in a table of the plan (``[charging]``, ``[solar]``) is put no criteria.

    ``needs`` are the kinds of layer without which it has no answer (of several in a tuple, one is
    enough), ``params`` what a criterion must give; ``run`` puts the criteria of all targets that
    ask for it to the measure at once.
    """

    needs: tuple[str | tuple[str, ...], ...]
    params: tuple[str, ...]
    run: Callable[[Plan, Layers, Sequence[Criterion]], Result]


def by_kind(layers: Mapping[str, Layer]) -> dict[str, Layer]:
    """Return the layers by kind; several of one kind (two feeds) become one.

    What is joined has a column ``source_layer``, also in its tables: ids repeat between feeds.
    """
    found = {}
    for kind in KINDS:
        same = [layer for layer in layers.values() if layer.kind.name == kind]
        if same:
            found[kind] = same[0] if len(same) == 1 else _joined(same)
    return found


def _joined(layers: Sequence[Layer]) -> Layer:
    tables: dict[str, list[pd.DataFrame]] = {}
    for layer in layers:
        for name, table in layer.tables.items():
            tables.setdefault(name, []).append(table.assign(source_layer=layer.name))
    return replace(
        layers[0],
        name=" + ".join(layer.name for layer in layers),
        data=pd.concat(
            [layer.data.assign(source_layer=layer.name) for layer in layers], ignore_index=True
        ),
        inputs=tuple(i for layer in layers for i in layer.inputs),
        ledger=tuple(row for layer in layers for row in layer.ledger),
        tables={name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()},
        rasters=tuple(raster for layer in layers for raster in layer.rasters),
    )


def _transit_coverage(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    settings = plan.coverage
    used = {k: v for k, v in by_kind(layers).items() if k in COVERAGE_KINDS}
    used |= {e.layer: layers[e.layer] for e in settings.exclude}
    denominator = None
    if settings.built_up_area_m2:
        denominator = Denominator(settings.built_up_area_m2, settings.built_up_source)
    asks = [_ask(layers, criterion) for criterion in criteria]
    result = coverage(
        used,
        asks,
        rules=plan.rules,
        exclusions=_exclusions(plan),
        denominator=denominator,
        as_of=plan.as_of,
        service=Service.parse(settings.day, settings.window),
        intervals=True,
    )
    return _with_proposals(result, used | _routes(layers), asks, plan)


def _routes(layers: Layers) -> dict[str, Layer]:
    return {kind: layer for kind, layer in by_kind(layers).items() if kind == "routes"}


def _with_proposals(result: Result, layers: Layers, asks: Sequence[Ask], plan: Plan) -> Result:
    """Add the stops that would bring the coverages that miss their targets there."""
    values = {i.id: i.value for i in result.indicators}
    missed = [
        ask
        for ask in asks
        if ask.threshold is not None
        and can_be_proposed_for(ask)
        and (values[ask.id] or 0.0) < ask.threshold
    ]
    drawings, tables, ledger = proposals_for_gaps(
        layers, missed, rules=plan.rules, exclusions=_exclusions(plan)
    )
    return replace(
        result,
        layers=(*result.layers, *drawings),
        tables=(*tables, *result.tables),
        ledger=(*result.ledger, *ledger),
        rules={**result.rules, **(plan.rules.cite(*ADDITION_RULES) if tables else {})},
    )


def _transit_additions(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    kinds = by_kind(layers)
    used = {k: v for k, v in kinds.items() if k in (*COVERAGE_KINDS, "routes")}
    used |= {e.layer: layers[e.layer] for e in plan.coverage.exclude}
    return additions(
        used,
        [_ask(layers, criterion) for criterion in criteria],
        rules=plan.rules,
        exclusions=_exclusions(plan),
        as_of=plan.as_of,
        count=plan.coverage.count,
    )


def _exclusions(plan: Plan) -> list[Exclusion]:
    return [Exclusion(e.layer, e.classes, e.min_area_m2) for e in plan.coverage.exclude]


def coverage_needs(criterion: Criterion) -> list[str]:
    """Return the kinds of layer that a coverage needs for a criterion beyond the measure's own."""
    kinds = {"streets": "streets", "near_streets": "streets", "people": "population"}
    kinds["jobs"] = "jobs"
    walking = ["streets"] if criterion.by == "walking" else []
    return [kinds[criterion.of], *walking] if criterion.of in kinds else walking


def _ask(layers: Layers, c: Criterion) -> Ask:
    return Ask(
        c.id,
        c.radius_m or 0.0,
        _zone_ids(layers, c),
        of=c.of,
        by=c.by,
        departures_per_hour=c.departures_per_hour,
        threshold=c.threshold,
        sense=c.sense,
    )


def _zone_ids(layers: Layers, criterion: Criterion) -> tuple[str, ...]:
    if criterion.zones == (EVERY_ZONE,):
        return tuple(by_kind(layers)["zones"].data["zone_id"])
    return criterion.zones


def _sites_count(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    asks = [
        CountAsk(c.id, c.unit, c.sum, c.each_zone_at_least, _zone_ids(layers, c)) for c in criteria
    ]
    return counted(by_kind(layers), asks, as_of=plan.as_of)


GreenMeasure = Callable[..., Result]


def _green(measure: GreenMeasure) -> Callable[[Plan, Layers, Sequence[Criterion]], Result]:
    """Return how a plan's criteria are put to a measure of green land."""

    def run(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
        asks = [
            GreenAsk(
                c.id,
                _zone_ids(layers, c),
                unit=c.unit,
                of="gained" if c.of == "area" else c.of,
                threshold=c.threshold,
                sense=c.sense,
            )
            for c in criteria
        ]
        return measure(
            by_kind(layers),
            asks,
            settings=_green_settings(plan),
            rules=plan.rules,
            as_of=plan.as_of,
        )

    return run


def _green_settings(plan: Plan) -> GreenSettings:
    return GreenSettings(**{key: value for key, value in vars(plan.green).items() if value})


def sample_of(
    plan: Plan,
    layers: Layers,
    of: str,
    *,
    points: int | None,
    margin: float | None,
    seed: int,
) -> tuple[Result, gpd.GeoDataFrame, dict[str, str]]:
    """Draw a reference sample from a plan's layers; see `jxgis.green.sampling.sample`."""
    return sample(
        by_kind(layers),
        of,
        settings=_green_settings(plan),
        rules=plan.rules,
        points=points,
        margin=margin,
        seed=seed,
        as_of=plan.as_of,
    )


def _corridors(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    asks = [CorridorAsk(c.id, _zone_ids(layers, c)) for c in criteria]
    return corridors(by_kind(layers), asks, rules=plan.rules, as_of=plan.as_of)


def _charging_plan(plan: Plan, layers: Layers, _criteria: Sequence[Criterion]) -> Result:
    return charging_plan(layers, plan.charging, rules=plan.rules, as_of=plan.as_of)


def _siting(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    (criterion,) = criteria
    question = Question(plan.charging, cast("Aim", criterion.of), criterion.threshold)
    return siting(layers, question, ask_id=criterion.id, rules=plan.rules, as_of=plan.as_of)


def _solar_zones(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    return run_solar(plan, by_kind(layers), criteria)


_PLACE = ("zones", "built_up")

MEASURES: Mapping[str, Measure] = {
    COVERAGE: Measure(("stops", "built_up"), ("radius_m",), _transit_coverage),
    ADDITIONS: Measure(("stops", "built_up"), ("radius_m",), _transit_additions),
    GREEN_COVER: Measure((("imagery", "landcover"), _PLACE), (), _green(green_cover)),
    TREES: Measure((("canopy", "landcover"), _PLACE), (), _green(trees)),
    FOREST: Measure((("canopy", "landcover"), _PLACE), (), _green(forest)),
    LAND: Measure(("land", _PLACE), (), _green(land)),
    PARKS: Measure(("land", _PLACE), (), _green(parks)),
    WETLAND: Measure(("land", _PLACE), (), _green(wetland)),
    GREEN_CHANGE: Measure(("imagery", "imagery_before", _PLACE), (), _green(green_change)),
    CORRIDORS: Measure(("expressways", "service_areas"), (), _corridors),
    CHARGING_PLAN: Measure((), (), _charging_plan),
    SITING: Measure(("demand", "candidates"), (), _siting),
    SOLAR_ZONES: Measure(("zones", STANDS_ON), (), _solar_zones),
    SITES_COUNT: Measure(("sites",), (), _sites_count),
}


def check_criteria(plan: Plan, name: str, criteria: Sequence[Criterion], layers: Layers) -> None:
    """Check what criteria ask of a measure, before anything is measured.

    Raises
    ------
    InputErrors
        Criteria without a parameter that the measure needs, or restricted to unknown zones.
    """
    faults = []
    kinds = by_kind(layers)
    if name == COVERAGE:
        try:
            Service.parse(plan.coverage.day, plan.coverage.window)
        except InputError as error:
            faults.append(InputError(error.problem, file=plan.file, mend=error.mend))
    faults += _odd_questions(plan, name, criteria)
    zones = set(kinds["zones"].data["zone_id"]) if "zones" in kinds else set()
    for criterion in criteria:
        faults += [
            InputError(
                _("target {id} has no {param}").format(id=criterion.id, param=param),
                file=plan.file,
            )
            for param in MEASURES[name].params
            if getattr(criterion, param) is None
        ]
        if criterion.zones and not zones:
            faults.append(
                InputError(
                    _("target {id} names zones, and the plan has no zones").format(id=criterion.id),
                    file=plan.file,
                    mend=_("Add [layers.zones], or take zones = out of the target"),
                )
            )
            continue
        if criterion.sum and criterion.sum not in kinds["sites"].data:
            faults.append(
                InputError(
                    _("target {target} adds up a column {column} that is not there").format(
                        target=criterion.id, column=criterion.sum
                    ),
                    file=plan.file,
                    layer=kinds["sites"].name,
                )
            )
        unknown = [zone for zone in criterion.zones if zone not in zones]
        if unknown and criterion.zones != (EVERY_ZONE,):
            faults.append(
                InputError(
                    _("target {id} is of zones that the layer zones does not have: {zones}").format(
                        id=criterion.id, zones=", ".join(unknown)
                    ),
                    file=plan.file,
                    mend=_("It has: {zones}").format(zones=", ".join(sorted(zones))),
                )
            )
    raise_faults(faults)


def _odd_questions(plan: Plan, name: str, criteria: Sequence[Criterion]) -> Iterator[InputError]:
    """Find criteria of green land that its measures have no answer to."""
    if not name.startswith("green."):
        return
    of = ("area", "gained", "lost", "net") if name == GREEN_CHANGE else ("area",)
    for criterion in criteria:
        if criterion.of not in of:
            yield InputError(
                _("target {id} asks {measure} of {of}").format(
                    id=criterion.id, measure=name, of=criterion.of
                ),
                file=plan.file,
                mend=_("It can be of: {names}").format(names=", ".join(of)),
            )
        if criterion.unit != "1" and criterion.unit not in GREEN_UNITS:
            yield InputError(
                _("target {id} asks for an area in {unit}").format(
                    id=criterion.id, unit=criterion.unit
                ),
                file=plan.file,
                mend=_("Known units: {names}").format(names=", ".join(["1", *GREEN_UNITS])),
            )
