"""What panels yield at a place: kWh from each kWp, by how they are mounted, with every loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar.losses import Plane, Step, chain
from jxgis.solar.resource import Station, resource_of
from jxgis.solar.rows import ground_coverage, row_pitch
from jxgis.solar.sun import Site, Sky, best_tilt, sky_over
from jxgis.solar.yield_rules import (
    ALBEDO_RULE,
    LOSS_RULES,
    PITCH_RULE,
    ROW_RULE,
    WATER_RULE,
    check_rules,
)

MOUNTINGS = ("ground", "flat_roof", "pitched_roof", "pond", "composite")
"""How panels are mounted: in rows, tilted at the best angle, or flat on a pitched roof."""

_OPEN = "open_rack_glass_glass"
_CLOSE = "close_mount_glass_glass"


@dataclass(frozen=True)
class MountingYield:
    """What panels yield that are mounted in one way.

    Attributes
    ----------
    mounting
        One of `MOUNTINGS`.
    tilt_deg, azimuth_deg
        Against the horizontal, and of the face clockwise from north.
    row_pitch
        From one row's front edge to the next one's, in lengths of a row's slope; None on a pitched
        roof, and where the winter sun is too low for any.
    ground_coverage
        The panels' area by that of the ground they stand on, with rows that far apart.
    chain
        Each step from sunlight on the level to alternating current.
    low, high
        kWh per kWp a year where the irradiation is only known between bounds, else None.
    """

    mounting: str
    tilt_deg: float
    azimuth_deg: float
    row_pitch: float | None
    ground_coverage: float | None
    chain: tuple[Step, ...]
    low: float | None = None
    high: float | None = None

    @property
    def plane_kwh_per_m2(self) -> float:
        """Light on the panels' plane in a year."""
        return next(step.value for step in self.chain if step.id == "plane")

    @property
    def kwh_per_kwp(self) -> float:
        """Alternating current in a year from each kilowatt of panels."""
        return self.chain[-1].value

    @property
    def full_load_hours(self) -> float:
        """Hours at the panels' rated power (DC) that would give the year's energy."""
        return self.kwh_per_kwp

    @property
    def performance_ratio(self) -> float:
        """The year's energy by what panels without any loss would give."""
        return self.kwh_per_kwp / self.plane_kwh_per_m2


@dataclass(frozen=True)
class PlaceYield:
    """What panels yield at a place.

    Attributes
    ----------
    site
        The place.
    basis
        ``weather``, ``figure`` or ``climate``; see `jxgis.solar.resource.Resource`.
    irradiation_kwh_per_m2
        Global, on the level, a year.
    low_kwh_per_m2, high_kwh_per_m2
        Its bounds where only those are known, else None.
    mountings
        By name, in the order of `MOUNTINGS`.
    ledger
        What was assumed of the weather.
    rules
        The names of the rules that were used.
    """

    site: Site
    basis: str
    irradiation_kwh_per_m2: float
    low_kwh_per_m2: float | None
    high_kwh_per_m2: float | None
    mountings: Mapping[str, MountingYield]
    ledger: tuple[LedgerRow, ...]
    rules: tuple[str, ...]


def yield_of(
    site: Site,
    rules: Rules,
    *,
    station: Station | None = None,
    irradiation_kwh_per_m2: float | None = None,
) -> PlaceYield:
    """Return what panels yield at a place, however they are mounted.

    Parameters
    ----------
    site
        The place.
    rules
        The run's: losses, albedo, slope of roofs, distance of rows, and the climate's.
    station
        A year of weather, as `jxgis.solar.resource.station_of` takes it out of a layer.
    irradiation_kwh_per_m2
        A year's global horizontal irradiation that the plan gives.

    Returns
    -------
    PlaceYield
        For each way of mounting: rows face the equator at the tilt that gets the most light in the
        year, to a degree; on pitched roofs panels have the roof's slope and face the
        equator.

    Raises
    ------
    InputError
        If the irradiation is in another unit, nothing is given and the shipped climate is of other
        places, or a rule has a value that it cannot have.
    """
    check_rules(rules)
    light = resource_of(site, rules, station=station, irradiation=irradiation_kwh_per_m2)
    skies = {
        name: sky_over(light.site, hours)
        for name, hours in (("middle", light.hours), ("low", light.low), ("high", light.high))
        if hours is not None
    }
    planes = _planes(site, skies["middle"], rules)
    found: dict[Plane, tuple[Step, ...]] = {}
    bounds: dict[tuple[str, Plane], float] = {}
    for plane in dict.fromkeys(planes.values()):
        found[plane] = chain(skies["middle"], plane, rules)
        for name in skies.keys() - {"middle"}:
            bounds[name, plane] = chain(skies[name], plane, rules)[-1].value
    mountings = {}
    for mounting, plane in planes.items():
        in_rows = mounting != "pitched_roof"
        pitch = row_pitch(site.latitude, plane.tilt_deg, rules[ROW_RULE].value) if in_rows else None
        mountings[mounting] = MountingYield(
            mounting,
            plane.tilt_deg,
            plane.azimuth_deg,
            pitch,
            ground_coverage(pitch),
            found[plane],
            bounds.get(("low", plane)),
            bounds.get(("high", plane)),
        )
    return PlaceYield(
        site,
        light.basis,
        skies["middle"].horizontal,
        skies["low"].horizontal if "low" in skies else None,
        skies["high"].horizontal if "high" in skies else None,
        mountings,
        light.ledger,
        (*light.rules, *LOSS_RULES, ROW_RULE, PITCH_RULE, ALBEDO_RULE, WATER_RULE),
    )


def _planes(site: Site, sky: Sky, rules: Rules) -> dict[str, Plane]:
    """Return how panels of each mounting stand."""
    facing_sun = site.equatorward
    ground, water = rules[ALBEDO_RULE].value, rules[WATER_RULE].value
    best = {
        albedo: float(best_tilt(sky, facing_sun, albedo, abs(site.latitude)))
        for albedo in {ground, water}
    }
    in_rows = Plane(best[ground], facing_sun, _OPEN, ground)
    return {
        "ground": in_rows,
        "flat_roof": in_rows,
        "pitched_roof": Plane(rules[PITCH_RULE].value, facing_sun, _CLOSE, ground),
        "pond": Plane(best[water], facing_sun, _OPEN, water),
        "composite": in_rows,
    }
