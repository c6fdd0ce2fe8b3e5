"""Ranking of zones and what they are ranked by: closed forms, plain loops, and shapely."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from land_made import CRS, SOUTH, WEST, box, layer, raster

from jxgis.errors import InputError
from jxgis.rules import Rules
from jxgis.solar.criteria import in_one_hand, irradiation_at, nearest_substations, slope_at
from jxgis.solar.ranking import criterion_title, ranked
from jxgis.solar.roofs import Roofs
from jxgis.solar_spec import CRITERIA

NO = np.nan
RULES = Rules({})
DRAWS = RULES["solar.rank_draws"].value
CLOSE = 4 / np.sqrt(DRAWS)


def rank(values, counties=None, weights=None, rules=RULES):
    values = np.array(values, float)
    return ranked(values, [0] * len(values) if counties is None else counties, weights or {}, rules)


@pytest.mark.parametrize("criteria", [2, 3, 4])
def test_best_in_one_criterion_against_best_in_all_others_is_first_in_a_known_share(criteria):
    # uniform weights on the simplex: the first weight is more than half with (1/2)^(k-1)
    values = np.full((2, 4), NO)
    better = np.array([1, -1, 1, -1])[:criteria]
    values[0, :criteria] = np.where(np.arange(criteria) == 0, better, -better)
    values[1] = -values[0]
    found = rank(values)
    assert found.first_of_all[0] == pytest.approx(0.5 ** (criteria - 1), abs=CLOSE)
    assert found.first_of_all.sum() == pytest.approx(1)
    assert found.score == pytest.approx([1 / criteria, 1 - 1 / criteria])


def test_more_light_and_roof_and_less_way_and_slope_are_better():
    found = rank([[1300, 1000, 500, 2], [1200, 3000, 100, 5], [1250, 2000, 300, 3.5]])
    assert found.score == pytest.approx([1, 0, 0.5])
    assert found.first_of_all.tolist() == [1, 0, 0]
    assert found.weights == pytest.approx([0.25] * 4)
    assert found.ledger == ()


def test_zones_are_first_in_their_county_and_of_all():
    found = rank([[3, NO, NO, NO], [2, NO, NO, NO], [1, NO, NO, NO]], counties=[0, 1, 1])
    assert found.first_in_county.tolist() == [1, 1, 0]
    assert found.first_of_all.tolist() == [1, 0, 0]


def test_equal_zones_share_the_first_place():
    found = rank([[1, 2, 3, 4]] * 4)
    assert found.first_of_all == pytest.approx([0.25] * 4)
    assert found.score == pytest.approx([0.5] * 4)


def test_weights_decide_the_score_and_not_the_shares():
    values = [[1, 0, NO, NO], [0, -1, NO, NO], [0.4, -0.4, NO, NO]]
    even, own = rank(values), rank(values, weights={"irradiation": 3, "grid_distance": 1})
    assert own.weights == pytest.approx([0.75, 0.25, 0, 0])
    assert own.score == pytest.approx([0.75, 0.25, 0.4 * 0.75 + 0.4 * 0.25])
    assert (own.first_of_all == even.first_of_all).all()
    ten = rank(values, weights={"irradiation": 30, "grid_distance": 10})
    assert ten.score == pytest.approx(own.score)


def test_what_is_not_known_of_any_zone_is_left_out_and_told():
    found = rank([[NO, 1, NO, 1], [NO, 2, NO, 1]])
    assert found.weights == pytest.approx([0, 0.5, 0, 0.5])
    (row,) = found.ledger
    assert row.count == 2
    assert row.reason.endswith("irradiation, roof area in one hand")
    # of what has no weight nothing is told
    assert rank([[NO, 1, NO, 1]], weights={"slope": 1}).ledger == ()


@pytest.mark.parametrize("values", [np.zeros((0, 4)), np.full((3, 4), NO)])
def test_without_zones_or_criteria_there_is_no_ranking(values):
    found = rank(values)
    assert len(found.score) == len(values)
    assert np.isnan(found.score).all()
    assert np.isnan(found.first_of_all).all()
    assert found.weights.tolist() == [0.0] * 4
    assert {criterion_title(name) in found.ledger[0].reason for name in CRITERIA} == {True} or len(
        values
    ) == 0


NUMBER = st.one_of(st.just(NO), st.integers(-50, 50))


@given(st.lists(st.lists(NUMBER, min_size=4, max_size=4), min_size=1, max_size=6), st.data())
def test_shares_of_a_county_add_up_to_one_and_the_order_of_zones_changes_nothing(values, data):
    counties = data.draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)))
    rules = Rules({"solar.rank_draws": 200})
    found = rank(values, counties, rules=rules)
    if not found.weights.any():
        assert np.isnan(found.score).all()
    else:
        assert ((found.score >= 0) & (found.score <= 1 + 1e-12)).all()
        assert found.first_of_all.sum() == pytest.approx(1)
        for county in set(counties):
            own = found.first_in_county[np.array(counties) == county]
            assert own.sum() == pytest.approx(1)
    order = np.array(data.draw(st.permutations(range(len(values)))))
    other = rank(np.array(values)[order], np.array(counties)[order], rules=rules)
    assert other.score == pytest.approx(found.score[order], nan_ok=True)
    assert other.first_in_county == pytest.approx(found.first_in_county[order], nan_ok=True)


def test_the_same_seed_gives_the_same_shares_and_another_nearly_so():
    values = np.random.default_rng(3).normal(size=(6, 4))
    one, two = rank(values), rank(values)
    assert (one.first_of_all == two.first_of_all).all()
    other = rank(values, rules=Rules({"solar.rank_seed": 7}))
    assert (one.first_of_all != other.first_of_all).any()
    assert one.first_of_all == pytest.approx(other.first_of_all, abs=2 * CLOSE)


def places(*points):
    return np.array(points, float) + np.array([WEST, SOUTH])


def test_the_light_of_a_zone_is_the_mean_of_the_raster_over_it():
    light = raster("irradiance", "irradiance", [[1200.0, 1300.0], [1250.0, 1400.0]], 500.0)
    zones = [places((10, 990)), places((10, 10), (990, 10)), places((5000, 5000))]
    found = irradiation_at(light, zones, CRS)
    assert found == pytest.approx([1200, 1325, NO], nan_ok=True)
    assert np.isnan(irradiation_at(None, zones, CRS)).all()


@pytest.mark.parametrize(
    ("unit", "stored", "mend"),
    [
        ("kWh/m² a day", 3.6, "scale = 365"),
        ("MJ/m² a day", 13.0, "scale = 101.389"),
        ("MJ/m² a year", 4700.0, "scale = 0.277778"),
    ],
)
def test_light_in_another_unit_is_refused(unit, stored, mend):
    light = raster("irradiance", "irradiance", np.full((2, 2), stored), 500.0)
    with pytest.raises(InputError, match=unit) as caught:
        irradiation_at(light, [places((10, 990)), places((5000, 5000))], CRS)
    assert caught.value.layer == "irradiance"
    assert mend in caught.value.mend
    assert "[layers.irradiance]" in caught.value.mend


def test_the_slope_of_a_zone_is_that_of_its_plane():
    rise = np.tan(np.radians(7.0))
    heights = np.tile(np.arange(30) * 50.0 * rise, (30, 1))
    ground = raster("elevation", "elevation", heights, 50.0)
    zones = [places((400, 400), (500, 700)), places((9000, 9000))]
    assert slope_at(ground, zones, CRS) == pytest.approx([7.0, NO], nan_ok=True, abs=1e-3)
    assert np.isnan(slope_at(None, zones, CRS)).all()


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=8))
def test_the_nearest_substation_is_shapelys(points):
    shapes = (box(100, 100, 300, 200), box(600, 600, 700, 900))
    stations = [shapely.Point(WEST + x, SOUTH + y) for x, y in points]
    spare = [1000.0 * n for n in range(len(points))]
    names = [f"S{n}" for n in range(len(points))]
    found = nearest_substations(layer("substations", stations, name=names, spare_kw=spare), shapes)
    for number, shape in enumerate(shapes):
        away = [shape.distance(station) for station in stations]
        assert found.distance_m[number] == pytest.approx(min(away))
        which = names.index(found.names[number])
        assert away[which] == pytest.approx(min(away))
        assert found.spare_kw[number] == spare[which]


def test_without_substations_or_their_power_nothing_is_told():
    shapes = (box(0, 0, 1, 1),)
    nothing = nearest_substations(None, shapes)
    assert np.isnan(nothing.distance_m).all()
    assert nothing.names == [""]
    found = nearest_substations(layer("substations", [shapely.Point(WEST + 4, SOUTH)]), shapes)
    assert found.distance_m == pytest.approx([3.0])
    assert np.isnan(found.spare_kw).all()
    assert found.names == [""]


def test_roofs_in_one_hand_are_added_up_by_owner():
    shapes = [box(100 * n, 0, 100 * n + 50, 50) for n in range(5)]
    owners = ["Mill", "Mill", None, " ", "Mill"]
    roofs = Roofs(
        pd.DataFrame({"usable_m2": [10.0, 20.0, 25.0, 26.0, 500.0]}), np.array(shapes), CRS, ()
    )
    points = np.array([shape.centroid for shape in shapes])
    zones = (box(0, 0, 390, 100), box(190, 0, 390, 100), box(900, 0, 990, 100))
    drawn = layer("buildings", shapes, owner=owners)
    # the mill's fifth roof lies in none; roofs without an owner are each in a hand of their own
    assert in_one_hand(roofs, points, drawn, zones).tolist() == [30.0, 26.0, 0.0]
    unnamed = layer("buildings", shapes)
    assert in_one_hand(roofs, points, unnamed, zones).tolist() == [26.0, 26.0, 0.0]
    assert np.isnan(in_one_hand(None, points, drawn, zones)).all()
