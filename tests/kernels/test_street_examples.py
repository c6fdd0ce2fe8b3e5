"""Small streets whose walks can be told by hand."""

import math

import numpy as np
import pytest
import shapely

from jxgis.kernels.streets import Links, link, street_graph
from jxgis.kernels.stretches import (
    covered_lengths,
    reached,
    reached_lines,
    stretches_in,
    total_lengths,
)
from jxgis.kernels.walking import (
    distance_at,
    nearest_stops,
    walking_distances,
)


def streets_of(*shapes, level=None):
    return street_graph(np.array([shapely.LineString(s) for s in shapes], object), level)


def links_at(*places):
    """Links to places given as edge, metres along it, metres off it."""
    edge, at, off = np.array(places, float).reshape(-1, 3).T
    return Links(edge.astype(int), at, off)


def test_a_junction_inside_a_line_joins_and_a_crossing_does_not():
    tee = streets_of([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 70)])
    assert sorted(tee.length) == [50, 50, 70]
    assert len(tee.nodes) == 4
    shared = streets_of([(0, 0), (50, 0), (100, 0)], [(50, -9), (50, 0), (50, 9)])
    assert (len(shared.nodes), len(shared.length)) == (5, 4)
    crossing = streets_of([(0, 0), (100, 0)], [(50, -9), (50, 9)])
    assert (len(crossing.nodes), len(crossing.length)) == (4, 2)
    assert crossing.piece.tolist() == [0, 1]


def test_a_bridge_joins_at_its_ends_only():
    street = [(0, 0), (50, 0), (100, 0)]
    bridge = [(50, -30), (50, 0), (50, 30)]
    ramp = [(50, 30), (100, 30), (100, 0)]
    apart = streets_of(street, bridge, ramp, level=[0, 1, 0])
    assert apart.length.tolist() == [100, 60, 80]
    stops = links_at((0, 0, 0))
    assert distance_at(
        apart, walking_distances(apart, stops), stops, links_at((1, 0, 0))
    ) == pytest.approx([100 + 80 + 60])
    joined = streets_of(street, bridge, ramp)
    assert sorted(joined.length) == [30, 30, 50, 50, 80]
    landing = streets_of(street, [(50, 0), (50, 9)], level=[0, 1])
    assert len(landing.length) == 3


def test_a_line_that_touches_itself_is_split_there():
    six = streets_of([(0, 0), (100, 0), (100, 100), (0, 100), (0, 50), (100, 0)])
    assert len(six.nodes) == 2
    loop = np.flatnonzero(six.start == six.end)
    assert six.length[loop] == pytest.approx([250 + math.hypot(100, 50)])


def test_loops_rings_and_parallel_streets():
    ring = street_graph(np.array([shapely.LinearRing([(0, 0), (90, 0), (90, 90), (0, 90)])]))
    assert (ring.start.tolist(), ring.end.tolist(), ring.length.tolist()) == ([0], [0], [360])
    stops = links_at((0, 100, 5))
    node = walking_distances(ring, stops)
    assert node.tolist() == [105]
    places = links_at((0, 350, 1), (0, 90, 0))
    assert distance_at(ring, node, stops, places).tolist() == [116, 15]
    ways = streets_of(
        [(0, 0), (0, 50), (100, 0)],
        [(0, 0), (100, 0)],
        [(100, 0), (50, -90), (0, 0)],
        [(0, 0), (-9, 0)],
    )
    stops = links_at((3, 9, 0))
    assert sorted(walking_distances(ways, stops)) == pytest.approx([0, 9, 109])
    assert ways.adjacency.weight == pytest.approx([9, 9, 100, 100])


def test_vertices_join_to_a_millimetre_and_nothing_of_no_length_stays():
    near = streets_of([(0, 0), (100, 0)], [(100.0004, 0), (200, 0)])
    assert len(near.nodes) == 3
    far = streets_of([(0, 0), (100, 0)], [(100.002, 0), (200, 0)])
    assert len(far.nodes) == 4
    assert np.isinf(walking_distances(far, links_at((0, 50, 0)))).sum() == 2
    lines = [shapely.LineString([(5, 5), (5, 5.0001)]), None, shapely.LineString()]
    lines.append(shapely.LineString([(0, 0), (0, 0), (3, 4), (3, 4)]))
    streets = street_graph(np.array(lines, object))
    assert (streets.line.tolist(), streets.length.tolist()) == ([3], [5])


