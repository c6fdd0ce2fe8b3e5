"""Cells by their centre, against rasterio and shapely, and how far that is from exact shares."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize

from jxgis.kernels.zonal import STEPS, inside, outlines, sums

CELL_M2 = 100.0
MU_M2 = 10_000 / 15


def blob(rng, middle, area):
    """Return a rounded shape of an area with its centre about a place."""
    angle = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    reach = np.ones(160)
    for wave in range(2, 6):
        reach += rng.normal(0, 0.12 / wave) * np.cos(wave * angle + rng.uniform(0, 7))
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    shape = shapely.Polygon(ring)
    scale = math.sqrt(area / shape.area)
    return shapely.transform(shape, lambda xy: xy * scale + middle)


def polygons(rng, rows, columns):
    return [
        blob(rng, rng.uniform(-2, [columns, rows]), area)
        for area in [0.05, 0.7, 3, 20, 60, 150, 400, 900]
    ]


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
@settings(deadline=None)
def test_centres_inside_are_those_of_rasterio_and_shapely(seed, rows, columns):
    rng = np.random.default_rng(seed)
    shapes = polygons(rng, rows, columns)
    found = inside(outlines(shapes), 0, rows, 0, columns)
    assert (found == rasterize(shapes, (rows, columns)).astype(bool)).all()
    u, v = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    assert (found == shapely.contains_xy(shapely.union_all(shapes), u, v)).all()


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_window_is_a_part_of_the_whole(seed):
    rng = np.random.default_rng(seed)
    lines = outlines(polygons(rng, 30, 40))
    whole = inside(lines, -10, 60, -10, 70)
    row, column = rng.integers(-10, 20, 2)
    part = inside(lines, row, 17, column, 23)
    assert (part == whole[row + 10 : row + 27, column + 10 : column + 33]).all()


def test_a_centre_on_an_outline_is_of_the_polygon_below_and_right():
    found = inside(outlines([shapely.box(2.5, 3.5, 6.5, 8.5)]), 0, 12, 0, 12)
    expected = np.zeros((12, 12), dtype=bool)
    expected[3:8, 2:6] = True
    assert (found == expected).all()


def test_of_neighbours_each_centre_has_one():
    u = np.arange(0, 13, 1.5)
    zones = [shapely.box(a, b, a + 1.5, b + 1.5) for a in u for b in u]
    slanted = shapely.Polygon([(0.5, 0.5), (10.5, 10.5), (0.5, 10.5)])
    other = shapely.Polygon([(0.5, 0.5), (10.5, 0.5), (10.5, 10.5)])
    for parts, least in ((zones, 0), ([slanted, other], 0.5)):
        times = sum(inside(outlines([p]), 0, 12, 0, 12).astype(int) for p in parts)
        centre = np.arange(12) + 0.5
        within = (centre >= least) & (centre < (10.5 if least else 12))
        assert (times[np.ix_(within, within)] == 1).all()


def test_holes_and_overlaps():
    ring = shapely.box(1, 1, 9, 9).difference(shapely.box(3, 3, 7, 7))
    found = inside(
        outlines([ring, shapely.box(4, 4, 5, 6), shapely.box(0, 8, 10, 10)]), 0, 10, 0, 10
    )
    assert found[4:6, 4].all()
    assert not found[3:7, 5:7].any()
    assert found[8:].all()
    assert found.sum() == 64 - 16 + 2 + 20 - 8


# Circles have no favour by chance, yet of few cells many come out alike.
@pytest.mark.parametrize(
    ("area_m2", "error"), [(MU_M2, 0.116), (2_000, 0.042), (50_000, 0.0042), (200_000, 0.0014)]
)
def test_counting_centres_errs_by_what_it_is_known_to_and_shares_do_not(area_m2, error):
    rng = np.random.default_rng(int(area_m2))
    cells = area_m2 / CELL_M2
    size = math.ceil(2 * math.sqrt(cells)) + 4
    shapes = [blob(rng, size / 2 + rng.uniform(-0.5, 0.5, 2), cells) for _ in range(300)]
    counted = np.array([inside(outlines([s]), 0, size, 0, size).sum() for s in shapes])
    assert np.abs(counted / cells - 1).mean() == pytest.approx(error, rel=0.5)
    shares = sums(outlines(shapes), [np.ones((size, size), dtype=bool)], 0)[0] / STEPS
    assert np.abs(shares / cells - 1).max() < 1e-6
