"""The verb of photovoltaics as a planner meets it: what is printed, written and said."""

import json
from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
from solar_files_made import (
    CRS,
    DENSITY,
    FIELD_MW,
    GIVEN,
    POND_MW,
    ROOF_MW,
    X,
    Y,
    files,
    plan,
    put_county,
)

from jxgis.__main__ import main

TO_DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
LAYERS = (
    *("--zones", "zones.gpkg", "--land", "land.gpkg", "--buildings", "buildings.gpkg"),
    *("--siting", "siting-cn", *GIVEN, "--rule", "solar.cell_m=20"),
)
DATES = [word for year in (2017, 2020, 2026) for word in ("--date", f"{year}-01-01")]
TWO_DAYS = "dates = [2017-12-31, 2026-11-25]\nneed_mw = 80"


def place(x, y):
    """Longitude and latitude of a place in the county, as words."""
    return [f"{degrees:.8f}" for degrees in TO_DEGREES.transform(X + x, Y + y)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the county."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    put_county()
    return tmp_path


def result(name="out"):
    return json.loads(Path(name, "result.json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("folder")
def test_a_plan_is_answered(capsys):
    assert main(["solar", plan(TWO_DAYS), "--out", "out"]) == 0
    printed = capsys.readouterr()
    for words in (
        "Zones of 80 MW, 2026-11-25",
        "Legal capacity 2017-12-31 and 2026-11-25",
        "海盐县",
    ):
        assert words in printed.out
    assert printed.err == ""
    found = result()
    assert (found["measure"], found["status"]) == ("solar.zones", "done")
    values = {own["id"]: own["value"] for own in found["indicators"]}
    assert values["solar-zones"] == values["solar-zones-then"] == 1
    assert values["solar-ground-mw"] == pytest.approx(FIELD_MW)
    assert values["solar-pond-mw"] == pytest.approx(POND_MW)
    assert values["solar-roof-mw"] == pytest.approx(ROOF_MW)
    (zone,) = found["tables"]["zones"]
    assert zone["zone"] == "海盐县"
    assert 80 <= zone["mw"] <= FIELD_MW + 1e-6
    names = {name.partition("-")[2] for name in files("out")}
    assert {"zones.html", "zones.gpkg", "zones-zones.csv", "zones-allowed.tif"} <= names
    drawn = gpd.read_file(next(Path("out").glob("*.gpkg")), layer="solar_zones")
    assert len(drawn) == 1


@pytest.mark.usefixtures("folder")
def test_json_is_alone_and_options_say_the_same_as_a_plan(capsys):
    assert main(["solar", plan("dates = [2026-11-25]"), "--json", "--out", "one"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == result("one")
    assert main(["solar", *LAYERS, "--date", "2026-11-25", "--crs", CRS, "--out", "two"]) == 0
    one, two = result("one"), result("two")
    assert one["indicators"] == two["indicators"]
    assert one["tables"] == two["tables"]
    (short,) = one["tables"]["short"]
    # cells that the river may run through are in no zone
    assert short["best_mw"] == pytest.approx(FIELD_MW - 0.015 * 86)
    assert short["missing_mw"] == pytest.approx(100 - short["best_mw"])


@pytest.mark.usefixtures("folder")
def test_run_measures_a_plan_with_the_table_and_twice_the_same():
    assert main(["run", plan("dates = [2026-11-25]\nneed_mw = 80"), "--out", "one"]) == 0
    assert main(["run", "plan.toml", "--out", "two"]) == 0
    one, two = files("one"), files("two")
    assert any("solar" in name for name in one)
    assert one == two


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("at", "said"),
    [
        ((500, 500), ["2017-12-31: allowed, Ground", "2026-11-25: allowed, Ground"]),
        ((1500, 400), ["2026-11-25: allowed, Ponds"]),
        (
            (1050, 500),
            ["2026-11-25: forbidden", "Rivers", "since 2022-05-13", "水河湖"],
        ),
        ((998, 500), ["2026-11-25: forbidden", "2.0 m away"]),
        ((1900, 900), ["2026-11-25: no rule gives this land to panels"]),
    ],
)
def test_why_says_what_holds_at_a_place(at, said, capsys):
    assert main(["solar", plan(TWO_DAYS), "--why", *place(*at)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for words in said:
        assert words in printed.out
    assert printed.out.count("2017-12-31: ") == printed.out.count("2026-11-25: ") == 1


def test_why_as_json_and_nothing_is_written(folder, capsys):
    plan(TWO_DAYS)
    before = files(folder)
    words = ["solar", "plan.toml", "--why", *place(998, 500), "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert [found["lon"], found["lat"]] == pytest.approx([float(n) for n in words[3:5]])
    then, now = found["days"]
    assert (then["day"], now["day"]) == ("2017-12-31", "2026-11-25")
    assert now["allowed"] is None
    assert now["use"] == "unused"
    (rule,) = now["forbidden_by"]
    assert rule["rule"] == "rivers"
    assert rule["distance_m"] == pytest.approx(2.0, abs=1e-3)
    assert (rule["value"], rule["unit"], rule["since"]) == (5, "m", "2022-05-13")
    assert rule["source"]
    assert rule["reason"]
    assert files(folder) == before


@pytest.mark.usefixtures("folder")
def test_why_needs_neither_a_density_nor_a_folder(capsys):
    assert main(["solar", plan(density={}), "--why", *place(500, 500), "--date", "2020-01-01"]) == 0
    assert capsys.readouterr().out.startswith("2020-01-01: allowed, Ground")
    words = ["--zones", "zones.gpkg", "--land", "land.gpkg", "--siting", "siting-cn"]
    assert main(["solar", *words, "--crs", CRS, "--why", *place(500, 500)]) == 0
    assert ": allowed, Ground" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_why_in_the_readers_language(capsys):
    words = ["solar", plan(TWO_DAYS), "--why", *place(1050, 500)]
    assert main(["--lang", "zh_CN", *words]) == 0
    assert "河" in capsys.readouterr().out


def refused(words, capsys):
    """What is said on standard error: it ended with 2 and wrote nothing."""
    before = files(".")
    assert main(["solar", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert files(".") == before
    return printed.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["plan.toml"],
            "--out is missing. Give a folder to write, or ask for one place with --why",
        ),
        ([], "--zones is missing. Give a plan, or at least --zones"),
        (["--land", "land.gpkg", "--out", "out"], "--zones is missing"),
        (["plan.toml", "--need", "50", "--out", "out"], "--need and a plan are both given"),
        (["plan.toml", *GIVEN, "--out", "out"], "--density and a plan are both given"),
        (
            ["plan.toml", "--land", "land.gpkg", "--siting", "siting-cn"],
            "--land, --siting and a plan",
        ),
        (["plan.toml", "--irradiation", "1300", "--out", "o"], "--irradiation and a plan are both"),
        (["plan.toml", "--why", "30.73", "120.7"], "lies in none of the zones. Give longitude and"),
        (["plan.toml", "--why", "500", "500"], "lies in none of the zones"),
        (
            ["plan.toml", "--why", "120.7", "30.73", "--out", "out"],
            "--why, --out are both given. Nothing is written where one place is asked",
        ),
        (
            ["plan.toml", *DATES, "--out", "out"],
            "--date is given for 3 days. Two days are compared: give the first and the last",
        ),
        (
            [*LAYERS, "--density", "ground=60 MW/km2, own", "--out", "out"],
            "--density is given twice for ground. Give one figure for each form",
        ),
        ([*LAYERS, "--need", "0.0001", "--out", "o"], "Give --need of at least 0.001"),
        (["plan.toml", "--why", "nan", "30"], "lies in none of the zones"),
        (["plan.toml", "--why", "120"], "--why"),
        (["plan.toml", "--date", "yesterday", "--out", "out"], "'--date'"),
        ([*LAYERS, "--need", "0", "--out", "out"], "'--need'"),
        ([*LAYERS, "--siting", "siting-de", "--out", "out"], "siting-de"),
        ([*LAYERS, "--density", "ground=8.6 MW/ha, x", "--out", "out"], "1 MW/ha is 100"),
        (
            [*LAYERS, "--density", "ground=86 MW/km2", "--out", "out"],
            "no density with its unit and",
        ),
        ([*LAYERS, "--density", "sea=86 MW/km2, x", "--out", "out"], "sea is no form of panels"),
        ([*LAYERS, "--irradiation", "3.6", "--out", "o"], "looks like kWh/m² a day"),
        (["none.toml", "--out", "out"], "none.toml"),
    ],
    ids=lambda value: " ".join(value)[-60:] if isinstance(value, list) else "",
)
def test_what_cannot_be_asked(words, said, capsys):
    plan()
    assert said in refused(words, capsys)


@pytest.mark.usefixtures("folder")
def test_options_without_a_plan_are_mended_by_options(capsys):
    words = ["--zones", "zones.gpkg", "--land", "land.gpkg", "--crs", CRS, "--out", "out"]
    assert refused(words, capsys) == (
        "no rule says where panels may stand. Give --siting siting-cn.\n"
    )
    ground, pond = refused([*words, "--siting", "siting-cn"], capsys).splitlines()
    assert ground.startswith("no density is given for ground")
    assert '--density "ground=86 MW/km2, LBNL, median of fixed tilt"' in ground
    assert '--density "pond=… MW/km2, …"' in pond


@pytest.mark.usefixtures("folder")
def test_a_plan_without_the_table_is_told_how_to_write_it(capsys):
    text = Path(plan()).read_text(encoding="utf-8").partition("[solar]")[0]
    Path("plan.toml").write_text(text, encoding="utf-8")
    error = refused(["plan.toml", "--out", "out"], capsys)
    assert "plan.toml: the plan has no table [solar]" in error
    assert 'rules = "siting-cn"' in error
    assert list(DENSITY) == ["roof", "ground", "pond", "composite"]
