"""Piles that nobody needs, laid where the limits leave room."""

import numpy as np
import pytest
from buildout_oracle import buildouts, is_allowed
from hypothesis import given, settings
from scipy import sparse

from jxgis.kernels.buildout import Buildout, Tier, solve
from jxgis.kernels.buildout_rest import with_rest

BOTH = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]])


def town(most, **more):
    """Return a problem of nine piles by the second year at two places, one of which does."""
    limits = {name: more.pop(name) for name in ("budget", "feeder_limit") if name in more}
    tier = Tier(sparse.csr_array(BOTH), np.array([3, 9]), 2, np.array(most), **more)
    return Buildout((tier,), np.array([4.0, 1.0, 1.0]), np.ones(3), np.ones(2), **limits)


def laid(problem):
    plan = solve(problem, time_limit_s=60)
    assert plan.objective == 12
    return plan.units[0].tolist()


def test_they_are_laid_at_the_place_that_there_is():
    assert laid(town([9, 9])) == [[0, 3], [0, 9]]


def test_they_are_laid_at_a_new_place_where_the_first_is_full():
    assert laid(town([9, 4])) == [[0, 3], [5, 4]]


def test_fewer_than_the_fewest_make_no_new_place():
    assert laid(town([9, 8])) == [[0, 3], [0, 8]]


@pytest.mark.parametrize(
    "limit",
    [
        {"cost": np.array([1.0, 2.0]), "budget": np.array([4.0, 11.0])},
        {"power": 2.0, "feeder": np.array([0, 0]), "feeder_limit": np.array([11.0])},
    ],
)
def test_money_and_power_limit_them(limit):
    assert laid(town([9, 9], **limit))[1] == [0, 5]


def test_the_limits_of_a_plan_count_them():
    plan = solve(town([9, 9]), time_limit_s=60)
    used = {(limit.kind, limit.year): limit.used for limit in plan.limits}
    assert used["count", 1] == 9


@settings(deadline=None, max_examples=200)
@given(buildouts(capacity=False))
def test_a_plan_with_them_keeps_all_limits_and_years(problem):
    nothing = tuple(np.zeros((problem.years, t.candidates), int) for t in problem.tiers)
    filled = with_rest(problem, nothing)
    for t in range(problem.years):
        assert is_allowed(problem, [units[t] for units in filled], t)
    for tier, units in zip(problem.tiers, filled, strict=True):
        assert (np.diff(units, axis=0) >= 0).all()
        assert ((units == 0) | (units >= tier.fewest)).all()
        assert (units <= tier.largest).all()
        assert tier.least is not None or not units.any()
