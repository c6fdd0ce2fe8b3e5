"""Demand along carriageways, and which service areas serve it: those ahead on the same one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from jxgis.charging.amounts import DRIVEN, Amounts
from jxgis.charging.carriageways import LEAST_RULE, LEFT_RULE, Carriageways
from jxgis.charging.columns import numbers, refuse
from jxgis.charging.corridor_audit import SPACING_RULE
from jxgis.charging.corridor_sides import SIDE_RULE, WITHIN_RULE, Sides
from jxgis.charging.corridor_stations import FAST_RULE, STATION_RULE
from jxgis.charging.demand import Demand, source_rows, sources_table
from jxgis.charging.limits import CORE, OUTSIDE
from jxgis.charging.places import Candidates
from jxgis.charging.where import BoolArray, FloatArray, IntArray, in_core, zone_names, zone_of
from jxgis.charging_spec import DemandSpec, StationKind
from jxgis.errors import InputError, MissingColumnError
from jxgis.i18n import _
from jxgis.kernels.reach import Csr
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

PIECE_M = 1000.0
"""Where the plan has no ``cell_m``, a carriageway is cut into pieces no longer than this, each a
point of demand, metres: two hundredths of what stations may be apart."""

_M_IN_KM = 1000.0

SIDE_RULES = (LEAST_RULE, LEFT_RULE, WITHIN_RULE, SIDE_RULE)
"""Rules that put service areas on carriageways."""

CHARGED_RULES = (STATION_RULE, FAST_RULE)
"""Rules that tell which of them have charging already."""


@dataclass(frozen=True)
class OnRoad:
    """Where places are on carriageways.

    Attributes
    ----------
    way, at_m
        (n,) index of the carriageway, and metres along it.
    round_m
        (n,) length of the carriageway where it is a ring, which is driven on and on; elsewhere
        infinite.
    """

    way: IntArray
    at_m: FloatArray
    round_m: FloatArray


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
        source names) where any of them has one; of a centreline each carriageway has half of it,
        and of a stretch that several expressways share each of them an equal part.

    Raises
    ------
    InputError
        Several sources, a column that is not there, or an amount that is negative or no number, or
        none of it in any zone.
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
    has_traffic = DRIVEN in layer.data and bool(layer.data[DRIVEN].notna().any())
    column = source.column or (DRIVEN if has_traffic else None)
    driven, ledger = _driven(layer, column)
    way, at, points, kilometres, row = _cut(ways, layer, spec.cell_m or PIECE_M)
    amount = kilometres * driven[row] * _part(ways, column)[way]
    amount /= _sharing(ways, len(layer.data))[row]
    kept = amount > 0
    if not kept.any():
        raise InputError(
            _("the demand {demand} comes to zero").format(demand=spec.title),
            layer=layer.name,
            mend=_("Check the columns and weights of its sources"),
        )
    zone = zone_of(points[kept], zones)
    if zones is not None and not (zone >= 0).any():
        raise InputError(
            _("none of the demand {demand} is in any zone").format(demand=spec.title),
            layer=zones.name,
            mend=_("Give layers of one place, or check the CRS of both"),
        )
    ledger += _laying_rows(spec, layer, ways, column, len(kept))
    weight = 1.0 if source.weight is None else source.weight
    what = _("kilometres of carriageway") if column is None else f"{column} × km"
    found = [Amounts(layer, what, amount[kept], weight, tuple(ledger))]
    demand = Demand(
        replace(spec, as_points=True),
        points[kept],
        amount[kept][None] * weight,
        zone,
        tuple(str(zone_id) for zone_id in zone_names(zones).index),
        in_core(points[kept], built_up),
        sources_table(spec, found),
        tuple(source_rows(spec, found)),
        (),
    )
    return demand, on_road(ways, way[kept], at[kept])


def on_road(ways: Carriageways, way: IntArray, at_m: FloatArray) -> OnRoad:
    """Return places on carriageways by the index of each, and the metres along it."""
    rings = [w.line.length if w.line.is_ring else np.inf for w in ways.ways]
    return OnRoad(way, at_m, np.array(rings)[way])


def _driven(layer: Layer, column: str | None) -> tuple[FloatArray, list[LedgerRow]]:
    """Return what each feature has a kilometre, 1 where nothing is said, and what is unknown."""
    if column is None:
        return np.ones(len(layer.data)), []
    if column not in layer.data:
        raise MissingColumnError(
            _("there is no column {name}").format(name=column),
            layer=layer.name,
            mend=_("Name the one that holds the amounts: column = under sources"),
        )
    driven, given = numbers(layer, column), layer.data[column].notna().to_numpy()
    odd = (np.isnan(driven) & given) | np.isinf(driven)
    refuse(layer, column, odd, _("{column} is {value}, which is no number"))
    refuse(layer, column, driven < 0, _("{column} is {value}, which is below zero"))
    unknown = np.isnan(driven)
    ledger = []
    if unknown.any():
        reason = _("features without {column}: they count nothing").format(column=column)
        ledger.append(LedgerRow("dropped", layer.name, int(unknown.sum()), reason))
    return np.nan_to_num(driven), ledger


def _part(ways: Carriageways, column: str | None) -> FloatArray:
    """Return which part of what a line has is each carriageway's: kilometres are its own."""
    return np.array([0.5 if w.centreline and column else 1.0 for w in ways.ways])


