"""Centers, against all choices and spopt."""

import itertools

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial import distance
from spopt.locate import PCenter

from jxgis.kernels import centers, setcover
from jxgis.kernels.centers import center
from jxgis.kernels.serving import OutOfReach, TooFew, Undecided
from jxgis.kernels.setcover import Rows

LIMIT = 60
DISTANCES = st.one_of(st.integers(0, 9).map(float), st.floats(0, 100, allow_subnormal=False))


@st.composite
def instances(draw):
    """Draw distances, of which some are infinite, weights, a count, fixed and forbidden ones."""
    m, n = draw(st.integers(0, 9)), draw(st.integers(1, 7))
    entry = st.one_of(DISTANCES, DISTANCES, st.just(np.inf))
    distances = draw(st.lists(st.lists(entry, min_size=n, max_size=n), min_size=m, max_size=m))
    weight = draw(st.lists(st.sampled_from([0, 1, 0.5]), min_size=m, max_size=m))
    order = draw(st.permutations(range(n)))
    fixed, forbidden = order[: draw(st.integers(0, 2))], order[n - draw(st.integers(0, 1)) :]
    forbidden = [j for j in forbidden if j not in fixed]
    count = draw(st.integers(0, 4))
    return np.array(distances).reshape(m, n), np.array(weight, float), count, fixed, forbidden


def stored(distances):
    """Return what is within reach as a sparse matrix, with its zeros."""
    row, column = np.nonzero(np.isfinite(distances))
    return sparse.coo_array((distances[row, column], (row, column)), shape=distances.shape)


def farthest(distances, weight, is_open):
    return distances[weight > 0][:, is_open].min(axis=1, initial=np.inf).max(initial=0)


def scattered(seed, demand=60, candidates=25):
    rng = np.random.default_rng(seed)
    return distance.cdist(rng.random((demand, 2)), rng.random((candidates, 2)))


def check(instance, matrix):
    """Ask for a center and hold it against all choices."""
    distances, weight, count, fixed, forbidden = instance
    free = [j for j in range(distances.shape[1]) if j not in fixed and j not in forbidden]
    best = min(
        farthest(distances, weight, [*fixed, *chosen])
        for chosen in itertools.combinations(free, min(count, len(free)))
    )
    options = {"weight": weight, "fixed": fixed, "forbidden": forbidden, "time_limit_s": LIMIT}
    if not np.isfinite(best):
        with pytest.raises((OutOfReach, TooFew)):
            center(matrix, count, **options)
        return
    found = center(matrix, count, **options)
    assert found.status == "optimal"
    assert found.objective == found.bound == best >= found.lp_bound
    assert found.covered == weight.sum()
    assert farthest(distances, weight, [*fixed, *found.chosen]) == best
    assert len(found.chosen) <= count
    assert not set(found.chosen) & {*fixed, *forbidden}


@settings(deadline=None, max_examples=200)
@given(instances(), st.booleans())
def test_no_choice_is_nearer(instance, is_sparse):
    check(instance, stored(instance[0]) if is_sparse else instance[0])


