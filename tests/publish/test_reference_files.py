"""The reference sample as files: as GDAL and the program's own readers find them."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from jxgis.errors import OutputError
from jxgis.layers import prepare
from jxgis.publish import reference
from jxgis.publish.reference import CELLS, POINTS, check_unfilled, write_reference
from jxgis.sources import files
from jxgis.spec import LayerSpec

CLASSES = {"green": "绿地", "other": "other"}
FILES = ("sample.gpkg", "sample.kml", "strata.csv")
IDS = [f"G{n:04d}" for n in range(1, 7)]
STRATA = ["green", "other", "other", "green", "other", "green"]
NAMESPACE = {"k": "http://www.opengis.net/kml/2.2"}


@pytest.fixture
def points():
    lon, lat = 120.75 + np.arange(6) / 100, 30.75 + np.arange(6) % 3 / 100
    half = 5e-5
    blank = dict.fromkeys(("reference", "interpreter", "date", "remark"), "")
    return gpd.GeoDataFrame(
        {"point_id": IDS, "stratum": STRATA, **blank, "cell_m": 10.0}
        | {"cell": gpd.GeoSeries(shapely.box(lon - half, lat - half, lon + half, lat + half))},
        geometry=shapely.points(lon, lat),
        crs=4326,
    )


def read(folder, name):
    spec = LayerSpec("reference", "reference", folder, name)
    raw = files.read(spec)
    return prepare(raw, spec, pyproj.CRS(4549))


def fill(path, words):
    frame = pyogrio.read_dataframe(path, layer=POINTS)
    frame["reference"] = words
    pyogrio.write_dataframe(frame, path, layer=POINTS, driver="GPKG", append=False)


def test_the_geopackage_holds_points_to_fill_in_and_their_cells(tmp_path, points):
    write_reference(tmp_path, points, CLASSES)
    path = tmp_path / "sample.gpkg"
    kinds = dict(pyogrio.list_layers(path).tolist())
    assert kinds == {POINTS: "Point", CELLS: "Polygon"}
    frame = pyogrio.read_dataframe(path, layer=POINTS)
    assert frame.crs == "EPSG:4326"
    assert frame["point_id"].tolist() == IDS
    assert "stratum" not in frame
    assert (frame[["reference", "interpreter", "date", "remark"]] == "").all(axis=None)
    assert shapely.equals_exact(frame.geometry, points.geometry, 1e-12).all()
    cells = pyogrio.read_dataframe(path, layer=CELLS)
    assert shapely.equals(cells.geometry, points["cell"]).all()


def test_only_a_file_apart_says_what_the_map_shows(tmp_path, points):
    for other in ({"green": "other", "other": "green"}, dict.fromkeys(CLASSES, "other")):
        written = []
        for strata in (points["stratum"], points["stratum"].map(other)):
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            write_reference(folder, points.assign(stratum=strata), CLASSES)
            assert sorted(f.name for f in folder.iterdir()) == sorted(FILES)
            written.append({name: (folder / name).read_bytes() for name in FILES})
        assert [written[0][name] == written[1][name] for name in FILES] == [True, True, False]
    text = (tmp_path / "0" / "strata.csv").read_bytes().decode("utf-8-sig")
    rows = "".join(f"{own},{stratum}\r\n" for own, stratum in zip(IDS, STRATA, strict=True))
    assert text == "point_id,stratum\r\n" + rows
    assert (tmp_path / "0" / "strata.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_same_points_give_the_same_bytes(tmp_path, points):
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_reference(tmp_path / name, points, CLASSES)
        written.append([(tmp_path / name / f).read_bytes() for f in FILES])
    assert written[0] == written[1]


def test_a_filled_geopackage_comes_back_as_a_reference_layer(tmp_path, points):
    write_reference(tmp_path, points, CLASSES)
    fill(tmp_path / "sample.gpkg", ["绿地", "other", "green", "green", "other", "green"])
    layer = read(tmp_path, "sample.gpkg")
    assert layer.data["point_id"].tolist() == IDS
    assert layer.data["reference"].tolist()[0] == "绿地"
    back = layer.data.to_crs(4326).geometry
    assert shapely.distance(back.to_numpy(), points.geometry.to_numpy()).max() < 1e-9


def test_a_filled_kml_comes_back_as_well(tmp_path, points):
    write_reference(tmp_path, points, CLASSES)
    path = tmp_path / "sample.kml"
    text = path.read_text(encoding="utf-8")
    text, n = re.subn(r'(<Data name="reference">\s*)<value />', r"\1<value>绿地</value>", text)
    assert n == 6
    path.write_text(text, encoding="utf-8")
    layer = read(tmp_path, "sample.kml")
    assert layer.data["point_id"].tolist() == IDS
    assert layer.data["reference"].tolist() == ["绿地"] * 6
    back = layer.data.to_crs(4326).geometry
    assert shapely.distance(back.to_numpy(), points.geometry.to_numpy()).max() < 2e-9


def test_the_kml_shows_each_cell_and_tells_no_class(tmp_path, points):
    write_reference(tmp_path, points, CLASSES)
    root = ET.parse(tmp_path / "sample.kml").getroot()  # noqa: S314
    folders = root.findall(".//k:Folder", NAMESPACE)
    assert [f.findtext("k:name", "", NAMESPACE) for f in folders] == [POINTS, CELLS]
    for folder in folders:
        names = [
            m.findtext("k:name", "", NAMESPACE) for m in folder.iterfind("k:Placemark", NAMESPACE)
        ]
        assert names == IDS
    rings = [
        np.array([tuple(map(float, place.split(","))) for place in ring.text.split()])
        for ring in folders[1].iterfind(".//k:LinearRing/k:coordinates", NAMESPACE)
    ]
    for ring, cell in zip(rings, points["cell"], strict=True):
        assert shapely.LinearRing(ring).is_ccw  # KML's order
        assert shapely.Polygon(ring).symmetric_difference(cell).area < 1e-13
    balloons = [b.text for b in root.iterfind(".//k:BalloonStyle/k:text", NAMESPACE)]
    assert set(balloons) == {"$[name]"}
    styles = {f"#{s.get('id')}" for s in root.iterfind(".//k:Style", NAMESPACE)}
    assert {u.text for u in root.iterfind(".//k:styleUrl", NAMESPACE)} == styles
    described = root.findtext("k:Document/k:description", "", NAMESPACE)
    assert described.endswith("green (绿地), other")


def test_a_name_with_signs_of_xml_stays_a_name(tmp_path, points):
    points["remark"] = '<b> & "q" 树'
    write_reference(tmp_path, points, CLASSES)
    frame = pyogrio.read_dataframe(tmp_path / "sample.kml", layer=POINTS)
    assert frame["remark"].tolist() == ['<b> & "q" 树'] * 6


def test_a_sample_that_nobody_has_filled_in_may_be_replaced(tmp_path, points):
    write_reference(tmp_path, points, CLASSES)
    write_reference(tmp_path, points.iloc[:3], CLASSES)
    assert len(pyogrio.read_dataframe(tmp_path / "sample.gpkg", layer=POINTS)) == 3


def test_what_somebody_has_filled_in_is_not_written_over(tmp_path, points):
    write_reference(tmp_path, points, CLASSES)
    fill(tmp_path / "sample.gpkg", ["green", "", None, "", "other", ""])
    before = (tmp_path / "sample.gpkg").read_bytes()
    with pytest.raises(OutputError) as caught:
        write_reference(tmp_path, points, CLASSES)
    assert "2 points of the sample that is there are filled in" in caught.value.problem
    assert (tmp_path / "sample.gpkg").read_bytes() == before


def test_a_sample_that_cannot_be_read_is_left_alone(tmp_path):
    check_unfilled(tmp_path)
    (tmp_path / "sample.gpkg").write_bytes(b"not one of ours")
    with pytest.raises(OutputError, match="cannot be read"):
        check_unfilled(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path, points):
    with pytest.raises(OutputError) as caught:
        write_reference(tmp_path / "nowhere", points, CLASSES)
    assert caught.value.file == reference.SAMPLE
    (tmp_path / "sample.kml").mkdir()
    with pytest.raises(OutputError) as caught:
        write_reference(tmp_path, points, CLASSES)
    assert caught.value.file == "sample.kml"
