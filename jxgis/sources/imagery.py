"""Imagery: the red and near-infrared bands of one date, and which of their cells are seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Raster, RasterSource, Scaling
from jxgis.results import LedgerRow
from jxgis.sources import grids, landsat, sentinel, tiles
from jxgis.sources.archive import find
from jxgis.sources.bands import BandFile, described, input_files, named
from jxgis.sources.products import TOP
from jxgis.sources.quality import kind_of
from jxgis.sources.reflectance import settled
from jxgis.sources.sampling import dark
from jxgis.sources.scene import About, Scene, fetched
from jxgis.spec import BAND_ROLES, LayerSpec

ROLES = ("red", "nir")
"""What a reader of imagery gives beside ``seen``."""


def read(spec: LayerSpec) -> RasterSource:
    """Return a handle on imagery: files a band, or the folder of a scene.

    Parameters
    ----------
    spec
        ``bands`` names files for ``red``, ``nir`` and perhaps ``quality``; ``path`` a Sentinel-2
        or Landsat folder, or one that ``jxgis fetch`` wrote.

    Returns
    -------
    RasterSource
        One raster with the roles ``red`` and ``nir``, in their stored types. No cell is read,
        except a few of the quality band to tell what it holds, and of a red band that nothing
        tells the offset of.

    Raises
    ------
    NoCrsError
        If neither a file nor the plan says its coordinate system.
    InputError
        If a file cannot be read, the bands are not of one scene, or the offset of their
        reflectance or the meaning of their quality band cannot be known.
    """
    scene = _scene(spec)
    bands = _described(scene.spec)
    found = _about(scene, bands)
    level = _level(bands, found)
    date, ledger = _date(scene, bands, found)
    parts, rows = _tiles(scene.spec, bands)
    grid, placed = grids.united(parts, "red")
    raster = Raster(
        name=spec.name,
        grid=grid,
        roles=ROLES,
        opened=partial(tiles.opened, placed, ROLES),
        block=bands["red"][0].block,
        scaling={role: found[role][0].scaling for role in ROLES},
        date=date,
        settled=all(about.known for role in ROLES for about in found[role]),
        level=level,
    )
    every = [band for role in bands.values() for band in role]
    assumed = [a.how for role in ROLES for a in found[role] if a.how]
    ledger += [*(LedgerRow("assumed", spec.name, 1, how) for how in assumed), *rows]
    ledger += scene.ledger
    if level == TOP:
        reason = _("it is reflectance at the top of the atmosphere, haze included")
        ledger.append(LedgerRow("note", spec.name, 1, reason))
    ledger += _suspected(spec, bands["red"], found["red"])
    doubts = [doubt for band in every for doubt in band.doubts]
    inputs = tuple(replace(file, as_of=date) for file in input_files(every))
    return RasterSource((raster,), inputs, tuple(dict.fromkeys([*doubts, *ledger])))


def _scene(spec: LayerSpec) -> Scene:
    if spec.bands:
        return Scene(spec)
    path = find(spec)
    if path.is_file() and path.suffix.lower() in (".xml", ".json", ".txt"):
        folder = Path(spec.path or "").parent.as_posix()
        spec, path = replace(spec, path=folder), path.parent
    if path.is_dir():
        for look in (fetched, sentinel.scene, landsat.scene):
            scene = look(path, spec)
            if scene is not None:
                return scene
        raise InputError(
            _("it holds no scene of Sentinel-2 or Landsat, with a red and a near-infrared band"),
            mend=_how_to_name(spec),
            **place(spec),
        )
    raise InputError(
        _("a file does not say which of its bands are red and near infrared"),
        mend=_how_to_name(spec),
        **place(spec),
    )


def _how_to_name(spec: LayerSpec) -> str:
    return _(
        'Write red = "FILE:BAND" and nir = "FILE:BAND" in place of path, under [layers.{layer}]'
    ).format(layer=spec.name)


def _described(spec: LayerSpec) -> dict[str, list[BandFile]]:
    """Return what each file says of itself, by role; as many for each as there are tiles."""
    for role in ROLES:
        if not spec.bands.get(role):
            raise InputError(
                _("the band {role} is missing").format(role=role),
                mend=_how_to_name(spec),
                **place(spec),
            )
    choose = _('Name one, as in "{file}:{name}"')
    bands = {
        role: [described(named(spec, text), choose=choose) for text in spec.bands[role]]
        for role in BAND_ROLES
        if spec.bands.get(role)
    }
    for role, files in bands.items():
        if len(files) != len(bands["red"]):
            raise InputError(
                _("the number of files of {role} is {n}, and of red {m}").format(
                    n=len(files), role=role, m=len(bands["red"])
                ),
                mend=_("Give each band the same tiles, in the same order"),
                **place(spec),
            )
    for red, nir in zip(bands["red"], bands["nir"], strict=True):
        grids.same_grid(red, nir)
    return bands


def _about(scene: Scene, bands: Mapping[str, list[BandFile]]) -> dict[str, list[About]]:
    """Return what the bands store; the tiles of a band must store the same."""
    found = {role: [settled(band, scene, role) for band in bands[role]] for role in ROLES}
    pairs = [p for role in ROLES for p in zip(bands[role], found[role], strict=True)]
    unknown = [band for band, about in pairs if not about.known]
    known = [band for band, about in pairs if about.known]
    if unknown and known:
        raise InputError(
            _("its scale and offset are not known, and those of {file} are").format(
                file=known[0].spec.source
            ),
            mend=_(
                "Write scale and offset, or the baseline of Sentinel-2, under [layers.{layer}]"
            ).format(layer=scene.spec.name),
            **place(unknown[0].spec),
        )
    for role in ROLES:
        for band, about in zip(bands[role], found[role], strict=True):
            _same_scaling(band, about.scaling, bands[role][0], found[role][0].scaling)
    return found


def _same_scaling(band: BandFile, own: Scaling, first: BandFile, other: Scaling) -> None:
    if own != other:
        raise InputError(
            _(
                "its reflectance is value × {a:g} + {b:g}, and that of {file} value × {c:g} + {d:g}"
            ).format(
                a=float(own.scale),
                b=float(own.offset),
                file=first.spec.source,
                c=float(other.scale),
                d=float(other.offset),
            ),
            mend=_("Give tiles of one processing baseline"),
            **place(band.spec),
        )


def _suspected(spec: LayerSpec, bands: list[BandFile], found: list[About]) -> Iterator[LedgerRow]:
    """Give a row where red of unknown scale and offset has no dark cells, as with an offset."""
    for band, about in zip(bands, found, strict=True):
        if about.known or about.level:
            continue
        try:
            low = dark(band)
        except InputError:  # damage is told where it is measured
            continue
        if low is not None:
            reason = _(
                "the darkest cells of {file} hold {low}: an offset may be in them, such as "
                "Sentinel-2's since baseline 04.00, which makes the index too low; offset = or "
                "baseline = under [layers.{layer}] takes it off"
            ).format(file=band.spec.source, low=low, layer=spec.name)
            yield LedgerRow("suspected", spec.name, 1, reason)
            return


def _level(bands: Mapping[str, list[BandFile]], found: Mapping[str, list[About]]) -> str:
    """Return the level of all bands, or nothing where it is not known of each."""
    pairs = [p for role in ROLES for p in zip(bands[role], found[role], strict=True)]
    known = [(band, about.level) for band, about in pairs if about.level]
    for band, level in known:
        if level != known[0][1]:
            raise InputError(
                _(
                    "of it and {file}, one is reflectance of the surface and the other at the top "
                    "of the atmosphere"
                ).format(file=known[0][0].spec.source),
                mend=_("Give bands of one product"),
                **place(band.spec),
            )
    return known[0][1] if len(known) == len(pairs) else ""


def _date(
    scene: Scene, bands: Mapping[str, list[BandFile]], found: Mapping[str, list[About]]
) -> tuple[dt.date | None, list[LedgerRow]]:
    """Return when the scene was taken; its bands must not contradict each other."""
    first: tuple[BandFile, dt.date] | None = None
    for role in ROLES:
        for band, about in zip(bands[role], found[role], strict=True):
            if about.date is None:
                continue
            if first is not None and first[1] != about.date:
                raise InputError(
                    _("it was taken on {date}, and {file} on {other}").format(
                        date=about.date, file=first[0].spec.source, other=first[1]
                    ),
                    mend=_("Give bands of one date; a second date is a layer of its own"),
                    **place(band.spec),
                )
            first = first or (band, about.date)
    told = scene.date or (first[1] if first else None)
    given = scene.spec.as_of
    if given is None or told in (None, given):
        return given or told, []
    reason = _("the files say {told} and the plan says {given}: dated {given}")
    row = LedgerRow("assumed", scene.spec.name, 1, reason.format(told=told, given=given))
    return given, [row]


def _tiles(
    spec: LayerSpec, bands: Mapping[str, list[BandFile]]
) -> tuple[list[grids.Tile], list[LedgerRow]]:
    parts, rows = [], []
    quality = bands.get("quality", [])
    for number, (red, nir) in enumerate(zip(bands["red"], bands["nir"], strict=True)):
        over = None
        if quality:
            band = quality[number]
            over = grids.aligned_quality(band, kind_of(band, spec), red)
        undeclared = all(band.nodata is None and not band.masked for band in (red, nir))
        parts.append(grids.Tile({"red": red, "nir": nir}, over, undeclared))
    if any(part.zero_is_empty for part in parts):
        reason = _("no value for no data is declared; cells that are 0 in both bands were left out")
        rows.append(LedgerRow("assumed", spec.name, 1, reason))
    if not quality:
        reason = _("no quality band: cloud and shadow were not looked for")
        rows.append(LedgerRow("assumed", spec.name, 1, reason))
    return parts, rows
