"""Olinda's green in 2000 by census tract: a Landsat 7 scene against exactextract."""

import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

from jxgis.__main__ import main

UTM = "EPSG:31985"
SIRGAS = ["--layer", "zones.crs=EPSG:4674"]
COLUMNS = ["--layer", "zones.columns.zone_id=CD_GEOCODI", "--layer", "zones.columns.zone=ID"]


@pytest.fixture(scope="module")
def olinda(real_data):
    return real_data / "rasters" / "olinda_l7"


@pytest.fixture
def green(olinda, tmp_path, monkeypatch, capsys):
    """Return what measures by tract: the rows, the document and what was said."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    scene = f"{olinda / 'L7_ETMs.tif'}"
    bands = ["--red", f"{scene}:3", "--nir", f"{scene}:4"]
    place = ["--zones", str(olinda / "olinda1.shp"), *COLUMNS]

    def run(*more):
        words = ["green", *bands, *place, "--threshold", "0.2", *more]
        assert main([*words, "--out", str(tmp_path / "out")]) == 0
        text = (tmp_path / "out" / "result.json").read_text(encoding="utf-8")
        return json.loads(text), capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def tracts(olinda):
    frame = gpd.read_file(olinda / "olinda1.shp", encoding="cp1252")
    return frame.set_crs(4674, allow_override=True).to_crs(UTM)


@pytest.fixture(scope="module")
def seen_and_green(olinda):
    with rasterio.open(olinda / "L7_ETMs.tif") as file:
        red, nir = file.read([3, 4]).astype(int)
        bounds = file.bounds
        side = file.res[0] * file.res[1]
    seen = (red > 0) | (nir > 0)
    return seen, seen & (10 * (nir - red) > 2 * (nir + red)), bounds, side


def extracted(array, frame, bounds, cell_m2):
    source = NumPyRasterSource(array.astype(float), *bounds, srs_wkt=frame.crs.to_wkt())
    sums = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
    return sums.fillna(0).to_numpy(dtype=float) * cell_m2


def test_green_of_each_tract_is_that_of_exactextract(green, tracts, seen_and_green):
    result, _said = green(*SIRGAS, "--crs", UTM)
    seen, green_, bounds, cell_m2 = seen_and_green
    rows = result["by_zone"]
    assert [row["zone_id"] for row in rows] == tracts["CD_GEOCODI"].to_list()
    assert len(rows) == 470
    seen_m2, green_m2 = (extracted(mask, tracts, bounds, cell_m2) for mask in (seen, green_))
    ours = {name: [row[name] for row in rows] for name in rows[0]}
    assert ours["area_m2"] == pytest.approx(tracts.area.to_list(), abs=1e-3)
    assert ours["seen_area_m2"] == pytest.approx(seen_m2, rel=1e-6)
    assert ours["green_area_m2"] == pytest.approx(green_m2, rel=1e-6, abs=1e-3)
    assert ours["green_share"] == pytest.approx(green_m2 / seen_m2, abs=1e-6)
    (figure,) = result["indicators"]
    assert figure["value"] == pytest.approx(green_m2.sum() / seen_m2.sum(), abs=1e-6)
    assert figure["denominator"] == pytest.approx(seen_m2.sum(), rel=1e-6)


def test_people_live_where_it_is_less_green(green, tracts, seen_and_green):
    """The share of green weighted by people, from the table by zone and from exactextract."""
    result, _said = green(*SIRGAS)
    seen, green_, bounds, cell_m2 = seen_and_green
    people = tracts["V014"].to_numpy(dtype=float)
    assert people.sum() == 377_779
    share = np.array([row["green_share"] for row in result["by_zone"]])
    theirs = extracted(green_, tracts, bounds, cell_m2) / extracted(seen, tracts, bounds, cell_m2)
    weighted = float(np.average(share, weights=people))
    assert weighted == pytest.approx(np.average(theirs, weights=people), abs=1e-6)
    assert weighted < 0.7 * result["indicators"][0]["value"]


def test_a_metric_crs_that_is_chosen_changes_no_share(green):
    """The tracts go to the raster's grid, whatever they are measured in on the way."""
    chosen, _said = green(*SIRGAS)
    named, _said = green(*SIRGAS, "--crs", UTM)
    assert chosen["crs"] != UTM
    shares = [[row["green_share"] for row in own["by_zone"]] for own in (chosen, named)]
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)


def test_what_an_unknown_datum_may_do_is_said(green):
    result, _said = green()
    assert any(
        row["layer"] == "zones"
        and row["count"] == 470
        and "no published transformation from GRS 1980" in row["reason"]
        and "up to about 100 m" in row["reason"]
        for row in result["ledger"]
    )
    told, _said = green(*SIRGAS)
    assert not any("published transformation" in row["reason"] for row in told["ledger"])


def test_tracts_without_a_name_are_told_by_row(olinda, tmp_path, capsys):
    scene = f"{olinda / 'L7_ETMs.tif'}"
    words = ["green", "--red", f"{scene}:3", "--nir", f"{scene}:4", "--threshold", "0.2"]
    words += ["--zones", str(olinda / "olinda1.shp"), *SIRGAS, *COLUMNS[:3]]
    assert main([*words, "zones.columns.zone=NM_BAIR", "--out", str(tmp_path / "out")]) == 2
    assert "row 333: column zone is empty" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_scene_of_several_bands_is_not_guessed(olinda, tmp_path, capsys):
    scene = f"{olinda / 'L7_ETMs.tif'}"
    words = ["green", "--red", f"{scene}:3", "--nir", scene, "--threshold", "0.2"]
    words += ["--zones", str(olinda / "olinda1.shp"), *SIRGAS, *COLUMNS]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "it holds 6 bands. Name one" in capsys.readouterr().err
