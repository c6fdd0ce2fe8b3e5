"""Tree cover (林木覆盖率) and the forest rate (森林覆盖率), which are confused every year.

Tree cover counts every tree, those that stand alone and in rows too, over all land. Forest counts
trees in patches of at least a mu whose crowns cover at least a fifth of the ground.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from jxgis.green.asking import MU_M2, Ask, Settings
from jxgis.green.grids import areas_row
from jxgis.green.judging import Judged, judge, judging_rules
from jxgis.green.patches import PATCH_RULE
from jxgis.green.places import Place, Places, frame, places
from jxgis.green.tables import (
    ROUNDING,
    SEEN_RULE,
    by_place,
    check_seen,
    seen_share,
    shares,
    where_seen,
)
from jxgis.green.woods import CANOPY_RULE, Wooded, wooded
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Result, Table
from jxgis.rules import Rules

TREES = "green.trees"
FOREST = "green.forest"

_WOODED = "-wooded"
_FEW = 0.011  # crowns that are percent cover more of some cell than this
_WITH = ("zones", "townships", "reference_trees")


def wood_figures(
    measure: str,
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    settings: Settings,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure the tree cover or the forest rate of all land, with the other one beside it.

    Parameters
    ----------
    measure
        `TREES` or `FOREST`: which of the two is asked.
    layers
        ``canopy`` or ``landcover``, and ``zones`` (or ``built_up`` alone); ``townships`` where
        there are any, and ``reference_trees`` for intervals.
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
        If a layer is missing, nothing was seen, or the reference sample does not fit.
    """
    del settings
    where = places(layers, built_up=False)
    shapes = [place.shape for place in (*where.zones, *where.townships)]
    shapes += [where.whole, *(where.of(ask.zones) for ask in asks)]
    found = wooded(layers, shapes, where, rules, drawings=drawings)
    whole = len(where.zones) + len(where.townships)
    check_seen(found.trees.seen_m2[whole], found.layer)
    used = [found.layer, *(layers[kind] for kind in _WITH if kind in layers)]
    table = _by_place(where.zones, found, 0)
    judged = _judged(measure, asks, where, found, whole + 1, rules)
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
        rules=rules.cite(CANOPY_RULE, PATCH_RULE, SEEN_RULE, *judging_rules(found.lookup)),
        tables=(*judged.tables, *_tables(where, found)),
        pictures=(found.picture,) if found.picture else (),
    )


trees = partial(wood_figures, TREES)
forest = partial(wood_figures, FOREST)


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


def _judged(
    measure: str, asks: Sequence[Ask], where: Places, found: Wooded, first: int, rules: Rules
) -> Judged:
    """Return the figures asked; tree cover as estimated by the sample where there is one."""
    numbers = range(first, first + len(asks))
    pairs = [
        list(_indicators(measure, ask, n, where, found))
        for ask, n in zip(asks, numbers, strict=True)
    ]
    if measure == FOREST or found.lookup is None:
        return Judged(tuple(figure for pair in pairs for figure in pair))
    wood, seen = found.wooded_m2, found.trees.seen_m2
    areas = [{"tree": float(wood[n]), "other": max(float(seen[n] - wood[n]), 0.0)} for n in numbers]
    shapes = [where.of(ask.zones) for ask in asks]
    by_crowns = found.layer.kind.name == "canopy"
    own = [
        _wooded(pair[0], ask, area) if by_crowns else pair[0]
        for pair, ask, area in zip(pairs, asks, areas, strict=True)
    ]
    judged = judge(own, asks, found.lookup, shapes, areas, ["tree"] * len(asks), rules)
    figures = [pair[0] for pair in pairs] if by_crowns else []
    beside = [
        replace(i, beside=i.beside and i.beside.removesuffix(_WOODED)) for i in judged.indicators
    ]
    return replace(judged, indicators=(*figures, *beside, *(pair[1] for pair in pairs)))


def _wooded(figure: Indicator, ask: Ask, area: Mapping[str, float]) -> Indicator:
    """Return the land under trees, which points can judge, beside the share of crowns.

    Whoever looks at a point sees a tree or none; a share of crowns is another quantity.
    """
    value = ask.value(area["tree"], sum(area.values()))
    params = {**figure.params, "of": "wooded"}
    return replace(
        figure,
        id=figure.id + _WOODED,
        value=value,
        numerator=area["tree"],
        params=params,
        beside=figure.id,
    )


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
    yield areas_row(found.layer.rasters[0], layer)
    reason = _(
        "forest is trees in patches of at least {n} cells ({least:.0f} m²), joined at sides or "
        "corners; other trees, in smaller patches, cover {area:,.0f} ha"
    ).format(
        n=found.least,
        least=rules[PATCH_RULE].value,
        area=found.outside_m2[whole] / 10_000,
    )
    yield LedgerRow("note", layer, 1, reason)
    if 0 < found.largest <= _FEW:
        reason = _(
            "no cell has more than {share:.0%} of crowns: perhaps the numbers are shares and not "
            "percent, and scale = 100 makes them that"
        ).format(share=found.largest)
        yield LedgerRow("suspected", layer, 1, reason)
    reason = _(
        "the official forest rate also counts shelter belts of farmland, trees by houses, roads "
        "and waters, and certain shrubs, which a map does not tell apart"
    )
    yield LedgerRow("note", layer, 1, reason)
    seen = found.trees.seen_m2[whole] / found.trees.area_m2[whole]
    if 1 - seen > ROUNDING:
        reason = _(
            "{share:.1%} of the land was not seen; shares are of what was seen, and hectares and "
            "mu leave out what is not"
        ).format(share=1 - seen)
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
