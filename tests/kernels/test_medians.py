"""Medians, with and without capacities, against all choices, a linear programme and spopt."""

import itertools
import signal
import threading

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog
from scipy.spatial import distance
from spopt.locate import PMedian

from jxgis.kernels import capacitated, highs, median_bounds, median_tree, medians
from jxgis.kernels.interchange import swapped
from jxgis.kernels.medians import OutOfReach, TooFew, Undecided, median
from jxgis.kernels.serving import Costs

LIMIT = 60
DISTANCES = st.one_of(st.integers(0, 5).map(float), st.floats(0, 100, allow_subnormal=False))
WEIGHTS = st.one_of(st.sampled_from([0.0, 1.0, 2.0, 0.3]), st.floats(0, 50, allow_subnormal=False))


@st.composite
def instances(draw):
    """Draw distances, of which some are infinite, weights, a count, fixed and forbidden ones."""
    m, n = draw(st.integers(0, 7)), draw(st.integers(1, 7))
    entry = st.one_of(DISTANCES, DISTANCES, st.just(np.inf))
    distances = draw(st.lists(st.lists(entry, min_size=n, max_size=n), min_size=m, max_size=m))
    weight = draw(st.lists(WEIGHTS, min_size=m, max_size=m))
    order = draw(st.permutations(range(n)))
    fixed, forbidden = order[: draw(st.integers(0, 2))], order[n - draw(st.integers(0, 1)) :]
    forbidden = [j for j in forbidden if j not in fixed]
    count = draw(st.integers(0, 4))
    return np.array(distances).reshape(m, n), np.array(weight), count, fixed, forbidden


def stored(distances):
    """Return what is within reach as a sparse matrix, with its zeros."""
    row, column = np.nonzero(np.isfinite(distances))
    return sparse.coo_array((distances[row, column], (row, column)), shape=distances.shape)


def cost(distances, weight, is_open, capacity=None):
    """Return the weighted distance of all demand to what is open, infinite out of reach."""
    counts, is_open = weight > 0, sorted(is_open)
    if capacity is None:
        nearest = distances[:, is_open].min(axis=1, initial=np.inf)
        return float(nearest[counts] @ weight[counts])
    pairs = [(i, j) for i in np.flatnonzero(counts) for j in is_open if distances[i, j] < np.inf]
    demand = np.flatnonzero(counts)
    if not len(demand) or not pairs:
        return np.inf if len(demand) else 0.0
    solved = linprog(
        [distances[i, j] * weight[i] for i, j in pairs],
        A_ub=np.array([[weight[i] * (j == b) for i, j in pairs] for b in is_open]),
        b_ub=capacity[is_open],
        A_eq=np.array([[float(i == a) for i, _j in pairs] for a in demand]),
        b_eq=np.ones(len(demand)),
    )
    return solved.fun if solved.status == 0 else np.inf


def least(instance, capacity=None):
    """Return the least cost of all choices."""
    distances, weight, count, fixed, forbidden = instance
    free = [j for j in range(distances.shape[1]) if j not in fixed and j not in forbidden]
    return min(
        cost(distances, weight, [*fixed, *chosen], capacity)
        for chosen in itertools.combinations(free, min(count, len(free)))
    )


def check(instance, matrix, capacity=None):
    """Ask for a median and hold it against all choices."""
    distances, weight, count, fixed, forbidden = instance
    best = least(instance, capacity)
    options = {"fixed": fixed, "forbidden": forbidden, "capacity": capacity}
    if not np.isfinite(best):
        with pytest.raises((OutOfReach, TooFew)):
            median(matrix, weight, count, time_limit_s=LIMIT, **options)
        return
    found = median(matrix, weight, count, time_limit_s=LIMIT, **options)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=2e-6, abs=1e-7)
    assert found.lp_bound <= found.bound <= found.objective
    assert found.bound <= best * (1 + 1e-6) + 1e-7
    assert found.covered == pytest.approx(weight.sum())
    assert len(found.chosen) <= count
    assert not set(found.chosen) & {*fixed, *forbidden}
    reached = cost(distances, weight, [*fixed, *found.chosen], capacity)
    assert found.objective == pytest.approx(reached, rel=2e-6, abs=1e-7)


@settings(deadline=None, max_examples=200)
@given(instances(), st.booleans())
def test_no_choice_is_nearer(instance, is_sparse):
    check(instance, stored(instance[0]) if is_sparse else instance[0])


