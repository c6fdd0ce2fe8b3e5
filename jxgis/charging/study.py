"""A charging plan laid out: every demand, every kind of station, and the one programme of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from jxgis.charging.carriageways import Carriageways, carriageways
from jxgis.charging.corridor_sides import Sides, attach
from jxgis.charging.corridor_stations import posts_at
from jxgis.charging.demand import Demand, demand_of
from jxgis.charging.places import (
    Candidates,
    Existing,
    Substations,
    candidates_of,
    existing_of,
    substations_of,
)
from jxgis.charging.reaching import Roads
from jxgis.charging.road_demand import OnRoad, ahead, charged, demand_along, side_candidates
from jxgis.charging.where import FloatArray, IntArray
from jxgis.charging_spec import ChargingSettings, DemandSpec, StationKind
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.buildout import Buildout, Floor, Tier
from jxgis.kernels.reach import Csr, ones
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules


@dataclass(frozen=True)
class KindStudy:
    """A kind of station, ready to be built.

    Attributes
    ----------
    kind
        What the plan says of it.
    demand
        Index of the demand that it serves.
    candidates, existing
        n places where it can be, and e stations that there are.
    covers, covered
        (m, n) and (m, e) sparse, 1 where one reaches a demand of its own.
    by_year
        (T,) how many are to be built in each year.
    beside_roads
        Whether it serves those who have it ahead on their carriageway, and not all within a circle.
    """

    kind: StationKind
    demand: int
    candidates: Candidates
    existing: Existing
    covers: Csr
    covered: Csr
    by_year: IntArray
    beside_roads: bool = False


@dataclass(frozen=True)
class Study:
    """A charging plan, laid out.

    Attributes
    ----------
    settings
        The plan's ``[charging]``.
    zones
        Layer of zones, or None.
    demands, kinds
        In the plan's order.
    substations
        What limits power.
    problem
        The programme: its demand is that of all demands one after another, its tiers the kinds.
    floors
        Of each of the problem's floors the demand and the zone.
    roads
        How distance is measured.
    ledger
        What was found out besides.
    """

    settings: ChargingSettings
    zones: Layer | None
    demands: tuple[Demand, ...]
    kinds: tuple[KindStudy, ...]
    substations: Substations
    problem: Buildout
    floors: tuple[tuple[int, int], ...]
    roads: Roads
    ledger: tuple[LedgerRow, ...]

    def rows(self, demand: int) -> slice:
        """Return where a demand stands among those of the problem."""
        sizes = [len(d.points) for d in self.demands]
        return slice(sum(sizes[:demand]), sum(sizes[: demand + 1]))

    @property
    def whole(self) -> FloatArray:
        """(D,) all of each demand."""
        return np.array([d.weight.sum() for d in self.demands])

    @property
    def rules(self) -> set[str]:
        """Names of the rules that were used."""
        used = {rule for d in self.demands for rule in d.rules}
        return used | {rule for k in self.kinds for rule in k.candidates.rules}


@dataclass
class _Layout:
    """Lays out kinds of station, those of expressways on their carriageways."""

    settings: ChargingSettings
    layers: Mapping[str, Layer]
    rules: Rules
    zones: Layer | None
    built_up: Layer | None
    roads: Roads
    substations: Substations
    ledger: list[LedgerRow] = field(default_factory=list)
    _ways: dict[str, Carriageways] = field(default_factory=dict)
    _on: dict[int, OnRoad] = field(default_factory=dict)

    def demand(self, number: int, spec: DemandSpec) -> Demand:
        """Return a demand; one of expressways is laid out along their carriageways."""
        names = [s.layer for s in spec.sources]
        kinds = {self.layers[n].kind.name for n in names if n in self.layers}
        served = [k for k in self.settings.kinds if k.demand == spec.id]
        beside = [self._is_beside_roads(k) for k in served]
        if not any(beside):
            return demand_of(
                spec, self.layers, zones=self.zones, built_up=self.built_up, rules=self.rules
            )
        if not all(beside) or "expressways" not in kinds:
            raise InputError(
                _("the demand {demand} of stations at service areas is not of expressways").format(
                    demand=spec.title
                ),
                mend=_(
                    "Give kinds at service areas a demand of their own, with the expressways as "
                    "its source"
                ),
            )
        demand, self._on[number] = demand_along(
            spec,
            self.layers[names[0]],
            self._carriageways(names[0]),
            zones=self.zones,
            built_up=self.built_up,
        )
        return demand

    def kind(self, number: int, kind: StationKind, demand: Demand) -> KindStudy:
        """Return a kind that serves a demand."""
        candidates = candidates_of(
            kind,
            self.layers,
            zones=self.zones,
            built_up=self.built_up,
            substations=self.substations,
            rules=self.rules,
        )
        existing = existing_of(kind, self.layers, built_up=self.built_up, rules=self.rules)
        if number in self._on:
            return self._beside_roads(number, kind, candidates, existing, demand)
        covers = ones(self.roads.reach(demand.points, candidates))
        covered = ones(self.roads.reach(demand.points, existing))
        return KindStudy(kind, number, candidates, existing, covers, covered, self._by_year(kind))

    def _beside_roads(
        self,
        number: int,
        kind: StationKind,
        candidates: Candidates,
        existing: Existing,
        demand: Demand,
    ) -> KindStudy:
        on, spec = self._on[number], demand.spec
        ways = self._carriageways(spec.sources[0].layer)
        sides = attach(self.layers[kind.candidates], ways, rules=self.rules)
        self.ledger += sides.ledger
        own, places = side_candidates(kind, candidates, sides, ways, self.rules)
        radius = float(own.radius_m.max(initial=0.0))
        there = self._charged(kind, existing, sides, ways)
        return KindStudy(
            kind,
            number,
            own,
            existing,
            ones(ahead(on, places, radius)),
            ones(ahead(on, there, radius)),
            self._by_year(kind),
            beside_roads=True,
        )

    def _charged(
        self, kind: StationKind, existing: Existing, sides: Sides, ways: Carriageways
    ) -> OnRoad:
        if kind.existing is None:
            return OnRoad(np.zeros(0, np.intp), np.zeros(0))
        layer = self.layers[kind.existing]
        own = replace(layer, data=layer.data.iloc[existing.row].reset_index(drop=True))
        posts = posts_at(own, sides, ways, rules=self.rules)
        self.ledger += posts.ledger
        return charged(sides, posts.charging)

    def _is_beside_roads(self, kind: StationKind) -> bool:
        layer = self.layers.get(kind.candidates)
        return layer is not None and layer.kind.name == "service_areas"

    def _carriageways(self, name: str) -> Carriageways:
        if name not in self._ways:
            self._ways[name] = carriageways(self.layers[name], rules=self.rules)
            self.ledger += self._ways[name].ledger
        return self._ways[name]

    def _by_year(self, kind: StationKind) -> IntArray:
        years = len(self.settings.years)
        if kind.by_year:
            return np.array(kind.by_year, np.intp)
        ends = kind.count * np.arange(years + 1) // years
        return np.diff(ends).astype(np.intp)


def study(settings: ChargingSettings, layers: Mapping[str, Layer], rules: Rules) -> Study:
    """Lay out a charging plan.

    Parameters
    ----------
    settings
        The plan's ``[charging]``.
    layers
        The plan's layers by name; ``zones``, ``built_up``, ``streets`` and ``substations`` by these
        names.
    rules
        For what the plan leaves open.

    Raises
    ------
    InputError
        What the parts raise: demand that comes to zero, candidates fewer than wanted, and so on.
    """
    zones, built_up = layers.get("zones"), layers.get("built_up")
    substations = substations_of(layers.get("substations"))
    roads = Roads.of(settings.by, layers)
    layout = _Layout(settings, layers, rules, zones, built_up, roads, substations)
    ids = [d.id for d in settings.demands if any(k.demand == d.id for k in settings.kinds)]
    specs = [d for d in settings.demands if d.id in ids]
    demands = tuple(layout.demand(i, spec) for i, spec in enumerate(specs))
    kinds = tuple(
        layout.kind(ids.index(k.demand), k, demands[ids.index(k.demand)]) for k in settings.kinds
    )
    floors, which = _floors(demands)
    ledger = (*roads.ledger, *layout.ledger)
    laid = Study(settings, zones, demands, kinds, substations, _nothing(), which, roads, ledger)
    return replace(laid, problem=_problem(laid, floors))


def _nothing() -> Buildout:
    return Buildout((), np.zeros(0), np.zeros(0), np.zeros(0))


def _problem(laid: Study, floors: tuple[Floor, ...]) -> Buildout:
    settings, demands = laid.settings, laid.demands
    value = np.array([d.spec.value for d in demands])
    year = np.array(settings.year_weights, float)
    each = value / value.sum() / laid.whole / year.sum()
    weight = np.concatenate([d.weight for d in demands])
    return Buildout(
        tiers=tuple(_tier(laid, k) for k in laid.kinds),
        weight=weight,
        value=np.repeat(each, [len(d.points) for d in demands]),
        year=year,
        floors=floors,
        feeder_limit=laid.substations.spare_kw,
        budget=np.array(settings.budget, float) if settings.budget else None,
    )


def _tier(laid: Study, own: KindStudy) -> Tier:
    kind, places = own.kind, own.candidates
    posts = np.where(np.isnan(own.existing.posts), 1.0, own.existing.posts)
    stations = own.covered.shape[1]
    there: FloatArray | None = None
    if kind.capacity is not None and stations == len(posts):
        there = kind.capacity * (posts if kind.is_dispersed else np.ones(stations))
    elif kind.capacity is not None:
        there = np.full(stations, kind.capacity)
    return Tier(
        covers=_among_all(laid, own.demand, own.covers),
        count=np.cumsum(own.by_year),
        least=int(places.least[0]) if kind.is_dispersed else None,
        most=places.most if kind.is_dispersed else None,
        capacity=kind.capacity,
        cost=np.nan_to_num(places.cost) if laid.settings.budget else None,
        power=kind.power_kw or 0.0,
        feeder=places.substation,
        existing=_among_all(laid, own.demand, own.covered) if stations else None,
        existing_capacity=there if stations else None,
    )


def _among_all(laid: Study, demand: int, covers: Csr) -> Csr:
    """Return the rows of one demand at their place among those of all."""
    rows, whole = laid.rows(demand), sum(len(d.points) for d in laid.demands)
    above = sparse.csr_array((rows.start, covers.shape[1]))
    below = sparse.csr_array((whole - rows.stop, covers.shape[1]))
    stacked: Any = sparse.vstack([above, covers, below])
    return sparse.csr_array(stacked)


def _floors(demands: tuple[Demand, ...]) -> tuple[tuple[Floor, ...], tuple[tuple[int, int], ...]]:
    floors, which = [], []
    first = 0
    for number, demand in enumerate(demands):
        for zone, zone_id in enumerate(demand.zone_ids):
            share = demand.spec.floors.get(zone_id, demand.spec.floor)
            own = np.flatnonzero(demand.zone == zone)
            if share and len(own):
                floors.append(Floor(first + own, share * float(demand.weight[own].sum())))
                which.append((number, zone))
        first += len(demand.points)
    return tuple(floors), tuple(which)
