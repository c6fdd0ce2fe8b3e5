"""Tables, written by pandas or by hand as people write them."""

import datetime as dt

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from jxgis import sources
from jxgis.errors import InputError, MissingColumnError, NoCrsError
from jxgis.spec import LayerSpec

ROWS = {"站名": ["嘉兴站", "中山路"], "code": ["0573", "330402"]}


def layer(path, kind="stops", **more):
    return LayerSpec(name=kind, kind=kind, base=path.parent, path=path.name, **more)


def read(path, **more):
    return sources.read(layer(path, **more))


def reasons(raw):
    return " | ".join(row.reason for row in raw.ledger)


def positions(raw):
    return shapely.get_coordinates(np.asarray(raw.data.geometry)).tolist()


def text(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_any_usual_form(tmp_path, encoding, separator):
    table = pd.DataFrame({**ROWS, "经度": [120.7, 120.75], "纬度": [30.7, 30.75]})
    path = tmp_path / "a.csv"
    table.to_csv(path, index=False, sep=separator, encoding=encoding)
    raw = read(path)
    assert positions(raw) == [[120.7, 30.7], [120.75, 30.75]]
    assert raw.data["站名"].tolist() == ROWS["站名"]
    assert raw.data["code"].tolist() == ["0573", "330402"]
    assert raw.data.crs == pyproj.CRS(4326)
    assert "EPSG:4326 degrees from columns 经度 and 纬度" in reasons(raw)
    assert all(row.what == "assumed" for row in raw.ledger)


def test_gbk_is_said(tmp_path):
    raw = read(text(tmp_path / "a.csv", "站名,经度,纬度\n嘉兴站,120.7,30.7\n", "gbk"))
    assert "text read as GB18030" in reasons(raw)


def test_an_encoding_that_is_not_the_files_is_refused(tmp_path):
    path = text(tmp_path / "a.csv", "站名,经度,纬度\n嘉兴站,120.7,30.7\n", "gbk")
    with pytest.raises(InputError, match="its text is not UTF-8"):
        read(path, encoding="utf-8")


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("lon", "lat"),
        ("LNG", "LAT"),
        ("Longitude", "Latitude"),
        ("long", "lat"),
        ("x", "y"),
        ("经度", "纬度"),
        ("东经", "北纬"),
        ("经度(°)", "纬度(°)"),
        ("lng_wgs84", "lat_wgs84"),
        ("WGS84经度", "WGS84纬度"),
        ("wgs84_lon", "wgs84_lat"),
    ],
)
def test_usual_names_of_positions(tmp_path, lon, lat):
    path = text(tmp_path / "a.csv", f"id,{lat},{lon}\n1,30.7,120.7\n")
    assert positions(read(path)) == [[120.7, 30.7]]


def test_plain_names_come_before_shifted_ones(tmp_path):
    path = text(tmp_path / "a.csv", "gcj_lon,gcj_lat,lon,lat\n120.71,30.71,120.7,30.7\n")
    assert positions(read(path)) == [[120.7, 30.7]]


@pytest.mark.parametrize(
    ("names", "datum"),
    [("lng_gcj02,lat_gcj02", "gcj02"), ("百度经度,百度纬度", "bd09"), ("bd_lon,bd_lat", "bd09")],
)
def test_names_that_state_a_shifted_datum_ask_for_it(tmp_path, names, datum):
    path = text(tmp_path / "a.csv", f"{names}\n120.7,30.7\n")
    with pytest.raises(InputError) as caught:
        read(path)
    assert f'datum = "{datum}" under [layers.stops]' in str(caught.value)
    assert positions(read(path, datum=datum)) == [[120.7, 30.7]]


def test_the_plan_names_the_columns(tmp_path):
    path = text(tmp_path / "a.csv", "E,N,lon,lat\n120.7,30.7,1,2\n")
    assert positions(read(path, columns={"lon": "E", "lat": "N"})) == [[120.7, 30.7]]
    with pytest.raises(MissingColumnError, match="no column W"):
        read(path, columns={"lon": "W", "lat": "N"})


def test_one_column_named_by_the_plan_finds_its_partner(tmp_path):
    path = text(tmp_path / "a.csv", "E,lat\n120.7,30.7\n")
    assert positions(read(path, columns={"lon": "E"})) == [[120.7, 30.7]]


def test_no_positions_names_what_was_looked_for(tmp_path):
    path = text(tmp_path / "a.csv", "name,address\na,b\n")
    with pytest.raises(MissingColumnError) as caught:
        read(path)
    assert "经度" in str(caught.value)
    assert "name, address" in str(caught.value)


def test_metres_in_x_and_y_need_a_crs(tmp_path):
    path = text(tmp_path / "a.csv", "x,y\n40567062,3397923\n40567063,3397923\n")
    with pytest.raises(NoCrsError, match="EPSG:4528"):
        read(path)
    assert read(path, crs="EPSG:4528").inputs[0].crs == "EPSG:4528"


