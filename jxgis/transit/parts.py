"""What a coverage is made of, on its way from layers to a result."""

from __future__ import annotations

from dataclasses import dataclass

from jxgis.kernels.polygons import Polygons


@dataclass(frozen=True)
class Denominator:
    """A built-up area as printed elsewhere (a yearbook), square metres, and where."""

    area_m2: float
    source: str


@dataclass(frozen=True)
class Zone:
    """A row of the table: the built-up area in a zone, or outside every zone."""

    zone_id: str
    name: str
    built_up: Polygons
