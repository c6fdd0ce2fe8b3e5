"""Green cover (绿化覆盖率): how much of the built-up area is under vegetation, seen from above.

The vertical projection of all vegetation (trees, shrubs, lawn, green roofs), overlapping layers
once, over the built-up area. Here it is the green area of a map over the area that the map saw:
what lies under cloud, shadow, snow or no data is reported, and never counted as bare.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from jxgis.green.asking import Ask, Settings
from jxgis.green.conflicts import conflicts, sites_within
from jxgis.green.grids import areas_row
from jxgis.green.judging import Judged, Lookup, intervals_by_place, judge, judging_rules
from jxgis.green.maps import MOST_DARK, Cells, ClassMap, green_map
from jxgis.green.overview import Overview
from jxgis.green.parcels import green_parcels
from jxgis.green.passes import Strip, Sums, Tally, classified, on_grid, tallied
from jxgis.green.places import Place, Places, frame, joined, places
from jxgis.green.rates import Cover, rates_table
from jxgis.green.strata import Codes, Strata
from jxgis.green.tables import ROUNDING, SEEN_RULE, by_place, check_seen, seen_share
from jxgis.i18n import _
from jxgis.kernels.polygons import within
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.results import Drawing, Indicator, LedgerRow, Picture, Result, Table
from jxgis.rules import Rules

MEASURE = "green.cover"

GREEN, OTHER, UNSEEN = 1, 2, 3

# Every so many rows the bands are looked at for being swapped.
_LOOK_ROWS = 16


@dataclass(frozen=True)
class Measured:
    """A map over its places.

    Attributes
    ----------
    rows
        Areas of zones, townships, all of it, each ask's zones, photovoltaic sites each and all,
        and last of the green parcels, as far as there are any.
    hard_m2
        The same with each cell green as a whole or not at all, as a reference sample sees it.
    picture
        The map drawn, where it was wanted.
    lookup
        What the map shows at reference points, where there are any.
    dark_share
        Of the cells looked at, those whose near-infrared is darker than red; None of land cover.
    """

    rows: Tally
    hard_m2: npt.NDArray[np.float64]
    picture: Picture | None
    lookup: Lookup | None
    dark_share: float | None


def cover(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    settings: Settings,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure the green cover of the built-up area, in all and by zone.

    Parameters
    ----------
    layers
        ``imagery`` or ``landcover``, and ``built_up``, ``zones`` or both, these in one metric CRS.
        ``townships`` are a second level of zones; ``reference`` gives intervals; ``pv`` is looked
        through for what is counted twice; ``land``, ``landcover`` and ``canopy`` give the rates
        that green cover is taken for.
    asks
        The figures wanted.
    settings, rules
        How green is told.
    as_of
        Date of the data.
    drawings
        Whether to make what is drawn; no figure depends on it.

    Returns
    -------
    Result
        Areas are those of the map's own grid, each boundary cell by the exact share of it inside.

    Raises
    ------
    InputError
        If a layer is missing, the raster does not reach the area, nothing of it was seen, or the
        reference sample does not fit.
    """
    where = places(layers)
    class_map = green_map(layers, settings, rules)
    found = green_parcels(layers, settings)
    inside = [joined(within(found, where.whole))] if len(found) else []
    sites = sites_within(layers["pv"], where.whole) if "pv" in layers else []
    measured = _measured(class_map, where, asks, [*sites, *inside], layers, drawings=drawings)
    used = [layers[kind] for kind in _used(layers, class_map)]
    rows, first = measured.rows, len(where.zones) + len(where.townships)
    check_seen(rows.seen_m2[first], used[0])
    judged = _judged(asks, where, measured, first + 1, class_map, rules)
    table = _by_zone(where, measured, rules)
    after = first + 1 + len(asks)
    tables = [*judged.tables, *_tables(where, rows)]
    drawn, notes = list(_drawings(where, table)) if drawings else [], list(judged.ledger)
    if "pv" in layers:
        own = rows.part(slice(after, after + len(sites)))
        more, pictured, said = conflicts(
            layers["pv"], own, class_map.grid.middle_cell_m2(), float(rows.seen_m2[first])
        )
        tables, drawn, notes = [*tables, *more], [*drawn, *pictured], [*notes, *said]
    amount = Cover(
        float(rows.seen_m2[first]),
        float(rows.class_m2[first]),
        float(rows.class_m2[-1]) if inside else 0.0,
        float(rows.seen_m2[-1]) if inside else 0.0,
    )
    rates = rates_table(layers, where, amount, settings=settings, rules=rules)
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(where.crs),
        indicators=judged.indicators,
        by_zone=table,
        layers=tuple(drawn) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *where.ledger,
            *_notes(class_map, measured, first, used[0].name, rules),
            *notes,
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(*class_map.rules, SEEN_RULE, *judging_rules(measured.lookup)),
        tables=(*([rates] if rates else []), *tables),
        pictures=(measured.picture,) if measured.picture else (),
    )


