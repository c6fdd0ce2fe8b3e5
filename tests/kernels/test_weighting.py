"""Weighted rankings, and shares of weights held against lengths of intervals."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.kernels import weighting as module
from jxgis.kernels.weighting import first_overall, first_shares, scaled, scores

tables = st.integers(1, 8).flatmap(
    lambda n: st.lists(
        st.tuples(*[st.floats(-1e6, 1e6) | st.just(float("nan"))] * 3), min_size=n, max_size=n
    )
)


def test_scaled_by_hand():
    values = np.array([[1500.0, 2.0, 7.0], [1400.0, 12.0, 7.0], [1450.0, np.nan, 7.0]])
    assert scaled(values, [1, -1, 1]).tolist() == [[1, 1, 0.5], [0, 0, 0.5], [0.5, 0.5, 0.5]]


@given(tables, st.lists(st.sampled_from([-1, 1]), min_size=3, max_size=3))
def test_scaled_keeps_the_order(rows, better):
    values = np.array(rows)
    found = scaled(values, better)
    assert ((found >= 0) & (found <= 1)).all()
    for column, sign in enumerate(better):
        known = ~np.isnan(values[:, column])
        assert (found[~known, column] == 0.5).all()
        order = np.argsort(sign * values[known, column])
        assert (np.diff(found[known, column][order]) >= 0).all()
        if len(set(values[known, column])) > 1:
            assert found[known, column].min() == 0
            assert found[known, column].max() == 1


def test_scores_by_hand():
    table = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    assert scores(table, [3, 1]).tolist() == [0.75, 0.5, 0.25]
    assert scores(table, [0, 2]).tolist() == [0, 0.5, 1]


def lengths(table):
    """Return how long the weights of the first of two criteria are in favour of each candidate."""
    cuts = {0.0, 1.0}
    for a in table:
        for b in table:
            # a's line meets b's where w (a0 - b0) + (1 - w) (a1 - b1) = 0
            rise = (a[0] - b[0]) - (a[1] - b[1])
            if rise:
                cuts.add(min(max((b[1] - a[1]) / rise, 0.0), 1.0))
    cuts = sorted(cuts)
    found = np.zeros(len(table))
    for low, high in itertools.pairwise(cuts):
        middle = (low + high) / 2
        found[np.argmax(table @ [middle, 1 - middle])] += high - low
    return found


@given(st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_two_criteria_are_an_interval_of_weights(seed, count):
    table = np.random.default_rng(seed).random((count, 2))
    found = first_overall(table, 20_000, seed=3)
    assert found == pytest.approx(lengths(table), abs=0.02)  # five standard errors
    assert found.sum() == pytest.approx(1)


def test_three_criteria_each_with_its_own_champion():
    """By symmetry a third each; with a rival in the middle of the triangle, by geometry."""
    corners = np.eye(3)
    assert first_overall(corners, 40_000, 1) == pytest.approx([1 / 3] * 3, abs=0.012)
    # A candidate of one half throughout is first where no weight is over one half: a quarter
    table = np.vstack([corners, np.full(3, 0.5)])
    assert first_overall(table, 40_000, 1) == pytest.approx([0.25] * 4, abs=0.012)


def test_who_is_worse_in_everything_is_never_first():
    table = np.array([[0.9, 0.2, 0.4], [0.3, 0.8, 0.5], [0.2, 0.1, 0.3]])
    found = first_overall(table, 5_000, 1)
    assert found[2] == 0
    assert found.sum() == pytest.approx(1)


def test_equals_share_and_groups_do_not_meet():
    rng = np.random.default_rng(5)
    table = rng.random((17, 4))
    table[[3, 8, 16]] = 1.0  # alike, and the best
    groups = np.array(["a", "b"])[np.arange(17) % 2]
    found = first_shares(table, groups, 1_000, 2)
    assert found[[8, 16]].tolist() == [0.5, 0.5]
    assert found[3] == 1
    overall = first_overall(table, 1_000, 2)
    assert overall[[3, 8, 16]] == pytest.approx([1 / 3] * 3)


@given(tables, st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_each_group_is_as_if_alone(rows, seed, count):
    table = scaled(np.array(rows), [1, -1, 1])
    groups = np.arange(len(table)) % count
    found = first_shares(table, groups, 200, seed)
    assert found.tolist() == first_shares(table, groups, 200, seed).tolist()
    for group in set(groups.tolist()):
        own = groups == group
        assert found[own].sum() == pytest.approx(1)
        assert found[own] == pytest.approx(first_overall(table[own], 200, seed))


def test_draws_are_those_of_numpys_dirichlet_and_chunks_do_not_matter(monkeypatch):
    table = np.random.default_rng(11).random((6, 4))
    weights = np.random.default_rng(9).dirichlet(np.ones(4), 3_000)
    firsts = np.bincount(np.argmax(weights @ table.T, axis=1), minlength=6) / 3_000
    whole = first_overall(table, 3_000, 7)
    assert whole == pytest.approx(firsts, abs=0.06)
    monkeypatch.setattr(module, "CHUNK", 100)
    assert first_overall(table, 3_000, 7) == pytest.approx(whole, abs=1e-12)
    assert first_overall(table, 3_000, 8).tolist() != whole.tolist()


def test_no_candidates():
    assert first_overall(np.empty((0, 3)), 10, 1).shape == (0,)
    assert scaled(np.empty((0, 2)), [1, 1]).shape == (0, 2)


def test_bad_input():
    table = np.ones((2, 2))
    with pytest.raises(ValueError, match="finite"):
        scaled(np.array([[np.inf, 1.0]]), [1, 1])
    for better in ([1], [1, 0]):
        with pytest.raises(ValueError, match="direction"):
            scaled(table, better)
    for weights in ([0, 0], [-1, 2], [np.nan, 1]):
        with pytest.raises(ValueError, match="at least 0"):
            scores(table, weights)
    with pytest.raises(ValueError, match="has a weight"):
        scores(table, [1])
    with pytest.raises(ValueError, match="at least once"):
        first_overall(table, 0, 1)
