from __future__ import annotations

import green_examples
import numpy as np
import pytest
import rasterio

from jxgis.publish.geotiff import write_geotiff
from jxgis.publish.theme import PICTURE_COLOURS


@pytest.fixture(scope="module")
def picture():
    return green_examples.picture(200.0)


def test_the_cells_come_back_on_their_own_grid_in_the_colours_of_the_map(tmp_path, picture):
    write_geotiff(tmp_path / "p.tif", picture)
    with rasterio.open(tmp_path / "p.tif") as file:
        np.testing.assert_array_equal(file.read(1), picture.pixels)
        assert file.crs.to_epsg() == 32651
        assert tuple(file.transform)[:6] == picture.transform
        assert (file.nodata, file.profile["compress"]) == (0, "deflate")
        for code, (look, label) in picture.legend.items():
            assert file.colormap(1)[code][:3] == tuple(bytes.fromhex(PICTURE_COLOURS[look][1:]))
            assert file.tags(1)[f"code_{code}"] == label
        assert file.descriptions == ("Green cover",)
    assert (tmp_path / "p.tif").stat().st_size < picture.pixels.size / 4


def test_the_same_picture_gives_the_same_bytes(tmp_path, picture):
    for name in ("a.tif", "b.tif"):
        write_geotiff(tmp_path / name, picture)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {"a.tif", "b.tif"}
