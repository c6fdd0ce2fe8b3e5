"""What flows to the stations of a plan in its last year where they can serve only so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from jxgis.charging.study import Study
from jxgis.charging.where import FloatArray, IntArray
from jxgis.kernels.allocation import served_by
from jxgis.kernels.buildout import Plan
from jxgis.kernels.reach import Csr

STEP = 1e-9
"""Part of all demand in which flows are counted that are found many times: twice as many of them
are the most that the solver's whole numbers hold."""


@dataclass(frozen=True)
class Opened:
    """All stations that serve a demand in the last year.

    Attributes
    ----------
    weight
        (m,) the demand.
    covers
        (m, k) sparse, 1 where one reaches it.
    capacity
        (k,) what each can serve.
    tier, candidate
        (k,) which each is; the candidate is -1 of those that there were before.
    """

    weight: FloatArray
    covers: Csr
    capacity: FloatArray
    tier: IntArray
    candidate: IntArray

    def served(self) -> FloatArray:
        """Return what all of them serve of each demand, (m,)."""
        return served_by(self.covers, self.weight, self.capacity, np.arange(len(self.tier)))

    def candidate_of(self, tier: int) -> IntArray:
        """Return the candidates of a tier's new ones, ascending."""
        own = (self.tier == tier) & (self.candidate >= 0)
        return np.asarray(self.candidate[own])

    def alone(self, tier: int) -> FloatArray:
        """Return what is not served without each of a tier's new ones, as `candidate_of` has them.

        What flows to the others is found anew without each, as a greatest flow of whole numbers:
        demand and capacities are counted in steps of `STEP` of all demand, and each is rounded.
        """
        flow = _Flow.of(self.covers, self.weight, self.capacity)
        there = flow.total()
        own = np.flatnonzero((self.tier == tier) & (self.candidate >= 0))
        return np.array([(there - flow.total(without=int(j))) * flow.step for j in own], float)


@dataclass(frozen=True)
class _Flow:
    """A network from a source over demand and stations to a sink, in whole steps of demand."""

    graph: Any
    last: IntArray
    step: float

    @classmethod
    def of(cls, covers: Csr, weight: FloatArray, capacity: FloatArray) -> _Flow:
        m, k = covers.shape
        whole = float(weight.sum())
        step = whole * STEP
        demand = np.rint(weight / step).astype(np.int32)
        most = np.rint(np.minimum(capacity, whole) / step).astype(np.int32)
        pairs = sparse.coo_array(covers)
        source, sink = m + k, m + k + 1
        first = np.concatenate([np.full(m, source), pairs.row, np.arange(m, m + k)])
        then = np.concatenate([np.arange(m), m + pairs.col, np.full(k, sink)])
        amount = np.concatenate([demand, demand[pairs.row], most])
        shape = (m + k + 2, m + k + 2)
        graph = sparse.csr_array((amount, (first, then)), shape=shape)
        graph.sort_indices()
        return cls(graph, graph.indptr[np.arange(m, m + k)].astype(np.intp), step)

    def total(self, without: int | None = None) -> int:
        """Return the greatest flow, in steps; a station has one way on, to the sink."""
        graph, nodes = self.graph, self.graph.shape[0]
        if without is not None:
            graph = graph.copy()
            graph.data[self.last[without]] = 0
        return int(maximum_flow(graph, nodes - 2, nodes - 1).flow_value)


def is_limited(laid: Study, demand: int) -> bool:
    """Tell whether any station that serves a demand has a capacity."""
    return any(k.kind.capacity is not None for k in laid.kinds if k.demand == demand)


def opened(laid: Study, demand: int, found: Plan | None = None) -> Opened:
    """Return the stations that serve a demand in the last year of a plan, or before it."""
    blocks: list[Any] = []
    capacity: list[FloatArray] = []
    tiers: list[IntArray] = []
    candidates: list[IntArray] = []
    for t, (own, tier) in enumerate(zip(laid.kinds, laid.problem.tiers, strict=True)):
        if own.demand != demand:
            continue
        e = own.covered.shape[1]
        there = np.full(e, np.inf)
        there = there if tier.existing_capacity is None else tier.existing_capacity
        units = np.zeros(tier.candidates) if found is None else found.units[t][-1]
        new = np.flatnonzero(units > 0)
        each = np.inf if tier.capacity is None else tier.capacity
        blocks += [own.covers[:, new], own.covered]
        capacity += [units[new] * each, there]
        tiers.append(np.full(len(new) + e, t))
        candidates += [new, np.full(e, -1)]
    return Opened(
        laid.demands[demand].weight,
        sparse.csr_array(sparse.hstack(blocks)),
        np.concatenate(capacity),
        np.concatenate(tiers),
        np.concatenate(candidates).astype(np.intp),
    )


def served_now(laid: Study, demand: int) -> FloatArray:
    """Return what the stations that there are serve of a demand, (m,)."""
    return opened(laid, demand).served()
