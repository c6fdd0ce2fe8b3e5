"""HiGHS on a programme of sparse rows, which a clock or Ctrl-C ends with what it has."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic
from typing import Literal, TypeAlias

import numpy as np
from highspy import Highs, HighsModelStatus, SolutionStatus
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray

Status = Literal["optimal", "time_limit", "interrupted"]
Ended = Literal["optimal", "infeasible", "time_limit", "interrupted"]
Csr: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"

SEED = 0
"""Of the solver's random numbers."""

GAP = 1e-6
"""What is within this share of its bound is proven to be the best."""

MINIMISE, MAXIMISE = 1, -1
BY_ROW = 2

ENDED: dict[HighsModelStatus, Ended] = {
    HighsModelStatus.kOptimal: "optimal",
    HighsModelStatus.kInfeasible: "infeasible",
    HighsModelStatus.kTimeLimit: "time_limit",
    HighsModelStatus.kInterrupt: "interrupted",
}


@dataclass(frozen=True)
class Outcome:
    """What the solver found.

    Attributes
    ----------
    status
        Why it stopped; ``"infeasible"`` also where nothing is better than the cutoff.
    bound
        That no solution is below; not finite where it has none.
    values
        (n,) columns of the best solution, if there is one.
    duals
        (r,) prices of the rows, of a relaxed programme that was solved to its optimum.
    """

    status: Ended
    bound: float
    values: FloatArray | None = None
    duals: FloatArray | None = None


@dataclass(frozen=True)
class Programme:
    """The least ``cost x`` with ``lower <= rows x <= upper`` and ``least <= x <= most``.

    Attributes
    ----------
    rows, lower, upper
        (r, n) coefficients and (r,) bounds of each row.
    cost, least, most
        (n,) coefficients of the objective and bounds of each column.
    whole
        (n,) which columns must be whole numbers.
    """

    rows: Csr
    lower: FloatArray
    upper: FloatArray
    cost: FloatArray
    least: FloatArray
    most: FloatArray
    whole: IntArray

    def solve(
        self, end: float, threads: int, *, cutoff: float = np.inf, lacking: float = 0.0
    ) -> Outcome:
        """Return the best solution that there is time for.

        Parameters
        ----------
        end
            When to stop, on the clock of `time.monotonic`, seconds.
        threads
            Of the solver.
        cutoff
            Worth above which no solution is wanted.
        lacking
            How far the worth of a solution may be from the bound for both to be the same.

        Raises
        ------
        ValueError
            Where HiGHS ends otherwise than by an optimum, without a solution, by time or interrupt.
        """
        left = end - monotonic()
        if left <= 0:
            return Outcome("time_limit", -np.inf)
        if not len(self.cost):
            return self._empty()
        solver = self._passed()
        solver.setOptionValue("time_limit", left)
        solver.setOptionValue("threads", threads)
        solver.setOptionValue("mip_abs_gap", lacking)
        if self.whole.any():
            solver.setOptionValue("objective_bound", cutoff)
        run(solver)
        return self._outcome(solver)

    def _empty(self) -> Outcome:
        """Return the outcome of a programme without columns, which HiGHS does not take."""
        if (self.lower > 0).any() or (self.upper < 0).any():
            return Outcome("infeasible", -np.inf)
        return Outcome("optimal", 0.0, np.empty(0), np.zeros(len(self.lower)))

    def _passed(self) -> Highs:
        """Return a solver that holds the programme."""
        solver = silent()
        solver.setOptionValue("random_seed", SEED)
        solver.setOptionValue("mip_rel_gap", GAP / 10)
        n_rows, n_columns = self.rows.shape
        solver.passModel(
            n_columns,
            n_rows,
            self.rows.nnz,
            BY_ROW,
            MINIMISE,
            0.0,
            self.cost,
            self.least,
            self.most,
            self.lower,
            self.upper,
            self.rows.indptr.astype(np.int32),
            self.rows.indices.astype(np.int32),
            self.rows.data,
            self.whole.astype(np.int32),
        )
        return solver

    def _outcome(self, solver: Highs) -> Outcome:
        model_status, info = solver.getModelStatus(), solver.getInfo()
        if model_status not in ENDED:
            raise ValueError(f"HiGHS ended with {model_status.name}")
        status, whole = ENDED[model_status], bool(self.whole.any())
        bound = info.mip_dual_bound if whole else info.objective_function_value
        if status == "infeasible" or (not whole and status != "optimal"):
            return Outcome(status, -np.inf)
        if info.primal_solution_status != SolutionStatus.kSolutionStatusFeasible:
            return Outcome(status, bound)
        found = solver.getSolution()
        duals = None if whole else np.asarray(found.row_dual)
        return Outcome(status, bound, np.asarray(found.col_value), duals)


class _Silent(Highs):
    """HiGHS, silent from its first line on, which it prints when its maker enables callbacks."""

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's own name
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def silent() -> Highs:
    """Return a solver that prints nothing."""
    return _Silent()  # type: ignore[no-untyped-call]


def run(solver: Highs) -> None:
    """Run a solver, which Ctrl-C ends with what it has.

    It runs in a thread of its own, since a signal reaches Python only between its instructions.
    Its maker's own way to do so shares one lock among all solvers, which a signal at the wrong
    moment leaves locked, so that each later one waits for ever.
    """
    solver.HandleUserInterrupt = True
    ended, ready = Event(), Lock()
    ready.acquire()

    def work() -> None:
        try:
            super(Highs, solver).run()
            Highs.resetThreadScheduler(False)  # noqa: FBT003 - HiGHS names no parameter
        finally:
            ended.set()
            ready.release()

    Thread(target=work, daemon=True).start()
    while not ended.is_set():
        try:
            ready.acquire(timeout=0.1)
        except KeyboardInterrupt:
            solver.cancelSolve()  # type: ignore[no-untyped-call]
