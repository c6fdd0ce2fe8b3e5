"""Rules of siting that a plan writes: every fault of one, and dates that contradict."""

import datetime as dt

import pytest
from solar_plans_made import EXCLUSION, OWN, RULES, USE, fault, solar

from jxgis.solar_rule_sets import unnamed


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            'kind = "street"',
            "[[solar.exclusions]] x: unknown kind of layer street. Perhaps streets is meant.",
        ),
        ('kind = "zzzz"', "unknown kind of layer zzzz. Known kinds: stops, "),
        (
            'kind = "imagery"',
            (
                "[[solar.exclusions]] x: a layer of kind imagery excludes nothing. "
                "Of rasters, rules are of: landcover, elevation."
            ),
        ),
        ('unit = "km"', "[[solar.exclusions]] x: unit is km. It must be one of: m, deg."),
        (
            'unit = "deg"',
            (
                "[[solar.exclusions]] x: unit is deg, and kind is land. "
                "Slopes of elevation are in deg, distances from all others in m."
            ),
        ),
        ('kind = "elevation"\nunit = "m"', "unit is m, and kind is elevation."),
        ('kind = "elevation"\nvalue = 100', "a slope of 100 degrees is no slope."),
        ("value = -5", "[[solar.exclusions]] x: value is below zero."),
        ("value = 300000", "a distance of 300000 m is kept. Write metres, 50000 at most."),
        ("value = nan", "value must be a number."),
        ("value =", "value is missing. Write value = 0 for the feature alone"),
        (
            'forms = ["roofs"]',
            "[[solar.exclusions]] x: roofs is no form of panels. Known are: roof",
        ),
        (
            'kind = "elevation"\nforms = ["roof", "ground"]',
            (
                "[[solar.exclusions]] x: rules of elevation do not hold for roofs, and forms names "
                "roof. Leave roof out, or forms as a whole: then it is ground, pond, composite."
            ),
        ),
        (
            'kind = "landcover"\nclasses = ["tree"]\nforms = ["roof"]',
            "rules of landcover do not hold for roofs",
        ),
        ("forms = []", "[[solar.exclusions]] x: forms is empty."),
        ('cuts = "yes"', "[[solar.exclusions]] x: cuts must be true or false."),
        ("sice = 2020-01-01", "[[solar.exclusions]] x: sice is not known here. Perhaps since"),
        ("since = 2020", "since must be a date like 2019-12-31, without quotes."),
        (
            "since = 2020-01-01\nuntil = 2019-01-01",
            (
                "[[solar.exclusions]] x: it holds from 2020-01-01 and ends before, on 2019-01-01. "
                "until is the first day on which it holds no more."
            ),
        ),
        (
            "since = 2020-01-01\nuntil = 2020-01-01",
            "it begins and ends on 2020-01-01, and never holds.",
        ),
        (
            'classes = ["a"]\ncolumn = "tracktype"',
            "a layer of kind land has no column tracktype. Known are: class, name.",
        ),
        ('kind = "built_up"\nclasses = ["a"]', "a layer of kind built_up has no column class."),
        ('kind = "landcover"\nclasses = ["woods"]', "woods is no class of land. Known are: tree, "),
        ('kind = "landcover"', "classes is missing."),
        ('kind = "elevation"\nclasses = ["a"]', "a layer of kind elevation has no column class."),
        ("reason =", "[[solar.exclusions]] x: reason is missing."),
        ('source = ""', "[[solar.exclusions]] x: source is empty."),
        ("id =", "id is missing."),
    ],
)
def test_a_fault_of_an_exclusion_is_a_sentence(tmp_path, line, problem):
    row = {"id": '"x"', "value": "10", "reason": '"r"', "source": '"s"'}
    for one in line.splitlines():
        key, _equals, value = one.partition(" =")
        row[key] = value
        if value == "":
            del row[key]
    if row.get("kind") == ' "elevation"' and "value" not in line:
        row["value"] = "25"
    text = "\n".join(f"{key} = {value}" for key, value in row.items())
    assert problem in fault(tmp_path, f"{RULES}[[solar.exclusions]]\n{text}\n")


@pytest.mark.parametrize(
    ("table", "line", "problem"),
    [
        ("uses", 'form = "roof"', "form is roof. It must be one of: ground, pond, composite."),
        ("uses", 'kind = "streets"', "kind is streets. It must be one of: land, landcover."),
        ("uses", "value = 5", "value is not known here."),
        ("uses", "classes = []", ""),
        ("uses", "classes = 5", "classes must be a list of texts in quotes."),
        ("roofs", "share = 50", "share must be a share from 0 to 1."),
        ("roofs", 'place = "town"', "place is town. It must be one of: any, built_up, outside."),
        ("roofs", "in_park = 1", "in_park must be true or false."),
        ("roofs", "since = 2021-06-20", "since is not known here."),
    ],
)
def test_a_fault_of_a_use_or_a_roof_is_a_sentence(tmp_path, table, line, problem):
    row = {"id": '"x"', "classes": '["q"]', "source": '"s"'}
    row |= {"reason": '"r"'} if table == "uses" else {"share": "0.5"}
    key, _equals, value = line.partition(" = ")
    row[key] = value
    text = "\n".join(f"{key} = {value}" for key, value in row.items())
    said = fault(tmp_path, f"{RULES}[[solar.{table}]]\n{text}\n")
    assert said.startswith(f"[[solar.{table}]] x: {problem}")


