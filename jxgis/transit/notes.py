"""What a coverage says on its ledger, beside its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import shapely

from jxgis.i18n import _
from jxgis.kernels.polygons import Polygons, within_any
from jxgis.layers import Layer
from jxgis.results import Indicator, LedgerRow
from jxgis.transit.exclusions import Excluded
from jxgis.transit.parts import Denominator, Zone


def overlap_rows(
    built_up: Layer, zones: Layer | None, doubled_m2: float, overlap_m2: float
) -> Iterator[LedgerRow]:
    """Say which areas would have counted more than once."""
    if doubled_m2:
        reason = _("polygons overlap by {area:.4f} km²: counted once").format(area=doubled_m2 / 1e6)
        yield LedgerRow("overlap", built_up.name, 1, reason)
    if zones and overlap_m2:
        reason = _(
            "zones overlap by {area:.4f} km² of built-up area: each zone's row has its own area, "
            "the total counts it once"
        ).format(area=overlap_m2 / 1e6)
        yield LedgerRow("overlap", zones.name, 1, reason)


def outside_rows(stops: Layer, built_up: Polygons, zones: Sequence[Zone]) -> Iterator[LedgerRow]:
    """Say which stops and which built-up area lie outside, and that both count."""
    inside = within_any(stops.data.geometry.to_numpy(), built_up)
    outside = int((~inside).sum())
    if outside:
        reason = _("stops outside the built-up area: they count where they reach into it")
        yield LedgerRow("outside", stops.name, outside, reason)
    rest = [zone.built_up for zone in zones if not zone.zone_id]
    if rest and len(zones) > 1:
        area = shapely.area(rest[0]).sum()
        reason = _("{area:.4f} km² lie outside every zone: a row of their own").format(
            area=area / 1e6
        )
        yield LedgerRow("outside", "built_up", len(rest[0]), reason)


def excluded_rows(
    excluded: Sequence[Excluded], effects: Sequence[float], asked: str
) -> Iterator[LedgerRow]:
    """Say of each excluded polygon how large it is and what its exclusion does to the share."""
    for one, effect in zip(excluded, effects, strict=True):
        reason = _(
            "{land_class}, {area:.2f} km² (larger than {smallest:g} km²), takes {lost:.2f} km² "
            "out of the built-up area; effect on {asked}"
        ).format(
            land_class=one.land_class,
            area=one.area_m2 / 1e6,
            smallest=one.min_area_m2 / 1e6,
            lost=shapely.area(one.lost).sum() / 1e6,
            asked=asked,
        )
        yield LedgerRow("excluded", one.layer, 1, reason, effect)


def yearbook_rows(
    denominator: Denominator | None, indicators: Sequence[Indicator]
) -> Iterator[LedgerRow]:
    """Say how a printed built-up area compares with the map's."""
    if denominator is None:
        return
    printed = denominator.area_m2 / 1e6
    whole = indicators[0].denominator
    if whole:
        reason = _(
            "the built-up area is {printed:.2f} km² in {source} and {measured:.2f} km² on the map"
        ).format(printed=printed, source=denominator.source, measured=whole / 1e6)
        yield LedgerRow("note", "built_up", 1, reason)
    for indicator in indicators:
        if indicator.denominator == denominator.area_m2 and (indicator.value or 0) > 1:
            reason = _(
                "{id}: the covered area on the map, {covered:.2f} km², is larger than the built-up "
                "area of {printed:.2f} km² in {source}: the two are not of the same area"
            ).format(
                id=indicator.id,
                covered=(indicator.numerator or 0) / 1e6,
                printed=printed,
                source=denominator.source,
            )
            yield LedgerRow("suspected", "built_up", 1, reason)
