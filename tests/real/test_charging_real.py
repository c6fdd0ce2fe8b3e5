"""Las Palmas' charging stations: what is served recounted from the files, and spopt's optimum."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pulp
import pyproj
import pytest
import shapely
from scipy.spatial import KDTree
from shapely.ops import substring
from spopt.locate import MCLP

from jxgis.charging.carriageways import carriageways
from jxgis.charging.corridor_sides import attach
from jxgis.charging.plan_result import charging_plan
from jxgis.charging.study import study
from jxgis.kernels.buildout import solve
from jxgis.layers import prepare
from jxgis.plan import read_plan
from jxgis.reading import read_layers
from jxgis.rules import Rules
from jxgis.sources import osm
from jxgis.spec import LayerSpec

HERE = Path(__file__).parent
EXTRACT = "example_las_palmas_2023_osm_20230221.osm.pbf"
UTM = "EPSG:32628"
BESIDE_M = 150
PER_BUILDING = 20.5
QUICK = {"charging.tradeoff_time_limit_s": 1.0, "charging.robust_time_limit_s": 1.0}


def from_extract(real_data, kind, **where):
    spec = LayerSpec(kind, kind, base=real_data / "las_palmas", osm=EXTRACT, where=where)
    return prepare(osm.read(spec), spec, pyproj.CRS(UTM)).data


@pytest.fixture(scope="module")
def city(real_data, tmp_path_factory):
    """The plan, its layers, and what it comes to."""
    folder = tmp_path_factory.mktemp("charging")
    parking = from_extract(real_data, "parking")
    parking[parking["spaces"] > 0].to_file(folder / "car_parks.gpkg")
    roads = from_extract(real_data, "expressways")
    filling = from_extract(real_data, "service_areas", amenity=("fuel",))
    motorways = roads[roads["highway"] == "motorway"].union_all()
    beside = filling[filling.distance(motorways) < BESIDE_M].drop(columns=["side", "main"])
    beside.to_file(folder / "filling.gpkg")
    shutil.copy(HERE / "las_palmas_charging.toml", folder / "plan.toml")
    plan = read_plan(folder / "plan.toml")
    layers, _notes = read_layers(plan.layers, plan.crs, lambda _line: None)
    rules = Rules(plan.rules.overrides | QUICK)
    return plan, layers, charging_plan(layers, plan.charging, rules=rules, as_of=plan.as_of)


def table(result, name):
    return next(t.data for t in result.tables if t.name == name)


def sites(result, kind, until=9999):
    own = table(result, "sites")
    own = own[(own["kind"] == kind) & (own["year"] <= until)]
    to_metres = pyproj.Transformer.from_crs(4326, UTM, always_xy=True)
    return np.column_stack(to_metres.transform(own["lon"].to_numpy(), own["lat"].to_numpy()))


def within(points, places, radius):
    if not len(places):
        return np.zeros(len(points), bool)
    return KDTree(places).query(points)[0] <= radius


def centres(data):
    shapes = data.geometry.to_numpy()
    middle = shapely.centroid(shapes)
    apart = ~shapely.intersects(shapes, middle)
    middle[apart] = shapely.point_on_surface(shapes[apart])
    return shapely.get_coordinates(middle)


def value(result, name):
    return next(i for i in result.indicators if i.id == name)


def test_the_plan_is_proven_and_of_the_size_that_the_files_have(city):
    plan, layers, result = city
    assert result.solution.status == "optimal"
    assert result.solution.gap <= 1e-3
    assert len(result.by_zone) >= 29
    sizes = {name: len(layer.data) for name, layer in layers.items()}
    assert (sizes["buildings"], sizes["chargers"], sizes["car_parks"]) == (22603, 5, 34)
    placed = {k.title: len(sites(result, k.title)) for k in plan.charging.kinds}
    assert placed["City stations"] == 12
    assert placed["Bus depots"] == 3
    assert placed["Motorway stations"] == 2


# Places are printed to a millionth of a degree, 0.1 m: what is that near to a circle is open.
SLACK_M = 0.2


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_people_that_are_served_are_recounted(city, year):
    _plan, layers, result = city
    homes = centres(layers["buildings"].data)
    posts = centres(layers["chargers"].data)
    stations = np.concatenate([sites(result, "City stations", year), posts])
    piles = sites(result, "Dispersed piles", year)
    share = table(result, "years").set_index("year").loc[year, "served_people_share"]
    least, most = (
        (within(homes, stations, 900 + slack) | within(homes, piles, 500 + slack)).mean()
        for slack in (-SLACK_M, SLACK_M)
    )
    assert least - 1e-9 <= share <= most + 1e-9
    if year == 2026:
        now = value(result, "charging-served-now-people")
        there = within(homes, posts, 900)
        assert now.numerator == pytest.approx(PER_BUILDING * there.sum())
        assert now.denominator == pytest.approx(PER_BUILDING * len(homes))


def test_stops_that_are_served_are_recounted(city):
    _plan, layers, result = city
    stops = shapely.get_coordinates(layers["stops"].data.geometry.to_numpy())
    depots = sites(result, "Bus depots")
    served = value(result, "charging-served-buses").numerator
    assert within(stops, depots, 2500 - SLACK_M).sum() <= served
    assert served <= within(stops, depots, 2500 + SLACK_M).sum()


def test_motorways_that_are_served_are_recounted(city):
    plan, layers, result = city
    ways = carriageways(layers["expressways"], rules=plan.rules)
    sides = attach(layers["filling"], ways, rules=plan.rules).data
    own = table(result, "sites")
    chosen = own[own["kind"] == "Motorway stations"]
    served = []
    for row in chosen.itertuples():
        named = [
            side
            for side in sides[sides["row"] == row.row - 1].itertuples()
            if row.name.endswith(ways.ways[side.way].direction)
        ]
        (side,) = named
        # Who drives there has it ahead for the 10 km before it.
        before = max(0.0, side.at_m - 10_000)
        served.append((side.way, substring(ways.ways[side.way].line, before, side.at_m)))
    total = sum(
        shapely.union_all([line for way, line in served if way == number]).length
        for number in {way for way, _line in served}
    )
    found = value(result, "charging-served-motorways")
    assert found.denominator == pytest.approx(sum(w.line.length for w in ways.ways) / 1000)
    # Each carriageway is cut into pieces of 200 m that are served as a whole.
    assert found.numerator == pytest.approx(total / 1000, abs=0.2 * len(chosen))


def test_every_limit_holds(city):
    plan, layers, result = city
    own = table(result, "sites")
    spaces = layers["car_parks"].data["spaces"].to_numpy()
    piles = own[own["kind"] == "Dispersed piles"]
    assert (piles["piles"] >= 2).all()
    assert (piles["piles"] <= np.floor(0.1 * spaces[piles["row"] - 1])).all()
    assert piles["piles"].sum() <= 60
    costs = {k.title: k.cost for k in plan.charging.kinds}
    spent = own["kind"].map(costs) * own["piles"].fillna(1)
    by_year = spent.groupby(own["year"]).sum().cumsum()
    for year, most in zip(plan.charging.years, plan.charging.budget, strict=True):
        assert by_year[year] <= most + 1e-9
    zones = result.by_zone[result.by_zone["demand_people"] > 0]
    inside = zones[zones["zone_id"] != ""]
    assert (inside["share_people_after"] >= 0.05 - 1e-6).all()
    assert (inside["share_people_after"] >= inside["share_people_before"] - 1e-9).all()
    total = result.by_zone["demand_people"].sum()
    assert total == pytest.approx(PER_BUILDING * 22603)


def test_what_the_data_do_not_say_is_on_the_ledger(city):
    _plan, _layers, result = city
    said = [row.reason for row in result.ledger]
    assert any("power limits nothing" in reason for reason in said)
    assert any("links" in reason for reason in said)
    assert any("as large as can be" in reason for reason in said)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_one_kind_in_one_year_serves_what_spopt_finds(city):
    plan, layers, _result = city
    (demand,) = (replace(d, floor=None) for d in plan.charging.demands if d.id == "people")
    (kind,) = (replace(k, count=4, existing=None) for k in plan.charging.kinds if k.id == "city")
    settings = replace(
        plan.charging,
        years=(2026,),
        year_weights=(1.0,),
        demands=(demand,),
        kinds=(kind,),
        budget=(),
    )
    laid = study(settings, layers, plan.rules)
    found = solve(laid.problem, time_limit_s=60, gap=1e-6)
    assert found.status == "optimal"
    homes, lots = centres(layers["buildings"].data), centres(layers["parking"].data)
    near = np.zeros((len(homes), len(lots)), bool)
    for lot, rows in enumerate(KDTree(homes).query_ball_point(lots, 900)):
        near[rows, lot] = True
    # Homes with the same car parks within reach are one to the programme.
    pattern, count = np.unique(near[near.any(axis=1)], axis=0, return_counts=True)
    model = MCLP.from_cost_matrix(np.where(pattern, 0.0, 1.0), count, 0.5, p_facilities=4)
    model.solve(pulp.HiGHS(msg=False, gapRel=0))
    served = model.problem.objective.value()
    assert found.objective * len(homes) == pytest.approx(served, rel=1e-6)
