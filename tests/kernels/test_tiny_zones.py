"""Zones of 1 to 100 m² cut by the outline, all over a city, each to a share of its own area."""

import numpy as np
import pytest
import shapely

from jxgis.kernels.discs import covered_area

CITY = np.array([480_000.0, 3_330_000.0])
REACH = 3.0
"""No zone's point is farther than this from its place, in roots of the zone's area."""

PYTHAGOREAN = np.array(
    [[300, 400], [-480, 140], [-176, -468], [352, -360], [500, 0], [0, -500], [-500, 0]],
    dtype=float,
)
"""Centres of circles of 500 m that pass through the place exactly."""


def places(n):
    """Whole metres, so far apart that no disc reaches two of them."""
    side = int(np.ceil(n**0.5))
    return CITY + 2500 * np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)


def disc_near_the_place(centre, radius, reach):
    """What a disc covers within reach of (0, 0), its circle in chords of 3 mm at most."""
    half, towards = 1.5 * reach / radius, np.arctan2(*-centre[::-1])
    angle = towards + np.linspace(-half, half, 30_000)
    spokes = np.column_stack([np.cos(angle), np.sin(angle)])
    outer, inner = centre + radius * spokes, centre + (radius - 3 * reach) * spokes[::-1]
    return shapely.Polygon(np.concatenate([outer, inner]))


def hold(zones, stops, radius):
    """Compare zones and stops, given around (0, 0) and moved to places, with local drawings."""
    at, reach = places(len(zones)), REACH * shapely.area(zones).max() ** 0.5
    moved = [shapely.transform(z, lambda c, p=p: c + p) for z, p in zip(zones, at, strict=False)]
    points = [s + p for s, p in zip(stops, at, strict=False)]
    expected = []
    for zone, own, place in zip(moved, points, at, strict=False):
        near = shapely.union_all([disc_near_the_place(c, radius, reach) for c in own - place])
        # Taking whole metres away is exact, so both sides see the same rounded coordinates.
        expected.append((shapely.transform(zone, lambda c, p=place: c - p) & near).area)
    found = covered_area(np.concatenate(points), radius, moved)
    area = shapely.area(zones)
    cut = (np.array(expected) > 0.01 * area) & (np.array(expected) < 0.99 * area)
    assert cut.mean() > 0.5
    assert np.hypot(*shapely.get_coordinates(zones).T).max() < reach
    assert (np.abs(found - expected) / area).max() < 2e-9


def ring(rng, area):
    """A star-shaped polygon around (0, 0) of that area, m²."""
    n = rng.integers(4, 9)
    angle = (np.arange(n) + rng.uniform(0, 0.3, n)) * 2 * np.pi / n
    spokes = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(0.6, 1, (n, 1))
    return spokes * (area / shapely.Polygon(spokes).area) ** 0.5


@pytest.mark.parametrize("area", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("radius", [300.0, 500.0])
def test_a_tiny_zone_cut_by_one_to_three_circles(area, radius):
    rng, zones, stops = np.random.default_rng(7), [], []
    for _ in range(100):
        zones.append(shapely.Polygon(ring(rng, area)))
        n = rng.integers(1, 4)
        turn, off = rng.uniform(0, 2 * np.pi, n), rng.uniform(-0.2, 0.2, n) * area**0.5
        stops.append((radius + off)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]))
    hold(zones, stops, radius)


@pytest.mark.parametrize("area", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("off", [0.0, 1e-9, 1e-7, 1e-5])
def test_a_circle_through_a_vertex_of_a_tiny_zone(area, off):
    rng, zones, stops = np.random.default_rng(8), [], []
    while len(zones) < 100:
        points = ring(rng, area)
        points = np.round(points - points[0], 3)  # the first vertex is the place
        zone, centre = shapely.Polygon(points), PYTHAGOREAN[rng.integers(len(PYTHAGOREAN))]
        beside = np.hypot(*(points[[1, -1]] - centre).T) - 500
        if beside.prod() < 0 and zone.is_valid:
            zones.append(zone)  # its boundary crosses the circle at that vertex
            stops.append(centre[None] * (1 + off / 500))
    hold(zones, stops, 500.0)
