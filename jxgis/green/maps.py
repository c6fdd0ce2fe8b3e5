"""Maps of green land: how the cells of rasters become green, partly green or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from jxgis.errors import InputError
from jxgis.green.asking import Settings
from jxgis.green.grids import check_alike, check_areas
from jxgis.green.words import land_title, listed
from jxgis.i18n import _
from jxgis.kernels.pixels import PARTS, composite, index, index_above, vegetation_parts
from jxgis.layers import Layer
from jxgis.rasters import Grid, Raster, Scaling
from jxgis.rules import Rules

Cells = Mapping[str, npt.NDArray[Any]]
Values = npt.NDArray[Any]
BoolArray = npt.NDArray[np.bool_]

THRESHOLD_RULE = "green.ndvi_threshold"
BARE_RULE = "green.ndvi_bare"
VEGETATION_RULE = "green.ndvi_vegetation"


MOST_DARK = 0.6
"""Where near-infrared is darker than red in more of the cells than this, bands are mistaken: only
over water is it so."""


@dataclass(frozen=True)
class ClassMap:
    """How cells become parts of a class, in whole numbers.

    Attributes
    ----------
    said
        In the reader's language, what makes a cell one of the class.
    rasters
        One, or one a date; all on one grid.
    parts
        The value of a cell that is the class wholly: 1, or more where a cell can be partly.
    value
        A raster and its cells to values, 0 to ``parts``.
    by
        How several dates become one; see `jxgis.kernels.pixels.composite`.
    rules
        Names of the rules that it follows.
    """

    said: str
    rasters: tuple[Raster, ...]
    parts: int
    value: Callable[[Raster, Cells], Values]
    by: str = "median"
    rules: tuple[str, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid that all its rasters are on."""
        return self.rasters[0].grid

    def values(self, cells: Sequence[Cells]) -> tuple[Values, BoolArray]:
        """Return a window's values, 0 where it is not seen, and where it is.

        Parameters
        ----------
        cells
            The same window of each raster.
        """
        values = [self.value(r, c) for r, c in zip(self.rasters, cells, strict=True)]
        return composite(values, [c["seen"] for c in cells], self.by)


def green_map(layers: Mapping[str, Layer], settings: Settings, rules: Rules) -> ClassMap:
    """Return the map of green that the settings ask for, of imagery or land cover.

    Parameters
    ----------
    layers
        ``imagery``, ``landcover`` or both.
    settings
        How green is told.
    rules
        Threshold and endmembers.

    Raises
    ------
    InputError
        If the layer is not there, its dates are on different grids, or a rule does not fit.
    """
    by = settings.by or ("ndvi" if "imagery" in layers else "landcover")
    if by == "landcover":
        return class_map(_layer(layers, "landcover"), settings.classes)
    return image_map(_layer(layers, "imagery"), by, settings.composite, rules)


def _layer(layers: Mapping[str, Layer], kind: str) -> Layer:
    if kind not in layers:
        raise InputError(_("there is no layer {layer}").format(layer=kind))
    return layers[kind]


def image_map(layer: Layer, by: str, composite_by: str, rules: Rules) -> ClassMap:
    """Return a map of green by the index of red and near-infrared.

    Parameters
    ----------
    layer
        Imagery of one date or several.
    by
        ``ndvi``: green above the threshold; ``fraction``: partly green between the endmembers.
    composite_by
        How several dates become one.
    rules
        Threshold and endmembers.

    Raises
    ------
    InputError
        If the dates are on different grids, or a rule does not fit.
    """
    check_alike(layer.rasters, layer.name)
    check_areas(layer.rasters[0], layer.name)
    if by == "ndvi":
        t = Fraction(str(rules[THRESHOLD_RULE].value))
        if not 0 < t < 1:
            raise InputError(_("{rule} lies between 0 and 1").format(rule=THRESHOLD_RULE))
        said = _("NDVI above {threshold:g}").format(threshold=float(t))
        return ClassMap(
            _with_dates(said, layer, composite_by),
            layer.rasters,
            1,
            _index_test(layer, t),
            composite_by,
            (THRESHOLD_RULE,),
        )
    bare, vegetation = rules[BARE_RULE].value, rules[VEGETATION_RULE].value
    if not -1 <= bare < vegetation <= 1:
        raise InputError(
            _("{bare} lies below {vegetation}, and both between -1 and 1").format(
                bare=BARE_RULE, vegetation=VEGETATION_RULE
            )
        )
    said = _("share of vegetation, from none at NDVI {bare:g} to all at {vegetation:g}").format(
        bare=bare, vegetation=vegetation
    )

    def parts(raster: Raster, cells: Cells) -> Values:
        return vegetation_parts(ndvi(raster, cells), bare, vegetation)

    said = _with_dates(said, layer, composite_by)
    rules_used = (BARE_RULE, VEGETATION_RULE)
    return ClassMap(said, layer.rasters, PARTS, parts, composite_by, rules_used)


