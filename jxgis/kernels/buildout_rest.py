"""Piles that a build-out has no use for, laid all the same where its limits leave room for them.

The best plan builds no pile that would serve nobody more. Whoever plans a number of piles means to
lay them, so the rest go to the places that there are, up to the most at each, and where these are
full to new ones: always to where a pile has most demand in reach. Stations are not added so: one
that would serve nobody more is not needed.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_problem import Buildout, Tier

ROUNDING = 1e-9
"""Share of a limit by which a sum may be above it."""


def with_rest(problem: Buildout, units: tuple[IntArray, ...]) -> tuple[IntArray, ...]:
    """Return the (T, n) units of each tier with the piles that remain of its numbers.

    Parameters
    ----------
    problem, units
        What may be built, and a plan of it; what that serves, the new one does too.
    """
    filled = tuple(number.copy() for number in units)
    worth = problem.chance @ problem.values
    for tier, number in zip(problem.tiers, filled, strict=True):
        if tier.least is None or not tier.candidates:
            continue
        reach = np.asarray(_there(tier).T @ worth)
        for t in range(problem.years):
            while _lay(problem, filled, tier, number, t, reach):
                pass
    return filled


def _there(tier: Tier) -> Any:
    return sparse.csr_array(cast("Any", tier.covers) != 0, dtype=np.float64)


def _lay(
    problem: Buildout,
    units: tuple[IntArray, ...],
    tier: Tier,
    number: IntArray,
    t: int,
    reach: FloatArray,
) -> bool:
    """Lay piles at a place from a year on; tell whether some were laid."""
    more = np.where(number[t] > 0, 1, tier.fewest)
    left = (np.asarray(tier.count)[t:] - number[t:].sum(axis=1)).min()
    # A place that is built later keeps its year.
    fits = (number[t] > 0) | (number[-1] == 0)
    fits &= (number[-1] + more <= tier.largest) & (reach > 0) & (more <= left)
    if problem.budget is not None:
        spent = sum(u @ one.costs for u, one in zip(units, problem.tiers, strict=True))
        money = (problem.budget * (1 + ROUNDING) - spent)[t:].min()
        fits &= (tier.costs == 0) | (more * tier.costs <= money)
    feeders = tier.feeders
    if (feeders >= 0).any():
        spare = problem.feeder_limit * (1 + ROUNDING)
        for one, there in zip(problem.tiers, units, strict=True):
            fed = one.feeders >= 0
            np.subtract.at(spare, one.feeders[fed], one.power * there[-1, fed])
        fits &= (feeders < 0) | (more * tier.power <= spare[feeders])
    if not fits.any():
        return False
    # A pile at a new place would serve nobody more: one beside others is at least of use there.
    built = fits & (number[t] > 0)
    each = np.where(built if built.any() else fits, reach / (number[t] + more), -1.0)
    j = int(np.argmax(each))
    number[t:, j] += more[j]
    return True
