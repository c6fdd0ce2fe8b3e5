"""All that is found out about photovoltaics in a plan's counties, before it is put into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar.conflicts import Conflict, conflicts, green_classes
from jxgis.solar.criteria import (
    Grid,
    in_one_hand,
    irradiation_at,
    nearest_substations,
    slope_at,
)
from jxgis.solar.enterprises import Enterprises, enterprises
from jxgis.solar.frame import Frame, framed
from jxgis.solar.land import LAND_FORMS, Land
from jxgis.solar.landmap import LandMap, land_map
from jxgis.solar.parks import JOIN_RULE, Parks, parks
from jxgis.solar.ranking import Ranking, ranked
from jxgis.solar.remains import NONE
from jxgis.solar.resource import station_of
from jxgis.solar.roof_rules import free_shares
from jxgis.solar.roofs import Roofs, roofs
from jxgis.solar.sites import sites
from jxgis.solar.siting import sited, unchecked_rows
from jxgis.solar.sun import Site as Place
from jxgis.solar.yields import PlaceYield, yield_of
from jxgis.solar.zones import (
    Capacity,
    Patch,
    Short,
    Zone,
    capacity,
    counties_of,
    outlines,
    patches_of,
    zones_of,
)
from jxgis.solar_spec import FORMS, SolarSettings

FloatArray = npt.NDArray[np.float64]

CELL_RULE = "solar.cell_m"

MOUNTINGS = {
    "roof": "flat_roof",
    "ground": "ground",
    "pond": "pond",
    "composite": "composite",
}
"""How panels of each form are mounted; pitched roofs apart."""


@dataclass(frozen=True)
class Study:
    """Everything that was found.

    Attributes
    ----------
    settings, kinds
        What was asked, and of which layers.
    land
        What the rules leave on each day.
    capacities
        What could be built on each day.
    outcomes
        Of each day and county its zones, or how far it falls short.
    roofs, points, parks
        The roofs, a point in each, and their parks; None without buildings.
    yields
        What panels yield.
    patches, patch_shapes
        The components of the whole map that reach the capacity on the last day, and outlines.
    zones, shapes
        The zones of the last day, the most compact ones of each county first, and their outlines.
    mwh : (zones,) array
        Of each zone a year.
    county_mwh : (counties,) array
        Of each county a year.
    grid, ranking, enterprises, conflicts
        About the zones of the last day, and large users.
    ledger
        What was assumed or not known.
    """

    settings: SolarSettings
    kinds: Mapping[str, Layer]
    land: LandMap
    capacities: tuple[Capacity, ...]
    outcomes: tuple[tuple[list[Zone] | Short, ...], ...]
    roofs: Roofs | None
    points: npt.NDArray[np.object_]
    parks: Parks | None
    yields: PlaceYield
    patches: tuple[Patch, ...]
    patch_shapes: tuple[Any, ...]
    zones: tuple[Zone, ...]
    shapes: tuple[Any, ...]
    mwh: FloatArray
    county_mwh: FloatArray
    grid: Grid
    ranking: Ranking
    enterprises: Enterprises | None
    conflicts: tuple[Conflict, ...]
    ledger: tuple[LedgerRow, ...]

    @property
    def frame(self) -> Frame:
        """The cells and the counties."""
        return self.land.land.frame

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days that were asked."""
        return self.land.land.days


