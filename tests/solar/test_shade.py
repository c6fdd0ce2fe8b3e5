"""Shade on roofs: where the sun stands, drawn examples in closed form, and brute force."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pvlib import solarposition
from roofs_made import AT_30_N, AT_30_S, EAST_120, SOUTH, box, buildings, measured, told

from jxgis.rules import Rules
from jxgis.solar.shade import hours, shaded_areas, shadow_vectors, true_north

MIDDLE = shapely.Point(AT_30_N)
NOON = np.array([12.0])
DAY = np.array([9.0, 12.0, 15.0])


def north_of(shapes, crs=EAST_120):
    return true_north(shapely.get_coordinates(shapely.centroid(shapes)), crs)


def shaded(roofs, heights, at=NOON, crs=EAST_120):
    shapes = np.array(roofs, dtype=object)
    return shaded_areas(shapes, shapes, np.array(heights, float), north_of(shapes, crs), at)


def noon_length(latitude):
    """Length of the shadow of a metre at noon: the sun is 90 - latitude - 23.44 degrees high."""
    return np.tan(np.radians(latitude + 23.44))


LATITUDE = float(north_of(np.array([MIDDLE]))[0, 2])


def test_the_hours_are_nine_twelve_and_fifteen():
    assert hours(Rules()).tolist() == [9, 12, 15]


@pytest.mark.parametrize("latitude", [-35.0, -2.0, 0.5, 28.1, 30.75, 52.0])
@pytest.mark.parametrize("hour", [9.0, 10.5, 11.99, 15.0])
def test_the_sun_stands_where_pvlib_has_it(latitude, hour):
    # The day's declination, Spencer's, is the solstice's by 0.05 degrees.
    day = 355 if latitude >= 0 else 172
    declination = solarposition.declination_spencer71(day)
    angle = np.radians(15 * (hour - 12))
    lat = np.radians(latitude)
    zenith = solarposition.solar_zenith_analytical(lat, angle, declination)
    azimuth = solarposition.solar_azimuth_analytical(lat, angle, declination, zenith)
    x, y = shadow_vectors(np.array([[0.0, 1.0, latitude]]), hour)[0]
    assert np.hypot(x, y) == pytest.approx(np.tan(zenith), rel=5e-3)
    from_north = np.degrees(np.arctan2(-x, -y)) % 360
    assert from_north == pytest.approx(np.degrees(azimuth) % 360, abs=0.2)


def test_noon_at_the_solstice_is_pvlibs_too():
    times = pd.date_range(dt.datetime(2023, 12, 22, 3, tzinfo=dt.UTC), periods=121, freq="min")
    elevation = solarposition.get_solarposition(times, LATITUDE, 120.0)["elevation"].max()
    (vector,) = shadow_vectors(np.array([[0.0, 1.0, LATITUDE]]), 12.0)
    assert np.degrees(np.arctan(1 / np.hypot(*vector))) == pytest.approx(elevation, abs=0.02)


def test_a_sun_below_the_horizon_casts_none():
    assert np.isnan(shadow_vectors(np.array([[0.0, 1.0, 70.0]]), 12.0)).all()


def test_true_north_is_turned_on_the_grid_by_the_meridians_convergence():
    point = np.array([[AT_30_N[0] + 144_000, AT_30_N[1]]])
    x, y, latitude = true_north(point, EAST_120)[0]
    expected = np.radians(1.5) * np.sin(np.radians(latitude))
    assert np.arctan2(-x, y) == pytest.approx(expected, rel=1e-2)
    assert np.hypot(x, y) == pytest.approx(1)


def test_a_tower_in_the_south_shades_a_rectangle():
    # The tower is 20 m higher and 10 m wide, and its north wall is 5 m from the roof.
    roof, tower = box(0, 0, 40, 30), box(10, -15, 20, -5)
    reach = 20 * noon_length(LATITUDE) - 5
    assert 0 < reach < 30
    found = shaded([roof, tower], [8, 28])
    np.testing.assert_allclose(found, [10 * reach, 0], rtol=1e-5)


def test_south_of_the_equator_the_tower_stands_in_the_north():
    roof = box(0, 0, 40, 30, AT_30_S)
    tower, harmless = box(10, 35, 20, 45, AT_30_S), box(10, -15, 20, -5, AT_30_S)
    latitude = -float(north_of(np.array([roof]), SOUTH)[0, 2])
    reach = 20 * noon_length(latitude) - 5
    found = shaded([roof, tower, harmless], [8, 28, 28], crs=SOUTH)
    np.testing.assert_allclose(found, [10 * reach, 0, 0], rtol=1e-5)


def test_the_mornings_shadow_lies_in_the_west_and_mirrors_the_evenings():
    # 10 m higher, in the middle of a roof that is far wider than its shadows.
    tower = box(-5, -10, 5, 0)
    west, east = (
        roof.difference(tower) for roof in (box(-200, -200, 0, 200), box(0, -200, 200, 200))
    )
    both = [west, east, tower]
    morning, evening = (shaded(both, [2, 2, 12], np.array([hour])) for hour in (9.0, 15.0))
    np.testing.assert_allclose(morning[:2], evening[1::-1], rtol=1e-4)
    # A sheet that stands across its shadow sweeps its width, one along it nothing; of a square of
    # 10 m the shadow beside it is as wide as its diagonals, seen along the way.
    x, y = shadow_vectors(np.array([[0.0, 1.0, LATITUDE]]), 9.0)[0] * 10
    assert x < 0 < y
    assert morning.sum() == pytest.approx(10 * -x + 10 * y, rel=1e-4)
    assert morning[0] > morning[1]


@pytest.mark.parametrize("height", [5.0, 8.0, np.nan])
def test_lower_equal_and_unknown_neighbours_cast_none(height):
    assert shaded([box(0, 0, 40, 30), box(10, -15, 20, -5)], [8, height], DAY).tolist() == [0, 0]


def test_a_roof_of_unknown_height_lies_in_no_shade():
    found = shaded([box(0, 0, 40, 30), box(10, -15, 20, -5)], [np.nan, 50], DAY)
    assert found.tolist() == [0, 0]


def test_a_court_is_shaded_by_its_own_walls_and_never_twice():
    ring = box(0, 0, 40, 40).difference(box(10, 10, 30, 30))
    low = box(12, 12, 28, 28)
    assert shaded([ring, low], [60, 3], DAY).tolist() == pytest.approx([0, 256])


SIDES = st.integers(1, 12)
SHAPES = {
    "box": lambda x, y, a, b: box(x, y, x + a, y + b),
    "turned": lambda x, y, a, b: shapely.affinity.rotate(box(x, y, x + a, y + b), 25),
    "angle": lambda x, y, a, b: box(x, y, x + a, y + b).difference(
        box(x + a / 3, y + b / 3, x + a, y + b)
    ),
    "comb": lambda x, y, a, b: box(x, y, x + a, y + b).difference(
        box(x + a / 3, y + b / 4, x + 2 * a / 3, y + b)
    ),
    "ring": lambda x, y, a, b: box(x, y, x + a, y + b).difference(
        box(x + a / 4, y + b / 4, x + 3 * a / 4, y + 3 * b / 4)
    ),
    "two": lambda x, y, a, b: shapely.union_all(
        [box(x, y, x + a / 3, y + b), box(x + a / 2, y, x + a, y + b)]
    ),
}


def minkowski(shape, vector):
    """Sweep a shape along a vector: the shape, the shape moved, and what each side goes over."""
    pieces = [shape, shapely.affinity.translate(shape, *vector)]
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring)
        for start, end in pairwise(xy):
            corners = np.array([start, end, end + vector, start + vector])
            pieces.append(shapely.MultiPoint(corners).convex_hull)
    return shapely.union_all([piece for piece in pieces if piece.area > 0])


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(SHAPES)),
            *[st.integers(0, 3)] * 2,
            *[SIDES] * 2,
            st.sampled_from([3.0, 6.0, 6.5, 20.0, None]),
        ),
        min_size=2,
        max_size=6,
        unique_by=lambda drawn: drawn[1:3],
    )
)
def test_shade_is_what_sweeping_each_neighbour_covers(drawn):
    # One in each field of 20 m, so that none overlaps.
    roofs = np.array(
        [SHAPES[word](20 * x, 20 * y, a, b) for word, x, y, a, b, _h in drawn], dtype=object
    )
    tall = np.array([np.nan if row[5] is None else row[5] for row in drawn])
    north = north_of(roofs)
    found = shaded_areas(roofs, roofs, tall, north, DAY)
    for i, roof in enumerate(roofs):
        shadows = [
            minkowski(roofs[j], shadow_vectors(north[[j]], hour)[0] * (tall[j] - tall[i]))
            for j in range(len(roofs))
            for hour in DAY
            if tall[j] > tall[i]
        ]
        expected = roof.intersection(shapely.union_all(shadows)).area if shadows else 0.0
        assert found[i] == pytest.approx(expected, rel=1e-6, abs=1e-5)


def test_of_a_usable_roof_what_is_shaded_is_left_out():
    drawn = buildings(box(0, 0, 40, 30), box(10, -15, 20, -5), height_m=[8.0, None], storeys=[1, 7])
    rules = {"solar.storey_m": 4, "solar.shade_from_clock": 12, "solar.shade_to_clock": 12}
    found = measured(drawn, rules=rules)
    dark = 10 * (20 * noon_length(LATITUDE) - 5)
    assert found.data["shaded"].tolist() == pytest.approx([dark / 1200, 0], rel=1e-5)
    assert found.data["usable_m2"].tolist() == pytest.approx([0.3 * (1200 - dark), 30], rel=1e-5)
    (row,) = told(found.ledger, "excluded", "neighbours' shade")
    assert row.count == 1


def test_a_tower_on_its_podium_shades_the_podium():
    podium, tower = box(0, 0, 40, 40), box(15, 0, 25, 10)
    drawn = buildings(podium, tower, height_m=[10.0, 20.0])
    rules = {"solar.shade_from_clock": 12, "solar.shade_to_clock": 12}
    found = measured(drawn, rules=rules)
    assert found.data["area_m2"].tolist() == pytest.approx([1500, 100])
    dark = 10 * 10 * noon_length(LATITUDE)
    assert found.data["shaded"].tolist() == pytest.approx([dark / 1500, 0], rel=1e-5)
