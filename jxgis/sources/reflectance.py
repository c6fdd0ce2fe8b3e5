"""Scale and offset of a band: by the plan, the scene, its metadata or its name; never ignored."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Scaling
from jxgis.sources import landsat, sentinel
from jxgis.sources.bands import BandFile
from jxgis.sources.scene import About, Scene
from jxgis.spec import LayerSpec


def settled(band: BandFile, scene: Scene, role: str) -> About:
    """Return how reflectance follows from what a band stores.

    Parameters
    ----------
    band
        A red or near-infrared band.
    scene
        That it is of. ``scale`` and ``offset`` of its ``spec`` come before all else, then what it
        says of its bands.
    role
        ``red`` or ``nir``.

    Returns
    -------
    About
        Scale 1 and offset 0, and not known, where nothing says more.

    Raises
    ------
    InputError
        If it is a Sentinel-2 band whose offset cannot be known, its metadata are damaged, or
        the scale is not above 0.
    """
    spec, said = scene.spec, scene.scaling.get(role)
    is_given = spec.offset is not None
    found: About | None
    if said is not None:
        found = About(said, date=_date(band.tags.get("ACQUISITION_DATE", "")))
    else:
        found = landsat.about(band) or sentinel.about(
            band, spec, offset_given=is_given, is_one=scene.is_sentinel
        )
    found = found or _plain(band)
    scaling = _override(found.scaling, spec, band)
    if scaling.scale < 0:
        raise InputError(
            _("its scale is {scale:g}, and a scale of reflectance is above 0").format(
                scale=float(scaling.scale)
            ),
            mend=_("Write another scale under [layers.{layer}]").format(layer=spec.name),
            **place(band.spec),
        )
    found = replace(found, scaling=scaling, level=scene.level or found.level)
    if is_given or spec.scale is not None:
        return replace(found, known=True, how="")
    return found


def given(band: BandFile, spec: LayerSpec) -> Scaling:
    """Return a band's scale and offset as the plan or the file gives them, else 1 and 0.

    Parameters
    ----------
    band
        What the file says of itself.
    spec
        Its ``scale`` and ``offset`` come first.

    Returns
    -------
    Scaling

    Raises
    ------
    InputError
        If the scale is 0.
    """
    return _override(Scaling(band.scale, band.offset), spec, band)


def _override(scaling: Scaling, spec: LayerSpec, band: BandFile) -> Scaling:
    scale = scaling.scale if spec.scale is None else Fraction(str(spec.scale))
    offset = scaling.offset if spec.offset is None else Fraction(str(spec.offset))
    if scale == 0:
        raise InputError(
            _("a scale of 0 leaves nothing of it"),
            mend=_("Write another scale under [layers.{layer}]").format(layer=spec.name),
            **place(band.spec),
        )
    return Scaling(scale, offset)


def _plain(band: BandFile) -> About:
    date = _date(band.tags.get("ACQUISITION_DATE", ""))
    if band.scale != 1 or band.offset != 0:
        return About(Scaling(band.scale, band.offset), date=date)
    how = _("no scale or offset in the metadata; the numbers were taken as they are")
    return About(Scaling(), known=False, how=how, date=date)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
