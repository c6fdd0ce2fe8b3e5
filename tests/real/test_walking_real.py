"""Walking and people in two real cities, against NetworkX and loops over all pairs."""

import json
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from jxgis.kernels.streets import link
from jxgis.kernels.walking import distance_at, walking_distances
from jxgis.layers import KINDS
from jxgis.measures import by_kind
from jxgis.rules import Rules
from jxgis.transit.coverage import Ask, coverage
from jxgis.transit.network import walking_network
from jxgis.transit.service import Service, departures

RADII = (300.0, 500.0)
LINK_M = 100.0
PEOPLE = 812_935


def split_graph(streets, stops, places=None):
    """Return the graph with each edge split where a stop or a place is linked to it.

    Nodes are numbers; stops are ("stop", i) and places ("place", i), each at the end of a leg of
    its own, as long as it is off its street.
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(streets.nodes)))

    def join(one, other, length):
        if one != other and length <= graph.get_edge_data(one, other, {"m": np.inf})["m"]:
            graph.add_edge(one, other, m=length)

    on = {}
    for kind, links in (("stop", stops), ("place", places)):
        for i in np.flatnonzero(links.edge >= 0).tolist() if links else ():
            on.setdefault(int(links.edge[i]), []).append((float(links.at[i]), kind, i))
            join((kind, i), (kind, i, "foot"), float(links.off[i]))
    ends = zip(streets.start.tolist(), streets.end.tolist(), streets.length.tolist(), strict=True)
    for edge, (start, end, length) in enumerate(ends):
        before, at = start, 0.0
        for further, kind, i in sorted(on.get(edge, ())):
            join(before, (kind, i, "foot"), further - at)
            before, at = (kind, i, "foot"), further
        join(before, end, length - at)
    return graph


def walks(graph, stops, limit=None):
    sources = {("stop", i) for i in np.flatnonzero(stops.edge >= 0).tolist()}
    return nx.multi_source_dijkstra_path_length(graph, sources, cutoff=limit, weight="m")


def at_work(city):
    """Return a city's site and layers with its network, stops and the result of its run."""
    site, layers = city
    kinds = by_kind(layers)
    network = walking_network(kinds["streets"])
    points = shapely.get_coordinates(kinds["stops"].data.geometry.array)
    (result,) = json.loads((site / "scoreboard.json").read_text(encoding="utf-8"))["results"]
    return SimpleNamespace(
        kinds=kinds,
        streets=network.streets,
        lines=shapely.get_parts(network.data.geometry.array),
        points=points,
        links=link(network.streets, points, LINK_M),
        indicators={i["id"]: i for i in result["indicators"]},
    )


@pytest.fixture(scope="module")
def palmas(las_palmas):
    return at_work(las_palmas)


@pytest.fixture(scope="module")
def porto(porto_alegre):
    """Porto Alegre, with those of its people who live in a hexagon, and NetworkX' walks to them."""
    city = at_work(porto_alegre)
    people = city.kinds["population"].data
    area = shapely.union_all(city.kinds["built_up"].data.geometry.array)
    own = people[shapely.intersects(area, people.geometry.array)]
    city.centres = shapely.get_coordinates(own.geometry.array)
    city.people = own["population"].to_numpy(float)
    city.outside = float(people["population"].sum()) - city.people.sum()
    city.places = link(city.streets, city.centres)
    found = walks(split_graph(city.streets, city.links, city.places), city.links)
    city.walks = np.array([found.get(("place", i), np.inf) for i in range(len(own))])
    return city


@pytest.fixture(params=["palmas", "porto"])
def city(request):
    return request.getfixturevalue(request.param)


def test_stops_are_linked_to_the_nearest_street(city):
    nearest = shapely.STRtree(city.lines).query_nearest(
        shapely.points(city.points), return_distance=True, all_matches=False
    )[1]
    linked = city.links.edge >= 0
    np.testing.assert_array_equal(linked, nearest <= LINK_M)
    np.testing.assert_allclose(city.links.off[linked], nearest[linked], atol=1e-6)
    feet = city.streets.coordinates(city.links.edge[linked], city.links.at[linked])
    apart = np.hypot(*(feet - city.points[linked]).T)
    np.testing.assert_allclose(apart, nearest[linked], atol=1e-6)


