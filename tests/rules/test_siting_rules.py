"""The shipped siting rules: whole, in both languages, and as the law's dates have them."""

import datetime as dt
import tomllib
from importlib.resources import files
from itertools import combinations

import pytest

from jxgis.i18n import set_language
from jxgis.layers import KINDS
from jxgis.solar_rule_sets import shipped_rule_sets, shipped_rules
from jxgis.solar_spec import FORMS
from jxgis.spec import LAND_CLASSES

SET = "siting-cn"
IN_2017, TODAY = dt.date(2017, 12, 31), dt.date(2026, 11, 25)
GROUND = ("ground", "pond", "composite")

DOCUMENT = tomllib.loads(files("jxgis.rules").joinpath(f"{SET}.toml").read_text(encoding="utf-8"))
TABLES = [(kind, row) for kind in ("uses", "exclusions", "roofs") for row in DOCUMENT[kind]]
ROWS = [row for _kind, row in TABLES]

SAMPLE = """
bare cropland basic_farmland farmland fish_pond forest orchard park school water wetland
"""

# What Las Palmas' OpenStreetMap holds under landuse, and under natural as areas
OSM = """
reservoir grass construction industrial brownfield residential allotments
greenhouse_horticulture farmland greenfield military recreation_ground village_green cemetery
meadow retail religious commercial forest farmyard quarry vineyard orchard landfill basin yes
garages scrub heath beach bare_rock shingle scree wood rock sand wetland bay water
"""

# GB/T 21010-2017, second level, but for sites of single kinds
SURVEY = """
水田 水浇地 旱地 果园 茶园 橡胶园 其他园地 乔木林地 竹林地 红树林地 森林沼泽 灌木林地 灌丛沼泽
其他林地 天然牧草地 沼泽草地 人工牧草地 其他草地 工业用地 采矿用地 盐田 仓储用地 城镇住宅用地
农村宅基地 机关团体新闻出版用地 公用设施用地 公园与绿地 特殊用地 铁路用地 轨道交通用地 公路用地
城镇村道路用地 交通服务场站用地 农村道路 机场用地 港口码头用地 管道运输用地 河流水面 湖泊水面
水库水面 坑塘水面 沿海滩涂 内陆滩涂 沟渠 沼泽地 水工建筑用地 空闲地 设施农用地 田坎 盐碱地 沙地
裸土地 裸岩石砾地 永久基本农田
"""


@pytest.fixture(scope="module")
def rules():
    faults = []
    own = shipped_rules(SET, faults)
    assert faults == []
    return own


def carried(rules, word, day, kind="land"):
    """The forms that land of a class carries on a day, by the plainest reading of the rules."""
    forms = {u.form for u in rules.uses if word in u.classes and u.kind == kind and u.holds(day)}
    for x in rules.exclusions:
        if x.kind == kind and x.column == "class" and word in x.classes and x.holds(day):
            forms -= set(x.forms)
    return forms - {None}


def test_it_is_there_by_its_name():
    assert shipped_rule_sets() == [SET]


def test_the_file_holds_nothing_else():
    assert set(DOCUMENT) == {"uses", "exclusions", "roofs"}


@pytest.mark.parametrize(("kind", "row"), TABLES, ids=[f"{k}-{r['id']}" for k, r in TABLES])
def test_every_rule_says_what_whence_and_why_in_both_languages(kind, row):
    said = ("title", "source") if kind == "roofs" else ("title", "source", "reason")
    for key in said:
        assert set(row[key]) == {"en", "zh_CN"}, key
        assert all(text.strip() for text in row[key].values()), key
    assert any("\u4e00" <= sign <= "\u9fff" for sign in row["title"]["zh_CN"])
    assert len(set(row.get("classes", []))) == len(row.get("classes", []))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_source_is_a_law_with_its_witness_or_says_that_it_is_none(row):
    source = row["source"]["en"]
    honest = ("Assumption", "By analogy", "recollection", "as reproduced", "as told", "as cited")
    known = ("自然资办发", "as reported", "as recollected")
    assert source.startswith(honest[:2]) or any(word in source for word in (*honest, *known))


def test_every_number_has_its_unit():
    for row in DOCUMENT["exclusions"]:
        assert row["unit"] == ("deg" if row["kind"] == "elevation" else "m"), row["id"]
        assert row["value"] >= 0


def test_every_kind_and_form_is_known(rules):
    assert {use.form for use in rules.uses} == {None, *GROUND}
    assert {x.kind for x in rules.exclusions} <= set(KINDS)
    assert all(set(x.forms) <= set(FORMS) and x.forms for x in rules.exclusions)
    roof_too = {x.id for x in rules.exclusions if "roof" in x.forms}
    assert roof_too == {"military", "heritage"}


def test_the_other_language_has_the_same_rules(rules):
    set_language("zh_CN")
    try:
        other = shipped_rules(SET, [])
    finally:
        set_language("en")
    for own, theirs in zip(rules.exclusions, other.exclusions, strict=True):
        assert (own.id, own.value, own.since) == (theirs.id, theirs.value, theirs.since)
        assert own.title != theirs.title
    assert next(x.title for x in other.exclusions if x.id == "cropland") == "耕地"


