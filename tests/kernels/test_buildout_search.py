"""What a search for a build-out gives when it is cut short, begun from a plan, or has no plan."""

import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from jxgis.kernels import buildout_search, buildout_solver
from jxgis.kernels.buildout import Buildout, Floor, Tier, Unmet, solve

LIMIT = 60


def town(seed=1, *, capacity=None, m=300, n=80, reach=0.12, floor=0.2):
    """Return a problem of stations and of piles among the same places of a square."""
    rng = np.random.default_rng(seed)
    demand, places = rng.random((m, 1, 2)), rng.random((1, n, 2))
    near = sparse.csr_array(np.hypot(*np.moveaxis(demand - places, 2, 0)) < reach)
    weight = np.round(rng.uniform(1, 20, m))
    piles = Tier(near, np.array([8, 20]), 2, rng.integers(2, 6, n), capacity=capacity)
    stations = Tier(near, np.array([1, 3]), cost=rng.uniform(1, 2, n))
    floors = tuple(
        Floor(rows, floor * float(weight[rows].sum())) for rows in np.array_split(np.arange(m), 3)
    )
    value = np.full(m, 1 / weight.sum() / 1.6)
    return Buildout((stations, piles), weight, value, np.array([1.0, 0.6]), floors)


@pytest.mark.parametrize("capacity", [None, 40.0])
def test_there_is_a_plan_and_a_bound_without_any_time(capacity):
    problem = town(capacity=capacity)
    plan = solve(problem, time_limit_s=0)
    assert plan.status == "time_limit"
    assert plan.held
    assert 0 < plan.objective < plan.bound <= 1 + 1e-9
    assert plan.gap > plan.asked_gap


@pytest.mark.parametrize("capacity", [None, 40.0])
def test_a_plan_to_begin_with_is_not_made_worse(capacity):
    problem = town(seed=4, capacity=capacity)
    best = solve(problem, time_limit_s=LIMIT, gap=1e-3)
    assert best.status == "optimal"
    assert best.gap <= best.asked_gap == 1e-3
    again = solve(problem, time_limit_s=0, start=best.units)
    assert again.objective == pytest.approx(best.objective, rel=1e-6)
    assert solve(problem, time_limit_s=0).objective < best.objective


def test_two_runs_give_the_same_plan():
    one, two = (solve(town(seed=2, capacity=40.0), time_limit_s=LIMIT, gap=1e-3) for _ in range(2))
    for a, b in zip(one.units, two.units, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.bound == two.bound


@pytest.mark.parametrize("capacity", [None, 5.0])
def test_without_time_a_plan_may_not_meet_the_floors_and_says_so(capacity):
    plan = solve(town(capacity=capacity, floor=0.9), time_limit_s=0)
    assert not plan.held
    assert plan.objective > 0
    assert min(limit.slack for limit in plan.limits if limit.kind == "floor") < 0


@pytest.fixture
def interruptible():
    """Let the signal raise: a shell lets what it runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("name", "capacity", "reach"), [("relaxed", 25.0, 0.08), ("best", None, 0.16)]
)
def test_ctrl_c_ends_the_solver_with_the_best_plan_so_far(monkeypatch, name, capacity, reach):
    problem = town(seed=3, capacity=capacity, m=1500, n=300, reach=reach, floor=0.05)
    solver = getattr(buildout_solver, name)

    def pressed_soon(*args, **options):
        threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
        return solver(*args, **options)

    monkeypatch.setattr(buildout_solver, name, pressed_soon)
    plan = solve(problem, time_limit_s=LIMIT, gap=0.0)
    assert plan.status == "interrupted"
    assert plan.held
    assert 0 < plan.objective < plan.bound


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_between_two_steps_gives_the_best_plan_so_far(monkeypatch):
    steps = buildout_search.Search

    def pressed(_search):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(steps, "_round", pressed)
    plan = solve(town(capacity=40.0), time_limit_s=LIMIT)
    assert plan.status == "interrupted"
    assert 0 < plan.objective < plan.bound < 1


def test_one_more_adds_no_more_than_its_price():
    problem = town(capacity=40.0)
    plan = solve(problem, time_limit_s=LIMIT, gap=1e-4)
    count = next(x for x in plan.limits if (x.kind, x.index, x.year) == ("count", 0, 1))
    assert count.slack == 0
    assert count.price > 0
    wider = replace(problem.tiers[0], count=np.array([1, 4]))
    more = solve(replace(problem, tiers=(wider, problem.tiers[1])), time_limit_s=LIMIT, gap=1e-4)
    assert plan.objective < more.objective <= plan.lp_bound + count.price + 1e-9


def test_a_floor_that_cannot_be_met_is_named_with_the_best_there():
    covers = sparse.csr_array(np.eye(4))
    problem = Buildout(
        (Tier(covers, np.array([0, 2])),),
        np.array([5.0, 4.0, 3.0, 2.0]),
        np.ones(4),
        np.array([1.0, 0.5]),
        (Floor(np.array([0, 1]), 6.0), Floor(np.array([1, 2, 3]), 8.0)),
    )
    with pytest.raises(Unmet, match="Floor 1 asks for 8, and at most 7 can be served") as error:
        solve(problem, time_limit_s=LIMIT)
    assert (error.value.floors, error.value.least) == ((1,), 8.0)
    assert error.value.best == error.value.bound == pytest.approx(7.0)


def test_floors_that_cannot_be_met_together_are_named_without_the_others():
    covers = sparse.csr_array(np.eye(4))
    problem = Buildout(
        (Tier(covers, np.array([2])),),
        np.ones(4),
        np.ones(4),
        np.ones(1),
        tuple(Floor(np.array(rows), least) for rows, least in (([0, 1], 2), ([0], 1), ([3], 1))),
    )
    with pytest.raises(Unmet, match="Floors 0, 2 cannot be met together") as error:
        solve(problem, time_limit_s=LIMIT)
    assert error.value.floors == (0, 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": np.array([1.0, -1.0])}, "weight must be finite numbers >= 0"),
        ({"value": np.ones(3)}, r"value has the shape \(3,\), not \(2,\)"),
        ({"budget": np.ones(3)}, "budget has the shape"),
        ({"probability": np.ones(3)}, "probability has the shape"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, said):
    tier = Tier(sparse.csr_array(np.eye(2)), np.array([1]))
    problem = Buildout((tier,), np.ones(2), np.ones(2), np.ones(1))
    with pytest.raises(ValueError, match=said):
        solve(replace(problem, **change), time_limit_s=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"count": np.array([2, 1])}, "count of tier 0 falls"),
        ({"count": np.array([1])}, "count of tier 0 has the shape"),
        ({"least": 2}, "tier 0 counts piles"),
        ({"capacity": 0.0}, "capacity of tier 0 must be > 0"),
        ({"power": 1.0, "feeder": np.array([0, 0])}, "tier 0 has a feeder without a limit"),
        ({"cost": np.array([np.nan, 1.0])}, "cost of tier 0 must be finite"),
        ({"covers": sparse.csr_array(np.eye(3))}, "covers of tier 0 has the shape"),
    ],
)
def test_tiers_that_do_not_fit_are_refused(change, said):
    tier = replace(Tier(sparse.csr_array(np.eye(2)), np.array([1, 1])), **change)
    problem = Buildout((tier,), np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match=said):
        solve(problem, time_limit_s=1)
