"""The command line as a planner meets it: what is printed, what is written, how it ends."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import Point, box

from jxgis import workflow
from jxgis.__main__ import main

STOPS = [Point(500_300, 3_400_300), Point(501_200, 3_400_900), Point(499_800, 3_400_500)]
AREA = box(500_000, 3_400_000, 502_000, 3_401_500)
COVERAGE = ["coverage", "--stops", "stops.gpkg", "--area", "area.gpkg", "--radius", "500"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=STOPS, crs=4549).to_file("stops.gpkg")
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[AREA], crs=4549).to_crs(4490).to_file("area.gpkg")
    zones = [
        box(500_000, 3_400_000, 501_000, 3_402_000),
        box(501_000, 3_400_000, 502_000, 3_402_000),
    ]
    named = {"zone_id": ["1", "2"], "zone": ["西区", "东区"]}
    gpd.GeoDataFrame(named, geometry=zones, crs=4549).to_file("zones.gpkg")
    return tmp_path


def write_plan(at_least):
    Path("plan.toml").write_text(
        f"""
[plan]
title = "T"
crs = "EPSG:4549"
[layers.stops]
path = "stops.gpkg"
[layers.built_up]
path = "area.gpkg"
[layers.zones]
path = "zones.gpkg"
[[targets]]
id = "bus-500"
measure = "transit.coverage"
radius_m = 500
at_least = {at_least}
zones = ["1"]
""",
        encoding="utf-8",
    )


def oracle(area):
    discs = shapely.union_all(shapely.buffer(STOPS, 500, quad_segs=512))
    return shapely.area(shapely.intersection(area, discs)) / shapely.area(area)


def files(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_coverage_of_two_files(folder, capsys):
    code = main([*COVERAGE, "--radius", "300", "--zones", "zones.gpkg", "--out", "out"])
    printed = capsys.readouterr()
    result = json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))
    values = {i["id"]: i["value"] for i in result["indicators"]}
    assert code == 0
    assert printed.err == ""
    assert values["coverage-500"] == pytest.approx(oracle(AREA), abs=1e-5)
    assert values.keys() == {"coverage-300", "coverage-500"}
    assert "西区" in printed.out
    assert f"{values['coverage-500']:.2%}"[:-1] in printed.out
    rows = [r for r in result["by_zone"] if r["radius_m"] == 500]
    assert sum(r["covered_area_m2"] for r in rows) == pytest.approx(
        next(i["numerator"] for i in result["indicators"] if i["id"] == "coverage-500")
    )


def test_json_alone_on_standard_output_is_the_file(folder, capsys):
    assert main([*COVERAGE, "--out", "out", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("folder")
def test_a_missing_target_fails_only_where_it_is_asked_to(capsys):
    west = box(500_000, 3_400_000, 501_000, 3_401_500)
    write_plan(0.99)
    assert main(["run", "plan.toml", "--out", "site"]) == 0
    assert main(["run", "plan.toml", "--out", "site", "--strict", "--json"]) == 1
    board = json.loads(capsys.readouterr().out.partition("site/index.html\n")[2])
    (target,) = board["targets"]
    assert target["value"] == pytest.approx(oracle(west), abs=1e-5)
    assert target["status"] == "not_met"
    assert target["gap"] == pytest.approx(0.99 - target["value"])
    write_plan(0.1)
    assert main(["run", "plan.toml", "--out", "site", "--strict"]) == 0


@pytest.mark.usefixtures("folder")
def test_the_readers_language(capsys):
    write_plan(0.99)
    assert main(["--lang", "zh_CN", "run", "plan.toml", "--out", "site"]) == 0
    chinese = capsys.readouterr().out
    assert main(["run", "plan.toml", "--out", "site", "--lang", "en"]) == 0
    english = capsys.readouterr().out
    assert "未达到" in chinese
    assert "Not met" in english


def test_check_lists_all_that_is_wrong_and_writes_nothing(folder, capsys):
    write_plan(0.99)
    assert main(["check", "plan.toml"]) == 0
    text = Path("plan.toml").read_text(encoding="utf-8")
    text = text.replace("zones.gpkg", "nowhere.gpkg").replace("stops.gpkg", "none.csv")
    Path("plan.toml").write_text(text, encoding="utf-8")
    before = files(folder)
    capsys.readouterr()
    assert main(["check", "plan.toml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "none.csv" in lines[0]
    assert "nowhere.gpkg" in lines[1]
    assert files(folder) == before


@pytest.mark.usefixtures("folder")
def test_a_misspelt_measure_is_not_left_waiting(capsys):
    write_plan(0.99)
    text = Path("plan.toml").read_text(encoding="utf-8")
    text = text.replace("transit.coverage", "transit.coverge")
    Path("plan.toml").write_text(text, encoding="utf-8")
    assert main(["check", "plan.toml"]) == 2
    assert "Perhaps transit.coverage is meant" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_no_zones_are_not_all_zones_reached(capsys):
    gpd.GeoDataFrame({"target": ["pv"], "amount": [500]}, geometry=STOPS[:1], crs=4549).to_file(
        "sites.gpkg"
    )
    Path("plan.toml").write_text(
        """
[layers.sites]
path = "sites.gpkg"
[[targets]]
id = "pv"
kind = "counted"
sum = "amount"
each_zone_at_least = 100
""",
        encoding="utf-8",
    )
    assert main(["run", "plan.toml", "--out", "site", "--json"]) == 0
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert (target["status"], target["waits_for"]) == ("no_data", "layers: zones")


@pytest.mark.usefixtures("folder")
def test_strict_is_not_content_with_a_computed_target_without_data():
    write_plan(0.1)
    text = Path("plan.toml").read_text(encoding="utf-8")
    more = '[[targets]]\nid = "green"\nmeasure = "green.cover"\nat_least = 0.41\n'
    Path("plan.toml").write_text(text + more, encoding="utf-8")
    assert main(["run", "plan.toml", "--out", "site", "--strict"]) == 1
    assert main(["run", "plan.toml", "--out", "site"]) == 0


def test_a_plan_of_reported_figures_alone_has_its_scoreboard(folder):
    Path("plan.toml").write_text(
        """
