"""A map as classes to draw a reference sample from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jxgis.layers import Layer
from jxgis.rasters import Grid, Window

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Strata:
    """A map as classes to draw from.

    Attributes
    ----------
    words
        Code to class word.
    of
        The class whose area is wanted.
    grid
        The map's.
    strips
        Gives the map's strips, anew each time: window and codes, 0 where it is not seen.
    said
        What makes a cell one of the class.
    layers
        The layers that it is made of.
    rules
        Names of the rules that it follows.
    """

    words: Mapping[int, str]
    of: str
    grid: Grid
    strips: Callable[[], Iterator[tuple[Window, Codes]]]
    said: str
    layers: tuple[Layer, ...]
    rules: tuple[str, ...] = ()
