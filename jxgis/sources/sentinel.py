"""Sentinel-2: the bands in a SAFE folder, and the offset that its processing baseline adds.

An NDVI that ignores that offset is far too low, so that it is never guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Scaling
from jxgis.results import LedgerRow
from jxgis.sources.bands import BandFile
from jxgis.sources.baselines import SCALE, Baseline, offset_of, parsed, written
from jxgis.sources.found import first_sentence
from jxgis.sources.products import (
    BAND,
    METADATA,
    SURFACE,
    TILE,
    TOP,
    folder_of,
    level_of,
    metadata,
    product_name,
)
from jxgis.sources.scene import About, Scene, beside, by_prefix, in_folder, with_bands
from jxgis.spec import LayerSpec

# Band names to the numbers by which the metadata list offsets.
_BAND_ID = {"B04": "3", "B08": "7", "B8A": "8"}

_TAIL = r"(?:_10m)?\.(?:jp2|tiff?)"
_RED = re.compile(rf"(.*?)_?B04{_TAIL}", re.IGNORECASE)
_NIR = re.compile(rf"(.*?)_?B08{_TAIL}", re.IGNORECASE)
_SCL = re.compile(r"(.*?)_?SCL(?:_[12]0m)?\.(?:jp2|tiff?)", re.IGNORECASE)


@dataclass(frozen=True)
class _Told:
    """What metadata say: the offset as it is stored, to be added before the division."""

    baseline: Baseline | None = None
    offset: Fraction | None = None
    scale: Fraction = SCALE
    date: dt.date | None = None
    level: str = ""


def scene(folder: Path, spec: LayerSpec) -> Scene | None:
    """Return the scene in a SAFE folder, or a folder inside one, or None where there is none.

    Parameters
    ----------
    folder
        What ``spec.path`` names; its bands may lie anywhere below.
    spec
        The layer.

    Returns
    -------
    Scene or None
        Several granules are the tiles of one scene. Where Level 2A lies beside 1C, it is taken.

    Raises
    ------
    InputError
        If a red or near-infrared band is missing, or granules are of several products.
    """
    names, ledger = _of_one_level(in_folder(folder, spec), folder, spec)
    start = len((spec.path or "").rstrip("/\\")) + 1

    def product(name: str) -> str:
        return folder_of(folder / name[start:])

    red, nir, scl = (by_prefix(names, pattern, product) for pattern in (_RED, _NIR, _SCL))
    if red or nir:
        _check_granules(red, spec)
        return Scene(with_bands(spec, red, nir, scl), ledger=ledger, is_sentinel=True)
    if not any((folder / name).is_file() for name in METADATA):
        return None
    raise InputError(
        _("no band B04 or B08 at 10 m lies in it"),
        mend=_("Unpack the whole product"),
        **place(spec),
    )


def _of_one_level(
    names: list[str], folder: Path, spec: LayerSpec
) -> tuple[list[str], tuple[LedgerRow, ...]]:
    """Return the bands of the level that is taken, 2A before 1C, and what is left out for it."""
    start = len((spec.path or "").rstrip("/\\")) + 1
    is_band = (_RED, _NIR, _SCL)
    levels = {
        name: level_of(folder / name[start:])
        for name in names
        if any(pattern.fullmatch(Path(name).name) for pattern in is_band)
    }
    reflecting = {level for name, level in levels.items() if not _SCL.fullmatch(Path(name).name)}
    taken = SURFACE if SURFACE in reflecting else TOP
    if not reflecting & {SURFACE, TOP}:
        return list(levels), ()
    kept = [name for name, level in levels.items() if level in (taken, "")]
    if not reflecting >= {SURFACE, TOP}:
        return kept, ()
    left = by_prefix([name for name in levels if name not in kept], _RED)
    return kept, (beside(spec, ("Level 2A", "Level 1C"), by_prefix(kept, _RED), left),)


def _check_granules(red: dict[str, str], spec: LayerSpec) -> None:
    """Raise what is the same granule in two products, such as two processings of it."""
    products: dict[str, str] = {}
    for key in red:
        product, _bar, granule = key.rpartition("|")
        if granule and products.setdefault(granule, product) != product:
            raise InputError(
                _("granule {granule} lies in it in two products, {one} and {other}").format(
                    granule=granule, one=Path(products[granule]).name, other=Path(product).name
                ),
                mend=_("Give the folder of one product"),
                **place(spec),
            )


def about(
    band: BandFile, spec: LayerSpec, *, offset_given: bool = False, is_one: bool = False
) -> About | None:
    """Return what a Sentinel-2 band stores, or None of a file that is no such band.

    Parameters
    ----------
    band
        Of a product with its metadata, or a file that its name or its tags tell.
    spec
        Its ``baseline`` is for files that do not say theirs.
    offset_given
        Whether the offset is known otherwise, so that the baseline need not be.
    is_one
        Whether it is known otherwise that it is such a band.

    Returns
    -------
    About or None

    Raises
    ------
    InputError
        If the baseline cannot be known, or the plan and the file contradict each other.
    """
    told = _told(band)
    if told is None:
        if spec.baseline is None and not is_one:
            return None
        told = _Told(level=level_of(band.path))
    baseline = _settled(told.baseline, spec, band)
    scale = band.scale if band.scale != 1 else told.scale
    if told.offset is not None:
        offset = told.offset * scale
    elif band.offset != 0:
        offset = band.offset
    elif baseline is not None:
        offset = offset_of(baseline) * told.scale
    elif offset_given:
        offset = Fraction(0)
    else:
        raise InputError(
            _(
                "it is a Sentinel-2 band that does not say its processing baseline, so that the "
                "offset of its reflectance is not known"
            ),
            mend=_(
                'Write baseline = "04.00", or the one in its MTD_MSIL2A.xml, or offset = -0.1 '
                "(0 before 04.00) under [layers.{layer}]"
            ).format(layer=spec.name),
            **place(band.spec),
        )
    return About(Scaling(scale, offset), date=told.date, level=told.level)


def _settled(own: Baseline | None, spec: LayerSpec, band: BandFile) -> Baseline | None:
    if spec.baseline is None:
        return own
    given = parsed(spec.baseline)
    if given is None:
        raise InputError(
            _("baseline {baseline!r} is no processing baseline").format(baseline=spec.baseline),
            mend=_('Write it like baseline = "04.00"'),
            layer=spec.name,
        )
    if own is not None and own != given:
        raise InputError(
            _("its metadata say processing baseline {own} and the plan says {given}").format(
                own=written(own), given=spec.baseline
            ),
            mend=_("Leave baseline out under [layers.{layer}]").format(layer=spec.name),
            **place(band.spec),
        )
    return given


def _told(band: BandFile) -> _Told | None:
    """Return what the product's metadata, the tags or the names say; None if it is no such band."""
    tile, is_band = TILE.fullmatch(band.path.name), BAND.fullmatch(band.path.name)
    described = metadata(band.path) if is_band else None
    if described is not None and is_band:
        told = _from_xml(described, is_band["band"].upper(), band)
        return replace(told, level=METADATA[described.name])
    if "PROCESSING_BASELINE" in band.tags or "BOA_ADD_OFFSET" in band.tags:
        return _from_tags(band)
    level, product = level_of(band.path), product_name(band.path)
    if product and (is_band or product.string == band.path.name):
        return _Told(parsed(product[3]), date=_date(product[2]), level=level)
    return _Told(date=_date(tile[1]), level=level) if tile else None


