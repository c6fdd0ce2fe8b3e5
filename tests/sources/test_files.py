"""Every format is written by another program (GDAL, pandas) and read back by ours."""

import datetime as dt
import hashlib
import shutil
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString, Point, box

from jxgis import sources
from jxgis.errors import InputError, MissingColumnError, NoCrsError
from jxgis.sources.found import first_sentence
from jxgis.spec import LayerSpec

NAMES = ["嘉兴站", "中山路", "南湖"]
LON = [120.70, 120.75, 120.80]
LAT = [30.70, 30.75, 30.80]


def stops():
    points = gpd.points_from_xy(LON, LAT)
    return gpd.GeoDataFrame({"name": NAMES, "line": [1, 2, 3]}, geometry=points, crs="EPSG:4490")


def layer(path, kind="stops", **more):
    return LayerSpec(name=kind, kind=kind, base=path.parent, path=path.name, **more)


def read(path, **more):
    return sources.read(layer(path, **more))


def reasons(raw):
    return " | ".join(row.reason for row in raw.ledger)


def positions(raw):
    return shapely.get_coordinates(np.asarray(raw.data.geometry))


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("stops.shp", "ESRI Shapefile"),
        ("stops.gpkg", "GPKG"),
        ("stops.geojson", "GeoJSON"),
        ("stops.fgb", "FlatGeobuf"),
        ("stops.kml", "LIBKML"),
        ("stops.kmz", "LIBKML"),
        ("stops.gdb", "OpenFileGDB"),
        ("stops.tab", "MapInfo File"),
    ],
)
def test_a_file_of_any_format_gives_what_was_written(tmp_path, name, driver):
    path = tmp_path / name
    pyogrio.write_dataframe(stops().drop(columns="line"), path, driver=driver)
    raw = read(path)
    names = raw.data["Name" if "Name" in raw.data else "name"]
    # FlatGeobuf keeps its rows in the order of a spatial index.
    read_back = dict(zip(names, positions(raw), strict=True))
    assert read_back.keys() == set(NAMES)
    written = np.column_stack([LON, LAT])
    np.testing.assert_allclose([read_back[n] for n in NAMES], written, atol=1e-8)
    assert raw.data.crs.is_geographic
    assert raw.inputs[0].features == 3
    assert raw.inputs[0].path == name


def test_geoparquet_gives_what_was_written(tmp_path):
    stops().to_parquet(tmp_path / "stops.parquet")
    raw = read(tmp_path / "stops.parquet")
    assert raw.data["name"].tolist() == NAMES
    assert raw.inputs[0].crs == "EPSG:4490"


def test_parquet_without_geometry_says_so(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="no GeoParquet"):
        read(tmp_path / "a.parquet")


def zipped(folder, archive, name=lambda p: p.name):
    with zipfile.ZipFile(archive, "w") as z:
        for p in sorted(p for p in folder.rglob("*") if p.is_file()):
            z.write(p, name(p))
    return archive


def test_a_zipped_shapefile_is_read_wherever_it_lies_in_the_zip(tmp_path):
    (tmp_path / "in").mkdir()
    stops().to_file(tmp_path / "in" / "站点.shp", encoding="UTF-8")
    archive = zipped(tmp_path / "in", tmp_path / "s.zip", lambda p: f"数据/{p.name}")
    raw = read(archive)
    assert raw.data["name"].tolist() == NAMES
    assert raw.inputs[0].sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()


def test_a_zip_made_by_chinese_windows_is_read(tmp_path):
    (tmp_path / "in").mkdir()
    stops().to_file(tmp_path / "in" / "a.shp", encoding="GB18030")
    # Such a zip has names in GBK and no flag: the same bytes as these cp437 characters.
    archive = zipped(
        tmp_path / "in",
        tmp_path / "s.zip",
        lambda p: f"站点{p.suffix}".encode("gbk").decode("cp437"),
    )
    data = archive.read_bytes()
    utf8 = "站点".encode("gbk").decode("cp437").encode()
    assert utf8 in data
    assert read(archive).data["name"].tolist() == NAMES


