"""People near a stop: counted one by one, and areas by shapely where they live in polygons."""

import math

import numpy as np
import pytest
import shapely
from cities import (
    box,
    city,
    discs,
    figures,
    layer,
    measured,
    near,
    people,
    point,
    residents,
    stops,
    streets,
    told,
    zones,
)

from jxgis.rules import Rules
from jxgis.transit.coverage import Ask, Exclusion
from jxgis.transit.ground import ground
from jxgis.transit.people import people_in

TOWN = city(box(0, 0, 4000, 4000))
ANYWHERE = stops((2000, 2000))


def answer(result, key="bus-people"):
    own = figures(result)[key]
    return own.numerator, own.denominator


def test_points_are_counted_one_by_one():
    rng = np.random.default_rng(3)
    homes, halts = rng.uniform(-300, 4300, (400, 2)), rng.uniform(0, 4000, (12, 2))
    number = rng.integers(0, 30, 400)
    # Zones overlap between 1500 and 2000; some homes are in neither.
    bounds = {"a": (0, 0, 2000, 3500), "b": (1500, 0, 4000, 3500)}
    areas = zones(**{key: box(*own) for key, own in bounds.items()})
    asks = [Ask("all", 500.0), Ask("ab", 500.0, ("a", "b")), Ask("b", 500.0, ("b",))]
    result = measured(stops(*halts), TOWN, areas, residents(homes, number), asks=asks)

    def within(x0, y0, x1, y1):
        x, y = homes.T
        return (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)

    in_town, a, b = within(0, 0, 4000, 4000), within(*bounds["a"]), within(*bounds["b"])
    served = near(homes, halts, 500)
    for key, inside in (("all", in_town), ("ab", a | b), ("b", b)):
        expected = number[inside & served].sum(), number[inside].sum()
        assert answer(result, f"{key}-people") == pytest.approx(expected)
    outside = in_town & ~a & ~b
    table = result.by_zone
    assert list(table["people"]) == pytest.approx([number[i].sum() for i in (a, b, outside)])
    assert list(table["people_within"]) == pytest.approx(
        [number[i & served].sum() for i in (a, b, outside)]
    )
    (row,) = told(result, "outside", "population")
    assert f"{number[~in_town].sum():,} of {number.sum():,} people" in row.reason


def test_a_disc_over_a_part_of_a_polygon_serves_that_part():
    blocks = people([box(2000, 2000, 2400, 2400), box(0, 1000, 4000, 2000)], [1000, 4000])
    found, everyone = answer(measured(ANYWHERE, TOWN, blocks, asks=300))
    quarter, half = math.pi * 300**2 / 4, math.pi * 300**2 / 2
    assert found == pytest.approx(quarter / 160_000 * 1000 + half / 4e6 * 4000, rel=1e-9)
    assert everyone == pytest.approx(5000)


def test_polygons_and_points_agree_with_fine_buffers():
    rng = np.random.default_rng(5)
    corners, halts = rng.uniform(-200, 3800, (60, 2)), rng.uniform(0, 4000, (15, 2))
    blocks = [box(x, y, x + w, y + h) for (x, y), (w, h) in
              zip(corners, rng.uniform(100, 600, (60, 2)), strict=True)]  # fmt: skip
    blocks[0] = shapely.union(blocks[0], box(3000, 3000, 3300, 3100))  # a multipolygon
    homes = rng.uniform(0, 4000, (40, 2))
    number = rng.uniform(10, 500, 100)
    layer = people([*blocks, *(point(x, y) for x, y in homes)], number)
    shapes = {"a": box(0, 0, 1700, 4000), "b": box(1700, 0, 3900, 4000)}
    result = measured(stops(*halts), TOWN, zones(**shapes), layer, asks=400)
    served, town = discs(halts, 400), TOWN.data.geometry[0]
    rest = town.difference(shapely.union_all(list(shapes.values())))
    rows = result.by_zone
    density = number[:60] / shapely.area(blocks)
    for row, shape in enumerate([*shapes.values(), rest]):
        own = shapely.intersection(blocks, shape)
        there = shapely.intersects(shape, layer.data.geometry.to_numpy()[60:])
        expected = (density * shapely.area(shapely.intersection(own, served))).sum()
        expected += number[60:][there & near(homes, halts, 400)].sum()
        assert rows["people_within"][row] == pytest.approx(expected, rel=2e-5)
        everyone = (density * shapely.area(own)).sum() + number[60:][there].sum()
        assert rows["people"][row] == pytest.approx(everyone)
    sums = rows["people_within"].sum(), rows["people"].sum()
    assert answer(result) == pytest.approx(sums, rel=1e-12)


