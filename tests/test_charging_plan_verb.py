"""A whole charging plan as a planner meets it: checked, solved, published, and what is said."""

import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from jxgis.__main__ import main

CRS = "EPSG:4549"
X, Y, SIDE = 480_000.0, 3_330_000.0, 8000.0

PLAN = """
[plan]
title = "Charging"
crs = "EPSG:4549"
as_of = 2018-12-31

[rules]
"charging.tradeoff_time_limit_s" = 100
"charging.robust_time_limit_s" = 100
"charging.gap" = 1e-6

[layers]
zones.path = "zones.gpkg"
built_up.path = "built_up.gpkg"
population.path = "homes.gpkg"
stops.path = "stops.gpkg"
parking.path = "parking.gpkg"
expressways.path = "expressways.gpkg"
service_areas.path = "service_areas.gpkg"
chargers.path = "chargers.gpkg"
substations.path = "substations.gpkg"

[charging]
years = [2017, 2018]
budget = [60, 120]
budget_unit = "coins"

[[charging.demand]]
id = "cars"
unit = "people"
sources = [{ layer = "population" }]
floor = 0.05

[[charging.demand]]
id = "trips"
sources = [{ layer = "expressways" }]

[[charging.kinds]]
id = "city"
title = "City stations"
demand = "cars"
candidates = "parking"
count = 2
existing = "chargers"
cost = 20
power_kw = 60

[[charging.kinds]]
id = "sides"
title = "Road stations"
demand = "trips"
candidates = "service_areas"
count = 1
cost = 30
power_kw = 60

[[charging.kinds]]
id = "piles"
title = "Piles"
demand = "cars"
candidates = "parking"
count = 12
by_year = [4, 8]
radius_m = 500
radius_outside_m = 500
least_piles = 2
most_share = 0.1
cost = 1
power_kw = 7
"""


def put(file, geometries, /, **columns):
    gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS).to_file(file)


def at(*places):
    return [shapely.Point(X + x, Y + y) for x, y in places]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Files of two districts, an expressway through them, and what is in them."""
    folder = tmp_path_factory.mktemp("city")
    rng = np.random.default_rng(7)
    west = shapely.box(X, Y, X + SIDE / 2, Y + SIDE)
    east = shapely.box(X + SIDE / 2, Y, X + SIDE, Y + SIDE)
    put(folder / "zones.gpkg", [west, east], zone_id=["w", "e"], zone=["西区", "东区"])
    put(folder / "built_up.gpkg", [west])
    homes = at(*rng.uniform(0, SIDE, (60, 2)))
    people = rng.integers(1, 50, 60)
    put(folder / "homes.gpkg", homes, population=people)
    put(folder / "homes_none.gpkg", homes, population=people * 0)
    put(folder / "homes_negative.gpkg", homes, population=people - 20)
    put(folder / "stops.gpkg", homes[:9], stop_id=[f"s{i}" for i in range(9)])
    lots = at(*rng.uniform(0, SIDE, (15, 2)))
    put(folder / "parking.gpkg", lots, name=[f"Lot {i}" for i in range(15)], spaces=[40] * 15)
    put(folder / "parking_bare.gpkg", lots, name=[f"Lot {i}" for i in range(15)])
    road = shapely.LineString([(X, Y + 4000), (X + SIDE, Y + 4000)])
    put(folder / "expressways.gpkg", [road], ref=["G1"], vehicles_per_day=[9000])
    put(folder / "service_areas.gpkg", at((3000, 4040)), name=["Rest"], side=["both"])
    put(folder / "areas_far.gpkg", at((3000, 4040), (3000, 7500)), name=["Rest", "Far"])
    put(folder / "areas_odd.gpkg", at((3000, 4000.5)), name=["Rest"])
    put(folder / "chargers.gpkg", at((1000, 1000)), name=["There"], posts=[6])
    put(folder / "substations.gpkg", at((0, 0), (SIDE, SIDE)), spare_kw=[150, 200])
    return folder


@pytest.fixture
def here(city, tmp_path, monkeypatch):
    """A folder to run in, with the plan as given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")

    def written(text=PLAN):
        placed = re.sub(r'path = "', f'path = "{city.as_posix()}/', text)
        Path("plan.toml").write_text(placed, encoding="utf-8")
        return tmp_path

    return written


def result(name="out"):
    return json.loads(Path(name, "result.json").read_text(encoding="utf-8"))


def files(folder):
    return {p.name: p.read_bytes() for p in sorted(Path(folder).iterdir())}


