"""A new plan from a planner's folder: guessed with reasons, and accepted by `check`."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import Point, box

from jxgis.__main__ import main
from jxgis.plan import read_plan
from jxgis.scaffold.guess import match_columns

CRS = 4549


@pytest.fixture
def planner(tmp_path, monkeypatch):
    """A folder as planners have them: Chinese names, sub-folders, leftovers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    folder = tmp_path / "资料"
    (folder / "公交").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    points = [Point(500_300 + 200 * n, 3_400_300) for n in range(5)]
    stops = gpd.GeoDataFrame({"站名": list("甲乙丙丁戊")}, geometry=points, crs=CRS)
    stops.to_file(folder / "公交" / "公交站点2019.shp", encoding="gb18030")
    (folder / "公交" / "公交站点2019.cpg").unlink()
    area = [box(500_000, 3_400_000, 502_000, 3_401_500)]
    gpd.GeoDataFrame({"名称": ["主城"]}, geometry=area, crs=CRS).to_file(folder / "建成区.gpkg")
    zones = gpd.GeoDataFrame({"区划代码": ["330402"], "名称": ["南湖区"]}, geometry=area, crs=CRS)
    zones.to_file(folder / "区县界.geojson")
    lots = pd.DataFrame({"经度": [120.0], "纬度": [30.7], "泊位": [50]})
    lots.to_csv(folder / "停车场.csv", index=False, encoding="gb18030")
    (folder / "说明.docx").write_text("x")
    gpd.GeoSeries(area, crs=CRS).to_file(folder / "whatever.gpkg")
    return folder


@pytest.mark.usefixtures("planner")
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_plan_is_accepted_as_it_is(capsys, language):
    assert main(["--lang", language, "new", "plan", "--from", "资料"]) == 0
    said = capsys.readouterr().out
    text = Path("plan/plan.toml").read_text(encoding="utf-8")
    plan = read_plan(Path("plan/plan.toml"))
    assert plan.layers.keys() == {"stops", "built_up", "zones", "parking"}
    assert plan.layers["zones"].columns == {"zone_id": "区划代码", "zone": "名称"}
    assert plan.layers["stops"].columns == {"name": "站名"}
    assert plan.layers["parking"].columns == {"spaces": "泊位"}
    assert plan.layers["stops"].path == "../资料/公交/公交站点2019.shp"
    assert [t.id for t in plan.targets] == ["bus-500", "bus-300"]
    assert "whatever.gpkg" in text
    assert "公交站点2019.shp" in said
    assert ("规划" in text) == (language == "zh_CN")
    assert main(["check", "plan/plan.toml"]) == 0
    assert main(["run", "plan/plan.toml", "--out", "site"]) == 0


def test_what_cannot_be_guessed_is_to_be_filled_in(planner, capsys):
    (planner / "公交" / "公交站点2019.prj").unlink()
    (planner / "区县界.geojson").unlink()
    shapes = gpd.read_file(planner / "建成区.gpkg").rename(columns={"名称": "F1"})
    shapes.to_file(planner / "区县界.gpkg")
    assert main(["new", "plan", "--from", str(planner)]) == 0
    said = capsys.readouterr().out
    assert "to fill in: stops, zones" in said
    assert main(["check", "plan/plan.toml"]) == 2
    errors = capsys.readouterr().err
    assert "CGCS2000" in errors
    assert "zone_id" in errors


def test_feeds_and_extracts_are_found(planner, capsys):
    with zipfile.ZipFile(planner / "feed.zip", "w") as archive:
        archive.writestr("stops.txt", "stop_id,stop_name,stop_lat,stop_lon\n1,A,30.7,120.0\n")
    (planner / "city.osm.pbf").write_bytes(b"")
    (planner / "公交" / "公交站点2019.shp").unlink()
    (planner / "建成区.gpkg").unlink()
    main(["new", "plan", "--from", str(planner)])
    said = capsys.readouterr().out
    assert "stops: feed.zip (a GTFS feed)" in said
    assert "built_up: city.osm.pbf" in said


def test_a_plan_that_is_there_stays(planner, capsys):
    Path("plan").mkdir()
    Path("plan/plan.toml").write_text("mine", encoding="utf-8")
    assert main(["new", "plan", "--from", str(planner)]) == 2
    assert "there is a plan already" in capsys.readouterr().err
    assert Path("plan/plan.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "sentence"), [("nowhere", "no such folder"), ("empty", "no file")]
)
def test_a_folder_with_nothing_gets_one_sentence(tmp_path, capsys, name, sentence):
    (tmp_path / "empty").mkdir()
    assert main(["new", str(tmp_path / "plan"), "--from", str(tmp_path / name)]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "plan").exists()


