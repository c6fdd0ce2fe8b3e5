"""Imagery that cannot be used: one sentence each, that names the file and says how to mend it."""

import datetime as dt
import json
from fractions import Fraction

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scenes import CRS, LOSSLESS, NORTH, WEST, cells, numbers, spec, write

from jxgis.errors import InputError, NoCrsError
from jxgis.rasters import Scaling, Window
from jxgis.sources import imagery

SHAPE = (40, 60)


@pytest.fixture
def folder(tmp_path):
    """A folder with red.tif, and nir.tif to be written over."""
    for name in ("red", "nir"):
        write(tmp_path / f"{name}.tif", numbers(SHAPE, 1))
    return tmp_path


def read(folder, red="red.tif", nir="nir.tif", **more):
    bands = {"red": (red,), "nir": (nir,)}
    if (folder / "quality.tif").exists():
        bands["quality"] = ("quality.tif",)
    return imagery.read(spec(folder, bands=bands, **more))


@pytest.mark.parametrize(
    ("shape", "more", "said"),
    [
        ((40, 61), {}, "it has 61 × 40 cells, and red.tif 60 × 40"),
        ((20, 30), {"side": 20}, "it has 30 × 20 cells, and red.tif 60 × 40"),
        (SHAPE, {"at": (1, 0)}, "its cells do not lie where those of red.tif lie"),
        (SHAPE, {"at": (0, 0.5)}, "its cells do not lie where those of red.tif lie"),
        (SHAPE, {"side": 10.01}, "its cells do not lie where those of red.tif lie"),
        (SHAPE, {"crs": "EPSG:32650"}, "its coordinate system is WGS 84 / UTM zone 50N, and"),
    ],
)
def test_bands_on_two_grids(folder, shape, more, said):
    write(folder / "nir.tif", numbers(shape, 2), **more)
    with pytest.raises(InputError) as caught:
        read(folder)
    assert said in caught.value.problem
    assert caught.value.file == "nir.tif"
    assert caught.value.layer == "imagery"


def test_bands_of_two_dates(folder):
    for name, date in (("red", "2019-08-03"), ("nir", "2017-07-24")):
        write(folder / f"{name}.tif", numbers(SHAPE, 1), tags={"ACQUISITION_DATE": date})
    for as_of in (None, dt.date(2019, 8, 3)):
        with pytest.raises(InputError, match=r"taken on 2017-07-24, and red\.tif on 2019-08-03"):
            read(folder, as_of=as_of)


def test_a_file_that_is_not_there_or_no_raster(folder):
    with pytest.raises(InputError, match="there is no such file") as caught:
        read(folder, nir="NIR.tif")
    assert "There is nir.tif" in caught.value.mend
    (folder / "nir.tif").write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read(folder)
    (folder / "nir.tif").write_text("name,x,y\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read") as caught:
        read(folder)
    assert caught.value.file == "nir.tif"


def test_a_band_that_is_not_there_or_not_named(folder):
    write(folder / "nir.tif", numbers(SHAPE, 1), numbers(SHAPE, 2))
    with pytest.raises(InputError, match=r'it holds 2 bands\. Name one, as in "nir\.tif:1"'):
        read(folder)
    for band in ("3", "0", "x"):
        with pytest.raises(InputError, match=f"there is no band {band} in it"):
            read(folder, nir=f"nir.tif:{band}")


def test_complex_numbers(folder):
    write(folder / "nir.tif", numbers(SHAPE, 1).astype("complex64"))
    with pytest.raises(InputError, match="are complex numbers"):
        read(folder)


def test_no_crs_until_the_plan_gives_it(folder):
    for name in ("red", "nir"):
        write(folder / f"{name}.tif", numbers(SHAPE, 1), crs=None)
    with pytest.raises(NoCrsError) as caught:
        read(folder)
    assert "crs =" in caught.value.mend
    assert read(folder, crs=CRS).rasters[0].grid.crs.to_epsg() == 32651


def test_rasters_that_lie_nowhere_or_askew(folder):
    with pytest.warns(NotGeoreferencedWarning):
        write(folder / "red.tif", numbers(SHAPE, 1), transform=rasterio.Affine.identity())
    with pytest.raises(InputError, match="does not say where its cells lie"):
        read(folder)
    askew = rasterio.Affine(1e-4, 1e-5, 120.7, 1e-5, -1e-4, 30.8)
    write(folder / "red.tif", numbers(SHAPE, 1), transform=askew, crs="EPSG:4326")
    with pytest.raises(InputError, match="do not run along the parallels"):
        read(folder)


