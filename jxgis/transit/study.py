"""A coverage at work: the wholes of a city, and what its stops reach of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from jxgis.kernels.polygons import disjoint, polygons_of
from jxgis.kernels.stretches import stretches_in
from jxgis.layers import Layer
from jxgis.results import Indicator, LedgerRow
from jxgis.rules import Rules
from jxgis.transit.asking import Ask
from jxgis.transit.ground import Ground, Sets, by_zone, counting_once, joined
from jxgis.transit.network import linking_rows, walking_network
from jxgis.transit.people import outside_row, people_in
from jxgis.transit.reach import Reach
from jxgis.transit.uncertainty import (
    OUTLINES,
    Errors,
    draw_replicates,
    interval,
    probability,
    replicated,
)
from jxgis.transit.wholes import (
    FloatArray,
    Land,
    LandNearStreets,
    People,
    PeopleWalking,
    StreetLength,
    Whole,
)
from jxgis.ways import Network

BoolArray = NDArray[np.bool_]
Which = float | None
"""Departures an hour that a stop must have; None means any stop."""

LINK_RULE, NEAR_RULE = "walking.link_within_m", "walking.land_within_m"


@dataclass
class Study:
    """What a city's stops reach of its land, streets, people and jobs.

    Attributes
    ----------
    layers
        By kind: ``stops``, ``built_up``, and what else there is.
    ground
        The built-up area by zone.
    asks
        All that is asked, companions included.
    rules
        For limits of walking.
    per_hour
        (number of stops,) departures an hour; None where there is no timetable.
    errors
        What may be wrong with the inputs; None for no intervals.
    """

    layers: Mapping[str, Layer]
    ground: Ground
    asks: Sequence[Ask]
    rules: Rules
    per_hour: FloatArray | None = None
    errors: Errors | None = None
    ledger: list[LedgerRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out what is asked about, and see what is reached of it."""
        self.radii = list(dict.fromkeys(ask.radius_m for ask in self.asks))
        self.network = self._network()
        points = shapely.get_coordinates(self.layers["stops"].data.geometry.to_numpy())
        self.reach = Reach(
            points,
            self.network.streets if self.network else None,
            self.rules[LINK_RULE].value,
            max(self.radii),
        )
        if self.network:
            self.ledger += [
                *self.network.ledger,
                *linking_rows(
                    self.network,
                    self.layers["stops"],
                    self.reach.links,
                    self.rules[LINK_RULE].value,
                ),
            ]
        self._people: dict[str, People] = {}
        # The table, the drawings and the gaps are of the official figure, asked for or not.
        self._measured = [*self.asks, Ask("", self.radii[0])]
        self.wholes = {key: self._whole(*key) for key in dict.fromkeys(map(_key, self._measured))}
        self._reached: dict[tuple[str, str, Which], FloatArray] = {}
        for ask in self._measured:
            question = (*_key(ask), ask.departures_per_hour)
            if question not in self._reached:
                self._reached[question] = self._measure(ask)
        self.replicates = self._replicated()

    def _network(self) -> Network | None:
        walks = any(ask.by == "walking" for ask in self.asks)
        return walking_network(self.layers["streets"]) if walks else None

    def people(self, kind: str) -> People:
        """Return the people (``population``) or ``jobs`` of the built-up area, laid out once."""
        if kind not in self._people:
            streets = self.network.streets if self.network else None
            self._people[kind] = people_in(self.layers[kind], self.ground, walked=streets)
            self.ledger += outside_row(self.layers[kind], self._people[kind], self.ground)
        return self._people[kind]

    def _whole(self, of: str, by: str) -> Whole:
        sets = self.ground.sets
        if of == "area":
            return Land(sets)
        if of == "streets" and self.network is not None:
            own = self._street_sets
            return StreetLength(stretches_in(self.network.streets, own.polygons), len(own))
        if of == "near_streets":
            return LandNearStreets(sets, self.rules[NEAR_RULE].value)
        people = self.people("population" if of == "people" else "jobs")
        return PeopleWalking(people.places) if by == "walking" else people

    @cached_property
    def _street_sets(self) -> Sets:
        return counting_once(self.ground.sets)

    def stops_with(self, departures_per_hour: Which) -> BoolArray:
        """Return which stops have at least so many departures an hour; None means all stops."""
        if departures_per_hour is None or self.per_hour is None:
            return np.ones(len(self.reach.points), bool)
        return np.nan_to_num(self.per_hour) >= departures_per_hour

    def _measure(self, ask: Ask) -> FloatArray:
        whole, chosen = self.wholes[_key(ask)], self.stops_with(ask.departures_per_hour)
        if not chosen.any():
            return np.zeros((len(self.radii), len(whole.total)))
        reach = self.reach if chosen.all() else self.reach.of(self.reach.points[chosen])
        return whole.reached(reach, self.radii)

    def reached_from(self, ask: Ask, of: str, chosen: BoolArray) -> float:
        """Return how much is reached of an ask's area or people from some stops only."""
        if not chosen.any():
            return 0.0
        question = replace(ask, of=of)
        whole = self.wholes[_key(question)]
        reached = whole.reached(self.reach.of(self.reach.points[chosen]), [ask.radius_m])
        return float(reached[0, self._chosen(question)].sum())

    def total_of(self, ask: Ask, of: str) -> float:
        """Return the area or people that an ask is a share of."""
        question = replace(ask, of=of)
        return float(self.wholes[_key(question)].total[self._chosen(question)].sum())

    def _replicated(self) -> dict[tuple[str, str, Which], FloatArray]:
        if self.errors is None or not self.errors.replicates:
            return {}
        self._draws = draw_replicates(self.reach.points, self.errors)
        found = {}
        for which in dict.fromkeys(ask.departures_per_hour for ask in self._measured):
            keys = dict.fromkeys(
                _key(a)
                for a in self._measured
                if a.departures_per_hour == which and a.of != "near_streets"
            )
            wholes = {"/".join(key): self._outlines(key) for key in keys}
            answers = replicated(
                wholes, self.reach, self.stops_with(which), self._draws, self.radii
            )
            for key in keys:
                found[*key, which] = answers["/".join(key)]
        return found

    def _outlines(self, key: tuple[str, str]) -> list[Whole]:
        """Return a whole for each outline that the built-up area may have; land has several."""
        whole = self.wholes[key]
        if key[0] != "area" or self.errors is None or not self.errors.outline_m:
            return [whole]
        return self._moved_land

    @cached_property
    def _moved_land(self) -> list[Whole]:
        outline_m = self.errors.outline_m if self.errors else 0.0
        return [
            Land(self._moved_sets(step * outline_m)) if step else self.wholes["area", "straight"]
            for step in OUTLINES
        ]

    def _moved_sets(self, distance: float) -> Sets:
        """Return the sets of the net area with its outline moved outward, borders of zones kept."""
        whole = shapely.union_all(self.ground.net)  # borders of neighbours are no outline
        wider = shapely.buffer(whole, distance, join_style="mitre", mitre_limit=2.0)
        area, _again = disjoint(polygons_of(wider))
        zones, _overlap = by_zone(area, self.layers.get("zones"))
        own = {zone.zone_id: zone.built_up for zone in zones}
        none = np.empty(0, dtype=object)
        rows = [own.get(zone.zone_id, none) for zone in self.ground.zones]
        return joined(rows, self.ground.sets)

    def reached(self, ask: Ask) -> tuple[float, float]:
        """Return how much is reached for an ask, and of how much."""
        row, sets = self.radii.index(ask.radius_m), self._chosen(ask)
        reached = self._reached[*_key(ask), ask.departures_per_hour][row, sets].sum()
        return float(reached), float(self.wholes[_key(ask)].total[sets].sum())

    def _chosen(self, ask: Ask) -> list[int]:
        people = ask.of in ("people", "jobs")
        sets = self.ground.gross_sets if people else self.ground.sets
        if ask.of == "streets":
            sets = self._street_sets
        return list(sets.chosen[ask.zones])

    def rows_reached(self, ask: Ask) -> tuple[FloatArray, FloatArray]:
        """Return how much is reached in each zone of the table, and of how much."""
        row, n = self.radii.index(ask.radius_m), len(self.ground.zones)
        reached = self._reached[*_key(ask), ask.departures_per_hour][row, :n]
        return reached, self.wholes[_key(ask)].total[:n]

    def _totals(self, key: tuple[str, str]) -> FloatArray:
        """Return the total of a whole in each replicate, (replicates, sets)."""
        outlines = self._outlines(key)
        totals = np.array([whole.total for whole in outlines])
        return totals[[draw.outline if len(outlines) > 1 else 0 for draw in self._draws]]

    def replicated_shares(self, ask: Ask) -> FloatArray:
        """Return the ask's share in each replicate; empty where there are none."""
        found = self.replicates.get((*_key(ask), ask.departures_per_hour))
        if found is None:
            return np.empty(0)
        row, sets = self.radii.index(ask.radius_m), self._chosen(ask)
        total = self._totals(_key(ask))[:, sets].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(found[:, row, sets].sum(axis=1) / total)

    def replicated_rows(self, ask: Ask) -> FloatArray | None:
        """Return each zone's share in each replicate, (replicates, zones); None for none."""
        found = self.replicates.get((*_key(ask), ask.departures_per_hour))
        if found is None:
            return None
        row, n = self.radii.index(ask.radius_m), len(self.ground.zones)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(found[:, row, :n] / self._totals(_key(ask))[:, :n])

    def indicator(self, ask: Ask, zone: str | None) -> Indicator:
        """Return the ask's figure with its interval, and how likely its target is met."""
        reached, total = self.reached(ask)
        shares = self.replicated_shares(ask)
        ends = interval(shares) or (None, None)
        params: dict[str, object] = {"radius_m": ask.radius_m, "of": ask.of, "by": ask.by}
        if ask.departures_per_hour is not None:
            params["departures_per_hour"] = ask.departures_per_hour
        likely = None
        if ask.threshold is not None:
            likely = probability(shares, ask.threshold, ask.sense)
        return Indicator(
            ask.id,
            reached / total if total else None,
            "1",
            low=ends[0],
            high=ends[1],
            numerator=reached,
            denominator=total,
            params=params,
            zone=zone,
            probability=likely,
            beside=ask.beside,
        )


def _key(ask: Ask) -> tuple[str, str]:
    """Return what decides an ask's whole."""
    return ask.of, "walking" if ask.of in ("streets", "near_streets") else ask.by


def shares(reached: FloatArray, total: FloatArray) -> FloatArray:
    """Return shares, NaN where there is nothing to have a share of."""
    return np.array([r / t if t else math.nan for r, t in zip(reached, total, strict=True)])
