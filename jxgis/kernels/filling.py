"""A first choice of candidates that serve no more than a capacity."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import TINY, Csr
from jxgis.kernels.limited import Limited


class _Filling:
    """What is left of the demand and lacking of the floors while columns are filled."""

    def __init__(self, asked: Limited) -> None:
        self.cover, self.limit = asked.cover, asked.limit
        self.columns: Csr = sparse.csr_array(asked.cover.matrix.T)
        self.parts = asked.cover.parts.toarray()
        self.left, self.lacks = self.cover.weight.copy(), self.cover.least.copy()
        self.degree = np.diff(self.cover.matrix.indptr)
        self.more = float(self.cover.weight.sum()) + 1

    def lacks_any(self) -> bool:
        """Tell whether a floor is not met yet."""
        return bool((self.lacks > self.cover.short).any())

    def _taken(self, column: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return the demand of a column, what it would serve of it, and what of each floor.

        First that of floors that are not met, then that which fewest others can serve.
        """
        begin, end = self.columns.indptr[column : column + 2]
        demand = self.columns.indices[begin:end].astype(np.intp)
        own = self.parts[:, demand]
        wanted = (self.lacks > 0).astype(float) @ own
        order = np.lexsort((self.degree[demand], -wanted))
        demand, own = demand[order], own[:, order]
        left = self.left[demand]
        taken = np.clip(self.limit[column] - (np.cumsum(left) - left), 0, left)
        return demand, taken, own @ taken

    def gain(self, column: int, *, beyond: bool) -> float:
        """Return what a column adds to floors, and less weighty, to what is served beyond them."""
        _demand, taken, of_floors = self._taken(column)
        worth = float(taken.sum()) if beyond else 0.0
        if not self.lacks_any():
            return worth
        share = np.minimum(of_floors, self.lacks) / np.maximum(self.cover.least, TINY)
        return float(share.sum()) * self.more + worth

    def fill(self, column: int) -> None:
        """Let a column serve what it can."""
        demand, taken, of_floors = self._taken(column)
        self.left[demand] -= taken
        self.lacks = np.maximum(self.lacks - of_floors, 0.0)


def filled(asked: Limited, count: int | None) -> IntArray:
    """Return columns, each of which serves most of what those before it left, in that order.

    Parameters
    ----------
    asked
        The problem.
    count
        How many at most; None for as many as meet the floors, or seem to do something for them.

    Notes
    -----
    What is served once is not moved to another column, so that a choice may in the end serve more.
    """
    filling = _Filling(asked)
    for column in np.flatnonzero(asked.there).tolist():
        filling.fill(column)
    beyond = count is not None
    queue = [(-filling.gain(j, beyond=beyond), j) for j in np.flatnonzero(~asked.there).tolist()]
    heapify(queue)
    picks: list[int] = []
    while queue and (count is None or len(picks) < count):
        _old, j = heappop(queue)
        worth = filling.gain(j, beyond=beyond)
        if worth <= 0:
            continue
        if queue and (-worth, j) > queue[0]:
            heappush(queue, (-worth, j))
        else:
            picks.append(j)
            filling.fill(j)
    return np.array(picks, np.intp)
