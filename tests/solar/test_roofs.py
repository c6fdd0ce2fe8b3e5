"""Roofs one by one: kinds, places counted once, shapes, heights that cannot be, parcels."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from roofs_made import (
    AT_30_S,
    RULES,
    SOUTH,
    WATTS,
    box,
    buildings,
    layer,
    measured,
    told,
    use,
)

from jxgis.errors import InputError, InputErrors
from jxgis.rules import Rules
from jxgis.solar.footprints import footprints, larger_than_parcel
from jxgis.solar.heights import heights

TOWN = layer("built_up", [box(-1000, -1000, 0, 1000)])


def test_capacity_is_area_times_share_times_density():
    found = measured(buildings(box(0, 0, 40, 25)))
    (row,) = found.data.to_dict("records")
    assert (row["kind"], row["in_park"]) == ("park", True)
    assert row["area_m2"] == pytest.approx(1000)
    assert row["usable_m2"] == pytest.approx(300)
    assert row["w_per_m2"] == pytest.approx(0.3 * WATTS)
    assert row["capacity_mw"] == pytest.approx(300 * WATTS / 1e6)


def test_villages_are_told_from_towns_by_where_they_stand():
    drawn = buildings(
        *(box(x, 0, x + 10, 10) for x in (-500, -20, 20, 500)),
        **{"class": ["house", "residential", "house", None]},
    )
    found = measured(drawn, TOWN)
    assert found.data["kind"].tolist() == ["town", "town", "village", "village"]
    np.testing.assert_allclose(found.data["usable_m2"], [25, 25, 20, 20])
    without = measured(drawn)
    assert set(without.data["kind"]) == {"town"}
    assert told(without.ledger, "assumed", "no built-up area")


def test_of_several_classes_the_first_that_a_rule_names_counts():
    found = measured(buildings(box(0, 0, 9, 9), **{"class": ["museum;ruins;industrial"]}))
    assert found.data["kind"].tolist() == ["none"]
    assert found.data["capacity_mw"].tolist() == [0]


def test_classes_that_no_rule_names_are_listed_with_number_and_area():
    drawn = buildings(
        *(box(x, 0, x + 10, 10) for x in (-50, 20, 40, 60)),
        **{"class": ["castle", "castle", "kiosk", "industrial"]},
    )
    with pytest.raises(InputError) as error:
        measured(drawn)
    assert "castle (2 buildings, 200 m²), kiosk (1 buildings, 100 m²)" in str(error.value)
    assert "[[solar.roofs]]" in str(error.value)
    named = [use("castles", ["castle"], "outside", 0.1), *RULES]
    with pytest.raises(InputError, match=r"castle in the built-up area \(1 .*kiosk outside"):
        measured(drawn, TOWN, uses=named)


def test_a_rule_for_any_class_is_of_the_rest_and_on_the_ledger():
    rest = use("rest", ["*"], "any", 0.1)
    drawn = buildings(box(0, 0, 10, 10), box(20, 0, 30, 10), **{"class": ["castle", "industrial"]})
    found = measured(drawn, uses=[rest, *RULES])
    assert found.data["kind"].tolist() == ["rest", "park"]
    (row,) = told(found.ledger, "assumed", "any class")
    assert (row.count, "castle (1 buildings" in row.reason) == (1, True)


def test_a_density_must_be_given():
    with pytest.raises(InputError, match=r"no capacity density.*\[solar.density\]"):
        measured(buildings(box(0, 0, 10, 10)), density=None)


def test_roofs_without_a_share_need_no_density():
    ruins = buildings(box(0, 0, 10, 10), **{"class": ["ruins"]})
    for uses in (RULES, RULES[-1:]):
        found = measured(ruins, uses=uses, density=None)
        assert found.data[["w_per_m2", "capacity_mw"]].to_numpy().tolist() == [[0, 0]]


def test_a_place_under_two_outlines_counts_once_for_the_smaller():
    drawn = buildings(box(0, 0, 100, 100), box(10, 10, 30, 30), box(90, 90, 110, 110))
    found = measured(drawn)
    assert found.data["area_m2"].tolist() == pytest.approx([10_000 - 400 - 100, 400, 400])
    (row,) = told(found.ledger, "overlap")
    assert (row.count, "500 m²" in row.reason) == (1, True)
    assert row.effect == pytest.approx(500 / 10_800)


def test_a_way_and_a_relation_of_one_building_are_one():
    outline = box(0, 0, 40, 40)
    drawn = buildings(outline, shapely.MultiPolygon([outline]))
    assert measured(drawn).data["area_m2"].tolist() == pytest.approx([1600, 0])


def test_the_higher_has_the_place_even_where_it_is_larger():
    shapes = box(0, 0, 20, 20), box(10, 0, 20, 10)
    found = measured(buildings(*shapes, height_m=[30.0, 5.0]))
    assert found.data["area_m2"].tolist() == pytest.approx([400, 0])


rectangles = st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 20)] * 2)


@settings(max_examples=40)
@given(st.lists(st.tuples(rectangles, st.sampled_from([None, 3.0, 9.0])), min_size=1, max_size=8))
def test_what_each_has_adds_up_to_the_union(drawn):
    shapes = [box(x, y, x + w, y + h) for (x, y, w, h), _height in drawn]
    tall = np.array([np.nan if height is None else height for _shape, height in drawn])
    found = footprints(buildings(*shapes), tall, None)
    assert found.area_m2.sum() == pytest.approx(shapely.union_all(shapes).area)
    assert shapely.union_all(found.shapes).area == pytest.approx(found.area_m2.sum())
    for own, whole in zip(found.shapes, shapes, strict=True):
        assert own.difference(whole).area == pytest.approx(0, abs=1e-6)


def test_panels_that_are_there_are_left_out():
    panels = layer("pv", [box(0, 0, 10, 10), box(5, 0, 15, 10), box(500, 0, 600, 10)])
    found = measured(buildings(box(0, 0, 40, 25), box(100, 0, 110, 10)), panels=panels)
    assert found.data["panels_m2"].tolist() == pytest.approx([150, 0])
    assert found.data["area_m2"].tolist() == pytest.approx([1000, 100])
    assert found.data["usable_m2"].tolist() == pytest.approx([0.3 * 850, 30])
    assert found.shapes[0].area == pytest.approx(850)
    (row,) = told(found.ledger, "excluded")
    assert (row.layer, row.count, "150 m²" in row.reason) == ("pv", 1, True)


# A roof of 40 m from west to east and 20 m from south to north: its planes face north and south.
LONG = box(0, 0, 40, 20)
LEANING = shapely.affinity.rotate(LONG, -30)  # clockwise: its planes face 30 and 210 degrees
# Hipped, of a rectangle whose short side is half the long one: ends of 1/8, long planes of 3/8.
PITCHED = [
    (LONG, "flat", None, 1),
    (LONG, "gabled", None, 0.5),
    (box(0, 0, 20, 40), "gabled", None, 0.5),  # east and west, both exactly 90 degrees away: one
    (LEANING, "gabled", None, 0.5),
    (LONG, "gabled", 90, 0.5),
    (LONG, "gabled", 89.6, 0.5),
    (LONG, "gabled", 270.4, 0.5),
    (LONG, "gabled", 100, 0.5),
    (LONG, "hipped", None, 3 / 8 + 1 / 8),
    (LEANING, "hipped", None, 3 / 8 + 1 / 8),
    (box(0, 0, 20, 40), "Hipped ", None, 3 / 8 + 1 / 8),
    (box(0, 0, 20, 20), "pyramidal", 45, 0.5),
    (LONG, "skillion", 180, 1),
    (LONG, "skillion", 271, 0),
    (LONG, "skillion", -100, 1),
    (LONG, "skillion", None, 0.5),
    (LONG, "sawtooth", None, 0.75),
    (LONG, "round", None, 0.5),
    (LONG, "onion", None, 0),
    (LONG, "many", None, 1),
    (LONG, None, None, 1),
]


@pytest.mark.parametrize(("shape", "word", "azimuth", "form"), PITCHED)
def test_planes_count_that_face_the_equator(shape, word, azimuth, form):
    drawn = buildings(shape, roof_shape=[word], roof_azimuth=[azimuth])
    assert measured(drawn).data["form"].tolist() == pytest.approx([form])


def test_south_of_the_equator_roofs_face_north():
    shape = box(0, 0, 40, 20, AT_30_S)
    drawn = buildings(
        *(shape,) * 3, crs=SOUTH, roof_shape=["skillion"] * 3, roof_azimuth=[0.0, 180.0, 90.0]
    )
    assert measured(drawn).data["form"].tolist() == [1, 0, 1]


def test_the_azimuth_is_from_true_north():
    # 1.5 degrees east of the central meridian at 30 north the grid is turned by 0.75 degrees.
    shapes = box(0, 0, 40, 20), shapely.affinity.translate(box(0, 0, 40, 20), 144_000, 0)
    found = measured(
        buildings(*shapes, roof_shape=["gabled"] * 2), rules={"solar.facing_within_deg": 0}
    )
    assert found.data["form"].tolist() == [0.5, 0]


@pytest.mark.parametrize(
    ("within", "azimuth", "form"),
    [(45, 134, 0.0), (45, 136, 0.5), (120, 90, 1.0), (120, 110, 1.0), (120, 170, 0.5)],
)
def test_of_two_planes_both_or_none_count_where_the_rule_has_it(within, azimuth, form):
    drawn = buildings(LONG, roof_shape=["gabled"], roof_azimuth=[azimuth])
    found = measured(drawn, rules={"solar.facing_within_deg": within})
    assert found.data["form"].tolist() == [form]


def test_what_is_not_known_of_shapes_is_on_the_ledger():
    drawn = buildings(*(LONG,) * 4, roof_shape=["many", None, "gabled", "flat"])
    ledger = measured(drawn).ledger
    (strange,) = told(ledger, "assumed", "is not known here")
    assert (strange.count, "many (1)" in strange.reason) == (1, True)
    (unknown,) = told(ledger, "assumed", "shape is not known are")
    (guessed,) = told(ledger, "assumed", "longer side")
    assert (unknown.count, guessed.count) == (1, 1)


def test_heights_are_given_or_from_storeys():
    drawn = buildings(*(LONG,) * 4, height_m=[10, None, None, None], storeys=[9, 5, None, 0])
    found = heights(drawn, Rules({"solar.storey_m": 4}))
    np.testing.assert_array_equal(found.metres, [10, 20, np.nan, np.nan])
    (below,) = told(found.ledger, "suspected")
    assert (below.count, "row 4" in below.reason) == (1, True)
    assert told(found.ledger, "assumed", "not known")[0].count == 2
    assert told(found.ledger, "assumed", "4 m each")[0].count == 1


@pytest.mark.parametrize("height", [0, 999, -3, float("inf")])
def test_a_height_that_no_building_has_is_a_sentence(height):
    drawn = buildings(LONG, LONG, height_m=[8, height])
    with pytest.raises(InputError) as error:
        measured(drawn)
    said = str(error.value)
    assert said.startswith("layer buildings: 1 buildings have a height that none has")
    assert f"{height:g};" in said
    assert "Correct row 2, or leave the cell empty" in said


def test_wrong_heights_and_storeys_are_said_together():
    drawn = buildings(*(LONG,) * 3, height_m=[0, 999, 12], storeys=[3, 3, -1])
    with pytest.raises(InputErrors) as error:
        measured(drawn)
    first, second = str(error.value).splitlines()
    assert "0, 999" in first
    assert "rows 1, 2" in first
    assert "storeys that none has: -1" in second


def test_roofs_larger_than_their_parcel_are_said():
    lots = layer("parcels", [box(0, 0, 20, 20), box(100, 0, 200, 100), box(110, 10, 115, 15)])
    drawn = buildings(
        box(0, 0, 40, 20),  # its inner point is on the border of a lot of 400 m²
        box(2, 2, 19, 30),
        box(110, 0, 150, 50),  # on two lots: the larger has room
        box(300, 0, 400, 100),  # on none
        box(0, 0, 20.1, 20),  # within the accuracy of the drawing
    )
    (fault,) = larger_than_parcel(drawn, lots, Rules())
    said = str(fault)
    assert said.startswith("layer buildings: 2 buildings are larger than the parcel")
    assert "rows 1, 2; the worst, row 1, has 800 m² on a parcel of 400 m²" in said
    assert "leave parcels out" in said
    assert larger_than_parcel(buildings(box(1, 1, 19, 19)), lots, Rules()) == []
