"""Streets as a graph and the walks along them, held against networkx and dense samples."""

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels.streets import Links, link, street_graph
from jxgis.kernels.stretches import (
    covered_lengths,
    drawn,
    reached,
    reached_lines,
    stretches_in,
    total_lengths,
)
from jxgis.kernels.walking import (
    distance_at,
    nearest_stop_at,
    nearest_stops,
    walking_distances,
)

ORIGIN = np.array([480_000.0, 3_330_000.0])


def vertices_as_joined(lines, levels):
    """One name for each vertex of each line: its place, and its level where none ends there."""
    shapes = [[tuple(c) for c in line.coords] for line in lines]
    ends = {shape[k] for shape in shapes for k in (0, -1)}
    return [
        [c if c in ends else (c, level) for c in shape]
        for shape, level in zip(shapes, levels, strict=True)
    ]


def names_of_nodes(streets, lines, levels):
    ends = {tuple(line.coords[k]) for line in lines for k in (0, -1)}
    names = [None] * len(streets.nodes)
    for node, line in zip([*streets.start, *streets.end], [*streets.line] * 2, strict=True):
        place = tuple(streets.nodes[node].tolist())
        name = place if place in ends else (place, levels[line])
        assert names[node] in (None, name)
        names[node] = name
    return names


def on_the_line(streets, links):
    """What line each link is on, and how far along the whole line."""
    edge = np.arange(len(streets.length))
    before = np.array(
        [streets.length[(streets.line == streets.line[e]) & (edge < e)].sum() for e in edge]
    )
    return [
        (int(streets.line[e]), before[e] + at) if e >= 0 else (-1, math.nan)
        for e, at in zip(links.edge, links.at, strict=True)
    ]


def by_networkx(streets, lines, levels, stops, places):
    """The walk from the nearest stop to each place, and to each vertex by its coordinates.

    Every vertex of every line is a node of this graph, and so are stops and places.
    """
    marks = {}
    for kind, links in (("stop", stops), ("place", places)):
        for i, (line, along) in enumerate(on_the_line(streets, links)):
            marks.setdefault(line, []).append((along, (kind, i)))
    graph = nx.Graph()
    for i, (line, names) in enumerate(zip(lines, vertices_as_joined(lines, levels), strict=True)):
        steps = [math.dist(a, b) for a, b in pairwise(line.coords)]
        along = np.concatenate([[0], np.cumsum(steps)])
        chain = sorted([*zip(along, names, strict=True), *marks.get(i, [])], key=lambda c: c[0])
        for (a, u), (b, v) in pairwise(chain):
            if u != v and (not graph.has_edge(u, v) or graph[u][v]["weight"] > b - a):
                graph.add_edge(u, v, weight=b - a)
    for i in np.flatnonzero(stops.edge >= 0).tolist():
        graph.add_edge(("origin", i), ("stop", i), weight=stops.off[i])
    origins = [n for n in graph if n[0] == "origin"]
    found = nx.multi_source_dijkstra_path_length(graph, origins) if origins else {}
    walks = [found.get(("place", i), math.inf) + off for i, off in enumerate(places.off)]
    return np.array(walks), found


def town(seed, n=12, size=8, step=100.0):
    """Lines from vertex to vertex of a lattice, with loops, overlaps, bridges and gaps."""
    rng = np.random.default_rng(seed)
    lines, levels = [], []
    for _ in range(n):
        moves = rng.choice([-1, 0, 1], (rng.integers(1, 6), 2))
        moves = moves[(moves != 0).any(axis=1)]
        shape = np.cumsum([rng.integers(0, size, 2), *moves], axis=0)
        if rng.random() < 0.2:
            shape = np.concatenate([shape, shape[:1]])
        shape = shape[np.append(True, (np.diff(shape, axis=0) != 0).any(axis=1))]
        if len(shape) > 1:
            lines.append(shapely.LineString(shape * step + ORIGIN))
            levels.append(int(rng.choice([0, 0, 0, 1])))
    return rng, np.array(lines, object), levels


