"""The result of a drawn county: each table, drawing and figure, and what they add up to."""

import numpy as np
import pytest
import shapely
from land_made import NOW, SINCE, SOUTH, THEN, WEST, box, exclusion, layer, use, zones
from study_made import DENSITY, RIVER, USES, county, made

from jxgis.results import InputFile
from jxgis.rules import Rules
from jxgis.solar.result import solar_zones
from jxgis.solar_spec import FORMS

CROPS = exclusion("crops", "land", ["cropland"], since=SINCE)
LAW = exclusion("law", "land", ["cropland"], 20.0, since=SINCE)
LEFT = use("scrub", "composite", ["scrub"], until=SINCE)
AGAIN = (
    use("orchard", "composite", ["orchard"], until=SINCE),
    use("orchard", "composite", ["orchard"], since=SINCE),
)
SLOPE = exclusion("steep", "elevation", (), 9.0, unit="deg")


def everything():
    """Three counties, the third without anything; users, a substation, green and two days."""
    kinds = county()
    kinds["zones"] = zones(
        box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(2000, 0, 2300, 1000)
    )
    kinds["land"] = layer(
        "land",
        [
            box(0, 0, 600, 1000),
            box(700, 0, 900, 500),
            box(1000, 0, 1100, 1000),
            box(1200, 200, 1700, 600),
            box(700, 600, 900, 900),
            box(1750, 0, 1950, 200),
        ],
        **{"class": ["bare", "cropland", "river", "fish_pond", "scrub", "orchard"]},
    )
    kinds["buildings"] = layer(
        "buildings",
        [box(1300, 620, 1400, 680), box(1450, 620, 1460, 630), box(5000, 0, 5010, 10)],
        **{"class": ["industrial", "house", "house"], "owner": ["Mill", None, None]},
    )
    kinds["estates"] = layer("estates", [box(1250, 610, 1430, 700)], name=["East estate"])
    kinds["enterprises"] = layer(
        "enterprises", [shapely.Point(WEST + 1350, SOUTH + 650)], tce=[9000.0], name=["Mill"]
    )
    station = [shapely.Point(WEST + 300, SOUTH + 1200)]
    kinds["substations"] = layer("substations", station, name=["North"], spare_kw=[9000.0])
    kinds["planned_green"] = layer("planned_green", [box(0, 0, 300, 600)], name=["New park"])
    return kinds


@pytest.fixture(scope="module")
def result():
    rules = (*USES, LEFT, *AGAIN, RIVER, CROPS, LAW, SLOPE)
    return solar_zones(
        everything(),
        made(rules, need_mw=6.0, dates=(THEN, NOW)),
        rules=Rules({"solar.cell_m": 20.0}),
    )


def table(result, name):
    (found,) = [own for own in result.tables if own.name == name]
    return found.data


def figures(result):
    return {own.id: own for own in result.indicators}


def test_what_is_there(result):
    assert (result.measure, result.as_of) == ("solar.zones", NOW)
    names = [own.name for own in result.tables]
    assert len(names) == len(set(names))
    wanted = (
        "zones short park_counties roofs yields losses enterprises conflicts then_now lost rules"
    )
    assert set(wanted.split()) <= set(names)
    drawn = [own.name for own in result.layers]
    assert len(drawn) == len(set(drawn))
    assert {
        "zones",
        "solar_zones",
        "roofs",
        "solar_conflicts",
        "substations",
        "enterprises",
    } <= set(drawn)
    assert next(own.name for own in result.pictures) == "allowed"


def test_every_column_of_a_table_has_a_title_and_every_title_a_column(result):
    for own in result.tables:
        assert list(own.data.columns) == list(own.fields) or set(own.fields) == set(own.data), own
        assert len(own.data), own.name
        assert own.title
    for own in result.layers:
        assert set(own.fields) <= set(own.data.columns), own.name
        assert not own.data.geometry.is_empty.any(), own.name
        assert own.data.crs.to_string() == result.crs


