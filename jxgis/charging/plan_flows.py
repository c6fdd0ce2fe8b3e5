"""What flows to the stations of a plan in its last year where they can serve only so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from jxgis.charging.study import Study
from jxgis.charging.where import FloatArray, IntArray
from jxgis.kernels.allocation import served_by
from jxgis.kernels.buildout import Plan
from jxgis.kernels.reach import Csr


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

    def served(self, without: int | None = None) -> FloatArray:
        """Return what all of them, or all but one, serve of each demand, (m,)."""
        every = np.arange(len(self.tier))
        kept = every if without is None else np.delete(every, without)
        return served_by(self.covers, self.weight, self.capacity, kept)

    def place(self, tier: int, candidate: int) -> int:
        """Return which one a candidate of a tier is."""
        return int(np.flatnonzero((self.tier == tier) & (self.candidate == candidate))[0])


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
