"""The [solar] table: what is read of it, and every fault in one list."""

import datetime as dt

import pytest
from solar_plans_made import EXCLUSION, OWN, RULES, USE, WHOLE, fault, plan, solar

from jxgis.errors import InputError, InputErrors
from jxgis.solar_rule_sets import RuleSet, merged
from jxgis.solar_spec import Density, Exclusion, LandUse, RoofUse, SolarSettings
from jxgis.solar_table import read_solar
from jxgis.toml_reader import TableReader

TARGET = """
[[targets]]
id = "pv-zone"
title = "Zones"
measure = "solar.zones"
unit = "zone"
each_zone_at_least = 80
"""


def test_a_plan_without_the_table_asks_nothing(tmp_path):
    assert solar(tmp_path, "") == SolarSettings()
    assert not solar(tmp_path, "").is_asked


def test_everything_is_read(tmp_path):
    said = solar(tmp_path, WHOLE)
    use = LandUse(
        since=dt.date(2018, 1, 1),
        until=None,
        id="salt",
        title="Salt pans",
        form="pond",
        kind="land",
        classes=("salt_pond",),
        reason="Nobody else wants them",
        source="Assumption: for a test",
    )
    exclusion = Exclusion(
        since=None,
        until=dt.date(2030, 1, 1),
        id="noise",
        title="noise",
        kind="streets",
        column="highway",
        classes=("primary",),
        value=40.0,
        unit="m",
        forms=("ground", "composite"),
        cuts=True,
        reason="Glare",
        source="Assumption: for a test",
    )
    roof = RoofUse(
        "sheds", "sheds", ("shed",), "outside", 0.25, in_park=True, source="Assumption: for a test"
    )
    assert said == SolarSettings(
        uses=(use,),
        exclusions=(exclusion,),
        roofs=(roof,),
        density={"ground": Density(86.0, "LBNL"), "roof": Density(137.5, "Gagnon")},
        dates=(dt.date(2017, 12, 31), dt.date(2026, 11, 25)),
        need_mw=50.0,
        weights={"irradiation": 2.0, "slope": 0.0},
        irradiation_kwh_per_m2=1300.0,
        enterprise_tce=3000.0,
        is_asked=True,
    )


def test_what_is_not_said_has_defaults(tmp_path):
    said = solar(tmp_path, "[solar]\n" + EXCLUSION + USE.format(id="u", word="bare", form="ground"))
    assert said.exclusions[0].forms == ("ground", "pond", "composite")
    assert (said.exclusions[0].column, said.exclusions[0].unit) == ("class", "m")
    assert said.exclusions[0].cuts is False
    assert (said.dates, said.need_mw, said.enterprise_tce) == ((), 100.0, 5000.0)
    assert said.irradiation_kwh_per_m2 is None
    assert said.density == said.weights == {}


def test_the_plans_target_says_what_a_zone_must_reach(tmp_path):
    text = '[solar]\nrules = "siting-cn"\n'
    assert plan(tmp_path, TARGET + text).solar.need_mw == 80.0
    own = TARGET + text + "need_mw = 20\n"
    assert plan(tmp_path, own).solar.need_mw == 20.0
    shipped = '[plan]\ntargets = "jiaxing-2017-2019"\n' + text
    assert plan(tmp_path, shipped).solar.need_mw == 100.0


def test_shipped_rules_are_taken_by_name_or_in_a_list(tmp_path):
    one = solar(tmp_path, '[solar]\nrules = "siting-cn"\n')
    assert one.uses
    assert one.exclusions
    assert one.roofs
    assert solar(tmp_path, '[solar]\nrules = ["siting-cn"]\n') == one


def test_own_rules_replace_those_of_the_same_id_and_add(tmp_path):
    shipped = solar(tmp_path, '[solar]\nrules = "siting-cn"\n')
    own = '[solar]\nrules = "siting-cn"\n' + USE.format(id="cropland", word="耕地", form="ground")
    own += OWN + EXCLUSION
    said = solar(tmp_path, own)
    assert [use.form for use in said.uses if use.id == "cropland"] == ["ground"]
    assert said.uses[0].id == "salt"
    assert len(said.uses) == len(shipped.uses) - 4 + 1 + 1
    assert [x.id for x in said.exclusions[:2]] == ["noise", "woods"]
    assert said.exclusions[2:] == shipped.exclusions
    assert said.roofs == (said.roofs[0], *shipped.roofs)


def test_shipped_rules_can_be_left_out(tmp_path):
    shipped = solar(tmp_path, '[solar]\nrules = "siting-cn"\n')
    said = solar(tmp_path, '[solar]\nrules = "siting-cn"\noff = ["built-up", "still-water"]\n')
    assert {x.id for x in shipped.exclusions} - {x.id for x in said.exclusions} == {
        "built-up",
        "still-water",
    }
    assert "still-water" not in {use.id for use in said.uses}


def test_own_rules_stand_where_the_shipped_ones_stood():
    first, second, third = (
        RoofUse(i, i, (i,), "any", 0.1, in_park=False, source="s") for i in "abc"
    )
    other = RoofUse("b", "b", ("z",), "any", 0.2, in_park=False, source="s")
    base = RuleSet(roofs=(first, second))
    assert merged(base, RuleSet(roofs=(other, third))).roofs == (third, first, other)


def test_today_is_the_day_of_the_run():
    day = dt.date(2026, 11, 25)
    document = {"rules": "siting-cn", "dates": [dt.date(2017, 12, 31), "today"]}
    faults = []
    said = read_solar(TableReader(document, "[solar]", "p", faults), today=day)
    assert said.dates == (dt.date(2017, 12, 31), day)
    assert faults == []


