"""A small charging plan drawn at random, and all states that its last year can have."""

import itertools
from dataclasses import dataclass

import numpy as np
from layers_made import X, Y, box, by_name, layer, point, zones
from scipy.optimize import linprog

from jxgis.charging.study import study
from jxgis.charging_spec import ChargingSettings, DemandSpec, Source, StationKind
from jxgis.rules import Rules

ORIGIN = np.array([X, Y])
SIDE, MIDDLE = 4000.0, 2000.0
RADIUS = {"squares": 1100.0, "lots": 700.0, "depots": 1300.0}
POWER = {"squares": 60.0, "lots": 20.0, "depots": 100.0}
PLACES = {"squares": 4, "lots": 4, "depots": 3}
BY_YEAR = {"squares": (1, 1), "lots": (2, 2), "depots": (1, 0)}
SPARE = np.array([180.0, 150.0])
COUNTS = {"homes": 1.0, "jobs": 2.0, "stops": 1.0}


@dataclass
class Made:
    """A plan, and the arrays that it was made of."""

    settings: ChargingSettings
    layers: dict
    xy: dict
    amount: dict
    most: np.ndarray
    cost: dict

    @property
    def laid(self):
        return study(self.settings, self.layers, Rules({}))

    def apart(self, one, other):
        """Return the distances of all points of one layer from all of another, metres."""
        return np.hypot(*(self.xy[one][:, None] - self.xy[other][None]).T).T


def made(seed, *, budget=(), floor=None, floors=(), scenarios=(), capacity=None):
    rng = np.random.default_rng(seed)
    number = {"homes": 12, "jobs": 5, "stops": 6, **PLACES, "substations": 2}
    xy = {name: rng.uniform(0, SIDE, (n, 2)) for name, n in number.items()}
    # Both districts have homes.
    xy["homes"][:2] = [[100, 2000], [3900, 2000]]
    amount = {name: rng.integers(1, 10, number[name]).astype(float) for name in COUNTS}
    # Most homes are in the west, so that it costs something to serve the east as well.
    amount["homes"] *= np.where(xy["homes"][:, 0] < MIDDLE, 5, 1)
    cost = {name: rng.integers(2, 7, n).astype(float) for name, n in PLACES.items()}
    spaces = rng.integers(20, 40, PLACES["lots"]).astype(float)
    layers = by_name(
        zones(west=box(0, 0, MIDDLE, SIDE), east=box(MIDDLE, 0, SIDE, SIDE)),
        layer("built_up", [box(0, 0, SIDE, MIDDLE)]),
        *(_points("demand", xy, name, weight=amount[name]) for name in COUNTS),
        _points("candidates", xy, "squares", cost=cost["squares"]),
        _points("candidates", xy, "lots", cost=cost["lots"], spaces=spaces),
        _points("candidates", xy, "depots", cost=cost["depots"]),
        _points("substations", xy, "substations", spare_kw=SPARE),
    )
    settings = ChargingSettings(
        years=(2017, 2018),
        year_weights=(2.0, 1.0),
        demands=(
            _demand("cars", "homes", "jobs", value=3.0, floor=floor, floors=dict(floors)),
            _demand("buses", "stops", value=1.0),
        ),
        kinds=(
            _kind("squares", "cars", budget, capacity=capacity),
            _kind("lots", "cars", budget, least_piles=2, most_share=0.1),
            _kind("depots", "buses", budget),
        ),
        scenarios=scenarios,
        budget=budget,
        budget_unit="coins" if budget else "",
    )
    return Made(settings, layers, xy, amount, (spaces * 0.1 + 1e-9).astype(int), cost)


def _points(kind, xy, name, **columns):
    return layer(kind, [point(*place) for place in xy[name]], name, **columns)


def _demand(name, *names, **more):
    sources = tuple(Source(layer, weight=COUNTS[layer]) for layer in names)
    return DemandSpec(name, name, "", sources, as_points=True, **more)


def _kind(name, demand, budget, **more):
    return StationKind(
        name,
        f"the {name}",
        demand,
        name,
        sum(BY_YEAR[name]),
        BY_YEAR[name],
        radius_m=RADIUS[name],
        radius_outside_m=RADIUS[name],
        cost=1.0 if budget else None,
        power_kw=POWER[name],
        **more,
    )


