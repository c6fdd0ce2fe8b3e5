"""What photovoltaics need of the embedded sample: land by survey, roofs, estates, enterprises."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely

SHAPEFILES = Path(__file__).parents[1] / "data" / "shapefiles"
METRIC = "EPSG:4549"
WET = ["water", "river", "lake", "fish_pond", "wetland"]


def _layer(name):
    return gpd.read_file(SHAPEFILES / f"{name}.shp").to_crs(METRIC)


@pytest.fixture(scope="module")
def land():
    return _layer("land")


@pytest.fixture(scope="module")
def counties():
    return _layer("zones").set_index("name_en").geometry


@pytest.fixture(scope="module")
def buildings():
    return _layer("buildings")


@pytest.fixture(scope="module")
def houses(buildings):
    built_up = _layer("built_up").union_all()
    shapely.prepare(built_up)
    return buildings[~buildings.intersects(built_up)]


def test_classes_of_land_are_ones_that_a_siting_rule_can_name(land):
    km2 = land.area.groupby(land["class"]).sum() / 1e6
    fields = {"basic_farmland", "cropland", "orchard", "wood", "fish_pond", "wetland"}
    waters = {"water", "river", "lake"}
    others = {"forest", "park", "school", "bare", "construction"}
    assert set(km2.index) == fields | waters | others
    crops = km2["basic_farmland"] + km2["cropland"]
    assert 0.76 < km2["basic_farmland"] / crops < 0.82
    assert 40 < km2["fish_pond"] < 60
    assert 5 < km2["bare"] < 15
    assert 10 < km2["orchard"] < 30
    assert 50 < km2["lake"] < 100
    assert 0.08 < km2[sorted(waters)].sum() / km2.sum() < 0.18, "a land of water, and a bay"


def test_some_counties_have_land_for_a_zone_in_one_place_and_two_have_not(land, counties):
    free = land[land["class"].isin(["fish_pond", "bare", "orchard"])]
    joined = shapely.get_parts(shapely.union_all(free.geometry.buffer(25.0)))
    parts = gpd.GeoDataFrame(geometry=joined, crs=METRIC).overlay(
        gpd.GeoDataFrame({"county": counties.index}, geometry=counties.to_numpy(), crs=METRIC)
    )
    parts["part"] = np.arange(len(parts))
    shares = parts.overlay(free[["class", "geometry"]])
    density = shares["class"].map({"fish_pond": 50.0, "bare": 86.0, "orchard": 40.0})
    shares["mw"] = shares.area / 1e6 * density
    best = shares.groupby(["county", "part"])["mw"].sum().groupby("county").max()
    short = set(best.index[best < 100.0])
    assert set(best.index) == set(counties.index)
    assert short == {"Nanhu", "Xiuzhou"}
    assert (best.drop(list(short)) > 130.0).all(), "also less the setbacks"


def test_every_county_has_cropland_that_was_free_once(land, counties):
    crops = land.geometry[land["class"] == "cropland"]
    for county in counties:
        assert crops[crops.intersects(county)].area.sum() > 20e6


def test_hamlets_stand_in_fields_apart_from_water_and_basic_farmland(land, houses):
    assert 900 < len(houses) < 1_300
    assert (houses["class"] == "residential").all()
    assert houses.area.between(100, 200).all()
    assert houses["storeys"].between(1, 3).all()
    fields = land[land["class"].isin(["cropland", "orchard"])].union_all()
    shapely.prepare(fields)
    assert houses.within(fields).all()
    wet = land[land["class"].isin([*WET, "basic_farmland"])]
    assert houses.sjoin(wet[["geometry"]]).empty
    for way in ("streets", "expressways"):
        lines = shapely.STRtree(_layer(way).geometry.to_numpy())
        assert lines.query(houses.geometry, predicate="dwithin", distance=20).size == 0, way


def test_hamlets_hold_20_to_60_houses_each_and_every_county_has_some(houses, counties):
    around = shapely.get_parts(shapely.union_all(houses.geometry.buffer(60.0)))
    assert len(around) == 28
    number = shapely.STRtree(around).query(houses.centroid, predicate="within")[1]
    assert np.bincount(number).min() >= 15
    assert np.bincount(number).max() <= 60
    assert all(houses.within(county).sum() > 50 for county in counties)


def test_houses_do_not_overlap(buildings):
    shapes = buildings.geometry.to_numpy()
    assert shapely.STRtree(shapes).query(shapes, predicate="overlaps").size == 0


def test_heights_follow_storeys_and_some_are_not_known(buildings):
    height, storeys = buildings["height_m"], buildings["storeys"]
    assert 0.05 < height.isna().mean() < 0.15
    known = height.notna()
    each = height[known] / storeys[known]
    assert height[known].between(4, 110).all()
    assert (each >= 3.0).all()
    assert each[storeys[known] > 3].max() < 6.5
    floors = np.round(buildings.area * storeys, -1)
    assert ((buildings["floor_m2"] - floors).abs() <= 20).all()


def test_pitched_roofs_face_across_their_longer_side(buildings):
    roof, azimuth = buildings["roof"], buildings["azimuth"]
    assert set(roof.dropna()) == {"flat", "gabled", "hipped"}
    assert 0.05 < roof.isna().mean() < 0.15
    pitched = roof.isin(["gabled", "hipped"])
    assert (azimuth.notna() == pitched).all()
    assert azimuth[pitched].between(90, 270).all()
    some = buildings[pitched].iloc[::37]
    for shape, faces in zip(some.geometry, some["azimuth"], strict=True):
        ring = shapely.get_coordinates(shape)
        sides = np.diff(ring, axis=0)[:2]
        length = np.hypot(*sides.T)
        if length.max() < 1.1 * length.min():
            continue
        along = sides[length.argmax()] / length.max()
        towards = np.radians(faces)
        across = along @ (np.sin(towards), np.cos(towards))
        assert abs(across) < 0.1, "blocks are bent a little"


def test_owners_hold_works_that_stand_together(buildings):
    owned = buildings[buildings["owner"].notna()]
    assert owned["owner"].str.fullmatch(r"示例工厂 \d{3}").all()
    assert set(owned["class"]) == {"industrial"}
    for _, own in owned.groupby("owner"):
        first = own.centroid.distance(own.centroid.iloc[0])
        assert first.max() < 900
    assert owned.area.groupby(owned["owner"]).sum().between(10_000, 160_000).all()
    assert owned["owner"].nunique() == 140


def test_estates_hold_works_and_lie_in_every_county(buildings, counties):
    estates = _layer("estates")
    assert 15 <= len(estates) <= 25
    assert estates["name"].str.fullmatch(r"示例园区 \d\d").all()
    works = buildings[buildings["class"] == "industrial"].geometry
    inside = shapely.STRtree(works.to_numpy()).query(estates.geometry, predicate="contains")
    roofs = np.bincount(inside[0], works.area.to_numpy()[inside[1]])
    assert (roofs > 0.15 * estates.area).all()
    assert estates.area.between(0.3e6, 4e6).all()
    points = estates.representative_point()
    assert all(points.within(county).sum() >= 2 for county in counties)
    assert shapely.STRtree(estates.geometry).query(estates.geometry, predicate="overlaps").size == 0


def test_enterprises_are_found_by_name_by_place_or_not_at_all(buildings):
    enterprises = _layer("enterprises")
    assert enterprises["tce"].between(3_000, 80_000).all()
    assert 4 <= (enterprises["tce"] < 5_000).sum() <= 16
    assert 0.2 < enterprises["power_mwh"].isna().mean() < 0.5
    share = 0.1229 * enterprises["power_mwh"] / enterprises["tce"]
    assert share.dropna().between(0.2, 0.8).all(), "electricity is a part of the energy"
    named = enterprises["name"].isin(buildings["owner"])
    works = buildings[buildings["class"] == "industrial"].geometry
    nearest = shapely.STRtree(works.to_numpy()).query_nearest(
        enterprises.geometry, return_distance=True, all_matches=False
    )[1]
    assert named.sum() == 27
    assert (~named & (nearest == 0)).sum() == 8
    assert (~named & (nearest > 500)).sum() == 5
    assert (nearest[named] < 100).all(), "the registered place is at the gate"


def test_planned_green_lies_where_panels_could_be_and_on_two_roofs(land, buildings):
    planned = _layer("planned_green")
    assert planned["class"].value_counts().to_dict() == {"park": 5, "belt": 5, "roof": 2}
    belts = planned[planned["class"] == "belt"].overlay(
        land[["class", "geometry"]].rename(columns={"class": "over"})
    )
    over = belts.area.groupby(belts["over"]).sum()
    assert all(over[kind] > 50_000 for kind in ("orchard", "fish_pond", "bare"))
    roofs = planned[planned["class"] == "roof"]
    on = roofs.sjoin(buildings[["class", "geometry"]], predicate="within")
    assert sorted(on["class_right"]) == ["industrial", "public"]
    parks = planned[planned["class"] == "park"]
    assert parks.sjoin(buildings[["geometry"]]).empty


def test_terrain_is_a_plain_with_hills_under_the_forest(land, counties):
    with rasterio.open(SHAPEFILES / "elevation.tif") as image:
        height, profile, tags = image.read(1), image.profile, image.tags()
        bounds = image.bounds
    assert (SHAPEFILES / "elevation.tif").stat().st_size < 40_000
    assert (height.dtype, profile["crs"], profile["transform"].a) == (np.int16, METRIC, 200.0)
    assert "generated" in tags["NOTICE"]
    assert (height != profile["nodata"]).all()
    assert shapely.box(*bounds).contains(shapely.union_all(counties.buffer(1_000.0)))
    grid = (profile["height"], profile["width"]), profile["transform"]
    forest = land.geometry[land["class"] == "forest"]
    hills = rasterio.features.geometry_mask(forest.buffer(2_000.0), *grid, invert=True)
    assert height[~hills].max() <= 6
    assert height.min() >= 1
    assert 180 < height.max() < 320
    down, across = np.gradient(height.astype(float), 200.0)
    slope = np.degrees(np.arctan(np.hypot(down, across)))
    assert slope[~hills].max() < 1.0
    assert 8 < slope.max() < 30