def test_a_moment_is_the_day_it_is_on(tmp_path):
    said = solar(tmp_path, '[solar]\nrules = "siting-cn"\ndates = [2017-12-31T12:00:00]\n')
    assert said.dates == (dt.date(2017, 12, 31),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("need_mw = 0", "[solar]: need_mw must be a number above zero."),
        ("enterprise_tce = -1", "[solar]: enterprise_tce must be a number above zero."),
        ("need = 5", "[solar]: need is not known here. Perhaps need_mw is meant."),
        (
            "dates = [2019-01-01, 2018-01-01]",
            "[solar]: dates do not ascend. The last one is the day that zones are for.",
        ),
        (
            'dates = [2017-12-31, 2019-01-01, "today"]',
            "[solar]: 3 days are given. Two days are compared: give the first and the last.",
        ),
        ("dates = [2019-01-01, 2019-01-01]", "[solar]: dates do not ascend."),
        ('dates = ["today", 2031-01-01]', "[solar]: dates must be a list of dates without quotes"),
        ("dates = 2019-01-01", "[solar]: dates must be a list of dates without quotes"),
        ('dates = ["2019-01-01"]', "[solar]: dates must be a list of dates without quotes"),
        (
            'off = ["builtup"]',
            "[solar]: off names builtup, which is no shipped rule. Perhaps built-up is meant.",
        ),
        ('off = ["zzzz"]', "[solar]: off names zzzz, which is no shipped rule."),
        (
            "irradiation_kwh_per_m2 = 3.6",
            (
                "[solar]: irradiation_kwh_per_m2: 3.6 looks like kWh/m² a day: that is 1,314 "
                "kWh/m² a year. Write irradiation_kwh_per_m2 = 1314, or what it is in kWh/m² a "
                "year."
            ),
        ),
        (
            "irradiation_kwh_per_m2 = 13",
            "13 looks like MJ/m² a day: that is 1,318 kWh/m² a year. Write irradiation_kwh_per_",
        ),
        (
            "irradiation_kwh_per_m2 = 4700",
            "4,700 looks like MJ/m² a year: that is 1,306 kWh/m² a year.",
        ),
        ("irradiation_kwh_per_m2 = 1.3e6", "looks like Wh/m² a year: that is 1,300 kWh/m²"),
        ("irradiation_kwh_per_m2 = 100", "looks like a mean in W/m²: that is 876 kWh/m²"),
        (
            "weights = { slope = -1 }",
            "[solar.weights]: slope is below zero.",
        ),
        (
            "weights = { slope = 0, irradiation = 0 }",
            "[solar.weights]: all weights are zero. Leave the table out to weigh all alike.",
        ),
        (
            "weights = { wind = 1 }",
            "[solar.weights]: zones are not ranked by wind. They are by: irradiation, ",
        ),
        (
            'density.ground = { mw_per_km2 = 86, w_per_m2 = 86, source = "s" }',
            "[solar.density.ground]: a density is given by one of mw_per_km2, w_per_m2.",
        ),
        ('density.ground = { source = "s" }', "a density is given by one of mw_per_km2, w_per_m2."),
        (
            "density.ground = { mw_per_km2 = 86 }",
            "[solar.density.ground]: source is missing. Say whose figure it is",
        ),
        ('density.ground = { mw_per_km2 = 86, source = " " }', "source is missing."),
        (
            'density.ground = { mw_per_km2 = 0.86, source = "s" }',
            (
                "[solar.density.ground]: a density of 0.86 MW/km² for ground cannot be: it lies "
                "between 5 and 260. Write it in MW/km² or W/m², which are the same number: "
            ),
        ),
        ('density.ground = { mw_per_km2 = 301, source = "s" }', "a density of 301 MW/km²"),
        ('density.roof = { w_per_m2 = 261, source = "s" }', "a density of 261 W/m² for roof"),
        ('density.roof = { w_per_m2 = 0.1375, source = "s" }', "1 kW/m² is 1000"),
        ('density.roof = { w_per_m2 = -1, source = "s" }', "w_per_m2 must be a number above zero."),
        (
            'density.roofs = { w_per_m2 = 137.5, source = "s" }',
            "[solar.density]: roofs is no form of panels. Known are: roof, ground, pond, ",
        ),
        (
            'density.roof = { w_per_m2 = 137.5, source = "s", sorce = "t" }',
            "[solar.density.roof]: sorce is not known here. Perhaps source is meant.",
        ),
        ("density.roof = 137.5", "[solar.density.roof]: is not a table."),
    ],
)
def test_a_fault_of_the_table_is_a_sentence(tmp_path, text, problem):
    with pytest.raises(InputError) as caught:
        solar(tmp_path, RULES + text + "\n")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value) or "is not a table" in problem


def test_rules_that_are_not_there_are_named_with_those_that_are(tmp_path):
    said = fault(tmp_path, '[solar]\nrules = "siting-fr"\n')
    assert said == (
        "[solar]: there is no set of siting rules called siting-fr. There are: siting-cn."
    )


def test_targets_are_no_siting_rules(tmp_path):
    assert "no set of siting rules" in fault(tmp_path, '[solar]\nrules = "jiaxing-2017-2019"\n')


def test_a_table_without_rules_says_what_to_write(tmp_path):
    assert fault(tmp_path, "[solar]\nneed_mw = 50\n") == (
        '[solar]: no rule says where panels may stand. Write rules = "siting-cn", or your own '
        "[[solar.uses]] and [[solar.roofs]]."
    )


def test_all_faults_come_in_one_list(tmp_path):
    text = RULES + "need_mw = 0\nweights = { wind = 1 }\n" + EXCLUSION + 'unit = "km"\n'
    with pytest.raises(InputErrors) as caught:
        solar(tmp_path, text)
    assert len(caught.value.errors) == 3
