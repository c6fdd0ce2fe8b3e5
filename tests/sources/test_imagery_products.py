"""Which product imagery is of: its level, and products that must never be mixed."""

import json

import numpy as np
import pytest
from scenes import cells, landsat, numbers, safe, spec, told, write

from jxgis.errors import InputError
from jxgis.sources import imagery

SHAPE = (40, 60)
LOOSE = "T51RTQ_20220803T023551_{band}{tail}"


@pytest.fixture
def pair():
    return numbers(SHAPE, 1), numbers(SHAPE, 2)


def level_1c(folder, red, nir, *, tile="T51RTQ", date="20220803", at=(0, 0)):
    name = f"S2A_MSIL1C_{date}T023551_N0400_R089_{tile}_{date}T040000.SAFE"
    images = folder / name / "GRANULE" / f"L1C_{tile}_A037001_{date}T024012" / "IMG_DATA"
    for band, values in (("B04", red), ("B08", nir)):
        write(images / f"{tile}_{date}T023551_{band}.jp2", values, at=at)
    return folder / name


def only(source):
    (raster,) = source.rasters
    return raster


def test_level_2a_is_taken_whole_where_1c_lies_beside_it(tmp_path, pair):
    scl = (numbers((20, 30), 4) % 12).astype("uint8")
    level_1c(tmp_path / "given", numbers(SHAPE, 8), numbers(SHAPE, 9))
    safe(tmp_path / "given", *pair, scl, baseline="05.09")
    source = imagery.read(spec(tmp_path, path="given"))
    found = cells(only(source))
    assert (found["red"] == pair[0]).all()
    assert (found["nir"] == pair[1]).all()
    assert all("MSIL2A" in file.path for file in source.inputs)
    assert len(source.inputs) == 3
    assert only(source).level == "surface"
    assert told(source, "note") == ["Level 1C lies beside Level 2A and was left out"]


def test_level_1c_alone_is_said_and_takes_no_scene_classes_of_2a(tmp_path, pair):
    level_1c(tmp_path / "given", *pair)
    product = safe(tmp_path / "given", *pair, np.full((20, 30), 4, "uint8"))
    for file in product.rglob("R10m/*"):
        file.unlink()
    source = imagery.read(spec(tmp_path, path="given"))
    assert all("MSIL1C" in file.path for file in source.inputs)
    assert only(source).level == "top"
    assert told(source, "note") == ["it is reflectance at the top of the atmosphere, haze included"]
    assert told(source, "assumed")[-1].startswith("no quality band")


def test_a_granule_that_is_there_as_level_1c_only(tmp_path, pair):
    safe(tmp_path / "given", *pair)
    level_1c(tmp_path / "given", *pair, tile="T51RUQ", at=(60, 0))
    with pytest.raises(InputError, match=r"T51RUQ_\w+_B04\.jp2 is of Level 1C, and other bands"):
        imagery.read(spec(tmp_path, path="given"))


def test_two_processings_of_one_granule(tmp_path, pair):
    for baseline in ("04.00", "05.09"):
        safe(tmp_path / "given", *pair, baseline=baseline)
    with pytest.raises(InputError, match=r"in two products, S2A_MSIL2A\w+_N0400_.* and S2A_"):
        imagery.read(spec(tmp_path, path="given"))


def test_both_levels_poured_into_one_folder_are_told_by_their_names(tmp_path, pair):
    for n, tail in enumerate((".jp2", "_10m.jp2")):
        for band, values in zip(("B04", "B08"), pair, strict=True):
            write(tmp_path / "given" / LOOSE.format(band=band, tail=tail), values - 100 * (1 - n))
    for level, kind in (("1C", "RADIO"), ("2A", "BOA")):
        text = f"<a><PROCESSING_BASELINE>04.00</PROCESSING_BASELINE><{kind}_ADD_OFFSET "
        text += f"band_id='3'>-{level[0]}000</{kind}_ADD_OFFSET></a>"
        (tmp_path / "given" / f"MTD_MSIL{level}.xml").write_text(text, encoding="utf-8")
    raster = only(imagery.read(spec(tmp_path, path="given")))
    assert (cells(raster)["red"] == pair[0]).all()
    assert raster.level == "surface"
    assert float(raster.scaling["red"].offset) == -0.2
    bands = {
        "red": LOOSE.format(band="B04", tail=".jp2"),
        "nir": LOOSE.format(band="B08", tail=".jp2"),
    }
    raster = only(imagery.read(spec(tmp_path / "given", bands={k: (v,) for k, v in bands.items()})))
    assert raster.level == "top"
    assert float(raster.scaling["red"].offset) == -0.1


def test_bands_that_the_plan_names_of_two_levels(tmp_path, pair):
    tails = {"B04": ".jp2", "B08": "_10m.jp2"}
    names = {band: LOOSE.format(band=band, tail=tail) for band, tail in tails.items()}
    for name, values in zip(names.values(), pair, strict=True):
        write(tmp_path / name, values)
    bands = {"red": (names["B04"],), "nir": (names["B08"],)}
    with pytest.raises(InputError, match="one is reflectance of the surface and the other") as said:
        imagery.read(spec(tmp_path, bands=bands, baseline="04.00"))
    assert said.value.file == names["B08"]


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({"PROCESSING_BASELINE": "02.07", "BOA_ADD_OFFSET": "0"}, "surface"),
        ({"PROCESSING_BASELINE": "02.07"}, ""),
    ],
)
def test_the_level_of_loose_files(tmp_path, pair, tags, level):
    for name, values in zip(("red", "nir"), pair, strict=True):
        write(tmp_path / f"{name}.tif", values, tags=tags)
    raster = only(imagery.read(spec(tmp_path, bands={"red": ("red.tif",), "nir": ("nir.tif",)})))
    assert raster.level == level
    assert raster.settled