def test_pieces_are_numbered_by_length_and_walks_stay_in_theirs():
    streets = streets_of([(0, 0), (10, 0)], [(0, 50), (70, 50)], [(10, 0), (30, 0)])
    assert streets.piece.tolist() == [1, 0, 1]
    node, stop = nearest_stops(streets, links_at((0, 0, 2)))
    unreached = streets.nodes[:, 1] == 50
    assert np.isinf(node[unreached]).all()
    assert stop[unreached].tolist() == [-1, -1]
    assert sorted(node[~unreached]) == [2, 12, 32]


@pytest.mark.parametrize("limit", [0.001, 50.0, math.inf])
def test_a_stop_at_a_node_seeds_zero(limit):
    streets = streets_of([(0, 0), (100, 0)], [(100, 0), (200, 0)])
    stops = link(streets, [[100, 0], [100, 0], [100, 3000]], 1000.0)
    assert (stops.edge[0], stops.off[0], stops.edge[2]) == (0, 0, -1)
    node, stop = nearest_stops(streets, stops, limit)
    at = streets.nodes[:, 0] == 100
    assert node[at] == [0]
    assert stop[at] == [0]
    expected = 100 if limit > 100 else math.inf
    assert node[~at].tolist() == [expected, expected]


def test_a_stop_in_the_middle_of_a_long_street():
    streets = streets_of([(0, 0), (4000, 0)])
    stops = links_at((0, 1000, 100), (0, 1100, 0), (0, 1100, 0), (-1, 0, 0))
    node = walking_distances(streets, stops, 300.0)
    assert np.isinf(node).all()
    zones = stretches_in(streets, [[shapely.box(950, -9, 2000, 9)], [shapely.box(0, 0, 9, 9)]])
    covered = covered_lengths(streets, zones, node, stops, [50.0, 300.0], 2)
    assert covered.tolist() == [[100, 0], [450, 0]]
    drawn_parts = reached_lines(streets, node, stops, 300.0)
    assert [line.wkt for line in drawn_parts] == ["LINESTRING (800 0, 1400 0)"]
    places = links_at((0, 700, 5), (-1, 0, 0))
    assert distance_at(streets, node, stops, places).tolist() == [405, math.inf]


def test_what_lies_on_a_common_border_counts_once():
    streets = streets_of([(0, -10), (0, 50), (0, 110)], [(-50, 20), (50, 20)])
    left, right = shapely.box(-100, 0, 0, 100), shapely.box(0, 0, 100, 100)
    both = stretches_in(streets, [[left, right], [left], [left, left, shapely.box(-1, 0, 1, 30)]])
    assert total_lengths(both, 3).tolist() == [200, 150, 151]
    assert both.edge.tolist() == [0, 1, 0, 1, 0, 1]


def test_no_streets_and_no_stops():
    none = street_graph(np.array([], object), [])
    stops = link(none, [[0, 0]])
    assert stops.edge.tolist() == [-1]
    node = walking_distances(none, stops, 100.0)
    parts = stretches_in(none, [[shapely.box(0, 0, 1, 1)]])
    assert covered_lengths(none, parts, node, stops, [5.0], 1).tolist() == [[0]]
    assert len(reached_lines(none, node, stops, 5.0)) == len(node) == 0
    streets = streets_of([(0, 0), (10, 0)])
    stops = link(streets, [])
    node, stop = nearest_stops(streets, stops)
    assert (np.isinf(node).all(), stop.tolist()) == (True, [-1, -1])
    assert total_lengths(stretches_in(streets, []), 0).shape == (0,)
    assert len(reached_lines(streets, node, stops, 5.0)) == 0


def test_what_cannot_be_measured_is_an_error():
    streets = streets_of([(0, 0), (10, 0)])
    stops = link(streets, [[0, 0]])
    for wrong, what in [
        (lambda: street_graph(np.array([shapely.Point(0, 0)])), "LineStrings"),
        (lambda: streets_of([(0, 0), (1, math.inf)]), "finite"),
        (lambda: streets_of([(0, 0), (1, 1)], level=[0.5]), "level"),
        (lambda: streets_of([(0, 0), (1, 1)], level=[1, 2]), "level"),
        (lambda: link(streets, [[0, math.nan]]), "finite"),
        (lambda: link(streets, [[0, 0, 0]]), "array"),
        (lambda: link(streets, [[0, 0]], 0), "limit"),
        (lambda: walking_distances(streets, stops, math.nan), "limit"),
        (lambda: stretches_in(streets, [[shapely.Point(0, 0)]]), "polygons"),
        (lambda: reached(streets, np.zeros(2), stops, 0), "radius"),
    ]:
        with pytest.raises(ValueError, match=what):
            wrong()
