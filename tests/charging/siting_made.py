"""Small cities with places for one kind of station, and what any choice of them is worth."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from layers_made import box, by_name, layer, point, zones
from scipy.optimize import linprog

from jxgis.charging.siting import Question
from jxgis.charging_spec import ChargingSettings, DemandSpec, Source, StationKind
from jxgis.rules import Rules

RADIUS_M, SIDE_M = 1200.0, 4000.0
RULES = Rules({"charging.time_limit_s": 60.0})


@dataclass
class City:
    """Layers of a city, and the same as arrays: demand, candidates, stations that there are."""

    layers: dict
    weight: np.ndarray
    zone: np.ndarray
    far: np.ndarray  # (m, n + e) metres, straight
    n: int

    @property
    def there(self):
        return list(range(self.n, self.far.shape[1]))


def city(seed, m=25, n=8, e=1):
    """Return a city of two districts, of which the second has a rim outside both."""
    rng = np.random.default_rng(seed)
    demand, candidates, existing = (rng.uniform(0, SIDE_M, (k, 2)).round(1) for k in (m, n, e))
    demand[-1, 0] = SIDE_M * 0.95
    weight = rng.integers(1, 40, m)
    half = SIDE_M / 2
    layers = by_name(
        layer("demand", [point(*p) for p in demand], weight=weight),
        layer("candidates", [point(*p) for p in candidates], name=[f"c{j}" for j in range(n)]),
        zones(west=box(-1, -1, half, SIDE_M + 1), east=box(half, -1, SIDE_M * 0.9, SIDE_M + 1)),
        *([layer("chargers", [point(*p) for p in existing], posts=[4] * e)] if e else []),
    )
    places = np.concatenate([candidates, existing])
    far = np.hypot(*(demand[:, None] - places[None]).transpose(2, 0, 1))
    zone = np.where(demand[:, 0] < half, 0, np.where(demand[:, 0] < SIDE_M * 0.9, 1, -1))
    return City(layers, weight.astype(float), zone, far, n)


def question(count=0, aim="served", reach=None, *, floor=None, capacity=None, e=1, by="straight"):
    """Return what is asked of a city, whose demand stays where it is."""
    spec = DemandSpec(
        "people", "people", "people", (Source("demand"),), as_points=True, floor=floor
    )
    radius = RADIUS_M if aim == "served" else None
    kind = StationKind(
        id="stations",
        title="Stations",
        demand="people",
        candidates="candidates",
        count=count,
        existing="chargers" if e else None,
        radius_m=radius,
        radius_outside_m=radius,
        capacity=capacity,
    )
    return Question(ChargingSettings(by=by, demands=(spec,), kinds=(kind,)), aim, reach)


def served(city, opened, capacity=None, floors=()):
    """Return what some stations serve of all demand, by a linear programme where they have limits.

    None where floors, as pairs of rows and the least of them, cannot be met.
    """
    covers = city.far[:, list(opened)] <= RADIUS_M
    if capacity is None:
        one = covers.any(axis=1)
        met = all(city.weight[rows][one[rows]].sum() >= least - 1e-9 for rows, least in floors)
        return float(city.weight[one].sum()) if met else None
    row, column = np.nonzero(covers)
    if not len(row):
        return 0.0 if not any(least > 0 for _rows, least in floors) else None
    rows = [(row == i).astype(float) for i in range(len(city.weight))]
    rows += [(column == j).astype(float) for j in range(len(opened))]
    rows += [-np.isin(row, part).astype(float) for part, _least in floors]
    ends = [*city.weight, *[capacity] * len(opened), *(-least for _part, least in floors)]
    found = linprog(-np.ones(len(row)), np.array(rows), ends)
    return -found.fun if found.success else None


def distance(city, opened, aim="median", capacity=None):
    """Return the weighted sum of distances, or the farthest; inf where not all is served."""
    far = city.far[:, list(opened)]
    if not far.shape[1]:
        return np.inf
    if aim == "center":
        return float(far.min(axis=1).max())
    if capacity is None:
        return float(city.weight @ far.min(axis=1))
    m, k = far.shape
    who, where = np.kron(np.eye(m), np.ones(k)), np.kron(np.ones(m), np.eye(k))
    found = linprog(far.ravel(), where, [capacity] * k, who, city.weight)
    return float(found.fun) if found.success else np.inf


def choices(city, count):
    """Give all choices of at most so many candidates, with the stations that there are."""
    for k in range(count + 1):
        for some in combinations(range(city.n), k):
            yield [*some, *city.there]
