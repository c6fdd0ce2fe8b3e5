"""Bad input to the verb of charging stations: one sentence each, and nothing is written."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from jxgis.__main__ import main

CRS = "EPSG:4549"
X, Y, SIDE = 480_000.0, 3_330_000.0, 6000.0
CORNER = np.array([X, Y])
GOOD = {"--demand": "people.gpkg", "--weight": "people", "--candidates": "parking.gpkg"}
ZONES = {"--zones": "zones.gpkg"}


def put(file, geometries, /, **columns):
    gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS).to_file(file)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Good files, and each kind of bad one."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    people = shapely.points(rng.uniform(0, SIDE, (40, 2)) + CORNER)
    put("people.gpkg", people, people=rng.integers(1, 50, 40))
    put("below.gpkg", people[:2], people=[3, -1])
    put("nothing.gpkg", people[:2], people=[0, 0])
    put("words.gpkg", people[:2], people=["3", "many"])
    put("empty.gpkg", people[:0], people=[])
    put("parking.gpkg", shapely.points(rng.uniform(0, SIDE, (6, 2)) + CORNER))
    put("far.gpkg", shapely.points(CORNER + np.array([[90_000, 0], [91_000, 0]])))
    west, east = box(X, Y, X + SIDE / 2, Y + SIDE), box(X + SIDE / 2, Y, X + SIDE, Y + SIDE)
    put("zones.gpkg", [west, east], zone_id=["w", "e"], zone=["西区", "东区"])
    put("elsewhere.gpkg", [box(X + 9e4, Y, X + 9.5e4, Y + 5e3)], zone_id=["f"], zone=["Far"])
    put("paths.gpkg", [shapely.LineString([(X, Y), (X + 9, Y)])], highway=["footway"])
    street = [shapely.LineString([(X, Y + k), (X + SIDE, Y + k)]) for k in (0, SIDE)]
    put("apart.gpkg", street, highway=["residential"] * 2)
    return tmp_path


def refused(options, capsys):
    """Return what is said on standard error: the run ended with 2 and wrote nothing."""
    before = {p.name for p in Path().iterdir()}
    words = [word for pair in options.items() for word in pair if word is not None]
    assert main(["charging", *words, "--out", "out"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert {p.name for p in Path().iterdir()} == before
    return printed.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--count": "7"}, "wants 7 stations, and there are 6 places for them"),
        ({"--count": "0"}, "'--count'"),
        ({"--reach": "1.2"}, "'--reach'"),
        ({}, "one of --count and --reach is given"),
        ({"--count": "2", "--reach": "0.5"}, "one of --count and --reach is given"),
        ({"--count": "2", "--demand": None}, "--demand is missing"),
        ({"--count": "2", "--candidates": None}, "--candidates is missing"),
        ({"--count": "2", "--floor": "0.5"}, "Add --zones"),
        ({"--count": "2", "--floor": "0.9", **ZONES, "--aim": "median"}, "of demand served"),
        ({"--reach": "0.5", "--aim": "center"}, "of demand served"),
        ({"--count": "2", "--radius": "500", "--aim": "median"}, "--radius limits nothing"),
        ({"--count": "2", "--capacity": "50", "--aim": "center"}, "Leave --capacity out"),
        ({"--count": "2", "--capacity": "-1"}, "'--capacity'"),
        ({"--count": "2", "--capacity": "1", "--aim": "median"}, "2 stations can serve 2, and"),
        ({"--reach": "1", "--radius": "600"}, "all 6 candidates together serve"),
        ({"--reach": "1", "--capacity": "10"}, "all 6 candidates together serve"),
        ({"--count": "2", "--weight": "inhabitants"}, "there is no column inhabitants"),
        ({"--count": "2", "--weight": None}, "there is no column weight"),
        ({"--count": "2", "--demand": "below.gpkg"}, "row 2"),
        ({"--count": "2", "--demand": "nothing.gpkg"}, "the demand people comes to zero"),
        ({"--count": "2", "--demand": "words.gpkg"}, "row 2: column weight: 'many'"),
        ({"--count": "2", "--demand": "empty.gpkg"}, "it holds no features"),
        ({"--count": "2", "--demand": "none.gpkg"}, "none.gpkg"),
        ({"--count": "2", "--candidates": "empty.gpkg"}, "it holds no features"),
        ({"--count": "2", "--candidates": "far.gpkg"}, "none of the 2 candidates is within reach"),
        ({"--count": "2", "--zones": "empty.gpkg"}, "it holds no features"),
        ({"--count": "2", "--zones": "elsewhere.gpkg"}, "none of the demand people is in any zone"),
        ({"--count": "2", "--streets": "paths.gpkg"}, "no street"),
        ({"--count": "1", "--streets": "apart.gpkg", "--aim": "median"}, "no choice of 1 stations"),
        ({"--count": "2", "--layer": "demand.unit=people"}, "unit"),
    ],
    ids=lambda value: (
        " ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_what_cannot_be_answered(change, said, capsys):
    options = {k: v for k, v in (GOOD | change).items() if v is not None}
    assert said in refused(options, capsys)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("capacity", [None, "200"])
def test_a_floor_that_cannot_be_had_names_the_zone_and_the_best(capacity, capsys):
    options = GOOD | ZONES | {"--count": "6", "--radius": "600", "--floor": "1"}
    options |= {"--capacity": capacity} if capacity else {}
    error = refused(options, capsys)
    assert "the floor of 西区 is 100.00%, and the best that can be had is" in error
    assert "Lower the floor" in error


@pytest.mark.usefixtures("folder")
def test_floors_that_take_more_stations(capsys):
    options = GOOD | ZONES | {"--count": "1", "--radius": "1500", "--floor": "0.1"}
    error = refused(options, capsys)
    assert "meeting the floors of all zones takes 2 stations, and 1 are wanted" in error


@pytest.mark.usefixtures("folder")
def test_a_plan_and_options_that_it_gives(capsys):
    assert main(["charging", "plan.toml", "--count", "2", "--out", "out"]) == 2
    assert "--count and a plan are both given" in capsys.readouterr().err
