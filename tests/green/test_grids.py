"""Grids: areas of planes that are not true to area, and rasters that cannot be compared."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from scenes_made import (
    SUMMER,
    UTM,
    bands,
    built_up,
    canopy,
    figures,
    ground,
    image,
    land_cover,
    measured,
    patchy,
    polygons,
    raster,
    rasters,
    told,
)

from jxgis.errors import InputError
from jxgis.green import passes
from jxgis.green.change import change
from jxgis.green.cover import cover
from jxgis.green.grids import check_alike
from jxgis.green.passes import Sums, on_grid
from jxgis.green.trees import trees
from jxgis.rasters import Grid, Window

SHAPE = (140, 120)
LAND = patchy(SHAPE, 0.4, 1)
GEOD = pyproj.Geod(ellps="WGS84")
LON, LAT = 120.9, 31.3

PLANES = {
    "web mercator": pyproj.CRS(3857),
    "mercator": pyproj.CRS(3395),
    "cylindrical equal area": pyproj.CRS(6933),
    "azimuthal equal area": pyproj.CRS(3035),
    "utm": UTM,
}
# A UTM zone's plane is up to 0.08 % off there, and it is not corrected.
WITHIN = {"utm": 1e-3}


def grid_in(crs, cell=30.0, shape=SHAPE, lon=LON, lat=LAT):
    """Return a grid with its first corner at a place in degrees."""
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    return Grid(crs, (cell, 0.0, round(x), 0.0, -cell, round(y)), shape[1], shape[0])


def moved(shape, crs, to):
    """Return a shape in another CRS, its edges followed closely."""
    change_of = pyproj.Transformer.from_crs(crs, to, always_xy=True)
    return shapely.transform(
        shapely.segmentize(shape, 20.0), lambda c: np.column_stack(change_of.transform(*c.T))
    )


def on_ellipsoid(shape, crs):
    dense = shapely.orient_polygons(moved(shape, crs, 4326))
    return GEOD.geometry_area_perimeter(dense)[0]


def placed(grid, *shapes):
    """Put shapes in columns and rows on the ground, in the plane of the grid."""
    return [shapely.transform(own, grid.to_ground) for own in shapes]


SHAPES = (
    shapely.box(10.5, 20.5, 60.2, 110.1),
    shapely.Point(70.3, 60.2).buffer(40.1).difference(shapely.Point(66, 60).buffer(15)),
    shapely.box(-30, 90, 50, 170),  # partly beyond the raster
)


@pytest.mark.parametrize("plane", PLANES)
def test_areas_are_those_of_the_ellipsoid(plane):
    crs = PLANES[plane]
    # The equal-area plane of Europe shears so far from it, but stays true to area.
    grid = grid_in(crs)
    shapes = placed(grid, *SHAPES)
    areas = [on_ellipsoid(own, crs) for own in shapes]
    metric = [moved(own, crs, UTM) for own in shapes]
    layer = rasters("imagery", raster(bands(np.ones(SHAPE, bool)), grid=grid))
    zones = polygons("zones", metric, zone_id=list("abc"), zone=list("abc"))
    found = measured(cover, layer, zones)
    rows = found.by_zone
    within = WITHIN.get(plane, 1e-4)
    assert rows["area_m2"].tolist() == pytest.approx(areas, rel=within)
    assert rows["green_area_m2"].tolist()[:2] == pytest.approx(areas[:2], rel=within)
    assert rows["green_share"].tolist() == pytest.approx([1, 1, 1])
    assert len(told(found, "note", "areas on the raster are those of")) == 1


@pytest.mark.parametrize("plane", PLANES)
def test_rows_are_weighted_by_the_area_of_their_cells(plane):
    crs = PLANES[plane]
    grid = grid_in(crs, cell=900.0, shape=(140, 120))  # over a degree of latitude
    shapes = placed(grid, *SHAPES[:2])
    lines = on_grid(shapes, crs, grid)
    sums = Sums(lines, grid, 1)
    for row in range(0, 140, 50):
        window = Window(row, 0, min(50, 140 - row), 120)
        sums.add(sums.of(window, [LAND[row : row + window.rows]]))
    per_row = grid.cell_areas_m2(0, 140)
    left, bottom = grid.to_ground(np.array([[0.0, 140.0]]))[0]
    right, top = grid.to_ground(np.array([[120.0, 0.0]]))[0]
    source = NumPyRasterSource(
        LAND * per_row[:, None], left, bottom, right, top, srs_wkt=crs.to_wkt()
    )
    frame = built_up(*shapes).data.set_crs(crs, allow_override=True)
    expected = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
    assert sums.square_metres()[0].tolist() == pytest.approx(expected.tolist(), rel=1e-6)


def test_web_mercator_in_closed_form():
    grid = grid_in(PLANES["web mercator"], cell=900.0)
    latitude = np.arctan(np.sinh((grid.transform[5] - 900.0 * (np.arange(140) + 0.5)) / 6378137))
    squared = PLANES["web mercator"].ellipsoid.inverse_flattening ** -1
    squared *= 2 - squared
    bent = 1 - squared * np.sin(latitude) ** 2
    exact = 900.0**2 * np.cos(latitude) ** 2 * (1 - squared) / bent**2
    np.testing.assert_allclose(grid.cell_areas_m2(0, 140), exact, rtol=1e-8)
    assert exact[0] < 0.74 * 900.0**2  # the plane's own are a third too large


def test_the_same_numbers_however_the_rows_are_cut_up(monkeypatch):
    grid = grid_in(PLANES["web mercator"])
    layer = rasters("imagery", raster(bands(LAND), grid=grid))
    (own,) = placed(grid, SHAPES[1])
    place = built_up(moved(own, PLANES["web mercator"], UTM))
    answers = set()
    for cells in (1, 700, 10**7):
        monkeypatch.setattr(passes, "_STRIP_CELLS", cells)
        monkeypatch.setattr(passes, "_STRIP_ROWS", 1)
        answers.add(json.dumps(measured(cover, layer, place).to_json(), allow_nan=False))
    assert len(answers) == 1


@pytest.mark.parametrize("plane", PLANES)
def test_shares_do_not_depend_on_the_plane(plane):
    grid = grid_in(PLANES[plane])
    shapes = placed(grid, *SHAPES[:2])
    layer = rasters("imagery", raster(bands(LAND), grid=grid))
    area = [moved(own, PLANES[plane], UTM) for own in shapes]
    zones = polygons("zones", area, zone_id=list("ab"), zone=list("ab"))
    shares = measured(cover, layer, zones).by_zone["green_share"]
    for share, own in zip(shares, shapes, strict=True):
        source = NumPyRasterSource(
            LAND.astype(float), 0, 0, SHAPE[1], SHAPE[0], srs_wkt=UTM.to_wkt()
        )
        pixels = shapely.transform(own, grid.to_pixels)
        flat = shapely.transform(pixels, lambda uv: np.column_stack([uv[:, 0], 140 - uv[:, 1]]))
        (mean,) = exact_extract(source, built_up(flat).data, ["mean"], output="pandas")["mean"]
        assert share == pytest.approx(mean, abs=2e-5)


def test_what_is_said_of_the_areas():
    layer = rasters("imagery", raster(bands(LAND), grid=grid_in(PLANES["web mercator"])))
    place = built_up(moved(*placed(layer.rasters[0].grid, SHAPES[0]), PLANES["web mercator"], UTM))
    (said,) = told(measured(cover, layer, place), "note", "areas on the raster")
    assert said.reason.endswith("are those of its cells on the ellipsoid, row by row")
    layer, grid = image(LAND), raster(bands(LAND)).grid
    (said,) = told(measured(cover, layer, built_up(ground(SHAPES[0]))), "note", "areas on the")
    corners = np.array([[0.0, 0.0], [120.0, 140.0]])
    exact = pyproj.Proj(UTM)
    scales = [
        exact.get_factors(*exact(*xy, inverse=True)).areal_scale
        for xy in grid.to_ground(corners).tolist()
    ]
    assert f"there {min(scales) - 1:+.3%} to {max(scales) - 1:+.3%} off" in said.reason


FAR = pyproj.CRS("+proj=tmerc +lon_0=105 +k=1 +x_0=500000 +ellps=GRS80 +units=m")


@pytest.mark.parametrize(
    ("crs", "cell"),
    [(FAR, 900.0), (pyproj.CRS(2154), 3000.0)],  # off its meridian; off its parallels
    ids=["transverse", "conic"],
)
def test_a_plane_that_is_uneven_within_a_row_is_refused(crs, cell):
    grid = grid_in(crs, cell)
    place = built_up(ground(SHAPES[0]))
    one = raster(bands(LAND), grid=grid)
    for measure, layer in (
        (cover, rasters("imagery", one)),
        (cover, land_cover(np.where(LAND, 2, 3), grid=grid)),
        (trees, canopy(np.where(LAND, 40, 0), grid=grid)),
    ):
        with pytest.raises(InputError, match=r"areas in its .* are \+\d.*% to \+.*% off") as caught:
            measured(measure, layer, place)
        assert caught.value.layer == layer.name
        assert "UTM zone" in caught.value.mend


def test_a_small_scene_off_the_meridian_is_even_enough():
    grid = grid_in(FAR)
    (own,) = placed(grid, SHAPES[0])
    layer = rasters("imagery", raster(bands(np.ones(SHAPE, bool)), grid=grid))
    found = measured(cover, layer, built_up(moved(own, FAR, UTM)))
    m2 = figures(found)["it"].numerator
    assert m2 == pytest.approx(on_ellipsoid(own, FAR), rel=1e-3)
    assert own.area > 1.04 * m2


def test_a_raster_beyond_what_its_projection_shows_is_refused():
    globe = pyproj.CRS("+proj=ortho +lat_0=0 +lon_0=0 +ellps=WGS84")
    grid = Grid(globe, (1000.0, 0.0, 6.3e6, 0.0, -1000.0, 6.3e6), 120, 140)
    layer = rasters("imagery", raster(bands(LAND), grid=grid))
    with pytest.raises(InputError, match="shows no place on earth"):
        measured(cover, layer, built_up(ground(SHAPES[0])))


def two(**second):
    one, other = raster(bands(LAND), name="july.tif"), raster(bands(LAND), name="august.tif")
    return one, replace(other, date=dt.date(2023, 8, 20), **second)


@pytest.mark.parametrize("first_assumed", [False, True])
def test_scalings_that_are_known_and_assumed_are_not_mixed(first_assumed):
    pair = two(settled=False)
    pair = pair[::-1] if first_assumed else pair
    place = built_up(ground(SHAPES[0]))
    problem = "scale and offset of august.tif are only assumed"
    with pytest.raises(InputError, match=problem) as caught:
        measured(cover, rasters("imagery", *pair), place)
    assert "baseline =" in caught.value.mend
    late, early = (
        rasters(kind, replace(own, date=date))
        for kind, own, date in zip(
            ("imagery", "imagery_before"), pair, (SUMMER, dt.date(2021, 7, 20)), strict=True
        )
    )
    with pytest.raises(InputError, match=problem):
        measured(change, late, early, place)
    check_alike([replace(own, settled=False) for own in pair], "imagery")
    check_alike([replace(own, settled=True) for own in pair], "imagery")


def test_surface_and_top_of_the_atmosphere_are_not_mixed():
    one, other = two(level="top")
    place = built_up(ground(SHAPES[0]))
    layer = rasters("imagery", replace(one, level="surface"), other)
    with pytest.raises(InputError, match="some of the imagery is reflectance at the surface"):
        measured(cover, layer, place)
    measured(cover, rasters("imagery", one, other), place)  # nothing tells of the one
    measured(cover, rasters("imagery", replace(one, level="top"), other), place)


def shifted(grid, east, cell=0.0):
    a, b, c, d, e, f = grid.transform
    return replace(grid, transform=(a + cell, b, c + east, d, e - cell, f))


@pytest.mark.parametrize("east", [1e-9, -1e-9, 0.005])
def test_grids_that_differ_by_rounding_are_one(east):
    one = raster(bands(LAND))
    layer = rasters("imagery", one, replace(one, grid=shifted(one.grid, east), date=SUMMER))
    place = built_up(ground(SHAPES[0]))
    assert figures(measured(cover, layer, place)) == figures(
        measured(cover, rasters("imagery", one, replace(one, date=SUMMER)), place)
    )
    check_alike([one, replace(one, grid=shifted(one.grid, 0, 1e-9))], "imagery")


@pytest.mark.parametrize(
    ("east", "cell", "shown"),
    [(5.0, 0.0, "300005,"), (0.02, 0.0, "300000.02,"), (0.0, 1e-4, "10.0001 × 10.0001 from")],
)
def test_grids_that_lie_off_each_other_are_told_apart(east, cell, shown):
    one, other = two(grid=shifted(raster(bands(LAND)).grid, east, cell))
    with pytest.raises(InputError, match=r"july.tif and august.tif are on diff") as caught:
        check_alike([one, other], "imagery")
    first, second = caught.value.problem.split(", and ")
    assert shown in second
    assert shown not in first
