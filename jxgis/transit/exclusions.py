"""What leaves the built-up area: large water, parks, schools, military areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.polygons import Polygons, less, within
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

MIN_AREA_RULE = "coverage.exclude_min_area_m2"


@dataclass(frozen=True)
class Exclusion:
    """Classes of a layer that leave the built-up area.

    Attributes
    ----------
    layer
        Name of a layer of kind ``land``.
    classes
        Values of its column ``class``.
    min_area_m2
        Polygons must be larger than this, each taken whole and not only its part in the built-up
        area; None means the rule's value.
    """

    layer: str
    classes: tuple[str, ...]
    min_area_m2: float | None = None


@dataclass(frozen=True)
class Excluded:
    """One polygon that leaves the built-up area.

    Attributes
    ----------
    layer, land_class, area_m2, min_area_m2
        Where it is from, and the size that was compared.
    geometry
        The polygon or multipolygon.
    lost
        The built-up area that would be back if it, and no other, were not excluded.
    """

    layer: str
    land_class: str
    area_m2: float
    min_area_m2: float
    geometry: shapely.Geometry
    lost: Polygons


def excluded_from(
    built_up: Polygons,
    exclusions: Sequence[Exclusion],
    layers: Mapping[str, Layer],
    rules: Rules,
) -> tuple[list[Excluded], list[LedgerRow]]:
    """Return the polygons that leave the built-up area, and what to note about the others.

    Raises
    ------
    InputError
        A layer that is not there or has no column ``class``.
    """
    found: list[tuple[str, str, float, float, shapely.Geometry]] = []
    notes: list[LedgerRow] = []
    for exclusion in exclusions:
        if exclusion.layer not in layers:
            raise InputError(
                _("an exclusion names the layer {layer}, which is not there").format(
                    layer=exclusion.layer
                ),
                mend=_("Layers: {layers}").format(layers=", ".join(sorted(layers))),
            )
        data = layers[exclusion.layer].data
        if "class" not in data:
            raise InputError(_("there is no column class"), layer=exclusion.layer)
        smallest = exclusion.min_area_m2
        if smallest is None:
            smallest = rules[MIN_AREA_RULE].value
        for land_class in exclusion.classes:
            own = data.loc[data["class"] == land_class].geometry.to_numpy()
            area = shapely.area(own)
            large = area > smallest
            found += [
                (exclusion.layer, land_class, float(a), smallest, g)
                for a, g in zip(area[large], own[large], strict=True)
            ]
            if len(own) == 0 or not large.all():
                notes.append(_small(exclusion.layer, land_class, smallest, own[~large], built_up))
    return _within(built_up, found), notes


def _within(
    built_up: Polygons, found: list[tuple[str, str, float, float, shapely.Geometry]]
) -> list[Excluded]:
    geometries = np.array([f[-1] for f in found], dtype=object)
    excluded = []
    seen: set[bytes] = set()
    for layer, land_class, area, smallest, geometry in found:
        same = shapely.to_wkb(shapely.normalize(geometry))
        if same in seen:  # the same polygon by another name leaves once
            continue
        seen.add(same)
        lost = within(built_up, geometry)
        if len(lost):
            others = geometries[~shapely.equals_exact(geometries, geometry, normalize=True)]
            lost = less(lost, others)
            excluded.append(Excluded(layer, land_class, area, smallest, geometry, lost))
    return excluded


def _small(
    layer: str, land_class: str, smallest: float, stay: Polygons, built_up: Polygons
) -> LedgerRow:
    if not len(stay):
        reason = _("no polygon has the class {land_class}").format(land_class=land_class)
        return LedgerRow("note", layer, 0, reason)
    at, piece = shapely.STRtree(built_up).query(stay, predicate="intersects")
    common = shapely.area(shapely.intersection(stay[at], built_up[piece]))
    reason = _(
        "{land_class} not larger than {smallest:g} km² each, {area:.2f} km² of it in the built-up "
        "area: stays there"
    ).format(land_class=land_class, smallest=smallest / 1e6, area=common.sum() / 1e6)
    return LedgerRow("note", layer, len(np.unique(at[common > 0])), reason)
