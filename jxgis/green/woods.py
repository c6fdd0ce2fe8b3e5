"""Trees and forest on a raster: crowns or cells of trees, and the patches that make forest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jxgis.errors import InputError
from jxgis.green.asking import Settings
from jxgis.green.judging import Lookup
from jxgis.green.maps import Cells, ClassMap, canopy_map, class_map
from jxgis.green.overview import Overview
from jxgis.green.passes import Strip, Sums, Tally, classified, on_grid, tallied
from jxgis.green.patches import least_cells, with_halo
from jxgis.green.places import Places
from jxgis.green.strata import Codes, Strata
from jxgis.i18n import _
from jxgis.kernels.patches import halo, of_least_size
from jxgis.kernels.pixels import PARTS
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.results import Picture
from jxgis.rules import Rules

CANOPY_RULE = "green.canopy_share"
TREE_CLASSES = ("tree", "mangrove")

_WOOD, _ALONE, _OTHER, _UNSEEN = 1, 2, 3, 4
_TREE, _NO_TREE = 1, 2


@dataclass(frozen=True)
class Wooded:
    """Trees over places: areas as a tally has them, and of the trees those that are forest.

    Forest counts with all its land, crowns and gaps; ``outside_m2`` are the trees that are not in
    it. ``wooded_m2`` has each cell of trees as a whole, as a reference sample sees it, and
    ``largest`` is the largest share of a cell that is trees.
    """

    trees: Tally
    forest_m2: npt.NDArray[np.float64]
    outside_m2: npt.NDArray[np.float64]
    wooded_m2: npt.NDArray[np.float64]
    said: str
    layer: Layer
    least: int
    picture: Picture | None = None
    lookup: Lookup | None = None
    largest: float = 1.0


def wooded(
    layers: Mapping[str, Layer],
    shapes: Sequence[Any],
    where: Places,
    rules: Rules,
    *,
    drawings: bool = False,
) -> Wooded:
    """Measure trees and forest over shapes, in one pass.

    Parameters
    ----------
    layers
        ``canopy`` (shares of crowns) is taken before ``landcover`` (cells of trees).
    shapes
        Geometries in the CRS of ``where``.
    where
        The places, for the picture.
    rules
        The least patch and the least share of crowns.
    drawings
        Whether to draw it.

    Raises
    ------
    InputError
        If neither layer is there.
    """
    layer, every, dense = _tree_map(layers, rules)
    lines = on_grid(shapes, where.crs, every.grid)
    total, least = Sums(lines, every.grid, 5), least_cells(every, rules)
    lookup = None
    if "reference_trees" in layers:
        lookup = Lookup(layers["reference_trees"], every.grid, {_TREE: "tree", _NO_TREE: "other"})
    whole = on_grid([where.whole], where.crs, every.grid)
    overview = Overview(whole, every.grid) if drawings else None
    strips: dict[int, Strip] = {}
    largest = 0.0

    def masks() -> Iterator[tuple[Window, npt.NDArray[np.bool_]]]:
        for strip in classified(every, lines, lambda s, _cells: s, halo(least)):
            strips[strip.window.row] = strip
            yield strip.window, strip.amount >= dense

    for window, mask, above in with_halo(masks(), halo(least)):
        strip = strips.pop(window.row)
        woods = of_least_size(mask, least, above, window.rows)
        own = strip.amount >= dense
        largest = max(largest, float(strip.amount.max(initial=0)) / every.parts)
        outside = np.where(woods, strip.amount.dtype.type(0), strip.amount)
        total.add(total.of(window, [strip.amount, strip.seen, woods, outside, own]))
        if lookup:
            lookup.look(window, _tree_codes(strip, dense))
        if overview:
            overview.add(overview.part(strip, _codes(strip, woods, dense)))
    picture = overview.picture("map", _("Trees"), _legend()) if overview else None
    found = tallied(total, lines, every)
    _trees, _seen, forest_m2, outside, wooded_m2 = total.square_metres()
    outside_m2 = outside / every.parts
    return Wooded(
        found,
        forest_m2,
        outside_m2,
        wooded_m2,
        every.said,
        layer,
        least,
        picture,
        lookup,
        largest,
    )


def _tree_map(layers: Mapping[str, Layer], rules: Rules) -> tuple[Layer, ClassMap, float]:
    """Return the layer of trees, its map, and how much of a cell makes it wooded."""
    if "canopy" in layers:
        layer = layers["canopy"]
        return layer, canopy_map(layer), rules[CANOPY_RULE].value * PARTS
    if "landcover" in layers:
        layer = layers["landcover"]
        return layer, class_map(layer, TREE_CLASSES), 1.0
    raise InputError(_("there is no layer {layer}").format(layer="landcover"))


def tree_strata(
    layers: Mapping[str, Layer], where: Places, settings: Settings, rules: Rules
) -> Strata:
    """Return the map of trees as classes to draw a reference sample from.

    Parameters
    ----------
    layers
        As of `trees`.
    where
        The area to draw from.
    settings, rules
        As of `trees`.
    """
    del settings
    layer, every, dense = _tree_map(layers, rules)
    lines = on_grid([where.whole], where.crs, every.grid)

    def work(strip: Strip, _cells: list[Cells]) -> tuple[Window, Codes]:
        return strip.window, _tree_codes(strip, dense)

    return Strata(
        {_TREE: "tree", _NO_TREE: "other"},
        "tree",
        every.grid,
        lambda: classified(every, lines, work),
        every.said,
        (layer,),
    )


def _tree_codes(strip: Strip, dense: float) -> Codes:
    """Return which cells are trees and which are not; 0 where they are not seen."""
    codes = np.where(strip.amount >= dense, _TREE, _NO_TREE)
    return (codes * strip.seen).astype(np.uint8)


def _codes(strip: Strip, woods: npt.NDArray[np.bool_], dense: float) -> npt.NDArray[np.uint8]:
    codes = np.where(woods, _WOOD, np.where(strip.amount >= dense, _ALONE, _OTHER))
    return np.where(strip.seen, codes, _UNSEEN).astype(np.uint8)


def _legend() -> dict[int, tuple[str, str]]:
    return {
        _WOOD: ("tree", _("forest")),
        _ALONE: ("green", _("trees in patches under a mu")),
        _OTHER: ("not_green", _("no trees")),
        _UNSEEN: ("unseen", _("not seen")),
    }
