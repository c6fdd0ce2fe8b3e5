"""Kinds of station that only money ties to the rest, in whole numbers: a bound of all plans."""

from dataclasses import replace
from time import monotonic

import numpy as np
import pytest
from scipy import sparse
from test_buildout_search import town

from jxgis.kernels import buildout_solver
from jxgis.kernels.buildout import Buildout, Tier, solve
from jxgis.kernels.buildout_parts import decided, few
from jxgis.kernels.buildout_reduced import reduced
from jxgis.kernels.buildout_search import Search


def two(seed, budget, *, power=0.0):
    """Return a town with depots for demand of their own, which cost as much as many piles."""
    rng = np.random.default_rng(seed)
    problem = town(seed, m=60, n=15, floor=0.1)
    stops = sparse.csr_array(rng.random((20, 6)) < 0.3)
    stations, piles = (below(tier.covers, 20) for tier in problem.tiers)
    feeder = np.zeros(15, int)
    tiers = (
        replace(problem.tiers[0], covers=stations),
        replace(problem.tiers[1], covers=piles, cost=np.ones(15), power=power, feeder=feeder),
        Tier(
            sparse.csr_array(sparse.vstack([sparse.csr_array((60, 6)), stops])),
            np.array([2, 4]),
            cost=rng.uniform(7, 12, 6),
            power=10 * power,
            feeder=np.zeros(6, int),
        ),
    )
    weight = np.concatenate([problem.weight, rng.uniform(20, 60, 20)])
    value = np.full(80, 1 / weight.sum() / 1.6)
    limit = np.array([31.0])
    return Buildout(
        tiers, weight, value, problem.year, problem.floors, limit, np.array([0.6, 1.0]) * budget
    )


def below(covers, rows):
    return sparse.csr_array(sparse.vstack([covers, sparse.csr_array((rows, covers.shape[1]))]))


@pytest.mark.parametrize("budget", [25.0, 38.0])
@pytest.mark.parametrize("power", [0.0, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_bound_is_between_the_relaxed_one_and_the_best_plan(seed, budget, power):
    problem = two(seed, budget, power=power)
    best = solve(problem, time_limit_s=60, gap=1e-3)
    search = Search(reduced(problem), monotonic() + 60, 1, 1e-6)
    search._relax()
    found = decided(search.proving, search.lp, monotonic() + 60, 1, 1e-7)
    assert best.status == "optimal"
    spent = sum(u @ tier.costs for u, tier in zip(best.units, problem.tiers, strict=True))
    assert (spent <= problem.budget * (1 + 1e-9)).all()
    assert best.objective * (1 - 1e-6) <= found.bound <= search.lp.bound + 1e-7
    # Nothing is better with the small part in whole numbers and the rest relaxed.
    whole = search.proving.whole * few(search.proving)
    exact = buildout_solver.best(replace(search.proving, whole=whole), monotonic() + 60, 1, 1e-7)
    assert found.bound == pytest.approx(exact.bound, rel=1e-5)
    model = search.proving
    assert (model.cost @ found.values + model.offset) * model.unit == pytest.approx(
        found.bound, rel=1e-5
    )


def test_the_parts_are_those_that_share_no_demand():
    problem = two(1, 30.0)
    model = Search(reduced(problem), monotonic(), 1, 1e-3).model
    small = few(model)
    assert small[model.stations[2]].all()
    assert not small[model.stations[0]].any()
    assert not small[model.stations[1]].any()
