"""Free land against polygons of shapely, blocks against one block, and places asked one by one."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from land_made import (
    CRS,
    NOW,
    SINCE,
    SOUTH,
    THEN,
    WEST,
    box,
    exclusion,
    layer,
    line,
    raster,
    use,
    zones,
)

from jxgis.errors import InputError
from jxgis.kernels.polygons import polygons_of
from jxgis.solar.frame import framed
from jxgis.solar.land import LAND_FORMS, Land
from jxgis.solar.landmap import land_map
from jxgis.solar.remains import NONE
from jxgis.solar.siting import sited
from jxgis.solar.why import why
from jxgis.solar_spec import RoofUse, SolarSettings

POND, GROUND, COMPOSITE = (LAND_FORMS.index(form) for form in ("pond", "ground", "composite"))


def made(kinds, rules, *, days=(THEN, NOW), cell=10.0, roofs=NONE, join=50.0):
    uses = tuple(rule for rule in rules if hasattr(rule, "form"))
    exclusions = tuple(rule for rule in rules if hasattr(rule, "forms"))
    siting = sited(kinds, SolarSettings(uses=uses, exclusions=exclusions))
    return Land(framed(kinds["zones"], cell), siting, kinds, days, polygons_of(roofs), join)


def county():
    """Fields, a pond, a river through them, a minor road, and a works outside the county."""
    return {
        "zones": zones(box(3, 7, 1503, 1207), box(1503, 7, 2203, 1207)),
        "land": layer(
            "land",
            [
                box(0, 0, 700, 900),
                box(820, 100, 1400, 800),
                box(1400, 300, 2100, 1100),
                box(700, 0, 820, 1300),
            ],
            **{"class": ["bare", "fish_pond", "cropland", "water"]},
        ),
        "streets": layer("streets", [line((-50, 450), (690, 470))], highway=["residential"]),
        "buildings": layer(
            "buildings",
            [box(-60, 200, -20, 260), box(300, 100, 340, 160), box(330, 130, 371, 149)],
            **{"class": ["industrial", "industrial", "industrial"]},
        ),
    }


RULES = (
    use("ponds", "pond", ["fish_pond"]),
    use("bare", "ground", ["bare"]),
    use("crops", "composite", ["cropland"]),
    exclusion("river", "land", ["water"], 33.0, cuts=True),
    exclusion("road", "streets", ["residential"], 7.5),
    exclusion("works", "buildings", (), 110.0, forms=("ground",)),
    exclusion("no-crops", "land", ["cropland"], since=SINCE, forms=("composite",)),
)


def free_by_shapely(kinds, form, day):
    """The same land by buffers and overlays of the whole county at once."""
    shapes = kinds["land"].data
    uses = [r for r in RULES if getattr(r, "form", None) == form and r.holds(day)]
    own = shapely.union_all(
        [g for u in uses for g in shapes.geometry[shapes["class"].isin(u.classes)]]
    )
    for rule in RULES:
        if form in getattr(rule, "forms", ()) and rule.holds(day):
            data = kinds[rule.kind].data
            if rule.classes:
                data = data[data[rule.column].isin(rule.classes)]
            around = shapely.buffer(data.geometry.to_numpy(), rule.value, quad_segs=400)
            own = shapely.difference(own, shapely.union_all(around))
    return [shapely.intersection(own, zone) for zone in kinds["zones"].data.geometry]


@pytest.mark.parametrize("day", [0, 1])
def test_free_land_is_that_of_shapelys_overlays(day):
    kinds = county()
    found = land_map(made(kinds, RULES))
    for form in LAND_FORMS:
        wanted = [shapely.area(g) for g in free_by_shapely(kinds, form, (THEN, NOW)[day])]
        own = found.days[day].by_county_m2[:, LAND_FORMS.index(form)]
        # arcs lie within a centimetre, cells are rounded, and a cell is of one county
        assert own.sum() == pytest.approx(sum(wanted), rel=1e-4, abs=1.0)
        assert own == pytest.approx(wanted, abs=1200 * 10 / 2)


def test_a_setback_is_measured_from_the_feature_and_not_from_the_middle_of_its_pixel():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer("land", [box(0, 0, 1000, 1000)], **{"class": ["bare"]}),
        "buildings": layer("buildings", [box(501, 501, 502, 502)], **{"class": ["x"]}),
    }
    rules = (use("bare", "ground", ["bare"]), exclusion("x", "buildings", (), 105.0))
    (day,) = land_map(made(kinds, rules, days=(NOW,))).days
    around = 1 + 4 * 105 + np.pi * 105**2
    assert day.by_county_m2[0, GROUND] == pytest.approx(1e6 - around, abs=4 * 165 * 0.01)


def test_a_feature_outside_the_counties_excludes_within():
    kinds = county()
    inner = land_map(made(kinds, RULES)).days[0].by_county_m2[0, GROUND]
    without = kinds["buildings"].data.drop(index=0)  # the works beyond the border
    kinds["buildings"] = replace(kinds["buildings"], data=without)
    assert land_map(made(kinds, RULES)).days[0].by_county_m2[0, GROUND] > inner + 1000


@pytest.mark.parametrize("size", [10, 50, 70, 130])
def test_blocks_give_the_same_map_as_one(size):
    kinds = county()
    kinds["landcover"] = raster(
        "landcover", "code", np.random.default_rng(1).integers(0, 3, (70, 120)), 20.0, {1: "grass"}
    )
    kinds["elevation"] = raster(
        "elevation", "elevation", np.random.default_rng(2).integers(0, 60, (16, 25)), 90.0
    )
    rules = (
        *RULES,
        use("grass", "ground", ["grass"], kind="landcover"),
        exclusion("damp", "landcover", ["grass"], 25.0, forms=("pond",)),
        exclusion("steep", "elevation", (), 14.0, unit="deg"),
    )
    land = made(kinds, rules, roofs=kinds["buildings"].data.geometry.to_numpy())
    whole, parts = land_map(land, 1000), land_map(land, size)
    assert (parts.overview.binding == whole.overview.binding).all()
    assert (parts.overview.form == whole.overview.form).all()
    assert (parts.overview.use == whole.overview.use).all()
    for one, other in zip(whole.days, parts.days, strict=True):
        assert (one.pieces.label == other.pieces.label).all()
        assert (one.pieces.component == other.pieces.component).all()
        assert (one.area_m2 == other.area_m2).all()
        assert (one.by_county_m2 == other.by_county_m2).all()
        assert len(one.pieces.zone) > 20
    assert (whole.lost_in_all_m2 == parts.lost_in_all_m2).all()
    for rule, own in whole.lost_m2.items():
        assert (own == parts.lost_m2[rule]).all()


def test_a_river_cuts_a_zone_and_a_minor_road_does_not():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer("land", [box(0, 0, 1000, 1000)], **{"class": ["bare"]}),
        "streets": layer(
            "streets",
            [line((333, -10), (341, 1010)), line((-10, 611), (1010, 637))],
            highway=["residential", "river"],
        ),
    }
    rules = (
        use("bare", "ground", ["bare"]),
        exclusion("road", "streets", ["residential"], 6.0),
        exclusion("river", "streets", ["river"], 6.0, cuts=True),
    )
    (day,) = land_map(made(kinds, rules, days=(NOW,))).days
    assert len(np.unique(day.pieces.component)) == 2
    # wider than what belongs together, a road parts as well
    wide = (rules[0], exclusion("road", "streets", ["residential"], 40.0), rules[2])
    (day,) = land_map(made(kinds, wide, days=(NOW,))).days
    assert len(np.unique(day.pieces.component)) == 4


def test_roofs_hold_land_together_where_nothing_is_free():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer("land", [box(0, 0, 10, 10)], **{"class": ["road"]}),
    }
    roofs = np.array([box(100, 100, 200, 180), box(230, 100, 400, 180), box(700, 700, 740, 740)])
    rules = (use("bare", "ground", ["bare"]),)
    (day,) = land_map(made(kinds, rules, days=(NOW,), roofs=roofs)).days
    assert len(np.unique(day.pieces.component)) == 2
    assert day.area_m2.sum() == 0


def test_land_under_a_roof_with_panels_counts_as_the_roof():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer("land", [box(0, 0, 1000, 1000)], **{"class": ["bare"]}),
    }
    roofs = np.array([box(103, 100, 200, 180)])
    rules = (use("bare", "ground", ["bare"]),)
    (day,) = land_map(made(kinds, rules, days=(NOW,), roofs=roofs)).days
    assert day.by_county_m2[0, GROUND] == pytest.approx(1e6 - 97 * 80, abs=1.0)


def test_land_that_panels_stand_on_already_is_not_counted_again():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer("land", [box(0, 0, 1000, 1000)], **{"class": ["bare"]}),
        "pv": layer("pv", [box(500, 0, 1000, 1000)]),
    }
    rules = (use("bare", "ground", ["bare"]),)
    (day,) = land_map(made(kinds, rules, days=(NOW,))).days
    assert day.by_county_m2[0, GROUND] == pytest.approx(5e5)


def test_a_rule_cuts_zones_only_while_it_holds():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer(
            "land",
            [box(0, 0, 400, 1000), box(400, 0, 600, 1000), box(600, 0, 1000, 1000)],
            **{"class": ["bare", "lake", "bare"]},
        ),
    }
    rules = (
        use("bare", "ground", ["bare"]),
        use("lakes", "pond", ["lake"], until=SINCE),
        exclusion("lakes", "land", ["lake"], since=SINCE, cuts=True),
    )
    then, now = land_map(made(kinds, rules)).days
    assert len(np.unique(then.pieces.component)) == 1
    assert then.area_m2.sum() == pytest.approx(1e6)
    assert len(np.unique(now.pieces.component)) == 2


@pytest.mark.parametrize("cell", [10.0, 20.0, 40.0])
def test_what_changes_its_form_is_not_lost_and_what_lies_beside_it_in_a_cell_is(cell):
    stripes = [box(x, 0, x + 10, 800) for x in range(0, 800, 10)]
    kinds = {
        "zones": zones(box(0, 0, 800, 800)),
        "land": layer("land", stripes, **{"class": ["lake", "bare"] * 40}),
    }
    rules = (
        use("bare", "ground", ["bare"], until=SINCE),
        use("bare", "composite", ["bare"], since=SINCE),
        use("lakes", "pond", ["lake"], until=SINCE),
    )
    found = land_map(made(kinds, rules, cell=cell))
    assert found.lost_in_all_m2.sum() == pytest.approx(800 * 400, rel=1e-3)


def test_what_was_lost_between_two_days_is_told_by_rule():
    kinds = county()
    found = land_map(made(kinds, RULES))
    then, now = (day.by_county_m2 for day in found.days)
    assert then[:, COMPOSITE].sum() > 0
    assert now[:, COMPOSITE].sum() == 0
    assert [rule.id for rule in found.lost_m2] == ["no-crops"]
    (lost,) = found.lost_m2.values()
    assert lost == pytest.approx(then - now, abs=1e-6)
    assert found.lost_in_all_m2 == pytest.approx(then - now, abs=1e-6)


def test_a_use_that_ends_is_a_loss_too():
    kinds = county()
    rules = (*RULES[:2], use("crops", "composite", ["cropland"], until=SINCE), *RULES[3:6])
    found = land_map(made(kinds, rules))
    assert [rule.id for rule in found.lost_m2] == ["crops"]
    (lost,) = found.lost_m2.values()
    assert lost.sum() == pytest.approx(found.days[0].by_county_m2[:, COMPOSITE].sum())


def test_land_cover_speaks_where_no_polygon_of_land_lies():
    kinds = {
        "zones": zones(box(0, 0, 400, 400)),
        "land": layer("land", [box(0, 0, 200, 400)], **{"class": ["road"]}),
        "landcover": raster("landcover", "code", np.full((20, 20), 7), 20.0, {7: "bare"}),
    }
    rules = (use("bare", "ground", ["bare"], kind="landcover"),)
    (day,) = land_map(made(kinds, rules, days=(NOW,))).days
    assert day.by_county_m2[0, GROUND] == pytest.approx(200 * 400)


def test_a_setback_from_land_cover_is_that_of_scipys_transform():
    from scipy.ndimage import distance_transform_edt

    codes = np.zeros((40, 40), int)
    codes[np.random.default_rng(3).integers(0, 40, 12), np.arange(12) * 3] = 9
    kinds = {
        "zones": zones(box(0, 0, 400, 400)),
        "land": layer("land", [box(0, 0, 400, 400)], **{"class": ["bare"]}),
        "landcover": raster("landcover", "code", codes, 10.0, {9: "water"}),
    }
    rules = (use("bare", "ground", ["bare"]), exclusion("wet", "landcover", ["water"], 34.0))
    (day,) = land_map(made(kinds, rules, days=(NOW,))).days
    free = (distance_transform_edt(codes != 9) * 10 > 34).sum() * 100
    assert day.by_county_m2[0, GROUND] == pytest.approx(free)


def test_slope_is_that_of_a_plane():
    rise = np.tan(np.radians(12.0))
    x = np.arange(30) * 50.0
    kinds = {
        "zones": zones(box(100, 100, 1000, 1000)),
        "land": layer("land", [box(0, 0, 1100, 1100)], **{"class": ["bare"]}),
        "elevation": raster("elevation", "elevation", np.tile(x * rise, (30, 1)), 50.0),
    }
    free = []
    for steepest in (11.9, 12.1):
        rules = (
            use("bare", "ground", ["bare"]),
            exclusion("steep", "elevation", (), steepest, unit="deg"),
        )
        (day,) = land_map(made(kinds, rules, days=(NOW,))).days
        free.append(day.by_county_m2[0, GROUND])
    assert free == pytest.approx([0.0, 900.0**2])


@cache
def allowed_on(day):
    kinds = county()
    return {form: shapely.union_all(free_by_shapely(kinds, form, day)) for form in LAND_FORMS}


@settings(max_examples=60, deadline=None)
@given(st.floats(5, 2195), st.floats(10, 1200))
def test_a_place_asked_by_itself_answers_as_the_map_does(x, y):
    kinds = county()
    there = shapely.Point(WEST + x, SOUTH + y)
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    siting = SolarSettings(
        uses=tuple(r for r in RULES if hasattr(r, "form")),
        exclusions=tuple(r for r in RULES if hasattr(r, "forms")),
    )
    lonlat = to_degrees.transform(there.x, there.y)
    for verdict in why(kinds, siting, lonlat, (THEN, NOW)):
        allowed = allowed_on(verdict.day)
        within = {form for form, g in allowed.items() if g.distance(there) < 0.02}
        inner = {form for form, g in allowed.items() if g.contains(there.buffer(0.02))}
        if within == inner:  # else the place lies on an edge
            assert verdict.form == next((form for form in LAND_FORMS if form in inner), None)
            if verdict.form is None and verdict.use is None:
                assert bool(verdict.binding) == any_rule_holds(kinds, there, verdict.day)


def any_rule_holds(kinds, there, day):
    for rule in RULES:
        if hasattr(rule, "forms") and rule.holds(day):
            data = kinds[rule.kind].data
            if rule.classes:
                data = data[data[rule.column].isin(rule.classes)]
            if data.geometry.distance(there).min() <= rule.value:
                return True
    return False


def test_a_place_where_panels_or_a_building_stand_says_so():
    kinds = {
        "zones": zones(box(0, 0, 1000, 1000)),
        "land": layer("land", [box(0, 0, 1000, 1000)], **{"class": ["bare"]}),
        "pv": layer("pv", [box(0, 0, 100, 100)]),
        "buildings": layer("buildings", [box(200, 0, 300, 100)], **{"class": ["works"]}),
    }
    works = RoofUse("works", "works", ("works",), "any", 0.3, True, "a rule")  # noqa: FBT003
    settings = SolarSettings(uses=(use("bare", "ground", ["bare"]),), roofs=(works,))
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    said = []
    for x in (50, 250, 450):
        (verdict,) = why(kinds, settings, to_degrees.transform(WEST + x, SOUTH + 50), (NOW,))
        said.append((verdict.stands, verdict.form))
    assert said == [("pv", None), ("building", None), (None, "ground")]


def test_longitude_and_latitude_the_other_way_round_are_told():
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(WEST + 500, SOUTH + 500)
    with pytest.raises(InputError, match="none of the zones") as error:
        why(county(), SolarSettings(), (lat, lon), (NOW,))
    assert f"{lon:g} {lat:g}" in error.value.mend


def test_a_place_outside_is_refused():
    with pytest.raises(InputError, match="none of the zones"):
        why(county(), SolarSettings(), (0.0, 0.0), (NOW,))
