"""What others leave of polygons: areas against one overlay, and an overlay that goes wrong."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels import polygons
from jxgis.kernels.polygons import less

WEST, SOUTH = 654_095.0, 3_427_775.0


def discs(seed, count, reach):
    rng = np.random.default_rng(seed)
    middle = shapely.points(rng.uniform(0, 100, (count, 2)) + [WEST, SOUTH])
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
    assert shapely.area(left).sum() == pytest.approx(wanted, abs=1e-6)
    assert all(shapely.get_type_id(left) == shapely.GeometryType.POLYGON)


def test_neighbours_take_nothing():
    own = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    beside = np.array([shapely.box(10, 0, 20, 10), shapely.box(10, 10, 20, 20)], dtype=object)
    assert less(own, beside)[0] is own[0]


def test_an_overlay_that_goes_wrong_is_done_again_on_a_grid(monkeypatch):
    own = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    others = np.array([shapely.box(5, 0, 15, 10), shapely.box(0, 5, 10, 15)], dtype=object)
    right, calls = shapely.difference, []

    def wrong(a, b, grid_size=None):
        calls.append(grid_size)
        return a if grid_size is None else right(a, b, grid_size=grid_size)

    monkeypatch.setattr(polygons.shapely, "difference", wrong)
    assert shapely.area(less(own, others)).sum() == pytest.approx(25)
    assert len(calls) == 2
