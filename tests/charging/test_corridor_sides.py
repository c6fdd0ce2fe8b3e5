"""Service areas on the carriageways that they are reached from: by column, by name, by place."""

import numpy as np
import pytest
import shapely
from corridors_made import areas, directions, expressways, layer, line, sides

from jxgis.errors import InputError, InputErrors

DUAL = [line((0, 0), (40, 0)), line((40, 0), (100, 0)), line((100, 0.03), (0, 0.03))]
"""Two carriageways that are drawn apart: the southern one goes east, as one drives on the right."""

DUAL_TAGS = {"ref": ["G60"] * 3, "highway": ["motorway"] * 3}


PLACES = [(30, -90), (30, 90)]


def test_the_place_tells_the_side():
    assert directions(areas(*PLACES)) == ["杭州", "上海"]
    assert directions(areas(*PLACES), drive_on_left=1) == ["上海", "杭州"]


def test_the_place_tells_it_where_carriageways_are_drawn_apart():
    dual = expressways(*DUAL, **DUAL_TAGS)
    assert directions(areas((30, -90), (30, 120), (30, 3)), dual) == ["east", "west", "east"]


def test_rows_know_where_they_are():
    data, ledger = sides(areas(*PLACES, name=["嘉兴服务区（杭州方向）", "嘉兴服务区（上海方向）"]))
    assert data["at_m"].tolist() == [30_000, 70_000]
    assert data["offset_m"].tolist() == [90, 90]
    assert data["area"].tolist() == ["嘉兴服务区"] * 2
    assert data["told"].tolist() == ["name", "name"]
    assert ledger == ()


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        ("嘉兴服务区（上海方向）", "上海"),
        ("嘉兴服务区(沪昆高速杭州方向)", "杭州"),
        ("嘉兴服务区（上海）", "上海"),
        ("嘉兴服务区上海方向", "上海"),
        ("嘉兴服务区（西行方向）", "上海"),
        ("Jiaxing (westbound)", "上海"),
        ("Jiaxing eastbound", "杭州"),
        ("Jiaxing (towards 上海)", "上海"),
    ],
)
def test_a_name_says_the_direction(name, leads_to):
    place = (30, 90) if leads_to == "上海" else (30, -90)
    data, ledger = sides(areas(place, name=[name]))
    assert directions(areas(place, name=[name])) == [leads_to]
    assert data["told"].tolist() == ["name"]
    assert data["area"].iloc[0] in ("嘉兴服务区", "Jiaxing")
    assert ledger == ()


def test_the_name_of_a_place_in_the_name_is_no_direction():
    assert directions(areas((30, -90), name=["上海服务区"])) == ["杭州"]


def test_a_name_that_contradicts_the_place_is_believed_and_suspected():
    near = areas((30, -90), name=["嘉兴服务区（上海方向）"])
    assert directions(near) == ["上海"]
    [row] = sides(near)[1]
    assert (row.what, row.count) == ("suspected", 1)
    assert "嘉兴服务区（上海方向）" in row.reason


def test_a_direction_that_is_not_known_leaves_it_to_the_place():
    near = areas((30, -90), name=["嘉兴服务区（南京方向）"])
    assert directions(near) == ["杭州"]
    assert [row.what for row in sides(near)[1]] == ["assumed"]


def test_another_expressway_nearby_is_taken_where_the_name_says_so():
    roads = expressways(
        line((0, 0), (100, 0)), line((30, -20), (30.2, 20)),
        name=["G60", "S12"], start=["上海", "海盐"], end=["杭州", "湖州"],
    )  # fmt: skip
    near = areas((30, -60), name=["嘉善服务区（湖州方向）"])
    assert directions(near, roads) == ["湖州"]
    assert directions(areas((30, -60)), roads) == ["杭州"]


@pytest.mark.parametrize(
    ("side", "found"),
    [
        ("both", {"上海", "杭州"}),
        ("双侧", {"上海", "杭州"}),
        ("right", {"杭州"}),
        ("左侧", {"上海"}),
        ("上海", {"上海"}),
        ("杭州方向", {"杭州"}),
        ("West", {"上海"}),
        ("东", {"杭州"}),
    ],
)
def test_a_column_says_the_side(side, found):
    at = areas((30, 0), name=["嘉兴服务区"], side=[side])
    assert set(directions(at)) == found
    assert set(sides(at)[0]["told"]) == {"side"}


def test_left_and_right_are_of_the_line_as_it_is_drawn():
    right = areas((30, -90), side=["right"])
    assert directions(right, drive_on_left=1) == ["上海"]
    back = expressways(line((100, 0), (0, 0)), start=["杭州"], end=["上海"])
    assert directions(right, back) == ["上海"]
    assert [row.what for row in sides(right, back)[1]] == ["suspected"]


