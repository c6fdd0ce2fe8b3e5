"""Who can serve whom at what cost, nearest first: what the search for medians looks at.

Both medians and centers are asked with a matrix of distances, dense or sparse. In a sparse one,
what is not stored is out of reach, and a zero that is stored is a distance of zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Matrix, picks

BoolArray = NDArray[np.bool_]
Distances = Matrix | ArrayLike


class OutOfReach(ValueError):  # noqa: N818 - it says what is out of reach
    """Demand that no candidate reaches.

    Parameters
    ----------
    demand
        Its rows.
    """

    def __init__(self, demand: IntArray) -> None:
        super().__init__(f"{len(demand)} demands are out of reach, the first is {demand[0]}")
        self.demand = demand


class TooFew(ValueError):  # noqa: N818 - it says what is too few
    """So few candidates cannot serve all demand, whichever they are."""

    def __init__(self, count: int) -> None:
        super().__init__(f"No {count} candidates serve all demand")
        self.count = count


class Undecided(ValueError):  # noqa: N818 - it says what is undecided
    """The time ended before it was known whether so few candidates can serve all demand."""

    def __init__(self, count: int) -> None:
        super().__init__(f"There was no time to find {count} candidates that serve all demand")
        self.count = count


@dataclass(frozen=True)
class Costs:
    """What it costs to serve a demand from a candidate; of each demand the least first.

    Attributes
    ----------
    row, column, cost
        (k,) pairs of a demand and a candidate, and their cost, less than the demand's base.
    base
        (m,) cost of a demand that none of these serves.
    columns
        n, the number of candidates.
    """

    row: IntArray
    column: IntArray
    cost: FloatArray
    base: FloatArray
    columns: int

    def only(self, kept: BoolArray) -> Costs:
        """Return the same with some of the pairs alone."""
        return replace(self, row=self.row[kept], column=self.column[kept], cost=self.cost[kept])

    def nearest(self, chosen: IntArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return which of some candidates serves each demand, its cost and that of the next one.

        Parameters
        ----------
        chosen
            Candidates.

        Returns
        -------
        (m,) candidate, -1 where none is below the base; (m,) its cost and (m,) that of the next
        one, the base where there is none.
        """
        is_open = np.zeros(self.columns, bool)
        is_open[chosen] = True
        at = np.flatnonzero(is_open[self.column])
        row = self.row[at]
        is_first = np.diff(row, prepend=-1) > 0
        is_second = ~is_first & np.append(False, is_first[:-1])[: len(row)]
        who = np.full(len(self.base), -1)
        least, second = self.base.copy(), self.base.copy()
        who[row[is_first]] = self.column[at[is_first]]
        least[row[is_first]] = self.cost[at[is_first]]
        second[row[is_second]] = self.cost[at[is_second]]
        return who, least, second

    def value(self, chosen: IntArray) -> float:
        """Return what all demand costs with some candidates."""
        return float(self.nearest(chosen)[1].sum())


@dataclass(frozen=True)
class Pairs:
    """Distances within reach, by rows, of a demand by candidates.

    Attributes
    ----------
    row, column, distance
        (k,) pairs of a demand and a candidate within reach, by rows, and their distance.
    shape
        Of the matrix: demand and candidates.
    """

    row: IntArray
    column: IntArray
    distance: FloatArray
    shape: tuple[int, int]

    def among(self, kept: BoolArray) -> Pairs:
        """Return the same with some of the pairs alone."""
        return Pairs(self.row[kept], self.column[kept], self.distance[kept], self.shape)

    def nearest_of(self, columns: IntArray) -> FloatArray:
        """Return the (m,) distance of each demand to the nearest of some candidates, or inf."""
        is_open = np.zeros(self.shape[1], bool)
        is_open[columns] = True
        at = is_open[self.column]
        nearest = np.full(self.shape[0], np.inf)
        np.minimum.at(nearest, self.row[at], self.distance[at])
        return nearest

    def check_reached(self, demand: BoolArray) -> None:
        """Raise `OutOfReach` where some of a demand has no pair.

        Raises
        ------
        OutOfReach
            With that demand.
        """
        reached = np.bincount(self.row, minlength=self.shape[0]) > 0
        if not reached[demand].all():
            raise OutOfReach(np.flatnonzero(demand & ~reached))


def pairs(distances: Distances) -> Pairs:
    """Return what is within reach.

    Parameters
    ----------
    distances
        (n_demand, n_candidates), >= 0. Of a sparse matrix what is not stored is out of reach, and
        a stored zero is a distance; in either kind an infinite distance is out of reach.

    Raises
    ------
    ValueError
        Where it is no matrix, or a distance is negative or not a number.
    """
    if sparse.issparse(distances):
        # A conversion keeps stored zeros; arithmetic on matrices might not.
        stored = sparse.csr_array(cast("Any", distances), dtype=np.float64, copy=True)
        stored.sum_duplicates()
        row = np.repeat(np.arange(stored.shape[0]), np.diff(stored.indptr))
        found = Pairs(row, stored.indices.astype(np.intp), stored.data, stored.shape)
    else:
        dense = np.asarray(distances, np.float64)
        if dense.ndim != len(("demand", "candidates")):
            raise ValueError(f"Distances of shape {dense.shape} are no matrix")
        m, n = dense.shape
        row, column = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
        found = Pairs(row, column, dense.ravel(), (m, n))
    if np.isnan(found.distance).any() or (found.distance < 0).any():
        raise ValueError("Distances must be numbers >= 0")
    return found.among(np.isfinite(found.distance))


def weights(weight: ArrayLike, m: int) -> FloatArray:
    """Return checked weights of m demands.

    Raises
    ------
    ValueError
        Where they are not m finite numbers >= 0.
    """
    values = np.asarray(weight, np.float64)
    if values.shape != (m,):
        raise ValueError(f"{m} rows of demand, but weights of shape {values.shape}")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("Weights must be finite numbers >= 0")
    return values


def asked(n: int, count: int, fixed: ArrayLike, forbidden: ArrayLike) -> tuple[IntArray, IntArray]:
    """Return which candidates are open already, and among which can be chosen.

    Parameters
    ----------
    n
        Number of candidates.
    count
        How many may be chosen.
    fixed, forbidden
        Candidates, indices or a mask. One that is fixed stays.

    Raises
    ------
    ValueError
        Where the count is negative, or no such candidates exist.
    """
    if count < 0:
        raise ValueError(f"{count} candidates cannot be chosen")
    kept = picks(fixed, n, "fixed candidates")
    never = picks(forbidden, n, "forbidden candidates")
    return kept, np.setdiff1d(np.arange(n), np.append(kept, never))
