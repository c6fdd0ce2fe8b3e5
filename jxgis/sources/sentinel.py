"""Sentinel-2: the bands in a SAFE folder, and the offset that its processing baseline adds.

From baseline 04.00 on (2022-01-25, and all that was reprocessed since), 1000 is added to what is
stored, so that noise over dark water stays above zero. An NDVI that ignores that is far too low.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Scaling
from jxgis.sources.bands import BandFile
from jxgis.sources.found import first_sentence
from jxgis.sources.scene import About, Scene, by_prefix, in_folder, with_bands
from jxgis.spec import LayerSpec

_OFFSET_SINCE = (4, 0)
_OFFSET_FROM = dt.date(2022, 1, 25)
_OFFSET = -1000
_SCALE = Fraction(1, 10_000)

_METADATA = ("MTD_MSIL2A.xml", "MTD_MSIL1C.xml")
# From a band to the folder of the product: R10m, IMG_DATA, the granule, GRANULE, the product.
_LEVELS = 5

# Band names to the numbers by which the metadata list offsets.
_BAND_ID = {"B04": "3", "B08": "7", "B8A": "8"}

_TAIL = r"(?:_10m)?\.(?:jp2|tiff?)"
_RED = re.compile(rf"(.*?)_?B04{_TAIL}", re.IGNORECASE)
_NIR = re.compile(rf"(.*?)_?B08{_TAIL}", re.IGNORECASE)
_SCL = re.compile(r"(.*?)_?SCL(?:_[12]0m)?\.(?:jp2|tiff?)", re.IGNORECASE)

_BAND = re.compile(r".*?(B(?:0\d|8A|1[0-2]))(?:_\d0m)?\.(?:jp2|tiff?)", re.IGNORECASE)
_TILE = re.compile(r"(?:.*_)?T\d\d[A-Z]{3}_(\d{8})T\d{6}_.*", re.IGNORECASE)
_PRODUCT = re.compile(r"S2[A-D]_MSIL(?:1C|2A)_(\d{8})T\d{6}_N(\d{4})_.*", re.IGNORECASE)
_BASELINE = re.compile(r"N?(\d{1,2})\.?(\d{2})")


@dataclass(frozen=True)
class _Told:
    """What metadata say: the offset as it is stored, to be added before the division."""

    baseline: tuple[int, int] | None = None
    offset: Fraction | None = None
    scale: Fraction = _SCALE
    date: dt.date | None = None


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
        Several granules are the tiles of one scene.

    Raises
    ------
    InputError
        If a red or near-infrared band is missing.
    """
    names = in_folder(folder, spec)
    red, nir = by_prefix(names, _RED), by_prefix(names, _NIR)
    if red or nir:
        return Scene(with_bands(spec, red, nir, by_prefix(names, _SCL)))
    if not any((folder / name).is_file() for name in _METADATA):
        return None
    raise InputError(
        _("no band B04 or B08 at 10 m lies in it"),
        mend=_("Unpack the whole product"),
        **place(spec),
    )


def about(band: BandFile, spec: LayerSpec, *, offset_given: bool = False) -> About | None:
    """Return what a Sentinel-2 band stores, or None of a file that is no such band.

    Parameters
    ----------
    band
        Of a product with its metadata, or a file that its name or its tags tell.
    spec
        Its ``baseline`` is for files that do not say theirs.
    offset_given
        Whether the offset is known otherwise, so that the baseline need not be.

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
        if spec.baseline is None:
            return None
        told = _Told()
    baseline = _settled(told.baseline, spec, band)
    scale = band.scale if band.scale != 1 else told.scale
    if told.offset is not None:
        return About(Scaling(scale, told.offset * scale), date=told.date)
    if band.offset != 0:
        return About(Scaling(scale, band.offset), date=told.date)
    if baseline is not None:
        stored = _OFFSET if baseline >= _OFFSET_SINCE else 0
        return About(Scaling(scale, stored * told.scale), date=told.date)
    if not offset_given and (told.date is None or told.date >= _OFFSET_FROM):
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
    how = _(
        "no processing baseline is given; as imagery of {date} it was taken to be from before "
        "04.00, without an offset"
    )
    return About(Scaling(scale), known=False, how=how.format(date=told.date), date=told.date)


def _settled(
    own: tuple[int, int] | None, spec: LayerSpec, band: BandFile
) -> tuple[int, int] | None:
    if spec.baseline is None:
        return own
    given = _baseline(spec.baseline)
    if given is None:
        raise InputError(
            _("baseline {baseline!r} is no processing baseline").format(baseline=spec.baseline),
            mend=_('Write it like baseline = "04.00"'),
            layer=spec.name,
        )
    if own is not None and own != given:
        raise InputError(
            _("its metadata say processing baseline {own} and the plan says {given}").format(
                own="{:02}.{:02}".format(*own), given=spec.baseline
            ),
            mend=_("Leave baseline out under [layers.{layer}]").format(layer=spec.name),
            **place(band.spec),
        )
    return given


def _baseline(text: str | None) -> tuple[int, int] | None:
    match = _BASELINE.fullmatch((text or "").strip())
    return (int(match[1]), int(match[2])) if match else None


def _told(band: BandFile) -> _Told | None:
    """Return what the product's metadata, the tags or the names say; None if it is no such band."""
    tile, is_band = _TILE.fullmatch(band.path.name), _BAND.fullmatch(band.path.name)
    metadata = _metadata(band.path) if is_band else None
    if metadata is not None and is_band:
        return _from_xml(metadata, is_band[1].upper(), band)
    if "PROCESSING_BASELINE" in band.tags or "BOA_ADD_OFFSET" in band.tags:
        return _from_tags(band)
    products = [m for m in map(_PRODUCT.fullmatch, reversed(band.path.parts)) if m]
    if products and (is_band or products[0].string == band.path.name):
        return _Told(_baseline(f"N{products[0][2]}"), date=_date(products[0][1]))
    return _Told(date=_date(tile[1])) if tile else None


def _metadata(path: Path) -> Path | None:
    folders = path.absolute().parents[:_LEVELS]
    found = (folder / name for folder in folders for name in _METADATA)
    return next((file for file in found if file.is_file()), None)


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
            baseline=_baseline(next(_texts(root, "PROCESSING_BASELINE"), None)),
            offset=offsets.get(_BAND_ID.get(name)),
            scale=1 / Fraction(quantifications[0]) if quantifications else _SCALE,
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
    tags, tile = band.tags, _TILE.fullmatch(band.path.name)
    try:
        offset = tags.get("BOA_ADD_OFFSET")
        return _Told(
            baseline=_baseline(tags.get("PROCESSING_BASELINE")),
            offset=None if offset is None else Fraction(offset.strip()),
            scale=1 / Fraction(tags.get("QUANTIFICATION_VALUE", "10000").strip()),
            date=_date(tags.get("ACQUISITION_DATE")) or (_date(tile[1]) if tile else None),
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
