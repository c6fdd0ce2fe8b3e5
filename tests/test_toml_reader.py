"""Reading tables by type: paths as people name them, and plans with anything at any key."""

import copy
import datetime as dt
import tomllib
from pathlib import Path

import pytest

from jxgis import plan as plans
from jxgis.errors import InputError, JxgisError
from jxgis.plan import Plan, read_plan
from jxgis.toml_reader import TableReader

FULL = """
[plan]
title = "示例"
crs = "EPSG:4549"
as_of = 2019-12-31
notice = { en = "a", zh_CN = "b" }
targets = "jiaxing-2017-2019"

[layers.stops]
gtfs = "feed.zip"
datum = "gcj02"

[layers.lakes]
kind = "land"
path = "land.shp"
layer = "a"
crs = "EPSG:4490"
encoding = "gb18030"
as_of = 2019-12-31
attribution = "bureau"
where = { class = ["water", "park"], name = true }
columns = { class = "DLMC" }

[layers.zones]
database = "service=planning"
table = "zones"

[layers.sites]
database = "service=planning"
sql = "SELECT 1"

[layers.built_up]
place = "嘉兴市"

[layers.streets]
osm = "city.osm.pbf"

[coverage]
exclude = [ { layer = "lakes", classes = ["water"], min_area_m2 = 5e5 } ]
built_up_area_m2 = 1.29e8
built_up_source = "yearbook"

[publish]
basemap = "tianditu"
token = "t"

[rules]
coverage.exclude_min_area_m2 = 2e6

[[targets]]
id = "bus-500"
clause = "2"
measure = "transit.coverage"
radius_m = 500
at_least = 0.96
zones = ["1", "2"]

[[targets]]
id = "parks"
kind = "counted"
count = "sites"
each_zone_at_least = 100
at_most = 3

[[targets]]
id = "money"
kind = "counted"
sum = "amount"
at_least = 3

[[targets]]
id = "nev"
title = { en = "New-energy vehicles", zh_CN = "新能源汽车" }
kind = "reported"
[[targets.criteria]]
id = "vehicles"
title = "Vehicles"
unit = "vehicle"
at_least = 4000
[[targets.criteria]]
id = "buses"
at_least = 0.85

[[reported]]
id = "nev.vehicles"
value = 4100
date = 2019-12-31
source = "bureau"
"""

ODD = [
    "x",
    "",
    "\x00",
    "-1",
    0,
    -1,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    True,
    False,
    [],
    [[]],
    [1, "x"],
    ["x"],
    [{}],
    [{"id": 3}],
    {},
    {"x": 1},
    {"en": []},
    {"x": {"y": [{}]}},
    dt.date(2019, 12, 31),
    dt.datetime(2019, 12, 31, 1, 2, tzinfo=dt.UTC),
    dt.time(1, 2),
]


def keys(node, path=()):
    """Return the way to every value in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from keys(value, (*path, key))


KEYS = list(keys(tomllib.loads(FULL)))


def read(document, monkeypatch):
    monkeypatch.setattr(plans, "parse_toml", lambda _text, _file: copy.deepcopy(document))
    monkeypatch.setattr(plans, "_read_text", lambda _file: "")
    return read_plan(Path("plan.toml"))


def test_the_plan_that_is_spoilt_is_sound(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text(FULL, encoding="utf-8")
    plan = read_plan(file)
    assert plan.rules["coverage.exclude_min_area_m2"].value == 2e6
    assert len(plan.layers) == 6


@pytest.mark.parametrize("path", KEYS, ids=lambda path: ".".join(map(str, path)))
def test_anything_at_any_key_is_a_plan_or_a_sentence(path, monkeypatch):
    for odd in ODD:
        document = tomllib.loads(FULL)
        place = document
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = odd
        try:
            plan = read(document, monkeypatch)
        except JxgisError as error:
            sentences = str(error).splitlines()
            assert all(sentences), (path, odd)
            assert len(set(sentences)) == len(sentences), (path, odd, sentences)
        else:
            assert isinstance(plan, Plan)
            assert all(target.criteria for target in plan.targets), (path, odd)
            assert all(target.id for target in plan.targets), (path, odd)


@pytest.mark.parametrize("name", ["plan", "layers", "coverage", "publish", "rules"])
@pytest.mark.parametrize("odd", ["x", "", 0, 3, False, [], [{}]])
def test_what_should_be_a_table_and_is_none_is_named(name, odd, monkeypatch):
    document = tomllib.loads(FULL) | {name: odd}
    with pytest.raises(InputError, match=rf"\[{name}\]: is not a table"):
        read(document, monkeypatch)


def test_a_target_without_criteria_is_named(monkeypatch):
    document = tomllib.loads(FULL)
    document["targets"][-1]["criteria"] = []
    document["reported"] = []
    with pytest.raises(InputError, match=r"nev: criteria is empty"):
        read(document, monkeypatch)


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"coverage": {"radius": 1}}, "no rule coverage.radius"),
        ({"coverage": {"exclude_min_area_m2": "x"}}, "exclude_min_area_m2 must be a number"),
        ({"coverage": {"exclude_min_area_m2": -1}}, "exclude_min_area_m2 is below zero"),
        (
            {"coverage.exclude_min_area_m2": 1, "coverage": {"exclude_min_area_m2": 2}},
            "coverage.exclude_min_area_m2 is given twice",
        ),
    ],
)
def test_a_rule_in_a_nested_table_is_checked_like_a_quoted_one(rules, sentence, monkeypatch):
    with pytest.raises(InputError, match=sentence):
        read(tomllib.loads(FULL) | {"rules": rules}, monkeypatch)


@pytest.mark.parametrize("name", ["公交 站点.shp", "公\u3000交.shp", "a\xa0b.shp", "\u200b.shp"])
def test_a_path_may_hold_any_blank(name):
    faults = []
    assert TableReader({"path": name}, "[x]", Path(), faults).path("path") == name
    assert not faults


@pytest.mark.parametrize("name", ["C:\new.shp", "a\tb", "a\x7fb", "a\x85b"])
def test_a_control_character_in_a_path_is_named(name):
    faults = []
    TableReader({"path": name}, "[x]", Path(), faults).path("path")
    assert "control character" in str(faults[0])
