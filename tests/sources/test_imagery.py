"""Imagery from files a band: what a reader gives, which cells are seen, tiles, and windows."""

import datetime as dt
import hashlib
import pickle
import threading
from fractions import Fraction

import numpy as np
import pytest
from scenes import LOSSLESS, NORTH, SIDE, WEST, cells, numbers, spec, told, write

from jxgis.rasters import Scaling, Window
from jxgis.sources import imagery, read_rasters
from jxgis.sources.decimals import shortest

SHAPE = (70, 90)


@pytest.fixture
def pair():
    return numbers(SHAPE, 1), numbers(SHAPE, 2)


def read(folder, **more):
    """Read red.tif and nir.tif, with a quality band if there is one."""
    bands = {"red": ("red.tif",), "nir": ("nir.tif",)}
    if (folder / "quality.tif").exists():
        bands["quality"] = ("quality.tif",)
    return imagery.read(spec(folder, bands=bands, **more))


def written(folder, pair, **more):
    write(folder / "red.tif", pair[0], **more)
    write(folder / "nir.tif", pair[1], **more)


def test_bands_are_read_as_they_are_stored(tmp_path, pair):
    written(tmp_path, pair, nodata=0)
    source = read_rasters(
        spec(tmp_path, bands={"red": ("red.tif",), "nir": ("nir.tif",)}, attribution="A survey")
    )
    (raster,) = source.rasters
    found = cells(raster)
    assert set(found) == {"red", "nir", "seen"}
    assert found["red"].dtype == np.uint16
    assert (found["red"] == pair[0]).all()
    assert (found["nir"] == pair[1]).all()
    assert found["seen"].dtype == bool
    assert found["seen"].all()
    assert raster.grid.transform == (SIDE, 0, WEST, 0, -SIDE, NORTH)
    assert (raster.grid.width, raster.grid.height) == (90, 70)
    assert raster.grid.crs.to_epsg() == 32651
    assert raster.scaling == {"red": Scaling(), "nir": Scaling()}
    assert told(source, "assumed") == [
        "no scale or offset in the metadata; the numbers were taken as they are",
        "no quality band: cloud and shadow were not looked for",
    ]
    red, _nir = source.inputs
    assert red.sha256 == hashlib.sha256((tmp_path / "red.tif").read_bytes()).hexdigest()
    assert (red.path, red.features, red.crs, red.layer) == ("red.tif", 6300, "EPSG:32651", "")
    assert red.attribution == "A survey"


def test_a_window_is_the_same_cells_whatever_its_size(tmp_path, pair):
    written(tmp_path, pair, tiled=True, blockxsize=32, blockysize=32)
    write(tmp_path / "quality.tif", (numbers((35, 45), 3) % 12).astype("uint8"), side=20)
    (raster,) = read(tmp_path, quality_as="scl").rasters
    assert raster.block == (32, 32)
    whole = cells(raster)
    assert 0 < whole["seen"].mean() < 1
    for window in (Window(0, 0, 1, 1), Window(69, 89, 1, 1), Window(13, 7, 31, 50)):
        part = cells(raster, window)
        row, column, rows, columns = window
        for role, values in part.items():
            assert (values == whole[role][row : row + rows, column : column + columns]).all()


def test_bands_of_one_file_by_their_numbers(tmp_path, pair):
    write(tmp_path / "all.tif", pair[0] * 2, *pair)
    bands = {"red": ("all.tif:2",), "nir": ("all.tif:3",)}
    source = imagery.read(spec(tmp_path, bands=bands))
    found = cells(source.rasters[0])
    assert (found["red"] == pair[0]).all()
    assert (found["nir"] == pair[1]).all()
    (file,) = source.inputs
    assert (file.path, file.layer) == ("all.tif", "2, 3")


def test_a_colon_in_a_name_is_no_band(tmp_path, pair):
    write(tmp_path / "at 10:30", pair[0])
    write(tmp_path / "b.tif", pair[1])
    source = imagery.read(spec(tmp_path, bands={"red": ("at 10:30",), "nir": ("b.tif",)}))
    assert (cells(source.rasters[0])["red"] == pair[0]).all()


def test_jpeg_2000_is_read_by_its_content(tmp_path, pair):
    write(tmp_path / "red.tif", pair[0], **LOSSLESS)
    write(tmp_path / "nir.tif", pair[1])
    found = cells(read(tmp_path).rasters[0])
    assert (found["red"] == pair[0]).all()
    assert (found["nir"] == pair[1]).all()


