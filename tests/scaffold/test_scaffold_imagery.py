"""Imagery in a planner's folder: bands told by their names, products, and which date is taken."""

import json
import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
from rasters_written import NORTH, WEST, landsat, pair, safe, write
from shapely import box

from jxgis.__main__ import main
from jxgis.plan import read_plan
from jxgis.scaffold.rasters import as_scenes, date_in_name


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A planner's folder with nothing but zones in it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "given"
    folder.mkdir()
    shapes = [box(WEST, NORTH - 80, WEST + 80, NORTH)]
    zones = gpd.GeoDataFrame({"zone_id": ["1"], "zone": ["A"]}, geometry=shapes, crs=32651)
    zones.to_file(folder / "zones.gpkg")
    return folder


@pytest.fixture
def new(given, capsys):
    """Write a plan; return its layers as they are read, its text, and what was said."""

    def written():
        plan = Path("plan/plan.toml")
        plan.unlink(missing_ok=True)
        assert main(["new", "plan", "--from", str(given)]) == 0
        said = capsys.readouterr().out
        return read_plan(plan).layers, plan.read_text(encoding="utf-8"), said

    return written


def test_the_latest_date_is_imagery_and_an_earlier_one_is_before(given, new):
    for date in ("20170724", "20190803", "20180102"):
        pair(given, date)
    layers, text, said = new()
    assert layers["imagery"].bands == {
        "red": ("../given/img_20190803_red.tif",),
        "nir": ("../given/img_20190803_nir.tif",),
        "quality": ("../given/img_20190803_scl.tif",),
    }
    assert layers["imagery_before"].bands["red"] == ("../given/img_20170724_red.tif",)
    assert '# red = "../given/img_20180102_red.tif"' in text
    assert "only a comment: img_20180102_red.tif, img_20180102_nir.tif" in said
    assert "not taken" not in said
    assert main(["check", "plan/plan.toml"]) == 0


def test_what_is_only_a_comment_can_be_taken_as_it_is(given, new):
    for date in ("20190803", "20190901"):
        pair(given, date, at=int(date[-1]))
    _layers, text, _said = new()
    lines = text.split("Further imagery", 1)[1].split("\n\n")[0].splitlines()[1:]
    further = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines))
    assert further["layers"]["imagery"]["red"] == "../given/img_20190803_red.tif"


def test_an_earlier_date_on_another_grid_is_no_comparison(given, new):
    pair(given, "20190803")
    pair(given, "20170724", side=20)
    layers, text, _said = new()
    assert "imagery_before" not in layers
    assert '# red = "../given/img_20170724_red.tif"' in text


def test_another_year_in_the_same_season_comes_before_a_later_one(given, new):
    for date in ("20160810", "20190803", "20190701", "20180801", "20170101"):
        pair(given, date, quality=False)
    layers, _text, _said = new()
    assert layers["imagery_before"].bands["red"] == ("../given/img_20180801_red.tif",)


def test_a_date_that_only_the_name_tells_is_written(given, new):
    write(given / "2019-08-03" / "red.tif")
    write(given / "2019-08-03" / "nir.tif")
    write(given / "2018-08-03" / "red.tif", tags={"ACQUISITION_DATE": "2018-08-04"})
    write(given / "2018-08-03" / "nir.tif", tags={"ACQUISITION_DATE": "2018-08-04"})
    layers, text, _said = new()
    assert str(layers["imagery"].as_of) == "2019-08-03"
    assert layers["imagery_before"].as_of is None
    assert "no scale or offset in the metadata; the numbers were taken as they are:" in text
    assert main(["check", "plan/plan.toml"]) == 0


def test_tiles_of_one_date_are_one_scene(given, new):
    for start, at in (("a_", 0), ("b_", 8)):
        pair(given, "20190803", start=start, at=at)
    pair(given, "20170724", start="a_")
    layers, _text, said = new()
    assert layers["imagery"].bands["nir"] == tuple(
        f"../given/{start}20190803_nir.tif" for start in ("a_", "b_")
    )
    assert "in 2 tiles" in said
    assert "imagery_before" not in layers
    assert main(["check", "plan/plan.toml"]) == 0


def test_a_copy_is_no_tile(given, new):
    pair(given, "20190803")
    pair(given / "z", "20190803")
    layers, text, _said = new()
    assert layers["imagery"].bands["red"] == ("../given/img_20190803_red.tif",)
    assert '# red = "../given/z/img_20190803_red.tif"' in text


def test_a_product_of_sentinel_2_is_named_by_its_folder(given, new):
    now, before = safe(given, "20210805"), safe(given / "old", "20190803")
    layers, text, _said = new()
    assert layers["imagery"].path == f"../given/{now.name}"
    assert layers["imagery_before"].path == f"../given/old/{before.name}"
    assert "Not taken" not in text
    assert main(["check", "plan/plan.toml"]) == 0


def test_products_side_by_side_are_given_band_by_band(given, new):
    safe(given, "20210805")
    safe(given, "20210805", tile="T51RUQ", at=8)
    layers, _text, _said = new()
    files = layers["imagery"].bands["quality"]
    assert [Path(file).name.split("_")[0] for file in files] == ["T51RTQ", "T51RUQ"]
    assert main(["check", "plan/plan.toml"]) == 0


