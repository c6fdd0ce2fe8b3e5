"""The maximal cover of São José dos Campos, whose optima are published.

324 blocks with their inhabitants (Lorena and Pereira 2002, "A Lagrangean/surrogate heuristic for
the maximal covering location problem using Hillsman's edition").
"""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial import distance

from jxgis.kernels.facilities import fewest, most

DATA = os.environ.get("JXGIS_REAL_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="JXGIS_REAL_DATA names no folder")

FILE = Path(DATA or ".") / "benchmarks" / "mclp" / "SJC324.txt"
RADIUS = 800
OPTIMA = [5461, 8790, 11604, 12106, 12152]


@pytest.fixture(scope="module")
def blocks():
    rows = [line.split()[:3] for line in FILE.read_text(encoding="utf-8").splitlines()[1:]]
    x, y, people = np.array([row for row in rows if row], float).T
    points = np.column_stack([x, y])
    return sparse.csr_array(distance.cdist(points, points) <= RADIUS), people


@pytest.mark.parametrize(("count", "people"), list(enumerate(OPTIMA, 1)))
def test_the_published_optima(blocks, count, people):
    found = most(*blocks, count, time_limit_s=60)
    assert found.status == "optimal"
    assert found.covered == people
    assert people <= found.bound < people + 1


@pytest.mark.parametrize(("count", "people"), list(enumerate(OPTIMA, 1)))
def test_the_fewest_agree(blocks, count, people):
    found = fewest(*blocks, people, time_limit_s=60)
    assert (found.objective, found.bound, found.status) == (count, count, "optimal")
    if count < len(OPTIMA):
        assert fewest(*blocks, people + 1, time_limit_s=60).bound == count + 1


def test_without_time_the_bound_holds_and_the_choice_is_good(blocks):
    for count, people in enumerate(OPTIMA, 1):
        hasty = most(*blocks, count, time_limit_s=0)
        assert hasty.covered <= people <= hasty.bound
        assert hasty.covered >= 0.9 * people


def test_a_part_that_must_be_covered_costs_the_rest(blocks):
    covers, people = blocks
    best = most(covers, people, 3, time_limit_s=60)
    missed = np.asarray(covers[:, best.chosen].sum(axis=1)) == 0
    far = np.flatnonzero(missed & (people > 0))[:1]
    floored = most(covers, people, 3, floors=[(far, people[far[0]])], time_limit_s=60)
    assert floored.status == "optimal"
    assert covers[far][:, floored.chosen].sum() >= 1
    # One of the candidates of that block is there, and two more are the best.
    near = covers[far].indices
    options = [most(covers, people, 2, fixed=[j], time_limit_s=60).covered for j in near]
    assert floored.covered == max(options) < best.covered


def test_a_choice_that_is_there_leaves_the_rest_of_the_optimum(blocks):
    covers, people = blocks
    best = most(covers, people, 3, time_limit_s=60)
    for own in best.chosen:
        found = most(covers, people, 2, fixed=[own], time_limit_s=60)
        assert found.covered == OPTIMA[2]
        other = most(covers, people, 3, forbidden=[own], time_limit_s=60)
        assert other.covered <= OPTIMA[2]


def test_capacities_for_all_serve_as_much_as_without(blocks):
    covers, people = blocks
    for count, most_people in enumerate(OPTIMA[:3], 1):
        limit = np.full(covers.shape[1], people.sum())
        assert most(covers, people, count, capacity=limit, time_limit_s=60).covered == most_people


def test_capacities_cap_what_is_served(blocks):
    covers, people = blocks
    limit = np.full(covers.shape[1], 2000.0)
    found = most(covers, people, 3, capacity=limit, time_limit_s=60)
    assert found.status == "optimal"
    assert found.covered == pytest.approx(6000)
    assert fewest(covers, people, 6000, capacity=limit, time_limit_s=60).objective == 3
