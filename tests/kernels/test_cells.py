"""Shapes cut along a grid: what is in each cell, held against shapely cell by cell."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from jxgis.kernels.cells import as_points, onto_cells

ORIGIN = np.array([480_000.0, 3_330_000.0])

numbers = st.integers(-30, 30)
corners = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=8)


def shapes(*own):
    return np.array(own, object)


def star(places):
    """A simple polygon with corners around their middle."""
    middle = np.mean(places, axis=0)
    spokes = sorted(places, key=lambda p: math.atan2(p[1] - middle[1], p[0] - middle[0]))
    return shapely.make_valid(shapely.Polygon(spokes)).buffer(0)


def shares(pieces, row):
    own = pieces.row == row
    return {
        tuple(cell): share
        for cell, share in zip(pieces.cell[own].tolist(), pieces.share[own].tolist(), strict=True)
    }


@given(corners, st.sampled_from([3.0, 7.0, 50.0]))
def test_a_polygon_is_spread_over_cells_by_area(places, side):
    polygon = star(places)
    if not polygon.area > 0:
        return
    expected = {}
    for i in range(-11, 12):
        for j in range(-11, 12):
            own = shapely.box(i * side, j * side, (i + 1) * side, (j + 1) * side)
            common = polygon.intersection(own)
            if common.area > 0:
                expected[i, j] = (common.area / polygon.area, *common.centroid.coords[0])
    pieces = onto_cells(shapes(polygon), side)
    found = {
        tuple(cell): (share, *xy)
        for cell, share, xy in zip(
            pieces.cell.tolist(), pieces.share.tolist(), pieces.points.tolist(), strict=True
        )
    }
    assert found.keys() >= {cell for cell, own in expected.items() if own[0] > 1e-12}
    for cell, own in found.items():
        if own[0] > 1e-9:
            assert own == pytest.approx(expected[cell], rel=1e-6, abs=1e-6)
    assert pieces.share.sum() == pytest.approx(1)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6), st.sampled_from([3.0, 8.0]))
def test_a_lines_shares_are_those_of_dense_samples(places, side):
    line = shapely.LineString(places)
    pieces = onto_cells(shapes(line), side)
    assert pieces.share.sum() == pytest.approx(1)
    assert (np.floor(pieces.points / side + 1e-9) >= pieces.cell).all()
    assert (pieces.points <= (pieces.cell + 1) * side + 1e-9).all()
    if line.length:
        at = (np.arange(4000) + 0.5) / 4000
        sampled = shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True))
        for cell, share in shares(pieces, 0).items():
            inside = (np.floor(sampled / side) == cell).all(axis=1)
            assert share == pytest.approx(inside.mean(), abs=0.01)


def test_a_line_is_cut_by_length():
    line = shapely.LineString([(5, 5), (25, 5)])
    assert shares(onto_cells(shapes(line), 10), 0) == pytest.approx(
        {(0, 0): 0.25, (1, 0): 0.5, (2, 0): 0.25}
    )


def test_a_line_along_a_border_is_in_the_cell_above_or_to_the_right():
    line = shapely.LineString([(2, 10), (8, 10), (8, 9)])
    assert shares(onto_cells(shapes(line), 10), 0) == pytest.approx({(0, 0): 1 / 7, (0, 1): 6 / 7})


def test_a_line_that_comes_back_is_one_piece_at_the_middle_of_its_length_there():
    line = shapely.LineString([(2, 2), (12, 2), (12, 6), (2, 6)])
    pieces = onto_cells(shapes(line), 10)
    assert shares(pieces, 0) == pytest.approx({(0, 0): 16 / 24, (1, 0): 8 / 24})
    assert pieces.points == pytest.approx(np.array([(6, 4), (11.5, 4)]))


def test_a_point_is_in_the_cell_above_and_to_the_right_of_a_border():
    pieces = onto_cells(shapes(*shapely.points([(0, 0), (9.9, 10), (-0.1, 0)])), 10)
    assert pieces.cell.tolist() == [[0, 0], [0, 1], [-1, 0]]
    assert pieces.share.tolist() == [1, 1, 1]
    assert pieces.points.tolist() == [[0, 0], [9.9, 10], [-0.1, 0]]


def test_cells_are_the_same_wherever_the_shapes_begin():
    few = onto_cells(shapes(shapely.box(*ORIGIN, *(ORIGIN + 700))), 500)
    assert few.cell.tolist() == [[960, 6660], [961, 6660], [960, 6661], [961, 6661]]
    assert few.share * 49 == pytest.approx([25, 10, 10, 4])


def test_rows_of_several_shapes_stay_apart():
    pieces = onto_cells(
        shapes(
            shapely.Point(1, 1), shapely.box(0, 0, 20, 10), shapely.LineString([(0, 5), (10, 5)])
        ),
        10,
    )
    assert pieces.row.tolist() == [0, 1, 1, 2]
    assert np.bincount(pieces.row, pieces.share).tolist() == [1, 1, 1]


def test_nothing_is_cut_into_nothing():
    for pieces in (onto_cells(shapes(), 10), as_points(shapes())):
        assert len(pieces.row) == len(pieces.share) == len(pieces.points) == len(pieces.cell) == 0


def test_a_line_is_taken_as_the_middles_of_pieces_of_a_kilometre_at_most():
    line = shapely.LineString([(0, 0), (2500, 0)])
    pieces = as_points(shapes(shapely.Point(7, 8), line))
    assert pieces.row.tolist() == [0, 1, 1, 1]
    assert pieces.share == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    expected = [(7, 8), (2500 / 6, 0), (1250, 0), (2500 * 5 / 6, 0)]
    assert pieces.points == pytest.approx(np.array(expected))


def test_parts_of_a_line_count_by_their_length():
    line = shapely.MultiLineString([[(0, 0), (300, 0)], [(0, 50), (1500, 50)]])
    pieces = as_points(shapes(line))
    assert pieces.share == pytest.approx([300 / 1800, 750 / 1800, 750 / 1800])


def test_a_polygon_is_taken_as_a_point_inside_it():
    square, ring = (
        shapely.box(0, 0, 4, 2),
        shapely.Point(0, 0).buffer(9) - shapely.Point(0, 0).buffer(8),
    )
    pieces = as_points(shapes(square, ring))
    assert pieces.points[0].tolist() == [2, 1]
    assert shapely.contains_xy(ring, *pieces.points[1])
    assert pieces.share.tolist() == [1, 1]
