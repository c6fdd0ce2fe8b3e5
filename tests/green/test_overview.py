"""The map as a picture: the codes of the cells inside, at their places, however it is read."""

import numpy as np
import pytest
import shapely
from scenes_made import (
    NORTH,
    SUMMER,
    UTM,
    WEST,
    box,
    built_up,
    canopy,
    grid_of,
    ground,
    image,
    measured,
    patchy,
    polygons,
    zones,
)

from jxgis.green import overview, passes
from jxgis.green.change import change
from jxgis.green.cover import GREEN, OTHER, UNSEEN, cover
from jxgis.green.overview import Overview
from jxgis.green.passes import Strip, on_grid
from jxgis.green.trees import trees
from jxgis.rasters import Grid, Window

SHAPE = (120, 100)
LAWN = patchy(SHAPE, 0.4, 1)
SEEN = np.random.default_rng(2).random(SHAPE) < 0.9
_OUTLINE = shapely.Point(48.2, 61.7).buffer(37.4).difference(shapely.Point(40, 60).buffer(9.3))
AREA = built_up(ground(_OUTLINE))
CODES = np.where(SEEN, np.where(LAWN, GREEN, OTHER), UNSEEN)


def middles():
    row, column = np.indices(SHAPE)
    return shapely.contains_xy(_OUTLINE, column + 0.5, row + 0.5)


@pytest.fixture(params=[1, 900, 10**7])
def strips(request, monkeypatch):
    monkeypatch.setattr(passes, "_STRIP_CELLS", request.param)
    monkeypatch.setattr(passes, "_STRIP_ROWS", 1)


def picture(measure, *layers):
    (found,) = measured(measure, *layers, drawings=True).pictures
    return found


@pytest.mark.usefixtures("strips")
def test_each_cell_inside_has_its_code():
    found = picture(cover, image(LAWN, SEEN), AREA)
    top, left = 24, 10
    rows, columns = found.pixels.shape
    expected = np.where(middles(), CODES, 0)[top : top + rows, left : left + columns]
    assert (rows, columns) == (76, 76)
    assert (found.pixels == expected).all()
    assert found.transform == (10.0, 0.0, WEST + 10 * left, 0.0, -10.0, NORTH - 10 * top)
    assert found.crs == "EPSG:32651"
    assert {code: look for code, (look, _label) in found.legend.items()} == {
        GREEN: "green",
        OTHER: "not_green",
        UNSEEN: "unseen",
    }


@pytest.mark.usefixtures("strips")
@pytest.mark.parametrize("most", [40, 30, 7])
def test_a_large_map_is_thinned_out(most, monkeypatch):
    monkeypatch.setattr(overview, "MOST_CELLS", most)
    found = picture(cover, image(LAWN, SEEN), AREA)
    step = -(-76 // most)
    rows, columns = found.pixels.shape
    assert max(rows, columns) <= most
    row, column = np.indices(found.pixels.shape)
    whole = np.where(found.pixels > 0)
    own_row = np.clip(24 + row * step + step // 2, 0, SHAPE[0] - 1)
    own_column = np.clip(10 + column * step + step // 2, 0, SHAPE[1] - 1)
    assert (found.pixels[whole] == CODES[own_row, own_column][whole]).mean() > 0.97
    assert found.title.endswith(f" (one cell in {step}, to look at and not to measure)")
    assert found.transform[0] == 10.0 * step
    assert found.transform[2:6] == (WEST + 100, 0.0, -10.0 * step, NORTH - 240)


@pytest.mark.parametrize(("side", "one_in"), [(4096, 1), (4097, 2), (8193, 3)])
def test_a_map_of_more_than_4096_cells_a_side_says_that_it_is_thinned_out(side, one_in):
    grid = grid_of((8, side))
    window = Window(0, 0, 8, side)
    found = Overview(on_grid([box(0, 0, side, 8)], UTM, grid), grid)
    codes = np.full(window[2:], GREEN, np.uint8)
    found.add(found.part(Strip(window, codes, codes > 0), codes))
    drawn = found.picture("map", "Green", {GREEN: ("green", "green")})
    said = f" (one cell in {one_in}, to look at and not to measure)" if one_in > 1 else ""
    assert drawn.title == "Green" + said
    assert drawn.pixels.shape == (-(-8 // one_in), -(-side // one_in))
    assert drawn.transform[0] == 10.0 * one_in


@pytest.mark.usefixtures("strips")
def test_sites_beyond_the_area_do_not_move_it():
    layers = image(LAWN, SEEN), AREA
    plain = picture(cover, *layers)
    north = polygons("pv", [box(20, 2, 30, 8), box(70, 90, 95, 115)])
    assert (picture(cover, *layers, north).pixels == plain.pixels).all()


@pytest.mark.usefixtures("strips")
def test_trees_and_changes_are_drawn_where_they_are():
    percent = np.where(LAWN, 60, 0).astype(np.uint8)
    whole = zones(a=ground(_OUTLINE))
    found = picture(trees, canopy(percent, SEEN), whole)
    inner = np.s_[24:100, 10:86]
    inside = middles()[inner]
    wooded = np.isin(found.pixels, [1, 2])
    assert (wooded == (LAWN & SEEN)[inner] * inside).all()
    assert ((found.pixels == 4) == (~SEEN[inner] & inside)).all()
    then = image(LAWN[::-1], kind="imagery_before", date=SUMMER.replace(year=2020))
    own = picture(change, image(LAWN, SEEN), then, whole)
    assert ((own.pixels == 5) == (~SEEN[inner] & inside)).all()
    kept = (LAWN & LAWN[::-1] & SEEN)[inner] & inside
    assert (own.pixels[kept] == 3).all()
    gained = own.pixels == 1
    assert gained.any()
    assert (LAWN & ~LAWN[::-1])[inner][gained].all()


def test_an_area_partly_beyond_the_raster():
    found = picture(cover, image(LAWN, SEEN), built_up(box(-20, -30, 40, 50)))
    assert (found.pixels == CODES[:50, :40]).all()
    assert found.transform[2] == WEST
    assert found.transform[5] == NORTH


def test_a_crs_without_a_code_is_written_out():
    crs = type(UTM)("+proj=tmerc +lon_0=120.75 +k=1 +x_0=500000 +ellps=GRS80")
    grid = Grid(crs, grid_of(SHAPE).transform, SHAPE[1], SHAPE[0])
    lines = on_grid([box(5, 5, 10, 10)], UTM, grid_of(SHAPE))
    found = Overview(lines, grid)
    window = Window(0, 0, 120, 100)
    found.add(found.part(Strip(window, LAWN, SEEN), CODES.astype(np.uint8)))
    drawn = found.picture("map", "Map", {GREEN: ("green", "green")})
    assert drawn.crs.startswith("PROJCRS")
    assert (drawn.pixels == CODES[5:10, 5:10]).all()
