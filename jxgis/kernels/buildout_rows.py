"""The rows and columns of a build-out's programme, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Csr

Term = tuple[IntArray, IntArray, FloatArray]
"""Rows, columns and coefficients."""


@dataclass(frozen=True)
class Use:
    """How the stations of one year are used.

    Attributes
    ----------
    year
        Its index.
    weight
        (G,) weight of the groups.
    value
        (S, G) what it adds to each scenario's part of the objective to serve a group.
    floors
        Whether floors are of this use.
    """

    year: int
    weight: FloatArray
    value: FloatArray
    floors: bool


@dataclass
class Rows:
    """Rows of a programme, being written."""

    count: int = 0
    row: list[IntArray] = field(default_factory=list)
    column: list[IntArray] = field(default_factory=list)
    number: list[FloatArray] = field(default_factory=list)
    lower: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)

    def add(
        self, lower: FloatArray, upper: FloatArray, *terms: tuple[IntArray, IntArray, FloatArray]
    ) -> int:
        """Add rows with terms (row within them, column, coefficient); return the first's index."""
        for row, column, number in terms:
            self.row.append(row + self.count)
            self.column.append(column)
            self.number.append(number)
        self.lower.append(lower)
        self.upper.append(upper)
        self.count += len(lower)
        return self.count - len(lower)

    def matrix(self, columns: int) -> Csr:
        """Return the coefficients."""
        row, column, number = (
            np.concatenate([[], *part]) for part in (self.row, self.column, self.number)
        )
        place = (row.astype(np.intp), column.astype(np.intp))
        own = sparse.csr_array((number, place), shape=(self.count, columns))
        own.eliminate_zeros()
        return own


@dataclass(frozen=True)
class Row:
    """Which limit a row is.

    Attributes
    ----------
    kind
        ``count``, ``budget``, ``feeder`` or ``floor``.
    index
        Of the tier, feeder or floor; 0 for a budget.
    year
        Index of the year.
    row
        Index of the row.
    unit
        What one of the row is in the limit's unit.
    """

    kind: str
    index: int
    year: int
    row: int
    unit: float


@dataclass(frozen=True)
class Programme:
    """The programme: rows, bounds and objective, which is made large.

    Attributes
    ----------
    rows, lower, upper
        (r, c) coefficients and (r,) bounds.
    cost, most, whole
        (c,) coefficients of the objective, upper bounds (the lower are 0), and which are whole.
    offset
        What is added to the objective.
    unit
        What one of the objective is worth.
    stations, piles
        Of each tier, (T, n) columns ``y``, and ``p`` or None.
    shares
        (uses, G) columns ``z``.
    uses
        What they are of.
    flow, host
        Columns ``f``, and the column ``y`` of the station that each is from.
    limits, sharper
        Rows that are limits, and that hold the same ones in whole numbers.
    spaces
        Of each tier with piles, (T, n) rows that hold the piles to the most at a place.
    """

    rows: Csr
    lower: FloatArray
    upper: FloatArray
    cost: FloatArray
    most: FloatArray
    whole: IntArray
    offset: float
    unit: float
    stations: tuple[IntArray, ...]
    piles: tuple[IntArray | None, ...]
    shares: IntArray
    uses: tuple[Use, ...]
    flow: IntArray
    host: IntArray
    limits: tuple[Row, ...]
    sharper: tuple[Row, ...]
    spaces: tuple[IntArray | None, ...]