@settings(deadline=None, max_examples=80)
@given(instances())
def test_the_programme_alone_agrees(instance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(median_tree, "NODES", 0)
        patch.setattr(median_bounds, "ROUNDS", 2)
        patch.setattr(medians.Search, "improve", lambda _self: None)
        check(instance, stored(instance[0]))


@settings(deadline=None, max_examples=80)
@given(instances(), st.lists(st.integers(0, 9), min_size=7, max_size=7))
def test_no_choice_with_capacities_is_nearer(instance, capacity):
    distances, weight, *rest = instance
    whole = np.round(weight)  # so that no capacity is missed by a hair
    capacity = np.array(capacity[: distances.shape[1]], float)
    check((distances, whole, *rest), stored(distances), capacity)


def scattered(seed, demand=60, candidates=25):
    rng = np.random.default_rng(seed)
    points, places = rng.random((demand, 2)), rng.random((candidates, 2))
    return distance.cdist(points, places), rng.uniform(0.2, 1, demand)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 3, 7])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_spopt_agrees(seed, count):
    distances, weight = scattered(seed)
    theirs = PMedian.from_cost_matrix(distances, weight, p_facilities=count)
    theirs = theirs.solve(pulp.HiGHS(msg=False)).problem.objective.value()
    found = median(distances, weight, count, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(theirs, rel=2e-6)
    assert found.bound <= theirs * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_tree_and_programme_agree(monkeypatch, seed):
    distances, weight = scattered(seed, demand=120, candidates=60)
    distances = np.where(distances < 0.5, distances, np.inf)
    monkeypatch.setattr(median_bounds, "ROUNDS", 60)
    tree = median(stored(distances), weight, 9, fixed=[3], time_limit_s=LIMIT)
    monkeypatch.setattr(median_tree, "NODES", 0)
    solver = median(stored(distances), weight, 9, fixed=[3], time_limit_s=LIMIT)
    assert tree.status == solver.status == "optimal"
    assert tree.objective == pytest.approx(solver.objective, rel=2e-6)


def test_capacity_that_binds_nobody_changes_nothing():
    distances, weight = scattered(0)
    free = median(distances, weight, 5, time_limit_s=LIMIT)
    capacity = np.full(25, np.inf)
    wide = median(distances, weight, 5, capacity=capacity, time_limit_s=LIMIT)
    assert wide.status == "optimal"
    assert wide.objective == pytest.approx(free.objective, rel=2e-6)


def test_a_stored_zero_is_a_distance_and_nothing_stored_is_none():
    """Two places and two demands, each of which is at one place and out of reach of the other."""
    matrix = sparse.csr_array(([0.0, 0.0], ([0, 1], [0, 1])), shape=(2, 2))
    found = median(matrix, [1, 1], 2, time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.objective, found.status) == ([0, 1], 0, "optimal")
    with pytest.raises(TooFew, match="No 1 candidates serve"):
        median(matrix, [1, 1], 1, time_limit_s=LIMIT)
    assert median(matrix, [0, 1], 1, time_limit_s=LIMIT).chosen.tolist() == [1]


def test_what_is_fixed_stays_and_may_be_a_mask():
    options = {"fixed": [True, False], "forbidden": [0], "time_limit_s": LIMIT}
    found = median([[1.0, 2], [2, 0]], [1, 1], 0, **options)
    assert (found.chosen.tolist(), found.objective) == ([], 3)


def test_what_is_out_of_reach_is_said():
    with pytest.raises(OutOfReach, match="1 demands are out of reach, the first is 1") as caught:
        median([[1, 2], [np.inf, 3]], [1, 1], 1, forbidden=[1], time_limit_s=LIMIT)
    assert caught.value.demand.tolist() == [1]
    assert isinstance(caught.value, ValueError)


def test_more_than_there_are_takes_those_that_serve_somebody():
    found = median([[1.0, 2, 2], [3, 1, 1]], [1, 1], 9, time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.objective, found.bound) == ([0, 1], 2, 2)


def test_demand_is_shared_among_what_has_room():
    """Four of the weight go to the nearest, which has no more room, and two to the next one."""
    options = {"capacity": [4, 9], "time_limit_s": LIMIT}
    assert median([[1.0, 2]], [6], 2, **options).objective == pytest.approx(4 + 2 * 2)
    assert median([[1.0, 2]], [6], 1, **options).chosen.tolist() == [1]
    with pytest.raises(TooFew):
        median([[1.0, 2]], [14], 2, **options)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"weight": [1]}, "shape"),
        ({"weight": [1, -1]}, ">= 0"),
        ({"weight": [1, np.nan]}, "finite"),
        ({"distances": [1, 2]}, "no matrix"),
        ({"distances": [[1, -1], [1, 1]]}, "numbers >= 0"),
        ({"distances": [[1, np.nan], [1, 1]]}, "numbers >= 0"),
        ({"count": -1}, "-1 candidates"),
        ({"fixed": [2]}, "fixed candidates must be"),
        ({"forbidden": [-1]}, "forbidden candidates must be"),
        ({"capacity": [1]}, "capacities of shape"),
        ({"capacity": [1, -1]}, "Capacities"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(changed, says):
    asked = {"distances": np.ones((2, 2)), "weight": [1, 1], "count": 1, "time_limit_s": LIMIT}
    with pytest.raises(ValueError, match=says):
        median(**{**asked, **changed})


@settings(deadline=None, max_examples=80)
@given(instances())
def test_no_exchange_makes_an_exchanged_choice_cheaper(instance):
    distances, weight, count, *_rest = instance
    pairs = np.where(np.isfinite(distances), distances, 0) * weight[:, None]
    row, column = np.nonzero(pairs < 1e4)
    flat = pairs[row, column]
    order = np.lexsort((column, flat, row))
    n = distances.shape[1]
    costs = Costs(row[order], column[order], flat[order], np.full(len(weight), 1e4), n)
    chosen = swapped(costs, np.arange(min(count, n)))
    reached = costs.value(chosen)
    for out, into in itertools.product(range(len(chosen)), range(n)):
        other = np.unique(np.append(np.delete(chosen, out), into))
        assert costs.value(other) >= reached * (1 - 1e-9) - 1e-9


@pytest.mark.parametrize("capacity", [None, np.full(60, 12.0)])
@pytest.mark.parametrize("time_limit_s", [0, 0.02])
def test_without_time_the_choice_is_possible_and_the_bound_holds(capacity, time_limit_s):
    distances, weight = scattered(5, demand=150, candidates=60)
    options = {"capacity": capacity, "fixed": [7]}
    hasty = median(distances, weight, 9, time_limit_s=time_limit_s, **options)
    proven = median(distances, weight, 9, time_limit_s=LIMIT, **options)
    assert hasty.bound <= proven.objective * (1 + 1e-6)
    assert proven.objective <= hasty.objective * (1 + 1e-6)
    assert hasty.status == "time_limit"
    assert proven.status == "optimal"


def test_without_time_nothing_may_be_known():
    """The one that serves most is none of the two that serve all, and greedy begins with it."""
    reached = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1], [1, 0, 1], [0, 0, 1]])
    distances = np.where(reached > 0, 1.0, np.inf)
    with pytest.raises(Undecided, match="no time to find 2"):
        median(distances, np.ones(6), 2, time_limit_s=0)
    found = median(distances, np.ones(6), 2, time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.objective, found.status) == ([1, 2], 6, "optimal")
    with pytest.raises(TooFew):
        median(distances, np.ones(6), 1, time_limit_s=LIMIT)


