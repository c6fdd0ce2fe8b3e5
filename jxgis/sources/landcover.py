"""Land cover and canopy: rasters of codes with a legend, and of percentages."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import BoolArray, Raster, RasterSource, Scaling
from jxgis.results import LedgerRow
from jxgis.sources import tiles
from jxgis.sources.bands import BandFile, described, input_files
from jxgis.sources.grids import Tile
from jxgis.sources.reflectance import given
from jxgis.spec import LEGENDS, LayerSpec

WORLDCOVER = {
    10: "tree",
    20: "shrub",
    30: "grass",
    40: "crop",
    50: "built",
    60: "bare",
    70: "snow",
    80: "water",
    90: "wetland",
    95: "mangrove",
    100: "moss",
}
"""ESA WorldCover, 10 m; 0 is no data."""

DYNAMIC_WORLD = {
    0: "water",
    1: "tree",
    2: "grass",
    3: "wetland",
    4: "crop",
    5: "shrub",
    6: "built",
    7: "bare",
    8: "snow",
}
"""Dynamic World, 10 m."""

ESRI = {
    1: "water",
    2: "tree",
    4: "wetland",
    5: "crop",
    7: "built",
    8: "bare",
    9: "snow",
    10: "cloud",
    11: "grass",
}
"""Esri and Impact Observatory, 10 m: rangeland is grass; 0 is no data."""

TABLES: Mapping[str, Mapping[int, str]] = dict(
    zip(LEGENDS, (WORLDCOVER, DYNAMIC_WORLD, ESRI), strict=True)
)
"""Each of `jxgis.spec.LEGENDS`: code to class."""

_HIDDEN = "cloud"
_SMALL = 2  # bytes of a code, up to which a table of all codes is fast

_WORLDCOVER_NAME = re.compile(r"ESA[_ ]?WorldCover", re.IGNORECASE)
_FULL = 100


def read(spec: LayerSpec) -> RasterSource:
    """Return a handle on a raster of land cover or of canopy.

    Parameters
    ----------
    spec
        ``path`` names the file and ``layer`` its band, where there are several. Land cover has
        a ``legend`` or ``codes``, or a name that tells the legend.

    Returns
    -------
    RasterSource
        One raster with the role ``code`` and a legend, or with ``canopy``, percent. What is no
        data, cloud, or no percentage is not seen. No cell is read.

    Raises
    ------
    NoCrsError
        If neither the file nor the plan says its coordinate system.
    InputError
        If the file cannot be read, or its legend is not known.
    """
    band = described(spec)
    legend: dict[int, str] = {}
    ledger: list[LedgerRow] = []
    usable: Callable[[Any], BoolArray] | None
    if spec.kind == "canopy":
        role, scaling = "canopy", given(band, spec)
        usable = _percentages(scaling)
    else:
        role, scaling = "code", Scaling()
        name, legend, ledger = _legend(band, spec)
        usable = _codes(legend, name)
    tile = Tile({role: band}, usable=usable)
    raster = Raster(
        name=spec.name,
        grid=band.grid,
        roles=(role,),
        opened=partial(tiles.opened, (tile,), (role,)),
        block=band.block,
        scaling={role: scaling},
        date=spec.as_of,
        legend=legend,
    )
    return RasterSource((raster,), input_files([band]), (*band.doubts, *ledger))


def _legend(band: BandFile, spec: LayerSpec) -> tuple[str, dict[int, str], list[LedgerRow]]:
    """Return the legend's name (none of the plan's own codes), its table, and what was assumed."""
    if band.dtype.kind not in "iu":
        raise InputError(
            _("land cover is in codes, which are whole numbers, and its band holds {dtype}").format(
                dtype=band.dtype
            ),
            mend=_("Check the band, or save it as whole numbers"),
            **place(spec),
        )
    if spec.codes:
        return "", _by_code(spec), []
    if spec.legend is not None:
        return spec.legend, dict(TABLES[spec.legend]), []
    told = told_legend(band.path.name, band.tags)
    if told is not None:
        reason = _("by its name or tags its legend is {legend}").format(legend=told)
        return told, dict(TABLES[told]), [LedgerRow("note", spec.name, 1, reason)]
    raise InputError(
        _("nothing tells what its codes mean"),
        mend=_("Write {legends}, or codes = {{ tree = [1] }}, under [layers.{layer}]").format(
            legends=" | ".join(f'legend = "{name}"' for name in LEGENDS), layer=spec.name
        ),
        **place(spec),
    )


def told_legend(name: str, tags: Mapping[str, str]) -> str | None:
    """Return the legend that a file's name or metadata tell, one of `jxgis.spec.LEGENDS`.

    Parameters
    ----------
    name
        Of the file.
    tags
        Its metadata.
    """
    said = re.sub(r"[\s_]+", "-", tags.get("LEGEND", "").strip().lower())
    if said in LEGENDS:
        return said
    named = any(_WORLDCOVER_NAME.search(text) for text in (name, *tags.values()))
    return LEGENDS[0] if named else None


def _by_code(spec: LayerSpec) -> dict[int, str]:
    found: dict[int, str] = {}
    for word, codes in spec.codes.items():
        for code in codes:
            if found.setdefault(code, word) != word:
                raise InputError(
                    _("code {code} is both {one} and {other}").format(
                        code=code, one=found[code], other=word
                    ),
                    mend=_("Give each code one class under codes"),
                    layer=spec.name,
                )
    return found


def _codes(legend: Mapping[int, str], name: str) -> Callable[[Any], BoolArray] | None:
    """Return what tells the codes that say something from those that do not.

    A legend of the plan's own may name some codes only, and the others are other land. One that
    is known names all there are: what it does not have, says nothing.
    """
    hidden = [code for code, word in legend.items() if word == _HIDDEN]
    if not name:
        return partial(_other_than, hidden=tuple(hidden)) if hidden else None
    return partial(_one_of, known=tuple(code for code in legend if code not in hidden))


def _other_than(codes: Any, hidden: tuple[int, ...]) -> BoolArray:
    return np.asarray(np.logical_and.reduce([codes != code for code in hidden]))


def _one_of(codes: Any, known: tuple[int, ...]) -> BoolArray:
    return np.isin(codes, known, kind="table" if codes.dtype.itemsize <= _SMALL else None)


def _percentages(scaling: Scaling) -> Callable[[Any], BoolArray]:
    """Return what tells which stored numbers are percentages, compared as they are stored."""
    ends = sorted((end - scaling.offset) / scaling.scale for end in (0, _FULL))
    return partial(_between, low=ends[0], high=ends[1])


def _between(values: Any, low: Any, high: Any) -> BoolArray:
    if values.dtype.kind in "iu":
        low, high = math.ceil(low), math.floor(high)
    else:
        low, high = float(low), float(high)
    return np.asarray((values >= low) & (values <= high))
