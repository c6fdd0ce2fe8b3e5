"""Maximal cover and set cover, against spopt's programmes of the same problems."""

import numpy as np
import pulp
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist
from spopt.locate import LSCP, MCLP

from jxgis.kernels.facilities import fewest, most

# spopt makes its programmes in a way that PuLP will give up.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
LIMIT = 60
RADIUS = 0.22


def solver():
    return pulp.HiGHS(msg=False, gapRel=0)


def town(seed, demand=80, candidates=30):
    rng = np.random.default_rng(seed)
    distances = cdist(rng.random((demand, 2)), rng.random((candidates, 2)))
    return distances, rng.integers(1, 50, demand).astype(float)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 3, 7])
def test_the_maximal_cover_is_spopts(seed, count):
    distances, weight = town(seed)
    model = MCLP.from_cost_matrix(distances, weight, RADIUS, p_facilities=count).solve(solver())
    found = most(sparse.csr_array(distances <= RADIUS), weight, count, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.covered == pytest.approx(model.problem.objective.value())
    assert found.bound == pytest.approx(found.covered, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_there_is_spopts_too(seed):
    distances, weight = town(seed)
    there = np.zeros(distances.shape[1], int)
    there[[0, 7]] = 1
    model = MCLP.from_cost_matrix(
        distances, weight, RADIUS, p_facilities=5, predefined_facilities_arr=there
    ).solve(solver())
    covers = sparse.csr_array(distances <= RADIUS)
    found = most(covers, weight, 3, fixed=there == 1, time_limit_s=LIMIT)
    assert found.covered == pytest.approx(model.problem.objective.value())


@pytest.mark.parametrize("seed", range(6))
def test_the_set_cover_is_spopts(seed):
    distances, _weight = town(seed)
    distances = distances[(distances <= RADIUS).any(axis=1)]
    model = LSCP.from_cost_matrix(distances, RADIUS).solve(solver())
    weight = np.ones(len(distances))
    covers = sparse.csr_array(distances <= RADIUS)
    found = fewest(covers, weight, weight.sum(), time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.objective == found.bound == model.problem.objective.value()
    assert found.covered == len(distances)
