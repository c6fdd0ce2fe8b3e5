"""One pass over rasters: the same numbers, bit for bit, however it is cut up and by how many."""

import datetime as dt
import itertools
import json
import threading
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from scenes_made import (
    SUMMER,
    UTM,
    bands,
    box,
    built_up,
    canopy,
    figures,
    ground,
    image,
    measured,
    patchy,
    polygons,
    raster,
    rasters,
    zones,
)

from jxgis.errors import InputError
from jxgis.green import passes
from jxgis.green.change import change
from jxgis.green.cover import cover
from jxgis.green.passes import areas_on_grid, each, on_grid, windows
from jxgis.green.trees import trees
from jxgis.rasters import Grid, Window

SHAPE = (140, 90)
LAND = patchy(SHAPE, 0.4, 1)
BEFORE = LAND ^ (np.random.default_rng(4).random(SHAPE) < 0.1)
SEEN = np.random.default_rng(5).random(SHAPE) < 0.9
CROWNS = np.where(LAND, np.random.default_rng(6).integers(0, 101, SHAPE), 3).astype(np.uint8)
PLACES = zones(
    round=ground(
        shapely.Point(40.3, 60.7).buffer(38.2).difference(shapely.Point(44, 66).buffer(9))
    ),
    small=box(70.31, 120.17, 72.89, 122.753),
)
YEAR = dt.timedelta(days=365)


def scenes(block):
    early = image(BEFORE, kind="imagery_before", date=SUMMER - YEAR, block=block)
    return {
        cover: (image(LAND, SEEN, block=block), polygons("pv", [box(30, 50, 44, 61)])),
        trees: (canopy(CROWNS, SEEN, block=block),),
        change: (image(LAND, SEEN, block=block), early),
    }


def written(measure, block=(16, 16)):
    result = measured(measure, *scenes(block)[measure], PLACES, drawings=True)
    pixels = result.pictures[0].pixels
    return json.dumps(result.to_json(), allow_nan=False), pixels.shape, pixels.tobytes()


@pytest.mark.parametrize("measure", [cover, trees, change])
def test_the_same_whatever_the_blocks_strips_and_workers(measure, monkeypatch):
    whole = written(measure)
    for strip_cells, strip_rows, block, workers in (
        (1, 1, (1, 90), 1),
        (1, 1, (7, 13), 3),
        (1000, 8, (512, 512), 2),
        (3000, 1, (5, 5), 8),
        (10**9, 64, (16, 16), None),
    ):
        monkeypatch.setattr(passes, "_STRIP_CELLS", strip_cells)
        monkeypatch.setattr(passes, "_STRIP_ROWS", strip_rows)
        monkeypatch.setattr(passes, "_CHUNK_CELLS", 90 * strip_rows)
        monkeypatch.setattr(passes.os, "cpu_count", lambda workers=workers: workers)
        assert written(measure, block) == whole


def lines_of(*shapes):
    grid = raster(bands(LAND)).grid
    return on_grid(list(shapes), UTM, grid)


@pytest.mark.parametrize("block", [1, 7, 16, 200])
@pytest.mark.parametrize("margin", [0, 6, 30])
@pytest.mark.parametrize("most", [1, 2000, 10**7])
def test_windows_follow_each_other_and_reach_all(block, margin, most, monkeypatch):
    monkeypatch.setattr(passes, "_STRIP_CELLS", most)
    monkeypatch.setattr(passes, "_STRIP_ROWS", 1)
    one = raster(bands(LAND), block=(block, block))
    found = windows([one], lines_of(box(10.5, 20.5, 30.2, 100.1)), margin)
    assert found[0].row == max(20 - margin, 0)
    assert found[-1].row + found[-1].rows == min(101 + margin, SHAPE[0])
    for own, following in itertools.pairwise(found):
        assert own.row + own.rows == following.row
    for own in found[1:-1]:
        assert own.rows >= margin
        assert own.row % own.rows == 0
        assert own.rows % block == 0 or most < 10**7
    assert {(own.column, own.columns) for own in found} == {
        (max(10 - margin, 0), min(31 + margin, 90) - max(10 - margin, 0))
    }


