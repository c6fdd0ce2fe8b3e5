"""What a cell is, against fractions pixel by pixel and against NumPy's median."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jxgis.kernels.pixels import (
    PARTS,
    Linear,
    composite,
    index,
    index_above,
    vegetation_parts,
)

PLAIN = (Fraction(1), Fraction(0))
SENTINEL = (Fraction(1, 10_000), Fraction(0))
SENTINEL_4 = (Fraction(1, 10_000), Fraction(-1, 10))
LANDSAT = (Fraction("0.0000275"), Fraction("-0.2"))
SCALES = st.sampled_from([PLAIN, SENTINEL, SENTINEL_4, LANDSAT]) | st.tuples(
    st.integers(1, 2 * 10**4).map(lambda n: Fraction(n, 10**5)),
    st.integers(-(10**4), 10**4).map(lambda n: Fraction(n, 10**4)),
)
KINDS = st.sampled_from([np.uint8, np.uint16, np.int16])
THRESHOLDS = st.sampled_from([Fraction("0.4"), Fraction("0.35"), Fraction(0)]) | st.fractions(
    -1, 1, max_denominator=1000
)


def green(nir, red, threshold, red_as, nir_as):
    """Return whether one pixel's index is above a threshold, in fractions."""
    n, r = int(nir) * nir_as[0] + nir_as[1], int(red) * red_as[0] + red_as[1]
    return n + r > 0 and (n - r) / (n + r) > threshold


def held(nir, red, threshold=Fraction("0.4"), red_as=PLAIN, nir_as=PLAIN):
    signed = nir.dtype.kind != "u" or red.dtype.kind != "u"
    return index_above(threshold, red_as, nir_as, signed=signed).holds(nir, red)


def some(kind, seed, count=60):
    """Return numbers of a type, among them its least and largest and many that are small."""
    rng, limits = np.random.default_rng(seed), np.iinfo(kind)
    small = rng.integers(max(limits.min, -50), 51, count)
    ends = [limits.min, limits.max, 0]
    return np.concatenate([rng.integers(limits.min, limits.max + 1, count), small, ends])


@given(THRESHOLDS, SCALES, SCALES, KINDS, KINDS, st.integers(0, 2**32 - 1))
@example(Fraction("0.4"), SENTINEL_4, SENTINEL_4, np.uint16, np.uint16, 1)
@example(Fraction("0.4"), LANDSAT, LANDSAT, np.uint16, np.uint16, 2)
@example(Fraction(1), PLAIN, PLAIN, np.int16, np.uint8, 3)
@example(Fraction(-1), PLAIN, PLAIN, np.int16, np.int16, 4)
@settings(deadline=None)
def test_a_pixel_is_green_as_fractions_say(threshold, red_as, nir_as, red_kind, nir_kind, seed):
    red = some(red_kind, seed).astype(red_kind)
    nir = some(nir_kind, seed + 1).astype(nir_kind)
    np.random.default_rng(seed).shuffle(nir)
    found = held(nir, red, threshold, red_as, nir_as)
    expected = [green(n, r, threshold, red_as, nir_as) for n, r in zip(nir, red, strict=True)]
    assert found.tolist() == expected


@given(
    st.fractions(Fraction(-99, 100), Fraction(99, 100), max_denominator=100),
    st.integers(1, 80),
    st.sampled_from([0, 1000]),
)
def test_exactly_at_the_threshold_is_not_green(threshold, times, offset):
    a, b = threshold.numerator, threshold.denominator
    at = np.array([[(b + a) * times + offset], [(b - a) * times + offset]], dtype=np.uint16)
    scale = (Fraction(1), Fraction(-offset))
    assert not held(at[0], at[1], threshold, scale, scale)
    assert held(at[0] + np.uint16(1), at[1], threshold, scale, scale)
    assert held(at[0], at[1] - np.uint16(1), threshold, scale, scale) or at[1] == 0


def test_the_usual_threshold_in_whole_numbers():
    usual = index_above(Fraction("0.4"), SENTINEL, SENTINEL, signed=False)
    assert usual.above == Linear(3, 7, 0)
    assert usual.positive is None
    shifted = index_above(Fraction("0.4"), SENTINEL_4, SENTINEL_4, signed=False)
    assert shifted.above == Linear(3, 7, -4000)
    assert shifted.positive == Linear(1, -1, 2000)


def test_bands_that_add_up_to_nothing_are_not_green():
    nir = np.array([0, 500, -30, 100], dtype=np.int16)
    red = np.array([0, -500, -90, -200], dtype=np.int16)
    for threshold in (Fraction("0.4"), Fraction(-1), Fraction("-0.5")):
        assert not held(nir, red, threshold).any()
    assert np.isnan(index(nir, red, PLAIN, PLAIN)).all()


