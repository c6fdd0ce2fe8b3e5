"""Ctrl-C in a search for bus stops: the best so far is written, and the exit code says so."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from jxgis.__main__ import main
from jxgis.kernels.proofs import Search
from jxgis.options import INTERRUPTED

STOPS = ["add-stops", "--stops", "stops.gpkg", "--area", "area.gpkg"]
STOPS += ["--streets", "streets.gpkg", "--radius", "300"]
ROWS = range(3_400_000, 3_402_501, 250)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stop, area = [Point(500_300, 3_400_300)], [box(500_000, 3_400_000, 503_000, 3_402_500)]
    gpd.GeoDataFrame({"name": ["a"]}, geometry=stop, crs=4549).to_file("stops.gpkg")
    gpd.GeoDataFrame({"name": ["x"]}, geometry=area, crs=4549).to_file("area.gpkg")
    rows = [LineString([(500_000 + 100 * x, y) for x in range(31)]) for y in ROWS]
    rows += [LineString([(x, y) for y in ROWS]) for x in range(500_000, 503_001, 500)]
    frame = gpd.GeoDataFrame({"highway": ["residential"] * len(rows)}, geometry=rows, crs=4549)
    frame.to_file("streets.gpkg")


def interrupted(*_given):
    raise KeyboardInterrupt


def test_what_was_found_is_written_and_the_exit_code_says_why(monkeypatch, capsys):
    monkeypatch.setattr(Search, "_run", interrupted)
    assert main([*STOPS, "--reach", "0.9", "--out", "out"]) == INTERRUPTED == 130
    assert "the best that was found until then is written" in capsys.readouterr().err
    result = json.loads(Path("out", "result.json").read_text(encoding="utf-8"))
    (number,) = [i for i in result["indicators"] if i["id"].endswith("-stops")]
    assert number["params"]["status"] == "interrupted"
    assert number["params"]["bound"] <= number["value"]
    assert result["status"] == "time_limit"
    assert len(result["tables"]) == 1


def test_a_search_that_is_left_alone_ends_with_0(capsys):
    assert main([*STOPS, "--count", "2", "--out", "out"]) == 0
    assert "interrupted" not in capsys.readouterr().err
