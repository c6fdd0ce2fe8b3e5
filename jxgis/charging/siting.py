"""One kind of charging station by itself: where so many serve the most, or how few suffice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from jxgis.charging.demand import Demand, demand_of
from jxgis.charging.limits import radius_at, radius_rows
from jxgis.charging.places import Candidates, Existing, candidates_of, existing_of, substations_of
from jxgis.charging.reaching import Roads
from jxgis.charging.siting_faults import (
    check_reached,
    distance_fault,
    floor_fault,
    no_capacity_fault,
    pairs_fault,
    reach_fault,
    undecided_fault,
)
from jxgis.charging.where import FloatArray, IntArray
from jxgis.charging_spec import ChargingSettings
from jxgis.kernels.allocation import Ways, served_by, shortest_ways
from jxgis.kernels.centers import center
from jxgis.kernels.covers import Floor
from jxgis.kernels.facilities import (
    FloorUnreachable,
    OutOfReach,
    TooFew,
    Undecided,
    Unreachable,
    fewest,
    median,
    most,
)
from jxgis.kernels.reach import Csr, ones
from jxgis.kernels.solution import Solution
from jxgis.layers import Layer
from jxgis.rules import Rules

Aim = Literal["served", "median", "center"]

TIME_RULE = "charging.time_limit_s"

FAR_M = 1e7
"""A radius that limits nothing: farther than any two places of one metric CRS are apart."""

PAIRS = 40_000_000
"""Most pairs of demand and candidates whose distances are all held."""


@dataclass(frozen=True)
class Question:
    """What is asked of one kind of station.

    Attributes
    ----------
    settings
        With one demand and one kind.
    aim
        What is made best: demand ``served`` within the radius, the mean distance (``median``) or
        the farthest (``center``). Of the two last ones a radius limits nothing, and the last one
        knows no capacity.
    reach
        Share of the demand that the fewest stations are to serve; None for the best of a number.
    """

    settings: ChargingSettings
    aim: Aim = "served"
    reach: float | None = None


@dataclass(frozen=True)
class Tier:
    """One kind of station, ready to be chosen.

    Attributes
    ----------
    demand, candidates, existing
        m points of demand, n places where stations can be, e stations that there are.
    reach
        (m, n + e) sparse, metres: the candidates, then the stations that there are.
    zones
        Layer of zones, or None.
    roads
        How distance is measured.
    """

    demand: Demand
    candidates: Candidates
    existing: Existing
    reach: Csr
    zones: Layer | None
    roads: Roads

    @property
    def there(self) -> IntArray:
        """Columns of the stations that there are."""
        n = len(self.candidates.row)
        return np.arange(n, n + len(self.existing.row))

    @cached_property
    def capacity(self) -> FloatArray | None:
        """(n + e,) demand that each station can serve, or None where there is no limit."""
        limit = self.candidates.kind.capacity
        return None if limit is None else np.full(self.reach.shape[1], limit)

    @cached_property
    def covers(self) -> Csr:
        """(m, n + e) sparse, 1 where a station reaches a demand."""
        return ones(self.reach)

    def served(self, chosen: IntArray, floors: tuple[Floor, ...] = ()) -> FloatArray:
        """Return what chosen stations and those that there are serve of each demand, (m,)."""
        opened = np.append(chosen, self.there)
        weight = self.demand.weight
        if self.capacity is None:
            return np.where(np.diff(self.covers[:, opened].indptr) > 0, weight, 0.0)
        return served_by(self.covers, weight, self.capacity, opened, floors)

    def ways(self, chosen: IntArray) -> Ways | None:
        """Return how chosen stations and those that there are serve all demand, at the least sum.

        None where they cannot: where they reach not all of it, or have not the capacity.
        """
        opened, weight = np.append(chosen, self.there), self.demand.weight
        if self.capacity is not None:
            return shortest_ways(self.reach, weight, self.capacity, opened)
        nearest, column = np.full(len(weight), np.inf), np.full(len(weight), -1)
        for j in opened.tolist():
            own = self.reach[:, [j]].tocoo()
            nearer = own.data < nearest[own.row]
            nearest[own.row[nearer]], column[own.row[nearer]] = own.data[nearer], j
        if not np.isfinite(nearest).all():
            return None
        return Ways(np.arange(len(weight)), column, weight, nearest)


@dataclass(frozen=True)
class Answer:
    """What was found: the tier, the question, and the solution of the kernel."""

    tier: Tier
    question: Question
    solution: Solution
    floors: tuple[Floor, ...]


def tier_of(
    settings: ChargingSettings, layers: Mapping[str, Layer], aim: Aim, rules: Rules
) -> Tier:
    """Lay out the one kind of station of some settings.

    Parameters
    ----------
    settings
        With one demand and one kind.
    layers
        The plan's layers by name; ``zones``, ``built_up`` and ``streets`` by these names.
    aim
        Distances matter beyond the radius unless it is ``served``.
    rules
        For what the settings leave open.

    Raises
    ------
    InputError
        What `demand_of`, `candidates_of` and `existing_of` raise; distances too many to hold.
    """
    (spec,), (kind,) = settings.demands, settings.kinds
    zones, built_up = layers.get("zones"), layers.get("built_up")
    demand = demand_of(spec, layers, zones=zones, built_up=built_up, rules=rules)
    substations = substations_of(layers.get("substations"))
    candidates = candidates_of(
        kind, layers, zones=zones, built_up=built_up, substations=substations, rules=rules
    )
    existing = existing_of(kind, layers, built_up=built_up, rules=rules)
    roads = Roads.of(settings.by, layers)
    places: list[Candidates | Existing] = [candidates, existing]
    if aim != "served":
        pairs = len(demand.points) * sum(len(p.points) for p in places)
        if pairs > PAIRS:
            raise pairs_fault(kind, pairs)
        candidates = _without_radii(candidates, built_up, layers[kind.candidates], rules)
    reach = [
        roads.reach(demand.points, p, radius_at(kind, demand.is_core, rules))
        if aim == "served"
        else roads.reach(demand.points, _Anywhere(p.points))
        for p in places
        if len(p.points)
    ]
    if aim == "served":
        check_reached(kind, reach[0])
    return Tier(demand, candidates, existing, sparse.csr_array(sparse.hstack(reach)), zones, roads)


def _without_radii(
    candidates: Candidates, built_up: Layer | None, layer: Layer, rules: Rules
) -> Candidates:
    """Return candidates whose ledger does not say how far they serve, where that is no limit."""
    radii = list(radius_rows(candidates.kind, layer, built_up, rules))
    return replace(
        candidates, ledger=tuple(row for row in candidates.ledger if row not in radii), rules=()
    )


@dataclass(frozen=True)
class _Anywhere:
    """Places that serve however far."""

    points: FloatArray

    @property
    def radius_m(self) -> FloatArray:
        return np.full(len(self.points), FAR_M)


def answer(question: Question, layers: Mapping[str, Layer], rules: Rules) -> Answer:
    """Choose the stations of one kind.

    Raises
    ------
    InputError
        What `tier_of` raises; a share or a floor that cannot be had, with the best that can.
    """
    if question.aim == "center" and question.settings.kinds[0].capacity is not None:
        raise no_capacity_fault()
    tier = tier_of(question.settings, layers, question.aim, rules)
    floors = _floors(tier)
    try:
        found = _solved(question, tier, tuple(f for _zone, f in floors), rules[TIME_RULE].value)
    except FloorUnreachable as error:
        raise floor_fault(tier.candidates.kind, tier.demand, tier.zones, floors, error) from None
    except Unreachable as error:
        raise reach_fault(tier.candidates, tier.demand, error.reachable) from None
    except (OutOfReach, TooFew) as error:
        stations = tier.candidates.kind.count + len(tier.there)
        raise distance_fault(tier.candidates.kind, tier.demand, stations, error) from None
    except Undecided:
        raise undecided_fault() from None
    return Answer(tier, question, found, tuple(f for _zone, f in floors))


def _solved(question: Question, tier: Tier, floors: tuple[Floor, ...], limit_s: float) -> Solution:
    weight, count = tier.demand.weight, tier.candidates.kind.count
    if question.aim == "median":
        return median(
            tier.reach,
            weight,
            count,
            fixed=tier.there,
            capacity=tier.capacity,
            time_limit_s=limit_s,
        )
    if question.aim == "center":
        return center(tier.reach, count, weight=weight, fixed=tier.there, time_limit_s=limit_s)
    if question.reach is not None:
        return fewest(
            tier.covers,
            weight,
            question.reach * float(weight.sum()),
            fixed=tier.there,
            capacity=tier.capacity,
            floors=floors,
            time_limit_s=limit_s,
        )
    return most(
        tier.covers,
        weight,
        count,
        fixed=tier.there,
        capacity=tier.capacity,
        floors=floors,
        time_limit_s=limit_s,
    )


def _floors(tier: Tier) -> list[tuple[int, Floor]]:
    """Return the floor of each zone that has one, with the zone's index."""
    spec, weight = tier.demand.spec, tier.demand.weight
    floors: list[tuple[int, Floor]] = []
    for zone, zone_id in enumerate(tier.demand.zone_ids):
        share = spec.floors.get(zone_id, spec.floor)
        own = np.flatnonzero(tier.demand.zone == zone)
        if share and len(own):
            floors.append((zone, (own, share * float(weight[own].sum()))))
    return floors
