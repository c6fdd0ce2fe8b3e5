"""What each place of a choice is worth, against taking it away and putting every other there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from jxgis.kernels.worth import build_order, worth


def total(covers, values, places, opens):
    """Return the value served by places that open in some years, by the definition."""
    worth = 0.0
    for year, value in enumerate(values):
        here = [p for p, y in zip(places, opens, strict=True) if y <= year]
        worth += value[covers[:, here].any(axis=1)].sum() if here else 0.0
    return worth


@st.composite
def choices(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    m, n, years = draw(st.integers(1, 9)), draw(st.integers(1, 7)), draw(st.integers(1, 3))
    covers = rng.random((m, n)) < draw(st.sampled_from([0.2, 0.5]))
    values = rng.integers(0, 9, (years, m)).astype(float)
    count = draw(st.integers(1, n))
    places = rng.permutation(n)[:count]
    return covers, values, places, rng.integers(0, years, count), rng.random(n) < 0.7


@given(choices())
def test_each_place_is_worth_what_is_lost_and_won_by_an_exchange(choice):
    covers, values, places, opens, allowed = choice
    open_in = opens[:, None] <= np.arange(len(values))
    times = np.stack([covers[:, places[now]].sum(axis=1) for now in open_in.T])
    found = worth(sparse.csr_array(covers), values, times, places, opens, allowed)
    whole = total(covers, values, places, opens)
    others = [j for j in np.flatnonzero(allowed) if j not in places]
    for k in range(len(places)):
        without = total(covers, values, np.delete(places, k), np.delete(opens, k))
        assert found.alone[k] == pytest.approx(whole - without)
        exchanged = [
            total(covers, values, np.where(np.arange(len(places)) == k, j, places), opens)
            for j in others
        ]
        if not others:
            assert found.instead[k] == -1
            assert np.isnan(found.cost[k])
            continue
        assert found.cost[k] == pytest.approx(whole - max(exchanged))
        assert exchanged[others.index(found.instead[k])] == pytest.approx(max(exchanged))


@given(choices())
def test_the_next_place_is_always_the_one_that_adds_most(choice):
    covers, values, places, _opens, _allowed = choice
    order = build_order(sparse.csr_array(covers), values[0], places)
    assert sorted(order) == sorted(places)
    left = values[0].copy()
    for number, place in enumerate(order):
        adds = {j: left[covers[:, j]].sum() for j in order[number:]}
        assert adds[place] == pytest.approx(max(adds.values()))
        left[covers[:, place]] = 0
