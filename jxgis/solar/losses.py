"""From sunlight on the level to alternating current: each loss on the way, one after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pvlib import iam, inverter, irradiance, pvsystem, temperature

from jxgis.i18n import _
from jxgis.rules import Rules
from jxgis.solar.sun import WH_PER_KWH, Sky, on_plane
from jxgis.solar.yield_rules import SYSTEM_LOSSES


@dataclass(frozen=True)
class Plane:
    """Panels as they are mounted.

    Attributes
    ----------
    tilt_deg, azimuth_deg
        Against the horizontal, and of the face clockwise from north.
    racking
        A name in pvlib's table of the Sandia model's temperature parameters (King and others
        2004): ``open_rack_glass_glass`` where air passes behind, ``close_mount_glass_glass``.
    albedo
        Of what is in front of them, a share.
    """

    tilt_deg: float
    azimuth_deg: float
    racking: str
    albedo: float


@dataclass(frozen=True)
class Step:
    """One step of the chain.

    Attributes
    ----------
    id
        ``horizontal``, ``plane``, ``reflection``, ``temperature``, one of
        `jxgis.solar.yield_rules.SYSTEM_LOSSES`, or
        ``inverter``.
    factor
        By which this step multiplies; 1 of the first.
    value
        What is left: kWh/m² of light, which is also kWh per kWp of panels that lose nothing.
    """

    id: str
    factor: float
    value: float


def chain(sky: Sky, plane: Plane, rules: Rules) -> tuple[Step, ...]:
    """Return what becomes of a year's light, from the level to the grid.

    Parameters
    ----------
    sky
        The year.
    plane
        Where the panels are.
    rules
        `jxgis.solar.yield_rules.LOSS_RULES` are used.

    Returns
    -------
    tuple of Step
        From ``horizontal`` to ``inverter``, whose value is kWh per kWp a year, alternating
        current. The first value times all factors gives the last.

    Notes
    -----
    PVWatts Version 5 (Dobos 2014, NREL/TP-6A20-62641): beam reflected at the glass (physical
    model), cell temperature by Sandia's model, power linear in light and temperature, system
    losses as constant shares of the direct current, and the inverter's curve with its limit.
    """
    falls = on_plane(sky, plane.tilt_deg, plane.azimuth_deg, plane.albedo)
    light = falls["poa_global"]
    incidence = irradiance.aoi(
        plane.tilt_deg, plane.azimuth_deg, sky.sun.apparent_zenith, sky.sun.azimuth
    )
    beam = falls["poa_direct"] * iam.physical(incidence)
    enters = beam + falls["poa_diffuse"]
    cell = temperature.sapm_cell(
        light,
        sky.hours["temp_air"],
        sky.hours["wind_speed"],
        **temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"][plane.racking],
    )
    per_c = -rules["solar.power_loss_per_c"].value
    power = pvsystem.pvwatts_dc(enters, cell, WH_PER_KWH, per_c)
    steps = [Step("horizontal", 1.0, sky.horizontal)]
    for name, watts in (("plane", light), ("reflection", enters), ("temperature", power)):
        steps.append(_onto(steps[-1], name, float(watts.sum()) / WH_PER_KWH))
    left = 1.0
    for name in SYSTEM_LOSSES:
        left *= 1 - rules[f"solar.loss_{name}"].value
        steps.append(_onto(steps[-1], name, steps[3].value * left))
    nominal = rules["solar.inverter_efficiency"].value
    limit = WH_PER_KWH / rules["solar.dc_ac_ratio"].value / nominal
    current = inverter.pvwatts(power.to_numpy() * left, limit, eta_inv_nom=nominal)
    steps.append(_onto(steps[-1], "inverter", float(np.sum(current)) / WH_PER_KWH))
    return tuple(steps)


def _onto(before: Step, name: str, value: float) -> Step:
    return Step(name, value / before.value if before.value else 0.0, value)


def step_titles() -> dict[str, str]:
    """Return each step's id and its title for the reader, in order."""
    return {
        "horizontal": _("Sunlight on the level"),
        "plane": _("Onto the panels' plane"),
        "reflection": _("Reflected at the glass"),
        "temperature": _("Warmth of the cells"),
        "soiling": _("Dirt"),
        "shading": _("Shade, also of rows early and late"),
        "mismatch": _("Panels that differ"),
        "wiring": _("Wires"),
        "connections": _("Connections"),
        "light_induced": _("First light on new cells"),
        "nameplate": _("Less than the label says"),
        "availability": _("Times out of service"),
        "inverter": _("Inverter, and what is above its limit"),
    }
