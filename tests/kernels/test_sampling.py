"""Sizes of samples and the drawing of points: brute force, closed forms, chi-square."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from jxgis.kernels.accuracy import Z95, area_adjusted, interval
from jxgis.kernels.sampling import MOST, draw, more_points, neyman, points_for


def variance(weights, deviations, sizes):
    return sum(
        (w * s) ** 2 / n for w, s, n in zip(weights, deviations, sizes, strict=True) if w * s
    )


strata = st.lists(
    st.tuples(st.floats(0.01, 1), st.just(0.0) | st.floats(1e-9, 0.5), st.integers(0, 40)),
    min_size=1,
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(strata, st.integers(0, 5000))
def test_an_allocation_adds_up_and_gives_each_its_least(drawn, more):
    w, s, least = (np.array(column) for column in zip(*drawn, strict=True))
    n = int(least.sum()) + more
    sizes = neyman(w, s, n, least)
    assert sizes.sum() == n
    assert (sizes >= least).all()
    above = (sizes > least + 1) & (w * s > 0)
    if above.sum() > 1:  # beyond the least, proportional to weight times deviation, but for one
        rate = sizes[above] / (w * s)[above]
        slack = 1 / (w * s)[above]
        assert (rate - slack).max() <= (rate + slack).min() + 1e-9 * rate.max()


@pytest.mark.parametrize("n", [6, 9, 14, 23])
def test_no_other_allocation_is_much_better(n):
    w, s = [0.5, 0.3, 0.2], [0.1, 0.45, 0.3]
    sizes = neyman(w, s, n, 2)
    every = (c for c in itertools.product(range(2, n), repeat=3) if sum(c) == n)
    best = min(variance(w, s, c) for c in every)
    assert variance(w, s, sizes) <= best * 1.03


def test_largest_remainders_and_the_first_of_equals():
    assert neyman([0.5, 0.5], [0.3, 0.3], 7).tolist() == [4, 3]
    assert neyman([1 / 64] * 64, [0.3] * 64, 96).tolist() == [2] * 32 + [1] * 32
    assert neyman([0.2, 0.3, 0.5], [1, 1, 1], 13).tolist() == [3, 4, 6]  # 2.6, 3.9, 6.5


def test_strata_that_do_not_vary_get_the_least_and_all_alike_go_by_area():
    assert neyman([0.5, 0.5], [0.0, 0.3], 100, 10).tolist() == [10, 90]
    assert neyman([0.75, 0.25], [0.0, 0.0], 8).tolist() == [6, 2]
    assert neyman([0.6, 0.0, 0.4], [0.3, 0.3, 0.3], 10, 3).tolist() == [6, 0, 4]
    with pytest.raises(ValueError, match="fewer"):
        neyman([0.5, 0.5], [0.3, 0.3], 5, 3)
    with pytest.raises(ValueError, match="area"):
        neyman([0.0], [0.3], 5)


def test_sizes_for_41_per_cent_to_one_point():
    n, sizes = points_for([1.0], [0.41], 0.01)
    assert (n, sizes.tolist()) == (9293, [9293])
    assert n == math.ceil(0.41 * 0.59 * (1.959964 / 0.01) ** 2)
    n, sizes = points_for([0.41, 0.59], [0.90, 0.06], 0.01)
    assert n == sizes.sum()
    assert abs(n - 2660) <= 2
    ratio = 0.41 * math.sqrt(0.9 * 0.1) / (0.59 * math.sqrt(0.06 * 0.94))
    assert sizes[0] / sizes[1] == pytest.approx(ratio, rel=2e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 1), st.floats(0, 1)), min_size=1, max_size=5),
    st.floats(0.005, 0.2),
)
def test_as_many_points_as_needed_and_no_more(drawn, half_width):
    w, p = (np.array(column) for column in zip(*drawn, strict=True))
    w = w / w.sum()
    s = np.sqrt(p * (1 - p))
    n, sizes = points_for(w, p, half_width)
    assert Z95 * math.sqrt(variance(w, s, sizes)) <= half_width * (1 + 1e-9)
    if n > 2 * len(w):
        fewer = neyman(w, s, n - 1, 2)
        assert Z95 * math.sqrt(variance(w, s, fewer)) > half_width * (1 - 1e-9)


def test_a_width_that_no_points_reach_ends_at_the_most():
    assert points_for([1.0], [0.5], 1e-6)[0] == MOST
    with pytest.raises(ValueError, match="half width"):
        points_for([1.0], [0.5], 0.0)


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("matrix", [[[90, 10], [12, 188]], [[9, 1], [1, 29]], [[50, 50], [0, 20]]])
def test_with_the_further_points_the_error_is_half(matrix, index):
    matrix, weights = np.array(matrix), np.array([0.41, 0.59])
    more = more_points(matrix, weights, index)
    assert (more >= 0).all()
    size = matrix.sum(axis=1)
    now = area_adjusted(matrix, weights).shares_se[index]

    def error(sizes):  # the same shares within the strata, at other sizes
        alike = matrix.max(axis=1) == size  # half a point of 21 is the other class
        p = np.where(alike, 0.5 / (size + 1), matrix[:, index] / size)
        return math.sqrt((weights**2 * p * (1 - p) / (sizes - 1)).sum())

    assert error(size) == pytest.approx(now)
    assert error(size + more) <= now / 2 * (1 + 1e-12)
    total = int((size + more).sum())
    least = min(
        error(np.array([a, total - 1 - a])) for a in range(size[0], total - 1 - size[1] + 1)
    )
    assert least > now / 2 * (1 - 1e-4)


def test_points_that_are_all_alike_ask_for_more():
    few = more_points([[10, 0], [0, 10]], [0.5, 0.5], 0)
    assert few.tolist() == [27, 27]  # 36 / 9 of the freedom that there was
    assert more_points([[2, 0], [0, 2]], [0.5, 0.5], 0).tolist() == [3, 3]


def test_no_more_points_than_cells():
    matrix, weights = [[10, 0], [3, 7]], [0.2, 0.8]
    more = more_points(matrix, weights, 0, [10, 15])
    assert more[0] == 0  # there is no other cell
    assert 0 < more[1] <= 5
    after = area_adjusted([[10, 0], [3 * 1.4, 7 * 1.4]], weights, [10, 15]).shares_se[0]
    assert (more[1] <= 4) == (after <= area_adjusted(matrix, weights, [10, 15]).shares_se[0] / 2)
    assert more_points(matrix, weights, 0, [10, 10]).tolist() == [0, 0]
    assert more_points([[5, 1], [3, 7]], weights, 0, [6.4, 10.6]).tolist() <= [1, 1]


def strips_of(codes, height):
    return lambda: ((row, codes[row : row + height]) for row in range(0, len(codes), height))


maps = st.tuples(st.integers(1, 25), st.integers(1, 25), st.integers(0, 1000))


@settings(max_examples=80, deadline=None)
@given(maps, st.integers(1, 30), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9999))
def test_the_height_of_the_strips_does_not_matter(shape, height, first, second, seed):
    rows, columns, look = shape
    codes = np.random.default_rng(look).choice([0, 1, 2, 7], (rows, columns)).astype(np.uint8)
    sizes = {1: first, 7: second}
    whole, parts = (draw(strips_of(codes, h), sizes, seed) for h in (rows, height))
    assert whole.counts == parts.counts
    assert whole.counts == {c: int((codes == c).sum()) for c in (1, 2, 7) if (codes == c).any()}
    for code, size in sizes.items():
        if not size:
            assert code not in whole.cells
            continue
        cells = whole.cells[code]
        assert np.array_equal(cells, parts.cells[code])
        assert len(cells) == min(size, (codes == code).sum())
        assert (codes[tuple(cells.T)] == code).all()
        order = cells[:, 0] * columns + cells[:, 1]
        assert (np.diff(order) > 0).all()


def test_every_cell_is_as_likely_as_any_other_and_every_pair():
    codes = np.array([[1, 0, 1, 2], [1, 1, 2, 1]], dtype=np.uint8)
    singles, pairs, draws = np.zeros(codes.shape), {}, 4000
    for seed in range(draws):
        cells = draw(strips_of(codes, 1), {1: 2}, seed).cells[1]
        singles[tuple(cells.T)] += 1
        pair = tuple(map(tuple, cells.tolist()))
        pairs[pair] = pairs.get(pair, 0) + 1
    assert singles[codes != 1].sum() == 0
    assert singles.sum() == 2 * draws
    assert len(pairs) == 10
    assert stats.chisquare(list(pairs.values())).pvalue > 0.01
    assert singles[codes == 1] == pytest.approx(2 / 5 * draws, rel=0.05)


def test_a_larger_sample_holds_the_smaller_one():
    codes = np.random.default_rng(3).choice([1, 2], (60, 70)).astype(np.uint8)
    small, large = (draw(strips_of(codes, 7), {1: n, 2: 5}, 11) for n in (20, 300))
    held = {tuple(c) for c in large.cells[1].tolist()}
    assert {tuple(c) for c in small.cells[1].tolist()} < held
    assert np.array_equal(small.cells[2], large.cells[2])
    other = draw(strips_of(codes, 7), {1: 20, 2: 5}, 12)
    assert not np.array_equal(other.cells[1], small.cells[1])


def test_a_known_draw_stays_as_it_is():
    codes = np.ones((100, 100), dtype=np.uint8)
    cells = draw(strips_of(codes, 100), {1: 4}, 2020).cells[1]
    words, moved, picked = np.random.PCG64([2020, 1]), list(range(10_000)), []
    for first in range(4):  # Fisher and Yates on the whole list
        other = first + int(words.random_raw()) % (10_000 - first)
        moved[first], moved[other] = moved[other], moved[first]
        picked.append(moved[first])
    assert (cells[:, 0] * 100 + cells[:, 1]).tolist() == sorted(picked)


def test_strips_out_of_order_are_refused():
    codes = np.ones((4, 4), dtype=np.uint8)
    with pytest.raises(ValueError, match="top to bottom"):
        draw(lambda: iter([(2, codes[2:]), (0, codes[:2])]), {1: 1}, 0)


def test_strata_that_are_not_there_give_nothing():
    drawn = draw(strips_of(np.zeros((3, 3), np.uint8), 2), {1: 5}, 0)
    assert drawn.counts == {}
    assert drawn.cells[1].shape == (0, 2)


def test_in_a_scene_of_known_truth_95_of_100_intervals_hold_it():
    rng = np.random.Generator(np.random.PCG64(20))
    y, x = np.mgrid[:300, :300]
    truth = np.sin(x / 9) + np.cos(y / 13) + rng.normal(0, 0.2, x.shape) > 0.2
    wrong = rng.random(truth.shape) < np.where(truth, 0.12, 0.05)
    codes = np.where(truth ^ wrong, 1, 2).astype(np.uint8)
    codes[:40, :60] = 0
    share, held, biased = truth[codes > 0].mean(), 0, 0
    for seed in range(100):
        drawn = draw(strips_of(codes, 64), {1: 250, 2: 250}, seed)
        counts = np.array([drawn.counts[1], drawn.counts[2]])
        hits = np.array([truth[tuple(drawn.cells[code].T)].sum() for code in (1, 2)])
        found = area_adjusted(np.column_stack([hits, 250 - hits]), counts / counts.sum())
        low, high = interval(float(found.shares[0]), float(found.shares_se[0]))
        held += low <= share <= high
        biased += low <= counts[0] / counts.sum() <= high
    assert 92 <= held <= 98
    assert biased < 80  # what the map itself shows is not the truth