def anywhere(rng, n, size=8, step=100.0):
    return rng.uniform(-step, size * step, (n, 2)) + ORIGIN


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=200, deadline=None)
@given(seeds, st.integers(0, 6), st.sampled_from([60.0, 150.0, math.inf]))
def test_walks_are_those_of_networkx(seed, n, limit):
    rng, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    stops, places = (link(streets, anywhere(rng, k), 80.0) for k in (n, 40))
    walks, found = by_networkx(streets, lines, levels, stops, places)
    node = walking_distances(streets, stops, limit)
    names = names_of_nodes(streets, lines, levels)
    expected = np.array([found.get(name, math.inf) for name in names])
    assert node == pytest.approx(np.where(expected <= limit, expected, math.inf), abs=1e-6)
    here = distance_at(streets, node, stops, places)
    near = walks <= limit - 1e-6
    assert here[near] == pytest.approx(walks[near], abs=1e-6)
    assert (here[~near] >= walks[~near] - 1e-6).all()

    distance, stop = nearest_stops(streets, stops, limit)
    assert (distance == node).all()
    assert ((stop >= 0) == np.isfinite(node)).all()
    again, whose = nearest_stop_at(streets, (distance, stop), stops, places)
    assert (again == here).all()
    for k in range(n):  # a walk from that stop alone is as long
        alone = Links(stops.edge[[k]], stops.at[[k]], stops.off[[k]])
        only = walking_distances(streets, alone, limit)
        assert only[stop == k] == pytest.approx(node[stop == k], abs=1e-6)
        mine = (whose == k) & near
        at = distance_at(streets, only, alone, places)
        assert at[mine] == pytest.approx(here[mine], abs=1e-6)
    assert (whose[np.isfinite(here)] >= 0).all()


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_links_are_the_nearest_places(seed):
    rng, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    points = anywhere(rng, 30)
    links = link(streets, points, 50.0)
    nearest = shapely.distance(shapely.points(points)[:, None], lines).min(axis=1)
    assert ((links.edge >= 0) == (nearest <= 50)).all()
    on = links.edge >= 0
    assert links.off[on] == pytest.approx(nearest[on], abs=1e-6)
    assert np.isinf(links.off[~on]).all()
    assert np.isnan(links.at[~on]).all()
    feet = np.full((30, 2), np.nan)
    feet[on] = streets.coordinates(links.edge[on], links.at[on])
    assert np.hypot(*(feet - points)[on].T) == pytest.approx(nearest[on], abs=1e-6)
    for k, (line, along) in enumerate(on_the_line(streets, links)):
        if line >= 0:
            expected = lines[line].interpolate(along)
            assert shapely.distance(shapely.Point(feet[k]), expected) < 1e-6


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_edges_make_up_their_lines(seed):
    _, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    total = np.bincount(streets.line, streets.length, minlength=len(lines))
    assert total == pytest.approx(shapely.length(lines))
    assert (streets.points[streets.first[:-1]] == streets.nodes[streets.start]).all()
    assert (streets.points[streets.first[1:] - 1] == streets.nodes[streets.end]).all()
    pieces = np.bincount(streets.piece, streets.length)
    assert (np.diff(pieces) <= 1e-6).all()
    graph = nx.Graph(zip(streets.start.tolist(), streets.end.tolist(), strict=True))
    assert nx.number_connected_components(graph) == len(pieces)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_no_walk_is_shorter_than_the_straight_line(seed):
    rng, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    points, homes = anywhere(rng, 4), anywhere(rng, 40)
    stops, places = link(streets, points, 200.0), link(streets, homes, 200.0)
    nearest = nearest_stops(streets, stops)
    walk, stop = nearest_stop_at(streets, nearest, stops, places)
    far = np.isfinite(walk)
    assert (walk[far] >= np.hypot(*(homes[far] - points[stop[far]]).T) - 1e-6).all()
    straight = np.hypot(*(homes[:, None] - points).transpose(2, 0, 1)).min(axis=1)
    assert (walk >= straight - 1e-6).all()


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 6), st.sampled_from([[60.0, 200.0], [333.3]]))
def test_covered_lengths_are_those_of_dense_samples(seed, n, radii):
    rng, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    stops = link(streets, anywhere(rng, n), 50.0)
    node = walking_distances(streets, stops, max(radii))
    zones = [
        np.array([shapely.Point(rng.uniform(0, 800, 2) + ORIGIN).buffer(r)], object)
        for r in rng.uniform(50, 400, 3)
    ]
    stretches = stretches_in(streets, zones)
    found = covered_lengths(streets, stretches, node, stops, radii, 3)
    step = 1.0
    edge = np.repeat(np.arange(len(streets.length)), np.rint(streets.length / step).astype(int))
    first = np.searchsorted(edge, np.arange(len(streets.length)))
    share = (np.arange(len(edge)) - first[edge] + 0.5) / np.bincount(edge)[edge]
    weight = streets.length[edge] / np.bincount(edge)[edge]
    at = share * streets.length[edge]
    samples = shapely.points(streets.coordinates(edge, at))
    places = Links(edge, at, np.zeros(len(edge)))
    walks, _ = by_networkx(streets, lines, levels, stops, places)
    slack = step * (len(streets.points) + 2 * n) / 10
    for zone, total, covered in zip(zones, total_lengths(stretches, 3), found.T, strict=True):
        inside = shapely.contains_xy(zone[0], shapely.get_x(samples), shapely.get_y(samples))
        assert total == pytest.approx(weight[inside].sum(), abs=slack)
        for radius, length in zip(radii, covered, strict=True):
            expected = weight[inside & (walks <= radius)].sum()
            assert length == pytest.approx(expected, abs=slack)
    for radius in radii:
        reach = reached_lines(streets, node, stops, radius)
        assert shapely.length(reach).sum() == pytest.approx(
            weight[walks <= radius].sum(), abs=slack
        )


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(0, 8), st.floats(1, 1000))
def test_what_is_drawn_is_what_is_measured(seed, n, radius):
    rng, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    stops = link(streets, anywhere(rng, n), 100.0)
    node = walking_distances(streets, stops, radius)
    whole = stretches_in(streets, [[shapely.box(*ORIGIN - 1e4, *ORIGIN + 1e4)]])
    assert total_lengths(whole, 1) == pytest.approx([streets.length.sum()])
    assert len(whole.edge) == len(streets.length)
    assert shapely.length(drawn(streets, whole)) == pytest.approx(streets.length)
    parts = reached(streets, node, stops, radius)
    assert shapely.length(drawn(streets, parts)) == pytest.approx(parts.end - parts.start, abs=1e-6)
    covered = covered_lengths(streets, whole, node, stops, [radius], 1)
    assert covered[0] == pytest.approx(total_lengths(parts, 1), abs=1e-4)
    assert covered_lengths(streets, parts, node, stops, [radius], 1) == pytest.approx(
        covered, abs=1e-4
    )
    # On an edge without stops it is what the two ends reach.
    length = np.bincount(parts.edge, parts.end - parts.start, minlength=len(streets.length))
    ends = np.maximum(radius - node[[streets.start, streets.end]], 0).sum(axis=0)
    bare = ~np.isin(np.arange(len(length)), stops.edge)
    assert length[bare] == pytest.approx(np.minimum(streets.length, ends)[bare], abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(0, 4), st.integers(1, 3))