def test_the_folder_itself_can_be_a_product(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    product = safe(tmp_path, "20210805")
    assert main(["new", "plan", "--from", product.name]) == 0
    assert read_plan(Path("plan/plan.toml")).layers["imagery"].path == f"../{product.name}"
    assert "2021-08-05" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("satellite", "bands", "red"), [("LC08", (4, 5), "B4"), ("LE07", (3, 4), "B3")]
)
def test_landsat_alone_in_its_folder_and_among_other_files(given, new, satellite, bands, red):
    alone = given / "landsat"
    alone.mkdir()
    landsat(alone, satellite=satellite, bands=bands)
    scene = landsat(given, "20180803", satellite=satellite, bands=bands)
    layers, text, _said = new()
    assert layers["imagery"].path == "../given/landsat"
    assert layers["imagery_before"].bands["red"] == (f"../given/{scene}_SR_{red}.TIF",)
    assert "MTL" not in text


def test_what_was_fetched_is_named_by_its_folder(given, new):
    folder = given / "scenes" / "S2A_20200805"
    for role in ("red", "nir"):
        write(folder / f"{role}.tif")
    bands = {role: {"file": f"{role}.tif", "scale": "0.0001", "offset": "-0.1"} for role in
             ("red", "nir")}  # fmt: skip
    description = json.dumps({**bands, "date": "2020-08-05"})
    (folder / "scene.json").write_text(description, encoding="utf-8")
    layers, _text, said = new()
    assert layers["imagery"].path == "../given/scenes/S2A_20200805"
    assert "2020-08-05" in said
    assert main(["check", "plan/plan.toml"]) == 0


def test_bands_in_one_file_are_never_guessed(given, new):
    write(given / "GF2_PMS1_20200101_red_nir.tif", bands=4)
    write(given / "ZY3_20200101.tif", bands=3)
    write(given / "plan_drawing.tif", bands=3, kind="uint8", photometric="RGB")
    layers, text, said = new()
    assert layers.keys() == {"zones"}
    assert said.count('give red = "FILE:BAND" and nir = "FILE:BAND"') == 2
    assert "jxgis check PLAN --preview DIR" in text
    assert "plan_drawing" not in text + said


def test_half_a_scene_and_a_packed_one_are_said(given, new):
    write(given / "x_red.tif")
    write(given / "y_nir.tif")
    (given / "S2A_MSIL2A_20210805T023551_N0301_R089_T51RTQ_20210805T060000.zip").write_bytes(b"")
    layers, _text, said = new()
    assert "imagery" not in layers
    assert "x_red.tif (it has no near-infrared band beside x_red.tif)" in said
    assert "y_nir.tif (it has no red band beside y_nir.tif)" in said
    assert "still packed. Unpack the whole product." in said


def test_an_offset_that_nothing_tells_is_to_be_filled_in(given, new):
    for band in ("B04", "B08"):
        write(given / f"T51RTQ_20220803T023551_{band}_10m.tif")
    _layers, text, said = new()
    assert "to fill in: imagery" in said
    assert main(["check", "plan/plan.toml"]) == 2
    text = text.replace('# baseline = "04.00"', 'baseline = "04.00"')
    Path("plan/plan.toml").write_text(text, encoding="utf-8")
    assert main(["check", "plan/plan.toml"]) == 0


def test_bands_without_a_coordinate_system_are_to_be_filled_in(given, new):
    pair(given, "20190803", crs=None)
    _layers, text, said = new()
    assert "to fill in: imagery" in said
    assert text.count('# crs = "EPSG:…"') == 1


@pytest.mark.parametrize("name", ["imagery", "landcover"])
def test_green_cover_is_tracked_where_something_tells_it(given, new, name):
    if name == "imagery":
        pair(given, "20190803")
    else:
        write(given / "landcover.tif", kind="uint8", tags={"LEGEND": "esri"})
    new()
    (target,) = read_plan(Path("plan/plan.toml")).targets
    assert (target.id, target.measure, target.kind) == ("green-cover", "green.cover", "computed")
    assert main(["run", "plan/plan.toml", "--out", "site"]) == 0


def test_bands_are_put_together_by_what_their_names_share():
    scenes = as_scenes(
        [
            "2019红光.tif",
            "2019近红外.tif",
            "red_2018.tif",
            "nir_2018.tif",
            "R10m/T51RTQ_20190803T023551_B04_10m.jp2",
            "R10m/T51RTQ_20190803T023551_B08_10m.jp2",
            "R20m/T51RTQ_20190803T023551_B04_20m.jp2",
            "R20m/T51RTQ_20190803T023551_SCL_20m.jp2",
            "LC08_1_B4.TIF",
            "LC08_1_B5.TIF",
            "LC08_1_SR_B4.TIF",
            "LC08_1_SR_B5.TIF",
            "LC08_1_QA_PIXEL.TIF",
            "infrared.tif",
        ]
    )
    assert sorted([*scene.files.values()] for scene in scenes) == [
        ["2019红光.tif", "2019近红外.tif"],
        ["LC08_1_SR_B4.TIF", "LC08_1_SR_B5.TIF", "LC08_1_QA_PIXEL.TIF"],
        [
            "R10m/T51RTQ_20190803T023551_B04_10m.jp2",
            "R10m/T51RTQ_20190803T023551_B08_10m.jp2",
            "R20m/T51RTQ_20190803T023551_SCL_20m.jp2",
        ],
        ["red_2018.tif", "nir_2018.tif"],
    ]


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("a/img_20190803_red.tif", "2019-08-03"),
        ("2019-08-03/red_20191399.tif", "2019-08-03"),
        ("x_2019.08.03T02.tif", "2019-08-03"),
        ("img_2019_red.tif", "None"),
        ("1201908031.tif", "None"),
    ],
)
def test_a_date_is_read_from_a_name(path, date):
    assert str(date_in_name(path)) == date