def test_no_data_by_value_by_mask_and_by_nan(tmp_path, pair):
    red, nir = pair[0].copy(), pair[1].astype("float32")
    red[3, 4] = 65535
    nir[5, 6], nir[7, 8] = np.nan, np.inf
    mask = np.ones(SHAPE, bool)
    mask[9, :] = False
    write(tmp_path / "red.tif", red, nodata=65535)
    write(tmp_path / "nir.tif", nir, mask=mask)
    seen = cells(read(tmp_path).rasters[0])["seen"]
    expected = mask.copy()
    expected[3, 4] = expected[5, 6] = expected[7, 8] = False
    assert (seen == expected).all()


def test_zero_in_both_bands_is_no_data_where_none_is_declared(tmp_path, pair):
    red, nir = pair[0].copy(), pair[1].copy()
    red[:10], nir[5:15] = 0, 0
    written(tmp_path, (red, nir))
    source = read(tmp_path)
    expected = np.ones(SHAPE, bool)
    expected[5:10] = False
    assert (cells(source.rasters[0])["seen"] == expected).all()
    assert "0 in both bands" in told(source, "assumed")[1]
    written(tmp_path, (red, nir), nodata=65535)
    assert cells(read(tmp_path).rasters[0])["seen"].all()


def test_a_no_data_value_that_no_cell_can_hold_declares_nothing(tmp_path, pair):
    pair[0][0, 0] = pair[1][0, 0] = 0
    text = '<VRTDataset rasterXSize="90" rasterYSize="70"><SRS>EPSG:32651</SRS><GeoTransform>'
    text += f"{WEST}, 10, 0, {NORTH}, 0, -10</GeoTransform>"
    text += '<VRTRasterBand dataType="UInt16" band="1"><NoDataValue>-9999</NoDataValue>'
    text += "<SimpleSource><SourceFilename relativeToVRT='1'>{}.tif</SourceFilename>"
    text += "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    written(tmp_path, pair)
    for name in ("red", "nir"):
        (tmp_path / f"{name}.vrt").write_text(text.format(name), encoding="utf-8")
    source = imagery.read(spec(tmp_path, bands={"red": ("red.vrt",), "nir": ("nir.vrt",)}))
    seen = cells(source.rasters[0])["seen"]
    assert not seen[0, 0]
    assert seen.sum() == seen.size - 1


def test_a_quality_band_of_larger_cells_is_repeated(tmp_path, pair):
    scl = np.arange(35 * 45).reshape(35, 45) % 12
    written(tmp_path, pair)
    write(tmp_path / "quality.tif", scl.astype("uint8"), side=20, descriptions=("SCL",))
    seen = cells(read(tmp_path).rasters[0])["seen"]
    expected = np.isin(np.kron(scl, np.ones((2, 2), int)), [4, 5, 6, 7])
    assert (seen == expected).all()


def test_a_quality_band_that_begins_before_the_bands(tmp_path, pair):
    """Cut from 10 m bands at an odd row and column, the 20 m cells stick out at each side."""
    scl = numbers((36, 46), 5) % 12
    write(tmp_path / "red.tif", pair[0], at=(1, 1))
    write(tmp_path / "nir.tif", pair[1], at=(1, 1))
    write(tmp_path / "quality.tif", scl.astype("uint8"), side=20)
    (raster,) = read(tmp_path, quality_as="scl").rasters
    large = np.kron(np.isin(scl, [4, 5, 6, 7]), np.ones((2, 2), bool))[1:71, 1:91]
    assert (cells(raster)["seen"] == large).all()
    assert (cells(raster, Window(11, 20, 7, 9))["seen"] == large[11:18, 20:29]).all()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32"])
def test_scene_classes_in_any_whole_type(tmp_path, pair, dtype):
    scl = (numbers(SHAPE, 6) % 12).astype(dtype)
    written(tmp_path, pair)
    write(tmp_path / "quality.tif", scl)
    seen = cells(read(tmp_path, quality_as="scl").rasters[0])["seen"]
    assert (seen == ((scl >= 4) & (scl <= 7))).all()


def test_a_mask_is_seen_where_it_is_zero(tmp_path, pair):
    mask = (numbers(SHAPE, 7) % 3).astype("uint8")
    written(tmp_path, pair)
    write(tmp_path / "quality.tif", mask, nodata=0)
    seen = cells(read(tmp_path, quality_as="mask").rasters[0])["seen"]
    assert (seen == (mask == 0)).all()


