"""Floors that no build-out can meet: which, and the best that can be had."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np

from jxgis.kernels import buildout_solver
from jxgis.kernels.buildout_problem import Buildout, Floor
from jxgis.kernels.buildout_programme import Writer
from jxgis.kernels.buildout_reduced import Reduced, reduced

EXACT = 1e-7
"""Gap to which the best of a floor is found."""

WHILE_S = 20.0
"""Seconds that this may take at least, when the time of the search is over."""


class Unmet(ValueError):  # noqa: N818 - it says which floors
    """Floors that no plan within the other limits can meet.

    Parameters
    ----------
    floors
        Indices of the floors: one that cannot be met alone, or several that cannot be met together,
        none of which can be left out.
    least
        Weight that the first of them asks for.
    best
        Where it is one: the most weight that can be served there under all other limits.
    bound
        What no plan can serve more than there; `best` where that is proven.
    """

    def __init__(self, floors: tuple[int, ...], least: float, best: float, bound: float) -> None:
        if len(floors) == 1:
            said = f"Floor {floors[0]} asks for {least:g}, and at most {bound:g} can be served"
        else:
            said = f"Floors {', '.join(map(str, floors))} cannot be met together"
        super().__init__(said)
        self.floors = floors
        self.least = least
        self.best = best
        self.bound = bound


def unmet(small: Reduced, end: float, threads: int) -> Unmet:
    """Return which floors cannot be met, of a problem that has no plan.

    What is asked of the last year alone can be built in it, so the years before are left out.
    """
    last = _last_year(small.problem)
    end = max(end, monotonic() + WHILE_S)
    for z, floor in enumerate(last.floors):
        best, bound = _most(last, floor, end, threads)
        if bound < floor.least - 1e-6 * float(last.weight[floor.rows].sum()):
            return Unmet((z,), floor.least, best, bound)
    needed = list(range(len(last.floors)))
    for z in tuple(needed):
        rest = [other for other in needed if other != z]
        if rest and _is_impossible(last, rest, end, threads):
            needed = rest
    return Unmet(tuple(needed), last.floors[needed[0]].least, float("nan"), float("nan"))


def _last_year(problem: Buildout) -> Buildout:
    return replace(
        problem,
        tiers=tuple(replace(tier, count=np.asarray(tier.count)[-1:]) for tier in problem.tiers),
        year=np.ones(1),
        budget=None if problem.budget is None else problem.budget[-1:],
        scenarios=None,
        probability=None,
        aim="expected",
    )


def _most(problem: Buildout, floor: Floor, end: float, threads: int) -> tuple[float, float]:
    """Return the most weight of a floor's demand that can be served, and its bound."""
    value = np.zeros(len(problem.weight))
    value[floor.rows] = 1.0
    alone = reduced(replace(problem, value=value, floors=()))
    model = Writer(alone).write()
    found = buildout_solver.best(model, end, threads, EXACT)
    everything = float(alone.base[0] + alone.values.sum())
    if found.values is None:
        return 0.0, min(everything, found.bound)
    got = found.values[model.shares[0]] @ alone.values[0] + alone.base[0]
    return float(got), float(min(everything, max(found.bound, got)))


def _is_impossible(problem: Buildout, floors: list[int], end: float, threads: int) -> bool:
    some = tuple(problem.floors[z] for z in floors)
    model = Writer(reduced(replace(problem, floors=some))).write()
    idle = replace(model, cost=np.zeros_like(model.cost))
    return buildout_solver.best(idle, end, threads, 1.0).status == "infeasible"