def test_a_zip_of_several_layers_asks_which(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        stops().to_file(tmp_path / "in" / f"{name}.shp")
    archive = zipped(tmp_path / "in", tmp_path / "s.zip")
    with pytest.raises(InputError, match=r"several layers: a, b") as caught:
        read(archive)
    assert 'layer = "a" under [layers.stops]' in str(caught.value)
    assert len(read(archive, layer="b").data) == 3


def test_a_zipped_filegdb_is_read(tmp_path):
    data = stops().drop(columns="line")
    pyogrio.write_dataframe(data, tmp_path / "x.gdb", driver="OpenFileGDB")
    archive = tmp_path / "x.gdb.zip"
    zipped(tmp_path / "x.gdb", archive, lambda p: p.relative_to(tmp_path).as_posix())
    assert read(archive).data["name"].tolist() == NAMES


def test_a_damaged_zip_is_one_sentence(tmp_path):
    (tmp_path / "s.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(InputError, match="cannot be unpacked"):
        read(tmp_path / "s.zip")


def test_a_zip_never_writes_outside_its_own_folder(tmp_path):
    victim = tmp_path / "victim.geojson"
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as z:
        z.writestr("../victim.geojson", stops().to_json())
    assert len(read(tmp_path / "s.zip").data) == 3
    assert not victim.exists()


def test_several_layers_ask_which(tmp_path):
    path = tmp_path / "city.gpkg"
    stops().to_file(path, layer="morning")
    stops().to_file(path, layer="evening")
    with pytest.raises(InputError, match="several layers: morning, evening"):
        read(path)
    assert read(path, layer="evening").inputs[0].layer == "evening"
    with pytest.raises(InputError, match="no layer noon in it") as caught:
        read(path, layer="noon")
    assert "morning, evening" in str(caught.value)


def test_the_one_layer_that_fits_is_read_and_said(tmp_path):
    path = tmp_path / "city.gpkg"
    stops().to_file(path, layer="stops")
    gpd.GeoDataFrame(geometry=[box(120, 30, 121, 31)], crs=4490).to_file(path, layer="area")
    raw = read(path)
    assert raw.inputs[0].layer == "stops"
    assert "layer stops was read: the only one of 2" in reasons(raw)


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>空</name></Folder>
<Folder><name>站点</name><Placemark><name>嘉兴站</name>
<Point><coordinates>120.7,30.7,5</coordinates></Point></Placemark></Folder>
<Folder><name>范围</name><Placemark><name>城区</name><Polygon><outerBoundaryIs><LinearRing>
<coordinates>120.7,30.7 120.8,30.7 120.8,30.8 120.7,30.7</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark></Folder></Document></kml>"""


@pytest.mark.parametrize(("kind", "name"), [("stops", "站点"), ("built_up", "范围")])
def test_a_kml_folder_is_chosen_by_its_geometry(tmp_path, kind, name):
    (tmp_path / "a.kml").write_text(KML, encoding="utf-8")
    raw = read(tmp_path / "a.kml", kind=kind)
    assert raw.inputs[0].layer == name
    assert len(raw.data) == 1


def drawing(path):
    shapes = [Point(40567000, 3398000), LineString([(0, 0), (1, 0), (1, 1), (0, 0)])]
    data = gpd.GeoDataFrame({"Layer": ["STOPS", "EDGE"]}, geometry=shapes)
    with pytest.warns(UserWarning, match="crs"):
        data.to_file(path, driver="DXF")


def test_a_drawing_never_has_a_coordinate_system(tmp_path):
    drawing(tmp_path / "a.dxf")
    with pytest.raises(NoCrsError, match="no coordinate system"):
        read(tmp_path / "a.dxf")


def test_a_drawing_is_read_with_the_plans_crs_and_layer(tmp_path):
    drawing(tmp_path / "a.dxf")
    raw = read(tmp_path / "a.dxf", crs="EPSG:4528", where={"Layer": ("STOPS",)})
    assert raw.data.geometry.iloc[0].equals(Point(40567000, 3398000))
    assert raw.inputs[0].crs == "EPSG:4528"
    assert "1 of 2 rows" in reasons(raw)


@pytest.mark.parametrize("page", [b"ANSI_1252", b"ANSI_936"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_drawing_of_chinese_cad_is_read(tmp_path, encoding, page):
    drawing(tmp_path / "a.dxf")
    data = (tmp_path / "a.dxf").read_bytes().replace(b"STOPS", "公交站".encode(encoding))
    data = data.replace(b"ANSI_1252", page)
    (tmp_path / "a.dxf").write_bytes(data)
    raw = read(tmp_path / "a.dxf", crs="EPSG:4528")
    assert raw.data["Layer"].tolist() == ["公交站", "EDGE"]


GEOJSON = """{"type": "FeatureCollection",
"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4528"}},
"features": [{"type": "Feature", "properties": {"name": "站"},
"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [100, 0], [100, 100], [0, 100]]]}}]}"""


def test_geojson_of_the_old_kind_names_its_crs(tmp_path):
    (tmp_path / "a.geojson").write_text(GEOJSON, encoding="utf-8")
    assert read(tmp_path / "a.geojson", kind="built_up").inputs[0].crs == "EPSG:4528"


def test_a_ring_that_is_not_closed_is_closed_and_said(tmp_path):
    (tmp_path / "a.geojson").write_text(GEOJSON, encoding="utf-8")
    raw = read(tmp_path / "a.geojson", kind="built_up")
    assert raw.data.area.tolist() == [10_000]
    assert "Non closed ring" in reasons(raw)


def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path, monkeypatch):
    stops().to_file(tmp_path / "a.gpkg")

    def locked(_path):
        raise PermissionError(13, "Permission denied")

    # No file is locked for root, who runs tests in containers.
    monkeypatch.setattr("jxgis.sources.files.fingerprint", locked)
    with pytest.raises(InputError, match="cannot be opened: Permission denied"):
        read(tmp_path / "a.gpkg")


def test_true_arcs_lose_less_area_than_is_said(tmp_path):
    table = tmp_path / "arc.csv"
    table.write_text(
        'WKT,id\n"CURVEPOLYGON(CIRCULARSTRING(0 0,100 100,200 0,100 -100,0 0))",1\n',
        encoding="utf-8",
    )
    from jxgis.sources import vector

    data = vector._read_gdal(table, layer(table, kind="built_up")).data
    exact = np.pi * 100**2
    assert 0 < (exact - data.area.iloc[0]) / exact < 1.01 * vector._ARC_ERROR < 1e-5


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path / "nope.shp")
    assert str(caught.value).startswith("nope.shp, layer stops: there is no such file.")


def test_other_capitals_are_pointed_out(tmp_path):
    stops().to_file(tmp_path / "STOPS.gpkg")
    if (tmp_path / "stops.gpkg").exists():
        pytest.skip("this file system does not tell capitals apart")
    with pytest.raises(InputError, match="capital and small letters differ") as caught:
        read(tmp_path / "stops.gpkg")
    assert "STOPS.gpkg" in str(caught.value)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.kml", "a.parquet", "a.xlsx", "a.txt"])
def test_a_damaged_file_is_one_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(b"{ this is not a map\n at all")
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert "Traceback" not in str(caught.value)
    assert str(caught.value).startswith(f"{name}, layer stops: ")


@pytest.mark.parametrize("name", ["a.gpkg", "a.csv", "a.zip"])
def test_an_empty_file_is_one_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read(tmp_path / name)


def test_an_empty_layer_is_one_sentence(tmp_path):
    (tmp_path / "a.geojson").write_text(
        '{"type": "FeatureCollection", "features": []}', encoding="utf-8"
    )
    with pytest.raises(InputError, match="holds no features"):
        read(tmp_path / "a.geojson")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "maps").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path / "maps")


