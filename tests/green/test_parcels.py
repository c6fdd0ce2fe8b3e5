"""Parcels of a land-use map, against shapely: rates, parks, wetland, and what overlaps."""

import json

import numpy as np
import pytest
import shapely
from scenes_made import box, built_up, figures, ground, measured, polygons, table, told, zones

from jxgis.errors import InputError
from jxgis.green.asking import Ask
from jxgis.green.parcels import land, parks, wetland

KINDS = ("park", "green", "protective_green", "square", "wetland", "housing")
GREEN_KINDS = KINDS[:4]


def scattered(seed=7, n=60):
    """Make parcels of all kinds, some over each other."""
    rng = np.random.default_rng(seed)
    shapes = [
        ground(shapely.Point(*rng.uniform(0, 200, 2)).buffer(r)) for r in rng.uniform(2, 20, n)
    ]
    return polygons("land", shapes, **{"class": [KINDS[i % 6] for i in range(n)]})


PARCELS = scattered()
AREA = shapely.union_all([box(10, 10, 120, 90), box(60, 50, 190, 180)])
PARTS = {"a": box(0, 0, 100, 200), "b": box(100, 0, 160, 200), "elsewhere": box(900, 0, 950, 50)}


def union_of(*kinds):
    data = PARCELS.data
    return shapely.union_all(data.geometry[data["class"].isin(kinds)].to_numpy())


@pytest.mark.parametrize(
    ("measure", "kinds", "word"),
    [(land, GREEN_KINDS, "land"), (parks, ("park",), "park")],
)
def test_parcels_within_the_built_up_area(measure, kinds, word):
    asks = [Ask("rate"), Ask("ha", unit="ha"), Ask("b", ("b",)), Ask("mu", ("a", "b"), unit="mu")]
    found = measured(measure, PARCELS, zones(**PARTS), built_up(AREA), asks=asks)
    own, green = figures(found), union_of(*kinds)
    amount = green.intersection(AREA).area
    assert own["rate"].value == pytest.approx(amount / AREA.area)
    assert own["rate"].denominator == pytest.approx(AREA.area)
    assert own["ha"].value == pytest.approx(amount / 1e4)
    there = AREA.intersection(PARTS["b"])
    assert own["b"].value == pytest.approx(green.intersection(there).area / there.area)
    there = AREA.intersection(shapely.union(PARTS["a"], PARTS["b"]))
    assert own["mu"].value == pytest.approx(green.intersection(there).area * 15 / 1e4)
    rows = found.by_zone
    assert rows["zone_id"].tolist() == ["a", "b", "elsewhere", ""]
    rest = AREA.difference(shapely.union_all(list(PARTS.values())))
    shapes = [*(AREA.intersection(p) for p in PARTS.values()), rest]
    m2 = [green.intersection(shape).area for shape in shapes]
    np.testing.assert_allclose(rows[f"{word}_area_m2"], m2, atol=1e-3)
    np.testing.assert_allclose(rows[f"{word}_ha"], np.array(m2) / 1e4, atol=1e-6)
    assert rows[f"{word}_share"].isna().tolist() == [False, False, True, False]
    json.dumps(found.to_json(), allow_nan=False)


def test_wetland_on_all_land():
    found = measured(wetland, PARCELS, zones(**PARTS), built_up(AREA), asks=[Ask("w", unit="km2")])
    land_area = shapely.union_all(list(PARTS.values()))
    amount = union_of("wetland").intersection(land_area).area
    assert figures(found)["w"].value == pytest.approx(amount / 1e6)
    assert figures(found)["w"].denominator == pytest.approx(land_area.area)


def test_parcels_that_overlap_count_once_and_it_is_said():
    two = [box(10, 10, 30, 30), box(20, 10, 40, 30), box(30, 30, 40, 40)]
    layer = polygons("land", two, **{"class": ["park", "green", "park"]})
    found = measured(land, layer, built_up(box(0, 0, 50, 50)))
    assert figures(found)["it"].numerator == pytest.approx((600 + 100) * 100)
    assert told(found, "overlap", "0.0200 km²: counted once")[0].layer == "land"
    own = measured(parks, layer, built_up(box(0, 0, 50, 50)))
    assert figures(own)["it"].numerator == pytest.approx((400 + 100) * 100)
    assert not told(own, "overlap")


def test_zones_side_by_side_are_one_area():
    side = {"a": box(0, 0, 20, 30), "b": box(20, 0, 40, 30), "c": box(0, 30, 40, 60)}
    inner = shapely.box(15, 20, 25, 40).difference(shapely.box(18, 24, 22, 36))
    layer = polygons("land", [ground(inner)], **{"class": ["park"]})
    asks = [Ask("all"), Ask("two", ("a", "b")), Ask("three", ("a", "b", "c"))]
    found = figures(measured(land, layer, zones(**side), asks=asks))
    assert found["all"].numerator == pytest.approx(inner.area * 100)
    assert found["three"].numerator == pytest.approx(inner.area * 100)
    part = inner.intersection(shapely.box(0, 0, 40, 30))
    assert found["two"].numerator == pytest.approx(part.area * 100)
    assert found["all"].denominator == pytest.approx(40 * 60 * 100)


def test_a_zone_without_any_of_the_built_up_area():
    asks = [Ask("rate", ("elsewhere",)), Ask("ha", ("elsewhere",), unit="ha")]
    found = measured(parks, PARCELS, zones(**PARTS), built_up(AREA), asks=asks)
    assert [own.value for own in found.indicators] == [None, None]


def test_classes_are_those_of_the_settings():
    found = measured(parks, PARCELS, built_up(AREA), park_classes=("park", "square"))
    amount = union_of("park", "square").intersection(AREA).area
    assert figures(found)["it"].numerator == pytest.approx(amount)
    assert told(found, "note", "parcels of the classes park, square, whatever grows on them")


def test_classes_that_are_not_there_are_an_error_with_those_that_are():
    with pytest.raises(InputError) as caught:
        measured(parks, PARCELS, built_up(AREA), park_classes=("garden",))
    assert caught.value.problem == "no polygon is of the classes garden"
    assert caught.value.mend == ("It has: green, housing, park, protective_green, square, wetland")
    with pytest.raises(InputError, match="there is no layer land"):
        measured(parks, built_up(AREA))


def test_no_parcel_in_the_area_is_nought():
    layer = polygons("land", [box(500, 500, 510, 510)], **{"class": ["park"]})
    found = measured(parks, layer, built_up(AREA), drawings=True, asks=[Ask("it", unit="ha")])
    assert figures(found)["it"].value == 0


def test_townships_and_drawings():
    towns = zones("townships", n=box(0, 0, 200, 95.5), s=box(0, 95.5, 200, 200))
    layers = PARCELS, zones(**PARTS), built_up(AREA), towns
    found = measured(land, *layers, drawings=True)
    split = table(found, "townships")
    assert split["land_area_m2"].sum() == pytest.approx(figures(found)["it"].numerator)
    assert [own.name for own in found.layers] == ["zones", "parcels"]
    assert found.to_json() == measured(land, *layers).to_json()
    assert len(found.layers[0].data) == 3
