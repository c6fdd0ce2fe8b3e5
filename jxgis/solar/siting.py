"""The features that the rules of siting are of, and the land near a place that they forbid."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.i18n import _
from jxgis.kernels.polygons import polygons_of
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.solar_spec import Exclusion, LandUse, SolarSettings

RASTERS = ("landcover", "elevation")
"""The kinds of rules that are of the cells of a raster, and not of features."""

# A setback is drawn so finely that its arcs lie off the true ones by less than so many metres.
_ARC_M = 0.01
# Features with more corners than this are cut to the place before anything is done with them.
_LARGE = 100

Bounds = tuple[float, float, float, float]
Rule = Exclusion | LandUse


@dataclass(frozen=True)
class Features:
    """Geometries in the run's metric CRS that can be found by place."""

    shapes: npt.NDArray[np.object_]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Their index."""
        return shapely.STRtree(self.shapes)

    def near(self, bounds: Bounds, distance: float) -> npt.NDArray[np.object_]:
        """Return the features within a distance of a rectangle, large ones cut to that.

        What is farther from a place than the distance changes nothing at it.
        """
        west, south, east, north = bounds
        around = shapely.box(west - distance, south - distance, east + distance, north + distance)
        found = np.sort(self.tree.query(around, predicate="intersects"))
        shapes = self.shapes[found]
        large = shapely.get_num_coordinates(shapes) > _LARGE
        # a metre more, so that the cut itself is no edge that a distance is measured from
        cut = shapely.bounds(shapely.buffer(around, 1.0, join_style="mitre"))
        shapes[large] = [_cut(shape, cut) for shape in shapes[large]]
        return np.asarray(shapes)


def _cut(shape: Any, bounds: npt.NDArray[np.float64]) -> Any:
    """Return what of a large shape lies in a rectangle, or the whole where it does already."""
    own = shapely.bounds(shape)
    if (own[:2] >= bounds[:2]).all() and (own[2:] <= bounds[2:]).all():
        return shape
    return shapely.clip_by_rect(shape, *bounds)


@dataclass(frozen=True)
class Siting:
    """The rules that can be applied, each with its features.

    Attributes
    ----------
    uses, exclusions
        The rules whose layer is there, in the rules' order.
    features
        Of each rule that is not of a raster.
    unchecked
        The rules whose layer is not there, or has no column of classes.
    """

    uses: tuple[LandUse, ...]
    exclusions: tuple[Exclusion, ...]
    features: Mapping[Rule, Features]
    unchecked: tuple[Rule, ...]

    def of(self, rule: Rule) -> Features:
        """Return a rule's features."""
        return self.features[rule]

    def land(self, rule: Rule) -> npt.NDArray[np.object_]:
        """Return all land that a rule is of, setback included: polygons, which may overlap."""
        if rule not in self._land:
            self._land[rule] = _set_back(rule, self.of(rule).shapes)
        return self._land[rule]

    @cached_property
    def _land(self) -> dict[Rule, npt.NDArray[np.object_]]:
        return {}

    def land_near(self, rule: Rule, bounds: Bounds) -> npt.NDArray[np.object_]:
        """Return the land near a rectangle that a rule is of; exact within the rectangle."""
        return _set_back(rule, self.of(rule).near(bounds, _setback(rule)))


def _setback(rule: Rule) -> float:
    return rule.value if isinstance(rule, Exclusion) else 0.0


def _set_back(rule: Rule, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    setback = _setback(rule)
    if setback > 0 and len(shapes):
        shapes = shapely.buffer(shapes, setback, quad_segs=segments(setback))
    return polygons_of(shapes)


def segments(radius: float) -> int:
    """Return how many parts a quarter of a circle needs to lie within a centimetre of it."""
    return max(math.ceil(math.pi / 4 / math.sqrt(2 * _ARC_M / radius)), 4)


def sited(kinds: Mapping[str, Layer], settings: SolarSettings) -> Siting:
    """Find the features of each rule.

    Parameters
    ----------
    kinds
        The layers by kind.
    settings
        The rules.
    """
    rules: tuple[Rule, ...] = (*settings.uses, *settings.exclusions)
    checked: list[Rule] = []
    features: dict[Rule, Features] = {}
    for rule in rules:
        found = None if rule.kind in RASTERS else _features(rule, kinds.get(rule.kind))
        if found is not None:
            features[rule] = found
        if found is not None or (rule.kind in RASTERS and rule.kind in kinds):
            checked.append(rule)
    return Siting(
        tuple(rule for rule in checked if isinstance(rule, LandUse)),
        tuple(rule for rule in checked if isinstance(rule, Exclusion)),
        features,
        tuple(rule for rule in rules if rule not in checked),
    )


def _features(rule: Rule, layer: Layer | None) -> Features | None:
    if layer is None:
        return None
    data = layer.data
    if rule.classes:
        column = rule.column if isinstance(rule, Exclusion) else "class"
        if column not in data:
            return None
        data = data[data[column].isin(rule.classes)]
    return Features(np.asarray(data.geometry.array, dtype=object))


def unchecked_rows(siting: Siting, kinds: Mapping[str, Layer]) -> Iterator[LedgerRow]:
    """Say which exclusions were not looked at, as nothing tells where their features are.

    Parameters
    ----------
    siting
        The rules.
    kinds
        The layers by kind.
    """
    by_kind: dict[str, list[str]] = {}
    for rule in siting.unchecked:
        if isinstance(rule, Exclusion):
            by_kind.setdefault(rule.kind, []).append(rule.title)
    for kind, titles in by_kind.items():
        if kind in kinds:
            reason = _(
                "the layer has no column that tells its features apart; not checked: {names}"
            )
        else:
            reason = _("there is no such layer; not checked: {names}")
        names = _(", ").join(dict.fromkeys(titles))
        yield LedgerRow("note", kind, len(titles), reason.format(names=names))
