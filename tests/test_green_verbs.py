"""The verbs of green land as a planner meets them: what is printed, written and said."""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from shapely import Point, box

from jxgis.__main__ import main

CRS = "EPSG:32651"
WEST, NORTH, SIDE, CELLS = 280_000, 3_410_000, 10, 120
EAST, SOUTH = WEST + SIDE * CELLS, NORTH - SIDE * CELLS
ZONES = {
    "a": shapely.Polygon([(280_033, 3_409_951), (280_570, 3_409_930), (280_120, 3_409_015)]),
    "b": box(280_601, 3_409_207, 281_157, 3_409_903),
    "c": box(EAST + 500, SOUTH, EAST + 900, NORTH),
}
BANDS = ["--red", "red.tif", "--nir", "nir.tif", "--quality", "scl.tif"]
BEFORE = ["--red-before", "red17.tif", "--nir-before", "nir17.tif"]
PLACE = ["--zones", "zones.gpkg", "--threshold", "0.4", "--crs", CRS]


def write(name, *bands, west=WEST, crs=CRS, date=None, **more):
    """Write bands; a date is the tag that Sentinel-2's copies have."""
    height, width = bands[0].shape
    profile = {"driver": "GTiff", "dtype": bands[0].dtype, "count": len(bands), **more}
    size = {"height": height, "width": width}
    at = rasterio.Affine(SIDE, 0, west, 0, -SIDE, NORTH)
    with rasterio.open(name, "w", crs=crs, transform=at, **size, **profile) as file:
        for number, band in enumerate(bands, 1):
            file.write(band, number)
        if date:
            file.update_tags(ACQUISITION_DATE=date)


def scene(seed):
    """Return stored numbers of red and near-infrared: about half of the cells are green."""
    random = np.random.default_rng(seed)
    red = random.integers(300, 1500, (CELLS, CELLS))
    return red.astype("uint16"), (red * random.uniform(1, 4, red.shape)).astype("uint16")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a scene of two dates, its clouds, zones, an area and land cover."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for end, seed, date in (("", 1, "2019-08-03"), ("17", 2, "2017-07-24")):
        for role, band in zip(("red", "nir"), scene(seed), strict=True):
            write(f"{role}{end}.tif", band, date=date)
    clouds = np.full((CELLS, CELLS), 4, "uint8")
    clouds[30:60, 10:40] = 9
    write("scl.tif", clouds, date="2019-08-03")
    codes = np.random.default_rng(3).choice([10, 30, 50, 80], (CELLS, CELLS)).astype("uint8")
    write("landcover.tif", codes)
    columns = {"zone_id": list(ZONES), "zone": ["甲", "乙", "丙"]}
    frame = gpd.GeoDataFrame(columns, geometry=list(ZONES.values()), crs=CRS)
    frame.to_file("zones.gpkg")
    frame[:2].dissolve().to_file("area.gpkg")
    return tmp_path


def result(folder, name="out"):
    return json.loads((folder / name / "result.json").read_text(encoding="utf-8"))


def extracted(array):
    """Return exactextract's sum of an array over each zone, square metres."""
    frame = gpd.GeoDataFrame(geometry=list(ZONES.values()), crs=CRS)
    bounds = WEST, SOUTH, EAST, NORTH
    source = NumPyRasterSource(array.astype(float), *bounds, srs_wkt=frame.crs.to_wkt())
    sums = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
    return sums.fillna(0).to_numpy(dtype=float) * SIDE**2


def seen_and_green():
    red, nir = (band.astype(int) for band in scene(1))
    with rasterio.open("scl.tif") as file:
        seen = file.read(1) == 4
    return seen, seen & (10 * (nir - red) > 4 * (nir + red))