def test_columns_are_matched_by_their_surest_name():
    columns, missing = match_columns("zones", ["OBJECTID", "NAME", "ADCODE"])
    assert columns == {"zone_id": "ADCODE", "zone": "NAME"}
    assert missing == ()
    assert match_columns("sites", ["target", "数量", "Name"]) == ({"amount": "数量"}, ())
    assert match_columns("chargers", ["桩数", "STOP_NAME"])[0] == {
        "posts": "桩数",
        "name": "STOP_NAME",
    }
    assert match_columns("candidates", ["类别", "造价"])[0] == {"class": "类别", "cost": "造价"}
    assert match_columns("traffic", ["AADT"]) == ({"vehicles_per_day": "AADT"}, ())
    assert match_columns("expressways", ["车流量"])[0] == {"vehicles_per_day": "车流量"}
    assert match_columns("population", ["x"]) == ({}, ("population",))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("交通量调查", "traffic"),
        ("车辆", "vehicles"),
        ("POI_2019", "pois"),
        ("充电需求", "demand"),
        ("充电备选站址", "candidates"),
        ("公用充电站", "chargers"),
    ],
)
def test_what_charging_is_planned_from_is_told_by_its_name(planner, name, kind):
    points = gpd.GeoDataFrame(
        {"车流量": [1], "保有量": [1], "权重": [1]}, geometry=[Point(5e5, 3.4e6)]
    )
    points.set_crs(CRS).to_file(planner / f"{name}.gpkg")
    main(["new", "plan", "--from", str(planner)])
    layer = read_plan(Path("plan/plan.toml")).layers[kind]
    assert layer.path == f"../资料/{name}.gpkg"


def test_a_file_without_a_coordinate_system_gets_no_guess_of_one(planner):
    (planner / "公交" / "公交站点2019.prj").unlink()
    main(["new", "plan", "--from", str(planner)])
    text = Path("plan/plan.toml").read_text(encoding="utf-8")
    assert '# crs = "EPSG:…"' in text
    assert "4490" not in text


def test_what_is_filled_in_stands_beside_what_was_found(planner):
    shapes = gpd.read_file(planner / "区县界.geojson").rename(columns={"区划代码": "F1"})
    shapes.to_file(planner / "区县界.geojson")
    main(["new", "plan", "--from", str(planner)])
    plan = Path("plan/plan.toml")
    text = plan.read_text(encoding="utf-8")
    assert '# columns.zone_id = "..."' in text
    text = text.replace('# columns.zone_id = "..."', 'columns.zone_id = "F1"')
    plan.write_text(text, encoding="utf-8")
    assert read_plan(plan).layers["zones"].columns == {"zone_id": "F1", "zone": "名称"}
    assert main(["check", "plan/plan.toml"]) == 0


@pytest.mark.parametrize(
    ("values", "offered"),
    [(["水域", "公园", "水域"], '["水域", "公园"]'), (list("abcdefghijklm"), '["water", "park"]')],
)
def test_the_classes_to_exclude_are_the_files_own_where_they_are_few(planner, values, offered):
    shapes = [box(500_000, 3_400_000, 502_000, 3_401_500)] * len(values)
    land = gpd.GeoDataFrame({"地类名称": values, "area": 1.5}, geometry=shapes, crs=CRS)
    land.to_file(planner / "用地.gpkg")
    main(["new", "plan", "--from", str(planner)])
    plan = Path("plan/plan.toml")
    text = plan.read_text(encoding="utf-8")
    assert f'# exclude = [ {{ layer = "land", classes = {offered} }} ]' in text
    text = text.replace("# [coverage]", "[coverage]").replace("# exclude", "exclude")
    plan.write_text(text, encoding="utf-8")
    read_plan(plan)


def test_a_file_not_taken_has_a_reason(planner, capsys):
    gpd.read_file(planner / "建成区.gpkg").to_file(planner / "建成区旧.gpkg")
    main(["new", "plan", "--from", str(planner)])
    said = capsys.readouterr().out
    text = Path("plan/plan.toml").read_text(encoding="utf-8")
    nothing = "whatever.gpkg (its name and columns say nothing of a kind)"
    assert f"not taken: {nothing}" in said
    assert f"#   ../资料/{nothing}" in text
    assert "not taken: 建成区旧.gpkg (another file fits built_up better)" in said


def test_a_raster_is_taken_for_people_by_its_name(planner, capsys):
    def write(name, crs):
        corner = rasterio.Affine(100, 0, 499_000, 0, -100, 3_403_000)
        size = {"width": 40, "height": 40, "count": 1, "dtype": "float32"}
        with rasterio.open(planner / name, "w", transform=corner, crs=crs, **size) as file:
            file.write(np.ones((1, 40, 40), "float32"))

    write("GHS_POP_2020.tif", CRS)
    write("urban.tif", CRS)
    assert main(["new", "plan", "--from", str(planner)]) == 0
    assert "population: GHS_POP_2020.tif" in capsys.readouterr().out
    plan = Path("plan/plan.toml")
    assert read_plan(plan).layers["population"].path == "../资料/GHS_POP_2020.tif"
    assert "urban.tif" not in plan.read_text(encoding="utf-8")
    assert main(["check", "plan/plan.toml"]) == 0
    # A table of people says more, and a raster without a CRS is to be filled in.
    write("GHS_POP_2020.tif", None)
    plan.unlink()
    main(["new", "plan", "--from", str(planner)])
    assert "to fill in: population" in capsys.readouterr().out
    census = pd.DataFrame({"lon": [120.0], "lat": [30.7], "人口": [50]})
    census.to_csv(planner / "人口.csv", index=False)
    plan.unlink()
    main(["new", "plan", "--from", str(planner)])
    assert read_plan(plan).layers["population"].path == "../资料/人口.csv"
