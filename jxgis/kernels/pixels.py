"""What a cell of an image is: green or not by an index, green by a part, and over several dates.

A normalised difference :math:`(N - R) / (N + R)` is compared with a threshold in whole numbers
where the bands are whole numbers: with :math:`N + R > 0` it is above *t* exactly when
:math:`(1 - t) N - (1 + t) R > 0`, and that is linear in what the bands store. Two machines then
give the same count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Scale = tuple[Fraction, Fraction]
"""Factor and offset: reflectance is ``stored * factor + offset``."""

PARTS = 1000
"""Parts of a cell that a fraction of vegetation is rounded to."""


@dataclass(frozen=True)
class Linear:
    """A condition on stored numbers: ``nir * a - red * b > c``, whole numbers without a divisor."""

    nir: int
    red: int
    above: int

    def holds(self, nir: npt.NDArray[Any], red: npt.NDArray[Any]) -> BoolArray:
        """Tell where it holds.

        Parameters
        ----------
        nir, red : arrays
            What the bands store, of one shape.

        Returns
        -------
        array of bool
            Exact for whole numbers; for floating-point bands as exact as these are.

        Raises
        ------
        OverflowError
            If the numbers of the condition are too long for whole numbers of 64 bits.
        """
        kind = self._kind(nir, red)
        left = np.multiply(nir, kind(self.nir), dtype=kind)
        right = np.multiply(red, kind(self.red), dtype=kind)
        np.subtract(left, right, out=left)
        return np.asarray(left > kind(self.above))

    def _kind(self, nir: npt.NDArray[Any], red: npt.NDArray[Any]) -> type[np.number[Any]]:
        if nir.dtype.kind == "f" or red.dtype.kind == "f":
            return np.float64
        largest = max(
            max(-int(i.min), int(i.max)) for i in (np.iinfo(nir.dtype), np.iinfo(red.dtype))
        )
        bound = largest * (abs(self.nir) + abs(self.red)) + abs(self.above)
        if bound < 2**31:
            return np.int32
        if bound < 2**63:
            return np.int64
        raise OverflowError("the threshold and the scaling have too many digits")


@dataclass(frozen=True)
class Index:
    """A normalised difference above a threshold, for bands that store numbers in their own way."""

    above: Linear
    positive: Linear | None

    def holds(self, nir: npt.NDArray[Any], red: npt.NDArray[Any]) -> BoolArray:
        """Tell where the index is above the threshold; where it has no value it is not.

        Parameters
        ----------
        nir, red : arrays
            What the bands store, of one shape.

        Returns
        -------
        array of bool
            Of that shape.
        """
        holds = self.above.holds(nir, red)
        if self.positive is not None:
            holds &= self.positive.holds(nir, red)
        return holds


def index_above(threshold: Fraction, red: Scale, nir: Scale, *, signed: bool) -> Index:
    """Return the condition that a normalised difference of two bands is above a threshold.

    Parameters
    ----------
    threshold
        Between -1 and 1.
    red, nir
        How reflectance follows from what each band stores.
    signed
        Whether a band can store numbers below zero.

    Raises
    ------
    ValueError
        If the threshold is not between -1 and 1, or a factor is not positive.
    """
    if not -1 <= threshold <= 1:
        raise ValueError("a threshold of a normalised difference lies between -1 and 1")
    if red[0] <= 0 or nir[0] <= 0:
        raise ValueError("a factor of reflectance is above zero")
    above = _whole(
        (1 - threshold) * nir[0],
        (1 + threshold) * red[0],
        (1 + threshold) * red[1] - (1 - threshold) * nir[1],
    )
    total = _whole(nir[0], -red[0], -(nir[1] + red[1]))
    surely = not signed and nir[1] >= 0 and red[1] >= 0
    return Index(above, None if surely else total)


def _whole(nir: Fraction, red: Fraction, above: Fraction) -> Linear:
    """Return the condition without fractions, in the smallest numbers."""
    factor = lcm(nir.denominator, red.denominator, above.denominator)
    a, b, c = int(nir * factor), int(red * factor), int(above * factor)
    common = gcd(a, b, c) or 1
    return Linear(a // common, b // common, c // common)


def index(nir: npt.NDArray[Any], red: npt.NDArray[Any], red_as: Scale, nir_as: Scale) -> FloatArray:
    """Return the normalised difference of two bands; NaN where they add up to nothing.

    Parameters
    ----------
    nir, red : arrays
        What the bands store, of one shape.
    red_as, nir_as
        How reflectance follows from it.
    """
    n = nir * float(nir_as[0]) + float(nir_as[1])
    r = red * float(red_as[0]) + float(red_as[1])
    total = n + r
    found = np.divide(n - r, total, out=np.full(total.shape, np.nan), where=total > 0)
    return np.asarray(found, dtype=np.float64)


def vegetation_parts(ndvi: FloatArray, soil: float, vegetation: float) -> npt.NDArray[np.uint16]:
    """Return how much of each cell is vegetation, between two fixed endmembers.

    Parameters
    ----------
    ndvi : array
        Normalised differences; NaN counts as no vegetation.
    soil, vegetation
        The index of bare ground and of closed vegetation.

    Returns
    -------
    array
        `PARTS` where all of a cell is vegetation, 0 where none is; linear between the two, as in
        the two-endmember model of Gutman and Ignatov (1998).
    """
    share = np.clip((ndvi - soil) / (vegetation - soil), 0.0, 1.0)
    return np.nan_to_num(np.floor(share * PARTS + 0.5), nan=0.0).astype(np.uint16)


def composite(
    values: Sequence[npt.NDArray[Any]], seen: Sequence[BoolArray], by: str
) -> tuple[npt.NDArray[Any], BoolArray]:
    """Return one value a cell from those of several dates, of those that are seen.

    Parameters
    ----------
    values, seen
        An array of each for every date, of one shape. A value may be anything that grows with
        the index (green or not, parts of vegetation): the middle index gives the middle value.
    by
        ``median``: the middle one, of an even number the lower; ``max``: the highest.

    Returns
    -------
    value, seen : arrays
        A cell is seen where it is at any date; elsewhere its value is 0.
    """
    if len(values) == 1 and values[0].dtype == np.bool_:
        return values[0] & seen[0], seen[0]
    if len(values) == 1:
        return np.where(seen[0], values[0], values[0].dtype.type(0)), seen[0]
    stack, known = np.stack(values), np.stack(seen)
    count = known.sum(axis=0)
    if by == "max":
        return np.where(known, stack, stack.dtype.type(0)).max(axis=0), count > 0
    signed = np.where(known, stack.astype(np.int32), np.iinfo(np.int32).max)
    signed.sort(axis=0)
    middle = np.maximum(count - 1, 0) // 2
    chosen = np.take_along_axis(signed, middle[None], axis=0)[0]
    return np.where(count > 0, chosen, 0).astype(stack.dtype), count > 0
