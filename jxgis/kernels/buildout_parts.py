"""Kinds of station that only money or power ties to the rest, decided in whole numbers first.

A few depots or stations at expressways cost as much as many piles, so that a budget which pays for
a part of one leaves the relaxed programme far from any plan. Where they share no demand, floor or
number with the rest, what the rest can add is a concave function of the money and power that they
leave; each relaxed programme of the rest gives a line above it by its prices (Benders 1962). A
small programme of the few in whole numbers under these lines is the bound of all plans, and its
solution shows what to build of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from highspy import Highs
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from jxgis.kernels import buildout_solver
from jxgis.kernels.arcs import FloatArray
from jxgis.kernels.buildout_reduced import BoolArray
from jxgis.kernels.buildout_rows import Programme
from jxgis.kernels.buildout_solver import Outcome
from jxgis.kernels.covers import Csr

SMALL = 400
"""Columns in whole numbers that a part has at most."""

ROUNDS = 60
"""Relaxed programmes of the rest at most."""

PART = 0.5
"""Of the time that is left, what this may take."""

SURELY = 1e-7
"""Share of the bound by which what is found is made larger, so that rounding forbids no plan."""

WHOLE = 1e-6
"""What differs from a whole number by less is one."""

SHARED = ("budget", "feeder")


@dataclass(frozen=True)
class Decided:
    """What small parts in whole numbers and the relaxed rest add at most.

    Attributes
    ----------
    bound
        That no plan is above.
    values
        (c,) columns of the best such solution that was found, None where none was.
    """

    bound: float
    values: FloatArray | None = None


def decided(model: Programme, lp: Outcome, end: float, threads: int, gap: float) -> Decided:
    """Return the bound with small parts in whole numbers.

    Parameters
    ----------
    model, lp
        The programme, with all rows that made the relaxed solution, and that.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.
    gap
        Share of the bound to which it is found.
    """
    found = Decided(lp.bound)
    small = few(model)
    if lp.values is None or not small.any():
        return found
    parted = lp.values[small & (model.whole > 0)]
    if np.abs(parted - np.rint(parted)).max(initial=0.0) < WHOLE:
        return replace(found, values=lp.values)
    end = monotonic() + PART * max(end - monotonic(), 0.0)
    rest, master = _Rest(model, small, threads), _Master(model, small)
    few_values, best = lp.values[small], -np.inf
    for turn in range(ROUNDS):
        line = rest.line(few_values, end)
        if line is None:
            break
        # The first one is not in whole numbers.
        value = (float(model.cost[small] @ few_values) + line.value + model.offset) * model.unit
        if turn and value > best:
            values = np.empty(len(model.cost))
            values[small], values[~small] = few_values, line.values
            found, best = replace(found, values=values), value
        if best >= found.bound * (1 - gap):
            break
        master.add(line)
        top = buildout_solver.best(master.programme(), end, threads, gap / 10)
        if top.values is None or top.status != "optimal":
            break
        found = replace(found, bound=min(found.bound, top.bound + SURELY * abs(top.bound)))
        few_values = np.where(master.whole, np.rint(top.values[:-1]), top.values[:-1])
    return found


def few(model: Programme) -> BoolArray:
    """Return (c,) which columns are of a small part of the programme, the largest excepted."""
    apart = model.rows[np.flatnonzero(~_shared(model))]
    size = apart.shape
    graph = sparse.block_array(
        [[None, apart], [sparse.csr_array((size[1], size[0])), None]], format="csr"
    )
    part = connected_components(graph, directed=False)[1][size[0] :]
    sizes = np.bincount(part, weights=model.whole)
    small = (sizes > 0) & (sizes <= SMALL) & (np.arange(len(sizes)) != np.argmax(sizes))
    return np.asarray(small[part])


def _shared(model: Programme) -> BoolArray:
    """Return (r,) which rows hold money or power."""
    shared = np.zeros(model.rows.shape[0], bool)
    shared[[row.row for row in (*model.limits, *model.sharper) if row.kind in SHARED]] = True
    return shared


@dataclass(frozen=True)
class Line:
    """What the rest can add at most: ``value - prices @ (more of each shared limit taken)``.

    Attributes
    ----------
    value
        Where the small parts take what was asked.
    prices, taken
        (L,) of each shared limit, and what of it the small parts take there.
    values
        Columns of the rest.
    """

    value: float
    prices: FloatArray
    taken: FloatArray
    values: FloatArray


class _Rest:
    """The relaxed programme of all but the small parts, which take of the shared limits."""

    def __init__(self, model: Programme, small: BoolArray, threads: int) -> None:
        rows: Csr = sparse.csr_array(model.rows[:, np.flatnonzero(~small)])
        shared = _shared(model)
        kept = np.flatnonzero((np.diff(rows.indptr) > 0) | shared)
        self.taking: Csr = sparse.csr_array(model.rows[np.flatnonzero(shared)][:, small])
        self.own = np.flatnonzero(shared[kept])
        self.upper = model.upper[shared]
        part = replace(
            model,
            rows=sparse.csr_array(rows[kept]),
            lower=model.lower[kept],
            upper=model.upper[kept],
            cost=model.cost[~small],
            whole=model.whole[~small],
            offset=0.0,
        )
        most = model.most[~small]
        self.solver: Highs = buildout_solver.passed(part, np.zeros(len(most)), most, whole=False)
        self.solver.setOptionValue("threads", threads)
        self.alone = replace(part, unit=1.0)

    def line(self, few_values: FloatArray, end: float) -> Line | None:
        """Return the line above what the rest adds; None where there is no time or no plan."""
        if end <= monotonic():
            return None
        taken = np.asarray(self.taking @ few_values)
        for row, most in zip(self.own.tolist(), (self.upper - taken).tolist(), strict=True):
            self.solver.changeRowBounds(row, -np.inf, most)
        found = buildout_solver.ended(self.alone, self.solver, end, whole=False)
        if found.values is None or found.duals is None:
            return None
        return Line(found.bound, np.abs(found.duals[self.own]), taken, found.values)


class _Master:
    """The small parts in whole numbers, and one more column: what the rest adds."""

    def __init__(self, model: Programme, small: BoolArray) -> None:
        rows: Csr = sparse.csr_array(model.rows[:, np.flatnonzero(small)])
        shared = _shared(model)
        kept = np.flatnonzero(np.diff(rows.indptr) > 0)
        self.model, self.small = model, small
        self.whole: BoolArray = model.whole[small] > 0
        self.taking: Csr = sparse.csr_array(rows[np.flatnonzero(shared)])
        self.rows = [
            sparse.csr_array(
                sparse.hstack([sparse.csr_array(rows[kept]), sparse.csr_array((len(kept), 1))])
            )
        ]
        self.lower, self.upper = [model.lower[kept]], [model.upper[kept]]

    def add(self, line: Line) -> None:
        """Let the rest add no more than a line says."""
        row = np.append(np.asarray(self.taking.T @ line.prices), 1.0)
        self.rows.append(sparse.csr_array(row[None]))
        self.lower.append(np.array([-np.inf]))
        self.upper.append(np.array([line.value + float(line.prices @ line.taken)]))

    def programme(self) -> Programme:
        """Return the programme with all lines so far."""
        model, small = self.model, self.small
        return replace(
            model,
            rows=sparse.csr_array(sparse.vstack(self.rows)),
            lower=np.concatenate(self.lower),
            upper=np.concatenate(self.upper),
            cost=np.append(model.cost[small], 1.0),
            most=np.append(model.most[small], np.inf),
            whole=np.append(model.whole[small], np.int32(0)),
        )
