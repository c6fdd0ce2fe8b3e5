"""Roofs, building by building: what of each can carry panels, and how much that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.polygons import within_any
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar.footprints import footprints
from jxgis.solar.heights import HEIGHT_RULES, heights
from jxgis.solar.roof_forms import FORM_RULES, form_factors
from jxgis.solar.shade import SHADE_RULES, hours, shaded_areas, true_north
from jxgis.solar_spec import RoofUse, SolarSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Shapes = npt.NDArray[np.object_]

ANY_CLASS = "*"
"""A rule of roofs that names this class is of all that no rule before it names."""

_W_PER_MW = 1e6


@dataclass(frozen=True)
class Roofs:
    """The roofs of a layer of buildings, in its order.

    Attributes
    ----------
    data
        A row a building: ``kind`` (the id of its `RoofUse`), ``in_park``, ``area_m2`` (its own
        place, counted once), ``panels_m2`` (of that, under panels already), ``share`` (that its
        kind can carry), ``form`` (that its shape leaves), ``shaded`` (of the free roof),
        ``height_m`` (NaN: not known), ``usable_m2``, ``w_per_m2`` (on the free roof as drawn in
        ``shapes``, all shares in it) and ``capacity_mw``.
    shapes : (n,) array of polygons
        The free roof of each; empty where none is.
    crs
        Of the shapes.
    ledger
        What overlaps, is there already, is assumed or not known.
    rules
        Names of the rules that were used.
    """

    data: pd.DataFrame
    shapes: Shapes
    crs: object
    ledger: tuple[LedgerRow, ...]
    rules: tuple[str, ...] = (*HEIGHT_RULES, *FORM_RULES, *SHADE_RULES)


def roofs(
    buildings: Layer,
    built_up: Layer | None,
    settings: SolarSettings,
    rules: Rules,
    panels: Layer | None = None,
) -> Roofs:
    """Return what each roof can carry.

    The usable area is what is its own and free of panels, times the share that its kind can carry,
    times the part that faces the equator, less what lies in its neighbours' shade; its capacity is
    that area at the density of roofs.

    Parameters
    ----------
    buildings
        Of kind ``buildings``, in the run's metric CRS.
    built_up
        Tells villages' roofs from towns'; None: all are taken as towns'.
    settings
        Rules of roofs, and the density of the form ``roof``, which roofs without a share need not.
    rules
        Heights of storeys, shapes of roofs, hours of shade.
    panels
        Of kind ``pv``, or None.

    Returns
    -------
    Roofs

    Raises
    ------
    InputError
        No density of roofs is given, and some roof has a share; heights that no building has;
        classes that no rule names.
    """
    tall = heights(buildings, rules)
    kind, assumed = kinds(buildings, built_up, settings.roofs)
    share = np.array([own.share for own in kind], dtype=np.float64)
    if "roof" not in settings.density and (share > 0).any():
        raise InputError(
            _("no capacity density of roofs is given, and the capacity of every zone hangs on it"),
            mend=_(
                "Write it into the plan with its source, under [solar.density]: "
                'roof = { w_per_m2 = 137.5, source = "…" }, watts per square metre of suitable roof'
            ),
        )
    w_per_m2 = settings.w_per_m2("roof")
    place = footprints(buildings, tall.metres, panels)
    outlines = np.array(buildings.data.geometry, dtype=object)
    north = true_north(_inner_points(outlines), pyproj.CRS(buildings.data.crs))
    form, guessed = form_factors(buildings, outlines, north, rules)
    free = shapely.area(place.shapes)
    dark = shaded_areas(place.shapes, outlines, tall.metres, north, hours(rules))
    some = free > 0
    shaded = np.clip(np.divide(dark, free, out=np.zeros(len(free)), where=some), 0.0, 1.0)
    factor = share * form * (1 - shaded)
    data = pd.DataFrame(
        {
            "kind": np.array([own.id for own in kind], dtype=object),
            "in_park": np.array([own.in_park for own in kind], dtype=bool),
            "area_m2": place.area_m2,
            "panels_m2": place.panels_m2,
            "share": share,
            "form": form,
            "shaded": shaded,
            "height_m": tall.metres,
            "usable_m2": free * factor,
            "w_per_m2": factor * w_per_m2,
            "capacity_mw": free * factor * w_per_m2 / _W_PER_MW,
        }
    )
    ledger = (*assumed, *place.ledger, *guessed, *tall.ledger, *_shade_row(buildings, dark))
    return Roofs(data, place.shapes, buildings.data.crs, ledger)


def _shade_row(buildings: Layer, dark: FloatArray) -> list[LedgerRow]:
    if not (dark > 0).any():
        return []
    reason = _(
        "roofs lie in higher neighbours' shade at the winter solstice: {area:,.0f} m² left out"
    ).format(area=float(dark.sum()))
    return [LedgerRow("excluded", buildings.name, int((dark > 0).sum()), reason)]


def kinds(
    buildings: Layer, built_up: Layer | None, uses: Sequence[RoofUse]
) -> tuple[list[RoofUse], list[LedgerRow]]:
    """Return the rule of each roof: the first that names its building's class, where it stands.

    Parameters
    ----------
    buildings
        Of kind ``buildings``. A class that is not there is looked up as ``""``; of several (as
        ``house;museum``), the first that a rule names counts.
    built_up
        A building is in it if a point inside the building is; None: all are.
    uses
        In order; one that names the class `ANY_CLASS` is of all that come to it.

    Returns
    -------
    kinds : list of RoofUse
        In the layer's order.
    ledger
        What was assumed.

    Raises
    ------
    InputError
        Classes that no rule names, with their number and area.
    """
    classes = _classes(buildings)
    inside = np.ones(len(classes), dtype=bool)
    rows = []
    if built_up is not None:
        outlines = np.array(buildings.data.geometry, dtype=object)
        inside = within_any(
            np.asarray(shapely.point_on_surface(outlines)),
            np.array(built_up.data.geometry, dtype=object),
        )
    elif any(own.place != "any" for own in uses):
        reason = _("there is no built-up area: all roofs are taken as towns', none as a village's")
        rows.append(LedgerRow("assumed", buildings.name, len(classes), reason))
    table = pd.DataFrame({"class": classes, "inside": inside})
    code, keys = pd.factorize(pd.MultiIndex.from_frame(table))
    chosen = [_use(str(name), where=bool(town), uses=uses) for name, town in keys]
    unnamed = np.array([own is None for own in chosen], dtype=bool)
    if unnamed.any():
        raise _unnamed(buildings, table[unnamed[code]], split=built_up is not None)
    caught = np.array([own is not None and ANY_CLASS in own.classes for own in chosen])[code]
    if caught.any():
        listed = _listed(buildings, table[caught], split=False)
        reason = _("roofs of classes that only a rule for any class names: {classes}")
        text = reason.format(classes=listed)
        rows.append(LedgerRow("assumed", buildings.name, int(caught.sum()), text))
    return [own for own in (chosen[c] for c in code) if own is not None], rows


def may_carry(buildings: Layer, built_up: Layer | None, uses: Sequence[RoofUse]) -> bool:
    """Return whether some roof can carry panels, by the classes of the buildings.

    Parameters
    ----------
    buildings
        Of kind ``buildings``.
    built_up
        Tells villages' roofs from towns'; None: all are taken as towns'.
    uses
        As in `kinds`.
    """
    places = (True,) if built_up is None else (True, False)
    found = (
        _use(name, where=where, uses=uses)
        for name in dict.fromkeys(_classes(buildings))
        for where in places
    )
    return any(own is not None and own.share > 0 for own in found)


def _classes(buildings: Layer) -> npt.NDArray[np.object_]:
    if "class" not in buildings.data:
        return np.full(len(buildings.data), "", dtype=object)
    words = buildings.data["class"].astype(object)
    return np.array(words.where(words.notna(), "").astype(str).str.strip(), dtype=object)


def _use(name: str, *, where: bool, uses: Sequence[RoofUse]) -> RoofUse | None:
    places = ("any", "built_up" if where else "outside")
    here = [own for own in uses if own.place in places]
    words = [name, *(word.strip() for word in name.split(";"))]
    for word in words:
        for own in here:
            if word in own.classes:
                return own
    return next((own for own in here if ANY_CLASS in own.classes), None)


def _listed(buildings: Layer, table: pd.DataFrame, *, split: bool) -> str:
    area = pd.Series(shapely.area(np.array(buildings.data.geometry, dtype=object)))
    keys = ["class", "inside"] if split else ["class"]
    found = table.assign(area=area).groupby(keys)["area"].agg(["size", "sum"]).reset_index()
    found = found.sort_values(["sum", "class"], ascending=[False, True], kind="stable")
    word = _("{name} ({n} buildings, {area:,.0f} m²)")
    if split:
        inside, outside = _("{name} in the built-up area"), _("{name} outside the built-up area")
    texts = []
    for row in found.to_dict("records"):
        name = str(row["class"]) or _("no class")
        if split:
            name = (inside if row["inside"] else outside).format(name=name)
        texts.append(word.format(name=name, n=int(row["size"]), area=float(row["sum"])))
    return _(", ").join(texts)


def _unnamed(buildings: Layer, table: pd.DataFrame, *, split: bool) -> InputError:
    return InputError(
        _("no rule of roofs names these classes of buildings: {classes}").format(
            classes=_listed(buildings, table, split=split)
        ),
        layer=buildings.name,
        mend=_(
            "Add them to the classes of a rule under [[solar.roofs]], with share = 0 where such "
            'roofs carry none; "" is no class, and "*" any'
        ),
    )


def _inner_points(outlines: Shapes) -> FloatArray:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(outlines)))
