"""What a coverage is made of, on its way from layers to a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jxgis.transit.areas import Polygons

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Denominator:
    """A built-up area as printed elsewhere (a yearbook), square metres, and where."""

    area_m2: float
    source: str


@dataclass(frozen=True)
class Zone:
    """A row of the table: the built-up area in a zone, or outside every zone."""

    zone_id: str
    name: str
    built_up: Polygons


@dataclass(frozen=True)
class Areas:
    """Area of each of some sets of polygons, and how much of it discs cover, square metres.

    Attributes
    ----------
    total
        (n,)
    covered
        (n,) for each radius.
    """

    total: FloatArray
    covered: Mapping[float, FloatArray]

    def share(self, radius: float, sets: Sequence[int]) -> tuple[float, float]:
        """Return covered and total area of sets together."""
        return float(self.covered[radius][sets].sum()), float(self.total[sets].sum())
