"""Results held against targets: met, not met, no data, and never rounded."""

import pandas as pd
import pytest

from jxgis.plan import Reported
from jxgis.results import Indicator, Result
from jxgis.score import score, with_targets
from jxgis.targets import Criterion, Target


def result(*indicators):
    return Result("transit.coverage", None, "EPSG:4549", indicators, pd.DataFrame())


def target(*criteria, kind="computed", measure="transit.coverage"):
    return Target("t", "1", "T", kind, measure, criteria)


@pytest.mark.parametrize(
    ("value", "sense", "threshold", "status", "gap"),
    [
        (0.96, "at_least", 0.96, "met", 0.0),
        (0.9599999, "at_least", 0.96, "not_met", 1e-7),
        (0.97, "at_least", 0.96, "met", -0.01),
        (5.0, "at_most", 4.0, "not_met", 1.0),
        (4.0, "at_most", 4.0, "met", 0.0),
        (4.0, "at_least", None, "tracked", None),
    ],
)
def test_a_value_is_compared_unrounded(value, sense, threshold, status, gap):
    (row,) = score(
        [target(Criterion("t", sense=sense, threshold=threshold))],
        [result(Indicator("t", value, "1"))],
        {},
        {},
    )
    assert row.status == status
    assert row.worst.gap == pytest.approx(gap) if gap is not None else row.worst.gap is None
    assert row.measure == "transit.coverage"


def test_a_target_without_data_neither_disappears_nor_passes():
    rows = score([target(Criterion("t", threshold=1.0))], [], {}, {"t": "layers: stops"})
    assert [(r.status, r.waits_for, r.to_json()["value"]) for r in rows] == [
        ("no_data", "layers: stops", None)
    ]


def test_a_target_with_several_conditions_is_met_when_all_are():
    criteria = (Criterion("t.a", threshold=1.0), Criterion("t.b", threshold=2.0))
    figures = {"t.a": Reported(1.0, None, "s"), "t.b": Reported(1.5, None, "s")}
    (row,) = score([target(*criteria, kind="reported", measure=None)], [], figures, {})
    assert (row.status, row.worst.id, row.to_json()["gap"]) == ("not_met", "t.b", 0.5)
    del figures["t.b"]
    (row,) = score([target(*criteria, kind="reported", measure=None)], [], figures, {})
    assert row.status == "no_data"
    assert "t.b" in row.waits_for


def test_a_computed_value_wins_over_a_reported_one():
    (row,) = score(
        [target(Criterion("t", threshold=0.5))],
        [result(Indicator("t", 0.4, "1"))],
        {"t": Reported(0.9, None, "s")},
        {},
    )
    assert (row.status, row.worst.value) == ("not_met", 0.4)


def test_each_zone_is_asked_and_the_number_of_zones_is_the_target():
    criterion = Criterion("t", sum="amount", each_zone_at_least=100.0)
    (row,) = score(
        [target(criterion)], [result(Indicator("t", 5.0, "zone", denominator=7.0))], {}, {}
    )
    assert (row.status, row.worst.target, row.worst.gap) == ("not_met", 7.0, 2.0)


def test_the_verdict_goes_back_to_the_result():
    one = result(Indicator("t", 0.4, "1"), Indicator("other", 0.4, "1"))
    rows = score([target(Criterion("t", threshold=0.5))], [one], {}, {})
    judged = with_targets(one, rows)
    assert [(i.target, i.met) for i in judged.indicators] == [(0.5, False), (None, None)]


def test_what_has_no_value_has_no_verdict_and_the_sense_goes_along():
    one = result(Indicator("t", None, "1"), Indicator("u", 4.0, "m"))
    criteria = (
        Criterion("t", threshold=0.5),
        Criterion("u", threshold=4.0, sense="at_most", unit="m"),
    )
    rows = score([target(*criteria)], [one], {}, {})
    judged = with_targets(one, rows)
    assert [(i.met, i.sense) for i in judged.indicators] == [(None, "at_least"), (True, "at_most")]
    assert rows[0].status == "no_data"


def test_one_condition_that_is_not_met_decides_before_one_without_data():
    criteria = (Criterion("t.a", threshold=1.0), Criterion("t.b", threshold=2.0))
    figures = {"t.b": Reported(1.5, None, "s")}
    (row,) = score([target(*criteria, kind="reported", measure=None)], [], figures, {})
    assert (row.status, row.worst.id) == ("not_met", "t.b")