class States:
    """All numbers of units that there can be at each place, and what they serve and use.

    Attributes
    ----------
    units
        Of each kind, (K, n).
    served
        Of each layer of demand, (K, m).
    is_fed
        (K,) whether the substations can feed them.
    spent
        (K,) what they cost.
    """

    def __init__(self, own):
        self.own = own
        choices = {
            "squares": [(0, 1)] * PLACES["squares"],
            "lots": [(0, *range(2, most + 1)) for most in own.most],
            "depots": [(0, 1)] * PLACES["depots"],
        }
        every = {name: np.array(list(itertools.product(*c))) for name, c in choices.items()}
        few = {n: u[u.sum(axis=1) <= 1.5 * sum(BY_YEAR[n]) + 0.5] for n, u in every.items()}
        index = np.indices([len(u) for u in few.values()]).reshape(3, -1)
        self.units = {n: u[i] for (n, u), i in zip(few.items(), index, strict=True)}
        self.served = {}
        for name in COUNTS:
            reached = np.zeros((index.shape[1], len(own.xy[name])), bool)
            for kind in ("depots",) if name == "stops" else ("squares", "lots"):
                is_near = own.apart(kind, name) <= RADIUS[kind]
                reached |= (self.units[kind] > 0) @ is_near
            self.served[name] = reached
        self.spent = sum(self.units[n] @ own.cost[n] for n in PLACES)
        drawn = np.zeros((index.shape[1], 2))
        for name in PLACES:
            feeder = own.apart(name, "substations").argmin(axis=1)
            for k in range(2):
                drawn[:, k] += POWER[name] * self.units[name][:, feeder == k].sum(axis=1)
        self.is_fed = (drawn <= SPARE + 1e-9).all(axis=1)

    def at_most(self, **counts):
        """Return (K,) whether there are so few units of each kind."""
        return np.all([self.units[n].sum(axis=1) <= c for n, c in counts.items()], axis=0)

    def same(self, name, units):
        return (self.units[name] == units).all(axis=1)

    def share(self, *names, where=None, grown=None):
        """Return (K,) the served share of a demand, of what is where and has grown."""
        got = whole = 0.0
        for name in names:
            xy = self.own.xy[name]
            weight = COUNTS[name] * self.own.amount[name]
            weight = weight if where is None else weight * where(xy)
            weight = weight if grown is None else weight * grown(name, xy)
            got, whole = got + self.served[name] @ weight, whole + weight.sum()
        return got / whole

    @property
    def zones(self):
        """(K, 2) served share of cars in each zone."""
        west = self.share("homes", "jobs", where=lambda xy: xy[:, 0] <= MIDDLE)
        east = self.share("homes", "jobs", where=lambda xy: xy[:, 0] > MIDDLE)
        return np.column_stack([west, east])

    @property
    def worth(self):
        """(K,) mean share over demands, as the values weigh them."""
        return (3 * self.share("homes", "jobs") + self.share("stops")) / 4


def used(own, units, weight, worth, capacity, floors=()):
    """Return what stations are worth at most whose squares have a capacity, None if floors forbid.

    ``weight`` and ``worth`` (of one of the weight) are by layer of demand; ``floors`` are pairs of
    which rows of all demand, and the weight that is to be served of them. One linear programme: its
    columns are the weight that is served of each demand, and from each square to each demand.
    """
    free, near = [], []
    for name in COUNTS:
        reach = {kind: own.apart(name, kind) <= RADIUS[kind] for kind in PLACES}
        kind = "depots" if name == "stops" else "lots"
        free.append(reach[kind] @ (units[kind] > 0))
        near.append(reach["squares"] & (units["squares"] > 0) & (name != "stops"))
    free, near = np.concatenate(free), np.concatenate(near)
    weight, worth = (np.concatenate([by[name] for name in COUNTS]) for by in (weight, worth))
    m, h = near.shape
    flow = np.arange(m, m + m * h).reshape(m, h)
    rows, most = np.zeros((m + h + len(floors), m + m * h)), np.zeros(m + h + len(floors))
    for i in range(m):
        rows[i, i] = not free[i]
        rows[i, flow[i]] = -1
    for j in range(h):
        rows[m + j, flow[:, j]] = 1
    most[m : m + h] = capacity
    for f, (own_rows, least) in enumerate(floors):
        rows[m + h + f, :m][own_rows] = -1
        most[m + h + f] = -least
    bounds = [(0, upper) for upper in [*weight, *(weight[:, None] * near).ravel()]]
    answer = linprog(np.append(-worth, np.zeros(m * h)), rows, most, bounds=bounds)
    return -answer.fun if answer.status == 0 else None
