"""The exact area of a union of discs within zones, held against closed forms and Shapely."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jxgis.kernels import arcs
from jxgis.kernels.discs import covered_area, covered_areas

ORIGIN = np.array([480_000.0, 3_330_000.0])
EVERYWHERE = shapely.box(-1e5, -1e5, 1e5, 1e5)
DISC = math.pi * 500.0**2


def by_buffers(points, radius, zones, quad_segs):
    """The area with circles drawn as chords: too small by about (pi / 2 quad_segs)^2 / 6."""
    union = shapely.union_all(shapely.buffer(shapely.points(points), radius, quad_segs=quad_segs))
    return shapely.area(shapely.intersection(union, zones))


def by_extrapolation(points, radius, zones):
    """The limit of ever finer buffers, whose error falls with the square of the chord."""
    coarse, fine = (by_buffers(points, radius, zones, q) for q in (64, 128))
    return (4 * fine - coarse) / 3


def lens(radius, distance):
    return 2 * radius**2 * math.acos(distance / 2 / radius) - distance / 2 * math.sqrt(
        4 * radius**2 - distance**2
    )


def segment(radius, distance):
    """The part of a disc beyond a chord at a distance from the centre."""
    return radius**2 * math.acos(distance / radius) - distance * math.sqrt(radius**2 - distance**2)


def star(centre, radii):
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * np.asarray(radii)[:, None]
    return shapely.Polygon(ring + centre)


coordinates = st.one_of(
    st.floats(0, 3000, allow_subnormal=False),
    st.integers(0, 30).map(lambda i: i * 100.0),  # cocircular, collinear, on vertices, tangent
)
stops = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=30).map(np.array)
radii = st.one_of(st.sampled_from([50.0, 100.0, 300.0, 500.0]), st.floats(20, 2000))
stars = st.builds(
    lambda x, y, own, hole: star((x, y), own).difference(shapely.box(x, y, x + hole, y + hole)),
    coordinates,
    coordinates,
    st.lists(st.floats(200, 1500), min_size=3, max_size=20),
    st.floats(1, 100),
)
lattice_zones = [
    shapely.box(0, 0, 700, 700),
    shapely.box(700, 0, 1400, 700),
    shapely.Polygon([(0, 0), (800, 0), (800, 800), (400, 400), (0, 800)]),
    shapely.box(-100, -100, 900, 900).difference(shapely.box(200, 200, 500, 500)),
    shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(300, 300, 1500, 700)]),
    EVERYWHERE,
]


@settings(max_examples=150, deadline=None)
@given(stops, radii, st.lists(stars, min_size=1, max_size=3), st.sampled_from([0.0, 1.0]))
def test_the_area_is_the_limit_of_ever_finer_buffers(points, radius, zones, far):
    shift = far * ORIGIN
    zones = [shapely.transform(z, lambda c: c + shift) for z in [*zones, *lattice_zones]]
    points = points + shift
    difference = covered_area(points, radius, zones) - by_extrapolation(points, radius, zones)
    assert np.abs(difference).max() < 1e-6 * len(points) * math.pi * radius**2


@settings(max_examples=25, deadline=None)
@given(stops, radii, stars)
def test_buffers_come_nearer_fourfold_with_each_doubling(points, radius, zone):
    exact = covered_area(points, radius, [zone])[0]
    discs = len(points) * math.pi * radius**2
    lacks = [exact - by_buffers(points, radius, zone, q) for q in (128, 256, 512)]
    assert abs(lacks[2]) < 1.6e-6 * discs
    for coarse, fine in pairwise(lacks):
        if coarse > 1e-6 * discs:  # what is left of smaller ones is the zone's own edges
            assert fine == pytest.approx(coarse / 4, rel=0.25, abs=1e-7 * discs)


@pytest.mark.parametrize("shift", [np.zeros(2), ORIGIN])
def test_one_disc(shift):
    quarters = [
        EVERYWHERE,
        shapely.box(-1000, 0, 1000, 1000),
        shapely.box(0, 0, 1000, 1000),
        shapely.box(-2000, -2000, -500, 2000),  # touches the circle
        shapely.box(300, -2000, 2000, 2000),
        shapely.box(-100, -100, 100, 100),  # all inside the disc
        shapely.box(600, 600, 700, 700),
    ]
    zones = [shapely.transform(z, lambda c: c + shift) for z in quarters]
    expected = [DISC, DISC / 2, DISC / 4, 0, segment(500, 300), 200**2, 0]
    assert covered_area([shift], 500, zones) == pytest.approx(expected, rel=1e-11, abs=1e-4)


def test_a_disc_cut_by_the_corner_of_a_rectangle():
    radius, x, y = 500.0, 120.0, 260.0  # corner within the disc, quadrant beyond it
    corner = [shapely.box(x, y, 5000, 5000)]
    xs = math.sqrt(radius**2 - y**2)
    expected = (
        (radius**2 / 2) * (math.asin(xs / radius) - math.asin(x / radius))
        + (xs * y - x * math.sqrt(radius**2 - x**2)) / 2
        - y * (xs - x)
    )
    assert covered_area([[0, 0]], radius, corner) == pytest.approx([expected], rel=1e-12)


@pytest.mark.parametrize("distance", [1e-3, 1.0, 300.0, 999.999999, 1000.0, 1000.001, 5000.0])
def test_two_discs_cover_both_less_the_lens(distance):
    expected = 2 * DISC - (lens(500, distance) if distance < 1000 else 0)
    points = ORIGIN + np.array([[0, 0], [distance * 0.6, distance * 0.8]])
    zone = shapely.transform(EVERYWHERE, lambda c: c + ORIGIN)
    assert covered_area(points, 500, [zone]) == pytest.approx([expected], rel=1e-10)


@pytest.mark.parametrize("angle", [0.0, math.pi / 2, 0.3, math.pi / 4])
@pytest.mark.parametrize("step", [100.0, 1000.0, 0.01, 999.9999])
def test_stops_in_a_line(angle, step):
    n = 30
    along = np.array([math.cos(angle), math.sin(angle)])
    points = ORIGIN + np.arange(n)[::-1, None] * step * along
    expected = n * DISC - (n - 1) * (lens(500, step) if step < 1000 else 0)
    zone = shapely.transform(EVERYWHERE, lambda c: c + ORIGIN)
    assert covered_area(points, 500, [zone]) == pytest.approx([expected], rel=1e-9)


@pytest.mark.parametrize("spread", [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2])
def test_nearly_coincident_stops_count_once(spread):
    rng = np.random.default_rng(3)
    poles = rng.uniform(0, 60_000, (300, 2))
    points = np.repeat(poles, 4, axis=0) + rng.normal(0, spread, (1200, 2)) if spread else poles
    zones = [shapely.box(20_000, 20_000, 21_000, 22_000), shapely.box(-1000, -1000, 61e3, 61e3)]
    once, found = covered_area(poles, 500, zones), covered_area(points, 500, zones)
    # Each outline moves by a few times the spread.
    assert np.abs(found - once).max() <= 300 * 2000 * 5 * spread + 1e-3


@pytest.mark.parametrize("extent", [1e4, 1e5, 1e6])
@pytest.mark.parametrize("apart", [2e-4, 1e-3, 1e-2])
def test_neighbours_that_the_triangulation_misses_are_found(extent, apart):
    rng = np.random.default_rng(5)
    poles = rng.normal(0, 3000, (1500, 2))
    turn = rng.uniform(0, 2 * np.pi, 1500)
    twins = poles + apart * np.column_stack([np.cos(turn), np.sin(turn)])
    far = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * extent / 2
    everywhere = [shapely.box(-extent, -extent, extent, extent)]
    # The oracle looks at all pairs of discs that meet.
    points = arcs.distinct(np.concatenate([poles, twins, far]))
    tree = arcs.cKDTree(points)
    pairs = tree.query_pairs(1000.0, output_type="ndarray").astype(np.intp)
    every = np.concatenate([pairs, pairs[:, ::-1]]).T
    exact = arcs.exposed_arcs(points, np.arange(len(points)), (every[0], every[1]), 500.0)
    found = arcs.outline(points, arcs.neighbours(points), 500.0, tree)
    assert len(found.disc) == len(exact.disc)
    assert (found.disc == exact.disc).all()
    assert found.start == pytest.approx(exact.start, abs=1e-9)
    assert found.end == pytest.approx(exact.end, abs=1e-9)
    assert covered_area(points, 500.0, everywhere)[0] < len(points) * DISC


def test_a_regular_grid_of_stops():
    step, n = 600.0, 12
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1).reshape(-1, 2) * step
    inner = shapely.box(step, step, (n - 2) * step, (n - 2) * step)
    # A cell's four corner discs overlap in pairs along its sides and leave a hole or none.
    least = DISC - 2 * lens(500, step)
    triple = by_extrapolation(grid, 500, [shapely.box(0, 0, step, step)])[0]
    found = covered_area(grid, 500, [inner, shapely.box(0, 0, step, step)])
    assert found[1] == pytest.approx(triple, rel=1e-7)
    assert found[0] == pytest.approx((n - 3) ** 2 * found[1], rel=1e-10)
    assert found[1] >= least


@pytest.mark.parametrize("radius", [100.0, 300.0, 500.0])
def test_discs_that_touch_in_a_grid(radius):
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(6)), axis=-1).reshape(-1, 2) * 2 * radius
    zones = [EVERYWHERE, shapely.box(0, 0, 10 * radius, 10 * radius)]
    expected = np.array([36, 16 + 16 / 2 + 4 / 4]) * math.pi * radius**2
    assert covered_area(grid, radius, zones) == pytest.approx(expected, rel=1e-10)


def test_a_disc_that_touches_edges_from_inside_and_outside():
    zone = shapely.box(0, 0, 1000, 1000)
    hole = shapely.box(-2000, -2000, 3000, 3000).difference(zone)
    assert covered_area([[500, 500]], 500, [zone, hole]) == pytest.approx([DISC, 0], abs=1e-4)
    assert covered_area([[500, 1500]], 500, [zone, hole]) == pytest.approx([0, DISC], abs=1e-4)


def test_a_stop_on_a_border_and_on_a_vertex():
    zone = [shapely.box(0, 0, 5000, 5000)]
    assert covered_area([[0, 2000]], 500, zone) == pytest.approx([DISC / 2], rel=1e-12)
    assert covered_area([[5000, 5000]], 500, zone) == pytest.approx([DISC / 4], rel=1e-12)


def test_a_vertex_on_the_circle_of_a_stop():
    square = shapely.Polygon([(500, 0), (0, 500), (-500, 0), (0, -500)])
    outside = shapely.box(-600, -600, 600, 600).difference(square)
    found = covered_area([[0, 0]], 500, [square, outside])
    assert found == pytest.approx([2 * 500**2, DISC - 2 * 500**2], rel=1e-12)


def test_holes_and_parts_of_zones():
    ring = shapely.Point(0, 0).buffer(2000).difference(shapely.box(-50, -60, 50, 60))
    parts = shapely.MultiPolygon([shapely.box(-10, -10, 10, 10), shapely.box(100, 0, 140, 10)])
    found = covered_area([[0, 0]], 500, [ring, parts])
    assert found == pytest.approx([DISC - 100 * 120, 400 + 400], rel=1e-12)


def test_a_radius_larger_than_the_city():
    rng = np.random.default_rng(1)
    zones = [star((5000, 5000), rng.uniform(1000, 5000, 50)), shapely.box(2e5, 2e5, 3e5, 3e5)]
    points = rng.uniform(0, 10_000, (2000, 2))
    found = covered_area(points, 50_000.0, zones)
    assert found == pytest.approx([zones[0].area, 0], rel=1e-12)
    beyond = shapely.box(40_000, 0, 70_000, 1000)
    y = (np.arange(20_000) + 0.5) / 20.0  # the outline as a function of y, summed up
    reach = [(points[:, 0] + np.sqrt(50_000.0**2 - (points[:, 1] - at) ** 2)).max() for at in y]
    expected = (np.minimum(reach, 70_000) - 40_000).mean() * 1000
    assert covered_area(points, 50_000.0, [beyond]) == pytest.approx([expected], rel=1e-9)


def test_many_stops_at_one_distance_from_an_edge():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    points = 500 * np.column_stack([np.cos(angle), np.sin(angle)])
    zones = [shapely.box(-1, -1, 1, 1), shapely.box(-1e4, -0.5, 1e4, 0.5)]
    assert covered_area(points, 500, zones) == pytest.approx([4.0, 2000], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(stops, radii, stars, stops)
def test_more_stops_never_cover_less(points, radius, zone, more):
    fewer, all_of_them = (
        covered_area(p, radius, [zone])[0] for p in (points, np.concatenate([points, more]))
    )
    assert all_of_them >= fewer - 1e-9 * zone.area - 1e-6 * radius * len(points)


@settings(max_examples=60, deadline=None)
@given(stops, radii, st.lists(stars, min_size=1, max_size=3))
def test_moving_everything_changes_nothing(points, radius, zones):
    moved = [shapely.transform(z, lambda c: c + ORIGIN) for z in zones]
    here, there = (
        covered_area(points, radius, zones),
        covered_area(points + ORIGIN, radius, moved),
    )
    assert there == pytest.approx(here, rel=1e-7, abs=1e-7 * len(points) * math.pi * radius**2)


@settings(max_examples=60, deadline=None)
@given(stops, radii, hnp.arrays(np.float64, 4, elements=st.floats(-500, 3500)))
def test_adjacent_zones_add_up(points, radius, cuts):
    edges = np.unique(np.concatenate([[-3000.0, 6000.0], np.round(cuts, -2)]))
    strips = [shapely.box(a, -3000, b, 6000) for a, b in pairwise(edges)]
    slanted = shapely.Polygon([(-3000, -3000), (6000, -3000), (6000, 1000), (-3000, 2000)])
    zones = [part for s in strips for part in (s.intersection(slanted), s.difference(slanted))]
    whole = covered_area(points, radius, [shapely.box(-3000, -3000, 6000, 6000)])[0]
    parts = covered_area(points, radius, zones)
    assert parts.sum() == pytest.approx(whole, rel=1e-7)
    assert (parts <= shapely.area(zones) * (1 + 1e-9) + 1e-3).all()


def test_overlapping_zones_have_their_own_areas():
    zones = [shapely.box(-1000, -1000, 1000, 1000), shapely.box(0, -1000, 1000, 1000)]
    assert covered_area([[0, 0]], 500, zones * 2) == pytest.approx([DISC, DISC / 2] * 2)


def test_several_radii_at_once():
    rng = np.random.default_rng(2)
    points, zones = rng.uniform(0, 9000, (200, 2)), [shapely.box(0, 0, 5000, 9000)]
    both = covered_areas(points, [300, 500], zones)
    assert both.shape == (2, 1)
    assert both[0] == pytest.approx(covered_area(points, 300, zones))
    assert both[1] == pytest.approx(covered_area(points, 500, zones))


def test_nothing_to_cover_or_to_cover_with():
    square = shapely.box(0, 0, 1, 1)
    assert covered_area([[0, 0]], 500, []).shape == (0,)
    assert covered_area(np.empty((0, 2)), 500, [square]) == [0]
    assert covered_area([], 500, [square]) == [0]
    assert covered_area([[9e6, 9e6]], 500, [square]) == [0]
    assert covered_area([[0, 0]], 500, [None, shapely.Polygon(), square]) == pytest.approx(
        [0, 0, 1]
    )


@pytest.mark.parametrize(
    ("points", "radius", "zones", "what"),
    [
        ([[0, np.nan]], 500, [EVERYWHERE], "finite"),
        ([[0, np.inf]], 500, [EVERYWHERE], "finite"),
        ([[0, 0, 0]], 500, [EVERYWHERE], "array"),
        ([[0, 0]], 0, [EVERYWHERE], "positive"),
        ([[0, 0]], -1, [EVERYWHERE], "positive"),
        ([[0, 0]], math.nan, [EVERYWHERE], "positive"),
        ([[0, 0]], 500, [shapely.LineString([(0, 0), (1, 1)])], "polygons"),
    ],
)
def test_what_cannot_be_measured_is_an_error(points, radius, zones, what):
    with pytest.raises(ValueError, match=what):
        covered_area(points, radius, zones)
