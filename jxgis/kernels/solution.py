"""What a search for places gives: a choice, what it is worth, and how good another could be."""

from __future__ import annotations

from dataclasses import dataclass

from jxgis.kernels.arcs import IntArray
from jxgis.kernels.highs import GAP, SEED, Status


@dataclass(frozen=True)
class Solution:
    """Candidates that were chosen, and how good another choice could be.

    Attributes
    ----------
    chosen
        (k,) candidates, ascending.
    covered
        Weight they cover; of a median or a center, where all is assigned, all of it.
    objective
        Of the fewest how many they are, of the most the weight, of a median the weighted sum of
        distances, of a center the largest distance.
    bound
        What no choice can be better than: a least for what is made small, a most for what is made
        large.
    lp_bound
        A weaker bound that comes from a relaxation alone, without a search.
    status
        ``"optimal"`` only where the bound is reached, within `GAP` of it.
    seed
        Of the random numbers of the solver and the search.
    """

    chosen: IntArray
    covered: float
    objective: float
    bound: float
    lp_bound: float
    status: Status
    seed: int = SEED

    @property
    def gap(self) -> float:
        """How far the objective may be from the best, a share of the larger of it and the bound."""
        return gap(self.objective, self.bound)


def gap(objective: float, bound: float) -> float:
    """Return the distance of an objective from its bound as a share of the larger of the two."""
    if objective == bound:
        return 0.0
    return abs(bound - objective) / max(abs(bound), abs(objective))


def is_proven(objective: float, bound: float) -> bool:
    """Tell whether an objective is its bound, but for `GAP`."""
    return gap(objective, bound) <= GAP
