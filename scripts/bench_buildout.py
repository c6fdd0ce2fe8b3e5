"""How long it takes to prove that no charging plan of a made-up city is better.

    python scripts/bench.py buildout [--time-limit 120] [--threads 2]

A city of 2,800 km2 with 15 towns in 7 counties: 5,600 cells of people, 600 car parks, 60 stations
that there are, 24 sites of bus depots, 16 sides of service areas, 64 substations and three years.
As in the sample data, piles serve 500 m, city stations 900 m, and each kind has one cost. Towns are
normal distributions, and 85 of 100 car parks are in them: a cell that is within reach of a car park
has some 4 within 500 m. Where ``wide``, piles and stations serve 900 m in the towns and 2,500 m
outside, so that most cells have 4 to 12 of them in reach, and each place has a cost of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jxgis.kernels.buildout import Buildout

SIDE_X, SIDE_Y = 70_000.0, 40_000.0
TOWNS, CELLS, PARKS, STATIONS, STOPS, SUBSTATIONS = 15, 5600, 600, 60, 1200, 64
DEPOT_REACH_M, CORE_REACH_M, OUTER_REACH_M, ROAD_REACH_KM = 5_000.0, 900.0, 2_500.0, 50.0
PILES_REACH_M = 500.0
NUMBERS, COSTS = (5, 4, 2, 300), (200.0, 120.0, 150.0, 3.0)
GAP = 1e-3
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


@dataclass(frozen=True)
class Variant:
    """A problem of the city.

    Attributes
    ----------
    seed
        Of the random numbers.
    capacity
        Whether a pile serves only so many, such that all serve half of what is in reach.
    floor
        Share of the people of each county within reach who must be served.
    budget
        Share of the money that all stations and piles cost.
    wide
        Whether places reach farther, and each has a cost of its own.
    """

    seed: int = 1
    capacity: bool = False
    floor: float = 0.2
    budget: float = 1.0
    wide: bool = False


def city(asked: Variant) -> Buildout:
    """Return the plan's problem."""
    import numpy as np
    from scipy import sparse

    from jxgis.kernels.buildout import Buildout, Floor, Tier

    rng = np.random.default_rng([20261125, asked.seed])
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

    people_xy, people, in_core = cells(rng, towns, big, spread)
    county = np.argmin(((people_xy[:, None] - towns[:7]) ** 2).sum(axis=2), axis=1)
    parks, stations = around(PARKS, 0.15), around(STATIONS, 0.05)
    reach = np.where(in_core, CORE_REACH_M, OUTER_REACH_M)
    stops = around(STOPS, 0.2)
    stop_weight = rng.lognormal(0, 1, STOPS)
    depots, old_depots = around(24, 0.3), around(3, 0.0)
    vehicles, road_near = carriageways(rng)
    m_people, m_stops = len(people), STOPS
    m = m_people + m_stops + len(vehicles)

    def rows(matrix: Any, first: int) -> Any:
        matrix = sparse.csr_array(matrix)
        above = sparse.csr_array((first, matrix.shape[1]))
        below = sparse.csr_array((m - first - matrix.shape[0], matrix.shape[1]))
        return sparse.csr_array(sparse.vstack([above, matrix, below]))

    substations = around(SUBSTATIONS, 0.3)

    def feeder(xy: Any) -> Any:
        return np.argmin(((xy[:, None] - substations) ** 2).sum(axis=2), axis=1)

    spaces = np.round(np.clip(rng.lognormal(5, 0.6, PARKS), 60, 590))
    city_reach = near(people_xy, parks, reach if asked.wide else CORE_REACH_M)
    park_reach = city_reach if asked.wide else near(people_xy, parks, PILES_REACH_M)
    there = near(people_xy, stations, reach if asked.wide else CORE_REACH_M)
    weight = np.concatenate([people, stop_weight, vehicles])
    value = np.concatenate(
        [
            np.full(len(w), SHARES[name] / w.sum())
            for name, w in (("people", people), ("buses", stop_weight), ("road", vehicles))
        ]
    )
    lots = float(np.asarray(park_reach.sum(axis=1) > 0) @ people) / 2 / NUMBERS[3]
    places = (24, PARKS, road_near.shape[1], PARKS)
    own = rng.uniform(0.7, 1.3, sum(places)) if asked.wide else np.ones(sum(places))
    costs = np.split(np.repeat(COSTS, places) * own, np.cumsum(places)[:-1])
    money = float(np.dot(NUMBERS, COSTS))
    limit = lots if asked.capacity else None
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
            rows(city_reach, 0),
            np.array([1, 2, 4]),
            cost=costs[1],
            power=600.0,
            feeder=feeder(parks),
            existing=rows(there, 0),
            capacity=None if limit is None else limit * 20,
            existing_capacity=None if limit is None else np.full(STATIONS, limit * 10),
        ),
        Tier(rows(road_near, m_people + m_stops), np.array([0, 1, 2]), cost=costs[2]),
        Tier(
            rows(park_reach, 0),
            np.array([80, 180, 300]),
            least=2,
            most=(spaces // 10).astype(int),
            cost=costs[3],
            power=60.0,
            feeder=feeder(parks),
            capacity=limit,
        ),
    )
    reached = sum(np.asarray(one.sum(axis=1)) for one in (city_reach, park_reach, there)) > 0
    floors = tuple(
        Floor(
            np.flatnonzero(county == c), asked.floor * float(people[reached & (county == c)].sum())
        )
        for c in range(7)
    )
    return Buildout(
        tiers,
        weight,
        value / 2.2,
        np.array([1.0, 0.7, 0.5]),
        floors,
        feeder_limit=rng.uniform(300, 2500, SUBSTATIONS),
        budget=asked.budget * money * np.array([1, 2, 3]) / 3,
    )


