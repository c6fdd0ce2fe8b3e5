"""Shares of cells, against each cell intersected by itself, exactextract and areas."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels.shares import STEPS, shares
from jxgis.kernels.zonal import outlines

TOP, ROWS, LEFT, COLUMNS = -3, 29, -2, 37
WINDOW = (TOP, ROWS, LEFT, COLUMNS)
ROUNDED = 0.5 + 1e-4  # a step is half a step off at most; the oracle rounds, too


def exact(polygons, first_row, rows, first_column, columns):
    """Return shares in steps, not rounded, one intersection a cell and polygon."""
    u, v = np.meshgrid(np.arange(columns) + first_column, np.arange(rows) + first_row)
    cells = shapely.box(u, v, u + 1, v + 1)
    return sum((shapely.area(shapely.intersection(cells, p)) for p in polygons), 0.0 * u) * STEPS


def of(*polygons, window=WINDOW):
    return shares(outlines(polygons), *window)


def union(seed):
    """Return the parts of a union of discs and boxes with holes, some beyond the window."""
    rng = np.random.default_rng(seed)
    discs = [
        shapely.Point(*rng.uniform(-6, 36, 2)).buffer(
            rng.uniform(0.05, 9), quad_segs=int(rng.integers(1, 12))
        )
        for _ in range(rng.integers(0, 8))
    ]
    corners = rng.integers(-20, 150, (3, 2)) / 4  # along cells, and at quarters of them
    sizes = rng.integers(1, 60, (3, 2)) / 4
    boxes = list(shapely.box(*corners.T, *(corners + sizes).T))
    holes = [shapely.Point(*rng.uniform(0, 30, 2)).buffer(rng.uniform(0.1, 8)) for _ in range(2)]
    return list(shapely.get_parts(shapely.union_all([*discs, *boxes]).difference(holes[0])))


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_each_cell_has_the_share_that_shapely_finds(seed):
    parts = union(seed)
    own = of(*parts)
    assert own.dtype == np.uint16
    assert own.shape == (ROWS, COLUMNS)
    assert np.abs(own - exact(parts, *WINDOW)).max() <= ROUNDED


corner = st.floats(-6, 40) | st.integers(-6, 40).map(float)
triangles = st.tuples(*[corner] * 6).map(lambda c: shapely.Polygon(np.reshape(c, (3, 2))))


@given(triangles.filter(lambda p: p.is_valid))
@settings(deadline=None)
def test_any_triangle(triangle):
    assert np.abs(of(triangle) - exact([triangle], *WINDOW)).max() <= ROUNDED


@given(st.integers(0, 2**32 - 1), st.integers(4, 40), st.integers(5, 40), st.integers(-900, 900))
@settings(deadline=None, max_examples=60)
def test_a_cell_has_the_same_share_in_any_window(seed, height, width, shift):
    off = np.array([shift, -shift])
    lines = outlines([shapely.transform(p, lambda uv: uv + off) for p in union(seed)])
    top, left = TOP - shift, LEFT + shift
    whole = shares(lines, top, ROWS, left, COLUMNS)
    joined = np.zeros_like(whole)
    for row in range(0, ROWS, height):
        for column in range(0, COLUMNS, width):
            block = joined[row : row + height, column : column + width]
            rows, columns = block.shape
            block[:] = shares(lines, top + row, rows, left + column, columns)
    assert (joined == whole).all()
    wider = shares(lines, top - 50, ROWS + 90, left - 60, COLUMNS + 110)
    assert (wider[50 : 50 + ROWS, 60 : 60 + COLUMNS] == whole).all()


def test_ties_are_broken_alike_in_any_window():
    rng = np.random.default_rng(5)
    rows = np.arange(400)
    # In the first column shares of half a step: what is noted to their right must add up to
    # nothing, not to nearly nothing.
    ties = [shapely.box(0, v, (v + 0.5) / STEPS, v + 1) for v in rows]
    others = [
        shapely.Polygon(np.column_stack([rng.uniform(2, 60, 3), v + rng.uniform(0, 1, 3)]))
        for v in rows
    ]
    lines = outlines([*ties, *others])
    narrow = shares(lines, 0, 400, 0, 1)[:, 0]
    assert np.abs(narrow - (rows + 0.5)).max() == 0.5
    for columns in (2, 10, 30, 61):
        assert (shares(lines, 0, 400, 0, columns)[:, 0] == narrow).all()


def test_shares_are_those_of_exactextract():
    shape = shapely.union_all(union(20240601))
    rows, columns = 31, 33
    crs = pyproj.CRS("EPSG:32651").to_wkt()
    raster = NumPyRasterSource(np.ones((rows, columns)), 0, 0, columns, rows, srs_wkt=crs)
    upwards = shapely.transform(shape, lambda uv: uv * [1, -1] + [0, rows])
    feature = {"type": "Feature", "geometry": upwards.__geo_interface__, "properties": {}}
    (found,) = exact_extract(raster, feature, ["coverage", "cell_id"])
    expected = np.zeros(rows * columns)
    expected[found["properties"]["cell_id"]] = found["properties"]["coverage"]
    own = of(*shape.geoms, window=(0, rows, 0, columns)) / STEPS
    # It keeps shares in single precision.
    assert np.abs(own.ravel() - expected).max() <= ROUNDED / STEPS
    assert len(np.unique(own)) > 60


def test_polygons_that_touch_leave_no_seam():
    rng = np.random.default_rng(3)
    points = shapely.MultiPoint(rng.uniform(0, 30, (60, 2)))
    whole = shapely.box(0.25, 0.5, 30.75, 24.5)
    zones = [c.intersection(whole) for c in shapely.voronoi_polygons(points, extend_to=whole).geoms]
    assert (of(*zones) == of(whole)).all()
    ring = shapely.Point(12, 12).buffer(8).difference(shapely.Point(13, 11).buffer(3))
    assert (of(ring, shapely.Point(13, 11).buffer(3)) == of(shapely.Point(12, 12).buffer(8))).all()


def test_whole_cells_are_whole_and_the_others_nothing():
    box = of(shapely.box(3, 4, 9, 12))
    expected = np.zeros((ROWS, COLUMNS))
    expected[4 - TOP : 12 - TOP, 3 - LEFT : 9 - LEFT] = STEPS
    assert (box == expected).all()
    disc = shapely.Point(14.3, 11.7).buffer(9.77, quad_segs=500)
    own = of(disc)
    u, v = np.meshgrid(np.arange(COLUMNS) + LEFT, np.arange(ROWS) + TOP)
    cells = shapely.box(u, v, u + 1, v + 1)
    assert (own[shapely.contains(disc, cells)] == STEPS).all()
    assert (own[~shapely.intersects(disc, cells)] == 0).all()


def test_a_share_is_rounded_to_the_nearest_step():
    steps = np.array([0.4, 0.6, 1.4, 1.6, STEPS - 0.6, STEPS - 0.4])
    boxes = [
        shapely.box(2 * i, 0, 2 * i + 1, share) for i, share in enumerate((steps / STEPS).tolist())
    ]
    own = of(*boxes, window=(0, 1, 0, 12))[0, ::2]
    assert own.tolist() == [0, 1, 1, 2, STEPS - 1, STEPS]


def test_sums_are_areas():
    discs = [
        shapely.Point(x, y).buffer(3.3, quad_segs=64)
        for x in np.arange(5, 60, 9.7)
        for y in np.arange(6, 60, 8.1)
    ]
    own = of(*discs, window=(0, 70, 0, 70))
    edge = np.count_nonzero((own > 0) & (own < STEPS))
    area = sum(d.area for d in discs)
    # Each rounding is half a step at most, and as often up as down.
    assert own.sum() / STEPS == pytest.approx(area, abs=2 * math.sqrt(edge) / STEPS)


def test_polygons_outside_the_window_and_none():
    beside = [
        shapely.box(LEFT - 9, 3.5, LEFT, 8),
        shapely.box(LEFT + COLUMNS, 3.5, LEFT + COLUMNS + 4, 8),
        shapely.box(4, TOP - 8, 9, TOP),
        shapely.box(4, TOP + ROWS, 9, TOP + ROWS + 3.3),
    ]
    assert not of(*beside).any()
    assert not of().any()
    assert (of(shapely.box(-999, -999, 999, 999)) == STEPS).all()
    assert of(*beside, window=(0, 0, 0, 5)).shape == (0, 5)
    assert of(*beside, window=(0, 5, 0, 0)).shape == (5, 0)


def test_where_polygons_overlap_a_cell_is_no_more_than_whole():
    own = of(shapely.box(0, 0, 4, 4), shapely.box(2, 2, 6.25, 6))
    assert own.max() == STEPS
    assert own[5 - TOP, 6 - LEFT] == STEPS // 4


def test_a_window_of_more_rows_than_are_summed_at_once():
    disc = shapely.Point(1500.3, 900.4).buffer(700.7, quad_segs=90)
    lines = outlines([disc])
    whole = shares(lines, 0, 1800, 0, 3000)
    assert whole.sum() / STEPS == pytest.approx(disc.area, abs=0.01)
    assert (shares(lines, 700, 40, 1000, 900) == whole[700:740, 1000:1900]).all()
