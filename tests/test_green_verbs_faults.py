"""Bad input to the verbs of green land: one sentence each, and nothing is written."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from jxgis.__main__ import main

CRS = "EPSG:32651"
WEST, NORTH, CELLS = 280_000, 3_410_000, 64
PLACE = ["--zones", "zones.gpkg", "--threshold", "0.4"]
EARLIER = ["--red-before", "red.tif", "--nir-before", "nir.tif"]
PAIR = ["--red", "red.tif", "--nir", "nir.tif"]


def write(name, *bands, west=WEST, date="2019-08-03", crs=CRS, **more):
    height, width = bands[0].shape
    size = {"height": height, "width": width, "count": len(bands), "dtype": bands[0].dtype}
    at = rasterio.Affine(10, 0, west, 0, -10, NORTH)
    with rasterio.open(name, "w", driver="GTiff", crs=crs, transform=at, **size, **more) as file:
        file.update_tags(ACQUISITION_DATE=date)
        for number, band in enumerate(bands, 1):
            file.write(band, number)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Good files, and each kind of bad one; ``out`` is there already and somebody else's."""
    monkeypatch.chdir(tmp_path)
    band = np.random.default_rng(1).integers(300, 3000, (CELLS, CELLS)).astype("uint16")
    write("red.tif", band)
    write("nir.tif", band[::-1])
    write("small.tif", band[:40, :40])
    write("moved.tif", band, west=WEST + 3)
    write("old.tif", band, date="2017-07-24")
    write("nowhere.tif", band, crs=None)
    write("far_red.tif", band, west=WEST + 300_000)
    write("far_nir.tif", band[::-1], west=WEST + 300_000)
    write("stack.tif", band, band[::-1], band)
    write("scl.tif", np.full((CELLS, CELLS), 9, "uint8"))
    write("codes.tif", np.full((CELLS, CELLS), 10, "uint8"))
    cut = Path("nir.tif").read_bytes()
    Path("cut.tif").write_bytes(cut[: len(cut) * 2 // 3])
    Path("text.tif").write_text("red\n", encoding="utf-8")
    Path("empty").mkdir()
    Path("empty", "readme.txt").touch()
    zone = box(WEST, NORTH - 10 * CELLS, WEST + 10 * CELLS, NORTH)
    frame = gpd.GeoDataFrame({"zone_id": ["a"], "zone": ["A"]}, geometry=[zone], crs=CRS)
    frame.to_file("zones.gpkg")
    frame[:0].to_file("no_zones.gpkg")
    return tmp_path


def refused(words, capsys):
    """Return what is said on standard error: the run ended with 2 and wrote nothing."""
    before = {p.name for p in Path().iterdir()}
    assert main([*words, "--out", "out"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert {p.name for p in Path().iterdir()} == before
    return printed.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("red", "nir", "file", "problem", "mend"),
    [
        ("red.tif", "small.tif", "small.tif", "40 × 40 cells", "bands of one scene"),
        ("red.tif", "moved.tif", "moved.tif", "its cells do not lie where", "bands of one scene"),
        ("red.tif", "old.tif", "old.tif", "it was taken on 2017-07-24", "bands of one date"),
        ("nowhere.tif", "nir.tif", "nowhere.tif", "no coordinate system", "Write crs ="),
        ("red.tif", "cut.tif", "cut.tif", "cannot be read", "."),
        ("none.tif", "nir.tif", "none.tif", "there is no such file", "Check the path"),
        ("text.tif", "nir.tif", "text.tif", "cannot be read", "save it again as a GeoTIFF"),
        ("stack.tif", "nir.tif", "stack.tif", "it holds 3 bands", "Name one"),
        ("stack.tif:1", "stack.tif:7", "stack.tif", "no band 7", "Its bands are: 1, 2, 3"),
        ("stack.tif", "stack.tif", "stack.tif", "both red and near-infrared", "FILE:BAND"),
        ("red.tif", "red.tif", "red.tif", "both red and near-infrared", "the other file"),
        ("zones.gpkg", "nir.tif", "zones.gpkg", "cannot be read", "as a GeoTIFF"),
    ],
)
def test_bands_that_do_not_go_together(red, nir, file, problem, mend, capsys):
    error = refused(["green", "--red", red, "--nir", nir, *PLACE], capsys)
    assert file in error
    assert problem in error
    assert mend in error


@pytest.mark.usefixtures("folder")
def test_a_file_that_was_cut_short_says_where(capsys):
    error = refused(["green", "--red", "red.tif", "--nir", "cut.tif", *PLACE], capsys)
    assert "cut.tif" in error
    assert "row" in error or "block" in error


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([*PAIR, "--quality", "scl.tif", *PLACE], "nothing of the area was seen"),
        (["--red", "far_red.tif", "--nir", "far_nir.tif", *PLACE], "nothing of the area was seen"),
        ([*PAIR, "--zones", "no_zones.gpkg", "--threshold", "0.4"], "it holds no features"),
        ([*PAIR, "--crs", CRS, "--threshold", "0.4"], "given: --zones, --area"),
        ([*PAIR, "--threshold", "0.4"], "given: --zones, --area"),
        (PLACE, "given: --red + --nir, --scene, --landcover"),
        (["--red", "red.tif", *PLACE], "--red is given without --nir"),
        (["--nir", "red.tif", *PLACE], "--nir is given without --red"),
        (["--quality", "scl.tif", *PLACE], "--quality is given without --red, --nir"),
        ([*PAIR, "--scene", "empty", *PLACE], "given as bands and as scenes"),
        (["--scene", "empty", *PLACE], "no scene of Sentinel-2 or Landsat"),
        (["--scene", "nothing", *PLACE], "there is no such file"),
        ([*PAIR, *PLACE, "--by", "landcover"], "given: --landcover"),
        (["--landcover", "codes.tif", *PLACE, "--by", "fraction"], "given: --red + --nir"),
        (["--landcover", "codes.tif", *PLACE], "nothing tells what its codes mean"),
        (["--landcover", "codes.tif", *PLACE, "--class", "lawn"], "'lawn' is not one of"),
        ([*PAIR, "--zones", "zones.gpkg", "--threshold", "1"], "is not in the range 0<x<1"),
        ([*PAIR, "--zones", "zones.gpkg", "--threshold", "nan"], "nan is no number"),
        ([*PAIR, "--zones", "zones.gpkg", "--rule", "green.ndvi_threshold=2"], "between 0 and 1"),
        (
            [*PAIR, *PLACE, "--layer", "imagery.scale=abc"],
            "layer imagery: scale must be",
        ),
        ([*PAIR, *PLACE, "--layer", "imagery.quality_as=x"], "quality_as is x"),
        (["--red", "red.tif", *PAIR, *PLACE], "of nir is 1, and of red 2"),
    ],
)
def test_options_that_give_no_answer(words, problem, capsys):
    assert problem in refused(["green", *words], capsys)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (["landcover.legend=corine"], "legend is corine. It must be one of: worldcover"),
        (["landcover.codes.lawn=1"], "lawn is no class of land. Known are: tree"),
        (["landcover.codes.tree=1,x"], "the codes of tree are not whole numbers"),
        (["landcover.codes.tree=1", "landcover.codes.grass=1"], "code 1 is both tree and grass"),
    ],
)
def test_codes_that_mean_nothing(settings, problem, capsys):
    words = [word for setting in settings for word in ("--layer", setting)]
    assert problem in refused(["green", "--landcover", "codes.tif", *words, *PLACE], capsys)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (PAIR, "given: --red-before + --nir-before, --scene-before"),
        (["--red-before", "old.tif", "--nir-before", "red.tif"], "given: --red + --nir, --scene"),
        ([*PAIR, "--red-before", "old.tif"], "--red-before is given without --nir-before"),
        ([*PAIR, *EARLIER], "2019-08-03"),
        ([*PAIR, *EARLIER, "--area", "zones.gpkg"], "is of all land of the zones"),
        (
            ["--red", "old.tif", "--nir", "old2.tif", *EARLIER],
            "Give the two dates the other way round",
        ),
    ],
)
def test_two_dates_that_are_not(words, problem, capsys):
    Path("old2.tif").write_bytes(Path("old.tif").read_bytes())
    assert problem in refused(["green-change", *words, *PLACE], capsys)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (PAIR, "one of --points and --margin is given, and not both"),
        ([*PAIR, "--points", "100", "--margin", "0.1"], "and not both"),
        ([*PAIR, "--points", "0"], "is not in the range"),
        ([*PAIR, "--margin", "nan"], "nan is no number"),
        ([*PAIR, "--points", "3"], "3 points are fewer than"),
        ([*PAIR, "--points", "300", "--of", "trees"], "given: --landcover, --canopy"),
        ([*PAIR, "--points", "300", "--of", "change"], "given: --red-before"),
        (["--red", "nowhere.tif", *PAIR[2:], "--points", "300"], "--layer LAYER.KEY=VALUE"),
    ],
)
def test_samples_that_cannot_be_drawn(words, problem, capsys):
    assert problem in refused(["green-sample", *words, *PLACE], capsys)


def test_a_folder_of_somebody_elses_is_left_alone(folder, capsys):
    (folder / "out").mkdir()
    (folder / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    refused(["green", *PAIR, *PLACE], capsys)
    assert (folder / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"
