"""Tree cover (林木覆盖率) and the forest rate (森林覆盖率), which are confused every year.

Tree cover counts every tree, those that stand alone and in rows too, over all land. Forest counts
trees in patches of at least a mu whose crowns cover at least a fifth of the ground.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.errors import InputError
from jxgis.green.asking import MU_M2, Ask, Settings
from jxgis.green.judging import Judged, Lookup, judge
from jxgis.green.maps import Cells, ClassMap, canopy_map, class_map
from jxgis.green.overview import Overview
from jxgis.green.passes import Strip, Sums, Tally, classified, on_grid, tallied
from jxgis.green.patches import PATCH_RULE, least_cells, with_halo
from jxgis.green.places import Place, Places, frame, places
from jxgis.green.strata import Codes, Strata
from jxgis.green.tables import (
    ROUNDING,
    SEEN_RULE,
    by_place,
    check_seen,
    seen_share,
    shares,
    where_seen,
)
from jxgis.i18n import _
from jxgis.kernels.patches import halo, of_least_size
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.results import Drawing, Indicator, LedgerRow, Picture, Result, Table
from jxgis.rules import Rules

TREES = "green.trees"
FOREST = "green.forest"
CANOPY_RULE = "green.canopy_share"
TREE_CLASSES = ("tree", "mangrove")

_WITH = ("zones", "townships", "reference_trees")

_WOOD, _ALONE, _OTHER, _UNSEEN = 1, 2, 3, 4
_TREE, _NO_TREE = 1, 2


@dataclass(frozen=True)
class Wooded:
    """Trees over places: areas as a tally has them, and of the trees those that are forest.

    Forest counts with all its land, crowns and gaps; ``outside_m2`` are the trees that are not in
    it. ``wooded_m2`` has each cell of trees as a whole, as a reference sample sees it.
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


def trees(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    settings: Settings,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure the tree cover of all land, with the forest rate beside it.

    Parameters
    ----------
    layers
        ``canopy`` or ``landcover``, and ``zones`` (or ``built_up`` alone); ``townships`` where
        there are any.
    asks
        The figures wanted, shares or areas.
    settings
        Not made use of: a tree is a tree however green is told.
    rules
        What makes forest.
    as_of
        Date of the data.
    drawings
        Whether to make what is drawn; no figure depends on it.

    Returns
    -------
    Result
        Shares are of the land that was seen.

    Raises
    ------
    InputError
        If a layer is missing, or nothing was seen.
    """
    del settings
    return _result(TREES, layers, asks, rules, as_of, drawings=drawings)


def forest(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    settings: Settings,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure the forest rate of all land, with the tree cover beside it.

    Parameters
    ----------
    layers, asks, settings, rules, as_of, drawings
        As of `trees`.

    Returns
    -------
    Result
        Shares are of the land that was seen.

    Raises
    ------
    InputError
        If a layer is missing, or nothing was seen.
    """
    del settings
    return _result(FOREST, layers, asks, rules, as_of, drawings=drawings)


def _result(
    measure: str,
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    rules: Rules,
    as_of: dt.date | None,
    *,
    drawings: bool,
) -> Result:
    where = places(layers, built_up=False)
    shapes = [place.shape for place in (*where.zones, *where.townships)]
    shapes += [where.whole, *(where.of(ask.zones) for ask in asks)]
    found = wooded(layers, shapes, where, rules, drawings=drawings)
    whole = len(where.zones) + len(where.townships)
    check_seen(found.trees.seen_m2[whole], found.layer)
    used = [found.layer, *(layers[kind] for kind in _WITH if kind in layers)]
    table = _by_place(where.zones, found, 0)
    judged = _judged(measure, asks, where, found, whole + 1)
    return Result(
        measure=measure,
        as_of=as_of,
        crs=str(where.crs),
        indicators=judged.indicators,
        by_zone=table,
        layers=tuple(_drawings(where, table, measure)) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *where.ledger,
            *_notes(found, whole, rules),
            *judged.ledger,
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(CANOPY_RULE, PATCH_RULE, SEEN_RULE),
        tables=(*judged.tables, *_tables(where, found)),
        pictures=(found.picture,) if found.picture else (),
    )


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

    def masks() -> Iterator[tuple[Window, npt.NDArray[np.bool_]]]:
        for strip in classified(every, lines, lambda s, _cells: s, halo(least)):
            strips[strip.window.row] = strip
            yield strip.window, strip.amount >= dense

    for window, mask, above in with_halo(masks(), halo(least)):
        strip = strips.pop(window.row)
        woods = of_least_size(mask, least, above, window.rows)
        own = strip.amount >= dense
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
        found, forest_m2, outside_m2, wooded_m2, every.said, layer, least, picture, lookup
    )


