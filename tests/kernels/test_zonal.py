"""Sums over polygons, against exactextract and against each cell intersected by itself."""

import math

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels.zonal import STEPS, Outlines, areas, outlines, sums

ROWS, COLUMNS = 23, 31


def cells_of(polygon, rows=ROWS, columns=COLUMNS):
    """Return the share of each cell inside a polygon, one intersection a cell."""
    u, v = np.meshgrid(np.arange(columns), np.arange(rows))
    return shapely.area(shapely.intersection(shapely.box(u, v, u + 1, v + 1), polygon))


def measured(polygons, layers, **where):
    """Return sums in cells."""
    return sums(outlines(polygons), layers, where.pop("first_row", 0), **where) / STEPS


def extracted(polygons, layer):
    """Return exactextract's sums and counts; its rows go upwards."""
    rows, columns = layer.shape
    crs = pyproj.CRS("EPSG:32651").to_wkt()
    raster = NumPyRasterSource(layer.astype(float), 0, 0, columns, rows, srs_wkt=crs)
    upwards = [shapely.transform(p, lambda c: c * [1, -1] + [0, rows]) for p in polygons]
    zones = gpd.GeoDataFrame(geometry=upwards, crs=crs)
    found = exact_extract(raster, zones, ["sum", "count"], output="pandas")
    return found["sum"].to_numpy(), found["count"].to_numpy()


def star(rng, u, v, radius, points=17):
    angle = np.sort(rng.uniform(0, 2 * math.pi, points))
    reach = radius * rng.uniform(0.3, 1, points)
    ring = np.column_stack([u + reach * np.cos(angle), v + reach * np.sin(angle)])
    return shapely.make_valid(shapely.Polygon(ring))


def shapes():
    """Return polygons of many kinds, some beyond the raster on each side."""
    rng = np.random.default_rng(20260711)
    stars = [star(rng, *rng.uniform(-3, 33, 2), rng.uniform(0.2, 12)) for _ in range(60)]
    ring = stars[0].buffer(6).difference(shapely.Point(15, 10).buffer(2.3))
    middle = shapely.Point(16.3, 11.2)
    return [
        *stars,
        ring,
        middle.buffer(9).difference(middle.buffer(8.99)),  # a sliver round a hole
        shapely.MultiPolygon([shapely.box(1.2, 1.3, 4, 6), shapely.box(20, 15.5, 27.75, 18)]),
        shapely.box(5.25, 6.5, 5.375, 6.75),  # within a cell
        shapely.box(5.9, 6.9, 6.1, 7.1),  # small, over a corner of four
        shapely.box(3, 4, 9, 12),  # along cells
        shapely.box(-5, -5, COLUMNS + 5, ROWS + 5),
        shapely.box(0, 0, COLUMNS, ROWS),
        shapely.box(-9, 3.5, -2, 8),  # outside: left, right, above, below
        shapely.box(COLUMNS + 1, 3.5, COLUMNS + 4, 8),
        shapely.box(4, -8, 9, -1),
        shapely.box(4, ROWS + 0.5, 9, ROWS + 3),
        shapely.box(-4, 5.5, 2.5, 9.5),  # half outside
        shapely.box(COLUMNS - 2.5, 5.5, COLUMNS + 8, 9.5),
        shapely.box(7.5, -3, 11.25, 2.5),
        shapely.box(7.5, ROWS - 2.5, 11.25, ROWS + 7),
        shapely.Polygon([(4, 4), (8, 8), (4, 12), (0, 8)]),  # through the corners of cells
        shapely.Polygon([(2, 2), (29, 2.0001), (2, 2.0002)]),  # a sliver along a row's edge
        shapely.Polygon([(2, 1), (2.0001, 20), (2.0002, 1)]),
    ]


SHAPES = shapes()


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(7)
    return [
        rng.random((ROWS, COLUMNS)) < 0.4,
        rng.integers(0, 1001, (ROWS, COLUMNS)).astype(np.uint16),
        rng.integers(-128, 128, (ROWS, COLUMNS)).astype(np.int8),
        np.ones((ROWS, COLUMNS), dtype=bool),
    ]


def test_sums_and_counts_are_those_of_exactextract(layers):
    found = measured(SHAPES, layers)
    for layer, own in zip(layers[:2], found, strict=False):
        total, count = extracted(SHAPES, layer)
        # It keeps the shares of cells in single precision.
        np.testing.assert_allclose(own, total, rtol=1e-6, atol=1e-6 * layer.max())
        np.testing.assert_allclose(found[3], count, rtol=1e-6, atol=1e-6)


def test_each_cell_counts_by_the_share_of_it_inside(layers):
    found = measured(SHAPES, layers)
    for number, polygon in enumerate(SHAPES):
        share = cells_of(polygon)
        for layer, own in zip(layers, found[:, number], strict=True):
            largest = np.abs(layer.astype(float)).max()
            assert own == pytest.approx((share * layer).sum(), abs=1e-5 + 1e-10 * largest)


def test_a_whole_number_of_cells_is_counted_exactly(layers):
    boxes = [shapely.box(3, 4, 9, 12), shapely.box(-5, -5, 99, 99)]
    for layer, (part, whole) in zip(layers, measured(boxes, layers), strict=True):
        assert part == layer[4:12, 3:9].sum(dtype=int)
        assert whole == layer.sum(dtype=int)


