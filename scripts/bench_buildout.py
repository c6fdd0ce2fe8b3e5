"""How long it takes to prove that no charging plan of a made-up city is better.

    python scripts/bench.py buildout [--time-limit 120]

A city of 2,800 km2 with 15 towns in 7 counties: 5,600 cells of people, 600 car parks, 60 stations
that there are, 24 sites of bus depots, 16 sides of service areas, 64 substations and three years.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jxgis.kernels.buildout import Buildout

SIDE_X, SIDE_Y = 70_000.0, 40_000.0
TOWNS, CELLS, PARKS, STATIONS, STOPS, SUBSTATIONS = 15, 5600, 600, 60, 1200, 64
DEPOT_REACH_M, CORE_REACH_M, OUTER_REACH_M, ROAD_REACH_KM = 5_000.0, 900.0, 2_500.0, 50.0
SHARES = {"people": 0.5, "buses": 0.2, "road": 0.3}


def near(demand: Any, points: Any, reach: Any) -> Any:
    """Return which points (columns) are within a reach, one a demand, of it (rows)."""
    import numpy as np
    from scipy import sparse
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    lists = tree.query_ball_point(demand, reach)
    columns = [np.array(sorted(one), int) for one in lists]
    ends = np.concatenate([[0], np.cumsum([len(c) for c in columns])])
    flat = np.concatenate(columns) if columns else np.empty(0, int)
    return sparse.csr_array((np.ones(len(flat)), flat, ends), (len(demand), len(points)))


def carriageways(rng: Any) -> Any:
    """Return the vehicles of each kilometre of carriageway, and which service areas lie ahead."""
    import numpy as np

    roads, sides = [], []
    for length, n_sides in ((160, 6), (120, 6), (80, 4)):
        volume = rng.lognormal(0, 0.4, (2, length)).cumsum(axis=1) / 20 + 10
        for way in (0, 1):
            places = np.sort(rng.random(n_sides // 2)) * length
            sides += [(len(roads), float(x)) for x in places]
            roads.append((length, volume[way]))
    pieces = np.array(
        [(road, km + 0.5) for road, (length, _volume) in enumerate(roads) for km in range(length)]
    )
    along = np.array(sides)
    ahead = along[None, :, 1] - pieces[:, None, 1]
    near_it = (pieces[:, None, 0] == along[None, :, 0]) & (ahead >= 0) & (ahead <= ROAD_REACH_KM)
    return np.concatenate([volume for _length, volume in roads]), near_it


def city(
    seed: int = 1, *, capacity: bool = False, floor: float = 0.3, budget: float = 1.0
) -> Buildout:
    """Return the plan's problem.

    Parameters
    ----------
    seed
        Of the random numbers.
    capacity
        Whether a pile serves only so many, such that all serve half of what is in reach.
    floor
        Share of the people of each county that must be served.
    budget
        Share of the money that the dearest plan of these numbers would need.
    """
    import numpy as np
    from scipy import sparse

    from jxgis.kernels.buildout import Buildout, Floor, Tier

    rng = np.random.default_rng([20261125, seed])
    size = np.array([SIDE_X, SIDE_Y])
    towns = (0.08 + 0.84 * rng.random((TOWNS, 2))) * size
    big = np.sort(rng.lognormal(0, 0.9, TOWNS))[::-1]
    spread = 1_100 + 2_900 * np.sqrt(big / big.max())

    def around(number: int, country: float) -> Any:
        town = rng.choice(TOWNS, number, p=big / big.sum())
        xy = towns[town] + rng.normal(size=(number, 2)) * spread[town, None]
        far = rng.random(number) < country
        xy[far] = rng.random((int(far.sum()), 2)) * size
        return np.clip(xy, 0, size)

    grid = np.stack(np.meshgrid(np.arange(140), np.arange(80)), axis=2).reshape(-1, 2) * 500.0 + 250
    density = sum(
        b * np.exp(-((grid - c) ** 2).sum(axis=1) / (2 * s**2))
        for b, c, s in zip(big, towns, spread, strict=True)
    )
    density = density / density.max() * rng.lognormal(0, 0.4, len(density)) + 0.01 * rng.lognormal(
        0, 1, len(density)
    )
    cells = np.sort(np.argsort(-density)[:CELLS])
    people_xy, people = grid[cells], density[cells] / density[cells].sum() * 5.4e6
    in_core = density[cells] > 0.15 * density.max()
    county_seats = towns[:7]
    county = np.argmin(((people_xy[:, None] - county_seats) ** 2).sum(axis=2), axis=1)
    parks, stations = around(PARKS, 0.15), around(STATIONS, 0.05)
    reach = np.where(in_core, CORE_REACH_M, OUTER_REACH_M)
    stops = around(STOPS, 0.2)
    stop_weight = rng.lognormal(0, 1, STOPS)
    depots, old_depots = around(24, 0.3), around(3, 0.0)
    vehicles, road_near = carriageways(rng)
    m_people, m_stops, m_road = len(people), STOPS, len(vehicles)
    m = m_people + m_stops + m_road

    def rows(matrix: Any, first: int) -> Any:
        matrix = sparse.csr_array(matrix)
        above = sparse.csr_array((first, matrix.shape[1]))
        below = sparse.csr_array((m - first - matrix.shape[0], matrix.shape[1]))
        return sparse.csr_array(sparse.vstack([above, matrix, below]))

    substations = around(SUBSTATIONS, 0.3)

    def feeder(xy: Any) -> Any:
        return np.argmin(((xy[:, None] - substations) ** 2).sum(axis=2), axis=1)

    spaces = np.round(np.clip(rng.lognormal(5, 0.6, PARKS), 60, 590))
    park_reach = near(people_xy, parks, reach)
    weight = np.concatenate([people, stop_weight, vehicles])
    value = np.concatenate(
        [
            np.full(len(w), SHARES[name] / w.sum())
            for name, w in (("people", people), ("buses", stop_weight), ("road", vehicles))
        ]
    )
    lots = float(np.asarray(park_reach.sum(axis=1) > 0) @ people) / 2 / 300
    most = (spaces // 10).astype(int)
    piles_cost = rng.uniform(8, 14, PARKS)
    costs = [
        rng.uniform(900, 1500, 24),
        rng.uniform(250, 500, PARKS),
        rng.uniform(400, 800, road_near.shape[1]),
        piles_cost,
    ]
    dearest = 5 * 1200 + 4 * 375 + 2 * 600 + 300 * 11
    tiers = (
        Tier(
            rows(near(stops, depots, DEPOT_REACH_M), m_people),
            np.array([1, 3, 5]),
            cost=costs[0],
            power=1200.0,
            feeder=feeder(depots),
            existing=rows(near(stops, old_depots, DEPOT_REACH_M), m_people),
        ),
        Tier(
            rows(park_reach, 0),
            np.array([1, 2, 4]),
            cost=costs[1],
            power=600.0,
            feeder=feeder(parks),
            existing=rows(near(people_xy, stations, reach), 0),
            capacity=lots * 20 if capacity else None,
            existing_capacity=np.full(STATIONS, lots * 10) if capacity else None,
        ),
        Tier(rows(road_near, m_people + m_stops), np.array([0, 1, 2]), cost=costs[2]),
        Tier(
            rows(park_reach, 0),
            np.array([80, 180, 300]),
            least=2,
            most=most,
            cost=piles_cost,
            power=60.0,
            feeder=feeder(parks),
            capacity=lots if capacity else None,
        ),
    )
    floors = tuple(
        Floor(np.flatnonzero(county == c), floor * float(people[county == c].sum()))
        for c in range(7)
    )
    return Buildout(
        tiers,
        weight,
        value / 2.2,
        np.array([1.0, 0.7, 0.5]),
        floors,
        feeder_limit=rng.uniform(300, 2500, SUBSTATIONS),
        budget=budget * dearest * np.array([0.3, 0.6, 1.0]),
    )


def bench_buildout(time_limit_s: float) -> None:
    """Ask for the best plan of some cities and print how good it is, and the time."""
    from jxgis.kernels.buildout import solve

    for options in (
        {},
        {"seed": 2},
        {"floor": 0.5},
        {"budget": 0.6},
        {"capacity": True},
        {"capacity": True, "seed": 2},
        {"capacity": True, "budget": 0.6},
    ):
        problem = city(**options)
        start, cpu = time.monotonic(), time.process_time()
        try:
            plan = solve(problem, gap=1e-3, time_limit_s=time_limit_s)
        except ValueError as error:
            print(options, f"{time.monotonic() - start:.1f} s:", error, flush=True)
            continue
        print(
            f"{options}: {plan.status}, {plan.objective:.6f} of at most {plan.bound:.6f} (relaxed "
            f"{plan.lp_bound:.6f}), gap {plan.gap:.3%}, {time.monotonic() - start:.1f} s, "
            f"{time.process_time() - cpu:.1f} s of the processor",
            flush=True,
        )


if __name__ == "__main__":
    bench_buildout(120)
