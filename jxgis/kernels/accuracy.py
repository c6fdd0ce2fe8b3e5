"""What a map's classes really cover, estimated from a stratified reference sample.

The area that a map shows as a class is biased by its errors. The good practices of Olofsson et
al. (2014, Remote Sensing of Environment 148, 42-57, doi:10.1016/j.rse.2014.02.015) estimate the
area from points at which the truth was looked up, drawn at random from each class of the map,
and say how sure that is. A map better than another one gives a narrower interval, never another
expectation.

Points are taken to be few among the cells: no variance is made smaller for a finite population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

FloatArray = NDArray[np.float64]

Z95 = 1.959964
"""Standard errors to either side that a 95 % interval reaches."""

LEAST = 2
"""Points in a stratum without which its variance cannot be known."""

_ONE = 1e-6


@dataclass(frozen=True)
class Estimate:
    """What a reference sample says of *k* classes, as shares of the mapped area.

    Attributes
    ----------
    shares, shares_se : (k,) arrays
        Share of the area that each class truly covers, and its standard error.
    users, users_se : (k,) arrays
        User's accuracy: of what is mapped as a class, the share that is it. NaN where the map
        has none of it.
    producers, producers_se : (k,) arrays
        Producer's accuracy: of what is a class, the share that is mapped as it. NaN where
        no point is of the class.
    overall, overall_se : float
        Share of the area that is mapped as what it is.
    """

    shares: FloatArray
    shares_se: FloatArray
    users: FloatArray
    users_se: FloatArray
    producers: FloatArray
    producers_se: FloatArray
    overall: float
    overall_se: float


def area_adjusted(matrix: ArrayLike, weights: ArrayLike) -> Estimate:
    """Return the stratified estimates of areas and accuracies.

    Parameters
    ----------
    matrix : (s, k) array of counts, s >= k
        Points by stratum, which is the class of the map (row), and by true class (column). Row
        *i* is the map's class of column *i*; strata beyond the first *k* are right nowhere.
    weights : (s,) array
        Share of the mapped area that lies in each stratum; they sum to 1.

    Returns
    -------
    Estimate
        Equations 4 to 11 of Olofsson et al. (2014). A stratum without area counts for nothing.

    Raises
    ------
    ValueError
        Shapes that do not fit, counts that are negative or not finite, weights that do not sum
        to 1, or a stratum with area and fewer than `LEAST` points.
    """
    n, w = _checked(matrix, weights)
    k = n.shape[1]
    p, variance = _within(n, w)
    cells = w[:, None] * p
    shares = cells.sum(axis=0)
    own = np.arange(k)
    users = np.where(w[:k] > 0, p[own, own], np.nan)
    right = variance[own, own]
    overall = float(cells[own, own].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        producers = cells[own, own] / shares
        # Equation 7 in shares of the area: the class's own stratum, and all the others.
        others = (w[:, None] ** 2 * variance).sum(axis=0) - w[:k] ** 2 * right
        squared = w[:k] ** 2 * (1 - producers) ** 2 * right + producers**2 * others
        producers_se = np.sqrt(np.maximum(squared, 0)) / shares
    return Estimate(
        shares=shares,
        shares_se=np.sqrt((w[:, None] ** 2 * variance).sum(axis=0)),
        users=users,
        users_se=np.where(w[:k] > 0, np.sqrt(right), np.nan),
        producers=producers,
        producers_se=producers_se,
        overall=overall,
        overall_se=float(np.sqrt((w[:k] ** 2 * right).sum())),
    )


def estimated_mean(matrix: ArrayLike, weights: ArrayLike, values: ArrayLike) -> tuple[float, float]:
    """Return the mean over the area of a value that each true class has, and its standard error.

    Parameters
    ----------
    matrix : (s, k) array of counts
        As of `area_adjusted`, with any number of classes.
    weights : (s,) array
        As of `area_adjusted`.
    values : (k,) array
        Of each class: 1 and 0 give the share of some classes together; 1 for what was gained
        and -1 for what was lost give the net change.

    Raises
    ------
    ValueError
        As `area_adjusted`.

    Notes
    -----
    Cochran, Sampling Techniques (1977), equations 5.1 and 5.9.
    """
    value = np.asarray(values, dtype=np.float64)
    n, w = _checked(matrix, weights, square=False)
    size = np.maximum(n.sum(axis=1), 1)
    mean = n @ value / size
    spread = (n * (value[None, :] - mean[:, None]) ** 2).sum(axis=1) / size
    squared = w**2 * spread / np.maximum(size - 1, 1)
    return float(w @ mean), float(np.sqrt(squared.sum()))


def interval(share: float, se: float) -> tuple[float, float]:
    """Return the ends of a share's 95 % interval, cut off at 0 and at 1.

    Parameters
    ----------
    share, se
        The estimate and its standard error.

    Notes
    -----
    The error is taken to be normal: with 200 points in a stratum 94 of 100 such intervals hold
    the truth, with 400 points 95.
    """
    return max(0.0, share - Z95 * se), min(1.0, share + Z95 * se)


def probability(share: float, se: float, target: float) -> float:
    """Return how likely it is that the true share is at least a target.

    Parameters
    ----------
    share, se
        The estimate and its standard error; the error is taken to be normal.
    target
        A share.
    """
    if se == 0:
        return float(share >= target)
    return float(ndtr((share - target) / se))


def _within(n: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the shares of the classes within each stratum, and their variances."""
    size = n.sum(axis=1)[:, None]
    there = (w > 0)[:, None]
    p = np.where(there, n / np.maximum(size, 1), 0.0)
    return p, p * (1 - p) / np.maximum(size - 1, 1)


def _checked(
    matrix: ArrayLike, weights: ArrayLike, *, square: bool = True
) -> tuple[FloatArray, FloatArray]:
    n, w = np.asarray(matrix, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if n.ndim != LEAST or w.shape != n.shape[:1] or (square and n.shape[0] < n.shape[1]):
        raise ValueError("a matrix of strata by classes and a weight for each stratum are needed")
    if not (np.isfinite(n).all() and (n >= 0).all()):
        raise ValueError("counts are finite and not negative")
    if not ((w >= 0).all() and abs(w.sum() - 1) <= _ONE):
        raise ValueError("weights are not negative and sum to 1")
    if (n.sum(axis=1)[w > 0] < LEAST).any():
        raise ValueError(f"a stratum has fewer than {LEAST} points: its variance cannot be known")
    return n, w
