"""What a build-out is told: kinds of station, years, and the limits of all of them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Csr, Matrix

Aim = Literal["expected", "worst"]


@dataclass(frozen=True)
class Tier:
    """A kind of station: where it can be, what it reaches, and how many there may be.

    Attributes
    ----------
    covers
        (m, n) sparse; not zero where a station at a candidate (column) reaches a demand (row).
    count
        (T,) how many units may be built in all until the end of each year, never falling. A unit
        is a station, or a pile where piles are counted.
    least
        Where piles are counted, the fewest at one place, >= 1; None where stations are counted.
    most
        (n,) most piles at each candidate; one with fewer than `least` is never used.
    capacity
        Demand that one unit can serve, > 0, in the unit of the weights; None is without a limit.
    cost
        (n,) of one unit, >= 0, in the budget's unit; None where it costs nothing.
    power
        That one unit draws from its feeder, kW, >= 0.
    feeder
        (n,) index of the feeder of each candidate, -1 for one without a limit; None for all such.
    existing
        (m, e) sparse; what the stations reach that there are and stay. None where there are none.
    existing_capacity
        (e,) demand that each of them can serve; None is without a limit.
    """

    covers: Matrix
    count: IntArray
    least: int | None = None
    most: IntArray | None = None
    capacity: float | None = None
    cost: FloatArray | None = None
    power: float = 0.0
    feeder: IntArray | None = None
    existing: Matrix | None = None
    existing_capacity: FloatArray | None = None

    @property
    def candidates(self) -> int:
        """How many candidates there are."""
        return _shape(self.covers)[1]

    @property
    def fewest(self) -> int:
        """How many units a place has at least, if it has any."""
        return 1 if self.least is None else self.least

    @property
    def largest(self) -> IntArray:
        """(n,) how many units a place has at most."""
        ones = np.ones(self.candidates, np.intp)
        return ones if self.most is None else np.asarray(self.most, np.intp)

    @property
    def costs(self) -> FloatArray:
        """(n,) what a unit costs."""
        nothing = np.zeros(self.candidates)
        return nothing if self.cost is None else np.asarray(self.cost, np.float64)

    @property
    def feeders(self) -> IntArray:
        """(n,) index of the feeder that a unit draws from, -1 where nothing limits it."""
        free = np.full(self.candidates, -1, np.intp)
        return free if self.feeder is None or not self.power else np.asarray(self.feeder, np.intp)


@dataclass(frozen=True)
class Floor:
    """Some demand of which a weight must be served in the last year.

    Attributes
    ----------
    rows
        Indices of the demand.
    least
        Weight that must be served, >= 0.
    """

    rows: IntArray
    least: float


@dataclass(frozen=True)
class Buildout:
    """Kinds of station to be built over some years, and what makes one plan better than another.

    The value of a plan is ``sum_t year_t sum_i weight_i value_i served_it``.

    Attributes
    ----------
    tiers
        The kinds, K of them.
    weight
        (m,) demand of every class, >= 0.
    value
        (m,) what one of a weight counts when it is served for a year, >= 0; that makes classes of
        different units comparable.
    year
        (T,) what each year counts, >= 0.
    floors
        What must be served in the last year, of `weight`. A part of 1e-6 of the demand may lack.
    feeder_limit
        (F,) kW that each feeder can give to new units.
    budget
        (T,) most that may be spent in all until the end of each year; None is without a limit.
    scenarios
        (S, m) weights that the demand may turn out to have; the objective is of them, the floors
        are of `weight`. Where stations have capacities, each scenario uses them as is best for it.
    probability
        (S,) of the scenarios, adding up to 1; None where all are alike.
    aim
        Of the shares of the value that are served in the scenarios, the mean (``"expected"``) or
        the least (``"worst"``) is made large.
    """

    tiers: tuple[Tier, ...]
    weight: FloatArray
    value: FloatArray
    year: FloatArray
    floors: tuple[Floor, ...] = ()
    feeder_limit: FloatArray = field(default_factory=lambda: np.empty(0))
    budget: FloatArray | None = None
    scenarios: FloatArray | None = None
    probability: FloatArray | None = None
    aim: Aim = "expected"

    @property
    def years(self) -> int:
        """How many years there are, T."""
        return len(self.year)

    @property
    def has_capacity(self) -> bool:
        """Whether some station, new or existing, serves only so much."""
        return any(t.capacity is not None or t.existing_capacity is not None for t in self.tiers)

    @property
    def weights(self) -> FloatArray:
        """(S, m) weight of all demand in each scenario, or as it is."""
        return np.atleast_2d(self.weight if self.scenarios is None else self.scenarios)

    @property
    def values(self) -> FloatArray:
        """(S, m) what it adds to a scenario's part of the objective to serve a demand for a year.

        Where there are scenarios, it is a share of all that there is to be had in one.
        """
        worth = self.weights * self.value
        if self.scenarios is None:
            return worth
        total = worth.sum(axis=1, keepdims=True) * max(float(np.sum(self.year)), 1e-300)
        return worth / np.where(total > 0, total, 1.0)

    @property
    def chance(self) -> FloatArray:
        """(S,) what each scenario counts in the mean."""
        number = len(self.weights)
        return np.full(number, 1 / number) if self.probability is None else self.probability


def check(problem: Buildout) -> None:
    """Raise where the arrays of a problem do not fit each other.

    Raises
    ------
    ValueError
        For the first thing that is wrong.
    """
    m, years = len(problem.weight), problem.years
    _fits("weight", problem.weight, (m,))
    _fits("value", problem.value, (m,))
    _fits("year", problem.year, (years,))
    if problem.budget is not None:
        _fits("budget", problem.budget, (years,))
    if problem.scenarios is not None:
        _fits("scenarios", problem.scenarios, (len(problem.scenarios), m))
    _fits("probability", problem.chance, (len(problem.weights),))
    for k, tier in enumerate(problem.tiers):
        _check_tier(f"tier {k}", tier, m, years)
        if len(tier.feeders) and tier.feeders.max() >= len(problem.feeder_limit):
            raise ValueError(f"tier {k} has a feeder without a limit")


def _check_tier(name: str, tier: Tier, m: int, years: int) -> None:
    n = tier.candidates
    _alike(f"covers of {name}", _shape(tier.covers), (m, n))
    _fits(f"count of {name}", np.asarray(tier.count), (years,))
    _fits(f"most of {name}", tier.largest, (n,))
    _fits(f"cost of {name}", tier.costs, (n,))
    _alike(f"feeder of {name}", tier.feeders.shape, (n,))
    if (np.diff(tier.count) < 0).any():
        raise ValueError(f"count of {name} falls")
    if tier.least is not None and (tier.least < 1 or tier.most is None):
        raise ValueError(f"{name} counts piles, so it needs least >= 1 and most")
    if tier.capacity is not None and not tier.capacity > 0:
        raise ValueError(f"capacity of {name} must be > 0")
    if tier.existing is not None:
        e = _shape(tier.existing)[1]
        _alike(f"existing of {name}", _shape(tier.existing), (m, e))
        if tier.existing_capacity is not None:
            _fits(f"existing capacity of {name}", tier.existing_capacity, (e,))


def _fits(name: str, array: FloatArray | IntArray, shape: tuple[int, ...]) -> None:
    _alike(name, array.shape, shape)
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError(f"{name} must be finite numbers >= 0")


def _alike(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if shape != wanted:
        raise ValueError(f"{name} has the shape {shape}, not {wanted}")


def _shape(matrix: Matrix) -> tuple[int, int]:
    rows, columns = cast("Csr", matrix).shape
    return rows, columns
