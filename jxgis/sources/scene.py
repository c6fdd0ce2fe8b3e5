"""A scene: which files are its bands, and what is known of what they store."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Scaling
from jxgis.sources.found import one_line
from jxgis.spec import QUALITIES, LayerSpec

DESCRIPTION = "scene.json"
"""What ``jxgis fetch`` writes beside the bands that it has fetched."""


@dataclass(frozen=True)
class Scene:
    """The files of a scene.

    Attributes
    ----------
    spec
        What the plan says about the layer, with ``bands``, and with what the scene itself says
        of its quality band and, without a scale and offset, of its baseline.
    scaling
        What the scene says of its bands' scale and offset, by role.
    date
        When it was taken, where the scene says that.
    """

    spec: LayerSpec
    scaling: Mapping[str, Scaling] = field(default_factory=dict)
    date: dt.date | None = None


@dataclass(frozen=True)
class About:
    """What is known of what a band stores.

    Attributes
    ----------
    scaling
        Reflectance is ``value * scale + offset``.
    known
        False where that was assumed.
    how
        What was assumed, for the ledger; empty where nothing was.
    date
        When it was taken.
    """

    scaling: Scaling
    known: bool = True
    how: str = ""
    date: dt.date | None = None


def by_prefix(names: Iterable[str], pattern: re.Pattern[str]) -> dict[str, str]:
    """Return the names that a pattern fits whole, by its first group in capitals.

    Of names alike but for what follows the group, the first in alphabetical order stands.
    """
    found: dict[str, str] = {}
    for name in sorted(names):
        match = pattern.fullmatch(Path(name).name)
        if match:
            found.setdefault(match[1].upper(), name)
    return found


def in_folder(folder: Path, spec: LayerSpec) -> list[str]:
    """Return the files in a folder and below, as the plan would write them."""
    start = (spec.path or "").rstrip("/\\")
    inside = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return [f"{start}/{name}" for name in inside]


def with_bands(
    spec: LayerSpec, red: dict[str, str], nir: dict[str, str], quality: dict[str, str]
) -> LayerSpec:
    """Return the plan's layer with the bands of the scenes that have both, tile for tile.

    Parameters
    ----------
    spec
        The layer, whose path is a folder.
    red, nir, quality
        Files by the name of their scene. Quality is left out unless each scene has it.

    Returns
    -------
    LayerSpec

    Raises
    ------
    InputError
        If a scene lacks its red or near-infrared band.
    """
    for scene in sorted(red.keys() ^ nir.keys()):
        problem = _("it has no near-infrared band beside {file}")
        if scene in nir:
            problem = _("it has no red band beside {file}")
        name = Path((red | nir)[scene]).name
        mend = _("Fetch the scene again, whole")
        raise InputError(problem.format(file=name), mend=mend, **place(spec))
    scenes = sorted(red)
    bands = {
        "red": tuple(red[scene] for scene in scenes),
        "nir": tuple(nir[scene] for scene in scenes),
    }
    if all(scene in quality for scene in scenes):
        bands["quality"] = tuple(quality[scene] for scene in scenes)
    return replace(spec, path=None, bands=bands)


def fetched(folder: Path, spec: LayerSpec) -> Scene | None:
    """Return the scene that a folder's ``scene.json`` describes, or None where there is none.

    Parameters
    ----------
    folder
        What ``spec.path`` names.
    spec
        The layer.

    Returns
    -------
    Scene or None

    Raises
    ------
    InputError
        If the description cannot be read or lacks a band.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        bands = {role: said[role] for role in ("red", "nir")}
        if said.get("quality"):
            bands["quality"] = said["quality"]
        start = (spec.path or "").rstrip("/\\")
        files = {role: (f"{start}/{band['file']}",) for role, band in bands.items()}
        scaling = {role: _scaling(bands[role]) for role in ("red", "nir")}
        date = dt.date.fromisoformat(said["date"]) if said.get("date") else None
        quality_as = bands.get("quality", {}).get("as")
        quality_as = None if quality_as is None else QUALITIES[QUALITIES.index(quality_as)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise InputError(
            _("its {file} cannot be understood ({reason})").format(
                file=DESCRIPTION, reason=one_line(f"{type(error).__name__}: {error}")
            ),
            mend=_("Fetch the imagery again"),
            **place(spec),
        ) from error
    known = {role: s for role, s in scaling.items() if s is not None}
    baseline = spec.baseline or (None if len(known) == len(scaling) else said.get("baseline"))
    quality_as = spec.quality_as or quality_as
    spec = replace(spec, path=None, bands=files, quality_as=quality_as, baseline=baseline)
    return Scene(spec, known, date)


def _scaling(band: Mapping[str, Any]) -> Scaling | None:
    if band.get("scale") is None or band.get("offset") is None:
        return None
    return Scaling(Fraction(str(band["scale"])), Fraction(str(band["offset"])))
