"""What is left out before a build-out is searched for, and what must not be."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from jxgis.kernels.buildout import Buildout, Tier, solve
from jxgis.kernels.buildout_reduced import reduced

PEOPLE = np.array([4.0, 1.0, 1.0]), np.ones(3), np.ones(1)
BOTH = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]])


def solved(tier, **limits):
    return solve(Buildout((tier,), *PEOPLE, **limits), time_limit_s=60)


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


def test_a_station_that_no_limit_lets_be_is_left_out():
    tier = Tier(sparse.csr_array(BOTH), np.array([1]), cost=np.array([1.0, 3.0]), power=5.0)
    dear = reduced(Buildout((tier,), *PEOPLE, budget=np.array([2.9])))
    assert dear.kept[0].tolist() == [0]
    fed = replace(tier, feeder=np.array([0, 1]))
    weak = reduced(Buildout((fed,), *PEOPLE, feeder_limit=np.array([5.0, 4.9])))
    assert weak.kept[0].tolist() == [0]
    none = reduced(Buildout((replace(tier, count=np.array([0])),), *PEOPLE))
    assert none.kept[0].tolist() == []


def test_no_more_piles_are_of_use_than_power_is_for():
    tier = Tier(
        sparse.csr_array(BOTH[:, 1:]),
        np.array([9]),
        2,
        np.array([9]),
        capacity=1.0,
        power=5.0,
        feeder=np.array([0]),
    )
    small = reduced(Buildout((tier,), *PEOPLE, feeder_limit=np.array([24.0])))
    assert small.most[0].tolist() == [4]


def test_as_many_piles_are_of_use_as_serve_all_in_reach():
    tier = Tier(sparse.csr_array(BOTH), np.array([9]), 2, np.array([9, 9]), capacity=1.4)
    assert reduced(Buildout((tier,), *PEOPLE)).most[0].tolist() == [3, 5]
