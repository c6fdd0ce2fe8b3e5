"""Rasters on the map: held against GDAL's warp, and against what a browser would decode."""

from __future__ import annotations

import base64
from dataclasses import replace

import geopandas as gpd
import green_examples
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from rasterio.crs import CRS
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject

from jxgis.publish import pictures
from jxgis.publish.pictures import overlay, overlays
from jxgis.publish.png import png
from jxgis.publish.theme import PICTURE_COLOURS
from jxgis.results import Picture

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

GRIDS = {
    "utm": ("EPSG:32651", (10.0, 0.0, 254000.0, 0.0, -10.0, 3402000.0), 10.0),
    "cgcs2000": ("EPSG:4549", (10.0, 0.0, 571000.0, 0.0, -10.0, 3405000.0), 10.0),
    "turned": ("EPSG:32651", (8.0, 6.0, 254000.0, 6.0, -8.0, 3402000.0), 10.0),
    "degrees": ("EPSG:4326", (1e-4, 0.0, 120.7, 0.0, -1e-4, 30.8), 10.3),
    "mercator": ("EPSG:3857", (10.0, 0.0, 13436000.0, 0.0, -10.0, 3602000.0), 10.0),
}


def made(grid="utm", shape=(240, 310), seed=4):
    crs, transform, _cell = GRIDS[grid]
    pixels = np.random.default_rng(seed).integers(1, 4, shape).astype(np.uint8)
    return Picture("p", "P", pixels, crs, transform, green_examples.LEGEND)


def decoded(data):
    with MemoryFile(data) as memory, memory.open() as file:
        return file.read(1), file.colormap(1)


def drawn(own):
    """The codes of an overlay, and where they lie in Web Mercator."""
    data = base64.b64decode(own.image.removeprefix("data:image/png;base64,"))
    codes, _colours = decoded(data)
    west, south, east, north = own.bounds
    corners = gpd.GeoSeries.from_xy([west, east], [south, north], crs=4326).to_crs(3857)
    (x0, x1), (y0, y1) = corners.x, corners.y
    rows, columns = codes.shape
    return codes, Affine((x1 - x0) / columns, 0, x0, 0, (y0 - y1) / rows, y1)


def cell_places(picture, transform, shape):
    """Column and row, with fractions, of every pixel's centre in the picture."""
    v, u = np.mgrid[: shape[0], : shape[1]] + 0.5
    x, y = transform.c + transform.a * u, transform.f + transform.e * v
    x, y = pyproj.Transformer.from_crs(3857, picture.crs, always_xy=True).transform(x, y)
    a, b, c, d, e, f = picture.transform
    inverse = np.linalg.inv([[a, b], [d, e]])
    return np.einsum("ij,jkl->ikl", inverse, np.stack([x - c, y - f]))


@settings(deadline=None, max_examples=60)
@given(
    npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=19)),
    st.sampled_from([1, 3, 4, 15, 16, 255]),
)
def test_a_png_decodes_to_its_codes_in_their_colours(pixels, most):
    pixels = np.minimum(pixels, most).astype(np.uint8)
    colours = {1: "#112233", most: "#a0b0c0"}
    codes, palette = decoded(png(pixels, colours))
    np.testing.assert_array_equal(codes, pixels)
    for code in np.unique(pixels).tolist():
        wanted = colours.get(code, "#000000")
        assert palette[code] == (*bytes.fromhex(wanted[1:]), 255 if code in colours else 0)


@pytest.mark.parametrize("grid", GRIDS)
def test_each_pixel_is_the_cell_that_gdal_puts_there(grid):
    picture = made(grid)
    codes, transform = drawn(overlay(picture))
    wanted = np.zeros_like(codes)
    reproject(
        picture.pixels,
        wanted,
        src_transform=Affine(*picture.transform),
        src_crs=CRS.from_user_input(picture.crs),
        dst_transform=transform,
        dst_crs=CRS.from_epsg(3857),
        resampling=Resampling.nearest,
    )
    # GDAL moves most centres by up to an eighth of a cell; no other pixel differs.
    where = cell_places(picture, transform, codes.shape)
    near = (np.abs(where - np.round(where)) < 0.13).any(axis=0)
    assert not np.any((codes != wanted) & ~near)
    assert np.mean(codes != wanted) < 0.01


@pytest.mark.parametrize("grid", GRIDS)
def test_each_pixel_is_the_cell_that_its_centre_lies_in(grid):
    picture = made(grid)
    codes, transform = drawn(overlay(picture))
    columns, rows = np.floor(cell_places(picture, transform, codes.shape)).astype(int)
    height, width = picture.pixels.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    wanted = np.zeros_like(codes)
    wanted[inside] = picture.pixels[rows[inside], columns[inside]]
    # Straight lines between points 32 pixels apart bow a little.
    assert np.mean(codes != wanted) < 1e-4
    assert np.mean(codes > 0) > (0.45 if grid == "turned" else 0.9)


@pytest.mark.parametrize("grid", GRIDS)
def test_a_picture_lies_where_its_outline_lies_and_says_its_cell(grid):
    picture = made(grid)
    own = overlay(picture)
    rows, columns = picture.pixels.shape
    a, b, c, d, e, f = picture.transform
    u, v = np.array([0, columns, columns, 0]), np.array([0, 0, rows, rows])
    corners = shapely.Polygon(np.column_stack([a * u + b * v + c, d * u + e * v + f]))
    outline = gpd.GeoSeries([corners.segmentize(columns / 1e3)], crs=picture.crs).to_crs(4326)
    assert own.bounds == pytest.approx(outline.total_bounds.tolist(), abs=1.2e-4)
    assert own.cell_m == pytest.approx(GRIDS[grid][2], rel=0.01)


def test_a_large_picture_is_drawn_in_coarser_cells(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_SIDE", 100)
    own = overlay(made(shape=(50, 1000)))
    codes, _transform = drawn(own)
    assert codes.shape[1] == 100
    assert codes.shape[0] <= 8
    assert own.cell_m == pytest.approx(100.0, rel=0.03)


def test_what_is_transparent_around_a_picture_is_left_out():
    picture = made()
    wide = np.pad(picture.pixels, ((70, 30), (20, 110)))
    a, b, c, d, e, f = picture.transform
    transform = (a, b, c - 20 * a - 70 * b, d, e, f - 20 * d - 70 * e)
    assert (
        overlay(replace(picture, pixels=wide, transform=transform)).image == overlay(picture).image
    )


def test_a_code_that_no_legend_names_is_transparent():
    picture = replace(made(), legend={2: ("green", "Green")})
    codes, _transform = drawn(overlay(picture))
    assert set(np.unique(codes)) == {0, 2}
    assert overlay(picture).rows == [(PICTURE_COLOURS["green"], "Green")]


def test_a_picture_of_nothing_is_not_drawn():
    empty = replace(made(), pixels=np.zeros((5, 5), np.uint8))
    assert overlay(empty) is None
    assert [o.picture.name for o in overlays([empty, made()])] == ["p"]


def test_the_same_picture_gives_the_same_bytes():
    picture = made("turned")
    again = replace(picture, pixels=np.asfortranarray(picture.pixels))
    assert overlay(picture).image == overlay(again).image
