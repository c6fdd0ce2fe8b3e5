"""Conflicts with green: areas in common by hand and by shapely, and whose they are."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from land_made import box, layer
from study_made import DENSITY, USES, county, field, study

from jxgis.solar.conflicts import GREEN_CLASSES, Site, conflicts
from jxgis.solar.sites import sites


def site(kind, shape, w_per_m2=50.0, name="a"):
    return Site(kind, name, 0, shape, w_per_m2)


def land(*shapes, words):
    return {"land": layer("land", shapes, **{"class": words})}


def test_panels_above_an_orchard_have_it_in_common():
    kinds = land(box(0, 0, 100, 100), box(100, 0, 200, 100), words=["orchard", "bare"])
    (found,) = conflicts([site("zone", box(60, 0, 150, 100))], kinds)
    assert (found.green, found.planned) == ("orchard", False)
    assert found.area_m2 == pytest.approx(40 * 100)
    assert found.mw == pytest.approx(4000 * 50 / 1e6)
    assert found.shape.equals(box(60, 0, 100, 100))


def test_of_panels_that_are_there_the_capacity_is_not_known():
    kinds = land(box(0, 0, 100, 100), words=["forest"])
    (found,) = conflicts([site("pv", box(0, 0, 10, 10), None)], kinds)
    assert found.mw is None


@pytest.mark.parametrize("word", GREEN_CLASSES)
def test_each_class_of_green_is_looked_at(word):
    kinds = land(box(0, 0, 100, 100), words=[word])
    assert [own.green for own in conflicts([site("zone", box(0, 0, 9, 9))], kinds)] == [word]


def test_a_roof_is_in_conflict_with_what_is_planned_on_it_and_not_with_the_park_round_it():
    roof = site("roof", box(10, 10, 30, 30), 137.5, "hall")
    kinds = land(box(0, 0, 100, 100), words=["park"])
    assert conflicts([roof], kinds) == []
    kinds["planned_green"] = layer(
        "planned_green", [box(20, 0, 90, 90), box(0, 0, 12, 90)], name=["Roof gardens", None]
    )
    first, second = conflicts([roof], kinds)
    assert (first.green, first.planned, first.site.name) == ("Roof gardens", True, "hall")
    assert first.area_m2 == pytest.approx(10 * 20)
    assert first.mw == pytest.approx(200 * 137.5 / 1e6)
    assert (second.green, second.area_m2) == ("planned green", pytest.approx(2 * 20))


def test_green_that_is_drawn_twice_counts_once():
    kinds = land(box(0, 0, 100, 100), box(50, 0, 150, 100), words=["orchard", "orchard"])
    (found,) = conflicts([site("zone", box(0, 0, 200, 100))], kinds)
    assert found.area_m2 == pytest.approx(150 * 100)


def test_a_border_in_common_is_no_conflict():
    kinds = land(box(0, 0, 100, 100), words=["orchard"])
    assert conflicts([site("zone", box(100, 0, 200, 100))], kinds) == []
    assert conflicts([site("zone", box(99.995, 0, 200, 100))], kinds) == []
    assert conflicts([], kinds) == []


CORNERS = st.lists(
    st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(1, 5)] * 2), min_size=1, max_size=5
)


@given(CORNERS, CORNERS)
def test_areas_are_those_of_shapelys_overlay(panels, greens):
    sites_ = [site("zone", box(x, y, x + w, y + h), name=str(n))
              for n, (x, y, w, h) in enumerate(panels)]  # fmt: skip
    shapes = [box(x, y, x + w, y + h) for x, y, w, h in greens]
    found = conflicts(sites_, land(*shapes, words=["orchard"] * len(shapes)))
    green = shapely.union_all(shapes)
    wanted = {own.name: own.shape.intersection(green).area for own in sites_}
    assert {own.site.name: own.area_m2 for own in found} == pytest.approx(
        {name: area for name, area in wanted.items() if area >= 1}
    )
    areas = [own.area_m2 for own in found]
    assert areas == sorted(areas, reverse=True)


def test_the_free_land_of_the_best_zones_the_roofs_and_the_panels_are_the_sites():
    kinds = county()
    kinds["pv"] = layer("pv", [box(1950, 0, 1960, 10)], name=["Old array"])
    found = study(kinds, need_mw=5)
    density = {form: DENSITY[form] for form in ("ground", "pond", "composite")}
    every = sites(found.land.land, density, found.zones, found.shapes, found.roofs)
    assert [own.kind for own in every] == ["zone", "roof", "pv"]
    zone, roof, panels = every
    assert zone.shape.area == pytest.approx(found.zones[0].mw.sum() / 86 * 1e6, rel=1e-4)
    assert (roof.name, roof.w_per_m2, roof.shape.area) == ("roof 1", 68.75, pytest.approx(6000))
    assert (panels.name, panels.w_per_m2) == ("Old array", None)


def test_an_orchard_under_a_zone_is_found_by_the_study():
    kinds = county()
    kinds["land"].data.loc[0, "class"] = "orchard"
    rules = (USES[0].__class__(**(USES[0].__dict__ | {"classes": ("orchard",)})),)
    found = study(kinds, rules, need_mw=20)
    (own,) = found.conflicts
    assert (own.site.kind, own.green) == ("zone", "orchard")
    assert own.mw == pytest.approx(found.zones[0].mw.sum(), rel=1e-4)
    assert not np.isnan(own.area_m2)
    assert study({**kinds, "land": field(box(0, 0, 1000, 1000))}, need_mw=20).conflicts == ()
