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
from jxgis.green.asking import MU_M2, Ask, Settings
from jxgis.green.becoming import GAINED, KEPT, LOST, OTHER, UNSEEN, WORDS, Pair, became, pair
from jxgis.green.grids import areas_row
from jxgis.green.judging import Judged, Lookup, judge, judging_rules
from jxgis.green.overview import Overview
from jxgis.green.passes import Strip, Sums, areas_on_grid, on_grid
from jxgis.green.patches import PATCH_RULE
from jxgis.green.places import Place, Places, frame, places
from jxgis.green.season import SEASON_RULE, SHIFT_RULE, Shift, season_rows
from jxgis.green.strata import Codes, Strata
from jxgis.green.tables import ROUNDING, SEEN_RULE, check_seen, seen_share, shares, where_seen
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.rasters import Window
from jxgis.results import Drawing, Indicator, LedgerRow, Picture, Result, Table
from jxgis.rules import Rules

MEASURE = "green.change"

_OF = ("gained", "lost", "net")

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Changed:
    """Areas by place, square metres: all of it, seen at both dates, by class, and left out.

    ``classes`` has a row for each of `jxgis.green.becoming.WORDS`: gained, lost, kept, other.
    """

    area_m2: FloatArray
    seen_m2: FloatArray
    classes_m2: FloatArray
    small_m2: FloatArray
    picture: Picture | None
    lookup: Lookup | None
    shift: Shift

    def of(self, number: int) -> dict[str, float]:
        """Return the areas of a place by class word."""
        return {w: float(v[number]) for w, v in zip(WORDS.values(), self.classes_m2, strict=True)}


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
    _check(asks)
    maps = pair(layers, settings, rules)
    where = places(layers, built_up=False)
    shapes = [place.shape for place in (*where.zones, *where.townships)]
    shapes += [where.whole, *(where.of(ask.zones) for ask in asks)]
    lookup = None
    if "reference_change" in layers:
        lookup = Lookup(layers["reference_change"], maps.now.grid, WORDS)
    found = _measured(maps, shapes, where, lookup, drawings=drawings)
    whole = len(where.zones) + len(where.townships)
    check_seen(found.seen_m2[whole], layers["imagery"])
    judged = _judged(asks, where, found, whole + 1, rules)
    kinds = ("imagery", "imagery_before", "zones", "townships", "reference_change")
    used = [layers[kind] for kind in kinds if kind in layers]
    table = _by_place(where.zones, found, 0)
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(where.crs),
        indicators=judged.indicators,
        by_zone=table,
        layers=tuple(_drawings(where, table)) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *where.ledger,
            *_notes(found, whole, maps, layers["imagery"].name, rules),
            *season_rows(maps.now, maps.before, found.shift, layers["imagery_before"].name, rules),
            *judged.ledger,
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(
            *maps.now.rules, PATCH_RULE, SEASON_RULE, SHIFT_RULE, SEEN_RULE, *judging_rules(lookup)
        ),
        tables=(*judged.tables, *_tables(where, found)),
        pictures=(found.picture,) if found.picture else (),
    )


def _check(asks: Sequence[Ask]) -> None:
    """Refuse what a change cannot be asked of, before anything is read."""
    for ask in asks:
        if ask.of not in _OF:
            raise InputError(
                _("target {id} asks for {of}, which a change of green land does not give").format(
                    id=ask.id, of=ask.of
                ),
                mend=_("Write one of: {words}").format(words=", ".join(_OF)),
            )


def _measured(
    maps: Pair, shapes: Sequence[Any], where: Places, lookup: Lookup | None, *, drawings: bool
) -> Changed:
    grid, shift = maps.now.grid, Shift()
    lines = on_grid(shapes, where.crs, grid)
    total = Sums(lines, grid, 2 + len(WORDS))
    overview = Overview(on_grid([where.whole], where.crs, grid), grid) if drawings else None
    for strip in became(maps, lines, shift):
        codes, seen = strip.codes, strip.codes != UNSEEN
        total.add(total.of(strip.window, [seen, strip.small, *(codes == code for code in WORDS)]))
        if lookup:
            lookup.look(strip.window, codes)
        if overview:
            drawn = np.where(strip.small, OTHER, codes).astype(np.uint8)
            overview.add(overview.part(Strip(strip.window, codes, seen), drawn))
    seen_m2, small_m2, *classes = total.square_metres()
    picture = overview.picture("map", _("Change"), _legend()) if overview else None
    area = areas_on_grid(lines, grid)
    return Changed(area, seen_m2, np.array(classes), small_m2, picture, lookup, shift)


