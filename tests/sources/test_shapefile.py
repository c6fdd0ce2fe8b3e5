"""Shapefiles as Chinese bureaus and old programs write them."""

import geopandas as gpd
import pyproj
import pytest

from jxgis import sources
from jxgis.errors import InputError, NoCrsError
from jxgis.layers import prepare
from jxgis.spec import LayerSpec

NAMES = ["嘉兴站", "中山路", "南湖革命纪念馆"]


def write(path, encoding, columns=None, cpg=None):
    points = gpd.points_from_xy([120.70, 120.75, 120.80], [30.70, 30.75, 30.80])
    data = gpd.GeoDataFrame(columns or {"name": NAMES}, geometry=points, crs="EPSG:4490")
    data.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    return path


def layer(path, **more):
    return LayerSpec(name="stops", kind="stops", base=path.parent, path=path.name, **more)


def read(path, **more):
    return sources.read(layer(path, **more))


def reasons(raw):
    return " | ".join(row.reason for row in raw.ledger)


@pytest.mark.parametrize(("encoding", "said"), [("GB18030", "GB18030"), ("UTF-8", "UTF-8")])
def test_without_a_cpg_the_bytes_decide_and_the_ledger_says_so(tmp_path, encoding, said):
    path = write(tmp_path / "a.shp", encoding)
    assert "嘉兴站".encode(encoding) in path.with_suffix(".dbf").read_bytes()
    raw = read(path)
    assert raw.data["name"].tolist() == NAMES
    assert [row.what for row in raw.ledger] == ["assumed"]
    assert f"text read as {said}" in reasons(raw)


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [("GB18030", "GBK"), ("GB18030", "936"), ("UTF-8", "65001"), ("UTF-8", "utf8")],
)
def test_a_cpg_that_is_right_is_believed_without_a_word(tmp_path, encoding, cpg):
    raw = read(write(tmp_path / "a.shp", encoding, cpg=cpg))
    assert raw.data["name"].tolist() == NAMES
    assert raw.ledger == ()


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [("GB18030", "UTF-8"), ("GB18030", "ISO-8859-1"), ("UTF-8", "GBK"), ("UTF-8", "1252")],
)
def test_a_cpg_that_is_wrong_is_found_out(tmp_path, encoding, cpg):
    raw = read(write(tmp_path / "a.shp", encoding, cpg=cpg))
    assert raw.data["name"].tolist() == NAMES
    assert f"the file says {cpg}" in reasons(raw)


def test_a_language_byte_in_the_dbf_counts_as_said(tmp_path):
    path = write(tmp_path / "a.shp", "GB18030")
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    data[29] = 0x4D
    dbf.write_bytes(data)
    raw = read(path)
    assert raw.data["name"].tolist() == NAMES
    assert raw.ledger == ()


def test_the_plans_encoding_wins(tmp_path):
    path = write(tmp_path / "a.shp", "BIG5", {"name": ["嘉興站", "中山路", "南湖"]}, cpg="GBK")
    assert read(path, encoding="big5").data["name"].tolist() == ["嘉興站", "中山路", "南湖"]
    with pytest.raises(InputError, match="unknown encoding klingon"):
        read(path, encoding="klingon")


def test_western_text_without_a_cpg_is_not_made_chinese(tmp_path):
    names = ["São Lourenço", "Peñón", "Málaga"]
    raw = read(write(tmp_path / "a.shp", "cp1252", {"name": names}))
    assert raw.data["name"].tolist() == names
    assert "Windows-1252" in reasons(raw)


def test_ascii_needs_no_word(tmp_path):
    assert read(write(tmp_path / "a.shp", "UTF-8", {"name": ["a", "b", "c"]})).ledger == ()


@pytest.mark.filterwarnings("ignore:Normalized/laundered", "ignore:Could not decode error message")
@pytest.mark.parametrize(
    ("encoding", "column"), [("GB18030", "a超长的字段名称"), ("UTF-8", "ab超长的字段名称")]
)
def test_a_field_name_cut_inside_a_character_is_read(tmp_path, encoding, column):
    path = write(tmp_path / "a.shp", encoding, {column: NAMES})
    cut = column.encode(encoding)[:10]
    with pytest.raises(UnicodeDecodeError):
        cut.decode(encoding)
    raw = read(path)
    name = cut.decode(encoding, errors="ignore")
    assert raw.data[name].tolist() == NAMES
    spec = layer(path, columns={"name": name})
    assert prepare(raw, spec, pyproj.CRS(4549)).data["name"].tolist() == NAMES


