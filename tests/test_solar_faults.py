"""Bad input to the verb of photovoltaics: one sentence each, and nothing is written."""

from pathlib import Path

import geopandas as gpd
import pvlib
import pytest
from solar_files_made import DENSITY, box, files, plan, put, put_county, put_raster

from jxgis.__main__ import main
from jxgis.rules import Rules
from jxgis.solar.rule_faults import value_faults

PVLIB = Path(pvlib.__file__).parent / "data"
LIGHT = '[layers.irradiance]\npath = "irradiance.tif"\n'
WEATHER = '[layers.weather]\npath = "{file}"\n'
PARCELS = '[layers.parcels]\npath = "parcels.gpkg"\n'
RULE = """
[[solar.{kind}]]
id = "{name}"
classes = ["bare"]
{more}
reason = "r"
source = "s"
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put_county()


def refused(capsys, *, checked=True):
    """The sentences on standard error of a run of the plan, and of a check of it."""
    before = files(".")
    said = []
    for words in (["solar", "plan.toml", "--out", "out"], ["check", "plan.toml"]):
        if words[0] == "check" and not checked:
            continue
        assert main(words) == 2
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        assert files(".") == before
        said.append(printed.err)
    assert len(set(said)) == 1, said
    return said[0]


def lines(text):
    return [line for line in text.splitlines() if line.strip()]


def test_no_density_says_which_to_write(capsys):
    plan(density={})
    said = refused(capsys)
    for form in ("roof", "ground", "pond"):
        assert f"no density is given for {form}: how many MW stand on a km² of it" in said
    assert "composite" not in said, "no land carries it here"
    assert "Write under [solar.density], with a figure that you stand for: roof = {" in said
    assert "plan.toml" in said
    assert len(lines(said)) <= 4


def test_a_density_of_one_form_is_missing(capsys):
    plan(density={form: own for form, own in DENSITY.items() if form != "pond"})
    (said,) = lines(refused(capsys))
    assert "no density is given for pond" in said
    assert "pond = { mw_per_km2 = …" in said


def test_classes_of_land_that_no_rule_names_are_listed_with_their_areas(capsys):
    shapes = [box(0, 0, 1000, 1000), box(1100, 0, 1300, 100), box(1300, 0, 1500, 200)]
    put("land.gpkg", shapes, **{"class": ["bare", "moor", "tundra"]})
    plan()
    (said,) = lines(refused(capsys))
    assert "no rule of siting names these classes: tundra (4.00 ha), moor (2.00 ha)" in said
    assert "land" in said
    assert "Name each in [[solar.uses]]" in said


@pytest.mark.parametrize("height", [0, 999])
def test_heights_that_no_building_has(height, capsys):
    shapes = [box(1300, 612, 1400, 672), box(1500, 612, 1510, 622)]
    put("buildings.gpkg", shapes, **{"class": ["industrial"] * 2, "height_m": [12.0, height]})
    plan()
    (said,) = lines(refused(capsys))
    assert f"have a height that none has, in metres: {height}" in said
    assert "row 2" in said
    assert "buildings" in said
    assert "or leave the cell empty where it is not known" in said


def test_a_roof_larger_than_its_parcel(capsys):
    put("parcels.gpkg", [box(1290, 600, 1390, 650)])
    plan(layers=PARCELS)
    (said,) = lines(refused(capsys))
    assert "larger than the parcel that they stand on: row 1" in said
    assert "6,000 m² on a parcel of 5,000 m²" in said
    assert "Correct the outlines or the parcels" in said


def test_a_roof_that_fits_its_parcel_is_none():
    put("parcels.gpkg", [box(1290, 600, 1410, 680)])
    plan(layers=PARCELS)
    assert main(["check", "plan.toml"]) == 0


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            RULE.format(
                kind="exclusions",
                name="x",
                more="value = 0\nsince = 2020-01-01\nuntil = 2019-01-01",
            ),
            ["x", "2019-01-01", "2020-01-01"],
        ),
        (
            RULE.format(kind="exclusions", name="x", more="value = 5\nsince = 2015-01-01")
            + RULE.format(kind="exclusions", name="x", more="value = 9\nsince = 2018-01-01"),
            ["x", "2018-01-01"],
        ),
        (
            RULE.format(kind="uses", name="x", more='form = "ground"')
            + RULE.format(kind="uses", name="y", more='form = "pond"\nsince = 2018-01-01'),
            ["bare"],
        ),
    ],
    ids=["backwards", "two values at once", "two forms at once"],
)
def test_rules_whose_dates_contradict(rules, words, capsys):
    plan(rules=rules.replace("[[", "\n[[", 1))
    said = refused(capsys)
    assert "plan.toml" in said
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("given", "unit", "right"),
    [
        (3.6, "kWh/m² a day", 1314),
        (13, "MJ/m² a day", 1318),
        (4700, "MJ/m² a year", 1306),
        (1.3e6, "Wh/m² a year", 1300),
    ],
)
def test_irradiation_of_a_plan_in_another_unit(given, unit, right, capsys):
    plan(f"irradiation_kwh_per_m2 = {given}")
    (said,) = lines(refused(capsys))
    assert f"looks like {unit}: that is {right:,} kWh/m² a year" in said
    assert f"Write irradiation_kwh_per_m2 = {right}" in said
    assert "plan.toml" in said


@pytest.mark.parametrize(
    ("stored", "unit", "scale"),
    [(3.6, "kWh/m² a day", "365"), (4700.0, "MJ/m² a year", "0.277778")],
)
def test_a_raster_of_irradiation_in_another_unit(stored, unit, scale, capsys):
    put_raster("irradiance.tif", [[stored] * 4] * 2)
    plan("need_mw = 80", layers=LIGHT)
    (said,) = lines(refused(capsys))
    assert f"looks like {unit}" in said
    assert f"Write scale = {scale} under [layers.irradiance]" in said
    assert "irradiance" in said
    # what the sentence says to write mends it
    plan("need_mw = 80", layers=f"{LIGHT}scale = {scale}\n")
    assert main(["check", "plan.toml"]) == 0


def test_irradiation_that_is_nowhere(capsys):
    plan("irradiation_kwh_per_m2 = 40")
    assert "40 kWh/m² a year falls nowhere where people live" in refused(capsys)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.epw", "LOCATION,Somewhere\n1,2,3\n"),
        ("a.csv", "hour;light\n1;2\n"),
        ("a.json", '{"outputs": {}}'),
        ("a.epw", ""),
    ],
)
def test_a_file_of_weather_that_is_broken(name, text, capsys):
    Path(name).write_text(text, encoding="utf-8")
    plan(layers=WEATHER.format(file=name))
    (said,) = lines(refused(capsys))
    assert name in said


def test_a_file_of_weather_that_is_not_there(capsys):
    plan(layers=WEATHER.format(file="none.epw"))
    (said,) = lines(refused(capsys))
    assert "none.epw" in said


def test_weather_of_another_continent(capsys):
    plan(layers=WEATHER.format(file=(PVLIB / "723170TYA.CSV").as_posix()))
    (said,) = lines(refused(capsys))
    assert "layer weather: the weather is of 36.10, -79.95" in said
    assert "km away. Give the file of a station nearby, or leave the layer out" in said


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("solar.cell_m", 0.4, "Give from 0.5 to 1000"),
        ("solar.cell_m", 1001, "Give from 0.5 to 1000"),
        ("solar.shade_step_h", 0, "Give more than 0"),
        ("solar.rank_draws", 0, "Give 1 or more"),
        ("solar.loss_soiling", 2, "Give from 0 to 0.9"),
    ],
)
def test_rules_that_cannot_be(name, value, mend, capsys):
    text = Path(plan()).read_text(encoding="utf-8").replace('"solar.cell_m" = 20\n', "")
    Path("plan.toml").write_text(f'{text}"{name}" = {value}\n', encoding="utf-8")
    (said,) = lines(refused(capsys))
    assert said == f"the rule {name} is {value}. {mend}."


def test_rules_of_options_that_cannot_be():
    given = {"solar.join_within_m": -1, "solar.rank_draws": float("inf")}
    assert [str(error) for error in value_faults(Rules(given))] == [
        "the rule solar.join_within_m is -1. Give 0 or more.",
        "the rule solar.rank_draws is inf. Give 1 or more.",
    ]


def test_a_zone_of_nothing(capsys):
    plan("need_mw = 0.0001")
    (said,) = lines(refused(capsys))
    assert said == ("plan.toml: zones of 0.0001 MW are asked for. Give need_mw of at least 0.001.")


STREETS = '[layers.streets]\npath = "streets.gpkg"\n'


def put_streets(*shapes):
    put("streets.gpkg", shapes, highway=["residential"] * len(shapes))


def street_rule(more):
    own = RULE.format(kind="exclusions", name="x", more=f'kind = "streets"\n{more}')
    return own.replace('["bare"]', '["residential"]')


def test_lines_without_a_setback_exclude_nothing(capsys):
    put_streets(box(0, 0, 2000, 1000).boundary)
    plan(layers=STREETS, rules=street_rule("value = 0"))
    (said,) = lines(refused(capsys))
    assert "plan.toml, layer streets: the rule x has the value 0, and its features are" in said
    assert said.endswith(
        "it excludes nothing. Give the metres that are kept from them, as value = 10."
    )


@pytest.mark.parametrize("more", ["value = 1", "value = 0\ncuts = true"])
def test_lines_that_exclude_something_or_end_zones_are_none(more):
    put_streets(box(0, 0, 2000, 1000).boundary)
    plan(layers=STREETS, rules=street_rule(more))
    assert main(["check", "plan.toml"]) == 0


def test_a_rule_whose_features_are_not_here_is_none():
    put_streets(box(0, 0, 2000, 1000).boundary)
    plan(layers=STREETS, rules=street_rule("value = 0").replace("residential", "track"))
    assert main(["check", "plan.toml"]) == 0


def test_buildings_that_carry_nothing_need_no_density(capsys):
    put("buildings.gpkg", [box(1300, 612, 1400, 672)], **{"class": ["ruins"]})
    rest = {form: own for form, own in DENSITY.items() if form != "roof"}
    none = '[[solar.roofs]]\nid = "ruins"\nclasses = ["ruins"]\nshare = 0\nsource = "s"\n'
    plan(density=rest, rules=none)
    assert main(["solar", "plan.toml", "--out", "out"]) == 0
    assert capsys.readouterr().err == ""
    put("buildings.gpkg", [box(1300, 612, 1400, 672)], **{"class": ["industrial"]})
    assert main(["check", "plan.toml"]) == 2


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_land_without_a_class_is_never_silent(empty, capsys):
    land = gpd.read_file("land.gpkg")
    land.loc[2, "class"] = empty
    land.to_file("land.gpkg")
    plan()
    assert main(["check", "plan.toml"]) == 0
    assert "no value in column class: row 3" in capsys.readouterr().out
    assert main(["solar", "plan.toml", "--json", "--out", "out"]) == 0
    assert "no value in column class: row 3" in capsys.readouterr().out


def test_without_zones_or_anything_to_stand_on(capsys):
    text = Path(plan()).read_text(encoding="utf-8")
    no_zones = text.replace('[layers.zones]\npath = "zones.gpkg"\n', "")
    Path("plan.toml").write_text(no_zones, encoding="utf-8")
    assert "there is no layer zones" in refused(capsys)
    for name in ("land", "buildings"):
        text = text.replace(f'[layers.{name}]\npath = "{name}.gpkg"\n', "")
    Path("plan.toml").write_text(text, encoding="utf-8")
    said = refused(capsys)
    assert "there is no layer land or landcover or buildings" in said
    assert "Add [layers.land]" in said


def test_several_faults_are_told_at_once(capsys):
    put("land.gpkg", [box(0, 0, 100, 100)], **{"class": ["tundra"]})
    columns = {"class": ["industrial"], "height_m": [0.0]}
    put("buildings.gpkg", [box(1300, 612, 1400, 672)], **columns)
    plan(density={})
    said = refused(capsys)
    for words in ("tundra (1.00 ha)", "no density is given for roof", "a height that none has"):
        assert words in said
