"""Landsat: the bands in a folder of Collection 2, and what their numbers mean."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Scaling
from jxgis.results import LedgerRow
from jxgis.sources.bands import BandFile
from jxgis.sources.found import one_line
from jxgis.sources.products import SURFACE, TOP
from jxgis.sources.scene import About, Scene, beside, by_prefix, in_folder, with_bands
from jxgis.spec import LayerSpec

COLLECTION_2 = Scaling(Fraction("0.0000275"), Fraction("-0.2"))
"""Surface reflectance of Collection 2, Level 2."""

# Red and near infrared by satellite; the older scanner of Landsat 1 to 5 is another instrument.
_BANDS = {4: (3, 4), 5: (3, 4), 7: (3, 4), 8: (4, 5), 9: (4, 5)}

_TIFF = r"\.tiff?"
_BAND = re.compile(rf"(.*?)_(SR_)?B(\d{{1,2}}){_TIFF}", re.IGNORECASE)
_QUALITY = re.compile(rf"(.*?)_(?:QA_PIXEL|BQA){_TIFF}", re.IGNORECASE)
_SCENE = re.compile(r"L[COTE]0?([4-9])_L[12]\w\w_\d{6}_(\d{8})_\d{8}_\d\d_\w\w", re.IGNORECASE)
_OLD_SCENE = re.compile(r"L[COTE]([4-9])\d{6}(\d{7})\w{3}\d\d", re.IGNORECASE)

_IS_LEVEL_1 = re.compile(r"_L1\w\w_\d{6}_", re.IGNORECASE)  # others hold temperature

_LEVEL_2 = ("LEVEL2_SURFACE_REFLECTANCE_PARAMETERS",)
_LEVEL_1 = ("LEVEL1_RADIOMETRIC_RESCALING", "RADIOMETRIC_RESCALING")

_Groups = Mapping[str, Mapping[str, str]]


def scene(folder: Path, spec: LayerSpec) -> Scene | None:
    """Return the scene in a folder of Landsat bands, or None where there is none.

    Parameters
    ----------
    folder
        What ``spec.path`` names.
    spec
        The layer.

    Returns
    -------
    Scene or None
        Surface reflectance where the folder has it, else what the top of the atmosphere sends.

    Raises
    ------
    InputError
        If the satellite is not known, or a red or near-infrared band is missing.
    """
    names = in_folder(folder, spec)
    files = {name: match for name in names if (match := _BAND.fullmatch(Path(name).name))}
    level = "SR_" if any(match[2] for match in files.values()) else None
    ledger: tuple[LedgerRow, ...] = ()
    left = {_taken_when(m[1]): name for name, m in files.items() if _IS_LEVEL_1.search(m[1])}
    files = {name: m for name, m in files.items() if (m[2] or "").upper() == (level or "")}
    if not files:
        return None
    if level and left:
        taken = {_taken_when(match[1]) for match in files.values()}
        ledger = (beside(spec, ("Level 2", "Level 1"), taken, left),)
    satellites = {_satellite(spec.resolve(name), match[1]) for name, match in files.items()}
    numbers = {_BANDS.get(satellite or 0) for satellite in satellites}
    bands = numbers.pop()
    if bands is None or numbers:
        raise InputError(
            _("nothing tells which Landsat took its bands, and so which are red and near infrared"),
            mend=_(
                'Write red = "FILE:BAND" and nir = "FILE:BAND" in place of path, under '
                "[layers.{layer}]"
            ).format(layer=spec.name),
            **place(spec),
        )
    red, nir = (
        {match[1].upper(): name for name, match in files.items() if int(match[3]) == number}
        for number in bands
    )
    if not red and not nir:
        return None
    return Scene(with_bands(spec, red, nir, by_prefix(names, _QUALITY)), ledger=ledger)


def about(band: BandFile) -> About | None:
    """Return what a Landsat band stores, or None of a file that is no such band.

    Parameters
    ----------
    band
        Told by its name, or by the metadata file that lies beside it.

    Returns
    -------
    About or None
        Of Level 1, reflectance not corrected for the height of the sun, which no ratio of bands
        needs.

    Raises
    ------
    InputError
        If the metadata file cannot be understood.
    """
    match = _BAND.fullmatch(band.path.name)
    if match is None:
        return None
    path = _metadata(band.path, match[1])
    groups = {} if path is None else _groups(path, band)
    known = {key: value for group in groups.values() for key, value in group.items()}
    date = _date(match[1], known)
    is_surface = match[2] is not None
    level = SURFACE if is_surface else TOP
    for name in _LEVEL_2 if is_surface else _LEVEL_1:
        scale = groups.get(name, {}).get(f"REFLECTANCE_MULT_BAND_{int(match[3])}")
        offset = groups.get(name, {}).get(f"REFLECTANCE_ADD_BAND_{int(match[3])}")
        if scale is not None and offset is not None:
            scaling = Scaling(_number(scale, band), _number(offset, band))
            return About(scaling, date=date, level=level)
    if is_surface and _SCENE.fullmatch(match[1]):
        return About(COLLECTION_2, date=date, level=level)
    if path is None and date is None:
        return None
    if band.scale != 1 or band.offset != 0:
        return About(Scaling(band.scale, band.offset), date=date, level=level)
    how = _(
        "no metadata file (_MTL.txt) tells its scale and offset; its numbers were taken as they are"
    )
    return About(Scaling(), known=False, how=how, date=date, level=level)


def _taken_when(prefix: str) -> str:
    """Return what the names of a scene's levels have in common: satellite, place and date."""
    return re.sub(r"_L[12]\w\w_(\d{6}_\d{8})_.*", r"_\1", prefix.upper())


