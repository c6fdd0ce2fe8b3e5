"""The shipped targets against the plan's own list, written out here a second time."""

import datetime as dt
import tomllib
from importlib.resources import files

import pytest

from jxgis.targets import shipped_targets

SET = "jiaxing-2017-2019"

# id, clause, kind, as the plan's text has them and in its table's order
ROWS = """
bus-500                二(二)2  computed
bus-300                二(二)2  computed
service-area-charging  二(二)2  computed
charging-bus           二(二)2  sited+counted
charging-city          二(二)2  sited+counted
charging-intercity     二(二)2  sited+counted
charging-piles         二(二)2  sited+counted
pv-zone                二(一)2  computed+counted
pv-new                 二(一)2  counted
pv-enterprise          二(一)2  counted
green-built-up         一.4     computed
tree-cover             二(二)3  computed
plain-greening         一.4     computed+counted
park-green             二(二)3  computed+counted
forest-city            一.4     counted
wetland                二(二)3  computed
sponge                 二(二)4  computed
shore-power            二(二)2  computed
rail                   二(二)2  computed
near-zero-pilot        二(二)1  counted
sub-metering           二(二)1  computed+counted
prefab                 二(二)1  reported
carbon-audit           二(二)1  counted
non-fossil             一.2     reported
clean-capacity         一.2     reported
pt-share               一.3     reported
public-energy          一.3     reported
nev                    二(二)2  reported
green-products         二(一)1  reported
clean-audit            二(一)2  reported
green-projects         二(一)2  reported
remanufacture          二(一)3  reported
"""

# 96%, 77%, 全覆盖, 5座, 4座, 2座, 300个, 500兆瓦, 41%, 20%, 4.5万亩, 100公顷, 2个, 5个,
# 500万平方米, 17.9%, 930万千瓦, 3.6个百分点, 6.7%, 6.2%, 4000台, 85%, 100种, 300家, 100个, 1-2个
NUMBERS = {
    "bus-500": (0.96, "1"),
    "bus-300": (0.77, "1"),
    "service-area-charging": (1.0, "1"),
    "charging-bus": (5, "station"),
    "charging-city": (4, "station"),
    "charging-intercity": (2, "station"),
    "charging-piles": (300, "pile"),
    "pv-new": (500, "MW"),
    "green-built-up": (0.41, "1"),
    "tree-cover": (0.20, "1"),
    "plain-greening": (3000, "ha"),
    "park-green": (100, "ha"),
    "forest-city.cities": (2, "city"),
    "forest-city.towns": (5, "town"),
    "prefab": (5e6, "m2"),
    "non-fossil": (0.179, "1"),
    "clean-capacity": (9.30, "GW"),
    "pt-share": (3.6, "pp"),
    "public-energy.per-head": (0.067, "1"),
    "public-energy.per-area": (0.062, "1"),
    "nev.vehicles": (4000, "vehicle"),
    "nev.new-buses": (0.85, "1"),
    "green-products": (100, "product"),
    "clean-audit": (300, "enterprise"),
    "green-projects": (100, "project"),
    "remanufacture": (1, "project"),
}
# 每个县(市、区): 10万千瓦 = 100 MW, 一项试点
EACH_ZONE = {"pv-zone": (100, "amount", None), "near-zero-pilot": (1, None, "sites")}


@pytest.fixture(scope="module")
def targets():
    faults = []
    found = shipped_targets(SET, faults)
    assert faults == []
    return found


@pytest.fixture(scope="module")
def criteria(targets):
    return {c.id: c for target in targets for c in target.criteria}


def test_all_32_rows_are_there_with_clause_and_kind(targets):
    expected = [tuple(line.split()) for line in ROWS.strip().splitlines()]
    assert len(expected) == 32
    assert [(t.id, t.clause, t.kind) for t in targets] == expected


def test_the_numbers_are_the_plan_s(criteria):
    asked = {i: (c.threshold, c.unit) for i, c in criteria.items() if c.threshold is not None}
    assert asked == NUMBERS
    assert {c.sense for c in criteria.values()} == {"at_least"}


def test_what_every_county_must_reach(criteria):
    asked = {
        i: (c.each_zone_at_least, c.sum, c.count)
        for i, c in criteria.items()
        if c.each_zone_at_least is not None
    }
    assert asked == EACH_ZONE


def test_what_has_no_number_in_the_plan_is_tracked(criteria):
    without = set(criteria) - set(NUMBERS) - set(EACH_ZONE)
    assert without == {
        "pv-enterprise",
        "wetland",
        "sponge",
        "shore-power",
        "rail",
        "sub-metering",
        "carbon-audit",
    }


def test_bus_stop_targets_are_of_the_urban_districts(criteria):
    for name, radius in (("bus-500", 500), ("bus-300", 300)):
        assert criteria[name].radius_m == radius
        assert criteria[name].zones == ("330402", "330411")
    assert [c.id for c in criteria.values() if c.zones] == ["bus-500", "bus-300"]


def test_every_kind_has_what_it_needs(targets):
    for target in targets:
        assert ("computed" in target.kinds) == (target.measure is not None), target.id
        for criterion in target.criteria:
            by_count = bool(criterion.count) + bool(criterion.sum)
            assert by_count == ("counted" in target.kinds), criterion.id


def test_titles_are_in_both_languages():
    text = files("jxgis.rules").joinpath(f"{SET}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    assert document["issued"] == dt.date(2017, 11, 9)
    rows = [t for target in document["targets"] for t in (target, *target.get("criteria", []))]
    for row in (document, *rows):
        title = row["title"]
        assert set(title) == {"en", "zh_CN"}
        assert title["en"].isprintable()
        assert all(not "\u4e00" <= c <= "\u9fff" for c in title["en"])
        assert any("\u4e00" <= c <= "\u9fff" for c in title["zh_CN"])
