"""Candidates that serve no more than a capacity: who is served, and the integer programme.

What some candidates serve is the greatest flow from demand to them; the weight of a demand may be
shared among those that cover it. The programme has a column for each pair, ``x``, in the unit of
the weights: ``sum_j x_ij <= w_i``, ``sum_i x_ij <= c_j y_j`` and ``x_ij <= min(w_i, c_j) y_j``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import SHORT, Cover, settled, with_candidates, with_distinct_demand
from jxgis.kernels.highs import Csr, Programme

BoolArray: TypeAlias = NDArray[np.bool_]

LOOSE = 1e-8
"""Share of a floor that a programme may lack besides, so that rounding forbids no choice."""

FLOW_SHORT = 1e-7
"""Share of a floor that a flow may lack: about what HiGHS lets a row lack."""


@dataclass(frozen=True)
class Limited:
    """A cover whose candidates serve no more than a capacity.

    Attributes
    ----------
    cover
        Who covers whom.
    limit
        (n,) weight that each column serves at most, never more than it covers.
    there
        (n,) which columns are open in any case and not counted.
    """

    cover: Cover
    limit: FloatArray
    there: BoolArray

    def is_limited(self) -> bool:
        """Tell whether any capacity matters."""
        return bool((self.limit < self.cover.potential() * (1 - SHORT)).any())


def limits(capacity: ArrayLike, n: int) -> FloatArray:
    """Return the capacities of n candidates.

    Raises
    ------
    ValueError
        Where there are not n, or one is negative or not a number.
    """
    limit = np.asarray(capacity, np.float64)
    if limit.shape != (n,):
        raise ValueError(f"{n} candidates, but capacities of shape {limit.shape}")
    if np.isnan(limit).any() or (limit < 0).any():
        raise ValueError("Capacities must be numbers >= 0")
    return limit


def limited(cover: Cover, capacity: FloatArray, fixed: IntArray, refused: IntArray) -> Limited:
    """Return a smaller problem on which every choice is worth the same.

    Parameters
    ----------
    cover
        All candidates.
    capacity
        (n,) of each.
    fixed, refused
        Columns that are open in any case, and that never are.
    """
    there = np.zeros(len(cover.candidate), bool)
    there[fixed] = True
    return shrunk(Limited(cover, capacity, there), np.empty(0, np.intp), refused)


def shrunk(asked: Limited, taken: IntArray, refused: IntArray) -> Limited:
    """Return what is left where some columns are open now and others never will be.

    Demand of an open column without a limit is served, and is left out with it; demand with the
    same candidates becomes one; candidates are left out that serve nothing.
    """
    there = asked.there.copy()
    there[taken] = True
    free = asked.limit >= asked.cover.potential() * (1 - SHORT)
    never = np.setdiff1d(refused, np.flatnonzero(there))
    done = np.flatnonzero(there & free)
    kept = np.ones(len(there), bool)
    kept[done] = kept[never] = False
    cover = with_distinct_demand(settled(asked.cover, done, never))
    limit, there = asked.limit[kept], there[kept]
    useful = np.flatnonzero((cover.potential() > 0) & (limit > 0))
    cover = with_candidates(cover, useful)
    limit, there = limit[useful], there[useful]
    rows = np.flatnonzero(np.diff(cover.matrix.indptr) > 0)
    cover = replace(
        cover, matrix=cover.matrix[rows], weight=cover.weight[rows], parts=cover.parts[:, rows]
    )
    left = Limited(cover, np.minimum(limit, cover.potential()), there)
    # What is served already may leave less to another open column than it could serve.
    again = (there & (left.limit >= cover.potential() * (1 - SHORT))).any()
    return shrunk(left, taken[:0], refused[:0]) if again else left


def flows(asked: Limited, columns: IntArray) -> Csr | None:
    """Return what some columns, and those that are there, serve of each demand: the most there is.

    Returns
    -------
    (m, n) sparse weights, or None where they cannot meet the floors.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    cover = asked.cover
    own = asked.there.copy()
    own[columns] = True
    pairs = sparse.coo_array(cover.matrix[:, np.flatnonzero(own)])
    row, column = pairs.row.astype(np.intp), np.flatnonzero(own)[pairs.col]
    if not len(row):
        met = not (cover.least > FLOW_SHORT * cover.short / SHORT).any()
        return sparse.csr_array(cover.matrix.shape) if met else None
    mean = float(cover.weight.mean())
    weight, limit = cover.weight / mean, asked.limit / mean
    edges = np.arange(len(row))
    model = _programme(
        [
            (_where(row, edges, len(weight)), -np.inf, weight),
            (_where(column, edges, len(limit)), -np.inf, limit),
            (_of_parts(cover, row), _least(cover, mean), np.inf),
        ],
        cost=np.full(len(row), -1.0),
        most=np.minimum(weight[row], limit[column]),
    )
    found = model.solve(np.inf, 1)
    if found.status == "interrupted":
        raise KeyboardInterrupt
    if found.values is None:
        return None
    served = np.clip(found.values, 0, model.most) * mean
    return sparse.csr_array((served, (row, column)), shape=cover.matrix.shape)


