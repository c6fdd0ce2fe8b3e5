"""Who reaches whom, held against every pair that there is and against networkx."""

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from jxgis.kernels import reach
from jxgis.kernels.covers import merged
from jxgis.kernels.reach import along_streets, ones, within
from jxgis.kernels.streets import Links, link, street_graph

ORIGIN = np.array([480_000.0, 3_330_000.0])

steps = st.integers(0, 20)
places = st.lists(st.tuples(steps, steps), max_size=12)


def pairs(matrix):
    """The stored pairs and their values, zeros too."""
    assert matrix.has_canonical_format
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    values = zip(row, matrix.indices, matrix.data, strict=True)
    return {(int(i), int(j)): float(value) for i, j, value in values}


@given(places, places, st.data())
def test_pairs_within_are_those_of_all_pairs(demand, candidates, data):
    radius = data.draw(
        st.lists(st.integers(1, 25), min_size=len(candidates), max_size=len(candidates))
    )
    expected = {
        (i, j): math.dist(a, b)
        for i, a in enumerate(demand)
        for j, b in enumerate(candidates)
        if math.dist(a, b) <= radius[j]
    }
    assert pairs(within(demand, candidates, radius)) == pytest.approx(expected)


@pytest.mark.parametrize("radius", [5.0, np.array([5.0])])
def test_what_is_exactly_as_far_as_the_radius_is_reached(radius):
    demand = ORIGIN + np.array([(3, 4), (0, 0), (3, 4.001)])
    found = within(demand, [ORIGIN], radius)
    assert pairs(found) == {(0, 0): 5.0, (1, 0): 0.0}
    assert pairs(ones(found)) == {(0, 0): 1.0, (1, 0): 1.0}


def test_rounding_loses_no_pair_that_is_just_as_far_as_its_radius():
    random = np.random.default_rng(3)
    candidates = ORIGIN + random.uniform(-2500, 2500, (2000, 2))
    radius = np.hypot(*(ORIGIN - candidates).T)
    assert within([ORIGIN], candidates, radius).nnz == 2000


def test_a_cover_is_made_of_pairs_at_a_distance_of_zero_too():
    cover = merged(ones(within([(0, 0), (10, 0)], [(0, 0), (10, 0)], 1)), [2.0, 3.0])
    assert cover.potential().tolist() == [2.0, 3.0]


def test_nothing_reaches_nothing():
    assert within([], [], 5).shape == (0, 0)
    assert within([], [(0, 0)], 5).shape == (0, 1)
    assert within([(0, 0)], [], 5).nnz == 0
    assert along_streets(street_graph(np.array([], object)), nowhere(2), nowhere(1), 5).nnz == 0


@pytest.mark.parametrize("radius", [0, -1, math.nan, math.inf, [1, 2, 3]])
def test_a_radius_is_a_positive_number_for_all_or_for_each(radius):
    with pytest.raises(ValueError, match="radius"):
        within([(0, 0)], [(0, 0), (1, 1)], radius)


@pytest.mark.parametrize("points", [[(0, math.nan)], [(0, 0, 0)], [1, 2]])
def test_coordinates_are_pairs_of_finite_numbers(points):
    with pytest.raises(ValueError, match="finite"):
        within(points, [(0, 0)], 5)


def test_a_hundred_thousand_places_are_reached_without_a_dense_matrix():
    random = np.random.default_rng(1)
    demand, candidates = random.uniform(0, 1e5, (100_000, 2)), random.uniform(0, 1e5, (5000, 2))
    found = within(demand, candidates, 1000)
    picked = random.choice(5000, 20, replace=False)
    counted = [(np.hypot(*(demand - candidates[j]).T) <= 1000).sum() for j in picked]
    assert np.diff(found.tocsc().indptr)[picked].tolist() == counted


def nowhere(n):
    return Links(np.full(n, -1), np.full(n, np.nan), np.full(n, np.inf))


