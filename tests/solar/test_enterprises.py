"""Large users of energy and their roofs: joined by name or place, and what these carry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roofs_made import WATTS, box, buildings, layer, measured, point, told

from jxgis.errors import InputError, InputErrors
from jxgis.rules import Rules
from jxgis.solar.enterprises import enterprises
from jxgis.solar.joining import plain_name

MW = 0.3 * WATTS / 1e6  # a square metre of a park's roof


def users(*shapes, **columns):
    columns.setdefault("tce", [6000.0] * len(shapes))
    return layer("enterprises", shapes, **columns)


def joined(who, drawn, threshold=5000.0, rules=None, **areas):
    given_ = {"threshold_tce": threshold, "kwh_per_kwp": 1000.0, "rules": Rules(rules or {})}
    return enterprises(who, drawn, measured(drawn), areas, **given_)


def row_of(found, name):
    (row,) = found.data[found.data["name"] == name].to_dict("records")
    return row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("嘉兴甲乙纺织股份有限公司", "嘉兴甲乙纺织有限公司"),
        ("嘉兴甲乙（集团）股份有限公司", " 嘉兴 甲乙集团"),
        ("\uff2e\uff4f\uff0e\uff18 Mill Co., Ltd.", "No. 8 MILL"),
        ("Some Works Co.,Ltd", "some works company limited"),
        ("Obras S.L.", "OBRAS"),
        ("Straße & Co. GmbH", "STRASSE"),
    ],
)
def test_names_that_are_the_same(one, other):
    assert plain_name(one) == plain_name(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("嘉兴甲乙集团有限公司", "嘉兴甲乙有限公司"), ("Visa", "Vi"), ("Mill 1", "Mill 2")],
)
def test_names_that_are_not(one, other):
    assert plain_name(one) != plain_name(other)


@pytest.mark.parametrize("name", [None, float("nan"), "", " ", "（）"])
def test_what_is_no_name(name):
    assert plain_name(name) == ""


def test_a_form_alone_stays_a_name():
    assert plain_name("Ltd") == "ltd"
    assert plain_name("有限公司") == "有限公司"


def test_names_join_wherever_the_building_stands():
    drawn = buildings(
        box(0, 0, 10, 10), box(500, 0, 520, 10), box(900, 0, 910, 10),
        name=["Mill", None, "Hall"], owner=[None, "mill co., ltd.", "Works Inc"],
    )  # fmt: skip
    who = users(point(-3000, 0), point(905, 5), name=["MILL Co., Ltd", "Other"])
    found = joined(who, drawn)
    mill = row_of(found, "MILL Co., Ltd")
    assert (mill["joined"], mill["roofs"]) == ("owner", 2)
    assert mill["capacity_mw"] == pytest.approx(300 * MW)
    assert mill["yield_mwh"] == pytest.approx(300 * MW * 1000)
    assert (row_of(found, "Other")["joined"], row_of(found, "Other")["roofs"]) == ("building", 1)
    assert found.roof_row.tolist() == [0, 0, 1]


def test_who_has_a_building_by_name_has_none_by_place():
    drawn = buildings(*(box(x, 0, x + 10, 10) for x in (0, 20, 40)), owner=["A", None, "B"])
    found = joined(users(point(25, 5), box(15, -5, 55, 15), name=["A", "B"]), drawn)
    assert found.roof_row.tolist() == [0, -1, 1]
    assert set(found.data["joined"]) == {"owner"}


def test_an_owner_says_more_than_a_name():
    drawn = buildings(box(0, 0, 10, 10), name=["A"], owner=["B"])
    found = joined(users(point(5, 5), point(5, 5), name=["A", "B"]), drawn)
    assert (row_of(found, "B")["joined"], row_of(found, "A")["joined"]) == ("owner", "")


def test_outlines_have_the_buildings_in_them_the_smaller_outline_first():
    drawn = buildings(box(0, 0, 10, 10), box(20, 0, 30, 10), box(60, 0, 70, 10))
    who = users(box(-5, -5, 50, 50), box(15, -5, 35, 20), name=["Large", "Small"])
    found = joined(who, drawn)
    assert row_of(found, "Large")["roofs"] == row_of(found, "Small")["roofs"] == 1
    assert found.roof_row[2] == -1
    assert set(found.data["joined"]) == {"outline"}


def test_points_look_into_their_building_then_parcel_then_estate_then_near():
    xs = (0, 100, 130, 300, 330, 600)
    drawn = buildings(*(box(x, 0, x + 20, 20) for x in xs))
    who = users(
        point(10, 10), point(122, 5), point(325, 5), point(675, 10), point(9000, 0),
        name=["In", "Parcel", "Estate", "Near", "Lost"],
    )  # fmt: skip
    parcels = layer("estates", [box(95, -5, 155, 25)])
    estates = layer("estates", [box(90, -10, 400, 50)])
    found = joined(who, drawn, parcels=parcels, estates=estates)
    how = dict(zip(found.data["name"], found.data["joined"], strict=True))
    assert how == {
        "In": "building", "Parcel": "parcels", "Estate": "estates", "Near": "nearest", "Lost": "",
    }  # fmt: skip
    assert found.data["roofs"].tolist() == [1, 2, 2, 1, 0]
    (lost,) = told(found.ledger, "dropped")
    assert (lost.count, lost.reason.endswith(": Lost")) == (1, True)
    (guessed,) = told(found.ledger, "suspected")
    assert (guessed.count, "Estate, Near" in guessed.reason) == (2, True)
    near = joined(who, drawn, rules={"solar.enterprise_within_m": 54})
    assert row_of(near, "Near")["joined"] == ""


def test_a_nearest_building_carries_something():
    drawn = buildings(box(0, 0, 10, 10), box(40, 0, 50, 10), **{"class": ["ruins", "industrial"]})
    found = joined(users(point(15, 5), name=["A"]), drawn)
    assert found.roof_row.tolist() == [-1, 0]


def test_those_in_one_estate_share_its_buildings_by_distance():
    drawn = buildings(*(box(x, 0, x + 10, 10) for x in (0, 20, 60, 80)))
    who = users(point(16, 20), point(77, 20), name=["West", "East"], tce=[9000.0, 6000.0])
    found = joined(who, drawn, estates=layer("estates", [box(-50, -50, 150, 50)]))
    assert found.roof_row.tolist() == [0, 0, 1, 1]


def test_a_small_users_roof_is_not_the_large_ones():
    drawn = buildings(box(0, 0, 10, 10), box(30, 0, 40, 10), owner=["Small", None])
    who = users(point(5, 5), point(9000, 0), name=["Large", "Small"], tce=[6000.0, 100.0])
    found = joined(who, drawn)
    assert found.data["name"].tolist() == ["Large"]
    assert found.data["joined"].tolist() == [""]  # its building is another's
    assert found.roof_row.tolist() == [-1, -1]
    assert told(found.ledger, "excluded", "less than 5,000 tce")[0].count == 1
    assert joined(who, drawn, threshold=100).roof_row.tolist() == [1, -1]


def test_the_larger_user_has_a_building_that_two_are_in():
    who = users(point(4, 5), point(6, 5), name=["A", "B"], tce=[6000.0, 8000.0])
    found = joined(who, buildings(box(0, 0, 10, 10)))
    assert found.data["name"].tolist() == ["B", "A"]
    assert found.data["joined"].tolist() == ["building", ""]


def test_use_is_as_given_or_from_standard_coal():
    who = users(
        point(5, 5), point(35, 5), name=["Given", "Coal"], tce=[6000.0, 5000.0],
        electricity_mwh=[123.75, None],
    )  # fmt: skip
    found = joined(who, buildings(box(0, 0, 10, 30), box(30, 0, 40, 10)))
    given_, coal = row_of(found, "Given"), row_of(found, "Coal")
    assert given_["share"] == pytest.approx(300 * MW * 1000 / 123.75)
    assert given_["use_from"] == "electricity"
    # 5,000 t at 0.1229 kg a kWh
    assert coal["use_mwh"] == pytest.approx(40_683.48, abs=0.01)
    assert coal["use_from"] == "tce"
    assert told(found.ledger, "assumed")[0].count == 1


def test_the_conversion_is_the_heat_of_a_kilowatt_hour():
    assert Rules()["solar.electricity_kgce"].value == pytest.approx(3600 / 29_307, rel=1e-3)


def test_negative_numbers_are_said_together():
    who = users(
        point(0, 0), point(1, 1), name=["A", "B"], tce=[-1.0, 6000.0], electricity_mwh=[1, -9]
    )
    with pytest.raises(InputErrors) as error:
        joined(who, buildings(box(0, 0, 10, 10)))
    assert "1 enterprises have a negative tce. Correct row 1" in str(error.value)
    assert "negative electricity_mwh. Correct row 2" in str(error.value)
    with pytest.raises(InputError, match="negative tce"):
        joined(users(point(0, 0), tce=[-5.0]), buildings(box(0, 0, 10, 10)))


def test_without_names_rows_are_named_and_unknown_use_is_on_the_ledger():
    found = joined(
        users(point(5, 5), point(500, 5), tce=[6000.0, None]), buildings(box(0, 0, 9, 9))
    )
    assert found.data["name"].tolist() == ["row 1"]
    assert told(found.ledger, "excluded", "not known")[0].count == 1


spots = st.lists(st.tuples(*[st.integers(0, 9)] * 2), min_size=1, max_size=8, unique=True)


@settings(max_examples=40)
@given(spots, st.lists(st.tuples(*[st.integers(0, 300)] * 2), min_size=1, max_size=6))
def test_each_building_is_one_users_and_the_nearest_pairs_go_first(places, dots):
    drawn = buildings(*(box(30 * x, 30 * y, 30 * x + 9, 30 * y + 9) for x, y in places))
    who = users(
        *(point(x + 0.5, y + 0.25) for x, y in dots), tce=[6000.0 + n for n in range(len(dots))]
    )
    found = joined(who, drawn)
    owner = np.where(found.roof_row < 0, -1, found.data["row"].to_numpy()[found.roof_row])
    shapes, sites = drawn.data.geometry.to_numpy(), who.data.geometry.to_numpy()
    in_some = [any(shape.intersects(site) for shape in shapes) for site in sites]
    pairs = sorted(
        (site.distance(shape), i, j)
        for i, site in enumerate(sites)
        for j, shape in enumerate(shapes)
        if not in_some[i] and site.distance(shape) <= 100
    )
    expected = np.full(len(shapes), -1)
    for j, shape in enumerate(shapes):
        inside = [i for i, site in enumerate(sites) if shape.intersects(site)]
        expected[j] = max(inside, default=-1)
    taken = set()
    for _away, i, j in pairs:
        if i not in taken and expected[j] < 0:
            taken.add(i)
            expected[j] = i
    np.testing.assert_array_equal(owner, expected)