def test_row_n_of_a_table_is_feature_n_of_its_drawing(result):
    drawn = {own.name: own.data for own in result.layers}
    shown = [own for own in result.tables if own.drawing is not None]
    assert {own.name for own in shown} >= {"zones", "enterprises", "conflicts"}
    for own in shown:
        features = drawn[own.drawing]
        assert len(features) == len(own.data), own.name
        common = [c for c in own.data.columns if c in features.columns and c != "found"]
        assert common, own.name
        for column in common:
            assert (
                own.data[column].tolist() == pytest.approx(features[column].tolist(), nan_ok=True)
                if own.data[column].dtype.kind == "f"
                else (own.data[column].tolist() == features[column].tolist())
            )
    areas = drawn["solar_conflicts"].geometry.area
    assert table(result, "conflicts")["area_m2"].to_numpy() == pytest.approx(areas.to_numpy())


def test_shares_lie_between_0_and_1(result):
    for own in [*result.tables, *result.layers]:
        for column in own.data.columns:
            if column.endswith("_share") or column == "score":
                values = own.data[column].to_numpy(float)
                values = values[~np.isnan(values)]
                if column != "covered_share":
                    assert ((values >= 0) & (values <= 1)).all(), (own.name, column)
    zone = table(result, "zones")
    assert zone["first_of_all_share"].sum() == pytest.approx(1)
    assert zone.groupby("zone")["first_share"].sum().to_numpy() == pytest.approx(1)


def test_counties_add_up_to_the_figures(result):
    own, found = result.by_zone, figures(result)
    assert len(own) == 3
    assert own["mw"].to_numpy() == pytest.approx(
        own[[f"{form}_mw" for form in FORMS]].sum(axis=1).to_numpy()
    )
    for form in FORMS:
        assert found[f"solar-{form}-mw"].value == pytest.approx(own[f"{form}_mw"].sum())
    assert found["solar-mw"].value == pytest.approx(own["mw"].sum())
    assert found["solar-mwh"].value == pytest.approx(own["mwh"].sum())
    assert found["solar-kwh-per-kwp"].value == pytest.approx(own["mwh"].sum() / own["mw"].sum())
    for name in ("solar-mwh", "solar-kwh-per-kwp"):
        assert found[name].low < found[name].value < found[name].high
    zone = table(result, "zones")
    best = zone[zone["rank"] == 1].set_index("zone")["mw"]
    assert (own.set_index("zone")["best_mw"][best.index] == best).all()
    assert own["missing_mw"].iloc[2] == pytest.approx(6.0)


def test_counties_with_a_zone_are_counted(result):
    now, then = (figures(result)[name] for name in ("solar-zones", "solar-zones-then"))
    zone = table(result, "zones")
    assert now.value == now.numerator == zone["zone"].nunique() == 2
    assert then.value >= now.value
    assert (now.denominator, then.denominator) == (3, 3)
    assert then.beside == "solar-zones"
    assert (now.params["day"], then.params["day"]) == ("2026-11-25", "2017-12-31")
    (short,) = table(result, "short").to_dict("records")
    assert short["zone"] == "Zone z2"
    assert short["best_mw"] + short["missing_mw"] == pytest.approx(6.0)


def test_zones_reach_what_is_needed_and_say_how_dense_they_are(result):
    zone = table(result, "zones")
    assert (zone["mw"] >= 6.0 - 1e-6).all()
    shapes = next(own.data for own in result.layers if own.name == "solar_zones").geometry
    assert zone["mw_per_km2"].to_numpy() == pytest.approx(
        zone["mw"].to_numpy() / (shapes.area.to_numpy() / 1e6)
    )
    north = shapely.Point(WEST + 300, SOUTH + 1200)
    assert zone["substation_km"].to_numpy() * 1000 == pytest.approx(
        shapes.distance(north).to_numpy()
    )
    assert set(zone["substation"]) == {"North"}