def files(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_green_by_zone_is_that_of_exactextract(folder, capsys):
    assert main(["green", *BANDS, *PLACE, "--out", "out"]) == 0
    printed = capsys.readouterr()
    seen, green = (extracted(mask) for mask in seen_and_green())
    rows = result(folder)["by_zone"]
    assert [r["zone_id"] for r in rows] == ["a", "b", "c"]
    assert [r["seen_area_m2"] for r in rows] == pytest.approx(seen, rel=1e-6)
    assert [r["area_m2"] for r in rows] == pytest.approx([z.area for z in ZONES.values()])
    a, b, c = rows
    for row, own_seen, own_green in zip((a, b), seen, green, strict=False):
        assert row["green_area_m2"] == pytest.approx(own_green, rel=1e-6)
        assert row["green_share"] == pytest.approx(own_green / own_seen, rel=1e-6)
        assert f"{row['green_share']:.2%}"[:-1] in printed.out
    # Outside the scene nothing is known, and nothing is said.
    assert c["seen_area_m2"] == c["seen_share"] == 0
    assert c["green_share"] is None
    (figure,) = result(folder)["indicators"]
    assert figure["value"] == pytest.approx(green.sum() / seen.sum(), rel=1e-6)
    assert "of the area was not seen" in printed.err
    assert printed.out.rstrip().endswith("out/green-cover.html")
    assert all(name in printed.out for name in ("甲", "乙", "丙", "Green share", "Green, mu"))


def test_json_is_alone_and_the_same_at_every_run(folder, capsys):
    assert main(["green", *BANDS, *PLACE, "--area", "area.gpkg", "--json", "--out", "one"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == result(folder, "one")
    assert main(["green", *BANDS, *PLACE, "--area", "area.gpkg", "--out", "two"]) == 0
    assert files(folder / "one") == files(folder / "two")


@pytest.mark.usefixtures("folder")
def test_the_readers_language(capsys):
    for lang, word in (("zh_CN", "台账"), ("en", "ledger")):
        assert main(["--lang", lang, "green", *BANDS, *PLACE, "--out", "out"]) == 0
        printed = capsys.readouterr().out
        assert word in printed
        assert "乙" in printed


def test_change_is_of_cells_that_both_dates_saw(folder):
    rule = ["--rule", "green.least_patch_m2=0"]
    assert main(["green-change", *BANDS, *BEFORE, *PLACE, *rule, "--out", "out"]) == 0
    seen, green = seen_and_green()
    red, nir = (band.astype(int) for band in scene(2))
    before = seen & (10 * (nir - red) > 4 * (nir + red))
    gained, lost = (float(extracted(mask).sum()) for mask in (green & ~before, before & ~green))
    found = {i["id"]: i["value"] for i in result(folder)["indicators"]}
    assert found["green-gained"] == pytest.approx(gained / 1e4, rel=1e-6)
    assert found["green-lost"] == pytest.approx(lost / 1e4, rel=1e-6)
    assert found["green-net"] == pytest.approx((gained - lost) / 1e4, abs=1e-4)


def test_land_cover_by_its_codes(folder):
    given = ["--landcover", "landcover.tif", "--by", "landcover", *PLACE]
    codes = ["landcover.codes.tree=10", "landcover.codes.grass=30,31", "landcover.codes.built=50"]
    words = [word for code in codes for word in ("--layer", code)]
    assert main(["green", *given, *words, "--class", "grass", "--out", "out"]) == 0
    with rasterio.open("landcover.tif") as file:
        grass = extracted(file.read(1) == 30)
    rows = result(folder)["by_zone"]
    assert [r["green_area_m2"] for r in rows[:2]] == pytest.approx(grass[:2], rel=1e-6)


def test_scale_and_offset_are_numbers_on_the_command_line(folder):
    scaled = ["--layer", "imagery.scale=0.0001", "--layer", "imagery.offset=-0.02"]
    assert main(["green", *BANDS, *PLACE, *scaled, "--out", "out"]) == 0
    red, nir = (band.astype(int) - 200 for band in scene(1))
    seen, _green = seen_and_green()
    green = extracted(seen & (10 * (nir - red) > 4 * (nir + red)))
    rows = result(folder)["by_zone"]
    assert [r["green_area_m2"] for r in rows[:2]] == pytest.approx(green[:2], rel=1e-6)


def test_bands_of_one_file_are_named_by_number(folder):
    write("stack.tif", *scene(1), np.zeros((CELLS, CELLS), "uint16"), date="2019-08-03")
    stack = ["--red", "stack.tif:1", "--nir", "stack.tif:2", "--quality", "scl.tif"]
    assert main(["green", *stack, *PLACE, "--out", "stacked"]) == 0
    assert main(["green", *BANDS, *PLACE, "--out", "out"]) == 0
    assert result(folder, "stacked")["by_zone"] == result(folder)["by_zone"]


@pytest.mark.usefixtures("folder")
def test_bands_that_look_mistaken_for_each_other_are_told(capsys):
    swapped = ["--red", "nir.tif", "--nir", "red.tif", "--quality", "scl.tif"]
    assert main(["green", *swapped, *PLACE, "--out", "out"]) == 0
    assert "near-infrared is darker than red" in capsys.readouterr().err


def test_a_sample_is_drawn_filled_in_and_gives_an_interval(folder, capsys):
    given = [*BANDS, *PLACE, "--rule", "green.least_points=10"]
    assert main(["green-sample", *given, "--points", "90", "--out", "drawn"]) == 0
    assert "reference_points" in capsys.readouterr().out
    points = gpd.read_file("drawn/sample.gpkg", layer="reference_points")
    assert len(points) == 90
    assert "stratum" not in points
    points["reference"] = stratum = pd.read_csv("drawn/strata.csv")["stratum"]
    points.loc[points.index[::7], "reference"] = "other"
    points.to_file("drawn/sample.gpkg", layer="reference_points")
    # What somebody filled in is not drawn over.
    assert main(["green-sample", *given, "--points", "90", "--out", "drawn"]) == 2
    assert "would be lost" in capsys.readouterr().err
    assert main(["green", *given, "--reference", "drawn/sample.gpkg", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    assert "95 % interval" in printed
    assert "90 %" not in printed
    figure, mapped = result(folder)["indicators"]
    strata = points["reference"].groupby(stratum).apply(lambda words: (words == "green").mean())
    expected = strata["green"] * mapped["value"] + strata["other"] * (1 - mapped["value"])
    assert figure["value"] == pytest.approx(expected, rel=1e-6)
    assert figure["low"] < figure["value"] < figure["high"]


@pytest.mark.usefixtures("folder")
def test_trees_are_drawn_from_crowns():
    crowns = np.random.default_rng(4).choice([0, 10, 40], (CELLS, CELLS)).astype("uint8")
    write("crowns.tif", crowns)
    given = ["--canopy", "crowns.tif", "--zones", "zones.gpkg", "--crs", CRS]
    assert main(["green-sample", *given, "--of", "trees", "--points", "100", "--out", "drawn"]) == 0
    points = gpd.read_file("drawn/sample.gpkg", layer="reference_points").to_crs(CRS).geometry
    row, column = (NORTH - points.y) // SIDE, (points.x - WEST) // SIDE
    tree = crowns[row.astype(int), column.astype(int)] >= 20
    assert ((pd.read_csv("drawn/strata.csv")["stratum"] == "tree") == tree).all()


def test_what_was_filled_in_in_chinese_is_read_in_english(folder):
    given = [*BANDS, *PLACE]
    sample = ["green-sample", *given, "--points", "100", "--out", "drawn"]
    assert main(["--lang", "zh_CN", *sample]) == 0
    asked = (folder / "drawn" / "sample.kml").read_text(encoding="utf-8")
    words = dict(re.findall(r"(green|other)（(\w+)）", asked))
    assert not any(word.isascii() for word in words.values())
    points = gpd.read_file("drawn/sample.gpkg", layer="reference_points")
    points["reference"] = pd.read_csv("drawn/strata.csv")["stratum"].map(words)
    points.to_file("filled.gpkg")
    judged = ["green", *given, "--reference", "filled.gpkg", "--out", "out"]
    assert main(["--lang", "en", *judged]) == 0


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p.assign(reference=["", *["other"] * 39]), "of 40 points have no reference"),
        (lambda p: p.assign(reference="lawn"), "'lawn' is no class of the map"),
        (
            lambda p: p.assign(reference="green").set_geometry([Point(121, 29)] * len(p)),
            "40 points lie outside the mapped area",
        ),
        (lambda p: p.drop(columns="reference"), "there is no column reference"),
    ],
    ids=["unfilled", "unknown", "outside", "no column"],
)
def test_a_sample_that_does_not_fit(change, said, capsys):
    given = [*BANDS, *PLACE, "--rule", "green.least_points=10"]
    assert main(["green-sample", *given, "--points", "40", "--out", "drawn"]) == 0
    points = gpd.read_file("drawn/sample.gpkg", layer="reference_points")
    change(points).set_crs(4326, allow_override=True).to_file("filled.gpkg")
    capsys.readouterr()
    assert main(["green", *given, "--reference", "filled.gpkg", "--out", "out"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
