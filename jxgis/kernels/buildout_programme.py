"""A build-out as a mixed integer programme.

The columns are, each year after the other,

- ``y``: whether a candidate of a tier has a station by then,
- ``p``: how many piles it has, of tiers that count piles and whose piles have a capacity,
- ``z``: the share of a group that is served, and
- ``f``: the share of a group that a station with a capacity serves,

and ``z <= sum y + sum f``, ``sum w f <= capacity p``, ``f <= y``. The last of them are many; those
that matter are found by solving the relaxation again and again. Scenarios have a ``z`` and ``f`` of
their own where there are capacities.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray, Pairs
from jxgis.kernels.buildout_reduced import LOOSE, BoolArray, Reduced
from jxgis.kernels.buildout_rows import Programme, Row, Rows, Term, Use
from jxgis.kernels.buildout_sharper import Takes, sharper
from jxgis.kernels.covers import Csr


class Writer:
    """Writes the programme of a reduced problem."""

    def __init__(self, small: Reduced, *, floors: bool = True) -> None:
        self.small, self.problem = small, small.problem
        self.rows, self.columns = Rows(), 0
        self.floors = floors and bool(self.problem.floors)
        self.uses = self._uses()
        years = self.problem.years
        self.stations = [self._new((years, len(j))) for j in small.kept]
        self.piles = [
            self._new((years, len(j))) if tier.least is not None and tier.capacity else None
            for tier, j in zip(self.problem.tiers, small.kept, strict=True)
        ]
        self.shares = self._new((len(self.uses), len(small.weight)))
        self.most = [np.ones(self.columns)]
        for piles, most in zip(self.piles, small.most, strict=True):
            if piles is not None:
                self.most[0][piles] = most
        for k, stations in enumerate(self.stations):
            self.most[0][stations[~self._possible(k)]] = 0.0
        self.whole = np.zeros(self.columns, np.int32)
        self.whole[: self.shares.min(initial=self.columns)] = 1
        self.flow: list[IntArray] = []
        self.host: list[IntArray] = []
        self.limits: list[Row] = []
        self.sharper: list[Row] = []
        self.spaces: list[IntArray | None] = [None] * len(self.piles)

    def _possible(self, k: int) -> BoolArray:
        """Return (T, n) which places number and money of a year allow by themselves."""
        tier = self.problem.tiers[k]
        cost = tier.costs[self.small.kept[k]] * tier.fewest
        possible: BoolArray = (np.asarray(tier.count) >= tier.fewest)[:, None] & (cost[None] >= 0)
        if self.problem.budget is not None:
            possible &= cost <= self.problem.budget[:, None] * (1 + LOOSE)
        return possible

    def _uses(self) -> tuple[Use, ...]:
        small, problem = self.small, self.problem
        last, uses = problem.years - 1, []
        if problem.scenarios is None or not problem.has_capacity:
            return tuple(
                Use(t, small.weight, small.values * counts, self.floors and t == last)
                for t, counts in enumerate(problem.year)
            )
        for s in range(len(small.weights)):
            alone = np.zeros_like(small.values)
            alone[s] = small.values[s]
            uses += [
                Use(t, small.weights[s], alone * c, floors=False)
                for t, c in enumerate(problem.year)
            ]
        if self.floors:
            uses.append(Use(last, small.weight, np.zeros_like(small.values), floors=True))
        return tuple(uses)

    def _new(self, shape: tuple[int, int]) -> IntArray:
        size = shape[0] * shape[1]
        self.columns += size
        return np.arange(self.columns - size, self.columns).reshape(shape)

    def _units(self, k: int) -> tuple[IntArray, float]:
        """Return the (T, n) columns that count units of a tier, and how many one of them is."""
        piles = self.piles[k]
        if piles is not None:
            return piles, 1.0
        return self.stations[k], float(self.problem.tiers[k].fewest)

    def write(self) -> Programme:
        """Return the programme."""
        for k in range(len(self.stations)):
            self._rising(self.stations[k])
            piles = self.piles[k]
            if piles is not None:
                self._rising(piles)
                self._link(k, piles)
        for c, use in enumerate(self.uses):
            self._serve(c, use)
        self._limit()
        return self._finished()

    def _rising(self, columns: IntArray) -> None:
        before, after = columns[:-1].ravel(), columns[1:].ravel()
        row, one = np.arange(len(before)), np.ones(len(before))
        self.rows.add(0 * one, np.inf * one, (row, after, one), (row, before, -one))

    def _link(self, k: int, piles: IntArray) -> None:
        stations = self.stations[k]
        row, one = np.arange(stations.size), np.ones(stations.size)
        most = np.tile(self.small.most[k], len(stations)).astype(float)
        least = float(self.problem.tiers[k].fewest)
        p, y = piles.ravel(), stations.ravel()
        self.rows.add(0 * one, np.inf * one, (row, p, one), (row, y, -least * one))
        first = self.rows.add(-np.inf * one, 0 * one, (row, p, one), (row, y, -most))
        self.spaces[k] = np.arange(first, self.rows.count).reshape(stations.shape)

    def _serve(self, c: int, use: Use) -> None:
        """Write what the stations of a year serve."""
        groups = np.arange(len(use.weight))
        terms = [(groups, self.shares[c], -np.ones(len(groups)))]
        for k, (tier, covers) in enumerate(zip(self.problem.tiers, self.small.covers, strict=True)):
            group, candidate = _pairs(covers)
            ample = self.small.ample[k]
            stations, free = self.stations[k][use.year], ample[candidate]
            terms.append((group[free], stations[candidate[free]], np.ones(int(free.sum()))))
            if tier.capacity is None or free.all():
                continue
            group, candidate = group[~free], candidate[~free]
            limit = np.full(len(ample), tier.capacity)
            units, each = self._units(k)
            draw = np.arange(len(ample)), units[use.year], -each * np.ones(len(ample))
            terms.append(self._flow((group, candidate), use, limit, draw))
            self.host.append(stations[candidate])
        if self.small.stock.nnz:
            terms.append(self._flow(_pairs(self.small.stock), use, self.small.stock_capacity, None))
            self.host.append(np.full(self.small.stock.nnz, -1))
        self.rows.add(np.zeros(len(groups)), np.full(len(groups), np.inf), *terms)

    def _flow(self, pairs: Pairs, use: Use, capacity: FloatArray, units: Term | None) -> Term:
        """Write that stations serve no more than they can; return how groups are served."""
        group, station = pairs
        flow = self._new((1, len(group)))[0]
        self.flow.append(flow)
        self.most.append(np.ones(len(flow)))
        # A capacity far below all demand would leave HiGHS with coefficients that it drops.
        scale = np.maximum(capacity, 1e-9 * max(float(use.weight.sum()), 1e-300))
        weighs = (station, flow, use.weight[group] / scale[station])
        have, none = capacity / scale, np.full(len(capacity), -np.inf)
        if units is None:
            self.rows.add(none, have, weighs)
        else:
            row, column, number = units
            self.rows.add(none, 0 * have, weighs, (row, column, number * have))
        return group, flow, np.ones(len(flow))

    def _limit(self) -> None:
        problem, last = self.problem, self.problem.years - 1
        for k, tier in enumerate(problem.tiers):
            columns, each = self._units(k)
            for t in range(problem.years):
                terms = [(columns[t], np.full(len(columns[t]), each))]
                self._at_most("count", (k, t), float(tier.count[t]), terms)
        for t, money in enumerate([] if problem.budget is None else problem.budget):
            terms = []
            for k, tier in enumerate(problem.tiers):
                columns, each = self._units(k)
                terms.append((columns[t], each * tier.costs[self.small.kept[k]]))
            self._at_most("budget", (0, t), float(money), terms)
            self._sharpen("budget", (0, t), float(money), [t.costs for t in problem.tiers])
        for feeder, most in enumerate(problem.feeder_limit):
            terms = []
            for k, tier in enumerate(problem.tiers):
                columns, each = self._units(k)
                mine = tier.feeders[self.small.kept[k]] == feeder
                terms.append((columns[last][mine], np.full(int(mine.sum()), each * tier.power)))
            self._at_most("feeder", (feeder, last), float(most), terms)
            draws = [np.where(t.feeders == feeder, t.power, 0.0) for t in problem.tiers]
            self._sharpen("feeder", (feeder, last), float(most), draws)
        for c, use in enumerate(self.uses):
            for z, floor in enumerate(problem.floors if use.floors else ()):
                least = floor.least - self.small.base_floors[z]
                terms = [(self.shares[c], -self.small.floors[z])]
                self._at_most("floor", (z, last), -least, terms)

    def _at_most(
        self, kind: str, of: tuple[int, int], most: float, terms: list[tuple[IntArray, FloatArray]]
    ) -> None:
        column = np.concatenate([np.empty(0, np.intp), *(c for c, _number in terms)])
        number = np.concatenate([np.empty(0), *(number for _c, number in terms)])
        unit = float(np.abs(number).max(initial=0.0)) or max(abs(most), 1.0)
        if kind == "floor":
            unit = float(np.abs(number).sum()) or unit
        upper = most + LOOSE * max(abs(most), unit)
        row = np.zeros(len(column), np.intp)
        first = self.rows.add(
            np.array([-np.inf]), np.array([upper / unit]), (row, column, number / unit)
        )
        self.limits.append(Row(kind, *of, first, unit))

    def _sharpen(
        self, kind: str, of: tuple[int, int], most: float, of_unit: list[FloatArray]
    ) -> None:
        """Hold a limit in whole numbers, given what a unit at each candidate of a tier takes."""
        takes = []
        for k, tier in enumerate(self.problem.tiers):
            columns, fewest = self._units(k)
            each = of_unit[k][self.small.kept[k]]
            mine, t = each > 0, of[1]
            least, units = each[mine] * tier.fewest, each[mine] * fewest
            takes.append(Takes(self.stations[k][t][mine], least, columns[t][mine], units))
        for amount, column, number, whole in sharper(takes, most):
            row = np.zeros(len(column), np.intp)
            first = self.rows.add(np.array([-np.inf]), np.array([whole]), (row, column, number))
            self.sharper.append(Row(kind, *of, first, amount))

    def _finished(self) -> Programme:
        problem, chance = self.problem, self.problem.chance
        worth = np.zeros((len(chance), self.columns + 1))
        for c, use in enumerate(self.uses):
            worth[:, self.shares[c]] = use.value
        base = self.small.base * problem.year.sum()
        unit = float(worth.max(initial=0.0)) or 1.0
        worth, base = worth / unit, base / unit
        cost, offset = chance @ worth, float(chance @ base)
        least, whole = 0.0, self.whole
        if problem.aim == "worst":
            cost, offset, least = np.zeros(self.columns + 1), 0.0, np.inf
            cost[-1] = 1.0
            row, column = np.nonzero(worth)
            every = np.arange(len(chance))
            one = np.ones(len(chance))
            theta = (every, np.full(len(chance), self.columns), one)
            self.rows.add(-np.inf * one, base, theta, (row, column, -worth[row, column]))
        flow = np.concatenate([np.empty(0, np.intp), *self.flow])
        return Programme(
            rows=self.rows.matrix(self.columns + 1),
            lower=np.concatenate([np.empty(0), *self.rows.lower]),
            upper=np.concatenate([np.empty(0), *self.rows.upper]),
            cost=cost,
            most=np.concatenate([*self.most, [least]]),
            whole=np.append(whole, np.zeros(self.columns + 1 - len(whole), np.int32)),
            offset=offset,
            unit=unit,
            stations=tuple(self.stations),
            piles=tuple(self.piles),
            shares=self.shares,
            uses=self.uses,
            flow=flow,
            host=np.concatenate([np.empty(0, np.intp), *self.host]),
            limits=tuple(self.limits),
            sharper=tuple(self.sharper),
            spaces=tuple(self.spaces),
        )


def _pairs(matrix: Csr) -> Pairs:
    """Return the rows and columns of what is in a matrix."""
    pairs = sparse.coo_array(matrix)
    return pairs.row.astype(np.intp), pairs.col.astype(np.intp)
