"""What others leave of polygons: areas against one overlay, and an overlay that goes wrong."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels import polygons
from jxgis.kernels.polygons import less, polygons_of

WEST, SOUTH = 654_095.0, 3_427_775.0


def discs(seed, count, reach):
    rng = np.random.default_rng(seed)
    middle = shapely.points(rng.uniform(0, 100, (count, 2)) + np.array([WEST, SOUTH]))
    return shapely.buffer(middle, rng.uniform(1, reach, count))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_what_is_left_adds_up(seed):
    rows, columns = np.divmod(np.arange(25), 5)
    own = shapely.box(
        WEST + 20 * columns, SOUTH + 20 * rows, WEST + 20 * columns + 20, SOUTH + 20 * rows + 20
    )
    others = np.concatenate([discs(seed, 12, 25), own[:3]])
    left = less(own, others)
    wanted = shapely.difference(shapely.union_all(own), shapely.union_all(others)).area
    assert shapely.area(left).sum() == pytest.approx(wanted, abs=1e-4)
    assert all(shapely.get_type_id(left) == shapely.GeometryType.POLYGON)


def test_neighbours_take_nothing():
    own = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    beside = np.array([shapely.box(10, 0, 20, 10), shapely.box(10, 10, 20, 20)], dtype=object)
    assert shapely.area(less(own, beside)) == pytest.approx([100.0])


def test_borders_that_run_a_rounding_apart_leave_nothing_behind():
    """Fields cut at a line and what covers them cut at another: GEOS alone gave all of a field."""
    random = np.random.default_rng(5)
    for _turn in range(200):
        corners = np.array([WEST, SOUTH]) + random.uniform(0, 300, (4, 2))
        field = shapely.convex_hull(shapely.MultiPoint(corners))
        window = shapely.box(
            *(field.bounds[:2] + random.uniform(0, 50, 2)), WEST + 400, SOUTH + 400
        )
        own = shapely.intersection(field, window)
        wider = shapely.intersection(field, shapely.buffer(window, 1.0, join_style="mitre"))
        beside = shapely.difference(shapely.box(WEST, SOUTH, WEST + 300, SOUTH + 300), wider)
        if own.is_empty:
            continue
        left = less(polygons_of([own]), polygons_of([wider, beside]))
        assert shapely.area(left).sum() < 1e-3


def test_a_grid_too_fine_for_the_borders_is_made_coarser(monkeypatch):
    own, others = shapely.box(0, 0, 10, 10), np.array([shapely.box(5, 0, 15, 10)], dtype=object)
    right, grids = shapely.difference, []

    def failing(a, b, grid_size):
        grids.append(grid_size)
        if len(grids) == 1:
            raise shapely.errors.GEOSException("TopologyException")
        return right(a, b, grid_size=grid_size)

    monkeypatch.setattr(polygons.shapely, "difference", failing)
    assert polygons.remainder(own, others).area == pytest.approx(50)
    assert grids[1] > grids[0]
