"""The ground that a coverage is of: the built-up area, by zone, with and without exclusions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.polygons import Polygons, cut, disjoint, less, polygons_of, within
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.transit.asking import ZoneIds
from jxgis.transit.exclusions import Excluded, Exclusion, excluded_from
from jxgis.transit.parts import Zone

FAR_M = 20_000.0
"""Stops that are all farther than this from the built-up area are of another place, metres."""


@dataclass(frozen=True)
class Sets:
    """Sets of polygons that figures are of, and which of them answer for which zones.

    Attributes
    ----------
    polygons
        The rows of the table first (each zone, then what is outside all), then unions of zones
        that overlap: their sum would count the overlap again.
    chosen
        The ids of some zones, none meaning all, to the sets whose sum answers for them.
    parts
        The same to the rows of those zones, whether they overlap or not.
    """

    polygons: tuple[Polygons, ...]
    chosen: Mapping[ZoneIds, tuple[int, ...]]
    parts: Mapping[ZoneIds, tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.polygons)

    def flat(self) -> tuple[Polygons, np.ndarray[tuple[int], np.dtype[np.intp]]]:
        """Return all polygons in one array, and the set of each."""
        owner = np.repeat(np.arange(len(self.polygons)), [len(p) for p in self.polygons])
        return np.concatenate(self.polygons), owner


@dataclass(frozen=True)
class Ground:
    """The built-up area of a coverage.

    Attributes
    ----------
    gross, net
        All of it once, and without what is excluded.
    zones
        Rows of the table, of the net area.
    sets, gross_sets
        The net area, which land and streets are counted on, and the gross one, which people and
        jobs are counted on: who lives in an excluded campus is still somebody to be served.
    excluded, notes
        What leaves, and what the exclusions say about the rest.
    doubled_m2, overlap_m2
        Built-up area given twice, and in several zones.
    """

    gross: Polygons
    net: Polygons
    zones: tuple[Zone, ...]
    sets: Sets
    gross_sets: Sets
    excluded: tuple[Excluded, ...]
    notes: tuple[LedgerRow, ...]
    doubled_m2: float
    overlap_m2: float


def ground(
    layers: Mapping[str, Layer],
    asked: Sequence[ZoneIds],
    exclusions: Sequence[Exclusion],
    rules: Rules,
) -> Ground:
    """Cut the built-up area by zones, less exclusions.

    Parameters
    ----------
    layers
        ``built_up``, ``zones`` (optional) and those that exclusions name.
    asked
        The zones that figures are asked of.
    exclusions
        What leaves the built-up area.
    rules
        For the least size of what leaves.

    Raises
    ------
    InputError
        No built-up area left, or none in any zone, or zones that are not there.
    """
    built_up = layers["built_up"]
    gross, doubled_m2 = disjoint(polygons_of(built_up.data.geometry))
    excluded, notes = excluded_from(gross, exclusions, layers, rules)
    net = less(gross, np.array([e.geometry for e in excluded], dtype=object)) if excluded else gross
    if not shapely.area(net).sum() > 0:
        raise InputError(
            _("no built-up area is left"),
            layer=built_up.name,
            mend=_("Check this layer and what is excluded from it"),
        )
    zones, overlap_m2 = by_zone(net, layers.get("zones"))
    if not any(len(zone.built_up) for zone in zones if zone.zone_id or "zones" not in layers):
        raise InputError(
            _("no zone has any built-up area"),
            layer=layers["zones"].name,
            mend=_("Give zones of the same city, or check the CRS of both layers"),
        )
    sets = sets_of(zones, asked, joint=overlap_m2 > 0)
    gross_sets = sets
    if excluded:
        ids = [zone.zone_id for zone in zones]
        own, overlap = by_zone(gross, layers.get("zones"))
        whole = {zone.zone_id: zone for zone in own}
        same = [whole.get(zone_id, zone) for zone_id, zone in zip(ids, zones, strict=True)]
        same += [zone for zone in own if zone.zone_id not in ids]
        gross_sets = sets_of(same, asked, joint=overlap > 0)
    return Ground(
        gross, net, tuple(zones), sets, gross_sets, tuple(excluded), tuple(notes), doubled_m2,
        overlap_m2,
    )  # fmt: skip


def sets_of(zones: Sequence[Zone], asked: Sequence[ZoneIds], *, joint: bool) -> Sets:
    """Return the sets that asks are of; joint zones, which overlap, are united for each ask."""
    polygons = [zone.built_up for zone in zones]
    chosen: dict[ZoneIds, tuple[int, ...]] = {}
    parts = {zone_ids: _chosen(zone_ids, zones) for zone_ids in dict.fromkeys([(), *asked])}
    for zone_ids, rows in parts.items():
        chosen[zone_ids] = rows
        if joint:
            united, _again = disjoint(np.concatenate([polygons[i] for i in rows]))
            chosen[zone_ids] = (len(polygons),)
            polygons.append(united)
    return Sets(tuple(polygons), chosen, parts)


def joined(rows: Sequence[Polygons], like: Sets) -> Sets:
    """Return sets made of other polygons in the rows, joint ones joined of the same rows."""
    polygons = list(rows)
    chosen: dict[ZoneIds, tuple[int, ...]] = {}
    for zone_ids, own in like.chosen.items():
        chosen[zone_ids] = own
        parts = like.parts[zone_ids]
        if own != parts:
            united, _again = disjoint(np.concatenate([polygons[i] for i in parts]))
            polygons.append(united)
    return Sets(tuple(polygons), chosen, like.parts)


def counting_once(sets: Sets) -> Sets:
    """Return sets whose answers have a street on the common border of two zones once."""
    polygons = list(sets.polygons)
    chosen = dict(sets.chosen)
    for zone_ids, rows in sets.parts.items():
        if len(rows) > 1 and chosen[zone_ids] == rows:
            chosen[zone_ids] = (len(polygons),)
            polygons.append(np.concatenate([polygons[i] for i in rows]))
    return Sets(tuple(polygons), chosen, sets.parts)


def by_zone(area: Polygons, layer: Layer | None) -> tuple[list[Zone], float]:
    """Return an area zone by zone, what is outside all, and the area in more than one zone."""
    if layer is None:
        return [Zone("", _("built-up area"), area)], 0.0
    names, geometries = zone_shapes(layer)
    pieces = cut(area, geometries)
    zones = [
        Zone(str(zone_id), name, own)
        for (zone_id, name), own in zip(names.items(), pieces.by_zone, strict=True)
    ]
    if len(pieces.outside):
        zones.append(Zone("", _("outside every zone"), pieces.outside))
    return zones, pieces.overlap_m2


def zone_shapes(layer: Layer) -> tuple[pd.Series[str], Polygons]:
    """Return the zones' names by id, and their geometries in the same order."""
    data = layer.data
    names = data.drop_duplicates("zone_id").set_index("zone_id")["zone"].astype(str)
    shapes = [
        shapely.union_all(data.geometry[data["zone_id"] == i].to_numpy()) for i in names.index
    ]
    return names, np.array(shapes, dtype=object)


