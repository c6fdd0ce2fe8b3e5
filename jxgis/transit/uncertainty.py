"""How sure a coverage is: seeded replicates of its inputs, measured by the same kernels.

In each replicate every stop is moved by a random error of position, some stops are left out, and
the outline of the built-up area is moved inward or outward. A list of stops may lack some that
are there as well as hold some that are not. What a stop that is not listed would add is taken to
be what one that is listed adds: in every other replicate the effect of leaving stops out is
counted with its sign reversed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jxgis.transit.reach import Reach
from jxgis.transit.wholes import People, Whole

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

QUANTILES = (0.05, 0.95)
"""The ends of a 90 % interval."""

# Means of the five equally likely parts of a standard normal distribution.
OUTLINES = (-1.3998, -0.5319, 0.0, 0.5319, 1.3998)
"""Where the outline may lie, standard errors outward of where it is drawn; all equally likely."""


@dataclass(frozen=True)
class Errors:
    """What may be wrong with the inputs.

    Attributes
    ----------
    position_m
        Root mean square distance of a listed stop from its true place, metres.
    missing
        Share of stops that the list may lack, or hold though they are not there.
    outline_m
        Standard error of the built-up area's outline, metres, the same all along.
    replicates
        How many, at least 2; 0 for no interval.
    seed
        The same seed gives the same replicates.
    """

    position_m: float
    missing: float
    outline_m: float
    replicates: int
    seed: int


@dataclass(frozen=True)
class Replicate:
    """One draw of the errors, of n stops.

    Attributes
    ----------
    points
        (n, 2) moved stops, metres.
    kept
        (n,) which are not left out.
    sign
        1, or -1 where what leaving stops out takes away is added instead.
    outline
        Index into `OUTLINES`.
    """

    points: FloatArray
    kept: BoolArray
    sign: int
    outline: int


def draw_replicates(points: FloatArray, errors: Errors) -> list[Replicate]:
    """Return the replicates of some stops."""
    rng = np.random.default_rng(errors.seed)
    # Each of an equal number of replicates, in random order: no luck in how often one is drawn.
    outlines = rng.permutation(np.arange(errors.replicates) % len(OUTLINES))
    return [
        Replicate(
            points + rng.normal(0, errors.position_m / np.sqrt(2), points.shape),
            rng.random(len(points)) >= errors.missing,
            1 if number % 2 else -1,
            int(outlines[number]),
        )
        for number in range(errors.replicates)
    ]


def replicated(
    wholes: Mapping[str, Sequence[Whole]],
    reach: Reach,
    chosen: BoolArray,
    replicates: Sequence[Replicate],
    radii: Sequence[float],
) -> dict[str, FloatArray]:
    """Return what is reached in each replicate, of several wholes.

    Parameters
    ----------
    wholes
        Each by name: one for each outline, or one for all.
    reach
        The stops as they are listed, with the streets that are walked along.
    chosen
        (number of stops,) which stops count; the replicates are of all.
    replicates
        What `draw_replicates` gives.
    radii
        Metres.

    Returns
    -------
    dict of (len(replicates), len(radii), sets of the whole)
        Of people in polygons: what is reached as they are listed, changed by what the replicate
        changes on a lattice of points.
    """
    found: dict[str, list[FloatArray]] = {name: [] for name in wholes}
    for one in replicates:
        kept = chosen & one.kept
        some = reach.of(one.points[kept]) if kept.any() else None
        every = reach.of(one.points[chosen]) if one.sign < 0 and chosen.any() else None
        for name, outlines in wholes.items():
            whole = outlines[one.outline] if len(outlines) > 1 else outlines[0]
            measure = whole.quick if isinstance(whole, People) else whole.reached
            reached = measure(some, radii) if some else np.zeros((len(radii), len(whole.total)))
            if every:
                reached = np.clip(2 * measure(every, radii) - reached, 0, whole.total)
            found[name].append(reached)
    answers = {name: np.array(own) for name, own in found.items()}
    for name, (whole, *_others) in wholes.items():
        if isinstance(whole, People) and whole.exact is not None and chosen.any():
            listed = reach.of(reach.points[chosen])
            change = whole.reached(listed, radii) - whole.quick(listed, radii)
            answers[name] = np.clip(answers[name] + change, 0, whole.total)
    return answers


def interval(shares: FloatArray) -> tuple[float, float] | None:
    """Return the ends of the 90 % interval of replicated shares; None where there are none."""
    if len(shares) == 0 or not np.isfinite(shares).all():
        return None
    low, high = np.quantile(shares, QUANTILES)
    return float(low), float(high)


def probability(shares: FloatArray, threshold: float, sense: str) -> float | None:
    """Return the share of replicates that meet a target; None where there are none."""
    if len(shares) == 0 or not np.isfinite(shares).all():
        return None
    met = shares <= threshold if sense == "at_most" else shares >= threshold
    return float(met.mean())