def _satellite(path: Path, prefix: str) -> int | None:
    match = _SCENE.fullmatch(prefix) or _OLD_SCENE.fullmatch(prefix)
    if match:
        return int(match[1])
    metadata = _metadata(path, prefix)
    if metadata is not None:
        text = metadata.read_text(encoding="utf-8", errors="replace")
        told = re.search(r'SPACECRAFT_ID"?\s*[=:]\s*"?LANDSAT_?(\d)', text)
        return int(told[1]) if told else None
    return None


def _metadata(path: Path, prefix: str) -> Path | None:
    names = {f"{prefix}_mtl{suffix}".lower() for suffix in (".txt", ".json")}
    beside = sorted(p for p in path.parent.iterdir() if p.name.lower() in names)
    return beside[-1] if beside else None


def _groups(path: Path, band: BandFile) -> _Groups:
    """Return a metadata file's values by group: the two levels have the same names."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() == ".json":
            (inside,) = json.loads(text).values()
            return {
                name: {key: str(value) for key, value in group.items()}
                for name, group in inside.items()
            }
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            _("the scene's {file} cannot be understood ({reason})").format(
                file=path.name, reason=one_line(str(error))
            ),
            mend=_("Fetch the scene again, whole"),
            **place(band.spec),
        ) from error
    groups: dict[str, dict[str, str]] = {}
    inside_of = groups.setdefault("", {})
    for line in text.splitlines():
        key, _equals, value = (part.strip() for part in line.partition("="))
        if key == "GROUP":
            inside_of = groups.setdefault(value, {})
        elif key != "END_GROUP":
            inside_of[key] = value.strip('"')
    return groups


def _number(text: str, band: BandFile) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(
            _("its metadata give {text!r} where a number should be").format(text=text),
            mend=_("Fetch the scene again, whole"),
            **place(band.spec),
        ) from error


def _date(prefix: str, known: Mapping[str, str]) -> dt.date | None:
    new, old = _SCENE.fullmatch(prefix), _OLD_SCENE.fullmatch(prefix)
    try:
        if "DATE_ACQUIRED" in known:
            return dt.date.fromisoformat(known["DATE_ACQUIRED"])
        if new:
            return dt.date.fromisoformat(new[2])
        if old:
            year, day = int(old[2][:4]), int(old[2][4:])
            return dt.date(year, 1, 1) + dt.timedelta(days=day - 1)
    except ValueError:
        return None
    return None
