"""Counted targets against counts made by hand."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
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
    assert [(r.what, r.count) for r in result.ledger] == [("excluded", 1), ("assumed", 1)]


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


def test_a_site_completed_on_the_day_counts_and_the_hour_does_not_matter():
    days = ["2019-12-31T15:00", "2020-01-01", "2019-12-31", None, None]
    found = layers(completed=[pd.Timestamp(day, tz="UTC") for day in days])
    result = counted(found, [CountAsk("pv", "MW", sum="amount")], as_of=dt.date(2019, 12, 31))
    assert result.indicators[0].value == 60 + 100 + 7


def test_a_target_of_some_zones_counts_their_sites_only():
    asks = [
        CountAsk("pv", "MW", sum="amount", zones=("1",)),
        CountAsk("pv", "MW", sum="amount", each_zone_at_least=50.0, zones=("2", "3")),
    ]
    amount, zones = counted(layers(), asks).indicators
    assert (amount.value, amount.zone) == (117.0, "A")
    assert (zones.value, zones.denominator, zones.zone) == (1.0, 2.0, "B, C")


def test_a_site_on_a_border_is_in_the_first_zone_and_on_the_ledger():
    rng = np.random.default_rng(3)
    names = [str(n) for n in rng.permutation(25)]
    cells = [box(10 * i, 10 * j, 10 * i + 10, 10 * j + 10) for i in range(5) for j in range(5)]
    zones = gpd.GeoDataFrame({"zone_id": names, "zone": names}, geometry=cells, crs=CRS)
    corners = [Point(10 * i, 10 * j) for i in range(1, 5) for j in range(1, 5)]
    sites = gpd.GeoDataFrame({"target": ["pv"] * 16}, geometry=corners, crs=CRS)
    found = {
        "sites": Layer("sites", KINDS["sites"], sites),
        "zones": Layer("zones", KINDS["zones"], zones),
    }
    result = counted(found, [CountAsk("pv")])
    first = [min(n for n, cell in enumerate(cells) if cell.intersects(p)) for p in corners]
    expected = np.bincount(first, minlength=25)
    assert result.by_zone["sites"].tolist() == expected.tolist()
    assert [(r.what, r.count) for r in result.ledger] == [("overlap", 16)]
