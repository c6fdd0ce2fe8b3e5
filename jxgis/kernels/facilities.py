"""The fewest facilities that cover enough, and the most that some facilities cover, with proof.

Both are integer programmes over the same variables: ``y`` says whether a candidate is chosen, and
``z``, which need not be integer, how much of a demand is covered: ``z_i <= sum_j A_ij y_j``.

- `fewest`: least ``sum y`` with ``sum w z >= reach`` (partial set cover),
- `most`: greatest ``sum w z`` with ``sum y <= count`` (maximal cover, Church and ReVelle 1974).

They are made small (`merged`), begun from a choice that is good already, and solved by HiGHS
(Huangfu and Hall 2018). That choice is the better of two, both improved by exchanges: what `greedy`
picks, and the candidates of which the relaxation chooses the largest parts.
"""

from __future__ import annotations

import math
from time import monotonic

import numpy as np
from numpy.typing import ArrayLike

from jxgis.kernels import programme
from jxgis.kernels.arcs import IntArray
from jxgis.kernels.covers import (
    Cover,
    Matrix,
    fewer,
    floor,
    greedy,
    leading,
    merged,
    picked,
    swapped,
    trimmed,
)
from jxgis.kernels.programme import GAP, LOOSE, Answer, Status
from jxgis.kernels.solution import Solution

__all__ = ["Cover", "Solution", "Unreachable", "fewest", "greedy", "merged", "most"]

WHOLE = 1e-6
"""A bound on a whole number is rounded up unless it is above one by less than this."""


class Unreachable(ValueError):  # noqa: N818 - it says what the reach is
    """All candidates together cover less than was asked for.

    Parameters
    ----------
    reachable
        What they cover.
    """

    def __init__(self, reachable: float) -> None:
        super().__init__(f"All candidates together cover {reachable:g}, which is not enough")
        self.reachable = reachable


def fewest(
    covers: Matrix, weight: ArrayLike, reach: float, *, time_limit_s: float, threads: int = 2
) -> Solution:
    """Return the fewest candidates that cover a weight.

    Parameters
    ----------
    covers
        (n_demand, n_candidates) sparse; not zero where a candidate covers a demand.
    weight
        (n_demand,) finite weights >= 0, in any unit.
    reach
        Weight to cover; a part of 1e-9 may lack.
    time_limit_s
        For the proof, seconds; some more pass before it and until HiGHS looks at its clock. When it
        ends, or on Ctrl-C during it, the best choice so far is returned. Only an answer that is
        ``"optimal"`` is the same each time.
    threads
        Of the solver.

    Raises
    ------
    Unreachable
        If all candidates do not cover so much.
    ValueError
        Where weights do not fit the matrix, are negative or not finite.

    Notes
    -----
    HiGHS lets a row lack 1e-6, so a set that falls short might pass. Weights are divided by their
    mean, which makes that a small share; the programme's reach is `LOOSE` lower still, so that it
    forbids no set that reaches, and its bound holds. Each set it finds is held against the true
    weights. If it falls short, whatever reaches must cover something that the set does not: *one
    of the candidates of that demand* becomes a row, which forbids the set and nothing that
    reaches, and the programme is solved again.
    """
    if math.isnan(reach):
        raise ValueError("The weight to cover is not a number")
    cover, end = merged(covers, weight), monotonic() + time_limit_s
    least, total = floor(reach), float(cover.weight.sum())
    if total < least:
        raise Unreachable(total)
    if reach <= 0:
        return _solution(cover, np.empty(0, np.intp), (0, 0, 0), "optimal")
    best = fewer(cover, picked(cover, reach, None), least)
    largest = np.cumsum(-np.sort(-cover.potential()))
    bound = lp_bound = int(np.searchsorted(largest, least * (1 - LOOSE))) + 1
    model, answer = programme.fewest(cover, reach), Answer("optimal", bound)
    if bound < len(best):
        answer = model.relaxed().solve(end, threads)
        bound = lp_bound = max(bound, _rounded(answer.bound))
    if answer.chosen is not None and bound < len(best):
        other = fewer(cover, leading(cover, answer.chosen, least), least)
        best = other if len(other) < len(best) and cover.covered(other) >= least else best
    while answer.status == "optimal" and bound < len(best):
        answer = model.solve(end, threads, start=best)
        bound = max(bound, _rounded(answer.bound))
        if answer.chosen is None:
            break
        if cover.covered(answer.chosen) >= least:
            best = min(best, trimmed(cover, answer.chosen, least), key=len)
            break
        model = model.requiring(cover, answer.chosen)
    status = "optimal" if bound >= len(best) else answer.status
    return _solution(cover, best, (len(best), min(bound, len(best)), lp_bound), status)


def _rounded(bound: float) -> int:
    return math.ceil(bound - WHOLE) if math.isfinite(bound) else 0


def most(
    covers: Matrix, weight: ArrayLike, count: int, *, time_limit_s: float, threads: int = 2
) -> Solution:
    """Return candidates, at most so many, that cover the most weight.

    Parameters
    ----------
    covers, weight
        As for `fewest`.
    count
        How many candidates may be chosen, >= 0. Those that would add nothing are not.
    time_limit_s, threads
        As for `fewest`.

    Raises
    ------
    ValueError
        Where weights do not fit the matrix, are negative or not finite, or the count is negative.
    """
    if count < 0:
        raise ValueError(f"{count} candidates cannot be chosen")
    cover, end = merged(covers, weight), monotonic() + time_limit_s
    best = swapped(cover, picked(cover, None, count))
    largest = -np.sort(-cover.potential())[:count]
    bound = lp_bound = min(float(largest.sum()), float(cover.weight.sum()))
    answer = Answer("optimal", bound)
    if _lacks(cover, best, bound):
        model = programme.most(cover, count)
        answer = model.relaxed().solve(end, threads)
        bound = lp_bound = min(bound, answer.bound)
        if answer.chosen is not None:
            other = swapped(cover, np.sort(answer.chosen[:count]))
            best = max(best, other, key=cover.covered)
        if answer.status == "optimal" and _lacks(cover, best, bound):
            answer = model.solve(end, threads, start=best)
            bound = min(bound, answer.bound)
            best = best if answer.chosen is None else max(best, answer.chosen, key=cover.covered)
    best = trimmed(cover, best, cover.covered(best))
    covered = cover.covered(best)
    status = answer.status if _lacks(cover, best, bound) else "optimal"
    return _solution(cover, best, (covered, max(bound, covered), max(lp_bound, covered)), status)


def _lacks(cover: Cover, chosen: IntArray, bound: float) -> bool:
    return cover.covered(chosen) < bound * (1 - GAP)


def _solution(
    cover: Cover, chosen: IntArray, numbers: tuple[float, float, float], status: Status
) -> Solution:
    objective, bound, lp_bound = numbers
    covered = cover.covered(chosen)
    return Solution(np.sort(cover.candidate[chosen]), covered, objective, bound, lp_bound, status)
