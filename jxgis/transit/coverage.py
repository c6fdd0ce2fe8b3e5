"""Bus-stop coverage: the share of the built-up area within a radius of a stop.

The national evaluation of transit cities defines, for a radius r (300 m and 500 m are usual),

    C_r = area(union of the discs of radius r around stops, within B') / area(B')

with overlaps counted once, where B' is the built-up area less water, parks, schools and military
areas that are each larger than 1 km². All stops count, also those outside the area that reach
into it, and both platforms of a stop.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.arcs import FloatArray
from jxgis.kernels.discs import covered_areas
from jxgis.layers import Layer
from jxgis.results import Indicator, Result
from jxgis.rules import Rules
from jxgis.transit.areas import Polygons, cut, disjoint, less, polygons_of, within
from jxgis.transit.drawings import draw
from jxgis.transit.exclusions import MIN_AREA_RULE, Exclusion, excluded_from
from jxgis.transit.notes import excluded_rows, outside_rows, overlap_rows, yearbook_rows
from jxgis.transit.parts import Areas, Denominator, Zone

__all__ = ["MEASURE", "Ask", "Denominator", "Exclusion", "coverage"]

MEASURE = "transit.coverage"

FAR_M = 20_000.0
"""Stops that are all farther than this from the built-up area are of another place, metres."""


@dataclass(frozen=True)
class Ask:
    """One figure that is asked for.

    Attributes
    ----------
    id
        The indicator's id in the result.
    radius_m
        Metres, > 0.
    zones
        The ``zone_id`` of the zones that the figure is restricted to; none means the whole
        built-up area, inside zones or not.
    """

    id: str
    radius_m: float
    zones: tuple[str, ...] = ()


def coverage(
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    rules: Rules,
    exclusions: Sequence[Exclusion] = (),
    denominator: Denominator | None = None,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure the share of the built-up area that lies within a radius of a stop.

    Parameters
    ----------
    layers
        ``stops`` (points), ``built_up`` (polygons), ``zones`` (optional) and the layers that
        exclusions name, all in one metric CRS.
    asks
        The figures wanted, at least one.
    rules
        For ``coverage.exclude_min_area_m2``.
    exclusions
        What leaves the built-up area.
    denominator
        Another figure of the built-up area, of the zones that the first ask names (or of all);
        each ask of the same zones is answered a second time against it, as ``ID-yearbook``.
    as_of
        Date of the data.
    drawings
        Whether to make the layers to draw; no figure depends on them.

    Returns
    -------
    Result
        Areas are those of true circles, exact to rounding (`jxgis.kernels.discs`). Each zone has
        a row for each radius, and built-up area outside every zone has its own, with an empty
        ``zone_id``. Where zones overlap, each row has its own area and the total their union.
        The ledger gives the effect of each excluded polygon on the first ask's figure.

    Raises
    ------
    InputError
        No stops, no built-up area (left), none in any zone, stops so far away that the layers
        cannot be of one city, a radius that is not positive, or a zone or layer that is not there.
    """
    radii = _checked(layers, asks)
    stops, built_up = layers["stops"], layers["built_up"]
    points = shapely.get_coordinates(stops.data.geometry.to_numpy())
    gross, doubled_m2 = disjoint(polygons_of(built_up.data.geometry))
    excluded, notes = excluded_from(gross, exclusions, layers, rules)
    net = less(gross, np.array([e.geometry for e in excluded], dtype=object))
    if not shapely.area(net).sum() > 0:
        raise InputError(
            _("no built-up area is left"),
            layer=built_up.name,
            mend=_("Check this layer and what is excluded from it"),
        )
    _check_that_layers_meet(stops, built_up)
    zones, overlap_m2 = _zones(net, layers.get("zones"))
    sets = [zone.built_up for zone in zones]
    sets += [_in_zones(e.lost, asks[0].zones, layers) for e in excluded]
    chosen: dict[tuple[str, ...], list[int]] = {}
    for zone_ids in dict.fromkeys([(), *(ask.zones for ask in asks)]):
        chosen[zone_ids] = _chosen(zone_ids, zones)
        if overlap_m2:  # the sum of the zones would count it again
            united, _again = disjoint(np.concatenate([sets[i] for i in chosen[zone_ids]]))
            chosen[zone_ids] = [len(sets)]
            sets.append(united)
    areas = _measure(points, radii, sets)

    lost = range(len(zones), len(zones) + len(excluded))
    effects = _effects(areas, radii[0], chosen[asks[0].zones], lost)
    used = _used(layers, exclusions)
    drawn = net
    if all(ask.zones for ask in asks):  # then no figure counts what lies outside every zone
        drawn, _again = disjoint(np.concatenate([z.built_up for z in zones if z.zone_id]))
    indicators = _indicators(asks, areas, chosen, zones, denominator)
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(built_up.data.crs),
        indicators=indicators,
        by_zone=_table(zones, areas, radii),
        layers=tuple(draw(layers, zones, drawn, excluded, areas, effects)) if drawings else (),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *overlap_rows(built_up, layers.get("zones"), doubled_m2, overlap_m2),
            *outside_rows(stops, gross, zones),
            *excluded_rows(excluded, effects, asks[0].id),
            *notes,
            *yearbook_rows(denominator, indicators),
        ),
        inputs=tuple(source for layer in used for source in layer.inputs),
        rules=rules.cite(MIN_AREA_RULE) if any(e.min_area_m2 is None for e in exclusions) else {},
    )


