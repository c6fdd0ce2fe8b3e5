"""Landsat: Collection 2 folders, their quality bits, and a real scene from before collections."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import rasterio
from scenes import (
    REAL_SCENES,
    cells,
    landsat,
    needs_real_scenes,
    numbers,
    spec,
    told,
    write,
)

from jxgis.errors import InputError
from jxgis.rasters import Scaling
from jxgis.sources import imagery

SURFACE = Scaling(Fraction(275, 10**7), Fraction(-1, 5))
SHAPE = (40, 60)
REAL = REAL_SCENES / "landsat8" / "small_full_data_cloudy"
REAL_BANDS = {"red": ("l8_B4.tif",), "nir": ("l8_B5.tif",), "quality": ("l8_BQA.tif",)}

# QA_PIXEL as the USGS lists it for Landsat 8: what each value is, and whether the ground is seen.
LISTED = {
    21824: True,  # clear land
    21888: True,  # clear water
    22080: False,  # cloud
    22280: False,  # cloud, high confidence
    21826: False,  # dilated cloud over land
    23888: False,  # cloud shadow
    30048: False,  # snow or ice
    54596: False,  # cirrus
    1: False,  # fill
}


@pytest.fixture
def pair():
    return numbers(SHAPE, 1, 7000, 20000), numbers(SHAPE, 2, 7000, 20000)


@pytest.fixture
def quality():
    """Values of Landsat 8, most of them clear."""
    rng = np.random.default_rng(3)
    values = rng.choice([v for v in LISTED if v != 22080], SHAPE)
    return np.where(rng.random(SHAPE) < 0.5, 21824, values).astype("uint16")


@pytest.mark.parametrize("mtl", ["txt", "json", None])
def test_a_folder_of_collection_2(tmp_path, pair, quality, mtl):
    landsat(tmp_path / "scene", *pair, quality, mtl=mtl)
    source = imagery.read(spec(tmp_path, path="scene"))
    (raster,) = source.rasters
    found = cells(raster)
    assert (found["red"] == pair[0]).all()
    assert (found["nir"] == pair[1]).all()
    assert (found["seen"] == np.vectorize(LISTED.__getitem__)(quality)).all()
    assert raster.scaling == {"red": SURFACE, "nir": SURFACE}
    assert raster.date == dt.date(2019, 8, 3)
    assert [Path(f.path).name[41:] for f in source.inputs] == [
        "SR_B4.TIF",
        "SR_B5.TIF",
        "QA_PIXEL.TIF",
    ]
    assert source.ledger == ()


@pytest.mark.parametrize(
    ("satellite", "red", "nir"), [("LT05", 3, 4), ("LE07", 3, 4), ("LC09", 4, 5)]
)
def test_red_and_near_infrared_are_numbered_by_the_satellite(tmp_path, satellite, red, nir):
    scene = f"{satellite}_L2SP_118039_20100803_20200823_02_T1"
    for number in range(1, 8):
        write(tmp_path / "s" / f"{scene}_SR_B{number}.TIF", numbers(SHAPE, number), nodata=0)
    (raster,) = imagery.read(spec(tmp_path, path="s")).rasters
    found = cells(raster)
    assert (found["red"] == numbers(SHAPE, red)).all()
    assert (found["nir"] == numbers(SHAPE, nir)).all()
    assert raster.scaling["red"] == SURFACE


def test_level_1_is_scaled_by_its_own_group_of_the_metadata(tmp_path, pair, quality):
    """Both levels have REFLECTANCE_MULT_BAND_4, and they differ."""
    scene = "LC08_L1TP_118039_20190803_20200827_02_T1"
    folder = landsat(tmp_path / "s", *pair, quality, scene=scene)
    for number in (4, 5):
        (folder / f"{scene}_SR_B{number}.TIF").rename(folder / f"{scene}_B{number}.TIF")
    (raster,) = imagery.read(spec(tmp_path, path="s")).rasters
    expected = Scaling(Fraction(2, 10**5), Fraction(-1, 10))
    assert raster.scaling == {"red": expected, "nir": expected}


@pytest.mark.parametrize("mtl", ["txt", "json"])
def test_renamed_bands_are_told_by_the_metadata_beside_them(tmp_path, pair, quality, mtl):
    folder = landsat(tmp_path / "s", *pair, quality, mtl=mtl)
    for path in folder.iterdir():
        path.rename(folder / path.name.replace("LC08_L2SP_118039_20190803_20200827_02_T1", "home"))
    (raster,) = imagery.read(spec(tmp_path, path="s")).rasters
    assert raster.scaling == {"red": SURFACE, "nir": SURFACE}
    assert raster.date == dt.date(2019, 8, 3)
    assert (cells(raster)["nir"] == pair[1]).all()
    next(folder.glob("*B4.TIF")).unlink()
    with pytest.raises(InputError, match=r"no red band beside home_SR_B5\.TIF"):
        imagery.read(spec(tmp_path, path="s"))


def test_loose_bands_of_collection_2_are_told_by_their_names(tmp_path, pair, quality):
    scene = "LC08_L2SP_118039_20190803_20200827_02_T1"
    landsat(tmp_path, *pair, quality, mtl=None)
    bands = {"red": (f"{scene}_SR_B4.TIF",), "nir": (f"{scene}_SR_B5.TIF",)}
    (raster,) = imagery.read(spec(tmp_path, bands=bands)).rasters
    assert raster.scaling == {"red": SURFACE, "nir": SURFACE}
    assert raster.date == dt.date(2019, 8, 3)


def test_a_scene_of_level_1_without_metadata_says_that_its_scale_is_assumed(tmp_path, pair):
    for number, band in zip((4, 5), pair, strict=True):
        write(tmp_path / "s" / f"LC81180392014215LGN00_B{number}.TIF", band, nodata=0)
    source = imagery.read(spec(tmp_path, path="s"))
    assert source.rasters[0].scaling["red"] == Scaling()
    assert source.rasters[0].date == dt.date(2014, 8, 3)
    assert "_MTL.txt" in told(source, "assumed")[0]


def test_bit_by_bit(tmp_path):
    """Of Collection 2 each of the bits 0 to 5 hides a cell, and no other does."""
    codes = np.resize(np.arange(1 << 16), (256, 256)).astype("uint16")
    red = np.ones((256, 256), "uint16")
    for name in ("red", "nir"):
        write(tmp_path / f"{name}.tif", red, nodata=0)
    clear = np.full((256, 3 * 256), 21824, "uint16")  # so that the values are QA_PIXEL's
    write(tmp_path / "all.tif", np.hstack([codes, clear]))
    (tmp_path / "q.vrt").write_text(
        '<VRTDataset rasterXSize="256" rasterYSize="256"><SRS>EPSG:32651</SRS>'
        "<GeoTransform>280000, 10, 0, 3410000, 0, -10</GeoTransform>"
        '<VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">all.tif</SourceFilename><SourceBand>1</SourceBand>'
        '<SrcRect xOff="0" yOff="0" xSize="256" ySize="256"/>'
        '<DstRect xOff="0" yOff="0" xSize="256" ySize="256"/></SimpleSource></VRTRasterBand>'
        "</VRTDataset>",
        encoding="utf-8",
    )
    bands = {"red": ("red.tif",), "nir": ("nir.tif",), "quality": ("q.vrt",)}
    (raster,) = imagery.read(spec(tmp_path, bands=bands, quality_as="qa_pixel")).rasters
    expected = [not any(code & 1 << bit for bit in range(6)) for code in range(1 << 16)]
    assert cells(raster)["seen"].ravel().tolist() == expected
    (raster,) = imagery.read(spec(tmp_path, bands=bands, quality_as="bqa")).rasters
    expected = []
    for code in range(1 << 16):
        bits = f"{code:016b}"  # bit 15 first
        cloud, cirrus, snow = bits[0:2], bits[2:4], bits[4:6]
        hidden = bits[-1] == "1" or bits[-2] == "1" or "11" in (cirrus, snow)
        expected.append(not (hidden or cloud in ("10", "11")))
    assert cells(raster)["seen"].ravel().tolist() == expected


@needs_real_scenes
def test_a_real_cloudy_scene_from_before_collections():
    source = imagery.read(spec(REAL, bands=REAL_BANDS))
    with rasterio.open(REAL / "l8_BQA.tif") as file:
        quality = file.read(1)
    cloud, cirrus, snow = quality // 2**14, quality // 2**12 % 4, quality // 2**10 % 4
    expected = (cloud < 2) & (cirrus < 3) & (snow < 3)
    seen = cells(source.rasters[0])["seen"]
    assert (seen == expected).all()
    assert 0.6 < seen.mean() < 0.7
    assert "scale or offset" in told(source, "assumed")[0]


@needs_real_scenes
def test_bits_from_before_collections_are_never_read_as_qa_pixel(tmp_path):
    with pytest.raises(InputError, match="its values are those of bqa, not of qa_pixel") as caught:
        imagery.read(spec(REAL, bands=REAL_BANDS, quality_as="qa_pixel"))
    assert caught.value.mend == 'Write quality_as = "bqa" under [layers.imagery]'
    # Neither by a name that says so.
    for name in ("l8_B4.tif", "l8_B5.tif"):
        (tmp_path / name).symlink_to(REAL / name)
    (tmp_path / "x_QA_PIXEL.tif").symlink_to(REAL / "l8_BQA.tif")
    with pytest.raises(InputError, match="its values are those of bqa"):
        imagery.read(spec(tmp_path, bands=REAL_BANDS | {"quality": ("x_QA_PIXEL.tif",)}))
    # Without a name the values tell.
    (tmp_path / "quality.tif").symlink_to(REAL / "l8_BQA.tif")
    source = imagery.read(spec(tmp_path, bands=REAL_BANDS | {"quality": ("quality.tif",)}))
    assert 0.6 < cells(source.rasters[0])["seen"].mean() < 0.7


def test_qa_pixel_is_told_by_its_values(tmp_path, pair, quality):
    for name, band in (("red", pair[0]), ("nir", pair[1]), ("flags", quality)):
        write(tmp_path / f"{name}.tif", band)
    bands = {"red": ("red.tif",), "nir": ("nir.tif",), "quality": ("flags.tif",)}
    seen = cells(imagery.read(spec(tmp_path, bands=bands)).rasters[0])["seen"]
    assert (seen == np.vectorize(LISTED.__getitem__)(quality)).all()
    with pytest.raises(InputError, match="its values are those of qa_pixel, not of bqa"):
        imagery.read(spec(tmp_path, bands=bands, quality_as="bqa"))


def test_collection_1_is_refused(tmp_path, pair):
    values = np.resize([2720, 2800, 2976, 672, 1], SHAPE).astype("uint16")
    write(tmp_path / "x_BQA.TIF", values)
    for name, band in (("red", pair[0]), ("nir", pair[1])):
        write(tmp_path / f"{name}.tif", band)
    bands = {"red": ("red.tif",), "nir": ("nir.tif",), "quality": ("x_BQA.TIF",)}
    with pytest.raises(InputError, match="Collection 1, which was withdrawn"):
        imagery.read(spec(tmp_path, bands=bands))


def test_metadata_that_are_damaged(tmp_path, pair, quality):
    folder = landsat(tmp_path / "s", *pair, quality)
    (mtl,) = folder.glob("*_MTL.txt")
    mtl.write_text(mtl.read_text("utf-8").replace("2.75e-05", "none"), encoding="utf-8")
    with pytest.raises(InputError, match="give 'none' where a number should be"):
        imagery.read(spec(tmp_path, path="s"))
    mtl.unlink()
    mtl.with_suffix(".json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"_MTL\.json cannot be understood"):
        imagery.read(spec(tmp_path, path="s"))


@needs_real_scenes
def test_a_folder_that_does_not_tell_the_satellite():
    with pytest.raises(InputError, match="nothing tells which Landsat took its bands"):
        imagery.read(spec(REAL.parent, path=REAL.name))
