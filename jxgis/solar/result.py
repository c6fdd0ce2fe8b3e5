"""The measure of photovoltaic zones: what was found, as figures, tables and layers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from jxgis.layers import Layer
from jxgis.results import Indicator, InputFile, LedgerRow, Result
from jxgis.rules import Rules
from jxgis.solar.answers import pictures
from jxgis.solar.drawings import drawings
from jxgis.solar.enterprises import ENTERPRISE_RULES
from jxgis.solar.notes import notes
from jxgis.solar.parks import JOIN_RULE
from jxgis.solar.ranking import DRAWS_RULE, SEED_RULE
from jxgis.solar.study import CELL_RULE, Study, studied
from jxgis.solar.tables import by_zone, tables
from jxgis.solar_spec import FORMS, SolarSettings

MEASURE = "solar.zones"

USED = (
    *("zones", "land", "landcover", "buildings", "built_up", "streets", "expressways"),
    *("substations", "pv", "estates", "parcels", "enterprises", "planned_green", "weather"),
    *("elevation", "irradiance"),
)
"""The kinds of layer that it makes use of where they are there."""


def solar_zones(
    kinds: Mapping[str, Layer],
    settings: SolarSettings,
    *,
    rules: Rules,
    as_of: dt.date | None = None,
) -> Result:
    """Find zones for photovoltaics in every county: legal on a day, connected, with their yield.

    Parameters
    ----------
    kinds
        The layers by kind; ``zones`` must be there, and land, land cover or buildings.
    settings
        Rules of siting with their dates, densities, weights.
    rules
        The run's other rules.
    as_of
        The plan's date, for which it is asked where the settings have no days.

    Raises
    ------
    InputError
        If something about the layers or rules cannot be used.
    """
    days = settings.dates or (as_of or dt.datetime.now().astimezone().date(),)
    named = {use.kind for use in settings.uses}
    named |= {exclusion.kind for exclusion in settings.exclusions}
    used = {kind: layer for kind, layer in kinds.items() if kind in {*USED, *named}}
    found = studied(used, settings, days=days, rules=rules)
    return Result(
        measure=MEASURE,
        as_of=as_of or days[-1],
        crs=found.frame.grid.crs.to_string(),
        indicators=tuple(_indicators(found)),
        by_zone=by_zone(found),
        layers=tuple(drawings(found)),
        ledger=(*_of_layers(used), *found.ledger, *notes(found)),
        inputs=_inputs(used),
        rules={**_cited(found), **rules.cite(*_rules(found))},
        tables=tuple(tables(found, rules)),
        pictures=tuple(pictures(found.land.overview, days)),
    )


def _of_layers(used: Mapping[str, Layer]) -> tuple[LedgerRow, ...]:
    return tuple(row for layer in used.values() for row in layer.ledger)


def _inputs(used: Mapping[str, Layer]) -> tuple[InputFile, ...]:
    return tuple(file for layer in used.values() for file in layer.inputs)


def _indicators(found: Study) -> Iterator[Indicator]:
    """Give the figures of the last day, and beside two of them those of the first."""
    last, first = found.days[-1].isoformat(), found.days[0].isoformat()
    reached = [sum(isinstance(own, list) for own in day) for day in found.outcomes]
    count = float(len(found.frame.zones))
    asked: dict[str, Any] = {"need_mw": found.settings.need_mw, "day": last}
    yield Indicator(
        "solar-zones", float(reached[-1]), "county", numerator=reached[-1], denominator=count,
        params=asked,
    )  # fmt: skip
    total = [own.by_county.sum(axis=0) for own in found.capacities]
    yield Indicator("solar-mw", float(total[-1].sum()), "MW", params={"day": last})
    if len(found.days) > 1:
        yield Indicator(
            "solar-zones-then", float(reached[0]), "county", numerator=reached[0],
            denominator=count, params=asked | {"day": first}, beside="solar-zones",
        )  # fmt: skip
        yield Indicator(
            "solar-mw-then", float(total[0].sum()), "MW", params={"day": first}, beside="solar-mw"
        )
    for form, mw in zip(FORMS, total[-1].tolist(), strict=True):
        yield Indicator(f"solar-{form}-mw", mw, "MW", params={"day": last})
    mwh = float(found.county_mwh.sum())
    low, high = _bounds(found)
    specific = mwh / total[-1].sum() if total[-1].sum() > 0 else None
    bounded = {"range": True} if low is not None else {}
    yield Indicator(
        "solar-mwh", mwh, "MWh", low=low and mwh * low, high=high and mwh * high, params=bounded
    )
    yield Indicator(
        "solar-kwh-per-kwp",
        specific,
        "kWh/kWp",
        low=specific and low and specific * low,
        high=specific and high and specific * high,
        params=bounded,
    )


def _bounds(found: Study) -> tuple[float | None, float | None]:
    """Return the bounds of the yield as parts of it, where the irradiation is known between two."""
    rows = found.yields.mountings["ground"]
    if rows.low is None or rows.high is None:
        return None, None
    return rows.low / rows.kwh_per_kwp, rows.high / rows.kwh_per_kwp


def _cited(found: Study) -> dict[str, dict[str, Any]]:
    """Return the densities that were used, each with its source."""
    mw = np.sum([own.by_county.sum(axis=0) for own in found.capacities], axis=0)
    used = [form for form, some in zip(FORMS, mw > 0, strict=True) if some]
    return {
        f"solar.density.{form}": {
            "value": found.settings.density[form].w_per_m2,
            "source": found.settings.density[form].source,
        }
        for form in used
    }


def _rules(found: Study) -> list[str]:
    names = [CELL_RULE, JOIN_RULE, DRAWS_RULE, SEED_RULE, *found.yields.rules]
    if found.roofs is not None:
        names += found.roofs.rules
    if found.enterprises is not None:
        names += ENTERPRISE_RULES
    return list(dict.fromkeys(names))