def test_a_rotated_grid_in_metres_is_read(folder):
    turned = rasterio.Affine(8, 6, WEST, 6, -8, NORTH)
    for name in ("red", "nir"):
        write(folder / f"{name}.tif", numbers(SHAPE, 1), transform=turned)
    assert read(folder).rasters[0].grid.transform == (8, 6, WEST, 6, -8, NORTH)


@pytest.mark.parametrize("compress", [None, "deflate"])
def test_a_truncated_file_names_the_rows_and_columns(folder, compress):
    values = numbers((256, 256), 1)
    for name in ("red", "nir"):
        path = write(
            folder / f"{name}.tif",
            values,
            tiled=True,
            blockxsize=64,
            blockysize=64,
            compress=compress,
        )
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    (raster,) = read(folder).rasters
    assert (cells(raster, Window(0, 0, 64, 64))["nir"] == values[:64, :64]).all()
    with pytest.raises(InputError) as caught:
        cells(raster, Window(192, 128, 64, 64))
    assert str(caught.value) == (
        "nir.tif, layer imagery: rows 192 to 255, columns 128 to 191 cannot be read: the file is "
        "truncated or damaged. Fetch it again."
    )


def test_of_a_whole_truncated_file_the_first_bad_block_is_named(folder):
    for name in ("red", "nir"):
        path = write(
            folder / f"{name}.tif", numbers((200, 150), 1), tiled=True, blockxsize=64, blockysize=64
        )
    path.write_bytes(path.read_bytes()[:-100])
    (raster,) = read(folder).rasters
    with pytest.raises(InputError, match="rows 192 to 199, columns 128 to 149 cannot be read"):
        cells(raster)


def test_a_truncated_jpeg_2000(folder):
    path = write(folder / "nir.tif", numbers(SHAPE, 1), **LOSSLESS)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (raster,) = read(folder).rasters
    with pytest.raises(InputError, match="rows 0 to 39, columns 0 to 59 cannot be read"):
        cells(raster, Window(3, 5, 5, 2))


def test_a_file_that_is_gone_when_it_is_measured(folder):
    (raster,) = read(folder).rasters
    (folder / "nir.tif").unlink()
    with pytest.raises(InputError, match=r"nir\.tif, layer imagery: cannot be read"):
        cells(raster)


@pytest.mark.parametrize(
    ("shape", "more", "said"),
    [
        ((20, 30), {"side": 20, "at": (0, 0.5)}, "are not aligned with those of red.tif"),
        ((27, 40), {"side": 15}, "are not aligned with those of red.tif"),
        ((80, 120), {"side": 5}, "are not aligned with those of red.tif"),
        (SHAPE, {"crs": "EPSG:32650"}, "are not aligned with those of red.tif"),
        ((19, 30), {"side": 20}, "does not cover red.tif"),
        (SHAPE, {"at": (1, 0)}, "does not cover red.tif"),
    ],
)
def test_a_quality_band_that_lies_otherwise(folder, shape, more, said):
    write(folder / "quality.tif", np.zeros(shape, "uint8"), **more)
    with pytest.raises(InputError) as caught:
        read(folder, quality_as="mask")
    assert said in caught.value.problem
    assert caught.value.file == "quality.tif"


def test_a_quality_band_that_nothing_explains(folder):
    write(folder / "quality.tif", np.ones(SHAPE, "uint8"))
    with pytest.raises(InputError, match="nothing tells what the quality band holds") as caught:
        read(folder)
    assert caught.value.mend.endswith("it can be scl, qa_pixel, bqa, mask")
    write(folder / "quality.tif", np.full(SHAPE, 12, "uint8"))
    with pytest.raises(InputError, match="it holds 12, and Sentinel-2's scene classes"):
        read(folder, quality_as="scl")
    write(folder / "quality.tif", np.ones(SHAPE, "float32"))
    with pytest.raises(InputError, match="whole numbers, and this one float32"):
        read(folder, quality_as="scl")


def test_tiles_that_do_not_match(folder):
    bands = {"red": ("red.tif", "nir.tif"), "nir": ("nir.tif",)}
    with pytest.raises(InputError, match="the number of files of nir is 1, and of red 2"):
        imagery.read(spec(folder, bands=bands))
    write(folder / "far.tif", numbers(SHAPE, 1), at=(60.5, 0))
    bands = {"red": ("red.tif", "far.tif"), "nir": ("nir.tif", "far.tif")}
    with pytest.raises(InputError, match=r"it is not on the grid of red\.tif") as caught:
        imagery.read(spec(folder, bands=bands))
    assert caught.value.file == "far.tif"
    with pytest.raises(InputError, match="the band nir is missing"):
        imagery.read(spec(folder, bands={"red": ("red.tif",)}))


