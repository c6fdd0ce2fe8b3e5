"""Plans that no exchange of one place for another makes better, against trying all of them."""

import itertools

import numpy as np
import pytest
from buildout_oracle import best_use, buildouts, is_allowed
from hypothesis import HealthCheck, assume, given, settings
from scipy import sparse
from test_buildout_search import town

from jxgis.kernels.buildout import Buildout, Floor, Tier
from jxgis.kernels.buildout_exchange import Exchange
from jxgis.kernels.buildout_reduced import reduced
from jxgis.kernels.buildout_start import Greedy


def value(problem, plan):
    """Return what a plan is worth by one linear programme a year; None where it breaks a limit."""
    last, total = problem.years - 1, 0.0
    for t in range(problem.years):
        state = [units[t] for units in plan]
        floors = problem.floors if t == last else ()
        served = best_use(problem, state, problem.weight, problem.weight * problem.value, floors)
        if served is None or not is_allowed(problem, state, t):
            return None
        total += problem.year[t] * served
    return total


def exchanges(problem, plan):
    """Give each plan with the units of two places of a tier exchanged."""
    for k, (tier, units) in enumerate(zip(problem.tiers, plan, strict=True)):
        for i, j in itertools.combinations(range(units.shape[1]), 2):
            other = units.copy()
            other[:, [i, j]] = units[:, [j, i]]
            if (other <= tier.largest).all():
                yield [*plan[:k], other, *plan[k + 1 :]]


def additions(problem, plan):
    """Give each plan with a place built, or built earlier."""
    for k, (tier, units) in enumerate(zip(problem.tiers, plan, strict=True)):
        for j, t in itertools.product(range(units.shape[1]), range(problem.years)):
            if units[t, j] == 0 and tier.largest[j] >= tier.fewest:
                other = units.copy()
                other[t:, j] = tier.fewest
                yield [*plan[:k], other, *plan[k + 1 :]]


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(buildouts(capacity=False))
def test_nothing_near_a_plan_is_better(problem):
    small = reduced(problem)
    before = Greedy(small).plan()
    worth = value(problem, small.units(before))
    assume(worth is not None)
    plan = list(small.units(Exchange(small, before).run()))
    after = value(problem, plan)
    assert after is not None
    assert after >= worth - 1e-9
    for other in itertools.chain(exchanges(problem, plan), additions(problem, plan)):
        near = value(problem, other)
        assert near is None or near <= after + 1e-9


@pytest.mark.parametrize("seed", [1, 2, 8])
def test_a_quick_plan_is_better_for_exchanges(seed):
    problem = town(seed)
    small = reduced(problem)
    before = Greedy(small).plan()
    after = Exchange(small, before).run()
    assert gained(small, after) > gained(small, before)
    again = Exchange(small, after).run()
    assert all((a == b).all() for a, b in zip(after, again, strict=True))


def gained(small, units):
    covered = [
        sum(a @ (u[t] > 0) for a, u in zip(small.covers, units, strict=True)) > 0
        for t in range(small.problem.years)
    ]
    return float(small.problem.year @ np.array(covered) @ small.values[0])


def exchanged(units, weight, *, year=1, floors=(), budget=None, feeder_limit=(), count, **of_tier):
    """Return the years' units of places, each with demand of its own, after all exchanges."""
    weight = np.array(weight, float)
    tier = Tier(sparse.csr_array(np.eye(len(weight))), np.array(count), **of_tier)
    money = None if budget is None else np.array([budget], float)
    limit = np.array(feeder_limit, float)
    problem = Buildout((tier,), weight, np.ones(len(weight)), np.ones(year), floors, limit, money)
    return Exchange(reduced(problem), [np.array(units)]).run()[0].tolist()


def test_no_exchange_costs_more_than_there_is():
    units = [[1, 0, 1]]
    cost = np.array([1.0, 4.0, 2.0])
    assert exchanged(units, [1, 5, 2], count=[2], cost=cost, budget=4) == units
    assert exchanged(units, [1, 5, 2], count=[2], cost=cost, budget=5) == [[1, 1, 0]]


def test_no_exchange_draws_more_than_there_is():
    more = {"count": [2], "power": 1.0, "feeder": np.array([0, 1, 1])}
    units = [[1, 0, 1]]
    assert exchanged(units, [1, 5, 6], feeder_limit=[1, 1], **more) == units
    assert exchanged(units, [1, 5, 6], feeder_limit=[1, 2], **more) == [[0, 1, 1]]


def test_no_exchange_leaves_a_floor_unmet():
    floor = Floor(np.array([0]), 1.0)
    assert exchanged([[1, 0]], [1, 5], count=[1], floors=(floor,)) == [[1, 0]]
    assert exchanged([[1, 0]], [1, 5], count=[1]) == [[0, 1]]


def test_the_better_place_is_built_first():
    assert exchanged([[1, 0], [1, 1]], [1, 5], count=[1, 2], year=2) == [[0, 1], [1, 1]]
