"""Rasters by their names: which are the bands of one scene, and which are maps of a kind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jxgis.sources import RASTERS
from jxgis.sources.scene import DESCRIPTION
from jxgis.spec import BAND_ROLES

BANDS = (*RASTERS, ".jp2")
"""What the name of a band's file ends in."""

# What a raster of a kind is called, in its name or its tags. A short word stands alone: no letter
# is before or behind it.
RASTER_WORDS: Mapping[str, tuple[str, ...]] = {
    "landcover": ("worldcover", "landcover", "land_cover", "land-cover", "land cover", "lulc",
                  "dynamicworld", "dynamic_world", "土地覆盖"),
    "canopy": ("canopy", "treecover", "tree_cover", "tree cover", "tcc"),
    "elevation": ("dem", "dsm", "dtm", "srtm", "elevation", "高程"),
    "irradiance": ("ghi", "irradiance", "irradiation", "辐照", "辐射"),
    "population": ("pop", "ppp", "人口"),
}  # fmt: skip
_ALONE = ("tcc", "dem", "dsm", "dtm", "ghi")

# Legends that a name points to without saying it; what the plan proposes.
PROPOSED: Mapping[str, tuple[str, ...]] = {
    "dynamic-world": ("dynamicworld", "dynamic_world"),
    "esri": ("esri",),
}

_ENDING = rf"\.(?:{'|'.join(ending[1:] for ending in BANDS)})"
_LANDSAT = re.compile(rf"(L[COTE]0?([4-9]).*?)_(SR_)?B(\d){_ENDING}", re.IGNORECASE)
_LANDSAT_QUALITY = re.compile(rf"(L[COTE]0?[4-9].*?)_(?:QA_PIXEL|BQA){_ENDING}", re.IGNORECASE)
_PACKED = re.compile(r"(?:S2[A-D]_MSIL|L[COTE]0[4-9]_).*\.(?:zip|tar)$", re.IGNORECASE)
_LANDSAT_JSON = re.compile(r"L[COTE]0?[4-9].*_(?:MTL|\w*stac)\.json", re.IGNORECASE)
_WORDS = re.compile(
    r"(?<![a-z])(?:(?P<red>red)|(?P<nir>nir)|(?P<quality>scl|qa_pixel|bqa))(?![a-z])"
    r"|(?<![a-z\d])(?:(?P<red_b>B04)|(?P<nir_b>B08))(?![a-z\d])"
    r"|(?P<red_zh>红光)|(?P<nir_zh>近红外)",
    re.IGNORECASE,
)
_SIDE = re.compile(r"_([126]0)m$", re.IGNORECASE)
# Bands of one product lie in folders of one resolution each.
_RESOLUTION = re.compile(r"/?R[126]0m$", re.IGNORECASE)
_METADATA = re.compile(r"MTD_MSIL(?:1C|2A)\.xml", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)")

_OLD_SCANNERS = "457"

_MULTISPECTRAL = 4
_CHINESE = re.compile(r"(?<![a-z])(?:GF|ZY)-?\d", re.IGNORECASE)


@dataclass(frozen=True)
class Bands:
    """Files that their names make the bands of one scene: a path for each role."""

    files: Mapping[str, str]

    @property
    def lacks(self) -> str:
        """The role, ``red`` or ``nir``, that no file has; empty where both are there."""
        return next((role for role in ("red", "nir") if role not in self.files), "")


def kind_by_words(texts: Iterable[str]) -> tuple[str, str] | None:
    """Return the kind of raster that texts tell, and the word that does; None where none does.

    Parameters
    ----------
    texts
        Its name, and perhaps its tags.
    """
    lower = [text.lower() for text in texts]
    for kind, words in RASTER_WORDS.items():
        for word in words:
            if any(has_word(text, word, alone=word in _ALONE) for text in lower):
                return kind, word
    return None


def has_word(text: str, word: str, *, alone: bool) -> bool:
    """Tell whether a text has a word, with no Latin letter before or behind it where it is alone.

    Parameters
    ----------
    text, word
        Both in small letters.
    alone
        Whether it must stand alone.
    """
    if not alone:
        return word in text
    return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None


