"""Demand along expressways, and which sides of service areas it has ahead of it."""

from dataclasses import replace

import numpy as np
import pytest
from corridors_made import KM, areas, expressways, g60, line, ways

from jxgis.charging.corridor_sides import attach
from jxgis.charging.places import candidates_of, substations_of
from jxgis.charging.road_demand import OnRoad, ahead, demand_along, on_road, side_candidates
from jxgis.charging_spec import DemandSpec, Source, StationKind
from jxgis.errors import InputError
from jxgis.rules import Rules

SPEC = DemandSpec("traffic", "traffic", "vehicle-km", (Source("expressways"),))
SIDES = StationKind("sides", "the sides", "traffic", "service_areas", 2, radius_m=20 * KM)


def along(roads, spec=SPEC):
    on = ways(roads)
    demand, at = demand_along(spec, roads, on, zones=None, built_up=None)
    return demand, at, on


def reasons(demand):
    return [row.reason for row in demand.ledger]


def candidates(service_areas, on, kind=SIDES):
    rules = Rules({})
    found = attach(service_areas, on, rules=rules)
    # There can be more sides than service areas, so the number is not looked at here.
    own = candidates_of(
        replace(kind, count=0),
        {"service_areas": service_areas},
        zones=None,
        built_up=None,
        substations=substations_of(None),
        rules=rules,
    )
    return side_candidates(kind, own, found, on, rules)


def test_each_carriageway_of_a_centreline_has_half_of_the_vehicles():
    demand, at, on = along(g60(vehicles_per_day=[30_000.0]))
    assert len(on.ways) == 2
    assert demand.weight.sum() == pytest.approx(100 * 30_000)
    for way in (0, 1):
        assert demand.weight[at.way == way].sum() == pytest.approx(100 * 15_000)
    assert any("half of it" in reason for reason in reasons(demand))


def test_carriageways_drawn_apart_have_all_that_they_say():
    roads = expressways(
        line((0, 0), (100, 0)),
        line((100, 0.03), (0, 0.03)),
        ref=["G1", "G1"],
        oneway=["yes", "yes"],
        vehicles_per_day=[1000.0, 400.0],
    )
    demand, at, on = along(roads)
    by_heading = {on.ways[w].heading: demand.weight[at.way == w].sum() for w in (0, 1)}
    assert by_heading == pytest.approx({"east": 100_000, "west": 40_000})


def test_without_vehicles_kilometres_of_carriageway_count():
    for roads in (g60(), g60(vehicles_per_day=[np.nan])):
        demand, _at, _on = along(roads)
        assert demand.weight.sum() == pytest.approx(200)


def test_each_part_has_the_vehicles_of_its_feature():
    roads = expressways(
        line((0, 0), (40, 0)),
        line((40, 0), (100, 0)),
        name=["G60", "G60"],
        vehicles_per_day=[10.0, 70.0],
    )
    demand, _at, _on = along(roads)
    first = demand.points[:, 0] < 300_000 + 40 * KM
    assert demand.weight[first].sum() == pytest.approx(40 * 10)
    assert demand.weight[~first].sum() == pytest.approx(60 * 70)


def test_a_stretch_of_two_expressways_counts_once():
    roads = expressways(
        line((0, 0), (50, 0)),
        line((50, 0), (100, 0)),
        line((100, 0), (140, 0)),
        ref=["G60", "G60;G92", "G92"],
        vehicles_per_day=[100.0, 100.0, 100.0],
    )
    demand, _at, on = along(roads)
    assert len(on.ways) == 4
    assert demand.weight.sum() == pytest.approx(100 * (50 + 50 + 40))
    assert any("share" in reason for reason in reasons(demand))


def test_features_without_vehicles_count_nothing_and_are_on_the_ledger():
    roads = expressways(
        line((0, 0), (40, 0)),
        line((40, 0), (100, 0)),
        name=["G60", "G60"],
        vehicles_per_day=[10.0, np.nan],
    )
    demand, _at, _on = along(roads)
    assert demand.weight.sum() == pytest.approx(40 * 10)
    (row,) = [r for r in demand.ledger if r.what == "dropped"]
    assert row.count == 1
    assert "count nothing" in row.reason


def test_demand_is_cut_into_pieces_of_the_plan():
    for side in (250.0, 5000.0):
        spec = DemandSpec("t", "t", "", (Source("expressways", weight=2.0),), cell_m=side)
        demand, _at, _on = along(g60(), spec)
        assert len(demand.weight) == 2 * 100 * KM / side
        assert demand.weight.sum() == pytest.approx(400)