def _measured(
    class_map: ClassMap,
    where: Places,
    asks: Sequence[Ask],
    more: Sequence[Any],
    layers: Mapping[str, Layer],
    *,
    drawings: bool,
) -> Measured:
    shapes = [place.shape for place in (*where.zones, *where.townships)]
    shapes += [where.whole, *(where.of(ask.zones) for ask in asks), *more]
    grid = class_map.grid
    lines = on_grid(shapes, where.crs, grid)
    partly = class_map.parts > 1
    total = Sums(lines, grid, 3 if partly else 2)
    overview = Overview(on_grid([where.whole], where.crs, grid), grid) if drawings else None
    lookup = None
    if "reference" in layers:
        lookup = Lookup(layers["reference"], grid, {GREEN: "green", OTHER: "other"})

    def work(strip: Strip, cells: list[Cells]) -> tuple[npt.NDArray[np.int64], Any, int, int]:
        codes = green_codes(strip, class_map.parts) if overview or lookup or partly else None
        if lookup and codes is not None:
            lookup.look(strip.window, codes)
        drawn = overview.part(strip, codes) if overview and codes is not None else None
        hard = [codes == GREEN] if partly and codes is not None else []
        part = total.of(strip.window, [strip.amount, strip.seen, *hard])
        return (part, drawn, *_dark(strip, cells))

    dark = looked = 0
    for part, drawn, own_dark, own_looked in classified(class_map, lines, work):
        total.add(part)
        if overview:
            overview.add(drawn)
        dark, looked = dark + own_dark, looked + own_looked
    picture = overview.picture("map", _("Green"), green_legend()) if overview else None
    rows = tallied(total, lines, class_map)
    hard_m2 = total.square_metres()[2] if partly else rows.class_m2
    return Measured(rows, hard_m2, picture, lookup, dark / looked if looked else None)


def _judged(
    asks: Sequence[Ask],
    where: Places,
    measured: Measured,
    first: int,
    class_map: ClassMap,
    rules: Rules,
) -> Judged:
    """Return the figures asked, as estimated by the reference sample where there is one."""
    areas = _class_areas(measured, range(first, first + len(asks)))
    mapped = list(_indicators(asks, where, measured.rows, first, class_map))
    shapes = [where.of(ask.zones) for ask in asks]
    return judge(mapped, asks, measured.lookup, shapes, areas, ["green"] * len(asks), rules)


def _class_areas(measured: Measured, numbers: Iterable[int]) -> list[dict[str, float]]:
    seen, green = measured.rows.seen_m2, measured.hard_m2
    return [
        {"green": float(green[n]), "other": max(float(seen[n] - green[n]), 0.0)} for n in numbers
    ]


def _by_zone(where: Places, measured: Measured, rules: Rules) -> pd.DataFrame:
    table = by_place(where.zones, measured.rows, "green")
    if measured.lookup is None:
        return table
    areas = _class_areas(measured, range(len(where.zones)))
    shapes = [place.shape for place in where.zones]
    return intervals_by_place(table, shapes, areas, measured.lookup, "green", rules)


def green_legend() -> dict[int, tuple[str, str]]:
    """Return look and label of the codes of a green map."""
    return {
        GREEN: ("green", _("green")),
        OTHER: ("not_green", _("not green")),
        UNSEEN: ("unseen", _("not seen: cloud, shadow, snow or no data")),
    }


def green_codes(strip: Strip, parts: int) -> Codes:
    """Return what each cell is: green where at least half of it is."""
    half = strip.amount if parts == 1 else 2 * strip.amount.astype(np.int32) >= parts
    codes: Codes = np.uint8(OTHER) - half.view(np.uint8)  # GREEN is the code before OTHER
    codes[~strip.seen] = UNSEEN
    return codes


def _dark(strip: Strip, cells: Sequence[Cells]) -> tuple[int, int]:
    """Return of how many cells near-infrared is darker than red, and how many were looked at."""
    if "nir" not in cells[0]:
        return 0, 0
    rows = slice(-strip.window.row % _LOOK_ROWS, None, _LOOK_ROWS)
    seen = cells[0]["seen"][rows]
    dark = (cells[0]["nir"][rows] < cells[0]["red"][rows]) & seen
    return int(np.count_nonzero(dark)), int(np.count_nonzero(seen))