def _sharing(ways: Carriageways, rows: int) -> FloatArray:
    """Return how many expressways each feature of the layer belongs to, (rows,), at least 1."""
    owners: list[set[str]] = [set() for _row in range(rows)]
    for way in ways.ways:
        for row in way.rows:
            owners[row].add(way.expressway)
    return np.array([max(1, len(own)) for own in owners], float)


def _laying_rows(
    spec: DemandSpec, layer: Layer, ways: Carriageways, column: str | None, pieces: int
) -> Iterator[LedgerRow]:
    """Say how the demand lies on the carriageways."""
    reason = _(
        "the demand {demand} lies along {ways} carriageways, in pieces of at most {length:g} m"
    ).format(demand=spec.title, ways=len(ways.ways), length=spec.cell_m or PIECE_M)
    yield LedgerRow("note", layer.name, pieces, reason)
    halved = {row for w in ways.ways for row in w.rows if w.centreline}
    if column is not None and halved:
        reason = _("{column} of a line in the middle: half of it is on each carriageway").format(
            column=column
        )
        yield LedgerRow("assumed", layer.name, len(halved), reason)
    shared = int((_sharing(ways, len(layer.data)) > 1).sum())
    if shared:
        reason = _("stretches that several expressways share: each has an equal part of the demand")
        yield LedgerRow("assumed", layer.name, shared, reason)
    used = {row for w in ways.ways for row in w.rows}
    left = len(layer.data) - len(used)
    if left:
        reason = _("links, and branches too short to count: no demand lies on them")
        yield LedgerRow("excluded", layer.name, left, reason)


def _cut(
    ways: Carriageways, layer: Layer, most_m: float
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, IntArray]:
    """Return of each piece its carriageway, place along it, middle, kilometres and the row."""
    shapes = layer.data.geometry.to_numpy()
    parts: list[tuple[Any, ...]] = []
    for number, way in enumerate(ways.ways):
        count = max(1, int(np.ceil(way.line.length / most_m)))
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
                np.full(count, step / _M_IN_KM),
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
        Farthest that a place may be ahead, metres; on a ring, driving on past its start.

    Returns
    -------
    (m, n) sparse matrix, metres
        Zeros that are stored are pairs.
    """
    row, column = np.nonzero(demand.way[:, None] == places.way)
    far = places.at_m[column] - demand.at_m[row]
    far = np.where(far < 0, far + places.round_m[column], far)
    near = far <= radius_m
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

    Returns
    -------
    Candidates, OnRoad
        Where piles are counted, those of a service area on both sides are half of them on either.
    """
    own = sides.data[sides.data["row"].isin(candidates.row)]
    at = np.asarray(pd.Index(candidates.row).get_indexer(pd.Index(own["row"])), np.intp)
    most = candidates.most[at]
    if kind.is_dispersed:
        most = most // np.bincount(at)[at]
        kept = most >= candidates.least[at]
        own, at, most = own[kept], at[kept], most[kept]
    radius = rules[SPACING_RULE].value if kind.radius_m is None else kind.radius_m
    names = tuple(
        _("{area}, {direction}").format(area=area, direction=ways.ways[way].direction)
        for area, way in zip(own["area"], own["way"], strict=True)
    )
    reason = _(
        "{kind}: each side of a service area is a place, and serves those who have it ahead on its "
        "carriageway, within {radius:g} km"
    ).format(kind=kind.title, radius=radius / _M_IN_KM)
    note = LedgerRow("note", kind.candidates, len(own), reason)
    taken = replace(
        candidates,
        kind=kind,
        row=candidates.row[at],
        points=candidates.points[at],
        names=names,
        classes=tuple(candidates.classes[i] for i in at),
        zone=candidates.zone[at],
        is_core=candidates.is_core[at],
        radius_m=np.full(len(own), radius),
        least=candidates.least[at],
        most=most,
        spaces=candidates.spaces[at],
        cost=candidates.cost[at],
        substation=candidates.substation[at],
        ledger=(note, *candidates.ledger),
        rules=(
            *(rule for rule in candidates.rules if rule not in {CORE, OUTSIDE}),
            *((SPACING_RULE,) if kind.radius_m is None else ()),
            *SIDE_RULES,
            *(CHARGED_RULES if kind.existing is not None else ()),
        ),
    )
    return taken, on_road(ways, own["way"].to_numpy(np.intp), own["at_m"].to_numpy(float))


def charged(sides: Sides, charging: BoolArray, ways: Carriageways) -> OnRoad:
    """Return the sides that have charging already."""
    own = sides.data[charging]
    return on_road(ways, own["way"].to_numpy(np.intp), own["at_m"].to_numpy(float))