def _checked(layers: Mapping[str, Layer], asks: Sequence[Ask]) -> list[float]:
    """Return the distinct radii, in the order of asking."""
    if not asks:
        raise InputError(_("no radius is asked for"))
    for ask in asks:
        if not (math.isfinite(ask.radius_m) and ask.radius_m > 0):
            raise InputError(
                _("{id}: a radius of {radius} m is not a positive number").format(
                    id=ask.id, radius=ask.radius_m
                )
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
    return list(dict.fromkeys(ask.radius_m for ask in asks))


def _check_that_layers_meet(stops: Layer, built_up: Layer) -> None:
    west, south, east, north = built_up.data.total_bounds
    around = shapely.box(west, south, east, north)
    distance = float(shapely.distance(stops.data.geometry.to_numpy(), around).min())
    if distance > FAR_M:
        raise InputError(
            _("the nearest stop is {distance:.0f} km from the built-up area").format(
                distance=distance / 1000
            ),
            layer=stops.name,
            mend=_("Give layers of one city, or check the CRS of both"),
        )


def _in_zones(
    polygons: Polygons, zone_ids: tuple[str, ...], layers: Mapping[str, Layer]
) -> Polygons:
    """Return the part of polygons in some zones, each part once; no zones means all of them."""
    if not zone_ids or "zones" not in layers:
        return polygons
    data = layers["zones"].data
    named = data[data["zone_id"].isin(zone_ids)]
    return within(polygons, shapely.union_all(np.asarray(named.geometry.array)))


def _zones(net: Polygons, layer: Layer | None) -> tuple[list[Zone], float]:
    """Return the rows of the table, and the area that is in more than one zone."""
    if layer is None:
        return [Zone("", _("built-up area"), net)], 0.0
    data = layer.data
    names = data.drop_duplicates("zone_id").set_index("zone_id")["zone"].astype(str)
    geometries = [
        shapely.union_all(data.geometry[data["zone_id"] == i].to_numpy()) for i in names.index
    ]
    pieces = cut(net, np.array(geometries, dtype=object))
    zones = [
        Zone(str(zone_id), name, own)
        for (zone_id, name), own in zip(names.items(), pieces.by_zone, strict=True)
    ]
    if not any(len(own) for own in pieces.by_zone):
        raise InputError(
            _("no zone has any built-up area"),
            layer=layer.name,
            mend=_("Give zones of the same city, or check the CRS of both layers"),
        )
    if len(pieces.outside):
        zones.append(Zone("", _("outside every zone"), pieces.outside))
    return zones, pieces.overlap_m2


def _chosen(zone_ids: tuple[str, ...], zones: Sequence[Zone]) -> list[int]:
    """Return the indices of the zones; none named means all, and the area outside them."""
    if not zone_ids:
        return list(range(len(zones)))
    known = {zone.zone_id: i for i, zone in enumerate(zones) if zone.zone_id}
    unknown = [zone_id for zone_id in zone_ids if zone_id not in known]
    if unknown:
        raise InputError(
            _("there is no zone {ids}").format(ids=", ".join(unknown)),
            layer="zones",
            mend=_("Known zones: {ids}").format(ids=", ".join(known) or _("none")),
        )
    return [known[zone_id] for zone_id in dict.fromkeys(zone_ids)]


def _measure(points: FloatArray, radii: Sequence[float], sets: Sequence[Polygons]) -> Areas:
    owner = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    polygons = np.concatenate(sets)

    def sums(values: FloatArray) -> FloatArray:
        return np.bincount(owner, values, minlength=len(sets)).astype(np.float64)

    total = sums(shapely.area(polygons))
    covered = covered_areas(points, radii, polygons)
    return Areas(
        total,
        {
            r: np.clip(sums(own), 0, total) for r, own in zip(radii, covered, strict=True)
        },  # rounding
    )


def _effects(areas: Areas, radius: float, asked: list[int], excluded: range) -> list[float]:
    """Return by how much each exclusion raises the share of what is asked."""
    covered, total = areas.share(radius, asked)
    return [
        float(covered / total - (covered + areas.covered[radius][k]) / (total + areas.total[k]))
        if total
        else 0.0
        for k in excluded
    ]


def _indicators(
    asks: Sequence[Ask],
    areas: Areas,
    chosen: Mapping[tuple[str, ...], list[int]],
    zones: Sequence[Zone],
    denominator: Denominator | None,
) -> tuple[Indicator, ...]:
    names = {zone.zone_id: zone.name for zone in zones}
    found = []
    for ask in asks:
        covered, total = areas.share(ask.radius_m, chosen[ask.zones])
        found.append(
            Indicator(
                ask.id,
                covered / total if total else None,
                "1",
                numerator=covered,
                denominator=total,
                params={"radius_m": ask.radius_m},
                zone=_zone_names(ask, names),
            )
        )
        if denominator and ask.zones == asks[0].zones:
            found.append(
                Indicator(
                    f"{ask.id}-yearbook",
                    covered / denominator.area_m2,
                    "1",
                    numerator=covered,
                    denominator=denominator.area_m2,
                    params={"radius_m": ask.radius_m, "source": denominator.source},
                )
            )
    return tuple(found)


def _zone_names(ask: Ask, names: Mapping[str, str]) -> str | None:
    if ask.zones and set(ask.zones) == names.keys() - {""}:
        return _("all zones")
    return ", ".join(names[zone_id] for zone_id in ask.zones) or None


def _table(zones: Sequence[Zone], areas: Areas, radii: Sequence[float]) -> pd.DataFrame:
    """Return a row for each zone and radius; a zone without built-up area has no share."""
    n = len(zones)
    rows = [
        (z.zone_id, z.name, radius, total, covered, covered / total if total else math.nan)
        for radius in radii
        for z, total, covered in zip(zones, areas.total[:n], areas.covered[radius][:n], strict=True)
    ]
    columns = ["zone_id", "zone", "radius_m", "area_m2", "covered_area_m2", "share"]
    return pd.DataFrame(rows, columns=columns)


def _used(layers: Mapping[str, Layer], exclusions: Sequence[Exclusion]) -> list[Layer]:
    names = ["stops", "built_up", "zones", *(e.layer for e in exclusions)]
    return [layers[name] for name in dict.fromkeys(names) if name in layers]