def _indicators(
    asks: Sequence[Ask], where: Places, rows: Tally, first: int, class_map: ClassMap
) -> Iterator[Indicator]:
    for number, ask in enumerate(asks, first):
        area, seen, green = (float(v[number]) for v in (rows.area_m2, rows.seen_m2, rows.class_m2))
        yield Indicator(
            ask.id,
            ask.value(green, seen),
            ask.unit,
            numerator=green,
            denominator=seen,
            params={"seen_share": seen_share(seen, area), "by": class_map.said},
            zone=where.named(ask.zones),
        )


def _notes(
    class_map: ClassMap, measured: Measured, whole: int, layer: str, rules: Rules
) -> Iterator[LedgerRow]:
    yield LedgerRow("note", layer, 1, _("green is: {said}").format(said=class_map.said))
    yield areas_row(class_map.rasters[0], layer)
    area, seen = measured.rows.area_m2[whole], measured.rows.seen_m2[whole]
    unseen = 1 - seen / area
    if unseen > ROUNDING:
        reason = _(
            "{share:.1%} of the area was not seen; shares are of what was seen, hectares and mu "
            "leave out what is not, and nothing is counted as bare for being under cloud or "
            "outside the scene"
        ).format(share=unseen)
        doubtful = 1 - unseen < rules[SEEN_RULE].value
        yield LedgerRow("suspected" if doubtful else "note", layer, 1, reason)
    if measured.dark_share is not None and measured.dark_share > MOST_DARK:
        reason = _(
            "in {share:.0%} of the cells near-infrared is darker than red, as over water: the two "
            "bands may be mistaken for each other"
        ).format(share=measured.dark_share)
        yield LedgerRow("suspected", layer, 1, reason)


def _used(layers: Mapping[str, Layer], class_map: ClassMap) -> list[str]:
    map_kind = next(k for k, v in layers.items() if v.rasters and v.rasters == class_map.rasters)
    names = [map_kind, "built_up", "zones", "townships", "reference", "pv", "land", "landcover"]
    names += ["canopy"]
    return [name for name in dict.fromkeys(names) if name in layers]


def _drawings(where: Places, table: pd.DataFrame) -> Iterator[Drawing]:
    named = [place for place in where.zones if place.zone_id]
    if named:
        columns = {c: table[c][: len(named)] for c in ("green_share", "seen_share", "green_mu")}
        fields = {
            "zone": _("Zone"),
            "green_share": _("Green cover, as mapped") if "points" in table else _("Green cover"),
            "green_mu": _("Green, in mu"),
            "seen_share": _("Seen"),
        }
        data = frame(named, where.crs, columns)
        yield Drawing("zones", _("Zones"), "zones", data, fields, shade="green_share")
    outline = frame([Place("", "", shapely.boundary(where.whole))], where.crs, {})
    yield Drawing("area", _("Outline of the area"), "lines", outline, {})


def _tables(where: Places, rows: Tally) -> Iterator[Table]:
    if where.townships:
        data = by_place(where.townships, rows, "green", len(where.zones))
        fields = {
            "zone": _("Township"),
            "green_ha": _("Green"),
            "green_mu": _("Green, in mu"),
            "green_share": _("Green cover"),
            "seen_share": _("Seen"),
        }
        yield Table("townships", _("By township"), data, fields)


def green_strata(
    layers: Mapping[str, Layer], where: Places, settings: Settings, rules: Rules
) -> Strata:
    """Return the map of green as classes to draw a reference sample from.

    Parameters
    ----------
    layers
        As of `cover`.
    where
        The area to draw from.
    settings, rules
        As of `cover`.
    """
    class_map = green_map(layers, settings, rules)
    lines = on_grid([where.whole], where.crs, class_map.grid)

    def work(strip: Strip, _cells: list[Cells]) -> tuple[Window, Codes]:
        codes = green_codes(strip, class_map.parts)
        return strip.window, np.where(codes == UNSEEN, 0, codes).astype(np.uint8)

    used = layers["imagery" if "imagery" in layers and settings.by != "landcover" else "landcover"]
    return Strata(
        {GREEN: "green", OTHER: "other"},
        "green",
        class_map.grid,
        lambda: classified(class_map, lines, work),
        class_map.said,
        (used,),
        class_map.rules,
    )