def _judged(asks: Sequence[Ask], where: Places, found: Changed, first: int, rules: Rules) -> Judged:
    """Return the figures asked, as estimated by the reference sample where there is one."""
    areas = [found.of(n) for n in range(first, first + len(asks))]
    mapped = list(_indicators(asks, where, found, first))
    shapes = [where.of(ask.zones) for ask in asks]
    return judge(mapped, asks, found.lookup, shapes, areas, [ask.of for ask in asks], rules)


def change_strata(
    layers: Mapping[str, Layer], where: Places, settings: Settings, rules: Rules
) -> Strata:
    """Return the map of change as classes to draw a reference sample from.

    Parameters
    ----------
    layers
        As of `change`.
    where
        The area to draw from.
    settings, rules
        As of `change`.
    """
    maps = pair(layers, settings, rules)
    lines = on_grid([where.whole], where.crs, maps.now.grid)

    def strips() -> Iterator[tuple[Window, Codes]]:
        for strip in became(maps, lines, Shift()):
            codes = np.where(strip.codes == UNSEEN, 0, strip.codes).astype(np.uint8)
            yield strip.window, codes

    used = (layers["imagery"], layers["imagery_before"])
    rules_used = (*maps.now.rules, PATCH_RULE)
    return Strata(WORDS, "gained", maps.now.grid, strips, maps.now.said, used, rules_used)


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
    seen = found.seen_m2[own]
    gained, lost = (where_seen(found.classes_m2[i][own], seen) for i in (0, 1))
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
        areas = found.of(number)
        area = areas["gained"] - areas["lost"] if ask.of == "net" else areas[ask.of]
        seen = float(found.seen_m2[number])
        params = {"of": ask.of, "seen_share": seen_share(seen, float(found.area_m2[number]))}
        yield Indicator(
            ask.id,
            ask.value(area, seen),
            ask.unit,
            numerator=area,
            denominator=seen,
            params=params,
            zone=where.named(ask.zones),
        )


def _notes(found: Changed, whole: int, maps: Pair, layer: str, rules: Rules) -> Iterator[LedgerRow]:
    yield LedgerRow("note", layer, 1, _("green is: {said}").format(said=maps.now.said))
    yield areas_row(maps.now.rasters[0], layer)
    reason = _(
        "{area:,.1f} ha of gains and losses in patches of fewer than {n} cells ({least:.0f} m²) "
        "were left out"
    ).format(area=found.small_m2[whole] / 10_000, n=maps.least, least=rules[PATCH_RULE].value)
    yield LedgerRow("excluded", layer, 1, reason)
    seen = found.seen_m2[whole] / found.area_m2[whole]
    if 1 - seen > ROUNDING:
        reason = _(
            "{share:.1%} of the area was not seen at both dates; what changed there is in no figure"
        ).format(share=1 - seen)
        doubtful = seen < rules[SEEN_RULE].value
        yield LedgerRow("suspected" if doubtful else "note", layer, 1, reason)


def _drawings(where: Places, table: pd.DataFrame) -> Iterator[Drawing]:
    named = [place for place in where.zones if place.zone_id]
    if named:
        fields = {
            "zone": _("Zone"),
            "gained_mu": _("Gained, in mu"),
            "lost_mu": _("Lost, in mu"),
            "net_mu": _("Net, in mu"),
            "seen_share": _("Seen"),
        }
        columns = {name: table[name][: len(named)] for name in list(fields)[1:]}
        yield Drawing("zones", _("Zones"), "zones", frame(named, where.crs, columns), fields)


def _tables(where: Places, found: Changed) -> Iterator[Table]:
    if where.townships:
        fields = {
            "zone": _("Township"),
            "gained_ha": _("Gained"),
            "gained_mu": _("Gained, in mu"),
            "lost_ha": _("Lost"),
            "lost_mu": _("Lost, in mu"),
            "net_mu": _("Net, in mu"),
            "seen_share": _("Seen"),
        }
        data = _by_place(where.townships, found, len(where.zones))
        yield Table("townships", _("By township"), data, fields)
