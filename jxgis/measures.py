"""The measures that a plan can ask for: what each needs, and how its targets are put to it.

A new measure adds one entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from jxgis.counting import MEASURE as SITES_COUNT
from jxgis.counting import CountAsk, counted
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import KINDS, Layer
from jxgis.plan import Plan
from jxgis.results import Result
from jxgis.targets import Criterion
from jxgis.toml_reader import raise_faults
from jxgis.transit.coverage import Ask, Denominator, Exclusion, coverage

Layers = Mapping[str, Layer]

EVERY_ZONE = "*"
"""In a target's ``zones``: all of them, and nothing that lies outside every zone."""


@dataclass(frozen=True)
class Measure:
    """A measure, as a plan meets it.

    ``needs`` are the kinds of layer without which it has no answer, ``params`` what a criterion
    must give; ``run`` puts the criteria of all targets that ask for it to the measure at once.
    """

    needs: tuple[str, ...]
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
    )


def _transit_coverage(plan: Plan, layers: Layers, criteria: Sequence[Criterion]) -> Result:
    settings = plan.coverage
    used = {k: v for k, v in by_kind(layers).items() if k in ("stops", "built_up", "zones")}
    used |= {e.layer: layers[e.layer] for e in settings.exclude}
    denominator = None
    if settings.built_up_area_m2:
        denominator = Denominator(settings.built_up_area_m2, settings.built_up_source)
    return coverage(
        used,
        [Ask(c.id, c.radius_m or 0.0, _zone_ids(layers, c)) for c in criteria],
        rules=plan.rules,
        exclusions=[Exclusion(e.layer, e.classes, e.min_area_m2) for e in settings.exclude],
        denominator=denominator,
        as_of=plan.as_of,
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


MEASURES: Mapping[str, Measure] = {
    "transit.coverage": Measure(("stops", "built_up"), ("radius_m",), _transit_coverage),
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
