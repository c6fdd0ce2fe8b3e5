from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.publish.theme import LOOKS, RAMP, classes_of


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_every_share_lies_in_the_class_that_the_legend_says(shares):
    classes = classes_of(shares)
    assert 1 <= len(classes.colours) <= len(RAMP)
    for share in shares:
        i = classes.of(share)
        assert classes.limits[i] - 1e-9 <= share <= classes.limits[i + 1] + 1e-9


def test_a_share_on_a_limit_belongs_to_the_class_above():
    classes = classes_of([0.62, 0.97])
    assert classes.limits == pytest.approx((0.6, 0.7, 0.8, 0.9, 1.0))
    assert [classes.of(s) for s in (0.6, 0.7, 0.9, 1.0)] == [0, 1, 3, 3]
    assert classes.labels()[0] == "60 % to 70 %"


def test_unknown_shares_have_no_class():
    classes = classes_of([None, math.nan, 0.5])
    assert classes.of(None) is None
    assert classes.of(math.nan) is None
    assert classes_of([]).limits == (0.0, 1.0)


def test_the_ramp_darkens_step_by_step():
    steps = [luminance(c) for c in RAMP]
    assert all(a / b > 1.08 for a, b in pairwise(steps))


@pytest.mark.parametrize("role", ["covered", "uncovered"])
def test_an_area_is_one_colour_over_light_and_dark_zones(role):
    look = LOOKS[role]
    channels = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (RAMP[0], RAMP[-1], "#ffffff")]
    light, dark, legend = (
        [look.opacity * f + (1 - look.opacity) * b for f, b in zip(own, below, strict=True)]
        for below in channels
        for own in [[int(look.fill[i : i + 2], 16) for i in (1, 3, 5)]]
    )
    for other in (dark, legend):
        assert max(abs(a - b) for a, b in zip(light, other, strict=True)) < 8


def test_covered_and_uncovered_differ_in_lightness_too():
    covered, uncovered = (luminance(LOOKS[r].fill) for r in ("covered", "uncovered"))
    assert covered != pytest.approx(uncovered, rel=0.05)


@pytest.mark.parametrize("role", ["gained", "lost"])
@pytest.mark.parametrize("other", ["covered", "uncovered"])
def test_what_changes_is_told_from_what_is_covered_and_what_is_not(role, other):
    a, b = ([int(LOOKS[r].fill[i : i + 2], 16) for i in (1, 3, 5)] for r in (role, other))
    assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 120


def test_actions_are_drawn_over_areas():
    assert LOOKS["reached"].order > LOOKS["lost"].order > LOOKS["uncovered"].order
    assert LOOKS["proposed"].order == max(k.order for k in LOOKS.values())
    assert len({k.order for k in LOOKS.values()}) == len(LOOKS)