def _index_test(layer: Layer, threshold: Fraction) -> Callable[[Raster, Cells], Values]:
    def test(raster: Raster, cells: Cells) -> Values:
        red, nir = cells["red"], cells["nir"]
        signed = red.dtype.kind != "u" or nir.dtype.kind != "u"
        above = index_above(threshold, *_scales(raster), signed=signed)
        try:
            return above.holds(nir, red)
        except OverflowError:
            raise InputError(
                _("the threshold, scale and offset have too many digits to compare exactly"),
                layer=layer.name,
                mend=_("Give them with fewer decimals"),
            ) from None

    return test


def ndvi(raster: Raster, cells: Cells) -> npt.NDArray[np.float64]:
    """Return the index of a window of an image; NaN where it has no value."""
    return index(cells["nir"], cells["red"], *_scales(raster))


def _scales(raster: Raster) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    red, nir = (raster.scaling.get(role, Scaling()) for role in ("red", "nir"))
    return (red.scale, red.offset), (nir.scale, nir.offset)


def class_map(layer: Layer, words: Sequence[str]) -> ClassMap:
    """Return a map of the cells whose land cover is one of several classes.

    Parameters
    ----------
    layer
        Land cover.
    words
        Classes, of `jxgis.spec.LAND_CLASSES`.

    Raises
    ------
    InputError
        If its legend has none of the classes, or there are several maps.
    """
    raster = _only(layer)
    codes = [code for code, word in raster.legend.items() if word in words]
    if not codes:
        raise InputError(
            _("the legend has none of the classes {classes}").format(classes=", ".join(words)),
            layer=layer.name,
            mend=_("It has: {names}").format(
                names=", ".join(dict.fromkeys(raster.legend.values()))
            ),
        )

    def test(_raster: Raster, cells: Cells) -> Values:
        return np.isin(cells["code"], codes)

    named = listed(land_title(w) for w in dict.fromkeys(raster.legend[code] for code in codes))
    return ClassMap(_("land cover {classes}").format(classes=named), layer.rasters, 1, test)


def canopy_map(layer: Layer) -> ClassMap:
    """Return a map of tree crowns: how much of each cell they cover.

    Parameters
    ----------
    layer
        A canopy layer, percent, as its scale and offset have it.

    Raises
    ------
    InputError
        If there are several layers of it.
    """
    _only(layer)

    def parts(raster: Raster, cells: Cells) -> Values:
        scaling = raster.scaling.get("canopy", Scaling())
        percent = cells["canopy"] * float(scaling.scale) + float(scaling.offset)
        whole = np.nan_to_num(np.rint(percent * (PARTS / 100)))  # what has no value is not seen
        return np.asarray(np.clip(whole, 0, PARTS).astype(np.uint16))

    return ClassMap(_("share of tree crowns"), layer.rasters, PARTS, parts)


def _only(layer: Layer) -> Raster:
    if len(layer.rasters) != 1:
        raise InputError(
            _("there are {n} rasters of it, and one is measured").format(n=len(layer.rasters)),
            layer=layer.name,
            mend=_("Give the one of the date that is asked for"),
        )
    check_areas(layer.rasters[0], layer.name)
    return layer.rasters[0]


def _with_dates(said: str, layer: Layer, by: str) -> str:
    if len(layer.rasters) == 1:
        return said
    middle = _("the median, of an even number the lower,")
    how = middle if by == "median" else _("the highest index")
    return _("{said}; of {n} dates {how} of those that saw the cell").format(
        said=said, n=len(layer.rasters), how=how
    )
