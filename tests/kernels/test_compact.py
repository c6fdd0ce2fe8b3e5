"""The most compact connected set that carries a need, against every disc tried one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from jxgis.kernels import compact as module
from jxgis.kernels.compact import compact, fewest
from jxgis.kernels.pieces import Labeller


def parts(nodes, pairs):
    """Return the connected parts of some nodes, as sets."""
    left, found = set(nodes), []
    neighbours = {node: set() for node in nodes}
    for a, b in pairs:
        if a in left and b in left:
            neighbours[a].add(b)
            neighbours[b].add(a)
    while left:
        part, front = set(), [left.pop()]
        while front:
            here = front.pop()
            part.add(here)
            beside = neighbours[here] & left
            left -= beside
            front.extend(beside)
        found.append(part)
    return found


def every_disc(xy, amount, pairs, need, answers):
    """Try each centre with each distance, nearest first, in whole numbers."""
    left, found = set(range(len(xy))), []
    while len(found) < answers:
        best = None
        for whole in parts(left, pairs):
            for centre in whole:
                square = {p: ((xy[p] - xy[centre]) ** 2).sum() for p in whole}
                for limit in sorted(set(square.values())):
                    inside = [p for p in whole if square[p] <= limit]
                    enough = [
                        (limit, -sum(amount[p] for p in part), centre, sorted(part))
                        for part in parts(inside, pairs)
                        if sum(amount[p] for p in part) >= need
                    ]
                    if enough:
                        best = min([*enough, best] if best else enough)
                        break
        if best is None:
            break
        found.append((best[2], float(np.sqrt(best[0])), best[3], -best[1]))
        left -= set(best[3])
    return found


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    size = draw(st.sampled_from([2, 5, 40]))
    place = st.tuples(st.integers(0, size), st.integers(0, size))
    xy = np.array(draw(st.lists(place, min_size=count, max_size=count)), float)
    amount = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    every = list(itertools.combinations(range(count), 2))
    pairs = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    return xy, amount, pairs


def solved(xy, amount, pairs, need, answers):
    found = compact(
        xy,
        np.array(amount, float),
        np.array(pairs, np.int64).reshape(-1, 2),
        need,
        answers,
    )
    return [(own.centre, own.radius, own.pieces.tolist(), own.amount) for own in found]


@given(graphs(), st.integers(1, 25), st.integers(1, 4))
def test_the_best_of_every_disc(drawn, need, answers):
    xy, amount, pairs = drawn
    assert solved(xy, amount, pairs, need, answers) == every_disc(xy, amount, pairs, need, answers)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 0.7, 0.9]), st.integers(3, 20))
def test_the_best_of_every_disc_on_a_map(seed, share, need):
    """Neighbours touch as they do on a map, so that sets are larger and bent."""
    rng = np.random.default_rng(seed)
    mask = rng.random((6, 6)) < share
    labeller = Labeller(6, 6, 1)
    labeller.add(0, 0, mask, np.zeros((6, 6), np.int8))
    pieces = labeller.finish()
    amount = rng.integers(0, 3, len(pieces.cells)).tolist()
    pairs = [tuple(pair) for pair in pieces.edges.tolist()]
    assert solved(pieces.xy, amount, pairs, need, 2) == every_disc(
        pieces.xy, amount, pairs, need, 2
    )


def on_lattice(drawing, tile=1):
    mask = np.array([[sign == "#" for sign in line] for line in drawing])
    labeller = Labeller(*mask.shape, tile)
    labeller.add(0, 0, mask, np.zeros(mask.shape, np.int8))
    return labeller.finish()


def test_a_row_is_taken_from_its_middle():
    pieces = on_lattice(["#######"])
    (own,) = compact(pieces.xy * 100, np.ones(7), pieces.edges, 3)
    assert (own.centre, own.radius, own.pieces.tolist(), own.amount) == (1, 100.0, [0, 1, 2], 3.0)
    assert [o.pieces.tolist() for o in compact(pieces.xy, np.ones(7), pieces.edges, 3, 9)] == [
        [0, 1, 2],
        [3, 4, 5],
    ]


def test_what_is_near_but_not_connected_inside_the_disc_does_not_count():
    """A snake: five are within reach of its middle, and none of them touch there."""
    pieces = on_lattice(
        [
            "#########",
            "........#",
            "#########",
            "#........",
            "#########",
        ]
    )
    (own,) = compact(pieces.xy, np.ones(len(pieces.xy)), pieces.edges, 5)
    assert own.radius == pytest.approx(2**0.5)  # round the bend
    assert own.centre == 9
    assert sorted(map(tuple, (pieces.xy[own.pieces] - 0.5).tolist())) == [
        (7, 0),
        (7, 2),
        (8, 0),
        (8, 1),
        (8, 2),
    ]


def test_the_centre_need_not_be_of_the_set():
    """A ring with a spoke that leads to the middle from far away."""
    drawing = ["#####", "#...#", "#.#.#", "#.#.#", "..#.#", "#####"]
    pieces = on_lattice(drawing)
    middle = int(np.flatnonzero((pieces.xy == [2.5, 2.5]).all(axis=1))[0])
    (own,) = compact(pieces.xy, np.ones(len(pieces.xy)), pieces.edges, 11)
    assert own.centre == middle
    assert middle not in own.pieces
    assert own.radius == pytest.approx(8**0.5)


def test_a_piece_that_carries_the_need_by_itself():
    xy = np.array([[0.0, 0.0], [5.0, 0.0], [5.0, 0.0]])
    found = compact(xy, np.array([100.0, 150.0, 100.0]), np.array([[0, 1]]), 100, 5)
    assert [(own.centre, own.radius, own.amount) for own in found] == [
        (1, 0.0, 150.0),
        (0, 0.0, 100.0),
        (2, 0.0, 100.0),
    ]


def test_decimal_amounts_reach_what_they_add_up_to():
    """Ten times a tenth is one, whatever the order: sums are of whole millionths."""
    xy = np.column_stack([np.arange(10.0), np.zeros(10)])
    edges = np.column_stack([np.arange(9), np.arange(1, 10)])
    (own,) = compact(xy, np.full(10, 0.1), edges, 1.0)
    assert own.amount == 1.0
    assert fewest(np.full(10, 0.1), 1.0).tolist() == list(range(10))


def test_nothing_reaches():
    xy = np.array([[0.0, 0.0], [1.0, 0.0]])
    none = np.empty((0, 2), np.int64)
    assert compact(xy, np.array([60.0, 60.0]), none, 100) == []
    assert compact(np.empty((0, 2)), np.empty(0), none, 100) == []


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_neither_squares_nor_seeds_nor_batches_matter(seed):
    rng = np.random.default_rng(seed)
    mask = ndimage.uniform_filter(rng.random((45, 45)), 3) > 0.47
    labeller = Labeller(45, 45, 3)
    labeller.add(0, 0, mask, np.zeros((45, 45), np.int8))
    pieces = labeller.finish()
    amount = pieces.cells * 0.1
    names = {
        "SEEDS": 1,
        "SQUARES": 30,
        "TESTED": 50,
        "LEAF": 1,
        "SHARE": float(rng.choice([0.1, 3.0])),
    }
    before = {name: getattr(module, name) for name in names}
    plain = compact(pieces.xy, amount, pieces.edges, 15, 3)
    try:
        for name, value in names.items():
            setattr(module, name, value)
        other = compact(pieces.xy, amount, pieces.edges, 15, 3)
    finally:
        for name, value in before.items():
            setattr(module, name, value)
    assert [(o.centre, o.radius, o.pieces.tolist(), o.amount) for o in plain] == [
        (o.centre, o.radius, o.pieces.tolist(), o.amount) for o in other
    ]


@given(st.lists(st.integers(0, 20), max_size=9), st.integers(0, 60))
def test_fewest_items(amounts, need):
    found = fewest(np.array(amounts, float), need)
    reaching = [
        (size, -sum(own), own)
        for size in range(len(amounts) + 1)
        for own in itertools.combinations(amounts, size)
        if sum(own) >= need
    ]
    if not reaching:
        assert found is None
        return
    size, less, _ = min(reaching)
    chosen = found.tolist()
    assert len(set(chosen)) == len(chosen) == size
    assert sum(amounts[i] for i in chosen) == -less
    assert chosen == sorted(chosen, key=lambda i: (-amounts[i], i))
    last = amounts[chosen[-1]] if chosen else None
    outside = [i for i, a in enumerate(amounts) if a == last and i not in chosen]
    assert all(i > chosen[-1] for i in outside)


def test_bad_amounts_and_needs():
    xy, none = np.zeros((1, 2)), np.empty((0, 2), np.int64)
    for amount in (-1.0, np.nan):
        with pytest.raises(ValueError, match="at least 0"):
            compact(xy, np.array([amount]), none, 1)
        with pytest.raises(ValueError, match="at least 0"):
            fewest(np.array([amount]), 1)
    with pytest.raises(ValueError, match="positive"):
        compact(xy, np.ones(1), none, 0)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_the_disc_round_each_centre_of_a_long_way(seed, need):
    """A way that wanders: often much of it is near and connected only far away."""
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 30, (30, 2)).astype(float)
    edges = np.column_stack([np.arange(29), np.arange(1, 30)])
    graph = module._Graph(xy, np.ones(30, np.int64), edges, need)
    for centre in range(30):
        square = ((xy - xy[centre]) ** 2).sum(axis=1)
        for limit in sorted(set(square)):
            inside = np.flatnonzero(square <= limit)
            most = max(map(len, parts(inside.tolist(), edges.tolist())))
            if most >= need:
                break
        assert graph.smallest(centre, np.inf) == (limit, -most, centre)
        assert graph.smallest(centre, limit) == (limit, -most, centre)
        if limit > 0:
            assert graph.smallest(centre, limit - 0.5).square == np.inf
