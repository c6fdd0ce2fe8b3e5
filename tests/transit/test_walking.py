"""Walking along streets: lengths added up by hand, and networkx on a fine lattice."""

import networkx as nx
import numpy as np
import pytest
import shapely
from cities import (
    HOUR,
    X,
    Y,
    box,
    city,
    figures,
    line,
    measured,
    people,
    residents,
    stops,
    streets,
    timetable,
    told,
    zones,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.errors import InputError
from jxgis.transit.coverage import Ask

TOWN = city(box(0, 0, 2000, 2000))
ACROSS = ((0, 1000), (1000, 1000), (2000, 1000))
ALONG = ((1000, 0), (1000, 1000), (1000, 2000))


def walking(*layers, radius=300.0, **options):
    return figures(measured(*layers, asks=radius, **options))["bus-walking"]


def test_reached_streets_are_added_up_by_hand():
    cross = streets(ACROSS, ALONG)
    share = walking(stops((1000, 1000)), TOWN, cross)
    assert (share.numerator, share.denominator) == pytest.approx((1200, 4000))
    assert (share.value, share.beside) == (pytest.approx(0.3), "bus")
    # 40 m from its street, the second stop reaches 260 m either way, 240 to 760.
    two = stops((1000, 1000), (500, 1040))
    assert walking(two, TOWN, cross).numerator == pytest.approx(1060 + 600)
    part = walking(two, city(box(0, 0, 900, 2000)), cross)
    assert (part.numerator, part.denominator) == pytest.approx((660, 900))


def test_streets_by_zone_are_added_up_by_hand():
    areas = zones(a=box(0, 0, 1100, 2000), b=box(1100, 0, 2000, 2000))
    rows = measured(stops((1000, 1000)), TOWN, areas, streets(ACROSS, ALONG), asks=300).by_zone
    assert list(rows["streets_m"]) == pytest.approx([3100, 900])
    assert list(rows["streets_reached_m"]) == pytest.approx([1000, 200])
    assert list(rows["share_streets"]) == pytest.approx([1000 / 3100, 200 / 900])


def test_a_street_on_a_common_border_is_counted_once_in_all():
    areas = zones(
        a=box(0, 0, 2000, 1000), b=box(0, 1000, 1500, 2000), c=box(1500, 1000, 2000, 2000)
    )
    asks = [Ask("bus", 600.0), Ask("ab", 600.0, ("a", "b"))]
    result = measured(stops((1000, 500)), TOWN, areas, streets(ACROSS, ALONG), asks=asks)
    found = figures(result)
    for key in ("bus-walking", "ab-walking"):
        share = found[key]
        # 500 m down to the edge, 600 m up, and 100 m to either side of the crossing.
        assert (share.numerator, share.denominator) == pytest.approx((500 + 600 + 200, 4000))
    assert list(result.by_zone["streets_m"]) == pytest.approx([3000, 2500, 500])


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "sidewalk": "both", "foot": "yes"}, False),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "no"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "Trunk_link ", "sidewalk": "Left"}, True),
        ({"highway": "trunk", "foot": "yes"}, True),
        ({"highway": "trunk", "sidewalk": "both", "foot": "no"}, False),
        ({"highway": "primary"}, True),
        ({"highway": "footway"}, True),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "designated"}, True),
    ],
)
def test_what_is_closed_to_walkers_is_no_street(tags, walked):
    columns = {
        name: ["residential" if name == "highway" else None, tag] for name, tag in tags.items()
    }
    result = measured(stops((1000, 1000)), TOWN, streets(ACROSS, ALONG, **columns), asks=300)
    share = figures(result)["bus-walking"]
    assert (share.numerator, share.denominator) == (1200, 4000) if walked else (600, 2000)
    assert [row.count for row in told(result, "excluded")] == ([] if walked else [1])
    assert not told(result, "assumed")


def test_without_a_column_highway_all_are_walked_and_the_ledger_says_so():
    (row,) = told(measured(stops((0, 0)), TOWN, streets(ACROSS, ALONG)), "assumed")
    assert (row.layer, row.count) == ("streets", 2)


def test_no_walkable_street_is_refused():
    with pytest.raises(InputError, match="no street in it can be walked along"):
        measured(stops((0, 0)), TOWN, streets(ACROSS, highway=["motorway"]))


@pytest.mark.parametrize("level", [{"bridge": "yes"}, {"tunnel": "yes"}, {"layer": "1"}])
def test_a_bridge_does_not_join_what_it_leads_over(level):
    tags = {name: [None, value] for name, value in level.items()}
    result = measured(stops((800, 1000)), TOWN, streets(ACROSS, ALONG, **tags))
    assert figures(result)["bus-walking"].numerator == pytest.approx(1000)
    (row,) = [row for row in told(result, "note", "streets") if "pieces" in row.reason]
    assert row.count == 2
    assert "50.0%" in row.reason
    flat = measured(stops((800, 1000)), TOWN, streets(ACROSS, ALONG))
    assert figures(flat)["bus-walking"].numerator == pytest.approx(1000 + 600)
    assert not told(flat, "note", "streets")


def test_a_bridge_joins_at_its_ends():
    way = streets(((0, 1000), (900, 1000)), ((900, 1000), (1300, 1000)), bridge=[None, "yes"])
    assert walking(stops((800, 1000)), TOWN, way).numerator == pytest.approx(600)