def _least(cover: Cover, mean: float) -> FloatArray:
    """Return what floors ask for in units of a mean weight, less what may lack."""
    return np.asarray((cover.least - FLOW_SHORT * cover.short / SHORT) / mean)


def _of_parts(cover: Cover, row: IntArray) -> Csr:
    """Return which pairs count towards each floor, by the demand of each pair."""
    return sparse.csr_array(cover.parts @ _where(row, np.arange(len(row)), len(cover.weight)))


def _where(row: IntArray, column: IntArray, n_rows: int, value: ArrayLike = 1.0) -> Csr:
    values = np.broadcast_to(np.asarray(value, float), row.shape)
    return sparse.csr_array((values, (row, column)), shape=(n_rows, len(column)))


def _programme(
    blocks: list[tuple[Csr, ArrayLike, ArrayLike]],
    cost: FloatArray,
    most: FloatArray,
    least: FloatArray | None = None,
    whole: IntArray | None = None,
) -> Programme:
    """Return a programme of blocks of rows, each with its lower and upper bounds."""
    heights = [block.shape[0] for block, _lower, _upper in blocks]
    lower = [np.broadcast_to(low, (h,)) for h, (_b, low, _u) in zip(heights, blocks, strict=True)]
    upper = [np.broadcast_to(up, (h,)) for h, (_b, _l, up) in zip(heights, blocks, strict=True)]
    return Programme(
        rows=sparse.csr_array(sparse.vstack([block for block, _lower, _upper in blocks])),
        lower=np.concatenate(lower).astype(float),
        upper=np.concatenate(upper).astype(float),
        cost=cost,
        least=np.zeros(len(cost)) if least is None else least,
        most=most,
        whole=np.zeros(len(cost), np.intp) if whole is None else whole,
    )


def programme(asked: Limited, count: int | None, cuts: list[IntArray]) -> tuple[Programme, float]:
    """Return the integer programme, and what one of its objective is worth.

    Parameters
    ----------
    asked
        The problem; what is there has a column that must be chosen and costs nothing.
    count
        How many columns may be chosen to serve the most; None for the fewest that meet the floors.
    cuts
        Choices of columns that fall short by a hair: one that is not among them must be chosen.

    Notes
    -----
    It asks for a little less than the floors, so that rounding forbids no choice that meets them.
    """
    cover = asked.cover
    pairs = sparse.coo_array(cover.matrix)
    row, column = pairs.row.astype(np.intp), pairs.col.astype(np.intp)
    m, n, size = len(cover.weight), len(asked.limit), len(pairs.row)
    mean = float(cover.weight.mean()) if m else 1.0
    weight, limit = cover.weight / mean, asked.limit / mean
    edges = np.arange(size)
    most = np.minimum(weight[row], limit[column])
    free = np.where(asked.there, 0.0, 1.0)

    def block(y: Csr | None, x: Csr | None, height: int) -> Csr:
        y = sparse.csr_array((height, n)) if y is None else y
        x = sparse.csr_array((height, size)) if x is None else x
        return sparse.csr_array(sparse.hstack([y, x]))

    opened = sparse.csr_array((most, (edges, column)), shape=(size, n))
    asks = (1 - LOOSE) * _least(cover, mean)
    blocks: list[tuple[Csr, ArrayLike, ArrayLike]] = [
        (block(None, _where(row, edges, m), m), -np.inf, weight),
        (
            block(_where(np.arange(n), np.arange(n), n, -limit), _where(column, edges, n), n),
            -np.inf,
            0.0,
        ),
        (block(-opened, _where(edges, edges, size), size), -np.inf, 0.0),
        (block(None, _of_parts(cover, row), len(asks)), asks, np.inf),
    ]
    for cut in cuts:
        other = free.copy()
        other[cut] = 0
        blocks.append((block(sparse.csr_array(other[None]), None, 1), 1.0, np.inf))
    if count is not None:
        blocks.append((block(sparse.csr_array(free[None]), None, 1), -np.inf, float(count)))
    some = (free, np.zeros(size)) if count is None else (np.zeros(n), np.full(size, -1.0))
    return _programme(
        blocks,
        cost=np.concatenate(some),
        most=np.append(np.ones(n), most),
        least=np.append(asked.there.astype(float), np.zeros(size)),
        whole=np.append(np.ones(n, np.intp), np.zeros(size, np.intp)),
    ), (1.0 if count is None else mean)
