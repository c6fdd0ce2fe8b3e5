"""The sample's images (two scenes of the city, a map of land cover), and points judged by them."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
from scipy import ndimage

SHAPEFILES = Path(__file__).parents[1] / "data" / "shapefiles"
GRID = "EPSG:32651"
MU_M2 = 10_000 / 15
TREE, SHRUB, GRASS, CROP, BUILT, BARE, WATER, WETLAND = 10, 20, 30, 40, 50, 60, 80, 90


def _layer(name):
    return gpd.read_file(SHAPEFILES / f"{name}.shp").to_crs(GRID)


@pytest.fixture(scope="module")
def land():
    return _layer("land")


@pytest.fixture(scope="module")
def cover():
    with rasterio.open(SHAPEFILES / "landcover_2019.tif") as image:
        return image.read(1), image.profile, image.tags()


def _image(date, band):
    with rasterio.open(SHAPEFILES / f"imagery_{date}_{band}.tif") as image:
        return image.read(1).astype(int), image.profile, image.tags(), image.bounds


def _inside(shapes, profile, *, touched=False):
    return rasterio.features.geometry_mask(
        shapes,
        (profile["height"], profile["width"]),
        profile["transform"],
        all_touched=touched,
        invert=True,
    )


def test_imagery_is_of_one_grid_over_the_city():
    grids = set()
    for date in ("20170724", "20190803"):
        for band in ("red", "nir", "scl"):
            pixels, profile, tags, bounds = _image(date, band)
            grids.add((profile["transform"], profile["crs"].to_epsg(), pixels.shape))
            assert tags["ACQUISITION_DATE"].replace("-", "") == date
            assert float(tags["PROCESSING_BASELINE"]) < 4
            assert tags["BOA_ADD_OFFSET"] == "0"
            assert pixels.min() > 0
    assert len(grids) == 1
    (transform, epsg, shape) = grids.pop()
    assert (transform.a, transform.e, epsg, shape) == (10.0, -10.0, 32651, (1000, 1000))
    city = _layer("built_up").iloc[[0]].union_all()
    assert city.contains(shapely.box(*bounds).centroid)


def test_imagery_has_clouds_at_one_date_and_green_where_it_belongs():
    vegetation, water, cloud = 4, 6, 9
    for date, clouds in (("20170724", False), ("20190803", True)):
        red, nir, scl = (_image(date, band)[0] for band in ("red", "nir", "scl"))
        ndvi = (nir - red) / (nir + red)
        assert 0.45 < ndvi[scl == vegetation].mean() < 0.85
        assert ndvi[scl == water].mean() < 0
        assert 0.02 < (scl == cloud).mean() < 0.2 if clouds else not (scl == cloud).any()
        if clouds:
            assert red[scl == cloud].min() > 4_000


def test_a_park_is_planted_between_the_two_dates(land):
    park = land[land["name"] == "示例中央公园"].geometry.iloc[0].buffer(-20)
    ndvi = []
    for date in ("20170724", "20190803"):
        red, profile, _, _ = _image(date, "red")
        nir = _image(date, "nir")[0]
        ndvi.append(((nir - red) / (nir + red))[_inside([park], profile)].mean())
    assert ndvi[0] < 0.3
    assert ndvi[1] > 0.6


def test_three_photovoltaics_reach_over_green_and_no_other_does():
    red, profile, _, bounds = _image("20190803", "red")
    nir, scl = (_image("20190803", band)[0] for band in ("nir", "scl"))
    green = (6 * nir > 14 * red) & ~np.isin(scl, (3, 8, 9))
    pv = _layer("pv")
    assert shapely.box(*bounds).covers(pv.union_all())
    on_green = [
        name
        for name, shape in zip(pv["name"], pv.geometry, strict=True)
        if green[_inside([shape], profile, touched=True)].any()
    ]
    assert on_green == [f"示例光伏车棚 {number:02d}" for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def reference():
    """Each point of the reference sample with what the image of 2019 has in its cell."""
    points = gpd.read_file(SHAPEFILES / "reference.shp")
    there = points.to_crs(GRID).geometry
    red, _, _, bounds = _image("20190803", "red")
    column, row = (there.x - bounds.left) / 10, (bounds.top - there.y) / 10
    points["off_middle"] = np.maximum(np.abs(column % 1 - 0.5), np.abs(row % 1 - 0.5))
    at = row.to_numpy().astype(int), column.to_numpy().astype(int)
    points["cell"] = np.ravel_multi_index(at, red.shape)
    points["red"] = red[at]
    for band in ("nir", "scl"):
        points[band] = _image("20190803", band)[0][at]
    return points


def test_reference_points_lie_in_the_middle_of_seen_cells_of_the_built_up_area(reference):
    assert list(reference.columns[:3]) == ["point_id", "stratum", "reference"]
    assert reference["point_id"].tolist() == [f"G{number:04d}" for number in range(1, 601)]
    assert reference["off_middle"].max() < 2e-3, "two centimetres"
    assert reference["cell"].is_unique
    assert reference["scl"].isin((4, 5, 6, 7)).all()
    for crs in (GRID, "EPSG:4549", "EPSG:4490"):
        city = gpd.read_file(SHAPEFILES / "built_up.shp").to_crs(crs).union_all()
        assert reference.to_crs(crs).within(city).all(), crs


def test_a_reference_points_stratum_is_what_the_map_shows(reference):
    red, nir = reference["red"], reference["nir"]
    shown = np.where((nir - red) / (nir + red) > 0.4, "green", "other")
    assert (reference["stratum"] == shown).all()


def test_reference_points_are_shared_among_strata_after_neyman(reference):
    red, profile, _, _ = _image("20190803", "red")
    nir, scl = (_image("20190803", band)[0] for band in ("nir", "scl"))
    seen = _inside(_layer("built_up").geometry, profile) & np.isin(scl, (4, 5, 6, 7))
    green = np.mean((nir - red)[seen] / (nir + red)[seen] > 0.4)
    spread = np.array([green * np.sqrt(0.90 * 0.10), (1 - green) * np.sqrt(0.06 * 0.94)])
    counts = reference["stratum"].value_counts()
    assert counts.sum() == 600
    assert counts["green"] == round(600 * spread[0] / spread.sum())


def test_the_order_of_reference_points_tells_neither_stratum_nor_place(reference):
    green = (reference["stratum"] == "green").to_numpy()
    changes = np.count_nonzero(green[1:] != green[:-1])
    assert changes == pytest.approx(2 * 599 * green.mean() * (~green).mean(), abs=36)
    ranks = np.argsort(np.argsort(reference["cell"]))
    for known in (green, ranks):
        assert abs(np.corrcoef(np.arange(600), known)[0, 1]) < 0.13


def test_reference_answers_are_of_a_third_of_a_cell_and_a_few_are_wrong(reference):
    red, nir = (reference[band].astype(float) for band in ("red", "nir"))
    assert set(reference["reference"]) == {"green", "other"}
    surely_green = nir > 2.7 * red  # more than a third, whatever the rest is
    surely_other = nir < 1.9 * red  # less than a third, whatever the rest is
    assert not (surely_green & surely_other).any()
    wrong = (reference["reference"] == "green") != surely_green
    wrong = wrong[surely_green | surely_other]
    assert len(wrong) > 300
    assert 0 < wrong.mean() < 0.03


def test_land_cover_says_what_it_is(cover):
    cells, profile, tags = cover
    assert (SHAPEFILES / "landcover_2019.tif").stat().st_size < 900_000
    assert (cells.dtype, profile["nodata"], profile["crs"]) == (np.uint8, 0, GRID)
    assert (profile["transform"].a, profile["transform"].e) == (20.0, -20.0)
    assert (profile["compress"], profile["tiled"]) == ("deflate", True)
    assert tags["LEGEND"] == "worldcover"
    assert tags["REFERENCE_DATE"] == "2019-08-03"
    assert tags["NOTICE"] == "generated sample, not a satellite product"


def test_land_cover_fills_the_counties_and_nothing_else(cover):
    cells, profile, _ = cover
    counties = _inside(_layer("zones").geometry, profile)
    assert (counties == (cells > 0)).all()
    known = {0, TREE, SHRUB, GRASS, CROP, BUILT, BARE, WATER, WETLAND}
    assert set(np.unique(cells).tolist()) == known


def test_trees_cover_nearly_a_fifth_and_forest_much_less(cover):
    cells, profile, _ = cover
    trees, area = cells == TREE, np.count_nonzero(cells)
    labels, _ = ndimage.label(trees, np.ones((3, 3)))
    sizes = np.bincount(labels[trees])
    cell_m2 = profile["transform"].a ** 2
    large = sizes * cell_m2 >= MU_M2
    assert cell_m2 < MU_M2, "a tree by itself is no forest"
    assert 0.17 < trees.sum() / area < 0.20, "short of a target of 20 %"
    assert 0.12 < sizes[large].sum() / area < 0.14, "near the published rate of 12.74 %"
    assert np.count_nonzero(~large) > 100_000


@pytest.mark.parametrize(
    ("kind", "codes", "least"),
    [
        ("basic_farmland", {CROP}, 0.6),
        ("cropland", {CROP}, 0.6),
        ("orchard", {SHRUB, TREE}, 0.9),
        ("wood", {SHRUB, TREE}, 0.9),
        ("fish_pond", {WATER}, 0.7),
        ("lake", {WATER}, 0.7),
        ("river", {WATER}, 0.7),
        ("bare", {BARE, GRASS}, 0.7),
        ("construction", {BARE, GRASS}, 0.7),
        ("wetland", {WETLAND, TREE}, 0.9),
        ("forest", {TREE}, 0.9),
        ("park", {TREE, GRASS}, 0.7),
        ("water", {WATER}, 0.9),
    ],
)
def test_land_cover_follows_the_land(cover, land, kind, codes, least):
    cells, profile, _ = cover
    here = cells[_inside(land.geometry[land["class"] == kind], profile) & (cells > 0)]
    assert np.isin(here, sorted(codes)).mean() > least


def test_land_cover_has_towns_and_belts_of_trees_along_expressways(cover):
    cells, profile, _ = cover
    towns = _inside(_layer("built_up").geometry, profile)
    assert (cells[towns] == BUILT).mean() > 0.7
    ways = _layer("expressways").geometry
    beside = _inside(ways.buffer(50), profile) & ~_inside(ways.buffer(30), profile) & (cells > 0)
    assert (cells[beside] == TREE).mean() > 0.7
