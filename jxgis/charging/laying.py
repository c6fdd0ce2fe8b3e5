"""Kinds of station laid out: where each can be and what it reaches, on roads or in circles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from jxgis.charging.carriageways import Carriageways, carriageways
from jxgis.charging.corridor_sides import Sides, attach
from jxgis.charging.corridor_stations import posts_at
from jxgis.charging.demand import Demand, demand_of
from jxgis.charging.limits import check_room, radius_at, radius_rows
from jxgis.charging.places import Candidates, Existing, Substations, candidates_of, existing_of
from jxgis.charging.reaching import Roads
from jxgis.charging.road_demand import (
    OnRoad,
    ahead,
    charged,
    demand_along,
    on_road,
    side_candidates,
)
from jxgis.charging.where import BoolArray, IntArray
from jxgis.charging_spec import ChargingSettings, DemandSpec, StationKind
from jxgis.errors import InputError
from jxgis.i18n import _
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


@dataclass
class Layout:
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
        """Return a demand; one of expressways is laid out along their carriageways.

        Raises
        ------
        InputError
            Kinds at service areas serve what is not of expressways, or share it with other kinds.
        """
        names = [s.layer for s in spec.sources if s.layer in self.layers]
        roads = [n for n in names if self.layers[n].kind.name == "expressways"]
        served = [k for k in self.settings.kinds if k.demand == spec.id]
        beside = [self._is_beside_roads(k) for k in served]
        if not any(beside):
            return demand_of(
                spec, self.layers, zones=self.zones, built_up=self.built_up, rules=self.rules
            )
        if not all(beside) or not roads:
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
            self.layers[roads[0]],
            self._carriageways(roads[0]),
            zones=self.zones,
            built_up=self.built_up,
        )
        return demand

    def kind(self, number: int, kind: StationKind, demand: Demand) -> KindStudy:
        """Return a kind that serves a demand."""
        existing = self._existing(kind)
        if number in self._on:
            return self._beside_roads(number, kind, existing, demand)
        candidates = self._candidates(kind)
        limit_m = radius_at(kind, demand.is_core, self.rules)
        covers = ones(self.roads.reach(demand.points, candidates, limit_m))
        covered = ones(self.roads.reach(demand.points, existing, limit_m))
        return KindStudy(kind, number, candidates, existing, covers, covered, self._by_year(kind))

    def _candidates(self, kind: StationKind) -> Candidates:
        return candidates_of(
            kind,
            self.layers,
            zones=self.zones,
            built_up=self.built_up,
            substations=self.substations,
            rules=self.rules,
        )

    def _existing(self, kind: StationKind) -> Existing:
        """Return the stations that there are.

        One that several kinds name serves as the kind that reaches farthest, of equal ones the
        first; so it counts once.
        """
        own = self._all_existing(kind)
        again = [
            k
            for k in self.settings.kinds
            if k.id != kind.id and k.demand == kind.demand and k.existing == kind.existing
        ]
        if kind.existing is None or not again:
            return own
        ids = [k.id for k in self.settings.kinds]
        kept = np.ones(len(own.row), bool)
        for other in again:
            theirs = self._all_existing(other)
            at = pd.Index(theirs.row).get_indexer(pd.Index(own.row))
            radius = theirs.radius_m[at] if len(theirs.row) else own.radius_m
            first = ids.index(other.id) < ids.index(kind.id)
            farther = (radius > own.radius_m) | (first & (radius == own.radius_m))
            kept &= (at < 0) | ~farther
        return _some(own, kept, kind)

    def _all_existing(self, kind: StationKind) -> Existing:
        return existing_of(kind, self.layers, built_up=self.built_up, rules=self.rules)

    def _beside_roads(
        self, number: int, kind: StationKind, existing: Existing, demand: Demand
    ) -> KindStudy:
        on, spec, layer = self._on[number], demand.spec, self.layers[kind.candidates]
        ways = self._carriageways(spec.sources[0].layer)
        sides = attach(layer, ways, rules=self.rules)
        self.ledger += sides.ledger
        # There can be twice as many sides as service areas, and none of them serves a circle.
        areas = self._candidates(replace(kind, count=0))
        circles = list(radius_rows(kind, layer, self.built_up, self.rules))
        rows = tuple(row for row in areas.ledger if row not in circles)
        areas = replace(areas, ledger=rows)
        own, places = side_candidates(kind, areas, sides, ways, self.rules)
        check_room(kind, layer, own.least, own.most)
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
            return on_road(ways, np.zeros(0, np.intp), np.zeros(0))
        layer = self.layers[kind.existing]
        own = replace(layer, data=layer.data.iloc[existing.row].reset_index(drop=True))
        posts = posts_at(own, sides, ways, rules=self.rules)
        self.ledger += posts.ledger
        return charged(sides, posts.charging, ways)

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


def _some(existing: Existing, kept: BoolArray, kind: StationKind) -> Existing:
    """Return some of the stations that there are; the others serve as one of another kind."""
    rows = np.flatnonzero(kept)
    ledger = tuple(replace(row, count=len(rows)) for row in existing.ledger) if len(rows) else ()
    if not kept.all():
        reason = _(
            "{kind}: stations that there are and that another kind of the plan names, too: each "
            "counts once, as the kind that reaches farther"
        ).format(kind=kind.title)
        ledger += (LedgerRow("note", kind.existing or "", int((~kept).sum()), reason),)
    return replace(
        existing,
        row=existing.row[rows],
        points=existing.points[rows],
        names=tuple(existing.names[i] for i in rows),
        posts=existing.posts[rows],
        is_core=existing.is_core[rows],
        radius_m=existing.radius_m[rows],
        ledger=ledger,
    )
