"""The best build-out, against all plans of small ones."""

import numpy as np
import pytest
from buildout_oracle import best_use, best_value, buildouts, is_allowed, most_served
from hypothesis import HealthCheck, given, settings

from jxgis.kernels.buildout import Unmet, solve

LIMIT = 60
SLOW = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def checked(problem):
    """Solve a problem, hold the plan against its limits, and return it with the best value."""
    best = best_value(problem)
    try:
        plan = solve(problem, time_limit_s=LIMIT, gap=1e-7, threads=1)
    except Unmet as error:
        assert best is None
        holds_for(problem, error)
        return None, None
    assert best is not None
    assert plan.status == "optimal"
    assert plan.held
    for t in range(problem.years):
        assert is_allowed(problem, [units[t] for units in plan.units], t)
    for tier, units, built in zip(problem.tiers, plan.units, plan.built, strict=True):
        assert (np.diff(units, axis=0) >= 0).all()
        some = units[units > 0]
        assert (some >= tier.fewest).all()
        assert (units <= tier.largest).all()
        for j, year in enumerate(built):
            assert (units[:, j] > 0).tolist() == [0 <= year <= t for t in range(problem.years)]
    last = [units[-1] for units in plan.units]
    nothing = np.zeros(len(problem.weight))
    eased = [type(f)(f.rows, f.least * (1 - 1e-6) - 1e-6) for f in problem.floors]
    assert best_use(problem, last, problem.weight, nothing, eased) is not None
    assert plan.objective <= plan.bound
    assert plan.bound <= plan.lp_bound + 1e-6
    assert plan.objective == pytest.approx(best, rel=1e-5, abs=1e-5)
    worth = (problem.values[:, None] * problem.year[:, None] * plan.served).sum(axis=(1, 2))
    assert worth == pytest.approx(plan.worth, rel=1e-6, abs=1e-6)
    return plan, best


def holds_for(problem, error):
    floors = [problem.floors[z] for z in error.floors]
    reached = most_served(problem, floors)
    assert reached is None or reached < floors[0].least
    for z in range(len(floors) if len(floors) > 1 else 0):
        rest = floors[:z] + floors[z + 1 :]
        assert most_served(problem, rest) >= rest[0].least - 1e-6
    if len(floors) == 1:
        assert error.best == pytest.approx(reached, abs=1e-5)
        assert error.bound == pytest.approx(reached, abs=1e-5)


@SLOW
@given(buildouts(capacity=False))
def test_no_plan_of_stations_without_capacity_is_better(problem):
    checked(problem)


@SLOW
@given(buildouts(capacity=True))
def test_no_plan_of_stations_with_capacity_is_better(problem):
    checked(problem)


@SLOW
@given(buildouts(capacity=False, scenarios=True))
def test_no_plan_is_better_for_scenarios(problem):
    checked(problem)


@SLOW
@given(buildouts(capacity=True, scenarios=True))
def test_no_plan_with_capacity_is_better_for_scenarios(problem):
    checked(problem)