def test_plain_files_are_neither_settled_nor_of_a_level(tmp_path, pair):
    for name, values in zip(("red", "nir"), pair, strict=True):
        write(tmp_path / f"{name}.tif", values)
    bands = {"red": ("red.tif",), "nir": ("nir.tif",)}
    raster = only(imagery.read(spec(tmp_path, bands=bands)))
    assert (raster.settled, raster.level) == (False, "")
    assert only(imagery.read(spec(tmp_path, bands=bands, offset=0.0))).settled


@pytest.mark.parametrize(
    ("low", "dtype", "more", "suspected"),
    [
        (1200, "uint16", {}, True),
        (1200, "uint16", {"offset": -0.1}, False),
        (1200, "int16", {}, False),
        (300, "uint16", {}, False),
    ],
)
def test_plain_files_without_a_dark_cell_may_hold_an_offset(tmp_path, low, dtype, more, suspected):
    for n, name in enumerate(("red", "nir")):
        values = numbers((300, 400), n, low=low).astype(dtype)
        values[:5] = 0
        write(tmp_path / f"{name}.tif", values)
    bands = {"red": ("red.tif",), "nir": ("nir.tif",)}
    source = imagery.read(spec(tmp_path, bands=bands, **more))
    assert bool(told(source, "suspected")) == suspected
    assert all("red.tif hold 12" in reason for reason in told(source, "suspected"))


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"level": "top"}, "top"),
        ({"level": "surface"}, "surface"),
        ({"quality": {"file": "red.tif", "as": "scl"}}, "surface"),
        ({}, ""),
    ],
)
def test_the_level_of_a_fetched_scene(tmp_path, change, level):
    for name in ("red", "nir"):
        write(tmp_path / "s" / f"{name}.tif", numbers(SHAPE, 1) % 12)
    said = {n: {"file": f"{n}.tif", "scale": "0.0001", "offset": "0"} for n in ("red", "nir")}
    (tmp_path / "s" / "scene.json").write_text(json.dumps(said | change), encoding="utf-8")
    raster = only(imagery.read(spec(tmp_path, path="s")))
    assert (raster.settled, raster.level) == (True, level)


def test_the_level_of_landsat(tmp_path, pair):
    quality = np.full(SHAPE, 21824, "uint16")
    landsat(tmp_path / "two", *pair, quality)
    assert only(imagery.read(spec(tmp_path, path="two"))).level == "surface"
    scene = "LC08_L1TP_118039_20190803_20200827_02_T1"
    folder = landsat(tmp_path / "one", *pair, quality, scene=scene)
    for number in (4, 5):
        (folder / f"{scene}_SR_B{number}.TIF").rename(folder / f"{scene}_B{number}.TIF")
    source = imagery.read(spec(tmp_path, path="one"))
    assert only(source).level == "top"
    assert "haze included" in told(source, "note")[0]
    assert only(source).settled


def test_level_2_of_landsat_is_taken_where_level_1_lies_beside_it(tmp_path, pair):
    landsat(tmp_path / "s", *pair, np.full(SHAPE, 21824, "uint16"))
    two = "LC08_L2SP_118039_20190803_20200827_02_T1"
    write(tmp_path / "s" / f"{two}_ST_B10.TIF", numbers(SHAPE, 8), side=30)
    assert not told(imagery.read(spec(tmp_path, path="s")), "note")
    one = "LC08_L1TP_118039_20190803_20200101_02_T1"
    for number in (4, 5):
        write(tmp_path / "s" / f"{one}_B{number}.TIF", numbers(SHAPE, 8), side=30)
    source = imagery.read(spec(tmp_path, path="s"))
    assert (cells(only(source))["red"] == pair[0]).all()
    assert told(source, "note") == ["Level 1 lies beside Level 2 and was left out"]
    for number in (4, 5):
        file = tmp_path / "s" / f"{one}_B{number}.TIF"
        file.rename(file.with_name(file.name.replace("118039", "118040")))
    with pytest.raises(InputError, match=r"LC08_L1TP_118040_\w+\.TIF is of Level 1, and other"):
        imagery.read(spec(tmp_path, path="s"))


def test_a_tile_without_the_quality_band_that_others_have(tmp_path, pair):
    for n, tile in enumerate(("T51RTQ", "T51RUQ")):
        for band, values in zip(("B04", "B08"), pair, strict=True):
            name = f"{tile}_20190803T023551_{band}_10m.jp2"
            write(tmp_path / "given" / name, values, at=(60 * n, 0))
    scl = "T51RTQ_20190803T023551_SCL_20m.jp2"
    write(tmp_path / "given" / scl, np.full((20, 30), 4, "uint8"), side=20)
    with pytest.raises(InputError, match="no quality band beside T51RUQ_20190803T023551_B04_10m"):
        imagery.read(spec(tmp_path, path="given", baseline="02.07"))
