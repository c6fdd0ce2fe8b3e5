"""What stations with a capacity serve, against the linear programme written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from jxgis.kernels.allocation import served_by, shortest_ways


@given(st.integers(0, 2**32), st.booleans())
def test_as_much_is_served_as_the_linear_programme_serves(seed, floored):
    rng = np.random.default_rng(seed)
    m, n = rng.integers(1, 8, 2)
    covers = rng.random((m, n)) < 0.5
    weight = rng.integers(0, 9, m).astype(float)
    capacity = rng.integers(0, 12, n).astype(float)
    opened = np.flatnonzero(rng.random(n) < 0.7)
    row, column = np.nonzero(covers[:, opened])
    rows = [(row == i).astype(float) for i in range(m)]
    rows += [(column == j).astype(float) for j in range(len(opened))]
    ends = [*weight, *capacity[opened]]
    best = 0.0
    if len(row):
        best = -linprog(-np.ones(len(row)), np.array(rows), ends).fun
    floors = []
    if floored:  # what the first demand can have at most it can have in every greatest flow
        can = min(weight[0], capacity[opened][covers[0, opened]].sum())
        floors = [(np.array([0]), can / 2)]
    served = served_by(sparse.csr_array(covers), weight, capacity, opened, floors)
    assert served.sum() == pytest.approx(best, abs=1e-6)
    assert (served <= weight).all()
    if floored:
        assert served[0] >= floors[0][1] * (1 - 1e-6) - 1e-9
    for part in range(1, 2**m):  # no set of demand has more than its stations' capacities
        own = np.array([part >> i & 1 for i in range(m)], bool)
        reached = opened[covers[np.ix_(own, opened)].any(axis=0)]
        assert served[own].sum() <= capacity[reached].sum() + 1e-6


@given(st.integers(0, 2**32))
def test_no_way_of_serving_all_is_shorter(seed):
    rng = np.random.default_rng(seed)
    m, n = rng.integers(1, 8, 2)
    far = np.where(rng.random((m, n)) < 0.8, rng.uniform(0, 5000, (m, n)), np.inf)
    weight = rng.integers(0, 9, m).astype(float)
    capacity = rng.choice([3.0, 8.0, 30.0, np.inf], n)
    opened = np.flatnonzero(rng.random(n) < 0.7)
    row, column = np.nonzero(np.isfinite(far[:, opened]))
    limit = np.minimum(capacity[opened], weight.sum())
    found = shortest_ways(far, weight, capacity, opened)
    least = None
    if len(row):
        where = np.array([(column == j).astype(float) for j in range(len(opened))])
        who = np.array([(row == i).astype(float) for i in range(m)])
        best = linprog(far[:, opened][row, column], where, limit, who, weight)
        least = best.fun if best.success else None
    elif not weight.any():
        least = 0.0
    assert (found is None) == (least is None)
    if found is None:
        return
    assert found.total == pytest.approx(least, rel=1e-6, abs=1e-6)
    assert np.isin(found.column, opened).all()
    assert np.bincount(found.row, found.amount, m) == pytest.approx(weight, abs=1e-6)
    assert (np.bincount(found.column, found.amount, n) <= capacity * (1 + 1e-6)).all()
    assert found.distance == pytest.approx(far[found.row, found.column])
