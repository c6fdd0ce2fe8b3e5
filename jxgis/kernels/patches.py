"""Patches of cells that touch, at least of a size, found strip by strip.

A patch that is smaller than *n* cells reaches over fewer than *n* rows. So within a strip and
*n* - 1 rows above and below it, every patch of the strip is either whole or has *n* cells.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.ndimage

BoolArray = npt.NDArray[np.bool_]

_TOUCHING = np.ones((3, 3), dtype=bool)


def halo(least: int) -> int:
    """Return how many rows beside a strip must be known to tell its patches apart by size."""
    return max(least - 1, 0)


def of_least_size(mask: BoolArray, least: int, above: int, rows: int) -> BoolArray:
    """Return the cells of a strip that are in patches of at least a size.

    Parameters
    ----------
    mask : (above + rows + below, columns) array
        The strip with `halo` rows on either side, fewer only where the raster ends.
    least
        Cells that make a patch; cells touch also at corners.
    above, rows
        Where in ``mask`` the strip begins, and its height.

    Returns
    -------
    (rows, columns) array
        The strip's cells in patches of that size; the others are in smaller patches, or were
        never set.
    """
    core = mask[above : above + rows]
    if least <= 1 or not core.any():
        return core.copy()
    labels, count = scipy.ndimage.label(mask, structure=_TOUCHING)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    large = sizes >= least
    large[0] = False
    return np.asarray(large[labels[above : above + rows]])
