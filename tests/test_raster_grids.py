"""Grids of rasters: from cells to the ground and back, and the areas of cells on the ellipsoid."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from jxgis.kernels.zonal import areas, outlines
from jxgis.rasters import Grid

UTM = pyproj.CRS("EPSG:32651")
DEGREES = pyproj.CRS("EPSG:4326")
CGCS2000 = pyproj.CRS("EPSG:4490")


def degrees(step, west=120.0, north=31.0, crs=DEGREES):
    return Grid(crs, (step, 0.0, west, 0.0, -step, north), 4000, 3000)


def geodesic_area(crs, west, south, east, north, points=4000):
    """Return the area between meridians and parallels; geodesics between many points."""
    x = np.linspace(west, east, points)
    lon = np.concatenate([x, x[::-1]])
    lat = np.concatenate([np.full(points, south), np.full(points, north)])
    return abs(crs.get_geod().polygon_area_perimeter(lon, lat)[0])


@given(st.floats(0.1, 60), st.floats(-60, -0.1), st.floats(-0.09, 0.09), st.integers(0, 2**32 - 1))
def test_to_pixels_and_back(a, e, turn, seed):
    grid = Grid(UTM, (a, turn * a, 3e5, turn * e, e, 3.4e6), 100, 100)
    rng = np.random.default_rng(seed)
    pixels = rng.uniform(-50, 150, (20, 2))
    ground = grid.to_ground(pixels)
    np.testing.assert_allclose(grid.to_pixels(ground), pixels, rtol=0, atol=1e-6)
    corners = grid.to_ground(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    assert corners[0].tolist() == [3e5, 3.4e6]
    np.testing.assert_allclose(corners[1] - corners[0], [a, turn * e], atol=1e-8)
    np.testing.assert_allclose(corners[2] - corners[0], [turn * a, e], atol=1e-8)


def test_whole_cells_come_out_whole_on_a_usual_grid():
    grid = Grid(UTM, (10.0, 0.0, 300_000.0, 0.0, -10.0, 3_500_040.0), 10_980, 10_980)
    pixels = np.array([[0.0, 0.0], [10_980.0, 10_980.0], [7.0, 5_433.0]])
    assert (grid.to_pixels(grid.to_ground(pixels)) == pixels).all()


def test_cells_of_a_plane():
    turned = Grid(UTM, (8.0, 6.0, 0.0, 6.0, -8.0, 0.0), 10, 10)
    assert turned.cell_areas_m2(-3, 4).tolist() == [100.0] * 4
    feet = pyproj.CRS("EPSG:2263")
    grid = Grid(feet, (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 10, 10)
    np.testing.assert_allclose(grid.cell_areas_m2(0, 1), [100 * (1200 / 3937) ** 2], rtol=1e-12)


@pytest.mark.parametrize("crs", [DEGREES, CGCS2000, pyproj.CRS("EPSG:4214")])
@pytest.mark.parametrize(("step", "north"), [(1 / 12_000, 31.0), (0.01, 0.005), (0.1, 78.0)])
def test_cells_in_degrees_are_those_of_the_ellipsoid(crs, step, north):
    grid = degrees(step, north=north, crs=crs)
    rows = [0, 1, 119]
    found = grid.cell_areas_m2(0, 120)[rows]
    # A band of many cells: a geodesic's rounding is as large as a small cell's millionth.
    for row, own in zip(rows, found, strict=True):
        top = north - step * row
        wide = 40.0
        band = geodesic_area(crs, 100.0, top - step, 100.0 + wide, top, 40_000)
        assert own == pytest.approx(band / (wide / step), rel=1e-7 if step < 0.001 else 1e-9)


def test_several_rows_are_the_sum_of_their_cells():
    grid = degrees(1 / 12_000)
    found = grid.cell_areas_m2(0, 12_000).sum() * 12_000
    assert found == pytest.approx(geodesic_area(DEGREES, 120, 30, 121, 31, 40_000), rel=1e-9)


def test_the_whole_earth():
    grid = Grid(DEGREES, (0.25, 0.0, -180.0, 0.0, -0.25, 90.0), 1440, 720)
    a, b = DEGREES.ellipsoid.semi_major_metre, DEGREES.ellipsoid.semi_minor_metre
    e = math.sqrt(1 - (b / a) ** 2)
    surface = 2 * math.pi * a**2 * (1 + (1 - e**2) / e * math.atanh(e))
    assert grid.cell_areas_m2(0, 720).sum() * 1440 == pytest.approx(surface, rel=1e-12)
    assert grid.cell_areas_m2(-5, 5).tolist() == [0.0] * 5  # beyond the pole
    northwards = Grid(DEGREES, (0.25, 0.0, -180.0, 0.0, 0.25, -90.0), 1440, 720)
    np.testing.assert_allclose(
        northwards.cell_areas_m2(0, 720), grid.cell_areas_m2(0, 720)[::-1], rtol=1e-9
    )


def test_a_sphere():
    sphere = pyproj.CRS.from_proj4("+proj=longlat +R=6371000 +no_defs")
    grid = Grid(sphere, (1.0, 0.0, -180.0, 0.0, -1.0, 90.0), 360, 180)
    total = grid.cell_areas_m2(0, 180).sum() * 360
    assert total == pytest.approx(4 * math.pi * 6_371_000**2, rel=1e-12)


def test_polygons_in_degrees_have_the_area_that_a_geodesic_one_has():
    grid = degrees(1 / 12_000, west=120.5, north=30.9)
    rng = np.random.default_rng(5)
    shapes = [
        shapely.Point(120.7, 30.75).buffer(0.1),
        shapely.box(120.51, 30.66, 120.8, 30.89),
        shapely.MultiPoint(rng.uniform([120.5, 30.66], [120.8, 30.9], (9, 2))).convex_hull,
        shapely.Point(120.7, 30.75)
        .buffer(0.1)
        .difference(shapely.Point(120.7, 30.76).buffer(0.05)),
        shapely.box(120.4, 30.8, 120.55, 31.0),  # beyond the raster
    ]
    lines = outlines(list(shapely.transform(shapes, grid.to_pixels)))
    first, after = lines.rows()
    found = areas(lines, grid.cell_areas_m2(first, after - first), first)
    geod = DEGREES.get_geod()
    for shape, own in zip(shapes, found, strict=True):
        # Straight in degrees, so that short geodesics follow it.
        dense = shapely.orient_polygons(shapely.segmentize(shape, 1e-4))
        assert own == pytest.approx(geod.geometry_area_perimeter(dense)[0], rel=1e-8)


METERS = {
    "mercator": pyproj.CRS(3395),
    "albers": pyproj.CRS(5070),
    "conic in feet": pyproj.CRS(2263),
    "transverse": pyproj.CRS(32651),
    "polar": pyproj.CRS(3031),
}
AT = {"albers": (-96.3, 37.7), "conic in feet": (-74.2, 42.3), "polar": (40.0, -68.0)}


@pytest.mark.parametrize("turn", [0.0, 0.3])
@pytest.mark.parametrize("plane", METERS)
def test_the_areal_scale_is_what_the_projection_says_of_itself(plane, turn):
    crs = METERS[plane]
    lon, lat = AT.get(plane, (121.3, 31.2))
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    cell = 30.0
    grid = Grid(crs, (cell, turn * cell, x, turn * cell, -cell, y), 700, 500)
    points = grid.lattice()
    assert points.shape == (81, 2)
    assert points.min(axis=0).tolist() == [0, 0]
    assert points.max(axis=0).tolist() == [700, 500]
    projection = pyproj.Proj(crs)
    there = projection(*grid.to_ground(points).T, inverse=True)
    expected = projection.get_factors(*there).areal_scale
    np.testing.assert_allclose(grid.areal_scale(points), expected, rtol=1e-7)
    assert grid.true_to_area == bool((np.abs(expected - 1) <= 0.01).all())


def test_web_mercator_is_measured_on_the_ellipsoid_and_not_on_its_sphere():
    crs = pyproj.CRS(3857)
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(121.0, 31.0)
    grid = Grid(crs, (100.0, 0.0, x, 0.0, -100.0, y), 2000, 1000)
    first = grid.to_ground(np.array([[0.0, 0.0], [2000.0, 1000.0]]))
    lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*first.T)
    exact = geodesic_area(DEGREES, lon[0], lat[1], lon[1], lat[0], 40_000)
    assert grid.cell_areas_m2(0, 1000).sum() * 2000 == pytest.approx(exact, rel=1e-8)
    assert not grid.true_to_area
    over = Grid(crs, (100.0, 0.0, 20_037_500.0, 0.0, -100.0, y), 10, 1000)  # the date line
    np.testing.assert_allclose(over.cell_areas_m2(0, 9), grid.cell_areas_m2(0, 9), rtol=1e-9)


def test_a_place_that_a_projection_does_not_show_has_no_scale():
    globe = pyproj.CRS("+proj=ortho +lat_0=0 +lon_0=0 +ellps=WGS84")
    grid = Grid(globe, (1000.0, 0.0, 6.3e6, 0.0, -1000.0, 6.3e6), 10, 10)
    assert np.isnan(grid.areal_scale(grid.lattice())).all()
    assert not grid.true_to_area
