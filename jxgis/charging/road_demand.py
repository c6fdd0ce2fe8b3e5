"""Demand along carriageways, and which service areas serve it: those ahead on the same one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from jxgis.charging.amounts import DRIVEN, Amounts
from jxgis.charging.carriageways import Carriageways
from jxgis.charging.columns import numbers, refuse
from jxgis.charging.corridor_audit import SPACING_RULE
from jxgis.charging.corridor_sides import Sides
from jxgis.charging.demand import Demand, source_rows, sources_table
from jxgis.charging.places import Candidates
from jxgis.charging.where import BoolArray, FloatArray, IntArray, in_core, zone_names, zone_of
from jxgis.charging_spec import DemandSpec, StationKind
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.reach import Csr
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

PIECE_M = 1000.0
"""A carriageway is cut into pieces no longer than this, each a point of demand, metres."""


@dataclass(frozen=True)
class OnRoad:
    """Where places are on carriageways: (n,) index of the carriageway, and metres along it."""

    way: IntArray
    at_m: FloatArray


def demand_along(
    spec: DemandSpec,
    layer: Layer,
    ways: Carriageways,
    *,
    zones: Layer | None,
    built_up: Layer | None,
) -> tuple[Demand, OnRoad]:
    """Lay out a demand along carriageways, piece by piece.

    Parameters
    ----------
    spec
        With the expressways as its one source.
    layer
        The expressways.
    ways
        Their carriageways.
    zones, built_up
        Of these kinds, or None.

    Returns
    -------
    Demand, OnRoad
        The demand of a piece is its kilometres, times ``vehicles_per_day`` (or the column that the
        source names) where that is there; of a centreline each carriageway has half of it.

    Raises
    ------
    InputError
        Several sources, a column that is not there, or a negative amount.
    """
    if len(spec.sources) > 1:
        raise InputError(
            _("the demand {demand} adds something to that of expressways").format(
                demand=spec.title
            ),
            layer=layer.name,
            mend=_("Make it a demand of its own"),
        )
    (source,) = spec.sources
    column = source.column or (DRIVEN if DRIVEN in layer.data else None)
    if source.column is not None and source.column not in layer.data:
        raise InputError(
            _("there is no column {name}").format(name=source.column), layer=layer.name
        )
    driven = np.ones(len(layer.data))
    if column is not None:
        driven = np.nan_to_num(numbers(layer, column))
        refuse(layer, column, driven < 0, _("{column} is {value}, which is below zero"))
    way, at, points, kilometres, row = _cut(ways, layer)
    halved = np.array([0.5 if w.centreline and column else 1.0 for w in ways.ways])
    amount = kilometres * driven[row] * halved[way]
    kept = amount > 0
    if not kept.any():
        raise InputError(
            _("the demand {demand} comes to zero").format(demand=spec.title),
            layer=layer.name,
            mend=_("Check the columns and weights of its sources"),
        )
    weight = 1.0 if source.weight is None else source.weight
    what = _("kilometres of carriageway") if column is None else f"{column} × km"
    found = [Amounts(layer, what, amount[kept], weight, ())]
    demand = Demand(
        replace(spec, as_points=True),
        points[kept],
        amount[kept][None] * weight,
        zone_of(points[kept], zones),
        tuple(str(zone_id) for zone_id in zone_names(zones).index),
        in_core(points[kept], built_up),
        sources_table(spec, found),
        tuple(source_rows(spec, found)),
        (),
    )
    return demand, OnRoad(way[kept], at[kept])


def _cut(
    ways: Carriageways, layer: Layer
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, IntArray]:
    """Return of each piece its carriageway, place along it, middle, kilometres and the row."""
    shapes = layer.data.geometry.to_numpy()
    parts: list[tuple[Any, ...]] = []
    for number, way in enumerate(ways.ways):
        count = max(1, int(np.ceil(way.line.length / PIECE_M)))
        step = way.line.length / count
        at = (np.arange(count) + 0.5) * step
        middles = shapely.line_interpolate_point(way.line, at)
        rows = np.unique(way.rows)
        nearest = rows[shapely.STRtree(shapes[rows]).nearest(middles)]
        parts.append(
            (
                np.full(count, number),
                at,
                shapely.get_coordinates(middles),
                np.full(count, step / PIECE_M),
                np.asarray(nearest, np.intp),
            )
        )
    way_of, at_m, points, kilometres, row = (np.concatenate(p) for p in zip(*parts, strict=True))
    return way_of, at_m, points, kilometres, row


def ahead(demand: OnRoad, places: OnRoad, radius_m: float) -> Csr:
    """Return which places lie ahead of a demand on its carriageway, and how far.

    Parameters
    ----------
    demand, places
        m points of demand and n places, on the same carriageways.
    radius_m
        Farthest that a place may be ahead, metres.

    Returns
    -------
    (m, n) sparse matrix, metres
        Zeros that are stored are pairs.
    """
    row, column = np.nonzero(demand.way[:, None] == places.way)
    far = places.at_m[column] - demand.at_m[row]
    near = (far >= 0) & (far <= radius_m)
    shape = (len(demand.way), len(places.way))
    return sparse.csr_array((far[near], (row[near], column[near])), shape=shape)


def side_candidates(
    kind: StationKind,
    candidates: Candidates,
    sides: Sides,
    ways: Carriageways,
    rules: Rules,
) -> tuple[Candidates, OnRoad]:
    """Return the sides of service areas as candidates, a side each.

    Parameters
    ----------
    kind
        Of stations at service areas.
    candidates
        The service areas, as `jxgis.charging.places.candidates_of` gives them.
    sides, ways
        The service areas' sides on their carriageways.
    rules
        For the radius that the plan does not give: the most that stations may be apart.
    """
    own = sides.data[sides.data["row"].isin(candidates.row)]
    at = pd.Index(candidates.row).get_indexer(pd.Index(own["row"]))
    radius = rules[SPACING_RULE].value if kind.radius_m is None else kind.radius_m
    names = tuple(
        _("{area}, {direction}").format(area=area, direction=ways.ways[way].direction)
        for area, way in zip(own["area"], own["way"], strict=True)
    )
    reason = _(
        "a station at a service area serves those who have it ahead on its carriageway, within "
        "{radius:g} km"
    ).format(radius=radius / 1000)
    note = LedgerRow("note", kind.candidates, len(own), reason)
    taken = replace(
        candidates,
        row=candidates.row[at],
        points=candidates.points[at],
        names=names,
        classes=tuple(candidates.classes[i] for i in at),
        zone=candidates.zone[at],
        is_core=candidates.is_core[at],
        radius_m=np.full(len(own), radius),
        least=candidates.least[at],
        most=candidates.most[at],
        spaces=candidates.spaces[at],
        cost=candidates.cost[at],
        substation=candidates.substation[at],
        ledger=(note,),
        rules=(SPACING_RULE,) if kind.radius_m is None else (),
    )
    on = OnRoad(own["way"].to_numpy(np.intp), own["at_m"].to_numpy(float))
    return taken, on


def charged(sides: Sides, charging: BoolArray) -> OnRoad:
    """Return the sides that have charging already."""
    own = sides.data[charging]
    return OnRoad(own["way"].to_numpy(np.intp), own["at_m"].to_numpy(float))
