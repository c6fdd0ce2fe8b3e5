"""The names a user imports, and no others."""

import re
from pathlib import Path

import pytest

import jxgis


@pytest.mark.parametrize("name", jxgis.__all__)
def test_every_public_name_is_there(name):
    assert getattr(jxgis, name) is not None
    assert name in dir(jxgis)


def test_the_list_is_as_it_was_promised():
    assert jxgis.__all__ == [
        "Ask",
        "Denominator",
        "Exclusion",
        "JxgisError",
        "Layer",
        "LayerSpec",
        "Plan",
        "Result",
        "Scoreboard",
        "Service",
        "__version__",
        "additions",
        "coverage",
        "covered_area",
        "read_layers",
        "read_plan",
        "run",
    ]


def test_another_name_is_not():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = jxgis.nothing


def test_the_version_is_the_packages():
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^version = "(.*)"$', project, re.MULTILINE).group(1) == jxgis.__version__
