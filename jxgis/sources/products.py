"""Which product of Sentinel-2 a file is of: Level 2A, of the surface, or 1C, above the haze."""

from __future__ import annotations

import re
from pathlib import Path

SURFACE, TOP = "surface", "top"
"""Reflectance of the surface, and at the top of the atmosphere."""

METADATA = {"MTD_MSIL2A.xml": SURFACE, "MTD_MSIL1C.xml": TOP}
"""The files that describe a product, and its level."""

PRODUCT = re.compile(r"S2[A-D]_MSIL(1C|2A)_(\d{8})T\d{6}_N(\d{4})_.*", re.IGNORECASE)
"""The name of a product: its level, its date and its baseline."""

BAND = re.compile(
    r"(?P<before>.*?)(?P<band>B(?:0\d|8A|1[0-2])|SCL)(?P<side>_\d0m)?\.(?P<kind>jp2|tiff?)",
    re.IGNORECASE,
)
"""The name of a band."""

TILE = re.compile(r"(?:.*_)?T\d\d[A-Z]{3}_(\d{8})T\d{6}_.*", re.IGNORECASE)
"""The name of a file of a tile: its date."""

# From a band to the folder of the product: R10m, IMG_DATA, the granule, GRANULE, the product.
_LEVELS = 5


def metadata(path: Path) -> Path | None:
    """Return the file that describes the product that a band lies in, or None."""
    for folder in path.absolute().parents[:_LEVELS]:
        found = [folder / name for name in METADATA if (folder / name).is_file()]
        if found:
            # Of two products in one folder, the names of their bands tell.
            own = [file for file in found if METADATA[file.name] == _by_name(path)]
            return (own or found)[0]
    return None


def product_name(path: Path) -> re.Match[str] | None:
    """Return the name of the product that a file is or lies in, as `PRODUCT` matches it."""
    return next((m for m in map(PRODUCT.fullmatch, reversed(path.absolute().parts)) if m), None)


def folder_of(path: Path) -> str:
    """Return the folder of the product that a band lies in; empty where nothing tells."""
    found = metadata(path)
    if found is not None:
        return found.parent.as_posix()
    name = product_name(path)
    return name.string if name else ""


def level_of(path: Path) -> str:
    """Return the level of the product that a band is of; empty where nothing tells.

    Parameters
    ----------
    path
        Its metadata tell it, or the name of the product, or its own.

    Returns
    -------
    str
        ``surface`` or ``top``.
    """
    found, name = metadata(path), product_name(path)
    if found is not None:
        return METADATA[found.name]
    if name is not None:
        return SURFACE if name[1].upper() == "2A" else TOP
    return _by_name(path)


def _by_name(path: Path) -> str:
    """Return the level by a name as ESA gives it: of Level 2A it has the side of the cells."""
    match = BAND.fullmatch(path.name)
    if match is None:
        return ""
    if match["side"] or match["band"].upper() == "SCL":
        return SURFACE
    return TOP if TILE.fullmatch(path.name) and match["kind"].lower() == "jp2" else ""
