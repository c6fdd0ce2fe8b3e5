"""Las Palmas' photovoltaic zones: land recounted by shapely, roofs summed, places asked by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from jxgis.errors import InputError
from jxgis.measures import by_kind
from jxgis.plan import read_plan
from jxgis.reading import read_layers
from jxgis.solar.result import solar_zones
from jxgis.solar_measure import solar_faults, why_at

HERE = Path(__file__).parent
UTM = "EPSG:32628"
FORMS = ("pond", "ground", "composite")


@pytest.fixture(scope="module")
def city(real_data):
    """The plan, its layers by kind, and what it comes to."""
    assert real_data.is_dir()
    plan = read_plan(HERE / "las_palmas_solar.toml")
    layers, _notes = read_layers(plan.layers, plan.crs, lambda _line: None)
    kinds = by_kind(layers)
    assert list(solar_faults(plan, kinds)) == []
    found = solar_zones(kinds, plan.solar, rules=plan.rules, as_of=plan.as_of)
    return plan, kinds, found


def table(result, name):
    return next(t.data for t in result.tables if t.name == name)


def value(result, name):
    return next(i for i in result.indicators if i.id == name).value


def of_rule(kinds, rule):
    """The features that a rule is of."""
    if rule.kind not in kinds:
        return np.array([], dtype=object)
    data = kinds[rule.kind].data
    if rule.classes:
        data = data[data[getattr(rule, "column", "class")].isin(rule.classes)]
    return data.geometry.to_numpy()


@pytest.fixture(scope="module")
def free(city):
    """Free land of the last day by form: overlays of everything at once."""
    plan, kinds, _result = city
    settings, day = plan.solar, plan.solar.dates[-1]
    earlier, found = shapely.Point(), {}
    for form in FORMS:
        uses = [use for use in settings.uses if use.form == form and use.holds(day)]
        land = shapely.union_all([g for use in uses for g in of_rule(kinds, use)])
        forbidden = []
        for rule in settings.exclusions:
            if form in rule.forms and rule.holds(day):
                features = of_rule(kinds, rule)
                near = features[shapely.dwithin(features, land, rule.value + 1)]
                forbidden.append(shapely.buffer(near, rule.value, quad_segs=64))
        land = shapely.difference(land, shapely.union_all(np.concatenate(forbidden)))
        found[form] = shapely.difference(land, earlier)
        earlier = shapely.union(earlier, found[form])
    return found


def test_the_extract_has_what_the_city_is_known_to_have(city):
    _plan, kinds, result = city
    buildings = kinds["buildings"].data
    broken = [
        row.count
        for row in result.ledger
        if row.what == "dropped" and row.layer == "buildings" and "does not close" in row.reason
    ]
    assert (len(buildings), broken) == (22_603, [8])  # 22,611 in all
    assert buildings["class"].isin(["industrial", "warehouse"]).sum() == 504
    assert len(kinds["estates"].data) == 169
    assert len(kinds["substations"].data) == 81
    assert buildings["storeys"].notna().sum() > 800
    assert buildings["roof_shape"].notna().sum() > 200
    unread = [row.count for row in result.ledger if "is not a number" in row.reason]
    assert unread == [1]


def test_free_land_is_that_of_overlays_of_the_whole(city, free):
    plan, kinds, result = city
    taken, wanted = shapely.Point(), {}
    zones = kinds["zones"].data.drop_duplicates("zone_id").set_index("zone_id").geometry
    for zone_id, outline in zones.items():
        own = shapely.difference(outline, taken)  # where they overlap, land is of the first
        taken = shapely.union(taken, outline)
        wanted[zone_id] = [shapely.intersection(free[form], own) for form in FORMS]
    rows = result.by_zone.set_index("zone_id")
    total = 0.0
    for form in FORMS:
        n = FORMS.index(form)
        density = plan.solar.w_per_m2(form)
        area = np.array([wanted[zone_id][n].area for zone_id in rows.index])
        edge = np.array(
            [
                shapely.length(shapely.intersection(wanted[zone_id][n], zones[zone_id].boundary))
                for zone_id in rows.index
            ]
        )
        found = rows[f"{form}_mw"].to_numpy() * 1e6 / density
        # A cell is of one county: half a cell along a border is another's.
        assert np.abs(found - area) == pytest.approx(0, abs=1.0 + 10 * edge.max())
        assert found.sum() == pytest.approx(area.sum(), rel=2e-3, abs=1.0)
        total += area.sum()
    assert total > 10_000


def test_roofs_are_all_buildings_once(city):
    plan, kinds, result = city
    every, roofs = kinds["buildings"].data, table(result, "roofs").set_index("kind")
    points = shapely.point_on_surface(every.geometry.to_numpy())
    lie_in = shapely.intersects(kinds["zones"].data.union_all(), points)
    buildings = every[lie_in]
    assert roofs["roofs"].sum() == len(buildings)
    assert roofs["roof_m2"].sum() == pytest.approx(buildings.geometry.union_all().area, rel=1e-3)
    works = buildings[buildings["class"].isin(["industrial", "warehouse"])]
    own = roofs.loc["Factories and warehouses"]
    assert (every["class"].isin(["industrial", "warehouse"])).sum() == 504
    assert own["roofs"] == len(works)
    assert own["roof_m2"] == pytest.approx(works.geometry.union_all().area, rel=0.01)
    by_rule = (roofs["roof_m2"] * roofs["roof_share"]).to_numpy()
    usable = roofs["usable_m2"].to_numpy()
    # Few roofs have a shape or neighbours of known height: they lose a few percent of it.
    assert (usable <= by_rule + 1e-6).all()
    assert usable.sum() == pytest.approx(by_rule.sum(), rel=0.05)
    density = plan.solar.w_per_m2("roof")
    assert roofs["mw"].to_numpy() == pytest.approx(usable * density / 1e6)
    outside = next(row for row in result.ledger if row.what == "outside")
    assert (outside.layer, outside.count) == ("buildings", (~lie_in).sum())
    assert roofs["mw"].sum() == pytest.approx(value(result, "solar-roof-mw"))


def test_zones_reach_the_need_and_no_two_share_a_place(city):
    plan, _kinds, result = city
    zones = table(result, "zones")
    assert (zones["mw"] >= plan.solar.need_mw).all()
    assert zones["zone"].nunique() == value(result, "solar-zones")
    rows = result.by_zone.set_index("zone")
    assert (rows.loc[zones["zone"].unique(), "mw"] >= plan.solar.need_mw).all()
    assert rows["mw"].sum() == pytest.approx(value(result, "solar-mw"))
    short = table(result, "short")
    assert len(short) + zones["zone"].nunique() == len(rows)
    assert (short["best_mw"] + short["missing_mw"]).to_numpy() == pytest.approx(plan.solar.need_mw)


def test_places_are_told_what_distances_tell(city, free):
    plan, kinds, _result = city
    settings, day = plan.solar, plan.solar.dates[-1]
    box = kinds["zones"].data.union_all()
    parts = shapely.get_parts(shapely.intersection(free["composite"], box))
    large = parts[shapely.area(parts) > 100]
    points = list(shapely.point_on_surface(large[:5]))
    rng = np.random.default_rng(4)
    west, south, east, north = box.bounds
    while len(points) < 30:
        point = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
        if box.buffer(-100).contains(point):
            points.append(point)
    to_degrees = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)
    forms = set()
    for point in points:
        verdict = why_at(plan, kinds, to_degrees.transform(point.x, point.y))[-1]
        allowed = [form for form in FORMS if free[form].intersects(point)]
        assert verdict.form == (allowed[0] if allowed else None)
        forms.add(verdict.form)
        if verdict.form:
            continue
        for rule in settings.exclusions:
            if not rule.holds(day) or (verdict.use and verdict.use.form not in (None, *rule.forms)):
                continue
            near = shapely.distance(of_rule(kinds, rule), point).min(initial=np.inf)
            said = [own.distance_m for own in verdict.binding if own.rule == rule]
            assert said == (pytest.approx([near], abs=0.01) if near <= rule.value else [])
    assert forms == {None, "composite"}


def test_the_shipped_climate_is_refused_here(city):
    plan, kinds, _result = city
    settings = replace(plan.solar, irradiation_kwh_per_m2=None)
    with pytest.raises(InputError, match="no irradiation is known at 28") as caught:
        solar_zones(kinds, settings, rules=plan.rules, as_of=plan.as_of)
    assert "\n" not in str(caught.value)
    assert "write irradiation_kwh_per_m2 under [solar]" in str(caught.value)
