"""What the proof leaves out and adds: nothing that a better plan has, and no plan that there is."""

import itertools
from dataclasses import replace
from time import monotonic

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_buildout_search import town

from jxgis.kernels import buildout_solver
from jxgis.kernels.buildout import solve
from jxgis.kernels.buildout_reduced import reduced
from jxgis.kernels.buildout_search import Search
from jxgis.kernels.buildout_sharper import Takes, sharper


@pytest.mark.parametrize("capacity", [None, 40.0])
def test_what_is_fixed_by_reduced_cost_is_in_no_better_plan(capacity):
    problem = town(seed=4, capacity=capacity, m=120, n=30, floor=0.0)
    best = solve(problem, time_limit_s=60, gap=1e-5)
    small = reduced(problem)
    for k, units in enumerate(best.units):
        search = Search(small, monotonic() + 60, 1, 1e-6)
        search._relax()
        poor = [u[:, kept].copy() for u, kept in zip(best.units, small.kept, strict=True)]
        poor = [np.minimum(u, most) for u, most in zip(poor, small.most, strict=True)]
        there = np.flatnonzero(units[-1])
        poor[k][:, np.searchsorted(small.kept[k], there[-1])] = 0
        # Less than this is lost, so that something can be left out.
        worth = best.objective * (1 - 2e-3)
        search.best = replace(search._tried(poor), objective=worth)
        model, most = search.proving, search._useful()
        left_out = np.flatnonzero((most == 0) & (model.most > 0))
        assert len(left_out)
        for j in left_out[:6]:
            least = np.zeros(len(most))
            least[j] = 1.0
            solver = buildout_solver.passed(model, least, model.most, whole=False)
            with_it = buildout_solver.ended(model, solver, monotonic() + 60, whole=False)
            assert with_it.status == "infeasible" or with_it.bound <= worth
        search._prove()
        assert search.best.objective == pytest.approx(best.objective, rel=1e-4)
        assert search.bound >= best.objective * (1 - 1e-6)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_limits_in_whole_numbers_forbid_no_plan(data):
    """Places of two tiers: of stations, and of at least two piles each, which are counted."""
    amounts = st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0, 1.5, 2.0])
    stations = np.array(data.draw(st.lists(amounts, min_size=2, max_size=2)))
    piles = np.array(data.draw(st.lists(amounts, min_size=2, max_size=2)))
    limit = data.draw(st.sampled_from([0.1, 0.3, 0.9, 1.0, 2.4, 3.0, 4.5]))
    takes = [
        Takes(np.array([0, 1]), stations, np.array([0, 1]), stations),
        Takes(np.array([2, 3]), 2 * piles, np.array([4, 5]), piles),
    ]
    rows = sharper(takes, limit)
    for one, other, p, q in itertools.product((0, 1), (0, 1), (0, 2, 3, 4), (0, 2, 3, 4)):
        if one * stations[0] + other * stations[1] + p * piles[0] + q * piles[1] > limit + 1e-12:
            continue
        plan = np.array([one, other, p > 0, q > 0, p, q], float)
        for _amount, column, number, most in rows:
            assert number @ plan[column] <= most


def test_a_limit_in_whole_numbers_forbids_parts():
    one = np.arange(3)
    takes = [Takes(one, np.full(3, 1200.0), one, np.full(3, 1200.0))]
    ((amount, column, number, most),) = sharper(takes, 2500.0)
    assert (amount, column.tolist(), number.tolist(), most) == (1200, [0, 1, 2], [1, 1, 1], 2)
    assert sharper(takes, 3700.0) == []
