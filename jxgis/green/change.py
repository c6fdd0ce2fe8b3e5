"""Green land gained and lost between two dates on one grid.

A cell is gained where it is green at the second date and was not at the first, and seen at both.
Gains and losses in patches smaller than the least one (a mu) are left out and counted: most of
them are the noise of two images, and no planting is smaller.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.errors import InputError
from jxgis.green.asking import MU_M2, UNITS, Ask, Settings
from jxgis.green.cover import SEEN_RULE, check_seen, shares
from jxgis.green.maps import Cells, ClassMap, check_same_grid, image_map
from jxgis.green.overview import Overview
from jxgis.green.passes import Strip, Sums, areas_on_grid, each, on_grid, strip_of, windows
from jxgis.green.patches import PATCH_RULE, least_cells, with_halo
from jxgis.green.places import Place, Places, frame, places
from jxgis.green.season import SEASON_RULE, SHIFT_RULE, Shift, season_rows
from jxgis.i18n import _
from jxgis.kernels.patches import halo, of_least_size
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.results import Drawing, Indicator, LedgerRow, Picture, Result, Table
from jxgis.rules import Rules

MEASURE = "green.change"

GAINED, LOST, KEPT, OTHER, UNSEEN = 1, 2, 3, 4, 5
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Changed:
    """Areas by place, square metres: all, seen at both dates, gained, lost, and left out."""

    area_m2: npt.NDArray[np.float64]
    seen_m2: npt.NDArray[np.float64]
    gained_m2: npt.NDArray[np.float64]
    lost_m2: npt.NDArray[np.float64]
    small_m2: npt.NDArray[np.float64]


def change(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    settings: Settings,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure what was gained and lost of green land between two dates.

    Parameters
    ----------
    layers
        ``imagery`` and ``imagery_before`` on one grid, and ``zones``, ``built_up`` or both;
        ``townships`` where there are any. All land of the zones counts.
    asks
        The figures wanted: ``of`` gained, lost or net, in a unit of area or as a share.
    settings, rules
        How green is told (by the index alone), and the least patch.
    as_of
        Date of the data.
    drawings
        Whether to make what is drawn; no figure depends on it.

    Returns
    -------
    Result
        By zone the areas gained, lost and their difference, in hectares and mu.

    Raises
    ------
    InputError
        If a layer is missing, the two dates are on different grids or in the wrong order, or
        nothing was seen at both.
    """
    for kind in ("imagery", "imagery_before"):
        if kind not in layers:
            raise InputError(_("there is no layer {layer}").format(layer=kind))
    where = places(layers, built_up=False)
    now, before = (
        image_map(layers[kind], "ndvi", settings.composite, rules)
        for kind in ("imagery", "imagery_before")
    )
    check_same_grid([*now.rasters, *before.rasters], layers["imagery_before"].name)
    shapes = [place.shape for place in (*where.zones, *where.townships)]
    shapes += [where.whole, *(where.of(ask.zones) for ask in asks)]
    least = least_cells(now, rules)
    found, picture, shift = _measured(now, before, shapes, where, least, drawings=drawings)
    whole = len(where.zones) + len(where.townships)
    check_seen(found.seen_m2[whole], layers["imagery"])
    used = [layers[k] for k in ("imagery", "imagery_before", "zones", "townships") if k in layers]
    table = _by_place(where.zones, found, 0)
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(where.crs),
        indicators=tuple(_indicators(asks, where, found, whole + 1)),
        by_zone=table,
        layers=tuple(_drawings(where, table)) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *where.ledger,
            *_notes(found, whole, least, now, layers["imagery"].name, rules),
            *season_rows(now, before, shift, layers["imagery_before"].name, rules),
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(*now.rules, PATCH_RULE, SEASON_RULE, SHIFT_RULE, SEEN_RULE),
        tables=tuple(_tables(where, found)),
        pictures=(picture,) if picture else (),
    )


def _measured(
    now: ClassMap,
    before: ClassMap,
    shapes: Sequence[Any],
    where: Places,
    least: int,
    *,
    drawings: bool,
) -> tuple[Changed, Picture | None, Shift]:
    lines = on_grid(shapes, where.crs, now.grid)
    total = Sums(lines, now.grid, 4)
    rasters = (*now.rasters, *before.rasters)
    whole = on_grid([where.whole], where.crs, now.grid)
    overview = Overview(whole, now.grid) if drawings else None
    shift = Shift()

    def work(window: Window, cells: list[Cells]) -> tuple[Window, Codes, Shift]:
        k = len(now.rasters)
        late, early = strip_of(now, window, cells[:k]), strip_of(before, window, cells[k:])
        codes = _codes(late, early)
        return (
            window,
            codes,
            Shift.of(codes == KEPT, codes == OTHER, (now, cells[:k]), (before, cells[k:])),
        )

    def strips() -> Iterator[tuple[Window, Codes]]:
        for window, codes, own in each(rasters, windows(rasters, lines, halo(least)), work):
            shift.add(own)
            yield window, codes

    for window, codes, above in with_halo(strips(), halo(least)):
        core = codes[above : above + window.rows]
        gained, lost = (
            of_least_size(codes == code, least, above, window.rows) for code in (GAINED, LOST)
        )
        small = ((core == GAINED) & ~gained) | ((core == LOST) & ~lost)
        total.add(total.of(window, [core != UNSEEN, gained, lost, small]))
        if overview:
            drawn = np.where(small, OTHER, core)
            overview.add(overview.part(Strip(window, core, core != UNSEEN), drawn))
    seen, gained_m2, lost_m2, small_m2 = total.square_metres()
    area = areas_on_grid(lines, now.grid)
    picture = overview.picture("change", _("Change"), _legend()) if overview else None
    return Changed(area, seen, gained_m2, lost_m2, small_m2), picture, shift


