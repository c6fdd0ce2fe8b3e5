"""A reference sample drawn from a map: how many points of each class, and which cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.errors import InputError
from jxgis.green.asking import MU_M2, Settings
from jxgis.green.change import change_strata
from jxgis.green.cover import green_strata
from jxgis.green.enough import INTERVAL_RULE
from jxgis.green.passes import on_grid
from jxgis.green.places import Places, places
from jxgis.green.points import reference_points
from jxgis.green.strata import Strata
from jxgis.green.woods import tree_strata
from jxgis.green.words import class_title, listed
from jxgis.i18n import _
from jxgis.kernels.sampling import MOST, draw, neyman, points_for
from jxgis.kernels.zonal import inside
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Result, Table
from jxgis.rules import Rules

MEASURE = "green.sample"
OF = ("green", "trees", "change")
LEAST_RULE = "green.least_points"

Codes = npt.NDArray[np.uint8]


def sample(
    layers: Mapping[str, Layer],
    of: str,
    *,
    settings: Settings,
    rules: Rules,
    points: int | None = None,
    margin: float | None = None,
    seed: int = 1,
    as_of: dt.date | None = None,
) -> tuple[Result, gpd.GeoDataFrame, dict[str, str]]:
    """Draw points at random from each class of a map, for somebody to look up the truth.

    Parameters
    ----------
    layers
        Those of the map's own measure.
    of
        Which map: one of `OF`.
    settings, rules
        How the map is made, and what is assumed of it for the size of the sample.
    points
        How many; None takes as many as the margin wants.
    margin
        Half of the 95 % interval that is wanted of the class's share of the area.
    seed
        Of the random numbers: the same one draws the same points.
    as_of
        Date of the data.

    Returns
    -------
    result : Result
        Of each class its mapped area and how many points it has.
    points : GeoDataFrame
        As `jxgis.green.points.reference_points` gives them.
    classes : dict
        Class word to its title.

    Raises
    ------
    InputError
        If a layer is missing, nothing was seen, or the margin is out of reach.
    """
    size_rules = _size_rules(of)
    where = places(layers, built_up=of == "green")
    makers = {"green": green_strata, "trees": tree_strata, "change": change_strata}
    strata = makers[of](layers, where, settings, rules)
    lines = on_grid([where.whole], where.crs, strata.grid)

    def strips() -> Iterator[tuple[int, Codes]]:
        for window, codes in strata.strips():
            within = inside(lines, window.row, window.rows, window.column, window.columns)
            whole = np.zeros((window.rows, strata.grid.width), np.uint8)
            whole[:, window.column : window.column + window.columns] = codes * within
            yield window.row, whole

    counts = draw(strips, dict.fromkeys(strata.words, 0), seed).counts
    if not any(counts.values()):
        raise InputError(
            _("nothing of the area was seen: there is nothing to draw from"),
            layer=strata.layers[0].name,
        )
    sizes = _sizes(strata, counts, [rules[name].value for name in size_rules], points, margin)
    drawn = draw(strips, sizes, seed).cells  # without the classes that the map does not show
    cells = {strata.words[code]: own for code, own in drawn.items() if len(own)}
    frame = reference_points(cells, strata.grid, seed)
    table = _table(strata, counts, {code: len(own) for code, own in drawn.items()})
    used = [*strata.layers, *(layers[k] for k in ("built_up", "zones") if k in layers)]
    result = Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(where.crs),
        indicators=(Indicator("points", float(len(frame)), "count", params={"of": "points"}),),
        by_zone=pd.DataFrame(),
        layers=tuple(_drawings(where, frame)),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *_notes(strata, frame, points, margin),
            *_few(frame, strata, counts, int(rules[INTERVAL_RULE].value)),
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(*strata.rules, *size_rules, INTERVAL_RULE),
        tables=(table,),
    )
    return result, frame, {word: class_title(word) for word in strata.words.values()}


def _size_rules(of: str) -> tuple[str, str, str]:
    """Return what is assumed: right in the class, missed in the others, and the least points."""
    missed = "green.missed_change_share" if of == "change" else "green.missed_share"
    return "green.right_share", missed, LEAST_RULE


def _sizes(
    strata: Strata,
    counts: Mapping[int, int],
    assumed: Sequence[float],
    points: int | None,
    margin: float | None,
) -> dict[int, int]:
    """Return how many points each class has: as many as wanted, shared out after Neyman."""
    codes = list(strata.words)
    cells = np.array([counts.get(code, 0) for code in codes], dtype=np.float64)
    weights = cells / cells.sum()
    right, missed, floor = assumed
    expected = np.array([right if strata.words[code] == strata.of else missed for code in codes])
    least = np.minimum(cells, floor).astype(np.int64)
    if points is not None:
        if points < least.sum():
            raise InputError(
                _("{points} points are fewer than {least} for each class of the map").format(
                    points=points, least=int(floor)
                ),
                mend=_("Ask for at least {n}, or lower {rule}").format(
                    n=int(least.sum()), rule=LEAST_RULE
                ),
            )
        found = neyman(weights, np.sqrt(expected * (1 - expected)), points, least)
    else:
        n, found = points_for(weights, expected, margin or 0.01, least=int(floor))
        if n >= MOST:
            raise InputError(
                _("±{margin:.4%} is out of reach of points").format(margin=margin),
                mend=_("Ask for a wider interval: 0.01 is ±1 point"),
            )
    found = np.minimum(found, cells.astype(np.int64))
    return {code: int(n) for code, n in zip(codes, found.tolist(), strict=True)}


def _table(strata: Strata, counts: Mapping[int, int], sizes: Mapping[int, int]) -> Table:
    total = sum(counts.values())
    area = total * strata.grid.middle_cell_m2()
    rows = []
    for code, word in strata.words.items():
        share = counts.get(code, 0) / total
        rows.append(
            {
                "class": class_title(word),
                "mapped_ha": share * area / 10_000,
                "mapped_mu": share * area / MU_M2,
                "share": share,
                "points": sizes.get(code, 0),
            }
        )
    fields = {
        "class": _("Class"),
        "mapped_ha": _("On the map"),
        "mapped_mu": _("On the map, in mu"),
        "share": _("Share"),
        "points": _("Points"),
    }
    note = _(
        "Whoever looks up the truth is not told what the map shows; the points are in random order."
    )
    return Table(
        "strata", _("Classes of the map and their points"), pd.DataFrame(rows), fields, note=note
    )


def _drawings(where: Places, points: gpd.GeoDataFrame) -> Iterator[Drawing]:
    """Give the area and the points, without what the map shows there."""
    outline = gpd.GeoDataFrame(geometry=[where.whole], crs=where.crs)
    yield Drawing("area", _("Area"), "area", outline)
    data = points[["point_id", "geometry"]].to_crs(where.crs)
    yield Drawing("points", _("Reference points"), "points", data, {"point_id": _("Point")})


def _notes(
    strata: Strata, frame: gpd.GeoDataFrame, points: int | None, margin: float | None
) -> Sequence[LedgerRow]:
    layer = strata.layers[0].name
    reason = _(
        "fill in the column reference of sample.gpkg (layer reference_points) with one of: {words}"
    ).format(words=listed(class_title(word) for word in strata.words.values()))
    rows = [
        LedgerRow("note", layer, 1, _("the class is: {said}").format(said=strata.said)),
        LedgerRow("note", "reference", len(frame), reason),
    ]
    if points is not None and len(frame) < points:
        reason = _("a class has fewer cells than it was to have points: {n} of {points} are drawn")
        reason = reason.format(n=len(frame), points=points)
        rows.append(LedgerRow("note", "reference", points - len(frame), reason))
    if margin is not None:
        reason = _(
            "the number is for a 95 % interval of about ±{margin:.2%}, if the map is as right as "
            "the rules assume"
        ).format(margin=margin)
        rows.append(LedgerRow("assumed", "reference", len(frame), reason))
    return rows


def _few(
    frame: gpd.GeoDataFrame, strata: Strata, counts: Mapping[int, int], least: int
) -> Iterator[LedgerRow]:
    """Say before anybody looks up a point that the sample will give no interval."""
    words = frame["stratum"].tolist()
    for code, word in strata.words.items():
        n = words.count(word)
        if n < min(least, counts.get(code, 0)):
            reason = _(
                "{title} has {n} points, and without {least} in each class of the map the figure "
                "has no interval"
            ).format(title=class_title(word), n=n, least=least)
            yield LedgerRow("suspected", "reference", least - n, reason)