def test_nothing_is_read_that_is_not_reached():
    one = raster(bands(LAND))
    assert windows([one], lines_of(box(-20, 5, -1, 50))) == []
    assert windows([one], lines_of(box(5, 141, 50, 160))) == []
    assert windows([one], lines_of()) == []


@pytest.mark.parametrize(("columns", "fits"), [(7501, True), (7502, False)])
def test_cells_too_fine_for_patches_are_refused(columns, fits):
    # At half a metre a mu has 2667 cells; nothing is read.
    grid = Grid(UTM, (0.5, 0.0, 300_000.0, 0.0, -0.5, 3_400_000.0), 20_000, 20_000)
    one = replace(raster(bands(LAND), name="fine.tif"), grid=grid)
    lines = on_grid([box(0, 0, columns - 2666, 20_000, 0.5)], UTM, grid)
    if fits:
        assert {own.columns for own in windows([one], lines, 2666)} == {columns}
        return
    assert windows([one], lines)
    with pytest.raises(InputError, match="so fine that a patch has 2,667 of them") as caught:
        windows([one], lines, 2666)
    assert caught.value.layer == "fine.tif"
    assert "Resample it" in caught.value.mend


def test_cells_too_fine_are_said_by_the_measures_that_tell_patches():
    grid = Grid(UTM, (0.05, 0.0, 300_000.0, 0.0, -0.05, 3_400_000.0), 9_000, 9_000)
    place = zones(a=box(0, 0, 450, 450, 1.0))
    late, early = (
        replace(own, rasters=(replace(own.rasters[0], grid=grid),))
        for own in (image(LAND), image(BEFORE, kind="imagery_before", date=SUMMER - YEAR))
    )
    crowns = canopy(CROWNS, grid=grid)
    for measure, layers in ((change, (late, early)), (trees, (crowns,))):
        with pytest.raises(InputError, match="so fine that a patch has 266,667 of them"):
            measured(measure, *layers, place)


def test_a_small_raster_of_fine_cells_is_measured():
    fine = np.kron(LAND[:40, :30], np.ones((50, 50), bool))  # 0.2 m: a patch has 16 667 cells
    grid = Grid(UTM, (0.2, 0.0, 300_000.0, 0.0, -0.2, 3_400_000.0), 1500, 2000)
    layer = canopy(np.where(fine, 40, 0).astype(np.uint8), grid=grid)
    found, coarse = (
        figures(measured(trees, own, zones(a=box(0, 0, 30, 40))))
        for own in (layer, canopy(np.where(LAND[:40, :30], 40, 0)))
    )
    assert found["it-forest"].value == pytest.approx(coarse["it-forest"].value)


def test_each_thread_opens_its_own_and_closes_it():
    open_now, threads = [], []

    @contextmanager
    def opened():
        own = threading.get_ident()
        open_now.append(own)
        threads.append(own)

        def read(window):
            assert threading.get_ident() == own
            return {"seen": np.full(window[2:], window.row)}

        yield read
        open_now.remove(own)

    one = replace(raster(bands(LAND)), opened=opened)
    places = [Window(row, 0, 1, 5) for row in range(140)]
    found = list(each([one], places, lambda window, cells: (window.row, cells[0]["seen"][0, 0])))
    assert found == [(row, row) for row in range(140)]
    assert not open_now
    assert len(set(threads)) == len(threads)


def test_what_goes_wrong_in_a_thread_is_raised_and_nothing_hangs():
    def fails(window, _cells):
        if window.row == 30:
            raise ValueError("row 30")
        return window.row

    one = raster(bands(LAND))
    places = [Window(row, 0, 1, 5) for row in range(140)]
    found = each([one], places, fails)
    assert [next(found) for _n in range(30)] == list(range(30))
    with pytest.raises(ValueError, match="row 30"):
        next(found)

    @contextmanager
    def opened():
        raise OSError("cannot be opened")
        yield

    with pytest.raises(OSError, match="cannot be opened"):
        list(each([replace(one, opened=opened)], places, lambda *_both: None))


def test_it_can_be_left_in_the_middle():
    found = each([raster(bands(LAND))], [Window(r, 0, 1, 5) for r in range(140)], lambda w, _c: w)
    assert next(found).row == 0
    found.close()
    assert threading.active_count() < 20