@pytest.mark.parametrize("owner", [medians.Search, capacitated.Shares], ids=["free", "full"])
@pytest.mark.parametrize("call", [1, 40])
def test_control_c_gives_the_best_so_far(monkeypatch, owner, call):
    distances, weight = scattered(3, demand=80, candidates=30)
    capacity = None if owner is medians.Search else np.full(30, 7.0)
    name = "relaxed" if capacity is None else "_relaxed"
    relaxed, calls = getattr(owner, name), []

    def pressed(self, price):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return relaxed(self, price)

    proven = median(distances, weight, 9, capacity=capacity, time_limit_s=LIMIT)
    monkeypatch.setattr(owner, name, pressed)
    found = median(distances, weight, 9, capacity=capacity, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert len(found.chosen) <= 9
    assert found.lp_bound <= found.bound <= proven.objective <= found.objective * (1 + 1e-6)


def test_control_c_ends_the_solver(monkeypatch, request):
    distances, weight = scattered(3, demand=120, candidates=60)
    passed = highs._Silent.passModel

    def pressed_soon(self, *model):
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        return passed(self, *model)

    monkeypatch.setattr(median_bounds, "ROUNDS", 30)
    monkeypatch.setattr(median_tree, "NODES", 0)
    monkeypatch.setattr(highs._Silent, "passModel", pressed_soon)
    # A shell lets what it runs in the background ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    found = median(distances, weight, 10, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert 0 < found.bound < found.objective


def test_the_same_question_has_the_same_answer(capfd):
    distances, weight = scattered(7, demand=150, candidates=60)
    distances = np.round(distances, 1)  # ties
    answers = [median(distances, weight, 7, time_limit_s=LIMIT, threads=t) for t in (1, 2, 1)]
    assert len({(a.objective, a.bound, a.lp_bound, tuple(a.chosen)) for a in answers}) == 1
    assert capfd.readouterr() == ("", "")