def test_a_name_can_say_both():
    assert set(directions(areas((30, 0), name=["嘉兴服务区（双侧）"]))) == {"上海", "杭州"}


def test_both_sides_of_carriageways_that_are_drawn_apart():
    dual = expressways(*DUAL, **DUAL_TAGS)
    data, _ledger = sides(areas((30, 10), side=["both"]), dual)
    assert data["offset_m"].tolist() == [-10, -20]
    assert data["at_m"].tolist() == [30_000, 70_000]


def test_polygons_are_where_a_point_inside_them_is():
    box = shapely.box(30_000, -150, 30_200, -50)
    found = sides(layer("service_areas", [box]))[0]
    assert found["offset_m"].iloc[0] == pytest.approx(100, abs=50)


def test_main_service_areas_are_told_from_others():
    data, _ledger = sides(areas(*[(x, -90) for x in (10, 30, 50)], main=["yes", "否", ""]))
    assert data["main"].tolist() == [True, False, True]


def test_two_rows_of_one_side_are_one():
    twice = areas((30, -90), (30.1, -80), (60, -90), name=["嘉兴服务区（杭州方向）"] * 3)
    data, [row] = sides(twice)
    assert data["row"].tolist() == [0, 2]
    assert (row.what, row.count) == ("dropped", 1)


def test_one_side_alone_is_suspected_where_only_the_place_tells_it():
    _data, [row] = sides(areas((30, -90), name=["嘉兴服务区"]))
    assert (row.what, row.count) == ("suspected", 1)
    assert row.reason.endswith("a column side should say both: 嘉兴服务区")
    for said in ({"name": ["嘉兴服务区（杭州方向）"]}, {"side": ["right"]}, {"side": ["both"]}):
        assert sides(areas((30, -90), **said))[1] == ()
    assert sides(areas(*PLACES))[1] == ()
    assert sides(areas((30, -90), (33, 90), name=["嘉兴服务区"] * 2))[1] == ()


def test_each_row_that_cannot_be_placed_is_named():
    bad = areas((30, -90), (40, -900), (50, 3), name=["a", "b", "c"])
    with pytest.raises(InputErrors) as caught:
        sides(bad)
    first, second = str(caught.value).split("\n")
    assert "row 2: it lies 900 m from the nearest expressway, more than 300 m" in first
    assert "corridors.attach_within_m" in first
    assert "row 3: on which side of G60 沪昆高速 it is cannot be told" in second
    assert "both, left, right, 杭州, 上海" in second
    assert len(sides(areas((40, -900)), attach_within_m=1000)[0]) == 1


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"side": ["南京"]}, "side is 南京, and no carriageway near leads there"),
        ({"main": ["perhaps"]}, "main is perhaps"),
    ],
)
def test_words_that_say_nothing(columns, sentence):
    with pytest.raises(InputError, match=sentence):
        sides(areas((30, -90), **columns))


def test_sides_of_carriageways_that_are_drawn_apart_have_no_left_and_right():
    with pytest.raises(InputError, match="each carriageway is a line of its own"):
        sides(areas((30, -90), side=["left"]), expressways(*DUAL, **DUAL_TAGS))


def test_both_sides_need_both_carriageways():
    with pytest.raises(InputError, match="only one carriageway is near"):
        sides(areas((30, -90), side=["both"]), expressways(name=["A"], oneway=["yes"]))


def test_what_lies_left_of_a_lone_carriageway_cannot_be_told():
    with pytest.raises(InputError, match="cannot be told"):
        sides(areas((30, 90)), expressways(name=["A"], oneway=["yes"]))


def test_every_side_is_found_again_along_a_winding_road():
    random = np.random.default_rng(5)
    way = shapely.LineString(np.cumsum(random.uniform((300, -400), (900, 400), (60, 2)), axis=0))
    at = np.sort(random.uniform(0.02, 0.98, 25)) * way.length
    chord = [
        shapely.get_coordinates(shapely.line_interpolate_point(way, at + step)) for step in (-1, 1)
    ]
    right = (chord[1] - chord[0])[:, ::-1] * (0.5, -0.5)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(way, at))
    roads = expressways(way, name=["A"], start=["甲"], end=["乙"])
    for sign, leads_to in ((1, "乙"), (-1, "甲")):
        near = layer("service_areas", shapely.points(middle + sign * 20 * right))
        assert directions(near, roads) == [leads_to] * 25
