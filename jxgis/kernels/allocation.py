"""What open stations serve of each demand, and how far it goes, when each has a capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Csr, Floor, Matrix, whole
from jxgis.kernels.highs import Programme
from jxgis.kernels.limited import Limited, flows
from jxgis.kernels.serving import Distances, pairs

USED = 1e-9
"""A way that takes less than this share of the mean demand is none: the solver rounds."""


def served_by(
    covers: Matrix,
    weight: ArrayLike,
    capacity: ArrayLike,
    opened: ArrayLike,
    floors: Sequence[Floor] = (),
) -> FloatArray:
    """Return what some candidates serve of each demand, as much in all as they can.

    Parameters
    ----------
    covers
        (m, n) sparse; not zero where a candidate reaches a demand.
    weight
        (m,) weights >= 0.
    capacity
        (n,) weight that each candidate serves at most.
    opened
        (k,) candidates.
    floors
        Parts of the demand and the least of each to be served, which can be met.

    Returns
    -------
    (m,) array
        In the unit of the weights. The sum is the one greatest flow; which of several demands is
        served where not all can be is as the solver has it.

    Raises
    ------
    ValueError
        If the floors cannot be met.
    """
    columns = np.asarray(opened, np.intp)
    weights = np.asarray(weight, np.float64)
    matrix: Csr = sparse.csr_array(cast("Any", covers))[:, columns]
    served = np.zeros(len(weights))
    kept = np.flatnonzero((np.diff(matrix.indptr) > 0) & (weights > 0))
    if not len(kept):
        return served
    limit = np.asarray(capacity, np.float64)[columns]
    asked = Limited(whole(matrix, weights, floors), limit, np.ones(len(columns), bool))
    flow = flows(asked, np.empty(0, np.intp))
    if flow is None:
        raise ValueError("The floors cannot be met")
    served[kept] = np.minimum(np.asarray(flow.sum(axis=1)), weights[kept])
    return served


@dataclass(frozen=True)
class Ways:
    """Which demand goes where, and how far: (k,) pairs of a demand and a candidate.

    Attributes
    ----------
    row, column
        Of each pair.
    amount
        Weight that the candidate serves of the demand, > 0.
    distance
        Between the two.
    """

    row: IntArray
    column: IntArray
    amount: FloatArray
    distance: FloatArray

    @property
    def total(self) -> float:
        """Sum of weight times distance."""
        return float(self.amount @ self.distance)


def shortest_ways(
    distances: Distances, weight: ArrayLike, capacity: ArrayLike, opened: ArrayLike
) -> Ways | None:
    """Return how some candidates serve all demand at the least weighted distance.

    Parameters
    ----------
    distances
        (m, n), as for `jxgis.kernels.medians.median`.
    weight
        (m,) weights >= 0.
    capacity
        (n,) weight that each candidate serves at most.
    opened
        (k,) candidates.

    Returns
    -------
    None where they cannot serve it all. The sum of weight times distance is the one least cost of
    a transport problem; where several ways cost as much, the solver has one of them.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    within, weights = pairs(distances), np.asarray(weight, np.float64)
    is_open = np.zeros(within.shape[1], bool)
    is_open[np.asarray(opened, np.intp)] = True
    at = within.among(is_open[within.column] & (weights[within.row] > 0))
    m, n, k = *within.shape, len(at.row)
    mean = float(weights.mean()) or 1.0
    edges, ones = np.arange(k), np.ones(k)
    who: Csr = sparse.csr_array((ones, (at.row, edges)), shape=(m, k))
    where: Csr = sparse.csr_array((ones, (at.column, edges)), shape=(n, k))
    limit = np.minimum(np.asarray(capacity, np.float64), weights.sum())
    farthest = float(at.distance.max(initial=0.0)) or 1.0
    found = Programme(
        rows=sparse.csr_array(sparse.vstack([who, where])),
        lower=np.append(weights / mean, np.full(n, -np.inf)),
        upper=np.append(np.full(m, np.inf), limit / mean),
        cost=at.distance / farthest,
        least=np.zeros(k),
        most=np.full(k, np.inf),
        whole=np.zeros(k, np.intp),
    ).solve(np.inf, 1)
    if found.status == "interrupted":
        raise KeyboardInterrupt
    if found.values is None:
        return None
    used = np.flatnonzero(found.values > USED)
    amount = found.values[used] * mean
    return Ways(at.row[used], at.column[used], amount, at.distance[used])