def test_the_fingerprint_covers_all_parts_of_a_shapefile_and_not_its_name(tmp_path):
    stops().to_file(tmp_path / "a.shp")
    for p in tmp_path.glob("a.*"):
        shutil.copy(p, tmp_path / f"b{p.suffix}")
    first = read(tmp_path / "a.shp").inputs[0].sha256
    assert read(tmp_path / "b.shp").inputs[0].sha256 == first
    dbf = tmp_path / "b.dbf"
    dbf.write_bytes(dbf.read_bytes().replace("南湖".encode(), "北湖".encode()))
    assert read(tmp_path / "b.shp").inputs[0].sha256 != first


def test_the_fingerprint_of_a_file_is_its_sha256(tmp_path):
    stops().to_file(tmp_path / "a.gpkg")
    read(tmp_path / "a.gpkg")
    expected = hashlib.sha256((tmp_path / "a.gpkg").read_bytes()).hexdigest()
    assert read(tmp_path / "a.gpkg").inputs[0].sha256 == expected


def test_what_the_plan_says_of_the_data_is_kept(tmp_path):
    stops().to_file(tmp_path / "a.gpkg")
    source = read(tmp_path / "a.gpkg", as_of=dt.date(2019, 12, 31), attribution="市公交").inputs[0]
    assert (source.as_of, source.attribution) == (dt.date(2019, 12, 31), "市公交")


