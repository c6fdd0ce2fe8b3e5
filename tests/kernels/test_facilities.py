"""Fewest facilities and most coverage, against all subsets of candidates."""

import itertools
import math
import signal
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from jxgis.kernels import covers as kernel
from jxgis.kernels import exchanges, highs, programme
from jxgis.kernels.covers import Cover
from jxgis.kernels.facilities import Unreachable, fewest, greedy, merged, most
from jxgis.kernels.lagrange import Relaxation

LIMIT = 60

WEIGHTS = st.one_of(
    st.integers(0, 9).map(float),
    st.floats(0, 1e4, allow_subnormal=False),
    st.sampled_from([1e-12, 0.1, 1 / 3, 1e9]),
)


@st.composite
def instances(draw):
    m, n = draw(st.integers(0, 9)), draw(st.integers(0, 8))
    rows = draw(st.lists(st.integers(0, 2**n - 1), min_size=m, max_size=m))
    weight = np.array(draw(st.lists(WEIGHTS, min_size=m, max_size=m)), float)
    dense = np.array([[row >> j & 1 for j in range(n)] for row in rows], float).reshape(m, n)
    return sparse.csr_array(dense), weight


def covered(matrix, weight, chosen):
    return float(weight[matrix.toarray()[:, list(chosen)].any(axis=1)].sum())


def best_weights(matrix, weight):
    """Return the most weight that 0, 1, ... candidates cover, by trying all of them."""
    n = matrix.shape[1]
    return [
        max(covered(matrix, weight, c) for c in itertools.combinations(range(n), k))
        for k in range(n + 1)
    ]


def scattered(seed, demand=300, candidates=150, reach=0.09):
    rng = np.random.default_rng(seed)
    a, b = rng.random((demand, 1, 2)), rng.random((1, candidates, 2))
    near = np.hypot(*np.moveaxis(a - b, 2, 0)) < reach
    return sparse.csr_array(near), rng.uniform(0.2, 1, demand)


@settings(deadline=None, max_examples=150)
@given(instances(), st.floats(0.01, 1))
def test_no_smaller_set_covers_as_much(instance, share):
    matrix, weight = instance
    best = best_weights(matrix, weight)
    reach = share * best[-1]
    found = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    # Within the tolerance either number may be the answer; no such reach is likely to be drawn.
    strict = next(k for k, b in enumerate(best) if b >= reach * (1 - 1e-9))
    assert found.status == "optimal"
    assert found.lp_bound <= found.bound == found.objective == len(found.chosen) == strict
    assert found.covered == pytest.approx(covered(matrix, weight, found.chosen))
    assert found.covered >= reach * (1 - 2e-9)
    assert len(greedy(matrix, weight, reach=reach)) >= found.bound


