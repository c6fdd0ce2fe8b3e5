"""Good medians without proof: greedy, then exchanges of one candidate for another."""

from __future__ import annotations

from time import monotonic

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import IntArray
from jxgis.kernels.serving import Costs

TINY = 1e-12
"""An exchange that saves less than this share of the cost saves nothing."""


def greedy(costs: Costs, count: int, end: float = np.inf) -> IntArray:
    """Return candidates, each of which saves the most after those before it.

    Parameters
    ----------
    costs
        Of serving each demand.
    count
        How many to pick at most. It ends early where no candidate saves anything.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    """
    least, picks = costs.base.copy(), np.empty(0, np.intp)
    while len(picks) < count and len(costs.row) and monotonic() < end:
        saving = np.bincount(costs.column, least[costs.row] - costs.cost, costs.columns)
        best = int(np.argmax(saving))
        own = costs.column == best
        least[costs.row[own]] = np.minimum(least[costs.row[own]], costs.cost[own])
        picks = np.append(picks, best)
        # What no longer saves anything never will.
        costs = costs.only(costs.cost < least[costs.row])
    return np.sort(picks)


def swapped(costs: Costs, chosen: IntArray, end: float = np.inf) -> IntArray:
    """Return a choice of as many candidates that no exchange of one for another makes cheaper.

    Parameters
    ----------
    costs
        Of serving each demand.
    chosen
        Candidates.
    end
        When to stop, on the clock of `time.monotonic`, seconds.

    Notes
    -----
    The best exchange is made until none saves anything (Teitz and Bart 1968). To give *r* for *c*
    saves ``gain[c] - loss[r] + extra[r, c]`` (Resende and Werneck 2007, "A fast swap-based local
    search procedure for location problems", after Whitaker 1983): what is nearer to *c*, less what
    must leave *r* for its next one, but for that of it which *c* serves better than the next one.
    """
    chosen = np.sort(chosen)
    value = costs.value(chosen)
    while len(chosen) and monotonic() < end:
        saving, out, into = best_exchange(costs, chosen)
        other = np.sort(np.append(np.delete(chosen, out), into))
        # What is saved is a difference of sums that may be much larger than it: it could go round.
        if saving <= 0 or (now := costs.value(other)) >= value:
            break
        chosen, value = other, now
    return chosen


def best_exchange(costs: Costs, chosen: IntArray) -> tuple[float, int, int]:
    """Return what the best exchange saves, the place in the choice that leaves, and who comes.

    Zero is saved where it is no more than `TINY`.
    """
    who, least, second = costs.nearest(chosen)
    place = np.full(costs.columns + 1, -1)  # the last one is nobody's
    place[chosen] = np.arange(len(chosen))
    mine = place[who]
    loss = np.bincount(mine[mine >= 0], (second - least)[mine >= 0], len(chosen))
    near = costs.cost < second[costs.row]
    row, column, cost = costs.row[near], costs.column[near], costs.cost[near]
    gain = np.bincount(column, np.maximum(least[row] - cost, 0), costs.columns)
    served = mine[row] >= 0
    row, column, cost = row[served], column[served], cost[served]
    extra = second[row] - np.maximum(cost, least[row])
    shape = (len(chosen), costs.columns)
    shared = sparse.coo_array(sparse.csr_array((extra, (mine[row], column)), shape=shape))
    out = np.append(shared.row, np.argmin(loss))
    into = np.append(shared.col, np.argmax(gain))
    saving = gain[into] - loss[out] + np.append(shared.data, 0.0)
    best = int(np.argmax(saving))
    worth = float(saving[best])
    is_tiny = worth <= TINY * max(least.sum(), gain[into[best]])
    return 0.0 if is_tiny else worth, int(out[best]), int(into[best])