def proposed_legend(path: str) -> str:
    """Return the legend to propose for a land-cover map of this name."""
    name = path.lower()
    fits = (legend for legend, words in PROPOSED.items() if any(word in name for word in words))
    return next(fits, "worldcover")


def date_in_name(path: str) -> dt.date | None:
    """Return the date in a file's name, else in the names of its folders; None without one.

    Parameters
    ----------
    path
        With ``/``; a year alone is no date.
    """
    for part in reversed(PurePosixPath(path).parts):
        for match in _DATE.finditer(part):
            with suppress(ValueError):
                return dt.date(*map(int, match.groups()))
    return None


def may_be_imagery(path: str, bands: int) -> bool:
    """Tell whether a raster is more than a picture in colours, by its bands or its name.

    Parameters
    ----------
    path
        Names of Gaofen and Ziyuan tell.
    bands
        How many it has.
    """
    return bands >= _MULTISPECTRAL or (bands > 1 and _CHINESE.search(path) is not None)


def is_scene_folder(folder: Path) -> bool:
    """Tell whether a folder is one scene: fetched, a product of Sentinel-2, or of Landsat.

    Parameters
    ----------
    folder
        Of Landsat, one with the bands of a single scene and nothing else that could be a layer.
    """
    if not folder.is_dir():
        return False
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    if folder.name.lower().endswith(".safe") or any(_METADATA.fullmatch(n) for n in names):
        return True
    if DESCRIPTION in names:
        return True
    bands = [match for match in map(_LANDSAT.fullmatch, names) if match]
    scenes = {match[1].upper() for match in bands}
    return len(scenes) == 1 and all(name.upper().startswith(tuple(scenes)) for name in names)


def is_metadata(name: str) -> bool:
    """Tell whether a file only describes a Landsat scene, though its name ends as a layer's may."""
    return _LANDSAT_JSON.fullmatch(name) is not None


def is_packed(name: str) -> bool:
    """Tell whether a file is a scene of Sentinel-2 or Landsat as it is downloaded: packed."""
    return _PACKED.match(name) is not None


def as_scenes(paths: Sequence[str]) -> list[Bands]:
    """Put the bands of one scene together, by what their names share.

    Parameters
    ----------
    paths
        Of rasters, with ``/``.

    Returns
    -------
    list of Bands
        With a red or a near-infrared band; of Landsat, surface reflectance where it is there.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    quality: dict[str, str] = {}
    for path in sorted(paths):
        told = _role(path)
        if told is None:
            continue
        scene, level, role = told
        if role == "quality":
            quality.setdefault(scene, path)
        else:
            found.setdefault((scene, level), {}).setdefault(role, path)
    scenes = []
    for (scene, level), files in found.items():
        if level == "raw" and len(found.get((scene, "surface"), {})) > 1:
            continue
        every = {**files, "quality": quality.get(scene, "")}
        scenes.append(Bands({role: every[role] for role in BAND_ROLES if every.get(role)}))
    return scenes


def _role(path: str) -> tuple[str, str, str] | None:
    """Return what tells the scene, the level and the band's role, or None of another file."""
    file = PurePosixPath(path)
    folder = _RESOLUTION.sub("", file.parent.as_posix())
    if match := _LANDSAT_QUALITY.fullmatch(file.name):
        return f"{folder}/{match[1].lower()}", "", "quality"
    if match := _LANDSAT.fullmatch(file.name):
        red = 3 if match[2] in _OLD_SCANNERS else 4
        role = {red: "red", red + 1: "nir"}.get(int(match[4]))
        level = "surface" if match[3] else "raw"
        return (f"{folder}/{match[1].lower()}", level, role) if role else None
    side = _SIDE.search(file.stem)
    stem = _SIDE.sub("", file.stem)
    match = _WORDS.search(stem)
    if match is None:
        return None
    role = str(match.lastgroup).partition("_")[0]
    if side and side[1] != "10" and role != "quality":
        return None  # the same band, coarser
    before, after = stem[: match.start()].rstrip("_.-"), stem[match.end() :].lstrip("_.-")
    return f"{folder}/{before}*{after}".lower(), "", role