def test_more_stops_never_cover_less_and_zones_add_up(seed, n, more):
    rng, lines, levels = town(seed)
    streets = street_graph(lines, levels)
    cut = rng.uniform(0, 800, 2) + ORIGIN
    left = shapely.box(*ORIGIN - 1e3, cut[0], ORIGIN[1] + 2e3)
    right = shapely.box(cut[0], ORIGIN[1] - 1e3, ORIGIN[0] + 2e3, ORIGIN[1] + 2e3)
    hole = shapely.Point(cut).buffer(150)
    zones = [[left.difference(hole), right.difference(hole)], [left], [right], [hole]]
    stretches = stretches_in(streets, [*zones, [left, right, None, shapely.Polygon()]])
    points = anywhere(rng, n + more)
    covered = []
    for k in (n, n + more):
        stops = link(streets, points[:k], 100.0)
        node = walking_distances(streets, stops, 300.0)
        covered.append(covered_lengths(streets, stretches, node, stops, [100.0, 300.0], 5))
        assert (covered[-1] <= total_lengths(stretches, 5) + 1e-6).all()
        outside, west, east, inside, everything = covered[-1].T
        assert outside + inside == pytest.approx(everything, abs=1e-3)
        assert west + east == pytest.approx(everything, abs=1e-3)
    assert (covered[1] >= covered[0] - 1e-6).all()
