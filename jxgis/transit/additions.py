"""New stops: the fewest that bring a coverage to its target, or the best of a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing, LedgerRow, Result, Table
from jxgis.rules import Rules
from jxgis.transit.asking import Ask
from jxgis.transit.coverage import coverage
from jxgis.transit.exclusions import Exclusion
from jxgis.transit.ground import ground
from jxgis.transit.proposals import RULES, TIME_RULE, drawing_of, indicators_of, propose
from jxgis.transit.study import Study
from jxgis.transit.wholes import FloatArray

MEASURE = "transit.additions"


def additions(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    rules: Rules,
    exclusions: Sequence[Exclusion] = (),
    as_of: dt.date | None = None,
    count: int | None = None,
    drawings: bool = True,
) -> Result:
    """Propose new stops for coverages: the fewest that reach a target, or the best of a number.

    Parameters
    ----------
    layers
        ``stops``, ``built_up``, and ``routes`` or ``streets`` along which stops may be added;
        ``zones`` and ``population`` (optional).
    asks
        Each of the area or of people, in a straight line; its threshold is what is to be reached,
        unless ``count`` is given.
    rules
        Spacing, least distance, size of cells, time for the proof.
    exclusions
        What leaves the built-up area.
    as_of
        Date of the data.
    count
        The best so many stops.
    drawings
        Whether to draw the coverage that is reached.

    Returns
    -------
    Result
        For each ask the share with the new stops, that before, and the number of stops with its
        bound; a table in build order with what each adds. ``status`` is ``time_limit`` where the
        time for a proof ran out.

    Raises
    ------
    InputError
        As `jxgis.transit.coverage.coverage`; a target that no set of candidates reaches; no
        street that a bus can use.
    """
    for ask in asks:
        if not can_be_proposed_for(ask) or (count is None and ask.threshold is None):
            raise InputError(
                _("{id}: new stops are proposed for a share of area or people to be reached, in a "
                  "straight line, of all stops").format(id=ask.id)
            )  # fmt: skip
    lines = layers.get("routes", layers.get("streets"))
    if lines is None:
        raise InputError(
            _("there is no layer of streets or routes"),
            mend=_("Give streets, along which stops can be added"),
        )
    own = _without_context(layers)
    asks = [replace(ask, threshold=None) if count is not None else ask for ask in asks]
    study = _study(own, asks, exclusions, layers, rules)
    limit = rules[TIME_RULE].value
    proposals = [propose(study, ask, lines, count=count, time_limit_s=limit) for ask in asks]
    after = _with_stops(own["stops"], [p.points for p in proposals])
    extra = {e.layer: layers[e.layer] for e in exclusions}
    plain = [replace(a, threshold=None) for a in asks]
    base = coverage(
        own | extra | {"stops": after},
        plain,
        rules=rules,
        exclusions=exclusions,
        as_of=as_of,
        drawings=drawings,
    )
    drawn = [drawing_of(p, study) for p in proposals]
    before = coverage(
        own | extra, plain, rules=rules, exclusions=exclusions, as_of=as_of, drawings=False
    )
    columns = ["zone_id", "zone", "radius_m", "area_m2", "covered_area_m2"]
    table = base.by_zone[columns].assign(
        share_before=before.by_zone["share"], share_after=base.by_zone["share"]
    )
    notes = [row for p in proposals for row in p.ledger]
    notes += [LedgerRow("note", lines.name, len(p.points), p.sentence) for p in proposals]
    return replace(
        base,
        measure=MEASURE,
        indicators=tuple(i for p in proposals for i in indicators_of(p)),
        by_zone=table,
        layers=(*base.layers, *(replace(d, shown=True) for d, _t in drawn)),
        ledger=(*base.ledger, *lines.ledger, *notes),
        inputs=tuple(dict.fromkeys((*base.inputs, *lines.inputs))),
        rules={**base.rules, **rules.cite(*RULES)},
        tables=tuple(t for _d, t in drawn),
        status="time_limit" if any(p.choice.status != "optimal" for p in proposals) else "done",
    )


def proposals_for_gaps(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    rules: Rules,
    exclusions: Sequence[Exclusion] = (),
) -> tuple[list[Drawing], list[Table], list[LedgerRow]]:
    """Propose new stops for coverages that miss their target, to be shown beside their figures.

    Of a radius the first ask is answered. A target that no stops reach, and a city without a
    street that a bus can use, is a row of the ledger.

    Parameters
    ----------
    layers, asks, rules, exclusions
        As of `additions`; without ``routes`` or ``streets`` there is no proposal.
    """
    lines = layers.get("routes", layers.get("streets"))
    asks = list({ask.radius_m: ask for ask in reversed(asks)}.values())[::-1]
    if lines is None or not asks:
        return [], [], []
    study = _study(_without_context(layers), asks, exclusions, layers, rules)
    drawings, tables, ledger = [], [], []
    for ask in asks:
        try:
            proposal = propose(study, ask, lines, time_limit_s=rules[TIME_RULE].value)
        except InputError as error:
            ledger.append(LedgerRow("note", lines.name, 0, error.problem))
            continue
        drawing, table = drawing_of(proposal, study)
        drawings.append(drawing)
        tables.append(table)
        ledger += [*proposal.ledger, LedgerRow("note", lines.name, 1, proposal.sentence)]
    return drawings, tables, ledger


def can_be_proposed_for(ask: Ask) -> bool:
    """Tell whether new stops can be proposed for an ask."""
    plain = ask.by == "straight" and ask.departures_per_hour is None
    return plain and ask.of in ("area", "people") and ask.sense == "at_least"


def _without_context(layers: Mapping[str, Layer]) -> dict[str, Layer]:
    """Return the layers that a straight distance needs, without a timetable, and the people."""
    used = ("stops", "built_up", "zones", "population")
    return {k: replace(v, tables={}) for k, v in layers.items() if k in used}


def _study(
    own: Mapping[str, Layer],
    asks: Sequence[Ask],
    exclusions: Sequence[Exclusion],
    layers: Mapping[str, Layer],
    rules: Rules,
) -> Study:
    site = ground(layers, [ask.zones for ask in asks], exclusions, rules)
    area = [replace(a, of="area") for a in asks]
    people = [replace(a, id="", of="people", beside=a.id) for a in asks if "population" in own]
    return Study(own, site, [*area, *people], rules)


def _with_stops(stops: Layer, added: Sequence[FloatArray]) -> Layer:
    """Return the layer of stops with new ones in it."""
    points = np.concatenate(added)
    new = gpd.GeoDataFrame(geometry=shapely.points(points), crs=stops.data.crs)
    if "name" in stops.data:
        new["name"] = _("proposed stop")
    return replace(stops, data=pd.concat([stops.data, new], ignore_index=True), tables={})
