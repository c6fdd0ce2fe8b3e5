"""Bus-stop coverage: the share of the built-up area within a radius of a stop, and what it means.

The national evaluation of transit cities defines, for a radius r (300 m and 500 m are usual),

    C_r = area(union of the discs of radius r around stops, within B') / area(B')

with overlaps counted once, where B' is the built-up area less water, parks, schools and military
areas that are each larger than 1 km². All stops count, also those outside the area that reach
into it, and both platforms of a stop.

Beside this official figure stand, where their layers are there, the share of the area near a stop
with a frequent service, the share of the streets within the same distance walking (SDG 11.2.1
measures along streets), and the share of people and jobs, in a straight line and walking.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.discs import covered_areas
from jxgis.layers import Layer
from jxgis.results import Indicator, Result
from jxgis.rules import Rules
from jxgis.transit.asking import BY, OF, Ask, walked, with_companions
from jxgis.transit.change import change, compared
from jxgis.transit.classes import classes_table
from jxgis.transit.exclusions import MIN_AREA_RULE, Exclusion
from jxgis.transit.ground import check_that_layers_meet, ground, in_zones
from jxgis.transit.notes import excluded_rows, outside_rows, overlap_rows, yearbook_rows
from jxgis.transit.parts import Denominator
from jxgis.transit.pictures import pictures
from jxgis.transit.service import Departures, Service, departures
from jxgis.transit.study import LINK_RULE, NEAR_RULE, Study
from jxgis.transit.tables import zone_rows, zone_tables
from jxgis.transit.uncertainty import Errors

__all__ = ["MEASURE", "Ask", "Denominator", "Exclusion", "Service", "coverage"]

MEASURE = "transit.coverage"

FREQUENT_RULE = "service.frequent_departures_per_hour"
HIGH_RULE = "service.high_departures_per_hour"
ERROR_RULES = (
    "coverage.stop_position_error_m",
    "coverage.stops_missing_share",
    "coverage.outline_error_m",
    "coverage.replicates",
    "coverage.seed",
)


def coverage(  # noqa: PLR0913 - one parameter a thing that is asked
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    rules: Rules,
    exclusions: Sequence[Exclusion] = (),
    denominator: Denominator | None = None,
    as_of: dt.date | None = None,
    drawings: bool = True,
    service: Service | None = None,
    intervals: bool = False,
) -> Result:
    """Measure how much of a built-up area, its streets, people and jobs is near a stop.

    Parameters
    ----------
    layers
        ``stops`` (points), ``built_up`` (polygons) and the layers that exclusions name, all in
        one metric CRS. ``zones``, ``streets``, ``population`` and ``jobs`` add what they can say;
        ``stops_before`` and ``built_up_before`` are an earlier state to compare with.
    asks
        The figures wanted, at least one. Each official one brings its companions (`Ask.beside`).
    rules
        Limits, and the errors that intervals are of.
    exclusions
        What leaves the built-up area.
    denominator
        Another figure of the built-up area, of the zones that the first ask names (or of all);
        each official ask of the same zones is answered a second time against it, as
        ``ID-yearbook``.
    as_of
        Date of the data.
    drawings
        Whether to make the layers to draw and the tables of gaps; no figure depends on them.
    service
        Day and window in which departures are counted, where the stops have a timetable.
    intervals
        Whether to measure replicates, for a 90 % interval beside each figure.

    Returns
    -------
    Result
        Areas are those of true circles, exact to rounding (`jxgis.kernels.discs`), and lengths of
        streets are exact too. Each zone has a row for each radius, and built-up area outside
        every zone has its own, with an empty ``zone_id``. Where zones overlap, each row has its
        own area and the total their union. The ledger gives the effect of each excluded polygon
        on the first ask's figure.

    Raises
    ------
    InputError
        No stops, no built-up area (left), none in any zone, stops so far away that the layers
        cannot be of one city, a radius that is not positive, a zone or layer that is not there, or
        a timetable without service on the day or in the window.
    """
    _check(layers, asks)
    stops, built_up = layers["stops"], layers["built_up"]
    site = ground(layers, [ask.zones for ask in asks], exclusions, rules)
    check_that_layers_meet(stops, built_up)
    served = departures(stops, service or Service())
    frequent = rules[FREQUENT_RULE].value if served is not None else None
    asks = list(with_companions(map(walked, asks), layers, frequent))
    _check_companions(layers, asks, served)
    study = Study(
        layers,
        site,
        asks,
        rules,
        None if served is None else served.per_hour,
        _errors(rules) if intervals else None,
    )
    official = asks[0]
    effects = _effects(study, official, layers)
    indicators = _indicators(study, asks, denominator)
    drawn, tables, notes = pictures(study, asks, effects) if drawings else ([], [], [])
    if compared(layers):
        changed = change(study, asks, exclusions, rules, drawings=drawings)
        indicators = (*indicators, *changed.indicators)
        drawn, tables = [*drawn, *changed.drawings], [*changed.tables, *tables]
    table = zone_rows(study, asks)
    used = _used(layers, exclusions, asks)
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(built_up.data.crs),
        indicators=indicators,
        by_zone=table,
        layers=tuple(drawn),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *overlap_rows(built_up, layers.get("zones"), site.doubled_m2, site.overlap_m2),
            *outside_rows(stops, site.gross, site.zones),
            *excluded_rows(site.excluded, effects, official.id),
            *site.notes,
            *(served.ledger if served else ()),
            *study.ledger,
            *notes,
            *yearbook_rows(denominator, indicators),
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(*_rules_used(asks, exclusions, intervals=intervals)),
        tables=(
            *zone_tables(table),
            *classes_table(study, asks, rules, HIGH_RULE, FREQUENT_RULE),
            *tables,
        ),
    )


def _check(layers: Mapping[str, Layer], asks: Sequence[Ask]) -> None:
    if not asks:
        raise InputError(_("no radius is asked for"))
    for ask in asks:
        if not (math.isfinite(ask.radius_m) and ask.radius_m > 0):
            raise InputError(
                _("{id}: a radius of {radius} m is not a positive number").format(
                    id=ask.id, radius=ask.radius_m
                )
            )
        if ask.of not in OF or ask.by not in BY:
            raise InputError(
                _("{id}: a share of {of} by {by} is not known").format(
                    id=ask.id, of=ask.of, by=ask.by
                ),
                mend=_("Known are: {names}").format(names=", ".join([*OF, *BY])),
            )
        if (ask.of, ask.by) == ("area", "walking"):
            raise InputError(
                _("{id}: an area has no streets to be walked along").format(id=ask.id),
                mend=_('Ask for of = "near_streets", the area along the streets that are reached'),
            )
    for name in ("stops", "built_up"):
        if name not in layers:
            raise InputError(_("there is no layer {layer}").format(layer=name))
    if layers["stops"].data.empty:
        raise InputError(
            _("there are no stops"),
            layer=layers["stops"].name,
            mend=_("Check the file and the layer's where"),
        )


def _check_companions(
    layers: Mapping[str, Layer], asks: Sequence[Ask], served: Departures | None
) -> None:
    """Refuse an ask whose layer is not there; companions have theirs."""
    needs = {
        "streets": "streets",
        "near_streets": "streets",
        "people": "population",
        "jobs": "jobs",
    }
    for ask in asks:
        wanted = [needs[ask.of]] if ask.of in needs else []
        wanted += ["streets"] if ask.by == "walking" else []
        for kind in wanted:
            if kind not in layers:
                raise InputError(
                    _("{id} needs a layer {kind}, which is not there").format(id=ask.id, kind=kind)
                )
        if ask.departures_per_hour is not None and served is None:
            raise InputError(
                _("{id} asks for departures an hour, and the stops have no timetable").format(
                    id=ask.id
                ),
                mend=_("Give the stops as a GTFS feed"),
            )


def _errors(rules: Rules) -> Errors:
    position, missing, outline, replicates, seed = (rules[name].value for name in ERROR_RULES)
    if replicates == 1 or replicates != int(replicates) or seed != int(seed) or missing >= 1:
        raise InputError(
            _("coverage.replicates and coverage.seed are whole numbers, with 0 or at least 2 of "
              "the first, and coverage.stops_missing_share is below 1")
        )  # fmt: skip
    return Errors(position, missing, outline, int(replicates), int(seed))


def _rules_used(
    asks: Sequence[Ask], exclusions: Sequence[Exclusion], *, intervals: bool
) -> list[str]:
    names = [MIN_AREA_RULE] if any(e.min_area_m2 is None for e in exclusions) else []
    if any(ask.of == "near_streets" for ask in asks):
        names.append(NEAR_RULE)
    if any(ask.by == "walking" for ask in asks):
        names.append(LINK_RULE)
    if any(ask.departures_per_hour is not None for ask in asks):
        names += [FREQUENT_RULE, HIGH_RULE]
    return names + (list(ERROR_RULES) if intervals else [])


def _effects(study: Study, ask: Ask, layers: Mapping[str, Layer]) -> list[float]:
    """Return by how much each exclusion raises the share of what is asked."""
    ask = Ask("", ask.radius_m, ask.zones)  # of the area, whatever is asked of it
    covered, total = study.reached(ask)
    effects = []
    for one in study.ground.excluded:
        lost = in_zones(one.lost, ask.zones, layers)
        if not len(lost) or not total:
            effects.append(0.0)
            continue
        again = covered_areas(study.reach.points, [ask.radius_m], lost)[0].sum()
        with_it = (covered + again) / (total + shapely.area(lost).sum())
        effects.append(float(covered / total - with_it))
    return effects


def _indicators(
    study: Study, asks: Sequence[Ask], denominator: Denominator | None
) -> tuple[Indicator, ...]:
    names = {zone.zone_id: zone.name for zone in study.ground.zones}
    found: list[Indicator] = []
    for ask in asks:
        found.append(study.indicator(ask, _zone_names(ask, names)))
        official = (ask.of, ask.by, ask.departures_per_hour) == ("area", "straight", None)
        if denominator and official and ask.zones == asks[0].zones:
            covered = found[-1].numerator or 0.0
            params: dict[str, Any] = {"radius_m": ask.radius_m, "source": denominator.source}
            found.append(
                Indicator(
                    f"{ask.id}-yearbook",
                    covered / denominator.area_m2,
                    "1",
                    numerator=covered,
                    denominator=denominator.area_m2,
                    params=params,
                )
            )
    return tuple(found)


def _zone_names(ask: Ask, names: Mapping[str, str]) -> str | None:
    if ask.zones and set(ask.zones) == names.keys() - {""}:
        return _("all zones")
    return ", ".join(names[zone_id] for zone_id in ask.zones) or None


def _used(
    layers: Mapping[str, Layer], exclusions: Sequence[Exclusion], asks: Sequence[Ask]
) -> list[Layer]:
    names = ["stops", "built_up", "zones", *(e.layer for e in exclusions)]
    walked = any(ask.by == "walking" for ask in asks)
    names += ["streets"] if walked else []
    names += ["population"] if any(ask.of == "people" for ask in asks) else []
    names += ["stops_before", "built_up_before"]
    names += ["jobs"] if any(ask.of == "jobs" for ask in asks) else []
    return [layers[name] for name in dict.fromkeys(names) if name in layers]
