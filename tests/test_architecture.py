"""The house: who imports whom, how large a file is, and what a first import costs."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter import api
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
HEAVY = (
    "folium",
    "geopandas",
    "numpy",
    "pandas",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
)
WRITTEN = sorted(
    path
    for folder in ("jxgis", "scripts", "tests", ".ci", "data", "maps", "docs")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {"", ".css", ".csv", ".html", ".js", ".json", ".md", ".po", ".py", ".toml"}
    and path.is_file()
    and ROOT.joinpath("maps", "jiaxing") not in path.parents
) + sorted(p for p in ROOT.iterdir() if p.suffix in {".lock", ".md", ".toml"})
PYTHON = [path for path in WRITTEN if path.suffix == ".py"]


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_imports_point_the_right_way(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True, no_logo=True) == 0


def test_the_contracts_name_every_room():
    contracts = api.read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    house = next(c for c in contracts if c["id"] == "house")
    assert house["exhaustive"]


def test_the_command_line_starts_light():
    code = "import json, sys; import jxgis, jxgis.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert sorted(set(HEAVY) & set(json.loads(done.stdout))) == []


def test_help_and_a_wrong_word_start_light():
    code = (
        "import json, runpy, sys\n"
        "sys.argv = ['jxgis', *sys.argv[1:]]\n"
        "try:\n    runpy.run_module('jxgis', run_name='__main__')\n"
        "except SystemExit:\n    pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    for words in (["--help"], ["coverage", "--help"], ["--version"]):
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        loaded = set(json.loads(done.stderr.splitlines()[-1]))
        assert sorted(set(HEAVY) & loaded) == [], words


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_file_has_one_subject(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


MACHINE_PATH = re.compile(r"(?<![\w.])(/(root|work|home|Users)/\w|[A-Z]:[\\/]+Users[\\/])")


def test_no_file_names_a_place_on_someones_machine():
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in WRITTEN
        if path != Path(__file__)
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").split("\n"), 1
        )
        if MACHINE_PATH.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("path", [p for p in PYTHON if p.is_relative_to(ROOT / "jxgis")], ids=name)
def test_a_file_opens_with_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or not path.stat().st_size