def test_an_offset_that_is_not_known_turns_green_into_bare():
    red, nir = np.array([300]), np.array([2200])  # of reflectance, in ten-thousandths
    assert index(nir, red, SENTINEL, SENTINEL) == pytest.approx(0.76)
    stored = red + 1000, nir + 1000
    assert index(stored[1], stored[0], SENTINEL_4, SENTINEL_4) == pytest.approx(0.76)
    assert index(stored[1], stored[0], SENTINEL, SENTINEL) == pytest.approx(19 / 45)


@given(st.integers(0, 2**32 - 1), SCALES, SCALES)
@settings(deadline=None)
def test_the_index_is_that_of_fractions(seed, red_as, nir_as):
    red, nir = (some(np.uint16, s).astype(np.uint16) for s in (seed, seed + 1))
    found = index(nir, red, red_as, nir_as)
    for n, r, own in zip(nir, red, found, strict=True):
        n_as, r_as = (int(v) * a + b for v, (a, b) in ((n, nir_as), (r, red_as)))
        total = n_as + r_as
        if total < Fraction(1, 10**6):
            continue
        terms = int(n) * nir_as[0] + abs(nir_as[1]) + int(r) * red_as[0] + abs(red_as[1])
        rounding = 1e-15 * float(terms / total)
        exact = float((n_as - r_as) / total)
        assert own == pytest.approx(exact, abs=rounding * (1 + abs(exact)), rel=1e-15)


def test_floating_point_bands():
    red = np.array([0.03, 0.3, np.nan], dtype=np.float32)
    nir = np.array([0.4, 0.3, 0.5], dtype=np.float32)
    assert held(nir, red).tolist() == [True, False, False]


def test_what_no_threshold_can_be():
    for threshold in (Fraction(2), Fraction(-3, 2)):
        with pytest.raises(ValueError, match="between -1 and 1"):
            index_above(threshold, PLAIN, PLAIN, signed=False)
    for red, nir in (((Fraction(0), Fraction(0)), PLAIN), (PLAIN, (Fraction(-1), Fraction(0)))):
        with pytest.raises(ValueError, match="above zero"):
            index_above(Fraction("0.4"), red, nir, signed=False)


def test_too_many_digits_are_refused_and_not_wrapped():
    scale = (Fraction(1, 3**40), Fraction(1, 7**20))
    bands = np.zeros(3, dtype=np.uint16)
    with pytest.raises(OverflowError, match="too many digits"):
        held(bands, bands, Fraction("0.4"), scale, PLAIN)


# Several dates


def sorted_values(values, seen, by):
    """Return the composite of one cell."""
    own = sorted(v for v, s in zip(values, seen, strict=True) if s)
    if not own:
        return 0
    return own[-1] if by == "max" else own[(len(own) - 1) // 2]


@given(
    st.integers(1, 6),
    st.sampled_from([np.bool_, np.uint8, np.uint16]),
    st.sampled_from(["median", "max"]),
    st.integers(0, 2**32 - 1),
)
def test_the_composite_of_dates(dates, kind, by, seed):
    rng = np.random.default_rng(seed)
    values = [rng.integers(0, 256, (4, 7)).astype(kind) for _ in range(dates)]
    seen = [rng.random((4, 7)) < 0.6 for _ in range(dates)]
    found, known = composite(values, seen, by)
    assert found.dtype == kind
    assert (known == np.any(seen, axis=0)).all()
    for at in np.ndindex(4, 7):
        assert found[at] == sorted_values([v[at] for v in values], [s[at] for s in seen], by)
    whole = composite(values, [np.ones((4, 7), dtype=bool)] * dates, "median")[0]
    if dates % 2:
        assert (whole == np.median(values, axis=0)).all()


def test_the_composite_leaves_its_dates_as_they_are():
    values, seen = np.array([True, True]), np.array([True, False])
    found, _known = composite([values], [seen], "median")
    assert found.tolist() == [True, False]
    assert values.all()


# Parts of a cell


@given(st.lists(st.floats(-1, 1), min_size=1), st.floats(-0.2, 0.3), st.floats(0.35, 1))
def test_parts_between_fixed_endmembers(ndvi, soil, vegetation):
    found = vegetation_parts(np.array(ndvi), soil, vegetation)
    for value, part in zip(ndvi, found, strict=True):
        exact = min(max((value - soil) / (vegetation - soil), 0), 1) * PARTS
        assert abs(part - exact) <= 0.5 + 1e-9


def test_parts_at_the_endmembers_and_without_a_value():
    found = vegetation_parts(np.array([-0.5, 0.05, 0.45, 0.85, 0.99, np.nan]), 0.05, 0.85)
    assert found.tolist() == [0, 0, PARTS // 2, PARTS, PARTS, 0]
    assert found.dtype == np.uint16
