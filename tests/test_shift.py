"""The estimate of a layer's shift: alarms on shifted stops, and none on stops at home."""

import numpy as np
import pyproj
import pytest
import shapely

from jxgis.datum import apply
from jxgis.shift import suspect_shift

CRS = pyproj.CRS.from_epsg(4549)
TO_CRS = pyproj.Transformer.from_crs(4326, CRS, always_xy=True)
CENTRE = np.array(TO_CRS.transform(120.75, 30.75))


def at(start, end):
    return shapely.LineString(CENTRE + np.array([start, end]))


@pytest.fixture(scope="module")
def streets():
    """Irregular streets of a town of 8 x 8 km, as no grid repeats itself."""
    rng = np.random.default_rng(7)
    across = np.sort(rng.uniform(-4000, 4000, 60))
    along = np.sort(rng.uniform(-4000, 4000, 60))
    lines = []
    for x in across:
        y0, y1 = np.sort(rng.uniform(-4000, 4000, 2))
        lines.append(at([x, y0], [x + rng.normal(0, 40), y1]))
    for y in along:
        x0, x1 = np.sort(rng.uniform(-4000, 4000, 2))
        lines.append(at([x0, y], [x1, y + rng.normal(0, 40)]))
    return np.array(lines, dtype=object)


@pytest.fixture(scope="module")
def stops(streets):
    """400 stops along the streets, 3 to 12 m from the middle."""
    rng = np.random.default_rng(8)
    lines = rng.choice(streets, 400)
    on_line = shapely.line_interpolate_point(lines, rng.uniform(0, 1, 400), normalized=True)
    beside = rng.uniform(3, 12, (400, 1)) * rng.choice([-1, 1], (400, 2))
    return shapely.get_coordinates(on_line) + beside


def mapped(xy, *datums):
    lon, lat = TO_CRS.transform(*xy.T, direction="INVERSE")
    for datum in datums:
        lon, lat = apply(lon, lat, datum)
    return np.column_stack(TO_CRS.transform(lon, lat))


def test_stops_at_home_raise_no_alarm(stops, streets):
    assert suspect_shift(shapely.points(stops), streets, CRS) is None
    assert suspect_shift(shapely.points(stops[:30]), streets, CRS) is None


@pytest.mark.parametrize(("datum", "metres"), [("gcj02", 486), ("bd09", 1113)])
@pytest.mark.parametrize("n", [40, 400])
def test_the_datum_of_a_web_map_is_named(stops, streets, datum, metres, n):
    moved = mapped(stops[:n], datum)
    shift = suspect_shift(shapely.points(moved), streets, CRS)
    assert shift is not None
    assert shift.datum == datum
    assert not shift.twice
    assert shift.distance_m == pytest.approx(metres, abs=5)
    assert (shift.dx_m, shift.dy_m) == pytest.approx(np.median(moved - stops[:n], axis=0), abs=1)
    assert shift.after_m < 0.5 * shift.before_m


def test_gcj02_twice(stops, streets):
    shift = suspect_shift(shapely.points(mapped(stops, "gcj02", "gcj02")), streets, CRS)
    assert shift is not None
    assert shift.twice
    assert shift.datum is None


@pytest.mark.parametrize("offset", [(300, -380), (-1100, 250), (90, 120)])
def test_a_shift_of_no_known_datum_is_measured(stops, streets, offset):
    shift = suspect_shift(shapely.points(stops + offset), streets, CRS)
    assert shift is not None
    assert shift.datum is None
    assert (shift.dx_m, shift.dy_m) == pytest.approx(offset, abs=10)


@pytest.mark.parametrize(("n", "seed"), [*((30, s) for s in range(5)), (120, 1), (1000, 2)])
def test_points_that_do_not_lie_along_streets_raise_no_alarm(streets, n, seed):
    rng = np.random.default_rng(seed)
    anywhere = shapely.points(CENTRE + rng.uniform(-4000, 4000, (n, 2)))
    assert suspect_shift(anywhere, streets, CRS) is None


def test_outlines_serve_as_a_reference(streets):
    blocks = shapely.get_parts(
        shapely.polygonize(shapely.get_parts(shapely.node(shapely.union_all(streets))))
    )
    corners = shapely.get_coordinates(blocks)
    assert suspect_shift(shapely.points(corners), blocks, CRS) is None
    shift = suspect_shift(shapely.points(mapped(corners, "gcj02")), blocks, CRS)
    assert shift is not None
    assert shift.datum == "gcj02"


def test_too_little_to_tell(stops, streets):
    moved = shapely.points(mapped(stops, "gcj02"))
    assert suspect_shift(moved[:29], streets, CRS) is None
    assert suspect_shift(moved, streets[:0], CRS) is None
    assert suspect_shift(moved[:0], streets, CRS) is None
    far = shapely.transform(streets, lambda xy: xy + 1e6)
    assert suspect_shift(moved, far, CRS) is None


def test_the_same_input_gives_the_same_estimate(stops, streets):
    moved = shapely.points(np.tile(stops + np.array([300, -380]), (8, 1)))
    assert suspect_shift(moved, streets, CRS) == suspect_shift(moved, streets, CRS)
