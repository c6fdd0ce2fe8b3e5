"""Counted targets against counts made by hand."""

import datetime as dt

import geopandas as gpd
import pytest
from shapely import Point, box

from jxgis.counting import CountAsk, counted
from jxgis.errors import InputError
from jxgis.layers import KINDS, Layer

CRS = "EPSG:4549"


def layers(**columns):
    sites = gpd.GeoDataFrame(
        {
            "target": ["pv", "pv", "pv", "bus", "pv"],
            "amount": [60.0, 50.0, 100.0, 1.0, 7.0],
            "completed": [dt.date(2018, 1, 1)] * 3 + [None, dt.date(2020, 1, 1)],
            **columns,
        },
        geometry=[Point(1, 1), Point(2, 2), Point(11, 1), Point(1, 1), Point(1, 2)],
        crs=CRS,
    )
    zones = gpd.GeoDataFrame(
        {"zone_id": ["1", "2", "3"], "zone": ["A", "B", "C"]},
        geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)],
        crs=CRS,
    )
    return {
        "sites": Layer("sites", KINDS["sites"], sites),
        "zones": Layer("zones", KINDS["zones"], zones),
    }


ASKS = [
    CountAsk("pv", "MW", sum="amount"),
    CountAsk("bus", "station"),
    CountAsk("nothing", "site"),
]


def test_sites_are_counted_and_added_up_and_what_nobody_lists_is_not_zero():
    result = counted(layers(), ASKS, as_of=dt.date(2019, 12, 31))
    assert [(i.id, i.value, i.unit) for i in result.indicators] == [
        ("pv", 210.0, "MW"),
        ("bus", 1.0, "station"),
    ]
    rows = result.by_zone[result.by_zone["target"] == "pv"]
    assert rows[["zone_id", "sites", "amount"]].to_numpy().tolist() == [
        ["1", 2, 110.0],
        ["2", 1, 100.0],
        ["3", 0, 0.0],
    ]
    assert [(r.what, r.count) for r in result.ledger] == [("excluded", 1)]


def test_without_a_date_every_site_counts():
    assert counted(layers(), ASKS).indicators[0].value == 217.0


def test_every_zone_is_asked_for_the_least_amount():
    ask = CountAsk("pv", "MW", sum="amount", each_zone_at_least=100.0)
    (indicator,) = counted(layers(), [ask]).indicators
    assert (indicator.value, indicator.denominator, indicator.unit) == (2.0, 3.0, "zone")


def test_a_site_outside_every_zone_counts_in_the_total_and_is_on_the_ledger():
    found = layers()
    found["zones"] = Layer("zones", KINDS["zones"], found["zones"].data.iloc[:1])
    result = counted(found, [CountAsk("pv", "MW", sum="amount")])
    assert result.indicators[0].value == 217.0
    assert result.by_zone["amount"].tolist() == [117.0, 100.0]
    assert [(r.what, r.count) for r in result.ledger] == [("outside", 1)]


def test_a_column_that_is_missing_or_no_number_is_named():
    with pytest.raises(InputError, match="adds up a column power"):
        counted(layers(), [CountAsk("pv", "MW", sum="power")])
    with pytest.raises(InputError, match="row 2: amount is no number"):
        counted(layers(amount=["60", "x", "1", "1", "1"]), [CountAsk("pv", "MW", sum="amount")])
