"""Green cover (绿化覆盖率): how much of the built-up area is under vegetation, seen from above.

The vertical projection of all vegetation (trees, shrubs, lawn, green roofs), overlapping layers
once, over the built-up area. Here it is the green area of a map over the area that the map saw:
what lies under cloud, shadow, snow or no data is reported, and never counted as bare.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from jxgis.errors import InputError
from jxgis.green.asking import MU_M2, Ask, Settings
from jxgis.green.maps import Cells, ClassMap, green_map
from jxgis.green.overview import Overview
from jxgis.green.passes import Strip, Sums, Tally, classified, on_grid, tallied
from jxgis.green.places import Place, Places, frame, places
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Picture, Result, Table
from jxgis.rules import Rules

MEASURE = "green.cover"
SEEN_RULE = "green.seen_share"

GREEN, OTHER, UNSEEN = 1, 2, 3

# Every so many rows the bands are looked at for being swapped; more dark cells than this are odd.
_LOOK_ROWS = 16
_MOST_DARK = 0.6


@dataclass(frozen=True)
class Measured:
    """A map over its places.

    Attributes
    ----------
    rows
        The areas of zones, townships, then all of it, then each ask's zones.
    picture
        The map drawn, where it was wanted.
    dark_share
        Of the cells looked at, those whose near-infrared is darker than red; None of land cover.
    """

    rows: Tally
    picture: Picture | None
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
        ``imagery`` or ``landcover``, and ``built_up``, ``zones`` or both, these in one metric CRS;
        ``townships`` where there are any.
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
        If a layer is missing, the raster does not reach the area, or nothing of it was seen.
    """
    where = places(layers)
    class_map = green_map(layers, settings, rules)
    measured = _measured(class_map, where, asks, drawings=drawings)
    used = [layers[kind] for kind in _used(layers, class_map)]
    whole = len(where.zones) + len(where.townships)
    check_seen(measured.rows.seen_m2[whole], used[0])
    table = by_place(where.zones, measured.rows, "green")
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(where.crs),
        indicators=tuple(_indicators(asks, where, measured.rows, whole + 1, class_map)),
        by_zone=table,
        layers=tuple(_drawings(where, table)) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *where.ledger,
            *_notes(class_map, measured, whole, used[0].name, rules),
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(*class_map.rules, SEEN_RULE),
        tables=tuple(_tables(where, measured.rows)),
        pictures=(measured.picture,) if measured.picture else (),
    )


def _measured(
    class_map: ClassMap, where: Places, asks: Sequence[Ask], *, drawings: bool
) -> Measured:
    shapes = [place.shape for place in (*where.zones, *where.townships)]
    shapes += [where.whole, *(where.of(ask.zones) for ask in asks)]
    lines = on_grid(shapes, where.crs, class_map.grid)
    total = Sums(lines, class_map.grid, 2)
    whole = on_grid([where.whole], where.crs, class_map.grid)
    overview = Overview(whole, class_map.grid) if drawings else None

    def work(strip: Strip, cells: list[Cells]) -> tuple[npt.NDArray[np.int64], object, int, int]:
        part = overview.part(strip, _codes(strip, class_map.parts)) if overview else None
        return (total.of(strip.window, [strip.amount, strip.seen]), part, *_dark(strip, cells))

    dark = looked = 0
    for part, drawn, own_dark, own_looked in classified(class_map, lines, work):
        total.add(part)
        if overview:
            overview.add(drawn)  # type: ignore[arg-type] # it is what `part` gave
        dark, looked = dark + own_dark, looked + own_looked
    picture = overview.picture("green", _("Green"), green_legend()) if overview else None
    return Measured(tallied(total, lines, class_map), picture, dark / looked if looked else None)


def green_legend() -> dict[int, tuple[str, str]]:
    """Return look and label of the codes of a green map."""
    return {
        GREEN: ("green", _("green")),
        OTHER: ("not_green", _("not green")),
        UNSEEN: ("unseen", _("not seen: cloud, shadow, snow or no data")),
    }


def _codes(strip: Strip, parts: int) -> npt.NDArray[np.uint8]:
    codes = np.where(2 * strip.amount.astype(np.int32) >= parts, GREEN, OTHER)
    return np.where(strip.seen, codes, UNSEEN).astype(np.uint8)


def _dark(strip: Strip, cells: Sequence[Cells]) -> tuple[int, int]:
    """Return of how many cells near-infrared is darker than red, and how many were looked at."""
    if "nir" not in cells[0]:
        return 0, 0
    rows = slice(-strip.window.row % _LOOK_ROWS, None, _LOOK_ROWS)
    seen = cells[0]["seen"][rows]
    dark = (cells[0]["nir"][rows] < cells[0]["red"][rows]) & seen
    return int(np.count_nonzero(dark)), int(np.count_nonzero(seen))