@pytest.mark.parametrize(("off", "reached"), [(99, 402), (101, 0)])
def test_a_stop_far_from_every_street_is_not_walked_to(off, reached):
    result = measured(stops((1000, 1000 + off)), TOWN, streets(ACROSS), asks=300)
    assert figures(result)["bus-walking"].numerator == pytest.approx(reached)
    dropped = told(result, "dropped")
    assert [(row.layer, row.count) for row in dropped] == ([] if reached else [("stops", 1)])


def lattice(side, n, kept):
    """Return the lines of a square grid, some of them, each cut where others meet it."""
    marks = [side * i for i in range(n)]
    lines = [[(x, y) for x in marks] for y in marks] + [[(x, y) for y in marks] for x in marks]
    return [own for own, there in zip(lines, kept, strict=True) if there]


def test_people_who_walk_agree_with_networkx():
    rng = np.random.default_rng(2)
    ways = lattice(200, 6, [True] * 2 + [False] + [True] * 6 + [False] + [True] * 2)
    graph = nx.Graph()
    for own in ways:
        (x0, y0), (x1, y1) = own[0], own[-1]
        steps = [(x0 + (x1 - x0) * i // 100, y0 + (y1 - y0) * i // 100) for i in range(101)]
        nx.add_path(graph, steps, weight=10)
    spots = sorted(graph)
    homes, halts = ([spots[i] for i in rng.choice(len(spots), n, replace=False)] for n in (120, 4))
    number = rng.integers(1, 50, 120)
    town = city(box(-10, -10, 1010, 1010))
    layers = [stops(*halts), town, streets(*ways), residents(homes, number)]
    far = nx.multi_source_dijkstra_path_length(graph, set(halts))
    for radius in (155.0, 305.0):
        found = figures(measured(*layers, asks=radius))["bus-people-walking"]
        within = [far.get(home, np.inf) <= radius for home in homes]
        assert found.numerator == pytest.approx(number[within].sum())
        assert found.denominator == pytest.approx(number.sum())
        # Every step of 10 m counts by half at each of its ends.
        edges = [(far.get(a, np.inf), far.get(b, np.inf)) for a, b in graph.edges]
        length = sum(
            min(10, max(radius - a, 0) + max(radius - b, 0)) for a, b in edges if min(a, b) < np.inf
        )
        assert figures(measured(*layers, asks=radius))["bus-walking"].numerator == pytest.approx(
            length
        )


def test_land_near_reached_streets_is_a_buffer_of_them():
    ways = streets(ACROSS, ALONG, ((0, 300), (1000, 300)))
    town = city(box(0, 0, 2000, 950), box(0, 1040, 2000, 2000))
    result = measured(stops((1000, 1000), (500, 340)), town, ways, asks=300)
    reached = [line((700, 1000), (1300, 1000)), line((1000, 700), (1000, 1300))]
    reached.append(line((240, 300), (760, 300)))
    expected = shapely.buffer(shapely.union_all(reached), 100, quad_segs=64)
    expected = shapely.intersection(expected, shapely.union_all(town.data.geometry.to_numpy()))
    land = figures(result)["bus-land-walking"]
    assert land.numerator == pytest.approx(expected.area, rel=1e-3)
    assert land.denominator == pytest.approx(2000 * (950 + 960))
    assert land.params["of"] == "near_streets"


coordinate = st.integers(0, 1000)
place = st.tuples(coordinate, coordinate)
grid = st.lists(st.booleans(), min_size=8, max_size=8).filter(any)
homes = st.lists(place, min_size=1, max_size=15)
SMALL = city(box(0, 0, 450, 1000), box(500, 0, 1000, 1000))


@settings(deadline=None, max_examples=20)
@given(grid, homes, st.lists(place, min_size=1, max_size=4), st.sampled_from([210.3, 433.3]))
def test_nobody_walks_a_shorter_way_than_the_straight_one(kept, at, halts, radius):
    areas = zones(a=box(0, 0, 700, 600))
    layers = [stops(*halts), SMALL, areas, streets(*lattice(330, 4, kept))]
    result = measured(*layers, residents(at, np.arange(1, len(at) + 1)), asks=radius)
    found = figures(result)
    if found["bus-people"].denominator:
        assert found["bus-people-walking"].value <= found["bus-people"].value
    assert (result.by_zone["people_walking"] <= result.by_zone["people_within"]).all()
    for own in result.indicators:
        assert 0 <= own.numerator <= own.denominator


@settings(deadline=None, max_examples=12)
@given(grid, homes, st.lists(st.tuples(place, st.integers(0, 6)), min_size=3, max_size=5))
def test_one_more_stop_never_lowers_a_share(kept, at, halts):
    places, departures = zip(*halts, strict=True)
    departures = (5, *departures[1:])
    homes_and_blocks = [shapely.Point(X + x, Y + y) for x, y in at] + [box(100, 100, 400, 500)]
    number = np.arange(1, len(at) + 2)
    layers = [SMALL, streets(*lattice(330, 4, kept)), people(homes_and_blocks, number)]

    def shares(n):
        own = timetable(places[:n], departures[:n])
        found = figures(measured(own, *layers, asks=210.3, service=HOUR))
        return {key: one.numerator / (one.denominator or 1) for key, one in found.items()}

    before, after = shares(len(halts) - 1), shares(len(halts))
    assert set(before) == {
        "bus", "bus-frequent", "bus-walking", "bus-land-walking", "bus-people",
        "bus-people-walking",
    }  # fmt: skip
    for key, share in before.items():
        # Discs along a reached street move when it grows: their scallops are a little elsewhere.
        assert after[key] >= share - (1e-3 if key == "bus-land-walking" else 1e-9), key