def studied(
    kinds: Mapping[str, Layer], settings: SolarSettings, *, days: tuple[dt.date, ...], rules: Rules
) -> Study:
    """Find out where panels may stand, the zones that make up a capacity, and what they yield.

    Parameters
    ----------
    kinds
        The layers by kind; ``zones`` must be there.
    settings
        What is asked.
    days
        Days for which it is asked, ascending; zones are those of the last.
    rules
        The run's.

    Raises
    ------
    InputError
        If no land and no building is there, or something about them cannot be used.
    """
    if not {"land", "landcover", "buildings"} & set(kinds):
        raise InputError(
            _("there is neither land nor a building that panels could stand on"),
            mend=_("Give a layer of kind land, landcover or buildings"),
        )
    frame = framed(kinds["zones"], rules[CELL_RULE].value)
    siting = sited(kinds, settings)
    found = None
    if "buildings" in kinds and settings.roofs:
        found = roofs(kinds["buildings"], kinds.get("built_up"), settings, rules, kinds.get("pv"))
    yields = _yields(kinds, frame, settings, rules)
    carrying = NONE
    points = np.array([], dtype=object)
    if found is not None:
        points = np.asarray(shapely.point_on_surface(found.shapes), dtype=object)
        points[shapely.is_empty(points)] = _somewhere(kinds["buildings"], points)
        carrying = found.shapes[found.data["capacity_mw"].to_numpy() > 0]
        raw = found.data["capacity_mw"].to_numpy()
        in_county = counties_of(frame, points) >= 0
        allowed = [free_shares(siting, found.shapes, day) for day in days]
        roof_mw = [raw * share for share in allowed]
        found = _counted(found, kinds["buildings"], allowed[-1], in_county)
    else:
        roof_mw = [np.zeros(0) for _day in days]
    land = land_map(Land(frame, siting, kinds, days, carrying, rules[JOIN_RULE].value))
    densities = {form: settings.w_per_m2(form) for form in LAND_FORMS}
    capacities = tuple(
        capacity(
            day,
            frame,
            np.array(list(densities.values())),
            points,
            mw,
        )
        for day, mw in zip(land.days, roof_mw, strict=True)
    )
    counties = range(len(frame.zones))
    outcomes = tuple(
        tuple(zones_of(own, county, settings.need_mw) for county in counties) for own in capacities
    )
    zones = _in_order(outcomes[-1])
    label = land.days[-1].pieces.label
    patches = tuple(patches_of(capacities[-1], settings.need_mw))
    drawn = outlines(
        label, frame, [zone.pieces for zone in zones] + [patch.pieces for patch in patches]
    )
    shapes, patch_shapes = tuple(drawn[: len(zones)]), tuple(drawn[len(zones) :])
    specific = specific_yields(yields, found)
    grid = nearest_substations(kinds.get("substations"), shapes)
    places = [capacities[-1].xy[zone.pieces] for zone in zones]
    light = irradiation_at(kinds.get("irradiance"), places, frame.grid.crs)
    in_hand = in_one_hand(found, points, kinds.get("buildings"), shapes)
    slope = slope_at(kinds.get("elevation"), places, frame.grid.crs)
    ranking = ranked(
        np.column_stack([light, grid.distance_m, in_hand, slope]),
        [zone.county for zone in zones],
        settings.weights,
        rules,
    )
    mwh = np.array([zone.mw @ specific for zone in zones]) * _brighter(light, yields)
    at = [capacities[-1].xy[land.days[-1].pieces.zone == county] for county in counties]
    light = irradiation_at(kinds.get("irradiance"), at, frame.grid.crs)
    county_mwh = (capacities[-1].by_county @ specific) * _brighter(light, yields)
    users = None
    if "enterprises" in kinds and found is not None:
        users = enterprises(
            kinds["enterprises"],
            kinds["buildings"],
            found,
            kinds,
            threshold_tce=settings.enterprise_tce,
            kwh_per_kwp=float(specific[0]),
            rules=rules,
        )
    return Study(
        settings,
        kinds,
        land,
        capacities,
        outcomes,
        found,
        points,
        None
        if found is None
        else parks(found, kinds.get("estates"), kinds["zones"], settings.need_mw, rules),
        yields,
        patches,
        patch_shapes,
        zones,
        shapes,
        mwh,
        county_mwh,
        grid,
        ranking,
        users,
        tuple(
            conflicts(
                sites(land.land, densities, zones, shapes, found), kinds, green_classes(settings)
            )
        ),
        (
            *unchecked_rows(siting, kinds),
            *(found.ledger if found else ()),
            *yields.ledger,
            *ranking.ledger,
            *(users.ledger if users else ()),
        ),
    )


def _somewhere(buildings: Layer, points: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return a point in each building of which no roof is free."""
    shapes = np.asarray(buildings.data.geometry.array, dtype=object)
    return np.asarray(shapely.point_on_surface(shapes[shapely.is_empty(points)]), dtype=object)


def _counted(
    found: Roofs, buildings: Layer, allowed: FloatArray, in_county: npt.NDArray[np.bool_]
) -> Roofs:
    """Return the roofs with what a rule of the last day forbids, or no county has, left out."""
    factor = allowed * in_county
    columns = ("usable_m2", "w_per_m2", "capacity_mw")
    data = found.data.assign(**{name: found.data[name] * factor for name in columns})
    lost = found.data["capacity_mw"].to_numpy() * (1 - allowed)
    forbidden = int(np.count_nonzero((lost > 0) & in_county))
    rows = found.ledger
    if forbidden:
        reason = _("a rule forbids roofs, in part or whole: {mw:,.1f} MW left out").format(
            mw=float(lost[in_county].sum())
        )
        rows = (*rows, LedgerRow("excluded", buildings.name, forbidden, reason))
    return replace(found, data=data, ledger=rows)


def _yields(
    kinds: Mapping[str, Layer], frame: Frame, settings: SolarSettings, rules: Rules
) -> PlaceYield:
    middle = frame.region.centroid
    to_degrees = pyproj.Transformer.from_crs(frame.grid.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(middle.x, middle.y)
    station = station_of(kinds["weather"]) if "weather" in kinds else None
    return yield_of(
        Place(latitude, longitude),
        rules,
        station=station,
        irradiation_kwh_per_m2=settings.irradiation_kwh_per_m2,
    )


def _brighter(light: FloatArray, yields: PlaceYield) -> FloatArray:
    """Return by what yields are more where a raster knows the light there."""
    return np.where(np.isnan(light), 1.0, light / yields.irradiation_kwh_per_m2)


def specific_yields(yields: PlaceYield, found: Roofs | None) -> FloatArray:
    """Return MWh a year of a megawatt of each of `FORMS`; of roofs, as they are flat or pitched.

    Parameters
    ----------
    yields
        By mounting.
    found
        The roofs, or None.
    """
    own = {form: yields.mountings[way].kwh_per_kwp for form, way in MOUNTINGS.items()}
    if found is not None:
        mw = found.data["capacity_mw"].to_numpy()
        pitched = found.data["form"].to_numpy() < 1
        if mw.sum() > 0:
            part = float(mw[pitched].sum() / mw.sum())
            sloping = yields.mountings["pitched_roof"].kwh_per_kwp
            own["roof"] = own["roof"] * (1 - part) + sloping * part
    return np.array([own[form] for form in FORMS])


def _in_order(outcomes: tuple[list[Zone] | Short, ...]) -> tuple[Zone, ...]:
    """Return the zones, all that are first in their county before all that are second."""
    every = [zone for own in outcomes if isinstance(own, list) for zone in own]
    return tuple(sorted(every, key=lambda zone: (zone.rank, zone.county)))
