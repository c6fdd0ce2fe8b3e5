"""Drawn coverage, against unions of buffers."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jxgis.kernels.discs import covered_area
from jxgis.kernels.drawn import JOINED, _joined, parted

SEGMENTS = 16


def off(radius):
    return radius * (1 - math.cos(math.pi / (4 * SEGMENTS))) + JOINED


def united(points, radius):
    return shapely.union_all(shapely.buffer(shapely.points(points), radius, quad_segs=256))


def check(polygons, points, radius):
    """Hold drawn areas against fine buffers: they differ along the outline only, and little."""
    polygons, points = np.array(polygons, dtype=object), np.asarray(points, dtype=float)
    (covered, rest), = parted(polygons, points, [radius], SEGMENTS)  # fmt: skip
    assert shapely.is_valid(covered).all()
    assert shapely.is_valid(rest).all()
    total = shapely.area(polygons).sum()
    assert shapely.area(covered).sum() + shapely.area(rest).sum() == pytest.approx(total)
    union, city = united(points, radius), shapely.union_all(polygons)
    band = union.boundary.buffer(1.01 * off(radius) + 1e-4 * radius)
    for drawn, true in ((covered, city & union), (rest, city - union)):
        assert (shapely.union_all(drawn) ^ true).difference(band).area < 1e-6 * total
    return covered, rest


def check_area(polygons, points, radius):
    """Hold the area drawn on the wrong side against that between chords and circles."""
    polygons = np.array(polygons, dtype=object)
    (covered, rest), = parted(polygons, points, [radius], SEGMENTS)  # fmt: skip
    exact = covered_area(points, radius, polygons).sum()
    sagitta = radius * (1 - math.cos(math.pi / (4 * SEGMENTS)))
    length = united(points, radius).boundary.length
    slivers, ends = 2 / 3 * 1.01 * sagitta * length, JOINED * length  # a parabola's segments
    assert -ends <= exact - shapely.area(covered).sum() <= slivers + ends
    over = shapely.area(covered).sum() - covered_area(points, radius, covered).sum()
    assert over + covered_area(points, radius, rest).sum() <= slivers + ends
    return covered, rest


def grid(n, step):
    return np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1).reshape(-1, 2) * step


BLOCK = shapely.box(0, 0, 4000, 4000)
RINGED = BLOCK.difference(shapely.box(1200, 1500, 2600, 2600))
NEIGHBOURS = [RINGED, shapely.box(4000, 0, 6000, 3000), shapely.Point(5500, 4500).buffer(900)]

places = st.tuples(st.integers(-400, 6400), st.integers(-400, 5400))


@settings(max_examples=60, deadline=None)
@given(st.lists(places, min_size=1, max_size=60), st.sampled_from([120.0, 300.0, 500.0, 1700.0]))
@example([(x, y) for x in range(0, 6001, 600) for y in range(0, 5001, 600)], 300.0)
@example([(x, y) for x in range(0, 6001, 600) for y in range(0, 5001, 600)], 150 * 8**0.5)
@example([(x, y) for x in range(0, 6001, 480) for y in range(0, 5001, 640)], 400.0)
@example([(500, 500)] * 3 + [(900, 500), (1300, 500), (1700, 500)], 300.0)
def test_it_differs_from_a_union_of_buffers_by_the_stated_tolerance(points, radius):
    check(NEIGHBOURS, points, radius)


@pytest.mark.parametrize("radius", [100.0, 300.0, 500.0])
@pytest.mark.parametrize("step", [1.0, 2**0.5, 1.5, 3**0.5, 2.0])
@pytest.mark.parametrize("shift", [0, 1e-10, 1e-9, 1e-7, 1e-6, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 1])
def test_on_a_grid_no_more_is_drawn_wrongly_than_lies_beyond_the_chords(radius, step, shift):
    rng = np.random.default_rng(2)
    for n in (3, 5):
        stops = grid(n, step * radius)
        stops = stops + rng.uniform(-1, 1, stops.shape) * shift
        end = n * step * radius
        check_area([shapely.box(-radius, -radius, end, end)], stops, radius)
        strips = [shapely.box(a, -radius, a + end / 7, end) for a in np.arange(7) * end / 7]
        check_area(strips, stops, radius)


def test_the_corners_beyond_a_grid_of_stops_are_not_covered():
    covered, rest = check_area([shapely.box(-300, -300, 900, 900)], grid(3, 300.0), 300.0)
    assert shapely.area(covered).sum() == pytest.approx(1_331_500, rel=1e-3)
    assert shapely.area(rest).sum() == pytest.approx(1_440_000 - 1_331_500, rel=1e-2)


@settings(max_examples=60, deadline=None)
@given(st.lists(places, min_size=1, max_size=40), st.sampled_from([120.0, 300.0, 500.0]))
def test_anywhere_no_more_is_drawn_wrongly_than_lies_beyond_the_chords(points, radius):
    check_area(NEIGHBOURS, np.array(points, dtype=float), radius)


@pytest.mark.parametrize("apart", [1e-5, 1.1e-4, 1e-3, 1e-2, 0.3])
def test_centres_that_nearly_coincide_are_no_trouble(apart):
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 4000, (40, 2))
    points = np.concatenate([points + rng.normal(0, apart, points.shape) for _ in range(3)])
    check([RINGED], points, 400.0)


def test_polygons_within_and_beyond_all_discs_stay_as_they_are():
    near, far = shapely.box(900, 900, 1100, 1100), shapely.box(5000, 0, 5100, 100)
    covered, rest = check([near, far], [(1000, 1000)], 500.0)
    assert covered.tolist() == [near]
    assert rest.tolist() == [far]


def test_a_disc_inside_a_polygon_is_a_piece_and_a_hole():
    covered, rest = check([BLOCK], [(2000, 2000)], 500.0)
    assert len(covered) == len(rest) == 1
    sides = 4 * SEGMENTS
    polygon_of_chords = sides / 2 * 500**2 * math.sin(2 * math.pi / sides)
    assert covered[0].area == pytest.approx(polygon_of_chords, rel=1e-9)
    assert len(rest[0].interiors) == 1


def test_far_from_the_origin_nothing_changes():
    rng = np.random.default_rng(5)
    points, shift = rng.uniform(0, 4000, (80, 2)), np.array([40_567_000.0, 3_330_000.0])
    moved = shapely.transform(RINGED, lambda xy: xy + shift)
    near = next(parted(np.array([RINGED]), points, [300.0], SEGMENTS))
    far = next(parted(np.array([moved]), points + shift, [300.0], SEGMENTS))
    for a, b in zip(near, far, strict=True):
        assert shapely.area(a).sum() == pytest.approx(shapely.area(b).sum(), rel=1e-9)
        assert len(a) == len(b)


def test_ends_that_rounding_sets_apart_are_joined_all_the_same():
    starts, ends = [(0, 0), (100, 0), (200, 0)], [(100.004, 0), (200.0001, 0), (0, 0.0002)]
    joined = _joined(np.array(starts + ends, dtype=float))
    assert joined[[3, 4, 5]].tolist() == joined[[1, 2, 0]].tolist()
    assert np.abs(joined - np.array(starts + ends)).max() <= 0.004 + 1e-9
