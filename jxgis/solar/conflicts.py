"""Ground that two aims of a plan both count on: panels and green land, on the ground or a roof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from jxgis.i18n import _
from jxgis.kernels.polygons import Polygons, polygons_of
from jxgis.layers import Layer
from jxgis.solar_spec import Exclusion, LandUse, SolarSettings

GREEN_CLASSES = (
    *("orchard", "forest", "wood", "park", "garden", "grass", "meadow", "scrub"),
    *("plant_nursery", "vineyard", "wetland"),
)
"""Classes of land that are counted as green."""

GREEN_RULES = ("orchard", "forest", "green", "shrubland", "grassland", "wetland")
"""Rules, of those that are shipped, whose classes of land are green, in a survey's words."""

# Less than this in common is a border drawn twice.
_LEAST_M2 = 1.0


@dataclass(frozen=True)
class Site:
    """Something with panels, there or proposed.

    ``kind`` is one of ``zone`` (land of a proposed zone), ``roof`` and ``pv`` (panels that are
    there); ``w_per_m2`` is the capacity on a square metre, None where it is not known.
    """

    kind: str
    name: str
    county: int
    shape: Any
    w_per_m2: float | None


@dataclass(frozen=True)
class Conflict:
    """A site over green land.

    ``green`` is the class of land or the planned project, ``planned`` whether it is still to be
    made; ``mw`` the capacity on the area in common, None where that is not known.
    """

    site: Site
    green: str
    planned: bool
    shape: Any
    area_m2: float
    mw: float | None


def green_classes(settings: SolarSettings) -> list[str]:
    """Return the classes of land that are green: the usual words, and those of rules of green."""
    rules: list[LandUse | Exclusion] = [*settings.uses, *settings.exclusions]
    words = [word for rule in rules if rule.id in GREEN_RULES for word in rule.classes]
    return list(dict.fromkeys([*GREEN_CLASSES, *words]))


def conflicts(
    sites: Sequence[Site], kinds: Mapping[str, Layer], classes: Sequence[str] = GREEN_CLASSES
) -> list[Conflict]:
    """Return what sites have in common with green land, largest first.

    Parameters
    ----------
    sites
        Their shapes in the run's metric CRS.
    kinds
        The layers by kind: ``land`` with classes, ``planned_green``.
    classes
        The classes of land that are green.
    """
    if not sites:
        return []
    shapes = np.array([site.shape for site in sites], dtype=object)
    tree = shapely.STRtree(shapes)
    found = []
    for green, planned, polygons in _greens(kinds, classes):
        other, site = tree.query(polygons, predicate="intersects")
        common = shapely.intersection(shapes[site], polygons[other])
        for number in np.unique(site).tolist():
            # green polygons that overlap each other are one
            shape = shapely.union_all(common[site == number])
            area = float(shapely.area(shape))
            # a roof is no orchard: what grows on roofs is planned
            if area < _LEAST_M2 or (sites[number].kind == "roof" and not planned):
                continue
            density = sites[number].w_per_m2
            mw = None if density is None else area * density / 1e6
            found.append(Conflict(sites[number], green, planned, shape, area, mw))
    return sorted(found, key=lambda conflict: -conflict.area_m2)


def _greens(
    kinds: Mapping[str, Layer], classes: Sequence[str]
) -> Iterator[tuple[str, bool, Polygons]]:
    """Give green land by what it is called, whether it is planned, and its polygons."""
    if "land" in kinds:
        data = kinds["land"].data
        for word in classes:
            own = data.geometry[data["class"] == word]
            if len(own):
                yield word, False, polygons_of(np.asarray(own.array, dtype=object))
    if "planned_green" in kinds:
        data = kinds["planned_green"].data
        for number, shape in enumerate(data.geometry):
            name = data["name"].iloc[number] if "name" in data else None
            called = str(name) if isinstance(name, str) and name else _("planned green")
            yield called, True, polygons_of(np.array([shape], dtype=object))
