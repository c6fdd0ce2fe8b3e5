"""What is reached from some stops: in a straight line, and walking along streets."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jxgis.kernels.streets import Links, Streets, link
from jxgis.kernels.walking import walking_distances

FloatArray = NDArray[np.float64]


class Reach:
    """Stops, with distances that are worked out when something asks for them.

    Parameters
    ----------
    points
        (n, 2) stops, metres, n > 0.
    streets
        What is walked along; None where nothing asks for walking.
    link_m
        Stops farther than this from a street are not linked to it.
    limit_m
        How far is walked at most.
    """

    def __init__(
        self,
        points: FloatArray,
        streets: Streets | None = None,
        link_m: float = np.inf,
        limit_m: float = np.inf,
    ) -> None:
        self.points = points
        self._streets = streets
        self._link_m = link_m
        self._limit_m = limit_m

    def of(self, points: FloatArray) -> Reach:
        """Return the same of other stops."""
        return Reach(points, self._streets, self._link_m, self._limit_m)

    @property
    def streets(self) -> Streets:
        """The streets that are walked along.

        Raises
        ------
        ValueError
            There are none.
        """
        if self._streets is None:
            raise ValueError("there are no streets to walk along")
        return self._streets

    @cached_property
    def tree(self) -> cKDTree:
        """The stops as a search tree."""
        return cKDTree(self.points)

    @cached_property
    def links(self) -> Links:
        """Where the stops are on the streets."""
        return link(self.streets, self.points, self._link_m)

    @cached_property
    def node_distance(self) -> FloatArray:
        """(k,) walking distance of each junction from the nearest stop, metres; infinite beyond."""
        return walking_distances(self.streets, self.links, self._limit_m)
