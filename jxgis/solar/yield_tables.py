"""Yields as tables for the reader: how panels stand and what they give, and every loss."""

from __future__ import annotations

import pandas as pd

from jxgis.i18n import _
from jxgis.results import Table
from jxgis.rules import Rules
from jxgis.solar.losses import step_titles
from jxgis.solar.yields import PlaceYield

CHAINS = ("ground", "pitched_roof", "pond")
"""The mountings whose losses differ; flat roofs and composite land are as the ground."""


def mounting_titles() -> dict[str, str]:
    """Return each way of mounting and its title for the reader."""
    return {
        "ground": _("Ground, in rows"),
        "flat_roof": _("Flat roof, in rows"),
        "pitched_roof": _("Pitched roof"),
        "pond": _("Pond, in rows"),
        "composite": _("Above crops, in rows"),
    }


def yield_table(found: PlaceYield, rules: Rules) -> Table:
    """Return the table of mountings: angles, distance of rows, light, yield and full-load hours.

    Parameters
    ----------
    found
        What panels yield at a place.
    rules
        The run's, for the hours between which rows do not shade each other.
    """
    titles = mounting_titles()
    rows = [
        {
            "mounting": titles[name],
            "tilt_deg": each.tilt_deg,
            "azimuth_deg": each.azimuth_deg,
            "row_pitch": each.row_pitch,
            "ground_share": each.ground_coverage,
            "plane_kwh": each.plane_kwh_per_m2,
            "kwh_per_kwp": each.kwh_per_kwp,
            "low_kwh_per_kwp": each.low,
            "high_kwh_per_kwp": each.high,
            "full_load_h": each.full_load_hours,
            "performance_share": each.performance_ratio,
        }
        for name, each in found.mountings.items()
    ]
    fields = {
        "mounting": _("Mounting"),
        "tilt_deg": _("Tilt, °"),
        "azimuth_deg": _("Faces, ° from north"),
        "row_pitch": _("Row to row, in panel lengths"),
        "ground_share": _("Panels by ground"),
        "plane_kwh": _("Light on a m² of panels in a year"),
        "kwh_per_kwp": _("Yield in a year for each kWp"),
        "low_kwh_per_kwp": _("At least"),
        "high_kwh_per_kwp": _("At most"),
        "full_load_h": _("Full-load hours"),
        "performance_share": _("Performance ratio"),
    }
    data = pd.DataFrame(rows)
    if found.low_kwh_per_m2 is None:
        bounds = ["low_kwh_per_kwp", "high_kwh_per_kwp"]
        data = data.drop(columns=bounds)
        fields = {key: title for key, title in fields.items() if key not in bounds}
    gap = rules["solar.row_gap_hours"].value
    note = _(
        "Sunlight on the level: {light:,.0f} kWh/m² a year. At the winter solstice no row shades "
        "another from {first:g} to {last:g} h, true solar time."
    ).format(light=found.irradiation_kwh_per_m2, first=12 - gap, last=12 + gap)
    return Table("yields", _("What panels yield"), data, fields, note=note)


def loss_table(found: PlaceYield, mounting: str = "ground") -> Table:
    """Return the chain of losses of a way of mounting: each step's factor, and what is left.

    Parameters
    ----------
    found
        What panels yield at a place.
    mounting
        One of `CHAINS`.
    """
    titles, steps = step_titles(), found.mountings[mounting].chain
    data = pd.DataFrame(
        {
            "step": [titles[step.id] for step in steps],
            "factor": [step.factor for step in steps],
            "kwh_per_kwp": [step.value for step in steps],
        }
    )
    fields = {"step": _("Step"), "factor": _("Factor"), "kwh_per_kwp": _("Left")}
    title = _("From sunlight to the grid: {mounting}").format(mounting=mounting_titles()[mounting])
    note = _("A kWh/m² of light is a kWh for each kWp of panels that lose nothing.")
    if mounting == "ground":
        note += _(" Rows on flat roofs and above crops are as those on the ground.")
    name = "losses" if mounting == CHAINS[0] else f"losses_{mounting}"
    return Table(name, title, data, fields, note=note)
