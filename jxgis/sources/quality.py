"""Quality bands: which cells are seen, and not hidden by cloud, shadow, snow or an empty swath."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import BoolArray
from jxgis.sources.bands import BandFile
from jxgis.sources.sampling import look
from jxgis.spec import QUALITIES, LayerSpec

_CODES = np.arange(1 << 16)

_SCENE_CLASSES = 12
# No data, saturated, dark, cloud shadow; cloud (medium, high), thin cirrus, snow.
_HIDDEN_CLASSES = (0, 1, 2, 3, 8, 9, 10, 11)

# Fill, dilated cloud, cirrus, cloud, cloud shadow, snow: bits 0 to 5.
_HIDDEN_BITS = 0b11_1111

_FILL, _DROPPED = 1, 2
_SURE, _MAYBE = 3, 2


def _two_bits(codes: Any, first: int) -> Any:
    return codes >> first & 3


def _scl() -> BoolArray:
    return np.asarray((_CODES < _SCENE_CLASSES) & ~np.isin(_CODES, _HIDDEN_CLASSES))


def _bqa() -> BoolArray:
    hidden = (_CODES & (_FILL | _DROPPED)) != 0
    hidden |= _two_bits(_CODES, 10) == _SURE  # snow or ice
    hidden |= _two_bits(_CODES, 12) == _SURE  # cirrus
    hidden |= _two_bits(_CODES, 14) >= _MAYBE  # cloud
    return np.asarray(~hidden)


_SEEN: dict[str, BoolArray] = {
    "scl": _scl(),
    "qa_pixel": np.asarray((_CODES & _HIDDEN_BITS) == 0),
    "bqa": _bqa(),
}

# Code 1 is hidden in each of them: a saturated cell, or fill.
_BEYOND = 1

_WORDS = re.compile(r"[^a-z0-9]+")


def seen(kind: str, codes: Any) -> BoolArray:
    """Return which cells of a quality band are seen.

    Parameters
    ----------
    kind
        One of `jxgis.spec.QUALITIES`.
    codes : array of integers
        As the band stores them.

    Returns
    -------
    array of bool
    """
    if kind == "mask":
        return np.asarray(codes == 0)
    if codes.dtype == np.uint8:
        return np.asarray(np.take(_SEEN[kind][:256], codes))
    if codes.dtype != np.uint16:
        codes = np.where((codes >= 0) & (codes < len(_CODES)), codes, _BEYOND)
    return np.asarray(np.take(_SEEN[kind], codes))


def kind_of(band: BandFile, spec: LayerSpec) -> str:
    """Return what a quality band holds: as the plan says, or by its names, held to its values.

    Parameters
    ----------
    band
        The quality band.
    spec
        Its ``quality_as`` comes before names and tags.

    Returns
    -------
    str
        One of `jxgis.spec.QUALITIES`.

    Raises
    ------
    InputError
        If that cannot be told, or the values are of another kind.
    """
    if band.dtype.kind not in "iu":
        raise InputError(
            _("a quality band holds whole numbers, and this one {dtype}").format(dtype=band.dtype),
            mend=_("Check the band"),
            **place(band.spec),
        )
    said = spec.quality_as or _by_name(band)
    if said == "mask":
        return said
    codes = look(band)
    if said == "scl":
        _check_classes(codes, band)
        return said
    found = _by_values(codes) if band.dtype.itemsize > 1 else None
    if found == "collection-1":
        raise InputError(
            _("its values are those of Landsat's Collection 1, which was withdrawn"),
            mend=_("Fetch the scene from Collection 2"),
            **place(band.spec),
        )
    if said is not None and found not in (None, said):
        raise InputError(
            _("its values are those of {found}, not of {said}").format(found=found, said=said),
            mend=_('Write quality_as = "{found}" under [layers.{layer}]').format(
                found=found, layer=spec.name
            ),
            **place(band.spec),
        )
    if said is None and found is None:
        raise InputError(
            _("nothing tells what the quality band holds"),
            mend=_('Write quality_as = "{one}" under [layers.{layer}]; it can be {names}').format(
                one=QUALITIES[0], layer=spec.name, names=", ".join(QUALITIES)
            ),
            **place(band.spec),
        )
    return said or found or ""


def _by_name(band: BandFile) -> str | None:
    texts = (band.path.stem, band.tags.get("DESCRIPTION", ""), band.tags.get("BAND", ""))
    words = {word for text in texts for word in _WORDS.split(text.lower())}
    if "scl" in words:
        return "scl"
    if {"qa", "pixel"} <= words:
        return "qa_pixel"
    return "bqa" if "bqa" in words else None


def _by_values(codes: Any) -> str | None:
    """Return what most values of a Landsat quality band fit.

    Each kind keeps confidences in pairs of bits that are never zero where there are data, and in
    other places than the other kinds.
    """
    codes = codes[(codes & _FILL == 0) & (codes > 0)].astype(np.int64)
    fits = {
        "qa_pixel": _pairs(codes, 8, 10, 12),
        "bqa": _pairs(codes, 12, 14) & (codes & 0b11_1100_0000 == 0),
        "collection-1": _pairs(codes, 5, 7, 9) & (codes >> 13 == 0),
    }
    counts = {kind: int(np.count_nonzero(fit)) for kind, fit in fits.items()}
    best = max(counts, key=lambda kind: counts[kind])
    return best if 2 * counts[best] > len(codes) else None


def _pairs(codes: Any, *first: int) -> Any:
    return np.logical_and.reduce([_two_bits(codes, bit) != 0 for bit in first])


def _check_classes(codes: Any, band: BandFile) -> None:
    highest, lowest = int(codes.max()), int(codes.min())
    if lowest >= 0 and highest < _SCENE_CLASSES:
        return
    raise InputError(
        _("it holds {value}, and Sentinel-2's scene classes are 0 to 11").format(
            value=lowest if lowest < 0 else highest
        ),
        mend=_("Check the quality band, and quality_as"),
        **place(band.spec),
    )
