"""How good what was found is, in words and in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from jxgis.i18n import _
from jxgis.publish.numbers import format_quantity
from jxgis.results import Result, Solution

# Decimals of an objective and its bound: the least of large ones and of those under ten, and as
# many as tell the two apart.
_LEAST, _SMALL_LEAST, _MOST = 2, 4, 9
_SMALL = 10.0

# A gap up to this is that of a solver's arithmetic, and none of the choice.
_EQUAL = 1e-6

# A gap under this, per cent, is not printed as a number.
_SMALLEST = Decimal("0.01")


@dataclass(frozen=True)
class Found:
    """A sentence for the reader, whether the best is proven, and title and value of its numbers."""

    sentence: str
    is_proven: bool
    numbers: tuple[tuple[str, str], ...]


def found(result: Result) -> Found | None:
    """Return how good a result's solution is, None where nothing was searched for."""
    solution = result.solution
    if solution is None:
        return None
    objective, bound = _apart(solution)
    numbers = (
        (_("Objective"), objective),
        (_("Bound"), bound),
        (_("Gap"), format_gap(solution.gap)),
        (_("Seed"), str(solution.seed)),
    )
    return Found(_sentence(solution), solution.status == "optimal", numbers)


def format_gap(gap: float) -> str:
    """Return a gap as a percentage that is never less than it: 0.001234 gives 0.13 %."""
    if not math.isfinite(gap):
        return _("not known")
    percent = Decimal(repr(float(gap))) * 100
    if 0 < percent < _SMALLEST:
        return _("under {limit}").format(limit=_("{number} %").format(number=_SMALLEST))
    shown = percent.quantize(_SMALLEST, rounding=ROUND_CEILING)
    return _("{number} %").format(number=f"{shown:,f}")


def _sentence(solution: Solution) -> str:
    gap = format_gap(solution.gap)
    if solution.status == "optimal" and solution.gap <= _EQUAL:
        return _("Proven: no other choice of places is better.")
    if solution.status == "optimal":
        return _("Proven: no other choice of places is better by more than {gap}.").format(gap=gap)
    if not math.isfinite(solution.gap):
        return _("The search was stopped early: how much better another choice could be is open.")
    if solution.status == "time_limit":
        said = _("Time ran out: this is at most {gap} away from the best possible.")
        return said.format(gap=gap)
    said = _("The search was stopped by hand: this is at most {gap} away from the best possible.")
    return said.format(gap=gap)


def _apart(solution: Solution) -> tuple[str, str]:
    """Return objective and bound, alike in print only where they are as good as equal."""
    values = solution.objective, solution.bound
    decimals = _SMALL_LEAST if max(map(abs, values)) < _SMALL else _LEAST
    while True:
        objective, bound = (format_quantity(v, "count", decimals) for v in values)
        if solution.status == "optimal" and len({round(v, decimals) for v in values}) == 1:
            return objective, objective  # of 12 and 12.0001 the one would be 12 and the other 12.00
        if objective != bound or decimals == _MOST or solution.status == "optimal":
            return objective, bound
        decimals += 1