def test_who_lives_outside_the_built_up_area_is_on_the_ledger():
    half_out = people([box(-500, 0, 500, 1000), point(100, 100), point(-9, 0)], [1000, 10, 7])
    result = measured(ANYWHERE, TOWN, half_out)
    assert answer(result)[1] == pytest.approx(510)
    (row,) = told(result, "outside", "population")
    assert "507 of 1,017 people" in row.reason
    assert not told(measured(ANYWHERE, TOWN, residents([(5, 5)], [9])), "outside", "population")


def test_who_lives_on_excluded_land_still_counts():
    park = layer("land", [box(1500, 1500, 2500, 2600)], **{"class": ["park"]})
    homes = residents([(2000, 2100), (2000, 1550), (100, 100)], [5, 3, 2])
    layers = ANYWHERE, TOWN, park, homes
    result = measured(*layers, asks=300, exclusions=[Exclusion("land", ("park",))])
    assert answer(result, "bus")[1] == pytest.approx(16e6 - 1.1e6)
    assert answer(result) == pytest.approx((5, 10))
    assert list(result.by_zone["people"]) == pytest.approx([10])


def test_overlapping_zones_have_everybody_once_together():
    areas = zones(a=box(0, 0, 2400, 4000), b=box(1600, 0, 4000, 4000))
    homes = people([point(2000, 2000), point(100, 0), box(1800, 1800, 2600, 2600)], [5, 3, 80])
    result = measured(ANYWHERE, TOWN, areas, homes, asks=1000)
    assert list(result.by_zone["people"]) == pytest.approx([5 + 3 + 60, 5 + 80])
    assert answer(result) == pytest.approx((85, 88))


def test_who_lives_on_a_common_border_is_counted_once():
    areas = zones(a=box(0, 0, 2000, 4000), b=box(2000, 0, 4000, 4000))
    halves = city(box(0, 0, 4000, 2000), box(0, 2000, 4000, 4000))
    homes = residents([(2000, 2000), (2000, 100), (100, 2000)], [5, 3, 2])
    for town in (TOWN, halves):
        result = measured(ANYWHERE, town, areas, homes)
        assert answer(result) == pytest.approx((5, 10))
        assert result.by_zone["people"].sum() == pytest.approx(10)
        one = figures(measured(ANYWHERE, town, areas, homes, asks=[Ask("b", 500.0, ("b",))]))
        assert one["b-people"].denominator <= 8


def test_jobs_are_counted_as_people_are():
    at = [point(2000, 2100), point(100, 100)]
    result = measured(ANYWHERE, TOWN, layer("jobs", at, jobs=[30.0, 70.0]))
    assert answer(result, "bus-jobs") == pytest.approx((30, 100))
    assert list(result.by_zone["jobs"]) == pytest.approx([100])


def test_a_lattice_has_everybody_of_its_polygon_even_of_a_sliver():
    shapes = [box(0, 0, 333, 777), box(1000, 1000, 1000.5, 1900), point(3, 3).buffer(90)]
    site = ground({"built_up": TOWN}, [()], (), Rules())
    own = people_in(people(shapes, [100, 50, 8]), site).places
    inside = shapely.area(shapely.intersection(shapes[2], box(0, 0, 4000, 4000)))
    assert own.weight.sum() == pytest.approx(150 + 8 * inside / shapes[2].area)
    at = shapely.points(own.points)
    for shape, number in zip(shapes[:2], (100, 50), strict=True):
        there = shapely.intersects(shape, at) & ~shapely.intersects(shapes[2], at)
        assert own.weight[there].sum() == pytest.approx(number, rel=0.2)
    assert shapely.intersects(shapely.union_all(shapes), at).all()


def test_people_in_a_polygon_walk_from_a_lattice():
    way = streets(((0, 2000), (4000, 2000)))
    block = people([box(2000, 1900, 3000, 2100)], [1000])
    result = measured(ANYWHERE, TOWN, way, block, asks=505)
    # Along and away from the street: |x| + |y| <= 505, |y| <= 100, of 1000 m by 200 m.
    expected = 1000 * (505 * 200 - 100**2) / 200_000
    assert answer(result, "bus-people-walking")[0] == pytest.approx(expected, rel=0.05)
