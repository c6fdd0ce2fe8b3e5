"""How reflectance follows from what a satellite's band stores, by the words of its STAC item."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.sources.baselines import SCALE, Baseline, has_offset, in_name, offset_of, parsed, written
from jxgis.sources.decimals import shortest
from jxgis.sources.products import SURFACE, TOP

# What Landsat's Collection 2 stores where its items do not say it.
_LANDSAT_SCALE, _LANDSAT_OFFSET = "0.0000275", "-0.2"

# Earth Search says of both its versions that the offset has been taken off.
_APPLIED = ("earthsearch", "sentinel")

# Words in the names of collections, items and levels.
_SURFACE_WORDS = {"l2", "l2a", "l2sp", "l2sr", "msil2a", "sr"}
_TOP_WORDS = {"l1", "l1c", "l1tp", "l1gt", "l1gs", "msil1c"}


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
        if found := parsed(str(properties.get(name, ""))):
            return written(found)
    for text in (item_id, str(properties.get("s2:product_uri", ""))):
        if found := in_name(text):
            return written(found)
    return None


def level_of(item_id: str, collection: str, properties: Mapping[str, Any]) -> str:
    """Return the level of an item's reflectance, by the names of it and of its collection.

    Parameters
    ----------
    item_id, collection, properties
        The item's.

    Returns
    -------
    str
        ``surface``, ``top`` of the atmosphere, or empty where nothing tells.
    """
    for text in (collection, str(properties.get("processing:level", "")), item_id):
        words = set(re.split(r"[^a-z0-9]+", text.lower()))
        if words & _SURFACE_WORDS:
            return SURFACE
        if words & _TOP_WORDS:
            return TOP
    return ""


def stored(
    item_id: str,
    collection: str,
    properties: Mapping[str, Any],
    asset: Mapping[str, Any],
) -> Stored:
    """Return what the numbers of a red or near-infrared asset mean.

    Parameters
    ----------
    item_id, collection, properties
        Of the item.
    asset
        The asset's fields beside its address.

    Returns
    -------
    Stored
        Scale and offset as decimal text.

    Raises
    ------
    InputError
        If nothing says it: another satellite's, or Sentinel-2 without a baseline or offset.

    Notes
    -----
    Earth Search says ``offset: -0.1`` also of pixels from which it has been taken off already;
    ``earthsearch:boa_offset_applied`` is what holds then. Nor has Sentinel-2 before baseline
    04.00 an offset, whatever its item says. What has been processed again has one, however old.
    """
    scale, offset = _said(asset)
    if _is_sentinel(collection, properties):
        baseline = parsed(baseline_of(item_id, collection, properties))
        applied = any(properties.get(f"{who}:boa_offset_applied") is True for who in _APPLIED)
        if applied or (baseline is not None and not has_offset(baseline)):
            offset = "0"
        return Stored(
            scale or _decimal(float(SCALE)), offset or _sentinel_offset(item_id, baseline)
        )
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


def _sentinel_offset(item_id: str, baseline: Baseline | None) -> str:
    """Return the offset of an item that does not say it."""
    if baseline is not None:
        return _decimal(float(offset_of(baseline) * SCALE))
    raise InputError(
        _("{item} does not say its processing baseline, nor the offset of its bands").format(
            item=item_id
        ),
        mend=_(
            "Sentinel-2 of no year can be read without one of them: take another catalogue with "
            "--stac"
        ),
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
    text = format(Decimal(shortest(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
