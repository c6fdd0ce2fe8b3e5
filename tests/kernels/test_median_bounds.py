"""What medians leave out and exchange, and a solver that Ctrl-C meets at the worst moment."""

import itertools
import math
import threading
from time import monotonic

import numpy as np
import pytest
from scipy import sparse

from jxgis.kernels import highs, interchange
from jxgis.kernels.covers import whole
from jxgis.kernels.highs import Programme
from jxgis.kernels.interchange import greedy, swapped
from jxgis.kernels.lagrange import Relaxation
from jxgis.kernels.median_bounds import Search
from jxgis.kernels.serving import Costs


def costs_of(distances):
    """Return the costs of serving each demand, with a penalty for what is not served."""
    m, n = distances.shape
    row, column = (index.ravel() for index in np.indices((m, n)))
    order = np.lexsort((column, distances.ravel(), row))
    base = np.full(m, 2 * distances.max(axis=1).sum())
    return Costs(row[order], column[order], distances.ravel()[order], base, n)


def nothing_cheaper_is_left_out(distances, count):
    """Return how many pairs are left out in all, from bad choices and at several prices."""
    costs, ceiling = costs_of(distances), float(distances.max(axis=1).sum())
    sizes = range(1, count + 1)
    choices = [np.array(c) for k in sizes for c in itertools.combinations(range(7), k)]
    worth = np.array([costs.value(c) for c in choices])
    near, left_out = costs.nearest(choices[int(worth.argmin())])[1], 0
    for place in np.argsort(worth)[:: -max(len(worth) // 5, 1)].tolist():
        search = Search(costs, count, math.inf, ceiling)
        search.offer(choices[place])
        for price in (near, (near + costs.nearest(choices[place])[1]) / 2, near * 0.8):
            live = search.shrunk(costs, price, count)
            left_out += len(costs.row) - len(live.row)
            for choice, value in zip(choices, worth, strict=True):
                if value < search.value - search.lacking:
                    assert live.value(choice) == value
    return left_out


@pytest.mark.parametrize("whole_ones", [False, True])
def test_nothing_cheaper_is_left_out(whole_ones):
    left_out = 0
    for seed in range(30):
        random = np.random.default_rng(seed)
        distances = random.integers(1, 30, (8, 7)) + (0 if whole_ones else random.random((8, 7)))
        left_out += nothing_cheaper_is_left_out(distances.astype(float), 1 + seed % 4)
    assert left_out > 500


def test_exchanges_that_save_by_rounding_alone_end():
    small, large = 1.36586172e-07, 4.09502936e07
    distances = np.array(
        [
            [small, large, 1.96824698, 2.43863303e09, 4.13645092e09, small],
            [768.59113, 3.32888914e-03, 2.6952057e09, 1.09562286e-12, 3.31486242e-02, 768.59113],
            [2.88001878e-09, 1.85046124e07, 2.59224862e-05, 5.5731875e-06, 0.0442968981, 2.88e-09],
            [9.88232387, 3.00223824e08, 2.21551983e-02, 1.25223436e-12, 5.99578743e-12, 9.88232387],
            [small, large, 1.96824698, 2.43863303e09, 4.13645092e09, small],
        ]
    )
    costs = costs_of(distances)
    end = monotonic() + 30
    found = swapped(costs, greedy(costs, 1), end)
    assert monotonic() < end
    assert costs.value(found) == min(costs.value(np.array([j])) for j in range(6))


def test_an_exchange_that_saves_nothing_is_not_made(monkeypatch):
    costs = costs_of(np.array([[1.0, 1.0]]))
    said = [(1e-9, 0, 1), (1e-9, 0, 0)]
    monkeypatch.setattr(interchange, "best_exchange", lambda *_: said.pop(0))
    assert list(swapped(costs, np.array([0]))) == [0]


@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-300])
def test_steps_of_the_relaxation_stay_finite(tiny):
    dense = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])
    for least in (tiny, 1.0):
        cover = whole(sparse.csr_array(dense), np.full(4, tiny), [(np.ones(4, bool), least)])
        for count in (1, 2, None):
            relaxed = Relaxation(cover, count, np.array([1]))
            relaxed.improve(50, 1.0 if count is None else tiny, math.inf)
            assert np.isfinite(relaxed.price).all()
            assert np.isfinite(relaxed.floor_price).all()
            assert not math.isnan(relaxed.best.bound)


class Pressed:
    """A lock whose wait ends with Ctrl-C just after it was had."""

    def __init__(self):
        self.lock, self.waits = threading.Lock(), 0

    def acquire(self, timeout=-1.0):
        had = self.lock.acquire(timeout=timeout)
        self.waits += 1
        if self.waits == 2:  # the first one is that of who starts the solver
            raise KeyboardInterrupt
        return had

    def release(self):
        self.lock.release()


def test_a_solver_after_control_c_at_the_worst_moment(monkeypatch):
    model = Programme(
        rows=sparse.csr_array(np.ones((1, 3))),
        lower=np.array([1.0]),
        upper=np.array([2.0]),
        cost=np.arange(1.0, 4.0),
        least=np.zeros(3),
        most=np.ones(3),
        whole=np.ones(3, np.intp),
    )
    with monkeypatch.context() as patched:
        patched.setattr(highs, "Lock", Pressed)
        first = model.solve(math.inf, 1)
    assert first.status in ("optimal", "interrupted")
    assert model.solve(math.inf, 1).bound == pytest.approx(1)
