"""Whether some candidates cover all demand: greedy and exchanges, a bound, and HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import IntArray
from jxgis.kernels.highs import Csr, Ended, Programme
from jxgis.kernels.interchange import greedy, swapped
from jxgis.kernels.serving import BoolArray, Costs

ROUNDED = 1e-7
"""A bound on a number of candidates is rounded up unless it is above one by less than this."""

DEAR = 10_000_000
"""With more pairs that have something in common than this, dominated ones are not looked for."""


@dataclass(frozen=True)
class Rows:
    """Demand that has to be covered, and by which candidates it can be.

    Attributes
    ----------
    matrix
        (m, n) 1 where a candidate (column) covers a demand (row).
    candidate
        (n,) index that each candidate came with, ascending.
    """

    matrix: Csr
    candidate: IntArray

    def reduced(self) -> Rows:
        """Return fewer rows and columns, for which the least number of columns is the same.

        Demand is left out whose candidates include all of another demand's, and so is a candidate
        all of whose demand another one covers, until nothing changes (Toregas and ReVelle 1973).
        """
        rows = self
        while True:
            before = rows.matrix.shape
            kept = ~contained(rows.matrix, larger=True)
            matrix = sparse.csr_array(rows.matrix[np.flatnonzero(kept)])
            stays = np.flatnonzero(~contained(sparse.csr_array(matrix.T), larger=False))
            rows = Rows(sparse.csr_array(matrix[:, stays]), rows.candidate[stays])
            if rows.matrix.shape == before:
                return rows

    def picked(self, count: int, end: float) -> IntArray | None:
        """Return so many columns that cover all rows, if a search without proof finds them."""
        costs = self.costs()
        chosen = greedy(costs, count, end)
        if costs.value(chosen) > 0:
            chosen = swapped(costs, chosen, end)
        return None if costs.value(chosen) > 0 else chosen

    def costs(self) -> Costs:
        """Return what it costs to leave demand uncovered: 1, and 0 where it is covered."""
        m, n = self.matrix.shape
        row = np.repeat(np.arange(m), np.diff(self.matrix.indptr))
        column = self.matrix.indices.astype(np.intp)
        return Costs(row, column, np.zeros(len(row)), np.ones(m), n)

    def least(self, end: float, threads: int) -> tuple[Ended, int]:
        """Return how many columns are needed at least, from the relaxation.

        Notes
        -----
        The prices of the rows, made so small that no column covers more than 1 of them, add up to
        no more than any cover has: a bound that holds whatever the solver's tolerances are.
        """
        outcome = self._programme(np.inf, whole=False).solve(end, threads)
        if outcome.duals is None:
            return outcome.status, 0
        price = np.maximum(outcome.duals[:-1], 0)
        dearest = max(1.0, float((self.matrix.T @ price).max(initial=0)))
        return outcome.status, int(np.ceil(price.sum() / dearest - ROUNDED))

    def found(self, count: int, end: float, threads: int) -> tuple[Ended, IntArray | None]:
        """Return so many columns that cover all rows, or why there are none."""
        outcome = self._programme(count, whole=True).solve(
            end, threads, lacking=len(self.candidate)
        )
        if outcome.values is None:
            return outcome.status, None
        return outcome.status, np.flatnonzero(outcome.values > 1 / 2)

    def _programme(self, count: float, *, whole: bool) -> Programme:
        m, n = self.matrix.shape
        few: Csr = sparse.csr_array(np.ones((1, n)))
        return Programme(
            rows=sparse.csr_array(sparse.vstack([self.matrix, few])),
            lower=np.append(np.ones(m), 0.0),
            upper=np.append(np.full(m, np.inf), count),
            cost=np.ones(n),
            least=np.zeros(n),
            most=np.ones(n),
            whole=np.full(n, whole, np.intp),
        )


def contained(matrix: Csr, *, larger: bool) -> BoolArray:
    """Tell which rows another row makes needless; of equal ones the first is not.

    Parameters
    ----------
    matrix
        (m, n) of ones.
    larger
        Whether the row that includes another is needless, or the one that is included.
    """
    size = np.diff(matrix.indptr)
    common = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(float)
    needless = np.zeros(len(size), bool)
    if not larger:
        needless[size == 0] = True
    if (common**2).sum() > DEAR:
        return needless
    shared = sparse.coo_array(matrix @ sparse.csr_array(matrix.T))
    within = shared.data == size[shared.row]  # row is included in col
    inner, outer = shared.row[within], shared.col[within]
    equal = size[inner] == size[outer]
    if larger:
        needless[outer[(~equal) | (inner < outer)]] = True
    else:
        needless[inner[(~equal) | (outer < inner)]] = True
    return needless