@pytest.mark.parametrize("table", ["uses", "exclusions"])
def test_no_day_has_two_of_one_rule(rules, table):
    for first, second in combinations(getattr(rules, table), 2):
        if first.id == second.id:
            days = {d for r in (first, second) for d in (r.since, r.until) if d}
            days |= {day - dt.timedelta(1) for day in days}
            assert not [day for day in days if first.holds(day) and second.holds(day)], first.id


@pytest.mark.parametrize(
    ("word", "day", "forms"),
    [
        ("bare", IN_2017, {"ground"}),
        ("bare", TODAY, {"ground"}),
        ("farmland", IN_2017, set()),
        ("永久基本农田", TODAY, set()),
        # the notice of 2017-09-25 held for five years; the next is of 2023-03-20
        ("cropland", dt.date(2017, 9, 24), set()),
        ("cropland", dt.date(2017, 9, 25), {"composite"}),
        ("cropland", IN_2017, {"composite"}),
        ("cropland", dt.date(2022, 9, 24), {"composite"}),
        ("耕地", dt.date(2022, 9, 25), set()),
        ("耕地", dt.date(2023, 3, 20), set()),
        ("orchard", IN_2017, {"composite"}),
        ("园地", dt.date(2023, 3, 19), set()),
        ("园地", dt.date(2023, 3, 20), {"composite"}),
        ("fish_pond", IN_2017, {"pond"}),
        ("坑塘水面", TODAY, {"pond"}),
        # the Ministry of Water Resources: lakes and reservoirs since May 2022; rivers never
        ("reservoir", IN_2017, {"pond"}),
        ("水库水面", dt.date(2022, 5, 12), {"pond"}),
        ("水库水面", dt.date(2022, 5, 13), set()),
        ("water", IN_2017, set()),
        ("河流水面", TODAY, set()),
        ("forest", IN_2017, set()),
        ("scrub", TODAY, {"composite"}),
        ("基本草原", TODAY, set()),
        ("wetland", IN_2017, set()),
        ("park", TODAY, set()),
        ("school", TODAY, set()),
        ("industrial", TODAY, set()),
    ],
)
def test_what_land_carries_on_a_day(rules, word, day, forms):
    assert carried(rules, word, day) == forms


def test_a_ban_of_today_is_an_exclusion_that_can_be_shown(rules):
    new = {x.id for x in rules.exclusions if x.holds(TODAY) and not x.holds(IN_2017)}
    assert {"cropland", "still-water"} <= new


@pytest.mark.parametrize("word", f"{SAMPLE} {OSM} {SURVEY}".split())
def test_a_common_word_is_named_by_some_rule(rules, word):
    named = {w for u in rules.uses if u.kind == "land" for w in u.classes}
    named |= {w for x in rules.exclusions if x.kind == "land" for w in x.classes}
    assert word in named


def test_every_class_of_land_cover_is_named(rules):
    named = [word for use in rules.uses if use.kind == "landcover" for word in use.classes]
    assert sorted(named) == sorted(LAND_CLASSES)
    assert not [x for x in rules.exclusions if x.kind == "landcover"]


def test_rivers_lakes_railways_and_expressways_cut_and_streets_do_not(rules):
    cuts = {x.id for x in rules.exclusions if x.cuts}
    assert cuts == {"rivers", "still-water", "sea", "railways", "expressways", "motorways"}


# 公路安全保护条例, article 11: 30, 20, 15, 10 and 5 m; and the half of the road's own land
@pytest.mark.parametrize(
    ("name", "law", "half"),
    [
        ("expressways", 30, 15),
        ("motorways", 30, 15),
        ("national-roads", 20, 10),
        ("provincial-roads", 15, 6),
        ("county-roads", 10, 5),
        ("township-roads", 5, 3),
    ],
)
def test_a_road_keeps_the_laws_distance_from_its_edge(rules, name, law, half):
    (road,) = [x for x in rules.exclusions if x.id == name]
    assert road.value == law + half
    assert f"{law} m of building-control zone" in road.reason
    assert f"and {half} m to there" in road.reason
    assert road.since == dt.date(2011, 7, 1)
    assert road.column == ("class" if name == "expressways" else "highway")


# National Energy Administration 2021: 50, 40, 30 and 20 %
def test_roofs_have_the_programmes_floors(rules):
    shares = {roof.id: roof.share for roof in rules.roofs}
    assert shares == {
        "government": 0.5,
        "public": 0.4,
        "park": 0.3,
        "business": 0.3,
        "village": 0.2,
        "homes": 0.2,
        "none": 0.0,
        "unknown": 0.2,
    }
    assert [roof.id for roof in rules.roofs if roof.in_park] == ["park"]


def test_a_building_has_one_use_at_its_place(rules):
    for first, second in combinations(rules.roofs, 2):
        if {first.place, second.place} != {"built_up", "outside"}:
            assert not set(first.classes) & set(second.classes), (first.id, second.id)
    homes = {roof.place for roof in rules.roofs if "residential" in roof.classes}
    assert homes == {"built_up", "outside"}
    assert {"", "yes"} <= {word for roof in rules.roofs for word in roof.classes}
