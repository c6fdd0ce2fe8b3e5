"""What each place of a choice is worth: what it alone serves, and what another would in its stead.

Demand is served in a year by every place that is open then and reaches it. Without a limit of
capacity all of this is exact and needs no solver: a place that leaves takes with it what it alone
serves, and one that comes adds what nobody serves, and of what left whatever it reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Csr, Matrix


@dataclass(frozen=True)
class Worth:
    """What places of a choice are worth, each while all others stay.

    Attributes
    ----------
    alone
        (k,) value that is lost without it.
    instead
        (k,) the candidate that would be best in its stead, or -1 where there is none.
    cost
        (k,) value that the exchange would lose; below zero where it would be better.
    """

    alone: FloatArray
    instead: IntArray
    cost: FloatArray


def worth(
    covers: Matrix,
    value: ArrayLike,
    times: ArrayLike,
    chosen: ArrayLike,
    built: ArrayLike | None = None,
    allowed: ArrayLike | None = None,
) -> Worth:
    """Return what each chosen candidate is worth, and which other one would do best instead.

    Parameters
    ----------
    covers
        (m, n) sparse; not zero where a candidate reaches a demand.
    value
        (T, m) what it counts that a demand is served in each year.
    times
        (T, m) by how many open places each demand is reached in each year, the chosen ones among
        them.
    chosen
        (k,) candidates.
    built
        (k,) year in which each opens, counted from 0; left out, all open in the first.
    allowed
        (n,) whether a candidate may come instead; left out, all may that are not chosen.

    Returns
    -------
    Worth
        Of equal candidates the first one is named.

    Notes
    -----
    All exchanges of one for one at once, as in the interchange of Teitz and Bart (1968).
    """
    matrix: Csr = sparse.csr_array(cast("Any", covers) != 0, dtype=np.float64)
    values, counts = np.atleast_2d(np.asarray(value, float)), np.atleast_2d(np.asarray(times))
    places = np.asarray(chosen, np.intp)
    opens = np.zeros(len(places), np.intp) if built is None else np.asarray(built, np.intp)
    free = np.ones(matrix.shape[1], bool) if allowed is None else np.array(allowed, bool)
    free[places] = False
    # From each year on: what nobody serves, and what one place alone does.
    unserved = np.cumsum((values * (counts == 0))[::-1], axis=0)[::-1]
    single = np.cumsum((values * (counts == 1))[::-1], axis=0)[::-1]
    gains: FloatArray = np.asarray(matrix.T @ unserved.T)  # (n, T)
    columns = sparse.csc_array(matrix)
    alone = np.zeros(len(places))
    instead = np.full(len(places), -1)
    cost = np.full(len(places), np.nan)
    for k, (place, year) in enumerate(zip(places.tolist(), opens.tolist(), strict=True)):
        rows: NDArray[Any] = columns.indices[columns.indptr[place] : columns.indptr[place + 1]]
        own = single[year, rows]
        alone[k] = own.sum()
        if not free.any():
            continue
        comes = gains[:, year] + np.asarray(matrix[rows].T @ own)
        best = int(np.argmax(np.where(free, comes, -np.inf)))
        instead[k], cost[k] = best, alone[k] - comes[best]
    return Worth(alone, instead.astype(np.intp), cost)


def build_order(covers: Matrix, weight: ArrayLike, chosen: ArrayLike) -> IntArray:
    """Return chosen candidates so that the next one is always the one that adds most.

    Parameters
    ----------
    covers
        (m, n) sparse; not zero where a candidate reaches a demand.
    weight
        (m,) of the demand that nobody else serves.
    chosen
        (k,) candidates.
    """
    left = np.array(weight, float)
    matrix = sparse.csc_array(cast("Any", covers) != 0, dtype=np.float64)
    waiting = list(np.asarray(chosen, np.intp).tolist())
    order: list[int] = []
    while waiting:
        adds = np.asarray(matrix[:, waiting].T @ left)
        order.append(waiting.pop(int(np.argmax(adds))))
        left[matrix[:, [order[-1]]].tocoo().row] = 0
    return np.array(order, np.intp)