def test_a_path_that_is_no_scene(folder):
    with pytest.raises(InputError, match="a file does not say which of its bands") as caught:
        imagery.read(spec(folder, path="red.tif"))
    assert 'red = "FILE:BAND"' in caught.value.mend
    with pytest.raises(InputError, match="it holds no scene of Sentinel-2 or Landsat"):
        imagery.read(spec(folder.parent, path=folder.name))


def test_a_scale_that_is_no_number(folder):
    write(folder / "nir.tif", numbers(SHAPE, 1), scales=(float("nan"),), offsets=(0,))
    with pytest.raises(InputError, match="its scale or offset is nan"):
        read(folder)


def test_a_scale_of_zero_or_less(folder):
    with pytest.raises(InputError, match="a scale of 0"):
        read(folder, scale=0.0)
    for scale, said in ((0.0, "a scale of 0"), (-0.0001, "its scale is -0.0001, and a scale")):
        write(folder / "nir.tif", numbers(SHAPE, 1), scales=(scale,), offsets=(0.5,))
        with pytest.raises(InputError, match=said) as caught:
            read(folder)
        assert caught.value.file == "nir.tif"
    assert read(folder, scale=0.0001).rasters[0].settled


SAID = {
    "date": "2019-08-03",
    "platform": "sentinel-2a",
    "red": {"file": "red.tif", "scale": "0.0001", "offset": "-0.1"},
    "nir": {"file": "nir.tif", "scale": "0.0001", "offset": "-0.1"},
    "quality": {"file": "scl.tif", "as": "scl"},
    "baseline": "05.09",
    "items": ["S2A_T51RTQ_20190803"],
}


def test_a_folder_that_fetch_wrote(folder):
    scl = numbers(SHAPE, 4) % 12
    write(folder / "scl.tif", scl.astype("uint8"))
    (folder / "scene.json").write_text(json.dumps(SAID), encoding="utf-8")
    source = imagery.read(spec(folder.parent, path=folder.name))
    (raster,) = source.rasters
    assert raster.date == dt.date(2019, 8, 3)
    expected = Scaling(Fraction(1, 10_000), Fraction(-1, 10))
    assert raster.scaling == {"red": expected, "nir": expected}
    assert (cells(raster)["seen"] == ((scl >= 4) & (scl <= 7))).all()
    assert [file.path for file in source.inputs] == [
        f"{folder.name}/{name}.tif" for name in ("red", "nir", "scl")
    ]
    (again,) = imagery.read(spec(folder, path="scene.json")).rasters
    assert again.scaling == raster.scaling


def test_a_fetched_scene_of_which_only_the_baseline_is_known(folder):
    said = SAID | {role: {"file": f"{role}.tif"} for role in ("red", "nir")}
    (folder / "scene.json").write_text(json.dumps(said | {"quality": None}), encoding="utf-8")
    (raster,) = imagery.read(spec(folder.parent, path=folder.name)).rasters
    assert raster.scaling["nir"] == Scaling(Fraction(1, 10_000), Fraction(-1, 10))
    # With its scale and offset known it matters to nobody (of Landsat it is a collection).
    text = json.dumps(SAID | {"quality": None, "baseline": "02_T1"})
    (folder / "scene.json").write_text(text, encoding="utf-8")
    (again,) = imagery.read(spec(folder.parent, path=folder.name)).rasters
    assert again.scaling == raster.scaling


@pytest.mark.parametrize(
    "change",
    [
        {"red": None},
        {"nir": {"scale": "1", "offset": "0"}},
        {"red": SAID["red"] | {"scale": "1/0"}},
        {"date": "August"},
        {"quality": {"file": "scl.tif", "as": "clouds"}},
    ],
)
def test_a_description_that_is_damaged(folder, change):
    (folder / "scene.json").write_text(json.dumps(SAID | change), encoding="utf-8")
    with pytest.raises(InputError, match=r"its scene\.json cannot be understood"):
        imagery.read(spec(folder.parent, path=folder.name))
    (folder / "scene.json").write_text("[", encoding="utf-8")
    with pytest.raises(InputError, match=r"its scene\.json cannot be understood"):
        imagery.read(spec(folder.parent, path=folder.name))
