from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jxgis.i18n import set_language
from jxgis.publish.numbers import (
    NOTHING,
    format_area,
    format_points,
    format_quantity,
    format_share,
    print_criterion,
)


def number(text: str) -> Decimal:
    return Decimal(text.split()[-2].replace(",", "").replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize(
    ("value", "target", "sense", "text"),
    [
        (0.95996, 0.96, "at_least", "95.99 %"),
        (0.891872, 0.96, "at_least", "89.19 %"),
        (0.201132, 0.20, "at_most", "20.11 %"),
        (0.96, 0.96, "at_least", "96.00 %"),
        (0.96004, 0.96, "at_least", "96.00 %"),
        (0.178996, 0.179, "at_least", "17.89 %"),
        (0.20001, 0.20, "at_most", "20.01 %"),
        (0.95996, None, "at_least", "96.00 %"),
        (None, 0.96, "at_least", NOTHING),
        (float("nan"), 0.96, "at_least", NOTHING),
        (1.0, 1.0, "at_least", "100.00 %"),
    ],
)
def test_a_share_is_never_rounded_up_to_its_target(value, target, sense, text):
    assert format_share(value, target, sense) == text


@given(
    value=st.floats(0, 1),
    target=st.integers(0, 10000).map(lambda n: n / 10000),
    sense=st.sampled_from(["at_least", "at_most"]),
)
@example(value=0.9599999999999999, target=0.96, sense="at_least")
@example(value=0.9600000000000001, target=0.96, sense="at_most")
def test_the_printed_numbers_say_what_the_unrounded_ones_say(value, target, sense):
    printed = print_criterion(value, target, sense, "1")
    shown, wanted = number(printed.value), number(printed.required)
    misses = value < target if sense == "at_least" else value > target
    assert (shown < wanted if sense == "at_least" else shown > wanted) == misses
    assert abs(shown - Decimal(repr(value)) * 100) <= Decimal("0.01")
    if misses:
        assert number(printed.gap) == abs(wanted - shown) > 0
    else:
        assert printed.gap == NOTHING


@given(value=st.floats(0, 1), target=st.integers(0, 100).map(lambda n: n / 100))
@example(value=0.891872, target=0.96)
def test_a_share_is_one_number_with_its_target_and_without(value, target):
    alone, held = format_share(value), format_share(value, target)
    assert alone == held or (value < target and alone == format_share(target))


@pytest.mark.parametrize(
    ("value", "target", "unit", "row"),
    [
        (0.9514, 0.96, "1", ("95.14 %", "≥ 96 %", "0.86 pp")),
        (3, 4, "station", ("3 stations", "≥ 4 stations", "1 station")),
        (41250.0, 45000.0, "mu", ("41,250 mu", "≥ 45,000 mu", "3,750 mu")),
        (9.296, 9.3, "GW", ("9.29 GW", "≥ 9.3 GW", "0.01 GW")),
        (612.5, 500, "MW", ("612.5 MW", "≥ 500 MW", NOTHING)),
        (5200000, None, "m2", ("5,200,000 m²", NOTHING, NOTHING)),
        (None, 1.0, "1", (NOTHING, "≥ 100 %", NOTHING)),
        (4, 5, "count", ("4", "≥ 5", "1")),
    ],
)
def test_a_criterion_is_printed_in_its_own_unit(value, target, unit, row):
    printed = print_criterion(value, target, "at_least", unit)
    assert (printed.value, printed.required, printed.gap) == row


def test_areas_are_in_square_kilometres_or_hectares():
    assert format_area(129_000_000.0) == "129.00 km²"
    assert format_area(123_456.0) == "12.35 ha"
    assert format_area(123_456.0, largest_m2=2e6) == "0.12 km²"


def test_effects_are_signed_percentage_points():
    assert format_points(0.004) == "+0.40 pp"
    assert format_points(-0.0123) == "\N{MINUS SIGN}1.23 pp"
    assert format_points(0.0) == "0.00 pp"
    assert format_points(-0.00001) == "under 0.01 pp"
    assert format_points(None) == NOTHING


def test_quantities_have_separators():
    assert format_quantity(1234567.891, "m") == "1,234,567.89 m"
    assert format_quantity(-5.0, "MW") == "\N{MINUS SIGN}5 MW"


def test_units_are_in_the_language_of_the_reader():
    set_language("zh_CN")
    assert format_area(123_456.0) == "12.35 公顷"
    assert format_area(129_000_000.0) == "129.00 km²"
    assert format_quantity(3750.0, "mu") == "3,750 亩"
    assert format_quantity(612.5, "MW") == "612.5 兆瓦"
    assert format_quantity(9.3, "GW") == "9.3 吉瓦"