@pytest.mark.parametrize("limit", [500.0, np.inf])
def test_walks_to_nodes_are_networkx(city, limit):
    found = walks(split_graph(city.streets, city.links), city.links, limit)
    distance = walking_distances(city.streets, city.links, limit)
    nodes = np.random.default_rng(1).choice(len(distance), 200, replace=False)
    expected = [found.get(int(node), np.inf) for node in nodes]
    np.testing.assert_allclose(distance[nodes], expected, atol=1e-6)
    assert np.isfinite(distance).sum() == sum(isinstance(node, int) for node in found)
    assert np.isfinite(expected).sum() > 50


def test_people_in_a_straight_line_are_those_of_all_pairs(porto):
    nearest = np.concatenate(
        [
            np.sqrt(((part[:, None] - porto.points) ** 2).sum(axis=2)).min(axis=1)
            for part in np.array_split(porto.centres, 50)
        ]
    )
    for radius in RADII:
        found = porto.indicators[f"stops-{radius:g}-people"]
        assert found["denominator"] == pytest.approx(PEOPLE - porto.outside, abs=1e-6)
        assert found["numerator"] == pytest.approx(porto.people[nearest <= radius].sum(), abs=1e-6)


def test_people_walking_are_those_of_networkx(porto):
    for radius in RADII:
        found = porto.indicators[f"stops-{radius:g}-people-walking"]
        walking = porto.people[porto.walks <= radius].sum()
        assert found["numerator"] == pytest.approx(walking, abs=1e-6)
        assert walking < porto.indicators[f"stops-{radius:g}-people"]["numerator"]


def test_walks_to_people_are_networkx(porto):
    distance = walking_distances(porto.streets, porto.links)
    found = distance_at(porto.streets, distance, porto.links, porto.places)
    np.testing.assert_allclose(found, porto.walks, atol=1e-6)


def test_the_frequent_share_is_that_of_buffers(porto):
    served = departures(porto.kinds["stops"], Service())
    frequent = porto.points[served.per_hour >= 4]
    assert 0 < len(frequent) < len(porto.points)
    discs = shapely.buffer(shapely.points(np.unique(frequent, axis=0)), 500, quad_segs=512)
    tree, cells = shapely.STRtree(discs), porto.kinds["built_up"].data.geometry.array
    covered = sum(
        cell.intersection(shapely.union_all(discs[tree.query(cell)])).area for cell in cells
    )
    share = covered / shapely.union_all(cells).area
    assert porto.indicators["stops-500-frequent"]["value"] == pytest.approx(share, abs=1e-4)


def test_quarters_sum_to_the_whole(porto):
    """Four quarters of the city as zones: area, streets and people of them are those of it all."""
    west, south, east, north = porto.kinds["built_up"].data.total_bounds
    x, y = (west + east) / 2 + 0.123, (south + north) / 2 + 0.123
    boxes = [
        shapely.box(west - 1, south - 1, x, y),
        shapely.box(x, south - 1, east + 1, y),
        shapely.box(west - 1, y, x, north + 1),
        shapely.box(x, y, east + 1, north + 1),
    ]
    names = ["sw", "se", "nw", "ne"]
    zones = gpd.GeoDataFrame(
        {"zone_id": names, "zone": names}, geometry=boxes, crs=porto.kinds["built_up"].data.crs
    )
    layer = replace(porto.kinds["built_up"], name="zones", kind=KINDS["zones"], data=zones)
    questions = [("streets", "walking"), ("people", "straight"), ("people", "walking")]
    asks = [Ask(f"{of} {by} {r:g}", r, of=of, by=by) for of, by in questions for r in RADII]
    found = coverage(porto.kinds | {"zones": layer}, asks, rules=Rules(), drawings=False)
    assert set(found.by_zone["zone_id"]) == set(names)
    sums = found.by_zone.groupby("radius_m").sum(numeric_only=True)
    columns = {
        "": ("covered_area_m2", "area_m2"),
        "-walking": ("streets_reached_m", "streets_m"),
        "-people": ("people_within", "people"),
        "-people-walking": ("people_walking", "people"),
    }
    for radius in RADII:
        for ending, (part, whole) in columns.items():
            city = porto.indicators[f"stops-{radius:g}{ending}"]
            assert sums.loc[radius, part] == pytest.approx(city["numerator"], rel=1e-8)
            assert sums.loc[radius, whole] == pytest.approx(city["denominator"], rel=1e-8)
