"""Areas estimated from a reference sample: a published example, closed forms, many samples."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels.accuracy import (
    Z95,
    area_adjusted,
    estimated_mean,
    interval,
    probability,
)

# Olofsson et al. 2014, table 8: deforestation, forest gain, stable forest, stable non-forest.
PRINTED = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
WEIGHTS = [0.02, 0.015, 0.32, 0.645]
HECTARES = 1e7 * 30**2 / 1e4


def test_the_published_example_comes_out_to_the_printed_digit():
    found = area_adjusted(PRINTED, WEIGHTS)
    hectares = [f"{a:,.0f}" for a in found.shares * HECTARES]
    within = [f"{a:,.0f}" for a in 1.96 * found.shares_se * HECTARES]
    assert hectares == ["21,158", "11,686", "285,770", "581,386"]
    assert within == ["6,158", "3,756", "15,510", "16,282"]
    assert f"{found.overall:.3f} {1.96 * found.overall_se:.3f}" == "0.947 0.018"
    assert [f"{u:.2f}" for u in found.users] == ["0.88", "0.73", "0.93", "0.96"]
    assert [f"{p:.2f}" for p in found.producers] == ["0.75", "0.85", "0.93", "0.96"]


def test_the_published_intervals_of_the_accuracies():
    found = area_adjusted(PRINTED, WEIGHTS)
    assert [f"{u:.2f}" for u in 1.96 * found.users_se] == ["0.07", "0.10", "0.04", "0.02"]
    assert [f"{p:.2f}" for p in 1.96 * found.producers_se] == ["0.21", "0.25", "0.03", "0.02"]


def test_one_stratum_is_a_simple_random_sample():
    found = area_adjusted([[30]], [1.0])
    assert (found.shares[0], found.shares_se[0], found.overall_se) == (1.0, 0.0, 0.0)
    mean, se = estimated_mean([[12, 28]], [1.0], [1, 0])
    assert mean == pytest.approx(0.3)
    assert se == pytest.approx(math.sqrt(0.3 * 0.7 / 39))


def by_the_book(n, w):
    """Write the formulas out, cell by cell, in areas and not in shares."""
    k, areas = len(n[0]), [1000.0 * x for x in w]
    rows = [sum(row) for row in n]
    p = [[n[i][j] / rows[i] for j in range(k)] for i in range(len(n))]
    total = [sum(areas[i] * p[i][j] for i in range(len(n))) for j in range(k)]
    producers, squared = [], []
    for j in range(k):
        producer = areas[j] * p[j][j] / total[j]
        own = areas[j] ** 2 * (1 - producer) ** 2 * p[j][j] * (1 - p[j][j]) / (rows[j] - 1)
        others = sum(
            areas[i] ** 2 * p[i][j] * (1 - p[i][j]) / (rows[i] - 1) for i in range(len(n)) if i != j
        )
        producers.append(producer)
        squared.append((own + producer**2 * others) / total[j] ** 2)
    return total, producers, [math.sqrt(v) for v in squared]


matrices = st.integers(2, 4).flatmap(
    lambda k: st.integers(k, k + 2).flatmap(
        lambda s: st.lists(
            st.lists(st.integers(1, 60), min_size=k, max_size=k), min_size=s, max_size=s
        )
    )
)
sparse = st.integers(2, 4).flatmap(
    lambda k: st.lists(
        st.lists(st.sampled_from([0, 0, 0, 2, 30]), min_size=k, max_size=k).filter(any),
        min_size=k,
        max_size=k,
    )
)


@settings(max_examples=80, deadline=None)
@given(matrices, st.randoms(use_true_random=False))
def test_any_matrix_agrees_with_the_formulas_written_out(n, random):
    w = np.array([random.uniform(0.05, 1) for _row in n])
    w /= w.sum()
    found = area_adjusted(n, w)
    total, producers, within = by_the_book(n, w)
    assert found.shares * 1000 == pytest.approx(total)
    assert found.producers == pytest.approx(producers)
    assert found.producers_se == pytest.approx(within)
    assert found.shares.sum() == pytest.approx(1)
    k = len(n[0])
    assert found.overall == pytest.approx(sum(w[i] * found.users[i] for i in range(k)))
    for j in range(k):
        mean, se = estimated_mean(n, w, np.arange(k) == j)
        assert (mean, se) == pytest.approx((found.shares[j], found.shares_se[j]))


@settings(max_examples=150, deadline=None)
@given(sparse, st.randoms(use_true_random=False))
def test_nothing_is_without_error_but_what_was_drawn_in_full(n, random):
    w = np.array([random.uniform(0.05, 1) for _row in n])
    w /= w.sum()
    found = area_adjusted(n, w)
    assert (found.shares_se > 0).all()
    assert found.overall_se > 0
    assert (found.users_se[np.max(n, axis=1) == np.sum(n, axis=1)] > 0).all()
    k = len(n[0])
    for j in range(k):
        mean, se = estimated_mean(n, w, np.arange(k) == j)
        assert (mean, se) == pytest.approx((found.shares[j], found.shares_se[j]))
    cells = np.sum(n, axis=1)
    full = area_adjusted(n, w, cells)
    assert full.shares == pytest.approx(found.shares)
    assert (full.shares_se == 0).all()
    assert estimated_mean(n, w, np.arange(k), cells)[1] == 0
    half = area_adjusted(n, w, 2 * cells)
    assert half.shares_se == pytest.approx(found.shares_se * math.sqrt(0.5))


def test_points_that_are_all_alike_have_half_a_point_of_the_other_class():
    found = area_adjusted([[10, 0], [0, 4]], [0.3, 0.7])
    squared = 0.3**2 * (0.5 / 11) * (10.5 / 11) / 9 + 0.7**2 * (0.5 / 5) * (4.5 / 5) / 3
    assert found.shares.tolist() == [0.3, 0.7]
    assert found.shares_se == pytest.approx([math.sqrt(squared)] * 2)
    assert estimated_mean([[10, 0], [0, 4]], [0.3, 0.7], [1, 0])[1] ** 2 == pytest.approx(squared)
    # A row that is not all alike keeps its cell of nothing, as in the published example.
    mixed = area_adjusted([[8, 2, 0], [1, 9, 0], [0, 2, 8]], [0.3, 0.3, 0.4])
    assert mixed.shares_se[2] == pytest.approx(0.4 * math.sqrt(0.2 * 0.8 / 9))
    # A class of which there is no point anywhere may be there all the same.
    none = area_adjusted([[0, 0, 0], [0, 8, 2], [0, 1, 9]], [0.0, 0.5, 0.5])
    assert none.shares[0] == 0
    assert none.shares_se[0] == pytest.approx(math.sqrt(2 * 0.25 * (0.5 / 11) * (10.5 / 11) / 9))


def test_one_point_is_enough_for_one_cell():
    found = area_adjusted([[1, 0], [3, 5]], [0.1, 0.9], [1, 900])
    assert found.shares_se[0] == pytest.approx(
        0.9 * math.sqrt((3 / 8) * (5 / 8) / 7 * (1 - 8 / 900))
    )
    with pytest.raises(ValueError, match="fewer than 2 points"):
        area_adjusted([[1, 0], [3, 5]], [0.1, 0.9], [2, 900])
    with pytest.raises(ValueError, match="fewer than 2 points"):
        area_adjusted([[0, 0], [3, 5]], [0.1, 0.9], [0, 900])


def test_a_net_change_is_what_is_gained_less_what_is_lost():
    n, w = [[40, 2, 8], [1, 30, 9], [3, 5, 192]], [0.1, 0.2, 0.7]
    values = [
        np.repeat([1.0, -1.0, 0.0], row) for row in n
    ]  # each point on its own, and the sample variance of NumPy
    mean, se = estimated_mean(n, w, [1, -1, 0])
    assert mean == pytest.approx(sum(x * v.mean() for x, v in zip(w, values, strict=True)))
    squared = sum(x**2 * v.var(ddof=1) / len(v) for x, v in zip(w, values, strict=True))
    assert se == pytest.approx(math.sqrt(squared))


def test_a_class_that_the_map_does_not_show_has_no_users_accuracy():
    found = area_adjusted([[0, 0, 0], [3, 40, 2], [0, 1, 50]], [0.0, 0.4, 0.6])
    assert math.isnan(found.users[0])
    assert found.shares[0] == pytest.approx(0.4 * 3 / 45)
    assert found.producers[0] == 0
    bare = area_adjusted([[10, 0, 0], [0, 10, 0], [0, 0, 0]], [0.5, 0.5, 0.0])
    assert math.isnan(bare.producers[2])
    assert bare.overall == 1


@pytest.mark.parametrize(
    ("matrix", "weights"),
    [
        ([[1, 0], [5, 5]], [0.5, 0.5]),
        ([[5, 5], [5, 5]], [0.5, 0.6]),
        ([[5, 5], [5, 5]], [1.5, -0.5]),
        ([[5, -1], [5, 5]], [0.5, 0.5]),
        ([[5, math.nan], [5, 5]], [0.5, 0.5]),
        ([[5, 5, 5], [5, 5, 5]], [0.5, 0.5]),
        ([[5, 5], [5, 5]], [1.0]),
        ([5, 5], [0.5, 0.5]),
    ],
)
def test_what_cannot_be_estimated_is_refused(matrix, weights):
    with pytest.raises(ValueError, match=r"needed|counts|weights|fewer"):
        area_adjusted(matrix, weights)


def test_an_interval_ends_at_nothing_and_at_all():
    assert interval(0.5, 0.1) == pytest.approx((0.5 - 0.1959964, 0.5 + 0.1959964))
    assert interval(0.01, 0.02) == (0.0, pytest.approx(0.01 + 0.02 * Z95))
    assert interval(0.99, 0.02)[1] == 1.0


def test_the_probability_of_a_target_is_that_of_a_normal_error():
    assert probability(0.40, 0.01, 0.40) == 0.5
    assert probability(0.41, 0.01, 0.40) == pytest.approx((1 + math.erf(1 / math.sqrt(2))) / 2)
    assert probability(0.41, 0.01, 0.41 + Z95 * 0.01) == pytest.approx(0.025, abs=1e-7)
    assert probability(0.4, 0.0, 0.4) == 1
    assert probability(0.4, 0.0, 0.41) == 0


@pytest.mark.parametrize("points", [2, 5, 10, 25, 50])
def test_intervals_of_few_points_hold_the_truth_as_often(points):
    """What the rule green.least_points_interval and the notes of `interval` go by."""
    weights, shares = np.array([0.4, 0.6]), np.array([0.9, 0.06])
    truth, samples = float(weights @ shares), 3000
    hits = np.random.default_rng(1).binomial(points, shares, (samples, 2))
    held = flat = 0
    for own in hits:
        found = area_adjusted(np.column_stack([own, points - own]), weights)
        low, high = interval(float(found.shares[0]), float(found.shares_se[0]))
        held += low <= truth <= high
        flat += low == high
    assert held / samples >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / samples)
    assert flat == 0


def test_intervals_hold_the_truth_in_95_of_100_samples():
    cells, green = np.array([36_000, 54_000]), np.array([32_400, 3_240])
    weights = cells / cells.sum()
    truths = {
        "share": green.sum() / cells.sum(),
        "overall": (green[0] + cells[1] - green[1]) / cells.sum(),
        "producers": green[0] / green.sum(),
    }
    rng, held, samples = np.random.default_rng(1), dict.fromkeys(truths, 0), 2000
    for _sample in range(samples):
        hits = rng.hypergeometric(green, cells - green, 400)
        found = area_adjusted(np.column_stack([hits, 400 - hits]), weights)
        estimates = {
            "share": (found.shares[0], found.shares_se[0]),
            "overall": (found.overall, found.overall_se),
            "producers": (found.producers[0], found.producers_se[0]),
        }
        for name, (estimate, se) in estimates.items():
            low, high = interval(float(estimate), float(se))
            held[name] += low <= truths[name] <= high
    spread = 3 * math.sqrt(0.95 * 0.05 / samples)
    assert all(abs(n / samples - 0.95) <= spread for n in held.values()), held
