"""Whether each class of a map has reference points enough, and what becomes of one that has none.

A class whose whole area are parts of cells on the outline has no cell to draw a point in, and one
of a few cells has few. What its map shows is then too little to be judged apart: it is counted
with another class, and said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jxgis.kernels.accuracy import LEAST

INTERVAL_RULE = "green.least_points_interval"

# A cell is drawn where its middle is inside, and counts with the part of it that is: so points and
# cells of a small class that was drawn in full are not the same number.
_IN_FULL = 0.5

IntArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Enough:
    """The points of each class of the map, and whether they are enough.

    Attributes
    ----------
    into : (k,) array
        The class that each is counted with: its own number, unless it is too small to be judged.
    areas : (k,) array
        Of the classes as they are counted.
    points : (k,) array
        Theirs.
    cells : (k,) array
        Theirs; of a small class a whole number, and infinite where a cell's size is not known.
    missing : (k,) array
        Points without which there is no interval.
    """

    into: IntArray
    areas: FloatArray
    points: IntArray
    cells: FloatArray
    missing: IntArray

    @property
    def for_a_variance(self) -> npt.NDArray[np.bool_]:
        """Whether each class's variance can be known at all."""
        return np.asarray((self.points >= np.minimum(LEAST, self.cells)) | (self.areas <= 0))

    @property
    def for_an_interval(self) -> bool:
        """Whether no class has too few points for an interval to hold the truth as it says."""
        return not self.missing.any()


def enough(
    points: IntArray, areas: FloatArray, least: int, cell: float | None, rest: int
) -> Enough:
    """Count the points of the classes of a map.

    Parameters
    ----------
    points : (k,) array
        Reference points by class of the map.
    areas : (k,) array
        What the map shows of each.
    least
        Points of a class that an interval needs, by the rule `INTERVAL_RULE`; where half of the
        class's cells are fewer, these.
    cell
        What a cell is of the areas; None where that is not known.
    rest
        Number of the class that those too small to be judged are counted with: they have fewer
        cells than ``least``, and fewer points than a variance needs. Where it is one of them, they
        are counted with the largest class.
    """
    cells = areas / cell if cell else np.where(areas > 0, np.inf, 0.0)
    few = (areas > 0) & (cells < least)
    cells[few] = np.maximum(np.round(cells[few]), 1)
    thin = few & (points < np.minimum(LEAST, cells))
    into = np.arange(len(areas))
    if not thin[areas > 0].all():
        if thin[rest] or areas[rest] <= 0:
            rest = int(np.argmax(np.where(thin, 0.0, areas)))
        into[thin] = rest
    size = len(areas)
    areas = np.bincount(into, areas, size).astype(np.float64)
    cells = np.bincount(into, cells, size).astype(np.float64)
    points = np.bincount(into, points, size).astype(np.intp)
    need = np.where(areas > 0, np.ceil(np.minimum(least, _IN_FULL * cells)), 0).astype(np.intp)
    return Enough(into, areas, points, cells, np.maximum(need - points, 0))
