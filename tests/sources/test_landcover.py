"""Land cover and canopy: what the codes mean, and which cells are seen."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from scenes import cells, numbers, write

from jxgis.errors import InputError, NoCrsError
from jxgis.rasters import Scaling, Window
from jxgis.sources import landcover, read_rasters
from jxgis.spec import LAND_CLASSES, LEGENDS, LayerSpec

SHAPE = (40, 60)
WORLDCOVER = "ESA_WorldCover_10m_2021_v200_N30E120_Map.tif"
DEGREES = {"crs": "EPSG:4326", "side": 1 / 12000}


def spec(base, path="cover.tif", kind="landcover", **more):
    return LayerSpec(kind, kind, base=base, path=path, **more)


@pytest.fixture
def codes():
    return np.random.default_rng(1).choice([0, *landcover.WORLDCOVER], SHAPE).astype("uint8")


def test_worldcover_is_known_by_its_name(tmp_path, codes):
    write(tmp_path / WORLDCOVER, codes, nodata=0, **DEGREES)
    source = read_rasters(spec(tmp_path, WORLDCOVER, as_of=dt.date(2021, 7, 1)))
    (raster,) = source.rasters
    found = cells(raster)
    assert set(found) == {"code", "seen"}
    assert found["code"].dtype == np.uint8
    assert (found["code"] == codes).all()
    assert (found["seen"] == (codes != 0)).all()
    assert raster.roles == ("code",)
    assert raster.legend[10] == "tree"
    assert raster.legend[95] == "mangrove"
    assert raster.date == source.inputs[0].as_of == dt.date(2021, 7, 1)
    assert source.inputs[0].features == 2400
    assert "worldcover" in source.ledger[0].reason
    part = cells(raster, Window(5, 6, 7, 8))
    assert (part["code"] == codes[5:12, 6:14]).all()


def test_worldcover_is_known_by_its_tags(tmp_path, codes):
    write(
        tmp_path / "cover.tif", codes, tags={"product": "ESA WorldCover"} | {"x": "ESA_WorldCover"}
    )
    assert landcover.read(spec(tmp_path)).rasters[0].legend == landcover.WORLDCOVER


def test_codes_that_nothing_explains(tmp_path, codes):
    write(tmp_path / "cover.tif", codes)
    with pytest.raises(InputError, match="nothing tells what its codes mean") as caught:
        landcover.read(spec(tmp_path))
    assert caught.value.mend == (
        'Write legend = "worldcover" | legend = "dynamic-world" | legend = "esri", or '
        "codes = { tree = [1] }, under [layers.landcover]"
    )


@pytest.mark.parametrize("legend", LEGENDS)
def test_a_legend_that_the_plan_names(tmp_path, legend):
    codes = (numbers(SHAPE, 2) % 13).astype("uint8")
    write(tmp_path / "cover.tif", codes)
    (raster,) = landcover.read(spec(tmp_path, legend=legend)).rasters
    assert raster.legend == landcover.TABLES[legend]
    assert set(raster.legend.values()) <= set(LAND_CLASSES)
    known = {"worldcover": [10], "dynamic-world": range(9), "esri": [1, 2, 4, 5, 7, 8, 9, 11]}
    assert (cells(raster)["seen"] == np.isin(codes, list(known[legend]))).all(), (
        "a code that the legend does not have says nothing: the legend may be another one"
    )


def test_the_plans_own_codes(tmp_path):
    codes = (numbers(SHAPE, 2) % 5).astype("int16")
    write(tmp_path / "cover.tif", codes, nodata=4)
    plan = {"tree": (1, 2), "cloud": (3,)}
    (raster,) = landcover.read(spec(tmp_path, codes=plan)).rasters
    assert raster.legend == {1: "tree", 2: "tree", 3: "cloud"}
    found = cells(raster)
    assert (found["seen"] == (codes < 3)).all()
    assert found["code"].dtype == np.int16
    with pytest.raises(InputError, match="code 1 is both tree and water"):
        landcover.read(spec(tmp_path, codes=plan | {"water": (1,)}))


def test_a_band_of_several(tmp_path, codes):
    write(tmp_path / "cover.tif", codes * 0, codes)
    source = landcover.read(spec(tmp_path, layer="2", legend="worldcover"))
    assert (cells(source.rasters[0])["code"] == codes).all()
    assert source.inputs[0].layer == "2"
    with pytest.raises(InputError, match='Name one: layer = "1" under'):
        landcover.read(spec(tmp_path, legend="worldcover"))


def test_codes_are_whole_numbers(tmp_path):
    write(tmp_path / "cover.tif", np.ones(SHAPE, "float32"))
    with pytest.raises(InputError, match="whole numbers, and its band holds float32"):
        landcover.read(spec(tmp_path, legend="esri"))


def test_files_that_cannot_be_used(tmp_path, codes):
    with pytest.raises(InputError, match="there is no such file"):
        landcover.read(spec(tmp_path, legend="esri"))
    write(tmp_path / "cover.tif", codes, crs=None)
    with pytest.raises(NoCrsError):
        landcover.read(spec(tmp_path, legend="esri"))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_canopy_is_seen_where_it_is_a_percentage(tmp_path, dtype):
    values = (numbers(SHAPE, 3) % 256).astype(dtype)
    values[0, :4] = 0, 100, 101, 255
    if dtype != "uint8":
        values[1, :2] = -1, -9999
    if dtype == "float32":
        values[2, :4] = np.nan, 100.5, 99.5, -0.25
    write(tmp_path / "cover.tif", values)
    source = read_rasters(spec(tmp_path, kind="canopy"))
    (raster,) = source.rasters
    found = cells(raster)
    assert (found["seen"] == [[0 <= v <= 100 for v in row] for row in values.tolist()]).all()
    assert raster.roles == ("canopy",)
    assert raster.scaling == {"canopy": Scaling()}
    np.testing.assert_array_equal(found["canopy"], values)


def test_canopy_in_tenths_of_a_percent(tmp_path):
    values = numbers(SHAPE, 3, 0, 1500)
    write(tmp_path / "cover.tif", values, scales=(0.1,), offsets=(0,))
    (raster,) = landcover.read(spec(tmp_path, kind="canopy")).rasters
    assert raster.scaling == {"canopy": Scaling(Fraction(1, 10))}
    assert (cells(raster)["seen"] == (values <= 1000)).all()
    (raster,) = landcover.read(spec(tmp_path, kind="canopy", scale=-0.1, offset=100)).rasters
    assert (cells(raster)["seen"] == (values <= 1000)).all()
