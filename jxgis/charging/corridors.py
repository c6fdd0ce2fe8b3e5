"""Fast charging along expressways: each service area's two sides, and the stretches between them.

Of the sides of main service areas it gives the share that have fast charging. Along each
carriageway it gives the stretches without, against the 50 km that Chinese planning asks for and the
60 km of the European Union, and the fewest additions that mend both. The first and the last stretch
of a carriageway are open: the road goes on beyond the data, so they are at least so long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jxgis.charging.carriageways import LEAST_RULE, LEFT_RULE, carriageways
from jxgis.charging.corridor_audit import AFIR_RULE, POSTS_RULE, SPACING_RULE, Audit, audited
from jxgis.charging.corridor_drawings import draw
from jxgis.charging.corridor_sides import SIDE_RULE, WITHIN_RULE, attach
from jxgis.charging.corridor_stations import FAST_RULE, STATION_RULE, posts_at
from jxgis.charging.corridor_tables import strips, tables
from jxgis.charging.where import zone_names, zone_of
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Indicator, LedgerRow, Result
from jxgis.rules import Rules

MEASURE = "charging.corridors"

RULES = (
    *(SPACING_RULE, POSTS_RULE, AFIR_RULE, FAST_RULE, LEFT_RULE),
    *(WITHIN_RULE, STATION_RULE, SIDE_RULE, LEAST_RULE),
)


@dataclass(frozen=True)
class Ask:
    """A share that is asked for: of the main service areas' sides, those with fast charging.

    ``zones`` restricts it to the zones with these ids.
    """

    id: str = "service-area-charging"
    zones: tuple[str, ...] = ()


def corridors(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask] = (Ask(),),
    *,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Audit fast charging along expressways, side by side.

    Parameters
    ----------
    layers
        ``expressways`` and ``service_areas`` in one metric CRS; ``chargers`` and ``zones`` where
        there are any. Without chargers no service area has charging.
    asks
        The shares wanted.
    rules
        Limits, and what is assumed where the data do not say.
    as_of
        Date of the data.
    drawings
        Whether to make the layers to draw; no figure depends on them.

    Returns
    -------
    Result
        ``by_zone`` has a row a zone with its sides of main service areas; those outside every zone
        have a row with an empty ``zone_id``. Lengths are along the lines as they are drawn.

    Raises
    ------
    InputError
        No expressways or service areas, an ask for a zone that is not there, a rule that cannot be,
        or what `carriageways` and `attach` raise.
    """
    _check(layers, rules)
    zones = layers.get("zones")
    ways = carriageways(layers["expressways"], rules=rules)
    sides = attach(layers["service_areas"], ways, rules=rules)
    posts = posts_at(layers.get("chargers"), sides, ways, rules=rules)
    audit = audited(ways, sides, posts, rules)
    points = np.asarray(sides.data.geometry.get_coordinates(), dtype=float)
    zone = zone_of(points, zones)
    by_zone = _by_zone(audit, zone, zones)
    used = [layers[name] for name in _LAYERS if name in layers]
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(ways.crs),
        indicators=(*(_share(ask, audit, zone, zones) for ask in asks), *_figures(audit)),
        by_zone=by_zone,
        layers=tuple(draw(audit, zones, by_zone)) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *ways.ledger,
            *sides.ledger,
            *posts.ledger,
            *_notes(audit),
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(*RULES),
        tables=_tables(audit, drawn=drawings),
        strips=tuple(strips(audit)),
    )


_LAYERS = ("expressways", "service_areas", "chargers", "zones")


def _check(layers: Mapping[str, Layer], rules: Rules) -> None:
    for name in _LAYERS[:2]:
        if name not in layers:
            raise InputError(_("there is no layer {layer}").format(layer=name))
    for name in (SPACING_RULE, AFIR_RULE):
        if not rules[name].value > 0:
            raise InputError(
                _("the rule {name} is {value:g}").format(name=name, value=rules[name].value),
                mend=_("It is a length in metres above 0"),
            )


def _tables(audit: Audit, *, drawn: bool) -> tuple[Any, ...]:
    made = tables(audit)
    there = {"service_areas", "ways", *(["additions"] if audit.additions else [])}
    return tuple(t if drawn and t.drawing in there else replace(t, drawing=None) for t in made)


def _share(ask: Ask, audit: Audit, zone: NDArray[np.intp], zones: Layer | None) -> Indicator:
    names = zone_names(zones)
    unknown = [zone_id for zone_id in ask.zones if zone_id not in names.index]
    if unknown:
        raise InputError(
            _("{id} asks for zones that are not there: {zones}").format(
                id=ask.id, zones=", ".join(unknown)
            )
        )
    asked = audit.main
    if ask.zones:
        asked = asked & np.isin(zone, names.index.get_indexer(pd.Index(ask.zones)))
    total, with_it = int(asked.sum()), int((asked & audit.posts.charging).sum())
    return Indicator(
        ask.id,
        with_it / total if total else None,
        "1",
        numerator=with_it,
        denominator=total,
        params={"unit_of_parts": "count"},
        zone=", ".join(names[zone_id] for zone_id in ask.zones) or None,
    )


def _figures(audit: Audit) -> Iterator[Indicator]:
    longest = max(audit.stretches, key=lambda stretch: stretch.length_m)
    way = audit.way(longest.way)
    yield Indicator(
        "charging-longest-stretch",
        longest.length_m,
        "m",
        params={"title": way.title, "open": longest.is_open},
        sense="at_most",
    )
    yield Indicator("charging-additions", float(len(audit.additions)), "count", sense="at_most")
    for limit, chosen in ((audit.spacing_m, audit.spacing), (audit.afir_m, audit.afir)):
        yield Indicator(
            f"charging-additions-{limit:.12g}",
            float(len(chosen)),
            "count",
            params={
                "title": _("for {km:g} km alone").format(km=limit / 1000),
                "new_sites": sum(one.side is None for one in chosen),
            },
            sense="at_most",
            beside="charging-additions",
        )


def _by_zone(audit: Audit, zone: NDArray[np.intp], zones: Layer | None) -> pd.DataFrame:
    names = zone_names(zones)
    groups = [(k, zone_id, name) for k, (zone_id, name) in enumerate(names.items())]
    groups.append((-1, "", _("outside every zone") if zones is not None else _("all")))
    rows = []
    for k, zone_id, name in groups:
        own = audit.main & (zone == k)
        total, with_it = int(own.sum()), int((own & audit.posts.charging).sum())
        if total or k >= 0:
            share = with_it / total if total else np.nan
            rows.append((zone_id, name, total, with_it, share))
    return pd.DataFrame(rows, columns=["zone_id", "zone", "sides", "with_charging", "share"])


def _notes(audit: Audit) -> Iterator[LedgerRow]:
    minor = int((~audit.main).sum())
    if minor:
        reason = _("sides of service areas that are no main ones; not in the share")
        yield LedgerRow("excluded", audit.sides.layer, minor, reason)
    reason = _(
        "the first and the last stretch of a carriageway go on beyond the data and are at least so "
        "long"
    )
    yield LedgerRow("note", audit.ways.layer, len(audit.ways.ways), reason)
