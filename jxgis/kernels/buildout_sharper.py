"""Limits of money and power in whole numbers, which a relaxed build-out would share out in parts.

Where each of some places takes q or more of a limit, no more than ``floor(limit / q)`` of them fit:
the rows of Chvatal (1973), ``sum floor(takes / q) x <= floor(limit / q)``, for each amount q that
some place takes. The relaxed programme that has them is nearer to the best plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_reduced import LOOSE

TINY = 1e-12
"""Share by which an amount may be below a multiple of another and count as that."""

MOST = 12
"""Of more different amounts than this, only so many are tried, spread over all."""


@dataclass(frozen=True)
class Takes:
    """What places take of a limit.

    Attributes
    ----------
    station, least
        Columns that say whether there is one, and what it takes at least.
    units, each
        Columns of its units where these are counted, else the same columns, and what one takes.
    """

    station: IntArray
    least: FloatArray
    units: IntArray
    each: FloatArray


def sharper(takes: list[Takes], limit: float) -> list[tuple[float, IntArray, FloatArray, float]]:
    """Return rows that hold a limit in whole numbers: (amount, columns, coefficients, at most).

    Parameters
    ----------
    takes
        Of each tier.
    limit
        What all take at most.
    """
    rows = []
    for q in _amounts(takes):
        most = np.floor(limit / q * (1 + 3 * LOOSE))
        columns, numbers = [], []
        for one in takes:
            several = one.each >= q * (1 - TINY)
            column = np.where(several, one.units, one.station)
            number = np.floor(np.where(several, one.each, one.least) / q * (1 + TINY))
            columns.append(column[number > 0])
            numbers.append(number[number > 0])
        column, number = np.concatenate(columns), np.concatenate(numbers)
        if number.sum() > most:
            rows.append((q, column, number, float(most)))
    return rows


def _amounts(takes: list[Takes]) -> list[float]:
    every = np.unique(np.concatenate([np.empty(0), *(one.least for one in takes)]))
    every = every[every > 0]
    some = np.unique(np.linspace(0, len(every) - 1, min(len(every), MOST)).astype(np.intp))
    return [float(q) for q in every[some]]