def test_the_plans_crs_of_degrees_is_not_an_assumption(tmp_path):
    raw = read(text(tmp_path / "a.csv", "lon,lat\n120.7,30.7\n"), crs="EPSG:4490")
    assert raw.data.crs == pyproj.CRS(4490)
    assert raw.ledger == ()


def test_a_value_that_is_no_number_names_its_row(tmp_path):
    path = text(tmp_path / "a.csv", "lon,lat\n120.7,30.7\n?,30.8\n")
    with pytest.raises(InputError, match="column lon: '\\?' is not a number") as caught:
        read(path)
    assert caught.value.row == 2


@pytest.mark.parametrize("value", ["120°45'36\"", "120:45:36", "120 45 36", "E120.7", "120度45分"])
def test_degrees_and_minutes_are_told_how_to_be_written(tmp_path, value):
    path = text(tmp_path / "a.csv", f"lon;lat\n{value.replace(chr(34), chr(34) * 2)};30.7\n")
    with pytest.raises(InputError, match="decimal degrees"):
        read(path)


def test_decimal_commas_are_read_where_they_can_be_nothing_else(tmp_path):
    raw = read(text(tmp_path / "a.csv", "lon;lat;n\n120,7;30,7;1\n120,75;30,75;2\n"))
    assert positions(raw) == [[120.7, 30.7], [120.75, 30.75]]
    assert "commas read as decimal points in columns lon, lat" in reasons(raw)


def test_rows_longer_than_the_header_are_refused(tmp_path):
    with pytest.raises(InputError):
        read(text(tmp_path / "a.csv", "lon,lat\n120,7,30,7\n"))
    with pytest.raises(InputError):
        read(text(tmp_path / "a.csv", "lon,lat\n120.7,30.7\n120.7,30.7,1,2\n"))


def test_rows_without_a_position_stay_for_the_ledger(tmp_path):
    raw = read(text(tmp_path / "a.csv", "id,lon,lat\n1,,\n2,120.7,30.7\n"))
    assert raw.data.geometry.isna().tolist() == [True, False]


def test_a_blank_line_does_not_move_the_rows_numbers(tmp_path):
    raw = read(text(tmp_path / "a.csv", "id,lon,lat\n\n2,120.7,30.7\n"))
    assert raw.data.index.tolist() == [1]


def test_wkt_is_a_geometry(tmp_path):
    path = text(tmp_path / "a.csv", 'id,WKT\n1,"POLYGON((0 0,1 0,1 1,0 0))"\n')
    with pytest.raises(NoCrsError):
        read(path, kind="built_up")
    raw = read(path, kind="built_up", crs="EPSG:4549")
    assert raw.data.geometry.area.tolist() == [0.5]


def test_wkt_that_is_none_names_its_row(tmp_path):
    path = text(tmp_path / "a.csv", "id,WKT\n1,POINT(1 1)\n2,POINT(1\n")
    with pytest.raises(InputError, match="is no WKT") as caught:
        read(path, crs="EPSG:4490")
    assert caught.value.row == 2


def test_a_workbook_keeps_codes_and_dates_as_text(tmp_path):
    table = pd.DataFrame(
        {
            "站名": ["嘉兴站", None],
            "code": [330402, 330411],
            "share": [0.5, 1.0],
            "opened": [dt.date(2018, 5, 1), None],
            "经度": [120.7, 120.75],
            "纬度": [30.7, 30.75],
        }
    )
    table.to_excel(tmp_path / "a.xlsx", index=False, sheet_name="站点")
    raw = read(tmp_path / "a.xlsx")
    assert raw.data["code"].tolist() == ["330402", "330411"]
    assert raw.data["opened"].tolist() == ["2018-05-01", None]
    assert raw.data["share"].tolist() == ["0.5", "1"]
    assert raw.inputs[0].layer == "站点"
    assert positions(raw) == [[120.7, 30.7], [120.75, 30.75]]


def test_a_workbook_of_several_sheets_asks_which(tmp_path):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        for name in ("一月", "二月"):
            pd.DataFrame({"lon": [120.7], "lat": [30.7]}).to_excel(
                book, sheet_name=name, index=False
            )
        pd.DataFrame().to_excel(book, sheet_name="空")
    with pytest.raises(InputError, match="several sheets: 一月, 二月"):
        read(path)
    assert read(path, layer="二月").inputs[0].layer == "二月"
    with pytest.raises(InputError, match="no sheet 三月"):
        read(path, layer="三月")


def test_old_workbooks_are_told_how_to_be_saved(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(InputError, match=r"Save it as \.xlsx"):
        read(tmp_path / "a.xls")


def test_a_table_without_rows_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="holds no rows"):
        read(text(tmp_path / "a.csv", "lon,lat\n"))
