"""The Lagrangian bound by itself, against all subsets and the linear relaxation."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from jxgis.kernels.covers import Cover, picked, reduced, settled, whole
from jxgis.kernels.exchanges import meeting
from jxgis.kernels.filling import filled
from jxgis.kernels.lagrange import Relaxation
from jxgis.kernels.limited import limited
from jxgis.kernels.limited_search import LimitedRelaxation

NEVER = np.inf
NONE = np.empty(0, np.intp)


@st.composite
def problems(draw):
    m, n = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    rows = draw(st.lists(st.integers(1, 2**n - 1), min_size=m, max_size=m))
    weight = np.array(draw(st.lists(st.integers(1, 9), min_size=m, max_size=m)), float)
    dense = np.array([[row >> j & 1 for j in range(n)] for row in rows], bool)
    floors = []
    for part in draw(st.lists(st.integers(1, 2**m - 1), max_size=2)):
        mask = np.array([part >> i & 1 for i in range(m)], bool)
        floors.append((mask, draw(st.integers(1, 4)) / 4 * float(weight[mask].sum())))
    return whole(sparse.csr_array(dense), weight, floors)


def choices(cover: Cover):
    n = cover.matrix.shape[1]
    for k in range(n + 1):
        for chosen in itertools.combinations(range(n), k):
            yield np.array(chosen, np.intp)


@settings(deadline=None)
@given(problems(), st.integers(0, 7), st.integers(0, 200))
def test_no_choice_covers_more_than_the_bound_at_any_step(cover, count, steps):
    options = [c for c in choices(cover) if len(c) <= count and cover.meets(c)]
    best = max((cover.covered(c) for c in options), default=None)
    relaxed = Relaxation(cover, count, picked(cover, None, count))
    relaxed.improve(steps, best or 0.0, NEVER)
    if best is None:
        return
    assert best <= relaxed.best.bound * (1 + 1e-9)
    if not len(cover.least):
        assert relaxed.best.bound <= cover.weight.sum() * (1 + 1e-9)
    taken, refused = relaxed.decided(best)
    better = [c for c in options if cover.covered(c) == best]
    assert any(np.isin(taken, c).all() and not np.isin(refused, c).any() for c in better)


@settings(deadline=None)
@given(problems(), st.integers(0, 200))
def test_no_choice_is_smaller_than_the_bound_at_any_step(cover, steps):
    if not len(cover.least):
        return
    best = min(len(c) for c in choices(cover) if cover.meets(c))
    relaxed = Relaxation(cover, None, meeting(cover))
    relaxed.improve(steps, best, NEVER)
    assert relaxed.best.bound <= best + 1e-6
    # Against a choice of one more, each better one, the best among them, has what is decided.
    taken, refused = relaxed.decided(best + 1)
    options = [c for c in choices(cover) if cover.meets(c) and len(c) == best]
    assert all(np.isin(taken, c).all() and not np.isin(refused, c).any() for c in options)


@settings(deadline=None)
@given(problems(), st.integers(1, 7), st.integers(0, 3))
def test_what_is_settled_is_worth_the_same(cover, taken, refused):
    n = cover.matrix.shape[1]
    taken, refused = np.arange(n)[: min(taken, n)][:2], np.arange(n)[2 : 2 + refused]
    rest = settled(cover, taken, refused)
    for own in choices(rest):
        columns = np.sort(np.append(taken, np.searchsorted(cover.candidate, rest.candidate[own])))
        assert rest.base + rest.covered(own) == pytest.approx(cover.covered(columns))
        assert rest.meets(own) == cover.meets(columns)


def relaxation(matrix, weight, count):
    """Return the optimum of the linear programme."""
    m, n = matrix.shape
    covering = sparse.hstack([-matrix, sparse.eye_array(m)])
    few = sparse.csr_array(np.append(np.ones(n), np.zeros(m))[None])
    rows = sparse.vstack([covering, few])
    done = linprog(
        -np.append(np.zeros(n), weight),
        A_ub=rows,
        b_ub=np.append(np.zeros(m), count),
        bounds=(0, 1),
    )
    return -done.fun


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [3, 10, 25])
def test_it_comes_near_the_linear_relaxation(seed, count):
    rng = np.random.default_rng(seed)
    a, b = rng.random((400, 1, 2)), rng.random((1, 120, 2))
    near = np.hypot(*np.moveaxis(a - b, 2, 0)) < 0.1
    cover = whole(sparse.csr_array(near), rng.uniform(0.2, 1, 400))
    linear = relaxation(cover.matrix, cover.weight, count)
    picks = picked(cover, None, count)
    relaxed = Relaxation(cover, count, picks)
    while relaxed.improve(100, cover.covered(picks), NEVER):
        pass
    assert linear * (1 - 1e-9) <= relaxed.best.bound <= linear * 1.003


@settings(deadline=None)
@given(problems(), st.integers(1, 7), st.integers(0, 60), st.data())
def test_limits_earn_no_more_than_a_wide_one(cover, count, steps, data):
    n = cover.matrix.shape[1]
    limits = st.lists(st.integers(1, 20).map(float), min_size=n, max_size=n)
    plain = replace(cover, parts=cover.parts[:0], least=NONE * 1.0, short=NONE * 1.0, number=NONE)
    asked = limited(plain, np.array(data.draw(limits)), NONE, NONE)
    tight = LimitedRelaxation(asked, count, filled(asked, count))
    wide = Relaxation(asked.cover, count, picked(asked.cover, None, count))
    prices = tight.price
    assert (tight._scores(prices) <= wide._scores(prices) * (1 + 1e-9)).all()
    tight.improve(steps, 0.0, NEVER)
    assert tight.best.bound <= asked.cover.weight.sum() * (1 + 1e-9)


@settings(deadline=None)
@given(problems())
def test_making_a_cover_with_floors_small_changes_no_optimum(cover):
    def bests(own):
        sizes = range(cover.matrix.shape[1] + 1)
        met = [(len(c), own.covered(c)) for c in choices(own) if own.meets(c)]
        return [max((v for k, v in met if k <= size), default=None) for size in sizes]

    assert bests(reduced(cover)) == pytest.approx(bests(cover))