def cells(rng: Any, towns: Any, big: Any, spread: Any) -> tuple[Any, Any, Any]:
    """Return cells, people in each, and which of them are in the core of a town."""
    import numpy as np

    grid = np.stack(np.meshgrid(np.arange(140), np.arange(80)), axis=2).reshape(-1, 2) * 500.0 + 250
    density = sum(
        b * np.exp(-((grid - c) ** 2).sum(axis=1) / (2 * s**2))
        for b, c, s in zip(big, towns, spread, strict=True)
    )
    density = density / density.max() * rng.lognormal(0, 0.4, len(density)) + 0.01 * rng.lognormal(
        0, 1, len(density)
    )
    some = np.sort(np.argsort(-density)[:CELLS])
    people = density[some] / density[some].sum() * 5.4e6
    return grid[some], people, density[some] > 0.15 * density.max()


VARIANTS = (
    Variant(),
    Variant(seed=2),
    Variant(budget=0.6),
    Variant(floor=0.25),
    Variant(capacity=True),
    Variant(capacity=True, budget=0.6),
    Variant(wide=True),
    Variant(wide=True, budget=0.6),
    Variant(wide=True, floor=0.8),
    Variant(wide=True, capacity=True),
    Variant(wide=True, capacity=True, budget=0.6),
)


def bench_buildout(time_limit_s: float, threads: int) -> None:
    """Ask for the best plan of each city, in a process of its own, and print what it took."""
    for number in range(len(VARIANTS)):
        told = [sys.executable, __file__, str(number), str(time_limit_s), str(threads)]
        subprocess.run(told, check=True)


def _one(number: int, time_limit_s: float, threads: int) -> None:
    from jxgis.kernels.buildout import solve

    asked = VARIANTS[number]
    problem = city(asked)
    start, cpu = time.monotonic(), time.process_time()
    try:
        plan = solve(problem, gap=GAP, time_limit_s=time_limit_s, threads=threads)
        found = (
            f"{plan.status}, {plan.objective:.6f} of at most {plan.bound:.6f}, gap {plan.gap:.3%}"
        )
    except ValueError as error:
        found = str(error)
    taken = f"{time.monotonic() - start:.1f} s, {time.process_time() - cpu:.1f} s of the processor"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{asked}: {found}, {taken}, {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    _one(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
