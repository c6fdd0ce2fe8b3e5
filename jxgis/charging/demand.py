"""The demand that stations serve: weighted sources, summed onto cells or taken as points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from jxgis.charging.amounts import Amounts, amounts_of
from jxgis.charging.where import BoolArray, FloatArray, IntArray, in_core, zone_names, zone_of
from jxgis.charging_spec import DemandSpec, Scenario
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.cells import as_points, onto_cells
from jxgis.layers import Layer
from jxgis.results import LedgerRow, Table
from jxgis.rules import Rules

CELL = "charging.cell_m"


@dataclass(frozen=True)
class Demand:
    """A demand as points with weights.

    Attributes
    ----------
    spec
        What the plan says of it.
    points
        (m, 2) metres.
    parts
        (S, m) what each source has at each point, in the demand's unit.
    zone
        (m,) index into ``zone_ids``, -1 outside every zone.
    zone_ids
        The zones, in the order of their layer.
    is_core
        (m,) whether a point is in the built-up area.
    table
        The sources with their weights and what they come to.
    ledger
        What was counted, assumed and left out.
    rules
        Names of the rules that were used.
    """

    spec: DemandSpec
    points: FloatArray
    parts: FloatArray
    zone: IntArray
    zone_ids: tuple[str, ...]
    is_core: BoolArray
    table: Table
    ledger: tuple[LedgerRow, ...]
    rules: tuple[str, ...]

    @property
    def weight(self) -> FloatArray:
        """(m,) demand at each point, all sources together, > 0."""
        return np.asarray(self.parts.sum(axis=0))

    def grown(self, scenario: Scenario) -> FloatArray:
        """Return the demand at each point in the last year of a scenario, (m,).

        Points stay where they are, whatever grows at them.
        """
        factors = [scenario.growth.get(source.layer, 1.0) for source in self.spec.sources]
        grown = np.asarray(factors) @ self.parts
        return np.asarray(np.where(self.is_core, grown, grown * scenario.outside))


def demand_of(
    spec: DemandSpec,
    layers: Mapping[str, Layer],
    *,
    zones: Layer | None,
    built_up: Layer | None,
    rules: Rules,
) -> Demand:
    """Lay out a demand.

    Parameters
    ----------
    spec
        What the plan says of it.
    layers
        The plan's layers by name.
    zones
        Of kind ``zones``, or None.
    built_up
        Of kind ``built_up``, or None, where nothing is in the built-up area.
    rules
        For the side of cells where the plan has none.

    Returns
    -------
    Demand
        Its points are ordered by cell, from south to north and west to east, or as the features
        are. None of them is without demand.

    Raises
    ------
    InputError
        What `amounts_of` raises, or no demand in all, or none in any zone.

    Notes
    -----
    Polygons are spread over cells by area and lines by length; a point is in the cell that it lies
    in. What is in one cell, one zone and on one side of the built-up area's border is one point of
    demand, at the weighted centre of it all: no other point has a smaller mean square distance
    from what it stands for, so that less is counted as served that is not, and the reverse (the
    errors A and B of Hillsman and Rhoda 1978); and a feature that is alone in its cell stays
    where it is. Zones and built-up area are those of the pieces' centres.
    """
    found = amounts_of(spec, layers)
    side = rules[CELL].value if spec.cell_m is None else spec.cell_m
    laid = _laid_out(spec, found, side)
    zone, is_core = zone_of(laid.points, zones), in_core(laid.points, built_up)
    if zones is not None and not (zone >= 0).any():
        raise InputError(
            _("none of the demand {demand} is in any zone").format(demand=spec.title),
            layer=zones.name,
            mend=_("Give layers of one place, or check the CRS of both"),
        )
    first, group = _grouped(laid.cell, zone, is_core)
    centres = _centres(laid, first, group)
    size = len(found) * len(first)
    flat = np.bincount(laid.source * len(first) + group, laid.weight, minlength=size)
    parts = np.asarray(flat, np.float64).reshape(len(found), len(first))
    return Demand(
        spec,
        centres,
        parts,
        zone[first],
        tuple(str(zone_id) for zone_id in zone_names(zones).index),
        is_core[first],
        sources_table(spec, found),
        (
            *source_rows(spec, found),
            *(() if spec.as_points else [_cell_row(spec, found, side, laid, centres[group])]),
            *(() if zones is None else _outside_rows(spec, found, laid, zone)),
        ),
        () if spec.as_points or spec.cell_m is not None else (CELL,),
    )


class _Laid(NamedTuple):
    """Pieces of all sources that have demand: (p,) source, points, weight and cell of each."""

    source: IntArray
    points: FloatArray
    weight: FloatArray
    cell: IntArray


def _laid_out(spec: DemandSpec, found: Sequence[Amounts], side: float) -> _Laid:
    cut = [
        as_points(shapes) if spec.as_points else onto_cells(shapes, side)
        for shapes in (amounts.layer.data.geometry.to_numpy() for amounts in found)
    ]
    every = _Laid(
        np.repeat(np.arange(len(cut)), [len(pieces.row) for pieces in cut]),
        np.concatenate([pieces.points for pieces in cut]),
        np.concatenate(
            [a.amount[p.row] * p.share * a.weight for a, p in zip(found, cut, strict=True)]
        ),
        np.concatenate([pieces.cell for pieces in cut]),
    )
    if spec.as_points:  # each piece of each source is a point of its own
        every.cell[:] = np.arange(len(every.cell))[:, None]
    there = every.weight > 0
    if not there.any():
        raise InputError(
            _("the demand {demand} comes to zero").format(demand=spec.title),
            layer=_names(found),
            mend=_("Check the columns and weights of its sources"),
        )
    source, points, weight, cell = every
    return _Laid(source[there], points[there], weight[there], cell[there])


def _grouped(cell: IntArray, zone: IntArray, is_core: BoolArray) -> tuple[IntArray, IntArray]:
    """Return a first piece of each group that is one point, and the group of each piece."""
    keys = np.column_stack([is_core, zone, cell])
    order = np.lexsort(keys.T)
    new = np.append(True, (np.diff(keys[order], axis=0) != 0).any(axis=1))
    group = np.empty(len(order), np.intp)
    group[order] = np.cumsum(new) - 1
    return order[new], group


def _centres(laid: _Laid, first: IntArray, group: IntArray) -> FloatArray:
    """Return the weighted centre of each group, measured from its first piece to stay exact."""
    origin = laid.points[first]
    offset = (laid.points - origin[group]) * laid.weight[:, None]
    total = np.bincount(group, laid.weight)
    mean = [np.bincount(group, along) / total for along in offset.T]
    return np.asarray(origin + np.column_stack(mean))


def sources_table(spec: DemandSpec, found: Sequence[Amounts]) -> Table:
    """Return what each source of a demand comes to, with its weight."""
    amount = np.array([amounts.amount.sum() for amounts in found])
    demand = amount * [amounts.weight for amounts in found]
    return Table(
        f"sources_{spec.id}",
        _("What the demand {demand} is made of").format(demand=spec.title),
        pd.DataFrame(
            {
                "layer": [amounts.layer.name for amounts in found],
                "column": [amounts.column for amounts in found],
                "weight": [amounts.weight for amounts in found],
                "amount": amount,
                "demand": demand,
                "share": demand / demand.sum(),
            }
        ),
        {
            "layer": _("Layer"),
            "column": _("What is counted"),
            "weight": _("One of it counts"),
            "amount": _("How much there is"),
            "demand": _("Demand, {unit}").format(unit=spec.unit) if spec.unit else _("Demand"),
            "share": _("Share of the demand"),
        },
    )


def source_rows(spec: DemandSpec, found: Sequence[Amounts]) -> Iterator[LedgerRow]:
    """Say what each source counts, and what had to be assumed of it."""
    for source, amounts in zip(spec.sources, found, strict=True):
        yield from amounts.ledger
        reason = _("{column}: one counts {weight:g} of the demand {demand}").format(
            column=amounts.column, weight=amounts.weight, demand=spec.title
        )
        if spec.unit:
            reason = _("{reason}, in {unit}").format(reason=reason, unit=spec.unit)
        what = "assumed" if source.weight is None else "note"
        yield LedgerRow(what, amounts.layer.name, len(amounts.amount), reason)


def _cell_row(
    spec: DemandSpec, found: Sequence[Amounts], side: float, laid: _Laid, centres: FloatArray
) -> LedgerRow:
    distance = np.hypot(*(laid.points - centres).T)
    reason = _(
        "the demand {demand} is summed onto cells of {side:g} m, each at the weighted centre of "
        "what is in it, which is {distance:.0f} m away on average"
    ).format(demand=spec.title, side=side, distance=np.average(distance, weights=laid.weight))
    return LedgerRow("note", _names(found), len(np.unique(laid.cell, axis=0)), reason)


def _outside_rows(
    spec: DemandSpec, found: Sequence[Amounts], laid: _Laid, zone: IntArray
) -> Iterator[LedgerRow]:
    share = float(laid.weight[zone < 0].sum() / laid.weight.sum())
    if share:
        reason = _("{share:.1%} of the demand {demand} lies outside every zone").format(
            share=share, demand=spec.title
        )
        yield LedgerRow("outside", _names(found), int((zone < 0).sum()), reason, share)


def _names(found: Sequence[Amounts]) -> str:
    return " + ".join(amounts.layer.name for amounts in found)