def test_weights_of_rows(layers):
    weights = np.linspace(0.3, 1.0, ROWS)
    found = measured(SHAPES, layers, weights=weights)
    for number, polygon in enumerate(SHAPES):
        share = cells_of(polygon) * weights[:, None]
        assert found[1, number] == pytest.approx((share * layers[1]).sum(), rel=1e-9, abs=1e-5)


def test_polygons_are_independent(layers):
    together = measured(SHAPES, layers)
    for number, polygon in enumerate(SHAPES):
        assert (measured([polygon], layers)[:, 0] == together[:, number]).all()
    twice = measured([*SHAPES, *SHAPES[::-1]], layers)
    assert (twice[:, len(SHAPES) :] == together[:, ::-1]).all()


def test_neighbours_add_up_to_what_they_make_together(layers):
    rng = np.random.default_rng(3)
    points = shapely.MultiPoint(rng.uniform(0, [COLUMNS, ROWS], (40, 2)))
    whole = shapely.box(0.3, 0.6, COLUMNS - 0.2, ROWS - 0.7)
    zones = [c.intersection(whole) for c in shapely.voronoi_polygons(points, extend_to=whole).geoms]
    found = measured([*zones, whole], layers)
    np.testing.assert_allclose(found[:, :-1].sum(axis=1), found[:, -1], rtol=1e-9, atol=1e-3)


def test_the_direction_of_a_ring_changes_nothing(layers):
    backwards = [shapely.reverse(p) for p in SHAPES]
    difference = measured(SHAPES, layers) - measured(backwards, layers)
    assert np.abs(difference).max() <= ROWS / STEPS


def test_what_is_no_polygon_has_no_edges(layers):
    others = [shapely.Point(3, 3), shapely.LineString([(0, 0), (9, 9)]), shapely.Polygon(), None]
    assert not measured(others, layers).any()
    mixed = shapely.GeometryCollection([shapely.box(1, 1, 3, 3), shapely.Point(9, 9)])
    assert measured([mixed], layers)[3] == [4.0]
    nothing = outlines([])
    assert nothing.count == 0
    assert nothing.rows() == nothing.columns() == (0, 0)
    assert sums(nothing, layers, 0).shape == (4, 0)


def test_the_rows_and_columns_that_outlines_reach():
    lines = outlines([shapely.box(-2.5, 3.5, 4, 9), shapely.box(1, 5, 7.25, 8)])
    assert lines.rows() == (3, 9)
    assert lines.columns() == (-3, 8)


corner = st.floats(-6, 40, allow_nan=False) | st.integers(-6, 40).map(float)
triangles = st.lists(
    st.tuples(corner, corner, corner, corner, corner, corner).map(
        lambda c: shapely.Polygon(np.reshape(c, (3, 2)))
    ),
    min_size=1,
    max_size=4,
)


@given(triangles)
@settings(deadline=None)
def test_any_triangles(polygons):
    polygons = [p for p in polygons if p.is_valid]
    seed = np.random.default_rng(1).integers(0, 256, (ROWS, COLUMNS)).astype(np.uint8)
    found = measured(polygons, [seed])[0]
    for polygon, own in zip(polygons, found, strict=True):
        assert own == pytest.approx((cells_of(polygon) * seed).sum(), abs=1e-4)


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
@settings(deadline=None)
def test_strips_of_any_height_add_up_exactly(heights, seed, weighted):
    rng = np.random.default_rng(seed)
    ends = np.cumsum(heights)
    rows, columns, top, left = int(ends[-1]), int(rng.integers(1, 150)), -3, 2
    polygons = [star(rng, *rng.uniform(-5, rows, 2), rng.uniform(1, 40)) for _ in range(5)]
    layers = [rng.random((rows, columns)) < 0.5, rng.integers(0, 1000, (rows, columns), np.uint16)]
    weights = rng.uniform(0.1, 1, rows) if weighted else None
    lines = outlines(polygons)
    whole = sums(lines, layers, top, left, weights)
    total = np.zeros_like(whole)
    for first, end in zip([0, *ends[:-1]], ends, strict=True):
        part = None if weights is None else weights[first:end]
        total += sums(lines, [a[first:end] for a in layers], top + first, left, part)
    assert (total == whole).all()


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_shared_edges_are_found_whatever_their_direction(seed):
    rng = np.random.default_rng(seed)
    points = np.concatenate([rng.integers(-2, 3, (9, 2)), rng.normal(size=(4, 2))])
    pairs = rng.integers(0, len(points), (40, 2))
    pairs = pairs[points[pairs[:, 0], 1] != points[pairs[:, 1], 1]]
    start, end = points[pairs[:, 0]], points[pairs[:, 1]]
    edges = Outlines(np.zeros(len(pairs), dtype=int), start, end, 1).edges
    ends = np.stack([start, end], axis=1).tolist()
    assert len(edges.upper) == len({frozenset(map(tuple, pair)) for pair in ends})
    assert (edges.upper[:, 1] < edges.lower[:, 1]).all()
    down = edges.sign[:, None] > 0
    assert (np.where(down, edges.upper[edges.edge], edges.lower[edges.edge]) == start).all()
    assert (np.where(down, edges.lower[edges.edge], edges.upper[edges.edge]) == end).all()


def test_areas_are_those_of_shapely():
    lines = outlines(SHAPES)
    first, after = lines.rows()
    assert first < 0
    found = areas(lines, np.full(after - first, 100.0), first)
    np.testing.assert_allclose(found, 100 * shapely.area(SHAPES), rtol=1e-9, atol=1e-9)