@settings(deadline=None, max_examples=150)
@given(instances(), st.integers(0, 9))
def test_no_set_of_as_many_covers_more(instance, count):
    matrix, weight = instance
    best = best_weights(matrix, weight)
    found = most(matrix, weight, count, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert len(found.chosen) <= count
    assert found.objective == found.covered
    assert found.covered == pytest.approx(covered(matrix, weight, found.chosen))
    assert found.covered == pytest.approx(best[min(count, len(best) - 1)], rel=2e-6)
    assert found.covered <= found.bound <= found.lp_bound * (1 + 1e-6)
    assert covered(matrix, weight, greedy(matrix, weight, count=count)) <= found.bound * (1 + 1e-9)


@settings(deadline=None, max_examples=150)
@given(instances())
def test_merging_changes_no_optimum(instance):
    matrix, weight = instance
    small = merged(matrix, weight)
    assert (np.diff(small.candidate) > 0).all()
    assert (small.weight > 0).all()
    before, after = best_weights(matrix, weight), best_weights(small.matrix, small.weight)
    assert after == pytest.approx(before[: len(after)])
    assert before[len(after) :] == pytest.approx([before[-1]] * (len(before) - len(after)))
    # What is left means in the original what it means here.
    for j, candidate in enumerate(small.candidate):
        here = covered(small.matrix, small.weight, [j])
        assert here == pytest.approx(covered(matrix, weight, [candidate]))


def test_merging_leaves_out_what_is_within_another():
    dense = [
        [1, 1, 0, 1, 0],
        [1, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1],
    ]
    small = merged(sparse.csr_matrix(dense), [1, 2, 4, 8, 0])
    assert small.candidate.tolist() == [0, 2]  # 1 is as 0, 3 within 0, 4 covers what weighs nothing
    assert small.weight.tolist() == [3, 4]
    assert small.matrix.toarray().tolist() == [[1, 0], [0, 1]]


def test_entries_of_any_kind_mean_covered():
    dense = np.array([[2.5, 0], [-1, 1], [0, 7]])
    weight = [1, 2, 3]
    as_is = most(sparse.coo_array(dense), weight, 1, time_limit_s=LIMIT)
    as_bool = most(sparse.csc_matrix(dense != 0), weight, 1, time_limit_s=LIMIT)
    assert as_is.chosen.tolist() == as_bool.chosen.tolist() == [1]
    assert as_is.covered == 5


def test_the_given_matrix_is_left_as_it_is():
    matrix = sparse.csr_array(np.array([[2.0, 0], [3, 1]]))
    merged(matrix, [1, 1])
    assert matrix.toarray().tolist() == [[2, 0], [3, 1]]


def plain_greedy(matrix, weight, reach, count):
    dense, left, picks = matrix.toarray().astype(bool), weight.copy(), []
    while len(picks) < count and weight.sum() - left.sum() < reach:
        gains = [left[dense[:, j]].sum() for j in range(dense.shape[1])]
        if not gains or max(gains) <= 0:
            break
        picks.append(int(np.argmax(gains)))
        left[dense[:, picks[-1]]] = 0
    return picks


@given(instances(), st.integers(0, 9), st.integers(1, 60))
def test_the_lazy_greedy_is_the_greedy(instance, count, reach):
    matrix, weight = instance
    weight = np.round(weight % 10)  # whole, so that sums have no rounding
    assert greedy(matrix, weight, count=count).tolist() == plain_greedy(
        matrix, weight, np.inf, count
    )
    assert greedy(matrix, weight, reach=reach).tolist() == plain_greedy(matrix, weight, reach, 99)


def test_greedy_takes_the_first_of_equals():
    assert greedy(sparse.csr_array(np.eye(4)), np.ones(4), count=2).tolist() == [0, 1]


@given(instances(), st.integers(1, 8))
def test_no_exchange_makes_an_exchanged_choice_better(instance, count):
    matrix, weight = instance
    cover = kernel.whole(matrix, weight)
    first = np.arange(min(count, matrix.shape[1]))
    chosen = exchanges.swapped(cover, first)
    assert len(chosen) == len(first)
    reached = cover.covered(chosen)
    assert reached >= cover.covered(first) * (1 - 1e-9)
    for a, c in itertools.product(range(len(chosen)), range(matrix.shape[1])):
        other = np.unique(np.append(np.delete(chosen, a), c))
        assert cover.covered(other) <= reached + 2e-9 * weight.sum()


@pytest.mark.parametrize("seed", range(3))
def test_scattered_demand_is_proven(seed):
    matrix, weight = scattered(seed)
    reach = 0.8 * merged(matrix, weight).weight.sum()
    found = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.covered >= reach
    # The other programme agrees: one fewer does not reach, as many do.
    count = len(found.chosen)
    assert most(matrix, weight, count - 1, time_limit_s=LIMIT).bound < reach
    assert most(matrix, weight, count, time_limit_s=LIMIT).bound >= reach


def test_the_solver_answers_where_greedy_and_relaxation_do_not():
    """The odd cycle: each candidate covers two neighbours, so 5 need 3, fractions only 2.5.

    Three such cycles need 9, while the relaxation says 7.5.
    """
    cycle = np.eye(5) + np.roll(np.eye(5), 1, axis=0)
    matrix = sparse.csr_array(sparse.block_diag([cycle] * 3))
    found = fewest(matrix, np.ones(15), 15, time_limit_s=LIMIT)
    assert (found.objective, found.bound, found.lp_bound) == (9, 9, 8)
    assert found.status == "optimal"
    best = most(matrix, np.ones(15), 8, time_limit_s=LIMIT)
    assert (best.objective, best.bound, best.lp_bound) == (14, 14, 15)
    assert best.status == "optimal"


@pytest.mark.parametrize("lacks", [1e-8, 1e-7, 1e-6, 1e-5])
def test_a_set_that_falls_short_by_a_hair_does_not_pass(lacks):
    """One candidate covers all but a sliver, and the sliver needs a second one."""
    matrix = sparse.csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]]))
    weight = np.array([1, lacks / 2, lacks / 2])
    found = fewest(matrix, weight, weight.sum(), time_limit_s=LIMIT)
    assert found.chosen.tolist() == [0, 1]
    assert found.bound == 2
    assert fewest(matrix, weight, 1, time_limit_s=LIMIT).chosen.tolist() == [0]


