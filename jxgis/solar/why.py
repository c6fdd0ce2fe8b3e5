"""Why panels may stand at a place or not: every rule that holds there, with its exact distance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.rasters import Grid, Window
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.sampling import sampled, slope_deg
from jxgis.solar.siting import RASTERS, Rule, Siting, sited
from jxgis.solar_spec import Exclusion, LandUse, SolarSettings

# A cell so small that its middle is the place, metres.
_POINT_M = 0.01


@dataclass(frozen=True)
class Binding:
    """A rule that holds at a place.

    Attributes
    ----------
    rule
        The rule.
    distance_m
        From the place to the nearest of its features, 0 within it; None of rasters.
    """

    rule: Exclusion
    distance_m: float | None


@dataclass(frozen=True)
class Verdict:
    """What holds at a place on a day.

    Attributes
    ----------
    day
        The day.
    form
        The form that is allowed, of `jxgis.solar.land.LAND_FORMS`, or None.
    use
        The rule that says what the land carries, or None where no rule names it.
    binding
        The rules that forbid it, in their order; of land that carries nothing, all that hold.
    stands
        What stands there and is no land for panels: ``building``, ``pv`` or None.
    """

    day: dt.date
    form: str | None
    use: LandUse | None
    binding: tuple[Binding, ...]
    stands: str | None = None


def why(
    kinds: Mapping[str, Layer],
    settings: SolarSettings,
    lonlat: tuple[float, float],
    days: Sequence[dt.date],
) -> list[Verdict]:
    """Return what the rules say of a place on each day.

    Parameters
    ----------
    kinds
        The layers by kind.
    settings
        The rules.
    lonlat
        Degrees in WGS 84.
    days
        The days that are asked.

    Raises
    ------
    InputError
        If the place lies in none of the zones.
    """
    zones = kinds["zones"].data
    crs = pyproj.CRS(zones.crs)
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    point = shapely.Point(to_metres.transform(*lonlat))
    if not np.isfinite([point.x, point.y]).all() or not zones.geometry.intersects(point).any():
        raise InputError(
            _("{lon:g} {lat:g} lies in none of the zones").format(lon=lonlat[0], lat=lonlat[1]),
            mend=_mend(lonlat, zones, to_metres),
        )
    siting = sited(kinds, settings)
    mapped = "land" in kinds and bool(kinds["land"].data.geometry.intersects(point).any())
    rules: tuple[Rule, ...] = (*siting.uses, *siting.exclusions)
    distance = {rule: _distance(siting, rule, point, kinds, crs) for rule in rules}
    uses = [u for u in siting.uses if _holds(u, distance[u]) and (u.kind == "land" or not mapped)]
    bound = [x for x in siting.exclusions if _holds(x, distance[x])]
    stands = _stands(kinds, settings, point)
    verdicts = [_verdict(day, uses, bound, distance) for day in days]
    if stands is None:
        return verdicts
    return [replace(verdict, form=None, stands=stands) for verdict in verdicts]


def _mend(lonlat: tuple[float, float], zones: Any, to_metres: pyproj.Transformer) -> str:
    """Return how to ask for the place that was meant, perhaps with its numbers the other way."""
    lat, lon = lonlat
    turned = shapely.Point(to_metres.transform(lon, lat))
    if np.isfinite([turned.x, turned.y]).all() and zones.geometry.intersects(turned).any():
        return _("Longitude comes first: {lon:g} {lat:g}").format(lon=lon, lat=lat)
    return _("Give longitude and then latitude, degrees, of a place in them")


def _stands(kinds: Mapping[str, Layer], settings: SolarSettings, point: Any) -> str | None:
    for kind, asked in (("pv", True), ("buildings", bool(settings.roofs))):
        if asked and kind in kinds and kinds[kind].data.geometry.intersects(point).any():
            return "building" if kind == "buildings" else kind
    return None


def _verdict(
    day: dt.date,
    uses: Sequence[LandUse],
    bound: Sequence[Exclusion],
    distance: Mapping[Any, float | None],
) -> Verdict:
    today = [use for use in uses if use.holds(day)]
    holding = [x for x in bound if x.holds(day)]
    for form in LAND_FORMS:
        of_form = next((use for use in today if use.form == form), None)
        if of_form is not None and not any(form in x.forms for x in holding):
            return Verdict(day, form, of_form, ())
    carrying = next((use for use in today if use.form), None)
    forbidding = [x for x in holding if carrying is None or carrying.form in x.forms]
    binding = [Binding(x, None if x.kind in RASTERS else distance[x]) for x in forbidding]
    return Verdict(day, None, carrying or next(iter(today), None), tuple(binding))


def _holds(rule: Rule, distance: float | None) -> bool:
    setback = rule.value if isinstance(rule, Exclusion) and rule.kind not in RASTERS else 0.0
    return distance is not None and distance <= setback


def _distance(
    siting: Siting, rule: Rule, point: Any, kinds: Mapping[str, Layer], crs: pyproj.CRS
) -> float | None:
    """Return how far a rule's nearest feature is; of a raster 0 where it holds, else None."""
    if rule.kind in RASTERS:
        return _at_cell(rule, point, kinds[rule.kind], crs)
    tree = siting.of(rule).tree
    if not len(tree):
        return None
    return float(tree.query_nearest(point, return_distance=True, all_matches=False)[1][0])


def _at_cell(rule: Rule, point: Any, layer: Layer, crs: pyproj.CRS) -> float | None:
    raster = layer.rasters[0]
    if rule.kind == "elevation":
        grid = _grid(point, crs, 1, _POINT_M)
        slope, seen = slope_deg(raster, grid, Window(0, 0, 1, 1))
        steep = isinstance(rule, Exclusion) and bool(seen[0, 0] and slope[0, 0] > rule.value)
        return 0.0 if steep else None
    setback = rule.value if isinstance(rule, Exclusion) else 0.0
    side = 2 * round(setback) + 1  # cells of a metre round the place
    code, seen = sampled(
        raster,
        "code",
        _grid(point, crs, side, 1.0 if side > 1 else _POINT_M),
        Window(0, 0, side, side),
    )
    codes = [code for code, word in raster.legend.items() if word in rule.classes]
    row, column = np.nonzero(seen & np.isin(code, codes))
    if not len(row):
        return None
    middle = side // 2
    return 0.0 if np.hypot(row - middle, column - middle).min() <= setback else None


def _grid(point: Any, crs: pyproj.CRS, side: int, cell: float) -> Grid:
    """Return cells of which the middle one is a place's."""
    half = side * cell / 2
    return Grid(crs, (cell, 0.0, point.x - half, 0.0, -cell, point.y + half), side, side)
