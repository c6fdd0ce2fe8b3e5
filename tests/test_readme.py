"""The READMEs show what there is, and both show the same."""

import re
import shlex
from pathlib import Path

import geopandas as gpd
import pytest

from jxgis.cli import program
from jxgis.layers import KINDS, Layer
from jxgis.plan import read_plan
from jxgis.solar.forms import forms_there
from jxgis.solar_rule_sets import shipped_rules
from jxgis.solar_spec import SolarSettings

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
HOUSE = r"jxgis/\n((?:  .+\n)+)"


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name, language=""):
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(name), re.MULTILINE | re.DOTALL)


def commands(name):
    """Return the command lines of a README, without their comments."""
    lines = "".join(blocks(name, "sh")).splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


@pytest.mark.parametrize("name", READMES)
def test_every_verb_is_shown_and_every_line_is_one_that_jxgis_takes(name):
    verbs = program().commands
    shown = [words[1:] for words in commands(name) if words[0] == "jxgis"]
    assert {words[0] for words in shown} == set(verbs)
    for verb, *arguments in shown:
        verbs[verb].make_context(verb, arguments)


@pytest.mark.parametrize("name", READMES)
def test_the_scripts_that_are_named_exist(name):
    named = re.findall(r"scripts/(\w+\.py)", text_of(name))
    assert {"demo.py", "test.py", "checks.py"} <= set(named)
    assert [script for script in named if not (ROOT / "scripts" / script).is_file()] == []


@pytest.mark.parametrize("name", READMES)
def test_the_plan_is_one_that_jxgis_reads(name, tmp_path):
    (tmp_path / "plan.toml").write_text(blocks(name, "toml")[0], encoding="utf-8")
    plan = read_plan(tmp_path / "plan.toml")
    assert list(plan.layers) == ["stops", "built_up", "zones"]
    assert [target.id for target in plan.targets] == ["bus-500"]


@pytest.mark.parametrize("name", READMES)
def test_the_house_names_every_room(name):
    listed = re.search(HOUSE, text_of(name))[1]
    named = {
        word.rstrip("/,")
        for line in listed.splitlines()
        for word in re.split(r"  +", line.strip())[0].split()
    } | set(re.findall(r"\blocale\b|\bcleaning\b", listed))
    rooms = {p.stem for p in (ROOT / "jxgis").iterdir() if p.suffix == ".py" or p.is_dir()}
    assert named == rooms - {"__init__", "__pycache__"}


@pytest.mark.parametrize("name", READMES)
def test_the_line_of_photovoltaics_has_a_density_for_each_form_of_the_sample(name):
    (line,) = (words for words in commands(name) if {"solar", "--density"} <= set(words))
    given = [words.partition("=")[0] for words in line if "=" in words]
    data = gpd.read_file(ROOT / "data" / "shapefiles" / "land.shp").to_crs("EPSG:4549")
    settings = SolarSettings(uses=shipped_rules("siting-cn", []).uses)
    land = {"land": Layer("land", KINDS["land"], data)}
    assert sorted(given) == sorted(forms_there(land, settings))


def test_both_readmes_show_the_same():
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    assert re.findall(r"^#+ ", text_of(english), re.MULTILINE) == re.findall(
        r"^#+ ", text_of(chinese), re.MULTILINE
    )
    assert re.findall(r"^\| (\d+) ", text_of(english), re.MULTILINE) == re.findall(
        r"^\| (\d+) ", text_of(chinese), re.MULTILINE
    )