@pytest.mark.parametrize(
    ("roads", "spec", "said"),
    [
        (g60(vehicles_per_day=[-1.0]), SPEC, "below zero"),
        (g60(vehicles_per_day=["many"]), SPEC, "no number"),
        (g60(vehicles_per_day=[0.0]), SPEC, "comes to zero"),
        (g60(), DemandSpec("t", "t", "", (Source("expressways", "cars"),)), "no column cars"),
        (
            g60(),
            DemandSpec("t", "t", "", (Source("expressways"), Source("population"))),
            "adds something",
        ),
    ],
)
def test_what_cannot_be_demand(roads, spec, said):
    with pytest.raises(InputError, match=said):
        along(roads, spec)


def test_a_side_serves_what_has_it_ahead_within_the_radius():
    roads = g60(vehicles_per_day=[1000.0])
    demand, at, on = along(roads)
    service = areas((30, 50), (70, -50), name=["嘉兴服务区", "长安服务区"], side=["both", "both"])
    own, places = candidates(service, on)
    assert len(own.row) == 4
    reach = ahead(at, places, 20 * KM).toarray() > 0
    # The line starts in the west; what is driven east is served from the west of the side.
    kilometre = (demand.points[:, 0] - 300_000) / KM
    for j, row in enumerate(own.row):
        x = (30, 70)[row]
        is_east = on.ways[places.way[j]].heading == "east"
        gap = x - kilometre if is_east else kilometre - x
        same = at.way == places.way[j]
        assert (reach[:, j] == (same & (gap >= 0) & (gap <= 20))).all()
        assert reach[:, j].sum() == 20
    assert own.radius_m.tolist() == [20 * KM] * 4


def test_no_pair_is_on_two_carriageways():
    rng = np.random.default_rng(3)
    demand = OnRoad(rng.integers(0, 3, 40), rng.uniform(0, 90, 40), np.full(40, np.inf))
    places = OnRoad(rng.integers(0, 3, 9), rng.uniform(0, 90, 9), np.full(9, np.inf))
    own = ahead(demand, places, 25.0)
    expected = [
        [w == v and 0 <= b - a <= 25 for v, b in zip(places.way, places.at_m, strict=True)]
        for w, a in zip(demand.way, demand.at_m, strict=True)
    ]
    stored = np.zeros((40, 9), bool)
    stored[own.tocoo().row, own.tocoo().col] = True
    assert (stored == np.array(expected)).all()


def test_on_a_ring_what_is_driven_past_the_start_is_ahead():
    square = line((0, 0), (10, 0), (10, 10), (0, 10), (0, 0))
    roads = expressways(square, ref=["G1"], oneway=["yes"])
    demand, at, on = along(roads)
    (way,) = on.ways
    assert way.line.is_ring
    place = on_road(on, np.zeros(1, np.intp), np.array([5 * KM]))
    reach = ahead(at, place, 10 * KM)
    far = np.where(at.at_m <= 5 * KM, 5 * KM - at.at_m, 45 * KM - at.at_m)
    assert (np.diff(reach.indptr) == (far <= 10 * KM)).all()
    assert demand.weight[np.diff(reach.indptr) > 0].sum() == pytest.approx(10)


def test_piles_of_a_service_area_on_both_sides_are_half_on_either():
    kind = StationKind(
        "piles", "the piles", "traffic", "service_areas", 4, least_piles=2, most_share=0.1
    )
    service = areas((30, 50), (70, -50), name=["甲", "乙"], side=["both", "right"], spaces=[90, 90])
    own, _places = candidates(service, ways(g60()), kind)
    assert own.row.tolist() == [0, 0, 1]
    assert own.most.tolist() == [4, 4, 9]


def test_sides_are_named_and_their_rules_cited():
    service = areas((30, 50), name=["嘉兴服务区"], side=["both"])
    own, _places = candidates(service, ways(g60()), StationKind("s", "s", "t", "service_areas", 2))
    assert sorted(own.names) == ["嘉兴服务区, towards 上海", "嘉兴服务区, towards 杭州"]
    assert own.radius_m.tolist() == [50 * KM] * 2
    assert "corridors.spacing_m" in own.rules
    assert "charging.radius_core_m" not in own.rules
