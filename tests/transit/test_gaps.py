"""Gaps of a coverage: pieces merged, ranked and measured on cities small enough to see it all."""

import math

import pytest
import shapely
from cities import (
    X,
    Y,
    box,
    city,
    measured,
    people,
    point,
    residents,
    stops,
    streets,
    table,
    told,
    zones,
)

HALT = (5000, 250)
SERVED = box(4800, 50, 5200, 450)


def gaps(*layers, asks=500.0, **options):
    result = measured(*layers, asks=asks, drawings=True, **options)
    return table(result, f"gaps_{asks:g}"), result


@pytest.mark.parametrize(("apart", "count"), [(30, 1), (49, 1), (51, 2)])
def test_pieces_near_each_other_are_one_gap(apart, count):
    town = city(box(0, 0, 500, 500), box(500 + apart, 0, 900, 500), SERVED)
    found, _result = gaps(stops(HALT), town)
    areas = [250_000, (400 - apart) * 500]
    assert list(found["area_m2"]) == pytest.approx([sum(areas)] if count == 1 else areas)
    assert list(found["rank"]) == list(range(1, count + 1))


def test_pieces_in_two_zones_are_two_gaps():
    town = city(box(0, 0, 500, 500), box(530, 0, 1000, 500), SERVED)
    areas = zones(a=box(-10, -10, 515, 600), b=box(515, -10, 6000, 600))
    found, _result = gaps(stops(HALT), town, areas)
    assert list(found["zone"]) == ["District a", "District b"]
    assert list(found["area_m2"]) == pytest.approx([250_000, 235_000])
    one, _result = gaps(stops(HALT), town, zones(a=box(-10, -10, 6000, 600)))
    assert list(one["area_m2"]) == pytest.approx([485_000])


def test_a_zone_border_cuts_a_gap():
    found, _result = gaps(
        stops(HALT),
        city(box(0, 0, 1000, 500), SERVED),
        zones(a=box(0, 0, 400, 500), b=box(400, 0, 9000, 500)),
    )
    assert list(found["area_m2"]) == pytest.approx([300_000, 200_000])


def test_people_come_before_area():
    town = city(*(box(x, 0, x + side, side) for x, side in ((0, 500), (700, 400), (1300, 600))),
                SERVED)  # fmt: skip
    homes = [(100, 100), (800, 100), (900, 200), HALT, (1900, 700)]
    found, result = gaps(stops(HALT), town, residents(homes, [5, 4, 4, 100, 50]))
    assert list(found["people"]) == pytest.approx([8, 5, 0])
    assert list(found["area_m2"]) == pytest.approx([160_000, 250_000, 360_000])
    (drawing,) = (d for d in result.layers if d.name == "gaps_500")
    assert list(drawing.data["people"]) == list(found["people"])
    plain, _result = gaps(stops(HALT), town)
    assert list(plain["area_m2"]) == pytest.approx([360_000, 250_000, 160_000])
    assert "people" not in plain


def test_people_in_polygons_are_those_beyond_the_radius():
    town = city(box(0, 0, 2000, 1000))
    found, _result = gaps(stops((0, 500)), town, people([box(0, 0, 2000, 1000)], [2000]))
    disc = town.data.geometry[0].intersection(point(0, 500).buffer(500, 512)).area
    assert list(found["people"]) == pytest.approx([(2e6 - disc) / 1000], rel=0.02)
    assert list(found["area_m2"]) == pytest.approx([2e6 - disc], rel=1e-3)


def test_the_centre_of_a_gap_is_inside_and_far_from_its_edge():
    ring = box(0, 0, 1000, 1000).difference(box(100, 100, 900, 900))
    bent = shapely.union(ring, box(1000, 0, 1300, 300))
    found, result = gaps(stops(HALT), city(bent, box(300, 300, 500, 500), SERVED))
    (drawing,) = (d for d in result.layers if d.name == "gaps_500")
    centres = shapely.points(found[["x_m", "y_m"]].to_numpy())
    assert shapely.contains(drawing.data.geometry.to_numpy(), centres).all()
    edge = shapely.distance(centres[0], bent.boundary)
    assert edge == pytest.approx(150, abs=math.sqrt(bent.area) / 50)
    assert (found["lon"].between(117, 123) & found["lat"].between(29, 31)).all()


def test_the_nearest_stop_is_the_nearest_to_walk_to():
    town = city(box(1000, 1000, 1600, 1600), SERVED)
    # North of the river is a stop that only a bird is near to; both streets begin in the east.
    ways = streets(((5000, 1300), (0, 1300)), ((5000, 1300), (5000, 2000), (1300, 2000)))
    halts = stops((1300, 2010), (2500, 1310), HALT, name=["North", "East", "Far"])
    found, _result = gaps(halts, town, ways, asks=300.0)
    x, y = found["x_m"][0] - X, found["y_m"][0] - Y
    assert (x, y) == pytest.approx((1300, 1300), abs=600 / 50)
    assert found["straight_m"][0] == pytest.approx(math.hypot(x - 2500, y - 1310))
    assert found["walking_m"][0] == pytest.approx(abs(y - 1300) + 2500 - x + 10)
    assert found["nearest_stop"][0] == "East"
    plain, _result = gaps(halts, town, asks=300.0)
    assert plain["nearest_stop"][0] == "North"
    assert "walking_m" not in plain


def test_where_no_way_leads_to_a_stop_there_is_no_walking_distance():
    ways = streets(((0, 1300), (2000, 1300)), ((4000, 250), (6000, 250)))
    found, _result = gaps(
        stops(HALT, stop_id=["S7"]), city(box(1000, 1000, 1600, 1600), SERVED), ways
    )
    assert math.isnan(found["walking_m"][0])
    assert list(found["nearest_stop"]) == ["S7"]


def test_tiny_gaps_are_on_the_ledger():
    town = city(box(0, 0, 500, 500), box(700, 0, 750, 50), box(900, 0, 950, 60), SERVED)
    found, result = gaps(stops(HALT), town)
    assert list(found["area_m2"]) == pytest.approx([250_000])
    (row,) = (r for r in told(result, "note", "built_up") if "too small" in r.reason)
    assert row.count == 2
    assert "0.55 ha and 0 people" in row.reason
    lived, result = gaps(stops(HALT), town, residents([(720, 20)], [3]))
    assert list(lived["area_m2"]) == pytest.approx([2500, 250_000])
    least, _result = gaps(stops(HALT), town, rules={"gaps.least_area_m2": 2600})
    assert list(least["area_m2"]) == pytest.approx([250_000, 3000])


def test_where_all_is_covered_there_are_no_gaps():
    result = measured(stops(HALT), city(SERVED), drawings=True)
    assert not [t for t in result.tables if t.name.startswith("gaps")]