def _from_xml(path: Path, name: str, band: BandFile) -> _Told:
    try:
        # expat itself refuses entities that grow without bound
        root = ET.parse(path).getroot()  # noqa: S314
        quantifications = list(_texts(root, "QUANTIFICATION_VALUE"))
        offsets = {
            element.get("band_id"): Fraction((element.text or "").strip())
            for element in root.iter()
            if _local(element).endswith("_ADD_OFFSET")
        }
        return _Told(
            baseline=parsed(next(_texts(root, "PROCESSING_BASELINE"), None)),
            offset=offsets.get(_BAND_ID.get(name)),
            scale=1 / Fraction(quantifications[0]) if quantifications else SCALE,
            date=_date(next(_texts(root, "PRODUCT_START_TIME", "SENSING_START"), None)),
        )
    except (ET.ParseError, OSError, ValueError, ZeroDivisionError) as error:
        raise InputError(
            _("the product's {file} cannot be understood ({reason})").format(
                file=path.name, reason=first_sentence(error)
            ),
            mend=_("Fetch the scene again, whole"),
            **place(band.spec),
        ) from error


def _texts(root: ET.Element, *endings: str) -> Iterator[str]:
    """Give the texts of elements whose names end so, in the order of the endings."""
    for ending in endings:
        for element in root.iter():
            if _local(element).endswith(ending) and (element.text or "").strip():
                yield (element.text or "").strip()


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2].upper()


def _from_tags(band: BandFile) -> _Told:
    tags, tile = band.tags, TILE.fullmatch(band.path.name)
    try:
        offset = tags.get("BOA_ADD_OFFSET")
        return _Told(
            baseline=parsed(tags.get("PROCESSING_BASELINE")),
            offset=None if offset is None else Fraction(offset.strip()),
            scale=1 / Fraction(tags.get("QUANTIFICATION_VALUE", "10000").strip()),
            date=_date(tags.get("ACQUISITION_DATE")) or (_date(tile[1]) if tile else None),
            level=SURFACE if offset is not None else level_of(band.path),
        )
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(
            _("its tags for scale and offset are no numbers"),
            mend=_("Write scale and offset under [layers.{layer}]").format(layer=band.spec.name),
            **place(band.spec),
        ) from error


def _date(text: str | None) -> dt.date | None:
    """Return the date at the beginning of a text, 2019-08-03 or 20190803."""
    digits = (text or "").replace("-", "")[:8]
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
