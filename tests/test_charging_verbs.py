"""The verb of charging stations as a planner meets it: what is printed, written and said."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.spatial.distance import cdist
from shapely import box

from jxgis.__main__ import main
from jxgis.kernels.proofs import Search

CRS = "EPSG:4549"
X, Y, SIDE = 480_000.0, 3_330_000.0, 6000.0
CORNER = np.array([X, Y])
LAYERS = ["--demand", "people.gpkg", "--weight", "people", "--candidates", "parking.gpkg"]
MORE = ["--existing", "chargers.gpkg", "--zones", "zones.gpkg", "--area", "area.gpkg"]
CORE, RIM = 900.0, 2500.0


def put(file, geometries, /, **columns):
    gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS).to_file(file)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a city of two districts, whose western one is built up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    rng = np.random.default_rng(5)
    places = {name: rng.uniform(0, SIDE, (k, 2)) + CORNER for name, k in (("d", 90), ("c", 14))}
    put("people.gpkg", shapely.points(places["d"]), people=rng.integers(1, 50, 90))
    gpd.read_file("people.gpkg").to_crs("EPSG:4326").to_file("people_degrees.gpkg")
    put("parking.gpkg", shapely.points(places["c"]), name=[f"Park {j}" for j in range(14)])
    there = shapely.points(rng.uniform(0, SIDE, (2, 2)) + CORNER)
    put("chargers.gpkg", there, name=["One", "Two"], posts=[4, 9])
    west, east = box(X, Y, X + SIDE / 2, Y + SIDE), box(X + SIDE / 2, Y, X + SIDE, Y + SIDE)
    put("zones.gpkg", [west, east], zone_id=["w", "e"], zone=["西区", "东区"])
    put("area.gpkg", [west])
    step, every = SIDE / 6, range(7)
    rows = [[(X + step * i, Y + step * k) for i in every] for k in every]
    rows += [[(X + step * k, Y + step * i) for i in every] for k in every]
    put("streets.gpkg", shapely.linestrings(rows), highway=["residential"] * 14)
    return tmp_path


def result(name="out"):
    return json.loads(Path(name, "result.json").read_text(encoding="utf-8"))


def xy(name):
    return shapely.get_coordinates(gpd.read_file(name).geometry)


def files(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


@pytest.mark.usefixtures("folder")
def test_the_best_sites_with_proof(capsys):
    assert main(["charging", *LAYERS, *MORE, "--count", "3", "--cell", "1", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    found = result()
    assert set(found["solution"]) == {"objective", "bound", "gap", "status", "seed"}
    assert found["solution"]["status"] == "optimal"
    assert found["status"] == "done"
    # In the core stations serve 900 m, outside it 2500 m, across its border the smaller of the two;
    # cells of 1 m leave people where they are.
    places = np.concatenate([xy("parking.gpkg"), xy("chargers.gpkg")])
    homes = xy("people.gpkg")
    both_outside = np.minimum(homes[:, :1], places[:, 0]) > X + SIDE / 2
    radius = np.where(both_outside, RIM, CORE)
    people = gpd.read_file("people.gpkg")["people"].to_numpy()
    covers = cdist(homes, places) <= radius
    names = [site["name"] for site in found["tables"]["sites"]]
    opened = [int(name.split()[1]) for name in names] + [14, 15]
    served = people[covers[:, opened].any(axis=1)].sum()
    assert found["solution"]["objective"] == served
    share, now, number = found["indicators"]
    assert (share["numerator"], share["denominator"]) == (served, people.sum())
    assert now["numerator"] == people[covers[:, 14:].any(axis=1)].sum()
    assert number["value"] == len(names) == 3
    assert sum(row["served"] for row in found["by_zone"]) == served
    assert [row["zone"] for row in found["by_zone"]] == ["西区", "东区"]
    for word in ("Proven", "Gap ", f"{served:,} / {people.sum():,} people", *names):
        assert word in printed
    assert "km²" not in printed
    assert printed.rstrip().endswith("charging-siting.html")


@pytest.mark.usefixtures("folder")
def test_the_sites_are_a_layer():
    assert main(["charging", *LAYERS, *MORE, "--count", "3", "--out", "out"]) == 0
    (package,) = Path("out").rglob("*.gpkg")
    sites = gpd.read_file(package, layer="sites").to_crs(CRS)
    table = result()["tables"]["sites"]
    assert len(sites) == len(table) == 3
    rows = [site["row"] - 1 for site in table]
    own = xy("parking.gpkg")[rows]
    assert shapely.get_coordinates(sites.geometry) == pytest.approx(own, abs=1e-3)
    names = set(gpd.list_layers(package)["name"])
    assert {"zones", "reach", "reach_now", "unserved_demand", "chargers", "sites"} <= names


def test_json_is_alone_and_the_same_at_every_run(folder, capsys):
    words = ["charging", *LAYERS, *MORE, "--count", "2"]
    assert main([*words, "--json", "--out", "one"]) == 0
    assert json.loads(capsys.readouterr().out) == result("one")
    assert main([*words, "--out", "two"]) == 0
    assert files(folder / "one") == files(folder / "two")


@pytest.mark.usefixtures("folder")
def test_the_fewest_that_serve_a_share(capsys):
    words = ["charging", *LAYERS, *MORE]
    assert main([*words, "--reach", "0.7", "--out", "out"]) == 0
    assert "fewer than" in capsys.readouterr().out
    found = result()
    count = int(found["solution"]["objective"])
    assert found["indicators"][0]["met"]
    assert main([*words, "--count", str(count - 1), "--out", "fewer"]) == 0
    assert result("fewer")["indicators"][0]["value"] < 0.7
    assert main([*words, "--count", str(count), "--out", "more"]) == 0
    assert result("more")["indicators"][0]["value"] >= 0.7


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--aim", "median"], ("Mean distance to a station", "Serves: people, and")),
        (["--aim", "center"], ("Farthest distance to a station",)),
        (["--capacity", "150"], ("a station can serve 150 (people)", "however many posts")),
        (["--floor", "0.3"], ("the floors of the zones",)),
        (["--streets", "streets.gpkg"], ("Demand served",)),
        (["--streets", "streets.gpkg", "--aim", "median"], ("Mean distance",)),
        (["--aim", "median", "--capacity", "1000"], ("Mean distance",)),
        (["--radius", "700"], ("what limits it is the number: 3 stations",)),
        (["--time-limit", "0.1"], ("Objective", "Bound")),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_what_can_be_asked(words, said, capsys):
    assert main(["charging", *LAYERS, *MORE, "--count", "3", *words, "--out", "out"]) == 0
    printed = capsys.readouterr()
    assert all(word in printed.out for word in said)
    solution = result()["solution"]
    least = "--aim" in words
    better = solution["bound"] - solution["objective"]
    assert (-better if least else better) >= -1e-6 * solution["objective"]


@pytest.mark.usefixtures("folder")
def test_demand_in_degrees_is_the_same():
    words = ["charging", *LAYERS, *MORE, "--crs", CRS, "--count", "2", "--out"]
    assert main([*words, "metres"]) == 0
    words[2] = "people_degrees.gpkg"
    assert main([*words, "degrees"]) == 0
    assert result("degrees")["solution"] == result("metres")["solution"]
    assert result("degrees")["by_zone"] == result("metres")["by_zone"]


@pytest.mark.usefixtures("folder")
def test_what_no_column_names_is_called_after_its_file(capsys):
    people = gpd.read_file("people.gpkg").rename(columns={"people": "weight"})
    people.to_file("trips.gpkg", layer="mornings")
    words = ["--candidates", "parking.gpkg", "--count", "2", "--out", "out"]
    for demand, name in (("trips.gpkg", "trips"), ("trips.gpkg:mornings", "mornings")):
        assert main(["charging", "--demand", demand, *words]) == 0
        assert f"the demand {name} is summed onto cells" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_ctrl_c_writes_the_best_so_far_and_ends_with_130(monkeypatch, capsys):
    def interrupted(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_run", interrupted)
    words = ["charging", *LAYERS, "--radius", "1500", "--count", "5", "--out", "out"]
    assert main(words) == 130
    printed = capsys.readouterr()
    assert "stopped by hand" in printed.out
    assert "interrupted; the best that was found until then is written" in printed.err
    solution = result()["solution"]
    assert solution["status"] == "interrupted"
    assert solution["objective"] <= solution["bound"]
    assert "curve" not in result()["tables"]


@pytest.mark.usefixtures("folder")
def test_the_readers_language(capsys):
    for lang, word in (("zh_CN", "台账"), ("en", "ledger")):
        assert main(["--lang", lang, "charging", *LAYERS, "--count", "2", "--out", "out"]) == 0
        assert word in capsys.readouterr().out
