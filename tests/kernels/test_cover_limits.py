"""Covers whose candidates have a capacity, against a linear programme for each subset."""

import itertools
import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from jxgis.kernels.facilities import FloorUnreachable, Unreachable, fewest, most
from jxgis.kernels.lagrange import Relaxation

LIMIT = 60
HAIR = 1e-6


@st.composite
def instances(draw):
    m, n = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    rows = draw(st.lists(st.integers(0, 2**n - 1), min_size=m, max_size=m))
    weight = np.array(draw(st.lists(st.integers(0, 9), min_size=m, max_size=m)), float)
    dense = np.array([[row >> j & 1 for j in range(n)] for row in rows], bool)
    limits = st.one_of(st.integers(0, 15).map(float), st.just(np.inf))
    limit = np.array(draw(st.lists(limits, min_size=n, max_size=n)))
    some = st.lists(st.integers(0, n - 1), max_size=2, unique=True)
    floors = []
    for part in draw(st.lists(st.integers(0, 2**m - 1), max_size=2)):
        mask = np.array([part >> i & 1 for i in range(m)], bool)
        floors.append((mask, draw(st.integers(0, 4)) / 4 * float(weight[mask].sum())))
    return dense, weight, limit, draw(some), draw(some), floors


def served(instance, chosen):
    """Return the most that some candidates serve with what is there; None below a floor."""
    dense, weight, limit, fixed, _forbidden, floors = instance
    own = np.zeros(dense.shape[1], bool)
    own[[*fixed, *chosen]] = True
    i, j = np.nonzero(dense & own)
    if not len(i):
        return 0.0 if all(least <= 0 for _part, least in floors) else None
    rows, upper = [], []
    for k, w in enumerate(weight):
        rows.append(i == k)
        upper.append(w)
    for k, c in enumerate(limit):
        if np.isfinite(c):
            rows.append(j == k)
            upper.append(c)
    for part, least in floors:
        rows.append(-part[i].astype(float))
        upper.append(-least * (1 - HAIR / 10))
    done = linprog(-np.ones(len(i)), A_ub=np.array(rows, float), b_ub=upper)
    return -done.fun if done.status == 0 else None


def choices(instance):
    dense, _weight, _limit, fixed, forbidden, _floors = instance
    free = [j for j in range(dense.shape[1]) if j not in fixed and j not in forbidden]
    for k in range(len(free) + 1):
        for chosen in itertools.combinations(free, k):
            value = served(instance, chosen)
            if value is not None:
                yield chosen, value


def ask(function, instance, number):
    dense, weight, limit, fixed, forbidden, floors = instance
    return function(
        sparse.csr_array(dense),
        weight,
        number,
        fixed=fixed,
        forbidden=forbidden,
        capacity=limit,
        floors=floors,
        time_limit_s=LIMIT,
    )


@settings(deadline=None, max_examples=200)
@given(instances(), st.integers(0, 5))
def test_no_choice_that_meets_the_floors_serves_more(instance, count):
    options = {c: v for c, v in choices(instance) if len(c) <= count}
    if not options:
        with pytest.raises(FloorUnreachable):
            ask(most, instance, count)
        return
    found = ask(most, instance, count)
    best = max(options.values())
    assert found.status == "optimal"
    assert found.objective == found.covered
    assert found.covered == pytest.approx(best, rel=3e-6, abs=1e-6)
    assert found.covered == pytest.approx(options[tuple(found.chosen.tolist())], abs=1e-5)
    assert best <= found.bound * (1 + 1e-6) + 1e-6
    assert found.bound <= found.lp_bound * (1 + 1e-9)


@settings(deadline=None, max_examples=200)
@given(instances(), st.floats(0.01, 1))
def test_no_smaller_choice_serves_so_much(instance, share):
    dense, _weight, _limit, fixed, forbidden, _floors = instance
    free = [j for j in range(dense.shape[1]) if j not in fixed and j not in forbidden]
    reach = share * served((*instance[:5], []), free)
    sizes = [len(c) for c, v in choices(instance) if v >= reach * (1 - 1e-6)]
    if not sizes:
        with pytest.raises(FloorUnreachable):
            ask(fewest, instance, reach)
        return
    found = ask(fewest, instance, reach)
    assert found.status == "optimal"
    assert found.covered >= reach * (1 - 1e-6)
    assert found.lp_bound <= found.bound == found.objective == len(found.chosen) == min(sizes)


