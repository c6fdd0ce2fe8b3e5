"""Covers with candidates that are there, that are ruled out, and floors, against all subsets."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from jxgis.kernels.facilities import FloorUnreachable, Unreachable, fewest, most

LIMIT = 60
HAIR = 1e-7


@st.composite
def instances(draw):
    m, n = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    rows = draw(st.lists(st.integers(0, 2**n - 1), min_size=m, max_size=m))
    weight = np.array(draw(st.lists(st.integers(0, 9), min_size=m, max_size=m)), float)
    dense = np.array([[row >> j & 1 for j in range(n)] for row in rows], bool)
    some = st.lists(st.integers(0, n - 1), max_size=2, unique=True)
    floors = []
    for part in draw(st.lists(st.integers(0, 2**m - 1), max_size=3)):
        mask = np.array([part >> i & 1 for i in range(m)], bool)
        floors.append((mask, draw(st.floats(0, 1)) * float(weight[mask].sum())))
    return dense, weight, draw(some), draw(some), floors


def choices(instance):
    """Give each choice of new candidates that meets the floors, and what is covered with it."""
    dense, weight, fixed, forbidden, floors = instance
    free = [j for j in range(dense.shape[1]) if j not in fixed and j not in forbidden]
    for k in range(len(free) + 1):
        for chosen in itertools.combinations(free, k):
            had = weight * dense[:, [*fixed, *chosen]].any(axis=1)
            if all(had[part].sum() >= least * (1 - HAIR) for part, least in floors):
                yield chosen, float(had.sum())


def ask(function, instance, number):
    dense, weight, fixed, forbidden, floors = instance
    return function(
        sparse.csr_array(dense),
        weight,
        number,
        fixed=fixed,
        forbidden=forbidden,
        floors=floors,
        time_limit_s=LIMIT,
    )


def holds(instance, found):
    """Check that a solution is a choice, and says what it covers."""
    options = dict(choices(instance))
    assert found.status == "optimal"
    assert tuple(found.chosen.tolist()) in options
    assert found.covered == pytest.approx(options[tuple(found.chosen.tolist())])


@settings(deadline=None, max_examples=200)
@given(instances(), st.integers(0, 7))
def test_no_choice_that_meets_the_floors_covers_more(instance, count):
    best = max((v for c, v in choices(instance) if len(c) <= count), default=None)
    if best is None:
        with pytest.raises(FloorUnreachable):
            ask(most, instance, count)
        return
    found = ask(most, instance, count)
    holds(instance, found)
    assert len(found.chosen) <= count
    assert found.objective == found.covered == pytest.approx(best)
    assert best <= found.bound * (1 + 1e-12)
    assert found.bound <= found.lp_bound * (1 + 1e-9)


@settings(deadline=None, max_examples=200)
@given(instances(), st.one_of(st.just(0.0), st.floats(1e-3, 1)))
def test_no_smaller_choice_meets_reach_and_floors(instance, share):
    dense, weight, fixed, forbidden, _floors = instance
    allowed = [j for j in range(dense.shape[1]) if j in fixed or j not in forbidden]
    reach = share * float(weight[dense[:, allowed].any(axis=1)].sum())
    sizes = [len(c) for c, v in choices(instance) if v >= reach * (1 - HAIR)]
    if not sizes:
        with pytest.raises(FloorUnreachable):
            ask(fewest, instance, reach)
        return
    found = ask(fewest, instance, reach)
    holds(instance, found)
    assert found.covered >= reach * (1 - HAIR)
    assert found.lp_bound <= found.bound == found.objective == len(found.chosen) == min(sizes)


def test_what_is_there_counts_and_is_not_returned():
    matrix = sparse.csr_array(np.eye(3))
    found = most(matrix, [4, 2, 1], 1, fixed=[0], time_limit_s=LIMIT)
    assert found.chosen.tolist() == [1]
    assert (found.objective, found.covered) == (6, 6)
    least = fewest(matrix, [4, 2, 1], 5, fixed=[True, False, False], time_limit_s=LIMIT)
    assert (least.chosen.tolist(), least.objective, least.covered) == ([1], 1, 6)
    assert fewest(matrix, [4, 2, 1], 4, fixed=[0], time_limit_s=LIMIT).objective == 0


def test_what_is_there_stays_though_it_is_forbidden():
    matrix = sparse.csr_array(np.eye(3))
    found = most(matrix, [4, 2, 1], 1, fixed=[0], forbidden=[0, 1], time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.covered) == ([2], 5)


def test_a_floor_sends_a_candidate_where_less_is_covered():
    matrix = sparse.csr_array(np.eye(3))
    found = most(matrix, [4, 2, 1], 2, floors=[([2], 1)], time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.covered, found.status) == ([0, 2], 5, "optimal")
    assert found.bound == pytest.approx(5, rel=1e-6)


def test_a_floor_that_all_cannot_meet_is_named():
    matrix = sparse.csr_array(np.array([[1, 0], [0, 1], [0, 0]]))
    floors = [([0], 1), ([1, 2], 5)]
    for function, number in ((most, 2), (fewest, 1)):
        with pytest.raises(FloorUnreachable, match=r"Floor 1 asks for 5, but at most 2") as caught:
            function(matrix, [1, 2, 4], number, floors=floors, time_limit_s=LIMIT)
        error = caught.value
        assert (error.floor, error.wanted, error.reachable) == (1, 5, 2)
        assert error.is_proven
        assert isinstance(error, Unreachable)


def test_a_floor_that_so_many_cannot_meet_is_named_with_the_best_there_is():
    matrix, weight = sparse.csr_array(np.eye(4)), [4, 3, 2, 1]
    with pytest.raises(FloorUnreachable, match="at least 3") as caught:
        most(matrix, weight, 2, fixed=[3], floors=[([1, 2, 3], 6), ([0], 1)], time_limit_s=LIMIT)
    assert (caught.value.floor, caught.value.needed) == (None, 3)
    with pytest.raises(FloorUnreachable, match="Floor 0 asks for 6, but at most 4") as caught:
        most(matrix, weight, 1, fixed=[3], floors=[([1, 2, 3], 6)], time_limit_s=LIMIT)
    assert (caught.value.floor, caught.value.reachable) == (0, pytest.approx(4))


def test_floors_that_can_be_met_only_one_at_a_time_are_said_to_be():
    matrix = sparse.csr_array(np.eye(2))
    with pytest.raises(FloorUnreachable, match="all floors takes at least 2") as caught:
        most(matrix, [1, 1], 1, floors=[([0], 1), ([1], 1)], time_limit_s=LIMIT)
    assert (caught.value.floor, caught.value.needed) == (None, 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fixed": [3]}, "fixed candidates must be"),
        ({"forbidden": [-1]}, "forbidden candidates must be"),
        ({"forbidden": [True]}, "mask of forbidden candidates"),
        ({"fixed": [0.5]}, "fixed candidates must be"),
        ({"floors": [([9], 1)]}, "demand must be"),
        ({"floors": [([0], math.nan)]}, "no finite number"),
        ({"capacity": [1, 2]}, "3 candidates, but capacities"),
        ({"capacity": [1, 2, -1]}, "Capacities must be"),
        ({"capacity": [1, 2, math.nan]}, "Capacities must be"),
    ],
)
def test_inputs_that_mean_nothing_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        most(sparse.csr_array(np.eye(3)), [1, 1, 1], 1, time_limit_s=LIMIT, **options)


def by_scipy(matrix, weight, rows, cost, sense):
    """Return the optimum of an integer programme with columns for candidates and demand."""
    m, n = matrix.shape
    covering = LinearConstraint(sparse.hstack([matrix, -sparse.eye_array(m)]), 0, np.inf)
    asked = [
        LinearConstraint(np.append(y, z * weight)[None], least, most_)
        for y, z, least, most_ in rows
    ]
    done = milp(
        sense * cost,
        constraints=[covering, *asked],
        bounds=Bounds(0, 1),
        integrality=np.append(np.ones(n), np.zeros(m)),
        options={"mip_rel_gap": 0},
    )
    return sense * done.fun


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [8, 14])
def test_scattered_demand_with_floors_is_as_scipy_has_it(seed, count):
    rng = np.random.default_rng(seed)
    a, b = rng.random((250, 1, 2)), rng.random((1, 70, 2))
    matrix = sparse.csr_array(np.hypot(*np.moveaxis(a - b, 2, 0)) < 0.13)
    weight = rng.integers(1, 30, 250).astype(float)
    m, n = matrix.shape
    near = np.diff(matrix.indptr) > 0
    zones = [(a[:, 0, 0] // 0.25 == k) for k in range(4)]
    floors = [(zone, count / 30 * weight[zone & near].sum()) for zone in zones]
    parts = [(np.zeros(n), zone, least, np.inf) for zone, least in floors]
    few, worth = (np.ones(n), np.zeros(m), 0, count), np.append(np.zeros(n), weight)
    found = most(matrix, weight, count, floors=floors, time_limit_s=LIMIT)
    best = by_scipy(matrix, weight, [few, *parts], worth, -1)
    assert found.status == "optimal"
    assert found.covered == pytest.approx(best, rel=2e-6)
    # The fewest that cover as much, and a little less or more.
    for reach in (0.93 * best, best, 1.01 * best):
        asked = (np.zeros(n), np.ones(m), reach, np.inf)
        least = by_scipy(matrix, weight, [asked, *parts], np.append(np.ones(n), np.zeros(m)), 1)
        answer = fewest(matrix, weight, reach, floors=floors, time_limit_s=LIMIT)
        assert answer.status == "optimal"
        assert answer.objective == answer.bound == round(least)


def test_what_lacks_by_rounding_loses_no_reach():
    dense = np.array([[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 1]])
    # All four lack just what may lack; what is fixed covers one of them.
    reach = 4 / (1 - 1e-9)
    try:
        found = fewest(sparse.csr_array(dense), np.ones(4), reach, fixed=[0], time_limit_s=LIMIT)
    except Unreachable:
        return
    assert list(found.chosen) == [3]


@pytest.mark.parametrize("seed", range(40))
def test_floors_that_are_just_met_stay_met(seed):
    random = np.random.default_rng(seed)
    dense = random.random((9, 7)) < 0.4
    weight = random.random(9) * 10.0 ** random.uniform(-6, 6, 9)
    had = sorted(
        {weight[dense[:, list(s)].any(axis=1)].sum() for s in itertools.combinations(range(7), 3)}
    )
    reach = float(random.choice(had)) / (1 - 1e-9) * (1 - 1e-15)
    found = fewest(sparse.csr_array(dense), weight, reach, time_limit_s=LIMIT)
    assert weight[dense[:, found.chosen].any(axis=1)].sum() >= reach * (1 - 1.001e-9)
