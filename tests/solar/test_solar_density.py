"""Capacity densities: asked for, offered, and read from a command line."""

import pytest
from solar_plans_made import RULES, WHOLE, solar

from jxgis.errors import InputError
from jxgis.solar_density import density_faults, written_density
from jxgis.solar_spec import Density, SolarSettings


def test_a_form_that_occurs_must_have_a_density(tmp_path):
    said = solar(tmp_path, WHOLE)
    assert list(density_faults(said, ["ground", "roof"])) == []
    ((problem, mend),) = density_faults(said, {"pond", "ground"})
    assert problem == "no density is given for pond: how many MW stand on a km² of it"
    assert mend.endswith('pond = { mw_per_km2 = …, source = "…" }')
    bare = SolarSettings()
    faults = dict(density_faults(bare, ["ground", "roof", "ground"]))
    assert [problem.split()[5] for problem in faults] == ["roof:", "ground:"]
    assert any("ground = { mw_per_km2 = 86, source = " in mend for mend in faults.values())


@pytest.mark.parametrize(("form", "figure"), [("roof", 137.5), ("ground", 86.0)])
def test_the_line_that_is_offered_can_be_read(tmp_path, form, figure):
    ((_problem, mend),) = density_faults(SolarSettings(), [form])
    line = mend.partition(": ")[2]
    said = solar(tmp_path, RULES + f"[solar.density]\n{line}\n")
    assert said.density[form].w_per_m2 == figure


@pytest.mark.parametrize(("form", "figure"), [("roof", 137.5), ("ground", 86.0)])
def test_the_option_that_is_offered_can_be_read(form, figure):
    ((_problem, mend),) = density_faults(SolarSettings(), [form], by_option=True)
    option, text, rest = mend.partition(": ")[2].split('"')
    assert (option, rest) == ("--density ", "")
    found, density = written_density(text)
    assert (found, density.w_per_m2) == (form, figure)


@pytest.mark.parametrize(
    ("text", "form", "density"),
    [
        ("ground=86 MW/km2, LBNL median", "ground", Density(86.0, "LBNL median")),
        ("roof = 137.5 W/m²; Gagnon, 2018 ", "roof", Density(137.5, "Gagnon, 2018")),
        ("pond=60MW/km^2,own", "pond", Density(60.0, "own")),
    ],
)
def test_a_command_line_gives_a_density(text, form, density):
    assert written_density(text) == (form, density)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ground=86", '"ground=86" is no density with its unit and source. Write it like this'),
        ("ground=86 MW/km2", '"ground=86 MW/km2" is no density with its unit and source.'),
        ("ground=8.6.1 MW/km2, x", '"ground=8.6.1 MW/km2, x" is no density'),
        ("field=86 MW/km2, x", "field is no form of panels. Known are: roof, ground"),
        ("ground=0.86 MW/ha, x", "the density of ground is in MW/ha. Write it in MW/km² or W/m²"),
        ("ground=0.86 MW/km2, x", "a density of 0.86 MW/km2 for ground cannot be"),
    ],
)
def test_a_density_that_cannot_be_is_a_sentence(text, problem):
    with pytest.raises(InputError) as caught:
        written_density(text)
    assert problem in str(caught.value)
