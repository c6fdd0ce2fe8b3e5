"""Small build-outs, and the best plan of each by trying all of them."""

import itertools

import numpy as np
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from jxgis.kernels.buildout import Buildout, Floor, Tier


@st.composite
def tiers(draw, m, years, feeders, *, capacity):
    n = draw(st.integers(0, 3))
    piles = draw(st.booleans())
    covers = np.array(draw(_bits(m, n)), float).reshape(m, n)
    most = np.array(draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)), int)
    limited = capacity and draw(st.booleans())
    there = capacity and draw(st.booleans())
    old = np.array(draw(_bits(m, 1)), float).reshape(m, 1) if draw(st.booleans()) else None
    count = np.cumsum(draw(st.lists(st.integers(0, 3), min_size=years, max_size=years)))
    return Tier(
        sparse.csr_array(covers),
        count,
        least=draw(st.integers(1, 2)) if piles else None,
        most=most if piles else None,
        capacity=float(draw(st.integers(1, 6))) if limited else None,
        cost=np.array(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), float),
        power=float(draw(st.integers(0, 3))),
        feeder=np.array(draw(st.lists(st.integers(-1, feeders - 1), min_size=n, max_size=n)), int),
        existing=None if old is None else sparse.csr_array(old),
        existing_capacity=np.array([3.0]) if there and old is not None else None,
    )


def _bits(m, n):
    return st.lists(st.integers(0, 1), min_size=m * n, max_size=m * n)


@st.composite
def buildouts(draw, *, capacity, scenarios=False):
    m, years, feeders = draw(st.integers(1, 5)), draw(st.integers(1, 2)), 2
    kinds = draw(st.integers(1, 2))
    weight = np.array(draw(st.lists(st.integers(0, 9), min_size=m, max_size=m)), float)
    floors = []
    for _ in range(draw(st.integers(0, 2))):
        rows = np.flatnonzero(draw(_bits(m, 1)))
        share = draw(st.sampled_from([0.0, 0.5, 0.75, 1.0]))
        floors.append(Floor(rows, float(np.floor(share * weight[rows].sum()))))
    few = {"min_size": m, "max_size": m}
    told = None
    if scenarios:
        told = np.array([draw(st.lists(st.integers(0, 9), **few)) for _ in range(2)], float)
    return Buildout(
        tuple(draw(tiers(m, years, feeders, capacity=capacity)) for _ in range(kinds)),
        weight,
        np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), **few))),
        np.array([1.0, 0.6][:years]),
        tuple(floors),
        feeder_limit=np.array([2.0, 5.0]),
        budget=draw(st.one_of(st.none(), st.just(np.array([4.0, 9.0][:years])))),
        scenarios=told,
        probability=np.array([0.25, 0.75]) if scenarios and draw(st.booleans()) else None,
        aim=draw(st.sampled_from(["expected", "worst"])) if scenarios else "expected",
    )


def is_allowed(problem, units, t):
    """Tell whether (n,) units of each tier at the end of a year keep all limits but floors'."""
    spent, drawn = 0.0, np.zeros(len(problem.feeder_limit))
    for tier, number in zip(problem.tiers, units, strict=True):
        if number.sum() > tier.count[t]:
            return False
        if tier.cost is not None:
            spent += number @ tier.cost
        for j, feeder in enumerate([] if tier.feeder is None else tier.feeder):
            if feeder >= 0:
                drawn[feeder] += number[j] * tier.power
    within = problem.budget is None or spent <= problem.budget[t] + 1e-9
    return within and bool((drawn <= problem.feeder_limit + 1e-9).all())


