"""Plans with a [solar] table, and the one fault of such a plan."""

import inspect

import pytest

from jxgis.errors import InputError, InputErrors
from jxgis.plan import read_plan

RULES = '[solar]\nrules = "siting-cn"\n'

LAYERS = """
[layers.land]
path = "land.gpkg"
"""

OWN = """
[[solar.uses]]
id = "salt"
title = { en = "Salt pans", zh_CN = "盐田" }
form = "pond"
classes = ["salt_pond"]
since = 2018-01-01
reason = "Nobody else wants them"
source = "Assumption: for a test"

[[solar.exclusions]]
id = "noise"
kind = "streets"
classes = ["primary"]
value = 40
unit = "m"
forms = ["composite", "ground"]
cuts = true
until = 2030-01-01
reason = "Glare"
source = "Assumption: for a test"

[[solar.roofs]]
id = "sheds"
classes = ["shed"]
place = "outside"
share = 0.25
in_park = true
source = "Assumption: for a test"
"""

WHOLE = f"""
[solar]
dates = [2017-12-31, 2026-11-25]
need_mw = 50
irradiation_kwh_per_m2 = 1300
enterprise_tce = 3000
[solar.density]
ground = {{ mw_per_km2 = 86, source = "LBNL" }}
roof = {{ w_per_m2 = 137.5, source = {{ en = "Gagnon", zh_CN = "加尼翁" }} }}
[solar.weights]
irradiation = 2
slope = 0
{OWN}
"""

USE = """
[[solar.uses]]
id = "{id}"
classes = ["{word}"]
form = "{form}"
reason = "r"
source = "s"
"""

EXCLUSION = """
[[solar.exclusions]]
id = "woods"
classes = ["forest"]
value = 0
reason = "r"
source = "s"
"""


def plan(tmp_path, text, layers=LAYERS):
    file = tmp_path / "plan.toml"
    file.write_text(inspect.cleandoc(layers) + "\n" + text, encoding="utf-8")
    return read_plan(file)


def solar(tmp_path, text):
    return plan(tmp_path, text).solar


def fault(tmp_path, text):
    """The one fault of a plan with this table, as it is printed."""
    with pytest.raises(InputError) as caught:
        plan(tmp_path, text)
    assert not isinstance(caught.value, InputErrors), str(caught.value)
    return str(caught.value).partition("plan.toml: ")[2]