@pytest.mark.filterwarnings("ignore:Normalized/laundered", "ignore:Could not decode error message")
def test_names_cut_to_the_same_are_told_apart(tmp_path):
    columns = {"ab超长的字甲": NAMES, "ab超长的字乙": NAMES[::-1]}
    raw = read(write(tmp_path / "a.shp", "UTF-8", columns))
    assert raw.data.columns.is_unique
    first, second = raw.data.columns[:2]
    assert first == "ab超长"
    assert raw.data[first].tolist() == raw.data[second].tolist()[::-1] == NAMES


def test_a_value_cut_inside_a_character_is_read(tmp_path):
    path = write(tmp_path / "a.shp", "GB18030", {"name": ["嘉" * 60, "中山路", "南湖"]})
    dbf = path.with_suffix(".dbf")
    data = dbf.read_bytes()
    # A program that knows no characters cuts the text after 7 bytes.
    dbf.write_bytes(data.replace("中山路 ".encode("gbk"), "中山路".encode("gbk")[:5] + b"  "))
    assert read(path).data["name"].tolist()[1] == "中山"


def test_broken_bytes_are_counted(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(
        dbf.read_bytes().replace("中山路".encode(), b"\xff\xff\xff\xff\xff\xff\xff\xff\xff")
    )
    raw = read(path, encoding="utf-8")
    assert raw.data["name"].tolist()[0] == NAMES[0]
    assert "no UTF-8" in reasons(raw)


def test_a_missing_prj_names_what_would_fit(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    path.with_suffix(".prj").unlink()
    with pytest.raises(NoCrsError) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith("a.shp, layer stops: has no coordinate system (no .prj")
    assert 'crs = "EPSG:4490" under [layers.stops]' in text
    for fitting in ("EPSG:4490 (CGCS2000)", "EPSG:4610 (Xi'an 1980)", "EPSG:4214 (Beijing 1954)"):
        assert fitting in text
    assert read(path, crs="EPSG:4490").data.crs == pyproj.CRS(4490)


def test_a_prj_that_cannot_be_read_is_no_prj(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    path.with_suffix(".prj").write_text("GEOGCS[", encoding="ascii")
    with pytest.raises(NoCrsError, match="no coordinate system"):
        read(path)


ESRI = (
    'PROJCS["{name}",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def test_an_esri_prj_is_read_as_what_it_is(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    prj = ESRI.format(name="CGCS2000_3_Degree_GK_CM_120E", meridian=120.0)
    path.with_suffix(".prj").write_text(prj, encoding="ascii")
    assert read(path).inputs[0].crs == "EPSG:4549"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_local_system_with_a_chinese_name_is_used_as_it_is_written(tmp_path, encoding):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    prj = ESRI.format(name="嘉兴地方坐标系", meridian=120.75)
    path.with_suffix(".prj").write_text(prj, encoding=encoding)
    raw = read(path)
    assert raw.data["name"].tolist() == NAMES
    degrees = pyproj.Transformer.from_crs(raw.data.crs, 4490, always_xy=True)
    assert degrees.transform(500_000, 0) == pytest.approx((120.75, 0))


def test_a_local_engineering_system_lies_nowhere(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    path.with_suffix(".prj").write_text('LOCAL_CS["site grid",UNIT["m",1]]', encoding="ascii")
    with pytest.raises(NoCrsError, match="site grid"):
        read(path)


def test_the_plans_crs_wins_and_the_contradiction_is_said(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    raw = read(path, crs="EPSG:4610")
    assert raw.data.crs == pyproj.CRS(4610)
    assert [row.what for row in raw.ledger] == ["assumed"]
    assert "the plan says Xian 1980" in reasons(raw)


@pytest.mark.parametrize("crs", ["EPSG:99999999", "nonsense", "EPSG:5773"])
def test_a_crs_that_is_none_is_refused(tmp_path, crs):
    with pytest.raises(InputError, match="coordinate"):
        read(write(tmp_path / "a.shp", "UTF-8"), crs=crs)


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
def test_a_part_that_is_cut_short_is_named(tmp_path, suffix):
    path = write(tmp_path / "a.shp", "UTF-8")
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(InputError, match=f"a{suffix} is cut short"):
        read(path)


def test_a_missing_index_is_named(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8")
    path.with_suffix(".shx").unlink()
    with pytest.raises(InputError, match=r"a\.shx is missing"):
        read(path)


def test_another_layer_than_the_files_is_refused(tmp_path):
    path = write(tmp_path / "a.shp", "UTF-8")
    assert len(read(path, layer="a").data) == 3
    with pytest.raises(InputError, match="no layer b in it"):
        read(path, layer="b")
