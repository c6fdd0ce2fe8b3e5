"""What is left out before a build-out is searched for, and what must not be."""

import numpy as np
import pytest
from scipy import sparse

from jxgis.kernels.buildout import Buildout, Tier, solve

BOTH = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]])


def solved(tier, **limits):
    problem = Buildout((tier,), np.array([4.0, 1.0, 1.0]), np.ones(3), np.ones(1), **limits)
    return solve(problem, time_limit_s=60)


def test_the_station_that_reaches_more_is_built():
    plan = solved(Tier(sparse.csr_array(BOTH), np.array([1])))
    assert plan.built[0].tolist() == [-1, 0]
    assert plan.objective == 6


def test_a_cheaper_station_is_kept_although_another_reaches_more():
    tier = Tier(sparse.csr_array(BOTH), np.array([1]), cost=np.array([1.0, 3.0]))
    plan = solved(tier, budget=np.array([2.0]))
    assert plan.built[0].tolist() == [0, -1]
    assert plan.objective == 4


@pytest.mark.parametrize(("feeders", "built"), [([1, 0], [0, -1]), ([-1, 0], [0, -1])])
def test_a_station_at_another_feeder_is_kept_although_another_reaches_more(feeders, built):
    tier = Tier(sparse.csr_array(BOTH), np.array([1]), power=5.0, feeder=np.array(feeders))
    plan = solved(tier, feeder_limit=np.array([4.0, 6.0]))
    assert plan.built[0].tolist() == built


def test_of_two_stations_that_are_alike_one_is_left():
    plan = solved(Tier(sparse.csr_array(BOTH[:, [1, 1]]), np.array([2])))
    assert plan.built[0].tolist() == [0, -1]


def test_piles_that_nobody_needs_are_not_built():
    tier = Tier(sparse.csr_array(BOTH), np.array([9]), 2, np.array([9, 9]), capacity=1.5)
    plan = solved(tier)
    assert plan.objective == 6
    assert plan.units[0].sum() <= 5
