"""Covering problems as integer programmes, solved by HiGHS.

The columns are ``y``, one a candidate, then ``z``, one a demand; the rows say that a demand is
covered by no more than what is chosen of its candidates (``A y - z >= 0``), and then what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from highspy import Highs, HighsModelStatus, SolutionStatus
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import HAIR, Cover, Csr
from jxgis.kernels.highs import (
    BY_ROW,
    GAP,
    MAXIMISE,
    MINIMISE,
    SEED,
    Status,
    run,
    silent,
)

ALMOST_ONE = 0.999
"""Whole numbers whose bounds are nearer to them than this are optimal."""

LOOSE = 1e-8
"""Share of a reach that a programme may lack, so that rounding forbids no choice."""

DROPPED = 1e-9
"""HiGHS takes coefficients up to this for zero."""


@dataclass(frozen=True)
class Answer:
    """What the solver found.

    Attributes
    ----------
    status
        Why it stopped.
    bound
        That no solution is beyond; not finite where it has none, or where there is no solution.
    chosen
        Columns that the best solution chooses, ascending, if there is one.
    """

    status: Status
    bound: float
    chosen: IntArray | None = None


@dataclass(frozen=True)
class Programme:
    """A linear programme whose first columns are whole numbers.

    Attributes
    ----------
    rows, lower, upper
        (r, n + m) coefficients and (r,) bounds of each row.
    cost
        (n + m,) coefficients of the objective.
    candidates
        n, the number of columns ``y``.
    sense
        `MINIMISE` or `MAXIMISE`.
    unit
        What one of the objective is worth.
    """

    rows: Csr
    lower: FloatArray
    upper: FloatArray
    cost: FloatArray
    candidates: int
    sense: int
    unit: float = 1.0

    def requiring(self, some: FloatArray) -> Programme:
        """Return the same programme where one of some columns (not zero) must be chosen."""
        row = np.zeros(len(self.cost))
        row[: self.candidates] = some != 0
        return replace(
            self,
            rows=_stacked(self.rows, row),
            lower=np.append(self.lower, 1.0),
            upper=np.append(self.upper, np.inf),
        )

    def solve(self, end: float, threads: int, start: IntArray | None = None) -> Answer:
        """Return the best solution that there is time for.

        Parameters
        ----------
        end
            When to stop, on the clock of `time.monotonic`, seconds.
        threads
            Of the solver.
        start
            Columns of a choice that is known to be possible.

        Raises
        ------
        ValueError
            Where HiGHS ends otherwise than by an optimum, the time or an interrupt.
        """
        left = end - monotonic()
        if left <= 0:
            return Answer("time_limit", -self.sense * np.inf)
        if not len(self.cost):  # HiGHS takes none without columns
            if (self.lower > 0).any():
                return Answer("optimal", self.sense * np.inf)
            return Answer("optimal", 0.0, np.empty(0, np.intp))
        solver = self._passed()
        solver.setOptionValue("time_limit", left)
        solver.setOptionValue("threads", threads)
        if start is not None:
            values = np.zeros(len(self.cost))
            values[start] = 1
            demand = len(values) - self.candidates
            values[self.candidates :] = np.minimum(np.asarray(self.rows[:demand] @ values), 1)
            columns = np.arange(len(values), dtype=np.int32)
            solver.setSolution(len(values), columns, values)
        run(solver)
        return self._answer(solver)

    def _passed(self) -> Highs:
        """Return a solver that holds the programme."""
        solver = silent()
        solver.setOptionValue("random_seed", SEED)
        if self.sense == MINIMISE:
            solver.setOptionValue("mip_rel_gap", 0.0)
            solver.setOptionValue("mip_abs_gap", ALMOST_ONE)
        else:
            solver.setOptionValue("mip_rel_gap", GAP)
        n_rows, n_columns = self.rows.shape
        integer = np.zeros(n_columns, np.int32)
        integer[: self.candidates] = 1
        solver.passModel(
            n_columns,
            n_rows,
            self.rows.nnz,
            BY_ROW,
            self.sense,
            0.0,
            self.cost,
            np.zeros(n_columns),
            np.ones(n_columns),
            self.lower,
            self.upper,
            self.rows.indptr.astype(np.int32),
            self.rows.indices.astype(np.int32),
            self.rows.data,
            integer,
        )
        return solver

    def _answer(self, solver: Highs) -> Answer:
        ended: dict[HighsModelStatus, Status] = {
            HighsModelStatus.kOptimal: "optimal",
            HighsModelStatus.kTimeLimit: "time_limit",
            HighsModelStatus.kInterrupt: "interrupted",
        }
        model_status, info = solver.getModelStatus(), solver.getInfo()
        if model_status == HighsModelStatus.kInfeasible:
            return Answer("optimal", self.sense * np.inf)
        if model_status not in ended:
            raise ValueError(f"HiGHS ended with {model_status.name}")
        chosen = None
        if info.primal_solution_status == SolutionStatus.kSolutionStatusFeasible:
            values = np.asarray(solver.getSolution().col_value[: self.candidates])
            chosen = np.flatnonzero(values > 1 / 2)
        return Answer(ended[model_status], info.mip_dual_bound * self.unit, chosen)


def fewest(cover: Cover) -> Programme:
    """Return the programme of the fewest columns that meet the floors, or a little less.

    It forbids no choice that meets them, so its bound holds; a choice that it finds may fall short
    by `LOOSE`, what HiGHS drops, and what a row may lack (1e-6 of a mean weight).
    """
    rows, _weight, mean = _covering(cover)
    candidates = len(cover.candidate)
    asked, least = _floors(cover, mean)
    return Programme(
        rows=sparse.csr_array(sparse.vstack([rows, asked])),
        lower=np.append(np.zeros(rows.shape[0]), least),
        upper=np.full(rows.shape[0] + len(least), np.inf),
        cost=np.append(np.ones(candidates), np.zeros(rows.shape[0])),
        candidates=candidates,
        sense=MINIMISE,
    )


def most(cover: Cover, count: int) -> Programme:
    """Return the programme of the most weight that some columns cover that meet the floors."""
    rows, weight, mean = _covering(cover)
    candidates = len(cover.candidate)
    asked, least = _floors(cover, mean)
    few = np.append(np.ones(candidates), np.zeros(len(weight)))
    return Programme(
        rows=_stacked(sparse.csr_array(sparse.vstack([rows, asked])), few),
        lower=np.concatenate([np.zeros(len(weight)), least, [0.0]]),
        upper=np.append(np.full(len(weight) + len(least), np.inf), float(count)),
        cost=np.append(np.zeros(candidates), weight),
        candidates=candidates,
        sense=MAXIMISE,
        unit=mean,
    )


def _floors(cover: Cover, mean: float) -> tuple[Csr, FloatArray]:
    """Return a row for each floor, and what is asked of it, in units of the mean weight."""
    weight = cover.weight / mean
    dropped = weight <= DROPPED
    of_part = cover.parts @ sparse.diags_array(np.where(dropped, 0, weight))
    nothing = sparse.csr_array((len(cover.least), len(cover.candidate)))
    rows: Csr = sparse.csr_array(sparse.hstack([nothing, of_part]))
    rows.eliminate_zeros()
    lost = cover.parts @ np.where(dropped, weight, 0) if len(cover.least) else 0.0
    least = (1 - LOOSE) * cover.least - (1 + HAIR) * cover.short
    return rows, least / mean - lost


def _covering(cover: Cover) -> tuple[Csr, FloatArray, float]:
    """Return the rows of all demand, and its weight in units of the mean, and that."""
    mean = float(cover.weight.mean()) if len(cover.weight) else 1.0
    demand = sparse.eye_array(len(cover.weight))
    return sparse.csr_array(sparse.hstack([cover.matrix, -demand])), cover.weight / mean, mean


def _stacked(rows: Csr, row: FloatArray) -> Csr:
    below: Csr = sparse.csr_array(row[None])
    return sparse.csr_array(sparse.vstack([rows, below]))