def test_then_and_now_by_county(result):
    own = table(result, "then_now")
    crops, scrub = 200 * 500, 200 * 300
    lost = (crops + scrub) * DENSITY["composite"] / 1e6
    assert own["change_mw"].to_numpy() == pytest.approx([-lost, 0, 0], abs=1e-6)
    assert own["then_mw"].to_numpy() - lost * np.array([1, 0, 0]) == pytest.approx(
        own["now_mw"].to_numpy(), abs=1e-6
    )
    assert own["now_mw"].to_numpy() == pytest.approx(result.by_zone["mw"].to_numpy())
    assert figures(result)["solar-mw-then"].value == pytest.approx(own["then_mw"].sum())


def test_what_was_lost_by_rule_and_together(result):
    own = table(result, "lost").set_index("rule")
    crops = 200 * 500 * DENSITY["composite"] / 1e6
    scrub = 200 * 300 * DENSITY["composite"] / 1e6
    # two rules forbid the crops: they stand in the row of each, and once in all
    assert own["lost_mw"].drop("together, each place once").to_dict() == pytest.approx(
        {"crops": crops, "law": crops, "scrub": scrub}
    )
    assert own["lost_mw"]["together, each place once"] == pytest.approx(crops + scrub)
    assert own["since"].tolist() == ["2023-03-20"] * 3 + [""]
    assert "orchard" not in own.index, "another rule carries it now as then"


def test_the_rules_say_what_each_forbids_by_itself(result):
    own = table(result, "rules").set_index("rule")
    assert own["cuts"].to_dict() == {"river": "yes", "crops": "", "law": "", "steep": ""}
    # the river's setback reaches nothing, and the crops are forbidden twice
    assert own["alone_mw"].drop("steep").to_dict() == pytest.approx(
        {"river": 0.0, "crops": 0.0, "law": 0.0}
    )
    assert np.isnan(own["alone_mw"]["steep"])
    assert own["checked"].to_dict() == {
        "river": "yes",
        "crops": "yes",
        "law": "yes",
        "steep": "no layer",
    }
    assert (own["unit"]["steep"], own["unit"]["river"], own["unit"]["crops"]) == ("°", "m", "")


def test_one_rule_alone_forbids_what_would_be_free_without_it():
    kinds = everything()
    found = solar_zones(
        kinds, made((*USES, RIVER, CROPS), need_mw=6.0, dates=(NOW,)),
        rules=Rules({"solar.cell_m": 20.0}),
    )  # fmt: skip
    own = table(found, "rules").set_index("rule")
    assert own["alone_mw"]["crops"] == pytest.approx(200 * 500 * DENSITY["composite"] / 1e6)
    names = {own.name for own in found.tables}
    assert not names & {"then_now", "lost"}, "there is one day"
    assert "solar-mw-then" not in figures(found)


def test_roofs_by_kind_and_users(result):
    roofs = table(result, "roofs")
    assert roofs["kind"].tolist() == ["Works", "Homes"]
    assert roofs["roofs"].tolist() == [1, 1]
    assert roofs["roof_m2"].tolist() == pytest.approx([6000, 100])
    assert roofs["mw"].iloc[0] == pytest.approx(6000 * 0.5 * 137.5 / 1e6)
    (mill,) = table(result, "enterprises").to_dict("records")
    assert mill["mw"] == pytest.approx(roofs["mw"].iloc[0])
    drawn = next(own.data for own in result.layers if own.name == "roofs")
    assert drawn["capacity_kw"].sum() == pytest.approx(roofs["mw"].sum() * 1000)


def test_the_ledger_and_the_rules_that_were_used_are_cited(result):
    reasons = " ".join(row.reason for row in result.ledger)
    assert "cells of 20 m" in reasons
    assert "buildings lie in none of the counties" in reasons
    assert "not checked: steep" in reasons
    assert {f"solar.density.{form}" for form in FORMS} == {
        name for name in result.rules if name.startswith("solar.density")
    }
    assert {"solar.cell_m", "solar.rank_draws", "solar.join_within_m"} <= set(result.rules)
    assert result.rules["solar.density.ground"]["value"] == 86.0
    assert all(isinstance(file, InputFile) for file in result.inputs)
