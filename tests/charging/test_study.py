"""A charging plan laid out: rows, numbers, floors, feeders and what there is already, by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest
from layers_made import box, by_name, layer, line, point, reasons, zones

from jxgis.charging.study import named, study
from jxgis.charging_spec import ChargingSettings, DemandSpec, Source, StationKind
from jxgis.errors import InputError
from jxgis.rules import Rules

HOMES = [(100, 100), (900, 100), (2100, 100)]
STOPS = [(100, 100), (2100, 2100)]
LOTS = [(100, 200), (2000, 100), (2100, 2000)]

PEOPLE = DemandSpec("people", "People", "people", (Source("homes"),), as_points=True, value=3.0)
BUSES = DemandSpec("buses", "Buses", "", (Source("stops", weight=2.0),), as_points=True)
CITY = StationKind("city", "City", "people", "lots", 2, radius_m=500, radius_outside_m=1000)
DEPOT = StationKind("depot", "Depot", "buses", "lots", 3, radius_m=300, radius_outside_m=300)


def points(kind, called, places, **columns):
    return layer(kind, [point(*at) for at in places], called, **columns)


def layers(*more):
    """Return two districts, of which the left one is built up, and what is in them."""
    return by_name(
        zones(west=box(0, 0, 1500, 3000), east=box(1500, 0, 3000, 3000)),
        layer("built_up", [box(0, 0, 1500, 3000)]),
        points("demand", "homes", HOMES, weight=[10.0, 20.0, 70.0]),
        points("demand", "stops", STOPS, weight=[1.0, 3.0]),
        points("candidates", "lots", LOTS, name=["A", "B", "C"], spaces=[20.0, 40.0, 60.0]),
        *more,
    )


def settings(*kinds, demands=(PEOPLE, BUSES), **more):
    return ChargingSettings(
        years=(2017, 2018), year_weights=(2.0, 1.0), demands=demands, kinds=kinds, **more
    )


def laid(*kinds, given=None, **more):
    return study(settings(*kinds, **more), given or layers(), Rules({}))


def test_all_demand_stands_one_after_another_and_is_worth_one():
    own = laid(CITY, DEPOT)
    assert own.rows(0) == slice(0, 3)
    assert own.rows(1) == slice(3, 5)
    assert own.problem.weight.tolist() == [10, 20, 70, 2, 6]
    assert own.whole.tolist() == [100, 8]
    year = own.problem.year
    worth = own.problem.weight * own.problem.value * year.sum()
    assert worth[:3] == pytest.approx(np.array([10, 20, 70]) / 100 * 3 / 4)
    assert worth[3:] == pytest.approx(np.array([2, 6]) / 8 / 4)
    assert year.tolist() == [2, 1]


def test_a_place_reaches_as_its_radius_says_and_only_its_own_demand():
    city, depot = laid(CITY, DEPOT).problem.tiers
    # A is built up and reaches 500 m; B is outside and reaches 1000 m.
    assert city.covers.toarray().astype(int).tolist() == [
        [1, 0, 0],
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]
    assert depot.covers.toarray().astype(int).tolist() == [[0] * 3] * 3 + [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("count", "years", "by_year", "wanted"),
    [
        (5, 3, (), [1, 3, 5]),
        (4, 3, (), [1, 2, 4]),
        (2, 3, (), [0, 1, 2]),
        (300, 3, (), [100, 200, 300]),
        (5, 3, (3, 0, 2), [3, 3, 5]),
    ],
)
def test_the_number_until_each_year(count, years, by_year, wanted):
    spaces = points("candidates", "lots", [(10 * i, 0) for i in range(300)])
    plan = replace(
        settings(replace(CITY, count=count, by_year=by_year), demands=(PEOPLE,)),
        years=tuple(range(2017, 2017 + years)),
        year_weights=(1.0,) * years,
    )
    own = study(plan, layers(spaces), Rules({}))
    assert own.problem.tiers[0].count.tolist() == wanted


def test_floors_are_of_each_zone_and_single_ones_go_before():
    demand = replace(PEOPLE, floor=0.5, floors={"east": 0.8})
    own = laid(CITY, DEPOT, demands=(demand, BUSES))
    west, east = own.problem.floors
    assert (west.rows.tolist(), west.least) == ([0, 1], 15)
    assert east.rows.tolist() == [2]
    assert east.least == pytest.approx(56)
    assert own.floors == ((0, 0), (0, 1))


def test_floors_of_the_second_demand_count_its_own_rows():
    own = laid(CITY, DEPOT, demands=(PEOPLE, replace(BUSES, floors={"east": 1.0, "west": 0.0})))
    (floor,) = own.problem.floors
    assert (floor.rows.tolist(), floor.least) == ([4], 6)
    assert own.floors == ((1, 1),)


def test_a_zone_without_demand_has_no_floor_and_that_is_said():
    given = layers(points("demand", "homes", HOMES[:2], weight=[10.0, 20.0]))
    own = laid(CITY, given=given, demands=(replace(PEOPLE, floor=0.3),))
    assert len(own.problem.floors) == 1
    assert any("they have no floor" in reason for reason in reasons(own.ledger))


def test_each_place_is_fed_from_the_nearest_substation_with_something_to_spare():
    grid = points(
        "substations", "grid", [(0, 0), (2100, 100), (2100, 1900)], spare_kw=[500, np.nan, 90.0]
    )
    kinds = (replace(CITY, power_kw=60.0), replace(DEPOT, power_kw=90.0))
    own = laid(*kinds, given=layers(replace(grid, name="substations")))
    assert own.problem.feeder_limit.tolist() == [500, 90]
    for tier, kind in zip(own.problem.tiers, kinds, strict=True):
        assert tier.power == kind.power_kw
        assert tier.feeders.tolist() == [0, 1, 1]


def test_layers_that_nobody_names_may_be_called_anything():
    given = layers()
    grid = points("substations", "grid", [(0, 0)], spare_kw=[500.0])
    other = {"districts": given.pop("zones"), "grid": grid, **given}
    own = study(settings(replace(CITY, power_kw=1.0)), named(other), Rules({}))
    assert own.demands[0].zone_ids == ("west", "east")
    assert own.problem.feeder_limit.tolist() == [500]


def test_piles_have_their_limits_and_costs_their_own():
    lots = points("candidates", "lots", LOTS, spaces=[20.0, 40.0, 60.0], cost=[np.nan, 7.0, np.nan])
    kind = replace(CITY, count=5, least_piles=3, most_share=0.1, cost=2.0)
    plan = {"budget": (4.0, 30.0), "demands": (PEOPLE,)}
    own = laid(kind, given=layers(lots), **plan)
    (tier,) = own.problem.tiers
    # 10 % of 20 spaces are fewer than three piles: A is no place.
    assert own.kinds[0].candidates.row.tolist() == [1, 2]
    assert tier.least == 3
    assert tier.most.tolist() == [4, 6]
    assert tier.costs.tolist() == [7, 2]
    assert own.problem.budget.tolist() == [4, 30]


def test_a_demand_that_nothing_serves_is_left_out_and_that_is_said():
    own = laid(CITY)
    assert [d.spec.id for d in own.demands] == ["people"]
    assert any("Buses" in reason and "nothing" in reason for reason in reasons(own.ledger))


def there(**columns):
    return points("chargers", "chargers", [(100, 300), (2900, 100)], **columns)


def test_what_there_is_serves_as_a_new_one():
    own = laid(replace(CITY, existing="chargers", capacity=30.0), given=layers(there()))
    (tier,) = own.problem.tiers
    assert tier.existing.toarray().astype(int).tolist() == [[1, 0], [0, 0], [0, 1]]
    assert tier.existing_capacity.tolist() == [30, 30]


def test_a_post_that_there_is_can_serve_as_much_as_a_pile():
    kind = replace(CITY, existing="chargers", capacity=3.0, most_share=0.5)
    own = laid(kind, given=layers(there(posts=[4, np.nan])))
    assert own.problem.tiers[0].existing_capacity.tolist() == [12, 3]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_two_kinds_name_counts_once_as_the_one_that_reaches_farther(order):
    near = replace(CITY, id="near", existing="chargers", radius_m=200, radius_outside_m=950)
    far = replace(CITY, id="far", existing="chargers", radius_m=600, radius_outside_m=100)
    kinds = [(near, far)[i] for i in order]
    own = laid(*kinds, given=layers(there(posts=[4, 5])))
    rows = {k.kind.id: k.existing.row.tolist() for k in own.kinds}
    assert rows == {"near": [1], "far": [0]}
    by_id = dict(zip([k.id for k in kinds], own.problem.tiers, strict=True))
    assert by_id["near"].existing.toarray().ravel().tolist() == [0, 0, 1]
    assert by_id["far"].existing.toarray().ravel().tolist() == [1, 0, 0]
    assert {k.kind.id: k.existing.posts.tolist() for k in own.kinds} == {"near": [5], "far": [4]}


def test_kinds_of_equal_reach_leave_it_to_the_first():
    kinds = [replace(CITY, id=i, existing="chargers") for i in ("one", "two")]
    own = laid(*kinds, given=layers(there()))
    assert [k.existing.row.tolist() for k in own.kinds] == [[0, 1], []]
    assert own.problem.tiers[1].existing is None
    said = [reason for k in own.kinds for reason in reasons(k.existing.ledger)]
    assert sum("counts once" in reason for reason in said) == 1


def test_kinds_of_two_demands_share_what_there_is():
    kinds = replace(CITY, existing="chargers"), replace(DEPOT, existing="chargers")
    own = laid(*kinds, given=layers(there()))
    assert [k.existing.row.tolist() for k in own.kinds] == [[0, 1], [0, 1]]


ROAD = DemandSpec("road", "Road", "", (Source("roads"),))
SIDE = StationKind("sides", "Sides", "road", "rest", 2)


def roads(*more):
    return layers(
        layer("expressways", [line((0, 0), (3000, 0))], "roads", ref=["G1"]),
        points("service_areas", "rest", [(1500, 40)], name=["甲"], side=["both"]),
        *more,
    )


def test_a_service_area_on_both_sides_has_room_for_two_stations():
    own = laid(SIDE, given=roads(), demands=(ROAD,))
    (kind,) = own.kinds
    assert kind.beside_roads
    assert kind.candidates.row.tolist() == [0, 0]
    # Half of each carriageway of 3 km has it ahead.
    served = np.asarray(kind.covers.sum(axis=1)) > 0
    assert own.demands[0].weight[served].sum() == pytest.approx(4)
    assert "corridors.attach_within_m" in own.rules
    said = reasons(kind.candidates.ledger)
    assert not any("built-up area" in reason for reason in said)
    assert any("each side" in reason for reason in said)


def test_a_station_at_a_service_area_stays():
    posts = points("chargers", "chargers", [(1500, 30)], posts=[4], power_kw=[120.0])
    kind = replace(SIDE, count=1, existing="chargers")
    own = laid(kind, given=roads(posts), demands=(ROAD,))
    (tier,) = own.problem.tiers
    assert tier.existing.shape[1] >= 1
    assert "corridors.fast_kw" in own.rules


FAULTS = {
    "room": ((replace(CITY, count=4),), {}, "wants 4 stations, and there are 3 places"),
    "sides": (
        (replace(SIDE, count=3),),
        {"demands": (ROAD,)},
        "wants 3 stations, and there are 2 places",
    ),
    "no expressways": (
        (replace(SIDE, demand="people"),),
        {},
        "of stations at service areas is not of expressways",
    ),
    "both": (
        (SIDE, replace(CITY, demand="road")),
        {"demands": (ROAD,)},
        "of stations at service areas is not of expressways",
    ),
    "unknown zone": (
        (CITY,),
        {"demands": (replace(PEOPLE, floors={"north": 0.2}),)},
        "a floor in a zone north that is not there.*There are: west, east",
    ),
    "budget": (
        (replace(CITY, cost=200.0),),
        {"budget": (50.0, 100.0), "budget_unit": "coins"},
        "the budget of 100 coins pays for nothing: the cheapest .* City, for 200",
    ),
    "budget of piles": (
        (replace(CITY, cost=20.0, least_piles=6, most_share=0.3, count=6),),
        {"budget": (100.0, 100.0)},
        "pays for nothing: .*, for 120",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_found_before_anything_is_solved(fault):
    kinds, more, said = FAULTS[fault]
    with pytest.raises(InputError) as error:
        laid(*kinds, given=roads(), **more)
    assert re.search(said, str(error.value))


def test_floors_need_zones():
    given = layers()
    del given["zones"]
    with pytest.raises(InputError, match="the plan has no zones"):
        laid(CITY, given=given, demands=(replace(PEOPLE, floor=0.1),))


def test_without_zones_and_floors_all_is_one():
    given = layers()
    del given["zones"]
    own = laid(CITY, given=given)
    assert own.problem.floors == ()
    assert (own.demands[0].zone == -1).all()
