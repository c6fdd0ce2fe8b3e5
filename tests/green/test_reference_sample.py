"""Drawn cells as points: where they lie, and that nothing in them tells the stratum."""

import numpy as np
import pyproj
import pytest
import shapely
from scipy import stats

from jxgis.green.points import COLUMNS, reference_points
from jxgis.green.words import class_title
from jxgis.rasters import Grid

UTM = Grid(pyproj.CRS(32651), (10.0, 0.0, 212_000.0, 0.0, -10.0, 3_406_000.0), 1000, 800)
CELLS = {
    "green": np.array([[0, 0], [5, 7], [100, 300]]),
    "other": np.array([[1, 0], [799, 999]]),
}


def test_each_cell_is_a_point_at_its_middle():
    points = reference_points(CELLS, UTM, 5)
    assert points.crs == "EPSG:4326"
    there = points.to_crs(UTM.crs)
    at = shapely.get_coordinates(there.geometry.to_numpy())
    for stratum, cells in CELLS.items():
        own = at[(points["stratum"] == stratum).to_numpy()]
        middles = [(212_000 + 10 * c + 5, 3_406_000 - 10 * r - 5) for r, c in cells.tolist()]
        assert sorted(map(tuple, np.round(own, 3).tolist())) == sorted(middles)


@pytest.mark.parametrize("crs", [4490, 4549, 32650, 32651])
def test_a_point_leads_back_to_its_cell(crs):
    rng = np.random.default_rng(4)
    cells = np.column_stack([rng.integers(0, 800, 500), rng.integers(0, 1000, 500)])
    points = reference_points({"green": cells}, UTM, 5).to_crs(crs).to_crs(UTM.crs)
    at = UTM.to_pixels(shapely.get_coordinates(points.geometry.to_numpy()))
    assert np.abs(at % 1 - 0.5).max() < 1e-3
    found = np.floor(at).astype(int)[:, ::-1].tolist()
    assert sorted(found) == sorted(cells.tolist())


def test_a_cells_outline_is_its_square_on_the_ground():
    points = reference_points(CELLS, UTM, 5)
    there = points.to_crs(UTM.crs)
    outlines = points["cell"].to_crs(UTM.crs)
    for middle, outline in zip(there.geometry, outlines, strict=True):
        x, y = middle.x, middle.y
        square = shapely.box(x - 5, y - 5, x + 5, y + 5)
        assert outline.symmetric_difference(square).area < 0.01
    assert points["cell_m"].tolist() == [10.0] * 5


def test_what_is_filled_in_by_hand_is_empty():
    points = reference_points(CELLS, UTM, 5)
    assert list(points.columns) == [*COLUMNS, "cell_m", "cell", "geometry"]
    assert (points[["reference", "interpreter", "date", "remark"]] == "").all(axis=None)
    assert points["point_id"].tolist() == ["G0001", "G0002", "G0003", "G0004", "G0005"]


def test_in_degrees_a_cell_has_its_area_on_the_ellipsoid():
    step = 1 / 12_000
    grid = Grid(pyproj.CRS(4326), (step, 0.0, 120.0, 0.0, -step, 31.0), 500, 500)
    points = reference_points({"tree": np.array([[0, 0], [400, 3]])}, grid, 1)
    for row in points.itertuples():
        area, _length = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(row.cell)
        assert row.cell_m == pytest.approx(abs(area) ** 0.5, abs=0.006)
    corner = points.geometry.iloc[int(np.argmax(points.geometry.y))]
    assert (corner.x, corner.y) == pytest.approx((120 + step / 2, 31 - step / 2), abs=1e-9)


def test_the_same_seed_gives_the_same_order_and_another_one_another():
    first, again, other = (reference_points(CELLS, UTM, seed) for seed in (5, 5, 6))
    assert first.equals(again)
    assert first["stratum"].tolist() != other["stratum"].tolist()


def test_numbers_do_not_tell_the_stratum():
    rows = np.arange(400)
    cells = {"green": np.column_stack([rows, rows]), "other": np.column_stack([rows, rows + 1])}
    points = reference_points(cells, UTM, 9)
    green = np.flatnonzero((points["stratum"] == "green").to_numpy())
    assert stats.kstest(green / len(points), "uniform").pvalue > 0.05
    later = green[1:] - green[:-1] == 1
    assert later.mean() == pytest.approx(0.5, abs=0.06)


def test_no_point_and_more_than_ten_thousand():
    none = reference_points({"green": np.empty((0, 2), np.intp)}, UTM, 1)
    assert len(none) == 0
    assert list(none.columns) == [*COLUMNS, "cell_m", "cell", "geometry"]
    rows, columns = np.divmod(np.arange(10_001), 1000)
    many = reference_points({"green": np.column_stack([rows, columns])}, UTM, 1)
    assert many["point_id"].iloc[[0, -1]].tolist() == ["G00001", "G10001"]


def test_each_class_has_a_title():
    assert [class_title(w) for w in ("green", "lost", "bog")] == ["green", "lost", "bog"]
