"""Chains of pieces, places on directed lines and fewest stops, against what is known or tried."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from jxgis.kernels.chainage import JOINED_M, chained, fewest_stops, located, stretches


def line(*points):
    return shapely.LineString(points)


def graph_of(heights, step=100.0):
    """Return a line that goes east all the way."""
    return line(*((step * i, float(y)) for i, y in enumerate(heights)))


def cut(whole, at):
    """Return the pieces of a line between its vertices with the given numbers."""
    points = list(whole.coords)
    ends = [0, *sorted(set(at)), len(points) - 1]
    return [line(*points[a : b + 1]) for a, b in itertools.pairwise(ends)]


HEIGHTS = st.lists(st.integers(-40, 40), min_size=4, max_size=12)


@given(HEIGHTS, st.data())
def test_pieces_in_any_order_make_the_line_that_they_were_cut_from(heights, data):
    whole = graph_of(heights)
    pieces = cut(whole, data.draw(st.sets(st.integers(1, len(heights) - 2))))
    order = data.draw(st.permutations(range(len(pieces))))
    [chain] = chained([pieces[i] for i in order], directed=True)
    assert chain.line.equals(whole)
    assert list(chain.line.coords) == list(whole.coords)
    assert [order[i] for i in chain.pieces] == list(range(len(pieces)))
    assert chain.forward.all()


@given(HEIGHTS, st.data())
def test_pieces_without_a_direction_run_as_most_of_them_are_drawn(heights, data):
    whole = graph_of(heights)
    pieces = cut(whole, data.draw(st.sets(st.integers(1, len(heights) - 2))))
    turned = [data.draw(st.booleans()) for _piece in pieces]
    drawn = [shapely.reverse(p) if t else p for p, t in zip(pieces, turned, strict=True)]
    order = data.draw(st.permutations(range(len(pieces))))
    [chain] = chained([drawn[i] for i in order], directed=False)
    back = sum(p.length for p, t in zip(pieces, turned, strict=True) if t)
    if back != pytest.approx(whole.length / 2):
        runs_back = back > whole.length / 2
        expected = shapely.reverse(whole) if runs_back else whole
        assert list(chain.line.coords) == list(expected.coords)
        assert [turned[order[i]] == runs_back for i in chain.pieces] == chain.forward.tolist()


@given(HEIGHTS, HEIGHTS, st.data())
def test_two_carriageways_stay_two_also_where_their_ends_meet(there, back, data):
    first = graph_of([0, *there, 0])
    second = shapely.reverse(graph_of([0, *(y - 200 for y in back), 0], 100.0))
    second = line(first.coords[-1], *second.coords[1:-1], first.coords[0])
    pieces = cut(first, [2]) + cut(second, [2])
    order = data.draw(st.permutations(range(len(pieces))))
    chains = chained([pieces[i] for i in order], directed=True)
    lengths = sorted(c.line.length for c in chains)
    assert sum(lengths) == pytest.approx(first.length + second.length)
    assert sorted(i for c in chains for i in c.pieces.tolist()) == list(range(4))


def test_at_a_branch_the_straightest_is_the_same_way():
    trunk, ramp, ahead = (
        line((0, 0), (100, 0)),
        line((100, 0), (190, -40)),
        line((100, 0), (200, 5)),
    )
    chains = chained([trunk, ramp, ahead], directed=True)
    assert [c.pieces.tolist() for c in chains] == [[0, 2], [1]]
    joining = line((20, 60), (100, 0))
    chains = chained([joining, ahead, trunk], directed=True)
    assert [c.pieces.tolist() for c in chains] == [[0], [2, 1]]


def test_a_road_that_turns_back_or_sharply_is_not_joined():
    there, back = line((0, 0), (100, 0)), line((100, 0), (0, -10))
    assert len(chained([there, back], directed=True)) == 2
    assert len(chained([there, line((100, 0), (100, 50))], directed=True)) == 2
    assert len(chained([there, line((100, 0), (101, 50))], directed=True)) == 1


def test_ends_that_nearly_meet_are_joined_and_the_line_keeps_both():
    near = chained([line((0, 0), (100, 0)), line((100.9, 0), (200, 0))], directed=True)
    assert [list(c.line.coords) for c in near] == [[(0, 0), (100, 0), (100.9, 0), (200, 0)]]
    far = chained(
        [line((0, 0), (100, 0)), line((100 + 1.1 * JOINED_M, 0), (200, 0))], directed=True
    )
    assert len(far) == 2


@pytest.mark.parametrize("directed", [True, False])
def test_a_ring_begins_at_its_first_piece(directed):
    angle = np.linspace(0, 2 * np.pi, 9)
    points = np.stack([1000 * np.cos(angle), 1000 * np.sin(angle)], axis=1)
    points[-1] = points[0]
    pieces = cut(line(*points), [3, 6])
    [chain] = chained([pieces[1], pieces[2], pieces[0]], directed=directed)
    assert chain.pieces.tolist() == [0, 1, 2]
    assert chain.line.is_ring
    assert chain.line.length == pytest.approx(sum(p.length for p in pieces))


def test_nothing_gives_no_chain():
    assert chained([], directed=True) == []


@given(HEIGHTS, st.lists(st.tuples(st.floats(0, 1), st.floats(-90, 90)), min_size=1, max_size=8))
def test_the_right_of_a_line_that_goes_east_is_what_lies_below_it(heights, offsets):
    whole = graph_of(heights)
    x = [share * (len(heights) - 1) * 100 for share, _dy in offsets]
    on = np.interp(x, np.arange(len(heights)) * 100.0, heights)
    points = shapely.points(x, on - [dy for _share, dy in offsets])
    found = located([whole], points)
    assert found.at_m == pytest.approx(whole.project(points))
    assert np.abs(found.offset_m) == pytest.approx(whole.distance(points))
    inside = (found.at_m > 0) & (found.at_m < whole.length)
    clear = inside & (np.abs(found.offset_m) > 1e-6)
    below = np.array([dy > 0 for _share, dy in offsets])
    assert ((found.offset_m > 0) == below)[clear].all()
    back = located([shapely.reverse(whole)], points)
    assert back.offset_m[clear] == pytest.approx(-found.offset_m[clear])
    assert back.at_m[clear] == pytest.approx(whole.length - found.at_m[clear])


def test_a_point_at_the_outside_of_a_sharp_bend_is_on_its_outside():
    bend = line((0, 0), (100, 0), (0, 10))  # to the left, and back
    found = located([bend], shapely.points([(110, -30), (110, 1), (130, 20)]))
    assert (found.offset_m > 0).all()
    assert found.at_m == pytest.approx([100, 100, 100])


def test_a_point_beyond_an_end_has_the_side_of_the_extension():
    found = located([line((0, 0), (100, 0))], shapely.points([(130, -40), (-30, 40), (150, 0)]))
    assert found.offset_m.tolist() == [50, -50, 50]
    assert found.at_m.tolist() == [100, 0, 100]


def test_only_lines_that_are_near_enough_are_found_the_nearest_first():
    lines = [line((0, 0), (100, 0)), line((100, 20), (0, 20)), line((0, 500), (100, 500))]
    found = located(lines, shapely.points([(50, 8), (50, 10), (50, 700)]), 100.0)
    assert found.point.tolist() == [0, 0, 1, 1]
    assert found.line.tolist() == [0, 1, 0, 1]
    assert found.offset_m.tolist() == [-8, -12, -10, -10]


def cost(length, stops, limit):
    """Return new stops that are needed, and the longest stretch with them."""
    gaps = np.diff(stretches(length, stops))
    new = [max(math.ceil(gap / limit) - 1, 0) for gap in gaps]
    return sum(new), max((g / (n + 1) for g, n in zip(gaps, new, strict=True)), default=0.0)


KM = st.integers(0, 60)


@given(st.integers(1, 60), st.lists(KM, max_size=4), st.lists(KM, max_size=7), st.integers(1, 30))
def test_fewest_stops_are_those_that_trying_all_sets_finds(length, stops, candidates, limit):
    stops = [min(s, length) for s in stops]
    candidates = [min(c, length) for c in candidates]
    found = fewest_stops(length, stops, candidates, limit)
    chosen = [candidates[i] for i in found.chosen.tolist()]
    best = min(
        (new, k, longest)
        for k in range(len(candidates) + 1)
        for some in itertools.combinations(candidates, k)
        for new, longest in [cost(length, [*stops, *some], limit)]
    )
    assert (found.new.sum(), len(chosen), found.longest_m) == pytest.approx(best)
    assert cost(length, [*stops, *chosen], limit) == pytest.approx((best[0], best[2]))
    assert chosen == sorted(chosen)
    elsewhere = [
        start + (end - start) * i / (new + 1)
        for start, end, new in zip(found.from_m, found.to_m, found.new, strict=True)
        for i in range(1, new + 1)
    ]
    every = stretches(length, [*stops, *chosen, *elsewhere])
    assert np.diff(every).max() <= limit * (1 + 1e-9)


@given(st.lists(st.floats(0, 500), max_size=60), st.floats(20, 80))
def test_where_candidates_suffice_as_many_are_needed_as_by_hopping(candidates, limit):
    length, at, hops = 500.0, 0.0, 0
    while length - at > limit:
        ahead = [c for c in candidates if at < c <= at + limit]
        if not ahead:
            assert fewest_stops(length, [], candidates, limit).new.sum() > 0
            return
        at, hops = max(ahead), hops + 1
    found = fewest_stops(length, [], candidates, limit)
    assert len(found.chosen) == hops
    assert not len(found.new)


def test_a_stretch_of_just_the_limit_is_not_too_long():
    assert not len(fewest_stops(0.3, [0.1, 0.2], [], 0.1).new)
    assert fewest_stops(100.0, [], [], 50.0).new.tolist() == [1]


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="not above 0"):
        fewest_stops(100.0, [], [], 0.0)