STEP = 1 / 12_000
DEGREES = Grid(pyproj.CRS(4326), (STEP, 0.0, 120.5, 0.0, -STEP, 30.8), 90, 140)


def test_on_a_grid_in_degrees_areas_are_those_of_the_ellipsoid():
    geod = pyproj.Geod(ellps="WGS84")
    degrees = [
        shapely.box(120.5 + 10 * STEP, 30.8 - 50 * STEP, 120.5 + 40 * STEP, 30.8 - 20 * STEP),
        shapely.Point(120.5 + 40 * STEP, 30.8 - 80 * STEP).buffer(20.3 * STEP),
        shapely.box(120.49, 30.79, 120.6, 30.795),
    ]
    to_metric = pyproj.Transformer.from_crs(4326, UTM, always_xy=True)

    def metric(shape):
        dense = shapely.segmentize(shape, STEP)
        return shapely.transform(dense, lambda c: np.column_stack(to_metric.transform(*c.T)))

    shapes = [metric(own) for own in degrees]
    dense = [shapely.segmentize(own, STEP / 4) for own in degrees]
    areas = [abs(geod.geometry_area_perimeter(shapely.reverse(own))[0]) for own in dense]
    found = areas_on_grid(on_grid(shapes, UTM, DEGREES), DEGREES)
    assert found.tolist() == pytest.approx(areas, rel=1e-6)
    layer = rasters("imagery", replace(raster(bands(np.ones(SHAPE, bool))), grid=DEGREES))
    rows = measured(cover, layer, polygons("zones", shapes, zone_id=list("abc"), zone=list("abc")))
    assert rows.by_zone["area_m2"].tolist() == pytest.approx(areas, rel=1e-6)
    assert rows.by_zone["green_area_m2"].tolist()[:2] == pytest.approx(areas[:2], rel=1e-6)
    assert rows.by_zone["green_share"].tolist() == pytest.approx([1, 1, 1])


def test_a_mask_on_a_grid_in_degrees_is_weighted_by_the_area_of_its_cells():
    layer = rasters("imagery", replace(raster(bands(LAND)), grid=DEGREES))
    geod = pyproj.Geod(ellps="WGS84")
    tops = 30.8 - STEP * np.arange(140)
    cells = [
        abs(geod.geometry_area_perimeter(shapely.box(120.5, top - STEP, 120.5 + STEP, top))[0])
        for top in tops
    ]
    around = shapely.box(120.4, 30.7, 120.6, 30.9)
    to_metric = pyproj.Transformer.from_crs(4326, UTM, always_xy=True)
    area = shapely.transform(around, lambda c: np.column_stack(to_metric.transform(*c.T)))
    found = figures(measured(cover, layer, built_up(area)))["it"]
    assert found.numerator == pytest.approx((LAND.sum(axis=1) * cells).sum(), rel=1e-7)
    assert found.denominator == pytest.approx(90 * np.sum(cells), rel=1e-7)


def test_long_edges_bend_between_projections():
    corners = (400_000, 3_350_000), (460_000, 3_350_000), (400_000, 3_420_000)
    large = shapely.Polygon(corners)
    grid = raster(bands(LAND)).grid
    crs = pyproj.CRS(4549)
    dense = shapely.segmentize(large, 100.0)
    found, exact = (areas_on_grid(on_grid([s], crs, grid), grid)[0] for s in (large, dense))
    assert abs(found - exact) < 1e-5 * large.length


def test_polygons_of_another_crs_go_to_the_grid():
    to_other = pyproj.Transformer.from_crs(UTM, 4549, always_xy=True)
    area = ground(shapely.Point(40.3, 60.7).buffer(33.2))
    there = shapely.transform(area, lambda c: np.column_stack(to_other.transform(*c.T)))
    layer = built_up(area)
    other = replace(layer, data=layer.data.set_geometry([there], crs=4549))
    own, moved = (figures(measured(cover, image(LAND), one))["it"] for one in (layer, other))
    assert moved.numerator == pytest.approx(own.numerator, rel=1e-9)
    assert moved.denominator == pytest.approx(own.denominator, rel=1e-9)