def _tree_map(layers: Mapping[str, Layer], rules: Rules) -> tuple[Layer, ClassMap, float]:
    """Return the layer of trees, its map, and how much of a cell makes it wooded."""
    if "canopy" in layers:
        layer = layers["canopy"]
        return layer, canopy_map(layer), rules[CANOPY_RULE].value * 100
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


def _by_place(rows: Sequence[Place], found: Wooded, first: int) -> pd.DataFrame:
    table = by_place(rows, found.trees, "tree", first)
    own = slice(first, first + len(rows))
    forest_m2, seen = found.forest_m2[own], found.trees.seen_m2[own]
    return table.assign(
        forest_area_m2=forest_m2,
        forest_ha=where_seen(forest_m2, seen) / 10_000,
        forest_mu=where_seen(forest_m2, seen) / MU_M2,
        forest_share=shares(forest_m2, seen),
    )


def _judged(measure: str, asks: Sequence[Ask], where: Places, found: Wooded, first: int) -> Judged:
    """Return the figures asked; tree cover as estimated by the sample where there is one."""
    numbers = range(first, first + len(asks))
    pairs = [
        list(_indicators(measure, ask, n, where, found))
        for ask, n in zip(asks, numbers, strict=True)
    ]
    if measure == FOREST or found.lookup is None:
        return Judged(tuple(figure for pair in pairs for figure in pair))
    wood, seen = found.wooded_m2, found.trees.seen_m2
    areas = [{"tree": float(wood[n]), "other": float(seen[n] - wood[n])} for n in numbers]
    shapes = [where.of(ask.zones) for ask in asks]
    own = [pair[0] for pair in pairs]
    judged = judge(own, asks, found.lookup, shapes, areas, ["tree"] * len(asks))
    return replace(judged, indicators=(*judged.indicators, *(pair[1] for pair in pairs)))


def _indicators(
    measure: str, ask: Ask, number: int, where: Places, found: Wooded
) -> Iterator[Indicator]:
    """Give the figure that is asked, and the other one beside it."""
    area, seen = (float(v[number]) for v in (found.trees.area_m2, found.trees.seen_m2))
    amounts = {TREES: float(found.trees.class_m2[number]), FOREST: float(found.forest_m2[number])}
    names = {TREES: "trees", FOREST: "forest"}
    for one in (measure, next(name for name in names if name != measure)):
        amount = amounts[one]
        own = one == measure
        yield Indicator(
            ask.id if own else f"{ask.id}-{names[one]}",
            ask.value(amount, seen),
            ask.unit,
            numerator=amount,
            denominator=seen,
            params={"of": names[one], "seen_share": seen_share(seen, area), "by": found.said},
            zone=where.named(ask.zones),
            beside=None if own else ask.id,
        )


def _notes(found: Wooded, whole: int, rules: Rules) -> Iterator[LedgerRow]:
    layer = found.layer.name
    yield LedgerRow("note", layer, 1, _("trees are: {said}").format(said=found.said))
    reason = _(
        "forest is trees in patches of at least {n} cells ({least:.0f} m²); other trees, in "
        "smaller patches, cover {area:,.0f} ha"
    ).format(
        n=found.least,
        least=rules[PATCH_RULE].value,
        area=found.outside_m2[whole] / 10_000,
    )
    yield LedgerRow("note", layer, 1, reason)
    seen = found.trees.seen_m2[whole] / found.trees.area_m2[whole]
    if 1 - seen > ROUNDING:
        reason = _("{share:.1%} of the land was not seen; shares are of what was seen").format(
            share=1 - seen
        )
        doubtful = seen < rules[SEEN_RULE].value
        yield LedgerRow("suspected" if doubtful else "note", layer, 1, reason)


def _drawings(where: Places, table: pd.DataFrame, measure: str) -> Iterator[Drawing]:
    named = [place for place in where.zones if place.zone_id]
    if named:
        fields = {
            "zone": _("Zone"),
            "tree_share": _("Tree cover"),
            "tree_mu": _("Trees, in mu"),
            "forest_share": _("Forest rate"),
            "forest_mu": _("Forest, in mu"),
        }
        columns = {name: table[name][: len(named)] for name in list(fields)[1:]}
        shade = "forest_share" if measure == FOREST else "tree_share"
        data = frame(named, where.crs, columns)
        yield Drawing("zones", _("Zones"), "zones", data, fields, shade=shade)


def _tables(where: Places, found: Wooded) -> Iterator[Table]:
    if where.townships:
        fields = {
            "zone": _("Township"),
            "tree_ha": _("Trees"),
            "tree_mu": _("Trees, in mu"),
            "tree_share": _("Tree cover"),
            "forest_ha": _("Forest"),
            "forest_mu": _("Forest, in mu"),
            "forest_share": _("Forest rate"),
        }
        data = _by_place(where.townships, found, len(where.zones))
        yield Table("townships", _("By township"), data, fields)