def test_where_compares_as_text_and_keeps_the_rows_numbers(tmp_path):
    stops().to_file(tmp_path / "a.gpkg")
    raw = read(tmp_path / "a.gpkg", where={"line": ("2", "3"), "name": True})
    assert raw.data["name"].tolist() == NAMES[1:]
    assert raw.data.index.tolist() == [1, 2]
    assert raw.inputs[0].features == 3


def test_where_true_leaves_out_the_empty(tmp_path):
    data = stops()
    data.loc[0, "name"] = None
    data.to_file(tmp_path / "a.gpkg")
    assert read(tmp_path / "a.gpkg", where={"name": True}).data["line"].tolist() == [2, 3]


def test_where_with_an_unknown_column_lists_those_there_are(tmp_path):
    stops().to_file(tmp_path / "a.gpkg")
    with pytest.raises(MissingColumnError, match="no column route") as caught:
        read(tmp_path / "a.gpkg", where={"route": ("1",)})
    assert "name, line" in str(caught.value)


def test_a_layer_without_a_source_is_one_sentence():
    with pytest.raises(InputError, match="has no source"):
        sources.read(LayerSpec(name="stops", kind="stops"))


def test_where_that_fits_nothing_says_what_there_is(tmp_path):
    stops().to_file(tmp_path / "a.gpkg")
    asked = r"none of 3 rows is what the plan asks for: line = 7\. .*column line holds: 1, 2, 3"
    with pytest.raises(InputError, match=asked):
        read(tmp_path / "a.gpkg", where={"line": ("7",)})
    many = gpd.GeoDataFrame({"line": range(20)}, geometry=[Point(120, 30)] * 20, crs=4490)
    many.to_file(tmp_path / "b.gpkg")
    with pytest.raises(InputError, match="0, 1, 2, 3, 4, 5, 6, 7 and 12 more"):
        read(tmp_path / "b.gpkg", where={"line": ("x",)})


@pytest.mark.parametrize("path", ["$JXGIS_NO/a.shp", "${JXGIS_NO}/a.shp", "%JXGIS_NO%/a.shp"])
def test_a_variable_that_is_not_set_is_named(tmp_path, path):
    with pytest.raises(InputError, match="the environment variable JXGIS_NO is not set"):
        sources.read(LayerSpec(name="stops", kind="stops", base=tmp_path, path=path))


def test_a_damaged_geopackage_is_one_short_sentence(tmp_path):
    stops().to_file(tmp_path / "a.gpkg")
    whole = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "a.gpkg").write_bytes(whole[:4096] + b"x" * 24_576 + whole[28_672:])
    with pytest.raises(InputError, match="cannot be read: database disk image is malformed") as e:
        read(tmp_path / "a.gpkg")
    assert "SELECT" not in str(e.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no\tsuch  driver.\nTry another", "no such driver"),
        ("is it there?", "is it there"),
        ("", "ValueError"),
        ("word " * 100, "word " * 31 + "word […]"),
        ("字" * 300, "字" * 160 + " […]"),
        ("a" * 158 + ". and more", "a" * 158 + " […]"),
    ],
)
def test_a_librarys_reason_is_one_line(said, told):
    assert first_sentence(ValueError(said)) == told