def _codes(late: Strip, early: Strip) -> Codes:
    is_green, was_green = late.amount.astype(bool), early.amount.astype(bool)
    codes = np.where(is_green, np.where(was_green, KEPT, GAINED), np.where(was_green, LOST, OTHER))
    return np.where(late.seen & early.seen, codes, UNSEEN).astype(np.uint8)


def _legend() -> dict[int, tuple[str, str]]:
    return {
        GAINED: ("gained", _("gained")),
        LOST: ("lost", _("lost")),
        KEPT: ("kept", _("green at both dates")),
        OTHER: ("not_green", _("not green, or too small a change")),
        UNSEEN: ("unseen", _("not seen at both dates")),
    }


def _by_place(rows: Sequence[Place], found: Changed, first: int) -> pd.DataFrame:
    own = slice(first, first + len(rows))
    gained, lost = found.gained_m2[own], found.lost_m2[own]
    columns: dict[str, Any] = {
        "zone_id": [place.zone_id for place in rows],
        "zone": [place.zone for place in rows],
        "area_m2": found.area_m2[own],
        "seen_area_m2": found.seen_m2[own],
        "seen_share": shares(found.seen_m2[own], found.area_m2[own]),
    }
    for word, area in (("gained", gained), ("lost", lost), ("net", gained - lost)):
        columns |= {f"{word}_ha": area / 10_000, f"{word}_mu": area / MU_M2}
    return pd.DataFrame(columns)


def _indicators(
    asks: Sequence[Ask], where: Places, found: Changed, first: int
) -> Iterator[Indicator]:
    for number, ask in enumerate(asks, first):
        gained, lost = float(found.gained_m2[number]), float(found.lost_m2[number])
        area = {"gained": gained, "lost": lost, "net": gained - lost}[ask.of]
        seen = float(found.seen_m2[number])
        value = (area / seen if seen else None) if ask.unit == "1" else area / UNITS[ask.unit]
        params = {"of": ask.of, "seen_share": seen / float(found.area_m2[number])}
        yield Indicator(
            ask.id,
            value,
            ask.unit,
            numerator=area,
            denominator=seen,
            params=params,
            zone=where.named(ask.zones),
        )


def _notes(
    found: Changed, whole: int, least: int, now: ClassMap, layer: str, rules: Rules
) -> Iterator[LedgerRow]:
    yield LedgerRow("note", layer, 1, _("green is: {said}").format(said=now.said))
    reason = _(
        "{area:,.1f} ha of gains and losses in patches of fewer than {n} cells ({least:.0f} m²) "
        "were left out"
    ).format(area=found.small_m2[whole] / 10_000, n=least, least=rules[PATCH_RULE].value)
    yield LedgerRow("excluded", layer, 1, reason)
    seen = found.seen_m2[whole] / found.area_m2[whole]
    if seen < 1 - 1e-9:
        reason = _("{share:.1%} of the area was not seen at both dates and has no change").format(
            share=1 - seen
        )
        doubtful = seen < rules[SEEN_RULE].value
        yield LedgerRow("suspected" if doubtful else "note", layer, 1, reason)


def _drawings(where: Places, table: pd.DataFrame) -> Iterator[Drawing]:
    named = [place for place in where.zones if place.zone_id]
    if named:
        fields = {
            "zone": _("Zone"),
            "gained_mu": _("Gained, mu"),
            "lost_mu": _("Lost, mu"),
            "net_mu": _("Net, mu"),
            "seen_share": _("Seen"),
        }
        columns = {name: table[name][: len(named)] for name in list(fields)[1:]}
        yield Drawing("zones", _("Zones"), "zones", frame(named, where.crs, columns), fields)


def _tables(where: Places, found: Changed) -> Iterator[Table]:
    if where.townships:
        fields = {
            "zone": _("Township"),
            "gained_ha": _("Gained, ha"),
            "gained_mu": _("Gained, mu"),
            "lost_ha": _("Lost, ha"),
            "lost_mu": _("Lost, mu"),
            "net_mu": _("Net, mu"),
            "seen_share": _("Seen"),
        }
        data = _by_place(where.townships, found, len(where.zones))
        yield Table("townships", _("By township"), data, fields)