def check_seen(seen_m2: float, layer: Layer) -> None:
    """Refuse a map that saw nothing of the area.

    Raises
    ------
    InputError
        It is all cloud, or elsewhere.
    """
    if seen_m2 > 0:
        return
    raise InputError(
        _("nothing of the area was seen: all is cloud, shadow, snow or no data, or outside"),
        file=layer.rasters[0].name,
        layer=layer.name,
        mend=_("Give a scene of the place, a clearer one or several dates, and check its CRS"),
    )


def by_place(rows: Sequence[Place], found: Tally, word: str, first: int = 0) -> pd.DataFrame:
    """Return a table of places: areas, what was seen of them, and what of that is the class.

    Parameters
    ----------
    rows
        The places.
    found
        Areas, those of the places from ``first`` on.
    word
        The class, as the columns' names have it: ``green``.
    first
        Where in ``found`` they begin.

    Returns
    -------
    pandas.DataFrame
        ``zone_id``, ``zone``, ``area_m2``, ``seen_area_m2``, ``seen_share``, ``WORD_area_m2``,
        ``WORD_ha``, ``WORD_mu`` and ``WORD_share`` (of what was seen; missing where nothing was).
    """
    own = slice(first, first + len(rows))
    area, seen, green = found.area_m2[own], found.seen_m2[own], found.class_m2[own]
    return pd.DataFrame(
        {
            "zone_id": [place.zone_id for place in rows],
            "zone": [place.zone for place in rows],
            "area_m2": area,
            "seen_area_m2": seen,
            "seen_share": shares(seen, area),
            f"{word}_area_m2": green,
            f"{word}_ha": green / 10_000,
            f"{word}_mu": green / MU_M2,
            f"{word}_share": shares(green, seen),
        }
    )


def shares(
    part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return parts over wholes, at most 1; NaN where there is no whole."""
    found = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return np.asarray(np.minimum(found, 1.0))


def _indicators(
    asks: Sequence[Ask], where: Places, rows: Tally, first: int, class_map: ClassMap
) -> Iterator[Indicator]:
    for number, ask in enumerate(asks, first):
        area, seen, green = (v[number] for v in (rows.area_m2, rows.seen_m2, rows.class_m2))
        yield Indicator(
            ask.id,
            float(green / seen) if seen > 0 else None,
            "1",
            numerator=float(green),
            denominator=float(seen),
            params={"seen_share": float(seen / area), "by": class_map.said},
            zone=where.named(ask.zones),
        )


def _notes(
    class_map: ClassMap, measured: Measured, whole: int, layer: str, rules: Rules
) -> Iterator[LedgerRow]:
    yield LedgerRow("note", layer, 1, _("green is: {said}").format(said=class_map.said))
    area, seen = measured.rows.area_m2[whole], measured.rows.seen_m2[whole]
    unseen = max(1 - seen / area, 0.0)
    if unseen > 0:
        reason = _(
            "{share:.1%} of the area was not seen; shares are of what was seen, and nothing is "
            "counted as bare for being under cloud or outside the scene"
        ).format(share=unseen)
        doubtful = 1 - unseen < rules[SEEN_RULE].value
        yield LedgerRow("suspected" if doubtful else "note", layer, 1, reason)
    if measured.dark_share is not None and measured.dark_share > _MOST_DARK:
        reason = _(
            "in {share:.0%} of the cells near-infrared is darker than red, as over water: the two "
            "bands may be mistaken for each other"
        ).format(share=measured.dark_share)
        yield LedgerRow("suspected", layer, 1, reason)


def _used(layers: Mapping[str, Layer], class_map: ClassMap) -> list[str]:
    map_kind = next(k for k, v in layers.items() if v.rasters and v.rasters == class_map.rasters)
    names = [map_kind, "built_up", "zones", "townships"]
    return [name for name in names if name in layers]


def _drawings(where: Places, table: pd.DataFrame) -> Iterator[Drawing]:
    named = [place for place in where.zones if place.zone_id]
    if named:
        columns = {c: table[c][: len(named)] for c in ("green_share", "seen_share", "green_mu")}
        fields = {
            "zone": _("Zone"),
            "green_share": _("Green cover"),
            "green_mu": _("Green area, mu"),
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
            "green_ha": _("Green, ha"),
            "green_mu": _("Green, mu"),
            "green_share": _("Green cover"),
            "seen_share": _("Seen"),
        }
        yield Table("townships", _("By township"), data, fields)
