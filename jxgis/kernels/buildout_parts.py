"""Kinds of station that only money or power ties to each other, and what each can add at most.

A part of the tiers shares demand or a floor with no other part. The relaxed programme's prices of
the shared limits say what a part must pay for what it uses; the most that a part can add beyond
that, found in whole numbers, is a row that holds for every plan (Lagrangian decomposition, Guignard
and Kim 1987). Where a part is small that is found at once, and it brings the relaxed programme
as near to the best plan as branching over the small part within the whole would.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from jxgis.kernels import buildout_solver
from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_reduced import BoolArray, Reduced
from jxgis.kernels.buildout_rows import Programme
from jxgis.kernels.buildout_solver import Outcome

SMALL = 100
"""Candidates that a part has at most."""

PART = 0.1
"""Of the time that is left, what the search for the most that a part adds may take."""

SURELY = 1e-7
"""Share of the bound by which what is found is made larger, so that rounding forbids no plan."""


def tightened(
    small: Reduced, model: Programme, lp: Outcome, end: float, threads: int, gap: float
) -> tuple[Programme, float]:
    """Return a programme with a row for each small part, and the bound that they leave.

    Parameters
    ----------
    small
        The reduced problem.
    model, lp
        Its programme, with all rows that made the relaxed solution.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.
    gap
        That the plan is to have in the end.
    """
    bound = lp.bound
    if lp.values is None or lp.duals is None or small.problem.aim == "worst":
        return model, bound
    part = parts(small)
    if not part.any():
        return model, bound
    shared = [row.row for row in model.limits if row.kind in ("budget", "feeder")]
    prices = np.zeros(model.rows.shape[0])
    prices[shared] = np.abs(lp.duals[shared])
    worth = model.cost - np.asarray(model.rows.T @ prices)
    for one in np.unique(part):
        mine = _columns(small, model, part == one)
        if sum(len(small.kept[k]) for k in np.flatnonzero(part == one)) > SMALL:
            continue
        own = np.where(mine, worth, 0.0)
        alone = replace(model, cost=own, offset=0.0, most=np.where(mine, model.most, 0.0))
        stop = monotonic() + PART * max(end - monotonic(), 0.0)
        found = buildout_solver.best(_without_floors(alone), stop, threads, gap / 10)
        if found.status == "interrupted":
            break
        most = found.bound + SURELY * abs(bound)
        saved = float(own @ lp.values) * model.unit - most
        if saved > 0:
            bound -= saved
            model = _with_row(model, own, most / model.unit)
    return model, bound


def parts(small: Reduced) -> IntArray:
    """Return (K,) the part of each tier."""
    tiers = len(small.covers)
    serves = np.zeros((tiers, len(small.weight)), bool)
    for k, covers in enumerate(small.covers):
        serves[k] = np.diff(covers.indptr) > 0
    tied = serves[:, np.diff(small.stock.indptr) > 0].any(axis=1)
    floored = np.where(small.floors > 0, 1.0, 0.0) @ serves.T
    ties = np.vstack([serves.T, floored, np.atleast_2d(tied)]).astype(np.float64)
    return np.asarray(connected_components(sparse.csr_array(ties.T @ ties))[1], np.intp)


def _columns(small: Reduced, model: Programme, tiers: BoolArray) -> BoolArray:
    """Return (c,) which columns are of some tiers and of the demand that they reach."""
    mine = np.zeros(len(model.cost), bool)
    served = np.zeros(len(small.weight), bool)
    for k in np.flatnonzero(tiers):
        piles = model.piles[k]
        mine[model.stations[k]] = True
        if piles is not None:
            mine[piles] = True
        served |= np.diff(small.covers[k].indptr) > 0
    mine[model.shares[:, served]] = True
    # Flows from stations that there are serve any part.
    mine[model.flow] = (model.host < 0) | mine[model.host]
    return mine


def _without_floors(model: Programme) -> Programme:
    """Return a programme without floors, which the tiers of a part alone may not meet."""
    upper = model.upper.copy()
    upper[[row.row for row in model.limits if row.kind == "floor"]] = np.inf
    return replace(model, upper=upper)


def _with_row(model: Programme, row: FloatArray, most: float) -> Programme:
    below = sparse.csr_array(row[None])
    return replace(
        model,
        rows=sparse.csr_array(sparse.vstack([model.rows, below])),
        lower=np.append(model.lower, -np.inf),
        upper=np.append(model.upper, most),
    )
