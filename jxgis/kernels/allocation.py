"""What open stations serve of each demand when each serves no more than its capacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels.arcs import FloatArray
from jxgis.kernels.covers import Csr, Floor, Matrix, whole
from jxgis.kernels.limited import Limited, flows


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
