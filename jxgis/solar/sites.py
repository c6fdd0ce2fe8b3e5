"""What panels are on or could be on: land of the best zones, roofs, and panels there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.solar.conflicts import Site
from jxgis.solar.land import Land
from jxgis.solar.roofs import Roofs
from jxgis.solar.zone_land import free_land
from jxgis.solar.zones import Zone


def sites(
    land: Land,
    density: Mapping[str, float],
    zones: tuple[Zone, ...],
    shapes: tuple[Any, ...],
    found: Roofs | None,
) -> list[Site]:
    """Return what may be in conflict with green land.

    Parameters
    ----------
    land
        Rules and features of the last day, and the layers.
    density
        Of each form of land, watts a square metre.
    zones, shapes
        Zones and their outlines; the land of the best of each county counts.
    found
        The roofs, or None.
    """
    every = []
    for zone, shape in zip(zones, shapes, strict=True):
        for form, own in free_land(land, shape).items() if zone.rank == 1 else ():
            name = land.frame.zones[zone.county]
            every.append(Site("zone", name, zone.county, own, density[form]))
    if found is not None:
        density_of = found.data["w_per_m2"].to_numpy(dtype=np.float64)
        for number, name in _named(land.kinds["buildings"], _("roof {n}")):
            if density_of[number] > 0:
                shape, w_per_m2 = found.shapes[number], float(density_of[number])
                every.append(Site("roof", name, -1, shape, w_per_m2))
    if "pv" in land.kinds:
        shapes = tuple(land.kinds["pv"].data.geometry)
        every += [
            Site("pv", name, -1, shapes[number], None)
            for number, name in _named(land.kinds["pv"], _("panels {n}"))
        ]
    return every


def _named(layer: Layer, otherwise: str) -> Iterator[tuple[int, str]]:
    """Give the rows of a layer, each with its name or a number in its place."""
    names = layer.data.get("name")
    for number in range(len(layer.data)):
        name = names.iloc[number] if names is not None else None
        yield number, name if isinstance(name, str) and name else otherwise.format(n=number + 1)
