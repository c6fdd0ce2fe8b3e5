"""The places that figures of green land are of: the built-up area or all land, zone by zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.polygons import SLIVER_M2, Polygons, cut, disjoint, polygons_of
from jxgis.layers import Layer
from jxgis.results import LedgerRow


@dataclass(frozen=True)
class Place:
    """A row of a table: a zone's part of the area, or what lies outside every zone."""

    zone_id: str
    zone: str
    shape: Any


@dataclass(frozen=True)
class Places:
    """The area that is measured, and its parts.

    Attributes
    ----------
    whole
        All of it, each part once.
    zones, townships
        Its parts by zone, with what is outside all of them last, and by township.
    crs
        Their metric CRS.
    ledger
        What overlaps or lies outside.
    """

    whole: Any
    zones: tuple[Place, ...]
    townships: tuple[Place, ...]
    crs: Any
    ledger: tuple[LedgerRow, ...]

    def of(self, zone_ids: Sequence[str]) -> Any:
        """Return the area in some zones, each part once; none named means all of it.

        Raises
        ------
        InputError
            If a zone is not there.
        """
        if not zone_ids:
            return self.whole
        known = {place.zone_id: place.shape for place in self.zones if place.zone_id}
        unknown = [zone_id for zone_id in zone_ids if zone_id not in known]
        if unknown:
            raise InputError(
                _("there is no zone {ids}").format(ids=", ".join(unknown)),
                layer="zones",
                mend=_("Known zones: {ids}").format(ids=", ".join(known) or _("none")),
            )
        return shapely.union_all([known[zone_id] for zone_id in zone_ids])

    def named(self, zone_ids: Sequence[str]) -> str | None:
        """Return the names of zones for an indicator, or None for everything."""
        names = {place.zone_id: place.zone for place in self.zones if place.zone_id}
        if zone_ids and set(zone_ids) == set(names):
            return _("all zones")
        return ", ".join(names[zone_id] for zone_id in zone_ids) or None


def places(layers: Mapping[str, Layer], *, built_up: bool = True) -> Places:
    """Return the places to be measured.

    Parameters
    ----------
    layers
        ``built_up``, ``zones`` or both, and ``townships`` where there are any.
    built_up
        Whether only the built-up area counts, where there is one; else all land of the zones.

    Raises
    ------
    InputError
        If neither layer is there, or no zone has any of the area.
    """
    zones = layers.get("zones")
    area = layers.get("built_up") if built_up else None
    area = area or zones or layers.get("built_up")
    if area is None:
        raise InputError(_("there is no layer {layer}").format(layer="zones"))
    whole, doubled_m2 = disjoint(polygons_of(area.data.geometry))
    ledger = list(_taken_for(area, built_up=built_up))
    if doubled_m2 and area is not zones:
        reason = _("polygons overlap by {area:.4f} km²: counted once").format(area=doubled_m2 / 1e6)
        ledger.append(LedgerRow("overlap", area.name, 1, reason))
    rows, notes = _parts(whole, zones, area)
    townships, _notes = _parts(whole, layers.get("townships"), area)
    return Places(
        joined(whole),
        tuple(rows) if zones is not None else (Place("", _("all of it"), joined(whole)),),
        tuple(townships),
        area.data.crs,
        (*ledger, *notes),
    )


def _taken_for(area: Layer, *, built_up: bool) -> Iterator[LedgerRow]:
    """Say where another area than the one that the figure is of by its definition had to do."""
    if built_up and area.kind.name == "zones":
        reason = _("there is no built-up area: all land of the zones is taken for it")
        yield LedgerRow("assumed", area.name, 1, reason)
    elif not built_up and area.kind.name == "built_up":
        reason = _("there are no zones: the built-up area is taken for all land")
        yield LedgerRow("assumed", area.name, 1, reason)


def _parts(
    whole: Polygons, layer: Layer | None, area: Layer
) -> tuple[list[Place], list[LedgerRow]]:
    """Return an area by the zones of a layer, what is outside all, and notes on both."""
    if layer is None:
        return [], []
    names = layer.data.drop_duplicates("zone_id").set_index("zone_id")["zone"].astype(str)
    shapes = [
        shapely.union_all(layer.data.geometry[layer.data["zone_id"] == zone_id].to_numpy())
        for zone_id in names.index
    ]
    if layer is area:  # each zone is its own part of the whole
        named = zip(names.items(), shapes, strict=True)
        overlap_m2 = float(shapely.area(shapes).sum() - shapely.area(whole).sum())
        rows = [Place(str(zone_id), name, shape) for (zone_id, name), shape in named]
        return rows, _overlapping(layer, overlap_m2 if overlap_m2 > SLIVER_M2 else 0.0)
    pieces = cut(whole, np.array(shapes, dtype=object))
    rows = [
        Place(str(zone_id), name, joined(own))
        for (zone_id, name), own in zip(names.items(), pieces.by_zone, strict=True)
    ]
    if not any(len(own) for own in pieces.by_zone):
        raise InputError(
            _("no zone has any of the area of {area}").format(area=area.name),
            layer=layer.name,
            mend=_("Give zones of the same city, or check the CRS of both layers"),
        )
    notes = _overlapping(layer, pieces.overlap_m2)
    outside_m2 = float(shapely.area(pieces.outside).sum())
    if outside_m2 > SLIVER_M2:
        rows.append(Place("", _("outside every zone"), joined(pieces.outside)))
        reason = _("{area:.4f} km² lie outside every zone: a row of their own").format(
            area=outside_m2 / 1e6
        )
        notes.append(LedgerRow("outside", area.name, len(pieces.outside), reason))
    return rows, notes


def _overlapping(layer: Layer, overlap_m2: float) -> list[LedgerRow]:
    if not overlap_m2:
        return []
    reason = _(
        "zones overlap by {area:.4f} km²: each zone's row has its own area, the total counts it "
        "once"
    ).format(area=overlap_m2 / 1e6)
    return [LedgerRow("overlap", layer.name, 1, reason)]


def joined(parts: Polygons) -> Any:
    """Return polygons that do not overlap as one geometry, without uniting them."""
    return shapely.MultiPolygon(list(parts))


def frame(rows: Sequence[Place], crs: Any, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return places with columns beside their names, as a layer to draw."""
    return gpd.GeoDataFrame(
        {
            "zone_id": [place.zone_id for place in rows],
            "zone": [place.zone for place in rows],
            **columns,
        },
        geometry=[place.shape for place in rows],
        crs=crs,
    )