def test_demand_is_shared():
    matrix = sparse.csr_array(np.ones((1, 3)))
    found = most(matrix, [10], 2, capacity=[4, 5, 3], time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.covered) == ([0, 1], pytest.approx(9))
    least = fewest(matrix, [10], 10, capacity=[4, 5, 3], time_limit_s=LIMIT)
    assert (least.objective, least.bound) == (3, 3)


def test_what_all_cannot_serve_is_said():
    matrix = sparse.csr_array(np.ones((1, 3)))
    with pytest.raises(Unreachable, match="together cover 12") as caught:
        fewest(matrix, [20], 13, capacity=[4, 5, 3], time_limit_s=LIMIT)
    assert caught.value.reachable == pytest.approx(12)


def test_capacities_that_nobody_reaches_change_nothing():
    matrix, weight = sparse.csr_array(np.eye(4) + np.eye(4, k=1)), [4.0, 3, 2, 1]
    plain = most(matrix, weight, 2, time_limit_s=LIMIT)
    wide = most(matrix, weight, 2, capacity=[7, 7, np.inf, 9], time_limit_s=LIMIT)
    assert (plain.chosen.tolist(), plain.bound) == (wide.chosen.tolist(), wide.bound)


def scattered(seed, demand=150, candidates=40, reach=0.15):
    rng = np.random.default_rng(seed)
    a, b = rng.random((demand, 1, 2)), rng.random((1, candidates, 2))
    near = np.hypot(*np.moveaxis(a - b, 2, 0)) < reach
    return sparse.csr_array(near), rng.uniform(0.2, 1, demand), rng.uniform(2, 6, candidates)


@pytest.mark.parametrize("seed", range(3))
def test_without_time_the_choice_can_be_served_and_the_bound_holds(seed):
    matrix, weight, limit = scattered(seed)
    proven = most(matrix, weight, 9, capacity=limit, time_limit_s=LIMIT)
    assert proven.status == "optimal"
    hasty = most(matrix, weight, 9, capacity=limit, time_limit_s=0)
    assert 0.7 * proven.covered <= hasty.covered <= proven.covered * (1 + 1e-6)
    assert proven.covered <= hasty.bound * (1 + 1e-9)
    assert hasty.bound <= limit.sum()
    least = fewest(matrix, weight, proven.covered, capacity=limit, time_limit_s=LIMIT)
    assert (least.objective, least.status) == (9, "optimal")
    hasty = fewest(matrix, weight, proven.covered, capacity=limit, time_limit_s=0)
    assert hasty.bound <= 9 <= hasty.objective


@pytest.mark.parametrize("seed", range(3))
def test_the_programme_agrees_with_scipys(seed):
    """All of it as one integer programme, with a column for each pair."""
    matrix, weight, limit = scattered(seed, demand=60, candidates=15, reach=0.25)
    i, j = matrix.nonzero()
    n, size = len(limit), len(i)
    served = sparse.csr_array((np.ones(size), (i, np.arange(size))), shape=(len(weight), size))
    loads = sparse.csr_array((np.ones(size), (j, np.arange(size))), shape=(n, size))
    rows = sparse.block_array(
        [
            [None, served],
            [-sparse.diags_array(limit), loads],
            [np.ones((1, n)), None],
        ]
    )
    upper = np.concatenate([weight, np.zeros(n), [4]])
    ceiling = np.concatenate([np.ones(n), weight[i]])
    done = milp(
        -np.append(np.zeros(n), np.ones(size)),
        constraints=LinearConstraint(rows, -np.inf, upper),
        bounds=Bounds(0, ceiling),
        integrality=np.append(np.ones(n), np.zeros(size)),
    )
    found = most(matrix, weight, 4, capacity=limit, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.covered == pytest.approx(-done.fun, rel=3e-6)


@pytest.mark.parametrize("times", [1, 2])
def test_control_c_gives_the_best_so_far(monkeypatch, request, times):
    matrix, weight, limit = scattered(1)
    calls, improve = [], Relaxation.improve

    def pressed(*args):
        calls.append(1)
        if len(calls) == times:
            signal.raise_signal(signal.SIGINT)
        return improve(*args)

    # A shell lets what it runs in the background ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    monkeypatch.setattr(Relaxation, "improve", pressed)
    found = most(matrix, weight, 9, capacity=limit, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert 0 < found.covered < found.bound <= found.lp_bound


def test_what_is_full_in_any_case_stays_uncounted():
    """The first serves all of its two demands, so that the second can serve all that is left."""
    matrix = sparse.csr_array(np.array([[0, 1], [1, 1.0]]))
    found = fewest(matrix, [1, 1], 2, fixed=[0, 1], capacity=[np.inf, 1], time_limit_s=LIMIT)
    assert (found.objective, found.covered) == (0, 2)
