"""Round numbers along an axis, and where a value lies between its ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

TICKS = 5

# Values that differ by less than this part of themselves are one.
LEAST = 1e-6


@dataclass(frozen=True)
class Scale:
    """Round ticks over a column's values, and where a value lies between two pixels."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return a value's place."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def round_ticks(
    low: float, high: float, *, share: bool = False, whole: bool = False
) -> tuple[float, ...]:
    """Return about five round numbers, the first at or under all values, the last at or above.

    Parameters
    ----------
    low, high
        The least and the greatest value.
    share
        Whether the values are shares, whose axis ends at 1.
    whole
        Whether only whole numbers are ticks.
    """
    size = max(abs(low), abs(high), 0.01)
    span = high - low if high - low > LEAST * size else 0.1 * size
    step = 10.0 ** math.floor(math.log10(span / TICKS))
    step = next(step * m for m in (1, 2, 5, 10) if span / (step * m) <= TICKS)
    if whole:
        step = max(step, 1.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(round(n * step, 12) for n in range(first, last + 1))
    return tuple(t for t in ticks if t <= 1) if share and high <= 1 and first * step < 1 else ticks