def best_use(problem, units, weight, worth, floors):
    """Return the most worth that stations serve with the floors met, by one linear programme.

    Columns: the served share of each demand, then the weight from each station to each demand.
    """
    m = len(weight)
    free, pairs, room = np.zeros(m, bool), [], []
    for tier, number in zip(problem.tiers, units, strict=True):
        sides = [(tier.covers, number, tier.capacity)]
        if tier.existing is not None:
            limit = tier.existing_capacity
            sides.append((tier.existing, np.ones(1), None if limit is None else float(limit[0])))
        for covers, there, capacity in sides:
            dense = covers.toarray() > 0
            for j in np.flatnonzero(there):
                if capacity is None:
                    free |= dense[:, j]
                else:
                    pairs += [(i, len(room)) for i in np.flatnonzero(dense[:, j])]
                    room.append(capacity * there[j])
    n = m + len(pairs)
    rows, most = np.zeros((m + len(room) + len(floors), n)), np.zeros(m + len(room) + len(floors))
    for i in range(m):
        rows[i, i] = 0 if free[i] else weight[i]
    for p, (i, h) in enumerate(pairs):
        rows[i, m + p] = -1
        rows[m + h, m + p] = 1
    most[m : m + len(room)] = room
    for f, floor in enumerate(floors):
        rows[m + len(room) + f, floor.rows] = -weight[floor.rows]
        most[m + len(room) + f] = -floor.least
    bounds = [(0, 1)] * m + [(0, None)] * len(pairs)
    answer = linprog(np.append(-worth, np.zeros(len(pairs))), rows, most, bounds=bounds)
    return -answer.fun if answer.status == 0 else None


def states(problem):
    """Return all numbers of units that the tiers can have, each a tuple of (n,) arrays."""
    kinds = []
    for tier in problem.tiers:
        least = 1 if tier.least is None else tier.least
        most = np.ones(tier.covers.shape[1], int) if tier.most is None else tier.most
        kinds.append(
            [
                np.array(one, int)
                for one in itertools.product(*[[0, *range(least, k + 1)] for k in most])
            ]
        )
    return list(itertools.product(*kinds))


def best_value(problem):
    """Return the value of the best plan; None where no plan meets the floors."""
    last = len(problem.year) - 1
    told = problem.weight[None] if problem.scenarios is None else problem.scenarios
    chance = problem.probability
    chance = np.full(len(told), 1 / len(told)) if chance is None else chance
    scale = np.ones(len(told))
    if problem.scenarios is not None:
        scale = (told @ problem.value) * problem.year.sum()
        scale[scale == 0] = 1
    years, values = [], {}
    for t in range(len(problem.year)):
        allowed = [s for s in states(problem) if is_allowed(problem, s, t)]
        if t == last:
            nothing = np.zeros(len(problem.weight))
            allowed = [
                s
                for s in allowed
                if best_use(problem, s, problem.weight, nothing, problem.floors) is not None
            ]
        years.append(allowed)
        for state in allowed:
            floors = problem.floors if t == last and problem.scenarios is None else ()
            values[t, _key(state)] = np.array(
                [best_use(problem, state, w, w * problem.value, floors) for w in told]
            )
    found = None
    for plan in itertools.product(*years):
        if any(
            (b < a).any() for x, y in itertools.pairwise(plan) for a, b in zip(x, y, strict=True)
        ):
            continue
        each = sum(
            c * values[t, _key(s)] for t, (c, s) in enumerate(zip(problem.year, plan, strict=True))
        )
        each = each / scale
        value = each.min() if problem.aim == "worst" else chance @ each
        found = value if found is None else max(found, value)
    return found


def most_served(problem, floors):
    """Return the most weight of the first floor that any plan serves with the others met."""
    worth = np.zeros(len(problem.weight))
    worth[floors[0].rows] = problem.weight[floors[0].rows]
    last = len(problem.year) - 1
    found = [
        best_use(problem, s, problem.weight, worth, floors[1:])
        for s in states(problem)
        if is_allowed(problem, s, last)
    ]
    return max((value for value in found if value is not None), default=None)


def _key(state):
    return tuple(tuple(one.tolist()) for one in state)