def by_networkx(lines, linked, radius):
    """All pairs within the radius, on a graph that has every linked place as a node."""
    marks, graph = {}, nx.Graph()
    for name, (line, along, _off) in linked.items():
        marks.setdefault(line, []).append((along, name))
    for i, line in enumerate(lines):
        steps = [math.dist(a, b) for a, b in pairwise(line.coords)]
        chain = [*zip(np.cumsum([0, *steps]), line.coords, strict=True), *marks.get(i, [])]
        for (a, u), (b, v) in pairwise(sorted(chain, key=lambda c: c[0])):
            if u != v and (not graph.has_edge(u, v) or graph[u][v]["weight"] > b - a):
                graph.add_edge(u, v, weight=b - a)
            graph.add_nodes_from((u, v))
    found = {}
    for (kind, j), (_line, _along, off) in linked.items():
        if kind == "candidate":
            ways = nx.single_source_dijkstra_path_length(graph, (kind, j))
            for name, way in ways.items():
                if name in linked and name[0] == "demand":
                    whole = way + off + linked[name][2]
                    if whole <= radius[j]:
                        found[name[1], j] = whole
    return found


def on_lines(streets, links, kind):
    edge = np.arange(len(streets.length))
    return {
        (kind, i): (
            int(streets.line[e]),
            streets.length[(streets.line == streets.line[e]) & (edge < e)].sum() + links.at[i],
            links.off[i],
        )
        for i, e in enumerate(links.edge)
        if e >= 0
    }


def town(random, n):
    """Lines between crossings of a lattice, some bent, some closed to a ring, some apart."""
    lattice = [(x * 100.0, y * 100.0) for x in range(5) for y in range(5)]
    lines = []
    for _ in range(n):
        a, b = random.choice(25, 2, replace=False)
        middle = tuple(random.uniform(0, 400, 2).tolist())
        lines.append(shapely.LineString([lattice[a], middle, lattice[b]]))
    lines.append(shapely.LineString([(0, 0), (50, 30), (70, -20), (0, 0)]))
    lines.append(shapely.LineString([(2000, 2000), (2100, 2000)]))
    return lines


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("block", [1, 100, reach.BLOCK])
def test_ways_along_streets_are_those_of_networkx(seed, block, monkeypatch):
    monkeypatch.setattr(reach, "BLOCK", block)
    random = np.random.default_rng(seed)
    lines = town(random, 12)
    streets = street_graph(np.array(lines, object))
    demand = link(streets, random.uniform(-50, 450, (60, 2)), 60)
    spots = [*random.uniform(-50, 450, (15, 2)), (2010.0, 2000.0), (0.0, 0.0), (40.0, 10.0)]
    candidates = link(streets, spots, 60)
    radius = random.uniform(50, 500, len(spots))
    linked = on_lines(streets, demand, "demand") | on_lines(streets, candidates, "candidate")
    expected = by_networkx(lines, linked, radius)
    found = pairs(along_streets(streets, demand, candidates, radius))
    assert len(found) > 20
    assert found == pytest.approx(expected)


def test_two_places_on_one_edge_reach_each_other_along_it_or_around():
    ring = shapely.LineString([(0, 0), (1000, 0), (1000, 100), (0, 100), (0, 0)])
    streets = street_graph(np.array([ring], object))
    demand = link(streets, [(0, 10), (500, 0), (100, 5)])
    candidates = link(streets, [(10, 0), (100, 0)])
    found = pairs(along_streets(streets, demand, candidates, 95))
    assert found == pytest.approx({(0, 0): 20, (2, 0): 95, (2, 1): 5})


def test_what_is_exactly_as_far_along_streets_is_reached():
    street = shapely.LineString([(0, 0), (700, 0), (700, 200), (700, 1000)])
    streets = street_graph(np.array([street], object))
    demand, candidates = link(streets, [(700, 200), (700, 200.5)]), link(streets, [(0, 0)])
    assert pairs(along_streets(streets, demand, candidates, 900)) == {(0, 0): 900.0}


def test_what_is_not_joined_is_not_reached_however_near():
    lines = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 1), (100, 1)])]
    streets = street_graph(np.array(lines, object))
    found = along_streets(streets, link(streets, [(50, 1)]), link(streets, [(50, 0)]), 1e6)
    assert found.nnz == 0


def test_a_place_without_a_street_is_not_reached():
    streets = street_graph(np.array([shapely.LineString([(0, 0), (100, 0)])], object))
    demand, candidates = (
        link(streets, [(50, 0), (50, 90)], 20),
        link(streets, [(0, 90), (9, 0)], 20),
    )
    assert pairs(along_streets(streets, demand, candidates, 1e6)) == {(0, 1): 41.0}