def test_the_whole_plan_is_solved_and_written(here, capsys):
    here()
    assert main(["charging", "plan.toml", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    found = result()
    assert found["measure"] == "charging.plan"
    assert found["solution"]["status"] == "optimal"
    sites = found["tables"]["sites"]
    assert sum(site["kind"] == "City stations" for site in sites) <= 2
    assert sum(site["piles"] or 0 for site in sites) <= 12
    assert {site["kind"] for site in sites} >= {"Road stations", "Piles"}
    for row in found["by_zone"]:
        assert row["share_cars_after"] >= 0.05 - 1e-9
        assert row["share_cars_after"] >= row["share_cars_before"]
    # 120 coins in all, of which 60 by the end of the first year.
    years = found["tables"]["years"]
    assert years[0]["cost"] <= 60
    assert years[0]["cost"] + years[1]["cost"] <= 120
    for word in ("Proven", "Gap ", "City stations", "Which limits bind", "Year by year"):
        assert word in printed
    assert printed.rstrip().endswith("charging-plan.html")
    names = set(gpd.list_layers(Path("out", "charging-plan.gpkg"))["name"])
    assert {"zones", "sites", "chargers", "reach_city", "reach_piles", "unserved_cars"} <= names


def test_two_runs_write_the_same_and_json_is_alone(here, capsys):
    here()
    assert main(["charging", "plan.toml", "--out", "one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == result("one")
    assert main(["charging", "plan.toml", "--out", "two"]) == 0
    assert files("one") == files("two")


def test_run_publishes_the_same_plan_among_the_others(here):
    here()
    assert main(["run", "plan.toml", "--out", "site"]) == 0
    assert main(["charging", "plan.toml", "--out", "out"]) == 0
    for name in ("charging-plan-sites.csv", "charging-plan.csv"):
        assert Path("site", name).read_bytes() == Path("out", name).read_bytes()


def test_check_finds_nothing_wrong(here):
    here()
    assert main(["check", "plan.toml"]) == 0


def swap(*pairs):
    text = PLAN
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


FORM = {
    "unknown demand": (
        swap(('demand = "trips"', 'demand = "lorries"')),
        "sides serves a demand lorries that is not there",
    ),
    "by_year": (swap(("[4, 8]", "[4, 7]")), "by_year adds up to 11, and count is 12"),
    "no count": (swap(("count = 1\n", "")), "count is missing"),
    "no layer": (swap(('"service_areas"\n', '"rest_areas"\n')), "a layer rest_areas that the plan"),
    "no cost": (swap(("cost = 30\n", "")), "there is a budget, and sides has no cost"),
}
"""Faults of the table alone."""

LAID = {
    "too few": (
        swap(("count = 2\n", "count = 16\n")),
        "the kind City stations wants 16 stations, and there are 15 places",
    ),
    "no room": (
        swap(("count = 12\nby_year = [4, 8]", "count = 70")),
        "wants 70 piles, and its 15 places have room for 60",
    ),
    "three sides": (
        swap(("count = 1\n", "count = 3\n")),
        "the kind Road stations wants 3 stations, and there are 2 places",
    ),
    "no demand": (
        swap(("homes.gpkg", "homes_none.gpkg")),
        "the demand cars comes to zero",
    ),
    "no spaces": (swap(("parking.gpkg", "parking_bare.gpkg")), "there is no column spaces"),
    "no expressway near": (
        swap(("service_areas.gpkg", "areas_far.gpkg")),
        "it lies 3500 m from the nearest expressway",
    ),
    "no carriageway": (
        swap(("service_areas.gpkg", "areas_odd.gpkg")),
        "on which side of G1 it is cannot be told",
    ),
    "units": (
        swap(('[{ layer = "population" }]', '[{ layer = "population" }, { layer = "stops" }]')),
        "without saying what one of each counts",
    ),
    "budget": (
        swap(("[60, 120]", "[0.5, 1.5]")),
        "the budget of 1.5 coins pays for nothing",
    ),
    "zone": (
        swap(("floor = 0.05", "floors = { north = 0.05 }")),
        "a floor in a zone north that is not there",
    ),
    "class": (
        swap(('candidates = "service_areas"', 'candidates = "parking"\nclasses = ["bus"]')),
        "there is no column class",
    ),
}
"""Faults that show when the plan is laid out, without anything being solved."""

SOLVED = {
    "floor": (
        swap(("floor = 0.05", "floors = { e = 0.99 }")),
        r"the floor of 东区 \(cars\) is 99\.00%, and the best that can be had is \d+\.\d\d%",
    ),
}
"""Faults that show when it is solved."""

READ = {
    "negative": (swap(("homes.gpkg", "homes_negative.gpkg")), "population"),
}
"""Faults of a layer."""


@pytest.mark.parametrize("verb", ["charging", "run"])
@pytest.mark.parametrize("fault", [*FORM, *LAID, *SOLVED, *READ])
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(here, capsys, verb, fault):
    text, said = (FORM | LAID | SOLVED | READ)[fault]
    folder = here(text)
    assert main([verb, "plan.toml", "--out", "out"]) == 2
    error = capsys.readouterr().err
    assert re.search(said, error), error
    assert "Traceback" not in error
    assert [p.name for p in folder.iterdir()] == ["plan.toml"]


@pytest.mark.parametrize("fault", [*FORM, *LAID, *READ])
def test_check_finds_it_without_solving(here, capsys, monkeypatch, fault):
    def solved(*_given, **_more):
        raise AssertionError("nothing is solved")

    monkeypatch.setattr("jxgis.charging.plan_result.solve", solved)
    text, said = (FORM | LAID | READ)[fault]
    here(text)
    assert main(["check", "plan.toml"]) == 2
    said_there = "".join(capsys.readouterr())
    assert re.search(said, said_there), said_there
