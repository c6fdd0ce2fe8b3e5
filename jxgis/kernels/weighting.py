"""A ranking by weighted criteria, and how much of it the weights decide.

Criteria are scaled to 0 (worst) to 1 (best) and added up with weights. Which weights are right
nobody knows: so weights are drawn evenly from all there are (a Dirichlet distribution with all
parameters 1: uniform on the simplex), and how often each candidate comes first is its share. This
is the first-rank acceptability index of stochastic multicriteria acceptability analysis (Lahdelma
and Salminen, Operations Research 49, 2001, pages 444-454).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

NEUTRAL = 0.5
"""What a candidate has in a criterion that is not known for it, or that is alike for all."""

CHUNK = 2**20
"""At most about so many scores are held at once."""


def scaled(values: FloatArray, better: Sequence[int]) -> FloatArray:
    """Scale criteria to between 0, the worst of the candidates, and 1, the best.

    Parameters
    ----------
    values : (n, k) array
        Criteria of the candidates, each in its own unit; NaN where one is not known.
    better : (k,) sequence
        +1 where more is better, -1 where less is.

    Returns
    -------
    (n, k) array
        A criterion that is alike for all candidates has `NEUTRAL` everywhere, as has one that is
        not known for a candidate: neither rewarded nor punished, which the caller is to tell.

    Raises
    ------
    ValueError
        A value is infinite, or a direction is neither +1 nor -1.
    """
    values = np.asarray(values, dtype=np.float64)
    direction = np.asarray(better, dtype=np.float64)
    if np.isinf(values).any():
        raise ValueError("a criterion is a finite number, or NaN where it is not known")
    if direction.shape != values.shape[1:] or not (np.abs(direction) == 1).all():
        raise ValueError("each criterion has a direction, +1 or -1")
    found = np.full(values.shape, NEUTRAL)
    for column, sign in enumerate(direction):
        known = ~np.isnan(values[:, column])
        own = sign * values[known, column]
        if len(own) and own.max() > own.min():
            found[known, column] = (own - own.min()) / (own.max() - own.min())
    return found


def scores(scaled: FloatArray, weights: Sequence[float]) -> FloatArray:
    """Return each candidate's mean over the criteria.

    Parameters
    ----------
    scaled : (n, k) array
        Criteria between 0 and 1, as `scaled` gives them.
    weights : (k,) sequence
        At least 0; only their proportions matter.

    Returns
    -------
    (n,) array
        Between 0 and 1. Candidates alike in all criteria have the same to the last digit.

    Raises
    ------
    ValueError
        A weight is negative or not a number, all are 0, or there are more or fewer than criteria.
    """
    own = np.asarray(weights, dtype=np.float64)
    if own.shape != scaled.shape[1:]:
        raise ValueError("each criterion has a weight")
    if not (np.isfinite(own) & (own >= 0)).all() or not own.sum() > 0:
        raise ValueError("weights are finite, at least 0, and not all 0")
    return np.asarray(_weighted(scaled, (own / own.sum())[None])[0])


def _weighted(scaled: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the scores under several weights, (draws, n).

    Criterion by criterion: a product of matrices may round equal rows differently.
    """
    found = np.zeros((len(weights), len(scaled)))
    for column in range(scaled.shape[1]):
        found += np.multiply.outer(weights[:, column], scaled[:, column])
    return found


def first_shares(scaled: FloatArray, groups: npt.NDArray[Any], draws: int, seed: int) -> FloatArray:
    """Return the share of all weights under which each candidate is first in its group.

    Parameters
    ----------
    scaled : (n, k) array
        Criteria between 0 and 1, more being better, as `scaled` gives them.
    groups : (n,) array
        The group of each candidate.
    draws
        How many times weights are drawn; a share is off by at most about ``1 / sqrt(draws)``.
    seed
        Of the random numbers; the same seed gives the same shares.

    Returns
    -------
    (n,) array
        They add up to 1 in each group; candidates that are first together share equally. All
        groups are ranked under the same weights.

    Raises
    ------
    ValueError
        No draws are asked for.
    """
    if draws < 1:
        raise ValueError("weights are drawn at least once")
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    won = np.zeros(len(scaled))
    step = max(CHUNK // max(len(scaled), 1), 1)
    for first in range(0, draws if len(scaled) else 0, step):
        # Exponentials over their sum are uniform on the simplex; the sum changes no order
        weights = rng.exponential(size=(min(step, draws - first), scaled.shape[1]))
        found = _weighted(scaled, weights)
        for own in members:
            best = found[:, own] == found[:, own].max(axis=1, keepdims=True)
            won[own] += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    return won / draws


def first_overall(scaled: FloatArray, draws: int, seed: int) -> FloatArray:
    """Return the share of all weights under which each candidate is the first of all.

    Parameters
    ----------
    scaled : (n, k) array
        Criteria between 0 and 1, more being better, as `scaled` gives them.
    draws
        How many times weights are drawn.
    seed
        Of the random numbers; with the same seed the weights are those of `first_shares`.

    Returns
    -------
    (n,) array
        They add up to 1, unless there is no candidate.
    """
    return first_shares(scaled, np.zeros(len(scaled), dtype=np.int64), draws, seed)