@settings(deadline=None, max_examples=80)
@given(instances())
def test_the_programmes_alone_agree(instance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rows, "picked", lambda *_: None)
        check(instance, stored(instance[0]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 3, 7])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_spopt_agrees(seed, count):
    distances = scattered(seed)
    theirs = PCenter.from_cost_matrix(distances, p_facilities=count)
    theirs = theirs.solve(pulp.HiGHS(msg=False)).problem.objective.value()
    found = center(distances, count, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.objective == found.bound == pytest.approx(theirs)


@given(instances(), st.integers(0, 5))
def test_a_smaller_cover_needs_as_many(instance, radius):
    near = instance[0] <= radius
    near = near[near.any(axis=1)]
    rows = Rows(sparse.csr_array(near.astype(float)), np.arange(near.shape[1]))
    small = rows.reduced()

    def fewest(matrix):
        n = matrix.shape[1]
        return next(
            k
            for k in range(n + 1)
            for chosen in itertools.combinations(range(n), k)
            if matrix[:, list(chosen)].any(axis=1).all()
        )

    assert fewest(small.matrix.toarray()) == fewest(near)
    # What covers all that is left covers all.
    chosen = small.candidate[list(range(len(small.candidate)))]
    assert near[:, chosen].any(axis=1).all()


def test_a_dear_reduction_is_left_out(monkeypatch):
    distances = scattered(1)
    found = center(distances, 4, time_limit_s=LIMIT)
    monkeypatch.setattr(setcover, "DEAR", 0)
    plain = center(distances, 4, time_limit_s=LIMIT)
    assert plain.objective == found.objective
    assert plain.status == found.status == "optimal"


def test_the_relaxation_knows_less_than_the_cover():
    """Five on a ring, each of which serves two neighbours: 3 are needed, fractions need 2.5."""
    ring = np.eye(5) + np.roll(np.eye(5), 1, axis=0)
    distances = np.where(sparse.block_diag([ring] * 2).toarray() > 0, 1.0, 9.0)
    five = center(distances, 5, time_limit_s=LIMIT)
    assert (five.objective, five.bound, five.lp_bound, five.status) == (9, 9, 1, "optimal")
    assert center(distances, 6, time_limit_s=LIMIT).objective == 1


def test_a_stored_zero_is_a_distance_and_nothing_stored_is_none():
    matrix = sparse.csr_array(([0.0, 0.0], ([0, 1], [0, 1])), shape=(2, 2))
    found = center(matrix, 2, time_limit_s=LIMIT)
    assert (found.chosen.tolist(), found.objective, found.status) == ([0, 1], 0, "optimal")
    with pytest.raises(TooFew, match="No 1 candidates serve"):
        center(matrix, 1, time_limit_s=LIMIT)
    with pytest.raises(OutOfReach, match="the first is 1"):
        center(matrix, 2, forbidden=[1], time_limit_s=LIMIT)
    assert center(matrix, 1, weight=[0, 1], time_limit_s=LIMIT).chosen.tolist() == [1]


def test_numbers_that_mean_nothing_are_refused():
    with pytest.raises(ValueError, match="-1 candidates"):
        center(np.ones((2, 2)), -1, time_limit_s=LIMIT)
    with pytest.raises(ValueError, match="shape"):
        center(np.ones((2, 2)), 1, weight=[1], time_limit_s=LIMIT)


@pytest.mark.parametrize("time_limit_s", [0, 0.05])
def test_without_time_the_choice_is_possible_and_the_bound_holds(time_limit_s):
    distances = scattered(2, demand=300, candidates=150)
    hasty = center(distances, 9, time_limit_s=time_limit_s)
    proven = center(distances, 9, time_limit_s=LIMIT)
    assert hasty.bound <= proven.objective <= hasty.objective
    assert (hasty.status, proven.status) == ("time_limit", "optimal")


def test_without_time_nothing_may_be_known(monkeypatch):
    monkeypatch.setattr(Rows, "picked", lambda *_: None)
    with pytest.raises(Undecided, match="no time to find 2"):
        center(scattered(0), 2, time_limit_s=0)


@pytest.mark.parametrize("name", ["least", "_programme"])
@pytest.mark.parametrize("call", [1, 4])
def test_control_c_gives_the_best_so_far(monkeypatch, name, call):
    distances = scattered(2, demand=300, candidates=150)
    own, calls = getattr(Rows, name), []

    def pressed(self, *arguments, **options):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return own(self, *arguments, **options)

    proven = center(distances, 9, time_limit_s=LIMIT)
    monkeypatch.setattr(Rows, name, pressed)
    found = center(distances, 9, time_limit_s=LIMIT)
    assert found.status == "interrupted"
    assert found.lp_bound <= found.bound <= proven.objective <= found.objective
    assert farthest(distances, np.ones(300), found.chosen) == found.objective


def test_the_same_question_has_the_same_answer(capfd):
    distances = np.round(scattered(7, demand=150, candidates=60), 1)
    answers = [center(distances, 7, time_limit_s=LIMIT, threads=t) for t in (1, 2, 1)]
    assert len({(a.objective, a.bound, a.lp_bound, tuple(a.chosen)) for a in answers}) == 1
    assert capfd.readouterr() == ("", "")
    assert centers.center is center