def test_of_overlapping_tiles_the_first_that_sees_gives_the_cell(tmp_path):
    shape, corners = (40, 50), [(0, 0), (35, 25)]  # columns, rows
    tiles = [(numbers(shape, 10 + n), numbers(shape, 20 + n)) for n in range(2)]
    quality = [(numbers(shape, 30 + n) % 2).astype("uint8") for n in range(2)]
    for n, corner in enumerate(corners):
        write(tmp_path / f"r{n}.tif", tiles[n][0], at=corner)
        write(tmp_path / f"n{n}.tif", tiles[n][1], at=corner)
        write(tmp_path / f"q{n}.tif", quality[n], at=corner)
    order = (1, 0)
    bands = {role: tuple(f"{role[0]}{n}.tif" for n in order) for role in ("red", "nir", "quality")}
    (raster,) = imagery.read(spec(tmp_path, bands=bands, quality_as="mask")).rasters
    assert (raster.grid.width, raster.grid.height) == (85, 65)
    assert raster.grid.transform == (SIDE, 0, WEST, 0, -SIDE, NORTH)
    red, nir = np.zeros((65, 85), int), np.zeros((65, 85), int)
    seen = np.zeros((65, 85), bool)
    for n in reversed(order):
        (left, top), clear = corners[n], quality[n] == 0
        here = slice(top, top + 40), slice(left, left + 50)
        red[here][clear], nir[here][clear] = tiles[n][0][clear], tiles[n][1][clear]
        seen[here] |= clear
    found = cells(raster)
    assert (found["seen"] == seen).all()
    assert (found["red"] == red).all()
    assert (found["nir"] == nir).all()
    part = cells(raster, Window(20, 30, 30, 40))
    assert (part["red"] == red[20:50, 30:70]).all()
    beyond = cells(raster, Window(0, 60, 10, 20))  # no tile lies here
    assert not beyond["seen"].any()
    assert not beyond["red"].any()


def test_a_raster_is_opened_in_threads_and_in_other_processes(tmp_path, pair):
    written(tmp_path, pair)
    (raster,) = read(tmp_path).rasters
    again = pickle.loads(pickle.dumps(raster))  # noqa: S301 - our own bytes
    found = []
    threads = [
        threading.Thread(target=lambda r=r: found.append(cells(r)["red"]))
        for r in (raster, again, raster)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert all((values == pair[0]).all() for values in found)


def test_scale_and_offset_of_the_file_are_exact(tmp_path, pair):
    written(tmp_path, pair, scales=(0.0000275,), offsets=(-0.2,))
    source = read(tmp_path)
    expected = Scaling(Fraction(275, 10**7), Fraction(-1, 5))
    assert source.rasters[0].scaling == {"red": expected, "nir": expected}
    assert not [reason for reason in told(source, "assumed") if "scale" in reason]


@pytest.mark.parametrize(
    ("scale", "offset"),
    [(9.999999747e-05, -0.10000000149), (float(np.float32(1e-4)), float(np.float32(-0.1)))],
)
def test_scale_and_offset_of_single_precision_are_what_they_were(tmp_path, pair, scale, offset):
    written(tmp_path, pair, scales=(scale,), offsets=(offset,))
    expected = Scaling(Fraction(1, 10**4), Fraction(-1, 10))
    assert read(tmp_path).rasters[0].scaling == {"red": expected, "nir": expected}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1e-4, "0.0001"),
        (0.123456789012345, "0.123456789012345"),  # near a float32, and not as near as one
        (0.30000000000000004, "0.30000000000000004"),
        (float(np.float32(2.75e-5)), "2.75e-05"),
        (1e300, "1e+300"),
        (1e-300, "1e-300"),
        (0.0, "0.0"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_the_shortest_decimal_of_a_number(number, text):
    assert shortest(number) == text


def test_the_plan_overrides_scale_and_offset(tmp_path, pair):
    written(tmp_path, pair, scales=(0.5,), offsets=(3,))
    assert read(tmp_path, scale=0.0001).rasters[0].scaling["nir"] == Scaling(
        Fraction(1, 10**4), Fraction(3)
    )
    assert read(tmp_path, offset=-0.1).rasters[0].scaling["red"] == Scaling(
        Fraction(1, 2), Fraction(-1, 10)
    )


def test_the_date_is_the_files_unless_the_plan_says_another(tmp_path, pair):
    written(tmp_path, pair, tags={"ACQUISITION_DATE": "2019-08-03"})
    source = read(tmp_path)
    assert source.rasters[0].date == source.inputs[0].as_of == dt.date(2019, 8, 3)
    given = read(tmp_path, as_of=dt.date(2019, 8, 4))
    assert given.rasters[0].date == given.inputs[0].as_of == dt.date(2019, 8, 4)
    assert "the files say 2019-08-03" in told(given, "assumed")[0]
