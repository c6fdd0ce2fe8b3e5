"""The search for the best candidates that serve no more than a capacity.

As `jxgis.kernels.proofs`, with a flow for what a choice serves. In the relaxation a candidate takes
the demand that pays most until it is full: a knapsack whose goods may be cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Csr
from jxgis.kernels.filling import filled
from jxgis.kernels.highs import GAP
from jxgis.kernels.lagrange import Relaxation
from jxgis.kernels.limited import Limited, flows, programme, shrunk
from jxgis.kernels.proofs import ROUND, Search

ALMOST_ONE = 0.999
"""Whole numbers whose bounds are nearer to them than this are optimal."""


class LimitedRelaxation(Relaxation):
    """The relaxation where each column earns no more than its capacity lets it."""

    def __init__(self, asked: Limited, count: int | None, picks: IntArray) -> None:
        self.limit, self.weight = asked.limit, asked.cover.weight
        self.shares: Csr = sparse.csr_array(asked.cover.matrix.T)
        self.own = np.repeat(np.arange(len(self.limit)), np.diff(self.shares.indptr))
        super().__init__(asked.cover, count, picks, asked.there)

    def _scores(self, price: FloatArray) -> FloatArray:
        each = price / self.weight
        order = np.lexsort((-each[self.columns.indices], self.own))
        demand, own = self.columns.indices[order], self.own[order]
        upto = np.cumsum(self.weight[demand])
        first = self.columns.indptr[:-1]
        before_own = np.append(0.0, upto)[first]
        before = upto - self.weight[demand] - before_own[own]
        taken = np.clip(self.limit[own] - before, 0, self.weight[demand])
        self.shares = sparse.csr_array(
            (taken / self.weight[demand], demand, self.columns.indptr), shape=self.columns.shape
        )
        return np.asarray(self.shares @ price)

    def _times(self, chosen: FloatArray) -> FloatArray:
        return np.asarray(self.shares.T @ chosen)


@dataclass
class LimitedSearch(Search):
    """A search for columns with capacities, and what it has found so far.

    Attributes
    ----------
    asked
        The problem; its cover is that of the search.
    """

    asked: Limited = field(kw_only=True)

    def __post_init__(self) -> None:
        self._known: dict[bytes, float] = {}
        if self.count is None:
            self.bound = self.lp_bound = 0.0
            return
        there = float(self.asked.limit[self.asked.there].sum())
        largest = -np.sort(-self.asked.limit[~self.asked.there])[: self.count]
        total = float(self.cover.weight.sum())
        self.bound = self.lp_bound = min(there + float(largest.sum()), total)

    def served(self, columns: IntArray) -> float:
        """Return the weight that some columns serve; negative where they do not meet the floors."""
        key = np.sort(columns).tobytes()
        if key not in self._known:
            flow = flows(self.asked, columns)
            self._known[key] = -1.0 if flow is None else float(flow.sum())
        return self._known[key]

    def meets(self, columns: IntArray) -> bool:
        """Tell whether a choice meets the floors."""
        return self.served(columns) >= 0

    def value(self, columns: IntArray) -> float:
        """Return what a choice is worth."""
        return self.served(columns) if self.count is not None else float(len(columns))

    def _run(self, end: float, threads: int) -> None:
        relaxed = LimitedRelaxation(self.asked, self.count, filled(self.asked, self.count))
        self._bounded(relaxed.best.bound)
        going, before = True, self.chosen
        while going and not self.is_done():
            going = relaxed.improve(ROUND, self.value(self.chosen), end)
            self._bounded(relaxed.best.bound)
            order = np.argsort(-relaxed.parts, kind="stable")
            order = order[~self.asked.there[order]]
            size = len(self.chosen) - 1 if self.count is None else self.count
            start = np.sort(order[:size])
            if not np.array_equal(start, before) and self.served(start) >= 0:
                self._keep(start)
            before = start
        if not self.is_done():
            self._solve(relaxed, end, threads)

    def _solve(self, relaxed: Relaxation, end: float, threads: int) -> None:
        if monotonic() >= end:
            self.status = "time_limit"
            return
        taken, refused = relaxed.decided(self.value(self.chosen))
        taken = taken[~self.asked.there[taken]]
        rest = shrunk(self.asked, taken, refused)
        base = rest.cover.base - self.cover.base
        cuts: list[IntArray] = []
        while True:
            count = None if self.count is None else self.count - len(taken)
            model, unit = programme(rest, count, cuts)
            sense = 1 if count is None else -1
            best = self.value(self.chosen)
            lacking = ALMOST_ONE if count is None else GAP * best / unit / 2
            answer = model.solve(end, threads, lacking=lacking)
            more = float(len(taken)) if count is None else base
            self._decided(sense * answer.bound * unit + more)
            ended = answer.status
            self.status = "optimal" if ended == "infeasible" else ended
            if ended == "infeasible":
                self._decided(sense * np.inf)
            if answer.values is None:
                return
            picks = np.flatnonzero((answer.values[: len(rest.limit)] > 1 / 2) & ~rest.there)
            own = np.searchsorted(self.cover.candidate, rest.cover.candidate[picks])
            columns = np.sort(np.append(taken, own))
            if self.served(columns) >= 0:
                self._keep(columns)
                return
            if ended != "optimal":
                return
            cuts.append(picks)
