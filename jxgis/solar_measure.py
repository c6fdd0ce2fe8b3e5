"""How a plan's ``[solar]`` table is put to the measure of photovoltaic zones, and checked first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyproj
import shapely

from jxgis.errors import InputError, JxgisError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.plan import Plan
from jxgis.results import Result
from jxgis.solar.criteria import irradiation_at
from jxgis.solar.footprints import larger_than_parcel
from jxgis.solar.forms import classes_there, forms_there
from jxgis.solar.heights import height_faults
from jxgis.solar.resource import check_station, station_of
from jxgis.solar.result import solar_zones
from jxgis.solar.rule_faults import LEAST_MW, idle_faults, value_faults
from jxgis.solar.sun import Site
from jxgis.solar.why import Verdict, why
from jxgis.solar_density import density_faults
from jxgis.solar_rule_sets import unnamed
from jxgis.toml_reader import raise_faults

STANDS_ON = ("land", "landcover", "buildings")
"""The kinds of layer of which one is needed: panels stand on what they show."""


def solar_faults(plan: Plan, kinds: Mapping[str, Layer]) -> Iterator[JxgisError]:
    """Find what is wrong with what a plan asks of photovoltaics, before anything is measured.

    Parameters
    ----------
    plan
        With a ``[solar]`` table.
    kinds
        The layers by kind.
    """
    settings, file = plan.solar, _file(plan)
    lacking: list[tuple[str, ...]] = [] if "zones" in kinds else [("zones",)]
    if not any(kind in kinds for kind in STANDS_ON):
        lacking.append(STANDS_ON)
    for names in lacking:
        yield InputError(
            _("zones for photovoltaics are asked for, and there is no layer {layer}").format(
                layer=_(" or ").join(names)
            ),
            file=file,
            mend=_("Add [layers.{name}]").format(name=names[0]),
        )
    if not (settings.uses or settings.exclusions or settings.roofs):
        yield InputError(
            _("no rule says where panels may stand"),
            file=file,
            mend=_('Write rules = "siting-cn" under [solar], or rules of your own')
            if file
            else _("Give --siting siting-cn"),
        )
        return
    for kind in ("land", "landcover"):
        if kind in kinds:
            error = unnamed(settings, classes_there(kinds[kind]), kind=kind, layer=kinds[kind].name)
            if error is not None and (kind == "land" or _asks_of(plan, kind)):
                yield error
    forms = forms_there(kinds, settings)
    for problem, mend in density_faults(settings, forms, by_option=file is None):
        yield InputError(problem, file=file, mend=mend)
    yield from value_faults(plan.rules)
    yield from idle_faults(kinds, settings, file)
    if not settings.need_mw >= LEAST_MW:
        yield InputError(
            _("zones of {need:g} MW are asked for").format(need=settings.need_mw),
            file=file,
            mend=_("Give {key} of at least {least:g}").format(
                key="need_mw" if file else "--need", least=LEAST_MW
            ),
        )
    yield from _layer_faults(plan, kinds)


def _layer_faults(plan: Plan, kinds: Mapping[str, Layer]) -> Iterator[JxgisError]:
    """Find figures in layers that cannot be."""
    if "buildings" in kinds and plan.solar.roofs:
        yield from height_faults(kinds["buildings"], plan.rules)
    if "parcels" in kinds and "buildings" in kinds:
        yield from larger_than_parcel(kinds["buildings"], kinds["parcels"], plan.rules)
    if "irradiance" in kinds and "zones" in kinds:
        yield from _irradiance_faults(kinds["irradiance"], kinds["zones"])
    if "weather" in kinds and "zones" in kinds:
        yield from _weather_faults(kinds["weather"], kinds["zones"])


def _file(plan: Plan) -> Path | None:
    """Return a plan's file, or None of one that was made of options."""
    return None if plan.file == Path() else plan.file


def _irradiance_faults(irradiance: Layer, zones: Layer) -> Iterator[JxgisError]:
    """Find a unit that is not meant, from a look at a place in each zone."""
    shapes = np.asarray(zones.data.geometry.array, dtype=object)
    places = list(shapely.get_coordinates(shapely.point_on_surface(shapes))[:, None])
    try:
        irradiation_at(irradiance, places, zones.data.crs)
    except InputError as error:
        yield error


def _weather_faults(weather: Layer, zones: Layer) -> Iterator[JxgisError]:
    """Find weather that cannot be that of the zones."""
    shapes = np.asarray(zones.data.geometry.array, dtype=object)
    middle = shapely.get_coordinates(shapely.centroid(shapely.geometrycollections(shapes)))
    to_degrees = pyproj.Transformer.from_crs(zones.data.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(*middle[0])
    try:
        check_station(Site(latitude, longitude), station_of(weather))
    except InputError as error:
        yield error


def _asks_of(plan: Plan, kind: str) -> bool:
    """Return whether a rule of land is of a kind of layer at all."""
    uses, exclusions = plan.solar.uses, plan.solar.exclusions
    return kind in {use.kind for use in uses}.union(x.kind for x in exclusions)


def run_solar(plan: Plan, kinds: Mapping[str, Layer], _criteria: Sequence[object]) -> Result:
    """Put a plan's table to the measure; see `jxgis.solar.result.solar_zones`.

    Raises
    ------
    InputError
        What `solar_faults` finds, or something that only measuring shows.
    """
    raise_faults(list(solar_faults(plan, kinds)))
    return solar_zones(kinds, plan.solar, rules=plan.rules, as_of=plan.as_of)


def asked_days(plan: Plan) -> tuple[dt.date, ...]:
    """Return the days for which a plan asks: its table's, its own, or today."""
    return plan.solar.dates or (plan.as_of or dt.datetime.now().astimezone().date(),)


def why_at(plan: Plan, kinds: Mapping[str, Layer], lonlat: tuple[float, float]) -> list[Verdict]:
    """Return what the rules say of a place on each day; see `jxgis.solar.why.why`.

    Raises
    ------
    InputError
        If it lies in none of the zones.
    """
    if "zones" not in kinds:
        raise InputError(_("there is no layer {layer}").format(layer="zones"), file=_file(plan))
    return why(kinds, plan.solar, lonlat, asked_days(plan))
