"""Patches of at least a size in maps that are read strip by strip."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from jxgis.green.maps import ClassMap
from jxgis.rasters import Window
from jxgis.rules import Rules

PATCH_RULE = "green.least_patch_m2"


def least_cells(class_map: ClassMap, rules: Rules) -> int:
    """Return how many cells the least patch has: a mu is 7 cells of 10 m.

    Parameters
    ----------
    class_map
        On whose grid.
    rules
        The least area.
    """
    cell_m2 = class_map.grid.middle_cell_m2()
    return max(ceil(rules[PATCH_RULE].value / cell_m2 - 1e-6), 1)


def with_halo(
    strips: Iterator[tuple[Window, npt.NDArray[Any]]], rows: int
) -> Iterator[tuple[Window, npt.NDArray[Any], int]]:
    """Give strips with some rows of their neighbours, and how many of these are above.

    Parameters
    ----------
    strips
        From top to bottom, without a gap, each with at least as many rows, but for the last.
    rows
        How many of each neighbour, where it has as many.

    Yields
    ------
    window, array, above
        The strip's own window; its cells with those of its neighbours; the rows above its own.
    """
    above: npt.NDArray[Any] | None = None
    held = next(strips, None)
    while held is not None:
        following = next(strips, None)
        window, cells = held
        parts = [cells] if above is None or not rows else [above[-rows:], cells]
        before = 0 if len(parts) == 1 else len(parts[0])
        if following is not None and rows:
            parts.append(following[1][:rows])
        yield window, np.concatenate(parts), before
        above, held = cells, following
