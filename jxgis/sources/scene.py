"""A scene: which files are its bands, and what is known of what they store."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Scaling
from jxgis.results import LedgerRow
from jxgis.sources.found import one_line
from jxgis.sources.products import SURFACE, TOP
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
    level
        Of its reflectance, where the scene says that: ``surface`` or ``top``.
    ledger
        What was left out.
    is_sentinel
        Whether it is known to be Sentinel-2's, whatever its bands say.
    """

    spec: LayerSpec
    scaling: Mapping[str, Scaling] = field(default_factory=dict)
    date: dt.date | None = None
    level: str = ""
    ledger: tuple[LedgerRow, ...] = ()
    is_sentinel: bool = False


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
    level
        ``surface`` reflectance, ``top`` of the atmosphere, or empty where nothing tells.
    """

    scaling: Scaling
    known: bool = True
    how: str = ""
    date: dt.date | None = None
    level: str = ""


def by_prefix(
    names: Iterable[str], pattern: re.Pattern[str], product: Callable[[str], str] | None = None
) -> dict[str, str]:
    """Return the names that a pattern fits whole, by its first group in capitals.

    Of names alike but for what follows the group, the first in alphabetical order stands. Where
    ``product`` tells of which product a name is, that comes before the group, parted by ``|``.
    """
    found: dict[str, str] = {}
    for name in sorted(names):
        match = pattern.fullmatch(Path(name).name)
        if match:
            before = f"{product(name)}|" if product else ""
            found.setdefault(before + match[1].upper(), name)
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
        Files by the name of their scene. Quality may be missing of all scenes, not of some.

    Returns
    -------
    LayerSpec

    Raises
    ------
    InputError
        If a scene lacks its red or near-infrared band, or a quality band that others have.
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
    without = [scene for scene in scenes if scene not in quality]
    if without and len(without) < len(scenes):
        raise InputError(
            _("it has no quality band beside {file}, and other tiles have one").format(
                file=Path(red[without[0]]).name
            ),
            mend=_("Fetch the scene again, whole"),
            **place(spec),
        )
    if not without:
        bands["quality"] = tuple(quality[scene] for scene in scenes)
    return replace(spec, path=None, bands=bands)


def beside(
    spec: LayerSpec, levels: tuple[str, str], taken: Iterable[str], left: Mapping[str, str]
) -> LedgerRow:
    """Return a row on scenes of a level that is left out, as those of another are there.

    Parameters
    ----------
    spec
        The layer, whose path is a folder.
    levels
        What the level that is taken is called, and the other.
    taken
        The scenes that are taken.
    left
        A file of each that is left out, by the name of its scene.

    Returns
    -------
    LedgerRow

    Raises
    ------
    InputError
        If one that is left out is there of its level only.
    """
    for scene in sorted(left.keys() - set(taken)):
        raise InputError(
            _("{file} is of {level}, and other bands in it are of {other}").format(
                file=Path(left[scene]).name, level=levels[1], other=levels[0]
            ),
            mend=_("Give the folder of one product"),
            **place(spec),
        )
    reason = _("{level} lies beside {other} and was left out")
    return LedgerRow("note", spec.name, 1, reason.format(level=levels[1], other=levels[0]))


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
        # Only the surface has scene classes: what was fetched by an older version says no more.
        level = said.get("level") or (SURFACE if quality_as == "scl" else "")
        level = ("", SURFACE, TOP)[("", SURFACE, TOP).index(level)]
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
    return Scene(spec, known, date, level)


def _scaling(band: Mapping[str, Any]) -> Scaling | None:
    if band.get("scale") is None or band.get("offset") is None:
        return None
    return Scaling(Fraction(str(band["scale"])), Fraction(str(band["offset"])))
