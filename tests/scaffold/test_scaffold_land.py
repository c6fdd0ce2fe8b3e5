"""Maps and polygons of green land in a planner's folder, and points at which it was looked up."""

from pathlib import Path

import geopandas as gpd
import pytest
import rasterio
from rasters_written import NORTH, WEST, write
from shapely import Point, box

from jxgis.__main__ import main
from jxgis.plan import read_plan

SAMPLE = Path(__file__).parents[2] / "data" / "shapefiles"


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A planner's folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "given"
    folder.mkdir()
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


def polygons(file, n=1, **columns):
    """Write squares side by side."""
    shapes = [box(WEST + 80 * k, NORTH - 80, WEST + 80 * k + 80, NORTH) for k in range(n)]
    columns = columns or {"代码": [str(k) for k in range(n)], "名称": ["A"] * n}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=32651).to_file(file)


def sample(file, strata, truth):
    """Write points of a sample."""
    points = [Point(WEST + 10 * k, NORTH - 10) for k in range(len(strata))]
    ids = [f"G{k}" for k in range(len(strata))]
    columns = {"point_id": ids, "stratum": strata, "reference": truth}
    gpd.GeoDataFrame(columns, geometry=points, crs=32651).to_file(file)


@pytest.mark.parametrize("name", ["乡镇", "街道办", "townships_2019", "town"])
def test_townships_stand_beside_districts_and_alone_are_zones(given, new, name):
    polygons(given / f"{name}.gpkg", 3)
    layers, _text, _said = new()
    assert layers.keys() == {"zones"}
    assert layers["zones"].columns == {"zone_id": "代码", "zone": "名称"}
    polygons(given / "区县界.gpkg")
    layers, _text, _said = new()
    assert layers["zones"].path == "../given/区县界.gpkg"
    assert layers["townships"].path == f"../given/{name}.gpkg"
    assert main(["check", "plan/plan.toml"]) == 0


def test_a_files_own_name_says_more_than_its_folders(given, new):
    (given / "Old town").mkdir()
    polygons(given / "Old town" / "counties.gpkg", 2)
    polygons(given / "counties.gpkg")
    layers, _text, said = new()
    assert layers["zones"].path == "../given/Old town/counties.gpkg"
    assert layers.keys() == {"zones"}
    assert "another file fits zones better" in said


@pytest.mark.parametrize("name", ["pv", "屋顶光伏", "solar_sites", "PhotoVoltaics", "a/PV2019"])
def test_photovoltaics_are_told_by_their_name(given, new, name):
    (given / "a").mkdir()
    polygons(given / f"{name}.gpkg")
    assert new()[0].keys() == {"pv"}


@pytest.mark.parametrize("name", ["spvx", "downtown"])
def test_a_short_word_stands_alone(given, new, name):
    polygons(given / f"{name}.gpkg", F1=["x"])
    polygons(given / "zones.gpkg")
    layers, _text, said = new()
    assert layers.keys() == {"zones"}
    assert f"not taken: {name}.gpkg" in said


@pytest.mark.parametrize(
    ("strata", "kind"),
    [
        (["green", "other"], "reference"),
        (["Tree", "other"], "reference_trees"),
        (["林木", "其他"], "reference_trees"),
        (["gained", "lost", "green", "other"], "reference_change"),
        (["新增", "绿地"], "reference_change"),
    ],
)
def test_points_of_a_sample_are_told_by_their_words(given, new, strata, kind):
    sample(given / "stops.gpkg", strata, strata)
    layers, _text, said = new()
    assert layers.keys() == {kind}
    assert "columns point_id, reference" in said


def test_a_sample_that_waits_to_be_filled_in_is_not_taken(given, new):
    sample(given / "sample.gpkg", ["green", "other"], [None, None])
    polygons(given / "zones.gpkg")
    layers, _text, said = new()
    assert layers.keys() == {"zones"}
    assert "nothing is filled in under its column reference" in said