def test_a_rule_of_a_raster_without_forms_is_of_land_only(tmp_path):
    slope = EXCLUSION.replace('classes = ["forest"]\nvalue = 0', 'kind = "elevation"\nvalue = 25')
    (own,) = (x for x in solar(tmp_path, RULES + slope).exclusions if x.id == "woods")
    assert (own.kind, own.forms) == ("elevation", ("ground", "pond", "composite"))


def test_a_roof_has_a_share_and_one_place_in_the_list(tmp_path):
    roof = '[[solar.roofs]]\nid = "x"\nclasses = ["q"]\nsource = "s"\n'
    assert fault(tmp_path, RULES + roof) == "[[solar.roofs]] x: share is missing."
    twice = RULES + 2 * (roof + "share = 0.5\n")
    assert fault(tmp_path, twice) == "[solar]: [[solar.roofs]] x is there twice."


def test_rules_whose_dates_contradict_are_both_named(tmp_path):
    first = EXCLUSION + "until = 2023-03-20\n"
    for late in ("2022-01-01", "2023-03-19"):
        assert fault(tmp_path, RULES + first + EXCLUSION + f"since = {late}\n") == (
            "[solar]: [[solar.exclusions]]: woods (until 2023-03-20) and woods "
            f"(from {late}) hold on the same days. End the earlier one on the day from which the "
            "later one holds: until =."
        )
    said = fault(tmp_path, RULES + EXCLUSION + EXCLUSION + "since = 2020-01-01\n")
    assert "woods (always) and woods (from 2020-01-01)" in said


@pytest.mark.parametrize("late", ["2023-03-20", "2025-01-01"])
def test_rules_that_follow_one_another_are_one_rule_that_changed(tmp_path, late):
    text = RULES + EXCLUSION + "until = 2023-03-20\n" + EXCLUSION + f"since = {late}\n"
    first, second = (x for x in solar(tmp_path, text).exclusions if x.id == "woods")
    day = dt.date(2023, 3, 19)
    assert (first.holds(day), second.holds(day)) == (True, False)


def test_two_uses_of_one_class_are_both_named(tmp_path):
    said = fault(tmp_path, RULES + USE.format(id="mine", word="fish_pond", form="ground"))
    assert said == (
        "[solar]: the rules mine (always) and fish-pond (always) say different things of "
        'fish_pond. Give yours the id "fish-pond", or leave that one out: off = ["fish-pond"].'
    )
    own = RULES + 'off = ["fish-pond"]\n' + USE.format(id="mine", word="fish_pond", form="ground")
    assert solar(tmp_path, own).uses[0].id == "mine"
    same = RULES + USE.format(id="mine", word="fish_pond", form="pond")
    assert solar(tmp_path, same).uses[0].id == "mine"


def test_classes_that_no_rule_names_are_listed_with_their_areas(tmp_path):
    said = solar(tmp_path, RULES)
    areas = {"bare": 5e6, "lava": 12_345.0, "": 20_000.0, "forest": 1.0, "karst": 2_500_000.0}
    error = unnamed(said, areas, layer="地类")
    assert str(error) == (
        "layer 地类: no rule of siting names these classes: karst (250.00 ha), without a class "
        "(2.00 ha), lava (1.23 ha). Name each in [[solar.uses]], with its form, or without one "
        "where it carries none; or in [[solar.exclusions]]."
    )
    assert unnamed(said, {"bare": 1.0, "forest": 2.0}) is None


def test_a_rule_of_any_date_and_of_that_kind_names_a_class(tmp_path):
    past = solar(tmp_path, RULES + EXCLUSION.replace("forest", "lava") + "until = 1999-01-01\n")
    assert unnamed(past, {"lava": 1.0}) is None
    street = OWN.replace("primary", "lava")
    assert unnamed(solar(tmp_path, RULES + street), {"lava": 1.0}) is not None
    every = solar(tmp_path, RULES + EXCLUSION.replace('classes = ["forest"]\n', ""))
    assert unnamed(every, {"lava": 1.0}) is None


def test_land_cover_has_its_own_rules(tmp_path):
    said = solar(tmp_path, RULES)
    assert unnamed(said, {"tree": 1.0, "crop": 1.0}, kind="landcover") is None
    assert unnamed(said, {"lava": 1.0}, kind="landcover") is not None