@pytest.mark.parametrize("seed", [0, 1, 3, 4])
def test_a_short_set_that_the_programme_lets_pass_is_forbidden(monkeypatch, seed):
    matrix, weight = scattered(seed, demand=60, candidates=30, reach=0.2)
    reach = 0.8 * merged(matrix, weight).weight.sum()
    exact = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    cuts = []
    requiring = programme.Programme.requiring
    monkeypatch.setattr(programme, "LOOSE", 0.03)
    monkeypatch.setattr(Relaxation, "improve", lambda *_: False)
    monkeypatch.setattr(
        programme.Programme, "requiring", lambda *a: cuts.append(1) or requiring(*a)
    )
    loose = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    assert cuts
    assert loose.covered >= reach
    assert loose.status == exact.status == "optimal"
    assert loose.objective == loose.bound == exact.objective


def test_what_all_cannot_reach_is_said():
    matrix = sparse.csr_array(np.array([[1, 0], [0, 1], [0, 0]]))
    with pytest.raises(Unreachable, match="together cover 3") as caught:
        fewest(matrix, [1, 2, 4], 3.1, time_limit_s=LIMIT)
    assert caught.value.reachable == 3
    assert isinstance(caught.value, ValueError)
    assert fewest(matrix, [1, 2, 4], 3, time_limit_s=LIMIT).chosen.tolist() == [0, 1]


@pytest.mark.parametrize("reach", [0, -1])
def test_nothing_reaches_nothing(reach):
    found = fewest(sparse.csr_array(np.eye(2)), [1, 1], reach, time_limit_s=LIMIT)
    assert found.chosen.tolist() == []
    assert (found.objective, found.bound, found.status) == (0, 0, "optimal")


@pytest.mark.parametrize(
    ("weight", "says"),
    [([1], "shape"), ([1, -1], ">= 0"), ([1, math.nan], "finite"), ([1, math.inf], "finite")],
)
def test_weights_that_mean_nothing_are_refused(weight, says):
    with pytest.raises(ValueError, match=says):
        most(sparse.csr_array(np.eye(2)), weight, 1, time_limit_s=LIMIT)


def test_numbers_that_mean_nothing_are_refused():
    matrix = sparse.csr_array(np.eye(2))
    with pytest.raises(ValueError, match="-1 candidates"):
        most(matrix, [1, 1], -1, time_limit_s=LIMIT)
    with pytest.raises(ValueError, match="not a number"):
        fewest(matrix, [1, 1], math.nan, time_limit_s=LIMIT)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("time_limit_s", [0, 1e-3])