[[targets]]
id = "a"
at_least = 0.5
[[reported]]
id = "a"
value = 0.6
source = "bureau"
""",
        encoding="utf-8",
    )
    assert main(["run", "plan.toml", "--out", "site"]) == 0
    board = json.loads((folder / "site" / "scoreboard.json").read_text(encoding="utf-8"))
    assert [t["status"] for t in board["targets"]] == ["met"]


@pytest.mark.usefixtures("folder")
def test_check_names_zones_that_are_not_there(capsys):
    write_plan(0.99)
    text = Path("plan.toml").read_text(encoding="utf-8").replace('zones = ["1"]', 'zones = ["9"]')
    Path("plan.toml").write_text(text, encoding="utf-8")
    assert main(["check", "plan.toml"]) == 2
    assert "9" in capsys.readouterr().err


BAD = {
    "no such file": (["--stops", "none.gpkg"], "none.gpkg"),
    "no such layer": (["--stops", "stops.gpkg:moon"], "moon"),
    "a geographic CRS": (["--crs", "EPSG:4490"], "4490"),
    "Web Mercator": (["--crs", "EPSG:3857"], "3857"),
    "no CRS at all": (["--crs", "mars"], "mars"),
    "a password in a URL": (
        [
            "--stops",
            "postgresql://me:secret@localhost/db",
            "--layer",
            "stops.table=stops",
        ],
        "password",
    ),
    "lines for stops": (["--stops", "lines.geojson"], "stops"),
    "a text file": (["--stops", "broken.shp"], "broken.shp"),
    "a setting of no layer": (["--layer", "moon.crs=EPSG:4490"], "moon"),
    "exclusions without classes": (["--exclude", "area.gpkg"], "--exclude-class"),
    "no coordinates": (["--stops", "names.csv"], "names.csv"),
    "a CRS of another place": (["--crs", "EPSG:32633"], "32633"),
    "a setting of a setting": (
        ["--layer", "stops.crs=x", "--layer", "stops.crs.y=1"],
        "stops.crs.y",
    ),
    "stops of another city": (["--stops", "far.csv"], "km from the built-up area"),
    "zones of another city": (["--zones", "far.geojson"], "no zone has any built-up area"),
    "an unknown option": (["--colour", "red"], "--colour"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_leaves_the_last_output(folder, capsys, case):
    gpd.GeoSeries([shapely.LineString([(0, 0), (1, 1)])], crs=4326).to_file("lines.geojson")
    Path("broken.shp").write_text("nothing of a shapefile")
    Path("names.csv").write_text("name\nA\n")
    Path("far.csv").write_text("lon,lat\n121.0,31.5\n")
    away = gpd.GeoDataFrame(
        {"zone_id": ["1"], "zone": ["A"]}, geometry=[box(121, 31, 121.1, 31.1)], crs=4490
    )
    away.to_file("far.geojson")
    assert main([*COVERAGE, "--out", "out"]) == 0
    before = files(folder)
    capsys.readouterr()
    words, named = BAD[case]
    assert main([*COVERAGE, "--out", "out", *words]) == 2
    said = capsys.readouterr()
    assert named in said.err
    assert "Traceback" not in said.err
    assert "secret" not in said.err
    assert said.out == ""
    assert files(folder) == before


def test_without_a_plan_the_mend_is_an_option(folder, capsys):
    gpd.read_file("stops.gpkg").to_file("stops.shp")
    (folder / "stops.prj").unlink()
    assert main([*COVERAGE, "--stops", "stops.shp", "--out", "out"]) == 2
    assert "--layer stops.crs=EPSG:4490" in capsys.readouterr().err
    crs = ["--layer", "stops.crs=EPSG:4549"]
    assert main([*COVERAGE, "--stops", "stops.shp", "--out", "out", *crs]) == 0


def test_a_folder_with_other_files_is_refused_before_anything_is_read(folder, capsys):
    Path("out").mkdir()
    (folder / "out" / "thesis.docx").write_text("mine")
    assert main([*COVERAGE, "--out", "out"]) == 2
    assert "thesis.docx" in capsys.readouterr().err
    assert [p.name for p in (folder / "out").iterdir()] == ["thesis.docx"]


@pytest.mark.usefixtures("folder")
def test_a_fault_of_ours_is_a_sentence_and_a_log(capsys, monkeypatch):
    def fail(*_anything):
        raise ZeroDivisionError

    monkeypatch.setattr(workflow, "measure_one", fail)
    assert main([*COVERAGE, "--out", "out"]) == 3
    sentence = capsys.readouterr().err.strip()
    log = Path(sentence.rpartition(" ")[2].rstrip("."))
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    log.unlink()


@pytest.mark.usefixtures("folder")
def test_an_interrupted_run_ends_with_130(monkeypatch):
    def interrupt(*_anything):
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "measure_one", interrupt)
    assert main([*COVERAGE, "--out", "out"]) == 130


def test_the_same_input_gives_the_same_bytes(folder):
    for name in ("one", "two"):
        write_plan(0.99)
        assert main(["run", "plan.toml", "--out", name]) == 0
    one, two = (
        {p.relative_to(folder / name): data for p, data in files(folder / name).items()}
        for name in ("one", "two")
    )
    assert one == two