def _chosen(zone_ids: ZoneIds, zones: Sequence[Zone]) -> tuple[int, ...]:
    """Return the indices of the zones; none named means all, and the area outside them."""
    if not zone_ids:
        return tuple(range(len(zones)))
    known = {zone.zone_id: i for i, zone in enumerate(zones) if zone.zone_id}
    unknown = [zone_id for zone_id in zone_ids if zone_id not in known]
    if unknown:
        raise InputError(
            _("there is no zone {ids}").format(ids=", ".join(unknown)),
            layer="zones",
            mend=_("Known zones: {ids}").format(ids=", ".join(known) or _("none")),
        )
    return tuple(known[zone_id] for zone_id in dict.fromkeys(zone_ids))


def in_zones(polygons: Polygons, zone_ids: ZoneIds, layers: Mapping[str, Layer]) -> Polygons:
    """Return the part of polygons in some zones, each part once; no zones means all of them."""
    if not zone_ids or "zones" not in layers:
        return polygons
    data = layers["zones"].data
    named = data[data["zone_id"].isin(zone_ids)]
    return within(polygons, shapely.union_all(np.asarray(named.geometry.array)))


def check_that_layers_meet(stops: Layer, built_up: Layer) -> None:
    """Refuse stops that are all far from the built-up area.

    Raises
    ------
    InputError
        The nearest is farther than `FAR_M`.
    """
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