def test_without_time_the_choice_is_good_and_the_bound_holds(seed, time_limit_s):
    matrix, weight = scattered(seed)
    reach = 0.8 * merged(matrix, weight).weight.sum()
    hasty = fewest(matrix, weight, reach, time_limit_s=time_limit_s)
    proven = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    assert hasty.covered >= reach
    assert 0 < hasty.lp_bound <= hasty.bound <= proven.objective <= hasty.objective
    assert hasty.objective <= len(greedy(matrix, weight, reach=reach))
    assert hasty.status == ("optimal" if hasty.bound == hasty.objective else "time_limit")
    count = len(proven.chosen)
    hasty = most(matrix, weight, count, time_limit_s=time_limit_s)
    proven = most(matrix, weight, count, time_limit_s=LIMIT)
    assert covered(matrix, weight, greedy(matrix, weight, count=count)) <= hasty.covered + 1e-9
    assert hasty.covered <= proven.covered * (1 + 1e-6)
    assert proven.covered <= hasty.bound
    assert hasty.status == "time_limit"


def test_the_same_question_has_the_same_answer():
    matrix, weight = scattered(7)
    reach = 0.85 * merged(matrix, weight).weight.sum()
    for answers in (
        [fewest(matrix, weight, reach, time_limit_s=LIMIT) for _ in range(3)],
        [most(matrix, weight, 12, time_limit_s=LIMIT, threads=t) for t in (1, 2, 1)],
    ):
        assert len({(a.bound, a.lp_bound, a.objective, a.status) for a in answers}) == 1
    assert len({tuple(fewest(matrix, weight, reach, time_limit_s=LIMIT).chosen) for _ in "ab"}) == 1


def test_nothing_is_printed(capfd):
    matrix, weight = scattered(0)
    most(matrix, weight, 9, time_limit_s=LIMIT)
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def interruptible():
    """Let the signal raise: a shell lets what it runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pressing(method, times):
    """Return a function that does the same, but where Ctrl-C is pressed the n-th time."""
    calls = []

    def pressed(*args, **options):
        calls.append(1)
        if len(calls) == times:
            signal.raise_signal(signal.SIGINT)
        return method(*args, **options)

    return pressed


@pytest.mark.parametrize(
    ("place", "name", "times"),
    [(Relaxation, "improve", 1), (Relaxation, "_at", 40), (Cover, "covered", 9)],
)
@pytest.mark.usefixtures("interruptible")
def test_control_c_gives_the_best_so_far(monkeypatch, place, name, times):
    matrix, weight = scattered(3, demand=1500, candidates=1200, reach=0.08)
    reach = 0.97 * merged(matrix, weight).weight.sum()
    monkeypatch.setattr(place, name, pressing(getattr(place, name), times))
    found = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert covered(matrix, weight, found.chosen) >= reach
    assert 0 < found.lp_bound <= found.bound < found.objective


@pytest.mark.parametrize(
    ("place", "name", "times"), [(Relaxation, "improve", 1), (Relaxation, "_at", 40)]
)
@pytest.mark.usefixtures("interruptible")
def test_control_c_gives_the_most_so_far(monkeypatch, place, name, times):
    matrix, weight = scattered(3, demand=1500, candidates=1200, reach=0.08)
    monkeypatch.setattr(place, name, pressing(getattr(place, name), times))
    found = most(matrix, weight, 25, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert found.covered == pytest.approx(covered(matrix, weight, found.chosen))
    assert found.covered < found.bound <= weight.sum()


@pytest.mark.usefixtures("interruptible")
def test_control_c_ends_the_solver(monkeypatch):
    matrix, weight = scattered(3, demand=1500, candidates=1200, reach=0.08)
    reach = 0.97 * merged(matrix, weight).weight.sum()
    passed = highs._Silent.passModel

    def pressed_soon(self, *model):
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        return passed(self, *model)

    monkeypatch.setattr(highs._Silent, "passModel", pressed_soon)
    monkeypatch.setattr(Relaxation, "improve", lambda *_: False)
    found = fewest(matrix, weight, reach, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert covered(matrix, weight, found.chosen) >= reach
    assert 0 < found.lp_bound <= found.bound < found.objective


def test_a_solver_that_fails_is_not_believed(monkeypatch):
    monkeypatch.setattr(highs._Silent, "passModel", lambda *_: None)
    monkeypatch.setattr(Relaxation, "improve", lambda *_: False)
    matrix, weight = scattered(0)
    with pytest.raises(ValueError, match="HiGHS ended with"):
        most(matrix, weight, 9, time_limit_s=LIMIT)
