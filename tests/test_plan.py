"""The plan file: what is read of it, and every fault in one list."""

import datetime as dt

import pytest

from jxgis.errors import InputError, InputErrors
from jxgis.plan import read_plan


def write(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "plan.toml"
    file.write_text(text, encoding=encoding)
    return file


FULL = """
[plan]
title = "示例"
crs = "EPSG:4549"
as_of = 2019-12-31

[layers.stops]
gtfs = "feed.zip"
datum = "gcj02"

[layers.lakes]
kind = "land"
path = "land.shp"
where = { class = ["water", "park"], name = true }
columns = { class = "DLMC" }

[coverage]
exclude = [ { layer = "lakes", classes = ["water"], min_area_m2 = 5e5 } ]

[rules]
"coverage.exclude_min_area_m2" = 2e6

[[targets]]
id = "bus-500"
measure = "transit.coverage"
radius_m = 500
at_least = 0.96
zones = ["1", "2"]

[[targets]]
id = "nev"
title = { en = "New-energy vehicles", zh_CN = "新能源汽车" }
kind = "reported"
[[targets.criteria]]
id = "vehicles"
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_plan_is_read_with_and_without_a_bom(tmp_path, encoding):
    plan = read_plan(write(tmp_path, FULL, encoding))
    assert (plan.title, plan.crs, plan.as_of) == ("示例", "EPSG:4549", dt.date(2019, 12, 31))
    assert plan.layers["stops"].kind == "stops"
    assert plan.layers["stops"].gtfs == "feed.zip"
    lakes = plan.layers["lakes"]
    assert lakes.where == {"class": ("water", "park"), "name": True}
    assert lakes.columns == {"class": "DLMC"}
    assert lakes.resolve("land.shp") == tmp_path / "land.shp"
    assert plan.coverage.exclude[0].min_area_m2 == 5e5
    assert plan.rules["coverage.exclude_min_area_m2"].value == 2e6
    bus, nev = plan.targets
    assert (bus.kind, bus.criteria[0].radius_m, bus.criteria[0].zones) == (
        "computed",
        500,
        ("1", "2"),
    )
    assert nev.title == "New-energy vehicles"
    assert [c.id for c in nev.criteria] == ["nev.vehicles", "nev.buses"]
    assert plan.reported["nev.vehicles"].value == 4100


def test_the_shipped_targets_are_there_and_the_plans_own_win(tmp_path):
    text = """
[plan]
targets = "jiaxing-2017-2019"
[[targets]]
id = "bus-500"
measure = "transit.coverage"
radius_m = 500
at_least = 0.5
"""
    plan = read_plan(write(tmp_path, text))
    own = next(t for t in plan.targets if t.id == "bus-500")
    assert len(plan.targets) == 32
    assert own.criteria[0].threshold == 0.5


def test_every_fault_is_named_at_once(tmp_path):
    text = """
[plan]
titel = "x"
as_of = "2019"
[layers.stops]
path = "a.shp"
gtfs = "b.zip"
[layers.ponds]
path = "c.shp"
[coverage]
exclude = [ { layer = "lakes", classes = [] } ]
built_up_area_m2 = -3
[publish]
basemap = "tianditu"
[rules]
"coverage.radius" = 1
[[targets]]
id = "x"
kind = "guessed"
at_least = 1
at_most = 2
[[reported]]
id = "y"
source = "z"
"""
    with pytest.raises(InputErrors) as caught:
        read_plan(write(tmp_path, text))
    sentences = str(caught.value)
    for part in (
        "titel is not known here. Perhaps title is meant.",
        "as_of must be a date",
        "[layers.stops]: 2 sources are given",
        "ponds is no kind of layer",
        "classes is missing",
        "excludes classes of a layer lakes",
        "built_up_area_m2 must be a number above zero",
        "needs a token",
        "there is no rule coverage.radius",
        "kind has guessed",
        "at_least and at_most are both given",
        "there is no target y",
        "value is missing",
    ):
        assert part in sentences, sentences
    assert all("plan.toml" in line for line in sentences.splitlines())


def test_a_windows_path_is_explained(tmp_path):
    with pytest.raises(InputError, match="forward slashes"):
        read_plan(write(tmp_path, '[layers.stops]\npath = "C:\\data\\stops.shp"\n'))
    with pytest.raises(InputError, match=r"control character.*forward slashes"):
        read_plan(write(tmp_path, '[layers.stops]\npath = "C:\\new\\towns.shp"\n'))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[targets]]\nid = "a"\n[[targets]]\nid = "a"\n', "another one with this id"),
        ('[layers.stops]\nkind = "land"\npath = "s.shp"\n', "Give it another name"),
        (
            (
                '[layers.stops]\npath = "s.shp"\n[coverage]\n'
                'exclude = [ { layer = "stops", classes = ["a"] } ]\n'
            ),
            "which is of kind stops",
        ),
        ('[[targets]]\nid = "a"\nat_least = 96\n', "Write 0.96 for 96 %"),
        (
            '[layers.stops]\npath = "s.shp"\nwhere = "x"\n',
            r"layers\.stops\.where\]: is not a table",
        ),
        ('[layers.stops]\npath = "s.shp"\nwhere = { a = { b = 1 } }\n', "a must be a value"),
        ('[layers.stops]\npath = "s.shp"\nwhere = { a = [] }\n', "a must be a value"),
        ('[layers.stops]\npath = "s.shp"\nwhere = { a = [["b"]] }\n', "a must be a value"),
        ('[layers.stops]\npath = "s.shp"\n[rules]\n"coverage.exclude_min_area_m2" = -1\n', "zero"),
        (
            (
                '[layers.stops]\npath = "s.shp"\n[coverage]\nbuilt_up_area_m2 = 110\n'
                'built_up_source = "y"\n'
            ),
            "square metres",
        ),
    ],
)
def test_what_is_nearly_a_plan_gets_one_sentence(tmp_path, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_plan(write(tmp_path, text))


def test_a_title_in_another_language_only_is_taken(tmp_path):
    text = '[[targets]]\nid = "a"\ntitle = { zh_CN = "规划" }\n'
    assert read_plan(write(tmp_path, text)).targets[0].title == "规划"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "no such plan file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[plan\n", "not valid TOML"),
        (b"[plan]\n", "neither layers nor targets"),
        (b"plan = 3\n", "is not a table"),
        (b"[plan]\ntargets = 'moon'\n", "no set of targets called moon"),
    ],
)
def test_what_is_no_plan_gets_one_sentence(tmp_path, content, sentence):
    file = tmp_path / "plan.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_plan(file)
