from __future__ import annotations

import csv
import datetime as dt
import math
import os
import sqlite3
from xml.etree import ElementTree as ET

import companions
import examples
import numpy as np
import pandas as pd
import pyogrio
import pytest

from jxgis.errors import OutputError
from jxgis.publish.geopackage import write_geopackage
from jxgis.publish.tables import write_csv, write_frame, write_ledger


@pytest.fixture(scope="module")
def result():
    return examples.coverage()


def test_csv_has_a_bom_and_crlf(tmp_path):
    write_csv(tmp_path / "t.csv", ["区"], [["南湖区"], ["two\nlines"]])
    data = (tmp_path / "t.csv").read_bytes()
    assert data == '\ufeff区\r\n南湖区\r\n"two\nlines"\r\n'.encode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("x")'])
def test_text_that_looks_like_a_formula_is_defused(tmp_path, text):
    write_csv(tmp_path / "t.csv", ["c"], [[text], [f"a{text}"]])
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [[f"'{text}"], [f"a{text}"]]


def test_numbers_stay_numbers_and_nothing_is_empty(tmp_path):
    values = [-1.5, np.float64(-2), np.int64(-3), math.nan, None, pd.NA, pd.NaT, True]
    write_csv(tmp_path / "t.csv", ["c"] * 9, [[*values, dt.date(2019, 12, 31)]])
    line = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert line == "-1.5,-2.0,-3,,,,,true,2019-12-31"


def test_the_table_by_zone_comes_back_unchanged(tmp_path, result):
    write_frame(tmp_path / "c.csv", result.by_zone)
    back = pd.read_csv(tmp_path / "c.csv", dtype={"zone_id": str}, encoding="utf-8-sig")
    pd.testing.assert_frame_equal(back, result.by_zone, check_exact=True)


def test_the_ledger_names_the_measure(tmp_path, result):
    write_ledger(tmp_path / "l.csv", [result])
    back = pd.read_csv(tmp_path / "l.csv", encoding="utf-8-sig")
    assert len(back) == len(result.ledger)
    assert back.iloc[0].to_dict() == {
        "measure": "transit.coverage",
        "what": "excluded",
        "layer": "land",
        "count": 1,
        "reason": "water 南湖, 2.54 km²",
        "effect": 0.0042,
    }


def test_the_geopackage_holds_every_drawing_and_the_table(tmp_path, result):
    path = tmp_path / "coverage.gpkg"
    write_geopackage(path, result)
    kinds = dict(pyogrio.list_layers(path).tolist())
    assert kinds.pop("by_zone") is None
    assert kinds.pop("layer_styles") is None
    assert set(kinds) == {d.name for d in result.layers}
    for drawing in result.layers:
        frame = pyogrio.read_dataframe(path, layer=drawing.name)
        assert frame.crs == result.crs
        assert frame.area.sum() == pytest.approx(drawing.data.area.sum(), rel=1e-12)
        assert frame.total_bounds == pytest.approx(drawing.data.total_bounds)
    zones = pyogrio.read_dataframe(path, layer="zones")
    assert zones["zone"].tolist() == examples.NAMES
    table = pyogrio.read_dataframe(path, layer="by_zone")
    pd.testing.assert_frame_equal(pd.DataFrame(table), result.by_zone, check_dtype=False)


def test_each_layer_has_a_default_style_that_its_classes_match(tmp_path, result):
    path = tmp_path / "coverage.gpkg"
    write_geopackage(path, result)
    database = sqlite3.connect(path)
    rows = database.execute(
        "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
    ).fetchall()
    database.close()
    assert {r[0] for r in rows} == {d.name for d in result.layers}
    styles = {name: ET.fromstring(text) for name, geom, text, _ in rows}  # noqa: S314
    assert all(geom == "geom" and default == 1 for _, geom, _, default in rows)
    renderer = styles["zones"].find("renderer-v2")
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in renderer.iter("range")]
    shares = pyogrio.read_dataframe(path, layer="zones")[renderer.get("attr")]
    assert all(any(low <= s <= high for low, high in ranges) for s in shares)
    assert len(list(renderer.iter("symbol"))) == len(ranges)
    assert styles["stops"].find(".//symbol").get("type") == "marker"


def test_the_same_result_gives_the_same_bytes(tmp_path, result):
    for name in ("a.gpkg", "b.gpkg"):
        write_geopackage(tmp_path / name, result)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert b"2019-12-31T00:00:00.000Z" in (tmp_path / "a.gpkg").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="a limit on a file's size is POSIX's")
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_a_geopackage_that_finds_no_room_is_named(tmp_path, result, part):
    import resource

    write_geopackage(tmp_path / "whole.gpkg", result)
    room = int(part * (tmp_path / "whole.gpkg").stat().st_size)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OutputError) as caught:
            write_geopackage(tmp_path / "coverage.gpkg", result)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.file == "coverage.gpkg"
    assert caught.value.exit_code == 2
    assert len(str(caught.value)) < 250


def test_gaps_streets_and_proposals_open_in_their_looks(tmp_path):
    path = tmp_path / "coverage.gpkg"
    write_geopackage(path, companions.result(20))
    kinds = dict(pyogrio.list_layers(path).tolist())
    assert kinds["proposed_500"] == "MultiPoint"
    assert kinds["reached_500"] == "MultiLineString"
    assert kinds["gaps_500"] == kinds["gained_500"] == "MultiPolygon"
    database = sqlite3.connect(path)
    rows = database.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
    database.close()
    symbols = {name: ET.fromstring(text).find(".//symbol") for name, text in rows}  # noqa: S314
    assert symbols["proposed_500"].get("type") == "marker"
    assert symbols["reached_500"].get("type") == "line"
    brush = symbols["gaps_500"].find(".//Option[@name='style']")
    assert brush.get("value") == "no"
