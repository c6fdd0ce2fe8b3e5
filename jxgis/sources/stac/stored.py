"""How reflectance follows from what a satellite's band stores, by the words of its STAC item."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jxgis.errors import InputError
from jxgis.i18n import _

OFFSET_SINCE = dt.date(2022, 1, 25)
"""First day of Sentinel-2's processing baseline 04.00, which stores reflectance plus 0.1."""

# What Sentinel-2 and Landsat Collection 2 store where their items do not say it.
_SENTINEL_SCALE, _SENTINEL_OFFSET, _OFFSET_BASELINE = "0.0001", "-0.1", Decimal(4)
_LANDSAT_SCALE, _LANDSAT_OFFSET = "0.0000275", "-0.2"

_BASELINE = re.compile(r"(\d\d)\.?(\d\d)")
_BASELINE_IN_NAME = re.compile(r"_N(\d\d)(\d\d)_")


@dataclass(frozen=True)
class Stored:
    """What a band's numbers mean: reflectance = number * scale + offset, as decimal text."""

    scale: str
    offset: str


def baseline_of(item_id: str, collection: str, properties: Mapping[str, Any]) -> str | None:
    """Return Sentinel-2's processing baseline, from its property or from a product's name.

    Parameters
    ----------
    item_id
        The item's name; Copernicus' own hold it (``_N0509_``).
    collection, properties
        The item's.

    Returns
    -------
    str or None
        ``05.09``; None where nothing says it, and of other satellites.
    """
    if not _is_sentinel(collection, properties):
        return None
    for name in ("s2:processing_baseline", "sentinel:processing_baseline", "processing:version"):
        if found := _BASELINE.fullmatch(str(properties.get(name, ""))):
            return ".".join(found.groups())
    for text in (item_id, str(properties.get("s2:product_uri", ""))):
        if found := _BASELINE_IN_NAME.search(text):
            return ".".join(found.groups())
    return None


def stored(
    item_id: str,
    collection: str,
    properties: Mapping[str, Any],
    asset: Mapping[str, Any],
    date: dt.date,
) -> Stored:
    """Return what the numbers of a red or near-infrared asset mean.

    Parameters
    ----------
    item_id, collection, properties
        Of the item.
    asset
        The asset's fields beside its address.
    date
        The day it was taken.

    Returns
    -------
    Stored
        Scale and offset as decimal text.

    Raises
    ------
    InputError
        If nothing says it: another satellite's, or Sentinel-2 since 2022-01-25 without a baseline.

    Notes
    -----
    Earth Search says ``offset: -0.1`` also of pixels from which it has been taken off already;
    ``earthsearch:boa_offset_applied`` is what holds then. Nor has Sentinel-2 before baseline
    04.00 an offset, whatever its item says.
    """
    scale, offset = _said(asset)
    if _is_sentinel(collection, properties):
        baseline = baseline_of(item_id, collection, properties)
        applied = properties.get("earthsearch:boa_offset_applied") is True
        if applied or (baseline is not None and Decimal(baseline) < _OFFSET_BASELINE):
            offset = "0"
        return Stored(scale or _SENTINEL_SCALE, offset or _sentinel_offset(item_id, baseline, date))
    if scale is not None:
        return Stored(scale, offset or "0")
    if str(properties.get("platform") or collection).lower().startswith("landsat"):
        return Stored(_LANDSAT_SCALE, _LANDSAT_OFFSET)
    raise InputError(
        _("{item} does not say how reflectance follows from what its bands store").format(
            item=item_id
        ),
        mend=_("Take a collection whose items have raster:bands with scale and offset"),
    )


def _sentinel_offset(item_id: str, baseline: str | None, date: dt.date) -> str:
    """Return the offset of an item that does not say it."""
    if baseline is not None:
        return _SENTINEL_OFFSET
    if date < OFFSET_SINCE:
        return "0"
    raise InputError(
        _("{item} does not say its processing baseline, nor the offset of its bands").format(
            item=item_id
        ),
        mend=_(
            "Sentinel-2 since {date} cannot be read without one of them: take another catalogue "
            "with --stac"
        ).format(date=OFFSET_SINCE),
    )


def _is_sentinel(collection: str, properties: Mapping[str, Any]) -> bool:
    names = (properties.get("constellation"), properties.get("platform"), collection)
    return any(str(name or "").lower().startswith("sentinel-2") for name in names)


def _said(asset: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return scale and offset by any version of the raster extension, or None for each."""
    bands: Sequence[Mapping[str, Any]] = asset.get("raster:bands") or asset.get("bands") or ()
    fields = {**asset, **(bands[0] if bands else {})}

    def said(name: str) -> str | None:
        values = (fields.get(f"raster:{name}"), fields.get(name))
        return next((_decimal(v) for v in values if isinstance(v, int | float)), None)

    return said("scale"), said("offset")


def _decimal(value: float) -> str:
    """Return the shortest decimal that is the number, never with an exponent."""
    text = format(Decimal(repr(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
