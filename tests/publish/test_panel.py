from __future__ import annotations

from dataclasses import replace

import examples
import pandas as pd
import pytest

from jxgis.publish.panel import MAX_LEDGER_ROWS, ledger_rows, zone_table
from jxgis.results import LedgerRow, Result


@pytest.fixture(scope="module")
def result():
    return examples.coverage(100)


def test_radii_become_columns(result):
    table = zone_table(result, {})
    assert table.titles == ("Built-up area", "500 m", "300 m")
    assert [r.zone for r in table.rows] == examples.NAMES
    wide = result.by_zone.pivot_table(index="zone_id", columns="radius_m", values="share")
    for row in table.rows:
        assert [c.share for c in row.cells[1:]] == [wide.loc[row.zone_id, r] for r in (500, 300)]
        assert row.cells[1].text == f"{100 * wide.loc[row.zone_id, 500]:.2f} %"


@pytest.mark.parametrize("order", [(500, 300), (300, 500)])
def test_columns_stand_in_the_order_of_asking(result, order):
    frame = pd.concat([result.by_zone[result.by_zone["radius_m"] == r] for r in order])
    table = zone_table(replace(result, by_zone=frame), {})
    assert table.titles[1:] == tuple(f"{r} m" for r in order)


@pytest.mark.parametrize(
    ("rows", "title"),
    [([("", "built-up area")], "Built-up area"), ([("1", "a")], ""), ([("", "a"), ("1", "b")], "")],
)
def test_a_single_row_of_no_zone_names_the_table(rows, title):
    frame = pd.DataFrame(rows, columns=["zone_id", "zone"]).assign(amount=1.0)
    assert zone_table(Result("m", None, "", (), frame), {}).title == title


def test_an_area_column_has_one_unit():
    frame = pd.DataFrame(
        {"zone_id": ["1", None], "zone": ["a", "outside"], "area_m2": [2.5e6, 4e4], "x": [1, 2]}
    )
    table = zone_table(Result("any.measure", None, "EPSG:4549", (), frame), {})
    assert [r.cells[0].text for r in table.rows] == ["2.50 km²", "0.04 km²"]
    assert [r.zone_id for r in table.rows] == ["1", ""]
    assert table.titles == ("Built-up area", "x")


def test_targets_become_columns_with_their_titles():
    frame = pd.DataFrame(
        [("1", "a", "t", 2, 2.0), ("1", "a", "u", 1, 1.5), ("2", "b", "u", 3, 4.0)],
        columns=["zone_id", "zone", "target", "sites", "amount"],
    )
    table = zone_table(Result("sites.count", None, "EPSG:4549", (), frame), {"t": "Stations"})
    assert table.titles == ("Stations", "u")
    assert [[c.text for c in r.cells] for r in table.rows] == [["2", "1.5"], ["—", "4"]]


def test_the_ledger_begins_with_the_largest_effect_and_says_how_much_it_leaves_out(result):
    many = tuple(LedgerRow("note", "stops", n, str(n), n / 1e4) for n in range(250))
    ledger = ledger_rows(replace(result, ledger=many))
    assert ledger.rows[0] == ("note", "Stops", "249", "249", "+2.49 pp")
    assert (len(ledger.rows), ledger.more) == (MAX_LEDGER_ROWS, 50)


def test_a_result_without_zones_has_no_table():
    assert zone_table(Result("m", None, "", (), pd.DataFrame()), {}).rows == ()
