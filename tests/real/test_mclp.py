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
