"""The programme of a build-out, solved by HiGHS: as it is, relaxed, or for a plan that is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from highspy import Highs, HighsModelStatus, SolutionStatus
from scipy import sparse

from jxgis.kernels import highs
from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_rows import Programme
from jxgis.kernels.highs import SEED, Ended

MAXIMISE = -1

INTERIOR = 20_000
"""Relaxed programmes with more columns than this are solved by interior points: the faster way."""

FREE = 1e-9
"""Price below which a row is of no account."""

Units = list[IntArray]


@dataclass(frozen=True)
class Outcome:
    """What HiGHS found.

    Attributes
    ----------
    status
        Why it stopped.
    bound
        That no plan is above, in the unit of the objective; not finite where there is none.
    values
        (c,) columns of the best solution, if there is one.
    duals, reduced_costs
        (r,) price of each row and (c,) what each column would add beyond it, of a relaxed programme
        that was solved to its optimum.
    """

    status: Ended
    bound: float
    values: FloatArray | None = None
    duals: FloatArray | None = None
    reduced_costs: FloatArray | None = None


def passed(model: Programme, least: FloatArray, most: FloatArray, *, whole: bool) -> Highs:
    """Return a solver that holds a programme between other bounds of its columns."""
    solver = highs.silent()
    solver.setOptionValue("random_seed", SEED)
    n_rows, n_columns = model.rows.shape
    solver.passModel(
        n_columns,
        n_rows,
        model.rows.nnz,
        highs.BY_ROW,
        MAXIMISE,
        model.offset,
        model.cost,
        least,
        most,
        model.lower,
        model.upper,
        model.rows.indptr.astype(np.int32),
        model.rows.indices.astype(np.int32),
        model.rows.data,
        model.whole * np.int32(whole),
    )
    return solver


def best(
    model: Programme,
    end: float,
    threads: int,
    gap: float,
    *,
    start: Units | None = None,
    least: FloatArray | None = None,
    most: FloatArray | None = None,
    effort: float | None = None,
) -> Outcome:
    """Return the best plan that there is time for.

    Parameters
    ----------
    model
        The programme.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.
    gap
        Share of the objective by which it may be below the bound.
    start
        Units of a plan that is possible.
    least, most
        (c,) other bounds of the columns.
    effort
        Share of the time for heuristics; None leaves it to HiGHS.

    Raises
    ------
    ValueError
        Where HiGHS ends otherwise than by an optimum, without a plan, by the time or an interrupt.
    """
    if end <= monotonic():
        return Outcome("time_limit", np.inf)
    least = np.zeros(len(model.cost)) if least is None else least
    solver = passed(model, least, model.most if most is None else most, whole=True)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 0.0)
    solver.setOptionValue("threads", threads)
    if effort is not None:
        solver.setOptionValue("mip_heuristic_effort", effort)
    if start is not None:
        columns, values = planned(model, start)
        solver.setSolution(len(columns), columns.astype(np.int32), values)
    return ended(model, solver, end, whole=True)


def relaxed(model: Programme, end: float, threads: int) -> tuple[Outcome, Programme]:
    """Return the relaxed programme's solution, and the programme with the rows that make it so.

    These are the rows ``f <= y``, of which those are left out that have no price.
    """
    if end <= monotonic():
        return Outcome("time_limit", np.inf), model
    pairs, before = np.flatnonzero(model.host >= 0), model.rows.shape[0]
    tight = within(model, pairs)
    solver = passed(tight, np.zeros(len(model.cost)), model.most, whole=False)
    solver.setOptionValue("threads", threads)
    if len(model.cost) > INTERIOR:
        solver.setOptionValue("solver", "ipm")
    found = ended(tight, solver, end, whole=False)
    if found.duals is None:
        return found, model
    dear = np.abs(found.duals[before:]) > FREE
    return replace(found, duals=found.duals[:before]), within(model, pairs[dear])


def within(model: Programme, pairs: IntArray) -> Programme:
    """Return a programme with the rows ``f <= y`` of some pairs."""
    row, one = np.arange(len(pairs)), np.ones(len(pairs))
    columns = np.concatenate([model.flow[pairs], model.host[pairs]])
    below = sparse.csr_array(
        (np.concatenate([one, -one]), (np.tile(row, 2), columns)), (len(pairs), len(model.cost))
    )
    return replace(
        model,
        rows=sparse.csr_array(sparse.vstack([model.rows, below])),
        lower=np.append(model.lower, -np.inf * one),
        upper=np.append(model.upper, 0 * one),
    )


def used(model: Programme, units: Units, end: float, threads: int) -> Outcome:
    """Return the best use of a plan that is given, without the floors if it cannot meet them.

    There is none if it breaks another limit.
    """
    columns, values = planned(model, units)
    least, most = np.zeros(len(model.cost)), model.most.copy()
    least[columns] = most[columns] = values
    solver = passed(model, least, most, whole=False)
    solver.setOptionValue("threads", threads)
    found = ended(model, solver, end, whole=False)
    floors = [row.row for row in model.limits if row.kind == "floor"]
    if found.status != "infeasible" or not np.isfinite(model.upper[floors]).any():
        return found
    upper = model.upper.copy()
    upper[floors] = np.inf
    return used(replace(model, upper=upper), units, end, threads)


def planned(model: Programme, units: Units) -> tuple[IntArray, FloatArray]:
    """Return the columns that say what is built, and their values for a plan."""
    columns, values = [np.empty(0, np.intp)], [np.empty(0)]
    for stations, piles, number in zip(model.stations, model.piles, units, strict=True):
        columns.append(stations.ravel())
        values.append((number.ravel() > 0).astype(np.float64))
        if piles is not None:
            columns.append(piles.ravel())
            values.append(number.ravel().astype(np.float64))
    return np.concatenate(columns), np.concatenate(values)


def plan(model: Programme, values: FloatArray, fewest: list[int]) -> Units:
    """Return the (T, n) units of each tier that a solution has built."""
    units = []
    for stations, piles, least in zip(model.stations, model.piles, fewest, strict=True):
        built = values[stations] > 1 / 2
        number = np.rint(values[stations] if piles is None else values[piles]).astype(np.intp)
        units.append(np.where(built, least if piles is None else number, 0))
    return units


def ended(model: Programme, solver: Highs, end: float, *, whole: bool) -> Outcome:
    """Return what a solver that holds a programme finds until a time.

    Raises
    ------
    ValueError
        Where HiGHS ends otherwise than by an optimum, without a plan, by the time or an interrupt.
    """
    solver.setOptionValue("time_limit", max(end - monotonic(), 0.01))
    highs.run(solver)
    model_status, info = solver.getModelStatus(), solver.getInfo()
    if model_status == HighsModelStatus.kUnboundedOrInfeasible:
        model_status = HighsModelStatus.kInfeasible
    if model_status not in highs.ENDED:
        raise ValueError(f"HiGHS ended with {model_status.name}")
    status = highs.ENDED[model_status]
    if status == "infeasible" or (not whole and status != "optimal"):
        return Outcome(status, np.inf)
    bound = float(info.mip_dual_bound if whole else info.objective_function_value) * model.unit
    if info.primal_solution_status != SolutionStatus.kSolutionStatusFeasible:
        return Outcome(status, bound)
    found = solver.getSolution()
    values = np.asarray(found.col_value)
    if whole:
        return Outcome(status, bound, values)
    return Outcome(status, bound, values, np.asarray(found.row_dual), np.asarray(found.col_dual))