@pytest.mark.parametrize(
    ("name", "tags", "legend"),
    [
        ("ESA_WorldCover_10m_2021_v200_N30E120_Map", {}, "worldcover"),
        ("n30e120", {"PRODUCT": "ESA WorldCover 2021"}, "worldcover"),
        ("土地覆盖", {"LEGEND": "Dynamic World"}, "dynamic-world"),
        ("esri_lulc", {"legend": "esri"}, "esri"),
    ],
)
def test_land_cover_whose_legend_is_told(given, new, name, tags, legend):
    write(given / f"{name}.tif", kind="uint8", tags=tags)
    polygons(given / "zones.gpkg")
    layers, _text, said = new()
    assert layers["landcover"].legend == legend
    assert "to fill in" not in said
    assert main(["check", "plan/plan.toml"]) == 0


@pytest.mark.parametrize(
    ("name", "proposed"),
    [("DynamicWorld_2020", "dynamic-world"), ("esri_lulc", "esri"), ("landcover", "worldcover")],
)
def test_a_legend_that_nothing_tells_is_to_be_chosen(given, new, name, proposed):
    write(given / f"{name}.tif", kind="uint8")
    polygons(given / "zones.gpkg")
    layers, text, said = new()
    assert layers["landcover"].legend is None
    assert "to fill in: landcover" in said
    assert main(["check", "plan/plan.toml"]) == 2
    line = f'legend = "{proposed}"'
    Path("plan/plan.toml").write_text(text.replace(f"# {line}", line), encoding="utf-8")
    assert main(["check", "plan/plan.toml"]) == 0


def test_the_latest_land_cover_and_the_crowns_are_taken(given, new):
    for year in (2017, 2021, 2019):
        write(given / f"land_cover_{year}.tif", kind="uint8", tags={"LEGEND": "worldcover"})
    write(given / "lulc2023.tif", kind="uint8")
    write(given / "Hansen_treecover2000.tif", kind="uint8")
    layers, _text, said = new()
    assert layers["landcover"].path == "../given/land_cover_2021.tif"
    assert layers["canopy"].path == "../given/Hansen_treecover2000.tif"
    assert "canopy: Hansen_treecover2000.tif (a raster of tree crowns" in said
    assert "not taken: land_cover_2017.tif (another file fits landcover better)" in said


def test_land_cover_of_no_codes_is_said(given, new):
    polygons(given / "zones.gpkg")
    write(given / "landcover.tif", kind="float32")
    (given / "canopy.tif").write_bytes(b"x")
    (given / "picture.tif").write_bytes(b"x")
    layers, _text, said = new()
    assert layers.keys() == {"zones"}
    assert "landcover.tif: its cells are no whole numbers" in said
    assert "canopy.tif: cannot be read" in said
    assert "picture" not in said


def test_no_cell_is_read(given, new, monkeypatch):
    write(given / "landcover.tif", kind="uint8", tags={"LEGEND": "esri"})
    for band in ("red", "nir", "scl"):
        write(given / f"{band}.tif")

    def refuse(*_args, **_kwargs):
        raise AssertionError

    monkeypatch.setattr(rasterio.DatasetReader, "read", refuse)
    assert new()[0].keys() == {"imagery", "landcover"}


def test_the_samples_folder_is_taken_whole(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "plan", "--from", str(SAMPLE)]) == 0
    assert "not taken" not in capsys.readouterr().out
    plan = read_plan(Path("plan/plan.toml"))
    files = {
        name: Path(spec.path or spec.bands["red"][0]).name for name, spec in plan.layers.items()
    }
    assert files["imagery"] == "imagery_20190803_red.tif"
    assert files["imagery_before"] == "imagery_20170724_red.tif"
    for name in ("townships", "zones", "pv", "reference"):
        assert files[name] == f"{name}.shp"
    assert plan.layers["landcover"].legend == "worldcover"
    assert [target.id for target in plan.targets] == ["bus-500", "bus-300", "green-cover"]
    assert main(["check", "plan/plan.toml"]) == 0
    assert "looks like red and near-infrared" in capsys.readouterr().out
