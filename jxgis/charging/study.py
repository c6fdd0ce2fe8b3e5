"""A charging plan laid out: every demand, every kind of station, and the one programme of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from jxgis.charging.demand import Demand
from jxgis.charging.laying import KindStudy, Layout
from jxgis.charging.places import Substations, substations_of
from jxgis.charging.plan_faults import check_budget, check_floors
from jxgis.charging.reaching import Roads
from jxgis.charging.where import FloatArray
from jxgis.charging_spec import ChargingSettings
from jxgis.i18n import _
from jxgis.kernels.buildout import Buildout, Floor, Tier
from jxgis.kernels.reach import Csr
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

__all__ = ["KindStudy", "Study", "named", "study"]

BY_KIND = ("zones", "built_up", "streets", "substations")
"""Kinds of layer that the plan's ``[charging]`` does not name."""


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


def named(layers: Mapping[str, Layer]) -> dict[str, Layer]:
    """Return layers by name, and those that nobody names by their kind, whatever they are called.

    Of several of one kind it is the one that is called so, or the first.
    """
    kinds = {layer.kind.name: layer for layer in reversed(list(layers.values()))}
    return {kind: kinds[kind] for kind in BY_KIND if kind in kinds} | dict(layers)


def study(settings: ChargingSettings, layers: Mapping[str, Layer], rules: Rules) -> Study:
    """Lay out a charging plan, and find all that is wrong with it without solving anything.

    Parameters
    ----------
    settings
        The plan's ``[charging]``.
    layers
        The plan's layers by name, as `named` gives them.
    rules
        For what the plan leaves open.

    Raises
    ------
    InputError
        What the parts raise: demand that comes to zero, candidates fewer than wanted, and so on;
        a floor of a zone that is not there, or a budget that pays for nothing.
    """
    zones, built_up = layers.get("zones"), layers.get("built_up")
    substations = substations_of(layers.get("substations"))
    roads = Roads.of(settings.by, layers)
    layout = Layout(settings, layers, rules, zones, built_up, roads, substations)
    ids = [d.id for d in settings.demands if any(k.demand == d.id for k in settings.kinds)]
    specs = [d for d in settings.demands if d.id in ids]
    check_floors(specs, zones)
    demands = tuple(layout.demand(i, spec) for i, spec in enumerate(specs))
    kinds = tuple(
        layout.kind(ids.index(k.demand), k, demands[ids.index(k.demand)]) for k in settings.kinds
    )
    check_budget(settings, kinds)
    floors, which = _floors(demands)
    ledger = (*roads.ledger, *layout.ledger, *_idle(settings, demands))
    laid = Study(settings, zones, demands, kinds, substations, _nothing(), which, roads, ledger)
    return replace(laid, problem=_problem(laid, floors))


def _idle(settings: ChargingSettings, demands: tuple[Demand, ...]) -> Iterator[LedgerRow]:
    """Say what of the plan asks for nothing: demand without a kind, floors of empty zones."""
    for spec in settings.demands:
        if all(kind.demand != spec.id for kind in settings.kinds):
            reason = _("no kind of station serves the demand {demand}: it counts nothing")
            row = reason.format(demand=spec.title)
            yield LedgerRow("dropped", spec.sources[0].layer, 1, row)
    for demand in demands:
        spec = demand.spec
        there = {demand.zone_ids[z] for z in set(demand.zone.tolist()) if z >= 0}
        asked = [z for z in demand.zone_ids if spec.floors.get(z, spec.floor)]
        empty = [z for z in asked if z not in there]
        if empty:
            reason = _("zones without any of the demand {demand}: they have no floor")
            yield LedgerRow("dropped", "zones", len(empty), reason.format(demand=spec.title))


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
